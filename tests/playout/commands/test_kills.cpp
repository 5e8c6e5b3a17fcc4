// kill -9 at random instants of a running session. LOA_KILLS says how many: 30 take 55 s, 200 four minutes.
#include "playout/journal/verify_log.h"
#include "tests/playout/commands/office.h"

#include <map>
#include <random>
#include <thread>

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

} // namespace

TEST_CASE("Promise 4: killed at random instants: no entry lost, doubled or claiming too much",
          "[program][promise-4][promise-3]")
{
    bool isNumber = false;
    const int asked = qEnvironmentVariableIntValue("LOA_KILLS", &isNumber);
    const int kills = isNumber ? asked : 30;
    Office office;
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);

    const SystemClock clock;
    std::mt19937 random(20261128);
    const std::initializer_list<int> lengths{1, 2, 3};
    const UtcTime startsAt = clock.now() + 4s;
    // A life lasts 0.3 to 2 s.
    const auto rounds = static_cast<unsigned>(kills) / 5 + 2;
    office.makeBundle(startsAt, lengths, rounds);
    const UtcTime endsAt = startsAt + rounds * 6s;
    std::vector<std::pair<UtcTime, UtcTime>> lives;
    for (int number = 0; number <= kills; ++number) {
        QProcess agent;
        agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s), QIODevice::Append);
        const UtcTime born = clock.now();
        agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
        const bool isLast = number == kills;
        // The first one fetches what all need.
        const UtcTime dies = std::max(born, startsAt) + std::chrono::milliseconds(300 + random() % 1700);
        REQUIRE(waitUntil(
            [&] { return isLast ? clock.now() > endsAt + 1s && !office.entries.empty() : clock.now() > dies; },
            isLast ? rounds * 6s + 60s : 30s));
        if (isLast) { // all of the log goes out before it ends
            const auto lastOf = [&] {
                std::int64_t last = 0;
                REQUIRE(verifyLog(office.state() + u"/journal.db"_s, office.agentKey,
                                  [&](const SignedLogEntry& entry) { last = entry.entry.sequence; }));
                return last;
            };
            REQUIRE(waitUntil([&] { return static_cast<std::int64_t>(office.entries.size()) >= lastOf(); }, 60s));
            agent.terminate();
        } else {
            agent.kill();
        }
        REQUIRE(agent.waitForFinished());
        lives.emplace_back(born, clock.now());
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
    }

    std::map<std::pair<QString, QString>, int> reasons;
    for (const auto& [sequence, entry] : office.entries)
        ++reasons[{toString(entry.entry.outcome), entry.entry.reason}];
    for (const auto& [why, count] : reasons)
        UNSCOPED_INFO(count << " " << why.first.toStdString() << " " << why.second.toStdString());
    // Each airing and output: an entry, or one for each part that was joined, and together no more than was lit.
    std::map<std::pair<QString, QString>, std::vector<LogEntry>> parts;
    for (const auto& [sequence, entry] : office.entries) {
        if (entry.entry.kind == EntryKind::Airing)
            parts[{entry.entry.airing.value, entry.entry.output}].push_back(entry.entry);
    }
    CHECK(office.entries.rbegin()->first == static_cast<std::int64_t>(office.entries.size()));
    CHECK(parts.size() == 2 * 3 * rounds);
    FrameCount archived;
    int whole = 0;
    for (const auto& [key, entries] : parts) {
        CAPTURE(key.first.toStdString(), key.second.toStdString());
        const UtcTime start = entries.front().plannedStart;
        const UtcTime end = start + toDuration(entries.front().plannedFrames);
        Duration lit(0);
        for (const auto& [born, died] : lives)
            lit += std::max(Duration(0), std::min(end, died) - std::max(start, born));
        FrameCount claimed;
        for (const LogEntry& entry : entries) {
            claimed += entry.frames;
            CHECK((entries.size() == 1 || entry.outcome == Outcome::Partial));
        }
        whole += entries.front().outcome == Outcome::Complete ? 1 : 0;
        CHECK(claimed <= entries.front().plannedFrames);
        CHECK(claimed <= toFrames(lit) + FrameCount{sampleRate / 20});
        if (key.second == u"luu-tru")
            archived += claimed;
    }
    CHECK(archived <= framesOnDisk(office.folder.filePath(u"wav"_s)));
    CHECK(whole > 0);
    CHECK(archived > FrameCount{});
}
