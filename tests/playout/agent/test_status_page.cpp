#include "playout/agent/service_notice.h"
#include "playout/agent/status_page.h"
#include "tests/playout/agent/watchers.h"

#include <QDir>
#include <QHostAddress>
#include <QNetworkInterface>
#include <QTemporaryDir>

#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

namespace loa::playout {

using test::ask;
using test::ServiceManager;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

AgentStatus sampleStatus()
{
    AgentStatus status;
    status.agent = u"agent-1"_s;
    status.software = u"loa-playout <test>"_s;
    status.health.clock = ClockState::Synchronised;
    status.health.isClockContradicted = true;
    status.health.schedulerClock = WitnessedClockTrust::Sighting{40s, 40500ms};
    status.health.backlog = 7;
    status.health.unwritten = 2;
    status.cacheBytes = 3 << 20;
    status.cacheBudget = 5 << 20;
    StationHealth station;
    station.station = {u"station-1"_s};
    station.silence = {true, false, FrameCount{30 * sampleRate}};
    station.agent = {u"agent-own"_s};
    station.backlog = 5;
    station.isRefused = true;
    station.bundleVersion = 12;
    OutputHealth output;
    output.name = u"cum \"1\""_s;
    output.open = true;
    output.opens = 3;
    output.startErrorP50 = 250us;
    output.startErrorP99 = 1500us;
    output.gaps = 2;
    output.device = DeviceClock{-41.5, 250us, 4, 1};
    output.reconnects = 1;
    output.underruns = 4;
    OutputHealth stream; // without a clock of its own
    stream.name = u"mang"_s;
    stream.opens = 40;
    stream.underruns = 2;
    station.outputs = {output, stream};
    station.relays = {9, 4, 6, 1};
    station.monitors = {{u"nghe"_s, output.name, true}};
    status.health.stations = {station};
    status.health.troubles = {{{u"station-2"_s}, {ErrorCategory::Storage, {u"hỏng"_s, u"damaged <file>"_s}, {}}}};
    status.health.oldLogs = {{{u"agent-old"_s}, 3}};
    return status;
}

// Of this process's sockets that listen on the port.
QList<QHostAddress> listeningOn(quint16 port)
{
    QList<QHostAddress> addresses;
    for (const QString& name :
         QDir(u"/proc/self/fd"_s).entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)) {
        const int file = name.toInt();
        int listens = 0;
        socklen_t size = sizeof listens;
        if (::getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
            continue;
        sockaddr_in6 address{}; // has room for both kinds
        size = sizeof address;
        if (::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0 && ntohs(address.sin6_port) == port)
            addresses.append(QHostAddress(reinterpret_cast<const sockaddr*>(&address)));
    }
    return addresses;
}

} // namespace

TEST_CASE("Figures for Prometheus name station and output, in the text format", "[agent]")
{
    const QByteArray text = metricsText(sampleStatus());
    CHECK(text.contains("\nloa_clock_trusted 1\n"));
    CHECK(text.contains("\nloa_clock_contradicted 1\n"));
    CHECK(text.contains("\nloa_clock_scheduler_ahead_seconds{bound=\"least\"} 40\n"));
    CHECK(text.contains("\nloa_clock_scheduler_ahead_seconds{bound=\"most\"} 40.5\n"));
    CHECK(text.contains("loa_output_gaps_total{station=\"station-1\",output=\"cum \\\"1\\\"\"} 2\n"));
    CHECK(text.contains("output=\"cum \\\"1\\\"\"} -41.5\n"));
    CHECK(text.contains("loa_output_underruns_total{station=\"station-1\",output=\"cum \\\"1\\\"\"} 4\n"));
    CHECK(text.contains("\nloa_output_underruns_total{station=\"station-1\",output=\"mang\"} 2\n"));
    CHECK(text.contains("\nloa_output_reconnects_total{station=\"station-1\",output=\"cum \\\"1\\\"\"} 1\n"));
    CHECK(text.contains("\nloa_output_reconnects_total{station=\"station-1\",output=\"mang\"} 0\n"));
    CHECK(text.contains("\nloa_output_opens_total{station=\"station-1\",output=\"mang\"} 40\n"));
    CHECK_FALSE(text.contains("loa_output_clock_drift_ppm{station=\"station-1\",output=\"mang\"}"));
    CHECK(text.contains("loa_monitor_open{station=\"station-1\",output=\"cum \\\"1\\\"\",monitor=\"nghe\"} 1\n"));
    CHECK(text.contains("\nloa_journal_backlog_entries 7\n"));
    CHECK(text.contains("\nloa_journal_waiting 2\n"));
    CHECK(text.contains("\nloa_station_journal_backlog_entries{station=\"station-1\",agent=\"agent-own\"} 5\n"));
    CHECK(text.contains("\nloa_old_journal_backlog_entries{agent=\"agent-old\"} 3\n"));
    CHECK(text.contains("\nloa_station_played{station=\"station-1\"} 1\n"));
    CHECK(text.contains("\nloa_station_played{station=\"station-2\"} 0\n"));
    CHECK(text.contains("\nloa_identity_refused{station=\"station-1\"} 1\n"));
    CHECK(text.contains("\nloa_clock_held 0\n"));
    CHECK(text.contains("\nloa_programme_silent{station=\"station-1\"} 1\n"));
    CHECK(text.contains("\nloa_programme_silence_seconds_total{station=\"station-1\"} 30\n"));
    CHECK(text.contains("\nloa_bundle_version{station=\"station-1\"} 12\n"));
    CHECK(text.contains("\nloa_output_opens_total{station=\"station-1\",output=\"cum \\\"1\\\"\"} 3\n"));
    CHECK(text.contains("\nloa_start_error_p50_seconds{station=\"station-1\",output=\"cum \\\"1\\\"\"} 0.00025\n"));
    CHECK(text.contains("\nloa_cache_bytes 3145728\n"));
    CHECK(text.contains("\nloa_cache_budget_bytes 5242880\n"));
    CHECK(text.contains("\nloa_relay_opens_total{station=\"station-1\"} 9\n"));
    CHECK(text.contains("\nloa_relay_reconnects_total{station=\"station-1\"} 4\n"));
    CHECK(text.contains("\nloa_relay_failures_total{station=\"station-1\"} 6\n"));
    CHECK(text.contains("\nloa_relay_silences_total{station=\"station-1\"} 1\n"));
    CHECK(text.contains("\nloa_start_error_p99_seconds{station=\"station-1\",output=\"cum \\\"1\\\"\"} 0.0015\n"));
    for (const QByteArray& line : text.trimmed().split('\n'))
        CHECK((line.startsWith("# ") || line.split(' ').size() >= 2));
}

TEST_CASE("The status page answers on loopback, escapes what it shows, and refuses the rest", "[agent]")
{
    auto server = StatusServer::listen(0, sampleStatus);
    REQUIRE(server);
    const quint16 port = (*server)->port();
    const QByteArray page = ask(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(page.startsWith("HTTP/1.1 200 OK\r\n"));
    CHECK(page.contains("loa-playout &lt;test&gt;"));
    CHECK(page.contains("damaged &lt;file&gt;"));
    CHECK(page.contains("the scheduler refuses this identity"));
    CHECK(ask(port, "GET /metrics HTTP/1.1\r\n\r\n").contains("loa_cache_bytes 3145728\n"));
    CHECK(ask(port, "GET /etc/passwd HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 404"));
    CHECK(ask(port, "POST / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 405"));
    CHECK(ask(port, QByteArray(8192, 'x')).isEmpty());
    CHECK_FALSE(StatusServer::listen(port, sampleStatus));
}

TEST_CASE("The status page listens on loopback and nowhere else", "[agent]")
{
    auto server = StatusServer::listen(0, sampleStatus);
    REQUIRE(server);
    const quint16 port = (*server)->port();
    CHECK(listeningOn(port) == QList{QHostAddress(QHostAddress::LocalHost)});
    for (const QHostAddress& address : QNetworkInterface::allAddresses()) {
        if (address.isLoopback() || address.protocol() != QAbstractSocket::IPv4Protocol)
            continue;
        INFO(address.toString().toStdString());
        CHECK_FALSE(ask(port, "GET / HTTP/1.1\r\n\r\n", address).contains("loa-playout"));
    }
}

TEST_CASE("systemd is told in its own words, and only when it listens", "[agent]")
{
    QTemporaryDir folder;
    const QByteArray path = folder.filePath(u"notify"_s).toUtf8();
    ServiceManager systemd(path);

    ServiceNotice notice(path, 30s);
    notice.ready();
    notice.status(u"hai\ndòng"_s);
    notice.alive();
    CHECK(notice.aliveEvery() == 10s);
    notice.stopping();
    const QList<QByteArray> words{"READY=1", u"STATUS=hai dòng"_s.toUtf8(), "WATCHDOG=1", "STOPPING=1"};
    CHECK(systemd.told() == words);
    ServiceNotice nobody({}, 30s);
    nobody.ready();
    CHECK(systemd.told() == words);
    CHECK_FALSE(nobody.aliveEvery());
    CHECK_FALSE(ServiceNotice(path, std::nullopt).aliveEvery());
}

} // namespace loa::playout
