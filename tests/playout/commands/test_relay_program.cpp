// The program with relays whose senders misbehave, each in its own way: six stations of one process, all at once. Each
// has a second address that plays well, and a standby item.
#include "tests/playout/commands/office.h"
#include "tests/playout/engine/hostile_station.h"

#include <QtEndian>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

constexpr int length = 24; // seconds of the relay

// A WAV at the pace of the clock and a second ahead, as senders do, for so long; 0: without end. False: it is over.
bool sound(const HostileStation& station, const HostileStation::Send& send, double seconds)
{
    if (!send(wavHead(24'000)))
        return false;
    const auto began = std::chrono::steady_clock::now();
    for (int sent = 0; seconds == 0 || sent < seconds * 10; ++sent) {
        if (!send(toneBytes(24'000, 2400)))
            return false;
        std::this_thread::sleep_until(began + sent * 100ms - 1s);
    }
    return !station.isOver();
}

struct Sender {
    const char* name;
    std::function<void(const HostileStation&, const HostileStation::Send&)> act;
    std::optional<bool> sounds; // part of the relay is its; none: as it happens
};

void wait(const HostileStation& station, const HostileStation::Send& send)
{
    while (!station.isOver() && send({}))
        std::this_thread::sleep_for(20ms);
}

const std::vector<Sender>& senders()
{
    static const std::vector<Sender> all{
        {"hangs at once", [](const auto& station, const auto& send) { wait(station, send); }, false},
        {"hangs in mid-sound",
         [](const auto& station, const auto& send) {
             if (sound(station, send, 8))
                 wait(station, send);
         },
         true},
        {"drips",
         [](const auto& station, const auto& send) {
             bool goesOn = sound(station, send, 8);
             while (goesOn) {
                 goesOn = send(QByteArray(24, '\x11'));
                 std::this_thread::sleep_for(50ms); // a hundredth of its pace
             }
         },
         true},
        {"falls silent",
         [](const auto& station, const auto& send) {
             if (sound(station, send, 8)) {
                 while (send(QByteArray(4800, '\0')))
                     std::this_thread::sleep_for(100ms);
             }
         },
         true},
        {"sends garbage at once",
         [](const auto&, const auto& send) {
             const QByteArray garbage(64 * 1024, '\xA5');
             while (send(garbage))
                 std::this_thread::sleep_for(1ms);
         },
         false},
        {"is gone and back for a moment", [](const auto& station, const auto& send) { sound(station, send, 3); },
         std::nullopt},
    };
    return all;
}

// 16-bit mono; the file lies there when the program has ended.
std::vector<float> recorded(const QString& folder)
{
    std::vector<float> samples;
    for (const QString& name : QDir(folder).entryList({u"*.wav"_s}, QDir::Files, QDir::Name)) {
        QFile file(QDir(folder).filePath(name));
        REQUIRE(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll().mid(44);
        for (qsizetype at = 0; at + 1 < bytes.size(); at += 2)
            samples.push_back(static_cast<float>(qFromLittleEndian<qint16>(bytes.constData() + at)) / 32768.0F);
    }
    return samples;
}

double longestSilence(const std::vector<float>& samples)
{
    std::int64_t longest = 0;
    std::int64_t now = 0;
    for (const float sample : samples) {
        now = std::abs(sample) < 0.001F ? now + 1 : 0;
        longest = std::max(longest, now);
    }
    return static_cast<double>(longest) / sampleRate;
}

} // namespace

TEST_CASE("Promise 7: whatever a relay's sender does, the program turns to the next and misses next to nothing",
          "[program][promise-7]")
{
    const auto count = static_cast<int>(senders().size());
    Office office(count);
    QByteArray toml = "scheduler = \"" + office.server.url().toString().toUtf8() +
                      "\"\nstate = \"state\"\nclock = \"trust\"\nrelay_networks = [\"loopback\"]\n";
    std::vector<std::unique_ptr<HostileStation>> stations;
    const auto addStation = [&](std::function<void(const HostileStation&, const HostileStation::Send&)> act) {
        auto place = std::make_shared<const HostileStation*>(nullptr);
        stations.push_back(std::make_unique<HostileStation>([act, place](const QByteArray&, const auto& send) {
            if (*place && send(okHead("audio/wav")))
                act(**place, send);
        }));
        *place = stations.back().get();
        return stations.back()->url(u"/live"_s);
    };
    office.change = [&](Bundle& bundle, int station) {
        const Sender& sender = senders().at(static_cast<std::size_t>(station - 1));
        BundleRelay relay;
        relay.definition.id = {u"relay-%1"_s.arg(station)};
        relay.definition.unit = {u"unit-1"_s};
        relay.definition.name = QString::fromUtf8(sender.name);
        relay.definition.addresses = {addStation(sender.act),
                                      addStation([](const auto& own, const auto& send) { sound(own, send, 0); })};
        relay.definition.silence = shortestRelaySilence;
        relay.definition.standby = bundle.media.front().item;
        relay.standby = bundle.media.front().sha256;
        relay.approved = hashOf(relay.definition);
        relay.approval = bundle.media.front().approval;
        bundle.relays = {relay};
        BundleAiring& airing = bundle.sessions.front().airings.front();
        airing.item = {};
        airing.relay = relay.definition.id;
        airing.sha256 = relay.approved;
    };
    for (int number = 1; number <= count; ++number) {
        const QByteArray folder = "wav-" + QByteArray::number(number);
        QDir(office.folder.path()).mkdir(QString::fromLatin1(folder));
        toml += "[[station]]\nid = \"" + Office::idOf(number) +
                "\"\n[[station.output]]\nname = \"loa\"\ndevice = \"wav\"\nurl = \"" + folder + "\"\n";
    }
    office.reconfigure(toml);
    REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
    const SystemClock clock;
    const UtcTime startsAt = std::chrono::ceil<std::chrono::seconds>(clock.now() + 5s);
    office.makeBundle(startsAt, {length});
    QProcess agent;
    agent.setStandardErrorFile(office.folder.filePath(u"agent.log"_s));
    agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
    const auto relayEntries = [&] {
        std::map<QString, LogEntry> found;
        for (const auto& [sequence, entry] : office.entries) {
            if (entry.entry.kind == EntryKind::Airing && !entry.entry.relay.isEmpty())
                found.emplace(entry.entry.relay.value, entry.entry);
        }
        return found;
    };
    REQUIRE(waitUntil([&] { return static_cast<int>(relayEntries().size()) == count; }, 60s));
    agent.terminate();
    REQUIRE(waitUntil([&] { return agent.state() == QProcess::NotRunning; }, 30s));
    QFile log(office.folder.filePath(u"agent.log"_s));
    REQUIRE(log.open(QIODevice::ReadOnly));
    const std::string words = log.readAll().toStdString();
    for (int number = 1; number <= count; ++number) {
        const Sender& sender = senders().at(static_cast<std::size_t>(number - 1));
        INFO(words);
        INFO("a sender that " << sender.name);
        const LogEntry entry = relayEntries().at(u"relay-%1"_s.arg(number));
        INFO(sharesToText(entry.shares).toStdString());
        CHECK(entry.outcome == Outcome::Complete);
        CHECK(entry.frames == FrameCount{length * sampleRate});
        const auto share = [&](int source) {
            const auto found = std::find_if(entry.shares.begin(), entry.shares.end(),
                                            [&](const RelayShare& one) { return one.source == source; });
            return found == entry.shares.end() ? FrameCount{} : found->frames;
        };
        if (sender.sounds)
            CHECK((share(0) > FrameCount{sampleRate}) == *sender.sounds);
        CHECK(share(1) > FrameCount{8 * sampleRate}); // the second address, for most of the rest
        const auto samples = recorded(office.folder.filePath(u"wav-%1"_s.arg(number)));
        REQUIRE(samples.size() >= std::size_t{length} * sampleRate - 960);
        // Silence is believed for as long as the relay says.
        const double allowed = QByteArray(sender.name) == "falls silent" ? 6.0 : 0.5;
        CHECK(longestSilence({samples.begin() + sampleRate / 10, samples.begin() + length * sampleRate - 4800}) <
              allowed);
    }
}
