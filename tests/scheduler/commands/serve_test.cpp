#include "tests/scheduler/commands/scheduler_program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>

#include <catch2/catch.hpp>

using namespace loa::test;

namespace {

void makeProgram(const QString& path, const QByteArray& script)
{
    QFile program(path);
    REQUIRE(program.open(QIODevice::WriteOnly));
    program.write("#!/bin/sh\n" + script);
    program.close();
    REQUIRE(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

} // namespace

TEST_CASE("serve answers, lets the first administrator in, and stops cleanly", "[serve]")
{
    const Installation installation;
    Serving serving(installation);
    Client client(serving.port());
    CHECK(client.get(QStringLiteral("/api/v1/health")).status == 200);
    CHECK(client.get(QStringLiteral("/api/v1/units")).status == 401);
    CHECK_FALSE(client.signIn(QStringLiteral("admin"), QStringLiteral("not the password")));
    CHECK(client.signIn(QStringLiteral("admin"), installation.password()));
    CHECK(client.get(QStringLiteral("/api/v1/units")).status == 200);
    CHECK(serving.stop() == 0);
    CHECK(serving.log().contains("serve event=ready"));
    CHECK(serving.log().contains("serve event=stopped"));
}

TEST_CASE("Two schedulers do not share a data folder", "[serve]")
{
    const Installation installation;
    const Serving serving(installation);
    const Finished second = runScheduler({QStringLiteral("serve"), QStringLiteral("--config"), installation.config()});
    CHECK(second.code == 73);
    CHECK(second.err.contains(QStringLiteral("another loa-scheduler")));
}

TEST_CASE("serve says what is wrong before it begins", "[serve]")
{
    Installation installation;
    CHECK(runScheduler({QStringLiteral("serve")}).code == 64);
    CHECK(runScheduler({QStringLiteral("serve"), QStringLiteral("--config"), installation.file("none")}).code == 66);
    installation.writeConfig(installation.data(), installation.file("no-such-program"));
    CHECK(runScheduler({QStringLiteral("serve"), QStringLiteral("--config"), installation.config()}).code == 69);
    installation.writeConfig(installation.file("empty"), programPath("loa-media"));
    CHECK(runScheduler({QStringLiteral("serve"), QStringLiteral("--config"), installation.config()}).code == 66);
    QFile config(installation.config());
    REQUIRE(config.open(QIODevice::Append));
    config.write("parallell = 2\n");
    config.close();
    const Finished misspelt =
        runScheduler({QStringLiteral("serve"), QStringLiteral("--config"), installation.config()});
    CHECK(misspelt.code == 65);
    CHECK(misspelt.err.contains(QStringLiteral("scheduler.toml:6")));
}

TEST_CASE("A station that a command adds is planned by the scheduler that runs", "[serve]")
{
    const Installation installation;
    {
        QFile config(installation.config());
        REQUIRE(config.open(QIODevice::Append));
        config.write("[planning]\ninterval = \"1 s\"\n");
    }
    const Serving serving(installation);
    REQUIRE(runScheduler({QStringLiteral("station"), QStringLiteral("add"), QStringLiteral("d1"),
                          QStringLiteral("--name"), QStringLiteral("Đài"), QStringLiteral("--unit"),
                          QStringLiteral("thu"), QStringLiteral("--data"), installation.data()})
                .code == 0);
    CHECK(waitFor(
        [&] { return serving.log().contains("planning event=planned") && serving.log().contains("issued=yes"); }));
}

TEST_CASE("A recording that is uploaded becomes ready, and one that is none is refused", "[serve]")
{
    const Installation installation;
    addPerson(installation, QStringLiteral("lan"), {QStringLiteral("editor")});
    Serving serving(installation);
    Client client(serving.port());
    REQUIRE(client.signIn(QStringLiteral("lan"), somePassword()));
    const QString item = newItem(client);
    attach(client, item, toneWav(3));
    REQUIRE(waitFor([&] { return statusOf(client, item) != QStringLiteral("processing"); }));
    const auto ready = client.get(QStringLiteral("/api/v1/items/") + item).json();
    CHECK(ready[QLatin1String("status")].toString() == QStringLiteral("ready"));
    const auto version = ready[QLatin1String("versions")].toArray().last().toObject();
    CHECK(version[QLatin1String("frames")].toInt() == 3 * 48000);
    const QString sha256 = version[QLatin1String("sha256")].toString();
    const Answer media = client.get(QStringLiteral("/api/v1/media/") + sha256);
    CHECK(media.status == 200);
    CHECK(media.body.startsWith("OggS"));

    const QString other = newItem(client);
    attach(client, other, "This is a text file, whatever its name says.\n");
    REQUIRE(waitFor([&] { return statusOf(client, other) != QStringLiteral("processing"); }));
    const auto refused = client.get(QStringLiteral("/api/v1/items/") + other).json();
    CHECK(refused[QLatin1String("status")].toString() == QStringLiteral("refused"));
    CHECK_FALSE(refused[QLatin1String("refusal")].toObject()[QLatin1String("message_vi")].toString().isEmpty());
    CHECK(QDir(installation.data() + QStringLiteral("/uploads")).isEmpty());
    CHECK(QDir(installation.data() + QStringLiteral("/ingest")).isEmpty());
    CHECK(serving.stop() == 0);
}

TEST_CASE("A scheduler killed while it reads a recording takes it up again", "[serve]")
{
    Installation installation;
    addPerson(installation, QStringLiteral("lan"), {QStringLiteral("editor")});
    // Says that it has begun, then takes its time, until it may go on.
    const QString begun = installation.file("begun");
    const QString go = installation.file("go");
    const QString program = installation.file("slow-media");
    makeProgram(
        program,
        QStringLiteral("[ -e '%2' ] || { echo $$ > '%1.new'; mv '%1.new' '%1'; exec sleep 600; }\nexec '%3' \"$@\"\n")
            .arg(begun, go, programPath("loa-media"))
            .toUtf8());
    installation.writeConfig(installation.data(), program);
    QString item;
    {
        Serving serving(installation);
        Client client(serving.port());
        REQUIRE(client.signIn(QStringLiteral("lan"), somePassword()));
        item = newItem(client);
        attach(client, item, toneWav(2));
        REQUIRE(waitFor([&] { return QFile::exists(begun); }));
        CHECK(statusOf(client, item) == QStringLiteral("processing"));
        serving.kill();
    }
    // The reader has died with its scheduler.
    QFile marker(begun);
    REQUIRE(marker.open(QIODevice::ReadOnly));
    const QString process = QStringLiteral("/proc/%1/stat").arg(QString::fromLatin1(marker.readAll().trimmed()));
    CHECK(waitFor([&] {
        QFile stat(process);
        return !stat.open(QIODevice::ReadOnly) || stat.readAll().contains(") Z ");
    }));

    QFile may(go);
    REQUIRE(may.open(QIODevice::WriteOnly));
    may.close();
    Serving serving(installation);
    Client client(serving.port());
    REQUIRE(client.signIn(QStringLiteral("lan"), somePassword()));
    REQUIRE(waitFor([&] { return statusOf(client, item) != QStringLiteral("processing"); }));
    CHECK(statusOf(client, item) == QStringLiteral("ready"));
    CHECK(serving.stop() == 0);
    CHECK(serving.log().contains("event=taken-up-again items=1"));
}
