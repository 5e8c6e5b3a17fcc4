// What several routes read of a station's plan: a span of local days, and titles by item. Storage thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/api/http/message.h"
#include "scheduler/planner/difference.h"

#include <QHash>
#include <QJsonObject>
#include <QTimeZone>

#include <memory>
#include <span>
#include <vector>

namespace loa::api {

inline constexpr qsizetype mostStationsNamed = 1000; // by a request to plan them, or to preview that

struct PlannedSpan {
    QDate from;
    QDate to;
    model::Station station;
    QTimeZone zone;
    std::vector<model::Session> sessions;       // by start
    std::vector<planner::Placement> placements; // by session start, then offset
};

// Of the station `id` in the path, from and to in the query, both included, at most `mostDays`. Errors as a route
// answers them.
[[nodiscard]] Result<PlannedSpan> plannedSpan(const Request& request, Context& context, int mostDays);

// Items by id, each read once. Lives for one request.
class ItemsById {
public:
    explicit ItemsById(Context& context) : m_context(context) {}
    // Good until this is destroyed. The reports of its recordings are left out.
    [[nodiscard]] Result<const model::Item*> find(const ItemId& id);

private:
    Context& m_context;
    QHash<ItemId, std::shared_ptr<const model::Item>> m_items;
};

// {"added":[…],"moved":[…],"removed":[…]}. `gone`: sessions that the question may not name any more.
[[nodiscard]] Result<QJsonObject> differenceJson(const planner::PlanDifference& difference,
                                                 const planner::PlanInput& input, ItemsById& items,
                                                 std::span<const model::Session> gone = {});

} // namespace loa::api
