#include "scheduler/api/http/connection.h"

#include "scheduler/api/http/problem.h"

#include <QDateTime>
#include <QLocale>
#include <QPointer>
#include <QTcpSocket>
#include <QTimeZone>

#include <sys/socket.h>

#include <algorithm>

namespace loa::api {

namespace {

constexpr qsizetype pieceBytes = 64 * 1024;
constexpr qint64 writeAhead = 128 * 1024;

bool mayHaveBody(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

QByteArray headOf(const Response& response, bool keepAlive, bool http11, UtcTime now)
{
    QByteArray head = "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + reasonPhrase(response.status) + "\r\n";
    head += "Date: " + httpDate(now) + "\r\n";
    for (const auto& [name, value] : response.headers)
        head += name + ": " + value + "\r\n";
    if (mayHaveBody(response.status))
        head += "Content-Length: " + QByteArray::number(response.length()) + "\r\n";
    if (!keepAlive)
        head += "Connection: close\r\n";
    else if (!http11)
        head += "Connection: keep-alive\r\n";
    return head + "\r\n";
}

Refusal tooSlow()
{
    return {408,
            {ErrorCategory::LimitExceeded,
             {QStringLiteral("Yêu cầu đến quá chậm."), QStringLiteral("The request came too slowly.")},
             {}}};
}

} // namespace

Connection::Connection(QTcpSocket* socket, const Limits& limits, const Clock& clock, ConnectionHost& host,
                       QObject* parent)
    : QObject(parent), m_socket(socket), m_limits(limits), m_clock(clock), m_host(host)
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(std::max(limits.headBytes + 4, pieceBytes));
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] { timedOut(); });
    connect(m_socket, &QTcpSocket::readyRead, this, [this] { readOn(); });
    connect(m_socket, &QTcpSocket::bytesWritten, this, [this](qint64 bytes) {
        if (m_state != State::Answering)
            return;
        m_progress += bytes;
        writeMore();
    });
    connect(m_socket, &QTcpSocket::disconnected, this, [this] { deleteLater(); });
    enter(State::Head);
}

Connection::~Connection()
{
    releaseMemory();
}

void Connection::enter(State state)
{
    m_state = state;
    m_progress = 0;
    switch (state) {
    case State::Head:
    case State::Body:
    case State::Answering:
        m_timer.start(m_limits.idle);
        break;
    case State::Draining:
        m_timer.start(m_limits.linger);
        break;
    case State::Handling: // our own work; the caller is not to blame
    case State::Released:
        m_timer.stop();
        break;
    }
}

void Connection::timedOut()
{
    const bool enough = m_progress >= m_limits.progressBytes;
    switch (m_state) {
    case State::Head:
        if (m_started)
            refuseRequest(tooSlow());
        else
            m_socket->disconnectFromHost();
        break;
    case State::Body:
        if (!enough) {
            refuseRequest(tooSlow());
            break;
        }
        m_progress = 0;
        m_timer.start(m_limits.idle);
        break;
    case State::Answering:
        if (!enough) {
            m_socket->abort();
            break;
        }
        m_progress = 0;
        m_timer.start(m_limits.idle);
        break;
    case State::Draining:
        m_socket->abort();
        break;
    case State::Handling:
    case State::Released:
        break;
    }
}

void Connection::readOn()
{
    if (m_state == State::Draining) {
        m_socket->readAll();
        return;
    }
    bool more = true;
    while (more && m_socket->bytesAvailable() > 0) {
        if (m_state == State::Head)
            more = readHead();
        else if (m_state == State::Body)
            more = readBody();
        else
            more = false;
    }
}

bool Connection::readHead()
{
    const QByteArray bytes = m_socket->peek(m_limits.headBytes + 1);
    m_started = true;
    if (bytes.startsWith("\r\n")) { // RFC 9112 2.2: left over from a request before
        m_socket->read(2);
        m_scanned = 0;
        return true;
    }
    const auto end = findHeadEnd(bytes, m_scanned - 3);
    if (!end || *end > m_limits.headBytes) {
        m_scanned = bytes.size();
        if (bytes.size() > m_limits.headBytes)
            refuseRequest(
                {431,
                 {ErrorCategory::LimitExceeded,
                  {QStringLiteral("Phần đầu yêu cầu lớn hơn %1 byte cho phép.").arg(m_limits.headBytes),
                   QStringLiteral("The request's head is larger than the %1 bytes allowed.").arg(m_limits.headBytes)},
                  {}}});
        return false;
    }
    m_scanned = 0;
    auto head = parseHead(QByteArrayView(bytes).first(*end));
    if (!head) {
        refuseRequest(head.error());
        return false;
    }
    m_head = *std::move(head);
    m_keepAlive = m_head.keepAlive;
    resolvePeer(m_head.request, m_socket->peerAddress(), m_limits.trustedProxies);
    if (m_head.webSocket) {
        m_body = BodyDecoder();
        dispatch(); // with the head unread: QWebSocketServer reads it again
        return false;
    }
    m_socket->read(*end);
    auto body = BodyDecoder::forHead(m_head, std::min(m_limits.bodyBytes, m_host.bodyLimit(m_head.request)));
    if (!body) {
        refuseRequest(body.error());
        return false;
    }
    m_body = *std::move(body);
    if (m_body.isComplete()) {
        dispatch();
        return false;
    }
    enter(State::Body);
    if (m_head.expectsContinue && m_socket->bytesAvailable() == 0)
        m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
    return true;
}

bool Connection::readBody()
{
    const QByteArray piece = m_socket->peek(pieceBytes);
    const auto used = m_body.take(piece);
    if (!used) {
        refuseRequest(used.error());
        return false;
    }
    m_socket->read(*used);
    m_progress += *used;
    if (m_body.size() > m_reserved) {
        if (!m_host.reserve(m_body.size() - m_reserved)) {
            refuseRequest({503,
                           {ErrorCategory::Unavailable,
                            {QStringLiteral("Máy chủ đang nhận quá nhiều dữ liệu. Hãy thử lại sau."),
                             QStringLiteral("The scheduler is receiving too much at once. Try again later.")},
                            {}}});
            return false;
        }
        m_reserved = m_body.size();
    }
    if (!m_body.isComplete())
        return true;
    dispatch();
    return false;
}

void Connection::dispatch()
{
    enter(State::Handling);
    m_started = false;
    Request request = m_head.request;
    request.body = m_body.takeBody();
    const std::uint64_t turn = ++m_turn;
    m_host.handle(std::move(request), [self = QPointer<Connection>(this), turn](Response response) {
        if (self && self->m_turn == turn && self->m_state == State::Handling)
            self->answer(std::move(response));
    });
}

void Connection::answer(Response response)
{
    if (response.upgrade && m_head.webSocket) {
        release(*response.upgrade);
        return;
    }
    releaseMemory();
    m_response = std::move(response);
    m_sent = 0;
    // The head of a refused upgrade is still unread: end here rather than read it again.
    m_keepAlive = m_keepAlive && !m_response.close && !m_head.webSocket;
    enter(State::Answering);
    m_socket->write(headOf(m_response, m_keepAlive, m_head.request.http11, m_clock.now()));
    if (m_head.request.method == "HEAD" || !mayHaveBody(m_response.status))
        m_response.body = QByteArray();
    if (const auto* bytes = std::get_if<QByteArray>(&m_response.body)) {
        m_socket->write(*bytes);
        m_response.body = QByteArray();
    }
    writeMore();
}

void Connection::writeMore()
{
    if (const auto* file = std::get_if<FileSlice>(&m_response.body)) {
        while (m_sent < file->length() && m_socket->bytesToWrite() < writeAhead) {
            const auto piece = file->read(m_sent, pieceBytes);
            if (!piece) { // the length is promised already, so the caller must see the connection break
                m_socket->abort();
                return;
            }
            m_socket->write(*piece);
            m_sent += piece->size();
        }
        if (m_sent < file->length())
            return;
    }
    if (m_socket->bytesToWrite() == 0)
        answered();
}

void Connection::answered()
{
    m_response = Response();
    if (!m_keepAlive) {
        drain();
        return;
    }
    enter(State::Head);
    // Not at once: a chain of pipelined requests must not grow the stack.
    QMetaObject::invokeMethod(
        this, [this] { readOn(); }, Qt::QueuedConnection);
}

void Connection::refuseRequest(const Refusal& refusal)
{
    ++m_turn;
    releaseMemory();
    m_body = BodyDecoder();
    Response response = problem(refusal.status, refusal.error, m_head.request.path);
    response.with("X-Content-Type-Options", "nosniff");
    response.close = true;
    m_head.request.method.clear(); // a head that was not understood is no HEAD
    m_head.webSocket = false;
    answer(std::move(response));
}

// Closing with bytes unread makes the kernel reset the connection, and the caller might never read why. So: say that no
// more comes, and listen a while.
void Connection::drain()
{
    enter(State::Draining);
    ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
    m_socket->readAll();
}

void Connection::release(const Subscription& subscription)
{
    enter(State::Released);
    QTcpSocket* socket = m_socket;
    socket->disconnect(this);
    socket->setParent(nullptr);
    m_host.upgraded(socket, subscription);
    deleteLater();
}

void Connection::releaseMemory()
{
    if (m_reserved > 0)
        m_host.release(m_reserved);
    m_reserved = 0;
}

void resolvePeer(Request& request, const QHostAddress& from, const std::vector<QHostAddress>& trustedProxies)
{
    const auto trusted = [&](const QHostAddress& address) {
        return std::find(trustedProxies.begin(), trustedProxies.end(), address) != trustedProxies.end();
    };
    request.peer = plainAddress(from);
    if (!trusted(request.peer))
        return;
    request.secure = request.header("x-forwarded-proto").toLower() == "https";
    const QList<QByteArray> chain = request.header("x-forwarded-for").split(',');
    for (auto hop = chain.rbegin(); hop != chain.rend() && trusted(request.peer); ++hop) {
        const QHostAddress address(QString::fromLatin1(hop->trimmed()));
        if (address.isNull())
            break;
        request.peer = plainAddress(address);
    }
}

QHostAddress plainAddress(const QHostAddress& address)
{
    bool isIpv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIpv4);
    return isIpv4 ? QHostAddress(ipv4) : address;
}

QByteArray httpDate(UtcTime instant)
{
    const qint64 seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
    const QDateTime utc = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
    return QLocale::c().toString(utc, QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'")).toLatin1();
}

} // namespace loa::api
