// Against libasound itself: its file and null plugins, and a card of our own with a clock (alsa_test_card.cpp).
#include "playout/output/alsa_card.h"
#include "playout/proof/monitor_inputs.h"
#include "tests/playout/output/live.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <time.h>

#include <cstring>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// ALSA reads its configuration once in a process: all cards of this program stand in one file.
struct Cards {
    Cards()
    {
        QFile file(folder.filePath(QStringLiteral("alsa.conf")));
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write("pcm.null { type null }\n"
                   "pcm.to_file { type file slave.pcm null format raw file \"" +
                   path("to_file") + "\" }\npcm_type.loa_test { lib \"" LOA_ALSA_TEST_CARD "\" }\n");
        const auto card = [&](const char* name, const char* settings) {
            file.write(QByteArray("pcm.") + name + " { type loa_test " + settings + " file \"" + path(name) + "\" }\n");
        };
        card("even", "sample S16_LE drift_ppm 0");
        card("fast", "sample FLOAT_LE drift_ppm 400");
        card("slow_44100", "sample S32_LE rate 44100 drift_ppm -400");
        card("troubled", "sample S16_LE drift_ppm 0");
        card("microphone", "sample S16_LE rate 44100 drift_ppm 200");
        file.close();
        qputenv("ALSA_CONFIG_PATH", file.fileName().toUtf8());
    }
    [[nodiscard]] QByteArray path(const char* name) const
    {
        return folder.filePath(QString::fromLatin1(name)).toUtf8();
    }
    void touch(const QByteArray& name) const
    {
        QFile file(QString::fromUtf8(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
    }
    QTemporaryDir folder;
};

const Cards& cards()
{
    static const Cards made;
    return made;
}

OutputConfig output(const char* card)
{
    OutputConfig config;
    config.name = QStringLiteral("loa");
    config.device = QStringLiteral("alsa");
    config.url = QString::fromLatin1(card);
    config.cardBuffer = 300ms; // these tests run beside others
    return config;
}

// The left channel.
template <typename Sample>
std::vector<float> recorded(const char* card, float scale, std::size_t channels = 2)
{
    QFile file(QString::fromUtf8(cards().path(card)));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    std::vector<Sample> samples(static_cast<std::size_t>(bytes.size()) / sizeof(Sample));
    std::memcpy(samples.data(), bytes.constData(), samples.size() * sizeof(Sample));
    std::vector<float> left;
    for (std::size_t index = 0; index < samples.size(); index += channels)
        left.push_back(static_cast<float>(samples[index]) / scale);
    return left;
}

// When, by the time of day, the card played its frame `index`.
UtcTime heardAt(const char* card, std::size_t index, double driftPpm, const Clock& clock)
{
    QFile file(QString::fromUtf8(cards().path(card) + ".start"));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> words = file.readAll().trimmed().split(' ');
    const double rate = words.value(1).toDouble() * (1.0 + driftPpm * 1e-6);
    const std::chrono::nanoseconds at(words.value(0).toLongLong() +
                                      std::llround(static_cast<double>(index) / rate * 1e9));
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto ago = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec) - at;
    return clock.now() - std::chrono::duration_cast<Duration>(ago);
}

} // namespace

TEST_CASE("ALSA's file plugin, which has no clock, gets the programme to the sample, each block at its instant")
{
    static_cast<void>(cards());
    LivePlayer live({output("to_file")}, {24000, 24001});
    const UtcTime start = live.playIn(2s);
    REQUIRE(live.recorder.awaitSessions(1, 8s));
    live.player.reset();
    const auto record = live.recorder.record(QStringLiteral("airing-1"), QStringLiteral("loa"));
    CHECK(record.outcome == Outcome::Complete);
    CHECK(record.frames == FrameCount{24001});
    CHECK(std::chrono::abs(*live.recorder.began.at(0).firstFrameAt - start) < 25us); // to the nearest frame
    const auto heard = recorded<std::int32_t>("to_file", 2147483648.0F);
    const Match match = bestMatch(heard, std::span(live.programme).first(12000), 0, heard.size());
    REQUIRE(match.correlation > 0.99);
    float worst = 0;
    for (std::size_t index = 0; index < live.programme.size(); ++index)
        worst = std::max(worst, std::abs(heard[match.lag + index] - live.programme[index]));
    CHECK(worst < 1e-6F);
}

TEST_CASE("Promise 8: through ALSA, the first frame is heard on its instant, and every frame once", "[promise-8]")
{
    static_cast<void>(cards());
    LivePlayer live({output("even")}, {36000, 36000});
    const UtcTime start = live.playIn(2500ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    live.player.reset();
    for (const char* airing : {"airing-0", "airing-1"}) {
        const auto record = live.recorder.record(QString::fromLatin1(airing), QStringLiteral("loa"));
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.gaps == 0);
    }
    const auto heard = recorded<std::int16_t>("even", 32768.0F);
    const Match match = bestMatch(heard, std::span(live.programme).first(12000), 0, heard.size());
    REQUIRE(match.correlation > 0.99);
    CHECK(std::chrono::abs(heardAt("even", match.lag, 0, live.clock) - start) < 5ms);
    CHECK(std::chrono::abs(*live.recorder.began.at(0).firstFrameAt - start) < 5ms);
}

TEST_CASE("A fast card and a slow one of 44.1 kHz get the whole programme, each in its own format and at its own rate")
{
    static_cast<void>(cards());
    OutputConfig fast = output("fast");
    fast.channel = media::Channels::Left;
    OutputConfig slow = output("slow_44100");
    slow.name = QStringLiteral("slow");
    slow.channel = media::Channels::Mono;
    LivePlayer live({fast, slow}, {96000});
    const UtcTime start = live.playIn(2500ms);
    REQUIRE(live.recorder.awaitSessions(1, 12s));
    live.player.reset();
    for (const char* name : {"loa", "slow"}) {
        const auto record = live.recorder.record(QStringLiteral("airing-0"), QString::fromLatin1(name));
        INFO(name);
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.frames == FrameCount{96000});
        CHECK(record.gaps == 0);
        CHECK(std::chrono::abs(*record.firstFrameAt - start) < 5ms);
    }
    const auto heard = recorded<float>("fast", 1.0F);
    const Match match = bestMatch(heard, std::span(live.programme).first(12000), 0, heard.size());
    REQUIRE(match.correlation > 0.99);
    CHECK(std::chrono::abs(heardAt("fast", match.lag, 400, live.clock) - start) < 5ms);
    const Match late =
        bestMatch(heard, std::span(live.programme).subspan(80000, 12000), match.lag + 79000, heard.size());
    CHECK(late.correlation > 0.99);
    // 1.7 s at 400 ppm: 32 frames, if nothing followed the card, and more than that to come.
    CHECK(std::chrono::abs(heardAt("fast", late.lag, 400, live.clock) - (start + toDuration({80000}))) < 5ms);
    const auto mono = recorded<std::int32_t>("slow_44100", 2147483648.0F, 1);
    CHECK(std::any_of(mono.begin(), mono.end(), [](float value) { return std::abs(value) > 0.1F; }));
}

TEST_CASE("Promise 7: a card that runs dry or is pulled out costs its own frames, and plays again when it is back",
          "[promise-7]")
{
    static_cast<void>(cards());
    OutputConfig null;
    null.name = QStringLiteral("null");
    null.device = QStringLiteral("null");
    LivePlayer live({output("troubled"), null}, {72000, 168000});
    const UtcTime start = live.playIn(2s);
    const auto waitUntil = [&](UtcTime instant) {
        while (live.clock.now() < instant)
            std::this_thread::sleep_for(10ms);
    };
    waitUntil(start + 500ms);
    cards().touch(cards().path("troubled") + ".dry");
    waitUntil(start + 1600ms);
    cards().touch(cards().path("troubled") + ".gone");
    waitUntil(start + 1900ms);
    QFile::remove(QString::fromUtf8(cards().path("troubled") + ".gone"));
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    const auto health = live.player->health();
    live.player.reset();
    const auto dry = live.recorder.record(QStringLiteral("airing-0"), QStringLiteral("loa"));
    CHECK(dry.outcome == Outcome::Partial);
    CHECK(dry.gaps >= 1);
    CHECK(dry.frames.value > 72000 - 14400 - 9600); // what the buffer held, and a fifth of a second to begin again
    const auto gone = live.recorder.record(QStringLiteral("airing-1"), QStringLiteral("loa"));
    CHECK(gone.outcome == Outcome::Partial);
    CHECK(gone.gaps >= 1);
    CHECK(gone.reason == Break::OutputDown);
    CHECK(health.at(0).opens >= 2);
    CHECK(health.at(0).device.value_or(DeviceClock{}).underruns >= 2); // libasound calls both so
    CHECK(live.recorder.record(QStringLiteral("airing-0"), QStringLiteral("null")).outcome == Outcome::Complete);
}

TEST_CASE("A card that is not there says so, in words for people")
{
    static_cast<void>(cards());
    const auto opened = makeAlsaCard()->open({QStringLiteral("hw:CARD=Nowhere")});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().where == u"hw:CARD=Nowhere");
    CHECK(opened.error().message.vi.startsWith(QStringLiteral("Không mở được card âm thanh")));
}

TEST_CASE(
    "A monitor hears through ALSA's input what is before the microphone, at any rate, and ends when it is told to",
    "[proof]")
{
    const auto spoken = support::babble(-12.0, 6.0, 3).samples;
    QFile before(QString::fromUtf8(cards().path("microphone")));
    REQUIRE(before.open(QIODevice::WriteOnly));
    for (double at = 0.0; at < static_cast<double>(spoken.size() - 1); at += 48'000.0 / 44'100.0) {
        const auto index = static_cast<std::size_t>(at);
        const auto part = static_cast<float>(at - std::floor(at));
        const auto value =
            static_cast<std::int16_t>(32767.0F * ((1.0F - part) * spoken[index] + part * spoken[index + 1]));
        before.write(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    before.close();
    MonitorConfig config;
    config.device = QStringLiteral("alsa");
    config.url = QStringLiteral("microphone");
    bool isCancelled = false;
    auto input = openMonitorInput(config, [&] { return isCancelled; });
    if (!input)
        FAIL(describe(input.error()).toStdString());
    const auto opened = std::chrono::steady_clock::now();
    media::SoundPrinter printer(media::finePrintHop);
    std::vector<media::PrintRow> heard;
    std::size_t frames = 0;
    while (frames < 6 * sampleRate) {
        const auto block = (*input)->read();
        REQUIRE(block);
        frames += block->size();
        printer.add(*block, heard);
    }
    const auto took = std::chrono::steady_clock::now() - opened;
    CHECK(took > 5'500ms);
    CHECK(took < 9s);
    media::SoundPrinter coarse;
    std::vector<media::PrintRow> reference;
    coarse.add(spoken, reference);
    const auto found = media::findPrint(reference, heard, 0, 20, 20);
    REQUIRE(found);
    CHECK(found->perMille >= 900);
    isCancelled = true;
    bool ended = false;
    for (int tries = 0; tries < 50 && !ended; ++tries) // what was recorded already may come first
        ended = !(*input)->read();
    CHECK(ended);
    config.url = QStringLiteral("no-such-card");
    const auto missing = openMonitorInput(config, [] { return false; });
    REQUIRE_FALSE(missing);
    CHECK(missing.error().category == ErrorCategory::NotFound);
}

} // namespace loa::playout
