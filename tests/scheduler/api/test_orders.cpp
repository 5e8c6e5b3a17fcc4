#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/command.h"
#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct AlertOffice : Office {
    Caller agentA = enrolAgent(u"station-a"_s, 7);
    Caller agentB = enrolAgent(u"station-b"_s, 8);
    QString item = approvedItem(u"Báo động lũ"_s, u"district"_s, "tiếng báo động").value("id"_L1).toString();

    QJsonObject play(const char* scope, const QString& id, const char* priority = "EMERGENCY")
    {
        return {{u"kind"_s, u"play"_s},
                {QString::fromLatin1(scope), id},
                {u"item_id"_s, item},
                {u"priority"_s, QString::fromLatin1(priority)}};
    }
    // By the sheet that the agent reads, opened as it would.
    std::vector<Command> waitingFor(const Caller& agent, const char* station)
    {
        const api::Response response = ask(agent, "GET", QByteArray("/agent/commands/") + station);
        REQUIRE(response.status == 200);
        const CommandSheet sheet = must(openSheet(response.bytes(), key.verifyKey()));
        CHECK(sheet.now == clock.now());
        std::vector<Command> commands;
        for (const QByteArray& sealed : sheet.commands)
            commands.push_back(must(openCommand(sealed, key.verifyKey())));
        return commands;
    }
    int answer(const Caller& agent, const CommandId& command, CommandState state, const QString& reason = {})
    {
        const QJsonArray array{toJson(Acknowledgement{command, state, clock.now(), reason, {}})};
        return ask(agent, "POST", "/agent/commands",
                   QJsonDocument(QJsonObject{{u"acknowledgements"_s, array}}).toJson(QJsonDocument::Compact))
            .status;
    }
    QString standing(const QString& order, const QString& station)
    {
        for (const QJsonValue& value :
             json(get("admin", "/orders/" + order.toLatin1())).value("stations"_L1).toArray()) {
            if (value.toObject().value("station_id"_L1) == station)
                return value.toObject().value("standing"_L1).toString();
        }
        return {};
    }
};

} // namespace

TEST_CASE("An alert goes to every station of a unit, and each answers for itself")
{
    AlertOffice office;
    const api::Response given = office.post("editor", "/orders", office.play("unit_id", u"district"_s));
    REQUIRE(given.status == 201);
    const QString order = Office::json(given).value("id"_L1).toString();
    CHECK(Office::json(given).value("title"_L1) == u"Báo động lũ"_s);
    REQUIRE(office.pushed.size() == 2);
    const Command pushed = must(openCommand(office.pushed.front().second, office.key.verifyKey()));
    CHECK(pushed.issuedByName == u"Ông editor"_s);
    CHECK(std::get<PlayOrder>(pushed.order).media.approval.approvedByName == u"Ông approver"_s);

    const std::vector<Command> waiting = office.waitingFor(office.agentA, "station-a");
    REQUIRE(waiting.size() == 1);
    CHECK(waiting.front().sequence == 1);
    CHECK(office.standing(order, u"station-a"_s) == u"waiting"_s);
    CHECK(office.answer(office.agentA, waiting.front().id, CommandState::Accepted) == 204);
    CHECK(office.standing(order, u"station-a"_s) == u"accepted"_s);
    CHECK(office.waitingFor(office.agentA, "station-a").empty()); // taken: not offered again
    CHECK(office.answer(office.agentA, waiting.front().id, CommandState::Done) == 204);
    CHECK(office.answer(office.agentA, waiting.front().id, CommandState::Playing) == 204); // came late
    CHECK(office.standing(order, u"station-a"_s) == u"done"_s);
    // Another agent cannot answer for it.
    const std::vector<Command> other = office.waitingFor(office.agentB, "station-b");
    REQUIRE(other.size() == 1);
    CHECK(office.answer(office.agentA, other.front().id, CommandState::Done) == 204);
    CHECK(office.standing(order, u"station-b"_s) == u"waiting"_s);
    CHECK(office.ask(office.agentA, "GET", "/agent/commands/station-b").status == 403);
    // Who hears nothing of it in time does not begin.
    office.clock.advance(11min);
    CHECK(office.standing(order, u"station-b"_s) == u"expired"_s);
    CHECK(office.waitingFor(office.agentB, "station-b").empty());

    const auto trail = office.audit();
    CHECK(std::any_of(trail.begin(), trail.end(), [](const auto& one) { return one.action == u"order.give"_s; }));
}

TEST_CASE("A sheet answers the nonce of its request alone", "[promise-10]")
{
    AlertOffice office;
    const QByteArray nonce = newNonce();
    QByteArray fields;
    for (const auto& [name, value] : signRequest({"GET", "/api/v1/agent/commands/station-a", {}}, {}, office.agentA.id,
                                                 office.agentA.key, office.clock.now(), nonce))
        fields += name + ": " + value + "\r\n";
    const api::Response response = office.raw("GET", "/api/v1/agent/commands/station-a", fields);
    REQUIRE(response.status == 200);
    CHECK(must(openSheet(response.bytes(), office.key.verifyKey())).challenge == nonce);
}

TEST_CASE("Promise 1: only an approved item, valid today, is played by order", "[promise-1]")
{
    AlertOffice office;
    REQUIRE(office.post("editor", "/items/" + office.item.toLatin1() + "/withdraw", {{u"reason"_s, u"sai"_s}}).status ==
            200);
    CHECK(office.post("editor", "/orders", office.play("unit_id", u"district"_s)).status == 409);
    office.item = u"no-such-item"_s;
    CHECK(office.post("editor", "/orders", office.play("unit_id", u"district"_s)).status == 404);
    CHECK(office.pushed.empty());
}

TEST_CASE("Promise 1: who may not approve may not speak live, and where he may not", "[promise-1]")
{
    AlertOffice office;
    const auto speech = [](const char* scope, const char* id) {
        return QJsonObject{{u"kind"_s, u"speech"_s},
                           {QString::fromLatin1(scope), QString::fromLatin1(id)},
                           {u"priority"_s, u"EMERGENCY"_s},
                           {u"minutes"_s, 5}};
    };
    for (const char* person : {"editor", "admin"})
        CHECK(office.post(person, "/orders", speech("station_id", "station-a")).status == 403);
    CHECK(office.pushed.empty());
    const api::Response given = office.post("approver", "/orders", speech("station_id", "station-a"));
    REQUIRE(given.status == 201);
    REQUIRE(office.pushed.size() == 1);
    const Command order = must(openCommand(office.pushed.front().second, office.key.verifyKey()));
    CHECK(order.issuedByName == u"Ông approver"_s);
    const auto& spoken = std::get<SpeechOrder>(order.order);
    CHECK(spoken.stream.value == Office::json(given).value("id"_L1).toString());
    CHECK(spoken.longest == FrameCount{5 * 60 * sampleRate});
    // Nobody speaks in another's name, nor on the order of something else.
    const QByteArray address = "/orders/" + spoken.stream.value.toLatin1() + "/speech";
    CHECK(office.get("editor", address).status == 403);
    const api::Response played = office.post("editor", "/orders", office.play("station_id", u"station-a"_s));
    REQUIRE(played.status == 201);
    const QString play = Office::json(played).value("id"_L1).toString();
    CHECK(office.get("approver", "/orders/" + play.toLatin1() + "/speech").status == 403);
    const auto trail = office.audit();
    CHECK(std::any_of(trail.begin(), trail.end(), [](const auto& one) { return one.action == u"order.give"_s; }));
}

TEST_CASE("Promise 2: the scheduler sends nothing that hours forbid but an EMERGENCY", "[promise-2]")
{
    AlertOffice office;
    office.clock.advance(13h);                                           // 23:00
    office.people["editor"] = office.signIn("editor", Office::password); // the morning's session is over
    const api::Response notice =
        office.post("editor", "/orders", office.play("station_id", u"station-a"_s, "PRIORITY"));
    REQUIRE(notice.status == 201);
    const QJsonObject refused = Office::json(notice).value("stations"_L1).toArray().at(0).toObject();
    CHECK(refused.value("standing"_L1) == u"refused"_s);
    CHECK(refused.value("reason"_L1) == u"outside-hours"_s);
    CHECK(office.pushed.empty());
    CHECK(office.waitingFor(office.agentA, "station-a").empty());
    CHECK(office.post("editor", "/orders", office.play("station_id", u"station-a"_s)).status == 201);
    CHECK(office.pushed.size() == 1);
}

TEST_CASE("Who may order what, and where")
{
    AlertOffice office;
    const auto gives = [&](const char* person, const QJsonObject& order) {
        return office.post(person, "/orders", order).status;
    };
    const QJsonObject tone{
        {u"kind"_s, u"tone"_s}, {u"station_id"_s, u"station-a"_s}, {u"level"_s, -20}, {u"seconds"_s, 3}};
    CHECK(gives("officer-a", office.play("station_id", u"station-a"_s)) == 201);
    CHECK(gives("officer-a", office.play("station_id", u"station-b"_s)) == 404);
    CHECK(gives("officer-a", office.play("unit_id", u"district"_s)) == 403);
    CHECK(gives("inspector", office.play("station_id", u"station-a"_s)) == 403);
    CHECK(gives("admin", office.play("station_id", u"station-a"_s)) == 403); // keeps the machines, does not speak
    CHECK(gives("admin", tone) == 201);
    CHECK(gives("approver", tone) == 403);
    CHECK(office.raw("POST", "/api/v1/orders").status == 401);
    // An officer sees what concerns his station, and no more of it.
    REQUIRE(gives("editor", office.play("unit_id", u"district"_s)) == 201);
    const QJsonArray seen = Office::items(office.get("officer-b", "/orders"));
    REQUIRE(seen.size() == 1);
    CHECK(seen.at(0).toObject().value("stations"_L1).toArray().size() == 1);
    CHECK(Office::items(office.get("editor", "/orders")).size() == 3);
}

TEST_CASE("An order that makes no sense is refused with what is wrong")
{
    AlertOffice office;
    const auto status = [&](const QJsonObject& order) { return office.post("editor", "/orders", order).status; };
    CHECK(status({}) == 400);
    CHECK(status({{u"kind"_s, u"dance"_s}, {u"unit_id"_s, u"district"_s}}) == 400);
    CHECK(status({{u"kind"_s, u"refresh"_s}}) == 400);
    CHECK(status({{u"kind"_s, u"refresh"_s}, {u"unit_id"_s, u"district"_s}, {u"station_id"_s, u"station-a"_s}}) == 400);
    CHECK(status({{u"kind"_s, u"refresh"_s}, {u"unit_id"_s, u"no-such"_s}}) == 400);
    CHECK(status({{u"kind"_s, u"volume"_s}, {u"unit_id"_s, u"district"_s}, {u"decibels"_s, 40}, {u"minutes"_s, 5}}) ==
          400);
    CHECK(status({{u"kind"_s, u"stop"_s}, {u"unit_id"_s, u"district"_s}, {u"minutes"_s, 100'000}}) == 400);
    CHECK(status({{u"kind"_s, u"refresh"_s}, {u"unit_id"_s, u"district"_s}, {u"item_id"_s, office.item}}) == 400);
    CHECK(office.pushed.empty());
}

TEST_CASE("A cancelled order is taken back where it waits, and stopped where it plays")
{
    AlertOffice office;
    const QString order =
        Office::json(office.post("editor", "/orders", office.play("unit_id", u"district"_s))).value("id"_L1).toString();
    const Command taken = office.waitingFor(office.agentA, "station-a").front();
    REQUIRE(office.answer(office.agentA, taken.id, CommandState::Playing) == 204);
    CHECK(office.post("officer-a", "/orders/" + order.toLatin1() + "/cancel").status == 403);
    REQUIRE(office.post("editor", "/orders/" + order.toLatin1() + "/cancel").status == 200);
    CHECK(office.standing(order, u"station-b"_s) == u"cancelled"_s);
    for (const auto& [agent, station] : {std::pair(&office.agentA, "station-a"), {&office.agentB, "station-b"}}) {
        const std::vector<Command> waiting = office.waitingFor(*agent, station);
        REQUIRE(waiting.size() == 1); // the stop, for b too: the alert may have reached it
        CHECK(waiting.front().sequence == 2);
        CHECK(std::get<StopOrder>(waiting.front().order).airing);
    }
    // What an agent did counts, whatever was wished meanwhile.
    REQUIRE(office.answer(office.agentA, taken.id, CommandState::Done, u"stopped"_s) == 204);
    CHECK(office.standing(order, u"station-a"_s) == u"done"_s);
}
