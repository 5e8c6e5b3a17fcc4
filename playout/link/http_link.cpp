#include "playout/link/http_link.h"

#include "playout/link/backoff.h"
#include "playout/link/http_exchange.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/bundle.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QNetworkReply>
#include <QTimer>
#include <QWebSocket>

#include <atomic>
#include <mutex>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr qint64 mostJson = 1024 * 1024;
constexpr auto offsetTolerance = 2s; // Date has whole seconds
constexpr auto pingEvery = 30s;

// "bytes 100-199/1000" -> 100
std::optional<std::int64_t> rangeStart(const QByteArray& contentRange)
{
    if (!contentRange.startsWith("bytes "))
        return std::nullopt;
    bool good = false;
    const auto start = contentRange.mid(6, contentRange.indexOf('-') - 6).toLongLong(&good);
    return good ? std::optional<std::int64_t>(start) : std::nullopt;
}

EventsClosed closedBecause(const QWebSocket& socket)
{
    const QString why =
        socket.error() == QAbstractSocket::UnknownSocketError ? u"closed by the scheduler"_s : socket.errorString();
    return {{ErrorCategory::Unavailable,
             {u"Kênh nhận lệnh từ máy chủ chưa nối được: "_s + why,
              u"The channel for the scheduler's commands is not connected: "_s + why},
             socket.requestUrl().host()}};
}

tl::unexpected<Error> strangeAnswer(const QString& where)
{
    return fail(ErrorCategory::Unavailable,
                {u"Không hiểu câu trả lời của máy chủ"_s, u"The scheduler's answer makes no sense"_s}, where);
}

Result<EntriesReceipt> readReceipt(const QByteArray& body)
{
    const QJsonObject object = QJsonDocument::fromJson(body).object();
    const QJsonValue through = object.value(u"acknowledged_through"_s);
    if (!through.isDouble() || static_cast<double>(through.toInteger(-1)) != through.toDouble())
        return strangeAnswer(u"acknowledged_through"_s);
    EntriesReceipt receipt;
    receipt.acknowledgedThrough = through.toInteger();
    for (const QJsonValue& value : object.value(u"rejected"_s).toArray()) {
        const QJsonObject rejected = value.toObject();
        receipt.rejected.push_back({rejected.value(u"sequence"_s).toInteger(),
                                    rejected.value(u"category"_s).toString().left(100),
                                    rejected.value(u"message"_s).toString().left(500)});
    }
    return receipt;
}

} // namespace

// Lives on the network's thread; the mailbox alone is shared.
struct HttpLink::Network {
    Network(LinkThread& linkThread, HttpSettings httpSettings, AgentId agentId, const SigningKey& signingKey,
            const Clock& agentClock, std::function<void()> wake)
        : shared(linkThread), settings(std::move(httpSettings)), agent(std::move(agentId)), key(signingKey),
          clock(agentClock), waker(std::move(wake)),
          reconnect(settings.firstReconnect, settings.longestReconnect, qHash(agent.value))
    {
    }

    struct Job {
        [[nodiscard]] static Job post(const char* path, const QJsonObject& body)
        {
            Job job;
            job.method = "POST";
            job.path = path;
            job.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
            job.headers.emplace_back("Content-Type", "application/json");
            return job;
        }

        QByteArray method;
        QByteArray path;
        QByteArray body;
        std::vector<HttpHeader> headers;
        qint64 most = mostJson;
        std::function<LinkReply(Result<HttpAnswer>)> reply;
        bool takePart = false;
        bool retried = false;
        // Called before it leaves, with its nonce: for an answer that must be to this very request.
        std::function<void(const QByteArray&)> leaving = {};
    };

    void post(Job job)
    {
        QMetaObject::invokeMethod(
            anchor, [this, job = std::move(job)] { send(job); }, Qt::QueuedConnection);
    }
    void put(LinkReply reply);
    Result<QNetworkRequest> signedRequest(const Job& job) const;
    void send(const Job& job);
    void learnTime(std::optional<UtcTime> date);
    void noteReach(bool isAnswered, ErrorCategory why);
    void listen();
    void hear(const QString& message);

    LinkThread& shared;
    HttpSettings settings;
    AgentId agent;
    const SigningKey& key;
    const Clock& clock;
    std::function<void()> waker;

    std::mutex mutex;
    std::vector<LinkReply> replies;

    std::mutex speechMutex;
    std::function<void(const QByteArray&)> speech;

    Duration offset{0}; // scheduler's time minus ours
    Backoff reconnect;
    std::unique_ptr<QWebSocket> socket;
    bool ponged = true;
    bool isLost = false;       // a request was not answered, and none has been since
    QObject* anchor = nullptr; // on the thread, so that calls arrive there; parent of what is under way
};

void HttpLink::Network::put(LinkReply reply)
{
    {
        const std::lock_guard lock(mutex);
        replies.push_back(std::move(reply));
    }
    if (waker)
        waker();
}

void HttpLink::Network::learnTime(std::optional<UtcTime> date)
{
    if (!date)
        return;
    const Duration seen = *date - clock.now();
    if (std::chrono::abs(seen - offset) > offsetTolerance)
        offset = std::chrono::abs(seen) > offsetTolerance ? seen : Duration(0);
}

Result<QNetworkRequest> HttpLink::Network::signedRequest(const Job& job) const
{
    auto request = plainRequest(settings, job.path);
    if (!request)
        return request;
    for (const auto& [name, value] : job.headers)
        request->setRawHeader(name, value);
    const RequestLine line{job.method, request->url().path(QUrl::FullyEncoded).toLatin1(), {}};
    const QByteArray nonce = newNonce();
    if (job.leaving)
        job.leaving(nonce);
    for (const auto& [name, value] : signRequest(line, job.body, agent, key, clock.now() + offset, nonce))
        request->setRawHeader(name, value);
    return request;
}

void HttpLink::Network::send(const Job& job)
{
    const auto request = signedRequest(job);
    if (!request) {
        put(job.reply(passOn(request)));
        return;
    }
    QNetworkAccessManager& manager = shared.manager();
    QNetworkReply* reply = job.method == "GET" ? manager.get(*request) : manager.post(*request, job.body);
    reply->setParent(anchor);
    collect(reply, job.most, settings.longest, job.takePart,
            [this, job](Result<HttpAnswer> answer, std::optional<UtcTime> date) {
                const Duration before = offset;
                learnTime(date);
                if (!answer && answer.error().category == ErrorCategory::Unauthorized && offset != before &&
                    !job.retried) {
                    Job again = job;
                    again.retried = true;
                    send(again);
                    return;
                }
                noteReach(answer.has_value(), answer ? ErrorCategory::Internal : answer.error().category);
                put(job.reply(std::move(answer)));
            });
}

// The scheduler answers again: its announcements are not waited for any longer.
void HttpLink::Network::noteReach(bool isAnswered, ErrorCategory why)
{
    if (!isAnswered) {
        isLost |= why == ErrorCategory::Unavailable;
        return;
    }
    if (std::exchange(isLost, false) && settings.listen && !socket) {
        reconnect.succeeded();
        listen();
    }
}

void HttpLink::Network::listen()
{
    Job job;
    job.method = "GET";
    job.path = "/agent/events";
    auto request = signedRequest(job);
    if (!request)
        return;
    QUrl url = request->url();
    url.setScheme(url.scheme() == u"https" ? u"wss"_s : u"ws"_s);
    request->setUrl(url);
    socket = std::make_unique<QWebSocket>();
    if (url.scheme() == u"wss")
        socket->setSslConfiguration(request->sslConfiguration()); // open() does not take it from the request
    socket->setMaxAllowedIncomingMessageSize(64 * 1024);
    socket->setMaxAllowedIncomingFrameSize(64 * 1024);
    ponged = true;
    auto* ping = new QTimer(socket.get());
    ping->setInterval(pingEvery);
    QObject::connect(ping, &QTimer::timeout, socket.get(), [this] {
        if (!std::exchange(ponged, false))
            socket->abort();
        else if (socket->state() == QAbstractSocket::ConnectedState)
            socket->ping();
    });
    ping->start();
    QObject::connect(socket.get(), &QWebSocket::pong, socket.get(), [this] { ponged = true; });
    QObject::connect(socket.get(), &QWebSocket::connected, socket.get(), [this] {
        ponged = true;
        put(EventsOpened{});
    });
    QObject::connect(socket.get(), &QWebSocket::textMessageReceived, socket.get(),
                     [this](const QString& message) { hear(message); });
    QObject::connect(socket.get(), &QWebSocket::binaryMessageReceived, socket.get(), [this](const QByteArray& frame) {
        const std::lock_guard lock(speechMutex);
        if (speech)
            speech(frame);
    });
    // Also emitted when the connection never came to be; queued, since the socket ends here.
    QObject::connect(
        socket.get(), &QWebSocket::stateChanged, anchor,
        [this, mine = socket.get()](QAbstractSocket::SocketState state) {
            if (state != QAbstractSocket::UnconnectedState || socket.get() != mine)
                return;
            put(closedBecause(*mine));
            socket.release()->deleteLater();
            QTimer::singleShot(std::chrono::duration_cast<std::chrono::milliseconds>(reconnect.next()), anchor, [this] {
                if (!socket)
                    listen();
            });
        },
        Qt::QueuedConnection);
    socket->open(*request);
}

void HttpLink::Network::hear(const QString& message)
{
    reconnect.succeeded();
    const QJsonObject object = QJsonDocument::fromJson(message.toUtf8()).object();
    const QString station = object.value(u"station"_s).toString();
    const QString type = object.value(u"type"_s).toString();
    if (!isValidId(station))
        return;
    if (type == u"bundle")
        put(BundleAnnounced{{station}, object.value(u"version"_s).toInteger()});
    else if (type == u"command")
        put(CommandPushed{{station}, object.value(u"sealed"_s).toString().toUtf8()});
}

HttpLink::HttpLink(LinkThread& network, const HttpSettings& settings, const AgentId& agent, const SigningKey& key,
                   const Clock& clock, std::function<void()> waker)
    : m_network(std::make_unique<Network>(network, settings, agent, key, clock, std::move(waker)))
{
    Network& mine = *m_network;
    mine.anchor = new QObject;
    mine.anchor->moveToThread(&network.thread());
    if (settings.listen)
        QMetaObject::invokeMethod(mine.anchor, [&mine] { mine.listen(); });
}

HttpLink::~HttpLink()
{
    Network& network = *m_network;
    QMetaObject::invokeMethod(
        network.anchor,
        [&network] {
            if (network.socket)
                network.socket->disconnect();
            network.socket.reset();
            for (QNetworkReply* reply : network.anchor->findChildren<QNetworkReply*>())
                reply->disconnect();
            delete network.anchor;
        },
        Qt::BlockingQueuedConnection);
}

void HttpLink::fetchBundle(const StationId& station, std::int64_t knownVersion)
{
    Network::Job job;
    job.method = "GET";
    job.path = "/agent/bundles/" + station.value.toLatin1();
    if (knownVersion > 0)
        job.headers.emplace_back("If-None-Match", '"' + QByteArray::number(qlonglong{knownVersion}) + '"');
    job.most = maxBundleBytes;
    job.reply = [station](Result<HttpAnswer> answer) -> LinkReply {
        if (!answer)
            return BundleReply{station, passOn(answer)};
        if (answer->status == 304)
            return BundleReply{station, QByteArray()};
        if (answer->status != 200 || answer->body.isEmpty())
            return BundleReply{station, strangeAnswer(QStringLiteral("bundle"))};
        return BundleReply{station, answer->body};
    };
    m_network->post(std::move(job));
}

void HttpLink::fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length)
{
    Network::Job job;
    job.method = "GET";
    job.path = "/media/" + toString(sha256).toLatin1();
    job.headers.emplace_back("Range", "bytes=" + QByteArray::number(qlonglong{offset}) + '-' +
                                          QByteArray::number(qlonglong{offset + length - 1}));
    if (offset > 0)
        job.headers.emplace_back("If-Range", '"' + toString(sha256).toLatin1() + '"');
    job.takePart = true;        // what a bad line let through need not come again
    job.most = offset + length; // a server that sends the whole file instead may
    job.reply = [=](Result<HttpAnswer> answer) -> LinkReply {
        if (!answer)
            return MediaReply{sha256, passOn(answer)};
        const auto start = answer->status == 206 ? rangeStart(answer->contentRange) : std::optional<std::int64_t>(0);
        if ((answer->status != 206 && answer->status != 200) || !start || (*start != offset && *start != 0))
            return MediaReply{sha256, strangeAnswer(QStringLiteral("media"))};
        return MediaReply{sha256, MediaPart{*start, answer->body}};
    };
    m_network->post(std::move(job));
}

void HttpLink::sendEntries(const std::vector<SignedLogEntry>& entries)
{
    QJsonArray array;
    for (const SignedLogEntry& entry : entries)
        array.append(toJson(entry));
    auto job = Network::Job::post("/agent/airings", QJsonObject{{u"entries"_s, array}});
    job.reply = [](Result<HttpAnswer> answer) -> LinkReply {
        if (!answer)
            return EntriesReply{passOn(answer)};
        return EntriesReply{readReceipt(answer->body)};
    };
    m_network->post(std::move(job));
}

void HttpLink::fetchSheet(const StationId& station)
{
    struct Question {
        QByteArray nonce;
        std::chrono::nanoseconds at{0};
    };
    auto question = std::make_shared<Question>();
    Network::Job job;
    job.method = "GET";
    job.path = "/agent/commands/" + station.value.toLatin1();
    job.leaving = [question, &clock = m_network->clock](const QByteArray& nonce) {
        *question = {nonce, clock.monotonic()};
    };
    job.reply = [station, question](Result<HttpAnswer> answer) -> LinkReply {
        if (!answer)
            return SheetReply{station, question->nonce, question->at, passOn(answer)};
        return SheetReply{station, question->nonce, question->at, answer->body};
    };
    m_network->post(std::move(job));
}

void HttpLink::sendAnswers(const std::vector<Acknowledgement>& answers)
{
    QJsonArray array;
    for (const Acknowledgement& answer : answers)
        array.append(toJson(answer));
    auto job = Network::Job::post("/agent/commands", QJsonObject{{u"acknowledgements"_s, array}});
    job.reply = [answers](const Result<HttpAnswer>& answer) -> LinkReply {
        if (!answer)
            return AnswersReply{answers, passOn(answer)};
        return AnswersReply{answers, Result<void>()};
    };
    m_network->post(std::move(job));
}

void HttpLink::sendStatus(const QJsonObject& status)
{
    auto job = Network::Job::post("/agent/status", status);
    job.reply = [](const Result<HttpAnswer>& answer) -> LinkReply {
        if (!answer)
            return StatusReply{passOn(answer)};
        return StatusReply{Result<void>()};
    };
    m_network->post(std::move(job));
}

void HttpLink::onSpeech(std::function<void(const QByteArray&)> sink)
{
    const std::lock_guard lock(m_network->speechMutex);
    m_network->speech = std::move(sink);
}

std::vector<LinkReply> HttpLink::takeReplies()
{
    const std::lock_guard lock(m_network->mutex);
    return std::exchange(m_network->replies, {});
}

} // namespace loa::playout
