// The program under a system clock that somebody moves: the time of day is what a library between it and the kernel
// says (libfaketime), the monotonic clock is the machine's own.
#include "tests/playout/commands/office.h"
#include "tests/playout/output/stamped_socket.h"

#include <QProcessEnvironment>
#include <QSocketNotifier>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

// A station whose agent plays two sessions of nine and three seconds, and what leaves of them.
struct Station {
    using Seconds = std::chrono::duration<double>;

    Station(const SystemClock& given, UtcTime startsAt, UtcTime again)
        : clock(given), start(startsAt), office(1, "poll = \"1 s\"\n")
    {
        office.configure("[[station.output]]\nname = \"loa-2\"\ndevice = \"rtp\"\nurl = \"rtp://127.0.0.1:" +
                         QByteArray::number(listener.port()) + "\"\ncodec = \"opus\"\n");
        office.outputs.append(u"loa-2"_s);
        REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
        office.makeBundle(startsAt, {9, 3}, 1, again);
        QObject::connect(&arrival, &QSocketNotifier::activated, &arrival, [this] {
            while (const auto packet = listener.take()) {
                const Seconds at = packet->at - start;
                const int type = packet->bytes.size() < 12 ? 200 : packet->bytes[1];
                if (type >= 200 && type <= 204) // RTCP
                    continue;
                if (sounds.empty() || at.count() - sounds.back().second > 3.0)
                    sounds.emplace_back(at.count(), at.count());
                sounds.back().second = at.count();
            }
        });
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"LD_PRELOAD"_s, QStringLiteral(LOA_MOVED_CLOCK_LIBRARY));
        environment.insert(u"LOA_MOVED_CLOCK"_s, office.folder.filePath(u"moved"_s));
        move(0s);
        agent.setProcessEnvironment(environment);
        agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
        agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    }
    ~Station()
    {
        agent.kill();
        agent.waitForFinished();
    }

    // The agent's time of day is the machine's and `by`, from now on.
    void move(Duration by)
    {
        QFile file(office.folder.filePath(u"moved"_s));
        REQUIRE(file.open(QIODevice::ReadWrite));
        const std::int64_t offset = by.count();
        REQUIRE(file.write(reinterpret_cast<const char*>(&offset), sizeof offset) == sizeof offset);
    }
    [[nodiscard]] int told(const QString& reason) const
    {
        return static_cast<int>(std::count_if(office.entries.begin(), office.entries.end(),
                                              [&](const auto& one) { return one.second.entry.reason == reason; }));
    }
    // Of one output, by airing; a second entry fails the test.
    [[nodiscard]] std::map<QString, LogEntry> airings() const
    {
        std::map<QString, LogEntry> found;
        for (const auto& [sequence, signedEntry] : office.entries) {
            const LogEntry& entry = signedEntry.entry;
            if (entry.kind == EntryKind::Airing && entry.output == u"loa-2" &&
                !found.try_emplace(entry.airing.value, entry).second)
                FAIL("two entries for " + entry.airing.value.toStdString());
        }
        return found;
    }
    // The second item's recording, at once and before everything.
    void alert()
    {
        const Bundle bundle = *openBundle(office.bundles["station-1"], office.key.verifyKey());
        const BundleSession& session = bundle.sessions.front();
        const auto media = std::find_if(bundle.media.begin(), bundle.media.end(),
                                        [&](const BundleMedia& one) { return one.item == session.airings[1].item; });
        const UtcTime now = clock.now();
        order = {{u"command-1"_s},
                 bundle.station,
                 1,
                 now,
                 now + 10min,
                 {u"user-2"_s},
                 u"Trần Văn Trực"_s,
                 PlayOrder{*media, Priority::Emergency}};
        office.commands.push_back(*sealCommand(order, office.key));
    }
    // Both sessions sounded whole, each once, at these seconds of the machine's own time after the first began; but for
    // the first item, if an alert came.
    void check(double second)
    {
        INFO([&] {
            std::string all;
            for (const auto& [from, until] : sounds)
                all += std::to_string(from) + " to " + std::to_string(until) + "; ";
            return all;
        }());
        REQUIRE(sounds.size() == 2);
        CHECK(sounds[0].first == Approx(0.0).margin(0.3));
        CHECK(sounds[0].second == Approx(12.0).margin(0.3));
        CHECK(sounds[1].first == Approx(second).margin(0.3));
        CHECK(sounds[1].second == Approx(second + 12.0).margin(0.3));
        const auto all = airings();
        const bool hasAlert = !order.id.isEmpty();
        CHECK(all.size() == (hasAlert ? 5 : 4));
        for (const auto& [airing, entry] : all) {
            INFO(airing.toStdString());
            if (hasAlert && airing == u"airing-1") {
                CHECK(entry.reason == u"pre-empted");
                continue;
            }
            if (hasAlert && airing == airingOf(order).value)
                CHECK(entry.plannedStart < start + 9s);
            CHECK(entry.outcome == Outcome::Complete);
            CHECK(entry.gaps == 0);
            CHECK(entry.frames == entry.plannedFrames);
        }
    }

    const SystemClock& clock;
    const UtcTime start;
    Office office;
    StampedSocket listener;
    QSocketNotifier arrival{listener.descriptor(), QSocketNotifier::Read};
    Command order = {};
    std::vector<std::pair<double, double>> sounds; // from, until
    QProcess agent;
};

} // namespace

TEST_CASE("Promise 9: the program plays on while its clock is moved, and goes by the new time from then on",
          "[program][promise-9]")
{
    const SystemClock clock;
    const UtcTime startsAt = std::chrono::ceil<std::chrono::seconds>(clock.now() + 6s);
    Station ahead(clock, startsAt, startsAt + 55s); // by its clock, which will be half a minute ahead
    Station back(clock, startsAt, startsAt + 15s);  // … twenty seconds behind
    Station lost(clock, startsAt, startsAt + 25s);
    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 1500ms; }, 60s));
    ahead.move(30s);
    back.move(-20s);
    lost.move(1000s - clock.now().time_since_epoch()); // to 1970
    REQUIRE(waitUntil([&] { return ahead.told(u"clock-stepped"_s) == 1; }));
    ahead.alert(); // one that sounds by what the session goes by
    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 16s; }, 60s));
    CHECK(ahead.told(u"clock-stepped"_s) == 1);
    CHECK(back.told(u"clock-stepped"_s) == 1);
    CHECK(lost.told(u"clock-stepped"_s) == 1);
    CHECK(lost.told(u"clock-untrusted"_s) == 1);
    lost.move(0s);
    REQUIRE(waitUntil([&] { return clock.now() > startsAt + 49s; }, 60s));
    CHECK(waitUntil([&] { return back.airings().size() == 4; }));
    ahead.check(25.0);
    back.check(35.0);
    lost.check(25.0);
}
