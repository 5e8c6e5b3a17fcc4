// A hub as it runs in a server room: the program with some hundred stations, each with its identity, its journal and
// its line to a scheduler that speaks the real wire. Tells what a station costs; by LOA_HUB_STATIONS alone, since it
// takes two minutes.
#include "tests/bench/program.h"
#include "tests/playout/commands/office.h"
#include "tests/playout/output/ports.h"

#include <QCryptographicHash>

#include <cstdio>
#include <set>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

long long countOf(qint64 process, const char* what)
{
    return QDir(u"/proc/%1/%2"_s.arg(process).arg(QLatin1StringView(what)))
        .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)
        .size();
}

// The channel of commands opens, and stays.
QByteArray webSocketAnswer(const FakeRequest& request)
{
    const QByteArray accept = QCryptographicHash::hash(request.header("sec-websocket-key") +
                                                           QByteArray("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
                                                       QCryptographicHash::Sha1)
                                  .toBase64();
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           accept + "\r\n\r\n";
}

} // namespace

TEST_CASE("What a station costs in a hub as the product runs it", "[.hub]")
{
    const int stations = qEnvironmentVariableIntValue("LOA_HUB_STATIONS");
    REQUIRE(stations > 1);
    Office office(stations);
    office.givesIdentities = true;
    std::set<QTcpSocket*> lines;
    office.events = [&](const FakeRequest& request, QTcpSocket& socket) {
        socket.write(webSocketAnswer(request));
        lines.insert(&socket);
        QObject::connect(&socket, &QTcpSocket::disconnected, &socket, [&, one = &socket] { lines.erase(one); });
    };
    const int sink = ::socket(AF_INET, SOCK_DGRAM, 0); // takes what fits, and throws away the rest
    const QByteArray url = "rtp://127.0.0.1:" + QByteArray::number(bindToFreePort(sink));
    QByteArray toml =
        "scheduler = \"" + office.server.url().toString().toUtf8() + "\"\nstate = \"state\"\nclock = \"trust\"\n";
    for (int number = 1; number <= stations; ++number)
        toml += "[[station]]\nid = \"" + Office::idOf(number) +
                "\"\n[[station.output]]\nname = \"loa\"\ndevice = \"rtp\"\nurl = \"" + url + "\"\ncodec = \"opus\"\n";
    office.reconfigure(toml);
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);

    const SystemClock clock;
    const UtcTime began = clock.now();
    const UtcTime startsAt = std::chrono::ceil<std::chrono::seconds>(began + 25s + stations * 60ms);
    office.makeBundle(startsAt, {20, 10, 15});
    QProcess agent;
    agent.setStandardErrorFile(qEnvironmentVariable("LOA_HUB_LOG", office.folder.filePath(u"agent.log"_s)));
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    REQUIRE(waitUntil([&] { return static_cast<int>(office.keys.size()) == stations; }, 120s));
    std::printf("%d stations: identities of their own after %.1f s\n", stations,
                std::chrono::duration<double>(clock.now() - began).count());
    REQUIRE(waitUntil([&] { return static_cast<int>(lines.size()) == stations; }, 60s));
    std::printf("all lines open after %.1f s\n", std::chrono::duration<double>(clock.now() - began).count());
    const auto measure = [&](const char* what, UtcTime from, std::chrono::seconds length) {
        waitUntil([&] { return clock.now() >= from; }, 300s);
        const auto before = bench::usageOf(agent.processId());
        const auto requests = office.server.requests().size();
        waitUntil([&] { return clock.now() >= from + length; }, 300s);
        const auto after = bench::usageOf(agent.processId());
        std::printf("%-14s %5.1f %% of a core, %.4f %% a station; %6.1f MB, %.3f a station; %lld descriptors, %lld "
                    "threads; %.1f "
                    "requests a second\n",
                    what, 100.0 * (after.cpuSeconds - before.cpuSeconds) / static_cast<double>(length.count()),
                    100.0 * (after.cpuSeconds - before.cpuSeconds) / static_cast<double>(length.count()) / stations,
                    after.rssMegabytes, after.rssMegabytes / stations, countOf(agent.processId(), "fd"),
                    countOf(agent.processId(), "task"),
                    static_cast<double>(office.server.requests().size() - requests) /
                        static_cast<double>(length.count()));
        std::fflush(stdout);
    };
    measure("idle", startsAt - 18s, 6s);
    measure("start", startsAt - 1s, 3s);
    measure("in an item", startsAt + 3s, 15s);
    measure("a join", startsAt + 19s, 3s);
    measure("the end", startsAt + 44s, 4s);
    const auto complete = [&] {
        std::size_t count = 0;
        for (const auto& [own, log] : office.ownEntries) {
            for (const auto& [sequence, entry] : log)
                count += entry.entry.kind == EntryKind::Airing && entry.entry.outcome == Outcome::Complete ? 1U : 0U;
        }
        return count;
    };
    const bool areAllThere = waitUntil([&] { return complete() == 3U * static_cast<std::size_t>(stations); }, 120s);
    std::printf("log whole at the scheduler %.1f s after the end: %zu entries of complete airings\n",
                std::chrono::duration<double>(clock.now() - startsAt - 45s).count(), complete());
    std::vector<Duration> errors;
    for (const auto& [own, log] : office.ownEntries) {
        for (const auto& [sequence, entry] : log) {
            if (entry.entry.kind == EntryKind::Airing && entry.entry.firstFrameAt)
                errors.push_back(std::chrono::abs(*entry.entry.firstFrameAt - entry.entry.plannedStart));
        }
    }
    REQUIRE_FALSE(errors.empty());
    std::sort(errors.begin(), errors.end());
    std::printf("start error p50 %.2f ms, most %.2f ms\n",
                static_cast<double>(errors[errors.size() / 2].count()) / 1000.0,
                static_cast<double>(errors.back().count()) / 1000.0);
    CHECK(areAllThere);
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }, 60s));
    CHECK(agent.exitCode() == 0);
    ::close(sink);
}
