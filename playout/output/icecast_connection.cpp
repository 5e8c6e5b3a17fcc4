#include "playout/output/icecast_connection.h"

#include "playout/output/device_table.h"

#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace loa::playout {

using detail::interrupted;
using detail::systemError;

namespace {

constexpr int sendBuffer = 16 * 1024; // the kernel doubles it
constexpr qsizetype longestAnswer = 8192;

// One line of an HTTP header: what would end it is cut out.
QByteArray headerValue(const QString& text)
{
    QByteArray value = text.toUtf8();
    value.removeIf([](char character) { return static_cast<unsigned char>(character) < 0x20; });
    return value;
}

QByteArray requestOf(const IcecastRequest& request)
{
    const QByteArray credentials = (request.user + u':' + request.password).toUtf8().toBase64();
    const QByteArray kilobits = QByteArray::number(request.bitRate / 1000);
    return "PUT " + request.path + " HTTP/1.1\r\n" +                                                //
           "Host: " + headerValue(request.host) + ':' + QByteArray::number(request.port) + "\r\n" + //
           "Authorization: Basic " + credentials + "\r\n" +                                         //
           "User-Agent: Loa\r\n" +                                                                  //
           "Content-Type: " + request.contentType + "\r\n" +                                        //
           "Ice-Public: " + (request.listed ? "1" : "0") + "\r\n" +                                 //
           "Ice-Name: " + headerValue(request.name) + "\r\n" +                                      //
           "Ice-Genre: " + headerValue(request.genre) + "\r\n" +                                    //
           "Ice-Bitrate: " + kilobits + "\r\n" +                                                    //
           "Ice-Audio-Info: ice-samplerate=48000;ice-channels=1;ice-bitrate=" + kilobits + "\r\n" + //
           "Expect: 100-continue\r\n\r\n";
}

Result<void> judgeAnswer(const QByteArray& answer, const QString& where)
{
    const QList<QByteArray> words = answer.left(answer.indexOf('\r')).split(' ');
    const int status = words.size() >= 2 && words[0].startsWith("HTTP/1.") ? words[1].toInt() : 0;
    const QString line = QString::fromLatin1(answer.left(answer.indexOf('\r')).left(120));
    switch (status) {
    case 100:
    case 200:
        return {};
    case 401:
        return fail(ErrorCategory::Unauthorized,
                    {QStringLiteral("Icecast từ chối tên hoặc mật khẩu nguồn phát."),
                     QStringLiteral("Icecast does not take the source's user or password.")},
                    where);
    case 403:
        return fail(
            ErrorCategory::Conflict,
            {QStringLiteral("Icecast từ chối điểm phát: đang có nguồn khác, hoặc đã đủ số nguồn (%1).").arg(line),
             QStringLiteral("Icecast refuses the mount: another source is on it, or there are too many (%1).")
                 .arg(line)},
            where);
    default:
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Icecast trả lời: %1").arg(line), QStringLiteral("Icecast answered: %1").arg(line)},
                    where);
    }
}

struct AddressesFree {
    void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};

} // namespace

Result<void> IcecastConnection::connect(const IcecastRequest& request)
{
    close();
    m_timeout = request.timeout;
    m_where =
        QStringLiteral("http://%1:%2%3").arg(request.host).arg(request.port).arg(QString::fromLatin1(request.path));
    auto done = connectTo(request);
    if (done)
        done = greet(request);
    if (!done)
        close();
    m_sent = 0;
    return done;
}

Result<void> IcecastConnection::connectTo(const IcecastRequest& request)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const QByteArray port = QByteArray::number(request.port);
    if (const int code = getaddrinfo(request.host.toUtf8().constData(), port.constData(), &hints, &found); code != 0) {
        const QString words = QString::fromLocal8Bit(gai_strerror(code));
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Không tìm thấy địa chỉ của máy chủ Icecast: %1").arg(words),
                     QStringLiteral("The Icecast server's address is not known: %1").arg(words)},
                    m_where);
    }
    const std::unique_ptr<addrinfo, AddressesFree> addresses(found);
    Result<void> last;
    for (const addrinfo* address = found; address; address = address->ai_next) {
        close();
        m_socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (m_socket < 0) {
            last = systemError(ErrorCategory::Unavailable,
                               {QStringLiteral("Không mở được cổng nối"), QStringLiteral("No socket")}, m_where);
            continue;
        }
        const int on = 1;
        setsockopt(m_socket, SOL_SOCKET, SO_SNDBUF, &sendBuffer, sizeof sendBuffer);
        setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(m_socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        if (::connect(m_socket, address->ai_addr, address->ai_addrlen) == 0)
            return {};
        if (errno == EINPROGRESS) {
            last = await(POLLOUT);
            int code = 0;
            socklen_t size = sizeof code;
            if (last && getsockopt(m_socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0)
                return {};
            if (!last)
                continue;
            errno = code;
        }
        last = systemError(ErrorCategory::Unavailable,
                           {QStringLiteral("Không nối được tới Icecast"), QStringLiteral("Icecast cannot be reached")},
                           m_where);
    }
    return last;
}

Result<void> IcecastConnection::greet(const IcecastRequest& request)
{
    const QByteArray head = requestOf(request);
    if (auto asked = sendAll(std::as_bytes(std::span(head.constData(), static_cast<std::size_t>(head.size())))); !asked)
        return asked;
    auto answer = readAnswer();
    if (!answer)
        return passOn(answer);
    return judgeAnswer(*answer, m_where);
}

Result<QByteArray> IcecastConnection::readAnswer()
{
    QByteArray answer;
    while (!answer.contains("\r\n\r\n")) {
        if (auto ready = await(POLLIN); !ready)
            return passOn(ready);
        char bytes[1024];
        const ssize_t count = ::recv(m_socket, bytes, sizeof bytes, 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (count <= 0 || answer.size() > longestAnswer) {
            return fail(ErrorCategory::Unavailable,
                        {QStringLiteral("Icecast đóng kết nối mà không trả lời trọn vẹn."),
                         QStringLiteral("Icecast closed the connection without a whole answer.")},
                        m_where);
        }
        answer.append(bytes, count);
    }
    return answer;
}

Result<void> IcecastConnection::await(short events)
{
    using namespace std::chrono_literals;
    for (auto waited = 0ms; waited < m_timeout; waited += 100ms) {
        if (!m_isWanted())
            return interrupted();
        pollfd descriptor{m_socket, events, 0};
        const int ready = ::poll(&descriptor, 1, 100);
        if (ready > 0)
            return {};
        if (ready < 0 && errno != EINTR)
            return systemError(ErrorCategory::Unavailable,
                               {QStringLiteral("Lỗi kết nối"), QStringLiteral("The connection failed")}, m_where);
    }
    return fail(ErrorCategory::LimitExceeded,
                {QStringLiteral("Icecast không phản hồi trong %1 ms.").arg(m_timeout.count()),
                 QStringLiteral("Icecast did not respond within %1 ms.").arg(m_timeout.count())},
                m_where);
}

Result<void> IcecastConnection::checkAlive()
{
    char bytes[256];
    const ssize_t count = ::recv(m_socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)))
        return {};
    return fail(ErrorCategory::Unavailable,
                {QStringLiteral("Icecast đã đóng kết nối."), QStringLiteral("Icecast closed the connection.")},
                m_where);
}

Result<void> IcecastConnection::send(std::span<const std::byte> bytes)
{
    if (auto alive = checkAlive(); !alive)
        return alive;
    if (auto done = sendAll(bytes); !done)
        return done;
    m_sent += static_cast<std::int64_t>(bytes.size());
    return {};
}

Result<void> IcecastConnection::sendAll(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        } else if (count < 0 && errno == EAGAIN) {
            if (auto ready = await(POLLOUT); !ready)
                return ready;
        } else if (count == 0 || errno != EINTR) {
            return systemError(
                ErrorCategory::Unavailable,
                {QStringLiteral("Mất kết nối tới Icecast"), QStringLiteral("The connection to Icecast is lost")},
                m_where);
        }
    }
    return {};
}

std::int64_t IcecastConnection::acknowledged() const
{
    int waiting = 0;
    if (m_socket < 0 || ioctl(m_socket, SIOCOUTQ, &waiting) != 0)
        return 0;
    return m_sent - waiting;
}

void IcecastConnection::close()
{
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
}

} // namespace loa::playout
