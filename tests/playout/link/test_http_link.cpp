#include "playout/link/backoff.h"
#include "playout/link/http_link.h"
#include "tests/playout/link/fake_scheduler.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>
#include <QTimer>

#include <atomic>
#include <catch2/catch.hpp>
#include <set>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const AgentId agent{u"agent-1"_s};
const StationId station{u"station-1"_s};

struct Line {
    explicit Line(FakeScheduler::Handler handler, bool listen = false) : server(std::move(handler))
    {
        settings.scheduler = server.url();
        settings.silence = 5s;
        settings.firstReconnect = 5ms;
        settings.listen = listen;
    }
    void open()
    {
        link = std::make_unique<HttpLink>(network, settings, agent, key, clock, [this] { ++woken; });
    }
    // The next reply, waited for.
    LinkReply next()
    {
        REQUIRE(waitUntil([this] {
            for (LinkReply& reply : link->takeReplies())
                replies.push_back(std::move(reply));
            return !replies.empty();
        }));
        LinkReply first = std::move(replies.front());
        replies.erase(replies.begin());
        return first;
    }

    SigningKey key = SigningKey::fromSeed({5});
    ManualClock clock{UtcTime(1'796'000'000s)};
    FakeScheduler server;
    HttpSettings settings;
    LinkThread network;
    std::atomic<int> woken = 0;
    std::vector<LinkReply> replies;
    std::unique_ptr<HttpLink> link;
};

template <typename T>
T as(LinkReply reply)
{
    REQUIRE(std::holds_alternative<T>(reply));
    return std::get<T>(std::move(reply));
}

QByteArray httpDate(UtcTime time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    return "Date: " +
           QLocale::c()
               .toString(QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC), u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s)
               .toLatin1() +
           "\r\n";
}

} // namespace

TEST_CASE("A bundle is asked for with the version held, signed", "[link]")
{
    Line line([&](const FakeRequest& request, QTcpSocket& socket) {
        socket.write(request.header("if-none-match") == "\"4\"" ? FakeScheduler::answer(304, {})
                                                                : FakeScheduler::answer(200, "sealed"));
    });
    line.open();
    line.link->fetchBundle(station, 0);
    CHECK(as<BundleReply>(line.next()).sealed.value() == "sealed");
    line.link->fetchBundle(station, 4);
    CHECK(as<BundleReply>(line.next()).sealed.value().isEmpty());
    REQUIRE(line.server.requests().size() == 2);
    for (const FakeRequest& request : line.server.requests()) {
        CHECK(request.path == "/api/v1/agent/bundles/station-1");
        CHECK(request.isSigned(agent, line.key.verifyKey()));
    }
    CHECK(waitUntil([&] { return line.woken == 2; })); // the call comes just after the reply
}

TEST_CASE("Media resume where the line broke", "[link]")
{
    QByteArray file;
    for (int i = 0; i < 5000; ++i)
        file += static_cast<char>(i * 7);
    int cuts = 0;
    Line line([&](const FakeRequest& request, QTcpSocket& socket) {
        const QByteArray range = request.header("range").mid(6);
        const qsizetype from = range.left(range.indexOf('-')).toLongLong();
        const qsizetype to = std::min<qsizetype>(range.mid(range.indexOf('-') + 1).toLongLong(), file.size() - 1);
        const QByteArray part = file.mid(from, to - from + 1);
        QByteArray answer = FakeScheduler::answer(
            206, part, "Content-Range: bytes " + QByteArray::number(from) + '-' + QByteArray::number(to) + "/5000\r\n");
        if (++cuts % 2) {
            socket.write(answer.left(answer.size() - part.size() / 2));
            socket.disconnectFromHost();
        } else {
            socket.write(answer);
        }
    });
    line.open();
    QByteArray got;
    while (got.size() < file.size()) {
        line.link->fetchMedia(sha256(file), got.size(), 2000);
        const MediaReply reply = as<MediaReply>(line.next());
        REQUIRE(reply.part);
        REQUIRE(reply.part->offset == got.size());
        REQUIRE_FALSE(reply.part->bytes.isEmpty());
        got += reply.part->bytes;
    }
    CHECK(got == file);
    const auto& requests = line.server.requests();
    CHECK(requests.front().header("if-range").isEmpty());
    CHECK(requests.back().header("if-range") == '"' + toString(sha256(file)).toLatin1() + '"');
}

TEST_CASE("Answers that make no sense, are too large, too slow or lead elsewhere are errors", "[link]")
{
    QByteArray answer;
    Line line([&](const FakeRequest&, QTcpSocket& socket) { socket.write(answer); });
    line.settings.silence = 300ms;
    line.settings.longest = 2s;
    line.open();
    auto categoryOfMedia = [&] {
        line.link->fetchMedia(Sha256{}, 100, 1000);
        const auto reply = as<MediaReply>(line.next());
        REQUIRE_FALSE(reply.part);
        return reply.part.error().category;
    };
    SECTION("a part from elsewhere")
    {
        answer = FakeScheduler::answer(206, "abc", "Content-Range: bytes 7-9/5000\r\n");
        CHECK(categoryOfMedia() == ErrorCategory::Unavailable);
    }
    SECTION("more than asked for")
    {
        answer = FakeScheduler::answer(206, QByteArray(5000, 'x'), "Content-Range: bytes 100-5099/9999\r\n");
        CHECK(categoryOfMedia() == ErrorCategory::LimitExceeded);
    }
    SECTION("a server that takes the request and says nothing")
    {
        CHECK(categoryOfMedia() == ErrorCategory::Unavailable);
    }
    SECTION("one that redirects is not followed")
    {
        answer = FakeScheduler::answer(302, {}, "Location: /elsewhere\r\n");
        CHECK(categoryOfMedia() == ErrorCategory::InvalidInput);
        CHECK(line.server.requests().size() == 1);
    }
    SECTION("a problem document keeps its words and category")
    {
        answer = FakeScheduler::answer(
            404, R"({"title":"No such file","title_vi":"Không có tệp","detail":"d","detail_vi":"d"})",
            "Content-Type: application/problem+json\r\n");
        line.link->fetchMedia(Sha256{}, 0, 10);
        const auto reply = as<MediaReply>(line.next());
        CHECK(reply.part.error().category == ErrorCategory::NotFound);
        CHECK(reply.part.error().message.vi == u"Không có tệp: d"_s);
    }
    SECTION("a bundle without end")
    {
        answer = "HTTP/1.1 200 X\r\nContent-Length: 99999999\r\n\r\n" + QByteArray(17 << 20, 'x');
        line.link->fetchBundle(station, 0);
        CHECK(as<BundleReply>(line.next()).sealed.error().category == ErrorCategory::LimitExceeded);
    }
    SECTION("acknowledgements that are no number")
    {
        answer = FakeScheduler::answer(200, R"({"acknowledged_through":"7"})");
        line.link->sendEntries({});
        CHECK_FALSE(as<EntriesReply>(line.next()).receipt);
        answer = FakeScheduler::answer(200, R"({"acknowledged_through":1.5})");
        line.link->sendEntries({});
        CHECK_FALSE(as<EntriesReply>(line.next()).receipt);
    }
}

TEST_CASE("Nobody there: every request still gets its one reply, and sending never waits", "[link][promise-7]")
{
    Line line([](const FakeRequest&, QTcpSocket&) {});
    line.settings.scheduler = QUrl(u"http://127.0.0.1:1"_s);
    line.open();
    line.link->fetchBundle(station, 1);
    line.link->fetchMedia(Sha256{}, 0, 10);
    line.link->sendEntries({});
    line.link->sendStatus({});
    std::set<std::size_t> kinds;
    for (int i = 0; i < 4; ++i)
        kinds.insert(line.next().index());
    CHECK(kinds == std::set<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("Entries and status arrive as JSON, and what was acknowledged comes back", "[link]")
{
    Line line([&](const FakeRequest& request, QTcpSocket& socket) {
        socket.write(
            request.path.endsWith("status")
                ? FakeScheduler::answer(204, {})
                : FakeScheduler::answer(
                      200,
                      R"({"acknowledged_through":1,"accepted":1,"rejected":[{"sequence":2,"category":"conflict","message":"m","message_vi":"v"}]})"));
    });
    line.open();
    LogEntry entry;
    entry.agent = agent;
    entry.sequence = 1;
    entry.kind = EntryKind::Event;
    entry.reason = u"agent-started"_s;
    const auto sealed = signEntry(entry, line.key);
    REQUIRE(sealed);
    line.link->sendEntries({*sealed});
    const auto receipt = as<EntriesReply>(line.next()).receipt;
    REQUIRE(receipt);
    CHECK(receipt->acknowledgedThrough == 1);
    CHECK(receipt->rejected.at(0).sequence == 2);
    line.link->sendStatus({{u"software"_s, u"x"_s}});
    CHECK(as<StatusReply>(line.next()).accepted);
    const FakeRequest& request = line.server.requests().front();
    CHECK(request.isSigned(agent, line.key.verifyKey()));
    const auto sent = QJsonDocument::fromJson(request.body).object().value(u"entries"_s).toArray();
    CHECK(signedLogEntryFromJson(sent.at(0).toObject()).value() == *sealed);
}

TEST_CASE("An agent whose clock is wrong signs with the scheduler's time", "[link][promise-9]")
{
    const UtcTime truth(1'796'000'000s);
    Line line([&](const FakeRequest& request, QTcpSocket& socket) {
        UtcTime created;
        const bool good = request.isSigned(agent, SigningKey::fromSeed({5}).verifyKey(), &created) &&
                          std::chrono::abs(created - truth) < 60s;
        socket.write(FakeScheduler::answer(good ? 200 : 401, "sealed", httpDate(truth)));
    });
    line.clock.step(UtcTime(5s)); // 1970
    line.open();
    line.link->fetchBundle(station, 0);
    CHECK(as<BundleReply>(line.next()).sealed.value_or(QByteArray()) == "sealed");
    CHECK(line.server.requests().size() == 2);
    line.link->fetchBundle(station, 0);
    CHECK(as<BundleReply>(line.next()).sealed);
    CHECK(line.server.requests().size() == 3);
}

TEST_CASE("The scheduler's announcements are heard, also after the connection was lost", "[link][threads]")
{
    int opened = 0;
    bool allSigned = true;
    Line line(
        [&](const FakeRequest& request, QTcpSocket& socket) {
            allSigned = allSigned && request.path == "/api/v1/agent/events" &&
                        request.isSigned(agent, SigningKey::fromSeed({5}).verifyKey());
            const QByteArray accept =
                QCryptographicHash::hash(request.header("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                         QCryptographicHash::Sha1)
                    .toBase64();
            if (++opened == 2) { // once refused
                socket.write(FakeScheduler::answer(503, {}));
                socket.disconnectFromHost();
                return;
            }
            const QByteArray message =
                R"({"type":"bundle","station":"station-1","version":)" + QByteArray::number(opened) + '}';
            socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                         "Upgrade\r\nSec-WebSocket-Accept: " +
                         accept + "\r\n\r\n" + char(0x81) + char(message.size()) + message);
            if (opened == 1) // and dies; once the message is out
                QTimer::singleShot(50, &socket, [&socket] { socket.abort(); });
        },
        true);
    line.open();
    static_cast<void>(as<EventsOpened>(line.next()));
    const auto first = as<BundleAnnounced>(line.next());
    CHECK(first.station == station);
    CHECK(first.version == 1);
    CHECK(as<EventsClosed>(line.next()).why.category == ErrorCategory::Unavailable);
    CHECK_FALSE(as<EventsClosed>(line.next()).why.message.vi.isEmpty()); // refused
    static_cast<void>(as<EventsOpened>(line.next()));                    // what came meanwhile may be asked for
    CHECK(as<BundleAnnounced>(line.next()).version == 3);
    CHECK(allSigned);
}

TEST_CASE("Where other requests are answered again, announcements are not waited for any longer", "[link][threads]")
{
    bool isDown = true;
    int asked = 0;
    Line line(
        [&](const FakeRequest& request, QTcpSocket& socket) {
            const bool isEvents = request.path == "/api/v1/agent/events";
            asked += isEvents ? 1 : 0;
            if (isDown) {
                socket.write(FakeScheduler::answer(503, {}));
            } else if (isEvents) {
                const QByteArray accept = QCryptographicHash::hash(request.header("sec-websocket-key") +
                                                                       "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                                                   QCryptographicHash::Sha1)
                                              .toBase64();
                socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                             "Upgrade\r\nSec-WebSocket-Accept: " +
                             accept + "\r\n\r\n");
                return;
            } else {
                socket.write(FakeScheduler::answer(304, {}));
            }
            socket.disconnectFromHost();
        },
        true);
    line.settings.firstReconnect = 1h; // by itself it would not come back
    line.open();
    static_cast<void>(as<EventsClosed>(line.next()));
    line.link->fetchBundle(station, 0);
    CHECK_FALSE(as<BundleReply>(line.next()).sealed);
    isDown = false;
    line.link->fetchBundle(station, 0);
    CHECK(as<BundleReply>(line.next()).sealed);
    static_cast<void>(as<EventsOpened>(line.next()));
    line.link->fetchBundle(station, 0);
    CHECK(as<BundleReply>(line.next()).sealed);
    CHECK(asked == 2);
}

TEST_CASE("A link may be closed with everything under way", "[link][threads]")
{
    for (int i = 0; i < 10; ++i) {
        Line line([](const FakeRequest&,
                     QTcpSocket& socket) { socket.write("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nabc"); },
                  true);
        line.open();
        for (int job = 0; job < 8; ++job)
            line.link->fetchMedia(Sha256{}, 0, 1000);
        if (i % 2)
            REQUIRE(waitUntil([&] { return !line.server.requests().empty(); }));
        line.link.reset();
        CHECK(line.woken >= 0);
    }
}

TEST_CASE("Enrolment pins what the scheduler says, and nothing half said", "[link]")
{
    QByteArray body;
    int status = 201;
    FakeScheduler server(
        [&](const FakeRequest&, QTcpSocket& socket) { socket.write(FakeScheduler::answer(status, body)); });
    HttpSettings settings;
    settings.scheduler = server.url();
    const SigningKey key = SigningKey::fromSeed({5});
    const VerifyKey schedulerKey = SigningKey::fromSeed({6}).verifyKey();
    body = R"({"agent_id":"agent-1","scheduler_key":")" + schedulerKey.toBase64() +
           R"(","stations":["station-1","station-2"]})";
    const auto enrolment = enrol(settings, u"CODE"_s, key.verifyKey(), u"xã"_s);
    REQUIRE(enrolment);
    CHECK(enrolment->agent == agent);
    CHECK(enrolment->schedulerKey == schedulerKey);
    CHECK(enrolment->stations.size() == 2);
    const auto sent = QJsonDocument::fromJson(server.requests().back().body).object();
    CHECK(sent.value(u"public_key"_s).toString().toLatin1() == key.verifyKey().toBase64());
    for (const QByteArray& broken :
         {QByteArray("{}"), QByteArray(R"({"agent_id":"A B","scheduler_key":"x","stations":["s"]})"),
          QByteArray(body).replace(schedulerKey.toBase64(), "AAAA")}) {
        body = broken;
        CHECK_FALSE(enrol(settings, u"CODE"_s, key.verifyKey(), u"xã"_s));
    }
    status = 403;
    CHECK(enrol(settings, u"CODE"_s, key.verifyKey(), u"xã"_s).error().category == ErrorCategory::Forbidden);
}

TEST_CASE("Back-off doubles, is jittered and starts again after success", "[link]")
{
    Backoff backoff(1000ms, 60'000ms, 42);
    std::chrono::nanoseconds whole = 1000ms;
    for (int i = 0; i < 40; ++i) {
        const auto pause = backoff.next();
        CHECK(pause >= whole / 2);
        CHECK(pause <= whole);
        whole = std::min<std::chrono::nanoseconds>(whole * 2, 60'000ms);
    }
    backoff.succeeded();
    CHECK(backoff.next() <= 1000ms);
}
