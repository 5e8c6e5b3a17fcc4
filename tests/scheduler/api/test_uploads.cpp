#include "scheduler/api/maintenance.h"
#include "tests/scheduler/api/office.h"

#include <QCryptographicHash>
#include <QFile>

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

namespace {

QByteArray tus(Office& office, const QByteArray& person = "editor")
{
    return office.credentials(person) + "Tus-Resumable: 1.0.0\r\n";
}

QByteArray begin(Office& office, qint64 length, const QByteArray& fields = {})
{
    const api::Response created = office.raw(
        "POST", "/api/v1/uploads", tus(office) + "Upload-Length: " + QByteArray::number(length) + "\r\n" + fields);
    REQUIRE(created.status == 201);
    CHECK(created.header("Upload-Offset") == "0");
    CHECK_FALSE(created.header("Upload-Expires").isEmpty());
    return created.header("Location");
}

api::Response patch(Office& office, const QByteArray& location, qint64 offset, const QByteArray& bytes,
                    const QByteArray& fields = {})
{
    return office.raw("PATCH", location,
                      tus(office) + "Content-Type: application/offset+octet-stream\r\nUpload-Offset: " +
                          QByteArray::number(offset) + "\r\n" + fields,
                      bytes);
}

QByteArray offsetOf(Office& office, const QByteArray& location)
{
    return office.raw("HEAD", location, tus(office)).header("Upload-Offset");
}

QString idOf(const QByteArray& location)
{
    return QString::fromLatin1(location).section(u'/', -1);
}

QByteArray fileOf(Office& office, const QByteArray& location)
{
    QFile file(office.services->uploads.path(UploadId{idOf(location)}));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("absent");
}

} // namespace

TEST_CASE("The server says what it can do without a session")
{
    Office office;
    const api::Response response = office.raw("OPTIONS", "/api/v1/uploads");
    CHECK(response.status == 204);
    CHECK(response.header("Tus-Version") == "1.0.0");
    CHECK(response.header("Tus-Extension").contains("termination"));
    CHECK(response.header("Tus-Max-Size") == QByteArray::number(qint64(office.settings.uploadBytes)));
}

TEST_CASE("An upload arrives in pieces and is where it was said to be")
{
    Office office;
    const QByteArray location = begin(office, 10);
    CHECK(patch(office, location, 0, "0123").header("Upload-Offset") == "4");
    CHECK(offsetOf(office, location) == "4");
    CHECK(patch(office, location, 4, "456").status == 204);
    const api::Response conflict = patch(office, location, 4, "456");
    CHECK(conflict.status == 409);
    CHECK(offsetOf(office, location) == "7");
    CHECK(patch(office, location, 7, "789X").status == 413);
    const api::Response last = patch(office, location, 7, "789");
    CHECK(last.header("Upload-Offset") == "10");
    CHECK(last.header("Upload-Expires").isEmpty());
    CHECK(fileOf(office, location) == "0123456789");
    const api::Response head = office.raw("HEAD", location, tus(office));
    CHECK(head.header("Upload-Length") == "10");
    CHECK(head.header("Cache-Control") == "no-store");
}

TEST_CASE("Bytes that were written but never acknowledged do no harm")
{
    Office office;
    const QByteArray location = begin(office, 8);
    CHECK(patch(office, location, 0, "0123").status == 204);
    // As when the scheduler dies between the bytes and their acknowledgement.
    must(office.services->uploads.append(UploadId{idOf(location)}, 4, "4XX"));
    CHECK(offsetOf(office, location) == "4");
    CHECK(patch(office, location, 4, "4567").header("Upload-Offset") == "8");
    CHECK(fileOf(office, location) == "01234567");
}

TEST_CASE("A checksum that fails keeps the piece out")
{
    Office office;
    const QByteArray location = begin(office, 8);
    const QByteArray right = QCryptographicHash::hash("0123", QCryptographicHash::Sha256).toBase64();
    CHECK(patch(office, location, 0, "0124", "Upload-Checksum: sha256 " + right + "\r\n").status == 460);
    CHECK(offsetOf(office, location) == "0");
    CHECK(patch(office, location, 0, "0123", "Upload-Checksum: sha256 " + right + "\r\n").status == 204);
    CHECK(patch(office, location, 4, "4567", "Upload-Checksum: md5 " + right + "\r\n").status == 400);
    CHECK(patch(office, location, 4, "4567", "Upload-Checksum: sha256\r\n").status == 400);
}

TEST_CASE("What the tus headers say is checked")
{
    Office office;
    const auto created = [&](const QByteArray& fields) {
        return office.raw("POST", "/api/v1/uploads", office.credentials("editor") + fields).status;
    };
    const QByteArray version = "Tus-Resumable: 1.0.0\r\n";
    CHECK(created("Upload-Length: 5\r\n") == 412);
    CHECK(created("Tus-Resumable: 0.2.2\r\nUpload-Length: 5\r\n") == 412);
    CHECK(created(version) == 400);
    CHECK(created(version + "Upload-Length: -5\r\n") == 400);
    CHECK(created(version + "Upload-Length: 0\r\n") == 400);
    CHECK(created(version + "Upload-Length: 5000000000\r\n") == 413);
    CHECK(created(version + "Upload-Length: 99999999999999999999\r\n") == 400);
    CHECK(created(version + "Upload-Length: 5\r\nUpload-Metadata: filename !!!\r\n") == 400);
    const QByteArray location = begin(office, 5);
    CHECK(office.raw("PATCH", location, tus(office) + "Upload-Offset: 0\r\n", "01234").status == 415);
    CHECK(office.raw("PATCH", location, tus(office) + "Content-Type: application/offset+octet-stream\r\n", "01234")
              .status == 400);
    CHECK(office.raw("HEAD", location, office.credentials("editor")).status == 412);
}

TEST_CASE("An upload may begin with its first bytes")
{
    Office office;
    const api::Response created =
        office.raw("POST", "/api/v1/uploads",
                   tus(office) + "Upload-Length: 6\r\nContent-Type: application/offset+octet-stream\r\n", "012");
    CHECK(created.status == 201);
    CHECK(created.header("Upload-Offset") == "3");
    CHECK(patch(office, created.header("Location"), 3, "345").status == 204);
    CHECK(fileOf(office, created.header("Location")) == "012345");
}

TEST_CASE("The name of a file is kept without its path")
{
    Office office;
    const auto name = [&](const QByteArray& given) {
        const QByteArray location =
            begin(office, 5, "Upload-Metadata: filetype YXVkaW8=,filename " + given.toBase64() + "\r\n");
        return must(office.store->uploads.find(UploadId{idOf(location)})).filename.toStdString();
    };
    CHECK(name("tin.mp3") == "tin.mp3");
    CHECK(name("../../etc/passwd") == "passwd");
    CHECK(name("C:\\Users\\x\\tin.mp3") == "tin.mp3");
    CHECK(name("b\xe1\xba\xa3n\ntin.mp3") == "b\xe1\xba\xa3ntin.mp3");
    CHECK(name("") == "");
    CHECK(name(QByteArray(1000, 'a')).size() == 255);
}

TEST_CASE("An upload is its owner's alone")
{
    Office office;
    const QByteArray location = begin(office, 5);
    CHECK(office.raw("HEAD", location, tus(office, "officer-a")).status == 404);
    CHECK(office.raw("DELETE", location, tus(office, "officer-a")).status == 404);
    CHECK(office
              .raw("PATCH", location,
                   tus(office, "officer-a") + "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n",
                   "x")
              .status == 404);
    CHECK(office.raw("POST", "/api/v1/uploads", tus(office, "inspector") + "Upload-Length: 5\r\n").status == 403);
}

TEST_CASE("An upload is given up by its owner, and not while it is read")
{
    Office office;
    const QByteArray location = begin(office, 5);
    CHECK(office.raw("DELETE", location, tus(office)).status == 204);
    CHECK(fileOf(office, location) == "absent");
    CHECK(office.raw("HEAD", location, tus(office)).status == 404);

    const QString upload = office.upload("editor", "sound");
    const QJsonObject item{{QStringLiteral("title"), QStringLiteral("Tin")},
                           {QStringLiteral("unit_id"), QStringLiteral("district")},
                           {QStringLiteral("scope_unit_id"), QStringLiteral("district")},
                           {QStringLiteral("valid_from"), QStringLiteral("2026-11-01")}};
    const QString id = Office::json(office.post("editor", "/items", item)).value(QLatin1String("id")).toString();
    REQUIRE(office.post("editor", "/items/" + id.toLatin1() + "/versions", {{QStringLiteral("upload_id"), upload}})
                .status == 202);
    CHECK(office.raw("DELETE", "/api/v1/uploads/" + upload.toLatin1(), tus(office)).status == 409);
    CHECK(fileOf(office, upload.toLatin1()) == "sound");
}

TEST_CASE("An upload that nobody continues ends, bytes and all")
{
    Office office;
    const QByteArray abandoned = begin(office, 5);
    const QString complete = office.upload("editor", "sound");
    office.clock.advance(23h);
    office.people["editor"] = office.signIn("editor", Office::password);
    CHECK(patch(office, abandoned, 0, "01").status == 204); // each piece gives a day more
    office.clock.advance(23h);
    office.people["editor"] = office.signIn("editor", Office::password);
    CHECK(patch(office, abandoned, 2, "2").status == 204);
    office.clock.advance(25h);
    office.people["editor"] = office.signIn("editor", Office::password);
    CHECK(patch(office, abandoned, 3, "3").status == 404);
    CHECK(must(api::tidyUp(*office.database, *office.services, office.settings)) == 1);
    CHECK(fileOf(office, abandoned) == "absent");
    CHECK(fileOf(office, complete.toLatin1()) == "sound");
    CHECK(must(api::tidyUp(*office.database, *office.services, office.settings)) == 0);
}

TEST_CASE("One person's unfinished uploads are limited")
{
    Office office;
    office.settings.uploadsPerUser = 2;
    office.router = std::make_unique<api::Router>(*office.services, office.settings);
    const QByteArray first = begin(office, 5);
    begin(office, 5);
    CHECK(office.raw("POST", "/api/v1/uploads", tus(office) + "Upload-Length: 5\r\n").status == 413);
    CHECK(patch(office, first, 0, "01234").status == 204);
    CHECK(office.raw("POST", "/api/v1/uploads", tus(office) + "Upload-Length: 5\r\n").status == 201);
}
