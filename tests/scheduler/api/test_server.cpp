#include "scheduler/api/server.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/speech.h"
#include "tests/scheduler/api/http_client.h"
#include "tests/scheduler/api/office.h"

#include <QFile>
#include <QNetworkRequest>
#include <QWebSocket>

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

// The whole server: its own storage thread, a database on disk, one editor and one agent.
struct Serving {
    explicit Serving(const api::Limits& limits = {}, const QString& folderPath = {})
        : path(folderPath.isEmpty() ? own.path() : folderPath)
    {
        storage = must(store::StorageThread::start(path + QStringLiteral("/loa.sqlite")));
        storage
            ->run([this](store::Database& database) {
                planning = std::make_unique<fleet::Planning>(database, key, clock);
                store::Store store(database);
                if (!must(store.units.all()).empty())
                    return;
                must(store.units.add(
                    {UnitId{text("district")}, {}, text("D"), text("Huyện"), text("district"), QDate(2020, 1, 1), {}}));
                model::Station station;
                station.id = StationId{text("station-a")};
                station.unit = UnitId{text("district")};
                station.code = text("A");
                station.name = text("Đài A");
                must(store.stations.add(station, clock.now()));
                model::User user;
                user.id = UserId{text("editor")};
                user.username = text("editor");
                user.fullName = text("Bà Biên Tập");
                user.roles = {{model::Role::Editor, UnitId{text("district")}}};
                user.createdAt = clock.now();
                const QString password =
                    must(store::hashPassword(text(Office::password), store::PasswordCost::Testing));
                must(store.users.add(user, password));
                user.id = UserId{text("approver")};
                user.username = text("approver");
                user.fullName = text("Ông Duyệt");
                user.roles = {{model::Role::Approver, UnitId{text("district")}}};
                must(store.users.add(user, password));
                user.id = UserId{text("admin")};
                user.username = text("admin");
                user.fullName = text("Bà Quản Trị");
                user.roles = {{model::Role::Administrator, UnitId{text("district")}}};
                must(store.users.add(user, password));
                model::Agent enrolled;
                enrolled.id = agent.id;
                enrolled.name = text("Máy A");
                enrolled.key = agent.key.verifyKey();
                enrolled.stations = {station.id};
                enrolled.enrolledAt = clock.now();
                must(store.agents.add(enrolled));
            })
            .waitForFinished();
        const api::Services services{clock,
                                     must(library::MediaLibrary::open(path)),
                                     must(library::UploadStore::open(path)),
                                     *planning,
                                     commanding,
                                     key.verifyKey(),
                                     {},
                                     {},
                                     {}};
        api::ServerSettings settings;
        settings.limits = limits;
        if (QFile::exists(path + QStringLiteral("/ui/index.html")))
            settings.uiFolder = path + QStringLiteral("/ui");
        server = std::make_unique<api::Server>(settings, *storage, services);
        must(server->listen());
    }
    ~Serving()
    {
        server.reset();
        storage->run([this](store::Database&) { planning.reset(); }).waitForFinished();
    }

    void signIn(const QByteArray& name = "editor")
    {
        HttpClient client(server->port());
        const QByteArray body = R"({"username":")" + name + R"(","password":")" + QByteArray(Office::password) + "\"}";
        const auto answer = client.ask(
            "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
            QByteArray::number(body.size()) + "\r\n\r\n" + body);
        REQUIRE(answer);
        REQUIRE(answer->status == 200);
        credentials =
            "Host: x\r\nTus-Resumable: 1.0.0\r\nCookie: " + answer->header("set-cookie").split(';').front() +
            "\r\nX-CSRF-Token: " +
            QJsonDocument::fromJson(answer->body).object().value(QLatin1String("csrf_token")).toString().toLatin1() +
            "\r\n";
    }

    QNetworkRequest events(const Caller& as)
    {
        QNetworkRequest request(QUrl(QStringLiteral("ws://127.0.0.1:%1/api/v1/agent/events").arg(server->port())));
        for (const auto& [name, value] :
             signRequest({"GET", "/api/v1/agent/events", {}}, {}, as.id, as.key, clock.now(), newNonce()))
            request.setRawHeader(name, value);
        return request;
    }

    ManualClock clock{UtcTime(std::chrono::seconds(1'796'007'600))};
    QTemporaryDir own;
    QString path;
    SigningKey key = SigningKey::fromSeed({1});
    Caller agent{AgentId{text("agent-a")}, SigningKey::fromSeed({2})};
    std::unique_ptr<store::StorageThread> storage;
    std::unique_ptr<fleet::Planning> planning;
    fleet::Commanding commanding{key, clock};
    std::unique_ptr<api::Server> server;
    QByteArray credentials;
};

QByteArray patch(const Serving& serving, const QByteArray& location, qint64 offset, const QByteArray& bytes)
{
    return "PATCH " + location + " HTTP/1.1\r\n" + serving.credentials +
           "Content-Type: application/offset+octet-stream\r\nUpload-Offset: " + QByteArray::number(offset) +
           "\r\nContent-Length: " + QByteArray::number(bytes.size()) + "\r\n\r\n" + bytes;
}

} // namespace

TEST_CASE("Every answer of the server carries the headers that browsers need")
{
    Serving serving;
    HttpClient client(serving.server->port());
    for (const char* path : {"/api/v1/health", "/api/v1/nothing", "/api/v1/session", "/"}) {
        const auto answer = client.ask("GET " + QByteArray(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        REQUIRE(answer);
        CHECK(answer->header("x-content-type-options") == "nosniff");
        CHECK(answer->header("content-security-policy").contains("default-src 'self'"));
        CHECK(answer->header("content-security-policy").contains("frame-ancestors 'none'"));
        CHECK_FALSE(answer->header("content-security-policy").contains("script-src 'self' 'unsafe"));
        CHECK_FALSE(answer->header("referrer-policy").isEmpty());
    }
}

TEST_CASE("Pages come from the web app's folder, and the API beside them")
{
    QTemporaryDir folder;
    QDir(folder.path()).mkpath(QStringLiteral("ui"));
    QFile index(folder.filePath(QStringLiteral("ui/index.html")));
    REQUIRE(index.open(QIODevice::WriteOnly));
    index.write("<!doctype html>");
    index.close();
    Serving serving({}, folder.path());
    HttpClient client(serving.server->port());
    CHECK(client.ask("GET /schedule HTTP/1.1\r\nHost: x\r\n\r\n")->body == "<!doctype html>");
    CHECK(client.ask("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n")->body.contains("\"ok\""));
    CHECK(client.ask("GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n")->status == 404);
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")->status == 405);
    CHECK(client.ask("GET /../loa.sqlite HTTP/1.1\r\nHost: x\r\n\r\n")->status == 400);
}

TEST_CASE("Bodies are limited by what the route needs")
{
    Serving serving;
    HttpClient client(serving.server->port());
    CHECK(client.ask("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")->status == 413);
    HttpClient other(serving.server->port());
    CHECK(other.ask("POST /api/v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")->status == 413);
}

TEST_CASE("An upload goes on after the connection, and after the scheduler, is gone")
{
    QTemporaryDir folder;
    QByteArray sound(300'000, Qt::Uninitialized);
    for (qsizetype i = 0; i < sound.size(); ++i)
        sound[i] = static_cast<char>((i * 40503) >> 5);
    QByteArray location;
    QByteArray credentials;
    {
        Serving serving({}, folder.path());
        serving.signIn();
        credentials = serving.credentials;
        HttpClient client(serving.server->port());
        location = client
                       .ask("POST /api/v1/uploads HTTP/1.1\r\n" + serving.credentials +
                            "Upload-Length: 300000\r\nContent-Length: 0\r\n\r\n")
                       ->header("location");
        CHECK(client.ask(patch(serving, location, 0, sound.first(100'000)))->header("upload-offset") == "100000");
        HttpClient broken(serving.server->port());
        broken.send(
            patch(serving, location, 100'000, sound.mid(100'000, 100'000)).chopped(50'000)); // leaves in the middle
    }
    Serving serving({}, folder.path());
    serving.credentials = credentials;
    HttpClient client(serving.server->port());
    const auto head = client.ask("HEAD " + location + " HTTP/1.1\r\n" + credentials + "\r\n", true);
    REQUIRE(head);
    CHECK(head->header("upload-offset") == "100000");
    CHECK(client.ask(patch(serving, location, 100'000, sound.mid(100'000)))->header("upload-offset") == "300000");
    QFile stored(must(library::UploadStore::open(folder.path()))
                     .path(UploadId{QString::fromLatin1(location).section(u'/', -1)}));
    REQUIRE(stored.open(QIODevice::ReadOnly));
    CHECK((stored.readAll() == sound));
}

TEST_CASE("A signed WebSocket hears of new bundles and commands of its stations")
{
    Serving serving;
    QWebSocket socket;
    QStringList heard;
    QObject::connect(&socket, &QWebSocket::textMessageReceived, [&](const QString& message) { heard.append(message); });
    socket.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
    serving.server->announceBundle(StationId{text("station-b")}, 4);
    serving.server->announceBundle(StationId{text("station-a")}, 5);
    serving.server->pushCommand(StationId{text("station-b")}, "loa-command/1 b");
    serving.server->pushCommand(StationId{text("station-a")}, "loa-command/1 a");
    REQUIRE(pump([&] { return heard.size() == 2; }));
    CHECK(heard == QStringList{text(R"({"station":"station-a","type":"bundle","version":5})"),
                               text(R"({"sealed":"loa-command/1 a","station":"station-a","type":"command"})")});
    CHECK(serving.server->connectionCount() == 1);
    socket.close();
    CHECK(pump([&] { return serving.server->connectionCount() == 0; }));
}

TEST_CASE("Promise 10: who ordered live speech speaks, signed, to the agents of the order", "[promise-10]")
{
    Serving serving;
    serving.signIn("approver");
    HttpClient client(serving.server->port());
    const QByteArray order = R"({"kind":"speech","station_id":"station-a","priority":"EMERGENCY","minutes":1})";
    const auto given = client.ask(
        "POST /api/v1/orders HTTP/1.1\r\n" + serving.credentials +
        "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(order.size()) + "\r\n\r\n" + order);
    REQUIRE(given);
    REQUIRE(given->status == 201);
    const QString id = QJsonDocument::fromJson(given->body).object().value(QLatin1String("id")).toString();

    QWebSocket agent;
    std::vector<SpeechFrame> heard;
    QObject::connect(&agent, &QWebSocket::binaryMessageReceived, [&](const QByteArray& bytes) {
        heard.push_back(must(openSpeech(bytes, serving.key.verifyKey())));
    });
    agent.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return agent.state() == QAbstractSocket::ConnectedState; }));
    const auto speakTo = [&](QWebSocket& socket, const QString& of, bool signedIn) {
        QNetworkRequest request(
            QUrl(QStringLiteral("ws://127.0.0.1:%1/api/v1/orders/%2/speech").arg(serving.server->port()).arg(of)));
        const QByteArray fields = serving.credentials;
        const qsizetype cookie = fields.indexOf("Cookie: ") + 8;
        if (signedIn)
            request.setRawHeader("Cookie", fields.mid(cookie, fields.indexOf('\r', cookie) - cookie));
        socket.open(request);
        return pump([&] { return socket.state() != QAbstractSocket::ConnectingState; }) &&
               socket.state() == QAbstractSocket::ConnectedState;
    };
    QWebSocket stranger;
    CHECK_FALSE(speakTo(stranger, id, false));
    const QByteArray own = serving.credentials;
    serving.signIn("editor");
    QWebSocket colleague;
    CHECK_FALSE(speakTo(colleague, id, true));
    serving.credentials = own;
    QWebSocket lost;
    CHECK_FALSE(speakTo(lost, text("no-such-order"), true));
    QWebSocket speaker;
    REQUIRE(speakTo(speaker, id, true));
    speaker.sendBinaryMessage("first");
    speaker.sendBinaryMessage(QByteArray(2000, 'x')); // no Opus packet is so long
    speaker.sendBinaryMessage("second");
    REQUIRE(pump([&] { return heard.size() == 2; }));
    CHECK(heard[0] == SpeechFrame{OrderId{id}, 0, "first"});
    CHECK(heard[1] == SpeechFrame{OrderId{id}, 1, "second"});
    QWebSocket second; // two voices in one stream
    if (speakTo(second, id, true))
        CHECK(pump([&] { return second.state() == QAbstractSocket::UnconnectedState; }));
    speaker.sendTextMessage(text("end"));
    speaker.sendBinaryMessage("after the end");
    REQUIRE(pump([&] { return heard.size() == 5; }));
    CHECK(heard.back() == SpeechFrame{OrderId{id}, 2, {}});

    // Who comes later than a minute after the order does not speak.
    speaker.close();
    serving.clock.advance(2min);
    QWebSocket late;
    CHECK_FALSE(speakTo(late, id, true));
}

TEST_CASE("Promise 10: who may not speak any more is cut off in mid-speech", "[promise-10]")
{
    Serving serving;
    serving.signIn("approver");
    HttpClient client(serving.server->port());
    const auto ask = [&](const QByteArray& line, const QByteArray& body) {
        const auto answer = client.ask(
            line + " HTTP/1.1\r\n" + serving.credentials +
            "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        REQUIRE(answer);
        return *answer;
    };
    const auto given =
        ask("POST /api/v1/orders", R"({"kind":"speech","station_id":"station-a","priority":"EMERGENCY","minutes":1})");
    REQUIRE(given.status == 201);
    const QString id = QJsonDocument::fromJson(given.body).object().value(QLatin1String("id")).toString();
    QWebSocket agent;
    std::vector<SpeechFrame> heard;
    QObject::connect(&agent, &QWebSocket::binaryMessageReceived, [&](const QByteArray& bytes) {
        heard.push_back(must(openSpeech(bytes, serving.key.verifyKey())));
    });
    agent.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return agent.state() == QAbstractSocket::ConnectedState; }));
    QWebSocket speaker;
    QNetworkRequest request(
        QUrl(QStringLiteral("ws://127.0.0.1:%1/api/v1/orders/%2/speech").arg(serving.server->port()).arg(id)));
    const qsizetype cookie = serving.credentials.indexOf("Cookie: ") + 8;
    request.setRawHeader("Cookie", serving.credentials.mid(cookie, serving.credentials.indexOf('\r', cookie) - cookie));
    speaker.open(request);
    REQUIRE(pump([&] { return speaker.state() == QAbstractSocket::ConnectedState; }));
    speaker.sendBinaryMessage("first");
    REQUIRE(pump([&] { return heard.size() == 1; }));

    serving.signIn("admin");
    const QByteArray account = "PATCH /api/v1/users/approver";
    CHECK(ask(account, R"({"full_name":"Người khác tên"})").status == 200); // takes nobody's word
    speaker.sendBinaryMessage("second");
    REQUIRE(pump([&] { return heard.size() == 2; }));
    CHECK(ask(account, R"({"active":false})").status == 200);
    REQUIRE(pump([&] { return speaker.state() == QAbstractSocket::UnconnectedState; }));
    REQUIRE(pump([&] { return heard.size() == 5; }));
    CHECK(heard.back() == SpeechFrame{OrderId{id}, 2, {}}); // the agents hear that it is over
}

TEST_CASE("A WebSocket without a signature that holds is not opened")
{
    Serving serving;
    const Caller imposter{serving.agent.id, SigningKey::generate()};
    QWebSocket socket;
    bool ended = false;
    QObject::connect(&socket, &QWebSocket::disconnected, [&] { ended = true; });
    QObject::connect(&socket, &QWebSocket::stateChanged,
                     [&](QAbstractSocket::SocketState state) { ended = state == QAbstractSocket::UnconnectedState; });
    socket.open(serving.events(imposter));
    CHECK(pump([&] { return ended; }));
    HttpClient raw(serving.server->port());
    const auto answer =
        raw.ask("GET /api/v1/agent/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    REQUIRE(answer);
    CHECK(answer->status == 401);
    CHECK(raw.waitForClose());
    CHECK(pump([&] { return serving.server->connectionCount() == 0; }));
}

TEST_CASE("An upgrade elsewhere is an ordinary request")
{
    Serving serving;
    HttpClient client(serving.server->port());
    CHECK(client.ask("GET /api/v1/health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
              ->status == 200);
}

TEST_CASE("A signed upgrade whose handshake is no WebSocket's is let go")
{
    Serving serving;
    HttpClient client(serving.server->port());
    QByteArray request =
        "GET /api/v1/agent/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    for (const auto& [name, value] : signRequest({"GET", "/api/v1/agent/events", {}}, {}, serving.agent.id,
                                                 serving.agent.key, serving.clock.now(), newNonce()))
        request += name + ": " + value + "\r\n";
    client.send(request + "\r\n");
    CHECK(client.waitForClose());
    CHECK(pump([&] { return serving.server->connectionCount() == 0; }));
}

TEST_CASE("A WebSocket that answers no ping is closed, one that does stays beyond the idle time")
{
    api::Limits limits;
    limits.idle = 1s;
    limits.pingEvery = 500ms;
    Serving serving(limits);
    QWebSocket lively;
    lively.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return lively.state() == QAbstractSocket::ConnectedState; }));
    HttpClient deaf(serving.server->port());
    QByteArray request = "GET /api/v1/agent/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (const auto& [name, value] : signRequest({"GET", "/api/v1/agent/events", {}}, {}, serving.agent.id,
                                                 serving.agent.key, serving.clock.now(), newNonce()))
        request += name + ": " + value + "\r\n";
    const auto switched = deaf.ask(request + "\r\n");
    REQUIRE(switched);
    CHECK(switched->status == 101);
    CHECK(deaf.waitForClose());
    CHECK(lively.state() == QAbstractSocket::ConnectedState);
    int heard = 0;
    QObject::connect(&lively, &QWebSocket::textMessageReceived, [&] { ++heard; });
    serving.server->announceBundle(StationId{text("station-a")}, 6);
    CHECK(pump([&] { return heard == 1; }));
}

TEST_CASE("An agent that talks too much on its WebSocket is closed")
{
    Serving serving;
    QWebSocket socket;
    socket.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
    for (int i = 0; i < 200; ++i)
        socket.sendTextMessage(text("hello"));
    CHECK(pump([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
    CHECK(socket.closeCode() == QWebSocketProtocol::CloseCodePolicyViolated);
    CHECK(pump([&] { return serving.server->connectionCount() == 0; }));
    QWebSocket large;
    large.open(serving.events(serving.agent));
    REQUIRE(pump([&] { return large.state() == QAbstractSocket::ConnectedState; }));
    large.sendTextMessage(QString(100'000, u'x'));
    CHECK(pump([&] { return large.state() == QAbstractSocket::UnconnectedState; }));
    CHECK(pump([&] { return serving.server->connectionCount() == 0; }));
}

TEST_CASE("The server closes with requests, uploads and WebSockets open")
{
    auto serving = std::make_unique<Serving>();
    QWebSocket socket;
    socket.open(serving->events(serving->agent));
    REQUIRE(pump([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
    HttpClient waiting(serving->server->port());
    HttpClient uploading(serving->server->port());
    uploading.send("POST /api/v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
                   QByteArray(1000, 'x'));
    waiting.send("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
    serving.reset();
    CHECK(uploading.waitForClose());
    CHECK(pump([&] { return socket.state() == QAbstractSocket::UnconnectedState; }));
}

TEST_CASE("A port that is taken and a web app that is not there are told")
{
    Serving serving;
    api::ServerSettings settings;
    settings.port = serving.server->port();
    const api::Services services{serving.clock,
                                 must(library::MediaLibrary::open(serving.path)),
                                 must(library::UploadStore::open(serving.path)),
                                 *serving.planning,
                                 serving.commanding,
                                 serving.key.verifyKey(),
                                 {},
                                 {},
                                 {}};
    api::Server second(settings, *serving.storage, services);
    CHECK(second.listen().error().category == ErrorCategory::Unavailable);
    CHECK(second.port() == 0);
    settings.port = 0;
    settings.uiFolder = serving.path + QStringLiteral("/no-such");
    api::Server third(settings, *serving.storage, services);
    CHECK(third.listen().error().category == ErrorCategory::InvalidInput);
}
