// The WebSockets of agents: tells those who listen to a topic (a station's id) what is new. Messages are hints, so one
// that a slow listener misses is not kept for him: a socket with more than a bounded backlog is closed and comes back.
// Also those of people who speak live: each frame goes to all who listen, and is left out where the line is behind.
// Thread: the server's. Ownership: owns its sockets.
#pragma once

#include "scheduler/api/http/limits.h"
#include "scheduler/api/http/message.h"

#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>
#include <QWebSocketServer>

#include <functional>
#include <vector>

class QTcpSocket;

namespace loa::api {

class EventHub final : public QObject {
public:
    // What a speaker's frame is sent as: of that order, with that sequence; no bytes are the end.
    using SealSpeech = std::function<QByteArray(const QString& order, std::uint32_t sequence, const QByteArray& opus)>;

    EventHub(const Limits& limits, SealSpeech seal, QObject* parent = nullptr);
    ~EventHub() override;

    // Takes the socket, whose handshake request is still to be read and has been found good.
    void accept(QTcpSocket* socket, const Subscription& subscription);

    void announce(const QString& topic, const QJsonObject& message);
    // Ends the live speech of that person, who may not speak any more.
    void silence(const QString& speaker);
    void closeAll();
    [[nodiscard]] int listenerCount() const { return static_cast<int>(m_listeners.size()); }

private:
    struct Listener {
        QWebSocket* socket = nullptr;
        Subscription subscription;
        int unanswered = 0;         // pings
        int received = 0;           // messages since the last ping; agents have nothing to say here
        QSet<QString> hearers = {}; // of a speaker
        std::uint32_t spoken = 0;   // frames
        bool hasEnded = false;

        [[nodiscard]] bool isSpeaker() const { return subscription.frames > 0; }
    };
    void admitSpeaker(Listener& speaker);
    void spoke(QWebSocket* socket, const QByteArray& opus);
    void endSpeech(Listener& speaker);
    void relay(const Listener& speaker, const QByteArray& frame);
    void opened();
    void remove(QWebSocket* socket);
    void pingAll();
    [[nodiscard]] Listener* find(QWebSocket* socket);

    QWebSocketServer m_server;
    QTimer m_ping;
    const SealSpeech m_seal;
    const int m_mostFrames; // of a speaker between two pings
    struct Expected {
        QTcpSocket* socket = nullptr;
        Subscription subscription;
    };
    QHash<QString, Expected> m_expected; // by address and port, from accept() until the socket is gone
    std::vector<Listener> m_listeners;
};

} // namespace loa::api
