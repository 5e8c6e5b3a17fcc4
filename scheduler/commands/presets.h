// What a new district starts from, read from config/: topics, hours policies, the duties of plans. Pure but for reading
// files.
#pragma once

#include "scheduler/contract/hours.h"
#include "scheduler/model/item.h"
#include "scheduler/model/obligation.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace loa::commands {

struct Presets {
    std::vector<model::Topic> topics;
    std::vector<HoursPolicy> policies;          // by id
    std::vector<model::Obligation> obligations; // without unit
};

// FOLDER/topics.json, FOLDER/policies/*.json, FOLDER/obligations/*.json. Errors: NotFound, InvalidInput with file and
// place, LimitExceeded.
[[nodiscard]] Result<Presets> loadPresets(const QString& folder);

// {"plan":"…","obligations":[{…}]}; unknown members are refused. Error: InvalidInput with the place.
[[nodiscard]] Result<std::vector<model::Obligation>> obligationsFromJson(const QByteArray& json);

// Where they lie beside the installed program, or in the source tree it was built from. Error: NotFound.
[[nodiscard]] Result<QString> findPresets();

} // namespace loa::commands
