// How the scheduler that runs takes up what people, agents and other programs change, and how `plan` explains a month.
#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/airing.h"
#include "scheduler/contract/clock.h"
#include "scheduler/store/store.h"
#include "tests/scheduler/commands/scheduler_program.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QStringList words(const char* line)
{
    return text(line).split(u' ', Qt::SkipEmptyParts);
}

void planEvery(const Installation& installation, const char* interval)
{
    QFile config(installation.config());
    REQUIRE(config.open(QIODevice::Append));
    config.write(QByteArray("[planning]\ninterval = \"") + interval + "\"\n");
}

// A station with half an hour every morning.
void addStation(const Installation& installation)
{
    const QStringList data{text("--data"), installation.data()};
    for (const char* line :
         {"station add d1 --unit thu --clusters Chợ=mang:2 --name Đài",
          "station rule add d1 --title Sáng --rrule FREQ=DAILY --time 05:30 --minutes 30 --from 2025-01-01"}) {
        const Finished done = runScheduler(words(line) + data);
        INFO(done.err.toStdString());
        REQUIRE(done.code == 0);
    }
}

QString onlyStation(Client& client)
{
    const auto stations = client.get(text("/api/v1/stations")).json()[QLatin1String("items")].toArray();
    REQUIRE(stations.size() == 1);
    return stations[0][QLatin1String("id")].toString();
}

// By an editor and an approver.
QString approve(Client& editor, Client& approver, const QString& title, double seconds)
{
    const QString item = newItem(editor, title);
    attach(editor, item, toneWav(seconds));
    REQUIRE(waitFor([&] { return statusOf(editor, item) == text("ready"); }));
    REQUIRE(editor.post(text("/api/v1/items/%1/submit").arg(item), {}).status == 200);
    const auto versions = editor.get(text("/api/v1/items/") + item).json()[QLatin1String("versions")].toArray();
    const Answer approved = approver.post(text("/api/v1/items/%1/approve").arg(item),
                                          {{text("sha256"), versions.last()[QLatin1String("sha256")]}});
    INFO(approved.body.toStdString());
    REQUIRE(approved.status == 200);
    return item;
}

// An agent of the station that says that the first airing planned was not heard.
Answer missFirstAiring(Client& admin, const QString& station)
{
    const Answer code = admin.post(text("/api/v1/agents/enrolment-codes"),
                                   {{text("name"), text("Máy")}, {text("station_ids"), QJsonArray{station}}});
    REQUIRE(code.status == 201);
    std::array<std::uint8_t, 32> seed{};
    seed.fill(9);
    const SigningKey key = SigningKey::fromSeed(seed);
    const Answer enrolled =
        admin.post(text("/api/v1/agent/enrol"), {{text("code"), code.json()[QLatin1String("code")]},
                                                 {text("public_key"), QString::fromLatin1(key.verifyKey().toBase64())},
                                                 {text("name"), text("may")}});
    REQUIRE(enrolled.status == 201);
    const QDate today = QDate::currentDate();
    const auto sessions =
        admin
            .get(text("/api/v1/stations/%1/schedule?from=%2&to=%3")
                     .arg(station, today.toString(Qt::ISODate), today.addDays(7).toString(Qt::ISODate)))
            .json()[QLatin1String("sessions")]
            .toArray();
    const auto airs = std::find_if(sessions.begin(), sessions.end(), [](const QJsonValue& session) {
        return !session[QLatin1String("items")].toArray().isEmpty();
    });
    REQUIRE(airs != sessions.end());
    const QJsonValue planned = (*airs)[QLatin1String("items")][0];
    LogEntry entry;
    entry.agent = AgentId{enrolled.json()[QLatin1String("agent_id")].toString()};
    entry.sequence = 1;
    entry.previous = chainStart(key.verifyKey());
    entry.station = StationId{station};
    entry.clock = ClockState::Synchronised;
    entry.airing = AiringId{planned[QLatin1String("airing_id")].toString()};
    entry.session = SessionId{(*airs)[QLatin1String("id")].toString()};
    entry.item = ItemId{planned[QLatin1String("item_id")].toString()};
    entry.sha256 = sha256("as it was");
    entry.output = text("mang");
    entry.bundleVersion = 1;
    entry.plannedStart = *utcTimeFromString(planned[QLatin1String("starts_at")].toString());
    entry.plannedFrames = {planned[QLatin1String("frames")].toInteger()};
    entry.outcome = Outcome::Missed;
    entry.recordedAt = SystemClock().now();
    const auto signedEntry = signEntry(entry, key);
    REQUIRE(signedEntry);
    const QByteArray body = QJsonDocument(QJsonObject{{text("entries"), QJsonArray{toJson(*signedEntry)}}}).toJson();
    QList<std::pair<QByteArray, QByteArray>> headers{{"Content-Type", "application/json"}};
    for (const auto& header :
         signRequest({"POST", "/api/v1/agent/airings", {}}, body, entry.agent, key, SystemClock().now(), newNonce()))
        headers.append(header);
    return admin.send("POST", text("/api/v1/agent/airings"), body, headers);
}

} // namespace

TEST_CASE("Items, approvals, policies, rules and airings wake planning at once, and plan explains the month", "[serve]")
{
    const Installation installation;
    planEvery(installation, "1 h"); // whatever is planned below was not found by looking
    addPerson(installation, text("lan"), {text("editor")});
    addPerson(installation, text("duyet"), {text("approver")});
    addStation(installation);
    const QString month = QDate::currentDate().addMonths(1).toString(text("yyyy-MM"));
    QString item;
    {
        Serving serving(installation);
        Client admin(serving.port());
        Client editor(serving.port());
        Client approver(serving.port());
        REQUIRE(admin.signIn(text("admin"), installation.password()));
        REQUIRE(editor.signIn(text("lan"), somePassword()));
        REQUIRE(approver.signIn(text("duyet"), somePassword()));
        const QString station = onlyStation(admin);
        const auto planned = [&] { return serving.log().count("event=planned station=" + station.toUtf8()); };
        REQUIRE(waitFor([&] { return planned() == 1; })); // at its start
        qsizetype before = 1;
        const auto wakes = [&] {
            const bool woke = waitFor([&] { return planned() > before; });
            before = planned();
            return woke;
        };

        item = approve(editor, approver, text("Tin được duyệt"), 3);
        CHECK(wakes());
        const QString other = approve(editor, approver, text("Tin sẽ thu hồi"), 2);
        CHECK(wakes());
        CHECK(missFirstAiring(admin, station).status == 200);
        CHECK(wakes());
        REQUIRE(approver.post(text("/api/v1/items/%1/withdraw").arg(other), {{text("reason"), text("sai số liệu")}})
                    .status == 200);
        CHECK(wakes());

        const QJsonArray policies =
            admin
                .get(text("/api/v1/policies?unit=") +
                     admin.get(text("/api/v1/units")).json()[QLatin1String("items")][0][QLatin1String("id")].toString())
                .json()[QLatin1String("items")]
                .toArray();
        REQUIRE_FALSE(policies.isEmpty());
        QJsonObject policy = policies[0][QLatin1String("policy")].toObject();
        policy.remove(QLatin1String("id"));
        policy[text("name")] = text("Quy định mới");
        const Answer added =
            admin.post(text("/api/v1/policies"),
                       {{text("unit_id"), policies[0][QLatin1String("unit_id")]}, {text("policy"), policy}});
        INFO(added.body.toStdString());
        REQUIRE(added.status == 201);
        CHECK(wakes());

        const Answer rule = admin.post(text("/api/v1/stations/%1/session-rules").arg(station),
                                       {{text("title"), text("Trưa")},
                                        {text("rrule"), text("FREQ=DAILY")},
                                        {text("start_date"), text("2025-01-01")},
                                        {text("start_time"), text("11:00")},
                                        {text("duration_seconds"), 1},
                                        {text("valid_from"), text("2025-01-01")}});
        INFO(rule.body.toStdString());
        REQUIRE(rule.status == 201);
        CHECK(wakes());
        CHECK(serving.stop() == 0);
    }

    const QStringList plan = QStringList{text("plan"), text("--month"), month, text("--data"), installation.data()};
    const Finished told = runScheduler(plan + words("--explain"));
    INFO(told.out.toStdString());
    REQUIRE(told.code == 0);
    CHECK(told.out.contains(text("05:30:00 Sáng")));
    // Each airing with the second and why.
    CHECK(told.out.contains(QRegularExpression(text("\n    \\+0 s Tin được duyệt — \\S.+ \\(\\S.+\\)\n"))));
    CHECK_FALSE(told.out.contains(text("Tin sẽ thu hồi")));
    // And why not in the others: noon is too short.
    CHECK(told.out.contains(QRegularExpression(text("\n  Tin được duyệt: plays / phát [1-9]"))));
    CHECK(told.out.contains(QRegularExpression(text("\n    - sessions / buổi (28|29|30|31): \\S.+ \\(\\S.+\\)\n"))));
    CHECK_FALSE(runScheduler(plan).out.contains(text("+0 s")));

    const Finished asJson = runScheduler(plan + words("--explain --json"));
    const QJsonObject json = QJsonDocument::fromJson(asJson.out.toUtf8()).object();
    const QJsonObject station = json[QLatin1String("stations")][0].toObject();
    const QJsonArray schedule = station[QLatin1String("schedule")].toArray();
    CHECK(schedule.size() >= 56); // two a day
    qint64 airings = 0;
    for (const QJsonValue& session : schedule) {
        const QJsonArray items = session[QLatin1String("items")].toArray();
        CHECK((session[QLatin1String("title")] == text("Sáng") || items.isEmpty()));
        airings += items.size();
        for (const QJsonValue& airing : items) {
            CHECK(airing[QLatin1String("item_id")] == item);
            CHECK(airing[QLatin1String("title")] == text("Tin được duyệt"));
            for (const char* language : {"vi", "en"})
                CHECK_FALSE(airing[QLatin1String("reason")][QLatin1String(language)].toString().isEmpty());
        }
    }
    CHECK(airings > 0);
    CHECK(station[QLatin1String("placements")].toInteger() == airings);
    const QJsonArray whyNot = station[QLatin1String("why_not")].toArray();
    REQUIRE(whyNot.size() == 1);
    CHECK(whyNot[0][QLatin1String("item_id")] == item);
    CHECK(whyNot[0][QLatin1String("scheduled")].toBool());
    bool tooLong = false;
    for (const QJsonValue& reason : whyNot[0][QLatin1String("reasons")].toArray()) {
        if (reason[QLatin1String("code")] == text("too_long"))
            tooLong = reason[QLatin1String("sessions")].toArray().size() >= 28;
    }
    CHECK(tooLong);
    CHECK_FALSE(QJsonDocument::fromJson(runScheduler(plan + words("--json")).out.toUtf8())
                    .object()[QLatin1String("stations")][0]
                    .toObject()
                    .contains(QLatin1String("schedule")));
}

TEST_CASE("plan beside a scheduler that runs says who tells the agents, and it does", "[serve]")
{
    const Installation installation;
    planEvery(installation, "1 s");
    addStation(installation);
    const QString month = QDate::currentDate().toString(text("yyyy-MM"));
    const QStringList plan = QStringList{text("plan"), text("--month"), month, text("--data"), installation.data()};
    const Finished alone = runScheduler(plan);
    REQUIRE(alone.code == 0);
    CHECK(alone.err.contains(text("bản kê mới: 1.")));
    CHECK(alone.err.contains(text("No scheduler runs here")));
    CHECK(runScheduler(plan).err.isEmpty()); // nothing was issued

    const Serving serving(installation);
    REQUIRE(waitFor([&] { return serving.log().contains("event=planned"); }));
    CHECK_FALSE(serving.log().contains("event=announced-others"));
    {
        // A change that nobody wished a plan for: the scheduler does not find it by itself.
        const auto database = store::Database::open(installation.data() + text("/loa.db"));
        REQUIRE(database);
        store::Store store(**database);
        model::SessionRule rule;
        rule.id = SessionRuleId{text("rule-of-another")};
        rule.station = (*store.stations.all())[0].id;
        rule.title = text("Chiều");
        rule.rrule = text("FREQ=DAILY");
        rule.startDate = rule.validFrom = QDate(2025, 1, 1);
        rule.startTime = QTime(17, 0);
        rule.duration = std::chrono::minutes(30);
        REQUIRE(store.sessionRules.add(rule));
    }
    const Finished beside = runScheduler(plan);
    INFO(beside.err.toStdString());
    CHECK(beside.code == 0);
    CHECK(beside.err.contains(text("The scheduler that runs here tells the agents")));
    CHECK(waitFor([&] { return serving.log().contains("event=announced-others bundles=1"); }));
}
