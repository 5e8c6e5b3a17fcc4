// The planner's values through the API: revision, edits by hand and their conflicts, difference, "why not?", forecast.
#include "tests/scheduler/api/desk.h"

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

TEST_CASE("A schedule tells its revision, its room, and what is frozen")
{
    Desk office;
    const api::Response response =
        office.get("officer-a", "/stations/station-a/schedule?from=2026-12-01&to=2026-12-01");
    const QJsonObject schedule = Office::json(response);
    CHECK(response.header("ETag") == '"' + QByteArray::number(schedule.value(QLatin1String("revision")).toInt()) + '"');
    CHECK(schedule.value(QLatin1String("revision")).toInt() > 0);
    const QJsonObject session = schedule.value(QLatin1String("sessions"))[0].toObject();
    CHECK(session[QLatin1String("capacity_ms")].toInt() == 1'800'000);
    CHECK(session[QLatin1String("used_ms")].toInt() == 120'000);
    CHECK_FALSE(session[QLatin1String("frozen")].toBool());
    // An hour before it begins its agent holds it already.
    office.clock.advance(18h + 30min);
    office.people["officer-a"] = office.signIn("officer-a", Office::password);
    CHECK(office.day("2026-12-01")[QLatin1String("frozen")].toBool());
    CHECK_FALSE(office.day("2026-12-02")[QLatin1String("frozen")].toBool());
}

TEST_CASE("An edit by hand is planned at once, survives every replan, and can be taken back")
{
    Desk office;
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    const QJsonObject first = office.day("2026-12-01");
    const int seen = office.revision();

    const api::Response made = office.make("officer-a", {Desk::edit(first, item, "away")}, seen);
    REQUIRE(made.status == 201);
    const QJsonObject answer = Office::json(made);
    CHECK(answer.value(QLatin1String("revision")).toInt() > seen);
    CHECK(made.header("ETag") == '"' + QByteArray::number(answer.value(QLatin1String("revision")).toInt()) + '"');
    const QJsonObject edit = answer.value(QLatin1String("edits"))[0].toObject();
    CHECK(edit[QLatin1String("note")] == text("vì lũ"));
    CHECK(edit[QLatin1String("made_by_name")] == text("Ông officer-a"));
    CHECK(office.audit().front().action == text("plan.edit"));

    const auto isAway = [&] {
        const QJsonObject now = office.day("2026-12-01");
        return !Desk::itemsOf(now).contains(item) && now[QLatin1String("away")][0][QLatin1String("item_id")] == item;
    };
    CHECK(isAway());
    office.plan();
    CHECK(isAway());
    const QJsonObject listed = Office::json(office.get("officer-a", "/stations/station-a/edits"));
    REQUIRE(listed.value(QLatin1String("items")).toArray().size() == 1);

    const QByteArray path = "/stations/station-a/edits/" + edit[QLatin1String("id")].toString().toLatin1();
    CHECK(office.send("officer-a", "DELETE", path, {}).status == 428);
    CHECK(office.send("officer-a", "DELETE", path, {}, "If-Match: \"1\"\r\n").status == 412);
    const QByteArray match =
        "If-Match: \"" + QByteArray::number(listed.value(QLatin1String("revision")).toInt()) + "\"\r\n";
    CHECK(office.send("officer-b", "DELETE", path, {}, match).status == 404);
    CHECK(office.send("officer-a", "DELETE", path, {}, match).status == 200);
    CHECK(office.audit().front().action == text("plan.edit.remove"));
    CHECK(office.day("2026-12-01")[QLatin1String("away")].toArray().isEmpty());
    CHECK(office.send("officer-a", "DELETE", path, {}, match).status == 404);
}

TEST_CASE("A move is away there and keep here, and the agent's bundle follows at once")
{
    Desk office;
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    const QJsonObject from = office.day("2026-12-01");
    REQUIRE(office.make("officer-a", {Desk::edit(office.day("2026-12-05"), item, "away")}, office.revision()).status ==
            201);
    const QJsonObject to = office.day("2026-12-05");
    REQUIRE_FALSE(Desk::itemsOf(to).contains(item));
    const auto bundles = must(office.store->bundles.latestVersion(StationId{text("station-a")}));
    const QJsonArray edits{Desk::edit(from, item, "away"), Desk::edit(to, item, "keep")};

    const QJsonObject judged = office.check(edits);
    CHECK(judged.value(QLatin1String("conflicts")).toArray().isEmpty());
    const QJsonObject changes = judged.value(QLatin1String("changes")).toObject();
    CHECK(changes.value(QLatin1String("moved")).toArray().size() +
              changes.value(QLatin1String("added")).toArray().size() >=
          1);
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).size() == 1); // nothing was stored

    REQUIRE(office.make("editor", edits, office.revision()).status == 201);
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).size() == 2); // keep for away
    const QJsonObject now = office.day("2026-12-05");
    REQUIRE(Desk::itemsOf(now).contains(item));
    for (const QJsonValue& airing : now[QLatin1String("items")].toArray()) {
        if (airing[QLatin1String("item_id")] == item)
            CHECK(airing[QLatin1String("edited")] == text("keep"));
    }
    CHECK(must(office.store->bundles.latestVersion(StationId{text("station-a")})) == bundles + 1);
}

TEST_CASE("Nobody edits a plan that he has not seen, nor one that is not his")
{
    Desk office;
    const QJsonObject session = office.day("2026-12-01");
    const QJsonArray edits{Desk::edit(session, Desk::itemsOf(session).front(), "away")};
    const int seen = office.revision();
    CHECK(office.post("officer-a", "/stations/station-a/edits", {{text("edits"), edits}}).status == 428);
    CHECK(office.make("officer-a", edits, seen - 1).status == 412);
    CHECK(office.make("inspector", edits, seen).status == 403);
    CHECK(office.make("approver", edits, seen).status == 403);
    CHECK(office.make("officer-b", edits, seen).status == 404);
    CHECK(office.make("admin", edits, seen).status == 201);
    CHECK(office.make("officer-a", edits, seen).status == 412); // the administrator was first
}

TEST_CASE("Edits against hard rules are refused with what would resolve them, and nothing is stored")
{
    Desk office;
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    office.clock.advance(18h + 30min); // the first morning is an hour away
    for (const char* person : {"officer-a", "editor"})
        office.people[person] = office.signIn(person, Office::password);
    const QJsonObject frozen = office.day("2026-12-01");
    const QJsonArray edits{Desk::edit(frozen, item, "away")};

    const QJsonArray conflicts = office.check(edits).value(QLatin1String("conflicts")).toArray();
    REQUIRE_FALSE(conflicts.isEmpty());
    CHECK(conflicts[0][QLatin1String("code")] == text("frozen"));
    CHECK(conflicts[0][QLatin1String("hard")].toBool());
    CHECK(conflicts[0][QLatin1String("edit")].toInt(-1) == 0);

    const api::Response refused = office.make("officer-a", edits, office.revision());
    CHECK(refused.status == 409);
    CHECK(Office::json(refused).value(QLatin1String("conflicts"))[0][QLatin1String("code")] == text("frozen"));
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).isEmpty());

    // An item that only a draft is.
    const QJsonObject draft = Office::json(office.post("editor", "/items",
                                                       {{text("title"), text("Nháp")},
                                                        {text("unit_id"), text("district")},
                                                        {text("scope_unit_id"), text("district")},
                                                        {text("topics"), QJsonArray{text("mot-cua")}},
                                                        {text("valid_from"), text("2026-11-01")}}));
    const QJsonArray unapproved{
        Desk::edit(office.day("2026-12-03"), draft.value(QLatin1String("id")).toString(), "keep")};
    CHECK(office.check(unapproved).value(QLatin1String("conflicts"))[0][QLatin1String("code")] == text("unknown_item"));
    CHECK(office.make("officer-a", unapproved, office.revision()).status == 409);
}

TEST_CASE("An edit for a session that the policy refuses is told the policy's words, and what would help")
{
    Desk office;
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    const QJsonObject night{{text("title"), text("Buổi đêm")},        {text("rrule"), text("FREQ=DAILY")},
                            {text("start_date"), text("2026-11-01")}, {text("start_time"), text("23:30")},
                            {text("duration_seconds"), 600},          {text("valid_from"), text("2026-11-01")}};
    REQUIRE(office.post("officer-a", "/stations/station-a/session-rules", night).status == 201);
    const QJsonArray refusals =
        Office::items(office.get("officer-a", "/stations/station-a/refusals?from=2026-12-03&to=2026-12-03"));
    REQUIRE(refusals.size() == 1);
    const QJsonObject wanted{{text("id"), refusals[0][QLatin1String("session_id")]}};

    const QJsonArray edits{Desk::edit(wanted, item, "keep")};
    const QJsonArray conflicts = office.check(edits).value(QLatin1String("conflicts")).toArray();
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0][QLatin1String("code")] == text("refused_session"));
    CHECK(conflicts[0][QLatin1String("hard")].toBool());
    CHECK(conflicts[0][QLatin1String("vi")] == refusals[0][QLatin1String("reason")][QLatin1String("vi")]);
    CHECK(conflicts[0][QLatin1String("en")] == refusals[0][QLatin1String("reason")][QLatin1String("en")]);
    CHECK(conflicts[0][QLatin1String("resolutions")][0][QLatin1String("kind")] == text("allow_session"));
    const api::Response refused = office.make("officer-a", edits, office.revision());
    CHECK(refused.status == 409);
    CHECK(Office::json(refused).value(QLatin1String("conflicts")) == conflicts);
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).isEmpty());

    // There is nothing to take away.
    const api::Response away = office.post("officer-a", "/stations/station-a/edits/check",
                                           {{text("edits"), QJsonArray{Desk::edit(wanted, item, "away")}}});
    CHECK(away.status == 400);
}

TEST_CASE("An edit that costs a duty says so and may be made all the same")
{
    Desk office;
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    QJsonArray edits;
    for (const QJsonValue& session :
         office.schedule("2026-12-01", "2026-12-31").value(QLatin1String("sessions")).toArray())
        edits.append(Desk::edit(session.toObject(), item, "away"));
    const QJsonArray conflicts = office.check(edits).value(QLatin1String("conflicts")).toArray();
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0][QLatin1String("code")] == text("shortfall"));
    CHECK_FALSE(conflicts[0][QLatin1String("hard")].toBool());
    const api::Response made = office.make("officer-a", edits, office.revision());
    CHECK(made.status == 201);
    CHECK(Office::json(made).value(QLatin1String("conflicts")).toArray().size() == 1);
}

TEST_CASE("Edits that are no edits are refused by name")
{
    Desk office;
    const QJsonObject session = office.day("2026-12-01");
    const QString item = Desk::itemsOf(session).front();
    const auto status = [&](const QJsonArray& edits) {
        return office.post("officer-a", "/stations/station-a/edits/check", {{text("edits"), edits}}).status;
    };
    CHECK(status({}) == 400);
    CHECK(status({Desk::edit(session, item, "maybe")}) == 400);
    CHECK(status({Desk::edit(session, item, "away"), Desk::edit(session, item, "keep")}) == 400);
    QJsonObject placed = Desk::edit(session, item, "away");
    placed.insert(text("position"), 1);
    CHECK(status({placed}) == 400);
    QJsonObject elsewhere = Desk::edit(session, item, "keep");
    elsewhere.insert(text("session_id"), text("no-such"));
    CHECK(status({elsewhere}) == 400);
    CHECK(status({Desk::edit(session, text("no-such"), "keep")}) == 404);
    QJsonObject unplaced = Desk::edit(session, item, "keep");
    unplaced.insert(text("position"), QJsonValue::Null);
    CHECK(status({unplaced}) == 200);
}

TEST_CASE("The difference is what the commune's bundle does not say yet")
{
    Desk office;
    const auto difference = [&] {
        return Office::json(office.get("officer-a", "/stations/station-a/plan/difference"));
    };
    const auto count = [&](const char* kind) { return difference().value(QLatin1String(kind)).toArray().size(); };
    CHECK(difference().value(QLatin1String("bundle_version")).toInt() == 1);
    CHECK(count("added") + count("moved") + count("removed") == 0);
    // The agent obeys the first bundle still, and the plan has gone on.
    const QJsonObject status{
        {text("software"), text("loa")},
        {text("clock_state"), text("synchronised")},
        {text("journal_backlog"), 0},
        {text("bundles"), QJsonArray{QJsonObject{{text("station_id"), text("station-a")}, {text("version"), 1}}}}};
    REQUIRE(office.ask(*office.agent, "POST", "/agent/status", QJsonDocument(status).toJson()).status == 204);
    const QString item = Desk::itemsOf(office.day("2026-12-01")).front();
    REQUIRE(office.make("officer-a", {Desk::edit(office.day("2026-12-01"), item, "away")}, office.revision()).status ==
            201);
    CHECK(count("moved") + count("removed") >= 1);
    const QJsonObject changes = difference();
    for (const char* kind : {"added", "moved", "removed"}) {
        for (const QJsonValue& change : changes.value(QLatin1String(kind)).toArray()) {
            CHECK_FALSE(change[QLatin1String("reason")][QLatin1String("vi")].toString().isEmpty());
            CHECK_FALSE(change[QLatin1String("reason")][QLatin1String("en")].toString().isEmpty());
        }
    }
    QString why; // of what was taken out by hand
    for (const char* kind : {"moved", "removed"}) {
        for (const QJsonValue& change : changes.value(QLatin1String(kind)).toArray()) {
            if (change[QLatin1String("item_id")] == item &&
                change[QLatin1String("from")][QLatin1String("local_date")] == text("2026-12-01"))
                why = change[QLatin1String("reason")][QLatin1String("en")].toString();
        }
    }
    CHECK(why.contains(text("by hand")));
    CHECK(office.get("officer-b", "/stations/station-a/plan/difference").status == 404);
    CHECK(Office::json(office.get("inspector", "/stations/station-b/plan/difference"))
              .value(QLatin1String("added"))
              .toArray()
              .isEmpty());
}

TEST_CASE("Each change replans the stations that it touches, no other, and publishes where it makes a difference")
{
    Desk office;
    const QJsonObject rule{{text("title"), text("Buổi sáng")},       {text("rrule"), text("FREQ=DAILY")},
                           {text("start_date"), text("2026-11-01")}, {text("start_time"), text("05:30")},
                           {text("duration_seconds"), 1800},         {text("valid_from"), text("2026-11-01")}};
    REQUIRE(office.post("officer-b", "/stations/station-b/session-rules", rule).status == 201);
    const auto settle = [&] { // stations planned, and those of them with a new bundle
        std::pair<QString, QString> letters;
        auto outcomes = must(office.planning->replanWished());
        std::ranges::sort(outcomes, {}, &fleet::StationOutcome::station);
        for (const fleet::StationOutcome& outcome : outcomes) {
            CHECK_FALSE(outcome.error.has_value());
            letters.first += outcome.station.value.back();
            letters.second += outcome.issued ? outcome.station.value.right(1) : QString();
        }
        return letters;
    };
    const auto stations = [](const char* planned, const char* published) {
        return std::pair(text(planned), text(published));
    };
    CHECK(settle() == stations("b", "b"));
    CHECK(settle() == stations("", ""));

    SECTION("items and their approval")
    {
        const QJsonObject item = office.approvedItem(text("Tin riêng"), text("commune-b"), "three");
        CHECK(settle() == stations("b", "b"));
        const QByteArray path = "/items/" + item[QLatin1String("id")].toString().toLatin1();
        REQUIRE(office.post("approver", path + "/withdraw", {{text("reason"), text("sai")}}).status == 200);
        CHECK(settle() == stations("b", "b"));
        // A draft is nothing to anybody, nor is what is done to it.
        const QJsonObject draft{{text("title"), text("Nháp")},
                                {text("unit_id"), text("district")},
                                {text("scope_unit_id"), text("district")},
                                {text("topics"), QJsonArray{text("mot-cua")}},
                                {text("valid_from"), text("2026-11-01")}};
        REQUIRE(office.post("editor", "/items", draft).status == 201);
        CHECK(settle() == stations("", ""));
    }
    SECTION("an edit that voids an approval")
    {
        const QString id = Desk::itemsOf(office.day("2026-12-01")).front();
        const QByteArray path = "/items/" + id.toLatin1();
        const int revision = Office::json(office.get("editor", path))[QLatin1String("revision")].toInt();
        REQUIRE(office
                    .send("editor", "PATCH", path, {{text("script"), text("Khác")}},
                          "If-Match: \"" + QByteArray::number(revision) + "\"\r\n")
                    .status == 200);
        CHECK(settle() == stations("ab", "ab"));
    }
    SECTION("policies of one commune")
    {
        QJsonObject policy = Office::items(office.get("officer-a", "/policies?unit=commune-a"))[0]
                                 .toObject()[QLatin1String("policy")]
                                 .toObject();
        policy.remove(QLatin1String("id"));
        policy[text("name")] = text("Riêng của xã");
        REQUIRE(office.post("admin", "/policies", {{text("unit_id"), text("commune-a")}, {text("policy"), policy}})
                    .status == 201);
        CHECK(settle() == stations("a", "a"));
    }
    SECTION("airings: what failed is made good, what sounded as planned is no news")
    {
        QJsonObject once = office.approvedItem(text("Một lần"), text("commune-a"), "once");
        model::Item item = must(office.store->items.find(ItemId{once[QLatin1String("id")].toString()}));
        item.playRules.mostPlays = {{1, model::ObligationPeriod::Month}};
        must(office.store->items.save(item));
        CHECK(settle() == stations("a", "a"));
        const QJsonValue first = office.sessions("2026-12-01", "2026-12-01")[0];
        REQUIRE(Desk::itemsOf(first.toObject()).contains(item.id.value));
        office.clock.advance(20h);
        office.air(first, Outcome::Missed);
        CHECK(settle() == stations("a", "a"));
        office.people["officer-a"] = office.signIn("officer-a", Office::password);
        REQUIRE(Desk::itemsOf(office.day("2026-12-02")).contains(item.id.value));
        office.clock.advance(24h);
        office.people["officer-a"] = office.signIn("officer-a", Office::password);
        office.air(office.sessions("2026-12-02", "2026-12-02")[0]);
        CHECK(settle() == stations("", ""));
    }
}

TEST_CASE("Promise 5: a shortfall that was not proven is told as such beside the schedule", "[promise-5]")
{
    Desk office;
    const StationId station{text("station-a")};
    planner::Shortfall lack{ObligationId{text("cchc")}, {QDate(2026, 12, 1), QDate(2026, 12, 31)}, 2, 0, 1,
                            {text("vi"), text("en")}};
    for (const bool proven : {false, true}) {
        lack.proven = proven;
        must(office.store->plans.replace(station, office.clock.now(), {}, {station, {}, {lack}}));
        const QJsonArray told =
            Office::json(office.get("officer-a", "/stations/station-a/schedule?from=2026-12-01&to=2026-12-07"))
                .value(QLatin1String("shortfalls"))
                .toArray();
        REQUIRE(told.size() == 1);
        CHECK(told[0][QLatin1String("proven")] == proven);
    }
}

TEST_CASE("Why not: for any item the reasons and what would help")
{
    Desk office;
    const QString planned = Desk::itemsOf(office.day("2026-12-01")).front();
    const auto ask = [&](const QString& item, const char* rest = "") {
        return office.get("officer-a", "/stations/station-a/why-not?item=" + item.toLatin1() + rest);
    };
    CHECK(Office::json(ask(planned)).value(QLatin1String("scheduled")).toBool());
    const QJsonObject draft = Office::json(office.post("editor", "/items",
                                                       {{text("title"), text("Nháp")},
                                                        {text("unit_id"), text("district")},
                                                        {text("scope_unit_id"), text("district")},
                                                        {text("topics"), QJsonArray{text("mot-cua")}},
                                                        {text("valid_from"), text("2026-11-01")}}));
    const QJsonObject told = Office::json(ask(draft.value(QLatin1String("id")).toString()));
    CHECK_FALSE(told.value(QLatin1String("scheduled")).toBool());
    REQUIRE_FALSE(told.value(QLatin1String("reasons")).toArray().isEmpty());
    CHECK(told.value(QLatin1String("reasons"))[0][QLatin1String("code")] == text("unknown_item"));
    CHECK(ask(planned, "&from=2026-12-01&to=2027-12-01").status == 400);
    CHECK(ask(planned, "&from=2026-12-02&to=2026-12-01").status == 400);
    CHECK(ask(text("no-such")).status == 404);
    CHECK(office.get("officer-a", "/stations/station-a/why-not").status == 400);
}

TEST_CASE("Promise 5: the forecast of a month says how each duty will end", "[promise-5]")
{
    Desk office;
    const auto forecast = [&](const char* station, const char* month) {
        return Office::json(office.get("inspector", QByteArray("/stations/") + station + "/forecast?month=" + month))
            .value(QLatin1String("items"))
            .toArray();
    };
    const QJsonArray kept = forecast("station-a", "2026-12");
    REQUIRE(kept.size() == 1);
    CHECK(kept[0][QLatin1String("standing")] == text("on_course"));
    CHECK(kept[0][QLatin1String("probability")].toDouble() >= 0.99);
    CHECK(kept[0][QLatin1String("title")][QLatin1String("vi")] == text("2 tin/bài mỗi tháng"));
    const QJsonArray lost = forecast("station-b", "2026-12");
    REQUIRE(lost.size() == 1);
    CHECK(lost[0][QLatin1String("standing")] == text("impossible"));
    CHECK_FALSE(lost[0][QLatin1String("remedies")].toArray().isEmpty());
    CHECK(forecast("station-a", "2020-01").isEmpty());
    CHECK(office.get("inspector", "/stations/station-a/forecast").status == 400);
    CHECK(office.get("officer-b", "/stations/station-a/forecast?month=2026-12").status == 404);
    CHECK(Office::items(office.get("inspector", "/obligations"))[0][QLatin1String("measure")] ==
          text("distinct_items"));
}

TEST_CASE("The plan may be edited by those with the right to plan")
{
    CHECK(model::rolesFor(model::Action::Plan) ==
          std::vector{model::Role::Administrator, model::Role::Editor, model::Role::CommuneOfficer});
}
