#include "scheduler/api/http/listener.h"

#include "scheduler/api/http/problem.h"

#include <QLoggingCategory>
#include <QTcpSocket>

#include <sys/resource.h>

#include <algorithm>

namespace loa::api {

namespace {

Q_LOGGING_CATEGORY(listenerLog, "loa.api.listener")

constexpr std::chrono::milliseconds acceptAgainAfter{200};
constexpr int mostTurnedAway = 64; // being told why at one time; others are just closed

} // namespace

Listener::Listener(Limits limits, const Clock& clock, Handler& handler, QObject* parent)
    : QTcpServer(parent), m_limits(std::move(limits)), m_clock(clock), m_handler(handler),
      m_nest(std::make_unique<QObject>())
{
    setListenBacklogSize(256);
    // Out of descriptors or memory Qt stops accepting for good: try again when some may be free.
    connect(this, &QTcpServer::acceptError, this, [this](QAbstractSocket::SocketError error) {
        qCWarning(listenerLog).noquote() << QStringLiteral("event=accept-failed error=%1").arg(int(error));
        QTimer::singleShot(acceptAgainAfter, this, [this] { resumeAccepting(); });
    });
}

Listener::~Listener()
{
    close();
    m_nest.reset(); // now, while what the connections' destructors use is still here
}

void Listener::incomingConnection(qintptr descriptor)
{
    auto* socket = new QTcpSocket(m_nest.get());
    if (!socket->setSocketDescriptor(descriptor)) {
        delete socket;
        return;
    }
    const QHostAddress address = plainAddress(socket->peerAddress());
    if (m_connections >= m_limits.connections) {
        turnAway(socket, 503,
                 {QStringLiteral("Máy chủ đang có quá nhiều kết nối. Hãy thử lại sau."),
                  QStringLiteral("The scheduler has too many connections. Try again later.")});
        return;
    }
    const bool isProxy = std::find(m_limits.trustedProxies.begin(), m_limits.trustedProxies.end(), address) !=
                         m_limits.trustedProxies.end();
    if (!isProxy && m_byAddress.value(address) >= m_limits.connectionsPerAddress) {
        turnAway(socket, 429,
                 {QStringLiteral("Địa chỉ của bạn có quá nhiều kết nối. Hãy thử lại sau."),
                  QStringLiteral("Your address has too many connections. Try again later.")});
        return;
    }
    ++m_connections;
    ++m_byAddress[address];
    // A child of the socket counts for it: QWebSocket cuts all of a socket's own signals.
    connect(new QObject(socket), &QObject::destroyed, this, [this, address] {
        --m_connections;
        if (--m_byAddress[address] <= 0)
            m_byAddress.remove(address);
    });
    new Connection(socket, m_limits, m_clock, *this, m_nest.get());
}

void Listener::turnAway(QTcpSocket* socket, int status, const Text& why)
{
    if (m_turnedAway >= mostTurnedAway) {
        socket->abort();
        socket->deleteLater();
        return;
    }
    ++m_turnedAway;
    connect(socket, &QObject::destroyed, this, [this] { --m_turnedAway; });
    const Response response = problem(status, Error{ErrorCategory::LimitExceeded, why, {}}, {});
    QByteArray bytes =
        "HTTP/1.1 " + QByteArray::number(status) + ' ' + reasonPhrase(status) + "\r\nDate: " + httpDate(m_clock.now()) +
        "\r\nConnection: close\r\nRetry-After: 5\r\nContent-Type: application/problem+json\r\nContent-Length: " +
        QByteArray::number(response.length()) + "\r\n\r\n" + response.bytes();
    socket->setReadBufferSize(1);
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    QTimer::singleShot(m_limits.linger, socket, [socket] {
        socket->abort();
        socket->deleteLater();
    });
    socket->write(bytes);
    socket->disconnectFromHost();
}

bool Listener::reserve(qsizetype bytes)
{
    if (m_buffered + bytes > m_limits.bufferedBytes)
        return false;
    m_buffered += bytes;
    return true;
}

bool allowDescriptors(int count)
{
    const auto wanted = static_cast<rlim_t>(count);
    struct ::rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    if (limit.rlim_cur >= wanted)
        return true;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted;
}

} // namespace loa::api
