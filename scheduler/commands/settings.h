// The scheduler's configuration file (config/scheduler.toml is the commented example). Values, any thread.
#pragma once

#include "media/error.h"
#include "scheduler/api/server.h"
#include "scheduler/fleet/planning.h"
#include "scheduler/library/ingest_queue.h"

#include <QString>

#include <chrono>
#include <optional>

namespace loa::commands {

enum class LogLevel { Debug, Info, Warning, Error };

struct Settings {
    QString data;
    QString presets; // empty: beside the program
    api::ServerSettings server;
    library::IngestSettings ingest;
    std::chrono::milliseconds planEvery = std::chrono::seconds(15); // looks for stations that wish a new plan
    std::chrono::minutes freezeAhead = fleet::Planning::standardFreezeAhead;
    std::optional<int> leastMatch; // 0 … 1000, of an airing that counts; none: not asked for
    LogLevel log = LogLevel::Info;
};

// Error: InvalidInput with file and line; NotFound; Storage.
[[nodiscard]] Result<Settings> readSettings(const QString& path);

} // namespace loa::commands
