// Play rules as JSON: in the database, and in the API as openapi.yaml describes them. Pure functions, any thread.
#pragma once

#include "scheduler/contract/json_reader.h"
#include "scheduler/model/play_rules.h"

#include <QJsonObject>

namespace loa::store {

// Every member, also those that bind nothing.
[[nodiscard]] QJsonObject playRulesToJson(const model::PlayRules& rules);

// A member that is absent or null binds nothing. `path` stands in front of member names in errors. Error: InvalidInput.
[[nodiscard]] Result<model::PlayRules> playRulesFromJson(const QJsonObject& object, const QString& path = {});

} // namespace loa::store
