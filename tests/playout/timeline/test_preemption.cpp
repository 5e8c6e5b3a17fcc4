#include "playout/timeline/preemption.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace loa::playout {

using namespace test;

namespace {

constexpr std::int64_t s = sampleRate;

Segment planned(const char* name, std::int64_t offset, std::int64_t frames, Priority priority = Priority::Normal)
{
    return {AiringId{QString::fromLatin1(name)},
            ItemId{QString::fromLatin1(name)},
            hashOf(name),
            {offset},
            {frames},
            priority};
}

LiveEvent live(const char* name, std::int64_t at, std::int64_t frames, Priority priority)
{
    return {
        AiringId{QString::fromLatin1(name)}, ItemId{QString::fromLatin1(name)}, hashOf(name), {at}, {frames}, priority};
}

SessionTimeline sessionOf(std::vector<Segment> segments)
{
    return {StationId{QStringLiteral("s")}, SessionId{QStringLiteral("x")}, 1, morning, std::move(segments)};
}

// "name from+frames@offset" of each piece, in seconds.
std::vector<std::string> told(const SessionTimeline& timeline)
{
    std::vector<std::string> words;
    for (const Segment& piece : timeline.segments())
        words.push_back(QStringLiteral("%1 %2+%3@%4")
                            .arg(piece.airing.value)
                            .arg(static_cast<double>(piece.from.value) / s)
                            .arg(static_cast<double>(piece.frames.value) / s)
                            .arg(static_cast<double>(piece.offset.value) / s)
                            .toStdString());
    return words;
}

} // namespace

TEST_CASE("An emergency cuts in at its frame; what it cut comes back at the live frame, or not at all")
{
    const SessionTimeline plan =
        sessionOf({planned("a", 0, 60 * s), planned("b", 60 * s, 20 * s), planned("c", 80 * s, 60 * s)});
    SECTION("in the middle of an item")
    {
        const auto timeline = withLiveEvents(plan, {live("e", 10 * s, 15 * s, Priority::Emergency)});
        CHECK(told(timeline) ==
              std::vector<std::string>{"a 0+10@0", "e 0+15@10", "a 25+35@25", "b 0+20@60", "c 0+60@80"});
        CHECK(timeline.airings().size() == 4);
        CHECK(timeline.segments()[0].fadeOut == softCut);
        CHECK(timeline.segments()[2].fadeIn == softCut);
        CHECK(timeline.segments()[1].fadeIn == softEdge);
        CHECK(timeline.segments()[2].fadeOut == FrameCount{}); // b follows it without a seam
        CHECK(timeline.segments()[4].fadeOut == softEdge);
    }
    SECTION("over the end of one, a whole one, and the head of a third")
    {
        const auto timeline = withLiveEvents(plan, {live("e", 57 * s, 30 * s, Priority::Emergency)});
        CHECK(told(timeline) == std::vector<std::string>{"a 0+57@0", "e 0+30@57", "c 7+53@87"});
        CHECK(timeline.findAiring({QStringLiteral("b")})); // still to be accounted for
    }
    SECTION("too little is left to come back for")
    {
        const auto timeline = withLiveEvents(plan, {live("e", 40 * s, 16 * s, Priority::Emergency)});
        CHECK(told(timeline) == std::vector<std::string>{"a 0+40@0", "e 0+16@40", "b 0+20@60", "c 0+60@80"});
        CHECK(timeline.whatSoundsAt({57 * s}).isEmpty());
        CHECK(timeline.segments()[2].fadeIn == softEdge); // after silence
    }
    SECTION("beyond the session's end")
    {
        const auto timeline = withLiveEvents(plan, {live("e", 130 * s, 30 * s, Priority::Emergency)});
        CHECK(timeline.frames() == FrameCount{160 * s});
    }
}

TEST_CASE("What is equal waits, what is higher does not, and the order of the news does not matter")
{
    const SessionTimeline plan = sessionOf({planned("a", 0, 60 * s), planned("p", 60 * s, 30 * s, Priority::Priority)});
    const LiveEvent normal = live("n", 10 * s, 10 * s, Priority::Normal);
    const LiveEvent priority = live("q", 50 * s, 20 * s, Priority::Priority);
    const LiveEvent emergency = live("e", 55 * s, 10 * s, Priority::Emergency);
    const LiveEvent second = live("f", 56 * s, 10 * s, Priority::Emergency);
    // Normal waits for "a", then for all that is higher; the priority event cuts "a" and, being there first, keeps "p"
    // waiting for nothing: "p" is entered in its middle.
    const auto timeline = withLiveEvents(plan, {normal, priority, emergency, second});
    CHECK(told(timeline) ==
          std::vector<std::string>{"a 0+50@0", "q 0+5@50", "e 0+10@55", "f 0+10@65", "p 15+15@75", "n 0+10@90"});
    CHECK(withLiveEvents(plan, {second, emergency, priority, normal}) == timeline);
}

TEST_CASE("Random sessions and events agree with a frame-by-frame reading of the rule")
{
    std::mt19937 random(41);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution(low, high)(random);
    };
    const auto priorityOf = [](std::int64_t number) { return static_cast<Priority>(number); };
    // In units long enough that no piece is too short to be entered.
    const std::int64_t unit = shortestJoin.value;
    for (int round = 0; round < 400; ++round) {
        std::vector<Segment> items;
        std::int64_t end = 0;
        for (auto count = pick(0, 5); count > 0; --count) {
            end += pick(0, 2);
            const auto length = pick(1, 6);
            const QByteArray name = "i" + QByteArray::number(static_cast<int>(items.size()));
            items.push_back(planned(name.constData(), end * unit, length * unit, priorityOf(pick(0, 2))));
            end += length;
        }
        std::vector<LiveEvent> events;
        for (auto count = pick(0, 4); count > 0; --count) {
            const QByteArray name = "e" + QByteArray::number(static_cast<int>(events.size()));
            events.push_back(live(name.constData(), pick(0, 25) * unit, pick(1, 5) * unit, priorityOf(pick(0, 2))));
        }
        const SessionTimeline timeline = withLiveEvents(sessionOf(items), events);

        // Unit by unit: which events begin, then which of what is there is highest.
        struct Begun {
            const LiveEvent* event;
            std::int64_t at;
        };
        std::vector<Begun> begun;
        std::vector<const LiveEvent*> waiting;
        for (const LiveEvent& event : events)
            waiting.push_back(&event);
        std::stable_sort(waiting.begin(), waiting.end(), [](const LiveEvent* a, const LiveEvent* b) {
            return a->priority != b->priority ? a->priority > b->priority : a->at < b->at;
        });
        for (std::int64_t now = 0; now < 80; ++now) {
            const auto isOn = [&](const Begun& one) { return now < one.at + one.event->frames.value / unit; };
            const Segment* item = nullptr;
            for (const Segment& candidate : items) {
                if (candidate.offset.value <= now * unit && now * unit < candidate.end().value)
                    item = &candidate;
            }
            for (auto next = waiting.begin(); next != waiting.end();) {
                const LiveEvent& event = **next;
                bool waits = event.at.value > now * unit;
                waits |= item && (item->offset.value < now * unit ? item->priority >= event.priority
                                                                  : item->priority > event.priority);
                for (const Begun& one : begun)
                    waits |= isOn(one) && one.event->priority >= event.priority;
                if (waits) {
                    ++next;
                    continue;
                }
                begun.push_back({&event, now});
                next = waiting.erase(next);
            }
            QString expected;
            std::int64_t frame = 0;
            std::optional<Priority> highest;
            if (item) {
                highest = item->priority;
                expected = item->airing.value;
                frame = now * unit - item->offset.value;
            }
            for (const Begun& one : begun) {
                if (isOn(one) && (!highest || one.event->priority >= *highest)) {
                    highest = one.event->priority;
                    expected = one.event->airing.value;
                    frame = (now - one.at) * unit;
                }
            }
            const auto sounding = timeline.whatSoundsAt({now * unit});
            REQUIRE(sounding.size() == (expected.isEmpty() ? 0 : 1));
            if (!sounding.isEmpty()) {
                REQUIRE(timeline.segments()[sounding[0].segment].airing.value == expected);
                REQUIRE(sounding[0].frame.value == frame);
            }
        }
        REQUIRE(timeline.airings().size() == items.size() + events.size());
    }
}

} // namespace loa::playout
