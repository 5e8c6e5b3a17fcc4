// Who looks after an agent on its machine: systemd, and who reads its page. Thread: one with a Qt event loop.
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QHostAddress>
#include <QList>
#include <QTcpSocket>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

namespace loa::playout::test {

// In systemd's place: what is sent to NOTIFY_SOCKET, in order.
class ServiceManager {
public:
    explicit ServiceManager(const QByteArray& path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(static_cast<std::size_t>(path.size()) < sizeof address.sun_path);
        std::memcpy(address.sun_path, path.constData(), static_cast<std::size_t>(path.size()));
        REQUIRE(::bind(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~ServiceManager() { ::close(m_socket); }
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    const QList<QByteArray>& told()
    {
        char buffer[256];
        for (ssize_t size; (size = ::recv(m_socket, buffer, sizeof buffer, 0)) >= 0;)
            m_told.append(QByteArray(buffer, static_cast<qsizetype>(size)));
        return m_told;
    }

private:
    int m_socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    QList<QByteArray> m_told;
};

// The answer to one request; empty when nobody answers.
inline QByteArray ask(quint16 port, const QByteArray& request, const QHostAddress& host = QHostAddress::LocalHost)
{
    QTcpSocket socket;
    socket.connectToHost(host, port);
    QByteArray answer;
    QElapsedTimer timer;
    timer.start();
    bool isSent = false;
    while (timer.elapsed() < 5000 && socket.state() != QAbstractSocket::UnconnectedState) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        if (!isSent && socket.state() == QAbstractSocket::ConnectedState) {
            socket.write(request);
            isSent = true;
        }
        answer += socket.readAll();
    }
    return answer + socket.readAll();
}

} // namespace loa::playout::test
