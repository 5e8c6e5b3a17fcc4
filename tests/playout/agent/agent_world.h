// One agent in a small world under a clock that stands still until told: scheduler, disk and players in memory, the
// journal in a temporary folder. Used by the promise tests.
#pragma once

#include "playout/agent/agent.h"
#include "playout/cache/memory_disk.h"

#include <QTemporaryDir>

#include <map>
#include <memory>
#include <set>

namespace loa::playout::test {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

inline constexpr std::chrono::minutes minute{1};
inline constexpr std::chrono::hours hour{1};
inline constexpr std::chrono::days day{1};

// Answers at once, or not at all.
class TestScheduler final : public SchedulerLink {
public:
    bool online = true;
    std::map<StationId, QByteArray> bundles;
    std::map<StationId, std::int64_t> versions; // as the scheduler tells them; one that the agent has is not sent
    std::map<Sha256, QByteArray> media;
    std::map<std::int64_t, SignedLogEntry> entries; // by sequence; a second different one under a number is a fork
    int forks = 0;
    int duplicates = 0;
    std::int64_t lieAboutAcknowledged = 0; // added to the truth
    bool loseAnswers = false;              // entries arrive, the answer does not
    std::vector<QJsonObject> statuses;
    int bundleRequests = 0;
    // Commands: those that wait on each sheet, and what was answered, in order.
    const SigningKey* key = nullptr; // signs sheets
    const Clock* clock = nullptr;    // the scheduler's, and the monotonic one of the agent
    Duration clockOffset{0};         // of the scheduler's time of day
    std::map<StationId, std::vector<QByteArray>> waiting;
    std::vector<Acknowledgement> answers;
    int sheetRequests = 0;
    QByteArray answerOtherChallenge; // not empty: the sheet answers this question instead

    void announce(const StationId& station, std::int64_t version)
    {
        m_replies.push_back(BundleAnnounced{station, version});
    }

    void fetchBundle(const StationId& station, std::int64_t knownVersion) override;
    void fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length) override;
    void sendEntries(const std::vector<SignedLogEntry>& sent) override;
    std::function<void(const QByteArray&)> speech; // where frames of live speech go
    void onSpeech(std::function<void(const QByteArray&)> sink) override { speech = std::move(sink); }
    void fetchSheet(const StationId& station) override;
    void sendAnswers(const std::vector<Acknowledgement>& sent) override;
    void push(const StationId& station, const QByteArray& sealed)
    {
        m_replies.push_back(CommandPushed{station, sealed});
    }
    void openEvents() { m_replies.push_back(EventsOpened{}); }
    void closeEvents(const Error& why) { m_replies.push_back(EventsClosed{why}); }
    void sendStatus(const QJsonObject& status) override;
    [[nodiscard]] std::vector<LinkReply> takeReplies() override { return std::exchange(m_replies, {}); }

private:
    std::vector<LinkReply> m_replies;
};

struct TestItem {
    int number = 0;
    std::int64_t seconds = 60;
    Priority priority = Priority::Normal;
};

// The audio of item n, as the scheduler serves it: any bytes, since silence is played in its stead.
[[nodiscard]] QByteArray audioOf(int number);

struct World {
    static constexpr std::int64_t mediaBytes = 3000;

    explicit World(UtcTime start = UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 11 / 23) +
                                           std::chrono::hours(1)));

    // A bundle under construction: open hours, one output, no sessions.
    [[nodiscard]] Bundle blank(std::int64_t version) const;
    // Adds a session with these items back to back, and their media.
    static void addSession(Bundle& bundle, int number, UtcTime startsAt, const std::vector<TestItem>& items);
    void publish(const Bundle& bundle);
    // The scheduler has the audio of these items from now on, or of `from` and on to before `until`.
    void offer(std::initializer_list<int> items);
    void offerAll(int from, int until);

    // A new agent on the same disk and journal; the old one, if any, loses its power.
    void boot();
    void cutPower();
    // Steps the agent at every wake, and at `until`.
    void runUntil(UtcTime until);
    void runFor(Duration span) { runUntil(clock.now() + span); }

    // All entries of the agent's journal, each verified against the one before.
    [[nodiscard]] std::vector<LogEntry> log() const;
    // Those about airings, by airing and output, in order; fails the test when one is there twice, but for airings that
    // were interrupted and joined again.
    [[nodiscard]] std::map<std::pair<QString, QString>, std::vector<LogEntry>> parts() const;
    // The first of each.
    [[nodiscard]] std::map<std::pair<QString, QString>, LogEntry> airings() const;
    [[nodiscard]] LogEntry airing(int session, int item, const QString& output = QStringLiteral("loa")) const;
    [[nodiscard]] int events(const QString& reason) const;

    static SessionId sessionId(int number) { return {QStringLiteral("session-%1").arg(number)}; }
    static AiringId airingId(int session, int item) { return {QStringLiteral("airing-%1-%2").arg(session).arg(item)}; }

    StationId station{QStringLiteral("station-1")};
    SigningKey schedulerKey = SigningKey::fromSeed({1});
    SigningKey agentKey = SigningKey::fromSeed({2});
    ManualClock clock;
    ManualClockTrust trust{ClockState::Synchronised};
    const ClockTrust* agentTrust = &trust; // what the agent asks
    WitnessedClockTrust* witness = nullptr;
    TestScheduler scheduler;
    MemoryDisk disk;
    QTemporaryDir folder;
    SilenceSourceFactory sources;
    SourceFactory* agentSources = &sources; // what the agent opens
    FindReference findReference;
    AgentSettings settings;
    std::int64_t cacheBudget = 1LL << 30;
    std::function<bool()> makeRoom;
    Prover* prover = nullptr; // lives longer
    std::set<Sha256> wantedReferences;
    RelayService* relays = nullptr;

    std::unique_ptr<Cache> cache;
    std::unique_ptr<Journal> journal;
    std::vector<SteppedPlayer*> players;
    std::unique_ptr<Agent> agent;
};

} // namespace loa::playout::test
