// What one station costs: loa-playout, ffmpeg and Liquidsoap each send the same house file as one MP3 stream of 64 kb/s
// to the same icecast2, at the same time, for the same half minute; and how exactly sessions start, measured at an RTP
// receiver.
#include "playout/agent/identity.h"
#include "playout/cache/cache.h"
#include "playout/cache/real_disk.h"
#include "playout/engine/player.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/output/icecast_server.h"
#include "tests/playout/output/ports.h"

#include <QCoreApplication>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

constexpr auto longestStart = 60s; // Liquidsoap takes several seconds
constexpr auto warmUp = 5s;
constexpr auto measured = 30s;
constexpr int bitRate = 64000;

struct Usage {
    double cpuSeconds = 0;
    double rssMegabytes = 0;
};

// From /proc: proc(5), stat fields 14 and 15 (ticks), statm field 2 (pages).
Usage usageOf(qint64 process)
{
    Usage usage;
    QFile stat(QStringLiteral("/proc/%1/stat").arg(process));
    if (stat.open(QIODevice::ReadOnly)) {
        const QByteArray text = stat.readAll();
        const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
        const auto ticks = static_cast<double>(fields.value(11).toLongLong() + fields.value(12).toLongLong());
        usage.cpuSeconds = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    QFile statm(QStringLiteral("/proc/%1/statm").arg(process));
    if (statm.open(QIODevice::ReadOnly)) {
        const double pages = statm.readAll().split(' ').value(1).toDouble();
        usage.rssMegabytes = pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
    }
    return usage;
}

// A program that is killed with its owner. Liquidsoap will not run as root.
class Program {
public:
    Program(const QString& name, QStringList arguments, bool asNobody)
    {
        QString program = name;
        if (asNobody && geteuid() == 0) {
            arguments = QStringList{QStringLiteral("--reuid=65534"), QStringLiteral("--regid=65534"),
                                    QStringLiteral("--clear-groups"), name} +
                        arguments;
            program = QStringLiteral("setpriv");
        }
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(QProcess::nullDevice());
        m_process.start(program, arguments);
        m_process.waitForStarted();
    }
    ~Program()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    bool isRunning()
    {
        m_process.waitForFinished(0);
        return m_process.state() == QProcess::Running;
    }
    Usage usage() const { return usageOf(m_process.processId()); }

private:
    QProcess m_process;
};

void writeText(const QString& path, const QString& text)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
        throw std::runtime_error("file not written");
    file.close();
    file.setPermissions(QFileDevice::Permissions(0x6644));
}

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

double ratio(double ours, double theirs)
{
    return theirs > 0 ? ours / theirs : 0;
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

class SessionCounter final : public DeliveryObserver {
public:
    void airingBegan(const AiringRecord&) override {}
    void airingProgress(const AiringRecord&) override {}
    void airingEnded(const AiringRecord&) override {}
    void sessionEnded(const StationId&, const SessionId&) override { ++m_count; }
    void outputChanged(const OutputEvent&) override {}
    int count() const { return m_count; }

private:
    std::atomic<int> m_count = 0;
};

// Sessions a fifth of a second long; the packet that carries a session's first frame is timed by the kernel as it
// arrives.
void startErrorAtReceiver(benchmark::State& state)
{
    constexpr int starts = 60;
    constexpr auto apart = 400ms;
    for ([[maybe_unused]] auto iteration : state) {
        const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
        const std::uint16_t port = freePort(SOCK_DGRAM, true);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        const int on = 1;
        setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        if (bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            state.SkipWithError("no port");
            return;
        }
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("rtp");
        output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(port);
        output.codec = media::AudioCodec::L16;
        output.leadIn = 0ms; // the first packet is the first frame's
        const SystemClock clock;
        SilenceSourceFactory sources;
        SessionCounter counter;
        const StationId station{QStringLiteral("station-1")};
        auto player = ThreadedPlayer::create({station, {output}, sources, clock, counter});
        const UtcTime first = std::chrono::ceil<std::chrono::seconds>(clock.now() + 1s);
        for (int number = 0; number < starts; ++number) {
            Segment segment;
            segment.airing = AiringId{QStringLiteral("airing-%1").arg(number)};
            segment.frames = {sampleRate / 5};
            static_cast<void>((*player)->play(
                {station, SessionId{QStringLiteral("session-%1").arg(number)}, 1, first + number * apart, {segment}}));
        }
        std::vector<double> errors;
        std::uint8_t packet[2048];
        alignas(cmsghdr) char control[256];
        for (;;) {
            iovec part{packet, sizeof packet};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            pollfd descriptor{socket, POLLIN, 0};
            if (poll(&descriptor, 1, 100) == 0) {
                if (counter.count() == starts)
                    break;
                continue;
            }
            if (recvmsg(socket, &message, MSG_DONTWAIT) < 12)
                continue;
            const cmsghdr* stamp = CMSG_FIRSTHDR(&message);
            if ((packet[1] & 0x80) == 0 || !stamp)
                continue;
            timespec at{};
            std::memcpy(&at, CMSG_DATA(stamp), sizeof at);
            const UtcTime planned = first + static_cast<int>(errors.size()) * apart;
            const double arrived = static_cast<double>(at.tv_sec) * 1e6 + static_cast<double>(at.tv_nsec) / 1e3;
            errors.push_back(std::abs(arrived - static_cast<double>(planned.time_since_epoch().count())));
        }
        ::close(socket);
        if (errors.size() != starts) {
            state.SkipWithError("a start did not arrive");
            return;
        }
        std::sort(errors.begin(), errors.end());
        state.SetIterationTime(std::chrono::duration<double>(starts * apart).count());
        state.counters["starts"] = starts;
        state.counters["start_error_us_p50"] = errors[(starts - 1) / 2];
        state.counters["start_error_us_p99"] = errors[(starts - 1) * 99 / 100];
        state.counters["start_error_us_most"] = errors.back();
    }
}

BENCHMARK(costOfOneStation)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK(startErrorAtReceiver)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
