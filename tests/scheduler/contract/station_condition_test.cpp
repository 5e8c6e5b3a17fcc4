#include "scheduler/contract/station_condition.h"

#include <QJsonArray>

#include <catch2/catch.hpp>

using namespace loa;

TEST_CASE("A station's condition is read as it was written, and nothing else", "[condition]")
{
    StationCondition condition;
    condition.station = StationId{QStringLiteral("station-1")};
    condition.playing = true;
    condition.mediaMissing = 3;
    condition.outputs = {{.name = QStringLiteral("mang"), .open = true, .starts = 512, .startErrorP50 = Duration(700)},
                         {.name = QStringLiteral("loa"),
                          .failures = 9,
                          .failure = QStringLiteral("unavailable"),
                          .startErrorP99 = Duration(5'000),
                          .lost = std::chrono::milliseconds(20)}};
    const QJsonObject json = toJson(condition);
    const auto read = stationConditionFromJson(json);
    REQUIRE(read);
    CHECK(*read == condition);

    const auto placeOf = [&](const char* member, const QJsonValue& value) {
        QJsonObject wrong = json;
        wrong[QLatin1String(member)] = value;
        const auto refused = stationConditionFromJson(wrong, QStringLiteral("/stations/0"));
        REQUIRE_FALSE(refused);
        return refused.error().where;
    };
    CHECK(placeOf("station_id", QStringLiteral("Not an id")) == QStringLiteral("/stations/0/station_id"));
    CHECK(placeOf("silent", 1) == QStringLiteral("/stations/0/silent"));
    CHECK(placeOf("media_missing", -1) == QStringLiteral("/stations/0/media_missing"));
    CHECK(placeOf("outputs", QJsonArray{QJsonObject{}}).startsWith(QStringLiteral("/stations/0/outputs/0/")));
    CHECK(placeOf("password", QStringLiteral("x")).startsWith(QStringLiteral("/stations/0")));
    QJsonArray many;
    for (qsizetype i = 0; i <= mostOutputs; ++i)
        many.append(json[QLatin1String("outputs")][0]);
    CHECK(placeOf("outputs", many) == QStringLiteral("/stations/0/outputs"));
}
