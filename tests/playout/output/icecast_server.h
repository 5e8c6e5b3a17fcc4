// A real icecast2 on a free port of 127.0.0.1, and a listener.
#pragma once

#include <QFile>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace loa::playout::test {

inline int connectLocal(std::uint16_t port)
{
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
        return peer;
    ::close(peer);
    return -1;
}

class IcecastServer {
public:
    explicit IcecastServer(std::uint16_t listenPort) : port(listenPort)
    {
        // icecast2 refuses to run as root: it runs as nobody then, who must be able to use the folder.
        QFile::setPermissions(m_folder.path(), QFileDevice::Permissions(0x7777));
        QFile config(m_folder.filePath(QStringLiteral("icecast.xml")));
        const QString text =
            QStringLiteral(
                "<icecast><limits><clients>64</clients><sources>16</sources><source-timeout>5</source-timeout>"
                "<burst-on-connect>0</burst-on-connect></limits>"
                "<authentication><source-password>secret</source-password><admin-user>admin</admin-user>"
                "<admin-password>secret</admin-password></authentication><hostname>127.0.0.1</hostname>"
                "<listen-socket><port>%1</port><bind-address>127.0.0.1</bind-address></listen-socket><fileserve>0</"
                "fileserve>"
                "<paths><basedir>%2</basedir><logdir>%2</logdir><webroot>/usr/share/icecast2/web</webroot>"
                "<adminroot>/usr/share/icecast2/admin</adminroot></paths>"
                "<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></"
                "logging>"
                "</icecast>\n")
                .arg(port)
                .arg(m_folder.path());
        if (!config.open(QIODevice::WriteOnly) || config.write(text.toUtf8()) < 0)
            throw std::runtime_error("no icecast.xml");
        config.close();
        config.setPermissions(QFileDevice::Permissions(0x6644));
        start();
    }
    ~IcecastServer() { stop(); }

    void start()
    {
        const QString path = m_folder.filePath(QStringLiteral("icecast.xml"));
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(QProcess::nullDevice());
        if (geteuid() == 0) {
            m_process.start(QStringLiteral("setpriv"),
                            {QStringLiteral("--reuid=65534"), QStringLiteral("--regid=65534"),
                             QStringLiteral("--clear-groups"), QStringLiteral("icecast2"), QStringLiteral("-c"), path});
        } else {
            m_process.start(QStringLiteral("icecast2"), {QStringLiteral("-c"), path});
        }
        if (!m_process.waitForStarted())
            throw std::runtime_error("icecast2 does not start");
        // It listens before all of it runs; 2.4.4 may stand still for ever when sources come in between.
        for (int tries = 0; tries < 500; ++tries) {
            if (answers())
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        throw std::runtime_error("icecast2 does not listen");
    }
    void stop()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    [[nodiscard]] QString url(const QString& mount) const
    {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(port).arg(mount);
    }
    [[nodiscard]] qint64 processId() const { return m_process.processId(); }

    const std::uint16_t port;

private:
    [[nodiscard]] bool answers() const
    {
        const int peer = connectLocal(port);
        if (peer < 0)
            return false;
        constexpr std::string_view request = "GET /status-json.xsl HTTP/1.0\r\n\r\n";
        static_cast<void>(::send(peer, request.data(), request.size(), MSG_NOSIGNAL));
        pollfd descriptor{peer, POLLIN, 0};
        char first[12] = {};
        const bool good = poll(&descriptor, 1, 1000) > 0 && recv(peer, first, sizeof first, MSG_WAITALL) > 0 &&
                          std::string_view(first, sizeof first).ends_with("200");
        ::close(peer);
        return good;
    }

    QTemporaryDir m_folder;
    QProcess m_process;
};

// Takes a mount's stream on a thread of its own, from the moment that the mount is there.
class IcecastListener {
public:
    IcecastListener(std::uint16_t port, QByteArray mount) : m_port(port), m_mount(std::move(mount))
    {
        m_thread = std::thread([this] { run(); });
    }
    ~IcecastListener() { end(); }

    QByteArray end()
    {
        if (m_thread.joinable()) {
            m_quit = true;
            m_thread.join();
        }
        return m_body;
    }
    [[nodiscard]] bool isHearing() const { return m_hearing; }

private:
    void run()
    {
        while (!m_quit && !m_hearing) {
            const int peer = connectLocal(m_port);
            if (peer >= 0) {
                listenTo(peer);
                ::close(peer);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    void listenTo(int peer)
    {
        const QByteArray request = "GET " + m_mount + " HTTP/1.0\r\n\r\n";
        static_cast<void>(::send(peer, request.constData(), static_cast<std::size_t>(request.size()), MSG_NOSIGNAL));
        QByteArray head;
        char bytes[4096];
        while (!m_quit) {
            pollfd descriptor{peer, POLLIN, 0};
            if (poll(&descriptor, 1, 50) <= 0)
                continue;
            const ssize_t size = recv(peer, bytes, sizeof bytes, 0);
            if (size <= 0)
                return;
            if (m_hearing) {
                m_body.append(bytes, size);
                continue;
            }
            head.append(bytes, size);
            const qsizetype end = head.indexOf("\r\n\r\n");
            if (end < 0)
                continue;
            if (!head.startsWith("HTTP/1.0 200") && !head.startsWith("HTTP/1.1 200"))
                return; // not there yet
            m_body = head.mid(end + 4);
            m_hearing = true;
        }
    }

    const std::uint16_t m_port;
    const QByteArray m_mount;
    std::atomic<bool> m_quit = false;
    std::atomic<bool> m_hearing = false;
    QByteArray m_body;
    std::thread m_thread;
};

} // namespace loa::playout::test
