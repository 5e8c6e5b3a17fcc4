// The routes of each topic, as router.cpp joins them. Each is a table of one .cpp.
#pragma once

#include "scheduler/api/router.h"

#include <span>

namespace loa::api {

[[nodiscard]] std::span<const Route> serviceRoutes();
[[nodiscard]] std::span<const Route> sessionRoutes();
[[nodiscard]] std::span<const Route> userRoutes();
[[nodiscard]] std::span<const Route> unitRoutes();
[[nodiscard]] std::span<const Route> stationRoutes();
[[nodiscard]] std::span<const Route> importRoutes();
[[nodiscard]] std::span<const Route> hoursRoutes();
[[nodiscard]] std::span<const Route> calendarRoutes();
[[nodiscard]] std::span<const Route> templateRoutes();
[[nodiscard]] std::span<const Route> relayRoutes();
[[nodiscard]] std::span<const Route> specialDayRoutes();
[[nodiscard]] std::span<const Route> presetRoutes();
[[nodiscard]] std::span<const Route> itemRoutes();
[[nodiscard]] std::span<const Route> decisionRoutes();
[[nodiscard]] std::span<const Route> uploadRoutes();
[[nodiscard]] std::span<const Route> mediaRoutes();
[[nodiscard]] std::span<const Route> scheduleRoutes();
[[nodiscard]] std::span<const Route> planRoutes();
[[nodiscard]] std::span<const Route> previewRoutes();
[[nodiscard]] std::span<const Route> editRoutes();
[[nodiscard]] std::span<const Route> complianceRoutes();
[[nodiscard]] std::span<const Route> auditRoutes();
[[nodiscard]] std::span<const Route> fleetRoutes();
[[nodiscard]] std::span<const Route> commandRoutes();
[[nodiscard]] std::span<const Route> agentRoutes();

} // namespace loa::api
