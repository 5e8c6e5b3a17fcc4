#include "playout/journal/reserve.h"

#include <QFile>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loa::playout {

Result<void> JournalReserve::fill()
{
    if (QFile(m_path).size() == m_bytes)
        return {};
    const int fd = ::open(QFile::encodeName(m_path).constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const int error = fd < 0 ? errno : ::posix_fallocate(fd, 0, m_bytes);
    if (fd >= 0)
        ::close(fd);
    if (error != 0) {
        release();
        const QString words = QString::fromLocal8Bit(std::strerror(error));
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("Không giữ được chỗ cho nhật ký: %1").arg(words),
                     QStringLiteral("No space could be set aside for the journal: %1").arg(words)},
                    m_path);
    }
    return {};
}

bool JournalReserve::release()
{
    return QFile::remove(m_path);
}

} // namespace loa::playout
