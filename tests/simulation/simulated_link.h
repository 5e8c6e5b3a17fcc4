// The way between an agent and the office, in simulated time: it takes its time, loses requests and answers, delivers
// some twice or late, and can be cut. Every request still gets exactly one reply, if need be that none came, as the
// real link promises. One thread.
#pragma once

#include "playout/link/scheduler_link.h"
#include "tests/simulation/events.h"
#include "tests/simulation/office.h"

#include <memory>

namespace loa::simulation {

struct LinkFaults {
    int requestLost = 0;     // of a thousand
    int answerLost = 0;      // the office did it, the agent does not hear of it
    int requestRepeated = 0; // arrives again, up to `latest` later
    int announcementLost = 0;
    std::chrono::milliseconds slowest{200}; // one way
    std::chrono::minutes latest{30};
};

class SimulatedLink final : public playout::SchedulerLink {
public:
    SimulatedLink(Events& events, const Clock& clock, Office& office, AgentId agent, LinkFaults faults,
                  std::uint32_t seed);

    bool online = true;

    // The agent's machine lost its power: what was on its way to it finds nobody.
    void forget();
    void announce(const StationId& station, std::int64_t version);
    [[nodiscard]] bool hasReplies() const { return !m_replies.empty(); }
    [[nodiscard]] int repeated() const { return m_repeated; }

    void fetchBundle(const StationId& station, std::int64_t knownVersion) override;
    void fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length) override;
    void sendEntries(const std::vector<SignedLogEntry>& entries) override;
    void fetchSheet(const StationId& station) override;
    void sendAnswers(const std::vector<Acknowledgement>& answers) override;
    void sendStatus(const QJsonObject& status) override;
    [[nodiscard]] std::vector<playout::LinkReply> takeReplies() override { return std::exchange(m_replies, {}); }

private:
    using Handle = std::function<playout::LinkReply()>;
    // `handle` is what the office does; `silence` the reply when no answer comes.
    void request(Handle handle, playout::LinkReply silence);
    void deliver(UtcTime when, playout::LinkReply reply);
    [[nodiscard]] UtcTime soon();

    Events& m_events;
    const Clock& m_clock;
    Office& m_office;
    AgentId m_agent;
    LinkFaults m_faults;
    Chance m_chance;
    std::vector<playout::LinkReply> m_replies;
    std::shared_ptr<int> m_life = std::make_shared<int>(0); // rises when the machine starts anew
    int m_repeated = 0;
    std::int64_t m_questions = 0;
};

} // namespace loa::simulation
