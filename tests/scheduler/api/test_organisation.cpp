#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QJsonObject rule()
{
    return {{text("title"), text("Buổi sáng")},       {text("rrule"), text("FREQ=DAILY")},
            {text("start_date"), text("2026-11-01")}, {text("start_time"), text("05:30")},
            {text("duration_seconds"), 1800},         {text("valid_from"), text("2026-11-01")},
            {text("valid_until"), QJsonValue::Null}};
}

QStringList ids(const QJsonArray& items)
{
    QStringList all;
    for (const QJsonValue& item : items)
        all.append(item[QLatin1String("id")].toString());
    all.sort();
    return all;
}

QByteArray csv(const QByteArray& credentials)
{
    return credentials + "Content-Type: text/csv; charset=utf-8\r\n";
}

} // namespace

TEST_CASE("Units are shown with those above, parents first")
{
    Office office;
    const QJsonArray seen = Office::items(office.get("officer-a", "/units"));
    CHECK(ids(seen) == QStringList{text("commune-a"), text("district")});
    CHECK(seen[0][QLatin1String("id")] == text("district"));
    CHECK(seen[0][QLatin1String("parent_id")].isNull());
    CHECK(Office::items(office.get("inspector", "/units")).size() == 3);
}

TEST_CASE("Units are made and changed where one governs")
{
    Office office;
    QJsonObject unit{{text("parent_id"), text("commune-b")},
                     {text("code"), text("B1")},
                     {text("name"), text("Thôn 1")},
                     {text("kind"), text("hamlet")},
                     {text("valid_from"), text("2026-01-01")}};
    const api::Response made = office.post("admin-b", "/units", unit);
    REQUIRE(made.status == 201);
    const QByteArray path = "/units/" + Office::json(made).value(QLatin1String("id")).toString().toLatin1();
    CHECK(office.post("admin-b", "/units", unit).status == 409);
    unit[text("code")] = text("A1");
    unit[text("parent_id")] = text("commune-a");
    CHECK(office.post("admin-b", "/units", unit).status == 403);
    unit[text("parent_id")] = QJsonValue::Null;
    CHECK(office.post("admin-b", "/units", unit).status == 403);
    unit[text("parent_id")] = text("no-such-unit");
    CHECK(office.post("admin", "/units", unit).status == 400);

    CHECK(Office::json(office.send("admin-b", "PATCH", path, {{text("name"), text("Thôn Một")}}))
              .value(QLatin1String("name")) == text("Thôn Một"));
    CHECK(office.plansAskedFor == 1);
    CHECK(office.send("admin-b", "PATCH", path, {{text("parent_id"), text("commune-a")}}).status == 403);
    CHECK(office.send("admin", "PATCH", path, {{text("valid_until"), text("2025-01-01")}}).status == 400);
    CHECK(office.send("admin", "PATCH", "/units/district", {{text("parent_id"), text("commune-a")}}).status >=
          400); // a circle
    CHECK(office.audit().front().action == text("unit.change"));
}

TEST_CASE("Stations are seen within one's units alone")
{
    Office office;
    CHECK(ids(Office::items(office.get("inspector", "/stations"))) ==
          QStringList{text("station-a"), text("station-b")});
    CHECK(ids(Office::items(office.get("officer-a", "/stations"))) == QStringList{text("station-a")});
    CHECK(office.get("officer-a", "/stations/station-a").status == 200);
    CHECK(office.get("officer-a", "/stations/station-b").status == 404);
    CHECK(office.get("officer-a", "/stations/no-such").status == 404);
    CHECK(office.get("officer-a", "/stations/NO%20ID").status == 404);
}

TEST_CASE("A station is made, changed and planned anew")
{
    Office office;
    QJsonObject station{
        {text("unit_id"), text("commune-a")},
        {text("name"), text("Đài 2")},
        {text("code"), text("DTT-A2")},
        {text("clusters"), QJsonArray{QJsonObject{{text("name"), text("Cụm")}, {text("output"), text("main")}}}}};
    const api::Response made = office.post("admin", "/stations", station);
    REQUIRE(made.status == 201);
    const QJsonObject json = Office::json(made);
    CHECK(json.value(QLatin1String("time_zone")) == text("Asia/Ho_Chi_Minh"));
    CHECK(json.value(QLatin1String("clusters"))[0][QLatin1String("speakers")].toInt() == 1);
    CHECK(office.plansAskedFor == 1);
    CHECK(must(office.store->plans.wished(office.clock.now(), 10)).size() == 1);
    const QByteArray path = "/stations/" + json.value(QLatin1String("id")).toString().toLatin1();
    CHECK(office.post("admin", "/stations", station).status == 409);
    CHECK(office.send("admin", "PATCH", path, {{text("time_zone"), text("Asia/Atlantis")}}).status == 400);
    CHECK(office.send("admin", "PATCH", path, {{text("name"), text("   ")}}).status == 400);
    const api::Response bad = office.send(
        "admin", "PATCH", path,
        {{text("clusters"), QJsonArray{QJsonObject{{text("name"), text("x")}, {text("output"), text("Ồ")}}}}});
    CHECK(bad.status == 400);
    CHECK(Office::json(bad).value(QLatin1String("where")) == text("/clusters/0/output"));
    CHECK(office.send("admin", "PATCH", path, {{text("clusters"), QJsonArray()}}).status == 200);
    CHECK(office.send("admin-b", "PATCH", path, {{text("name"), text("Của tôi")}}).status == 404);
    CHECK(office.send("officer-a", "PATCH", "/stations/station-a", {{text("name"), text("Của tôi")}}).status == 403);
    CHECK(office.send("admin-b", "PATCH", "/stations/station-b", {{text("unit_id"), text("commune-a")}}).status == 403);
}

TEST_CASE("Session rules are read by RFC 5545 and bring sessions into the plan")
{
    Office office;
    const api::Response made = office.post("officer-a", "/stations/station-a/session-rules", rule());
    REQUIRE(made.status == 201);
    CHECK(Office::json(made).value(QLatin1String("start_time")) == text("05:30"));
    CHECK(Office::items(office.get("inspector", "/stations/station-a/session-rules")).size() == 1);
    office.plan();
    const QJsonObject schedule =
        Office::json(office.get("officer-a", "/stations/station-a/schedule?from=2026-12-01&to=2026-12-07"));
    CHECK(schedule.value(QLatin1String("sessions")).toArray().size() == 7);
    CHECK(schedule.value(QLatin1String("sessions"))[0][QLatin1String("starts_at")] ==
          text("2026-11-30T22:30:00.000000Z"));

    const api::Response calendar =
        office.get("inspector", "/stations/station-a/schedule.ics?from=2026-12-01&to=2026-12-07");
    CHECK(calendar.status == 200);
    CHECK(calendar.header("Content-Type") == "text/calendar; charset=utf-8");
    CHECK(calendar.bytes().count("BEGIN:VEVENT\r\n") == 7);
    CHECK(calendar.bytes().contains("DTSTART:20261130T223000Z\r\n"));
    CHECK(office.get("officer-b", "/stations/station-a/schedule.ics?from=2026-12-01&to=2026-12-07").status == 404);
    CHECK(office.get("inspector", "/stations/station-a/schedule.ics?from=2026-12-01&to=2027-12-07").status == 400);

    const auto refused = [&](const char* member, const QJsonValue& value) {
        QJsonObject changed = rule();
        changed[text(member)] = value;
        const api::Response response = office.post("officer-a", "/stations/station-a/session-rules", changed);
        CHECK(Office::json(response).value(QLatin1String("where")) == u'/' + text(member));
        return response.status;
    };
    CHECK(refused("rrule", text("FREQ=SOMETIMES")) == 400);
    CHECK(refused("rrule", text("FREQ=SECONDLY")) == 400);
    CHECK(refused("exdates", QJsonArray{text("24/12/2026")}) == 400);
    CHECK(refused("rdates", QJsonArray{text("2026-12-24")}) == 400); // a start that is added has a time
    CHECK(refused("start_time", text("25:00")) == 400);
    CHECK(refused("start_time", text("5:3")) == 400);
    CHECK(refused("duration_seconds", 0) == 400);
    CHECK(refused("duration_seconds", 1.5) == 400);
    CHECK(refused("valid_until", text("2026-10-01")) == 400);
    CHECK(refused("surprise", true) == 400);
    CHECK(office.post("officer-b", "/stations/station-a/session-rules", rule()).status == 404);
    CHECK(office.post("editor", "/stations/station-a/session-rules", rule()).status == 403);

    const QByteArray path = "/session-rules/" + Office::json(made).value(QLatin1String("id")).toString().toLatin1();
    CHECK(office.send("officer-b", "DELETE", path, {}).status == 404);
    CHECK(office.send("officer-a", "DELETE", path, {}).status == 204);
    CHECK(office.send("officer-a", "DELETE", path, {}).status == 404);
}

TEST_CASE("Session rules go out as .ics, come back edited, and a preview changes nothing")
{
    Office office;
    REQUIRE(office.post("officer-a", "/stations/station-a/session-rules", rule()).status == 201);
    const api::Response file = office.get("inspector", "/stations/station-a/session-rules.ics");
    REQUIRE(file.status == 200);
    CHECK(file.header("Content-Type") == "text/calendar; charset=utf-8");
    CHECK(office.get("officer-b", "/stations/station-a/session-rules.ics").status == 404);
    // After a look at what the rules are.
    const auto send = [&](const char* person, const QByteArray& body, const QByteArray& query = {},
                          const QByteArray& type = "text/calendar") {
        const QByteArray seen = office.get("inspector", "/stations/station-a/session-rules.ics").header("ETag");
        return office.raw("POST", "/api/v1/stations/station-a/session-rules.ics" + query,
                          office.credentials(person) + "Content-Type: " + type + "\r\nIf-Match: " + seen + "\r\n",
                          body);
    };
    const auto count = [](const api::Response& response, const char* what) {
        return Office::json(response).value(QLatin1String(what)).toArray().size();
    };
    const api::Response same = send("officer-a", file.bytes());
    REQUIRE(same.status == 200);
    CHECK(count(same, "added") + count(same, "changed") + count(same, "removed") + count(same, "problems") == 0);

    QByteArray edited = file.bytes();
    edited.replace("T053000", "T060000");
    const QByteArray evening =
        "BEGIN:VEVENT\r\nUID:evening@example.com\r\nSUMMARY:Buổi chiều\r\nDTSTART:20261201T170000\r\n"
        "DURATION:PT30M\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n";
    edited.insert(edited.lastIndexOf("END:VCALENDAR"), evening);
    const int asked = office.plansAskedFor;
    const api::Response preview = send("officer-a", edited, "?dry_run=true");
    CHECK(Office::json(preview).value(QLatin1String("applied")) == false);
    CHECK(count(preview, "added") == 1);
    CHECK(count(preview, "changed") == 1);
    CHECK(Office::items(office.get("inspector", "/stations/station-a/session-rules")).size() == 1);
    CHECK(office.plansAskedFor == asked);
    const api::Response applied = send("officer-a", edited);
    CHECK(Office::json(applied).value(QLatin1String("applied")) == true);
    CHECK(office.plansAskedFor == asked + 1);
    const QJsonArray now = Office::items(office.get("inspector", "/stations/station-a/session-rules"));
    REQUIRE(now.size() == 2);
    CHECK(now[0][QLatin1String("start_time")] == text("06:00"));
    CHECK(now[1][QLatin1String("title")] == text("Buổi chiều"));
    CHECK(count(send("officer-a", edited), "changed") == 0);
    CHECK(office.audit().front().action == text("session_rule.create"));

    // Another station's copy takes names of its own.
    const api::Response copied =
        office.raw("POST", "/api/v1/stations/station-b/session-rules.ics",
                   office.credentials("officer-b") + "Content-Type: text/calendar\r\nIf-Match: " +
                       office.get("officer-b", "/stations/station-b/session-rules.ics").header("ETag") + "\r\n",
                   edited);
    CHECK(count(copied, "added") == 2);

    QByteArray bad = edited;
    bad.replace("DURATION:PT30M\r\n", "");
    const api::Response refused = send("officer-a", bad);
    REQUIRE(count(refused, "problems") == 1);
    CHECK(Office::json(refused).value(QLatin1String("problems"))[0][QLatin1String("event")] == text("Buổi chiều"));
    CHECK(Office::items(office.get("inspector", "/stations/station-a/session-rules")).size() == 2);
    CHECK(count(send("officer-a", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), "removed") == 2);
    CHECK(Office::items(office.get("inspector", "/stations/station-a/session-rules")).isEmpty());
    CHECK(send("officer-a", "no calendar").status == 400);
    CHECK(send("officer-a", edited, "?dry_run=maybe").status == 400);
    CHECK(send("officer-a", edited, {}, "application/json").status == 415);
    CHECK(send("officer-b", edited).status == 404);
    CHECK(send("editor", edited).status == 403);
}

TEST_CASE("Rules from an .ics replace only the rules that the preview was compared with")
{
    Office office;
    REQUIRE(office.post("officer-a", "/stations/station-a/session-rules", rule()).status == 201);
    const QByteArray none = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
    const auto send = [&](const QByteArray& query, const QByteArray& fields) {
        return office.raw("POST", "/api/v1/stations/station-a/session-rules.ics" + query,
                          office.credentials("officer-a") + "Content-Type: text/calendar\r\n" + fields, none);
    };
    const auto rules = [&] { return Office::items(office.get("inspector", "/stations/station-a/session-rules")); };
    const api::Response preview = send("?dry_run=true", {});
    REQUIRE(preview.status == 200);
    const QByteArray seen = preview.header("ETag");
    CHECK(seen == '"' + Office::json(preview).value(QLatin1String("revision")).toString().toLatin1() + '"');
    CHECK(seen == office.get("inspector", "/stations/station-a/session-rules.ics").header("ETag"));
    CHECK(seen == send("?dry_run=true", {}).header("ETag"));

    CHECK(send({}, {}).status == 428);
    QJsonObject other = rule();
    other[text("title")] = text("Buổi trưa");
    REQUIRE(office.post("admin", "/stations/station-a/session-rules", other).status == 201);
    const api::Response late = send({}, "If-Match: " + seen + "\r\n");
    CHECK(late.status == 412);
    CHECK(Office::json(late).value(QLatin1String("detail_vi")).toString().contains(text("vừa thay đổi")));
    CHECK(rules().size() == 2);

    // In another zone the same file means other hours.
    const QByteArray both = send("?dry_run=true", {}).header("ETag");
    CHECK(both != seen);
    REQUIRE(office.send("admin", "PATCH", "/stations/station-a", {{text("time_zone"), text("Asia/Bangkok")}}).status ==
            200);
    CHECK(send({}, "If-Match: " + both + "\r\n").status == 412);
    const QByteArray now = send("?dry_run=true", {}).header("ETag");
    const api::Response confirmed = send({}, "If-Match: " + now + "\r\n");
    CHECK(confirmed.status == 200);
    CHECK(rules().isEmpty());
    CHECK(confirmed.header("ETag") == send("?dry_run=true", {}).header("ETag"));
    CHECK(confirmed.header("ETag") != now);
}

TEST_CASE("Policies hold for a unit and what lies below")
{
    Office office;
    const QJsonArray nearest = Office::items(office.get("officer-a", "/policies?unit=commune-a"));
    REQUIRE(nearest.size() == 1);
    QJsonObject policy = nearest[0].toObject().value(QLatin1String("policy")).toObject();
    policy.remove(QLatin1String("id"));
    policy[text("name")] = text("Riêng của xã");
    CHECK(office.post("admin", "/policies", {{text("unit_id"), text("commune-a")}, {text("policy"), policy}}).status ==
          201);
    const QJsonArray both = Office::items(office.get("officer-a", "/policies?unit=commune-a"));
    REQUIRE(both.size() == 2);
    CHECK(both[0][QLatin1String("unit_id")] == text("commune-a"));
    CHECK(office.plansAskedFor == 1);
    policy[text("sessions_per_day")] = text("nhiều");
    const api::Response bad =
        office.post("admin", "/policies", {{text("unit_id"), text("commune-a")}, {text("policy"), policy}});
    CHECK(bad.status == 400);
    CHECK(Office::json(bad).value(QLatin1String("where")).toString().startsWith(text("/policy/")));
    policy.remove(QLatin1String("sessions_per_day"));
    CHECK(office.post("officer-a", "/policies", {{text("unit_id"), text("commune-a")}, {text("policy"), policy}})
              .status == 403);
    CHECK(office.get("officer-a", "/policies").status == 400);
    CHECK(office.get("officer-a", "/policies?unit=commune-b").status == 403);
}

TEST_CASE("A CSV file is imported whole or not at all, and within one's units")
{
    Office office;
    const QByteArray good = "code,parent_code,name,kind,valid_from,valid_until\nX1,D,Xã "
                            "Một,commune,2020-01-01,\nX2,X1,Thôn Hai,hamlet,2020-01-01,\n";
    const api::Response imported = office.raw("POST", "/api/v1/import/units", csv(office.credentials("admin")), good);
    REQUIRE(imported.status == 200);
    CHECK(Office::json(imported).value(QLatin1String("created")).toInt() == 2);
    CHECK(Office::json(imported).value(QLatin1String("errors")).toArray().isEmpty());
    CHECK(Office::items(office.get("admin", "/units")).size() == 5);

    const QByteArray bad = "code,parent_code,name,kind\nX3,D,Xã Ba,commune\nX4,NONE,Xã Bốn,commune\n";
    const QJsonObject report =
        Office::json(office.raw("POST", "/api/v1/import/units", csv(office.credentials("admin")), bad));
    CHECK(report.value(QLatin1String("created")).toInt() == 0);
    REQUIRE(report.value(QLatin1String("errors")).toArray().size() == 1);
    CHECK(report.value(QLatin1String("errors"))[0][QLatin1String("line")].toInt() == 3);
    CHECK(Office::items(office.get("admin", "/units")).size() == 5);

    const QByteArray foreign = "code,parent_code,name,kind\nX5,D,Xã Năm,commune\n";
    CHECK_FALSE(Office::json(office.raw("POST", "/api/v1/import/units", csv(office.credentials("admin-b")), foreign))
                    .value(QLatin1String("errors"))
                    .toArray()
                    .isEmpty());
    const QByteArray stations = "code,unit_code,name,time_zone,clusters\nS1,X1,Đài Một,,Cụm 1=main:3; Cụm 2=main\n";
    CHECK(Office::json(office.raw("POST", "/api/v1/import/stations", csv(office.credentials("admin")), stations))
              .value(QLatin1String("created"))
              .toInt() == 1);
    CHECK(office
              .raw("POST", "/api/v1/import/units", office.credentials("admin") + "Content-Type: application/json\r\n",
                   good)
              .status == 415);
    CHECK(office.raw("POST", "/api/v1/import/units", csv(office.credentials("editor")), good).status == 403);
}
