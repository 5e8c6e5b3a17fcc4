#include "scheduler/contract/mix_rules.h"
#include "scheduler/planner/joins.h"
#include "scheduler/planner/layout.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using std::chrono::seconds;

namespace {

constexpr std::int64_t s = sampleRate;

Join join(const char* name, int segment, FrameCount offset, FrameCount frames)
{
    Join made;
    made.placement.session = SessionId{text("session")};
    made.placement.item = ItemId{text(name)};
    made.placement.sha256 = sha256(QByteArrayView(name));
    made.placement.offset = offset;
    made.placement.frames = frames;
    made.placement.tune = text(name);
    made.segment = segment;
    return made;
}

Join bed(const char* name, int segment, FrameCount offset, FrameCount frames)
{
    Join made = join(name, segment, offset, frames);
    made.isBed = made.mayFade = true;
    return made;
}

// "name offset+frames in/out duck" in seconds.
std::vector<std::string> told(const std::vector<Placement>& placements)
{
    std::vector<std::string> words;
    const auto inSeconds = [](FrameCount frames) { return static_cast<double>(frames.value) / s; };
    for (const Placement& one : placements)
        words.push_back(text("%1 %2+%3 %4/%5 %6")
                            .arg(one.tune)
                            .arg(inSeconds(one.offset))
                            .arg(inSeconds(one.frames))
                            .arg(inSeconds(one.fadeIn))
                            .arg(inSeconds(one.fadeOut))
                            .arg(one.duckDb)
                            .toStdString());
    return words;
}

// The rule that scheduler and agent hold.
void requireAllowed(const std::vector<Placement>& placements, const std::vector<Join>& joins)
{
    MixJudge judge;
    for (const Placement& one : placements) {
        const auto of = std::find_if(joins.begin(), joins.end(),
                                     [&](const Join& some) { return some.placement.sha256 == one.sha256; });
        BundleMedia media;
        media.frames = of->placement.frames;
        media.mayFade = of->mayFade;
        const auto fault = judge.admit({AiringId{},
                                        one.item,
                                        one.sha256,
                                        one.offset,
                                        one.frames,
                                        one.priority,
                                        {},
                                        one.fadeIn,
                                        one.fadeOut,
                                        one.duckDb,
                                        one.duckGlide},
                                       &media);
        INFO(one.tune.toStdString() << " at " << one.offset.value << "+" << one.frames.value << " "
                                    << (fault ? fault->en.toStdString() : ""));
        REQUIRE_FALSE(fault);
    }
}

} // namespace

TEST_CASE("A bed is repeated, lapped, and faded out when the next exact second comes")
{
    const std::vector<Join> joins{join("signature", 0, {}, {20 * s}), bed("bed", 0, {}, {60 * s}),
                                  join("bulletin", 1, {200 * s}, {30 * s})};
    const auto placements = joinUp(joins, {{200 * s}, {300 * s}});
    CHECK(told(placements) == std::vector<std::string>{"signature 0+20 0/0 0", "bed 20+60 0/2 0", "bed/2 78+60 2/2 0",
                                                       "bed/3 136+36 2/2 0", "bed/4 170+30 2/2 0",
                                                       "bulletin 200+30 0/0 0"});
    requireAllowed(placements, joins);
}

TEST_CASE("What ducks sounds over the bed before it, which goes on into its like")
{
    std::vector<Join> joins{bed("bed", 0, {}, {100 * s}), join("signal", 1, {30 * s}, {6 * s}),
                            bed("bed", 1, {30 * s}, {100 * s}), join("bulletin", 2, {60 * s}, {30 * s})};
    joins[1].duckDb = 12;
    joins[3].crossfade = {3 * s};
    CHECK(told(joinUp(joins, {{30 * s}, {60 * s}, {100 * s}})) ==
          std::vector<std::string>{"bed 0+63 0/3 0", "signal 30+6 0/0 12", "bulletin 60+30 0/0 0"});
    requireAllowed(joinUp(joins, {{30 * s}, {60 * s}, {100 * s}}), joins);
}

TEST_CASE("A tune goes on under the beginning of the bulletin, and what follows comes so much earlier")
{
    std::vector<Join> joins{join("tune", 0, {}, {20 * s}), join("bulletin", 0, {}, {30 * s}),
                            join("last", 0, {}, {10 * s})};
    joins[1].crossfade = {4 * s};
    CHECK(told(joinUp(joins, {{100 * s}})) ==
          std::vector<std::string>{"tune 0+20 0/0 0", "bulletin 20+30 0/0 0", "last 50+10 0/0 0"}); // it may not fade
    joins[0].mayFade = true;
    CHECK(told(joinUp(joins, {{100 * s}})) ==
          std::vector<std::string>{"tune 0+20 0/4 0", "bulletin 16+30 0/0 0", "last 46+10 0/0 0"});
}

TEST_CASE("Promise 8: random sessions join within the rule, and beds fill them to the last frame", "[promise-8]")
{
    for (std::uint32_t seed = 1; seed <= 20'000; ++seed) {
        std::mt19937 random(seed);
        const auto pick = [&](std::int64_t low, std::int64_t high) {
            return std::uniform_int_distribution(low, high)(random);
        };
        INFO("seed " << seed);
        std::vector<Join> joins;
        std::vector<FrameCount> ends;
        std::vector<bool> isFull;
        FrameCount at{pick(0, 100)};
        for (std::int64_t segment = 0, count = pick(1, 4); segment < count; ++segment) {
            FrameCount needed;
            bool hasBed = false;
            for (std::int64_t part = pick(1, 5); part > 0; --part) {
                const bool isLike = pick(0, 1) == 0;
                const QByteArray name =
                    isLike ? QByteArray("like") : "n" + QByteArray::number(qulonglong(joins.size()));
                if (!hasBed && pick(0, 1) == 0) {
                    hasBed = true;
                    joins.push_back(bed(name.constData(), static_cast<int>(segment), at,
                                        {isLike ? 30 * s : pick(shortestBed.value, 40 * s)}));
                } else {
                    const QByteArray own = "n" + QByteArray::number(qulonglong(joins.size()));
                    joins.push_back(join(own.constData(), static_cast<int>(segment), at, {pick(1, 20 * s)}));
                    joins.back().mayFade = pick(0, 1) == 0;
                    joins.back().duckDb = pick(0, 3) == 0 ? 12 : 0;
                    needed += joins.back().placement.frames;
                }
                joins.back().crossfade = {pick(0, 2) == 0 ? pick(1, longestFade.value) : 0};
            }
            const FrameCount spare{hasBed ? pick(shortestBed.value, 120 * s) : pick(0, s)};
            at = at + needed + spare;
            ends.push_back(at);
            isFull.push_back(hasBed);
        }
        const std::vector<Placement> placements = joinUp(joins, ends);
        requireAllowed(placements, joins);
        // Every segment begins at its frame, and one with a bed has no silence.
        for (std::size_t segment = 0; segment < ends.size(); ++segment) {
            const FrameCount begins = segment == 0 ? joins.front().placement.offset : ends[segment - 1];
            FrameCount covered = begins;
            for (const Placement& one : placements) {
                if (one.offset <= covered)
                    covered = std::max(covered, one.offset + one.frames);
            }
            if (isFull[segment])
                REQUIRE(covered >= ends[segment]);
        }
        for (const Placement& one : placements)
            REQUIRE(one.offset + one.frames <= ends.back());
    }
}

TEST_CASE("Promise 8: the mark of a time signal is on its second, to the frame", "[promise-8]")
{
    model::TemplatePart music{text("music"), model::PartKind::Music, {}, {}};
    music.tune = ItemId{text("bed")};
    music.cutOrder = 1;
    model::TemplatePart signal{text("signal"), model::PartKind::TimeSignal, {}, seconds(300)};
    signal.tune = ItemId{text("pips")};
    signal.mark = {252'000};
    signal.duckDb = 15;
    model::TemplatePart rest{text("rest"), model::PartKind::Bulletin, {}, {}};
    const model::SessionTemplate made{
        TemplateId{text("template")}, UnitId{text("unit")}, text("Sáng"), {music, signal, rest}};
    REQUIRE(model::checkTemplate(made));
    const auto recordings = [](const ItemId& item, QDate) {
        const bool isBed = item == ItemId{text("bed")};
        return std::optional(TuneRecording{1, sha256(item.value.toUtf8()), {isBed ? 77 * s : 288'000}, isBed});
    };
    const auto laidOut = layOut(made, session(day(1), 5, toFrames(seconds(900))), recordings);
    REQUIRE(laidOut);
    PlanInput input = december(laidOut->frames);
    input.sessions = {*laidOut};
    input.items = {item("first", {100 * s}), item("second", {50 * s})};
    input.obligations.clear();
    const Plan planned = plan(input);
    const auto pips = std::ranges::find(planned.placements, text("signal"), &Placement::tune);
    REQUIRE(pips != planned.placements.end());
    CHECK(pips->offset + signal.mark == toFrames(seconds(300)));
    CHECK(pips->duckDb == 15);
    CHECK(pips->frames == FrameCount{288'000});
    // The bed before it reaches on beneath it, without a hole, to its last frame; then the bulletin.
    FrameCount covered;
    for (const Placement& one : planned.placements) {
        if (one.item == ItemId{text("bed")} && one.offset <= covered)
            covered = std::max(covered, one.offset + one.frames);
    }
    CHECK(covered == pips->offset + pips->frames);
    const auto first = std::ranges::find(planned.placements, covered, &Placement::offset);
    REQUIRE(first != planned.placements.end());
    CHECK(first->tune.isEmpty());

    SECTION("one that would begin before the session is refused")
    {
        model::SessionTemplate early = made;
        early.parts[1].at = seconds(5);
        CHECK(model::checkTemplate(early).error().where == text("/parts/1/mark_frames"));
    }
    SECTION("a bed that may not be faded is left out, and told")
    {
        const auto strict = [&](const ItemId& item, QDate date) {
            auto recording = recordings(item, date);
            recording->mayFade = false;
            return recording;
        };
        const auto bare = layOut(made, session(day(1), 5, toFrames(seconds(900))), strict);
        REQUIRE(bare);
        REQUIRE(bare->cuts.size() == 1);
        CHECK(bare->cuts[0].id == text("music"));
        CHECK(bare->tunes.size() == 1);
    }
    SECTION("planning again leaves all as it is")
    {
        input.existing = planned.placements;
        CHECK(plan(input).placements == planned.placements);
    }
}
