// What a listener gets of it: how exactly sessions start on a busy machine, measured at an RTP receiver beside
// Liquidsoap, and whether a player that has played for a month is as small as on its first day.
#include "playout/engine/player.h"
#include "scheduler/contract/clock.h"
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
constexpr auto apart = 400ms; // sound in the first half, silence in the second

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

    // What has arrived by now.
    void listen(std::chrono::milliseconds patience)
    {
        pollfd descriptor{m_socket, POLLIN, 0};
        while (poll(&descriptor, 1, static_cast<int>(patience.count())) > 0)
            take();
    }

    std::vector<UtcTime> heard;

private:
    static constexpr int fewestSilent = 4800; // a tenth of a second
    static constexpr int silent = 50;         // LSB

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

void report(benchmark::State& state, const std::string& who, const std::vector<double>& errors)
{
    const std::size_t count = errors.size();
    state.counters[who + "_starts"] = static_cast<double>(count);
    state.counters[who + "_p50_us"] = errors[(count - 1) / 2];
    state.counters[who + "_p99_us"] = errors[(count - 1) * 99 / 100];
    state.counters[who + "_most_us"] = errors.back();
}

std::vector<double> loaStarts()
{
    StartReceiver receiver;
    OutputConfig output;
    output.name = QStringLiteral("main");
    output.device = QStringLiteral("rtp");
    output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(receiver.port);
    output.codec = media::AudioCodec::L16;
    const SystemClock clock;
    MemorySourceFactory sources;
    // Not softened at its edge: the first frame is there to be found.
    const std::vector<float> sound(static_cast<std::size_t>(sampleRate) / 5, 0.25F);
    const Sha256 name = sha256("sound");
    sources.add(name, sound);
    SessionCounter counter;
    const StationId station{QStringLiteral("station-1")};
    auto player = ThreadedPlayer::create({station, {output}, sources, clock, counter});
    const UtcTime first = std::chrono::ceil<std::chrono::seconds>(clock.now() + 1s);
    for (int number = 0; number < starts; ++number) {
        Segment segment;
        segment.airing = AiringId{QStringLiteral("airing-%1").arg(number)};
        segment.sha256 = name;
        segment.frames = {sampleRate / 5};
        static_cast<void>((*player)->play(
            {station, SessionId{QStringLiteral("session-%1").arg(number)}, 1, first + number * apart, {segment}}));
    }
    while (counter.count() < starts)
        receiver.listen(100ms);
    receiver.listen(200ms);
    return errorsOf(receiver.heard, first);
}

// The same programme by a schedule that its script asks of the clock, which is how its users write exact times.
std::vector<double> liquidsoapStarts(const QString& folder)
{
    StartReceiver receiver;
    const QString script = folder + QStringLiteral("/starts.liq");
    writeText(script,
              QStringLiteral("settings.server.telnet.set(false)\n"
                             "settings.frame.audio.samplerate.set(48000)\n"
                             "settings.frame.audio.channels.set(1)\n"
                             "def sounds() =\n"
                             "  t = time()\n"
                             "  t - 0.4 * float_of_int(int_of_float(t / 0.4)) < 0.2\n"
                             "end\n"
                             "programme = switch(track_sensitive=false, [(sounds, square(440.)), ({true}, blank())])\n"
                             "output.url(url=\"rtp://127.0.0.1:%1\", fallible=true, %ffmpeg(format=\"rtp\",\n"
                             "  %audio(codec=\"pcm_s16be\", samplerate=48000, channels=1)), programme)\n")
                  .arg(receiver.port));
    const SystemClock clock;
    Program liquidsoap(QStringLiteral("liquidsoap"), {script}, true);
    const UtcTime begun = clock.now();
    while (receiver.heard.empty() && liquidsoap.isRunning() && clock.now() < begun + 60s)
        receiver.listen(100ms);
    receiver.heard.clear(); // it finds its feet
    const UtcTime until = clock.now() + (starts + 5) * apart;
    while (clock.now() < until && receiver.heard.size() < starts && liquidsoap.isRunning())
        receiver.listen(20ms);
    return errorsOf(receiver.heard, UtcTime{});
}

void startErrorOnABusyMachine(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFileDevice::Permissions(0x7755));
        const Load load;
        const std::vector<double> ours = loaStarts();
        const std::vector<double> theirs = liquidsoapStarts(folder.path());
        if (ours.size() != starts || theirs.size() < starts / 2) {
            state.SkipWithError("starts did not arrive");
            return;
        }
        state.SetIterationTime(std::chrono::duration<double>(starts * apart).count());
        report(state, "loa", ours);
        report(state, "liquidsoap", theirs);
        state.counters["ratio_p50"] = ratio(ours[ours.size() / 2], theirs[theirs.size() / 2]);
    }
}

// Thirty days of two sessions of five minutes, decoded, mixed, limited, encoded and sent, as fast as it goes. Resident
// memory is read at the end of each day; the slope is that of the least squares from the fifth day on.
void aMonthOfSound(benchmark::State& state)
{
    constexpr int days = 30;
    constexpr int sessionsADay = 2;
    constexpr int firstDay = 5;
    for ([[maybe_unused]] auto iteration : state) {
        QTemporaryDir folder;
        std::vector<HouseFile> houses;
        for (unsigned item = 0; item < 5; ++item)
            houses.push_back(makeHouseFile(QDir(folder.path()), 60 * sampleRate, item + 1));
        const int sink = ::socket(AF_INET, SOCK_DGRAM, 0); // takes what fits, and throws away the rest
        OutputConfig output;
        output.name = QStringLiteral("main");
        output.device = QStringLiteral("rtp");
        output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(bindToFreePort(sink));
        output.codec = media::AudioCodec::Mp3;
        BlockingFileSourceFactory sources(
            [&](const Sha256& hash) { return folder.filePath(toString(hash) + QStringLiteral(".opus")); });
        SessionCounter counter;
        ManualClock clock(UtcTime(Duration(std::chrono::seconds(1'800'000'000))));
        const StationId station{QStringLiteral("station-1")};
        auto player = SteppedPlayer::create({station, {output}, sources, clock, counter});
        std::vector<double> kib;
        for (int day = 0; day < days; ++day) {
            for (int session = 0; session < sessionsADay; ++session) {
                std::vector<Segment> segments;
                FrameCount offset;
                for (std::size_t item = 0; item < houses.size(); ++item) {
                    const FrameCount frames{static_cast<std::int64_t>(houses[item].samples.size())};
                    segments.push_back({AiringId{QStringLiteral("airing-%1").arg(item)},
                                        ItemId{QStringLiteral("item-%1").arg(item)}, houses[item].sha256, offset,
                                        frames});
                    offset += frames;
                }
                const UtcTime start = clock.now() + 10s;
                static_cast<void>((*player)->play(
                    {station, SessionId{QStringLiteral("s-%1-%2").arg(day).arg(session)}, 1, start, segments}));
                for (const UtcTime end = start + toDuration(offset) + 5s; clock.now() < end;) {
                    clock.advance(1s);
                    (*player)->advanceTo(clock.now());
                }
                clock.advance(12h - (clock.now() - start));
                (*player)->advanceTo(clock.now());
            }
            kib.push_back(usageOf(QCoreApplication::applicationPid()).rssMegabytes * 1024);
        }
        ::close(sink);
        if (counter.count() != days * sessionsADay) {
            state.SkipWithError("a session did not end");
            return;
        }
        double sumX = 0;
        double sumY = 0;
        double sumXY = 0;
        double sumXX = 0;
        for (int day = firstDay; day < days; ++day) {
            const double y = kib[static_cast<std::size_t>(day)];
            sumX += day;
            sumY += y;
            sumXY += day * y;
            sumXX += static_cast<double>(day) * day;
        }
        constexpr double count = days - firstDay;
        state.counters["rss_kib_first_day"] = kib.front();
        state.counters["rss_kib_last_day"] = kib.back();
        state.counters["slope_kib_a_day"] = (count * sumXY - sumX * sumY) / (count * sumXX - sumX * sumX);
    }
}

BENCHMARK(startErrorOnABusyMachine)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK(aMonthOfSound)->Iterations(1)->Unit(benchmark::kSecond);

} // namespace
