// The JSON of the plain values, as openapi.yaml describes it. Pure functions, any thread.
#pragma once

#include "scheduler/api/http/message.h"
#include "scheduler/model/item.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/organisation.h"
#include "scheduler/model/session.h"
#include "scheduler/model/user.h"
#include "scheduler/planner/plan.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/planner/why_not.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <optional>

namespace loa::api {

[[nodiscard]] QString dateText(QDate date);
[[nodiscard]] QJsonValue orNull(const std::optional<QDate>& date);
[[nodiscard]] QJsonValue orNull(const std::optional<UtcTime>& instant);
[[nodiscard]] QJsonObject textJson(const Text& text);
[[nodiscard]] qint64 milliseconds(FrameCount frames);

template <typename IdType>
[[nodiscard]] QJsonValue idOrNull(const std::optional<IdType>& id)
{
    return id ? QJsonValue(id->value) : QJsonValue(QJsonValue::Null);
}

template <typename IdType>
[[nodiscard]] QJsonArray idsJson(const std::vector<IdType>& ids)
{
    QJsonArray array;
    for (const IdType& id : ids)
        array.append(id.value);
    return array;
}

// {"items":[…]}
template <typename T, typename ToJson>
[[nodiscard]] Response listResponse(const std::vector<T>& values, ToJson toObject)
{
    QJsonArray items;
    for (const T& value : values)
        items.append(toObject(value));
    return Response::json(200, {{QStringLiteral("items"), items}});
}

[[nodiscard]] QJsonObject userJson(const model::User& user);
[[nodiscard]] QJsonObject unitJson(const model::Unit& unit);
[[nodiscard]] QJsonObject clusterJson(const model::SpeakerCluster& cluster);
[[nodiscard]] QJsonObject ruleJson(const model::SessionRule& rule);
[[nodiscard]] QJsonObject topicJson(const model::Topic& topic);
[[nodiscard]] QJsonObject obligationJson(const model::Obligation& obligation);
[[nodiscard]] QJsonObject shortfallJson(const planner::Shortfall& shortfall);
[[nodiscard]] QJsonArray remediesJson(const std::vector<planner::Remedy>& remedies);
[[nodiscard]] QJsonObject whyNotJson(const ItemId& item, const QString& title, const planner::WhyNot& told);
[[nodiscard]] QJsonObject sessionRefusalJson(const planner::SessionRefusal& refusal, const StationId& station);
// `title` is the obligation's.
[[nodiscard]] QJsonObject forecastJson(const planner::Forecast& forecast, const Text& title);
// Peaks are long: lists leave them out.
[[nodiscard]] QJsonObject itemJson(const model::Item& item, bool withPeaks);

} // namespace loa::api
