// What sessions are made of. Storage thread; borrows the database. Errors: NotFound, Conflict (still in use),
// InvalidInput, Storage.
#pragma once

#include "scheduler/model/session_template.h"
#include "scheduler/store/database.h"

namespace loa::store {

class TemplateRepository {
public:
    explicit TemplateRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const model::SessionTemplate& made);
    // Name and parts of the one of that id, as the revision after `made.revision`. Error: Conflict when that is not the
    // stored one.
    [[nodiscard]] Result<void> change(const model::SessionTemplate& made);
    [[nodiscard]] Result<void> remove(const TemplateId& made);
    [[nodiscard]] Result<model::SessionTemplate> find(const TemplateId& made);
    [[nodiscard]] Result<std::vector<model::SessionTemplate>> ofUnit(const UnitId& unit); // by name
    [[nodiscard]] Result<std::vector<model::SessionTemplate>> all();

private:
    [[nodiscard]] Result<std::vector<model::SessionTemplate>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
