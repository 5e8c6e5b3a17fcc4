// How loud what is ordered sounds, and what an order of volume does to what sounds already.
#include "tests/playout/agent/commanded_world.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtEndian>

#include <catch2/catch.hpp>
#include <cmath>

namespace loa::playout::test {

namespace {

class SteadySources final : public SourceFactory {
public:
    static constexpr float level = 0.5F;
    [[nodiscard]] std::unique_ptr<Source> open(const Segment&, FrameCount, Fetching) override
    {
        return std::make_unique<Steady>();
    }

private:
    class Steady final : public Source {
        std::size_t read(FrameCount, std::span<float> out) override
        {
            std::fill(out.begin(), out.end(), level);
            return out.size();
        }
        std::size_t skip(FrameCount, std::size_t frames) override { return frames; }
        [[nodiscard]] Break failure() const override { return Break::None; }
    };
};

void recordTo(Commanded& world, const QTemporaryDir& folder)
{
    OutputConfig& output = world.settings.stations.front().outputs.front();
    output.device = u"wav"_s;
    output.url = folder.path();
}

std::vector<int> recorded(Commanded& world, const QTemporaryDir& folder)
{
    world.agent->stop();
    const QStringList files = QDir(folder.path()).entryList({u"*.wav"_s}, QDir::Files);
    REQUIRE(files.size() == 1);
    QFile file(folder.filePath(files.front()));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll().mid(44);
    std::vector<int> samples;
    for (qsizetype at = 0; at + 1 < bytes.size(); at += 2)
        samples.push_back(qFromLittleEndian<qint16>(bytes.constData() + at));
    return samples;
}

} // namespace

TEST_CASE("Volume and test tone by order: caps hold, and the tone is what was ordered", "[commands]")
{
    Commanded world;
    QTemporaryDir folder;
    recordTo(world, folder);
    world.settings.stations.front().volume.caps = {{0min, 0min, -6.0}};
    world.boot();
    world.runFor(10s);
    const Command volume = world.push(VolumeOrder{0, world.clock.now() + 1h});
    const Command tone = world.push(ToneOrder{-20, seconds(2)});
    world.runFor(10s);
    CHECK(world.answerTo(volume).state == CommandState::Done);
    CHECK(world.answerTo(tone).state == CommandState::Done);
    CHECK(world.entryOf(tone).item == toneItem());
    CHECK(world.entryOf(tone).outcome == Outcome::Complete);
    int peak = 0;
    for (const int sample : recorded(world, folder))
        peak = std::max(peak, std::abs(sample));
    CHECK(20.0 * std::log10(peak / 32768.0) == Approx(-26.0).margin(0.1)); // -20 dBFS under a cap of -6 dB
}

TEST_CASE("What sounds glides to a volume that is ordered, and no order is heard as a click", "[commands][promise-3]")
{
    Commanded world;
    SteadySources steady;
    world.agentSources = &steady;
    QTemporaryDir folder;
    recordTo(world, folder);
    world.boot();
    world.runUntil(world.startsAt + 20s);
    world.push(VolumeOrder{-12, world.startsAt + 90s});
    world.runFor(5s);
    // Each before the one before has been reached.
    world.push(VolumeOrder{0, world.startsAt + 90s});
    world.runFor(30ms);
    world.push(VolumeOrder{-20, world.startsAt + 90s});
    world.runUntil(world.startsAt + 5min);
    const std::vector<int> samples = recorded(world, folder);
    const auto decibelsAt = [&](double second) {
        const auto at = static_cast<std::size_t>(second * sampleRate);
        REQUIRE(at < samples.size());
        return 20.0 * std::log10(samples[at] / (32768.0 * SteadySources::level));
    };
    CHECK(decibelsAt(19.0) == Approx(0.0).margin(0.1));
    CHECK(decibelsAt(24.0) == Approx(-12.0).margin(0.1));
    CHECK(decibelsAt(30.0) == Approx(-20.0).margin(0.1));
    CHECK(decibelsAt(89.0) == Approx(-20.0).margin(0.1));
    CHECK(decibelsAt(91.0) == Approx(0.0).margin(0.1));
    // The joins of the items are soft too; within 15 ms of them a fall may be as steep as an equal-power fade.
    int steepest = 0;
    for (std::size_t at = sampleRate; at < 50U * sampleRate; ++at)
        steepest = std::max(steepest, std::abs(samples[at] - samples[at - 1]));
    CHECK(steepest <= 5); // 0 to -20 dB over a tenth of a second is three
}

TEST_CASE("The night's cap holds by the place's hours, also at a station that has no bundle yet", "[commands]")
{
    const QByteArray zone = GENERATE(QByteArray("Asia/Ho_Chi_Minh"), QByteArray("Europe/London"));
    const bool hasBundle = GENERATE(false, true);
    INFO(zone.toStdString() << (hasBundle ? ", and a bundle of Viet Nam" : ", no bundle"));
    Commanded world(15h); // 23:00 in Viet Nam, 16:00 in London
    if (!hasBundle) {
        world.scheduler.bundles.clear();
        world.scheduler.versions.clear();
    }
    SteadySources steady;
    world.agentSources = &steady;
    QTemporaryDir folder;
    recordTo(world, folder);
    AgentStation& station = world.settings.stations.front();
    if (zone != "Asia/Ho_Chi_Minh") // which it has untold
        station.timeZone = zone;
    station.volume.caps = {{22h, 5h, -12.0}};
    world.boot();
    world.runFor(10s);
    const Command alert = world.push(Commanded::play(9, 20, Priority::Emergency));
    world.runFor(1min);
    CHECK(world.entryOf(alert).outcome == Outcome::Complete);
    const std::vector<int> samples = recorded(world, folder);
    REQUIRE(samples.size() > 10U * sampleRate);
    const bool isNight = hasBundle || zone == "Asia/Ho_Chi_Minh";
    CHECK(20.0 * std::log10(samples[10U * sampleRate] / (32768.0 * SteadySources::level)) ==
          Approx(isNight ? -12.0 : 0.0).margin(0.1));
}

} // namespace loa::playout::test
