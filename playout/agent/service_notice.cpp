#include "playout/agent/service_notice.h"

#include <QCoreApplication>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <utility>

namespace loa::playout {

ServiceNotice ServiceNotice::fromEnvironment()
{
    bool isNumber = false;
    const qint64 microseconds = qEnvironmentVariable("WATCHDOG_USEC").toLongLong(&isNumber);
    const QString process = qEnvironmentVariable("WATCHDOG_PID");
    const bool isForUs = process.isEmpty() || process == QString::number(QCoreApplication::applicationPid());
    std::optional<std::chrono::microseconds> watchdog;
    if (isNumber && microseconds > 0 && isForUs)
        watchdog = std::chrono::microseconds(microseconds);
    return {qgetenv("NOTIFY_SOCKET"), watchdog};
}

ServiceNotice::ServiceNotice(QByteArray socket, std::optional<std::chrono::microseconds> watchdog)
    : m_socket(std::move(socket)), m_watchdog(watchdog)
{
    if (!m_socket.isEmpty() && m_socket.size() < static_cast<qsizetype>(sizeof(sockaddr_un::sun_path)))
        m_descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

ServiceNotice::ServiceNotice(ServiceNotice&& other) noexcept
    : m_socket(std::move(other.m_socket)), m_watchdog(other.m_watchdog),
      m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

ServiceNotice::~ServiceNotice()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

std::optional<std::chrono::milliseconds> ServiceNotice::aliveEvery() const
{
    if (m_descriptor < 0 || !m_watchdog)
        return std::nullopt;
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*m_watchdog / 3),
                    std::chrono::milliseconds(1));
}

void ServiceNotice::send(const QByteArray& words) const
{
    if (m_descriptor < 0)
        return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, m_socket.constData(), static_cast<std::size_t>(m_socket.size()));
    if (address.sun_path[0] == '@') // an abstract name
        address.sun_path[0] = '\0';
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + static_cast<std::size_t>(m_socket.size()));
    static_cast<void>(::sendto(m_descriptor, words.constData(), static_cast<std::size_t>(words.size()), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address), length));
}

} // namespace loa::playout
