// The district's office: the real store in memory, the real planner, bundles, intake and compliance, one thread. What
// the HTTP API would do with a request, it does with a call. Failures of the house itself are exceptions: a simulation
// cannot go on.
#pragma once

#include "scheduler/compliance/standing.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/fleet/planning.h"
#include "scheduler/store/store.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace loa::simulation {

template <typename T>
T must(Result<T> result)
{
    if (!result)
        throw std::runtime_error(describe(result.error()).toStdString());
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

// A commune: its station, when it may sound (a preset of config/policies) and when it does.
struct Commune {
    const char* code;
    const char* name;
    const char* policy;
    const char* rrule;
    std::vector<const char*> startTimes;
    std::chrono::minutes length;
    std::vector<const char*> speakerOutputs; // one cluster each
    std::vector<const char*> archives;       // outputs of the agent that feed no speakers
    std::chrono::seconds relay{0};           // each session begins with a relay of that length
};

struct Programme {
    const char* id;
    const char* title;
    const char* topic;
    std::chrono::seconds length;
};

class Office {
public:
    Office(const Clock& clock, const SigningKey& key);

    StationId addStation(const Commune& commune);
    // An item of the district with audio, approved by a named person.
    void approve(const Programme& programme);
    model::Agent enrol(const StationId& station, const VerifyKey& key);

    // What an agent may ask, see scheduler_link.h. Empty: nothing newer.
    [[nodiscard]] QByteArray bundleAfter(const StationId& station, std::int64_t knownVersion);
    // No command waits: nobody in the simulation gives one.
    [[nodiscard]] Result<QByteArray> sheet(const StationId& station, const QByteArray& challenge) const;
    [[nodiscard]] Result<QByteArray> media(const Sha256& sha256, std::int64_t offset, std::int64_t length) const;
    [[nodiscard]] Result<std::pair<std::int64_t, int>>
    takeEntries(const AgentId& agent, const std::vector<SignedLogEntry>& entries); // acknowledged, rejected

    void onBundle(fleet::BundleListener listener) { m_listener = std::move(listener); }
    // Once a day for all stations.
    void wishAll();
    // Plans whatever wants it, if it is time: wishes are gathered for five minutes, so that the entries of one session
    // are one wish.
    void work();
    [[nodiscard]] UtcTime nextWork() const { return m_wished ? m_nextWork : UtcTime::max(); }

    [[nodiscard]] std::vector<model::Session> sessions(const StationId& station, QDate from, QDate until);
    [[nodiscard]] std::vector<planner::Placement> placements(const StationId& station, QDate from, QDate until);
    [[nodiscard]] std::vector<planner::Shortfall> shortfalls(const StationId& station);
    [[nodiscard]] std::vector<SignedLogEntry> log(const AgentId& agent);
    [[nodiscard]] store::LogState logState(const AgentId& agent);
    [[nodiscard]] compliance::StationStanding standing(const StationId& station, QDate month);

    [[nodiscard]] store::Store& store() { return m_store; }

private:
    void addPeople();
    void noteWish();
    [[nodiscard]] TemplateId relayFirst(const UnitId& unit, std::chrono::seconds length);

    const Clock& m_clock;
    const SigningKey& m_key;
    std::unique_ptr<store::Database> m_database;
    store::Store m_store;
    fleet::BundleListener m_listener;
    fleet::Planning m_planning;
    model::Unit m_district;
    model::User m_approver;
    std::map<Sha256, QByteArray> m_media;
    bool m_wished = false;
    UtcTime m_nextWork;
};

} // namespace loa::simulation
