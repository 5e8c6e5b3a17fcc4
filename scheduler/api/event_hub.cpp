#include "scheduler/api/event_hub.h"

#include "scheduler/contract/speech.h"

#include <QJsonDocument>
#include <QTcpSocket>
#include <QWebSocket>

#include <algorithm>

namespace loa::api {

namespace {

constexpr qint64 longestBacklog = 64 * 1024;
constexpr quint64 longestMessage = 4 * 1024;
constexpr int mostMessages = 100; // between two pings
constexpr int mostUnanswered = 2;
constexpr qint64 speechBacklog = 16 * 1024; // about a second and a half
constexpr int endRepeats = 3;               // it may be left out on a line that is behind

QString endpointOf(const QHostAddress& address, quint16 port)
{
    return address.toString() + u'|' + QString::number(port);
}

} // namespace

EventHub::EventHub(const Limits& limits, SealSpeech seal, QObject* parent)
    : QObject(parent), m_server(QStringLiteral("loa-scheduler"), QWebSocketServer::NonSecureMode),
      m_seal(std::move(seal)),
      m_mostFrames(mostMessages + static_cast<int>(limits.pingEvery / std::chrono::milliseconds(16)))
{
    m_server.setMaxPendingConnections(limits.connections);
    connect(&m_server, &QWebSocketServer::newConnection, this, [this] { opened(); });
    connect(&m_ping, &QTimer::timeout, this, [this] { pingAll(); });
    m_ping.start(limits.pingEvery);
}

EventHub::~EventHub()
{
    closeAll();
}

void EventHub::accept(QTcpSocket* socket, const Subscription& subscription)
{
    const QString endpoint = endpointOf(socket->peerAddress(), socket->peerPort());
    socket->setParent(this);
    m_expected.insert(endpoint, {socket, subscription});
    // By a child of the socket: QWebSocket cuts all of a socket's own signals.
    connect(new QObject(socket), &QObject::destroyed, this, [this, endpoint] { m_expected.remove(endpoint); });
    m_server.handleConnection(socket);
}

void EventHub::opened()
{
    while (QWebSocket* socket = m_server.nextPendingConnection()) {
        socket->setParent(this);
        const auto expected = m_expected.constFind(endpointOf(socket->peerAddress(), socket->peerPort()));
        if (expected == m_expected.constEnd()) {
            socket->close(QWebSocketProtocol::CloseCodePolicyViolated);
            socket->deleteLater();
            continue;
        }
        expected->socket->setParent(socket); // QWebSocket leaves a socket that it was given to whoever gave it
        socket->setMaxAllowedIncomingFrameSize(longestMessage);
        socket->setMaxAllowedIncomingMessageSize(longestMessage);
        m_listeners.push_back({socket, expected->subscription});
        connect(socket, &QWebSocket::pong, this, [this, socket] {
            if (Listener* listener = find(socket))
                listener->unanswered = 0;
        });
        const auto count = [this, socket] {
            Listener* listener = find(socket);
            if (listener != nullptr && ++listener->received > (listener->isSpeaker() ? m_mostFrames : mostMessages))
                socket->close(QWebSocketProtocol::CloseCodePolicyViolated);
        };
        connect(socket, &QWebSocket::textFrameReceived, this, count);
        connect(socket, &QWebSocket::binaryFrameReceived, this, count);
        connect(socket, &QWebSocket::disconnected, this, [this, socket] { remove(socket); });
        if (m_listeners.back().isSpeaker())
            admitSpeaker(m_listeners.back());
    }
}

EventHub::Listener* EventHub::find(QWebSocket* socket)
{
    const auto found =
        std::find_if(m_listeners.begin(), m_listeners.end(), [&](const Listener& one) { return one.socket == socket; });
    return found == m_listeners.end() ? nullptr : &*found;
}

void EventHub::admitSpeaker(Listener& speaker)
{
    QWebSocket* socket = speaker.socket;
    const auto others = std::count_if(m_listeners.begin(), m_listeners.end(), [&](const Listener& one) {
        return one.isSpeaker() && one.subscription.subscriber == speaker.subscription.subscriber;
    });
    if (others > 1) { // two voices in one stream
        speaker.hasEnded = true;
        socket->close(QWebSocketProtocol::CloseCodePolicyViolated);
        return;
    }
    const QStringList& topics = speaker.subscription.topics;
    speaker.hearers = QSet<QString>(topics.begin(), topics.end());
    connect(socket, &QWebSocket::binaryMessageReceived, this,
            [this, socket](const QByteArray& opus) { spoke(socket, opus); });
    connect(socket, &QWebSocket::textMessageReceived, this, [this, socket](const QString& word) {
        if (Listener* listener = find(socket); listener && word == QLatin1String("end"))
            endSpeech(*listener);
    });
}

void EventHub::spoke(QWebSocket* socket, const QByteArray& opus)
{
    Listener* speaker = find(socket);
    if (!speaker || speaker->hasEnded || opus.isEmpty() || opus.size() > maxSpeechPacket)
        return;
    relay(*speaker, m_seal(speaker->subscription.subscriber, speaker->spoken, opus));
    if (++speaker->spoken < speaker->subscription.frames)
        return;
    endSpeech(*speaker);
    socket->close(QWebSocketProtocol::CloseCodeNormal);
}

void EventHub::endSpeech(Listener& speaker)
{
    if (std::exchange(speaker.hasEnded, true))
        return;
    const QByteArray frame = m_seal(speaker.subscription.subscriber, speaker.spoken, {});
    for (int repeat = 0; repeat < endRepeats; ++repeat)
        relay(speaker, frame);
}

void EventHub::relay(const Listener& speaker, const QByteArray& frame)
{
    for (const Listener& listener : m_listeners) {
        const QStringList& topics = listener.subscription.topics;
        const bool hears =
            !listener.isSpeaker() && std::any_of(topics.begin(), topics.end(),
                                                 [&](const QString& topic) { return speaker.hearers.contains(topic); });
        if (hears && listener.socket->bytesToWrite() <= speechBacklog)
            listener.socket->sendBinaryMessage(frame);
    }
}

void EventHub::silence(const QString& speaker)
{
    m_expected.removeIf([&](const auto& expected) { return expected.value().subscription.speaker == speaker; });
    std::vector<QWebSocket*> sockets;
    for (Listener& listener : m_listeners) {
        if (!listener.isSpeaker() || listener.subscription.speaker != speaker)
            continue;
        endSpeech(listener);
        sockets.push_back(listener.socket);
    }
    for (QWebSocket* socket : sockets) // ends in remove()
        socket->close(QWebSocketProtocol::CloseCodePolicyViolated);
}

void EventHub::remove(QWebSocket* socket)
{
    if (Listener* listener = find(socket); listener && listener->isSpeaker())
        endSpeech(*listener);
    std::erase_if(m_listeners, [&](const Listener& one) { return one.socket == socket; });
    socket->deleteLater();
}

void EventHub::announce(const QString& topic, const QJsonObject& message)
{
    const QString text = QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact));
    std::vector<QWebSocket*> slow;
    for (const Listener& listener : m_listeners) {
        if (listener.isSpeaker() || !listener.subscription.topics.contains(topic))
            continue;
        if (listener.socket->bytesToWrite() > longestBacklog)
            slow.push_back(listener.socket);
        else
            listener.socket->sendTextMessage(text);
    }
    for (QWebSocket* socket : slow) // ends in remove()
        socket->abort();
}

void EventHub::pingAll()
{
    std::vector<QWebSocket*> silent;
    for (Listener& listener : m_listeners) {
        listener.received = 0;
        if (listener.unanswered >= mostUnanswered) {
            silent.push_back(listener.socket);
            continue;
        }
        ++listener.unanswered;
        listener.socket->ping();
    }
    for (QWebSocket* socket : silent)
        socket->abort();
}

void EventHub::closeAll()
{
    const std::vector<Listener> listeners = std::exchange(m_listeners, {});
    for (const Listener& listener : listeners) {
        listener.socket->disconnect(this);
        listener.socket->close(QWebSocketProtocol::CloseCodeGoingAway);
        delete listener.socket;
    }
}

} // namespace loa::api
