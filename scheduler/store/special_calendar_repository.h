// Days that replace the session rules of a unit's stations. Storage thread; borrows the database. Errors: NotFound,
// Conflict, InvalidInput, Storage.
#pragma once

#include "scheduler/model/special_days.h"
#include "scheduler/store/database.h"

namespace loa::store {

class SpecialCalendarRepository {
public:
    explicit SpecialCalendarRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const model::SpecialCalendar& calendar);
    // All but the unit of the one of that id, as the revision after `calendar.revision`. Error: Conflict when that is
    // not the stored one.
    [[nodiscard]] Result<void> change(const model::SpecialCalendar& calendar);
    [[nodiscard]] Result<void> remove(const SpecialCalendarId& calendar);
    [[nodiscard]] Result<model::SpecialCalendar> find(const SpecialCalendarId& calendar);
    [[nodiscard]] Result<std::vector<model::SpecialCalendar>> ofUnit(const UnitId& unit); // by age
    [[nodiscard]] Result<QHash<UnitId, std::vector<model::SpecialCalendar>>> all();       // each by age

private:
    [[nodiscard]] Result<std::vector<model::SpecialCalendar>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
