#include "tests/simulation/house_rules.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

namespace loa::simulation {

void checkLogsArrivedWhole(District& district)
{
    for (const auto& site : district.sites()) {
        INFO(site->station().value.toStdString());
        const std::vector<SignedLogEntry> journal = site->journal();
        const std::vector<SignedLogEntry> stored = district.office().log(site->agent());
        REQUIRE(stored.size() == journal.size());
        REQUIRE((stored == journal));
        const SignedLogEntry* last = nullptr;
        struct Claim {
            FrameCount frames;
            QString lastReason;
        };
        std::map<std::pair<AiringId, QString>, Claim> claimed;
        for (const SignedLogEntry& line : stored) {
            const auto link = verifyLink(last, line, site->key());
            REQUIRE(link.has_value());
            last = &line;
            if (line.entry.kind != EntryKind::Airing)
                continue;
            const LogEntry& entry = line.entry;
            INFO(entry.airing.value.toStdString()
                 << " on " << entry.output.toStdString() << ": " << toString(entry.outcome).toStdString() << ", "
                 << entry.reason.toStdString());
            const auto [claim, isFirst] = claimed.try_emplace({entry.airing, entry.output});
            if (!isFirst) {
                // Only a power cut opens a second entry: what was joined after it, to its end or to the next cut.
                INFO("after one that says " << claim->second.lastReason.toStdString());
                REQUIRE(claim->second.lastReason == QStringLiteral("interrupted"));
                REQUIRE(entry.outcome == Outcome::Partial);
                REQUIRE(
                    (entry.reason == QStringLiteral("late-start") || entry.reason == QStringLiteral("interrupted")));
            }
            claim->second.lastReason = entry.reason;
            claim->second.frames += entry.frames;
            REQUIRE(claim->second.frames <= entry.plannedFrames);
        }
        const store::LogState state = district.office().logState(site->agent());
        CHECK(state.acknowledgedThrough == static_cast<std::int64_t>(journal.size()));
        CHECK(state.gaps.empty());
        CHECK(state.incidents.empty());
    }
}

void checkNothingIsMissing(District& district)
{
    for (const auto& site : district.sites()) {
        INFO(site->station().value.toStdString());
        std::set<std::pair<AiringId, QString>> told;
        for (const SignedLogEntry& line : district.office().log(site->agent()))
            told.emplace(line.entry.airing, line.entry.output);
        const auto placements =
            district.office().placements(site->station(), District::firstDay(), District::lastDay());
        CHECK(placements.size() > 20);
        for (const model::Session& session :
             district.office().sessions(site->station(), District::firstDay(), District::lastDay())) {
            for (const model::SessionRelay& relay : session.relays) {
                for (const QString& output : site->outputs())
                    CHECK(told.contains({relayAiringIdFor(session.id, *relay.relay, relay.id), output}));
            }
        }
        for (const planner::Placement& placement : placements) {
            for (const QString& output : site->outputs()) {
                INFO(placement.airing().value.toStdString() << " on " << output.toStdString());
                CHECK(told.contains({placement.airing(), output}));
            }
        }
    }
}

void checkLogSaysWhatSounded(District& district)
{
    for (const auto& site : district.sites()) {
        INFO(site->station().value.toStdString());
        std::set<std::pair<AiringId, QString>> joined; // after the first entry of an airing
        for (const SignedLogEntry& line : district.office().log(site->agent())) {
            const LogEntry& entry = line.entry;
            if (entry.kind != EntryKind::Airing)
                continue;
            INFO(entry.airing.value.toStdString()
                 << " on " << entry.output.toStdString() << ": " << toString(entry.outcome).toStdString());
            const Heard& witnessed = joined.contains({entry.airing, entry.output}) ? site->joined() : site->heard();
            joined.emplace(entry.airing, entry.output);
            const auto heard = witnessed.find({entry.airing, entry.output});
            const FrameCount frames = heard == witnessed.end() ? FrameCount{} : heard->second;
            REQUIRE(entry.frames <= frames);
            REQUIRE((entry.outcome == Outcome::Complete) == (entry.frames == entry.plannedFrames));
            if (entry.outcome == Outcome::Complete)
                REQUIRE(frames == entry.plannedFrames);
            if (entry.outcome == Outcome::Missed)
                REQUIRE(frames == FrameCount{});
        }
    }
}

void checkQuota(District& district)
{
    for (const auto& site : district.sites()) {
        const auto standing = district.office().standing(site->station(), District::firstDay());
        INFO(site->station().value.toStdString() << ": " << standing.note.en.toStdString());
        CHECK(standing.standing == compliance::Standing::Green);
        CHECK(standing.completed >= standing.required);
        std::map<ItemId, int> counting;
        for (const compliance::ItemEvidence& item : standing.items) {
            for (const compliance::EvidenceLine& line : item.lines)
                counting[item.item] += line.counts ? 1 : 0;
            CHECK(counting[item.item] == (item.completed ? 1 : 0));
        }
        CHECK(standing.completed ==
              std::count_if(counting.begin(), counting.end(), [](const auto& item) { return item.second == 1; }));
        for (const planner::Shortfall& shortfall : district.office().shortfalls(site->station()))
            CHECK(shortfall.period.first != District::firstDay());
    }
}

} // namespace loa::simulation
