// The program on a disk that is full from a certain call on: a library between it and the kernel refuses whatever needs
// room (full_disk_calls.cpp). LOA_FULL_DISK says at how many calls, spread over a life, or "all": 10 take 20 s, each of
// some 700 in each of the three ways half an hour.
#include "playout/journal/verify_log.h"
#include "tests/playout/commands/full_disk_order.h"
#include "tests/playout/commands/office.h"

#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QUdpSocket>

#include <sys/mman.h>

#include <random>
#include <span>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

constexpr std::initializer_list<int> lengths{1, 1, 1};
constexpr auto sessionLength = 3s;
constexpr auto lead = 5s;                  // the least that may be configured: a session is taken up so long before
constexpr std::int64_t whenBundle = -2;    // once the bundle is here
constexpr std::int64_t afterPowerCut = -3; // whenReady, with a power cut and a new life on a full disk
constexpr std::int64_t whenReady = -1; // the next call once bundle and media are here, before the session is taken up
constexpr std::uint32_t packetFrames = 960;
constexpr qint64 wavHeaderBytes = 44;
constexpr qint64 wavFrameBytes = 2;

// How a full disk ends: with the program, when the program gives up what it set aside, or after some calls.
enum class Full { Never, ForEver, UntilRoomIsGiven, ForSome };

struct Fault {
    Full full = Full::Never;
    std::int64_t from = 0; // call
    std::int64_t count = 0;
    bool isKilled = false; // at last, by kill -9
};

struct Packet {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    int item = 0; // whose recording's own packet it is; 0: silence, or made anew at a join
};

// Another each time, and one that is given to nobody who asks for any: programs and receivers beside this one do, all
// the time.
quint16 freePort()
{
    static quint16 port = static_cast<quint16>(10000 + std::random_device{}() % 16000);
    QTcpServer server;
    do
        port = port < 30000 ? port + 1 : 10000;
    while (!server.listen(QHostAddress::LocalHost, port));
    return port;
}

// A station with four outputs: nothing, an archive, HLS, and RTP to a receiver here; all its files under one folder.
struct Site {
    explicit Site(Fault wanted) : fault(wanted), statusPort(freePort()), office(1, settings())
    {
        REQUIRE(receiver.bind(QHostAddress::LocalHost));
        receiver.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 1 << 20);
        office.configure(
            "[[station.output]]\nname = \"hls\"\ndevice = \"hls\"\nurl = \"hls\"\nsegment = \"1 s\"\n"
            "[[station.output]]\nname = \"loa-2\"\ndevice = \"rtp\"\ncodec = \"opus\"\npass_through = true\n"
            "bit_rate = 64000\nsdp = \"wav/loa-2.sdp\"\nurl = \"rtp://127.0.0.1:" +
            QByteArray::number(receiver.localPort()) + "\"\n");
        office.outputs += {u"hls"_s, u"loa-2"_s};
        REQUIRE(finished({u"enrol"_s, u"--config"_s, office.config(), u"--code"_s, u"good"_s}).code == 0);
        QFile file(beside.filePath(u"order"_s));
        REQUIRE(file.open(QIODevice::ReadWrite));
        REQUIRE(file.resize(sizeof(FullDiskOrder)));
        void* const memory = mmap(nullptr, sizeof(FullDiskOrder), PROT_READ | PROT_WRITE, MAP_SHARED, file.handle(), 0);
        REQUIRE(memory != MAP_FAILED);
        order = new (memory) FullDiskOrder;
        order->from = fault.full == Full::Never || fault.from < 0 ? FullDiskOrder::never : fault.from;
        if (fault.from == whenBundle)
            std::snprintf(order->after.data(), order->after.size(), "/station-1.bundle");
        order->until = fault.full == Full::ForSome ? fault.from + fault.count : FullDiskOrder::never;
        order->givesRoom = fault.full == Full::UntilRoomIsGiven ? 1 : 0;
        QObject::connect(&receiver, &QUdpSocket::readyRead, &receiver, [this] { receive(); });
    }
    ~Site()
    {
        agent.kill();
        agent.waitForFinished();
        munmap(order, sizeof *order);
    }

    [[nodiscard]] QByteArray settings() const
    {
        return "poll = \"1 s\"\nupload = \"200 ms\"\nlongest_pause = \"1 s\"\nlead = \"5 s\"\nstatus_port = " +
               QByteArray::number(statusPort) + "\n";
    }

    void makeBundle(UtcTime startsAt)
    {
        office.makeBundle(startsAt, lengths);
        const Bundle bundle = *openBundle(office.bundles["station-1"], office.key.verifyKey());
        for (const BundleMedia& media : bundle.media) {
            const auto path = office.folder.filePath(u"house/"_s + toString(media.sha256) + u".opus"_s);
            for (const QByteArray& packet : packetsOf(path))
                items[packet] = media.item.value.section(u'-', 1).toInt();
        }
    }

    void receive()
    {
        while (receiver.hasPendingDatagrams()) {
            QByteArray bytes(receiver.pendingDatagramSize(), '\0');
            static_cast<void>(receiver.readDatagram(bytes.data(), bytes.size()));
            const auto at = [&](int place) { return std::uint32_t{static_cast<unsigned char>(bytes[place])}; };
            if (bytes.size() <= 12 || (at(1) >= 200 && at(1) <= 204)) // RTCP
                continue;
            packets.push_back({static_cast<std::uint16_t>(at(2) << 8 | at(3)),
                               at(4) << 24 | at(5) << 16 | at(6) << 8 | at(7), items.value(bytes.mid(12))});
        }
    }

    // A life, whose messages are added to those of the ones before.
    void start(bool hasRoom)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        if (!hasRoom) {
            environment.insert(u"LD_PRELOAD"_s, QStringLiteral(LOA_FULL_DISK_LIBRARY));
            environment.insert(u"LOA_FULL_DISK_ORDER"_s, beside.filePath(u"order"_s));
            environment.insert(u"LOA_FULL_DISK_FOLDER"_s, office.folder.path());
        }
        agent.setProcessEnvironment(environment);
        agent.setStandardErrorFile(beside.filePath(u"log"_s), QIODevice::Append);
        agent.start(program(), {u"run"_s, u"--config"_s, office.config()});
        ++lives;
    }
    [[nodiscard]] bool isRunning() const { return agent.state() != QProcess::NotRunning; }
    // As a service manager does.
    void startAgainIfEnded()
    {
        if (isRunning())
            return;
        INFO(log().join(u'\n').toStdString());
        CHECK(agent.exitStatus() == QProcess::NormalExit);
        CHECK(order->refused > 0);
        start(false);
    }

    void fillIfReady()
    {
        const bool isCut = fault.from == afterPowerCut;
        if (lives == 0 || (fault.from != whenReady && !isCut) || order->from != FullDiskOrder::never || !isReady())
            return;
        if (isCut) {
            agent.kill();
            REQUIRE(waitUntil([&] { return !isRunning(); }));
            if (fault.full == Full::ForEver) // given up before
                REQUIRE(QFile::remove(office.state() + u"/journal.reserve"_s));
        }
        order->from = 0;
        filledAt = SystemClock().now();
        if (isCut)
            start(false);
    }

    [[nodiscard]] QStringList log() const
    {
        QFile file(beside.filePath(u"log"_s));
        REQUIRE(file.open(QIODevice::ReadOnly));
        return QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts);
    }
    // Lines that say so, before that instant.
    [[nodiscard]] std::int64_t told(const QString& what, UtcTime before = UtcTime::max()) const
    {
        const QStringList lines = log();
        return std::count_if(lines.begin(), lines.end(), [&](const QString& line) {
            const auto at = utcTimeFromString(line.section(u' ', 0, 0));
            return line.contains(what) && at && *at < before;
        });
    }
    // It never was full, or it is not any more.
    [[nodiscard]] bool hasRoom() const { return order->refused == 0 || order->calls >= order->until; }
    [[nodiscard]] bool isReady() const { return told(u"media sha256"_s) >= std::ssize(lengths); }
    // A figure of /metrics; nothing while it does not answer.
    [[nodiscard]] std::optional<double> metric(const QByteArray& name) const
    {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, statusPort);
        QByteArray text;
        QObject::connect(&socket, &QTcpSocket::connected, &socket,
                         [&] { socket.write("GET /metrics HTTP/1.1\r\n\r\n"); });
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { text += socket.readAll(); });
        static_cast<void>(waitUntil([&] { return socket.state() == QAbstractSocket::UnconnectedState; }, 5s));
        for (const QByteArray& line : text.split('\n')) {
            if (line.startsWith(name + ' '))
                return line.mid(name.size() + 1).toDouble();
        }
        return {};
    }
    // Entries by airing and output.
    [[nodiscard]] std::map<std::pair<QString, QString>, std::vector<LogEntry>> airings() const
    {
        std::map<std::pair<QString, QString>, std::vector<LogEntry>> found;
        for (const auto& [sequence, entry] : office.entries) {
            if (entry.entry.kind == EntryKind::Airing)
                found[{entry.entry.airing.value, entry.entry.output}].push_back(entry.entry);
        }
        return found;
    }
    [[nodiscard]] bool isWhole() const { return std::ssize(airings()) == std::ssize(lengths) * office.outputs.size(); }
    // Its recordings' packets from the first to the last, in order.
    [[nodiscard]] std::vector<Packet> sound() const
    {
        const auto isOfItem = [](const Packet& packet) { return packet.item > 0; };
        const auto first = std::find_if(packets.begin(), packets.end(), isOfItem);
        const auto last = std::find_if(packets.rbegin(), packets.rend(), isOfItem).base();
        return first < last ? std::vector<Packet>(first, last) : std::vector<Packet>();
    }
    // What the archive's files hold.
    [[nodiscard]] FrameCount archived() const
    {
        FrameCount frames;
        for (const QFileInfo& file : QDir(office.folder.filePath(u"wav"_s)).entryInfoList({u"*.wav"_s}, QDir::Files))
            frames += FrameCount{std::max<qint64>(0, file.size() - wavHeaderBytes) / wavFrameBytes};
        return frames;
    }

    const Fault fault;
    const QTemporaryDir beside; // on a disk with room
    const quint16 statusPort;
    Office office;
    QUdpSocket receiver;
    FullDiskOrder* order = nullptr;
    QHash<QByteArray, int> items; // by packet
    std::vector<Packet> packets;
    int lives = 0;
    UtcTime filledAt;     // for fillIfReady()
    bool hadRoom = false; // before it was asked to end
    QProcess agent;
};

// All sites at once, their sessions from `startsAt` on; lives without room, then one with it.
void run(const std::vector<std::unique_ptr<Site>>& sites, UtcTime startsAt, const SystemClock& clock)
{
    for (const auto& site : sites) {
        if (site->lives == 0)
            site->start(false);
    }
    bool isTurn = false; // to start again, once a second
    for (UtcTime next = clock.now(); next < startsAt + sessionLength + 1200ms; next += 500ms, isTurn = !isTurn) {
        REQUIRE(waitUntil([&] { return clock.now() > next; }));
        for (const auto& site : sites) {
            if (isTurn)
                site->startAgainIfEnded();
            site->fillIfReady();
        }
    }
    for (const auto& site : sites) {
        site->hadRoom = site->hasRoom();
        if (site->hadRoom)
            CHECK(waitUntil([&] { return site->isWhole(); }, 8s));
    }
    for (const auto& site : sites) {
        const auto waiting = [&] { return site->metric("loa_journal_waiting").value_or(-1); };
        const auto isBehind = [&] { return site->told(u"journal-behind"_s) > site->told(u"journal-caught-up"_s); };
        if (site->hadRoom)
            CHECK(waiting() == 0);
        else if (site->isRunning() && (site->lives == 1 || site->fault.from == afterPowerCut))
            CHECK(waitUntil([&] { return (waiting() > 0) == isBehind(); }, 5s)); // room may come between the two
        site->fault.isKilled ? site->agent.kill() : site->agent.terminate();
    }
    for (const auto& site : sites) {
        CHECK(waitUntil([&] { return !site->isRunning(); }));
        // One that cannot begin is started again and again, and may be told to end before it can hear that.
        const bool isNormal = site->agent.exitStatus() == QProcess::NormalExit;
        CHECK((site->fault.isKilled || isNormal || site->lives > 1));
    }
}

// The life in which all is known of the others.
struct Reference {
    std::vector<Packet> sound;
    std::int64_t calls = 0;
};

bool isOfDisk(const QString& words)
{
    return words.contains(u"No space left"_s) || words.contains(u"disk is full"_s) || words.contains(u"disk I/O"_s) ||
           words.contains(u"journal-reserve-used"_s);
}

// The same packets without a gap.
bool isSame(const std::vector<Packet>& sound, const std::vector<Packet>& other)
{
    if (sound.empty() || sound.size() != other.size())
        return false;
    for (std::size_t index = 0; index < sound.size(); ++index) {
        const auto step = static_cast<std::uint32_t>(index);
        if (sound[index].item != other[index].item ||
            sound[index].sequence != static_cast<std::uint16_t>(sound[0].sequence + step) ||
            sound[index].timestamp != sound[0].timestamp + step * packetFrames)
            return false;
    }
    return true;
}

// False when there was a gap, or no chance for a fault, which a busy machine makes as well: another try will tell. The
// last one does.
bool judge(Site& site, const Reference& reference, UtcTime startsAt, bool isLast)
{
    QString all = site.log().join(u'\n');
    const auto airings = site.airings();
    for (const auto& [key, entries] : airings) {
        for (const LogEntry& entry : entries)
            all += u"\n%1 %2 %3 %4 %5 %6"_s.arg(key.first, key.second, toString(entry.outcome))
                       .arg(entry.frames.value)
                       .arg(entry.gaps)
                       .arg(entry.reason);
    }
    const auto kind = site.order->refusedKind.load();
    INFO("full from call " << site.fault.from << " of " << site.order->calls << ", way "
                           << static_cast<int>(site.fault.full) << " " << site.fault.count << ", "
                           << (kind < 0 ? "nothing" : roomCallNames[static_cast<std::size_t>(kind)]) << " and "
                           << site.order->refused << " in all refused, first " << site.order->refusedPath.data() << ", "
                           << site.lives << " lives\n"
                           << all.toStdString());
    // What was here in time sounds, whole and without a gap.
    const UtcTime full{Duration(site.order->refused > 0 ? site.order->refusedAt.load() : Duration::max().count())};
    const UtcTime handover = startsAt - 4100ms;
    const bool hadAll = site.told(u"media sha256"_s, std::min(full, handover)) == std::ssize(lengths);
    const bool gotAll = site.told(u"media sha256"_s, handover) >= std::ssize(lengths) && site.hadRoom;
    const std::vector<Packet> sound = site.sound();
    std::map<int, std::int64_t> heard;
    for (const Packet& packet : sound)
        ++heard[packet.item];
    const bool isWhole = isSame(sound, reference.sound);
    if ((hadAll || gotAll) && !isWhole && !isLast)
        return false;
    if (hadAll || gotAll)
        CHECK(isWhole);
    if (site.fault.from == whenReady || site.fault.from == afterPowerCut) {
        const bool wasInTime = hadAll && (site.fault.from == afterPowerCut || site.filledAt < startsAt - lead);
        if (!wasInTime && !isLast)
            return false;
        CHECK(wasInTime);
    }
    // One entry each, of what sounded.
    CHECK(site.isWhole());
    FrameCount archived;
    for (const auto& [key, entries] : airings) {
        INFO(key.first.toStdString() << " " << key.second.toStdString());
        CHECK(entries.size() == 1);
        const LogEntry& entry = entries.front();
        const bool isSound = key.second == u"loa-2";
        const auto sounded = heard[key.first.section(u'-', 1).toInt()];
        constexpr std::int64_t join = 4; // packets made anew
        if (isSound)
            CHECK(entry.frames.value <= (sounded == 0 ? 0 : sounded + join) * packetFrames);
        if (isSound && sounded > 0)
            CHECK(entry.outcome != Outcome::Missed);
        if (key.second == u"luu-tru")
            archived += entry.frames;
        if (site.hadRoom && (hadAll || gotAll) && (isSound || key.second == u"loa")) {
            CHECK(entry.outcome == Outcome::Complete);
            CHECK(entry.frames == entry.plannedFrames);
            CHECK(entry.gaps == 0);
        }
    }
    CHECK(archived <= site.archived());
    // What stands in the way is said, once in each life.
    std::map<QString, int> lines;
    for (const QString& line : site.log()) {
        QString words = line.section(u' ', 1);
        if (!words.startsWith(u"info"_s) || isOfDisk(words))
            ++lines[words.remove(QRegularExpression(u"waiting=\\d+"_s))];
    }
    for (const auto& [line, count] : lines) {
        INFO(line.toStdString());
        CHECK(count <= site.lives);
    }
    // Prints that cannot be kept are made again, without a word.
    const bool isOfPrint = QByteArray(site.order->refusedPath.data()).contains("/references/");
    if (kind >= 0 && !isOfPrint && site.told(u"agent-stopped"_s, full) == 0)
        CHECK(std::any_of(lines.begin(), lines.end(), [](const auto& one) { return isOfDisk(one.first); }));
    return true;
}

// Lives of all these at once; those that must be tried again.
std::vector<Fault> live(std::span<const Fault> faults, const Reference& reference, const SystemClock& clock,
                        bool isLast)
{
    std::vector<std::unique_ptr<Site>> sites;
    const UtcTime startsAt = std::chrono::ceil<std::chrono::seconds>(clock.now() + 8s);
    for (const Fault& fault : faults) {
        sites.push_back(std::make_unique<Site>(fault));
        sites.back()->makeBundle(startsAt);
        if (fault.from < 0) // is to be ready before
            sites.back()->start(false);
        for (const auto& site : sites)
            site->fillIfReady();
    }
    run(sites, startsAt, clock);
    for (const auto& site : sites)
        site->start(true);
    for (const auto& site : sites) {
        const auto lastOf = [&] {
            std::int64_t last = 0;
            const auto report = verifyLog(site->office.state() + u"/journal.db"_s, site->office.agentKey,
                                          [&](const SignedLogEntry& entry) { last = entry.entry.sequence; });
            REQUIRE(report);
            CHECK(report->faultCount == 0);
            return last;
        };
        CHECK(waitUntil([&] { return site->isWhole() && std::ssize(site->office.entries) >= lastOf(); }));
        const auto& entries = site->office.entries;
        CHECK((entries.empty() ? 0 : entries.rbegin()->first) == std::ssize(entries));
        site->agent.terminate();
    }
    std::vector<Fault> again;
    for (const auto& site : sites) {
        CHECK(waitUntil([&] { return !site->isRunning(); }));
        INFO(site->log().join(u'\n').toStdString());
        CHECK(site->agent.exitCode() == 0);
        if (!judge(*site, reference, startsAt, isLast))
            again.push_back(site->fault);
    }
    return again;
}

} // namespace

TEST_CASE(
    "Promise 4: a disk that is full at any call loses no entry, claims nothing that did not sound, and stops no sound",
    "[program][promise-4][promise-3][promise-7]")
{
    const SystemClock clock;
    Reference reference;
    constexpr std::size_t wholeSound = 146; // packets, but for the joins at both ends
    for (int tries = 0; tries < 3 && reference.sound.size() != wholeSound; ++tries) {
        std::vector<std::unique_ptr<Site>> one;
        one.push_back(std::make_unique<Site>(Fault{}));
        const UtcTime startsAt = std::chrono::ceil<std::chrono::seconds>(clock.now() + 4500ms);
        one[0]->makeBundle(startsAt);
        run(one, startsAt, clock);
        reference = {one[0]->sound(), one[0]->order->calls};
    }
    REQUIRE(isSame(reference.sound, reference.sound));
    REQUIRE(reference.sound.size() == wholeSound);
    CHECK(reference.calls > 500);
    const QString asked = qEnvironmentVariable("LOA_FULL_DISK", u"10"_s);
    constexpr std::array ways{Full::ForEver, Full::UntilRoomIsGiven, Full::ForSome};
    std::vector<Fault> faults;
    const std::int64_t count = asked == u"all" ? reference.calls * std::ssize(ways) : asked.toLongLong();
    for (const std::int64_t from : {whenBundle, whenReady, afterPowerCut}) {
        faults.push_back({Full::ForEver, from, 0, from == whenReady});
        faults.push_back({Full::UntilRoomIsGiven, from, 0, false});
    }
    for (std::int64_t number = 0; number < count; ++number) {
        const Full way = ways[static_cast<std::size_t>(number) % ways.size()];
        const std::int64_t from = asked == u"all" ? number / std::ssize(ways) : number * reference.calls / count;
        faults.push_back({way, from, 1 + from % 50, way == Full::ForEver && number % 2 == 0});
    }
    constexpr std::size_t together = 16;
    std::vector<Fault> again;
    for (std::size_t done = 0; done < faults.size(); done += together) {
        const auto all = std::span(faults).subspan(done, std::min(together, faults.size() - done));
        std::ranges::copy(live(all, reference, clock, false), std::back_inserter(again));
    }
    CHECK(again.size() <= faults.size() / 2);
    for (std::size_t done = 0; done < again.size(); done += together / 2) {
        const auto all = std::span(again).subspan(done, std::min(together / 2, again.size() - done));
        live(all, reference, clock, true);
    }
}
