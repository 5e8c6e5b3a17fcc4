// The source side of an Icecast server (2.4 and later), over a TCP socket of our own: PUT with Expect: 100-continue.
//
// Thread: one at a time; connect() and send() wait, at most `timeout` without progress, and look every tenth of a
// second whether they are still wanted. Name resolution is the system's and may take longer.
// What is known of the peer: acknowledged() counts bytes that the peer's host has confirmed by TCP, which is as much
// as a sender can know; at most some 30 KB wait in our own kernel.
// Failure: Unauthorized (credentials), Forbidden, Conflict (mount in use), Unavailable (refused, closed),
// LimitExceeded (no progress within `timeout`: the peer hangs). The connection is closed then.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>

namespace loa::playout {

struct IcecastRequest {
    QString host;
    int port = 8000;
    QByteArray path; // "/mount"
    QString user;
    QString password;
    QByteArray contentType;
    QString name;
    QString genre;
    bool listed = false;
    int bitRate = 0;
    std::chrono::milliseconds timeout{5000};
};

class IcecastConnection {
public:
    using IsWanted = std::function<bool()>;

    explicit IcecastConnection(IsWanted isWanted) : m_isWanted(std::move(isWanted)) {}
    IcecastConnection(const IcecastConnection&) = delete;
    IcecastConnection& operator=(const IcecastConnection&) = delete;
    ~IcecastConnection() { close(); }

    [[nodiscard]] Result<void> connect(const IcecastRequest& request);
    [[nodiscard]] Result<void> send(std::span<const std::byte> bytes);
    void close();

    [[nodiscard]] bool isOpen() const { return m_socket >= 0; }
    [[nodiscard]] std::int64_t sent() const { return m_sent; } // bytes of the stream, since connect()
    [[nodiscard]] std::int64_t acknowledged() const;

private:
    [[nodiscard]] Result<void> connectTo(const IcecastRequest& request);
    [[nodiscard]] Result<void> greet(const IcecastRequest& request);
    [[nodiscard]] Result<void> sendAll(std::span<const std::byte> bytes);
    [[nodiscard]] Result<QByteArray> readAnswer();
    // Until the socket is ready for `events`. Errors: LimitExceeded, Unavailable.
    [[nodiscard]] Result<void> await(short events);
    [[nodiscard]] Result<void> checkAlive();

    IsWanted m_isWanted;
    QString m_where;
    std::chrono::milliseconds m_timeout{5000};
    int m_socket = -1;
    std::int64_t m_sent = 0;
};

} // namespace loa::playout
