// What compliance needs to know of one station, read once for any number of periods, and its standing in each. Storage
// thread.
#pragma once

#include "scheduler/api/context.h"
#include "scheduler/compliance/standing.h"

#include <QDate>
#include <QHash>

#include <optional>
#include <vector>

namespace loa::api {

// Items as compliance knows them, read once for all stations of one request.
class KnownItems {
public:
    explicit KnownItems(Context& context) : m_context(context) {}
    // Null for an id that no item has.
    [[nodiscard]] Result<const compliance::KnownItem*> find(const ItemId& id);
    [[nodiscard]] Result<const model::Item*> item(const ItemId& id);

private:
    [[nodiscard]] Result<void> load(const ItemId& id);

    Context& m_context;
    std::optional<QHash<TopicId, QString>> m_groups;
    struct Entry {
        std::optional<model::Item> item;
        compliance::KnownItem known;
    };
    QHash<ItemId, Entry> m_items;
};

class StationLedger {
public:
    // Log and plan of local days `first` to `last`, both included.
    [[nodiscard]] static Result<StationLedger> read(Context& context, KnownItems& items, const model::Station& station,
                                                    QDate first, QDate last);

    // Standing against `obligation` in `period`, which lies within the days read.
    [[nodiscard]] compliance::StationStanding standingIn(const model::Obligation& obligation,
                                                         const model::PeriodDates& period, UtcTime now) const;

private:
    StationLedger() = default;
    compliance::ComplianceInput m_input;
};

// The monthly duty of the station that is evidenced by airings and in force at some time of the month that begins on
// `first`: of several, the one that stands first in its plan. None when there is none.
struct MonthlyDuty {
    model::Obligation obligation;
    model::PeriodDates period; // cut to where it holds
};
[[nodiscard]] Result<std::optional<MonthlyDuty>> monthlyDuty(Context& context, const model::Station& station,
                                                             QDate first);

} // namespace loa::api
