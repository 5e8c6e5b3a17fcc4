#include "playout/agent/state_lock.h"

#include <QFile>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loa::playout {

using namespace Qt::StringLiterals;

Result<std::unique_ptr<StateLock>> StateLock::take(const QString& state)
{
    const QByteArray path = QFile::encodeName(state + u"/lock"_s);
    const int descriptor = ::open(path.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        const QString words = QString::fromLocal8Bit(std::strerror(errno));
        return fail(ErrorCategory::Storage,
                    {u"Không mở được tệp khoá: %1"_s.arg(words), u"The lock file cannot be opened: %1"_s.arg(words)},
                    state + u"/lock"_s);
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return fail(ErrorCategory::Conflict,
                    {u"Một loa-playout khác đang dùng thư mục này"_s, u"Another loa-playout uses this folder"_s},
                    state);
    }
    return std::unique_ptr<StateLock>(new StateLock(descriptor));
}

StateLock::~StateLock()
{
    ::close(m_descriptor);
}

} // namespace loa::playout
