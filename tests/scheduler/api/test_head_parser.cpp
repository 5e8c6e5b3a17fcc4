#include "scheduler/api/http/body_decoder.h"
#include "scheduler/api/http/head_parser.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::api;

namespace {

int statusOf(const QByteArray& head)
{
    const auto parsed = parseHead(head);
    return parsed ? 200 : parsed.error().status;
}

QByteArray withField(const QByteArray& field)
{
    return "POST /a HTTP/1.1\r\nHost: x\r\n" + field + "\r\n\r\n";
}

Head chunkedHead()
{
    return *parseHead(withField("Transfer-Encoding: chunked"));
}

} // namespace

TEST_CASE("A head is read into its parts")
{
    const auto head = parseHead("GET /a%20b/%C4%91?q=x%2By+z&empty=&%26=1 HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two:  2 "
                                "\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n");
    REQUIRE(head);
    const Request& request = head->request;
    CHECK(request.method == "GET");
    CHECK(request.path == "/a%20b/%C4%91");
    CHECK(request.query == "q=x%2By+z&empty=&%26=1");
    CHECK(request.segments == std::vector<QString>{QStringLiteral("a b"), QStringLiteral("đ")});
    CHECK(request.parameter(QLatin1String("q")) == QStringLiteral("x+y z"));
    CHECK(request.parameter(QLatin1String("empty")) == QString(QLatin1String("")));
    CHECK(request.parameter(QLatin1String("&")) == QStringLiteral("1"));
    CHECK(request.header("x-two") == "1, 2");
    CHECK(request.cookie("a") == "1");
    CHECK(request.cookie("b") == "2");
    CHECK(request.cookie("c").isEmpty());
    CHECK(head->keepAlive);
    CHECK_FALSE(head->hasBody());
}

TEST_CASE("Heads that two readers could understand in two ways are refused")
{
    CHECK(statusOf(withField("Content-Length: 5")) == 200);
    CHECK(statusOf(withField("Content-Length: -5")) == 400);
    CHECK(statusOf(withField("Content-Length: +5")) == 400);
    CHECK(statusOf(withField("Content-Length: 5, 5")) == 400);
    CHECK(statusOf(withField("Content-Length: 5\r\nContent-Length: 5")) == 400);
    CHECK(statusOf(withField("Content-Length: 5\r\nContent-Length: 6")) == 400);
    CHECK(statusOf(withField("Content-Length: 0x5")) == 400);
    CHECK(statusOf(withField("Content-Length:")) == 400);
    CHECK(statusOf(withField("Content-Length: 9999999999999999999")) == 400);
    CHECK(statusOf(withField("Content-Length: 5\r\nTransfer-Encoding: chunked")) == 400);
    CHECK(statusOf(withField("Transfer-Encoding: chunked")) == 200);
    CHECK(statusOf(withField("Transfer-Encoding: gzip, chunked")) == 501);
    CHECK(statusOf(withField("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")) == 501);
    CHECK(statusOf("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(statusOf(withField("Content-Length : 5")) == 400);
    CHECK(statusOf(withField(" folded: 1")) == 400);
    CHECK(statusOf(withField("X: a\r\n b")) == 400);
    CHECK(statusOf(withField("X: a\nY: b")) == 400);
    CHECK(statusOf(withField("X: a\rY: b")) == 400);
    CHECK(statusOf(withField(QByteArray("X: a\0b", 6))) == 400);
    CHECK(statusOf(withField("X: a\x01")) == 400);
    CHECK(statusOf(withField("no colon")) == 400);
    CHECK(statusOf(withField(": no name")) == 400);
    CHECK(statusOf(withField("Host: y")) == 400);
    CHECK(statusOf("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(statusOf("GET / HTTP/1.0\r\n\r\n") == 200);
}

TEST_CASE("Request lines are read strictly")
{
    const auto line = [](const QByteArray& text) { return statusOf(text + "\r\nHost: x\r\n\r\n"); };
    CHECK(line("GET / HTTP/1.1") == 200);
    CHECK(line("GET  / HTTP/1.1") == 400);
    CHECK(line("GET /a b HTTP/1.1") == 400);
    CHECK(line("GET / HTTP/1.1 ") == 400);
    CHECK(line("GET /") == 400);
    CHECK(line("GET / HTTP/2.0") == 505);
    CHECK(line("GET / http/1.1") == 400);
    CHECK(line("GET http://other/ HTTP/1.1") == 400);
    CHECK(line("GET * HTTP/1.1") == 400);
    CHECK(line("GET /a#b HTTP/1.1") == 400);
    CHECK(line("GET /\\a HTTP/1.1") == 400);
    CHECK(line("GET /\xc4\x91 HTTP/1.1") == 400);
    CHECK(line("G@T / HTTP/1.1") == 400);
    CHECK(line("GET /" + QByteArray(9000, 'a') + " HTTP/1.1") == 414);
    CHECK(line("GET /%zz HTTP/1.1") == 400);
    CHECK(line("GET /%0 HTTP/1.1") == 400);
    CHECK(line("GET /%00 HTTP/1.1") == 400);
    CHECK(line("GET /a%2fb HTTP/1.1") == 400);
    CHECK(line("GET /../etc HTTP/1.1") == 400);
    CHECK(line("GET /%2e%2e/etc HTTP/1.1") == 400);
    CHECK(line("GET /%ff HTTP/1.1") == 400);
    CHECK(line("GET /?a=%ff HTTP/1.1") == 400);
}

TEST_CASE("Too many fields are too large a head")
{
    QByteArray head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 100; ++i)
        head += "a: 1\r\n";
    CHECK(statusOf(head + "\r\n") == 431);
}

TEST_CASE("Connection and Upgrade say what becomes of the connection")
{
    CHECK(parseHead("GET / HTTP/1.1\r\nHost: x\r\n\r\n")->keepAlive);
    CHECK_FALSE(parseHead("GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive, Close\r\n\r\n")->keepAlive);
    CHECK_FALSE(parseHead("GET / HTTP/1.0\r\n\r\n")->keepAlive);
    CHECK(parseHead("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n")
              ->webSocket);
    CHECK_FALSE(parseHead("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")->webSocket);
    CHECK_FALSE(
        parseHead("POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")->webSocket);
    CHECK(statusOf(
              "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\n") ==
          400);
    CHECK(statusOf(withField("Expect: 100-continue")) == 200);
    CHECK(statusOf(withField("Expect: the-unexpected")) == 417);
}

TEST_CASE("A body of known length is taken to its last byte and no further")
{
    auto decoder = BodyDecoder::forHead(*parseHead(withField("Content-Length: 5")), 100);
    REQUIRE(decoder);
    CHECK(decoder->take("ab") == 2);
    CHECK_FALSE(decoder->isComplete());
    CHECK(decoder->take("cdeGET /") == 3);
    CHECK(decoder->isComplete());
    CHECK(decoder->takeBody() == "abcde");
    CHECK(BodyDecoder::forHead(*parseHead(withField("Content-Length: 101")), 100).error().status == 413);
    CHECK(BodyDecoder::forHead(*parseHead(withField("Content-Length: 0")), 100)->isComplete());
}

TEST_CASE("A chunked body may be cut anywhere")
{
    const QByteArray wire = "4;x=y\r\nWiki\r\nB\r\npedia in tw\r\n0\r\nTrailer: t\r\n\r\nNEXT";
    for (qsizetype cut = 1; cut < wire.size(); ++cut) {
        auto decoder = BodyDecoder::forHead(chunkedHead(), 100);
        const auto first = decoder->take(QByteArrayView(wire).first(cut));
        REQUIRE(first);
        const auto second = decoder->take(QByteArrayView(wire).sliced(*first));
        REQUIRE(second);
        CHECK(decoder->isComplete());
        CHECK(*first + *second == wire.size() - 4);
        CHECK(decoder->takeBody() == "Wikipedia in tw");
    }
}

TEST_CASE("Malformed and boundless chunks are refused")
{
    const auto status = [](const QByteArray& wire) {
        auto decoder = BodyDecoder::forHead(chunkedHead(), 16);
        const auto taken = decoder->take(wire);
        return taken ? 200 : taken.error().status;
    };
    CHECK(status("5\r\nhello\r\n0\r\n\r\n") == 200);
    CHECK(status("-5\r\n") == 400);
    CHECK(status(" 5\r\n") == 400);
    CHECK(status("0x5\r\n") == 400);
    CHECK(status("\r\n") == 400);
    CHECK(status("5\nhello") == 400);
    CHECK(status("5\r\nhelloX\r\n") == 400);
    CHECK(status("FFFFFFFFF\r\n") == 400);
    CHECK(status("11\r\n") == 413);
    CHECK(status("10\r\n0123456789abcdef\r\n1\r\n") == 413);
    CHECK(status("5;" + QByteArray(300, 'x') + "\r\n") == 400);
    CHECK(status("0\r\n" + QByteArray(5000, 'x')) == 400);
    CHECK(status("0\r\n" + QByteArray("a: b\r\n").repeated(1000)) == 400);
}

TEST_CASE("Random bytes are refused or read, and never more than there are")
{
    std::mt19937 random(42);
    const QByteArray alphabet = "GET /%?&= HTTP/1.\r\n:abc0123456789-\t,;\"";
    for (int round = 0; round < 20'000; ++round) {
        QByteArray bytes;
        const int length = static_cast<int>(random() % 80);
        for (int i = 0; i < length; ++i)
            bytes += random() % 10 == 0
                         ? static_cast<char>(random() % 256)
                         : alphabet[static_cast<qsizetype>(random() % static_cast<std::size_t>(alphabet.size()))];
        const auto head = parseHead("POST /x HTTP/1.1\r\nHost: a\r\n" + bytes + "\r\n\r\n");
        if (!head)
            CHECK(head.error().status >= 400);
        auto decoder = BodyDecoder::forHead(chunkedHead(), 64);
        const auto taken = decoder->take(bytes);
        if (taken)
            CHECK(*taken <= bytes.size());
        CHECK(decoder->size() <= 64);
    }
}
