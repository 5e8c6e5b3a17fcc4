// Whether an agent that has played for a month is as small as on its first day: the agent with its cache and journal on
// disk, proof, decoder, mix, limiter, encoder and output, thirty days as fast as they go, its scheduler away all the
// time.
#include "playout/agent/agent.h"
#include "playout/agent/identity.h"
#include "playout/cache/real_disk.h"
#include "playout/proof/reference_shelf.h"
#include "tests/bench/furnished_agent.h"
#include "tests/bench/program.h"
#include "tests/playout/output/ports.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>

using namespace loa;
using namespace loa::bench;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;

namespace {

constexpr int days = 30;
constexpr int sessionsADay = 2;
constexpr int firstDay = 10; // from there on the slope is taken: SQLite's cache is full by then
constexpr std::size_t items = 5;

class AbsentScheduler final : public SchedulerLink {
public:
    void fetchBundle(const StationId& station, std::int64_t) override { put(BundleReply{station, away()}); }
    void fetchMedia(const Sha256& sha256, std::int64_t, std::int64_t) override { put(MediaReply{sha256, away()}); }
    void sendEntries(const std::vector<SignedLogEntry>&) override { put(EntriesReply{away()}); }
    void fetchSheet(const StationId& station) override { put(SheetReply{station, {}, {}, away()}); }
    void sendAnswers(const std::vector<Acknowledgement>& answers) override { put(AnswersReply{answers, away()}); }
    void sendStatus(const QJsonObject&) override { put(StatusReply{away()}); }
    [[nodiscard]] std::vector<LinkReply> takeReplies() override { return std::exchange(m_replies, {}); }

private:
    static tl::unexpected<Error> away()
    {
        return fail(ErrorCategory::Unavailable, {QStringLiteral("vắng mặt"), QStringLiteral("away")});
    }
    void put(LinkReply reply) { m_replies.push_back(std::move(reply)); }

    std::vector<LinkReply> m_replies;
};

// Of the least squares, in the unit of `values` a day.
double slopeOf(std::span<const double> values)
{
    double sumX = 0;
    double sumY = 0;
    double sumXY = 0;
    double sumXX = 0;
    for (std::size_t index = 0; index < values.size(); ++index) {
        const auto x = static_cast<double>(index);
        sumX += x;
        sumY += values[index];
        sumXY += x * values[index];
        sumXX += x * x;
    }
    const auto count = static_cast<double>(values.size());
    return (count * sumXY - sumX * sumY) / (count * sumXX - sumX * sumX);
}

// What went wrong; empty: nothing.
std::string playAMonth(benchmark::State& state, const QString& folder)
{
    Furniture furniture;
    furniture.media = folder;
    for (unsigned item = 0; item < items; ++item)
        furniture.houses.push_back(makeHouseFile(QDir(folder), 60 * sampleRate, item + 1));
    ManualClock clock(UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 11 / 1)));
    furniture.issued = clock.now();
    for (int session = 0; session < days * sessionsADay; ++session)
        furniture.sessions.push_back(clock.now() + 5h + session * 24h / sessionsADay);
    const QString stateFolder = folder + QStringLiteral("/agent");
    furnishAgent(stateFolder, furniture);
    for (HouseFile& house : furniture.houses)
        house.samples = {};

    const int sink = ::socket(AF_INET, SOCK_DGRAM, 0); // takes what fits, and throws away the rest
    OutputConfig output;
    output.name = benchOutput;
    output.device = QStringLiteral("rtp");
    output.url = QStringLiteral("rtp://127.0.0.1:%1").arg(bindToFreePort(sink));
    output.codec = media::AudioCodec::Mp3;
    const auto identity = loadIdentity(stateFolder);
    const auto key = SigningKey::load(keyPath(stateFolder));
    if (!identity || !key)
        return "no identity";
    AgentSettings settings;
    settings.id = identity->agent;
    settings.stations = {{benchStation, {output}}};
    JournalSettings journalSettings;
    journalSettings.path = journalPath(stateFolder);
    journalSettings.agent = identity->agent;
    journalSettings.durable = false; // a month of waiting for the disk
    auto journal = Journal::open(journalSettings, *key);
    if (!journal)
        return describe(journal.error()).toStdString();
    RealDisk disk(stateFolder);
    Cache cache(disk, {identity->schedulerKey, {benchStation}});
    const auto pathOf = [&disk](const Sha256& hash) { return disk.path(QStringLiteral("media/") + toString(hash)); };
    BlockingFileSourceFactory sources(pathOf);
    ReferenceShelf references(stateFolder + QStringLiteral("/references"), pathOf);
    Prover prover([&references](const Sha256& hash) { return references.find(hash); }, Prover::Mode::InFlush);
    const AssumedClockTrust trust;
    AbsentScheduler link;
    SteppedPlayer* player = nullptr;
    const auto makePlayer = [&player](const PlayerSettings& station) -> Result<std::unique_ptr<Player>> {
        auto made = SteppedPlayer::create(station);
        if (!made)
            return passOn(made);
        player = made->get();
        return std::unique_ptr<Player>(*std::move(made));
    };
    auto agent = Agent::create(
        settings,
        {clock, trust, link, cache, **journal, sources, makePlayer, {}, &prover, [&references](const Sha256& hash) {
             references.want(hash);
         }});
    if (!agent)
        return describe(agent.error()).toStdString();

    std::vector<double> kib;
    const UtcTime begin = clock.now();
    for (int day = 1; day <= days; ++day) {
        for (const UtcTime midnight = begin + day * 24h; clock.now() < midnight;) {
            player->advanceTo(clock.now());
            (*agent)->step();
            const UtcTime next = std::clamp<UtcTime>((*agent)->nextWake(), clock.now() + 1ms, midnight);
            clock.advance(next - clock.now());
        }
        kib.push_back(usageOf(QCoreApplication::applicationPid()).rssMegabytes * 1024);
    }
    ::close(sink);
    const auto entries = (*journal)->entries(1, 1'000'000);
    if (!entries)
        return describe(entries.error()).toStdString();
    const auto complete = std::count_if(entries->begin(), entries->end(), [](const SignedLogEntry& signedEntry) {
        return signedEntry.entry.kind == EntryKind::Airing && signedEntry.entry.outcome == Outcome::Complete;
    });
    if (complete != days * sessionsADay * static_cast<int>(items))
        return "of 300 airings " + std::to_string(complete) + " are complete in the log";
    state.counters["rss_kib_day_1"] = kib.front();
    state.counters["rss_kib_day_10"] = kib[firstDay - 1];
    state.counters["rss_kib_day_30"] = kib.back();
    state.counters["slope_kib_a_day"] = slopeOf(std::span(kib).subspan(firstDay - 1));
    return {};
}

void aMonthOfSound(benchmark::State& state)
{
    for ([[maybe_unused]] auto iteration : state) {
        mallopt(M_ARENA_MAX, 1); // as loa-playout's main() asks for
        mallopt(M_MMAP_THRESHOLD, 64 * 1024);
        malloc_trim(0); // what benchmarks before this one left
        QTemporaryDir folder;
        if (const std::string fault = playAMonth(state, folder.path()); !fault.empty())
            state.SkipWithError(fault.c_str());
    }
}

BENCHMARK(aMonthOfSound)->Iterations(1)->Unit(benchmark::kSecond);

} // namespace
