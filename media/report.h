// What loa-media prints: JSON made of figures, warnings and errors. Pure values; any thread. The members are described
// in media/README.md; they are a contract with the scheduler and do not change their meaning.
#pragma once

#include "media/analysis.h"
#include "media/error.h"
#include "media/house_file.h"

#include <QJsonObject>

namespace loa::media {

[[nodiscard]] QJsonObject probeToJson(const SourceInfo& info);
[[nodiscard]] QJsonObject ingestToJson(const Analysis& analysis, const HouseFile& house, const HouseSettings& settings);
[[nodiscard]] QJsonObject errorToJson(const Error& error);
// The error that errorToJson() wrote; Internal when `json` is none.
[[nodiscard]] Error errorFromJson(const QJsonObject& json);

} // namespace loa::media
