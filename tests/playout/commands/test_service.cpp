// loa-playout as a service: what it tells systemd, and what its page tells on loopback while a session plays.
#include "tests/playout/agent/watchers.h"
#include "tests/playout/commands/office.h"
#include "tests/playout/output/ports.h"

#include <QProcessEnvironment>

#include <csignal>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

QByteArray page(quint16 port, const QByteArray& path)
{
    return ask(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

// Of the family's first line with these labels; -1 when there is none.
double value(const QByteArray& metrics, const QByteArray& name)
{
    for (const QByteArray& line : metrics.split('\n')) {
        if (line.startsWith(name))
            return line.mid(line.lastIndexOf(' ') + 1).toDouble();
    }
    return -1;
}

} // namespace

TEST_CASE("As a service it says when it is ready, that it lives and that it stops, and shows how it is", "[program]")
{
    const quint16 port = freePort(SOCK_STREAM);
    Office office(1, "status_port = " + QByteArray::number(port) + "\n");
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 3s;
    office.makeBundle(startsAt, {2, 6});

    const QString socket = office.folder.filePath(u"notify"_s);
    ServiceManager systemd(socket.toUtf8());
    QProcess agent;
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"NOTIFY_SOCKET"_s, socket);
    environment.insert(u"WATCHDOG_USEC"_s, u"900000"_s); // so alive three times a second
    agent.setProcessEnvironment(environment);
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    REQUIRE(waitUntil([&] { return !systemd.told().isEmpty(); }));
    CHECK(systemd.told().first() == "READY=1");

    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 4s; }));
    CHECK(systemd.told().count("WATCHDOG=1") >= 6); // of some twenty, on a machine that has other things to do
    const QByteArray shown = page(port, "/");
    CHECK(shown.startsWith("HTTP/1.1 200 "));
    CHECK(shown.contains("station-1"));
    CHECK(shown.contains("luu-tru"));
    const QByteArray metrics = page(port, "/metrics");
    CHECK(value(metrics, "loa_clock_trusted") == 1);
    CHECK(value(metrics, "loa_station_played{") == 1);
    CHECK(value(metrics, "loa_bundle_version{") == 1);
    CHECK(value(metrics, "loa_media_missing_files") == 0);
    CHECK(value(metrics, "loa_cache_bytes") > 0);
    for (const QByteArray& output : {QByteArray("loa"), QByteArray("luu-tru")}) {
        const QByteArray of = "{station=\"station-1\",output=\"" + output + "\"}";
        INFO(metrics.toStdString());
        CHECK(value(metrics, "loa_output_open" + of) == 1);
        CHECK(value(metrics, "loa_output_starts_total" + of) == 2);
        CHECK(value(metrics, "loa_output_frames_total" + of) >= 2 * sampleRate);
        CHECK(value(metrics, "loa_output_lost_frames_total" + of) == 0);
        CHECK(value(metrics, "loa_start_error_p99_seconds" + of) < 0.05);
    }
    REQUIRE(waitUntil([&] { return office.airings().size() == 4; }));
    REQUIRE(waitUntil([&] { return value(page(port, "/metrics"), "loa_journal_backlog_entries") == 0; }));

    // One that stands still is not alive: systemd would end it.
    ::kill(static_cast<pid_t>(agent.processId()), SIGSTOP);
    const auto beats = [&] { return systemd.told().count("WATCHDOG=1"); };
    UtcTime last = clock.now();
    auto before = beats();
    REQUIRE(waitUntil([&] {
        if (beats() != before) {
            before = beats();
            last = clock.now();
        }
        return clock.now() > last + 900ms;
    }));
    ::kill(static_cast<pid_t>(agent.processId()), SIGCONT);
    REQUIRE(waitUntil([&] { return beats() > before; }));

    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    CHECK(agent.exitCode() == 0);
    CHECK(systemd.told().last() == "STOPPING=1");
    CHECK(systemd.told().count("READY=1") == 1);
    CHECK(page(port, "/").isEmpty());
}
