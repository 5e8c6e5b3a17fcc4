// What a district starts from or chooses later, read from config/: topics, hours policies, the duties of plans, special
// days, what sessions are made of. People edit these files, so they are read anew each time. Pure but for reading
// files; any thread.
#pragma once

#include "scheduler/contract/hours.h"
#include "scheduler/model/item.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/session_template.h"
#include "scheduler/model/special_days.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace loa::imports {

// Days of many years, the lunar ones among them as a table of dates.
struct SpecialDaysPreset {
    QString id;
    QString name;
    QString decision; // what it rests on, and what is to be checked
    std::vector<model::SpecialDay> days;
};
// A calendar's name and days: those of one year.
[[nodiscard]] model::SpecialCalendar calendarOf(const SpecialDaysPreset& preset, int year);

// A signature or closing names no recording: each district has its own.
struct TemplatePreset {
    QString id;
    QString name;
    QString note;
    std::chrono::seconds session{0}; // it was made for one of that length
    std::vector<model::TemplatePart> parts;
};

struct Presets {
    std::vector<model::Topic> topics;
    std::vector<HoursPolicy> policies;          // by id
    std::vector<model::Obligation> obligations; // without unit
    std::vector<SpecialDaysPreset> specialDays; // by id
    std::vector<TemplatePreset> templates;      // by id
};

// FOLDER/topics.json and FOLDER/{policies,obligations,special_days,templates}/*.json. Errors: NotFound, InvalidInput
// with file and place, LimitExceeded.
[[nodiscard]] Result<Presets> loadPresets(const QString& folder);

// {"plan":"…","obligations":[{…}]}; unknown members are refused. Error: InvalidInput with the place.
[[nodiscard]] Result<std::vector<model::Obligation>> obligationsFromJson(const QByteArray& json);

// {"id":…,"name":…,"decision":…,"first_year":2025,"last_year":2035,"occasions":[{"name":…,"kind":…,"sessions":[…],
// "every_year":"01-01","first_year":…} or {…,"dates":["2025-01-29",…]}]}; kind and sessions as the API has them.
[[nodiscard]] Result<SpecialDaysPreset> specialDaysFromJson(const QByteArray& json);

// {"id":…,"name":…,"note":…,"session_seconds":900,"parts":[…]}; parts as the API has them.
[[nodiscard]] Result<TemplatePreset> templateFromJson(const QByteArray& json);

// Where they lie beside the installed program, or in the source tree it was built from. Error: NotFound.
[[nodiscard]] Result<QString> findPresets();

} // namespace loa::imports
