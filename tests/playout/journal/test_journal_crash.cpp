// Crashes: random ones against a model, and real ones by SIGKILL.
#include "tests/playout/journal/journal_fixture.h"

#include <QCoreApplication>
#include <QProcess>

#include <iostream>
#include <map>
#include <random>
#include <set>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

struct Truth {
    std::int64_t delivered = 0;    // frames that really left
    std::int64_t checkpointed = 0; // of them, told to the journal
    bool begun = false;
    bool closed = false;
};

} // namespace

TEST_CASE("Promise 4: random work and crashes against a model", "[journal][promise-4][promise-3]")
{
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
        JournalFolder folder;
        auto journal = folder.open();
        std::map<int, Truth> truth;
        std::int64_t now = 0;
        int planCount = 0;
        int events = 0;
        std::vector<SignedLogEntry> before;

        for (int i = 0; i < 120; ++i) {
            now += pick(5);
            const int number = planCount == 0 ? 0 : 1 + pick(planCount);
            switch (pick(7)) {
            case 0:
                REQUIRE(journal->plan({planned(++planCount, now)}));
                truth[planCount];
                break;
            case 1:
            case 2:
                if (number && !truth[number].closed) {
                    Truth& one = truth[number];
                    if (!one.begun)
                        REQUIRE(journal->begin(planned(number, 0).key, at(now)));
                    one.begun = true;
                    one.delivered = std::min<std::int64_t>(480'000, one.delivered + 48'000 * pick(4));
                    if (pick(2)) {
                        one.checkpointed = one.delivered;
                        REQUIRE(journal->progress(planned(number, 0).key, {{one.delivered}, 0, at(now)}));
                    }
                    REQUIRE(journal->alive(at(now)));
                }
                break;
            case 3:
                if (number && !truth[number].closed) {
                    Truth& one = truth[number];
                    AiringEnd end;
                    end.frames = {one.delivered};
                    end.outcome = one.delivered == 480'000 ? Outcome::Complete
                                  : one.delivered > 0      ? Outcome::Partial
                                                           : Outcome::Missed;
                    REQUIRE(journal->close(planned(number, 0).key, end, stampAt(now)).value());
                    one.closed = true;
                }
                break;
            case 4:
                REQUIRE(journal->event({}, QStringLiteral("e"), {}, stampAt(now)));
                ++events;
                break;
            case 5:
                REQUIRE(journal->closeUnplayed({planned(++planCount, now)},
                                               {Outcome::Missed, {}, 0, {}, {}, QStringLiteral("media-missing"), {}},
                                               stampAt(now)));
                truth[planCount].closed = true;
                break;
            default: {
                journal.reset();
                now += pick(100);
                journal = folder.open();
                REQUIRE(journal->recover(stampAt(now)));
                for (auto& [id, one] : truth)
                    one.closed =
                        one.closed || one.begun || journal->state(planned(id, 0).key).value() >= AiringState::Closed;
                break;
            }
            }
            if (i % 10 != 9)
                continue;
            const auto entries = verifiedEntries(*journal);
            REQUIRE(entries.size() >= before.size());
            REQUIRE(std::equal(before.begin(), before.end(), entries.begin()));
            before = entries;
        }

        std::set<QString> seen;
        std::size_t airings = 0;
        for (const SignedLogEntry& entry : before) {
            if (entry.entry.kind == EntryKind::Event)
                continue;
            ++airings;
            REQUIRE(seen.insert(entry.entry.airing.value).second);
            const Truth& one = truth[entry.entry.item.value.mid(5).toInt()];
            REQUIRE(one.closed);
            CHECK(entry.entry.frames.value <= one.delivered);
            if (entry.entry.outcome == Outcome::Complete)
                CHECK(one.delivered == 480'000);
            if (entry.entry.outcome == Outcome::Missed)
                CHECK(one.delivered == 0);
        }
        const auto closed =
            std::count_if(truth.begin(), truth.end(), [](const auto& one) { return one.second.closed; });
        CHECK(airings == static_cast<std::size_t>(closed));
        CHECK(before.size() == airings + static_cast<std::size_t>(events));
    }
}

// Run by the next test as a process of its own: plays airing after airing into the journal, saying on stdout what was
// delivered before it tells the journal, and what the journal confirmed after.
TEST_CASE("journal child", "[.journal-child]")
{
    JournalFolder folder(true);
    folder.settings.path = qEnvironmentVariable("LOA_TEST_JOURNAL");
    auto journal = folder.open();
    int number = qEnvironmentVariableIntValue("LOA_TEST_FIRST");
    for (;; ++number) {
        const PlannedAiring airing = planned(number, number * 10);
        REQUIRE(journal->plan({airing}));
        std::cout << "begin " << number << std::endl;
        REQUIRE(journal->begin(airing.key, airing.plannedStart));
        for (std::int64_t frames = 48'000; frames <= 480'000; frames += 144'000) {
            std::cout << "frames " << number << ' ' << frames << std::endl;
            REQUIRE(journal->progress(airing.key, {{frames}, 0, airing.plannedStart + toDuration({frames})}));
            REQUIRE(journal->alive(airing.plannedStart + toDuration({frames})));
        }
        std::cout << "frames " << number << " 480000" << std::endl;
        REQUIRE(journal->close(airing.key, complete(airing), {airing.plannedStart, ClockState::Assumed}));
        std::cout << "closed " << number << std::endl;
    }
}

TEST_CASE("Promise 4: a writer killed at any instant loses, doubles and invents nothing",
          "[journal][promise-4][promise-3]")
{
    JournalFolder folder(true);
    std::mt19937 random(4711);
    std::map<int, std::int64_t> delivered;
    std::set<int> confirmed;
    int first = 1;
    int kills = 0;
    for (int round = 0; round < 25; ++round) {
        QProcess child;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("LOA_TEST_JOURNAL"), folder.settings.path);
        environment.insert(QStringLiteral("LOA_TEST_FIRST"), QString::number(first));
        child.setProcessEnvironment(environment);
        child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("[.journal-child]")});
        int lines = 1 + static_cast<int>(random() % 40);
        auto read = [&] {
            while (child.canReadLine()) {
                const QList<QByteArray> words = child.readLine().trimmed().split(' ');
                --lines;
                const int number = words.value(1).toInt();
                first = std::max(first, number + 1);
                if (words[0] == "frames")
                    delivered[number] = words.value(2).toLongLong();
                else if (words[0] == "closed")
                    confirmed.insert(number);
                else
                    delivered.try_emplace(number, 0);
            }
        };
        while (lines > 0 && child.waitForReadyRead(20'000))
            read();
        child.kill();
        REQUIRE(child.waitForFinished(20'000));
        CHECK(child.exitStatus() == QProcess::CrashExit);
        ++kills;
        read();
        // A row may have been planned after the last line that was read.
        ++first;

        auto journal = folder.open();
        REQUIRE(journal->recover(stampAt(1'000'000)));
        CHECK(journal->standing().open == 0);
        std::set<int> seen;
        for (const SignedLogEntry& entry : verifiedEntries(*journal)) {
            const int number = entry.entry.item.value.mid(5).toInt();
            REQUIRE(seen.insert(number).second);
            CHECK(entry.entry.frames.value <= delivered[number]);
            CHECK((entry.entry.outcome != Outcome::Complete || delivered[number] == 480'000));
        }
        for (const int number : confirmed)
            REQUIRE(seen.contains(number));
        for (const auto& [number, frames] : delivered) {
            if (frames > 0)
                REQUIRE(seen.contains(number));
        }
    }
    CHECK(kills == 25);
    CHECK(confirmed.size() > 10);
}
