// What config/ offers to begin with: hours, special days, templates. A person takes one, changes it and stores it by
// the usual ways.
#include "scheduler/api/routes.h"
#include "scheduler/contract/hours.h"

namespace loa::api {

namespace {

QJsonObject specialDaysJson(const imports::SpecialDaysPreset& preset)
{
    return {{QStringLiteral("id"), preset.id},
            {QStringLiteral("name"), preset.name},
            {QStringLiteral("decision"), preset.decision},
            {QStringLiteral("days"), daysToJson(preset.days)}};
}

QJsonObject templateJson(const imports::TemplatePreset& preset)
{
    return {{QStringLiteral("id"), preset.id},
            {QStringLiteral("name"), preset.name},
            {QStringLiteral("note"), preset.note},
            {QStringLiteral("session_seconds"), qint64(preset.session.count())},
            {QStringLiteral("parts"), partsToJson(preset.parts)}};
}

template <typename T, typename ToObject>
QJsonArray arrayOf(const std::vector<T>& values, ToObject toObject)
{
    QJsonArray array;
    for (const T& value : values)
        array.append(toObject(value));
    return array;
}

Result<Response> listPresets(const Request&, Context& context)
{
    const auto presets = context.services.presets();
    if (!presets)
        return passOn(presets);
    return Response::json(200, {{QStringLiteral("policies"),
                                 arrayOf(presets->policies, [](const HoursPolicy& policy) { return toJson(policy); })},
                                {QStringLiteral("special_days"), arrayOf(presets->specialDays, specialDaysJson)},
                                {QStringLiteral("templates"), arrayOf(presets->templates, templateJson)}});
}

constexpr Route presetTable[] = {
    {"GET", "/presets", Caller::Person, model::Action::Read, listPresets},
};

} // namespace

std::span<const Route> presetRoutes()
{
    return presetTable;
}

} // namespace loa::api
