// loa-playout check: for who installs an agent. Reads configuration, identity, clock, bundle, media and log, says what
// would happen at the next session, and with --open opens every output for a second. Changes nothing on disk.
#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/agent/session_facts.h"
#include "playout/agent/state_lock.h"
#include "playout/cache/real_disk.h"
#include "playout/commands/commands.h"
#include "playout/commands/seating.h"
#include "playout/engine/clock_trust.h"
#include "playout/journal/verify_log.h"
#include "scheduler/contract/hours.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <numbers>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto opening = 1500ms; // on top of the longest lead-in
constexpr auto longestWait = 60s;

// Lines for people, and whether all of them are good.
class Findings {
public:
    void good(const QString& line) { print(u"  ok    "_s + line); }
    void bad(const QString& line)
    {
        print(u"  FAULT "_s + line);
        m_faults += 1;
    }
    void note(const QString& line) { print(u"        "_s + line); }
    [[nodiscard]] int faults() const { return m_faults; }

private:
    int m_faults = 0;
};

class Ears final : public DeliveryObserver {
public:
    void airingBegan(const AiringRecord&) override {}
    void airingProgress(const AiringRecord&) override {}
    void airingEnded(const AiringRecord& record) override
    {
        const std::lock_guard lock(m_mutex);
        m_records.push_back(record);
    }
    void sessionEnded(const StationId&, const SessionId&) override
    {
        const std::lock_guard lock(m_mutex);
        m_isOver = true;
        m_wake.notify_all();
    }
    void outputChanged(const OutputEvent&) override {}
    std::vector<AiringRecord> records()
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, longestWait, [this] { return m_isOver; });
        return m_records;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<AiringRecord> m_records;
    bool m_isOver = false;
};

AdmissionFacts factsOf(const Bundle& bundle, const BundleSession& session, const RealDisk& disk, ClockState clock)
{
    AdmissionFacts facts;
    facts.station = bundle.station;
    facts.clock = clock;
    for (const BundleAiring& airing : session.airings) {
        const auto hash = disk.hash(u"media/"_s + toString(airing.sha256));
        if (hash && *hash == airing.sha256)
            facts.verified.insert(airing.sha256);
        else if (hash)
            facts.altered.insert(airing.sha256);
    }
    return facts;
}

void tellNextSession(const Bundle& bundle, const AgentStation& station, const RealDisk& disk, ClockState clock,
                     UtcTime now, Findings& findings)
{
    const auto next = std::find_if(bundle.sessions.begin(), bundle.sessions.end(),
                                   [&](const BundleSession& session) { return session.startsAt > now; });
    if (next == bundle.sessions.end()) {
        findings.bad(u"the bundle has no session after now (bản kê phát không còn buổi nào)"_s);
        return;
    }
    findings.note(u"next session %1 at %2, %3 airings:"_s.arg(next->title, loa::toString(next->startsAt))
                      .arg(next->airings.size()));
    const Admission admission = admit(bundle, *next, factsOf(bundle, *next, disk, clock));
    for (const Segment& segment : admission.timeline.airings()) {
        const auto levels =
            volumeLevels(station.volume, bundle.timeZone, admission.timeline.plannedStart(segment), {1});
        const double decibels = 20.0 * std::log10(static_cast<double>(levels.front().gain));
        findings.good(u"%1 plays %2 s, volume %3 dB"_s.arg(loa::toString(admission.timeline.plannedStart(segment)),
                                                           QString::number(segment.frames.value / sampleRate),
                                                           QString::number(decibels, 'f', 1)));
    }
    for (const Refusal& refusal : admission.refusals)
        findings.bad(u"%1 stays silent: %2 %3"_s.arg(loa::toString(refusal.plannedStart), toString(refusal.reason),
                                                     refusal.detail));
}

void tellOutputs(const Bundle& bundle, const AgentStation& station, Findings& findings)
{
    for (const BundleOutput& output : bundle.outputs) {
        const bool isThere = std::any_of(station.outputs.begin(), station.outputs.end(),
                                         [&](const OutputConfig& one) { return one.name == output.name; });
        if (!isThere)
            findings.bad(
                u"output \"%1\" of the bundle is not configured here: its %2 clusters stay silent"_s.arg(output.name)
                    .arg(output.clusters.size()));
    }
}

// Nothing of it has been approved, so it sounds inside the hours of the station alone, and softly.
bool mayTone(const Bundle* bundle, UtcTime from)
{
    return bundle != nullptr &&
           isAllowed(bundle->policies, QTimeZone(bundle->timeZone), from, from + std::chrono::seconds(1));
}

void openOutputs(const AgentStation& station, const Bundle* bundle, bool tone, Findings& findings)
{
    std::vector<OutputConfig> outputs;
    for (const OutputConfig& output : station.outputs) {
        if (output.device != u"wav" && output.device != u"flac") {
            outputs.push_back(output);
            continue;
        }
        const QFileInfo folder(output.url);
        const bool isGood = folder.isDir() ? folder.isWritable() : QFileInfo(folder.path()).isWritable();
        const QString line = u"output %1: folder %2"_s.arg(output.name, output.url);
        isGood ? findings.good(line) : findings.bad(line + u" cannot be written (không ghi được)"_s);
    }
    if (outputs.empty())
        return;
    const SystemClock clock;
    std::chrono::milliseconds lead{0};
    for (const OutputConfig& output : outputs)
        lead = std::max(lead, traitsOf(output).leadIn);
    const UtcTime start = clock.now() + lead + opening;
    if (tone && !mayTone(bundle, start)) {
        findings.bad(u"no test tone: outside the station's hours, or no bundle tells them (ngoài giờ phát)"_s);
        tone = false;
    }
    std::vector<float> sound(static_cast<std::size_t>(sampleRate), 0.0F);
    for (std::size_t index = 0; tone && index < sound.size(); ++index) // 1 kHz, -20 dBFS
        sound[index] = 0.1F * static_cast<float>(std::sin(2 * std::numbers::pi * static_cast<double>(index) / 48.0));
    MemorySourceFactory sources;
    const Sha256 name = sha256("loa-playout check");
    sources.add(name, sound);
    Ears ears;
    auto player = ThreadedPlayer::create(
        {.station = station.id, .outputs = outputs, .sources = sources, .clock = clock, .observer = ears});
    if (!player) {
        findings.bad(describe(player.error()));
        return;
    }
    std::vector<Segment> segments{{{u"check"_s}, {u"check"_s}, name, {}, {sampleRate}, Priority::Normal}};
    SessionTimeline timeline(station.id, {u"check"_s}, 0, start, std::move(segments));
    if (bundle != nullptr)
        timeline = timeline.withLevels(volumeLevels(station.volume, bundle->timeZone, start, {sampleRate}));
    if (auto accepted = (*player)->play(timeline.softened()); !accepted) {
        findings.bad(describe(accepted.error()));
        return;
    }
    const auto records = ears.records();
    for (const OutputHealth& health : (*player)->health()) {
        const auto record = std::find_if(records.begin(), records.end(),
                                         [&](const AiringRecord& one) { return one.output == health.name; });
        const QString error = health.lastError ? u": "_s + describe(*health.lastError) : QString();
        if (record != records.end() && record->outcome == Outcome::Complete)
            findings.good(u"output %1 took a second of %2, first frame %3 us off"_s
                              .arg(health.name, tone ? u"tone"_s : u"silence"_s)
                              .arg(health.startErrorP99.count()));
        else
            findings.bad(u"output %1 took nothing, or not all (không phát được)%2"_s.arg(health.name, error));
    }
}

struct Question {
    bool open = false;
    bool tone = false;
};

void checkStation(const Configuration& configuration, const Identity* identity, const AgentStation& station,
                  ClockState clock, const Question& question, Findings& findings)
{
    print(u"station %1"_s.arg(station.id.value));
    const RealDisk disk(configuration.state);
    std::shared_ptr<const Bundle> bundle;
    if (identity != nullptr) {
        RealDisk reading(configuration.state);
        CacheSettings settings;
        settings.scheduler = identity->schedulerKey;
        settings.stations = {station.id};
        Cache cache(reading, settings);
        for (const Error& error : cache.load())
            findings.bad(describe(error));
        bundle = cache.bundle(station.id);
        const UtcTime now = SystemClock().now();
        if (!bundle) {
            findings.bad(u"no bundle yet: `loa-playout run` fetches it (chưa có bản kê phát)"_s);
        } else {
            const QString line = u"bundle %1, valid until %2, %3 sessions"_s.arg(bundle->version)
                                     .arg(loa::toString(bundle->validUntil))
                                     .arg(bundle->sessions.size());
            bundle->validUntil > now ? findings.good(line) : findings.bad(line + u": over (đã hết hạn)"_s);
            const auto missing = cache.missing(now);
            if (!missing.empty())
                findings.bad(u"%1 media files are not here yet"_s.arg(missing.size()));
            tellOutputs(*bundle, station, findings);
            tellNextSession(*bundle, station, disk, clock, now, findings);
        }
    }
    if (question.open || question.tone)
        openOutputs(station, bundle.get(), question.tone, findings);
}

// Who is believed over https.
void tellAuthorities(const Configuration& configuration, Findings& findings)
{
    for (const QString& path : {configuration.http.caFile, configuration.relayNetworks.caFile}) {
        if (path.isEmpty())
            continue;
        if (const auto read = checkAuthorities(path); !read)
            findings.bad(describe(read.error()));
    }
}

void checkIdentity(const Seating& seating, Findings& findings)
{
    if (!seating.identity) {
        findings.bad(describe(seating.identity.error()));
        return;
    }
    findings.good(u"enrolled as %1"_s.arg(seating.identity->agent.value));
    if (!QFileInfo::exists(journalPath(seating.folder)))
        return;
    const auto key = SigningKey::load(keyPath(seating.folder));
    const Result<LogReport> log =
        key ? verifyLog(journalPath(seating.folder), key->verifyKey()) : Result<LogReport>(passOn(key));
    if (!log)
        findings.bad(describe(log.error()));
    else if (log->faultCount > 0)
        findings.bad(u"the log does not hold: %1 faults"_s.arg(log->faultCount));
    else
        findings.good(u"log of %1 entries holds"_s.arg(log->entries));
}

} // namespace

int checkCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Judges an installation: configuration, identity, clock, bundle, media, log, and what would happen at the "
        u"next\n"
        "session. Exit 0: all is well; 2: something is not.\nKiểm tra máy phát trước khi chạy."_s);
    parser.addOptions({{u"config"_s, u"Configuration (see config/playout.toml)"_s, u"FILE"_s},
                       {u"open"_s, u"Open every output for a second of silence; the agent must not be running"_s},
                       {u"tone"_s, u"As --open, with a soft tone of 1 kHz, inside the station's hours alone"_s}});
    if (const auto code = parseOptions(parser, arguments, {u"config"_s}))
        return *code;
    auto configuration = loadConfiguration(parser.value(u"config"_s));
    if (!configuration)
        return report(configuration.error());
    Findings findings;
    print(u"configuration %1"_s.arg(parser.value(u"config"_s)));
    findings.good(u"%1 stations"_s.arg(configuration->agent.stations.size()));
    const ClockState kernel = KernelClockTrust().state();
    const ClockState clock = configuration->clock == ClockSource::Trust ? ClockState::Assumed : kernel;
    if (clock == ClockState::Untrusted)
        findings.bad(u"clock: the kernel does not call it synchronised; nothing starts until it does (đồng hồ chưa "
                     "đồng bộ)"_s);
    else
        findings.good(u"clock %1"_s.arg(toString(clock)));
    tellAuthorities(*configuration, findings);
    const std::vector<Seating> seatings = seatingOf(*configuration);
    for (const Seating& seating : seatings)
        checkIdentity(seating, findings);
    const Question question{parser.isSet(u"open"_s), parser.isSet(u"tone"_s)};
    std::unique_ptr<StateLock> lock;
    if (question.open || question.tone) {
        auto taken = StateLock::take(configuration->state);
        if (!taken)
            return report(taken.error());
        lock = *std::move(taken);
    }
    for (const Seating& seating : seatings) {
        for (const AgentStation& station : seating.stations)
            checkStation(*configuration, seating.identity ? &*seating.identity : nullptr, station, clock, question,
                         findings);
    }
    print(findings.faults() == 0 ? u"All is well (tốt)"_s : u"%1 faults (lỗi)"_s.arg(findings.faults()));
    return findings.faults() == 0 ? 0 : exitRefused;
}

} // namespace loa::playout
