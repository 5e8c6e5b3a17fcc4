#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/airing.h"
#include "scheduler/contract/bundle.h"
#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QByteArray compact(const QJsonObject& object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

// Entries 1 to `count` of the agent's log: events of its own.
std::vector<SignedLogEntry> log(const Caller& agent, int count, UtcTime at, const char* reason = "agent-started")
{
    std::vector<SignedLogEntry> entries;
    Sha256 previous = chainStart(agent.key.verifyKey());
    for (int i = 1; i <= count; ++i) {
        LogEntry entry;
        entry.agent = agent.id;
        entry.sequence = i;
        entry.previous = previous;
        entry.recordedAt = at + std::chrono::seconds(i);
        entry.clock = ClockState::Synchronised;
        entry.kind = EntryKind::Event;
        entry.reason = text(reason);
        entries.push_back(must(signEntry(entry, agent.key)));
        previous = entries.back().hash;
    }
    return entries;
}

QByteArray body(const std::vector<SignedLogEntry>& entries, std::size_t from = 0, std::size_t until = 1000)
{
    QJsonArray array;
    for (std::size_t i = from; i < std::min(until, entries.size()); ++i)
        array.append(toJson(entries[i]));
    return compact({{QStringLiteral("entries"), array}});
}

qint64 acknowledged(const api::Response& response)
{
    return Office::json(response).value(QLatin1String("acknowledged_through")).toInteger(-1);
}

} // namespace

TEST_CASE("A code enrols one agent once, for stations that its maker governs")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    CHECK_FALSE(agent.id.isEmpty());
    CHECK(Office::json(office.get("admin", "/stations/station-a")).value(QLatin1String("agent_id")) == agent.id.value);
    const auto enrol = [&](const QString& code, const QByteArray& key) {
        return office.raw(
            "POST", "/api/v1/agent/enrol", "Content-Type: application/json\r\n",
            compact({{text("code"), code}, {text("public_key"), QString::fromLatin1(key)}, {text("name"), text("x")}}));
    };
    CHECK(enrol(text("ABCDE-FGHJK-LMNPQ-RSTUV"), SigningKey::generate().verifyKey().toBase64()).status == 401);
    CHECK(enrol(text("ABCDE"), "no key").status == 400);

    const api::Response code =
        office.post("admin", "/agents/enrolment-codes",
                    {{text("name"), text("Máy B")}, {text("station_ids"), QJsonArray{text("station-b")}}});
    const QString shown = Office::json(code).value(QLatin1String("code")).toString();
    CHECK(enrol(shown, agent.key.verifyKey().toBase64()).status == 409); // the key is known
    CHECK(enrol(shown, SigningKey::generate().verifyKey().toBase64()).status == 201);
    CHECK(enrol(shown, SigningKey::generate().verifyKey().toBase64()).status == 401);

    const auto asked = [&](const char* person, const QJsonArray& stations) {
        return office
            .post(person, "/agents/enrolment-codes", {{text("name"), text("x")}, {text("station_ids"), stations}})
            .status;
    };
    CHECK(asked("admin-b", {text("station-a")}) == 404);
    CHECK(asked("admin-b", {text("station-b"), text("station-a")}) == 404);
    CHECK(asked("officer-a", {text("station-a")}) == 403);
    CHECK(asked("admin", {}) == 400);
    CHECK(asked("admin", {text("no-such")}) == 404);
}

TEST_CASE("An agent's request is believed for its signature, its time and once")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    office.plan();
    const QByteArray path = "/agent/bundles/station-a";
    CHECK(office.ask(agent, "GET", path).status == 200);
    CHECK(office.raw("GET", "/api/v1" + path).status == 401);
    const Caller imposter{agent.id, SigningKey::generate()};
    CHECK(office.ask(imposter, "GET", path).status == 401);
    const Caller unknown{AgentId{text("nobody")}, SigningKey::generate()};
    CHECK(office.ask(unknown, "GET", path).status == 401);

    const api::Response skewed = office.ask(agent, "GET", path, {}, {}, 6min);
    CHECK(skewed.status == 401);
    CHECK(Office::json(skewed).value(QLatin1String("type")).toString().endsWith(text("/clock-skew")));
    CHECK(Office::json(skewed).value(QLatin1String("server_time")) == toString(office.clock.now()));
    CHECK(Office::json(office.ask(imposter, "GET", path, {}, {}, 6min)).value(QLatin1String("type")) ==
          text("about:blank"));

    QByteArray fields;
    for (const auto& [name, value] :
         signRequest({"GET", "/api/v1" + path, {}}, {}, agent.id, agent.key, office.clock.now(), newNonce()))
        fields += name + ": " + value + "\r\n";
    CHECK(office.raw("GET", "/api/v1" + path, fields).status == 200);
    CHECK(office.raw("GET", "/api/v1" + path, fields).status == 401);                  // again
    CHECK(office.raw("GET", "/api/v1/agent/bundles/station-b", fields).status == 401); // for another path
}

TEST_CASE("A signed request says nothing else than what was signed")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    const QByteArray path = "/api/v1/agent/status";
    const QByteArray status = compact({{text("software"), text("loa-playout 0.1.0")},
                                       {text("clock_state"), text("synchronised")},
                                       {text("journal_backlog"), 3},
                                       {text("bundles"), QJsonArray()}});
    const auto signedFields = [&] {
        QByteArray fields = "Content-Type: application/json\r\n";
        for (const auto& [name, value] :
             signRequest({"POST", path, {}}, status, agent.id, agent.key, office.clock.now(), newNonce()))
            fields += name + ": " + value + "\r\n";
        return fields;
    };
    CHECK(office.raw("POST", path, signedFields(), QByteArray(status).replace('3', '4')).status == 401);
    CHECK(office.raw("POST", path + "?x=1", signedFields(), status).status == 401);
    CHECK(office.raw("POST", path, signedFields(), status).status == 204);
    // A person's session is no agent, and an agent is no person.
    CHECK(office.send("admin", "POST", "/agent/status", {}).status == 401);
    CHECK(office.ask(agent, "GET", "/stations").status == 401);
}

TEST_CASE("An agent fetches the bundles of its own stations")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    CHECK(office.ask(agent, "GET", "/agent/bundles/station-a").status == 404); // not planned yet
    office.plan();
    const api::Response fetched = office.ask(agent, "GET", "/agent/bundles/station-a");
    REQUIRE(fetched.status == 200);
    const Bundle bundle = must(openBundle(fetched.bytes(), office.key.verifyKey()));
    CHECK(bundle.station == StationId{text("station-a")});
    CHECK(fetched.header("ETag") == '"' + QByteArray::number(qint64(bundle.version)) + '"');
    CHECK(office.ask(agent, "GET", "/agent/bundles/station-a", {}, "If-None-Match: " + fetched.header("ETag") + "\r\n")
              .status == 304);
    CHECK(office.ask(agent, "GET", "/agent/bundles/station-a", {}, "If-None-Match: \"999\"\r\n").status == 200);
    CHECK(office.ask(agent, "GET", "/agent/bundles/station-b").status == 403);
    CHECK(office.ask(agent, "GET", "/agent/bundles/no-such").status == 403);
    must(office.store->agents.revoke(agent.id, office.clock.now()));
    CHECK(office.ask(agent, "GET", "/agent/bundles/station-a").status == 401);
}

TEST_CASE("What an agent says of itself is shown with its stations")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    StationCondition condition;
    condition.station = StationId{text("station-a")};
    condition.playing = condition.silent = true;
    condition.mediaMissing = 2;
    condition.outputs = {{.name = text("mang"),
                          .failures = 4,
                          .failure = text("unavailable"),
                          .starts = 12,
                          .startErrorP50 = Duration(900),
                          .startErrorP99 = Duration(4'000),
                          .lost = std::chrono::milliseconds(1'500)}};
    StationCondition foreign = condition; // not carried by this agent: it has no say
    foreign.station = StationId{text("station-b")};
    const QJsonObject status{
        {text("software"), text("loa-playout 0.1.0")},
        {text("clock_state"), text("synchronised")},
        {text("journal_backlog"), 3},
        {text("bundles"), QJsonArray{QJsonObject{{text("station_id"), text("station-a")}, {text("version"), 12}},
                                     QJsonObject{{text("station_id"), text("station-b")}, {text("version"), 99}}}},
        {text("stations"), QJsonArray{toJson(condition), toJson(foreign)}}};
    CHECK(office.ask(agent, "POST", "/agent/status", compact(status)).status == 204);
    const QJsonObject station = Office::json(office.get("admin", "/stations/station-a"));
    CHECK(station.value(QLatin1String("bundle_version_on_agent")).toInt() == 12);
    CHECK(station.value(QLatin1String("clock_state")) == text("synchronised"));
    CHECK(station.value(QLatin1String("last_seen_at")) == toString(office.clock.now()));
    CHECK(Office::json(office.get("admin", "/stations/station-b"))
              .value(QLatin1String("bundle_version_on_agent"))
              .isNull());
    const QJsonArray agents = Office::items(office.get("officer-a", "/agents"));
    REQUIRE(agents.size() == 1);
    CHECK(agents[0][QLatin1String("journal_backlog")].toInt() == 3);
    const QJsonArray told = agents[0][QLatin1String("conditions")].toArray();
    REQUIRE(told.size() == 1);
    CHECK(must(stationConditionFromJson(told[0].toObject())) == condition);
    CHECK(Office::items(office.get("officer-b", "/agents")).isEmpty());
    QJsonObject wrong = status;
    wrong[text("stations")] = QJsonArray{QJsonObject{{text("station_id"), text("station-a")}}};
    CHECK(office.ask(agent, "POST", "/agent/status", compact(wrong)).status == 400);
    wrong = status;
    wrong[text("clock_state")] = text("perfect");
    CHECK(office.ask(agent, "POST", "/agent/status", compact(wrong)).status == 400);
}

TEST_CASE("Promise 4: what is acknowledged is stored, once, whatever is sent again", "[promise-4]")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    const auto entries = log(agent, 10, office.clock.now());
    CHECK(acknowledged(office.ask(agent, "POST", "/agent/airings", body(entries, 0, 3))) == 3);
    const api::Response again = office.ask(agent, "POST", "/agent/airings", body(entries, 0, 5));
    CHECK(acknowledged(again) == 5);
    CHECK(Office::json(again).value(QLatin1String("accepted")).toInt() == 2);
    CHECK(acknowledged(office.ask(agent, "POST", "/agent/airings", body(entries, 7, 10))) == 5); // 6 and 7 are missing
    const QJsonObject shown = Office::items(office.get("admin", "/agents"))[0].toObject();
    CHECK(shown.value(QLatin1String("last_sequence")).toInt() == 10);
    CHECK(shown.value(QLatin1String("gaps")) == QJsonArray{QJsonObject{{text("from"), 6}, {text("to"), 7}}});
    CHECK(acknowledged(office.ask(agent, "POST", "/agent/airings", body(entries, 5, 7))) == 10);
    CHECK(acknowledged(office.ask(agent, "POST", "/agent/airings", body({}))) == 10);
}

TEST_CASE("Promise 4: an altered, foreign or second entry is refused and shown", "[promise-4]")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"), 7);
    const Caller other = office.enrolAgent(text("station-b"), 8);
    const auto entries = log(agent, 3, office.clock.now());
    REQUIRE(acknowledged(office.ask(agent, "POST", "/agent/airings", body(entries))) == 3);

    QJsonObject altered = toJson(entries[0]);
    QJsonObject inner = altered.value(QLatin1String("entry")).toObject();
    inner[text("reason")] = text("agent-stopped");
    altered[text("entry")] = inner;
    const api::Response refused =
        office.ask(agent, "POST", "/agent/airings",
                   compact({{text("entries"), QJsonArray{altered, QJsonObject{{text("x"), 1}}, 5}}}));
    CHECK(refused.status == 200);
    CHECK(Office::json(refused).value(QLatin1String("rejected")).toArray().size() == 3);
    CHECK(Office::json(refused).value(QLatin1String("accepted")).toInt() == 0);

    const api::Response foreign = office.ask(other, "POST", "/agent/airings", body(entries));
    CHECK(Office::json(foreign).value(QLatin1String("accepted")).toInt() == 0);
    CHECK(acknowledged(foreign) == 0);

    const auto fork = log(agent, 1, office.clock.now() + 1h);
    office.ask(agent, "POST", "/agent/airings", body(fork));
    const QJsonArray agents = Office::items(office.get("admin", "/agents"));
    for (const QJsonValue& shown : agents) {
        const QJsonArray forks = shown[QLatin1String("forks")].toArray();
        if (shown[QLatin1String("id")] == agent.id.value) {
            REQUIRE(forks.size() == 1);
            CHECK(forks[0][QLatin1String("kept_hash")] == toString(entries[0].hash));
            CHECK(forks[0][QLatin1String("other_hash")] == toString(fork[0].hash));
        } else {
            CHECK(forks.isEmpty());
        }
    }
}

TEST_CASE("Media are fetched by agents and people, in parts and once")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    office.approvedItem(text("Tin"), text("district"), "0123456789");
    const QByteArray path = "/media/" + toString(sha256("0123456789")).toLatin1();
    const api::Response whole = office.ask(agent, "GET", path);
    CHECK(whole.status == 200);
    CHECK(whole.length() == 10);
    CHECK(whole.header("Content-Type") == "audio/ogg");
    CHECK(whole.header("Cache-Control").contains("immutable"));
    CHECK(office.ask(agent, "GET", path, {}, "Range: bytes=4-\r\n").status == 206);
    CHECK(office.ask(agent, "GET", path, {}, "Range: bytes=10-\r\n").status == 416);
    CHECK(office.get("inspector", path).status == 200);
    CHECK(office.get("inspector", path, "If-None-Match: " + whole.header("ETag") + "\r\n").status == 304);
    CHECK(office.raw("HEAD", "/api/v1" + path, office.credentials("inspector")).length() == 10);
    CHECK(office.raw("GET", "/api/v1" + path).status == 401);
    CHECK(office.get("inspector", "/media/" + QByteArray(64, '0')).status == 404);
    CHECK(office.get("inspector", "/media/abc").status == 404);
    CHECK(office.get("inspector", "/media/..%5C..%5Cetc").status == 404);
}

TEST_CASE("The events' address is for WebSockets of agents")
{
    Office office;
    const Caller agent = office.enrolAgent(text("station-a"));
    CHECK(office.ask(agent, "GET", "/agent/events").status == 426);
    CHECK(office.raw("GET", "/api/v1/agent/events").status == 401);
    const api::Response opened =
        office.ask(agent, "GET", "/agent/events", {}, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    REQUIRE(opened.upgrade);
    CHECK(opened.upgrade->subscriber == agent.id.value);
    CHECK(opened.upgrade->topics == QStringList{text("station-a")});
}
