// How exactly sessions start on a busy machine, measured at RTP receivers, beside Liquidsoap at the same instants.
//
// Every wait has a limit, and who does not keep it is named. `./loa bench playout` also runs month_of_sound.cpp,
// one_station.cpp and bench_hub.cpp.
#include "playout/engine/player.h"
#include "scheduler/contract/clock.h"
#include "tests/bench/delivery_counter.h"
#include "tests/bench/program.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/output/ports.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

using namespace loa;
using namespace loa::bench;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

constexpr int starts = 200;
constexpr auto apart = 400ms;      // sound in the first half, silence in the second
constexpr auto findsItsFeet = 60s; // Liquidsoap takes some seconds, more on a busy machine
constexpr auto runsOver = 15s;

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
    StartReceiver() : m_socket(::socket(AF_INET, SOCK_DGRAM, 0)), port(bindToFreePort(m_socket))
    {
        const int on = 1;
        setsockopt(m_socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    }
    ~StartReceiver() { ::close(m_socket); }

    // What has arrived by now: a stream that never pauses holds nobody up.
    void listen()
    {
        pollfd descriptor{m_socket, POLLIN, 0};
        for (int packets = 0; packets < mostAtOnce && poll(&descriptor, 1, 0) > 0; ++packets)
            take();
    }

    std::vector<UtcTime> heard;

private:
    static constexpr int fewestSilent = 4800; // a tenth of a second
    static constexpr int silent = 50;         // LSB
    static constexpr int mostAtOnce = 1000;   // packets: far more than come between two calls

    void take()
    {
        std::array<std::uint8_t, 2048> packet;
        alignas(cmsghdr) std::array<char, 256> control;
        iovec part{packet.data(), packet.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = recvmsg(m_socket, &message, MSG_DONTWAIT);
        const cmsghdr* stamp = size > 12 ? CMSG_FIRSTHDR(&message) : nullptr;
        if (!stamp)
            return;
        timespec at{};
        std::memcpy(&at, CMSG_DATA(stamp), sizeof at);
        const UtcTime arrived{Duration(static_cast<std::int64_t>(at.tv_sec) * 1'000'000 + at.tv_nsec / 1000)};
        for (ssize_t place = 12; place + 1 < size; place += 2) {
            const auto index = static_cast<std::size_t>(place);
            const auto sample = static_cast<std::int16_t>(packet[index] << 8 | packet[index + 1]);
            if (std::abs(sample) <= silent) {
                ++m_quiet;
                continue;
            }
            if (m_quiet >= fewestSilent)
                heard.push_back(arrived + toDuration({(place - 12) / 2}));
            m_quiet = 0;
        }
    }

    const int m_socket;
    int m_quiet = fewestSilent;

public:
    const std::uint16_t port;
};

// Distance to the nearest planned instant, in microseconds, sorted.
std::vector<double> errorsOf(const std::vector<UtcTime>& heard, UtcTime first)
{
    std::vector<double> errors;
    for (const UtcTime at : heard) {
        const auto after = (at - first) % std::chrono::duration_cast<Duration>(apart);
        const auto near = after > apart / 2 ? after - std::chrono::duration_cast<Duration>(apart) : after;
        errors.push_back(std::abs(static_cast<double>(near.count())));
    }
    std::sort(errors.begin(), errors.end());
    return errors;
}

std::vector<UtcTime> between(const std::vector<UtcTime>& heard, UtcTime from, UtcTime until)
{
    std::vector<UtcTime> chosen;
    std::copy_if(heard.begin(), heard.end(), std::back_inserter(chosen),
                 [&](UtcTime at) { return from <= at && at < until; });
    return chosen;
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
                          "  t - 0.4 * float_of_int(int_of_float(t / 0.4)) < 0.2\n"
                          "end\n"
                          "programme = switch(track_sensitive=false, [(sounds, square(440.)), ({true}, blank())])\n"
                          "output.url(url=\"rtp://127.0.0.1:%1\", fallible=true, %ffmpeg(format=\"rtp\",\n"
                          "  %audio(codec=\"pcm_s16be\", samplerate=48000, channels=1)), programme)\n")
        .arg(port);
}

// A player that plays at the multiples of `apart` since 1970, as that script does.
class LoaStarts {
public:
    explicit LoaStarts(std::uint16_t port)
    {
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("rtp");
        output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(port);
        output.codec = media::AudioCodec::L16;
        // Not softened at its edge: the first frame is there to be found.
        m_sources.add(sound, std::vector<float>(static_cast<std::size_t>(sampleRate) / 5, 0.25F));
        auto player = ThreadedPlayer::create({m_station, {output}, m_sources, m_clock, m_counter});
        if (!player)
            throw std::runtime_error(describe(player.error()).toStdString());
        m_player = std::move(*player);
    }

    void plan(UtcTime first)
    {
        for (int number = 0; number < starts; ++number) {
            Segment segment;
            segment.airing = AiringId{QStringLiteral("airing-%1").arg(number)};
            segment.sha256 = sound;
            segment.frames = {sampleRate / 5};
            const auto accepted = m_player->play(
                {m_station, SessionId{QStringLiteral("session-%1").arg(number)}, 1, first + number * apart, {segment}});
            if (!accepted)
                throw std::runtime_error(describe(accepted.error()).toStdString());
        }
    }
    int ended() const { return m_counter.sessions; }

private:
    const Sha256 sound = sha256("sound");
    const StationId m_station{QStringLiteral("station-1")};
    const SystemClock m_clock;
    MemorySourceFactory m_sources;
    DeliveryCounter m_counter;
    std::unique_ptr<ThreadedPlayer> m_player;
};

// What went wrong; empty: nothing.
std::string measureStarts(benchmark::State& state, const QString& folder)
{
    const SystemClock clock;
    const Load load;
    StartReceiver ours;
    StartReceiver theirs;
    const QString script = folder + QStringLiteral("/starts.liq");
    writeText(script, liquidsoapScript(theirs.port));
    Program liquidsoap(QStringLiteral("liquidsoap"), {script}, true);
    const auto until = [&](std::chrono::nanoseconds span, const auto& isDone) {
        for (const auto begun = clock.monotonic(); clock.monotonic() - begun < span && !isDone();) {
            std::this_thread::sleep_for(20ms);
            ours.listen();
            theirs.listen();
        }
        return isDone();
    };
    const bool hears = until(findsItsFeet, [&] { return theirs.heard.size() > 2 || !liquidsoap.isRunning(); });
    if (!hears || !liquidsoap.isRunning())
        return "Liquidsoap does not send: " + std::string(liquidsoap.isRunning() ? "it runs" : "it has ended");

    LoaStarts loa(ours.port);
    using TwoSeconds = std::chrono::duration<std::int64_t, std::ratio<2>>; // a multiple of `apart`
    const UtcTime first(std::chrono::ceil<TwoSeconds>((clock.now() + 1s).time_since_epoch()));
    loa.plan(first);
    static_cast<void>(until(starts * apart + runsOver, [&] { return loa.ended() == starts; }));
    static_cast<void>(until(200ms, [] { return false; }));
    const std::vector<double> ourErrors = errorsOf(ours.heard, first);
    const std::vector<double> theirErrors =
        errorsOf(between(theirs.heard, first - apart / 2, first + starts * apart), first);
    if (loa.ended() != starts || ourErrors.size() != starts)
        return "of Loa's 200 sessions " + std::to_string(loa.ended()) + " ended, and " +
               std::to_string(ourErrors.size()) + " were heard";
    if (theirErrors.size() < starts * 9 / 10)
        return "of Liquidsoap's 200 starts " + std::to_string(theirErrors.size()) + " were heard";
    state.SetIterationTime(std::chrono::duration<double>(starts * apart).count());
    report(state, "loa", ourErrors);
    report(state, "liquidsoap", theirErrors);
    state.counters["ratio_p50"] = ratio(ourErrors[starts / 2], theirErrors[theirErrors.size() / 2]);
    return {};
}

void startErrorOnABusyMachine(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFileDevice::Permissions(0x7755));
        if (const std::string fault = measureStarts(state, folder.path()); !fault.empty())
            state.SkipWithError(fault.c_str());
    }
}

BENCHMARK(startErrorOnABusyMachine)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);

} // namespace
