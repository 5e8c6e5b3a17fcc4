// The presets in config/, read as strictly as whoever loads them should.
#include "scheduler/contract/hours.h"
#include "scheduler/model/obligation.h"
#include "tests/scheduler/planner/sample_plan.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::planner::test;

namespace {

QJsonObject read(const QString& name)
{
    QFile file(QStringLiteral("%1/config/%2").arg(qEnvironmentVariable("LOA_SOURCE_DIR"), name));
    REQUIRE(file.open(QIODevice::ReadOnly));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    INFO(name.toStdString() << ": " << error.errorString().toStdString());
    REQUIRE(document.isObject());
    return document.object();
}

HoursPolicy policy(const char* name)
{
    const auto read_ = hoursPolicyFromJson(read(QStringLiteral("policies/%1.json").arg(text(name))));
    REQUIRE(read_);
    CHECK(read_->id.value == text(name));
    CHECK_FALSE(read_->decision.isEmpty());
    return *read_;
}

QSet<QString> keysOf(const QJsonObject& object)
{
    const QStringList keys = object.keys();
    return {keys.begin(), keys.end()};
}

model::Obligation obligation(const QJsonObject& object)
{
    const QSet<QString> known{text("id"),
                              text("row"),
                              text("title_vi"),
                              text("title_en"),
                              text("duty_holder_vi"),
                              text("reported_to_vi"),
                              text("required"),
                              text("period"),
                              text("due"),
                              text("topic_groups"),
                              text("evidence"),
                              text("valid_from"),
                              text("valid_until")};
    CHECK(keysOf(object) == known);
    model::Obligation result;
    result.id = {object[text("id")].toString()};
    CHECK(isValidId(result.id.value));
    result.row = object[text("row")].toInt(-1);
    result.titleVi = object[text("title_vi")].toString();
    result.titleEn = object[text("title_en")].toString();
    CHECK_FALSE(result.titleVi.isEmpty());
    CHECK_FALSE(result.titleEn.isEmpty());
    CHECK_FALSE(object[text("duty_holder_vi")].toString().isEmpty());
    CHECK(object[text("reported_to_vi")].toString() == text("Sở Nội vụ"));
    result.required = object[text("required")].toInt();
    CHECK(result.required > 0);
    const auto period = model::obligationPeriodFromString(object[text("period")].toString());
    REQUIRE(period);
    result.period = *period;
    if (!object[text("due")].isNull())
        result.due = QDate::fromString(object[text("due")].toString(), Qt::ISODate);
    for (const QJsonValue& group : object[text("topic_groups")].toArray())
        result.topicGroups.push_back(group.toString());
    result.evidence = object[text("evidence")] == text("airings") ? model::ObligationEvidence::Airings
                                                                  : model::ObligationEvidence::Listed;
    result.validFrom = QDate::fromString(object[text("valid_from")].toString(), Qt::ISODate);
    CHECK(result.validFrom.isValid());
    return result;
}

} // namespace

TEST_CASE("Promise 2: the hours presets say what their papers say", "[promise-2]")
{
    const HoursPolicy quan = policy("ha-noi-2021-quan");
    CHECK(quan.sessionsPerDay == 2);
    CHECK(quan.sessionLength == std::chrono::minutes(15));
    CHECK(quan.validFrom == QDate(2021, 3, 12));
    CHECK(quan.week[4].size() == 1);
    CHECK(quan.week[5].empty());
    CHECK(quan.week[6].empty());
    const HoursPolicy huyen = policy("ha-noi-2021-huyen");
    CHECK(huyen.sessionsPerDay == 2);
    CHECK(huyen.sessionLength == std::chrono::minutes(45));
    for (std::size_t weekday = 0; weekday < 7; ++weekday)
        CHECK(huyen.week[weekday].empty() == (weekday >= 5));
    const HoursPolicy ward = policy("phuong-2x60");
    CHECK(ward.sessionsPerDay == 2);
    CHECK(ward.sessionLength == std::chrono::minutes(60));
    CHECK(ward.week[6] == std::vector<HoursWindow>{{std::chrono::minutes(330), std::chrono::minutes(390)},
                                                   {std::chrono::minutes(1020), std::chrono::minutes(1080)}});
    CHECK(policy("gio-yen-tinh").sessionsPerDay == 0);
    const QDir folder(QStringLiteral("%1/config/policies").arg(qEnvironmentVariable("LOA_SOURCE_DIR")));
    for (const QString& file : folder.entryList({text("*.json")}))
        policy(file.chopped(5).toUtf8().constData());
}

TEST_CASE("Promise 2: under each preset of hours a week has the sessions that its paper lets be", "[promise-2]")
{
    // Four sessions of 50 minutes a day are asked for, from Monday to Sunday.
    const QTimeZone zone("Asia/Ho_Chi_Minh");
    model::SessionRule rule;
    rule.id = {text("four")};
    rule.station = {text("station")};
    rule.rrule = text("FREQ=DAILY;BYHOUR=5,11,17,19;BYMINUTE=30");
    rule.startDate = rule.validFrom = day(1);
    rule.startTime = QTime(5, 30);
    const auto sessions = [&](const char* name, std::chrono::minutes length) {
        model::SessionRule asked = rule;
        asked.duration = length;
        const std::vector policies{policy(name)};
        const auto expansion = planner::expandSessions(std::vector{asked}, policies, zone, day(7), day(13));
        REQUIRE(expansion);
        CHECK(expansion->sessions.size() + expansion->refusals.size() == 28);
        return expansion->sessions.size();
    };
    using std::chrono::minutes;
    CHECK(sessions("ha-noi-2021-quan", minutes(15)) == 10);
    CHECK(sessions("ha-noi-2021-quan", minutes(16)) == 0);
    CHECK(sessions("ha-noi-2021-huyen", minutes(45)) == 10);
    CHECK(sessions("ha-noi-2021-huyen", minutes(46)) == 0);
    CHECK(sessions("phuong-2x60", minutes(30)) == 14); // at half past five and half past five, weekends too
    CHECK(sessions("phuong-2x60", minutes(31)) == 7);  // the afternoon's would end after its hour
    CHECK(sessions("phuong-2x60", minutes(60)) == 7);
    CHECK(sessions("phuong-2x60", minutes(61)) == 0);
    CHECK(sessions("gio-yen-tinh", minutes(60)) == 28);
}

TEST_CASE("The twelve duties of the 2024 plan are all there, and only the third is told by airings", "[presets]")
{
    const QJsonObject file = read(text("obligations/ha-noi-2024.json"));
    CHECK(keysOf(file) == QSet<QString>{text("plan"), text("obligations")});
    const QJsonArray duties = file[text("obligations")].toArray();
    REQUIRE(duties.size() == 12);
    for (int row = 1; row <= 12; ++row) {
        const model::Obligation duty = obligation(duties[row - 1].toObject());
        CHECK(duty.row == row);
        CHECK((duty.evidence == model::ObligationEvidence::Airings) == (row == 3));
        CHECK((duty.period == model::ObligationPeriod::Once) == duty.due.has_value());
    }
    const model::Obligation loudspeaker = obligation(duties[2].toObject());
    CHECK(loudspeaker.required == 2);
    CHECK(loudspeaker.period == model::ObligationPeriod::Month);
    CHECK(obligation(duties[0].toObject()).due == QDate(2024, 2, 20));
}

TEST_CASE("The monthly duty is carried on without end", "[presets]")
{
    const QJsonArray duties = read(text("obligations/cchc-monthly.json"))[text("obligations")].toArray();
    REQUIRE(duties.size() == 1);
    const model::Obligation monthly = obligation(duties[0].toObject());
    CHECK(monthly.evidence == model::ObligationEvidence::Airings);
    CHECK(monthly.required == 2);
    CHECK(duties[0].toObject()[text("valid_until")].isNull());
}

TEST_CASE("Every topic group that a duty names has topics, and each heading of the plan is a group", "[presets]")
{
    const QJsonObject file = read(text("topics.json"));
    QSet<QString> ids;
    QSet<QString> groups;
    for (const QJsonValue& value : file[text("topics")].toArray()) {
        const QJsonObject topic = value.toObject();
        CHECK(keysOf(topic) == QSet<QString>{text("id"), text("group"), text("name_vi"), text("name_en")});
        CHECK(isValidId(topic[text("id")].toString()));
        CHECK_FALSE(ids.contains(topic[text("id")].toString()));
        ids.insert(topic[text("id")].toString());
        groups.insert(topic[text("group")].toString());
    }
    QSet<QString> wanted{text("other")};
    for (const QJsonValue& group :
         read(text("obligations/ha-noi-2024.json"))[text("obligations")][2][text("topic_groups")].toArray())
        wanted.insert(group.toString());
    CHECK(wanted.size() == 7);
    CHECK(groups == wanted);
}
