#include "tests/scheduler/api/on_air.h"

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

TEST_CASE("The schedule says what plays when, and why")
{
    OnAir office;
    const QJsonArray sessions = office.sessions("2026-12-01", "2026-12-01");
    REQUIRE(sessions.size() == 1);
    const QJsonArray items = sessions[0][QLatin1String("items")].toArray();
    REQUIRE(items.size() == 2);
    CHECK(items[0][QLatin1String("starts_at")] == text("2026-11-30T22:30:00.000000Z"));
    CHECK(items[1][QLatin1String("starts_at")] == text("2026-11-30T22:31:00.000000Z"));
    CHECK(items[0][QLatin1String("duration_ms")].toInt() == 60'000);
    CHECK_FALSE(items[0][QLatin1String("reason")][QLatin1String("vi")].toString().isEmpty());
    CHECK(items[0][QLatin1String("outcome")].isNull());
    const auto status = [&](const char* query) {
        return office.get("officer-a", QByteArray("/stations/station-a/schedule?") + query).status;
    };
    CHECK(status("from=2026-12-01") == 400);
    CHECK(status("from=2026-12-02&to=2026-12-01") == 400);
    CHECK(status("from=2026-12-01&to=2027-12-01") == 400);
    CHECK(status("from=yesterday&to=2026-12-01") == 400);
    CHECK(office.get("officer-b", "/stations/station-a/schedule?from=2026-12-01&to=2026-12-01").status == 404);
}

TEST_CASE("Promise 5: a month that cannot be filled says so and why", "[promise-5]")
{
    OnAir office;
    const QJsonObject bare =
        Office::json(office.get("inspector", "/stations/station-b/schedule?from=2026-12-01&to=2026-12-31"));
    REQUIRE(bare.value(QLatin1String("shortfalls")).toArray().size() == 1);
    CHECK(bare.value(QLatin1String("shortfalls"))[0][QLatin1String("required")].toInt() == 2);
    CHECK_FALSE(
        bare.value(QLatin1String("shortfalls"))[0][QLatin1String("reason")][QLatin1String("vi")].toString().isEmpty());
    CHECK(Office::json(office.get("officer-a", "/stations/station-a/schedule?from=2026-12-01&to=2026-12-31"))
              .value(QLatin1String("shortfalls"))
              .toArray()
              .isEmpty());
}

TEST_CASE("Planning may be asked for, where one may plan")
{
    OnAir office;
    const api::Response planned = office.post("officer-a", "/plan", {{text("month"), text("2026-12")}});
    REQUIRE(planned.status == 200);
    const QJsonArray stations = Office::json(planned).value(QLatin1String("stations")).toArray();
    REQUIRE(stations.size() == 1);
    CHECK(stations[0][QLatin1String("sessions")].toInt() == 31);
    CHECK(stations[0][QLatin1String("bundle_version")].toInt() >= 1);
    CHECK(office
              .post("editor", "/plan",
                    {{text("month"), text("2026-12")}, {text("station_ids"), QJsonArray{text("station-b")}}})
              .status == 200);
    CHECK(office
              .post("officer-a", "/plan",
                    {{text("month"), text("2026-12")}, {text("station_ids"), QJsonArray{text("station-b")}}})
              .status == 404);
    CHECK(office.post("inspector", "/plan", {{text("month"), text("2026-12")}}).status == 403);
    CHECK(office.post("editor", "/plan", {{text("month"), text("2027-06")}}).status == 400);
    CHECK(office.post("editor", "/plan", {{text("month"), text("2026-13")}}).status == 400);
    CHECK(office.audit().front().action == text("plan.run"));
}

TEST_CASE("Promise 3: the schedule says which of its sources filled a relay, by the log", "[promise-3][relay]")
{
    OnAir office;
    const auto source = office.post("admin", "/relays",
                                    {{text("unit_id"), text("district")},
                                     {text("name"), text("VOV1")},
                                     {text("kind"), text("stream")},
                                     {text("addresses"), QJsonArray{text("https://phat.example.vn/vov1.mp3")}},
                                     {text("silence_seconds"), 20}});
    REQUIRE(source.status == 201);
    const RelayId relay{Office::json(source)[QLatin1String("id")].toString()};
    const auto made = office.post("admin", "/templates",
                                  {{text("unit_id"), text("district")},
                                   {text("name"), text("Tiếp sóng")},
                                   {text("parts"), QJsonArray{QJsonObject{{text("id"), text("relay")},
                                                                          {text("kind"), text("relay")},
                                                                          {text("source"), text("VOV1")},
                                                                          {text("relay_id"), relay.value},
                                                                          {text("at"), 300},
                                                                          {text("most_seconds"), 900}}}}});
    REQUIRE(made.status == 201);
    const QJsonArray rules = Office::items(office.get("admin", "/stations/station-a/session-rules"));
    REQUIRE(rules.size() == 1);
    REQUIRE(office
                .send("admin", "PATCH", "/session-rules/" + rules[0][QLatin1String("id")].toString().toLatin1(),
                      {{text("template_id"), Office::json(made)[QLatin1String("id")]}})
                .status == 200);
    office.plan();
    const auto shown = [&] {
        return office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("relays")][0].toObject();
    };
    CHECK(shown()[QLatin1String("outcome")].isNull());
    CHECK_FALSE(shown().contains(QLatin1String("filled")));

    LogEntry entry;
    entry.session = SessionId{office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("id")].toString()};
    entry.airing = relayAiringIdFor(entry.session, relay, text("relay"));
    entry.relay = relay;
    entry.sha256 = hashOf(must(office.store->relays.find(relay)).definition);
    entry.plannedStart = must(utcTimeFromString(shown()[QLatin1String("starts_at")].toString()));
    entry.plannedFrames = {900 * sampleRate};
    entry.frames = {890 * sampleRate};
    entry.firstFrameAt = entry.plannedStart;
    entry.lastFrameAt = entry.plannedStart + std::chrono::seconds(890);
    entry.shares = {{0, {800 * sampleRate}}, {standbyShare, {90 * sampleRate}}};
    entry.outcome = Outcome::Partial;
    entry.reason = text("source-failed");
    office.clock.advance(24h * 3);
    office.people["officer-a"] = office.signIn("officer-a", Office::password);
    office.log({entry});
    const QJsonObject relayed = shown();
    CHECK(relayed[QLatin1String("outcome")] == text("partial"));
    CHECK(relayed[QLatin1String("log_reason")] == text("source-failed"));
    const QJsonArray filled = relayed[QLatin1String("filled")].toArray();
    REQUIRE(filled.size() == 2);
    CHECK(filled[0][QLatin1String("source")] == text("address-1"));
    CHECK(filled[0][QLatin1String("duration_ms")].toInt() == 800'000);
    CHECK(filled[1][QLatin1String("source")] == text("standby"));
}

TEST_CASE("Promise 3: the board counts what sounded, never what was planned", "[promise-3]")
{
    OnAir office;
    office.clock.advance(24h * 3);
    office.people["inspector"] = office.signIn("inspector", Office::password);
    office.people["officer-a"] = office.signIn("officer-a", Office::password);
    CHECK(office.row("2026-12").value(QLatin1String("completed")).toInt() == 0);
    CHECK(office.row("2026-12").value(QLatin1String("standing")) == text("at_risk"));

    const int atFirst = office.plansAskedFor;
    office.air(office.sessions("2026-12-01", "2026-12-01")[0], Outcome::Missed);
    CHECK(office.plansAskedFor > atFirst); // to make it good
    CHECK(office.row("2026-12").value(QLatin1String("completed")).toInt() == 0);
    CHECK(office.sessions("2026-12-01", "2026-12-01")[0][QLatin1String("items")][0][QLatin1String("outcome")] ==
          text("missed"));

    // Each item rests a day before it returns.
    const int before = office.plansAskedFor;
    REQUIRE(office.sessions("2026-12-03", "2026-12-03")[0][QLatin1String("items")].toArray().size() == 2);
    office.air(office.sessions("2026-12-03", "2026-12-03")[0]);
    CHECK(office.plansAskedFor == before); // as planned
    const QJsonObject row = office.row("2026-12");
    CHECK(row.value(QLatin1String("completed")).toInt() == 2);
    CHECK(row.value(QLatin1String("required")).toInt() == 2);
    CHECK(row.value(QLatin1String("standing")) == text("green"));
    CHECK(row.value(QLatin1String("airings")).toInt() == 2);
    CHECK(row.value(QLatin1String("duration_ms")).toInt() == 120'000);
    CHECK(row.value(QLatin1String("unit_name")) == text("Xã commune-a"));
    CHECK(office.sessions("2026-12-03", "2026-12-03")[0][QLatin1String("items")][0][QLatin1String("outcome")] ==
          text("complete"));

    const QJsonObject evidence =
        Office::json(office.get("inspector", "/compliance/evidence?station=station-a&month=2026-12"));
    CHECK(evidence.value(QLatin1String("completed")).toInt() == 2);
    REQUIRE(evidence.value(QLatin1String("items")).toArray().size() == 2);
    const QJsonObject item = evidence.value(QLatin1String("items"))[0].toObject();
    CHECK(item.value(QLatin1String("approved_by_name")) == text("Ông approver"));
    CHECK(item.value(QLatin1String("airings")).toArray().size() == 2);
    int counting = 0;
    for (const QJsonValue& line : item.value(QLatin1String("airings")).toArray())
        counting += line[QLatin1String("counts")].toBool() ? 1 : 0;
    CHECK(counting == 1);
}

TEST_CASE("The board shows months side by side")
{
    OnAir office;
    const QJsonObject board = Office::json(office.get("inspector", "/compliance?month=2026-12&months=3"));
    CHECK(board.value(QLatin1String("months")) == QJsonArray{text("2026-10"), text("2026-11"), text("2026-12")});
    const QJsonArray rows = board.value(QLatin1String("rows")).toArray();
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[0][QLatin1String("cells")].toArray().size() == 3);
    CHECK(rows[0][QLatin1String("cells")][0][QLatin1String("standing")] == text("failed"));
    CHECK(board.value(QLatin1String("obligation"))[QLatin1String("id")] == text("cchc"));
    CHECK(Office::json(office.get("officer-a", "/compliance?month=2026-12&months=1"))
              .value(QLatin1String("rows"))
              .toArray()
              .size() == 1);
    CHECK(Office::json(office.get("inspector", "/compliance?month=2019-12&months=1"))
              .value(QLatin1String("rows"))[0][QLatin1String("cells")][0][QLatin1String("standing")]
              .isNull());
    CHECK(office.get("inspector", "/compliance").status == 400);
    CHECK(office.get("inspector", "/compliance?month=2026-12&months=0").status == 400);
    CHECK(office.get("inspector", "/compliance?month=2026-12&months=25").status == 400);
    CHECK(office.get("inspector", "/compliance?month=12-2026").status == 400);
    CHECK(office.get("officer-b", "/compliance/evidence?station=station-a&month=2026-12").status == 404);
}

TEST_CASE("Duties are listed to whom they concern, the audit trail to whom it may concern")
{
    Office office;
    CHECK(Office::items(office.get("officer-a", "/obligations")).size() == 1);
    CHECK(office.get("inspector", "/audit").status == 200);
    CHECK(office.get("admin", "/audit?limit=1").status == 200);
    CHECK(Office::items(office.get("admin", "/audit?limit=1")).size() == 1);
    CHECK(office.get("admin", "/audit?limit=0").status == 400);
    CHECK(office.get("admin", "/audit?limit=many").status == 400);
    CHECK(office.get("admin-b", "/audit").status == 403); // it tells of all communes
    CHECK(office.get("editor", "/audit").status == 403);
    CHECK(must(office.store->audit.verify()) > 0);
}
