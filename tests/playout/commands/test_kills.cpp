// kill -9 at random instants of a running session: 200 times, on eight boards side by side.
#include "playout/journal/verify_log.h"
#include "tests/playout/commands/office.h"

#include <map>
#include <random>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

constexpr qint64 wavHeaderBytes = 44;
constexpr qint64 wavFrameBytes = 2;

// All that the archive's files hold: what really left for that output, whoever was killed while it was written.
FrameCount framesOnDisk(const QString& folder)
{
    FrameCount frames;
    for (const QFileInfo& file : QDir(folder).entryInfoList({u"*.wav"_s}, QDir::Files))
        frames += FrameCount{std::max<qint64>(0, file.size() - wavHeaderBytes) / wavFrameBytes};
    return frames;
}

constexpr int kills = 25; // a board
constexpr unsigned boardCount = 8;
constexpr unsigned rounds = kills / 5 + 2; // a life lasts 0.3 to 2 s
constexpr std::initializer_list<int> lengths{1, 2, 3};

// An agent that is killed again and again while it plays, and in the end lives until its log is out.
class Board {
public:
    Board(UtcTime startsAt, unsigned seed) : m_startsAt(startsAt), m_random(seed)
    {
        REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
        office.makeBundle(startsAt, lengths, rounds);
    }

    // Kills, starts or ends its agent when it is time to; true when all is over.
    [[nodiscard]] bool goOn(UtcTime now)
    {
        if (m_agent.state() != QProcess::NotRunning) {
            if (m_lives <= kills && now > m_dies)
                m_agent.kill();
            else if (m_lives > kills && now > m_dies && isLogOut())
                m_agent.terminate();
            return false;
        }
        if (m_lives > 0 && lives.size() < m_lives) {
            lives.emplace_back(m_born, now);
            m_starts = now + std::chrono::milliseconds(m_random() % 60);
        }
        if (m_lives > kills)
            return true;
        if (now < m_starts)
            return false;
        m_agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s), QIODevice::Append);
        m_born = now;
        // The first one fetches what all need.
        m_dies = ++m_lives > kills ? m_startsAt + rounds * 6s + 1s
                                   : std::max(m_born, m_startsAt) + std::chrono::milliseconds(300 + m_random() % 1700);
        m_agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
        return false;
    }

    Office office;
    std::vector<std::pair<UtcTime, UtcTime>> lives;

private:
    [[nodiscard]] bool isLogOut() const
    {
        std::int64_t last = 0;
        REQUIRE(verifyLog(office.state() + u"/journal.db"_s, office.agentKey,
                          [&](const SignedLogEntry& entry) { last = entry.entry.sequence; }));
        return last > 0 && static_cast<std::int64_t>(office.entries.size()) >= last;
    }

    const UtcTime m_startsAt;
    std::mt19937 m_random;
    QProcess m_agent;
    std::size_t m_lives = 0;
    UtcTime m_born;
    UtcTime m_dies;
    UtcTime m_starts;
};

struct Played {
    FrameCount archived;
    int whole = 0;
};

// Each airing and output has an entry, or one for each part that was joined, and together they claim no more than was
// lit and is on the disk.
Played requireExactLog(const Board& board)
{
    const auto& entries = board.office.entries;
    REQUIRE_FALSE(entries.empty());
    CHECK(entries.rbegin()->first == static_cast<std::int64_t>(entries.size()));
    std::map<std::pair<QString, QString>, std::vector<LogEntry>> parts;
    for (const auto& [sequence, entry] : entries) {
        if (entry.entry.kind == EntryKind::Airing)
            parts[{entry.entry.airing.value, entry.entry.output}].push_back(entry.entry);
    }
    CHECK(parts.size() == 2 * lengths.size() * rounds);
    Played played;
    for (const auto& [key, ofOne] : parts) {
        CAPTURE(key.first.toStdString(), key.second.toStdString());
        const UtcTime start = ofOne.front().plannedStart;
        const UtcTime end = start + toDuration(ofOne.front().plannedFrames);
        Duration lit(0);
        for (const auto& [born, died] : board.lives)
            lit += std::max(Duration(0), std::min(end, died) - std::max(start, born));
        FrameCount claimed;
        for (const LogEntry& entry : ofOne) {
            claimed += entry.frames;
            CHECK((ofOne.size() == 1 || entry.outcome == Outcome::Partial));
        }
        played.whole += ofOne.front().outcome == Outcome::Complete ? 1 : 0;
        CHECK(claimed <= ofOne.front().plannedFrames);
        CHECK(claimed <= toFrames(lit) + FrameCount{sampleRate / 20});
        if (key.second == u"luu-tru")
            played.archived += claimed;
    }
    CHECK(played.archived <= framesOnDisk(board.office.folder.filePath(u"wav"_s)));
    return played;
}

} // namespace

TEST_CASE("Promise 4: killed 200 times at random instants: no entry lost, doubled or claiming too much",
          "[program][promise-4][promise-3]")
{
    const SystemClock clock;
    const UtcTime startsAt = clock.now() + 6s;
    std::vector<std::unique_ptr<Board>> boards;
    for (unsigned number = 0; number < boardCount; ++number)
        boards.push_back(std::make_unique<Board>(startsAt, 20261128 + number));
    REQUIRE(waitUntil(
        [&] {
            return std::count_if(boards.begin(), boards.end(),
                                 [&](const auto& board) { return !board->goOn(clock.now()); }) == 0;
        },
        rounds * 6s + 90s));
    Played all;
    std::map<std::pair<QString, QString>, int> reasons;
    for (const auto& board : boards) {
        for (const auto& [sequence, entry] : board->office.entries)
            ++reasons[{toString(entry.entry.outcome), entry.entry.reason}];
        CHECK(board->lives.size() == kills + 1);
        const Played played = requireExactLog(*board);
        all.archived += played.archived;
        all.whole += played.whole;
    }
    for (const auto& [why, count] : reasons)
        UNSCOPED_INFO(count << " " << why.first.toStdString() << " " << why.second.toStdString());
    CHECK(all.whole > 0);
    CHECK(all.archived > FrameCount{});
}
