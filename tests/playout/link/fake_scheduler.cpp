#include "tests/playout/link/fake_scheduler.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

namespace loa::playout::test {

bool FakeRequest::isSigned(const AgentId& agent, const VerifyKey& key, UtcTime* created) const
{
    const auto claim = readRequestClaim(header("content-digest"), header("signature-input"), header("signature"));
    if (!claim || claim->agent != agent)
        return false;
    if (created)
        *created = claim->created;
    return verifyRequest(*claim, {method, path, {}}, body, key).has_value();
}

FakeScheduler::FakeScheduler(Handler handler) : m_handler(std::move(handler))
{
    m_server.listen(QHostAddress::LocalHost, 0);
    QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
        QTcpSocket* socket = m_server.nextPendingConnection();
        QObject::connect(socket, &QTcpSocket::readyRead, &m_server, [this, socket] { read(socket); });
        QObject::connect(socket, &QTcpSocket::disconnected, &m_server, [this, socket] {
            m_buffers.erase(socket);
            socket->deleteLater();
        });
    });
}

QUrl FakeScheduler::url() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_server.serverPort()));
}

QByteArray FakeScheduler::answer(int status, const QByteArray& body, const QByteArray& headers)
{
    return "HTTP/1.1 " + QByteArray::number(status) + " X\r\nContent-Length: " + QByteArray::number(body.size()) +
           "\r\n" + headers + "\r\n" + body;
}

void FakeScheduler::read(QTcpSocket* socket)
{
    QByteArray& buffer = m_buffers[socket];
    buffer += socket->readAll();
    const qsizetype end = buffer.indexOf("\r\n\r\n");
    if (end < 0)
        return;
    FakeRequest request;
    QList<QByteArray> lines = buffer.left(end).split('\n');
    const QList<QByteArray> words = lines.takeFirst().trimmed().split(' ');
    request.method = words.value(0);
    request.path = words.value(1);
    for (const QByteArray& line : lines) {
        const qsizetype colon = line.indexOf(':');
        request.headers[line.left(colon).toLower()] = line.mid(colon + 1).trimmed();
    }
    const qsizetype length = request.header("content-length").toLongLong();
    if (buffer.size() < end + 4 + length)
        return;
    request.body = buffer.mid(end + 4, length);
    buffer.remove(0, end + 4 + length);
    m_requests.push_back(request);
    m_handler(request, *socket);
}

bool waitUntil(const std::function<bool()>& done, std::chrono::milliseconds patience)
{
    const QDeadlineTimer deadline(patience);
    while (!done()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return true;
}

} // namespace loa::playout::test
