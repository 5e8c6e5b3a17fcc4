// What binds stations: dated hours policies of units, session rules of stations, obligations of units. Storage thread;
// borrows the database. Errors: NotFound, Conflict, InvalidInput, Storage.
#pragma once

#include "scheduler/contract/hours.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/session.h"
#include "scheduler/model/unit_tree.h"
#include "scheduler/store/database.h"

#include <span>

namespace loa::store {

struct UnitPolicy {
    UnitId unit;
    HoursPolicy policy;
    bool operator==(const UnitPolicy&) const = default;
};

class PolicyRepository {
public:
    explicit PolicyRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const UnitPolicy& policy);
    // A policy is not changed but ended: what held in the past goes on to have held.
    [[nodiscard]] Result<void> end(const PolicyId& policy, QDate lastDay);
    [[nodiscard]] Result<std::vector<UnitPolicy>> ofUnit(const UnitId& unit); // by validFrom
    [[nodiscard]] Result<QHash<UnitId, std::vector<HoursPolicy>>> all();      // each by validFrom

private:
    Database& m_database;
};

class SessionRuleRepository {
public:
    explicit SessionRuleRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const model::SessionRule& rule);
    // What an .ics says of the rule of that id: all but the station and the template.
    [[nodiscard]] Result<void> change(const model::SessionRule& rule);
    // What its sessions are made of from now on.
    [[nodiscard]] Result<void> make(const SessionRuleId& rule, const std::optional<TemplateId>& made);
    [[nodiscard]] Result<void> remove(const SessionRuleId& rule);
    [[nodiscard]] Result<model::SessionRule> find(const SessionRuleId& rule);
    [[nodiscard]] Result<std::vector<model::SessionRule>> ofStation(const StationId& station); // by start time

private:
    [[nodiscard]] Result<std::vector<model::SessionRule>> select(const QString& where, const Values& values);

    Database& m_database;
};

class ObligationRepository {
public:
    explicit ObligationRepository(Database& database) : m_database(database) {}

    // Adds it, or corrects the one of that id.
    [[nodiscard]] Result<void> put(const model::Obligation& obligation);
    [[nodiscard]] Result<std::vector<model::Obligation>> all(); // by plan and row
    // Those of the unit and its ancestors on `date`.
    [[nodiscard]] Result<std::vector<model::Obligation>> binding(const UnitId& unit, const model::UnitTree& tree,
                                                                 QDate date);

private:
    [[nodiscard]] Result<std::vector<model::Obligation>> select(const QString& where, const Values& values);

    Database& m_database;
};

} // namespace loa::store
