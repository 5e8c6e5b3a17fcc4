// Looks again at everything that agents logged: every signature, every link of the chain, what is missing and what came
// twice. It trusts nothing that the database says about the entries, only the agents' public keys. Storage thread (or a
// program of its own).
#pragma once

#include "scheduler/store/store.h"

#include <QJsonObject>
#include <QString>

#include <cstdint>
#include <vector>

namespace loa::commands {

struct LogFinding {
    std::int64_t sequence = 0;
    QString kind; // "entry", "link", "gap", "fork", "index"
    Text message;
};

struct AgentLogReport {
    AgentId agent;
    QString name;
    std::int64_t entries = 0;
    std::int64_t last = 0;            // highest number stored
    std::int64_t acknowledged = 0;    // every entry from 1 to here is stored
    std::vector<LogFinding> findings; // by number; at most maxFindings
    std::int64_t findingCount = 0;
};
inline constexpr std::size_t maxFindings = 200;

struct LogReport {
    std::vector<AgentLogReport> agents; // by name
    std::int64_t auditRecords = 0;
    std::optional<Error> auditFault;

    [[nodiscard]] bool isInOrder() const;
};

// Error: Storage alone; what is wrong with the logs stands in the report.
[[nodiscard]] Result<LogReport> checkLogs(store::Store& store);
[[nodiscard]] QJsonObject toJson(const LogReport& report);
[[nodiscard]] QString toText(const LogReport& report);

} // namespace loa::commands
