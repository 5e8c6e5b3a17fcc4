// How exactly sessions start on a busy machine, measured at RTP receivers (L16, so that the first frame is there to be
// found): loa-playout, an agent with a bundle of 200 sessions, beside Liquidsoap, whose script asks the clock for the
// same instants. Each twice at the same time: with a real-time priority, as Loa's systemd unit grants it, and without
// one.
//
// What is compared. The instant at which a receiver could have played the first frame of the item: when the kernel
// stamped its packet (SO_TIMESTAMPNS), and as much later as the frame lies in it. Of an agent, which softens an item's
// edge, the first frame over the threshold is looked up in what `loa-playout render` makes of the bundle. Every wait
// has a limit, and who does not keep it is named. `./loa bench playout` also runs month_of_sound.cpp, one_station.cpp
// and bench_hub.cpp.
#include "scheduler/contract/clock.h"
#include "tests/bench/furnished_agent.h"
#include "tests/bench/program.h"
#include "tests/playout/output/stamped_socket.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

using namespace loa;
using namespace loa::bench;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

constexpr int starts = 200;
constexpr auto apart = 1s;
constexpr std::size_t soundFrames = sampleRate * 2 / 5; // then silence
constexpr auto findsItsFeet = 60s;                      // Liquidsoap takes some seconds, more on a busy machine
constexpr auto runsOver = 5s;
constexpr int silent = 50; // LSB

// Keeps every core busy, as other programs of the same standing would.
class Load {
public:
    Load()
    {
        for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core) {
            m_threads.emplace_back([this] {
                for (std::uint64_t count = 0; !m_quit; ++count)
                    benchmark::DoNotOptimize(count);
            });
        }
    }
    ~Load()
    {
        m_quit = true;
        for (std::thread& thread : m_threads)
            thread.join();
    }

private:
    std::atomic<bool> m_quit = false;
    std::vector<std::thread> m_threads;
};

// Hears L16 over RTP. When a receiver could play the first frame of each sound that follows silence: the instant at
// which the kernel got its packet, and as much later as the frame lies in it.
class StartReceiver {
public:
    // What has arrived by now: a stream that never pauses holds nobody up.
    void listen()
    {
        for (int packets = 0; packets < mostAtOnce; ++packets) {
            const auto packet = m_socket.take();
            if (!packet)
                return;
            take(*packet);
        }
    }

    std::vector<UtcTime> heard;

private:
    static constexpr int fewestSilent = 4800; // a tenth of a second
    static constexpr int mostAtOnce = 1000;   // packets: far more than come between two calls

    void take(const StampedSocket::Datagram& packet)
    {
        const auto bytes = packet.bytes;
        const int type = bytes.size() > 12 ? bytes[1] & 0x7F : 72;
        if (type >= 72 && type <= 76) // those are a neighbour's RTCP
            return;
        for (std::size_t place = 12; place + 1 < bytes.size(); place += 2) {
            const auto sample = static_cast<std::int16_t>(bytes[place] << 8 | bytes[place + 1]);
            if (std::abs(sample) <= silent) {
                ++m_quiet;
                continue;
            }
            if (m_quiet >= fewestSilent)
                heard.push_back(packet.at + toDuration({static_cast<std::int64_t>(place - 12) / 2}));
            m_quiet = 0;
        }
    }

    StampedSocket m_socket;
    int m_quiet = fewestSilent;

public:
    const std::uint16_t port = m_socket.port();
};

// Distances of what was heard within the plan to the nearest of its instants, in microseconds, sorted. `late`: how far
// behind the instant the frame lies that was looked for.
std::vector<double> errorsOf(const std::vector<UtcTime>& heard, UtcTime first, Duration late = Duration(0))
{
    std::vector<double> errors;
    for (const UtcTime at : heard) {
        const Duration since = at - late - first;
        if (since < -apart / 2 || since >= starts * apart)
            continue;
        const Duration near = since - std::chrono::round<std::chrono::seconds>(since);
        errors.push_back(std::abs(static_cast<double>(near.count())));
    }
    std::sort(errors.begin(), errors.end());
    return errors;
}

void report(benchmark::State& state, const std::string& who, const std::vector<double>& errors)
{
    const std::size_t count = errors.size();
    state.counters[who + "_starts"] = static_cast<double>(count);
    state.counters[who + "_p50_us"] = errors[(count - 1) / 2];
    state.counters[who + "_p99_us"] = errors[(count - 1) * 99 / 100];
    state.counters[who + "_most_us"] = errors.back();
}

// The same programme by a schedule that its script asks of the clock, which is how its users write exact times.
QString liquidsoapScript(std::uint16_t port)
{
    return QStringLiteral("settings.server.telnet.set(false)\n"
                          "settings.frame.audio.samplerate.set(48000)\n"
                          "settings.frame.audio.channels.set(1)\n"
                          "def sounds() =\n"
                          "  t = time()\n"
                          "  t - float_of_int(int_of_float(t)) < 0.4\n"
                          "end\n"
                          "programme = switch(track_sensitive=false, [(sounds, square(440.)), ({true}, blank())])\n"
                          "output.url(url=\"rtp://127.0.0.1:%1\", fallible=true, %ffmpeg(format=\"rtp\",\n"
                          "  %audio(codec=\"pcm_s16be\", samplerate=48000, channels=1)), programme)\n")
        .arg(port);
}

// A square wave, loud from its first frame on, as a house file.
HouseFile soundIn(const QDir& folder)
{
    std::vector<float> samples(soundFrames);
    for (std::size_t index = 0; index < samples.size(); ++index)
        samples[index] = index / 55 % 2 == 0 ? 0.25F : -0.25F;
    return houseFileOf(folder, samples);
}

// An agent's folder and configuration, and when its first frame over the threshold is due within a session.
struct Station {
    QString config;
    Duration late{0};
    std::string fault;
};

Station furnishStation(const QDir& folder, const QString& name, const Furniture& furniture, std::uint16_t port)
{
    const QString state = folder.filePath(name);
    Station station;
    station.config = state + QStringLiteral(".toml");
    furnishAgent(state, furniture);
    writeText(station.config, QStringLiteral("scheduler = \"http://127.0.0.1:9\"\nstate = \"%1\"\nclock = \"trust\"\n"
                                             "[[station]]\n[[station.output]]\nname = \"main\"\ndevice = \"rtp\"\n"
                                             "url = \"rtp://127.0.0.1:%2\"\ncodec = \"l16\"\n")
                                  .arg(state)
                                  .arg(port));
    const QString wav = state + QStringLiteral(".wav");
    QProcess render;
    render.start(QStringLiteral(LOA_BIN_DIR "/loa-playout"),
                 {QStringLiteral("render"), QStringLiteral("--bundle"),
                  state + QStringLiteral("/bundles/%1.bundle").arg(benchStation.value), QStringLiteral("--media"),
                  state + QStringLiteral("/media"), QStringLiteral("--from"), loa::toString(furniture.sessions.front()),
                  QStringLiteral("--to"), loa::toString(furniture.sessions.front() + 200ms), QStringLiteral("--out"),
                  wav});
    if (!render.waitForFinished() || render.exitCode() != 0)
        station.fault = "not rendered: " + render.readAllStandardError().toStdString();
    QFile file(wav);
    if (!station.fault.empty() || !file.open(QIODevice::ReadOnly))
        return station;
    const QByteArray bytes = file.readAll().mid(44);
    qsizetype frame = 0;
    const auto sampleAt = [&](qsizetype index) {
        return static_cast<std::int16_t>(static_cast<std::uint8_t>(bytes[2 * index]) |
                                         static_cast<std::uint8_t>(bytes[2 * index + 1]) << 8);
    };
    while (2 * frame + 1 < bytes.size() && std::abs(sampleAt(frame)) <= silent)
        ++frame;
    station.late = toDuration({frame});
    if (frame > sampleRate / 100)
        station.fault = "the item begins late in what is rendered";
    QProcess::execute( // one of them is run as nobody
        QStringLiteral("chown"), {QStringLiteral("-R"), QStringLiteral("65534:65534"), state, station.config});
    return station;
}

// One of those that are measured.
struct Contender {
    const char* name;
    bool isLoa;
    bool hasPriority; // real-time
    StartReceiver receiver = {};
    Station station = {}; // Loa's
    std::unique_ptr<Program> program = {};
};

void startProgram(Contender& one, const QDir& folder)
{
    QString program = QStringLiteral("liquidsoap");
    QStringList arguments;
    if (one.isLoa) {
        program = QStringLiteral(LOA_BIN_DIR "/loa-playout");
        arguments = {QStringLiteral("run"), QStringLiteral("--config"), one.station.config};
    } else {
        const QString script = folder.filePath(QString::fromLatin1(one.name) + QStringLiteral(".liq"));
        writeText(script, liquidsoapScript(one.receiver.port));
        arguments = {script};
    }
    // Loa asks for its priority itself, where it may: as root here, by its unit in the field.
    QStringList through{QStringLiteral("prlimit"), QStringLiteral("--rtprio=0")};
    if (one.hasPriority)
        through = one.isLoa ? QStringList()
                            : QStringList{QStringLiteral("chrt"), QStringLiteral("--rr"), QStringLiteral("1")};
    one.program = std::make_unique<Program>(program, arguments, !(one.isLoa && one.hasPriority), through);
}

// What went wrong; empty: nothing.
std::string measureStarts(benchmark::State& state, const QDir& folder)
{
    if (geteuid() != 0)
        return "real-time priorities are given by root alone: run it as root";
    const SystemClock clock;
    std::array<Contender, 4> contenders{{{"loa", true, true},
                                         {"loa_without_priority", true, false},
                                         {"liquidsoap", false, false},
                                         {"liquidsoap_with_priority", false, true}}};
    const auto until = [&](std::chrono::nanoseconds span, const auto& isDone) {
        for (const auto begun = clock.monotonic(); clock.monotonic() - begun < span && !isDone();) {
            std::this_thread::sleep_for(20ms);
            for (Contender& one : contenders)
                one.receiver.listen();
        }
        return isDone();
    };
    const Load load;
    Furniture furniture;
    furniture.media = folder.path();
    furniture.houses = {soundIn(folder)};
    for (Contender& one : contenders) {
        if (!one.isLoa)
            startProgram(one, folder);
    }
    const bool hears = until(findsItsFeet, [&] {
        return std::all_of(contenders.begin(), contenders.end(),
                           [](const Contender& one) { return one.isLoa || one.receiver.heard.size() > 2; });
    });
    furniture.issued = clock.now() - 1h;
    const UtcTime first = std::chrono::ceil<std::chrono::seconds>(clock.now() + 8s);
    for (int number = 0; number < starts; ++number)
        furniture.sessions.push_back(first + number * apart);
    for (Contender& one : contenders) {
        if (!one.isLoa && (!hears || !one.program->isRunning()))
            return std::string(one.name) + (one.program->isRunning() ? " does not send" : " has ended");
        if (!one.isLoa)
            continue;
        one.station = furnishStation(folder, QString::fromLatin1(one.name), furniture, one.receiver.port);
        if (!one.station.fault.empty())
            return one.station.fault;
        startProgram(one, folder);
    }
    if (clock.now() + 2s > first)
        return "the agents were not furnished in time";
    static_cast<void>(until(first + starts * apart + runsOver - clock.now(), [] { return false; }));
    state.SetIterationTime(std::chrono::duration<double>(starts * apart).count());
    for (Contender& one : contenders) {
        if (!one.program->isRunning())
            return std::string(one.name) + " has ended";
        const std::vector<double> errors = errorsOf(one.receiver.heard, first, one.station.late);
        // Every start of Loa's, and nearly all of the other's, is to be heard.
        if (errors.size() < static_cast<std::size_t>(one.isLoa ? starts : starts * 9 / 10))
            return std::string("of 200 starts of ") + one.name + " " + std::to_string(errors.size()) + " were heard";
        report(state, one.name, errors);
    }
    state.counters["ratio_p50"] = ratio(state.counters["loa_p50_us"], state.counters["liquidsoap_p50_us"]);
    return {};
}

void startErrorOnABusyMachine(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFileDevice::Permissions(0x7755));
        if (const std::string fault = measureStarts(state, QDir(folder.path())); !fault.empty())
            state.SkipWithError(fault.c_str());
    }
}

BENCHMARK(startErrorOnABusyMachine)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);

} // namespace
