// A temporary file that vanishes by itself, and may be given a name once it is complete.
//
// Thread: one at a time. Owns its descriptor. Unnamed from the start where the file system can (O_TMPFILE), so that a
// crash or a power cut leaves nothing; else named .loa-*.part until it is published or destroyed. Failure: Storage;
// publish() leaves the folder as it was.
#pragma once

#include "media/error.h"

#include <QString>

namespace loa::media {

class ScratchFile {
public:
    [[nodiscard]] static Result<ScratchFile> create(const QString& folder);
    ScratchFile(ScratchFile&& other) noexcept;
    ScratchFile& operator=(ScratchFile&&) = delete;
    ~ScratchFile();

    int descriptor() const { return m_descriptor; }
    // Puts the content under `name` in its folder, replacing what stood there, in one step, and waits until disk holds
    // both.
    [[nodiscard]] Result<void> publish(const QString& name);

private:
    ScratchFile(QString folder, QString partName, int descriptor);

    QString m_folder;
    QString m_partName; // empty while unnamed
    int m_descriptor;
};

} // namespace loa::media
