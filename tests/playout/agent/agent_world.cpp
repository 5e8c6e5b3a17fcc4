#include "tests/playout/agent/agent_world.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace loa::playout::test {

void TestScheduler::fetchBundle(const StationId& station, std::int64_t knownVersion)
{
    ++bundleRequests;
    if (!online)
        m_replies.push_back(BundleReply{station, fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")})});
    else
        m_replies.push_back(BundleReply{station, versions[station] == knownVersion ? QByteArray() : bundles[station]});
}

void TestScheduler::fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length)
{
    if (!online)
        m_replies.push_back(MediaReply{sha256, fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")})});
    else if (!media.contains(sha256))
        m_replies.push_back(MediaReply{sha256, fail(ErrorCategory::NotFound, {{}, QStringLiteral("no such file")})});
    else
        m_replies.push_back(MediaReply{sha256, MediaPart{offset, media[sha256].mid(offset, length)}});
}

void TestScheduler::sendEntries(const std::vector<SignedLogEntry>& sent)
{
    if (!online) {
        m_replies.push_back(EntriesReply{fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")})});
        return;
    }
    for (const SignedLogEntry& entry : sent) {
        const auto [place, isNew] = entries.try_emplace(entry.entry.sequence, entry);
        duplicates += isNew ? 0 : 1;
        forks += place->second == entry ? 0 : 1;
    }
    std::int64_t through = 0;
    while (entries.contains(through + 1))
        ++through;
    if (loseAnswers)
        m_replies.push_back(EntriesReply{fail(ErrorCategory::Unavailable, {{}, QStringLiteral("answer lost")})});
    else
        m_replies.push_back(EntriesReply{EntriesReceipt{through + lieAboutAcknowledged, {}}});
}

void TestScheduler::fetchSheet(const StationId& station)
{
    ++sheetRequests;
    const QByteArray challenge = "nonce-" + QByteArray::number(sheetRequests);
    SheetReply reply{station, challenge, clock->monotonic(), QByteArray()};
    if (!online)
        reply.sealed = fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")});
    else
        reply.sealed = sealSheet({station, answerOtherChallenge.isEmpty() ? challenge : answerOtherChallenge,
                                  clock->now() + clockOffset, waiting[station]},
                                 *key);
    m_replies.push_back(std::move(reply));
}

void TestScheduler::sendAnswers(const std::vector<Acknowledgement>& sent)
{
    if (online)
        answers.insert(answers.end(), sent.begin(), sent.end());
    m_replies.push_back(AnswersReply{sent, online ? Result<void>()
                                                  : fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")})});
}

void TestScheduler::sendStatus(const QJsonObject& status)
{
    if (online)
        statuses.push_back(status);
    m_replies.push_back(
        StatusReply{online ? Result<void>() : fail(ErrorCategory::Unavailable, {{}, QStringLiteral("offline")})});
}

QByteArray audioOf(int number)
{
    return QByteArray::number(number) + QByteArray(World::mediaBytes, static_cast<char>('a' + number % 26));
}

World::World(UtcTime start) : clock(start)
{
    settings.id = {QStringLiteral("agent-1")};
    settings.software = QStringLiteral("loa-playout test");
    OutputConfig output;
    output.name = QStringLiteral("loa");
    output.device = QStringLiteral("null");
    settings.stations = {{station, {output}}};
    settings.mediaPart = 1000;
    scheduler.key = &schedulerKey;
    scheduler.clock = &clock;
}

Bundle World::blank(std::int64_t version) const
{
    Bundle bundle;
    bundle.station = station;
    bundle.stationName = QStringLiteral("Đài xã Thử");
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = version;
    bundle.issuedAt = clock.now();
    bundle.validFrom = clock.now();
    bundle.validUntil = clock.now() + 40 * day;
    bundle.outputs = {{QStringLiteral("loa"), {}}};
    HoursPolicy policy;
    policy.id = {QStringLiteral("policy-1")};
    policy.name = QStringLiteral("5:00-21:00");
    policy.decision = QStringLiteral("QĐ thử");
    policy.validFrom = QDate(2021, 1, 1);
    for (auto& weekday : policy.week)
        weekday = {{std::chrono::hours(5), std::chrono::hours(21)}};
    bundle.policies = {policy};
    return bundle;
}

void World::addSession(Bundle& bundle, int number, UtcTime startsAt, const std::vector<TestItem>& items)
{
    BundleSession session;
    session.id = sessionId(number);
    session.title = QStringLiteral("Buổi %1").arg(number);
    session.startsAt = startsAt;
    FrameCount offset;
    for (const TestItem& item : items) {
        const QByteArray audio = audioOf(item.number);
        const FrameCount frames{item.seconds * sampleRate};
        BundleMedia media;
        media.sha256 = sha256(audio);
        media.bytes = audio.size();
        media.frames = frames;
        media.item = {QStringLiteral("item-%1").arg(item.number)};
        media.itemVersion = 1;
        media.title = QStringLiteral("Tin %1").arg(item.number);
        media.approval = {{QStringLiteral("user-1")}, QStringLiteral("Lê Thị Duyệt"), bundle.issuedAt};
        if (std::none_of(bundle.media.begin(), bundle.media.end(),
                         [&](const BundleMedia& known) { return known.sha256 == media.sha256; }))
            bundle.media.push_back(media);
        session.airings.push_back(
            {airingId(number, item.number), media.item, media.sha256, offset, frames, item.priority});
        offset += frames;
    }
    session.frames = offset;
    bundle.sessions.push_back(session);
    std::sort(bundle.media.begin(), bundle.media.end(),
              [](const BundleMedia& a, const BundleMedia& b) { return a.sha256 < b.sha256; });
}

void World::offer(std::initializer_list<int> items)
{
    for (const int item : items)
        scheduler.media[sha256(audioOf(item))] = audioOf(item);
}

void World::offerAll(int from, int until)
{
    for (int item = from; item < until; ++item)
        offer({item});
}

void World::publish(const Bundle& bundle)
{
    const auto sealed = sealBundle(bundle, schedulerKey);
    if (!sealed)
        FAIL(describe(sealed.error()).toStdString());
    scheduler.bundles[bundle.station] = *sealed;
    scheduler.versions[bundle.station] = bundle.version;
    scheduler.announce(bundle.station, bundle.version);
}

void World::cutPower()
{
    agent.reset();
    players.clear();
    journal.reset();
    cache.reset();
    disk.cutPower();
    (void)scheduler.takeReplies();
}

void World::boot()
{
    if (agent)
        cutPower();
    CacheSettings cacheSettings;
    cacheSettings.scheduler = schedulerKey.verifyKey();
    cacheSettings.stations = {station};
    cacheSettings.budgetBytes = cacheBudget;
    cache = std::make_unique<Cache>(disk, cacheSettings);
    JournalSettings journalSettings;
    journalSettings.path = folder.filePath(QStringLiteral("journal.db"));
    journalSettings.agent = settings.id;
    journalSettings.durable = false;
    auto opened = Journal::open(journalSettings, agentKey);
    if (!opened)
        FAIL(describe(opened.error()).toStdString());
    journal = *std::move(opened);
    auto factory = [this](const PlayerSettings& playerSettings) -> Result<std::unique_ptr<Player>> {
        auto player = SteppedPlayer::create(playerSettings);
        if (!player)
            return passOn(player);
        players.push_back(player->get());
        return std::unique_ptr<Player>(*std::move(player));
    };
    auto made = Agent::create(settings, {clock,
                                         *agentTrust,
                                         scheduler,
                                         *cache,
                                         *journal,
                                         *agentSources,
                                         factory,
                                         makeRoom,
                                         prover,
                                         [this](const Sha256& sha256) { wantedReferences.insert(sha256); },
                                         {},
                                         witness,
                                         relays,
                                         nullptr,
                                         findReference});
    if (!made)
        FAIL(describe(made.error()).toStdString());
    agent = *std::move(made);
    agent->step();
}

void World::runUntil(UtcTime until)
{
    while (true) {
        for (SteppedPlayer* player : players)
            player->advanceTo(clock.now());
        agent->step();
        if (clock.now() >= until)
            return;
        const UtcTime next = std::clamp<UtcTime>(agent->nextWake(), clock.now() + Duration(1000), until);
        clock.advance(next - clock.now());
    }
}

std::vector<LogEntry> World::log() const
{
    const auto entries = journal->entries(1, 1'000'000);
    REQUIRE(entries);
    const SignedLogEntry* last = nullptr;
    std::vector<LogEntry> read;
    for (const SignedLogEntry& entry : *entries) {
        if (const auto link = verifyLink(last, entry, agentKey.verifyKey()); !link)
            FAIL(describe(link.error()).toStdString());
        last = &entry;
        read.push_back(entry.entry);
    }
    return read;
}

std::map<std::pair<QString, QString>, LogEntry> World::airings() const
{
    std::map<std::pair<QString, QString>, LogEntry> found;
    for (const auto& [key, entries] : parts())
        found.emplace(key, entries.front());
    return found;
}

std::map<std::pair<QString, QString>, std::vector<LogEntry>> World::parts() const
{
    std::map<std::pair<QString, QString>, std::vector<LogEntry>> found;
    for (const LogEntry& entry : log()) {
        if (entry.kind != EntryKind::Airing)
            continue;
        std::vector<LogEntry>& before = found[{entry.airing.value, entry.output}];
        // A second entry is for what was joined after an interruption, and claims nothing of what came before.
        FrameCount claimed = entry.frames;
        for (const LogEntry& earlier : before) {
            if (earlier.reason != QStringLiteral("interrupted") || entry.outcome == Outcome::Complete)
                FAIL("two entries for " + entry.airing.value.toStdString());
            claimed += earlier.frames;
        }
        if (claimed > entry.plannedFrames)
            FAIL("more claimed than there is of " + entry.airing.value.toStdString());
        before.push_back(entry);
    }
    return found;
}

LogEntry World::airing(int session, int item, const QString& output) const
{
    const auto all = airings();
    const auto found = all.find({airingId(session, item).value, output});
    if (found == all.end())
        FAIL("no entry for " + airingId(session, item).value.toStdString());
    return found->second;
}

int World::events(const QString& reason) const
{
    const auto entries = log();
    return static_cast<int>(std::count_if(entries.begin(), entries.end(), [&](const LogEntry& entry) {
        return entry.kind == EntryKind::Event && entry.reason == reason;
    }));
}

} // namespace loa::playout::test
