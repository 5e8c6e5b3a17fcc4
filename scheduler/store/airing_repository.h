// The airing logs of all agents, as received and verified; judging what comes in is scheduler/fleet/airing_intake.h.
// Entries are added and never changed or removed. Storage thread; borrows the database. Promise 4.
#pragma once

#include "scheduler/contract/airing.h"
#include "scheduler/store/database.h"

#include <span>

namespace loa::store {

// Something in a log that must not be: two entries with one number, or an entry that does not continue the one before
// it.
struct LogIncident {
    enum class Kind { Fork, BrokenLink };
    AgentId agent;
    std::int64_t sequence = 0;
    Kind kind = Kind::Fork;
    SignedLogEntry entry; // fork: the one that came second; broken link: the later of the two
    UtcTime noticedAt;
    bool operator==(const LogIncident&) const = default;
};
[[nodiscard]] QString toString(LogIncident::Kind kind); // "fork", "broken-link"

struct SequenceRange {
    std::int64_t first = 0;
    std::int64_t last = 0; // inclusive
    bool operator==(const SequenceRange&) const = default;
};

// What the log of one agent looks like from here.
struct LogState {
    std::int64_t acknowledgedThrough = 0; // every entry from 1 to here is stored
    std::int64_t last = 0;                // highest number stored
    std::vector<SequenceRange> gaps;      // missing between the two
    std::vector<LogIncident> incidents;
};

class AiringRepository {
public:
    explicit AiringRepository(Database& database) : m_database(database) {}

    // Conflict when the number is taken.
    [[nodiscard]] Result<void> add(const SignedLogEntry& entry, UtcTime receivedAt);
    [[nodiscard]] Result<std::optional<SignedLogEntry>> find(const AgentId& agent, std::int64_t sequence);
    // From `first` on, in order, at most `limit`.
    [[nodiscard]] Result<std::vector<SignedLogEntry>> entries(const AgentId& agent, std::int64_t first, int limit);
    // Idempotent.
    [[nodiscard]] Result<void> addIncident(const LogIncident& incident);

    // Moves the acknowledgement over what is stored without a gap, and gives it.
    [[nodiscard]] Result<std::int64_t> advanceAcknowledgement(const AgentId& agent);
    [[nodiscard]] Result<LogState> state(const AgentId& agent);

    // Airings (not events) of the station whose planned start lies in [from, until), by planned start, output, agent,
    // sequence.
    [[nodiscard]] Result<std::vector<SignedLogEntry>> ofStation(const StationId& station, UtcTime from, UtcTime until);

    // What monitors say of such airings.
    [[nodiscard]] Result<std::vector<SignedLogEntry>> heardAt(const StationId& station, UtcTime from, UtcTime until);

    // How many such airings there are from `from` on.
    [[nodiscard]] Result<std::int64_t> countOfStation(const StationId& station, UtcTime from);

private:
    [[nodiscard]] Result<std::vector<SignedLogEntry>> select(const QString& rest, const Values& values);

    Database& m_database;
};

} // namespace loa::store
