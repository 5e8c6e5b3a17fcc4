// Checks a journal's file from outside, without the agent and its secret: chain, hashes and signatures of every entry,
// oldest first. Thread: any. Reads only; the agent may be running. Failure: Storage or NotFound when the file cannot be
// read at all.
#pragma once

#include "scheduler/contract/airing.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace loa::playout {

struct LogFault {
    std::int64_t sequence = 0; // as the row is numbered
    Error error;
};

struct LogReport {
    std::int64_t entries = 0;
    std::int64_t first = 0; // above 1: older ones were removed after their retention
    std::int64_t last = 0;
    std::map<QString, std::int64_t> outcomes; // by word; "event" for events
    std::vector<LogFault> faults;             // the first 100
    std::int64_t faultCount = 0;
};

// `each` sees every readable entry.
[[nodiscard]] Result<LogReport> verifyLog(const QString& journalPath, const VerifyKey& agentKey,
                                          const std::function<void(const SignedLogEntry&)>& each = {});

} // namespace loa::playout
