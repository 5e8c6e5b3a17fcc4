#include "scheduler/commands/log_check.h"
#include "scheduler/fleet/airing_intake.h"

#include <QJsonArray>

#include <algorithm>
#include <catch2/catch.hpp>
#include <span>

using namespace loa;
using namespace loa::commands;

namespace {

// A scheduler that knows one agent with a log of events.
class Logbook {
public:
    Logbook()
    {
        agent.id = {QStringLiteral("agent1")};
        agent.name = QStringLiteral("Máy phát");
        agent.key = key.verifyKey();
        agent.enrolledAt = now;
        REQUIRE(store.agents.add(agent));
        REQUIRE(store.audit.append(now, nullptr, QStringLiteral("test"), QStringLiteral("a"), QStringLiteral("s")));
        REQUIRE(store.audit.append(now, nullptr, QStringLiteral("test"), QStringLiteral("b"), QStringLiteral("s")));
    }

    SignedLogEntry write(std::int64_t sequence, const Sha256& previous, const char* detail)
    {
        LogEntry entry;
        entry.agent = agent.id;
        entry.sequence = sequence;
        entry.previous = previous;
        entry.recordedAt = now;
        entry.clock = ClockState::Synchronised;
        entry.kind = EntryKind::Event;
        entry.reason = QStringLiteral("start");
        entry.detail = QString::fromUtf8(detail);
        return signEntry(entry, key).value();
    }

    std::vector<SignedLogEntry> chain(int length)
    {
        std::vector<SignedLogEntry> entries;
        Sha256 previous = chainStart(key.verifyKey());
        for (int i = 1; i <= length; ++i) {
            entries.push_back(write(i, previous, "x"));
            previous = entries.back().hash;
        }
        return entries;
    }

    void take(const std::vector<SignedLogEntry>& entries)
    {
        const std::span<const SignedLogEntry> all(entries);
        for (std::size_t from = 0; from < all.size(); from += fleet::maxEntriesPerIntake)
            REQUIRE(fleet::intakeAirings(
                store, agent, all.subspan(from, std::min(fleet::maxEntriesPerIntake, all.size() - from)), now));
    }

    LogReport check() { return checkLogs(store).value(); }
    QStringList kinds()
    {
        QStringList all;
        const LogReport report = check();
        for (const LogFinding& finding : report.agents.at(0).findings)
            all.append(QStringLiteral("%1 %2").arg(finding.sequence).arg(finding.kind));
        return all;
    }

    const UtcTime now = UtcTime(std::chrono::seconds(1'800'000'000));
    SigningKey key = SigningKey::fromSeed({1});
    model::Agent agent;
    std::unique_ptr<store::Database> database = store::Database::open(QStringLiteral(":memory:")).value();
    store::Store store{*database};
};

} // namespace

TEST_CASE("Promise 4: a whole log is in order", "[promise-4][verify-log]")
{
    Logbook book;
    book.take(book.chain(2500));
    const LogReport report = book.check();
    CHECK(report.isInOrder());
    REQUIRE(report.agents.size() == 1);
    CHECK(report.agents[0].entries == 2500);
    CHECK(report.agents[0].acknowledged == 2500);
    CHECK(report.auditRecords == 2);
    CHECK(toJson(report)[QLatin1String("in_order")].toBool());
    CHECK(toText(report).contains(QStringLiteral("in order / đúng")));
}

TEST_CASE("Promise 4: what is missing in a log shows", "[promise-4][verify-log]")
{
    Logbook book;
    auto entries = book.chain(10);
    entries.erase(entries.begin() + 3, entries.begin() + 6);
    book.take(entries);
    CHECK_FALSE(book.check().isInOrder());
    CHECK(book.kinds() == QStringList{QStringLiteral("4 gap")});
    CHECK(book.check().agents[0].acknowledged == 3);
}

TEST_CASE("Promise 4: a log that begins late shows", "[promise-4][verify-log]")
{
    Logbook book;
    auto entries = book.chain(3);
    entries.erase(entries.begin());
    book.take(entries);
    CHECK(book.kinds() == QStringList{QStringLiteral("1 gap")});
}

TEST_CASE("Promise 4: a second entry of one number shows", "[promise-4][verify-log]")
{
    Logbook book;
    const auto entries = book.chain(5);
    book.take(entries);
    book.take({book.write(3, entries[1].hash, "another story")});
    CHECK(book.kinds() == QStringList{QStringLiteral("3 fork")});
}

TEST_CASE("Promise 4: a chain that was cut and joined shows", "[promise-4][verify-log]")
{
    Logbook book;
    auto entries = book.chain(3);
    entries.push_back(book.write(4, sha256(QByteArrayView("elsewhere")), "joined"));
    book.take(entries);
    CHECK(book.kinds() == QStringList{QStringLiteral("4 link")});
}

TEST_CASE("Promise 4: a hand that reaches into the database shows", "[promise-4][verify-log]")
{
    const auto entries = Logbook().chain(5);
    struct Hand {
        const char* set;
        const char* finding;
    };
    const Hand hands[] = {
        {"entry = replace(entry, 'start', 'stop')", "3 entry"},
        {"hash = replace(hash, substr(hash, 1, 8), '00000000')", "3 entry"},
        {"signature = (SELECT signature FROM log_entries WHERE sequence = 2)", "3 entry"},
        {"kind = 'airing'", "3 index"},
        {"planned_start = '2026-12-01T22:00:00.000000Z'", "3 index"},
    };
    for (const Hand& hand : hands) {
        INFO(hand.set);
        Logbook reached;
        reached.take(entries);
        const auto changed = reached.database->execute(
            QStringLiteral("UPDATE log_entries SET %1 WHERE sequence = 3").arg(QLatin1String(hand.set)));
        if (!changed)
            FAIL(describe(changed.error()).toStdString());
        REQUIRE(*changed == 1);
        CHECK_FALSE(reached.check().isInOrder());
        CHECK(reached.kinds().contains(QLatin1String(hand.finding)));
    }
}

TEST_CASE("An audit trail that was altered shows", "[verify-log]")
{
    Logbook book;
    const auto altered = book.database->execute(QStringLiteral("UPDATE audit SET action = 'c' WHERE number = 1"));
    if (!altered)
        FAIL(describe(altered.error()).toStdString());
    const LogReport report = book.check();
    CHECK_FALSE(report.isInOrder());
    REQUIRE(report.auditFault);
    CHECK(toText(report).contains(QStringLiteral("Audit trail")));
    CHECK(toJson(report)[QLatin1String("audit")].toObject().contains(QLatin1String("message_vi")));
}
