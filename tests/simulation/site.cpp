#include "tests/simulation/site.h"

#include <algorithm>

namespace loa::simulation {

using namespace std::chrono_literals;

void Witness::note(const playout::AiringRecord& record)
{
    Heard& heard = m_earlier.contains({record.airing, record.output}) ? m_joined : m_heard;
    FrameCount& frames = heard[{record.airing, record.output}];
    frames = std::max(frames, record.frames);
}

void Witness::airingBegan(const playout::AiringRecord& soFar)
{
    note(soFar);
    m_next.airingBegan(soFar);
}

void Witness::airingProgress(const playout::AiringRecord& soFar)
{
    note(soFar);
    m_next.airingProgress(soFar);
}

void Witness::airingEnded(const playout::AiringRecord& record)
{
    note(record);
    m_next.airingEnded(record);
}

Site::Site(Events& events, const Clock& clock, Office& office, const VerifyKey& officeKey, StationId station,
           std::vector<QString> outputs, LinkFaults faults, std::uint8_t number, std::uint32_t seed)
    : m_clock(clock), m_officeKey(officeKey), m_station(std::move(station)), m_outputs(std::move(outputs)),
      m_key(SigningKey::fromSeed({42, number}))
{
    m_agentId = office.enrol(m_station, m_key.verifyKey()).id;
    m_link = std::make_unique<SimulatedLink>(events, clock, office, m_agentId, faults, seed);
}

Site::~Site()
{
    cutPower();
}

void Site::boot()
{
    m_cache = std::make_unique<playout::Cache>(m_disk, playout::CacheSettings{m_officeKey, {m_station}});
    playout::JournalSettings journal;
    journal.path = m_folder.filePath(QStringLiteral("journal.db"));
    journal.agent = m_agentId;
    journal.durable = false;
    m_journal = must(playout::Journal::open(journal, m_key));

    playout::AgentSettings settings;
    settings.id = m_agentId;
    settings.software = QStringLiteral("loa-playout simulation");
    playout::AgentStation station{m_station, {}};
    for (const QString& output : m_outputs) {
        playout::OutputConfig config;
        config.name = output;
        config.device = QStringLiteral("null");
        station.outputs.push_back(config);
    }
    settings.stations = {station};
    settings.checkpoint = 5s;
    settings.poll = 15min;
    settings.status = 1h;
    settings.mediaPart = 2000;
    const auto players = [this](const playout::PlayerSettings& asked) -> Result<std::unique_ptr<playout::Player>> {
        m_witnesses.push_back(std::make_unique<Witness>(asked.observer, m_heard, m_joined));
        auto player = playout::SteppedPlayer::create(
            {asked.station, asked.outputs, asked.sources, asked.clock, *m_witnesses.back()});
        if (!player)
            return passOn(player);
        m_players.push_back(player->get());
        return std::unique_ptr<playout::Player>(*std::move(player));
    };
    m_agent =
        must(playout::Agent::create(settings, {m_clock, m_trust, *m_link, *m_cache, *m_journal, m_sources, players}));
    m_nextWake = m_clock.now();
}

void Site::cutPower()
{
    m_agent.reset();
    m_players.clear();
    m_witnesses.clear();
    m_journal.reset();
    m_cache.reset();
    m_disk.cutPower();
    m_link->forget();
}

void Site::step()
{
    if (!isOn() || (m_clock.now() < m_nextWake && !m_link->hasReplies()))
        return;
    for (playout::SteppedPlayer* player : m_players)
        player->advanceTo(m_clock.now());
    m_agent->step();
    m_nextWake = m_agent->nextWake();
}

std::vector<SignedLogEntry> Site::journal() const
{
    return must(m_journal->entries(1, 1'000'000));
}

} // namespace loa::simulation
