// What plans would become, before anything is published: told, not done, and then done as told.
#include "tests/scheduler/api/on_air.h"

#include <QSet>

#include <algorithm>

using namespace loa;
using namespace loa::test;

namespace {

struct Counter : OnAir {
    QJsonObject ask(const QByteArray& person, const QJsonObject& body)
    {
        const api::Response response = post(person, "/plan/preview", body);
        INFO(response.bytes().toStdString());
        REQUIRE(response.status == 200);
        return json(response);
    }
    // Of the only station that is shown.
    QJsonObject ofChange(const QByteArray& person, const QJsonObject& change)
    {
        const QJsonArray stations = ask(person, {{text("change"), change}}).value(QLatin1String("stations")).toArray();
        REQUIRE(stations.size() == 1);
        return stations[0].toObject();
    }
    static QJsonObject noon(const char* rrule = "FREQ=WEEKLY;BYDAY=TU")
    {
        return {{text("title"), text("Buổi trưa")},       {text("rrule"), text(rrule)},
                {text("start_date"), text("2026-11-01")}, {text("start_time"), text("11:00")},
                {text("duration_seconds"), 600},          {text("valid_from"), text("2026-11-01")}};
    }
    static QJsonObject ruleAdded(const QJsonObject& rule)
    {
        return {{text("method"), text("POST")},
                {text("path"), text("/stations/station-a/session-rules")},
                {text("body"), rule}};
    }
    // "session item" of every play to come.
    QSet<QString> plays()
    {
        QSet<QString> all;
        for (const QJsonValue& session : sessions("2026-12-01", "2027-01-31")) {
            for (const QJsonValue& airing : session[QLatin1String("items")].toArray())
                all.insert(session[QLatin1String("id")].toString() + u' ' +
                           airing[QLatin1String("item_id")].toString());
        }
        return all;
    }
    static QSet<QString> playsOf(const QJsonObject& told, const char* kind, const char* place)
    {
        QSet<QString> all;
        for (const QJsonValue& change : told[QLatin1String(kind)].toArray())
            all.insert(change[QLatin1String(place)][QLatin1String("session_id")].toString() + u' ' +
                       change[QLatin1String("item_id")].toString());
        return all;
    }
};

} // namespace

TEST_CASE("What a new rule would change is told and not done; done, it is as told")
{
    Counter office;
    const QSet<QString> before = office.plays();
    const std::size_t audited = office.audit().size();
    const int asked = office.plansAskedFor;
    const auto bundle = must(office.store->bundles.latestVersion(StationId{text("station-a")}));

    const QJsonObject told = office.ofChange("officer-a", Counter::ruleAdded(Counter::noon()));
    CHECK(told[QLatin1String("station_id")] == text("station-a"));
    REQUIRE(told[QLatin1String("sessions_added")].toArray().size() == 6); // Tuesdays that bundles reach
    CHECK(told[QLatin1String("sessions_added")][0][QLatin1String("session_title")] == text("Buổi trưa"));
    CHECK(told[QLatin1String("sessions_added")][0][QLatin1String("local_date")] == text("2026-12-01"));
    CHECK(told[QLatin1String("sessions_removed")].toArray().isEmpty());
    CHECK_FALSE(told[QLatin1String("added")].toArray().isEmpty());

    // Nothing was done.
    CHECK(office.plays() == before);
    CHECK(office.audit().size() == audited);
    CHECK(office.plansAskedFor == asked);
    CHECK(must(office.store->bundles.latestVersion(StationId{text("station-a")})) == bundle);
    CHECK(must(office.store->plans.wished(office.clock.now(), 10)).empty());
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/session-rules")).size() == 1);

    REQUIRE(office.post("officer-a", "/stations/station-a/session-rules", Counter::noon()).status == 201);
    office.plan();
    // A rule of another id has other sessions: they are told by when they begin.
    const auto begins = [](const QJsonArray& sessions) {
        QStringList all;
        for (const QJsonValue& session : sessions)
            all.append(session[QLatin1String("starts_at")].toString());
        return all;
    };
    QJsonArray made;
    for (const QJsonValue& session : office.sessions("2026-12-01", "2027-01-31")) {
        if (session[QLatin1String("title")] == text("Buổi trưa"))
            made.append(session);
    }
    CHECK(begins(made) == begins(told[QLatin1String("sessions_added")].toArray()));
    qsizetype gained = 0;
    for (const QString& play : office.plays())
        gained += before.contains(play) ? 0 : 1;
    CHECK(gained == told[QLatin1String("added")].toArray().size() + told[QLatin1String("moved")].toArray().size());
}

TEST_CASE("What withdrawing an item takes from the schedule is told before it is withdrawn")
{
    Counter office;
    office.approvedItem(text("Tin ba"), text("district"), "three");
    office.plan();
    const QSet<QString> before = office.plays();
    const QString item =
        office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("items")][0][QLatin1String("item_id")].toString();
    const QJsonObject body{{text("reason"), text("sai số liệu")}};
    const QString path = text("/items/") + item + text("/withdraw");
    const QJsonObject change{{text("method"), text("POST")}, {text("path"), path}, {text("body"), body}};
    // The approver of the district reads both stations; the other has no session.
    const QJsonArray stations =
        office.ask("approver", {{text("change"), change}}).value(QLatin1String("stations")).toArray();
    REQUIRE(stations.size() == 2);
    const QJsonObject told = stations[0].toObject();
    CHECK(told[QLatin1String("station_id")] == text("station-a"));
    const QSet<QString> gone = Counter::playsOf(told, "removed", "from");
    CHECK_FALSE(gone.isEmpty());
    CHECK(told[QLatin1String("removed")][0][QLatin1String("item_id")] == item);
    CHECK_FALSE(told[QLatin1String("removed")][0][QLatin1String("reason")][QLatin1String("vi")].toString().isEmpty());
    CHECK(office.plays() == before);

    REQUIRE(office.post("approver", "/items/" + item.toLatin1() + "/withdraw", body).status == 200);
    office.plan();
    QSet<QString> after = before;
    after -= gone;
    after -= Counter::playsOf(told, "moved", "from");
    after += Counter::playsOf(told, "moved", "to");
    after += Counter::playsOf(told, "added", "to");
    CHECK(office.plays() == after);
}

TEST_CASE("A duty that a change would cost is told with it")
{
    Counter office;
    const QString rule =
        Office::items(office.get("officer-a", "/stations/station-a/session-rules"))[0][QLatin1String("id")].toString();
    const QJsonObject told = office.ofChange(
        "officer-a", {{text("method"), text("DELETE")}, {text("path"), text("/session-rules/") + rule}});
    CHECK(told[QLatin1String("sessions_removed")].toArray().size() >= 30);
    const QJsonArray removed = told[QLatin1String("removed")].toArray();
    REQUIRE(removed.size() >= 30);
    for (const QJsonValue& change : removed) {
        CHECK(change[QLatin1String("reason")][QLatin1String("en")] == text("The session is gone."));
        CHECK_FALSE(change[QLatin1String("from")][QLatin1String("session_title")].toString().isEmpty());
    }
    CHECK(told[QLatin1String("shortfalls_added")].toArray().size() >= 1);
    CHECK(told[QLatin1String("shortfalls_removed")].toArray().isEmpty());
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/session-rules")).size() == 1);
}

TEST_CASE("What a file of rules would change is told, of the rules that it was compared with")
{
    Counter office;
    const QByteArray path = "/stations/station-a/session-rules.ics";
    const api::Response saved = office.get("officer-a", path);
    const QString file = QString::fromUtf8(saved.bytes());
    REQUIRE(file.contains(text("T053000")));
    const auto change = [&](const QString& calendar, const QString& revision) {
        return QJsonObject{{text("method"), text("POST")},
                           {text("path"), QString::fromLatin1(path)},
                           {text("if_match"), revision},
                           {text("calendar"), calendar}};
    };
    const QString revision = QString::fromLatin1(saved.header("etag"));
    const QString later = QString(file).replace(text("T053000"), text("T060000"));
    const QJsonObject told = office.ofChange("officer-a", change(later, revision));
    CHECK(told[QLatin1String("sessions_added")].toArray().size() + told[QLatin1String("moved")].toArray().size() > 30);
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/session-rules"))[0][QLatin1String("start_time")] ==
          text("05:30"));
    // A file with mistakes changes nothing, and so concerns nobody.
    const QJsonObject broken =
        office.ask("officer-a",
                   {{text("change"), change(QString(file).replace(text("FREQ=DAILY"), text("FREQ=NEVER")), revision)}});
    CHECK(broken[QLatin1String("concerned")] == 0);
    CHECK(office.post("officer-a", "/plan/preview", {{text("change"), change(later, text("\"other\""))}}).status ==
          412);
}

TEST_CASE("What an edit of an item, a template and a special day would change is told")
{
    Counter office;
    const QString item =
        office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("items")][0][QLatin1String("item_id")].toString();
    const QString revision = QString::number(
        Office::json(office.get("approver", "/items/" + item.toLatin1()))[QLatin1String("revision")].toInteger());
    // Whoever edits an item takes its approval from it.
    const QJsonArray edited =
        office
            .ask("editor", {{text("change"),
                             QJsonObject{{text("method"), text("PATCH")},
                                         {text("path"), text("/items/") + item},
                                         {text("if_match"), text("\"%1\"").arg(revision)},
                                         {text("body"), QJsonObject{{text("valid_until"), text("2026-12-03")}}}}}})
            .value(QLatin1String("stations"))
            .toArray();
    REQUIRE_FALSE(edited.isEmpty());
    CHECK(edited[0][QLatin1String("removed")].toArray().size() >= 10);

    const QJsonObject relay{{text("id"), text("vov")},
                            {text("kind"), text("relay")},
                            {text("title"), text("Tiếp sóng")},
                            {text("source"), text("VOV1")},
                            {text("at"), 0},
                            {text("most_seconds"), 1740},
                            {text("least_seconds"), 1740},
                            {text("cut_order"), 0}};
    const QJsonObject made = Office::json(office.post(
        "admin", "/templates",
        {{text("unit_id"), text("commune-a")}, {text("name"), text("Tiếp sóng")}, {text("parts"), QJsonArray{relay}}}));
    INFO(QJsonDocument(made).toJson().toStdString());
    const QString rule =
        Office::items(office.get("officer-a", "/stations/station-a/session-rules"))[0][QLatin1String("id")].toString();
    const QJsonObject assigned =
        office.ofChange("admin", {{text("method"), text("PATCH")},
                                  {text("path"), text("/session-rules/") + rule},
                                  {text("body"), QJsonObject{{text("template_id"), made[QLatin1String("id")]}}}});
    CHECK_FALSE(assigned[QLatin1String("removed")].toArray().isEmpty());

    const QJsonObject day{{text("date"), text("2026-12-05")},
                          {text("name"), text("Ngày lễ")},
                          {text("kind"), text("silent")},
                          {text("sessions"), QJsonArray()}};
    const QJsonObject silent =
        office.ofChange("admin", {{text("method"), text("POST")},
                                  {text("path"), text("/special-calendars")},
                                  {text("body"), QJsonObject{{text("unit_id"), text("commune-a")},
                                                             {text("name"), text("Lễ")},
                                                             {text("decision"), text("QĐ 1")},
                                                             {text("days"), QJsonArray{day}}}}});
    REQUIRE(silent[QLatin1String("sessions_removed")].toArray().size() == 1);
    CHECK(silent[QLatin1String("sessions_removed")][0][QLatin1String("local_date")] == text("2026-12-05"));
}

TEST_CASE("What a new recording of an approved item would take from the schedule is told before the item has it")
{
    Counter office;
    const QSet<QString> before = office.plays();
    const QString item =
        office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("items")][0][QLatin1String("item_id")].toString();
    const QString path = text("/items/%1/versions").arg(item);
    const QJsonObject body{{text("upload_id"), office.upload("editor", "another sound")}};
    const std::size_t read = office.jobs.size();
    const QJsonArray stations =
        office
            .ask("editor", {{text("change"),
                             QJsonObject{{text("method"), text("POST")}, {text("path"), path}, {text("body"), body}}}})
            .value(QLatin1String("stations"))
            .toArray();
    REQUIRE(stations.size() == 2);
    const QSet<QString> gone = Counter::playsOf(stations[0].toObject(), "removed", "from");
    CHECK(gone.size() >= 10);
    for (const QString& play : gone)
        CHECK(play.endsWith(item));
    // Told, not done: the recording is read by nobody, and the item keeps the one that was approved.
    CHECK(office.jobs.size() == read);
    CHECK(office.plays() == before);
    CHECK(Office::json(office.get("editor", "/items/" + item.toLatin1()))[QLatin1String("status")] == text("approved"));

    REQUIRE(office.post("editor", path.toLatin1(), body).status == 202);
    office.plan();
    CHECK((office.plays() & gone).isEmpty());
}

TEST_CASE("What a station's other time zone, another unit and a unit's move would change is told, not done")
{
    Counter office;
    const auto patch = [](const char* path, const QJsonObject& body) {
        return QJsonObject{{text("method"), text("PATCH")}, {text("path"), text(path)}, {text("body"), body}};
    };
    const QJsonObject zoned =
        office.ofChange("admin", patch("/stations/station-a", {{text("time_zone"), text("Asia/Tokyo")}}));
    const QJsonArray earlier = zoned[QLatin1String("sessions_added")].toArray();
    REQUIRE(earlier.size() >= 30);
    CHECK(earlier[0][QLatin1String("starts_at")].toString().contains(text("T20:30:00")));
    CHECK(zoned[QLatin1String("time_zone")] == text("Asia/Tokyo"));
    CHECK(zoned[QLatin1String("sessions_removed")].toArray().size() >= 30);

    // What is meant for commune A alone goes with the station's leaving it.
    const QString own =
        office.approvedItem(text("Riêng xã A"), text("commune-a"), "own").value(QLatin1String("id")).toString();
    office.plan();
    const auto losesOwn = [&](const QJsonObject& told) {
        const QJsonArray removed = told[QLatin1String("removed")].toArray();
        return std::ranges::any_of(removed,
                                   [&](const QJsonValue& change) { return change[QLatin1String("item_id")] == own; });
    };
    CHECK(losesOwn(office.ofChange("admin", patch("/stations/station-a", {{text("unit_id"), text("commune-b")}}))));
    CHECK_FALSE(losesOwn(office.ofChange("admin", patch("/stations/station-a", {{text("name"), text("Tên khác")}}))));

    // What is meant for commune B and below reaches commune A once it hangs there.
    const QString theirs =
        office.approvedItem(text("Xã B và dưới"), text("commune-b"), "theirs").value(QLatin1String("id")).toString();
    office.plan();
    const QSet<QString> planned = office.plays();
    const QJsonObject move = patch("/units/commune-a", {{text("parent_id"), text("commune-b")}});
    const QJsonObject moved = office.ofChange("admin", move);
    CHECK(moved[QLatin1String("station_id")] == text("station-a"));
    const QJsonArray gained = moved[QLatin1String("added")].toArray();
    CHECK(std::ranges::any_of(gained,
                              [&](const QJsonValue& change) { return change[QLatin1String("item_id")] == theirs; }));
    CHECK(office.post("officer-a", "/plan/preview", {{text("change"), move}}).status == 403);
    // A file that corrects the tree says the same; with a mistake in it it tells that.
    const auto file = [](const char* parent) {
        return QJsonObject{
            {text("method"), text("POST")},
            {text("path"), text("/import/units")},
            {text("csv"), text("code,parent_code,name,kind\ncommune-a,%1,Xã commune-a,commune\n").arg(text(parent))}};
    };
    CHECK(office.ofChange("admin", file("commune-b"))[QLatin1String("added")] == moved[QLatin1String("added")]);
    const auto mistaken = office.post("admin", "/plan/preview", {{text("change"), file("nowhere")}});
    CHECK(mistaken.status == 400);
    CHECK(mistaken.bytes().contains("line 2: "));
    CHECK(mistaken.bytes().contains("/change/csv"));
    CHECK(Office::json(office.get("admin", "/units"))[QLatin1String("items")].toArray().size() == 3);
    CHECK(office.plays() == planned);
    CHECK(Office::json(office.get("admin", "/stations/station-a"))[QLatin1String("time_zone")] ==
          text("Asia/Ho_Chi_Minh"));
}

TEST_CASE("What taking an edit back would change is told; taken back, it is as told")
{
    Counter office;
    const QByteArray edits = "/stations/station-a/edits";
    const auto revision = [&] {
        return text("\"%1\"").arg(Office::json(office.get("officer-a", edits))[QLatin1String("revision")].toInteger());
    };
    const QJsonValue session = office.sessions("2026-12-05", "2026-12-05")[0];
    const QString item = session[QLatin1String("items")][0][QLatin1String("item_id")].toString();
    const QJsonObject away{
        {text("session_id"), session[QLatin1String("id")]}, {text("item_id"), item}, {text("kind"), text("away")}};
    const QSet<QString> untouched = office.plays();
    const auto seen = [](const QString& tag) { return "If-Match: " + tag.toLatin1() + "\r\n"; };
    REQUIRE(office.send("officer-a", "POST", edits, {{text("edits"), QJsonArray{away}}}, seen(revision())).status ==
            201);
    const QSet<QString> before = office.plays();
    REQUIRE(before != untouched);
    const QString edit = Office::items(office.get("officer-a", edits))[0][QLatin1String("id")].toString();
    const std::size_t audited = office.audit().size();
    const int asked = office.plansAskedFor;
    const QString standing = revision();
    const auto bundle = must(office.store->bundles.latestVersion(StationId{text("station-a")}));

    const QString path = QString::fromLatin1(edits) + u'/' + edit;
    const auto change = [&](const QString& tag) {
        return QJsonObject{{text("method"), text("DELETE")}, {text("path"), path}, {text("if_match"), tag}};
    };
    const QJsonObject told = office.ofChange("officer-a", change(standing));
    const QSet<QString> gained = Counter::playsOf(told, "added", "to") + Counter::playsOf(told, "moved", "to");
    CHECK(gained.contains(session[QLatin1String("id")].toString() + u' ' + item));

    // Told, not done: nobody has to look again, and no agent hears of it.
    CHECK(office.plays() == before);
    CHECK(revision() == standing);
    CHECK(office.audit().size() == audited);
    CHECK(office.plansAskedFor == asked);
    CHECK(must(office.store->bundles.latestVersion(StationId{text("station-a")})) == bundle);
    CHECK(Office::items(office.get("officer-a", edits)).size() == 1);
    // Of a plan that is another by now nothing is told.
    CHECK(office.post("officer-a", "/plan/preview", {{text("change"), change(text("\"0\""))}}).status == 412);
    CHECK(office.post("officer-b", "/plan/preview", {{text("change"), change(standing)}}).status == 404);

    REQUIRE(office.send("officer-a", "DELETE", path.toLatin1(), {}, seen(standing)).status == 200);
    QSet<QString> after = before;
    after -= Counter::playsOf(told, "removed", "from");
    after -= Counter::playsOf(told, "moved", "from");
    after += gained;
    CHECK(office.plays() == after);
    CHECK(Office::items(office.get("officer-a", edits)).isEmpty());
}

TEST_CASE("What planning now would change is what has not been planned yet")
{
    Counter office;
    const QJsonObject wanted{{text("station_ids"), QJsonArray{text("station-a")}}};
    const auto told = [&] { return office.ask("inspector", wanted).value(QLatin1String("stations"))[0].toObject(); };
    for (const char* kind : {"added", "moved", "removed", "sessions_added", "sessions_removed"}) {
        INFO(kind);
        CHECK(told()[QLatin1String(kind)].toArray().isEmpty());
    }
    const QString item =
        office.approvedItem(text("Tin mới"), text("district"), "new").value(QLatin1String("id")).toString();
    const QSet<QString> before = office.plays();
    const QSet<QString> added = Counter::playsOf(told(), "added", "to");
    REQUIRE_FALSE(added.isEmpty());
    CHECK(office.plays() == before);
    office.plan();
    CHECK(told()[QLatin1String("added")].toArray().isEmpty());
    for (const QString& play : added)
        CHECK(office.plays().contains(play));
}

TEST_CASE("A preview is refused as the change would be, and tells nobody what he may not read")
{
    Counter office;
    const auto status = [&](const QByteArray& person, const QJsonObject& change) {
        return office.post(person, "/plan/preview", {{text("change"), change}}).status;
    };
    const api::Response wrong = office.post("officer-a", "/plan/preview",
                                            {{text("change"), Counter::ruleAdded(Counter::noon("FREQ=SECONDLY"))}});
    CHECK(wrong.status == 400);
    CHECK(wrong.bytes().contains("/change/body/rrule"));
    CHECK(status("inspector", Counter::ruleAdded(Counter::noon())) == 403);
    CHECK(status("officer-b", Counter::ruleAdded(Counter::noon())) == 404);
    CHECK(office.raw("POST", "/api/v1/plan/preview", "Content-Type: application/json\r\n", "{}").status == 401);

    const QJsonObject made =
        Office::json(office.post("admin", "/special-calendars",
                                 {{text("unit_id"), text("commune-a")},
                                  {text("name"), text("Lễ")},
                                  {text("decision"), text("QĐ 1")},
                                  {text("days"), QJsonArray{QJsonObject{{text("date"), text("2026-12-05")},
                                                                        {text("name"), text("Ngày lễ")},
                                                                        {text("kind"), text("silent")},
                                                                        {text("sessions"), QJsonArray()}}}}}));
    INFO(QJsonDocument(made).toJson().toStdString());
    const QString path = text("/special-calendars/") + made[QLatin1String("id")].toString();
    office.plan();
    CHECK(status("admin", {{text("method"), text("DELETE")}, {text("path"), path}}) == 428);
    CHECK(status("admin",
                 {{text("method"), text("DELETE")}, {text("path"), path}, {text("if_match"), text("\"9\"")}}) == 412);
    const QJsonObject back = office.ofChange(
        "admin", {{text("method"), text("DELETE")}, {text("path"), path}, {text("if_match"), text("\"1\"")}});
    CHECK(back[QLatin1String("sessions_added")].toArray().size() == 1);

    for (const char* other : {"/session", "/users", "/orders", "/nowhere", "no-path", "/plan/preview", "/../session"}) {
        INFO(other);
        CHECK(status("admin", {{text("method"), text("POST")}, {text("path"), text(other)}}) == 400);
    }
    CHECK(office.post("officer-b", "/plan/preview", {{text("station_ids"), QJsonArray{text("station-a")}}}).status ==
          404);
    CHECK(office.post("admin", "/plan/preview", QJsonObject()).status == 400);
}
