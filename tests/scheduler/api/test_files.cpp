#include "scheduler/api/http/file_response.h"
#include "scheduler/api/http/head_parser.h"
#include "scheduler/api/http/static_files.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::api;

namespace {

void write(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

Request get(const QByteArray& target, const QByteArray& fields = {}, const QByteArray& method = "GET")
{
    auto head = parseHead(method + ' ' + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
    REQUIRE(head);
    return head->request;
}

QByteArray contentOf(const Response& response)
{
    if (const auto* file = std::get_if<FileSlice>(&response.body))
        return *file->read(0, file->length());
    return response.bytes();
}

bool same(const RangeAnswer& answer, qint64 first, qint64 length)
{
    return answer.kind == RangeKind::Satisfiable && answer.range == ByteRange{first, length};
}

} // namespace

TEST_CASE("Ranges are read as RFC 9110 says")
{
    CHECK(same(readRange("bytes=0-0", 10), 0, 1));
    CHECK(same(readRange("bytes=2-5", 10), 2, 4));
    CHECK(same(readRange("bytes=5-", 10), 5, 5));
    CHECK(same(readRange("bytes=-3", 10), 7, 3));
    CHECK(same(readRange("bytes=-30", 10), 0, 10));
    CHECK(same(readRange("bytes=0-9999", 10), 0, 10));
    CHECK(readRange("bytes=10-", 10).kind == RangeKind::Unsatisfiable);
    CHECK(readRange("bytes=-0", 10).kind == RangeKind::Unsatisfiable);
    CHECK(readRange("bytes=0-", 0).kind == RangeKind::Unsatisfiable);
    for (const char* ignored : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4",
                                "items=0-1", "bytes=--5", "bytes=1-2-3", "bytes=99999999999999999999-"})
        CHECK(readRange(ignored, 10).kind == RangeKind::None);
}

TEST_CASE("Files are answered whole, in part, or not at all")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.ogg"));
    write(path, "0123456789");
    const auto file = FileSlice::open(path);
    REQUIRE(file);
    const FileHeaders headers{"audio/ogg", "\"tag\"", "immutable"};
    const auto answer = [&](const QByteArray& fields, const QByteArray& method = "GET") {
        return fileResponse(get("/a", fields, method), *file, headers);
    };

    const Response whole = answer({});
    CHECK(whole.status == 200);
    CHECK(contentOf(whole) == "0123456789");
    CHECK(whole.header("ETag") == "\"tag\"");
    CHECK(whole.header("Accept-Ranges") == "bytes");

    const Response part = answer("Range: bytes=2-4\r\n");
    CHECK(part.status == 206);
    CHECK(contentOf(part) == "234");
    CHECK(part.header("Content-Range") == "bytes 2-4/10");

    const Response beyond = answer("Range: bytes=10-12\r\n");
    CHECK(beyond.status == 416);
    CHECK(beyond.header("Content-Range") == "bytes */10");
    CHECK(beyond.length() == 0);

    CHECK(answer("If-None-Match: \"tag\"\r\n").status == 304);
    CHECK(answer("If-None-Match: W/\"tag\"\r\n").status == 304);
    CHECK(answer("If-None-Match: \"other\", \"tag\"\r\n").status == 304);
    CHECK(answer("If-None-Match: *\r\n").status == 304);
    CHECK(answer("If-None-Match: \"other\"\r\n").status == 200);
    CHECK(answer("Range: bytes=1-\r\nIf-Range: \"tag\"\r\n").status == 206);
    CHECK(answer("Range: bytes=1-\r\nIf-Range: \"other\"\r\n").status == 200);
    CHECK(answer("Range: bytes=1-\r\n", "HEAD").status == 200);
}

TEST_CASE("A file slice reads its part alone and notices a file that shrinks")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a"));
    write(path, "0123456789");
    const auto file = FileSlice::open(path);
    REQUIRE(file);
    const FileSlice part = file->part(3, 4);
    CHECK(*part.read(0, 100) == "3456");
    CHECK(*part.read(2, 1) == "5");
    CHECK(part.read(4, 1)->isEmpty());
    CHECK(file->part(8, 100).length() == 2);
    CHECK(file->part(-5, 100).length() == 10);
    CHECK(QFile::resize(path, 5));
    CHECK(file->read(0, 10).error().category == ErrorCategory::Storage);
    CHECK(FileSlice::open(folder.path()).error().category == ErrorCategory::NotFound);
    CHECK(FileSlice::open(folder.filePath(QStringLiteral("absent"))).error().category == ErrorCategory::NotFound);
}

TEST_CASE("The web app is served: files, its own pages, nothing outside")
{
    QTemporaryDir folder;
    const QString ui = folder.filePath(QStringLiteral("ui"));
    CHECK_FALSE(StaticFiles::open(ui));
    write(ui + QStringLiteral("/index.html"), "<html>");
    write(ui + QStringLiteral("/assets/app-1a2b.js"), "script");
    write(ui + QStringLiteral("/assets/app-1a2b.js.gz"), "packed");
    write(ui + QStringLiteral("/.secret"), "secret");
    write(folder.filePath(QStringLiteral("outside.txt")), "outside");
    REQUIRE(QFile::link(folder.filePath(QStringLiteral("outside.txt")), ui + QStringLiteral("/link.txt")));
    const auto files = StaticFiles::open(ui);
    REQUIRE(files);
    const auto answer = [&](const QByteArray& target, const QByteArray& fields = {}, const QByteArray& method = "GET") {
        return files->handle(get(target, fields, method));
    };

    CHECK(contentOf(answer("/")) == "<html>");
    CHECK(answer("/").header("Content-Type") == "text/html; charset=utf-8");
    CHECK(answer("/").header("Cache-Control") == "no-cache");
    CHECK(contentOf(answer("/stations/01j/week")) == "<html>");
    CHECK(answer("/stations/missing.png").status == 404);
    CHECK(answer("/assets/missing").status == 404);
    CHECK(answer("/.secret").status == 404);
    CHECK(answer("/link.txt").status == 404);
    CHECK(answer("/", {}, "POST").status == 405);

    const Response script = answer("/assets/app-1a2b.js");
    CHECK(contentOf(script) == "script");
    CHECK(script.header("Cache-Control").contains("immutable"));
    CHECK(script.header("Vary") == "Accept-Encoding");
    CHECK(script.header("Content-Encoding").isEmpty());
    const Response packed = answer("/assets/app-1a2b.js", "Accept-Encoding: br, gzip\r\n");
    CHECK(contentOf(packed) == "packed");
    CHECK(packed.header("Content-Encoding") == "gzip");
    CHECK(packed.header("Content-Type") == "text/javascript; charset=utf-8");
    CHECK(packed.header("ETag") != script.header("ETag"));
    CHECK(contentOf(answer("/assets/app-1a2b.js", "Accept-Encoding: gzip;q=0\r\n")) == "script");
    CHECK(answer("/", "If-None-Match: " + answer("/").header("ETag") + "\r\n").status == 304);
}
