// ALSA's outputs and monitors end to end, in real time: loa-playout plays a session to sound cards of a sound system,
// and other programs listen to what comes out of them. One session serves all cases. Its outputs:
//   pho           a card that is listened to, by a monitor too
//   quang-truong  one that is muted
//   cho           one whose sound system dies in mid-item and comes back
//   vong          the kernel's loopback card, where there is one
//   luu-tru, loa  the office's: archive and null
#include "tests/playout/commands/office.h"
#include "tests/playout/commands/sound_system.h"
#include "tests/playout/output/live.h"

#include <QtEndian>

#include <iostream>
#include <numbers>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

constexpr std::initializer_list<int> lengths{29, 4}; // seconds; a monitor compares over 20 before it says "no"
constexpr auto diesAfter = 8s;
constexpr auto comesBackAfter = 10s;
constexpr std::size_t quarter = sampleRate / 4;
constexpr std::int64_t millisecond = sampleRate / 1000;

// A voice that wavers, never twice alike, softly begun and ended. So smooth that a click shows as a step.
HouseFile wavering(const QDir& folder, std::size_t frames, unsigned number)
{
    std::vector<float> samples(frames);
    double phase = 0;
    double waver = 0;
    for (std::size_t index = 0; index < frames; ++index) {
        const double seconds = static_cast<double>(index) / sampleRate;
        waver += 2.0 * std::numbers::pi * (2.3 + 0.9 * number + 0.11 * seconds) / sampleRate;
        phase += 2.0 * std::numbers::pi * (500.0 + 100.0 * number + 300.0 * std::sin(waver)) / sampleRate;
        const auto edge = static_cast<double>(std::min(index, frames - 1 - index));
        samples[index] = static_cast<float>(0.4 * std::min(edge / (3.0 * double{millisecond}), 1.0) * std::sin(phase));
    }
    return houseFileOf(folder, samples);
}

struct Evening {
    UtcTime start;
    std::vector<float> programme;
    Recording street;
    Recording marketBefore;
    Recording marketAfter;
    std::optional<Recording> loopback;
    std::vector<float> archive;
    std::map<std::pair<QString, QString>, LogEntry> airings; // by item and output
    std::map<std::pair<QString, QString>, HeardProof> heard;
    std::vector<std::pair<QString, QString>> events; // what happened, and to what
    bool isToldDown = false;                         // in the status, while it was
    bool isToldBack = false;
    int exitCode = -1;
    std::string log; // the agent's, told where a case fails
};

// As the status says it, or none.
std::optional<bool> isOpen(const Office& office, const QString& output)
{
    for (const QJsonValue& value : office.status[u"stations"_s].toArray().at(0)[u"outputs"_s].toArray()) {
        if (value[u"name"_s] == output)
            return value[u"open"_s].toBool();
    }
    return std::nullopt;
}

QByteArray alsaOutput(const char* name, const char* card)
{
    return QByteArray("[[station.output]]\nname = \"") + name + "\"\ndevice = \"alsa\"\nurl = \"" + card +
           "\"\nbuffer = \"300 ms\"\n"; // the test runs beside others
}

QByteArray alsaMonitor(const char* output, const char* card)
{
    return QByteArray("[[station.monitor]]\nname = \"nghe-") + output + "\"\noutput = \"" + output +
           "\"\ndevice = \"alsa\"\nurl = \"" + card + "_monitor\"\nmicrophone = false\ndelay_most = \"2 s\"\n";
}

Evening spend()
{
    Evening evening;
    Office office;
    // Before the instant is set at which they begin: on a busy machine this takes long.
    std::vector<HouseFile> houses;
    for (const int length : lengths) {
        houses.push_back(wavering(QDir(office.folder.filePath(u"house"_s)),
                                  static_cast<std::size_t>(length * sampleRate), static_cast<unsigned>(houses.size())));
        const auto& samples = houses.back().samples;
        evening.programme.insert(evening.programme.end(), samples.begin(), samples.end());
    }
    office.record = [&](const QDir&, std::size_t, unsigned number) { return houses.at(number - 1); };
    const PulseServer town(office.folder.filePath(u"town"_s), {u"street"_s, u"square"_s});
    PulseServer market(office.folder.filePath(u"market"_s), {u"market"_s});
    REQUIRE(town.control({u"set-sink-mute"_s, u"square"_s, u"1"_s}));
    QFile cards(office.folder.filePath(u"alsa.conf"_s));
    REQUIRE(cards.open(QIODevice::WriteOnly));
    cards.write("</usr/share/alsa/alsa.conf>\n" + town.cards() + market.cards());
    cards.close();

    const auto street = Listener::ofSink(town, u"street"_s);
    auto atMarket = Listener::ofSink(market, u"market"_s);
    const auto loopback = Listener::ofLoopbackCard();
    std::cout << "the kernel's loopback card: " << (loopback ? "played to as well\n" : "there is none\n");
    QByteArray toml = alsaOutput("pho", "street") + alsaOutput("quang-truong", "square") + alsaOutput("cho", "market");
    if (loopback)
        toml += alsaOutput("vong", "hw:Loopback,0,0");
    office.configure(toml + alsaMonitor("pho", "street") + alsaMonitor("quang-truong", "square"));
    office.outputs << u"pho"_s << u"quang-truong"_s << u"cho"_s;
    if (loopback)
        office.outputs << u"vong"_s;

    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime start = clock.now() + 5s; // the monitors have all opened by then
    evening.start = start;
    office.makeBundle(start, lengths);
    QProcess agent;
    QProcessEnvironment environment = town.environment();
    environment.insert(u"ALSA_CONFIG_PATH"_s, cards.fileName());
    agent.setProcessEnvironment(environment);
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});

    REQUIRE(waitUntil([&] { return clock.now() >= start + diesAfter; }));
    CHECK(isOpen(office, u"cho"_s) == true);
    evening.marketBefore = atMarket->heard();
    market.kill();
    atMarket.reset();
    evening.isToldDown = waitUntil([&] { return isOpen(office, u"cho"_s) == false; }, 3s);
    REQUIRE(waitUntil([&] { return clock.now() >= start + comesBackAfter; }));
    market.start();
    atMarket = Listener::ofSink(market, u"market"_s);
    evening.isToldBack = waitUntil([&] { return isOpen(office, u"cho"_s) == true; }, 10s);

    const auto expected = static_cast<std::size_t>(office.outputs.size()) * lengths.size();
    const auto proofs = [&] {
        std::map<std::pair<QString, QString>, HeardProof> found;
        for (const auto& [sequence, entry] : office.entries) {
            if (const auto& heard = entry.entry.heard)
                found.try_emplace({heard->item.value, heard->output}, *heard);
        }
        return found;
    };
    waitUntil([&] { return office.airings().size() == expected && proofs().size() == 2 * lengths.size(); }, 50s);
    evening.street = street->heard();
    evening.marketAfter = atMarket->heard();
    if (loopback)
        evening.loopback = loopback->heard();
    evening.airings = office.airings();
    evening.heard = proofs();
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }));
    if (QFile log(office.folder.filePath(u"agent.log"_s)); log.open(QIODevice::ReadOnly))
        evening.log = log.readAll().toStdString();
    evening.exitCode = agent.exitStatus() == QProcess::NormalExit ? agent.exitCode() : -1;
    for (const auto& [sequence, entry] : office.entries) {
        if (entry.entry.kind == EntryKind::Event)
            evening.events.emplace_back(entry.entry.reason, entry.entry.detail);
    }
    CHECK(finished({u"verify-log"_s, u"--state"_s, office.state()}).code == 0);
    UNSCOPED_INFO(evening.log);
    const QStringList archives = QDir(office.folder.filePath(u"wav"_s)).entryList({u"*.wav"_s});
    REQUIRE(archives.size() == 1);
    QFile archive(office.folder.filePath(u"wav/"_s) + archives.front());
    REQUIRE(archive.open(QIODevice::ReadOnly));
    const QByteArray bytes = archive.readAll().mid(44);
    for (qsizetype at = 0; at + 1 < bytes.size(); at += 2)
        evening.archive.push_back(static_cast<float>(qFromLittleEndian<std::int16_t>(bytes.constData() + at)) / 32768);
    return evening;
}

const Evening& evening()
{
    static const Evening spent = spend();
    return spent;
}

// Where the programme's first frame lies in `heard` as quarter seconds of it tell, from `from` on up to `to` (frames).
std::vector<std::int64_t> originsOf(const Recording& heard, std::size_t from, std::size_t to)
{
    const std::span programme(evening().programme);
    std::int64_t origin = toFrames(evening().start - heard.began).value;
    std::int64_t slack = sampleRate / 2;
    std::vector<std::int64_t> origins;
    for (std::size_t at = from; at + quarter <= to; at += quarter) {
        const std::int64_t expected = origin + static_cast<std::int64_t>(at);
        const Match match = bestMatch(heard.samples, programme.subspan(at, quarter),
                                      static_cast<std::size_t>(std::max<std::int64_t>(expected - slack, 0)),
                                      static_cast<std::size_t>(expected + slack));
        INFO("at frame " << at << " of the programme");
        REQUIRE(match.correlation > 0.98);
        origin = static_cast<std::int64_t>(match.lag) - static_cast<std::int64_t>(at);
        slack = 20 * millisecond;
        origins.push_back(origin);
    }
    return origins;
}

// All of it, in order, at one pace, with silence around it and no click anywhere.
void requireWhole(const Recording& recording)
{
    const std::span heard(recording.samples);
    const std::span programme(evening().programme);
    const auto origins = originsOf(recording, 0, programme.size());
    const auto [least, most] = std::minmax_element(origins.begin(), origins.end());
    CHECK(*most - *least <= 10 * millisecond);
    for (std::size_t index = 1; index < origins.size(); ++index)
        CHECK(std::abs(origins[index] - origins[index - 1]) <= millisecond);

    const auto stepOf = [](std::span<const float> sound) {
        float step = 0;
        for (std::size_t index = 1; index < sound.size(); ++index)
            step = std::max(step, std::abs(sound[index] - sound[index - 1]));
        return step;
    };
    CHECK(stepOf(heard) < 1.25F * stepOf(programme));
    const std::int64_t last = origins.back() + static_cast<std::int64_t>(programme.size());
    REQUIRE(last + sampleRate / 2 < static_cast<std::int64_t>(heard.size()));
    const auto isSilent = [](float sample) { return std::abs(sample) < 1e-3F; };
    CHECK(std::all_of(heard.begin(), heard.begin() + origins.front() - millisecond, isSilent));
    CHECK(std::all_of(heard.begin() + last + millisecond, heard.end(), isSilent));
    std::int64_t pause = 0;
    std::int64_t longest = 0;
    std::for_each(heard.begin() + origins.front() + millisecond, heard.begin() + last - millisecond, [&](float sample) {
        pause = isSilent(sample) ? pause + 1 : 0;
        longest = std::max(longest, pause);
    });
    std::cout << "within " << *most - *least << " frames of one pace, no pause over " << longest << ", largest step "
              << stepOf(heard) << " where the items have " << stepOf(programme) << '\n';
    CHECK(longest < 4 * millisecond);
}

// By how much later than planned the programme is heard.
Duration lateness(const Recording& heard, std::int64_t origin)
{
    return heard.began + toDuration(FrameCount{origin}) - evening().start;
}

} // namespace

TEST_CASE("Through a sound system: what a listener gets is whole, in order, on its instant, without gap or click",
          "[sound][promise-8]")
{
    INFO(evening().log);
    requireWhole(evening().street);
    const Duration late = lateness(evening().street, originsOf(evening().street, 0, quarter).front());
    std::cout << "heard " << late.count() / 1000
              << " ms after its instant\n"; // the sound server's own buffer is before it
    CHECK(std::chrono::abs(late) < 200ms);
    if (evening().loopback)
        requireWhole(*evening().loopback);
    for (const QString& item : {u"item-1"_s, u"item-2"_s}) {
        for (const auto& [airing, entry] : evening().airings) {
            if (airing.first != item || airing.second == u"cho"_s)
                continue;
            INFO(item.toStdString() << " on " << airing.second.toStdString() << ' ' << entry.reason.toStdString());
            CHECK(entry.outcome == Outcome::Complete);
            CHECK(entry.frames == entry.plannedFrames);
            CHECK(entry.gaps == 0);
            REQUIRE(entry.firstFrameAt);
            CHECK(std::chrono::abs(*entry.firstFrameAt - entry.plannedStart) < 50ms);
        }
    }
    CHECK(evening().airings.size() >= 10);
    CHECK(evening().exitCode == 0);
}

TEST_CASE("Promise 3: a monitor by ALSA has heard what sounds, and not what is muted", "[sound][promise-3]")
{
    const auto& heard = evening().heard;
    INFO(evening().log);
    REQUIRE(heard.size() == 4);
    for (const QString& item : {u"item-1"_s, u"item-2"_s}) {
        const HeardProof sounding = heard.at({item, u"pho"_s});
        INFO(item.toStdString() << ' ' << sounding.match.value_or(-1));
        CHECK(sounding.result == Heard::Yes);
        CHECK(sounding.match.value_or(0) >= 800);
        CHECK(sounding.delay.value_or(1h) < 1s);
        CHECK(heard.at({item, u"quang-truong"_s}).result != Heard::Yes);
    }
    CHECK(heard.at({u"item-1"_s, u"quang-truong"_s}).result == Heard::No);
}

TEST_CASE(
    "Promise 7: a sound system that dies costs its own card's frames, which sounds on in its place when it is back",
    "[sound][promise-7]")
{
    const Evening& all = evening();
    INFO(all.log);
    CHECK(all.isToldDown);
    CHECK(all.isToldBack);
    const auto told = [&](const QString& what) {
        return std::count_if(all.events.begin(), all.events.end(), [&](const auto& event) {
            return event.first == what && event.second.startsWith(u"cho"_s);
        });
    };
    CHECK(told(u"output-lost"_s) == 1);
    CHECK(told(u"output-opened"_s) >= 1);

    const auto cut = all.airings.at({u"item-1"_s, u"cho"_s});
    CHECK(cut.outcome == Outcome::Partial);
    CHECK(cut.reason == u"output-down"_s);
    CHECK(cut.gaps == 1);
    std::cout << "of the item that was cut " << cut.frames.value / 48 << " ms were played\n";
    CHECK(cut.frames > FrameCount{(29 - 8) * sampleRate});
    CHECK(cut.frames < FrameCount{(29 - 2) * sampleRate});
    const auto next = all.airings.at({u"item-2"_s, u"cho"_s});
    CHECK(next.outcome == Outcome::Complete);
    CHECK(next.gaps == 0);

    const auto before = originsOf(all.marketBefore, 0, 7 * sampleRate);
    const auto after = originsOf(all.marketAfter, 16 * sampleRate, all.programme.size());
    for (const Duration late : {lateness(all.marketBefore, before.front()), lateness(all.marketAfter, after.front()),
                                lateness(all.marketAfter, after.back())}) {
        INFO(late.count() / 1000 << " ms after its instant");
        CHECK(std::chrono::abs(late) < 200ms);
    }
    requireHeardWhole(all.archive, all.programme);
}

TEST_CASE("Promise 7: a sound system that stands still holds neither the other outputs nor a stop",
          "[sound][promise-7]")
{
    Office office;
    PulseServer town(office.folder.filePath(u"town"_s), {u"street"_s});
    QFile cards(office.folder.filePath(u"alsa.conf"_s));
    REQUIRE(cards.open(QIODevice::WriteOnly));
    cards.write("</usr/share/alsa/alsa.conf>\n" + town.cards());
    cards.close();
    office.configure(alsaOutput("pho", "street"));
    office.outputs << u"pho"_s;
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime start = clock.now() + 4s;
    office.makeBundle(start, {40});
    QProcessEnvironment environment = town.environment();
    environment.insert(u"ALSA_CONFIG_PATH"_s, cards.fileName());
    const auto run = [&](QProcess& agent, const QString& log) {
        agent.setProcessEnvironment(environment);
        agent.setStandardErrorFile(office.folder.filePath(log));
        agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    };
    QProcess agent;
    run(agent, u"first.log"_s);
    REQUIRE(waitUntil([&] { return clock.now() > start + 3s; }));
    town.freeze(true);
    REQUIRE(waitUntil([&] { return clock.now() > start + 6s; }));
    const UtcTime asked = clock.now();
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }, 30s));
    CHECK(clock.now() - asked < 14s); // a service manager kills after 15
    std::cout << "gone " << (clock.now() - asked).count() / 1000 << " ms after it was asked to stop\n";
    town.kill();
    // The next run closes what that one could not.
    QProcess next;
    run(next, u"next.log"_s);
    REQUIRE(waitUntil([&] { return office.airings().size() == 3; }, 20s));
    next.terminate();
    REQUIRE(waitUntil([&] { return next.state() == QProcess::NotRunning; }, 30s));
    const auto airings = office.airings();
    for (const QString& whole : {u"loa"_s, u"luu-tru"_s}) {
        const LogEntry entry = airings.at({u"item-1"_s, whole});
        CHECK(entry.outcome == Outcome::Partial);
        CHECK(entry.reason == u"stopped"_s);
        CHECK(entry.frames > FrameCount{5 * sampleRate});
        CHECK(entry.gaps == 0);
    }
    const LogEntry held = airings.at({u"item-1"_s, u"pho"_s});
    CHECK(held.outcome == Outcome::Partial);
    CHECK(held.frames > FrameCount{sampleRate});
    CHECK(held.frames < FrameCount{4 * sampleRate});
}
