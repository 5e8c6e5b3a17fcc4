// One sound file of an archive, WAV or FLAC, that can be read as far as it goes when its writer dies.
//
// Thread: one at a time. Failure: Storage with the path. A file that holds no sound when it is closed is removed.
#pragma once

#include "media/channels.h"
#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <memory>
#include <span>

namespace loa::playout {

class ArchiveFile {
public:
    // Error: Conflict when there is such a file.
    [[nodiscard]] static Result<std::unique_ptr<ArchiveFile>> create(const QString& path, bool flac,
                                                                     media::Channels channels);

    virtual ~ArchiveFile() = default;
    [[nodiscard]] virtual Result<void> write(std::span<const float> mono) = 0;
    [[nodiscard]] virtual Result<void> close() = 0;
    // That are in the file; close() brings the rest.
    [[nodiscard]] virtual FrameCount frames() const = 0;
    // What was written, held back or not.
    [[nodiscard]] virtual FrameCount written() const = 0;
    // Silence that brings all that was written into the file without closing it.
    [[nodiscard]] virtual FrameCount flushing() const = 0;
    [[nodiscard]] virtual const QString& path() const = 0;
};

} // namespace loa::playout
