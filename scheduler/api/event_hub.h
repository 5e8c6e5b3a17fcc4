// The WebSockets of agents: tells those who listen to a topic (a station's id) what is new. Messages are hints, so one
// that a slow listener misses is not kept for him: a socket with more than a bounded backlog is closed and comes back.
// Thread: the server's. Ownership: owns its sockets.
#pragma once

#include "scheduler/api/http/limits.h"
#include "scheduler/api/http/message.h"

#include <QHash>
#include <QObject>
#include <QTimer>
#include <QWebSocketServer>

#include <vector>

class QTcpSocket;

namespace loa::api {

class EventHub final : public QObject {
public:
    explicit EventHub(const Limits& limits, QObject* parent = nullptr);
    ~EventHub() override;

    // Takes the socket, whose handshake request is still to be read and has been found good.
    void accept(QTcpSocket* socket, const Subscription& subscription);

    void announce(const QString& topic, const QJsonObject& message);
    void closeAll();
    [[nodiscard]] int listenerCount() const { return static_cast<int>(m_listeners.size()); }

private:
    struct Listener {
        QWebSocket* socket = nullptr;
        Subscription subscription;
        int unanswered = 0; // pings
        int received = 0;   // messages since the last ping; agents have nothing to say here
    };
    void opened();
    void remove(QWebSocket* socket);
    void pingAll();
    [[nodiscard]] Listener* find(QWebSocket* socket);

    QWebSocketServer m_server;
    QTimer m_ping;
    struct Expected {
        QTcpSocket* socket = nullptr;
        Subscription subscription;
    };
    QHash<QString, Expected> m_expected; // by address and port, from accept() until the socket is gone
    std::vector<Listener> m_listeners;
};

} // namespace loa::api
