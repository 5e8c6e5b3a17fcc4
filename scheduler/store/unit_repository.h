// Units and their dated tree. Storage thread; borrows the database. Errors: NotFound, Conflict (code taken, circle),
// InvalidInput, Storage.
#pragma once

#include "scheduler/model/unit_tree.h"
#include "scheduler/store/database.h"

#include <span>

namespace loa::store {

class UnitRepository {
public:
    explicit UnitRepository(Database& database) : m_database(database) {}

    // The unit hangs under `unit.parent` from `unit.validFrom`.
    [[nodiscard]] Result<void> add(const model::Unit& unit);
    // A correction of what was wrong all along; a changed parent corrects the newest link. For a change on a day, see
    // move().
    [[nodiscard]] Result<void> update(const model::Unit& unit);
    // From `from` on, `unit` hangs under `parent`; before that day all stays as it was.
    [[nodiscard]] Result<void> move(const UnitId& unit, const std::optional<UnitId>& parent, QDate from);
    // `merged` end on the day before `on` and from then hang under `into`, with their stations and history.
    [[nodiscard]] Result<void> merge(std::span<const UnitId> merged, const UnitId& into, QDate on);

    // `parent` of what these return is that of the newest link.
    [[nodiscard]] Result<model::Unit> find(const UnitId& id);
    [[nodiscard]] Result<std::optional<model::Unit>> findByCode(const QString& code);
    [[nodiscard]] Result<std::vector<model::Unit>> all(); // by name
    [[nodiscard]] Result<model::UnitTree> tree();

private:
    [[nodiscard]] Result<void> check(const model::Unit& unit);
    [[nodiscard]] Result<void> putLink(const model::UnitLink& link);
    [[nodiscard]] Result<void> putFirstLink(const model::Unit& unit);
    [[nodiscard]] Result<std::vector<model::Unit>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
