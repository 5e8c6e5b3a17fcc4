// A small HTTP server on a free port of 127.0.0.1 whose answers a test writes byte by byte. Threads: one for all
// connections, one after another; it ends with the object.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <mutex>
#include <numbers>
#include <thread>
#include <vector>

namespace loa::playout::test {

class HostileStation {
public:
    // Writes to the peer; false: it is gone, or the test is over.
    using Send = std::function<bool(const QByteArray&)>;
    // Answers one request for `path`.
    using Answer = std::function<void(const QByteArray& path, const Send& send)>;

    explicit HostileStation(Answer answer) : m_answer(std::move(answer))
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), length);
        ::listen(m_listener, 8);
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &length);
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { run(); });
    }
    ~HostileStation()
    {
        m_isOver = true;
        m_thread.join();
        ::close(m_listener);
    }
    HostileStation(const HostileStation&) = delete;
    HostileStation& operator=(const HostileStation&) = delete;

    [[nodiscard]] QString url(const QString& path) const
    {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(m_port).arg(path);
    }
    [[nodiscard]] bool isOver() const { return m_isOver; }
    [[nodiscard]] std::vector<QByteArray> asked()
    {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }

private:
    void run()
    {
        while (!m_isOver) {
            pollfd waiting{m_listener, POLLIN, 0};
            if (::poll(&waiting, 1, 10) <= 0)
                continue;
            const int peer = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
            serve(peer);
            ::close(peer);
        }
    }
    void serve(int peer)
    {
        QByteArray head;
        while (!head.contains("\r\n\r\n") && !m_isOver) {
            pollfd waiting{peer, POLLIN, 0};
            if (::poll(&waiting, 1, 10) <= 0)
                continue;
            char buffer[2048];
            const auto got = ::recv(peer, buffer, sizeof buffer, 0);
            if (got <= 0)
                return;
            head.append(buffer, static_cast<qsizetype>(got));
        }
        const QByteArray path = head.split(' ').value(1);
        {
            const std::lock_guard lock(m_mutex);
            m_asked.push_back(path);
        }
        m_answer(path, [&](const QByteArray& bytes) { return send(peer, bytes); });
    }
    bool send(int peer, const QByteArray& bytes)
    {
        for (qsizetype sent = 0; sent < bytes.size();) {
            pollfd waiting{peer, POLLOUT, 0};
            if (m_isOver)
                return false;
            if (::poll(&waiting, 1, 10) <= 0)
                continue;
            const auto count = ::send(peer, bytes.data() + sent, static_cast<std::size_t>(bytes.size() - sent),
                                      MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count <= 0)
                return false;
            sent += count;
        }
        return !m_isOver;
    }

    Answer m_answer;
    int m_listener = -1;
    int m_port = 0;
    std::atomic<bool> m_isOver = false;
    std::mutex m_mutex;
    std::vector<QByteArray> m_asked;
    std::thread m_thread; // last
};

inline QByteArray okHead(const char* type)
{
    return QByteArray("HTTP/1.0 200 OK\r\nContent-Type: ") + type + "\r\n\r\n";
}

// A WAV without end: 16-bit mono.
inline QByteArray wavHead(int rate)
{
    const auto little = [](std::uint32_t value, int bytes) {
        QByteArray text;
        for (int index = 0; index < bytes; ++index)
            text.append(static_cast<char>((value >> (8 * index)) & 0xff));
        return text;
    };
    const auto wide = static_cast<std::uint32_t>(rate);
    return "RIFF" + little(0xffffffff, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) + little(1, 2) + little(wide, 4) +
           little(wide * 2, 4) + little(2, 2) + little(16, 2) + "data" + little(0xffffffff, 4);
}

inline QByteArray toneBytes(int rate, int frames, double amplitude = 0.3)
{
    QByteArray bytes;
    for (int index = 0; index < frames; ++index) {
        const double phase = 2.0 * std::numbers::pi * 500.0 * index / rate;
        const auto sample = static_cast<std::int16_t>(32767.0 * amplitude * std::sin(phase));
        bytes.append(static_cast<char>(sample & 0xff));
        bytes.append(static_cast<char>((sample >> 8) & 0xff));
    }
    return bytes;
}

} // namespace loa::playout::test
