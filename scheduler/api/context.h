// What a route's function works with: the store, who asks, and when. Made for one request. Storage thread.
#pragma once

#include "scheduler/api/http/message.h"
#include "scheduler/api/services.h"
#include "scheduler/model/authorisation.h"
#include "scheduler/store/sign_in.h"
#include "scheduler/store/store.h"

#include <QDate>
#include <QJsonObject>
#include <QSet>

#include <optional>
#include <span>

namespace loa::api {

class Context {
public:
    Context(store::Database& database, const Services& given, const ApiSettings& chosen);

    store::Store store;
    const Services& services;
    const ApiSettings& settings;
    UtcTime now;
    QDate today; // in the zone that a station has unless it says otherwise

    std::optional<store::PersonSession> session; // a person asks
    std::optional<model::Agent> agent;           // an agent asks
    // What is done is looked at and undone: plans are wished alone, whoever rehearses makes them.
    bool isRehearsed = false;

    [[nodiscard]] const model::User& user() const { return session->user; }

    // Read once, on first use.
    [[nodiscard]] Result<const model::UnitTree*> tree();
    // Error: Forbidden, naming the role that is needed.
    [[nodiscard]] Result<void> demand(model::Action action, const UnitId& unit);
    [[nodiscard]] Result<void> demand(model::Action action, const model::Item& item);
    // The right over a whole tree: held at a unit that has none above it.
    [[nodiscard]] Result<void> demandAtRoot(model::Action action);
    // Units over which the person may do it, each named.
    [[nodiscard]] Result<QSet<UnitId>> unitsFor(model::Action action);
    // The station, when the person may do this over its unit. NotFound when it may not be read, so that ids cannot be
    // tried.
    [[nodiscard]] Result<model::Station> station(const StationId& id, model::Action action);

    // Error: InvalidInput at `member`, for a unit that a body names.
    [[nodiscard]] Result<void> demandKnown(const UnitId& unit, const char* member);

    // In the transaction of what it tells of.
    [[nodiscard]] Result<void> audit(const QString& action, const QString& subject, const QJsonObject& detail = {});
    // These stations wish a new plan; it is called for once the transaction is committed.
    [[nodiscard]] Result<void> wishPlans(std::span<const StationId> stations);
    // … all stations of the unit and below.
    [[nodiscard]] Result<void> wishPlansUnder(const UnitId& unit);
    // … all that may play the item.
    [[nodiscard]] Result<void> wishPlansFor(const model::Item& item);
    void planSoon();
    // Those that this request wished plans for, each once.
    [[nodiscard]] const std::vector<StationId>& concerned() const { return m_concerned; }

private:
    std::vector<StationId> m_concerned;
    QSet<StationId> m_known; // the same
    std::optional<model::UnitTree> m_tree;
    bool m_planAsked = false; // once is enough for one request
};

} // namespace loa::api
