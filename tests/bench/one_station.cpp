// What one station costs: loa-playout, ffmpeg and Liquidsoap each send the same house file as one MP3 stream of 64 kb/s
// to the same icecast2, at the same time, for the same half minute. Once each as it comes (LAME quality: Loa 7, ffmpeg
// 3, Liquidsoap 2), once all with Loa's. A second agent, whose scheduler is at an https:// address, shows what TLS
// takes. The cost of preparing references (playout/proof), once for each new file, is over when the measure begins.
#include "scheduler/contract/clock.h"
#include "tests/bench/furnished_agent.h"
#include "tests/bench/program.h"
#include "tests/playout/output/icecast_server.h"
#include "tests/playout/output/ports.h"

#include <QCoreApplication>

#include <benchmark/benchmark.h>

#include <algorithm>

using namespace loa;
using namespace loa::bench;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

constexpr auto longestStart = 60s; // Liquidsoap takes several seconds
constexpr auto warmUp = 5s;
constexpr auto measured = 30s;
constexpr int bitRate = 64000;

enum Encoders : std::int64_t { AsTheyCome, Alike };
constexpr int loaQuality = 7; // what effort 3, Loa's own choice, is to LAME

struct AgentAt {
    QString scheduler;
    QString mount;
};

QString agentConfiguration(const QString& state, const AgentAt& place, const IcecastServer& server)
{
    return QStringLiteral("scheduler = \"%1\"\nstate = \"%2\"\nclock = \"trust\"\nlead = \"8 s\"\n"
                          "[[station]]\n[[station.output]]\nname = \"main\"\ndevice = \"icecast\"\nurl = \"%3\"\n"
                          "password = \"secret\"\ncodec = \"mp3\"\nbit_rate = %4\n")
        .arg(place.scheduler, state, server.url(place.mount))
        .arg(bitRate);
}

QString liquidsoapScript(const QString& house, const IcecastServer& server, Encoders encoders)
{
    return QStringLiteral("settings.server.telnet.set(false)\n"
                          "settings.frame.audio.samplerate.set(48000)\n"
                          "settings.frame.audio.channels.set(1)\n"
                          "output.icecast(%mp3(bitrate=64, samplerate=48000, stereo=false%3), host=\"127.0.0.1\",\n"
                          "  port=%1, password=\"secret\", mount=\"/liquidsoap\", single(\"%2\"))\n")
        .arg(server.port)
        .arg(house, encoders == Alike ? QStringLiteral(", internal_quality=%1").arg(loaQuality) : QString());
}

QStringList ffmpegArguments(const QString& house, const IcecastServer& server, Encoders encoders)
{
    QStringList arguments = QStringLiteral("-nostdin -loglevel quiet -re -stream_loop -1 -i").split(u' ');
    arguments += house;
    arguments += QStringLiteral("-c:a libmp3lame -b:a 64k -ac 1 -ar 48000").split(u' ');
    if (encoders == Alike)
        arguments += {QStringLiteral("-compression_level"), QString::number(loaQuality)};
    arguments += QStringLiteral("-f mp3 -content_type audio/mpeg").split(u' ');
    arguments += QStringLiteral("icecast://source:secret@127.0.0.1:%1/ffmpeg").arg(server.port);
    return arguments;
}

// Furnished, configured and started.
std::unique_ptr<Program> startAgent(const QDir& folder, const QString& name, const AgentAt& place,
                                    const Furniture& furniture, const IcecastServer& server)
{
    Furniture own = furniture;
    own.scheduler = QUrl(place.scheduler);
    const QString state = folder.filePath(name);
    furnishAgent(state, own);
    const QString config = folder.filePath(name + QStringLiteral(".toml"));
    writeText(config, agentConfiguration(state, place, server));
    return std::make_unique<Program>(QStringLiteral(LOA_BIN_DIR "/loa-playout"),
                                     QStringList{QStringLiteral("run"), QStringLiteral("--config"), config}, false);
}

bool hasReferences(const QDir& folder, const QString& name, std::size_t count)
{
    const QDir references(folder.filePath(name + QStringLiteral("/references")));
    return references.entryList({QStringLiteral("*.print")}).size() == static_cast<qsizetype>(count);
}

std::string measureCost(benchmark::State& state, const QDir& folder, Encoders encoders)
{
    const SystemClock clock;
    Furniture furniture;
    furniture.media = folder.path();
    for (unsigned item = 0; item < 3; ++item)
        furniture.houses.push_back(makeHouseFile(folder, 90 * sampleRate, item + 1));
    const QString house = folder.filePath(toString(furniture.houses[0].sha256) + QStringLiteral(".opus"));
    QFile::setPermissions(house, QFileDevice::Permissions(0x6644));
    const IcecastServer server(freePort(SOCK_STREAM));
    furniture.issued = clock.now() - 1h;
    furniture.sessions = {std::chrono::ceil<std::chrono::seconds>(clock.now() + 3s)};
    const QString script = folder.filePath(QStringLiteral("one.liq"));
    writeText(script, liquidsoapScript(house, server, encoders));

    const QString plain = QStringLiteral("agent");
    const QString secure = QStringLiteral("agent-tls");
    const auto loa =
        startAgent(folder, plain, {QStringLiteral("http://127.0.0.1:9"), QStringLiteral("/loa")}, furniture, server);
    const auto loaTls = startAgent(folder, secure, {QStringLiteral("https://127.0.0.1:9"), QStringLiteral("/loa-tls")},
                                   furniture, server);
    Program ffmpeg(QStringLiteral("ffmpeg"), ffmpegArguments(house, server, encoders), false);
    Program liquidsoap(QStringLiteral("liquidsoap"), {script}, true);
    const std::array<std::pair<const char*, Program*>, 4> programs{
        {{"loa", loa.get()}, {"loa-tls", loaTls.get()}, {"ffmpeg", &ffmpeg}, {"liquidsoap", &liquidsoap}}};
    std::vector<std::unique_ptr<IcecastListener>> listeners;
    for (const auto& [name, program] : programs)
        listeners.push_back(std::make_unique<IcecastListener>(server.port, QByteArray("/") + name));

    const auto isReady = [&] {
        return std::all_of(listeners.begin(), listeners.end(), [](const auto& one) { return one->isHearing(); }) &&
               hasReferences(folder, plain, furniture.houses.size()) &&
               hasReferences(folder, secure, furniture.houses.size());
    };
    for (const auto begin = clock.monotonic(); !isReady() && clock.monotonic() - begin < longestStart;)
        std::this_thread::sleep_for(100ms);
    std::this_thread::sleep_for(warmUp);
    std::array<Usage, programs.size()> before;
    std::array<Usage, programs.size()> after;
    std::transform(programs.begin(), programs.end(), before.begin(), [](auto& one) { return one.second->usage(); });
    std::this_thread::sleep_for(measured);
    std::transform(programs.begin(), programs.end(), after.begin(), [](auto& one) { return one.second->usage(); });
    for (std::size_t index = 0; index < programs.size(); ++index) {
        const auto& [name, program] = programs[index];
        const qsizetype bytes = listeners[index]->end().size();
        if (!program->isRunning() || bytes < static_cast<qsizetype>(measured.count()) * bitRate / 8)
            return std::string(name) + (program->isRunning() ? " sent " : " has ended, and sent ") +
                   std::to_string(bytes) + " bytes";
    }
    const auto percent = [&](std::size_t index) {
        return 100.0 * (after[index].cpuSeconds - before[index].cpuSeconds) /
               std::chrono::duration<double>(measured).count();
    };
    state.SetIterationTime(std::chrono::duration<double>(measured).count());
    state.counters["rss_mb"] = after[0].rssMegabytes;
    state.counters["cpu_percent"] = percent(0);
    state.counters["tls_rss_mb"] = after[1].rssMegabytes;
    state.counters["ffmpeg_rss_mb"] = after[2].rssMegabytes;
    state.counters["ffmpeg_cpu_percent"] = percent(2);
    state.counters["liquidsoap_rss_mb"] = after[3].rssMegabytes;
    state.counters["liquidsoap_cpu_percent"] = percent(3);
    state.counters["ratio_rss_vs_ffmpeg"] = ratio(after[0].rssMegabytes, after[2].rssMegabytes);
    state.counters["ratio_cpu_vs_ffmpeg"] = ratio(percent(0), percent(2));
    state.counters["ratio_rss_vs_liquidsoap"] = ratio(after[0].rssMegabytes, after[3].rssMegabytes);
    state.counters["ratio_cpu_vs_liquidsoap"] = ratio(percent(0), percent(3));
    return {};
}

void costOfOneStation(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFileDevice::Permissions(0x7755));
        const auto encoders = static_cast<Encoders>(state.range(0));
        if (const std::string fault = measureCost(state, QDir(folder.path()), encoders); !fault.empty())
            state.SkipWithError(fault.c_str());
    }
}

BENCHMARK(costOfOneStation)
    ->ArgName("same_quality")
    ->Arg(AsTheyCome)
    ->Arg(Alike)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kSecond);

} // namespace
