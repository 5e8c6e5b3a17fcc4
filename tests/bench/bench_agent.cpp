// What one station costs: loa-playout, ffmpeg and Liquidsoap each send the same house file as one MP3 stream of 64 kb/s
// to the same icecast2, at the same time, for the same half minute.
#include "playout/agent/identity.h"
#include "playout/cache/cache.h"
#include "playout/cache/real_disk.h"
#include "scheduler/contract/clock.h"
#include "tests/bench/program.h"
#include "tests/playout/engine/house_files.h"
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

// The state folder of an agent that was enrolled and has fetched everything: its scheduler may be gone.
void furnishAgent(const QString& state, const std::vector<HouseFile>& houses, const QString& media, UtcTime start)
{
    const StationId station{QStringLiteral("station-1")};
    const SigningKey scheduler = SigningKey::generate();
    Identity identity{AgentId{QStringLiteral("agent-1")},
                      QUrl(QStringLiteral("http://127.0.0.1:9")),
                      scheduler.verifyKey(),
                      {station}};
    const auto key = keyForEnrolment(state);
    if (!key || !saveIdentity(state, identity))
        throw std::runtime_error("agent not furnished");
    Bundle bundle;
    bundle.station = station;
    bundle.stationName = QStringLiteral("Xã Một");
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = 1;
    bundle.issuedAt = start - 1h;
    bundle.validFrom = start - 1h;
    bundle.validUntil = start + 24h;
    bundle.outputs = {{QStringLiteral("main"), {}}};
    HoursPolicy policy;
    policy.id = PolicyId{QStringLiteral("policy-1")};
    policy.name = QStringLiteral("Cả ngày");
    policy.validFrom = QDate(2020, 1, 1);
    for (auto& day : policy.week)
        day = {{std::chrono::minutes(0), std::chrono::minutes(1440)}};
    bundle.policies = {policy};
    BundleSession session;
    session.id = SessionId{QStringLiteral("session-1")};
    session.title = QStringLiteral("Đo");
    session.startsAt = start;
    RealDisk disk(state);
    Cache cache(disk, {scheduler.verifyKey(), {station}});
    static_cast<void>(cache.load());
    for (std::size_t index = 0; index < houses.size(); ++index) {
        QFile file(QDir(media).filePath(toString(houses[index].sha256) + QStringLiteral(".opus")));
        const FrameCount frames{static_cast<std::int64_t>(houses[index].samples.size())};
        const ItemId item{QStringLiteral("item-%1").arg(index)};
        bundle.media.push_back({houses[index].sha256,
                                file.size(),
                                frames,
                                item,
                                1,
                                item.value,
                                {UserId{QStringLiteral("lan")}, QStringLiteral("Nguyễn Thị Lan"), start - 2h}});
        session.airings.push_back({AiringId{QStringLiteral("airing-%1").arg(index)}, item, houses[index].sha256,
                                   session.frames, frames, Priority::Normal});
        session.frames += frames;
    }
    std::sort(bundle.media.begin(), bundle.media.end(),
              [](const BundleMedia& a, const BundleMedia& b) { return a.sha256 < b.sha256; });
    bundle.sessions = {session};
    const auto sealed = sealBundle(bundle, scheduler);
    if (!sealed || !cache.accept(station, *sealed))
        throw std::runtime_error("bundle not accepted");
    for (const HouseFile& house : houses) {
        QFile file(QDir(media).filePath(toString(house.sha256) + QStringLiteral(".opus")));
        if (!file.open(QIODevice::ReadOnly) || !cache.addMedia(house.sha256, 0, file.readAll()))
            throw std::runtime_error("media not taken");
    }
}

QString agentConfiguration(const QString& state, const IcecastServer& server)
{
    return QStringLiteral("scheduler = \"http://127.0.0.1:9\"\nstate = \"%1\"\nclock = \"trust\"\nlead = \"8 s\"\n"
                          "[[station]]\n[[station.output]]\nname = \"main\"\ndevice = \"icecast\"\nurl = \"%2\"\n"
                          "password = \"secret\"\ncodec = \"mp3\"\nbit_rate = %3\n")
        .arg(state, server.url(QStringLiteral("/loa")))
        .arg(bitRate);
}

QString liquidsoapScript(const QString& house, const IcecastServer& server)
{
    return QStringLiteral(
               "settings.server.telnet.set(false)\n"
               "settings.frame.audio.samplerate.set(48000)\n"
               "settings.frame.audio.channels.set(1)\n"
               "output.icecast(%mp3(bitrate=64, samplerate=48000, stereo=false), host=\"127.0.0.1\", port=%1,\n"
               "  password=\"secret\", mount=\"/liquidsoap\", single(\"%2\"))\n")
        .arg(server.port)
        .arg(house);
}

void costOfOneStation(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFileDevice::Permissions(0x7755));
        std::vector<HouseFile> houses;
        for (unsigned item = 0; item < 3; ++item)
            houses.push_back(makeHouseFile(QDir(folder.path()), 90 * sampleRate, item + 1));
        const QString house = folder.filePath(toString(houses[0].sha256) + QStringLiteral(".opus"));
        QFile::setPermissions(house, QFileDevice::Permissions(0x6644));
        IcecastServer server(freePort(SOCK_STREAM));

        const QString agentState = folder.filePath(QStringLiteral("agent"));
        QDir().mkpath(agentState);
        furnishAgent(agentState, houses, folder.path(),
                     std::chrono::ceil<std::chrono::seconds>(SystemClock().now() + 3s));
        const QString config = folder.filePath(QStringLiteral("playout.toml"));
        writeText(config, agentConfiguration(agentState, server));
        const QString script = folder.filePath(QStringLiteral("one.liq"));
        writeText(script, liquidsoapScript(house, server));

        Program loa(QStringLiteral(LOA_BIN_DIR "/loa-playout"),
                    {QStringLiteral("run"), QStringLiteral("--config"), config}, false);
        QStringList options = QStringLiteral("-nostdin -loglevel quiet -re -stream_loop -1 -i").split(u' ');
        options += house;
        options +=
            QStringLiteral("-c:a libmp3lame -b:a 64k -ac 1 -ar 48000 -f mp3 -content_type audio/mpeg").split(u' ');
        options += QStringLiteral("icecast://source:secret@127.0.0.1:%1/ffmpeg").arg(server.port);
        Program ffmpeg(QStringLiteral("ffmpeg"), options, false);
        Program liquidsoap(QStringLiteral("liquidsoap"), {script}, true);
        std::vector<std::unique_ptr<IcecastListener>> listeners;
        for (const char* mount : {"/loa", "/ffmpeg", "/liquidsoap"})
            listeners.push_back(std::make_unique<IcecastListener>(server.port, mount));

        const SystemClock clock;
        const auto isHearing = [](const auto& listener) { return listener->isHearing(); };
        for (const auto begin = clock.monotonic();
             !std::all_of(listeners.begin(), listeners.end(), isHearing) && clock.monotonic() - begin < longestStart;)
            std::this_thread::sleep_for(100ms);
        std::this_thread::sleep_for(warmUp);
        const std::array before{loa.usage(), ffmpeg.usage(), liquidsoap.usage()};
        std::this_thread::sleep_for(measured);
        const std::array after{loa.usage(), ffmpeg.usage(), liquidsoap.usage()};
        const bool allRun = loa.isRunning() && ffmpeg.isRunning() && liquidsoap.isRunning();
        for (const auto& listener : listeners) {
            if (!allRun || listener->end().size() < static_cast<qsizetype>(measured.count()) * bitRate / 8) {
                state.SkipWithError("one of the three did not stream");
                return;
            }
        }
        const auto percent = [&](std::size_t index) {
            return 100.0 * (after[index].cpuSeconds - before[index].cpuSeconds) /
                   std::chrono::duration<double>(measured).count();
        };
        state.SetIterationTime(std::chrono::duration<double>(measured).count());
        state.counters["rss_mb"] = after[0].rssMegabytes;
        state.counters["cpu_percent"] = percent(0);
        state.counters["ffmpeg_rss_mb"] = after[1].rssMegabytes;
        state.counters["ffmpeg_cpu_percent"] = percent(1);
        state.counters["liquidsoap_rss_mb"] = after[2].rssMegabytes;
        state.counters["liquidsoap_cpu_percent"] = percent(2);
        state.counters["ratio_rss_vs_ffmpeg"] = ratio(after[0].rssMegabytes, after[1].rssMegabytes);
        state.counters["ratio_cpu_vs_ffmpeg"] = ratio(percent(0), percent(1));
        state.counters["ratio_rss_vs_liquidsoap"] = ratio(after[0].rssMegabytes, after[2].rssMegabytes);
        state.counters["ratio_cpu_vs_liquidsoap"] = ratio(percent(0), percent(2));
    }
}

BENCHMARK(costOfOneStation)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);

} // namespace
