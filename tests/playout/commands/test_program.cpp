// loa-playout as a process: enrolled, run, killed and verified against a scheduler that speaks the real wire.
#include "playout/journal/verify_log.h"
#include "tests/playout/commands/office.h"

#include <QCoreApplication>
#include <QSqlDatabase>
#include <QSqlQuery>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

TEST_CASE("Every command explains itself, and wrong usage is refused", "[program]")
{
    CHECK(finished({}).code == 64);
    CHECK(finished({u"--help"_s}).out.contains(u"verify-log"_s));
    CHECK(finished({u"nonsense"_s}).code == 64);
    for (const QString& command : {u"enrol"_s, u"check"_s, u"run"_s, u"render"_s, u"recall"_s, u"verify-log"_s}) {
        const auto help = finished({command, u"--help"_s});
        CHECK(help.code == 0);
        CHECK(help.out.contains(u"--"_s));
        CHECK(finished({command, u"--nonsense"_s}).code == 64);
    }
    CHECK(finished({u"run"_s, u"--config"_s, u"/nowhere.toml"_s}).code == 66);
    CHECK(finished({u"verify-log"_s, u"--state"_s, u"/nowhere"_s}).code == 66);
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
    office.makeBundle(startsAt, {6, 3, 2}); // time enough for the second to be up before the next item
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
        CHECK(cut.frames.value < 6 * sampleRate);
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
                  loa::toString(startsAt + 11s), u"--out"_s, office.folder.filePath(u"out.wav"_s)});
    CHECK(rendered.code == 0);
    CHECK(rendered.out.contains(u"frames=528000 sounding=528000 airings=3 refused=0"_s));

    // What did sound, from the archive of the day: a second of the second item.
    const QString cut = office.folder.filePath(u"cut.wav"_s);
    const auto recalled = finished({u"recall"_s, u"--config"_s, office.config(), u"--at"_s,
                                    loa::toString(startsAt + 7s), u"--length"_s, u"1"_s, u"--to"_s, cut});
    CHECK(recalled.code == 0);
    CHECK(recalled.out.contains(u"session=session-1"_s));
    CHECK(recalled.out.contains(u"frames=48000"_s));
    CHECK(QFile(cut).size() == 44 + 2 * sampleRate);
    CHECK(finished({u"recall"_s, u"--config"_s, office.config(), u"--at"_s, u"2020-01-01 05:00:00"_s}).code == 66);

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

TEST_CASE(
    "Promise 3: a dozen stations of one agent have an entry an airing each, all on their instant, where few files "
    "may be open",
    "[program][promise-3]")
{
    constexpr int stations = 12;
    Office office(stations);
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 5s;
    office.makeBundle(startsAt, {2, 1});
    QProcess agent;
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    // Forty are too few, and 130 fewer than it would like.
    agent.start(u"sh"_s, {u"-c"_s, u"ulimit -S -n 40 && ulimit -H -n 130 && exec \"$@\""_s, u"sh"_s, program(),
                          u"run"_s, u"--config"_s, office.config()});
    const auto airings = [&] {
        std::map<QString, LogEntry> found;
        for (const auto& [sequence, entry] : office.entries) {
            if (entry.entry.kind == EntryKind::Airing)
                CHECK(found.try_emplace(entry.entry.airing.value, entry.entry).second);
        }
        return found;
    };
    REQUIRE(waitUntil([&] { return airings().size() == 2 * stations; }));
    for (const auto& [airing, entry] : airings()) {
        INFO(airing.toStdString());
        CHECK(airing.endsWith(u"-at-"_s + entry.station.value.section(u'-', 1)));
        CHECK(entry.outcome == Outcome::Complete);
        REQUIRE(entry.firstFrameAt);
        CHECK(std::chrono::abs(*entry.firstFrameAt - entry.plannedStart) < 50ms);
        CHECK(entry.mix.has_value());
    }
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    CHECK(agent.exitCode() == 0);
    QFile log(office.folder.filePath(u"agent.log"_s));
    REQUIRE(log.open(QIODevice::ReadOnly));
    CHECK(log.readAll().contains("LimitNOFILE"));
}

TEST_CASE("OpenSSL is loaded for a scheduler at https:// alone", "[program]")
{
    Office office;
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    QProcess agent;
    const auto text = [](const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    };
    const auto maps = [&] { return text(u"/proc/%1/maps"_s.arg(agent.processId())); };
    const QString log = office.folder.filePath(u"agent.log"_s);
    agent.setStandardErrorFile(log);
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    REQUIRE(waitUntil([&] { return office.statuses > 0; }));
    CHECK(maps().contains(u"/libQt6WebSockets.so"_s));
    CHECK_FALSE(maps().contains(u"/libssl.so"_s));
    CHECK_FALSE(text(log).contains(u"qt.network.ssl"_s));
    agent.kill();
    REQUIRE(agent.waitForFinished());

    const QString toml = text(office.config()).replace(office.server.url().toString(), u"https://127.0.0.1:9"_s);
    QFile file(office.config());
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(toml.toUtf8());
    file.close();
    agent.setStandardErrorFile(log, QIODevice::Truncate);
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    REQUIRE(waitUntil([&] { return text(log).contains(u"The scheduler cannot be reached"_s); }));
    CHECK(maps().contains(u"/libssl.so"_s));
    agent.kill();
    REQUIRE(agent.waitForFinished());
}

TEST_CASE("An installation is judged without being touched, its outputs opened on request", "[program]")
{
    Office office;
    const QStringList check{u"check"_s, u"--config"_s, office.config()};
    const auto bare = finished(check);
    CHECK(bare.code == 2);
    CHECK(bare.out.contains(u"FAULT"_s));
    CHECK_FALSE(bare.out.contains(u"certificate"_s));
    // Who is to be believed by a file that is not there is believed by nobody.
    QFile configuration(office.config());
    REQUIRE(configuration.open(QIODevice::ReadOnly));
    const QByteArray text = configuration.readAll();
    QFile other(office.folder.filePath(u"other.toml"_s));
    REQUIRE(other.open(QIODevice::WriteOnly));
    other.write("relay_ca_file = \"/nowhere/relays.pem\"\n" + text);
    other.close();
    const auto judged = finished({u"check"_s, u"--config"_s, other.fileName()});
    CHECK(judged.code == 2);
    CHECK(judged.out.contains(u"There is no certificate to read in this file"_s));
    CHECK(judged.out.contains(u"/nowhere/relays.pem"_s));
    CHECK(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    office.makeBundle(SystemClock().now() + 1h, {4});
    QProcess agent;
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    const QDir media(office.state() + u"/media"_s);
    REQUIRE(waitUntil([&] {
        const QStringList files = media.entryList(QDir::Files);
        return files.size() == 1 && !files[0].endsWith(u".part"_s) && office.statuses > 0;
    }));
    CHECK(finished(check).code == 0);
    CHECK(finished(check + QStringList{u"--open"_s}).code == 2); // the agent has them
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    const auto opened = finished(check + QStringList{u"--tone"_s});
    CHECK(opened.code == 0);
    CHECK(opened.out.contains(u"plays 4 s"_s));
    CHECK(opened.out.contains(u"output loa took a second of tone"_s));
    CHECK(opened.out.contains(u"All is well"_s));
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

namespace {

struct Hub {
    Office office{3};
    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 4s;
    int lives = 0;

    // Runs the program until then; kill -9, or a stop that says so.
    void live(
        UtcTime until, bool isKilled, const std::function<bool()>& also = [] { return true; })
    {
        QProcess agent;
        agent.setStandardErrorFile(log(++lives));
        agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
        REQUIRE(waitUntil([&] { return clock.now() > until && also(); }, 60s));
        isKilled ? agent.kill() : agent.terminate();
        REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    }
    [[nodiscard]] QString log(int life) const { return office.folder.filePath(u"life-%1.log"_s.arg(life)); }
    [[nodiscard]] bool said(int life, const QString& words) const
    {
        QFile file(log(life));
        return file.open(QIODevice::ReadOnly) && QString::fromUtf8(file.readAll()).contains(words);
    }
    [[nodiscard]] QString folder(int station) const
    {
        return office.state() + u"/stations/"_s + QString::fromLatin1(Office::idOf(station));
    }
    // As it stands on disk, checked link by link.
    [[nodiscard]] std::vector<LogEntry> journal(const QString& in, const QString& agent) const
    {
        std::vector<LogEntry> found;
        const auto report = verifyLog(in + u"/journal.db"_s, office.keys.at(agent),
                                      [&](const SignedLogEntry& entry) { found.push_back(entry.entry); });
        REQUIRE(report);
        CHECK(report->faultCount == 0);
        CHECK(report->first == 1);
        CHECK(report->last == report->entries);
        return found;
    }
};

bool tells(const std::vector<LogEntry>& log, const QString& reason)
{
    return std::any_of(log.begin(), log.end(), [&](const LogEntry& entry) { return entry.reason == reason; });
}

} // namespace

TEST_CASE("Promise 4: a hub's one journal becomes one a station, kill -9 between; what befalls one leaves the others",
          "[program][promise-4][promise-3][promise-7]")
{
    Hub hub;
    Office& office = hub.office;
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    constexpr unsigned rounds = 17;
    office.makeBundle(hub.startsAt, {1}, rounds);
    const UtcTime endsAt = hub.startsAt + rounds * 1s;

    // As before there were identities of their own: one journal for three.
    hub.live(hub.startsAt + 2500ms, true);
    CHECK_FALSE(office.entries.empty());
    CHECK(hub.said(1, u"no-identity-of-its-own"_s));
    // Then each has its own, at once and in mid-session, and loses its power again.
    office.givesIdentities = true;
    hub.live(hub.startsAt + 6500ms, true);
    CHECK(office.keys.size() == 3);
    // One journal is destroyed, one identity revoked.
    QFile destroyed(hub.folder(2) + u"/journal.db"_s);
    REQUIRE(destroyed.open(QIODevice::ReadWrite));
    destroyed.write(QByteArray(8192, 'x'));
    destroyed.close();
    QFile::remove(hub.folder(2) + u"/journal.db-wal"_s);
    office.revoked = {u"own-station-3"_s};
    const UtcTime wounded = hub.clock.now();
    hub.live(hub.startsAt + 11500ms, true);
    CHECK(hub.said(3, u"station-not-played station=station-2"_s));
    const UtcTime healed = hub.clock.now();
    // The one is enrolled anew, by its own code; the others are not touched.
    office.codes = {{u"anew"_s, u"station-2"_s}};
    CHECK(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"anew"_s, u"--station"_s, u"station-2"_s})
              .code == 0);
    hub.live(endsAt + 500ms, false, [&] {
        const auto& log = office.ownEntries[u"own-station-1"_s];
        return std::any_of(log.begin(), log.end(), [&](const auto& one) {
            return one.second.entry.airing.value == u"airing-%1-at-1"_s.arg(rounds);
        });
    });

    const std::vector<LogEntry> first = hub.journal(hub.folder(1), u"own-station-1"_s);
    const std::vector<LogEntry> second = hub.journal(hub.folder(2), u"own-station-2-2"_s);
    const std::vector<LogEntry> third = hub.journal(hub.folder(3), u"own-station-3"_s);
    for (const auto* log : {&first, &third}) {
        CHECK(tells(*log, u"journal-inherited"_s));
        CHECK(std::all_of(log->begin(), log->end(), [&](const LogEntry& entry) {
            return entry.station.isEmpty() ||
                   entry.station == (log == &first ? StationId{u"station-1"_s} : StationId{u"station-3"_s});
        }));
    }
    CHECK(tells(third, u"identity-refused"_s));
    CHECK_FALSE(tells(first, u"identity-refused"_s));
    CHECK(office.ownEntries[u"own-station-3"_s].size() <
          third.size()); // what it holds is there when it is let in again
    CHECK(office.ownEntries[u"own-station-1"_s].size() + 1 >= first.size());

    // All that any log says of an airing, wherever it lies.
    std::map<QString, std::vector<LogEntry>> parts;
    const auto take = [&](const LogEntry& entry) {
        if (entry.kind == EntryKind::Airing)
            parts[entry.airing.value].push_back(entry);
    };
    std::int64_t last = 0;
    REQUIRE(verifyLog(office.state() + u"/journal.db"_s, office.agentKey, [&](const SignedLogEntry& entry) {
        take(entry.entry);
        last = entry.entry.sequence;
    }));
    CHECK(office.entries.rbegin()->first == last); // the old log is with the scheduler, whole
    CHECK(static_cast<std::int64_t>(office.entries.size()) == last);
    for (const auto* log : {&first, &second, &third})
        std::for_each(log->begin(), log->end(), take);
    for (const auto& [sequence, entry] : office.ownEntries[u"own-station-2"_s])
        take(entry.entry);
    for (int station = 1; station <= 3; ++station) {
        for (unsigned number = 1; number <= rounds; ++number) {
            const QString airing = u"airing-%1-at-%2"_s.arg(number).arg(station);
            CAPTURE(airing.toStdString());
            const auto& entries = parts[airing];
            FrameCount claimed;
            for (const LogEntry& entry : entries) {
                claimed += entry.frames;
                CAPTURE(toString(entry.outcome).toStdString(), entry.reason.toStdString());
                CHECK((entries.size() == 1 || entry.outcome == Outcome::Partial || entry.outcome == Outcome::Unknown ||
                       (station == 2 && entry.outcome == Outcome::Complete)));
            }
            CHECK(claimed <= FrameCount{sampleRate});
            const UtcTime start = hub.startsAt + (number - 1) * 1s;
            if (station != 2)
                REQUIRE_FALSE(entries.empty());
            // While one is damaged the others play, refused or not; then it does as well.
            const bool isWell = start > wounded + 1500ms && (start + 1s < healed - 200ms || start > healed + 2500ms);
            if (isWell && (station != 2 || start > healed)) {
                REQUIRE(entries.size() == 1);
                // On a machine that does other work a disk may answer late: then the log says so, and of how much.
                const LogEntry& entry = entries.front();
                if (claimed != FrameCount{sampleRate}) {
                    CHECK(entry.reason == u"source-late"_s);
                    CHECK(claimed.value > sampleRate / 2);
                }
            }
            if (station == 2 && isWell && start < healed)
                CHECK((entries.empty() || claimed.value == 0));
        }
    }
    // What was replaced is kept.
    CHECK(QFile::exists(hub.folder(2) + u".own-station-2/journal.db"_s));
    CHECK(finished({u"verify-log"_s, u"--state"_s, office.state(), u"--station"_s, u"station-1"_s}).code == 0);
}
