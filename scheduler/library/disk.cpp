#include "scheduler/library/disk.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loa::library {

FileHandle::~FileHandle()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Error systemError(int number, const QString& path)
{
    const QString words = QString::fromLocal8Bit(std::strerror(number));
    switch (number) {
    case ENOENT:
        return {ErrorCategory::NotFound,
                {QStringLiteral("không có tệp này"), QStringLiteral("there is no such file")},
                path};
    case ENOSPC:
    case EDQUOT:
        return {ErrorCategory::Storage, {QStringLiteral("đĩa đã đầy"), QStringLiteral("the disk is full")}, path};
    case EACCES:
    case EPERM:
        return {ErrorCategory::Storage,
                {QStringLiteral("không có quyền ghi hoặc đọc ở đây"), QStringLiteral("permission denied")},
                path};
    default:
        return {ErrorCategory::Storage,
                {QStringLiteral("đĩa báo lỗi: ") + words, QStringLiteral("the disk failed: ") + words},
                path};
    }
}

Result<void> makePrivateFolder(const QString& path)
{
    const QString parent = QFileInfo(path).absolutePath();
    if (!QDir().mkpath(parent))
        return tl::unexpected(systemError(errno == 0 ? EIO : errno, parent));
    const QByteArray name = QFile::encodeName(path);
    if (::mkdir(name.constData(), 0700) != 0) {
        if (errno != EEXIST || !QFileInfo(path).isDir())
            return tl::unexpected(systemError(errno, path));
        if (::chmod(name.constData(), 0700) != 0)
            return tl::unexpected(systemError(errno, path));
        return {};
    }
    return syncFolder(parent);
}

Result<void> syncFile(const QString& path)
{
    const FileHandle file(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() || ::fsync(file.get()) != 0)
        return tl::unexpected(systemError(errno, path));
    return {};
}

Result<void> syncFolder(const QString& path)
{
    const FileHandle folder(::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.isOpen() || ::fsync(folder.get()) != 0)
        return tl::unexpected(systemError(errno, path));
    return {};
}

Result<void> writeWhole(const QString& path, QByteArrayView bytes)
{
    const QString temporary = path + QStringLiteral(".new");
    const QByteArray name = QFile::encodeName(temporary);
    {
        const FileHandle file(::open(name.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file.isOpen())
            return tl::unexpected(systemError(errno, temporary));
        for (qsizetype done = 0; done < bytes.size();) {
            const ssize_t wrote =
                ::write(file.get(), bytes.data() + done, static_cast<std::size_t>(bytes.size() - done));
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote <= 0) {
                const int number = wrote == 0 ? ENOSPC : errno;
                ::unlink(name.constData());
                return tl::unexpected(systemError(number, temporary));
            }
            done += wrote;
        }
        if (::fsync(file.get()) != 0) {
            const int number = errno;
            ::unlink(name.constData());
            return tl::unexpected(systemError(number, temporary));
        }
    }
    if (::rename(name.constData(), QFile::encodeName(path).constData()) != 0) {
        const int number = errno;
        ::unlink(name.constData());
        return tl::unexpected(systemError(number, path));
    }
    return syncFolder(QFileInfo(path).absolutePath());
}

} // namespace loa::library
