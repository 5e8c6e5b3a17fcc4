#include "scheduler/api/http/listener.h"
#include "tests/scheduler/api/http_client.h"

#include <QFile>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>

using namespace loa;
using namespace loa::api;
using namespace loa::test;
using namespace std::chrono_literals;

namespace {

// Answers by path: "/echo" the body, "/file" a file, "/later" when told to, "/peer" who asked.
class Echo final : public Listener::Handler {
public:
    void handle(Request request, Reply reply) override
    {
        ++requests;
        if (request.path == "/later") {
            waiting.push_back(std::move(reply));
        } else if (request.path == "/file") {
            Response response;
            response.body = *FileSlice::open(file);
            reply(response);
        } else if (request.path == "/peer") {
            reply(Response::data(200, "text/plain",
                                 request.peer.toString().toUtf8() + (request.secure ? " secure" : "")));
        } else {
            reply(Response::data(200, "text/plain", request.method + ' ' + request.body));
        }
    }
    qsizetype bodyLimit(const Request& request) const override { return request.path == "/small" ? 10 : largest; }
    void upgraded(QTcpSocket* socket, const Subscription&) override { socket->abort(); }

    int requests = 0;
    qsizetype largest = 64 * 1024 * 1024;
    QString file;
    std::vector<Reply> waiting;
};

struct Running {
    explicit Running(Limits given = {})
        : limits(std::move(given)), listener(std::make_unique<Listener>(limits, clock, echo))
    {
        REQUIRE(listener->listen(QHostAddress::LocalHost));
    }
    [[nodiscard]] quint16 port() const { return listener->serverPort(); }

    ManualClock clock{UtcTime(std::chrono::seconds(1'796'000'000))};
    Limits limits;
    Echo echo;
    std::unique_ptr<Listener> listener;
};

Limits shortIdle()
{
    Limits limits;
    limits.idle = 300ms; // long enough for a machine that is busy with other things
    limits.linger = 300ms;
    return limits;
}

QByteArray post(const QByteArray& path, const QByteArray& body)
{
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" +
           body;
}

QByteArray chunk(const QByteArray& bytes)
{
    return QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
}

} // namespace

TEST_CASE("A connection serves one request after another")
{
    Running server;
    HttpClient client(server.port());
    CHECK(client.ask(post("/echo", "one"))->body == "POST one");
    const auto second = client.ask("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(second->body == "GET ");
    CHECK(second->header("date") == "Mon, 30 Nov 2026 00:53:20 GMT");
    CHECK(second->header("content-length") == "4");
    const auto last = client.ask("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    REQUIRE(last);
    CHECK(last->header("connection") == "close");
    CHECK(client.waitForClose());
}

TEST_CASE("Pipelined requests are answered in their order, one at a time")
{
    Running server;
    HttpClient client(server.port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n" + post("/echo", "b") + "\r\n" + post("/echo", "c"));
    REQUIRE(pump([&] { return server.echo.waiting.size() == 1; }));
    CHECK(server.echo.requests == 1);
    CHECK(client.nothingReceived());
    server.echo.waiting.front()(Response::data(200, "text/plain", "a"));
    CHECK(client.receive()->body == "a");
    CHECK(client.receive()->body == "POST b");
    CHECK(client.receive()->body == "POST c");
}

TEST_CASE("HEAD is answered with the length and without the body")
{
    Running server;
    HttpClient client(server.port());
    const auto answer = client.ask("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n", true);
    CHECK(answer->header("content-length") == "5");
    CHECK(client.receive()->body == "GET "); // right behind, so nothing stood between
}

TEST_CASE("A head that is too large is answered 431")
{
    Running server;
    HttpClient client(server.port());
    const auto answer = client.ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + QByteArray(17'000, 'a') + "\r\n\r\n");
    REQUIRE(answer);
    CHECK(answer->status == 431);
    CHECK(answer->header("content-type") == "application/problem+json");
    CHECK(answer->body.contains("\"category\":\"limit-exceeded\""));
    CHECK(client.waitForClose());
    CHECK(server.echo.requests == 0);
}

TEST_CASE("A head without end is answered 431 before it fills memory")
{
    Running server;
    HttpClient client(server.port());
    CHECK(client.ask("GET /" + QByteArray(100'000, 'a'))->status == 431);
}

TEST_CASE("A body that is announced too large is answered 413 at once")
{
    Running server;
    HttpClient client(server.port());
    const auto answer = client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 16777217\r\n\r\n");
    CHECK(answer->status == 413);
    CHECK(client.waitForClose());
    HttpClient other(server.port());
    CHECK(other.ask(post("/small", "0123456789a"))->status == 413);
    CHECK(server.echo.requests == 0);
}

TEST_CASE("A refused sender can read why although it goes on sending")
{
    Running server;
    HttpClient client(server.port());
    client.socket().write("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
    client.socket().write(QByteArray(8 * 1024 * 1024, 'x'));
    CHECK(client.receive()->status == 413);
}

TEST_CASE("A chunked flood is cut off at the limit")
{
    Limits limits;
    limits.bodyBytes = 100'000;
    Running server(limits);
    HttpClient client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; ++i)
        client.socket().write(chunk(QByteArray(10'000, 'x')));
    CHECK(client.receive()->status == 413);
    CHECK(server.echo.requests == 0);
    CHECK(pump([&] { return server.listener->bufferedBytes() == 0; }));
}

TEST_CASE("The largest body that is allowed arrives whole, by length and in chunks")
{
    Running server;
    QByteArray body(server.limits.bodyBytes, Qt::Uninitialized);
    for (qsizetype i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>((i * 2654435761U) >> 13);
    HttpClient client(server.port());
    client.socket().write(post("/echo", body));
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK((answer->body == "POST " + body));
    client.socket().write("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          chunk(body.first(5'000'000)) + chunk(body.mid(5'000'000)) + "0\r\n\r\n");
    const auto chunked = client.receive();
    REQUIRE(chunked);
    CHECK((chunked->body == "POST " + body));
    CHECK(server.listener->bufferedBytes() == 0);
}

TEST_CASE("Bodies of all connections together stay within memory")
{
    Limits limits;
    limits.bufferedBytes = 50'000;
    Running server(limits);
    HttpClient first(server.port());
    first.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 40001\r\n\r\n" + QByteArray(40'000, 'x'));
    REQUIRE(pump([&] { return server.listener->bufferedBytes() == 40'000; }));
    HttpClient second(server.port());
    CHECK(second.ask(post("/echo", QByteArray(20'000, 'y')))->status == 503);
    first.send("x");
    CHECK(first.receive()->status == 200);
    HttpClient third(server.port());
    CHECK(third.ask(post("/echo", QByteArray(20'000, 'y')))->status == 200);
}

TEST_CASE("A negative or doubled Content-Length is answered 400")
{
    Running server;
    for (const char* field : {"Content-Length: -1", "Content-Length: 3\r\nContent-Length: 3",
                              "Content-Length: 3\r\nTransfer-Encoding: chunked"}) {
        HttpClient client(server.port());
        CHECK(client.ask("POST /echo HTTP/1.1\r\nHost: x\r\n" + QByteArray(field) + "\r\n\r\nabc")->status == 400);
        CHECK(client.waitForClose());
    }
    CHECK(server.echo.requests == 0);
}

TEST_CASE("Who expects 100-continue gets it, or the refusal")
{
    Running server;
    HttpClient client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.receive()->status == 100);
    CHECK(client.ask("ok")->body == "POST ok");
    CHECK(client.ask("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n")->status ==
          413);
}

TEST_CASE("Who says nothing is closed, and who drips a head is told and closed")
{
    Running server(shortIdle());
    HttpClient silent(server.port());
    HttpClient slow(server.port());
    QTimer drip;
    QObject::connect(&drip, &QTimer::timeout, [&] {
        if (!slow.isClosed())
            slow.socket().write("a");
    });
    slow.send("GET /");
    drip.start(10ms);
    CHECK(silent.waitForClose(5'000));
    CHECK(silent.nothingReceived());
    const auto answer = slow.receive();
    REQUIRE(answer);
    CHECK(answer->status == 408);
    CHECK(slow.waitForClose(5'000));
    CHECK(pump([&] { return server.listener->connectionCount() == 0; }));
}

TEST_CASE("Who drips a body is told and closed; who sends at a pace is not")
{
    Limits limits = shortIdle();
    limits.progressBytes = 1'000;
    Running server(limits);
    HttpClient slow(server.port());
    HttpClient steady(server.port());
    slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    steady.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    int sent = 0;
    QTimer drip;
    QObject::connect(&drip, &QTimer::timeout, [&] {
        if (!slow.isClosed())
            slow.socket().write("a");
        if (sent < 100'000) {
            steady.socket().write(QByteArray(5'000, 's'));
            sent += 5'000;
        }
    });
    drip.start(10ms);
    CHECK(slow.receive()->status == 408);
    CHECK(steady.receive()->status == 200);
}

TEST_CASE("Who does not read the answer is cut off")
{
    QTemporaryDir folder;
    Running server(shortIdle());
    server.echo.file = folder.filePath(QStringLiteral("large"));
    QFile file(server.echo.file);
    REQUIRE(file.open(QIODevice::WriteOnly));
    REQUIRE(file.resize(64 * 1024 * 1024));
    HttpClient client(server.port());
    client.socket().setReadBufferSize(1024);
    client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(pump([&] { return server.listener->connectionCount() == 0; }));
}

TEST_CASE("An idle connection between two requests is closed quietly")
{
    Running server(shortIdle());
    HttpClient client(server.port());
    CHECK(client.ask(post("/echo", "x"))->status == 200);
    CHECK(client.waitForClose(5'000));
    CHECK(client.nothingReceived());
}

TEST_CASE("A slow answer of our own costs the caller nothing")
{
    Running server(shortIdle());
    HttpClient client(server.port());
    HttpClient witness(server.port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(pump([&] { return server.echo.waiting.size() == 1; }));
    CHECK(witness.waitForClose(5'000)); // by now the idle time has passed
    server.echo.waiting.front()(Response::data(200, "text/plain", "late"));
    CHECK(client.receive()->body == "late");
}

TEST_CASE("Connections are limited by address, and the excess is told so")
{
    Limits limits;
    limits.connectionsPerAddress = 3;
    Running server(limits);
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < 3; ++i)
        clients.push_back(std::make_unique<HttpClient>(server.port()));
    REQUIRE(pump([&] { return server.listener->connectionCount() == 3; }));
    HttpClient excess(server.port());
    CHECK(excess.receive()->status == 429);
    CHECK(excess.waitForClose());
    clients.pop_back();
    REQUIRE(pump([&] { return server.listener->connectionCount() == 2; }));
    HttpClient again(server.port());
    CHECK(again.ask(post("/echo", "x"))->status == 200);
}

TEST_CASE("Connections are limited in all")
{
    Limits limits;
    limits.connections = 2;
    Running server(limits);
    HttpClient one(server.port());
    HttpClient two(server.port());
    REQUIRE(pump([&] { return server.listener->connectionCount() == 2; }));
    HttpClient three(server.port());
    const auto answer = three.receive();
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->header("retry-after") == "5");
    CHECK(one.ask(post("/echo", "x"))->status == 200);
}

TEST_CASE("Files are streamed, not loaded: a large one arrives whole")
{
    QTemporaryDir folder;
    Running server;
    server.echo.file = folder.filePath(QStringLiteral("large"));
    QFile file(server.echo.file);
    REQUIRE(file.open(QIODevice::WriteOnly));
    QByteArray block(1024 * 1024, Qt::Uninitialized);
    for (qsizetype i = 0; i < block.size(); ++i)
        block[i] = static_cast<char>((i * 40503U) >> 7);
    for (int i = 0; i < 20; ++i)
        file.write(block);
    file.close();
    HttpClient client(server.port());
    const auto answer = client.ask("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(answer);
    CHECK((answer->body == block.repeated(20)));
    CHECK(client.ask(post("/echo", "x"))->status == 200);
}

TEST_CASE("A file that shrinks under way breaks the connection rather than the length")
{
    QTemporaryDir folder;
    Running server;
    server.echo.file = folder.filePath(QStringLiteral("large"));
    QFile file(server.echo.file);
    REQUIRE(file.open(QIODevice::WriteOnly));
    REQUIRE(file.resize(64 * 1024 * 1024));
    HttpClient client(server.port());
    client.socket().setReadBufferSize(64 * 1024);
    client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(pump([&] { return client.socket().bytesAvailable() > 0; }));
    REQUIRE(file.resize(1024));
    CHECK_FALSE(client.receive());
}

TEST_CASE("Garbage is refused and harms nobody else")
{
    Running server;
    HttpClient good(server.port());
    for (const QByteArray& garbage : {QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", 21),
                                      QByteArray(1000, '\0') + "\r\n\r\n", QByteArray("GET / HTTP/9.9\r\n\r\n"),
                                      QByteArray("\n\n\n\r\n\r\n"), QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
        HttpClient client(server.port());
        const auto answer = client.ask(garbage);
        REQUIRE(answer);
        CHECK(answer->status >= 400);
        CHECK(client.waitForClose());
    }
    CHECK(good.ask(post("/echo", "x"))->status == 200);
    CHECK(server.echo.requests == 1);
}

TEST_CASE("A caller who leaves in the middle leaves nothing behind")
{
    Running server;
    {
        HttpClient halfHead(server.port());
        halfHead.send("GET / HTTP");
        HttpClient halfBody(server.port());
        halfBody.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + QByteArray(500, 'x'));
        HttpClient waiting(server.port());
        waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        REQUIRE(pump([&] { return server.echo.waiting.size() == 1 && server.listener->bufferedBytes() == 500; }));
    }
    CHECK(pump([&] { return server.listener->connectionCount() == 0; }));
    CHECK(server.listener->bufferedBytes() == 0);
    server.echo.waiting.front()(Response::empty()); // for a connection that is gone
}

TEST_CASE("A half-closed connection is let go")
{
    Running server;
    HttpClient client(server.port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(pump([&] { return server.echo.waiting.size() == 1; }));
    client.socket().disconnectFromHost();
    CHECK(pump([&] { return server.listener->connectionCount() == 0; }));
}

TEST_CASE("X-Forwarded-For is believed from a configured proxy alone")
{
    const QByteArray request =
        "GET /peer HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n";
    Running plain;
    HttpClient direct(plain.port());
    CHECK(direct.ask(request)->body == "127.0.0.1");
    Limits limits;
    limits.trustedProxies = {QHostAddress(QStringLiteral("127.0.0.1"))};
    limits.connectionsPerAddress = 1;
    Running behind(limits);
    HttpClient proxied(behind.port());
    HttpClient second(behind.port()); // a proxy has many
    CHECK(proxied.ask(request)->body == "203.0.113.9 secure");
    CHECK(second.ask("GET /peer HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: nonsense\r\n\r\n")->body == "127.0.0.1");
}

TEST_CASE("The listener ends with connections open and answers due")
{
    auto server = std::make_unique<Running>();
    HttpClient idle(server->port());
    HttpClient waiting(server->port());
    waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(pump([&] { return server->echo.waiting.size() == 1; }));
    Reply late = server->echo.waiting.front();
    server->listener.reset();
    late(Response::empty());
    CHECK(idle.waitForClose());
    CHECK(waiting.waitForClose());
}

// The sanitizers themselves need a descriptor to look at memory, so they cannot watch this one.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("Out of descriptors, the listener goes on when some are free again")
{
    Running server;
    bool failed = false;
    QObject::connect(server.listener.get(), &QTcpServer::acceptError, [&] { failed = true; });
    struct ::rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct ::rlimit few = before;
    few.rlim_cur = 100;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);

    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    struct ::sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::vector<int> filling;
    for (int more = ::dup(0); more >= 0; more = ::dup(0))
        filling.push_back(more);
    // The kernel takes the connection; nobody can accept it.
    REQUIRE(::connect(client, reinterpret_cast<const struct ::sockaddr*>(&address), sizeof(address)) == 0);
    const QByteArray request = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(::send(client, request.constData(), static_cast<std::size_t>(request.size()), 0) == request.size());
    CHECK(pump([&] { return failed; }));

    for (const int one : filling)
        ::close(one);
    CHECK(pump([&] { return server.echo.requests == 1; }));
    ::close(client);
    ::setrlimit(RLIMIT_NOFILE, &before);
}
#endif
