// loa-scheduler presets: what config/ offers, and taking one for a unit. The pages do the same with a look first.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/imports/presets.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/store/store.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::commands {

namespace {

constexpr OptionSpec folderOption{"presets", "DIR", "folder of the presets (default: config/ beside the program)",
                                  "thư mục mẫu (mặc định: config/ bên cạnh chương trình)"};
constexpr OptionSpec listOptions[] = {folderOption};
constexpr OptionSpec addOptions[] = {
    dataOption,
    configOption,
    folderOption,
    {"unit", "CODE", "code of the unit that takes it; it holds for all below", "mã đơn vị áp dụng, kể cả cấp dưới",
     false, true},
    {"year", "YEAR", "of special days: which year (default: this one and the next)",
     "với ngày đặc biệt: năm nào (mặc định: năm nay và năm sau)", true},
    {"signature", "ITEM", "of a template: id of the recording of its signature tune",
     "với kết cấu: mã bản thu nhạc hiệu"},
    {"closing", "ITEM", "of a template: id of the recording that closes", "với kết cấu: mã bản thu kết thúc"},
};

const QString presetActor = QStringLiteral("loa-scheduler presets");

Result<imports::Presets> presetsFrom(const Arguments& arguments)
{
    if (arguments.has("presets"))
        return imports::loadPresets(arguments.value("presets"));
    const auto found = imports::findPresets();
    return found ? imports::loadPresets(*found) : passOn(found);
}

Result<int> runList(const Arguments& arguments)
{
    const auto presets = presetsFrom(arguments);
    if (!presets)
        return passOn(presets);
    say(QStringLiteral("Hours / Quy định giờ phát\n"));
    for (const HoursPolicy& policy : presets->policies)
        say(QStringLiteral("  %1\t%2\n").arg(policy.id.value, policy.name));
    say(QStringLiteral("Special days / Ngày đặc biệt\n"));
    for (const imports::SpecialDaysPreset& preset : presets->specialDays)
        say(QStringLiteral("  %1\t%2 (%3–%4)\n")
                .arg(preset.id, preset.name)
                .arg(preset.days.front().date.year())
                .arg(preset.days.back().date.year()));
    say(QStringLiteral("Session templates / Kết cấu buổi phát\n"));
    for (const imports::TemplatePreset& preset : presets->templates)
        say(QStringLiteral("  %1\t%2\n").arg(preset.id, preset.name));
    return exitDone;
}

// Who takes a preset, and into what.
struct Taking {
    store::Store& store;
    UnitId unit;
    UtcTime now;

    [[nodiscard]] Result<void> tell(const QString& action, const QString& subject, const QString& name) const
    {
        say(QStringLiteral("%1\t%2\n").arg(subject, name));
        return store.audit.append(now, nullptr, presetActor, action, subject,
                                  {{QStringLiteral("unit_id"), unit.value}, {QStringLiteral("name"), name}});
    }
};

Result<void> takePolicy(const Taking& taking, HoursPolicy policy)
{
    policy.id = {newId(taking.now)};
    if (auto added = taking.store.policies.add({taking.unit, policy}); !added)
        return added;
    return taking.tell(QStringLiteral("policy.create"), QStringLiteral("policy:") + policy.id.value, policy.name);
}

Result<std::vector<int>> yearsFrom(const Arguments& arguments, UtcTime now)
{
    const int thisYear = planner::localDateOf(now, QTimeZone("Asia/Ho_Chi_Minh")).year();
    if (!arguments.has("year"))
        return std::vector<int>{thisYear, thisYear + 1};
    std::vector<int> years;
    for (const QString& text : arguments.values("year")) {
        bool isNumber = false;
        years.push_back(text.toInt(&isNumber));
        if (!isNumber)
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("năm phải là một số"), QStringLiteral("a year is a number")},
                        QStringLiteral("--year"));
    }
    return years;
}

Result<void> takeSpecialDays(const Taking& taking, const imports::SpecialDaysPreset& preset,
                             const std::vector<int>& years)
{
    for (const int year : years) {
        model::SpecialCalendar calendar = calendarOf(preset, year);
        if (calendar.days.empty())
            return fail(ErrorCategory::NotFound,
                        {QStringLiteral("mẫu này không có ngày nào của năm %1").arg(year),
                         QStringLiteral("the preset has no day of %1").arg(year)},
                        preset.id);
        calendar.id = {newId(taking.now)};
        calendar.unit = taking.unit;
        if (auto added = taking.store.specialCalendars.add(calendar); !added)
            return added;
        if (auto told = taking.tell(QStringLiteral("special_calendar.create"),
                                    QStringLiteral("special_calendar:") + calendar.id.value, calendar.name);
            !told)
            return told;
    }
    return {};
}

// Tunes are a district's own: those that it names are checked as the planner will see them; a part without one is left
// out, and said.
Result<void> takeTemplate(const Taking& taking, const imports::TemplatePreset& preset, const Arguments& arguments)
{
    model::SessionTemplate made;
    made.id = {newId(taking.now)};
    made.unit = taking.unit;
    made.name = preset.name;
    for (model::TemplatePart part : preset.parts) {
        const bool isSignature = part.kind == model::PartKind::Signature;
        if (isSignature || part.kind == model::PartKind::Closing) {
            const char* option = isSignature ? "signature" : "closing";
            if (!arguments.has(option)) {
                say(QStringLiteral("without \"%1\": no recording was named with --%2 / "
                                   "bỏ phần \"%1\": chưa chỉ bản thu bằng --%2\n")
                        .arg(part.title, QLatin1String(option)));
                continue;
            }
            const auto item = taking.store.items.find(ItemId{arguments.value(option)});
            if (!item)
                return fail(item.error().category, item.error().message, QStringLiteral("--") + QLatin1String(option));
            part.tune = item->id;
        }
        made.parts.push_back(std::move(part));
    }
    if (auto added = taking.store.templates.add(made); !added)
        return added;
    return taking.tell(QStringLiteral("template.create"), QStringLiteral("template:") + made.id.value, made.name);
}

Result<void> take(const Taking& taking, const imports::Presets& presets, const Arguments& arguments)
{
    const QString id = arguments.positional(0);
    const auto policy =
        std::ranges::find_if(presets.policies, [&](const HoursPolicy& some) { return some.id.value == id; });
    if (policy != presets.policies.end())
        return takePolicy(taking, *policy);
    const auto days = std::ranges::find(presets.specialDays, id, &imports::SpecialDaysPreset::id);
    if (days != presets.specialDays.end()) {
        const auto years = yearsFrom(arguments, taking.now);
        return years ? takeSpecialDays(taking, *days, *years) : passOn(years);
    }
    const auto made = std::ranges::find(presets.templates, id, &imports::TemplatePreset::id);
    if (made != presets.templates.end())
        return takeTemplate(taking, *made, arguments);
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("không có mẫu này; xem loa-scheduler presets list"),
                 QStringLiteral("there is no such preset; see loa-scheduler presets list")},
                id);
}

// The stations of the unit and below plan anew.
Result<void> wishUnder(store::Store& store, const UnitId& unit, UtcTime now)
{
    const auto tree = store.units.tree();
    if (!tree)
        return passOn(tree);
    const QDate today = planner::localDateOf(now, QTimeZone("Asia/Ho_Chi_Minh"));
    const auto stations = store.stations.all();
    if (!stations)
        return passOn(stations);
    std::vector<StationId> below;
    for (const model::Station& station : *stations) {
        if (tree->isWithin(station.unit, unit, today))
            below.push_back(station.id);
    }
    return store.plans.wish(below, now);
}

Result<int> runAdd(const Arguments& arguments)
{
    const auto presets = presetsFrom(arguments);
    if (!presets)
        return passOn(presets);
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const auto database = openDatabase(*folder);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto unit = store.units.findByCode(arguments.value("unit"));
    if (!unit)
        return passOn(unit);
    if (!*unit)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không có đơn vị mã này"), QStringLiteral("there is no unit of this code")},
                    arguments.value("unit"));
    const Taking taking{store, (*unit)->id, SystemClock().now()};
    const auto taken = store.database.transaction([&]() -> Result<void> {
        if (auto done = take(taking, *presets, arguments); !done)
            return done;
        return wishUnder(store, taking.unit, taking.now);
    });
    if (!taken)
        return passOn(taken);
    return exitDone;
}

constexpr CommandSpec presetSpecs[] = {
    {"presets list", "", "List the presets of hours, special days and session templates.",
     "Liệt kê các mẫu giờ phát, ngày đặc biệt, kết cấu buổi phát.", listOptions, &runList},
    {"presets add", "ID", "Take a preset for a unit and those below it.", "Áp dụng một mẫu cho đơn vị và cấp dưới.",
     addOptions, &runAdd},
};

} // namespace

std::span<const CommandSpec> presetCommands()
{
    return presetSpecs;
}

} // namespace loa::commands
