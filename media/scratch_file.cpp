#include "media/scratch_file.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace loa::media {

namespace {

tl::unexpected<Error> folderFailure(const QString& folder, int code)
{
    const QString reason = QString::fromLocal8Bit(std::strerror(code));
    if (code == ENOSPC || code == EDQUOT)
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("Đĩa đã đầy; hãy dọn bớt đĩa rồi thử lại."),
                     QStringLiteral("The disk is full; free some space and try again.")},
                    folder);
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Không ghi được vào thư mục đích: %1").arg(reason),
                 QStringLiteral("The target folder cannot be written to: %1").arg(reason)},
                folder);
}

} // namespace

ScratchFile::ScratchFile(QString folder, QString partName, int descriptor)
    : m_folder(std::move(folder)), m_partName(std::move(partName)), m_descriptor(descriptor)
{
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : m_folder(std::move(other.m_folder)), m_partName(std::exchange(other.m_partName, {})),
      m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

ScratchFile::~ScratchFile()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
    if (!m_partName.isEmpty())
        QFile::remove(m_folder + QLatin1Char('/') + m_partName);
}

Result<ScratchFile> ScratchFile::create(const QString& folder)
{
    const QByteArray path = QFile::encodeName(folder);
    const int unnamed = open(path.constData(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (unnamed >= 0)
        return ScratchFile(folder, {}, unnamed);
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return folderFailure(folder, errno);
    QByteArray pattern = path + "/.loa-XXXXXX.part";
    const int named = mkostemps(pattern.data(), 5, O_CLOEXEC);
    if (named < 0)
        return folderFailure(folder, errno);
    fchmod(named, 0644);
    return ScratchFile(folder, QFile::decodeName(pattern.mid(path.size() + 1)), named);
}

Result<void> ScratchFile::publish(const QString& name)
{
    const int folder = open(QFile::encodeName(m_folder).constData(), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (folder < 0)
        return folderFailure(m_folder, errno);
    const QByteArray target = QFile::encodeName(name);
    bool done = fsync(m_descriptor) == 0;
    if (done && m_partName.isEmpty()) {
        // An unnamed file can be linked, but a link never replaces: where the name is taken it goes by way of another.
        const QByteArray self = "/proc/self/fd/" + QByteArray::number(m_descriptor);
        done = linkat(AT_FDCWD, self.constData(), folder, target.constData(), AT_SYMLINK_FOLLOW) == 0;
        if (!done && errno == EEXIST) {
            const QByteArray part = ".loa-" + QByteArray::number(getpid()) + ".part";
            unlinkat(folder, part.constData(), 0);
            done = linkat(AT_FDCWD, self.constData(), folder, part.constData(), AT_SYMLINK_FOLLOW) == 0 &&
                   renameat(folder, part.constData(), folder, target.constData()) == 0;
            if (!done)
                unlinkat(folder, part.constData(), 0);
        }
    } else if (done) {
        done = renameat(folder, QFile::encodeName(m_partName).constData(), folder, target.constData()) == 0;
        if (done)
            m_partName.clear();
    }
    done = done && fsync(folder) == 0;
    const int code = errno;
    close(folder);
    if (!done)
        return folderFailure(m_folder, code);
    return {};
}

} // namespace loa::media
