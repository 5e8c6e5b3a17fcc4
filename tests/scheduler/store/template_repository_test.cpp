#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

namespace {

model::SessionTemplate morningShow(const UnitId& unit)
{
    model::TemplatePart relay{text("vov"), model::PartKind::Relay, text("Tiếp sóng"), std::chrono::minutes(5)};
    relay.source = text("VOV1");
    relay.most = std::chrono::minutes(15);
    model::TemplatePart column{text("column"), model::PartKind::ReformColumn, text("CCHC"), {}};
    column.accepts = {text("cchc-a")};
    column.cutOrder = 2;
    return {TemplateId{text("morning")}, unit, text("Buổi sáng"), {relay, column}};
}

} // namespace

TEST_CASE("A template comes back as it was stored, changes by revision, and goes only when nobody uses it")
{
    District at;
    at.settle();
    auto& templates = at.store.templates;
    model::SessionTemplate made = morningShow(at.district);
    taken(templates.add(made));
    CHECK(taken(templates.find(made.id)) == made);
    CHECK(taken(templates.ofUnit(at.district)) == std::vector{made});
    CHECK(taken(templates.ofUnit(at.city)).empty());

    made.name = text("Sáng sớm");
    taken(templates.change(made));
    CHECK(categoryOf(templates.change(made)) == ErrorCategory::Conflict); // of revision 1, which is gone
    made.revision = 2;
    CHECK(taken(templates.all()) == std::vector{made});
    model::SessionTemplate torn = made;
    torn.parts[0].source.clear();
    CHECK(categoryOf(templates.change(torn)) == ErrorCategory::InvalidInput);
    torn.id = TemplateId{text("other")};
    CHECK(categoryOf(templates.add(torn)) == ErrorCategory::InvalidInput);

    model::SessionRule rule{SessionRuleId{text("rule")}, at.stations[0], text("Sáng"),
                            text("FREQ=DAILY"),          day(1),         QTime(5, 30),
                            std::chrono::minutes(30),    day(1),         {}};
    rule.made = made.id;
    taken(at.store.sessionRules.add(rule));
    CHECK(taken(at.store.sessionRules.find(rule.id)) == rule);
    CHECK(categoryOf(templates.remove(made.id)) == ErrorCategory::Conflict);
    // What an .ics says leaves the template alone.
    model::SessionRule later = rule;
    later.startTime = QTime(6, 0);
    later.made.reset();
    taken(at.store.sessionRules.change(later));
    CHECK(taken(at.store.sessionRules.find(rule.id)).made == made.id);
    taken(at.store.sessionRules.make(rule.id, std::nullopt));
    CHECK(taken(at.store.sessionRules.find(rule.id)) == later);
    taken(templates.remove(made.id));
    CHECK(categoryOf(templates.find(made.id)) == ErrorCategory::NotFound);
    CHECK(categoryOf(templates.remove(made.id)) == ErrorCategory::NotFound);
    CHECK(categoryOf(at.store.sessionRules.make(SessionRuleId{text("none")}, std::nullopt)) == ErrorCategory::NotFound);
}

TEST_CASE("A calendar of special days comes back as it was stored, and changes by revision")
{
    District at;
    at.settle();
    auto& calendars = at.store.specialCalendars;
    model::SpecialCalendar tet{SpecialCalendarId{text("tet")},
                               at.city,
                               text("Tết 2027"),
                               text("Thông báo số 1"),
                               {{day(6, 2, 2027),
                                 text("Mùng Một"),
                                 model::SpecialDayKind::Sessions,
                                 {{text("Chúc Tết"), QTime(7, 0), std::chrono::minutes(20)}}},
                                {day(7, 2, 2027), text("Mùng Hai"), model::SpecialDayKind::Silent}}};
    taken(calendars.add(tet));
    CHECK(taken(calendars.find(tet.id)) == tet);
    tet.days.pop_back();
    taken(calendars.change(tet));
    CHECK(categoryOf(calendars.change(tet)) == ErrorCategory::Conflict);
    tet.revision = 2;
    CHECK(taken(calendars.ofUnit(at.city)) == std::vector{tet});
    CHECK(taken(calendars.all()).value(at.city) == std::vector{tet});
    model::SpecialCalendar torn = tet;
    torn.days.clear();
    CHECK(categoryOf(calendars.change(torn)) == ErrorCategory::InvalidInput);
    taken(calendars.remove(tet.id));
    CHECK(categoryOf(calendars.remove(tet.id)) == ErrorCategory::NotFound);
    CHECK(categoryOf(calendars.change(tet)) == ErrorCategory::NotFound);
}
