// loa-playout as a process: enrolled, run, killed and verified against a scheduler that speaks the real wire.
#include "playout/journal/verify_log.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/clock.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/link/fake_scheduler.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <csignal>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray stationId = "station-1";

struct Ended {
    int code = -1;
    QString out;
    QString err;
};

QString program()
{
    return qEnvironmentVariable("LOA_BIN_DIR") + u"/loa-playout"_s;
}

// Runs to its end while the test's event loop, and so the fake scheduler, goes on.
Ended finished(const QStringList& arguments)
{
    QProcess process;
    process.start(program(), arguments);
    REQUIRE(waitUntil([&] { return process.state() == QProcess::NotRunning; }));
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

struct Office {
    Office() : server([this](const FakeRequest& request, QTcpSocket& socket) { serve(request, socket); })
    {
        const QByteArray toml = "scheduler = \"" + server.url().toString().toUtf8() +
                                "\"\nstate = \"state\"\nclock = \"trust\"\nstatus = \"1 s\"\ncheckpoint = \"500 ms\"\n"
                                "[[station]]\n[[station.output]]\nname = \"loa\"\ndevice = \"null\"\n"
                                "[[station.output]]\nname = \"luu-tru\"\ndevice = \"wav\"\nurl = \"wav\"\n";
        QFile file(config());
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(toml);
        QDir(folder.path()).mkdir(u"house"_s);
        QDir(folder.path()).mkdir(u"wav"_s);
    }

    [[nodiscard]] QString config() const { return folder.filePath(u"playout.toml"_s); }
    [[nodiscard]] QString state() const { return folder.filePath(u"state"_s); }

    void serve(const FakeRequest& request, QTcpSocket& socket)
    {
        if (request.path == "/api/v1/agent/enrol") {
            const QJsonObject body = QJsonDocument::fromJson(request.body).object();
            if (body.value(u"code"_s).toString() != u"good") {
                socket.write(FakeScheduler::answer(403, R"({"title":"No such code","title_vi":"Mã không đúng"})"));
                return;
            }
            agentKey = *VerifyKey::fromBase64(body.value(u"public_key"_s).toString().toLatin1());
            socket.write(FakeScheduler::answer(201, R"({"agent_id":"agent-1","scheduler_key":")" +
                                                        key.verifyKey().toBase64() + R"(","stations":["station-1"]})"));
            return;
        }
        if (!request.isSigned({u"agent-1"_s}, agentKey)) {
            socket.write(FakeScheduler::answer(401, "{}"));
        } else if (request.path.startsWith("/api/v1/agent/bundles/")) {
            socket.write(FakeScheduler::answer(bundle.isEmpty() ? 304 : 200, bundle));
        } else if (request.path.startsWith("/api/v1/media/")) {
            const QByteArray file = media[request.path.mid(14)];
            const QByteArray range = request.header("range").mid(6);
            const qsizetype from = range.left(range.indexOf('-')).toLongLong();
            const QByteArray part = file.mid(from, range.mid(range.indexOf('-') + 1).toLongLong() - from + 1);
            socket.write(FakeScheduler::answer(206, part,
                                               "Content-Range: bytes " + QByteArray::number(from) + '-' +
                                                   QByteArray::number(from + part.size() - 1) + "/*\r\n"));
        } else if (request.path == "/api/v1/agent/airings") {
            for (const QJsonValue& value :
                 QJsonDocument::fromJson(request.body).object().value(u"entries"_s).toArray()) {
                const auto entry = signedLogEntryFromJson(value.toObject());
                REQUIRE(entry);
                const auto [place, isNew] = entries.try_emplace(entry->entry.sequence, *entry);
                CHECK(place->second == *entry);
            }
            socket.write(FakeScheduler::answer(200, R"({"acknowledged_through":)" +
                                                        QByteArray::number(qsizetype(entries.size())) +
                                                        R"(,"accepted":1,"rejected":[]})"));
        } else if (request.path == "/api/v1/agent/status") {
            ++statuses;
            socket.write(FakeScheduler::answer(204, {}));
        } else {
            socket.write(FakeScheduler::answer(404, "{}"));
        }
    }

    void makeBundle(UtcTime startsAt, std::initializer_list<int> seconds)
    {
        Bundle made;
        made.station = {QString::fromLatin1(stationId)};
        made.stationName = u"Đài xã Thử"_s;
        made.timeZone = "Asia/Ho_Chi_Minh";
        made.version = 1;
        made.issuedAt = made.validFrom = startsAt - 1h;
        made.validUntil = startsAt + 35 * 24h;
        made.outputs = {{u"loa"_s, {}}, {u"luu-tru"_s, {}}};
        HoursPolicy policy;
        policy.id = {u"policy-1"_s};
        policy.name = policy.decision = u"thử"_s;
        policy.validFrom = QDate(2021, 1, 1);
        for (auto& day : policy.week)
            day = {{0min, 1440min}};
        made.policies = {policy};
        BundleSession session;
        session.id = {u"session-1"_s};
        session.startsAt = startsAt;
        unsigned number = 0;
        for (const int length : seconds) {
            const FrameCount frames{length * sampleRate};
            const HouseFile house =
                makeHouseFile(QDir(folder.filePath(u"house"_s)), static_cast<std::size_t>(frames.value), ++number);
            QFile file(folder.filePath(u"house/"_s) + toString(house.sha256) + u".opus"_s);
            REQUIRE(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            media[toString(house.sha256).toLatin1()] = bytes;
            const ItemId item{u"item-%1"_s.arg(number)};
            made.media.push_back({house.sha256,
                                  bytes.size(),
                                  frames,
                                  item,
                                  1,
                                  u"Tin"_s,
                                  {{u"user-1"_s}, u"Lê Thị Duyệt"_s, made.issuedAt}});
            session.airings.push_back(
                {{u"airing-%1"_s.arg(number)}, item, house.sha256, session.frames, frames, Priority::Normal});
            session.frames += frames;
        }
        std::sort(made.media.begin(), made.media.end(),
                  [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
        made.sessions = {session};
        const auto sealed = sealBundle(made, key);
        if (!sealed)
            FAIL(describe(sealed.error()).toStdString());
        bundle = *sealed;
    }

    [[nodiscard]] std::map<std::pair<QString, QString>, LogEntry> airings() const
    {
        std::map<std::pair<QString, QString>, LogEntry> found;
        for (const auto& [sequence, entry] : entries) {
            if (entry.entry.kind == EntryKind::Airing &&
                !found.try_emplace({entry.entry.item.value, entry.entry.output}, entry.entry).second)
                FAIL("two entries for " + entry.entry.item.value.toStdString());
        }
        return found;
    }

    QTemporaryDir folder;
    SigningKey key = SigningKey::fromSeed({1});
    VerifyKey agentKey;
    QByteArray bundle;
    std::map<QByteArray, QByteArray> media;
    std::map<std::int64_t, SignedLogEntry> entries;
    int statuses = 0;
    FakeScheduler server;
};

} // namespace

TEST_CASE("Every command explains itself, and wrong usage is refused", "[program]")
{
    CHECK(finished({}).code == 64);
    CHECK(finished({u"--help"_s}).out.contains(u"verify-log"_s));
    CHECK(finished({u"nonsense"_s}).code == 64);
    for (const QString& command : {u"enrol"_s, u"run"_s, u"render"_s, u"verify-log"_s}) {
        const auto help = finished({command, u"--help"_s});
        CHECK(help.code == 0);
        CHECK(help.out.contains(u"--"_s));
        CHECK(finished({command, u"--nonsense"_s}).code == 64);
    }
    CHECK(finished({u"run"_s, u"--config"_s, u"/nowhere.toml"_s}).code == 2);
    CHECK(finished({u"verify-log"_s, u"--state"_s, u"/nowhere"_s}).code == 2);
}

TEST_CASE("Promise 4: enrolled, killed in mid-item, started again, verified: one entry each, partial where it was",
          "[program][promise-4][promise-3]")
{
    Office office;
    const QStringList enrol{u"enrol"_s, u"--config"_s, office.config(), u"--code"_s};
    const auto refused = finished(enrol + QStringList{u"bad"_s});
    CHECK(refused.code == 2);
    CHECK(refused.err.contains(u"Mã không đúng"_s));
    const auto enrolled = finished(enrol + QStringList{u"good"_s});
    CHECK(enrolled.code == 0);
    CHECK(enrolled.out.contains(u"station=station-1"_s));
    CHECK(finished(enrol + QStringList{u"good"_s}).code == 2); // nothing is overwritten

    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 3s;
    office.makeBundle(startsAt, {4, 3, 2});
    const QStringList run{u"run"_s, u"--config"_s, office.config()};
    QProcess first;
    first.setStandardErrorFile(office.folder.filePath(u"first.log"_s));
    first.start(program(), run);
    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 2s; }));
    CHECK(finished(run).code == 2); // one agent a folder
    first.kill();
    REQUIRE(first.waitForFinished());

    QProcess second;
    second.setStandardErrorFile(office.folder.filePath(u"second.log"_s));
    second.start(program(), run);
    REQUIRE(waitUntil([&] { return office.airings().size() == 6; }));
    for (const QString& output : {u"loa"_s, u"luu-tru"_s}) {
        const auto airings = office.airings();
        const LogEntry cut = airings.at({u"item-1"_s, output});
        CHECK(cut.outcome == Outcome::Partial);
        CHECK(cut.reason == u"interrupted"_s);
        CHECK(cut.frames.value > 0);
        CHECK(cut.frames.value < 4 * sampleRate);
        for (const QString& item : {u"item-2"_s, u"item-3"_s}) {
            const LogEntry entry = airings.at({item, output});
            CHECK(entry.outcome == Outcome::Complete);
            REQUIRE(entry.firstFrameAt);
            CHECK(std::chrono::abs(*entry.firstFrameAt - entry.plannedStart) < 50ms);
        }
    }
    CHECK(office.statuses > 0);
    second.terminate();
    REQUIRE(waitUntil([&] { return second.state() == QProcess::NotRunning; }));
    CHECK(second.exitStatus() == QProcess::NormalExit);
    CHECK(second.exitCode() == 0);

    const auto verified = finished({u"verify-log"_s, u"--state"_s, office.state(), u"--entries"_s});
    CHECK(verified.code == 0);
    CHECK(verified.out.contains(u"complete=4"_s));
    CHECK(verified.out.contains(u"partial=2"_s));
    CHECK(verified.out.contains(u"agent-stopped"_s));

    // What would have sounded, from the agent's own folder.
    const auto rendered =
        finished({u"render"_s, u"--bundle"_s, office.state() + u"/bundles/station-1.bundle"_s, u"--media"_s,
                  office.state() + u"/media"_s, u"--from"_s, loa::toString(startsAt), u"--to"_s,
                  loa::toString(startsAt + 9s), u"--out"_s, office.folder.filePath(u"out.wav"_s)});
    CHECK(rendered.code == 0);
    CHECK(rendered.out.contains(u"frames=432000 sounding=432000 airings=3 refused=0"_s));

    // A hand in the journal is seen.
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"tamper"_s);
        database.setDatabaseName(office.state() + u"/journal.db"_s);
        REQUIRE(database.open());
        QSqlQuery query(database);
        CHECK_FALSE(
            query.exec(u"UPDATE entries SET body = replace(body, 'partial', 'complete')"_s)); // refused by itself
        REQUIRE(query.exec(u"DROP TRIGGER entries_stand"_s));
        REQUIRE(query.exec(u"UPDATE entries SET body = replace(body, '\"interrupted\"', '\"none\"')"_s));
        database.close();
    }
    QSqlDatabase::removeDatabase(u"tamper"_s);
    const auto tampered = finished({u"verify-log"_s, u"--state"_s, office.state()});
    CHECK(tampered.code == 2);
    CHECK(tampered.out.contains(u"FAULT"_s));
}

TEST_CASE("Promise 3: a clean stop in mid-item says partial, stopped", "[program][promise-3]")
{
    Office office;
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 3s;
    office.makeBundle(startsAt, {5});
    QProcess agent;
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 1500ms; }));
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    CHECK(agent.exitCode() == 0);
    std::vector<LogEntry> airings;
    REQUIRE(verifyLog(office.state() + u"/journal.db"_s, office.agentKey, [&](const SignedLogEntry& entry) {
        if (entry.entry.kind == EntryKind::Airing)
            airings.push_back(entry.entry);
    }));
    REQUIRE(airings.size() == 2);
    for (const LogEntry& entry : airings) {
        CHECK(entry.outcome == Outcome::Partial);
        CHECK(entry.reason == u"stopped"_s);
        CHECK(entry.frames.value > sampleRate / 2);
        CHECK(entry.frames.value < 3 * sampleRate);
    }
}
