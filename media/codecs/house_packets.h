// The packets of a house file (Ogg Opus, mono) as they stand in it, without decoding.
//
// Thread: one at a time. read() does the disk access. Memory: flat, some 200 KB at most whatever the file says.
// Units: frames of the recording, 48 kHz; packet k begins k * `frames` after the file's pre-skip, which lies before
// frame 0. All packets are of `frames` frames; the last may reach beyond the recording's end.
// Failure: NotFound, Storage; Unsupported: a file that is sound, maybe, but not one mono Opus stream of 20 ms packets
// from beginning to end; InvalidInput: damaged. After a failed read() the reader stays failed.
// Sources: RFC 3533 (Ogg), RFC 7845 (Ogg Opus), RFC 6716, 3.1 (an Opus packet's first byte).
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <QString>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace loa::media {

class HousePackets {
public:
    static constexpr FrameCount frames{960};

    struct Packet {
        std::span<const std::byte> data; // valid until the next call
        FrameCount position;             // of its first frame; negative: it leads in
    };

    [[nodiscard]] static Result<HousePackets> open(const QString& path);
    HousePackets(HousePackets&&) noexcept;
    HousePackets& operator=(HousePackets&&) noexcept;
    ~HousePackets();

    // Of the first packet: minus the pre-skip.
    [[nodiscard]] FrameCount begin() const;
    // The next packet; none at the end, and none ever after.
    [[nodiscard]] Result<std::optional<Packet>> read();

private:
    struct Impl;
    explicit HousePackets(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
