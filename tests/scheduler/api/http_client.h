// A plain TCP client for tests of the server: it writes bytes as they are given, well-formed or not, and runs the event
// loop while it waits.
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTcpSocket>
#include <QTimer>

#include <functional>
#include <map>
#include <optional>

namespace loa::test {

// Runs events until `done` or `most` has passed; whether it was done. `most` is a safety net, not a wait.
inline bool pump(const std::function<bool()>& done, int most = 60'000)
{
    QElapsedTimer clock;
    clock.start();
    while (!done()) {
        const qint64 left = most - clock.elapsed();
        if (left <= 0)
            return false;
        QEventLoop loop;
        QTimer::singleShot(static_cast<int>(std::min<qint64>(left, 5)), &loop, &QEventLoop::quit);
        loop.exec(QEventLoop::WaitForMoreEvents);
    }
    return true;
}

struct Answer {
    int status = 0;
    std::map<QByteArray, QByteArray> headers; // names in lower case
    QByteArray body;

    [[nodiscard]] QByteArray header(const char* name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? QByteArray() : found->second;
    }
};

class HttpClient {
public:
    explicit HttpClient(quint16 port, const char* address = "127.0.0.1")
    {
        m_socket.connectToHost(QString::fromLatin1(address), port);
        pump([&] {
            return m_socket.state() == QAbstractSocket::ConnectedState ||
                   m_socket.state() == QAbstractSocket::UnconnectedState;
        });
    }

    void send(const QByteArray& bytes)
    {
        m_socket.write(bytes);
        pump([&] { return m_socket.bytesToWrite() == 0 || m_socket.state() != QAbstractSocket::ConnectedState; });
    }

    // The next answer in order; `head`: it was asked for by HEAD, so it has no body.
    std::optional<Answer> receive(bool head = false)
    {
        qsizetype end = -1;
        if (!pump([&] {
                m_received += m_socket.readAll();
                end = m_received.indexOf("\r\n\r\n");
                return end >= 0 || isClosed();
            }) ||
            end < 0)
            return std::nullopt;
        Answer answer;
        const QList<QByteArray> lines = m_received.first(end).split('\n');
        answer.status = lines.front().mid(9, 3).toInt();
        for (qsizetype i = 1; i < lines.size(); ++i) {
            const qsizetype colon = lines[i].indexOf(':');
            answer.headers[lines[i].first(colon).toLower()] = lines[i].mid(colon + 1).trimmed();
        }
        m_received.remove(0, end + 4);
        const qsizetype length = head || answer.status == 304 ? 0 : answer.header("content-length").toLongLong();
        if (!pump([&] {
                m_received += m_socket.readAll();
                return m_received.size() >= length || isClosed();
            }) ||
            m_received.size() < length)
            return std::nullopt;
        answer.body = m_received.first(length);
        m_received.remove(0, length);
        return answer;
    }

    std::optional<Answer> ask(const QByteArray& bytes, bool head = false)
    {
        send(bytes);
        return receive(head);
    }

    // All that comes until the other side closes.
    QByteArray receiveAll()
    {
        pump([&] {
            m_received += m_socket.readAll();
            return isClosed();
        });
        return std::exchange(m_received, {});
    }

    bool waitForClose(int most = 60'000)
    {
        return pump(
            [&] {
                m_received += m_socket.readAll();
                return isClosed();
            },
            most);
    }
    [[nodiscard]] bool isClosed() const { return m_socket.state() == QAbstractSocket::UnconnectedState; }
    [[nodiscard]] bool nothingReceived()
    {
        m_received += m_socket.readAll();
        return m_received.isEmpty();
    }
    QTcpSocket& socket() { return m_socket; }

private:
    QTcpSocket m_socket;
    QByteArray m_received;
};

} // namespace loa::test
