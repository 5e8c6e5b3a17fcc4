// The sessions that a plan is made for: rules and hours, templates with their tunes, special days.
#include "scheduler/planner/why_not.h"
#include "tests/scheduler/fleet/sample_planning.h"

using namespace loa;
using namespace loa::test;

TEST_CASE("A rule removed while its session runs does not pull the session away, nor let another begin in it")
{
    PlannedDistrict at;
    at.approved("a");
    taken(at.planning.replanAll());
    at.clock.advance(std::chrono::minutes(5 * 60 + 31));
    taken(at.store.sessionRules.remove(SessionRuleId{text("rule-station-1")}));
    model::SessionRule other = PlannedDistrict::rule("other", at.stations[0]);
    other.startTime = QTime(5, 40);
    taken(at.store.sessionRules.add(other));
    taken(at.planning.replanAll());
    const Bundle bundle = at.bundleOf(at.stations[0]);
    CHECK(bundle.sessions[0].startsAt == morning + std::chrono::minutes(30));
    CHECK(bundle.sessions[1].startsAt == morning + std::chrono::minutes(40) + std::chrono::days(1));
    CHECK(taken(at.store.plans.sessions(at.stations[0], day(1), day(1))).size() == 1);
}

TEST_CASE("Sessions that policy forbids are named")
{
    PlannedDistrict at;
    at.approved("a");
    model::SessionRule night = PlannedDistrict::rule("night", at.stations[0]);
    night.startTime = QTime(3, 15);
    taken(at.store.sessionRules.add(night));
    const auto outcomes = taken(at.planning.replanStations(std::vector{at.stations[0]}));
    REQUIRE_FALSE(only(outcomes).refusals.empty());
    CHECK(only(outcomes).refusals[0].cause == planner::RefusalCause::OutsideHours);
    for (const BundleSession& session : at.bundleOf(at.stations[0]).sessions)
        CHECK(session.startsAt.time_since_epoch() % std::chrono::days(1) == std::chrono::minutes(22 * 60 + 30));
    const planner::PlanInput asked = taken(at.planning.planInput(at.stations[0]));
    REQUIRE(asked.refused.size() == only(outcomes).refusals.size());
    CHECK(asked.refused[0].session.rule == night.id);
    CHECK(asked.refused[0].session.frames == toFrames(night.duration));
    CHECK(asked.refused[0].reason == only(outcomes).refusals[0].reason);
}

TEST_CASE("Promise 1: a template's tune sounds in every session while it is approved, and is no item of the programme",
          "[promise-1]")
{
    PlannedDistrict at;
    for (const char* item : {"a", "b", "tune"})
        at.approved(item);
    model::TemplatePart signature{text("signature"), model::PartKind::Signature, {}, {}};
    signature.tune = ItemId{text("tune")};
    const model::TemplatePart column{text("column"), model::PartKind::ReformColumn, {}, {}};
    const model::SessionTemplate made{TemplateId{text("morning")}, at.district, text("Sáng"), {signature, column}};
    taken(at.store.templates.add(made));
    const SessionRuleId rule{text("rule-") + at.stations[0].value};
    taken(at.store.sessionRules.make(rule, made.id));
    CHECK(only(taken(at.planning.replanStations(std::vector{at.stations[0]}))).shortfalls.empty());
    const auto bundle = at.bundleOf(at.stations[0]);
    REQUIRE(bundle.sessions.size() >= 35);
    for (const BundleSession& session : bundle.sessions) {
        REQUIRE_FALSE(session.airings.empty());
        CHECK(session.airings.front().item == ItemId{text("tune")});
        CHECK(session.airings.front().offset == FrameCount{});
        CHECK(std::ranges::count(session.airings, ItemId{text("tune")}, &BundleAiring::item) == 1);
    }
    // A station without the template does not play it at all.
    taken(at.planning.replanStations(std::vector{at.stations[1]}));
    CHECK_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[1]), "tune"));

    // Its approval falls: the next bundle is without it, the next two hours too, and the rest plays on.
    at.clock.advance(std::chrono::hours(4));
    model::ItemEdit change;
    change.script = text("sửa một chữ");
    taken(at.store.items.save(taken(model::edit(taken(at.store.items.find(ItemId{text("tune")})), change))));
    CHECK(only(taken(at.planning.replanStations(std::vector{at.stations[0]}))).shortfalls.empty());
    CHECK_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "tune"));
    CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "a"));
    const auto later = taken(at.store.plans.sessions(at.stations[0], day(2), day(2)));
    REQUIRE(later.size() == 1);
    REQUIRE(later[0].cuts.size() == 1);
    CHECK(later[0].cuts[0].id == text("signature"));
}

TEST_CASE("Why a tune is no item of the programme is told as that")
{
    PlannedDistrict at;
    at.approved("tune");
    model::TemplatePart signature{text("signature"), model::PartKind::Signature, {}, {}};
    signature.tune = ItemId{text("tune")};
    taken(at.store.templates.add({TemplateId{text("morning")}, at.district, text("Sáng"), {signature}}));
    taken(at.store.sessionRules.make(SessionRuleId{text("rule-") + at.stations[0].value}, TemplateId{text("morning")}));
    const auto told = [&](const StationId& station) {
        const auto input = taken(at.planning.planInput(station));
        return planner::whyNot(input, planner::plan(input), ItemId{text("tune")}, day(2), day(4));
    };
    CHECK(told(at.stations[0]).plays.size() == 3);
    REQUIRE(told(at.stations[1]).reasons.size() == 1);
    CHECK(told(at.stations[1]).reasons[0].obstacle == planner::Obstacle::Tune);
    CHECK(told(at.stations[1]).remedies.empty());
}

TEST_CASE("A tune that is forbidden at a station is left out there")
{
    PlannedDistrict at;
    model::Item tune = at.approved("tune");
    tune.playRules.forbiddenAt = {at.stations[0]};
    taken(at.store.items.save(tune));
    model::TemplatePart signature{text("signature"), model::PartKind::Signature, {}, {}};
    signature.tune = ItemId{text("tune")};
    taken(at.store.templates.add({TemplateId{text("morning")}, at.district, text("Sáng"), {signature}}));
    for (const StationId& station : at.stations)
        taken(at.store.sessionRules.make(SessionRuleId{text("rule-") + station.value}, TemplateId{text("morning")}));
    taken(at.planning.replanAll());
    CHECK_FALSE(PlannedDistrict::holds(at.bundleOf(at.stations[0]), "tune"));
    CHECK(PlannedDistrict::holds(at.bundleOf(at.stations[1]), "tune"));
}

TEST_CASE("A session that its template does not fit is refused with the reason, and the others go on")
{
    PlannedDistrict at;
    at.approved("a");
    model::TemplatePart relay{text("vov"), model::PartKind::Relay, text("Tiếp sóng VOV"), std::chrono::minutes(5)};
    relay.source = text("VOV1");
    relay.most = std::chrono::minutes(15); // the session has a quarter of an hour
    const model::SessionTemplate made{TemplateId{text("morning")}, at.district, text("Sáng"), {relay}};
    taken(at.store.templates.add(made));
    taken(at.store.sessionRules.make(SessionRuleId{text("rule-") + at.stations[0].value}, made.id));
    const auto outcome = only(taken(at.planning.replanStations(std::vector{at.stations[0]})));
    CHECK(outcome.sessions == 0);
    REQUIRE_FALSE(outcome.refusals.empty());
    CHECK(outcome.refusals.front().cause == planner::RefusalCause::NoRoom);
    CHECK(outcome.refusals.front().reason.vi.contains(text("Tiếp sóng VOV")));
}

TEST_CASE("A special day of a unit above replaces the rules of the stations below, and goes when its calendar goes")
{
    PlannedDistrict at;
    for (const char* item : {"a", "b", "c"})
        at.approved(item);
    const model::SpecialCalendar calendar{SpecialCalendarId{text("le")},
                                          at.city,
                                          text("Lễ"),
                                          {},
                                          {{day(3),
                                            text("Ngày hội"),
                                            model::SpecialDayKind::Sessions,
                                            {{text("Chào mừng"), QTime(7, 0), std::chrono::minutes(10)},
                                             {text("Quá sớm"), QTime(4, 0), std::chrono::minutes(10)}}},
                                           {day(4), text("Quốc tang"), model::SpecialDayKind::Silent}}};
    taken(at.store.specialCalendars.add(calendar));
    const auto outcomes = taken(at.planning.replanAll());
    for (const fleet::StationOutcome& outcome : outcomes) {
        const auto festive = taken(at.store.plans.sessions(outcome.station, day(3), day(3)));
        REQUIRE(festive.size() == 1);
        CHECK(festive[0].title == text("Chào mừng"));
        CHECK(taken(at.store.plans.sessions(outcome.station, day(4), day(4))).empty());
        REQUIRE(outcome.refusals.size() == 1); // four o'clock is no hour to wake a commune, holiday or not
        CHECK(outcome.refusals[0].cause == planner::RefusalCause::OutsideHours);
        CHECK(outcome.shortfalls.empty());
    }
    taken(at.store.specialCalendars.remove(calendar.id));
    taken(at.planning.replanAll());
    CHECK(taken(at.store.plans.sessions(at.stations[0], day(3), day(3)))[0].title == text("Buổi sáng"));
    CHECK(taken(at.store.plans.sessions(at.stations[0], day(4), day(4))).size() == 1);
}
