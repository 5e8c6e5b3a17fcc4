#include "scheduler/library/media_library.h"
#include "scheduler/store/database.h"
#include "tests/scheduler/commands/scheduler_program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::test;

namespace {

Finished backUp(const Installation& installation, const QString& out)
{
    return runScheduler(
        {QStringLiteral("backup"), QStringLiteral("--data"), installation.data(), QStringLiteral("--out"), out});
}

// A house file that the database names, without the way through upload and ingest.
Sha256 addMedia(const Installation& installation, const QByteArray& bytes)
{
    const Sha256 hash = sha256(bytes);
    QFile file(installation.file("new"));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    file.close();
    REQUIRE(library::MediaLibrary::open(installation.data())->adopt(file.fileName(), hash));
    const auto database = store::Database::open(installation.data() + QStringLiteral("/loa.db")).value();
    const QString name = toString(hash);
    for (const QString& sql :
         {QStringLiteral(
              "INSERT INTO items (id, revision, title, unit_id, scope_id, script, valid_from, priority, status, "
              "decision_reason, search_text, created_by, created_at) SELECT 'i%1', 1, 't', u.id, u.id, '', "
              "'2026-01-01', 'NORMAL', 'ready', '', '', p.id, '2026-01-01T00:00:00.000000Z' FROM units u, users p")
              .arg(name.left(8)),
          QStringLiteral(
              "INSERT INTO item_versions (item_id, number, upload_id, source_name, sha256, bytes, frames, report, "
              "created_at) VALUES ('i%1', 1, 'u', '', '%2', 1, 1, '', '2026-01-01T00:00:00.000000Z')")
              .arg(name.left(8), name)}) {
        const auto done = database->execute(sql);
        if (!done)
            FAIL(describe(done.error()).toStdString());
    }
    return hash;
}

} // namespace

TEST_CASE("A backup made while the scheduler runs serves like the original", "[backup]")
{
    Installation installation;
    const Sha256 hash = addMedia(installation, "the house file");
    const QString out = installation.file("backup");
    QByteArray key;
    {
        Serving serving(installation);
        const Finished made = backUp(installation, out);
        INFO(made.err.toStdString());
        REQUIRE(made.code == 0);
        CHECK(serving.stop() == 0);
    }
    CHECK_FALSE(QFile::exists(out + QStringLiteral(".partial")));
    CHECK(library::MediaLibrary::open(out)->verify(hash));

    QFile manifest(out + QStringLiteral("/manifest.json"));
    REQUIRE(manifest.open(QIODevice::ReadOnly));
    const QJsonObject json = QJsonDocument::fromJson(manifest.readAll()).object();
    QStringList paths;
    for (const auto& entry : json[QLatin1String("files")].toArray()) {
        const QString path = entry.toObject()[QLatin1String("path")].toString();
        paths.append(path);
        CHECK(toString(sha256OfFile(out + u'/' + path).value()) ==
              entry.toObject()[QLatin1String("sha256")].toString());
    }
    CHECK(paths.contains(QStringLiteral("loa.db")));
    CHECK(paths.contains(QStringLiteral("keys/scheduler.key")));
    CHECK(paths.size() == 3);
    CHECK(json[QLatin1String("schema_version")].toInt() > 0);

    // The original is lost; the copy takes its place.
    REQUIRE(QDir(installation.data()).removeRecursively());
    installation.writeConfig(out, programPath("loa-media"));
    Serving restored(installation);
    Client client(restored.port());
    CHECK(client.signIn(QStringLiteral("admin"), installation.password()));
    CHECK(client.get(QStringLiteral("/api/v1/media/") + toString(hash)).body == "the house file");
    CHECK(restored.stop() == 0);
    CHECK(runScheduler({QStringLiteral("verify-log"), QStringLiteral("--data"), out}).code == 0);
}

TEST_CASE("A backup says which audio is missing or damaged, and keeps the rest", "[backup]")
{
    const Installation installation;
    const Sha256 sound = addMedia(installation, "sound");
    const Sha256 damaged = addMedia(installation, "damaged");
    const Sha256 missing = addMedia(installation, "missing");
    const auto library = library::MediaLibrary::open(installation.data());
    REQUIRE(QFile::remove(library->path(missing)));
    QFile bad(library->path(damaged));
    REQUIRE(bad.open(QIODevice::WriteOnly));
    bad.write("changed");
    bad.close();

    const QString out = installation.file("backup");
    const Finished made = backUp(installation, out);
    CHECK(made.code == 1);
    CHECK(made.err.contains(toString(damaged)));
    CHECK(made.err.contains(toString(missing)));
    CHECK_FALSE(made.err.contains(toString(sound)));
    const auto copy = library::MediaLibrary::open(out);
    CHECK(copy->verify(sound));
    CHECK_FALSE(copy->find(damaged));
}

TEST_CASE("A backup replaces nothing and stays out of the data folder", "[backup]")
{
    const Installation installation;
    CHECK(backUp(installation, installation.file("scheduler.toml")).code == 73);
    CHECK(backUp(installation, installation.data() + QStringLiteral("/backup")).code == 65);
    CHECK(runScheduler({QStringLiteral("backup"), QStringLiteral("--data"), installation.file("none"),
                        QStringLiteral("--out"), installation.file("out")})
              .code == 66);
    CHECK_FALSE(QFileInfo::exists(installation.file("out")));
}
