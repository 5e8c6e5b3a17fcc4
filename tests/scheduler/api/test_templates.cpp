// Templates of sessions, and which session rule uses which.
#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QJsonObject relay()
{
    return {{text("id"), text("vov")}, {text("kind"), text("relay")},  {text("title"), text("Tiếp sóng VOV1")},
            {text("at"), 300},         {text("source"), text("VOV1")}, {text("most_seconds"), 900}};
}

QJsonObject column()
{
    return {{text("id"), text("column")}, {text("kind"), text("reform_column")}, {text("cut_order"), 1}};
}

QJsonObject input(const char* unit, QJsonArray parts)
{
    return {{text("unit_id"), text(unit)}, {text("name"), text("Buổi sáng")}, {text("parts"), std::move(parts)}};
}

QByteArray match(int revision)
{
    return "If-Match: \"" + QByteArray::number(revision) + "\"\r\n";
}

QString makeRule(Office& office, const char* station, int seconds)
{
    const api::Response made = office.post("admin", QByteArray("/stations/") + station + "/session-rules",
                                           {{text("title"), text("Sáng")},
                                            {text("rrule"), text("FREQ=DAILY")},
                                            {text("start_date"), text("2026-12-01")},
                                            {text("start_time"), text("05:00")},
                                            {text("duration_seconds"), seconds},
                                            {text("valid_from"), text("2026-12-01")}});
    REQUIRE(made.status == 201);
    CHECK(Office::json(made)[QLatin1String("template_id")].isNull());
    return Office::json(made)[QLatin1String("id")].toString();
}

} // namespace

TEST_CASE("A template is made, listed with those above, changed by revision, used, and removed when free")
{
    Office office;
    const auto made = office.post("admin", "/templates", input("district", {relay(), column()}));
    REQUIRE(made.status == 201);
    CHECK(made.header("ETag") == "\"1\"");
    const QString id = Office::json(made)[QLatin1String("id")].toString();
    CHECK(Office::items(office.get("officer-a", "/templates?unit=commune-a")).size() == 1);
    CHECK(office.audit().front().action == text("template.create"));

    const QByteArray path = "/templates/" + id.toLatin1();
    const QJsonObject change{{text("name"), text("Sáng sớm")}, {text("parts"), QJsonArray{relay()}}};
    CHECK(office.send("admin", "PUT", path, change).status == 428);
    CHECK(office.send("admin", "PUT", path, change, match(9)).status == 412);
    CHECK(office.send("inspector", "PUT", path, change, match(1)).status == 403);
    const auto changed = office.send("admin", "PUT", path, change, match(1));
    REQUIRE(changed.status == 200);
    CHECK(Office::json(changed)[QLatin1String("revision")].toInt() == 2);

    // A relay from 5:05 to 5:20 does not fit a quarter of an hour; half an hour holds it.
    const QByteArray shortRule = "/session-rules/" + makeRule(office, "station-a", 900).toLatin1();
    const auto refused = office.send("admin", "PATCH", shortRule, {{text("template_id"), id}});
    CHECK(refused.status == 400);
    CHECK(Office::json(refused)[QLatin1String("detail_vi")].toString().contains(text("Tiếp sóng VOV1")));
    const QByteArray rule = "/session-rules/" + makeRule(office, "station-b", 1800).toLatin1();
    REQUIRE(office.send("admin", "PATCH", rule, {{text("template_id"), id}}).status == 200);
    CHECK(office.send("admin", "PATCH", rule, {}).status == 400);
    CHECK(office.send("admin", "PATCH", rule, {{text("template_id"), text("none")}}).status == 400);
    CHECK(office.send("inspector", "PATCH", rule, {{text("template_id"), id}}).status == 403);
    office.plan();
    const QJsonObject schedule =
        Office::json(office.get("admin", "/stations/station-b/schedule?from=2026-12-01&to=2026-12-01"));
    bool found = false;
    for (const QJsonValue& session : schedule[QLatin1String("sessions")].toArray()) {
        for (const QJsonValue& each : session[QLatin1String("relays")].toArray()) {
            CHECK(each[QLatin1String("source")] == text("VOV1"));
            CHECK(each[QLatin1String("duration_ms")].toInt() == 900'000);
            found = true;
        }
    }
    CHECK(found);

    CHECK(office.send("admin", "DELETE", path, {}, match(2)).status == 409);
    REQUIRE(office.send("admin", "PATCH", rule, {{text("template_id"), QJsonValue()}}).status == 200);
    CHECK(office.send("admin", "DELETE", path, {}, match(2)).status == 204);
    CHECK(office.send("admin", "DELETE", path, {}, match(2)).status == 404);
}

TEST_CASE("What a bundle says of a template's tunes is no difference to the plan")
{
    Office office;
    const QString tune =
        office.approvedItem(text("Nhạc hiệu"), text("district"), "tune")[QLatin1String("id")].toString();
    model::Item recording = must(office.store->items.find(ItemId{tune}));
    recording.topics = {TopicId{text("khac")}};
    must(office.store->items.save(recording));
    office.approvedItem(text("Tin"), text("district"), "news");
    const QJsonObject signature{
        {text("id"), text("signature")}, {text("kind"), text("signature")}, {text("tune_item_id"), tune}};
    const auto made = office.post("admin", "/templates", input("district", {signature, column()}));
    REQUIRE(made.status == 201);
    const QByteArray rule = "/session-rules/" + makeRule(office, "station-a", 1800).toLatin1();
    REQUIRE(
        office.send("admin", "PATCH", rule, {{text("template_id"), Office::json(made)[QLatin1String("id")]}}).status ==
        200);
    office.plan();
    const auto changes = [&](const char* kind) {
        return Office::json(office.get("officer-a", "/stations/station-a/plan/difference"))
            .value(QLatin1String(kind))
            .toArray()
            .size();
    };
    for (const char* kind : {"added", "moved", "removed"})
        CHECK(changes(kind) == 0);
    // Without the template the tune goes, and the commune's bundle still has it.
    REQUIRE(office.send("admin", "PATCH", rule, {{text("template_id"), QJsonValue()}}).status == 200);
    must(office.store->plans.replace(StationId{text("station-a")}, office.clock.now(),
                                     must(office.planning->planInput(StationId{text("station-a")})).sessions,
                                     planner::plan(must(office.planning->planInput(StationId{text("station-a")})))));
    CHECK(changes("removed") > 20);
}

TEST_CASE("A template's mistakes are told with their place")
{
    Office office;
    const auto where = [&](const QJsonObject& body) {
        const auto response = office.post("admin", "/templates", body);
        CHECK(response.status == 400);
        return QString::fromUtf8(QJsonDocument(Office::json(response)).toJson());
    };
    QJsonObject early = relay();
    early.insert(text("id"), text("again"));
    CHECK(where(input("district", {relay(), early})).contains(text("/parts/1/at")));
    QJsonObject signature{{text("id"), text("signature")}, {text("kind"), text("signature")}};
    CHECK(where(input("district", {signature})).contains(text("/parts/0/tune_item_id")));
    signature.insert(text("tune_item_id"), text("nothing"));
    CHECK(where(input("district", {signature})).contains(text("/parts/0/tune_item_id")));
    CHECK(where(input("district", {})).contains(text("/parts")));
    CHECK(where(input("nowhere", {relay()})).contains(text("/unit_id")));
    QJsonObject misspelt = relay();
    misspelt.insert(text("cutorder"), 1);
    CHECK(where(input("district", {misspelt})).contains(text("cutorder")));
}

TEST_CASE("A template of one commune is not for another, nor for whoever has no right there")
{
    Office office;
    const auto made = office.post("admin", "/templates", input("commune-a", {column()}));
    REQUIRE(made.status == 201);
    const QString id = Office::json(made)[QLatin1String("id")].toString();
    const QByteArray rule = "/session-rules/" + makeRule(office, "station-b", 1800).toLatin1();
    CHECK(office.send("admin", "PATCH", rule, {{text("template_id"), id}}).status == 400);
    CHECK(office.post("officer-b", "/templates", input("commune-a", {column()})).status == 403);
}

TEST_CASE("A calendar of special days replaces the rules of the stations below while it stands")
{
    Office office;
    makeRule(office, "station-a", 900);
    const QJsonObject silent{
        {text("date"), text("2026-12-02")}, {text("name"), text("Quốc tang")}, {text("kind"), text("silent")}};
    QJsonObject body{
        {text("unit_id"), text("district")}, {text("name"), text("Lễ 2026")}, {text("days"), QJsonArray{silent}}};
    const auto made = office.post("admin", "/special-calendars", body);
    REQUIRE(made.status == 201);
    const QByteArray path = "/special-calendars/" + Office::json(made)[QLatin1String("id")].toString().toLatin1();
    const auto sessions = [&] {
        office.plan();
        return Office::json(office.get(
            "admin", "/stations/station-a/schedule?from=2026-12-02&to=2026-12-02"))[QLatin1String("sessions")]
            .toArray();
    };
    CHECK(sessions().isEmpty());
    const QByteArray days = "/special-days?unit=commune-a&from=2026-12-01&to=2026-12-31";
    REQUIRE(Office::items(office.get("officer-a", days)).size() == 1);
    CHECK(Office::items(office.get("officer-a", days))[0][QLatin1String("calendar_name")] == text("Lễ 2026"));
    CHECK(Office::items(office.get("officer-a", "/special-calendars?unit=commune-a")).size() == 1);
    CHECK(office.get("officer-a", "/special-days?unit=commune-a&from=2026-12-31&to=2026-12-01").status == 400);

    body.remove(text("unit_id"));
    QJsonObject own = silent;
    own.insert(text("kind"), text("sessions"));
    own.insert(text("sessions"), QJsonArray{QJsonObject{{text("title"), text("Chào mừng")},
                                                        {text("start_time"), text("07:00")},
                                                        {text("duration_seconds"), 600}}});
    body.insert(text("days"), QJsonArray{own});
    CHECK(office.send("admin", "PUT", path, body).status == 428);
    CHECK(office.send("inspector", "PUT", path, body, match(1)).status == 403);
    REQUIRE(office.send("admin", "PUT", path, body, match(1)).status == 200);
    CHECK(office.send("admin", "PUT", path, body, match(1)).status == 412);
    REQUIRE(sessions().size() == 1);
    CHECK(sessions()[0][QLatin1String("title")] == text("Chào mừng"));
    body.insert(text("days"), QJsonArray{own, own});
    const auto refused = office.send("admin", "PUT", path, body, match(2));
    CHECK(refused.status == 400);
    CHECK(QString::fromUtf8(QJsonDocument(Office::json(refused)).toJson()).contains(text("/days/1/date")));

    // The commune takes the day back.
    const QJsonObject usual{
        {text("date"), text("2026-12-02")}, {text("name"), text("Như thường")}, {text("kind"), text("as_usual")}};
    REQUIRE(
        office
            .post(
                "admin", "/special-calendars",
                {{text("unit_id"), text("commune-a")}, {text("name"), text("Xã A")}, {text("days"), QJsonArray{usual}}})
            .status == 201);
    CHECK(sessions().size() >= 1);
    CHECK(sessions()[0][QLatin1String("title")] != text("Chào mừng"));
    CHECK(office.send("admin", "DELETE", path, {}, match(2)).status == 204);
    CHECK(office.audit().front().action == text("special_calendar.remove"));
}

TEST_CASE("A special day's session is made of a template, which stays while it is used")
{
    Office office;
    const auto made = office.post("admin", "/templates", input("district", {relay(), column()}));
    REQUIRE(made.status == 201);
    const QString id = Office::json(made)[QLatin1String("id")].toString();
    const auto calendar = [&](const QString& madeOf, int seconds) {
        const QJsonObject session{{text("title"), text("Chào mừng")},
                                  {text("start_time"), text("07:00")},
                                  {text("duration_seconds"), seconds},
                                  {text("template_id"), madeOf}};
        const QJsonObject day{{text("date"), text("2026-12-02")},
                              {text("name"), text("Lễ")},
                              {text("kind"), text("sessions")},
                              {text("sessions"), QJsonArray{session}}};
        return QJsonObject{
            {text("unit_id"), text("district")}, {text("name"), text("Lễ")}, {text("days"), QJsonArray{day}}};
    };
    const auto refused = office.post("admin", "/special-calendars", calendar(id, 900));
    CHECK(refused.status == 400);
    const QString told = QString::fromUtf8(QJsonDocument(Office::json(refused)).toJson());
    CHECK(told.contains(text("/days/0/sessions/0/template_id")));
    CHECK(told.contains(text("Tiếp sóng VOV1")));
    CHECK(office.post("admin", "/special-calendars", calendar(text("nothing"), 1800)).status == 400);
    const auto stored = office.post("admin", "/special-calendars", calendar(id, 1800));
    REQUIRE(stored.status == 201);
    office.plan();
    const QJsonObject schedule =
        Office::json(office.get("admin", "/stations/station-a/schedule?from=2026-12-02&to=2026-12-02"));
    const QJsonArray sessions = schedule[QLatin1String("sessions")].toArray();
    REQUIRE(sessions.size() == 1);
    REQUIRE(sessions[0][QLatin1String("relays")].toArray().size() == 1);
    CHECK(sessions[0][QLatin1String("relays")][0][QLatin1String("source")] == text("VOV1"));
    CHECK(sessions[0][QLatin1String("parts")][0][QLatin1String("kind")] == text("reform_column"));

    const QByteArray path = "/templates/" + id.toLatin1();
    CHECK(office.send("admin", "DELETE", path, {}, match(1)).status == 409);
    const QByteArray day = "/special-calendars/" + Office::json(stored)[QLatin1String("id")].toString().toLatin1();
    CHECK(office.send("admin", "DELETE", day, {}, match(1)).status == 204);
    CHECK(office.send("admin", "DELETE", path, {}, match(1)).status == 204);
}

TEST_CASE("Sessions that do not take place are told with what to change")
{
    Office office;
    const auto refusals = [&](const char* span) {
        return Office::items(office.get("officer-a", QByteArray("/stations/station-a/refusals?") + span));
    };
    CHECK(refusals("from=2026-12-01&to=2026-12-31").isEmpty());
    // A day's session grew too short for its template after it had been given: the relay needs 20 minutes.
    const QString rule = makeRule(office, "station-a", 1800);
    const auto made = office.post("admin", "/templates", input("district", {column()}));
    const QString id = Office::json(made)[QLatin1String("id")].toString();
    REQUIRE(office.send("admin", "PATCH", "/session-rules/" + rule.toLatin1(), {{text("template_id"), id}}).status ==
            200);
    QJsonObject longer = relay();
    longer.insert(text("most_seconds"), 3600);
    REQUIRE(office
                .send("admin", "PUT", "/templates/" + id.toLatin1(),
                      {{text("name"), text("Sáng")}, {text("parts"), QJsonArray{longer}}}, match(1))
                .status == 200);
    const QJsonArray told = refusals("from=2026-12-03&to=2026-12-05");
    REQUIRE(told.size() == 3);
    CHECK(told[0][QLatin1String("cause")] == text("no_room"));
    CHECK(told[0][QLatin1String("local_date")] == text("2026-12-03"));
    CHECK(told[0][QLatin1String("rule_id")] == rule);
    CHECK(told[0][QLatin1String("reason")][QLatin1String("vi")].toString().contains(text("Tiếp sóng VOV1")));
    CHECK(office.get("officer-b", "/stations/station-a/refusals?from=2026-12-03&to=2026-12-05").status == 404);
}

TEST_CASE("Presets of hours, special days and templates stand to be chosen")
{
    Office office;
    const QJsonObject presets = Office::json(office.get("officer-a", "/presets"));
    CHECK(presets[QLatin1String("policies")].toArray().size() >= 4);
    REQUIRE(presets[QLatin1String("special_days")].toArray().size() >= 2);
    REQUIRE(presets[QLatin1String("templates")].toArray().size() >= 5);
    // What is offered can be stored as it is offered, but for recordings.
    for (const QJsonValue& each : presets[QLatin1String("templates")].toArray()) {
        QJsonArray parts;
        for (const QJsonValue& part : each[QLatin1String("parts")].toArray()) {
            if (part[QLatin1String("kind")] != text("signature") && part[QLatin1String("kind")] != text("closing"))
                parts.append(part);
        }
        CHECK(office.post("admin", "/templates", input("district", parts)).status == 201);
    }
    for (const QJsonValue& each : presets[QLatin1String("special_days")].toArray()) {
        QJsonArray days;
        for (const QJsonValue& day : each[QLatin1String("days")].toArray()) {
            if (day[QLatin1String("date")].toString().startsWith(text("2027-")))
                days.append(day);
        }
        CHECK(office
                  .post("admin", "/special-calendars",
                        {{text("unit_id"), text("district")},
                         {text("name"), each[QLatin1String("name")]},
                         {text("decision"), each[QLatin1String("decision")]},
                         {text("days"), days}})
                  .status == 201);
    }
}
