// Random sessions against the reference, to the sample and to the frame of the accounts: joins, gaps, fades, overlaps,
// ducks, pre-emption, late join, volumes. What differs is made smaller and printed with its seed.
#include "playout/engine/mix_bus.h"
#include "playout/engine/player.h"
#include "playout/timeline/preemption.h"
#include "tests/playout/engine/recorder.h"
#include "tests/playout/engine/reference_session.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t longestItem = 12 * sampleRate;

// The same for all: quiet enough that the limiter passes it bit by bit.
const std::vector<float>& noise(std::size_t number)
{
    static const auto made = [] {
        std::mt19937 random(7);
        std::uniform_real_distribution<float> value(-0.1F, 0.1F);
        std::vector<std::vector<float>> all(8, std::vector<float>(longestItem));
        for (std::vector<float>& samples : all)
            std::generate(samples.begin(), samples.end(), [&] { return value(random); });
        return all;
    }();
    return made[number % made.size()];
}

// Gives a few frames at a time, as decoders do.
class ChoppySources final : public SourceFactory {
public:
    explicit ChoppySources(std::uint32_t seed) : m_random(seed) {}

    std::unique_ptr<Source> open(const Segment& segment, FrameCount, Fetching) override
    {
        return std::make_unique<Choppy>(noise(segment.item.value.toUInt()), segment.itemEnd(), m_random);
    }

private:
    class Choppy final : public Source {
    public:
        Choppy(const std::vector<float>& samples, FrameCount end, std::minstd_rand& random)
            : m_samples(samples), m_end(end), m_random(random)
        {
        }
        std::size_t read(FrameCount position, std::span<float> out) override
        {
            const std::size_t given = skip(position, out.size());
            std::copy_n(m_samples.begin() + static_cast<std::ptrdiff_t>(position.value), given, out.begin());
            return given;
        }
        std::size_t skip(FrameCount position, std::size_t frames) override
        {
            REQUIRE(position >= m_next); // positions never go back
            const auto left = static_cast<std::size_t>(std::max((m_end - position).value, std::int64_t{0}));
            const std::size_t most = std::min(frames, left);
            const std::size_t given = std::min<std::size_t>(most, 1 + m_random() % 700);
            m_next = position + FrameCount{static_cast<std::int64_t>(given)};
            return given;
        }
        [[nodiscard]] Break failure() const override { return Break::None; }

    private:
        const std::vector<float>& m_samples;
        FrameCount m_end;
        FrameCount m_next;
        std::minstd_rand& m_random;
    };
    std::minstd_rand m_random;
};

struct Case {
    std::vector<ReferenceAiring> airings; // planned by offset, then live
    std::vector<ReferenceLevel> levels;
    std::int64_t joinAt = 0;
};

std::string told(const Case& one)
{
    std::string words = "join " + std::to_string(one.joinAt);
    for (const ReferenceAiring& a : one.airings)
        words += "\n" + a.name + (a.isLive ? " live " : " ") + std::to_string(a.at) + "+" + std::to_string(a.frames) +
                 " p" + std::to_string(a.priority) + " in " + std::to_string(a.fadeIn) + " out " +
                 std::to_string(a.fadeOut) + " duck " + std::to_string(a.duckDb) + "/" + std::to_string(a.glide);
    for (const ReferenceLevel& level : one.levels)
        words += "\nlevel " + std::to_string(level.from) + " " + std::to_string(level.gain);
    return words;
}

// `unit`: about how long things are.
Case randomCase(std::mt19937& random, std::int64_t unit, bool withEvents)
{
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution(low, high)(random);
    };
    Case made;
    std::int64_t free = pick(0, 2) == 0 ? pick(0, unit) : 0;
    std::int64_t covered = 0; // up to here two sound
    for (std::int64_t count = pick(1, 5); count > 0; --count) {
        ReferenceAiring one;
        one.name = std::to_string(made.airings.size());
        one.samples = &noise(made.airings.size());
        one.frames = pick(unit / 2, 3 * unit);
        one.at = free;
        one.priority = pick(0, 3) == 0 ? static_cast<int>(pick(0, 2)) : 0;
        if (pick(0, 2) == 0)
            one.fadeIn = pick(1, one.frames / 4);
        if (pick(0, 1) == 0)
            one.fadeOut = pick(1, one.frames / 4);
        ReferenceAiring* before = made.airings.empty() ? nullptr : &made.airings.back();
        const std::int64_t beforeEnds = before ? before->at + before->frames : 0;
        if (before && before->duckDb == 0 && beforeEnds == free && before->fadeOut > 0 && pick(0, 2) > 0) {
            one.at = std::max(free - pick(1, before->fadeOut), covered);
            covered = beforeEnds;
        } else if (pick(0, 2) == 0) {
            one.at += pick(1, unit);
        }
        if (before && one.at <= before->at)
            continue;
        free = std::max(free, one.at + one.frames);
        made.airings.push_back(one);
        if (pick(0, 2) == 0 && one.frames > 8) { // something short over it
            ReferenceAiring over;
            over.name = std::to_string(made.airings.size());
            over.samples = &noise(made.airings.size());
            over.frames = pick(1, one.frames / 2);
            over.at = pick(one.at + 1, one.at + one.frames - over.frames);
            over.priority = one.priority;
            over.duckDb = static_cast<int>(pick(1, 30));
            over.glide = pick(0, unit);
            made.airings.push_back(over);
        }
    }
    for (std::int64_t count = withEvents ? pick(0, 3) : 0; count > 0; --count) {
        ReferenceAiring event;
        event.name = std::to_string(made.airings.size());
        event.samples = &noise(made.airings.size());
        event.isLive = true;
        event.at = pick(0, free);
        event.frames = pick(1, 2 * unit);
        event.priority = static_cast<int>(pick(0, 2));
        made.airings.push_back(event);
    }
    for (std::int64_t at = 0, count = pick(0, 2); count > 0; --count, at += pick(1, free))
        made.levels.push_back({at, static_cast<float>(pick(1, 10)) / 10.0F});
    made.joinAt = pick(0, 2) == 0 ? pick(0, free) : 0;
    return made;
}

SessionTimeline timelineOf(const Case& one)
{
    std::vector<Segment> segments;
    std::vector<LiveEvent> events;
    for (const ReferenceAiring& a : one.airings) {
        const QString name = QString::fromStdString(a.name);
        const auto priority = static_cast<Priority>(a.priority);
        if (a.isLive)
            events.push_back({{name}, {name}, hashOf(a.name.c_str()), {a.at}, {a.frames}, priority});
        else
            segments.push_back({{name},
                                {name},
                                hashOf(a.name.c_str()),
                                {a.at},
                                {a.frames},
                                priority,
                                {},
                                {},
                                {},
                                {{a.frames}, {a.fadeIn}, {a.fadeOut}, a.duckDb, {a.glide}}});
    }
    std::stable_sort(segments.begin(), segments.end(),
                     [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
    std::vector<VolumeLevel> levels;
    for (const ReferenceLevel& level : one.levels)
        levels.push_back({{level.from}, level.gain});
    const SessionTimeline plan({QStringLiteral("station-1")}, {QStringLiteral("session-1")}, 1, morning, segments);
    return (events.empty() ? plan.softened() : withLiveEvents(plan, events)).withLevels(levels);
}

// Where the product first differs from the reference; nullopt: nowhere.
std::optional<std::int64_t> firstDifference(const Case& one, std::uint32_t seed)
{
    const std::vector<float> expected = ReferenceSession(one.airings).mix(one.joinAt, one.levels);
    ChoppySources sources(seed);
    std::minstd_rand random(seed);
    Programme programme(sources);
    MixBus bus(programme);
    constexpr FrameCount base{4321};
    const auto timeline = std::make_shared<const SessionTimeline>(timelineOf(one));
    programme.place(timeline, base);
    if (timeline->frames() != FrameCount{one.joinAt + static_cast<std::int64_t>(expected.size())} && !expected.empty())
        return timeline->frames().value;
    std::array<float, 960> block{};
    for (std::int64_t done = 0; done < static_cast<std::int64_t>(expected.size());) {
        const FrameCount position = base + FrameCount{one.joinAt + done};
        programme.prepare(position, {sampleRate});
        const auto wanted = std::min<std::size_t>(1 + random() % 960, expected.size() - static_cast<std::size_t>(done));
        const RenderedRun run = bus.render(position, std::span(block).first(wanted));
        if (!run.absent.isEmpty())
            return done;
        for (std::int64_t index = 0; index < run.frames.value; ++index, ++done) {
            if (block[static_cast<std::size_t>(index)] != expected[static_cast<std::size_t>(done)])
                return one.joinAt + done;
        }
    }
    return std::nullopt;
}

// The smallest case that still differs, by leaving things out.
void requireEqual(Case one, std::uint32_t seed)
{
    if (!firstDifference(one, seed))
        return;
    for (bool smaller = true; smaller;) {
        smaller = false;
        const auto tryWith = [&](const Case& less) {
            if (!smaller && !less.airings.empty() && firstDifference(less, seed)) {
                one = less;
                smaller = true;
            }
        };
        for (std::size_t index = 0; index < one.airings.size() && !smaller; ++index) {
            Case less = one;
            less.airings.erase(less.airings.begin() + static_cast<std::ptrdiff_t>(index));
            tryWith(less);
        }
        if (!one.levels.empty() && !smaller) {
            Case less = one;
            less.levels.clear();
            tryWith(less);
        }
        if (one.joinAt > 0 && !smaller) {
            Case less = one;
            less.joinAt = 0;
            tryWith(less);
        }
    }
    FAIL("seed " << seed << ", first difference at frame " << *firstDifference(one, seed) << "\n" << told(one));
}

} // namespace

TEST_CASE("Promise 8: thousands of random sessions equal the reference to the sample", "[promise-8]")
{
    for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
        std::mt19937 random(seed);
        requireEqual(randomCase(random, 600, seed % 2 == 0), seed);
    }
}

TEST_CASE("Promise 8: sessions long enough to come back to what an event cut equal the reference", "[promise-8]")
{
    for (std::uint32_t seed = 1; seed <= 5; ++seed) {
        std::mt19937 random(seed);
        requireEqual(randomCase(random, 4 * sampleRate - 1, true), seed);
    }
}

TEST_CASE("Promise 3: each airing of a random session is told of with its own frames", "[promise-3]")
{
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        Case one = randomCase(random, 600, seed % 2 == 0);
        const ReferenceSession reference(one.airings);
        one.joinAt = 0;
        ManualClock clock(morning - 1h);
        SilenceSourceFactory sources;
        Recorder recorder;
        OutputConfig config;
        config.name = QStringLiteral("main");
        config.device = QStringLiteral("null");
        auto player =
            *SteppedPlayer::create({StationId{QStringLiteral("station-1")}, {config}, sources, clock, recorder});
        REQUIRE(player->play(timelineOf(one)));
        player->advanceTo(morning + 1min);
        REQUIRE(recorder.ended.size() == one.airings.size());
        for (std::size_t who = 0; who < one.airings.size(); ++who) {
            INFO("seed " << seed << " airing " << who << "\n" << told(one));
            const AiringRecord record = recorder.record(QString::fromStdString(one.airings[who].name), config.name);
            REQUIRE(record.frames.value == reference.framesOf(who));
            REQUIRE(record.plannedFrames.value == one.airings[who].frames);
            const bool isWhole = record.frames == record.plannedFrames;
            REQUIRE(record.outcome == (isWhole                   ? Outcome::Complete
                                       : record.frames.value > 0 ? Outcome::Partial
                                                                 : Outcome::Missed));
            REQUIRE(record.reason == (isWhole ? Break::None : Break::Preempted));
        }
    }
}

TEST_CASE("Promise 8: 30 days with overlaps, restarts and clocks that step end with zero frames of error",
          "[promise-8]")
{
    SilenceSourceFactory sources;
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    std::mt19937 random(30);
    std::int64_t error = 0;
    for (int day = 0; day < 30; ++day) {
        const UtcTime start = morning + day * 24h + std::chrono::milliseconds(random() % 1000);
        const Case one = randomCase(random, 20 * sampleRate, false);
        const std::vector<Segment> segments = timelineOf(one).segments();
        const SessionTimeline timeline({QStringLiteral("station-1")}, {QStringLiteral("session-%1").arg(day)}, 1, start,
                                       segments);
        // What a player that runs from one instant to another tells of each airing.
        const auto run = [&](UtcTime from, UtcTime until) {
            ManualClock clock(from - std::chrono::seconds(random() % 60) + 30s); // wrong by up to 30 s, then set right
            clock.step(from);
            Recorder recorder;
            auto player =
                *SteppedPlayer::create({StationId{QStringLiteral("station-1")}, {config}, sources, clock, recorder});
            REQUIRE(player->play(timeline));
            player->advanceTo(until);
            player->stop();
            std::map<QString, std::int64_t> frames;
            for (const AiringRecord& record : recorder.ended) {
                frames[record.airing.value] = record.frames.value;
                if (record.frames.value == 0)
                    continue;
                REQUIRE(std::chrono::abs(*record.firstFrameAt - std::max(record.plannedStart, from)) <= 21us);
                const Duration whole = *record.lastFrameAt - *record.firstFrameAt;
                REQUIRE(std::chrono::abs(whole - toDuration(record.frames - FrameCount{1})) <= 2us);
                error += record.gaps;
            }
            return frames;
        };
        const auto inside = [](const Segment& segment, std::int64_t from, std::int64_t to) {
            return std::max<std::int64_t>(std::min(to, segment.end().value) - std::max(from, segment.offset.value), 0);
        };
        const std::int64_t end = timeline.frames().value;
        auto whole = run(start - 1h, start + 1h);
        for (const Segment& segment : segments)
            error += std::abs(whole[segment.airing.value] - segment.frames.value);
        // A restart: whole milliseconds are whole frames.
        const std::int64_t cut = static_cast<std::int64_t>(random()) % end / 48 * 48;
        const std::int64_t back = cut + static_cast<std::int64_t>(random() % 1000) * 48;
        auto before = run(start - 1h, start + toDuration({cut}));
        auto after = run(start + toDuration({back}), start + 1h);
        for (const Segment& segment : segments) {
            const std::int64_t fallen = before[segment.airing.value] - inside(segment, 0, cut);
            REQUIRE(fallen >= 0); // the stop's fall is heard, too
            REQUIRE(fallen <= inside(segment, cut, cut + softCut.value));
            error += std::abs(after[segment.airing.value] - inside(segment, back, end));
        }
    }
    CHECK(error == 0);
}

TEST_CASE("Promise 3: an item that fails beside another costs itself alone", "[promise-3]")
{
    ManualClock clock(morning - 1h);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(4000, 0.25F));
    sources.add(hashOf("item-1"), std::vector<float>(1500, 0.25F)); // 500 too short
    Recorder recorder;
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QStringLiteral("null");
    auto player = *SteppedPlayer::create({StationId{QStringLiteral("station-1")}, {config}, sources, clock, recorder});
    const auto segment = [](const char* name, std::int64_t offset, std::int64_t frames) {
        const QString text = QString::fromLatin1(name);
        return Segment{{text}, {text}, hashOf(name), {offset}, {frames}, Priority::Normal};
    };
    const std::vector<Segment> segments{segment("item-0", 0, 4000), segment("item-1", 1000, 2000),
                                        segment("item-2", 3500, 1000)};
    REQUIRE(player->play({{QStringLiteral("station-1")}, {QStringLiteral("session-1")}, 1, morning, segments}));
    player->advanceTo(morning + 10s);
    const AiringRecord whole = recorder.record(QStringLiteral("item-0"), config.name);
    CHECK(whole.outcome == Outcome::Complete);
    CHECK(whole.gaps == 0);
    const AiringRecord cut = recorder.record(QStringLiteral("item-1"), config.name);
    CHECK(cut.frames == FrameCount{1500});
    CHECK(cut.reason == Break::SourceFailed);
    const AiringRecord missed = recorder.record(QStringLiteral("item-2"), config.name);
    CHECK(missed.outcome == Outcome::Missed);
    CHECK(missed.reason == Break::SourceFailed);
}

} // namespace loa::playout
