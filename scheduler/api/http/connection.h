// One TCP connection that speaks HTTP/1.1: reads one request at a time under Limits, hands it out, writes the answer,
// goes on to the next. So answers keep the order of pipelined requests, and a caller who does not read gets no further
// ones. QTcpSocket fills its buffer without passing readData(), and Qt 6.4's HttpServer reads framing loosely and
// answers HEAD with a body; so this class stands in its place, and one strict parser decides what a request is. Thread:
// the listener's. Ownership: deletes itself and its socket when the connection ends; its host outlives it.
#pragma once

#include "scheduler/api/http/body_decoder.h"
#include "scheduler/api/http/limits.h"
#include "scheduler/api/http/message.h"
#include "scheduler/contract/clock.h"

#include <QObject>
#include <QTimer>

#include <functional>

class QTcpSocket;

namespace loa::api {

// Called once, on the thread of the connection. Calling it after the connection has ended does nothing.
using Reply = std::function<void(Response)>;

class ConnectionHost {
public:
    virtual ~ConnectionHost() = default;
    virtual void handle(Request request, Reply reply) = 0;
    // Most bytes that this request's body may have; the smaller of this and Limits counts.
    [[nodiscard]] virtual qsizetype bodyLimit(const Request& request) const = 0;
    // The answer said so: the socket, with the request's head unread, is the host's now.
    virtual void upgraded(QTcpSocket* socket, const Subscription& subscription) = 0;
    // Memory for bodies; false when there is no more.
    [[nodiscard]] virtual bool reserve(qsizetype bytes) = 0;
    virtual void release(qsizetype bytes) = 0;
};

class Connection final : public QObject {
public:
    Connection(QTcpSocket* socket, const Limits& limits, const Clock& clock, ConnectionHost& host, QObject* parent);
    ~Connection() override;

private:
    enum class State { Head, Body, Handling, Answering, Draining, Released };

    void readOn();
    [[nodiscard]] bool readHead(); // true when there is more to do at once
    [[nodiscard]] bool readBody();
    void dispatch();
    void answer(Response response);
    void writeMore();
    void answered();
    void refuseRequest(const Refusal& refusal);
    void drain();
    void release(const Subscription& subscription);
    void enter(State state);
    void timedOut();
    void releaseMemory();

    QTcpSocket* m_socket;
    const Limits& m_limits;
    const Clock& m_clock;
    ConnectionHost& m_host;
    QTimer m_timer;
    State m_state = State::Head;

    Head m_head;
    qsizetype m_scanned = 0; // of the head, without its end
    BodyDecoder m_body;
    qsizetype m_reserved = 0;
    qint64 m_progress = 0;  // bytes since the timer last fired
    bool m_started = false; // some of a request has come

    Response m_response;
    qint64 m_sent = 0; // of a file
    bool m_keepAlive = true;
    std::uint64_t m_turn = 0; // of requests; an answer for another one is none
};

// Who sent the request that came from `from`: behind trusted proxies, the last address in X-Forwarded-For that is not
// one of them. Sets `peer` and `secure`.
void resolvePeer(Request& request, const QHostAddress& from, const std::vector<QHostAddress>& trustedProxies);

// IPv4 addresses that come as IPv6 become IPv4, so that one caller has one address.
[[nodiscard]] QHostAddress plainAddress(const QHostAddress& address);

// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] QByteArray httpDate(UtcTime instant);

} // namespace loa::api
