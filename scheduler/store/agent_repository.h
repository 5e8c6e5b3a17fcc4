// Agents, the stations that each carries or has carried, enrolment codes and the nonces of signed requests. Storage
// thread; borrows the database. Codes are stored as hashes alone. Errors: NotFound, Conflict, Unauthorized (code),
// Storage.
#pragma once

#include "scheduler/contract/station_condition.h"
#include "scheduler/model/organisation.h"
#include "scheduler/store/database.h"

#include <QHash>

#include <span>

namespace loa::store {

struct EnrolmentCode {
    QString name; // what the agent shall be called
    std::vector<StationId> stations;
    std::optional<UserId> createdBy;
    UtcTime createdAt;
    UtcTime expiresAt;
};

// What an agent says of itself.
struct AgentReport {
    QString software;
    ClockState clock = ClockState::Untrusted;
    std::int64_t journalBacklog = 0;
    // Version of the bundle that it obeys, for each station.
    std::vector<std::pair<StationId, std::int64_t>> bundles;
    std::vector<StationCondition> stations = {};
};

class AgentRepository {
public:
    explicit AgentRepository(Database& database) : m_database(database) {}

    // A key enrols once. The agent carries its stations from now on; who carried them before no longer does.
    [[nodiscard]] Result<void> add(const model::Agent& agent);
    [[nodiscard]] Result<void> carry(const AgentId& agent, std::span<const StationId> stations, UtcTime now);
    [[nodiscard]] Result<void> revoke(const AgentId& agent, UtcTime now);

    [[nodiscard]] Result<model::Agent> find(const AgentId& id);
    [[nodiscard]] Result<std::optional<model::Agent>> findByKey(const VerifyKey& key);
    [[nodiscard]] Result<std::vector<model::Agent>> all(); // by name
    // Carries it now or has carried it: a log may come late.
    [[nodiscard]] Result<bool> hasCarried(const AgentId& agent, const StationId& station);

    [[nodiscard]] Result<void> report(const AgentId& agent, const AgentReport& report, UtcTime now);
    [[nodiscard]] Result<void> seen(const AgentId& agent, UtcTime now);
    // As last reported; absent when the station's agent has not said.
    [[nodiscard]] Result<std::optional<std::int64_t>> bundleVersionOnAgent(const StationId& station);

    // Of stations that are carried now, as last reported.
    [[nodiscard]] Result<QHash<StationId, StationCondition>> conditions();

    // Makes a code of 20 letters and digits in groups, shown once; only its hash is kept.
    [[nodiscard]] Result<QString> addCode(const EnrolmentCode& code);
    // Uses the code up. Error: Unauthorized when unknown, used or expired, in the same words.
    // The agent must be stored already.
    [[nodiscard]] Result<EnrolmentCode> useCode(const QString& code, const AgentId& agent, UtcTime now);
    // What the code is for, when it may be used now; same error.
    [[nodiscard]] Result<EnrolmentCode> usableCode(const QString& code, UtcTime now);

    // The agent that used the code up, if one did: an answer may have been lost on its way to it.
    [[nodiscard]] Result<std::optional<AgentId>> codeUsedBy(const QString& code);

    // True when the nonce was not seen from this agent since `forgetBefore`; older ones are forgotten.
    [[nodiscard]] Result<bool> takeNonce(const AgentId& agent, const QByteArray& nonce, UtcTime now,
                                         UtcTime forgetBefore);

private:
    [[nodiscard]] Result<EnrolmentCode> findCode(const QString& hash);
    [[nodiscard]] Result<std::vector<model::Agent>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
