#include "tests/scheduler/compliance/sample_log.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::compliance;
using namespace loa::compliance::test;

namespace {

// The verdict on the only line of the only item.
Verdict verdictOn(const ComplianceInput& input)
{
    const StationStanding result = standing(input);
    REQUIRE(result.items.size() == 1);
    REQUIRE(result.items.front().lines.size() == 1);
    const EvidenceLine& line = result.items.front().lines.front();
    CHECK(line.counts == (line.verdict == Verdict::Counts));
    CHECK_FALSE(line.why.vi.isEmpty());
    CHECK_FALSE(line.why.en.isEmpty());
    CHECK(result.completed == (line.counts ? 1 : 0));
    return line.verdict;
}

} // namespace

TEST_CASE("Promise 3: what counts is a whole airing to loudspeakers, and nothing else", "[promise-3]")
{
    Agent agent;
    ComplianceInput input = december();
    SignedLogEntry line = agent.aired("reform-1", at(3, 6));

    SECTION("whole")
    {
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Counts);
    }
    SECTION("partial")
    {
        input.log = {agent.cut("reform-1", at(3, 6))};
        CHECK(verdictOn(input) == Verdict::Partial);
        CHECK(standing(input).items.front().lines.front().why.en.contains(text("25 %")));
    }
    SECTION("missed, on the day of its planned start")
    {
        line.entry.outcome = Outcome::Missed;
        line.entry.frames = {};
        line.entry.firstFrameAt.reset();
        line.entry.lastFrameAt.reset();
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Missed);
        CHECK(standing(input).items.front().lines.front().localDate == QDate(2026, 12, 3));
    }
    SECTION("unknown")
    {
        line.entry.outcome = Outcome::Unknown;
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Unknown);
    }
    SECTION("to an archive")
    {
        line.entry.output = text("archive");
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::ArchiveOutput);
    }
    SECTION("by a clock that cannot be trusted (promise 9)")
    {
        line.entry.clock = ClockState::Untrusted;
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::ClockUntrusted);
    }
    SECTION("by a clock that is trusted by configuration")
    {
        line.entry.clock = ClockState::Assumed;
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Counts);
    }
    SECTION("of another topic")
    {
        input.log = {agent.aired("news", at(3, 6))};
        CHECK(verdictOn(input) == Verdict::NotTopical);
    }
    SECTION("of an item that is not in the library")
    {
        input.items.clear();
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::UnknownItem);
    }
    SECTION("of other audio")
    {
        line.entry.sha256 = recordingOf(text("else"));
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::WrongRecording);
    }
    SECTION("measured as other sound, where no match is asked for")
    {
        line.entry.mix = MixProof{line.entry.frames, 40, -1600};
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Counts);
    }
    SECTION("where a match is asked for")
    {
        input.leastMatch = 600;
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::NotMatched); // not measured
        for (const auto& [match, verdict] :
             {std::pair{599, Verdict::NotMatched}, {600, Verdict::Counts}, {1000, Verdict::Counts}}) {
            input.log[0].entry.mix = MixProof{line.entry.frames, match, -1600};
            CHECK(verdictOn(input) == verdict);
        }
        input.log[0].entry.mix = MixProof{line.entry.frames, 417, -1600};
        CHECK(standing(input).items.front().lines.front().why.en.contains(text("41 %")));
        input.log[0].entry.mix->match.reset();
        CHECK(verdictOn(input) == Verdict::NotMatched);
    }
    SECTION("of an earlier recording of the item")
    {
        input.items[0].recordings.push_back(recordingOf(text("second")));
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Counts);
    }
    SECTION("complete by name, short by frames")
    {
        line.entry.frames = {line.entry.frames.value - 1};
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Contradictory);
    }
    SECTION("complete without a first frame")
    {
        line.entry.firstFrameAt.reset();
        input.log = {line};
        CHECK(verdictOn(input) == Verdict::Contradictory);
    }
}

TEST_CASE("Distinct items are counted, airings and minutes are told", "[compliance]")
{
    Agent agent;
    ComplianceInput input = december();
    SignedLogEntry otherCluster = agent.aired("reform-1", at(1, 6));
    otherCluster.entry.output = text("loa-thon-2");
    input.log = {otherCluster, agent.aired("reform-1", at(1, 6)), agent.aired("reform-1", at(3, 6)),
                 agent.aired("news", at(3, 7))};
    const StationStanding result = standing(input);
    CHECK(result.completed == 1);
    CHECK(result.airings == 2); // one airing on two clusters is one
    CHECK(result.duration == FrameCount{2 * 4 * 60 * sampleRate});
    CHECK(result.standing == Standing::AtRisk);
    REQUIRE(result.items.size() == 2);
    const ItemEvidence& reform = result.items.front();
    CHECK(reform.item.value == text("reform-1"));
    CHECK(reform.approvedByName == text("Nguyễn Thị Hoa"));
    REQUIRE(reform.lines.size() == 3);
    CHECK(std::count_if(reform.lines.begin(), reform.lines.end(),
                        [](const EvidenceLine& line) { return line.counts; }) == 1);
    CHECK(reform.lines.back().verdict == Verdict::AlreadyCounted);
    CHECK(result.items.back().lines.front().verdict == Verdict::NotTopical);
}

TEST_CASE("A log counts by the day it sounded, in the station's zone, however late and however often it arrives",
          "[compliance]")
{
    Agent agent;
    ComplianceInput input = december();
    // 00:30 on 1 December in Hanoi is 17:30 on 30 November in UTC; 23:59 on 30 November is still November.
    SignedLogEntry first = agent.aired("reform-1", at(1, 0, 30));
    input.log = {first, agent.aired("reform-2", at(30, 23, 59, 11)), first};
    input.now = at(31, 23);
    StationStanding result = standing(input);
    CHECK(result.completed == 1);
    REQUIRE(result.items.size() == 1);
    REQUIRE(result.items.front().lines.size() == 2);
    CHECK(result.items.front().lines.back().verdict == Verdict::Repeated);
    CHECK(result.airings == 1);

    // Told in February, it still counts for December.
    input.now = at(1, 12) + std::chrono::hours(24 * 62);
    CHECK(standing(input).standing == Standing::Failed);
    input.log.push_back(agent.aired("reform-2", at(31, 23, 58)));
    CHECK(standing(input).standing == Standing::Green);
}

TEST_CASE("Green, at risk, failed, and what to expect", "[compliance]")
{
    Agent agent;
    ComplianceInput input = december();
    const auto check = [&](Standing expected, Forecast forecast, int planned) {
        const StationStanding result = standing(input);
        CHECK(result.standing == expected);
        CHECK(result.forecast == forecast);
        CHECK(result.planned == planned);
        CHECK_FALSE(result.note.vi.isEmpty());
        CHECK_FALSE(result.note.en.isEmpty());
    };
    check(Standing::AtRisk, Forecast::Short, 0);

    input.log = {agent.aired("reform-1", at(3, 6))};
    input.planned = {planned("reform-1", at(20, 6)), planned("reform-2", at(3, 7, 0, 1)), planned("news", at(20, 6))};
    check(Standing::AtRisk, Forecast::Short, 0); // the same item again, another month, another topic
    CHECK(standing(input).note.en.contains(text("Approve and schedule 1 more by 31/12/2026")));

    input.planned.push_back(planned("reform-2", at(20, 6)));
    check(Standing::AtRisk, Forecast::OnCourse, 1);
    input.now = at(20, 12);
    check(Standing::AtRisk, Forecast::OnCourse, 1); // its time has passed, its log may be on the way
    CHECK(standing(input).note.en.contains(text("no log has come")));

    input.now = at(31, 23, 59);
    check(Standing::AtRisk, Forecast::OnCourse, 1);
    input.now = at(31, 24);
    check(Standing::Failed, Forecast::AwaitingLog, 1);

    SignedLogEntry failed = agent.cut("reform-2", at(20, 6));
    input.log.push_back(failed);
    check(Standing::Failed, Forecast::Missed, 0);

    input.log.push_back(agent.aired("reform-3", at(31, 6)));
    check(Standing::Green, Forecast::Met, 0);
    input.now = at(4, 6);
    check(Standing::Green, Forecast::Met, 0);
}

TEST_CASE("Entries of other stations and events are passed over", "[compliance]")
{
    Agent agent;
    ComplianceInput input = december();
    SignedLogEntry elsewhere = agent.aired("reform-1", at(3, 6));
    elsewhere.entry.station = {text("elsewhere")};
    SignedLogEntry event = agent.aired("reform-2", at(3, 6));
    event.entry.kind = EntryKind::Event;
    input.log = {elsewhere, event};
    CHECK(standing(input).items.empty());
    CHECK(standing(input).completed == 0);
}

TEST_CASE("What monitors heard stands beside the line of their output, and counts for nothing", "[compliance]")
{
    Agent agent;
    ComplianceInput input = december();
    const SignedLogEntry line = agent.aired("reform-1", at(3, 6));
    input.log = {line};
    const auto heardLine = [&](Heard result, std::optional<int> match, const QString& output) {
        SignedLogEntry heard;
        heard.entry.kind = EntryKind::Event;
        heard.entry.station = line.entry.station;
        heard.entry.reason = text("heard");
        HeardProof proof;
        proof.airing = line.entry.airing;
        proof.output = output;
        proof.plannedStart = line.entry.plannedStart;
        proof.result = result;
        proof.match = match;
        heard.entry.heard = proof;
        return heard;
    };
    input.heard = {heardLine(Heard::No, 10, line.entry.output), heardLine(Heard::Yes, 830, line.entry.output),
                   heardLine(Heard::Yes, 990, text("another"))};
    StationStanding result = standing(input);
    const auto& shown = result.items.front().lines.front().heard;
    REQUIRE(shown);
    CHECK(shown->result == Heard::Yes);
    CHECK(shown->match == 830);
    CHECK(result.completed == 1);
    input.heard = {heardLine(Heard::No, 10, line.entry.output)};
    result = standing(input);
    CHECK(result.items.front().lines.front().heard->result == Heard::No);
    CHECK(result.completed == 1);
    for (SignedLogEntry& other : input.heard)
        other.entry.station = {text("elsewhere")};
    CHECK_FALSE(standing(input).items.front().lines.front().heard);
}

TEST_CASE("Words for programs", "[compliance]")
{
    CHECK(toString(Standing::AtRisk) == text("at_risk"));
    CHECK(toString(Forecast::AwaitingLog) == text("awaiting-log"));
    CHECK(toString(Verdict::AlreadyCounted) == text("already-counted"));
}
