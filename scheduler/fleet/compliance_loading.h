// Brings from the store what compliance judges by. Storage thread; borrows the store; holds the items as they stood
// when it was opened, so one loader serves one request. Errors: NotFound, Unsupported (time zone), Storage.
#pragma once

#include "scheduler/compliance/standing.h"
#include "scheduler/model/unit_tree.h"
#include "scheduler/store/store.h"

#include <optional>
#include <vector>

namespace loa::fleet {

class ComplianceLoader {
public:
    [[nodiscard]] static Result<ComplianceLoader> open(store::Store& store, UtcTime now,
                                                       std::optional<int> leastMatch = std::nullopt);

    [[nodiscard]] const model::UnitTree& tree() const { return m_tree; }

    // Obligations that are evidenced by airings, bind the station and are owed within [first, last], by plan and row.
    [[nodiscard]] Result<std::vector<model::Obligation>> obligations(const model::Station& station, QDate first,
                                                                     QDate last);

    // Everything that standing() asks for. Speaker clusters that were taken down count: what they sounded, sounded.
    [[nodiscard]] Result<compliance::ComplianceInput>
    input(const model::Station& station, const model::Obligation& obligation, const model::PeriodDates& period);

private:
    ComplianceLoader(store::Store& store, UtcTime now, std::optional<int> leastMatch)
        : m_store(&store), m_now(now), m_leastMatch(leastMatch)
    {
    }

    store::Store* m_store;
    UtcTime m_now;
    std::optional<int> m_leastMatch;
    model::UnitTree m_tree;
    std::vector<compliance::KnownItem> m_items;
};

} // namespace loa::fleet
