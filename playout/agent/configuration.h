// The agent's configuration file (TOML), see config/playout.toml. Unknown keys are refused with their line. Values; one
// thread.
#pragma once

#include "playout/agent/agent.h"
#include "playout/link/http_link.h"

#include <QString>

namespace loa::playout {

enum class ClockSource { Kernel, Trust };

struct Configuration {
    HttpSettings http;
    QString state;
    ClockSource clock = ClockSource::Kernel;
    std::chrono::seconds holdover{0};
    std::chrono::seconds powerCut{0};
    std::int64_t mediaBudget = 0;
    std::chrono::days logRetention{0};
    RelayNetworks relayNetworks;
    std::optional<quint16> statusPort; // on loopback; absent: no page
    AgentSettings agent;               // without id; a station's id may be empty when the agent has one station
};

// Errors: those of readTomlFile(), with file and line.
[[nodiscard]] Result<Configuration> loadConfiguration(const QString& path);
[[nodiscard]] Result<Configuration> readConfiguration(QByteArrayView text, const QString& name);

// http:// is for loopback, or where the administrator allows it.
[[nodiscard]] bool needsPermission(const QUrl& scheduler);

} // namespace loa::playout
