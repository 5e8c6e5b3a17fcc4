// Part of an open file that is an answer's body: sent piece by piece, never held whole. Copies share one descriptor,
// which closes with the last. Threads: create and read on any; reads keep no position, so copies do not disturb each
// other.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QString>

#include <memory>

namespace loa::api {

class FileSlice {
public:
    // The whole of a regular file. Errors: NotFound (also for folders and devices), Storage.
    [[nodiscard]] static Result<FileSlice> open(const QString& path);

    // `offset` and `length` within this slice.
    [[nodiscard]] FileSlice part(qint64 offset, qint64 length) const;
    [[nodiscard]] qint64 length() const { return m_length; }
    // At most `most` bytes from `position` of the slice. Fewer at its end. Error: Storage, also when the file has
    // become shorter.
    [[nodiscard]] Result<QByteArray> read(qint64 position, qint64 most) const;

private:
    struct Descriptor;
    FileSlice(std::shared_ptr<const Descriptor> descriptor, qint64 offset, qint64 length);

    std::shared_ptr<const Descriptor> m_descriptor;
    qint64 m_offset = 0;
    qint64 m_length = 0;
};

} // namespace loa::api
