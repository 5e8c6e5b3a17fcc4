#include "scheduler/planner/layout.h"
#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"

#include <QJsonArray>
#include <QSet>

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace loa::planner;
using namespace loa::planner::test;
using model::PartKind;
using model::SessionTemplate;
using model::TemplatePart;
using std::chrono::seconds;

namespace {

TemplatePart tune(const char* id, PartKind kind = PartKind::Signature)
{
    TemplatePart part{text(id), kind, {}, {}};
    part.tune = ItemId{text("tune")};
    return part;
}

TemplatePart relay(const char* id, seconds at, seconds length)
{
    TemplatePart part{text(id), PartKind::Relay, {}, at};
    part.source = text("VOV1");
    part.most = length;
    return part;
}

TemplatePart room(const char* id, PartKind kind, seconds least, seconds most, int cutOrder = 0)
{
    TemplatePart part{text(id), kind, {}, {}};
    part.least = least;
    part.most = most;
    part.cutOrder = cutOrder;
    return part;
}

SessionTemplate of(std::vector<TemplatePart> parts)
{
    return {TemplateId{text("template")}, UnitId{text("unit")}, text("Buổi sáng"), std::move(parts)};
}

// Twenty seconds, but for the item "silent".
std::optional<TuneRecording> twentySeconds(const ItemId& item, QDate)
{
    if (item == ItemId{text("silent")})
        return std::nullopt;
    return TuneRecording{1, sha256(QByteArrayView("tune")), toFrames(seconds(20))};
}

model::Session morning(seconds length)
{
    return session(day(1), 5, toFrames(length));
}

// As at a commune: tune, relay of VOV at 5:05:00, notices, bulletin, column, music, closing.
SessionTemplate commune()
{
    TemplatePart column = room("column", PartKind::ReformColumn, std::chrono::minutes(3), std::chrono::minutes(10));
    column.accepts = {text("cchc-a"), text("cchc-e")};
    return of({tune("signature"), room("early", PartKind::Music, seconds(0), seconds(0), 1),
               relay("vov", std::chrono::minutes(5), std::chrono::minutes(15)),
               room("notices", PartKind::Notices, std::chrono::minutes(1), std::chrono::minutes(5), 2), column,
               room("music", PartKind::Music, seconds(0), seconds(0), 1), tune("closing", PartKind::Closing)});
}

} // namespace

TEST_CASE("A template becomes segments between exact seconds")
{
    REQUIRE(model::checkTemplate(commune()));
    const auto laidOut = layOut(commune(), morning(std::chrono::minutes(45)), twentySeconds);
    REQUIRE(laidOut);
    REQUIRE(laidOut->segments.size() == 2);
    CHECK(laidOut->segments[0] == model::SessionSegment{{0}, toFrames(seconds(280))});
    CHECK(laidOut->segments[1] ==
          model::SessionSegment{toFrames(std::chrono::minutes(20)), toFrames(seconds(25 * 60 - 20))});
    REQUIRE(laidOut->relays.size() == 1);
    CHECK(laidOut->relays[0].offset == toFrames(std::chrono::minutes(5)));
    CHECK(laidOut->relays[0].frames == toFrames(std::chrono::minutes(15)));
    REQUIRE(laidOut->parts.size() == 4);
    CHECK(laidOut->parts[1].most == toFrames(std::chrono::minutes(5)));
    CHECK(laidOut->parts[2].accepts == std::vector{text("cchc-a"), text("cchc-e")});
    CHECK(laidOut->parts[3].most == laidOut->segments[1].frames); // elastic
    REQUIRE(laidOut->tunes.size() == 2);
    CHECK(laidOut->tunes[0].before == 0);
    CHECK(laidOut->tunes[1].before == 4);
    CHECK(laidOut->cuts.empty());
}

TEST_CASE("What may be cut goes in its order, and is told")
{
    // From 20:00 on a minute and 20 seconds are left: the column, which may not be cut, needs three.
    auto made = commune();
    CHECK(layOut(made, morning(seconds(21 * 60 + 20)), twentySeconds).error().category == ErrorCategory::LimitExceeded);
    made.parts[4].cutOrder = 3;
    const auto laidOut = layOut(made, morning(seconds(21 * 60 + 20)), twentySeconds);
    REQUIRE(laidOut);
    std::vector<QString> gone;
    for (const model::SessionCut& cut : laidOut->cuts)
        gone.push_back(cut.id);
    // Music asks for nothing, goes first and helps nothing; then notices, then the column: a minute was wanting.
    CHECK(gone == std::vector{text("notices"), text("column"), text("music")});
    CHECK(laidOut->tunes.size() == 2);
}

TEST_CASE("A tune that is not approved is left out, and the rest stands")
{
    auto made = commune();
    made.parts[0].tune = ItemId{text("silent")};
    const auto laidOut = layOut(made, morning(std::chrono::minutes(45)), twentySeconds);
    REQUIRE(laidOut);
    CHECK(laidOut->tunes.size() == 1);
    REQUIRE(laidOut->cuts.size() == 1);
    CHECK(laidOut->cuts[0].id == text("signature"));
    CHECK(laidOut->cuts[0].reason.vi.contains(text("chưa được duyệt")));
    CHECK(laidOut->segments[0].frames == toFrames(std::chrono::minutes(5)));
}

TEST_CASE("A relay that the session cuts short goes, goes on, or stands in the way")
{
    auto made = of({relay("vov", std::chrono::minutes(5), std::chrono::minutes(15))});
    CHECK_FALSE(layOut(made, morning(std::chrono::minutes(15)), twentySeconds));
    made.parts[0].cutOrder = 1;
    CHECK(layOut(made, morning(std::chrono::minutes(15)), twentySeconds)->relays.empty());
    made.parts[0].least = std::chrono::minutes(10);
    const auto shortened = layOut(made, morning(std::chrono::minutes(15)), twentySeconds);
    REQUIRE(shortened->relays.size() == 1);
    CHECK(shortened->relays[0].frames == toFrames(std::chrono::minutes(10)));
    CHECK(shortened->cuts.size() == 1);
    CHECK(layOut(made, morning(std::chrono::minutes(4)), twentySeconds)->relays.empty());
}

TEST_CASE("A template that contradicts itself is refused with the place")
{
    const auto whereOf = [](std::vector<TemplatePart> parts) {
        return model::checkTemplate(of(std::move(parts))).error().where;
    };
    CHECK(whereOf({}) == text("/parts"));
    CHECK(whereOf({room("a", PartKind::Items, {}, {}), room("a", PartKind::Items, {}, {})}) == text("/parts/1/id"));
    CHECK(whereOf({room("Sai", PartKind::Items, {}, {})}) == text("/parts/0/id"));
    CHECK(whereOf({relay("a", std::chrono::minutes(5), std::chrono::minutes(5)),
                   relay("b", std::chrono::minutes(9), std::chrono::minutes(5))}) == text("/parts/1/at"));
    CHECK(whereOf({relay("a", std::chrono::minutes(5), seconds(0))}) == text("/parts/0/most_seconds"));
    CHECK(whereOf({room("a", PartKind::Items, std::chrono::minutes(6), {}),
                   relay("b", std::chrono::minutes(5), std::chrono::minutes(5))}) == text("/parts/1/at"));
    CHECK(whereOf({room("a", PartKind::Items, std::chrono::minutes(6), std::chrono::minutes(5))}) ==
          text("/parts/0/least_seconds"));
    CHECK(whereOf({room("a", PartKind::Signature, {}, {})}) == text("/parts/0/tune_item_id"));
    auto sourceless = relay("a", std::chrono::minutes(5), std::chrono::minutes(5));
    sourceless.source = text("  ");
    CHECK(whereOf({sourceless}) == text("/parts/0/source"));
}

TEST_CASE("Templates go to JSON and back; what is misspelt is refused")
{
    const auto made = commune();
    const QJsonArray written = partsToJson(made.parts);
    CHECK(model::templatePartsFromJson(written).value() == made.parts);
    QJsonObject misspelt = written.at(1).toObject();
    misspelt.insert(text("cutorder"), 1);
    const auto read = model::templatePartsFromJson(QJsonArray{misspelt});
    REQUIRE_FALSE(read);
    CHECK(read.error().where.contains(text("cutorder")));
}

TEST_CASE("Random templates: nothing overlaps, exact seconds are exact, every part stands or is told to be gone")
{
    std::mt19937 random(20261124);
    const auto dice = [&](int sides) { return static_cast<int>(random() % static_cast<unsigned>(sides)); };
    int fitted = 0;
    int cut = 0;
    for (int round = 0; round < 20'000; ++round) {
        SessionTemplate made = of({});
        seconds free{0};
        const int count = 1 + dice(7);
        for (int i = 0; i < count; ++i) {
            const QByteArray id = "p" + QByteArray::number(i);
            TemplatePart part;
            const int kind = dice(5);
            if (kind == 0) {
                part = tune(id.constData());
                if (dice(4) == 0)
                    part.tune = ItemId{text("silent")};
            } else if (kind == 1) {
                part = relay(id.constData(), free + seconds(dice(600)), seconds(1 + dice(900)));
                part.least = dice(2) == 0 ? seconds(0) : part.most / 2;
            } else {
                const seconds least(dice(300));
                part = room(id.constData(), PartKind::Items, least,
                            dice(3) == 0 ? seconds(0) : least + seconds(1 + dice(300)));
                if (dice(3) == 0)
                    part.at = free + seconds(dice(600));
            }
            part.cutOrder = dice(4);
            if (part.at)
                free = *part.at;
            free += part.kind == PartKind::Relay ? part.most : part.least;
            made.parts.push_back(part);
        }
        REQUIRE(model::checkTemplate(made));
        const model::Session before = morning(seconds(60 + dice(3600)));
        const auto laidOut = layOut(made, before, twentySeconds);
        if (!laidOut) {
            CHECK(laidOut.error().category == ErrorCategory::LimitExceeded);
            continue;
        }
        ++fitted;
        cut += laidOut->cuts.empty() ? 0 : 1;
        // Every part once: a place, a tune or a relay, or told to be gone; a shortened relay is both.
        for (const TemplatePart& part : made.parts) {
            const auto times = [&](const auto& list) {
                return std::ranges::count(list, part.id, [](const auto& some) { return some.id; });
            };
            const auto stands = times(laidOut->parts) + times(laidOut->tunes) + times(laidOut->relays);
            const auto gone = times(laidOut->cuts);
            CHECK(stands <= 1);
            CHECK(gone <= 1);
            CHECK(stands + gone >= 1);
            CHECK((stands + gone == 1 || part.kind == PartKind::Relay));
            CHECK((gone == 0 || part.cutOrder > 0 || part.tune == ItemId{text("silent")}));
        }
        // Stretches of time, from what was laid out alone.
        std::vector<std::pair<FrameCount, FrameCount>> taken;
        for (std::size_t i = 0; i < laidOut->segments.size(); ++i) {
            FrameCount length = laidOut->segments[i].frames;
            FrameCount needed;
            for (const model::SessionTune& each : laidOut->tunes) {
                if (each.segment == static_cast<int>(i))
                    length += each.frames;
            }
            for (const model::SessionPart& each : laidOut->parts) {
                if (each.segment != static_cast<int>(i))
                    continue;
                const auto part = std::ranges::find(made.parts, each.id, &TemplatePart::id);
                needed += toFrames(part->least);
                CHECK(each.most >= toFrames(part->least));
            }
            CHECK(needed <= laidOut->segments[i].frames);
            taken.emplace_back(laidOut->segments[i].offset, laidOut->segments[i].offset + length);
        }
        for (const model::SessionRelay& each : laidOut->relays) {
            taken.emplace_back(each.offset, each.offset + each.frames);
            CHECK(each.offset == toFrames(*std::ranges::find(made.parts, each.id, &TemplatePart::id)->at));
        }
        std::ranges::sort(taken);
        FrameCount end;
        for (const auto& [from, until] : taken) {
            CHECK(from >= end);
            end = until;
        }
        CHECK(end <= before.frames);
    }
    CHECK(fitted > 5000);
    CHECK(cut > 1000);
}

TEST_CASE("Tunes sound where the template has them, without a gap, twice if it says so; a replan leaves them")
{
    auto made = of({tune("signature"), room("first", PartKind::Bulletin, {}, std::chrono::minutes(4)), tune("jingle"),
                    room("second", PartKind::ReformColumn, {}, {}), tune("closing", PartKind::Closing)});
    made.parts[3].accepts = {text("cchc-e")};
    PlanInput input = december(toFrames(std::chrono::minutes(15)));
    for (model::Session& each : input.sessions)
        each = layOut(made, each, twentySeconds).value();
    input.items = {item("news", toFrames(std::chrono::minutes(3)), "other"),
                   item("reform", toFrames(std::chrono::minutes(5)))};
    input.obligations = {duty(1)};
    const Plan made1 = plan(input);
    CHECK(made1.shortfalls.empty());
    std::vector<Placement> first;
    for (const Placement& placement : made1.placements) {
        if (placement.session == input.sessions[0].id)
            first.push_back(placement);
    }
    REQUIRE(first.size() == 5);
    FrameCount offset;
    std::vector<QString> names;
    QSet<AiringId> airings;
    for (const Placement& placement : first) {
        CHECK(placement.offset == offset);
        offset += placement.frames;
        names.push_back(placement.tune.isEmpty() ? placement.item.value : placement.tune);
        airings.insert(placement.airing());
    }
    CHECK(names == std::vector{text("signature"), text("news"), text("jingle"), text("reform"), text("closing")});
    CHECK(airings.size() == 5);
    PlanInput again = input;
    again.existing = made1.placements;
    CHECK(plan(again) == made1);
    again.frozenUntil = at(day(5), 0);
    CHECK(plan(again).placements == made1.placements);
}

// What is kept for a part of one segment: its least, as far as items could fill it on that day.
FrameCount keptFor(const PlanInput& input, const model::Session& where, const model::SessionPart& part)
{
    const FrameCount room = std::min(part.most, where.segments[0].frames);
    FrameCount there;
    for (const PlannableItem& item : input.items) {
        const bool accepted = part.accepts.empty() || part.accepts.front() == item.topicGroups.front();
        if (accepted && item.frames <= room)
            there += item.frames;
    }
    return std::min({part.least, room, there});
}

// Sessions in which a part has less than is kept for it, and the others have left less than that.
int robbedSessions(const PlanInput& input, const Plan& made)
{
    int robbed = 0;
    for (const model::Session& where : input.sessions) {
        std::vector<FrameCount> used(where.parts.size());
        FrameCount free = where.segments[0].frames;
        for (const Placement& placement : made.placements) {
            if (placement.session != where.id)
                continue;
            used[static_cast<std::size_t>(placement.part)] += placement.frames;
            free = free - placement.frames;
        }
        FrameCount wanted;
        for (std::size_t part = 0; part < where.parts.size(); ++part) {
            const FrameCount kept = keptFor(input, where, where.parts[part]);
            if (used[part] < kept)
                wanted += kept - used[part];
        }
        robbed += wanted > free ? 1 : 0;
    }
    return robbed;
}

TEST_CASE("The least of a part is left to it by neighbours that fill first, but not against the quota")
{
    int robbedWithout = 0;
    int fewerHeld = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        loa::test::Dice dice(seed);
        const int length = dice.between(8, 15);
        PlanInput input = december(minutes(length));
        input.sessions.resize(6);
        const char* const groups[] = {"cchc-e", "cchc-a", "other"};
        for (model::Session& where : input.sessions) {
            where.segments = {{{}, where.frames}};
            for (int part = 0; part < dice.between(2, 3); ++part) {
                where.parts.push_back({QStringLiteral("part-%1").arg(part), PartKind::Bulletin, 0, where.frames, {}});
                if (dice.oneIn(2))
                    where.parts.back().accepts = {text(groups[dice.upTo(2)])};
                where.parts.back().least = minutes(dice.between(0, length / 3));
            }
        }
        for (int number = 0; number < dice.between(3, 12); ++number)
            input.items.push_back(item(QStringLiteral("item-%1").arg(number).toLatin1().constData(),
                                       minutes(dice.between(1, 6)), groups[dice.upTo(2)]));
        CHECK(robbedSessions(input, plan(input)) == 0);

        PlanInput plain = input;
        for (model::Session& where : plain.sessions) {
            for (model::SessionPart& part : where.parts)
                part.least = {};
        }
        robbedWithout += robbedSessions(input, plan(plain)) > 0 ? 1 : 0;

        input.obligations = plain.obligations = {duty(dice.between(1, 6))};
        const Plan made = plan(input);
        fewerHeld += made.shortfalls.size() != plan(plain).shortfalls.size() ? 1 : 0;
        PlanInput again = input;
        again.existing = made.placements;
        CHECK(plan(again) == made);
    }
    CHECK(fewerHeld == 0);
    CHECK(robbedWithout > 100);
}

TEST_CASE("A session of relay and tune alone has no room for items")
{
    const auto made = of({tune("signature"), relay("vov", std::chrono::minutes(1), std::chrono::minutes(14))});
    PlanInput input = december(toFrames(std::chrono::minutes(15)));
    for (model::Session& each : input.sessions)
        each = layOut(made, each, twentySeconds).value();
    input.items = {item("reform", toFrames(seconds(20)))};
    input.obligations = {duty(1)};
    const Plan planned = plan(input);
    CHECK(planned.shortfalls.size() == 1);
    CHECK(std::ranges::none_of(planned.placements, [](const Placement& some) { return some.tune.isEmpty(); }));
    CHECK(planned.placements.size() == 31);
}

TEST_CASE("A policy counts minutes without what is relayed apart from those with it", "[promise-2]")
{
    HoursPolicy policy;
    policy.id = PolicyId{text("policy")};
    policy.validFrom = day(1, 1);
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(300), std::chrono::minutes(1260)}};
    policy.sessionLength = std::chrono::minutes(45);
    policy.ownLength = std::chrono::minutes(15);
    model::SessionRule rule{SessionRuleId{text("rule")},
                            StationId{text("station")},
                            text("Sáng"),
                            text("FREQ=DAILY"),
                            day(1),
                            QTime(5, 0),
                            std::chrono::minutes(30),
                            day(1),
                            {}};
    const auto refused = [&](const SessionTemplate& made) {
        return expandSessions({&rule, 1}, {&policy, 1}, QTimeZone("Asia/Ho_Chi_Minh"), day(1), day(1), {&made, 1})
            ->refusals;
    };
    const SessionTemplate made = of({relay("vov", std::chrono::minutes(0), std::chrono::minutes(15))});
    REQUIRE(refused(made).size() == 1); // no template is named: all thirty are its own
    CHECK(refused(made)[0].cause == RefusalCause::TooLong);
    rule.made = made.id;
    CHECK(refused(made).empty());
    CHECK(refused(of({relay("vov", std::chrono::minutes(0), std::chrono::minutes(14))})).size() == 1);
    CHECK(hoursPolicyFromJson(toJson(policy)).value() == policy);
}
