#include "scheduler/model/special_days.h"

#include <QJsonObject>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::model;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

const QDate since(2020, 1, 1);

Unit unit(const char* id, std::optional<UnitId> parent)
{
    return {UnitId{text(id)}, std::move(parent), text(id), text(id), text("unit"), since, {}};
}

SpecialCalendar calendar(const char* id, const char* owner, std::vector<SpecialDay> days)
{
    return {SpecialCalendarId{text(id)}, UnitId{text(owner)}, text(id), {}, std::move(days)};
}

SpecialDay silent(QDate date)
{
    return {date, text("Nghỉ"), SpecialDayKind::Silent};
}

SpecialDay withSession(QDate date)
{
    return {date, text("Lễ"), SpecialDayKind::Sessions, {{text("Chào mừng"), QTime(7, 0), std::chrono::minutes(20)}}};
}

SpecialDay asUsual(QDate date)
{
    return {date, text("Như thường"), SpecialDayKind::AsUsual};
}

} // namespace

TEST_CASE("The nearest unit that names a day binds, and may let it go on as usual")
{
    const auto named = [](const char* id) { return UnitId{text(id)}; };
    const UnitTree tree({unit("city", {}), unit("district", named("city")), unit("commune", named("district")),
                         unit("other", named("district"))},
                        {{named("city"), since, {}},
                         {named("district"), since, named("city")},
                         {named("commune"), since, named("district")},
                         {named("other"), since, named("district")}});
    const QDate national(2026, 9, 2);
    const QDate newYear(2027, 1, 1);
    const QHash<UnitId, std::vector<SpecialCalendar>> byUnit{
        {UnitId{text("city")}, {calendar("c1", "city", {silent(national), silent(newYear)})}},
        {UnitId{text("district")},
         {calendar("d1", "district", {silent(national)}), calendar("d2", "district", {withSession(national)})}},
        {UnitId{text("commune")}, {calendar("e1", "commune", {asUsual(newYear)})}}};
    const auto of = [&](const char* who) {
        return specialDaysInForce(UnitId{text(who)}, tree, byUnit, QDate(2026, 1, 1), QDate(2027, 12, 31));
    };
    REQUIRE(of("commune").size() == 1);
    CHECK(of("commune")[0].calendar == SpecialCalendarId{text("d2")}); // made last
    CHECK(of("commune")[0].day == withSession(national));
    REQUIRE(of("other").size() == 2);
    CHECK(of("other")[1].day == silent(newYear));
    CHECK(of("city").size() == 2);
    CHECK(specialDaysInForce(UnitId{text("other")}, tree, byUnit, QDate(2026, 9, 3), QDate(2026, 12, 31)).empty());
}

TEST_CASE("A day's sessions are rules of one start, named alike whenever they are made")
{
    const SpecialDayInForce day{SpecialCalendarId{text("c")}, text("Lễ"), withSession(QDate(2026, 9, 2))};
    const auto rules = sessionRulesOf(day, StationId{text("s")});
    REQUIRE(rules.size() == 1);
    CHECK(rules == sessionRulesOf(day, StationId{text("s")}));
    CHECK(rules[0].startDate == QDate(2026, 9, 2));
    CHECK(rules[0].validUntil == QDate(2026, 9, 2));
    CHECK(isValidId(rules[0].id.value));
    SpecialDayInForce other = day;
    other.day.date = QDate(2027, 9, 2);
    CHECK_FALSE(sessionRulesOf(other, StationId{text("s")})[0].id == rules[0].id);
}

TEST_CASE("A calendar's mistakes are told with their place, and what is right goes to JSON and back")
{
    const QDate date(2026, 9, 2);
    const auto whereOf = [](SpecialCalendar made) {
        const auto checked = checkCalendar(made);
        return checked ? text("sound") : checked.error().where;
    };
    CHECK(whereOf(calendar("c", "u", {silent(date), withSession(date.addDays(1))})) == text("sound"));
    CHECK(whereOf(calendar("c", "u", {})) == text("/days"));
    CHECK(whereOf(calendar("c", "u", {silent(date), silent(date)})) == text("/days/1/date"));
    CHECK(whereOf(calendar("c", "u", {silent({})})) == text("/days/0/date"));
    SpecialDay day = withSession(date);
    day.kind = SpecialDayKind::Silent;
    CHECK(whereOf(calendar("c", "u", {day})) == text("/days/0/sessions"));
    day = withSession(date);
    day.sessions.push_back(day.sessions[0]);
    CHECK(whereOf(calendar("c", "u", {day})) == text("/days/0/sessions/1/start_time"));
    day = withSession(date);
    day.sessions[0].duration = {};
    CHECK(whereOf(calendar("c", "u", {day})) == text("/days/0/sessions/0/duration_seconds"));

    const std::vector<SpecialDay> days{silent(date), withSession(date.addDays(1)), asUsual(date.addDays(2))};
    CHECK(specialDaysFromJson(daysToJson(days)).value() == days);
    QJsonObject misspelt = daysToJson(days).at(0).toObject();
    misspelt.insert(text("sesions"), 1);
    CHECK(specialDaysFromJson(QJsonArray{misspelt}).error().where.contains(text("sesions")));
}
