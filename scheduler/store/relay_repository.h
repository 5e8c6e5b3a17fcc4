// Relay sources of units, with their approval. Storage thread; borrows the database. Errors: NotFound, Conflict (still
// in use, or changed meanwhile), InvalidInput, Storage. Promise 1.
#pragma once

#include "scheduler/model/relay_source.h"
#include "scheduler/store/database.h"

namespace loa::store {

class RelayRepository {
public:
    explicit RelayRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const model::RelaySource& source);
    // Definition and approval of the one of that id, as the revision after `source.revision`. Error: Conflict when that
    // is not the stored one.
    [[nodiscard]] Result<void> change(const model::RelaySource& source);
    [[nodiscard]] Result<void> remove(const RelayId& source);
    [[nodiscard]] Result<model::RelaySource> find(const RelayId& source);
    [[nodiscard]] Result<std::vector<model::RelaySource>> ofUnit(const UnitId& unit); // by name
    [[nodiscard]] Result<std::vector<model::RelaySource>> all();                      // by id

private:
    [[nodiscard]] Result<std::vector<model::RelaySource>> select(const QString& rest, const Values& values);

    Database& m_database;
};

} // namespace loa::store
