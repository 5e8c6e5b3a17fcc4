// Swap, insert and place by hand, which are several edits at once or an edit with a position.
#include "tests/scheduler/api/desk.h"

using namespace loa;
using namespace loa::test;

namespace {

QString edited(const QJsonObject& session, const QString& item)
{
    for (const QJsonValue& airing : session[QLatin1String("items")].toArray()) {
        if (airing[QLatin1String("item_id")] == item)
            return airing[QLatin1String("edited")].toString();
    }
    return {};
}

} // namespace

TEST_CASE("A swap is both moves at once, and either both are made or none")
{
    Desk office;
    const QStringList both = Desk::itemsOf(office.day("2026-12-05"));
    REQUIRE(both.size() == 2);
    const QString& a = both[0];
    const QString& b = both[1];
    // Each of two days has one of the two.
    REQUIRE(
        office
            .make("officer-a",
                  {Desk::edit(office.day("2026-12-05"), b, "away"), Desk::edit(office.day("2026-12-06"), a, "away")},
                  office.revision())
            .status == 201);
    const QJsonObject first = office.day("2026-12-05");
    const QJsonObject second = office.day("2026-12-06");
    REQUIRE(Desk::itemsOf(first) == QStringList{a});
    REQUIRE(Desk::itemsOf(second) == QStringList{b});

    const QJsonArray swap{Desk::edit(first, a, "away"), Desk::edit(second, a, "keep"), Desk::edit(second, b, "away"),
                          Desk::edit(first, b, "keep")};
    const QJsonObject judged = office.check(swap);
    CHECK(judged.value(QLatin1String("conflicts")).toArray().isEmpty());
    const QJsonObject changes = judged.value(QLatin1String("changes")).toObject();
    REQUIRE(changes.value(QLatin1String("moved")).toArray().size() == 2);
    CHECK(changes.value(QLatin1String("added")).toArray().isEmpty());
    CHECK(changes.value(QLatin1String("removed")).toArray().isEmpty());

    // One of the four that cannot be: nothing is made.
    QJsonArray broken = swap;
    broken.append(Desk::edit(
        second, office.approvedItem(text("Chỉ xã B"), text("commune-b"), "b")[QLatin1String("id")].toString(), "keep"));
    CHECK(office.make("officer-a", broken, office.revision()).status >= 400);
    CHECK(Desk::itemsOf(office.day("2026-12-05")) == QStringList{a});
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).size() == 2);

    REQUIRE(office.make("officer-a", swap, office.revision()).status == 201);
    CHECK(Desk::itemsOf(office.day("2026-12-05")) == QStringList{b});
    CHECK(Desk::itemsOf(office.day("2026-12-06")) == QStringList{a});
    CHECK(edited(office.day("2026-12-05"), b) == text("keep"));
    // Those of before gave way to these.
    CHECK(Office::items(office.get("officer-a", "/stations/station-a/edits")).size() == 4);
    office.plan();
    CHECK(Desk::itemsOf(office.day("2026-12-05")) == QStringList{b});
    CHECK(Desk::itemsOf(office.day("2026-12-06")) == QStringList{a});
}

TEST_CASE("An item is inserted where a person says, and stands there after every replan")
{
    Desk office;
    const QJsonObject day = office.day("2026-12-05");
    REQUIRE(Desk::itemsOf(day).size() == 2);
    // Approved and not planned yet.
    const QString item = office.approvedItem(text("Tin ba"), text("district"), "three")[QLatin1String("id")].toString();
    const auto insert = [&](int position) {
        QJsonObject edit = Desk::edit(day, item, "keep");
        edit.insert(text("position"), position);
        return QJsonArray{edit};
    };
    const QJsonObject judged = office.check(insert(1));
    CHECK(judged.value(QLatin1String("conflicts")).toArray().isEmpty());

    for (const auto& [position, stands] : {std::pair(1, 1), std::pair(0, 0), std::pair(2, 2), std::pair(900, 2)}) {
        INFO(position);
        REQUIRE(office.make("officer-a", insert(position), office.revision()).status == 201);
        CHECK(Desk::itemsOf(office.day("2026-12-05")).indexOf(item) == stands);
        office.plan();
        const QJsonObject now = office.day("2026-12-05");
        CHECK(Desk::itemsOf(now).indexOf(item) == stands);
        CHECK(edited(now, item) == text("keep"));
        const QJsonArray edits = Office::items(office.get("officer-a", "/stations/station-a/edits"));
        REQUIRE(edits.size() == 1);
        CHECK(edits[0][QLatin1String("position")].toInt(-1) == position);
        // One after the other, without a gap.
        qint64 ends = 0;
        for (const QJsonValue& airing : now[QLatin1String("items")].toArray()) {
            const qint64 starts =
                must(utcTimeFromString(airing[QLatin1String("starts_at")].toString())).time_since_epoch().count();
            CHECK((ends == 0 || starts == ends));
            ends = starts + airing[QLatin1String("duration_ms")].toInteger() * 1'000;
        }
    }
    CHECK(office.post("officer-a", "/stations/station-a/edits/check", {{text("edits"), insert(-1)}}).status == 400);
    CHECK(office.post("officer-a", "/stations/station-a/edits/check", {{text("edits"), insert(1001)}}).status == 400);
}

TEST_CASE("What a person wants twice on a day is told, and may be")
{
    Desk office;
    const QJsonObject noon{{text("title"), text("Buổi trưa")},       {text("rrule"), text("FREQ=DAILY")},
                           {text("start_date"), text("2026-11-01")}, {text("start_time"), text("11:00")},
                           {text("duration_seconds"), 1800},         {text("valid_from"), text("2026-11-01")}};
    REQUIRE(office.post("officer-a", "/stations/station-a/session-rules", noon).status == 201);
    office.plan();
    const QJsonArray sessions = office.sessions("2026-12-05", "2026-12-05");
    REQUIRE(sessions.size() == 2);
    const QString item = Desk::itemsOf(office.day("2026-12-05")).front();
    const QJsonArray twice{Desk::edit(sessions[0].toObject(), item, "keep"),
                           Desk::edit(sessions[1].toObject(), item, "keep")};
    const QJsonArray conflicts = office.check(twice).value(QLatin1String("conflicts")).toArray();
    REQUIRE(conflicts.size() == 2);
    for (const QJsonValue& conflict : conflicts) {
        CHECK(conflict[QLatin1String("code")] == text("repeats"));
        CHECK_FALSE(conflict[QLatin1String("hard")].toBool());
        CHECK_FALSE(conflict[QLatin1String("resolutions")].toArray().isEmpty());
    }
    CHECK(office.make("officer-a", twice, office.revision()).status == 201);
}
