// Random logs, counted a second time by a few plain loops.
#include "tests/scheduler/compliance/sample_log.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using namespace loa;
using namespace loa::compliance;
using namespace loa::compliance::test;

namespace {

constexpr const char* itemNames[] = {"reform-1", "reform-2", "reform-3", "news", "stranger"};

int upTo(std::mt19937& engine, int most)
{
    return static_cast<int>(engine() % static_cast<unsigned>(most + 1));
}

ComplianceInput randomInput(std::mt19937& engine)
{
    Agent agent;
    ComplianceInput input = december();
    input.obligation.required = 1 + upTo(engine, 2);
    const int lines = upTo(engine, 12);
    for (int i = 0; i < lines; ++i) {
        SignedLogEntry line =
            agent.aired(itemNames[upTo(engine, 4)], at(1, 0) + std::chrono::hours(upTo(engine, 24 * 33) - 24));
        static constexpr Outcome outcomes[] = {Outcome::Complete, Outcome::Complete, Outcome::Complete,
                                               Outcome::Partial,  Outcome::Missed,   Outcome::Unknown};
        line.entry.outcome = outcomes[upTo(engine, 5)];
        if (upTo(engine, 5) == 0)
            line.entry.output = text("archive");
        if (upTo(engine, 9) == 0)
            line.entry.clock = ClockState::Untrusted;
        if (upTo(engine, 9) == 0)
            line.entry.sha256 = recordingOf(text("else"));
        if (upTo(engine, 9) == 0)
            line.entry.station = {text("elsewhere")};
        input.log.push_back(line);
        if (upTo(engine, 5) == 0)
            input.log.push_back(line);
    }
    const int plans = upTo(engine, 6);
    for (int i = 0; i < plans; ++i)
        input.planned.push_back(planned(itemNames[upTo(engine, 4)], at(1 + upTo(engine, 30), 6)));
    input.now = at(1, 0) + std::chrono::hours(upTo(engine, 24 * 40));
    std::shuffle(input.log.begin(), input.log.end(), engine);
    return input;
}

bool isReform(const ItemId& item)
{
    return item.value.startsWith(text("reform"));
}

bool inDecember(UtcTime instant)
{
    return at(1, 0) <= instant && instant < at(1, 0) + std::chrono::hours(24 * 31);
}

bool plainlyCounts(const LogEntry& entry)
{
    return entry.station.value == text("station") && inDecember(*entry.firstFrameAt) && isReform(entry.item) &&
           entry.outcome == Outcome::Complete && entry.output == text("loa-thon-1") &&
           entry.clock != ClockState::Untrusted && entry.sha256 == recordingOf(entry.item.value);
}

} // namespace

TEST_CASE("Promise 3: the count is what a plain recount of the log gives", "[promise-3][property]")
{
    for (unsigned seed = 1; seed <= 5000; ++seed) {
        INFO("seed " << seed);
        std::mt19937 engine(seed);
        const ComplianceInput input = randomInput(engine);
        std::set<ItemId> completed;
        std::map<AiringId, std::int64_t> airings;
        std::set<std::int64_t> considered;
        for (const SignedLogEntry& line : input.log) {
            if (plainlyCounts(line.entry)) {
                completed.insert(line.entry.item);
                airings[line.entry.airing] = line.entry.frames.value;
            }
            if (line.entry.station.value == text("station") && inDecember(*line.entry.firstFrameAt))
                considered.insert(line.entry.sequence);
        }
        const StationStanding result = standing(input);
        REQUIRE(result.completed == static_cast<int>(completed.size()));
        REQUIRE(result.airings == static_cast<int>(airings.size()));
        std::int64_t frames = 0;
        for (const auto& [airing, length] : airings)
            frames += length;
        REQUIRE(result.duration.value == frames);

        std::set<ItemId> further;
        for (const PlannedAiring& airing : input.planned) {
            const bool heardOf = std::any_of(input.log.begin(), input.log.end(), [&](const SignedLogEntry& line) {
                return line.entry.airing == airing.airing && line.entry.output != text("archive") &&
                       line.entry.station.value == text("station");
            });
            if (isReform(airing.item) && !completed.contains(airing.item) && !heardOf)
                further.insert(airing.item);
        }
        REQUIRE(result.planned == static_cast<int>(further.size()));
        const bool met = result.completed >= input.obligation.required;
        const bool over = input.now >= at(1, 0) + std::chrono::hours(24 * 31);
        REQUIRE(result.standing == (met ? Standing::Green : (over ? Standing::Failed : Standing::AtRisk)));

        // Every line is there once for each time it came, and just one counts for each completed item.
        std::multiset<ItemId> counting;
        std::set<std::int64_t> shown;
        for (const ItemEvidence& item : result.items) {
            for (const EvidenceLine& line : item.lines) {
                shown.insert(line.line.entry.sequence);
                if (line.counts)
                    counting.insert(item.item);
            }
            REQUIRE(item.completed == completed.contains(item.item));
        }
        REQUIRE(shown == considered);
        REQUIRE(counting == std::multiset<ItemId>(completed.begin(), completed.end()));

        // The order in which logs arrive is of no account.
        ComplianceInput shuffled = input;
        std::shuffle(shuffled.log.begin(), shuffled.log.end(), engine);
        REQUIRE(standing(shuffled) == result);
    }
}
