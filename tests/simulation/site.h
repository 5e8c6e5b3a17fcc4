// A commune's playout machine: the real agent, cache and journal, a disk in memory, null devices, and a power plug.
// Beside it stands a witness, who hears what the devices delivered and knows nothing of the log. One thread.
#pragma once

#include "playout/agent/agent.h"
#include "playout/cache/memory_disk.h"
#include "tests/simulation/simulated_link.h"

#include <QTemporaryDir>

#include <map>
#include <memory>

namespace loa::simulation {

// Most frames of an airing that left for an output in one life of the machine.
using Heard = std::map<std::pair<AiringId, QString>, FrameCount>;

class Witness final : public playout::DeliveryObserver {
public:
    // What was heard in an earlier life already goes to `joined`.
    Witness(playout::DeliveryObserver& next, Heard& heard, Heard& joined)
        : m_next(next), m_earlier(heard), m_heard(heard), m_joined(joined)
    {
    }

    void airingBegan(const playout::AiringRecord& soFar) override;
    void airingProgress(const playout::AiringRecord& soFar) override;
    void airingEnded(const playout::AiringRecord& record) override;
    void sessionEnded(const StationId& station, const SessionId& session) override
    {
        m_next.sessionEnded(station, session);
    }
    void outputChanged(const playout::OutputEvent& event) override { m_next.outputChanged(event); }

private:
    void note(const playout::AiringRecord& record);

    playout::DeliveryObserver& m_next;
    const Heard m_earlier;
    Heard& m_heard;
    Heard& m_joined;
};

class Site {
public:
    // `number` seeds the agent's key. `outputs`: speakers and archives.
    Site(Events& events, const Clock& clock, Office& office, const VerifyKey& officeKey, StationId station,
         std::vector<QString> outputs, LinkFaults faults, std::uint8_t number, std::uint32_t seed);
    ~Site();

    void boot();
    void cutPower();
    [[nodiscard]] bool isOn() const { return m_agent != nullptr; }

    // Everything due now. Nothing when it is not time or the power is off.
    void step();
    [[nodiscard]] UtcTime nextWake() const { return isOn() ? m_nextWake : UtcTime::max(); }

    [[nodiscard]] SimulatedLink& link() { return *m_link; }
    [[nodiscard]] const StationId& station() const { return m_station; }
    [[nodiscard]] const std::vector<QString>& outputs() const { return m_outputs; }
    [[nodiscard]] const AgentId& agent() const { return m_agentId; }
    [[nodiscard]] VerifyKey key() const { return m_key.verifyKey(); }
    // In the first life that played it, and in later ones.
    [[nodiscard]] const Heard& heard() const { return m_heard; }
    [[nodiscard]] const Heard& joined() const { return m_joined; }
    // The journal as it lies on the machine.
    [[nodiscard]] std::vector<SignedLogEntry> journal() const;

private:
    const Clock& m_clock;
    VerifyKey m_officeKey;
    StationId m_station;
    std::vector<QString> m_outputs;
    SigningKey m_key;
    AgentId m_agentId;
    std::unique_ptr<SimulatedLink> m_link;
    QTemporaryDir m_folder;
    playout::MemoryDisk m_disk;
    playout::ManualClockTrust m_trust{ClockState::Synchronised};
    playout::SilenceSourceFactory m_sources;
    Heard m_heard;
    Heard m_joined;
    std::vector<std::unique_ptr<Witness>> m_witnesses;
    std::vector<playout::SteppedPlayer*> m_players; // the agent's
    std::unique_ptr<playout::Cache> m_cache;
    std::unique_ptr<playout::Journal> m_journal;
    std::unique_ptr<playout::Agent> m_agent;
    UtcTime m_nextWake;
};

} // namespace loa::simulation
