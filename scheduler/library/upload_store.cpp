#include "scheduler/library/upload_store.h"

#include "scheduler/library/disk.h"

#include <QDir>
#include <QFile>
#include <QSet>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace loa::library {

namespace {

Result<void> checkUploadId(const UploadId& upload)
{
    if (isValidId(upload.value))
        return {};
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("mã tải lên không hợp lệ"), QStringLiteral("not a valid upload id")});
}

} // namespace

Result<UploadStore> UploadStore::open(const QString& dataDir)
{
    const QString folder = dataDir + QStringLiteral("/uploads");
    if (auto made = makePrivateFolder(folder); !made)
        return passOn(made);
    return UploadStore(folder);
}

QString UploadStore::path(const UploadId& upload) const
{
    return m_folder + u'/' + upload.value + QStringLiteral(".part");
}

Result<void> UploadStore::create(const UploadId& upload) const
{
    if (auto valid = checkUploadId(upload); !valid)
        return valid;
    const FileHandle file(::open(QFile::encodeName(path(upload)).constData(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.isOpen()) {
        if (errno == EEXIST)
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("mã tải lên này đã có"), QStringLiteral("this upload exists already")},
                        path(upload));
        return tl::unexpected(systemError(errno, path(upload)));
    }
    return syncFolder(m_folder);
}

Result<std::int64_t> UploadStore::append(const UploadId& upload, std::int64_t offset, QByteArrayView bytes) const
{
    if (auto valid = checkUploadId(upload); !valid)
        return passOn(valid);
    const FileHandle file(::open(QFile::encodeName(path(upload)).constData(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.isOpen())
        return tl::unexpected(systemError(errno, path(upload)));

    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return tl::unexpected(systemError(errno, path(upload)));
    if (offset < 0 || status.st_size < offset)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("trên đĩa chỉ có %1 byte, thiếu so với %2").arg(status.st_size).arg(offset),
                     QStringLiteral("only %1 bytes are on disk, %2 were recorded").arg(status.st_size).arg(offset)},
                    path(upload));
    if (status.st_size > offset && ::ftruncate(file.get(), offset) != 0)
        return tl::unexpected(systemError(errno, path(upload)));

    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t wrote = ::pwrite(file.get(), bytes.data() + done, static_cast<std::size_t>(bytes.size() - done),
                                       static_cast<off_t>(offset + done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            const int number = wrote == 0 ? ENOSPC : errno;
            // What stands beyond the offset is harmless, but a full disk needs the room.
            if (::ftruncate(file.get(), offset) != 0)
                return tl::unexpected(systemError(errno, path(upload)));
            return tl::unexpected(systemError(number, path(upload)));
        }
        done += wrote;
    }
    if (::fsync(file.get()) != 0)
        return tl::unexpected(systemError(errno, path(upload)));
    return offset + bytes.size();
}

Result<std::int64_t> UploadStore::size(const UploadId& upload) const
{
    if (auto valid = checkUploadId(upload); !valid)
        return passOn(valid);
    struct stat status {};
    if (::lstat(QFile::encodeName(path(upload)).constData(), &status) != 0)
        return tl::unexpected(systemError(errno, path(upload)));
    return status.st_size;
}

Result<void> UploadStore::remove(const UploadId& upload) const
{
    if (auto valid = checkUploadId(upload); !valid)
        return valid;
    if (::unlink(QFile::encodeName(path(upload)).constData()) != 0 && errno != ENOENT)
        return tl::unexpected(systemError(errno, path(upload)));
    return {};
}

Result<int> UploadStore::removeAllBut(std::span<const UploadId> known) const
{
    QSet<QString> keep;
    for (const UploadId& upload : known)
        keep.insert(upload.value + QStringLiteral(".part"));
    int removed = 0;
    const QStringList names = QDir(m_folder).entryList({QStringLiteral("*.part")}, QDir::Files | QDir::Hidden);
    for (const QString& name : names) {
        if (keep.contains(name))
            continue;
        const QString file = m_folder + u'/' + name;
        if (::unlink(QFile::encodeName(file).constData()) != 0 && errno != ENOENT)
            return tl::unexpected(systemError(errno, file));
        ++removed;
    }
    return removed;
}

} // namespace loa::library
