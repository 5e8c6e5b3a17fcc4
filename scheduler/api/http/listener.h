// The listening socket: counts connections in all and by address, and turns away what is over Limits. Answers come from
// a handler, on the listener's thread or later through Reply. Thread: the one it was made on. Ownership: owns its
// connections; the handler and clock outlive it.
#pragma once

#include "scheduler/api/http/connection.h"

#include <QHash>
#include <QTcpServer>

#include <memory>

namespace loa::api {

class Listener final : public QTcpServer, private ConnectionHost {
public:
    class Handler {
    public:
        virtual ~Handler() = default;
        virtual void handle(Request request, Reply reply) = 0;
        [[nodiscard]] virtual qsizetype bodyLimit(const Request& request) const = 0;
        // Takes the socket over; the request's head is still to be read from it.
        virtual void upgraded(QTcpSocket* socket, const Subscription& subscription) = 0;
    };

    Listener(Limits limits, const Clock& clock, Handler& handler, QObject* parent = nullptr);
    ~Listener() override;

    [[nodiscard]] int connectionCount() const { return m_connections; }
    [[nodiscard]] qsizetype bufferedBytes() const { return m_buffered; }

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void handle(Request request, Reply reply) override { m_handler.handle(std::move(request), std::move(reply)); }
    [[nodiscard]] qsizetype bodyLimit(const Request& request) const override { return m_handler.bodyLimit(request); }
    void upgraded(QTcpSocket* socket, const Subscription& subscription) override
    {
        m_handler.upgraded(socket, subscription);
    }
    [[nodiscard]] bool reserve(qsizetype bytes) override;
    void release(qsizetype bytes) override { m_buffered -= bytes; }
    void turnAway(QTcpSocket* socket, int status, const Text& why);

    Limits m_limits;
    const Clock& m_clock;
    Handler& m_handler;
    int m_connections = 0;
    int m_turnedAway = 0;
    qsizetype m_buffered = 0;
    QHash<QHostAddress, int> m_byAddress;
    std::unique_ptr<QObject> m_nest; // of connections
};

// Lets the process open so many files besides what it has, as far as the system allows. False when it does not.
[[nodiscard]] bool allowDescriptors(int count);

} // namespace loa::api
