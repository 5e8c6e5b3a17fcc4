// What people decided about the plan of a station: at most one edit for a session and an item. Edits stay when their
// session has gone, as a record; those of sessions to come go into every replan. Storage thread; borrows the database.
// Errors: NotFound, Storage.
#pragma once

#include "scheduler/model/hand_edit.h"
#include "scheduler/store/database.h"

namespace loa::store {

struct StoredEdit {
    model::HandEdit edit;
    UtcTime sessionStart;
    bool operator==(const StoredEdit&) const = default;
};

class HandEditRepository {
public:
    explicit HandEditRepository(Database& database) : m_database(database) {}

    // Takes the place of an edit for the same session and item.
    [[nodiscard]] Result<void> put(const StoredEdit& edit);
    // Those of sessions that start at or after `from`, as they were made.
    [[nodiscard]] Result<std::vector<StoredEdit>> ofStation(const StationId& station, UtcTime from);
    [[nodiscard]] Result<StoredEdit> find(const HandEditId& edit);
    [[nodiscard]] Result<void> remove(const HandEditId& edit);

private:
    [[nodiscard]] Result<std::vector<StoredEdit>> select(const QString& rest, const Values& values);

    Database& m_database;
};

} // namespace loa::store
