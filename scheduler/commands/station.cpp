// loa-scheduler station: stations and when they go on air.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/time_of_day.h"
#include "scheduler/imports/rows.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/store/store.h"

#include <array>

namespace loa::commands {

namespace {

constexpr OptionSpec addStationOptions[] = {
    dataOption,
    configOption,
    {"name", "NAME", "its name", "tên đài", false, true},
    {"unit", "CODE", "code of the unit that runs it", "mã đơn vị quản lý", false, true},
    {"time-zone", "ZONE", "IANA time zone (default: Asia/Ho_Chi_Minh)", "múi giờ IANA (mặc định: Asia/Ho_Chi_Minh)"},
    {"clusters", "LIST", "speaker clusters: \"Name=output:speakers; …\"", "các cụm loa: \"Tên=đầu-ra:số loa; …\""},
};
constexpr OptionSpec listStationsOptions[] = {dataOption, configOption};
constexpr OptionSpec addRuleOptions[] = {
    dataOption,
    configOption,
    {"title", "TITLE", "what the session is called", "tên buổi phát", false, true},
    {"rrule", "RRULE", "RFC 5545 rule, e.g. FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
     "quy tắc RFC 5545, ví dụ FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", false, true},
    {"from", "DATE", "first day that the rule counts from and holds", "ngày đầu tiên", false, true},
    {"until", "DATE", "last day that it holds", "ngày cuối cùng"},
    {"time", "HH:MM", "local time at which the session begins", "giờ bắt đầu, theo giờ của đài", false, true},
    {"minutes", "N", "how long the session may last", "buổi phát dài nhất bao nhiêu phút", false, true},
};

const QString stationActor = QStringLiteral("loa-scheduler station");

Result<std::unique_ptr<store::Database>> stationDatabase(const Arguments& arguments)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    return openDatabase(*folder);
}

Result<model::Station> stationOf(store::Store& store, const QString& code)
{
    const auto station = store.stations.findByCode(code);
    if (!station)
        return passOn(station);
    if (!*station)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không có đài mã này"), QStringLiteral("there is no station of this code")}, code);
    return **station;
}

// One station is a file of one line: the same checks as for many.
Result<imports::StationRow> rowFrom(const Arguments& arguments)
{
    const QByteArray csv =
        imports::writeCsv({QStringLiteral("code"), QStringLiteral("name"), QStringLiteral("unit_code"),
                           QStringLiteral("time_zone"), QStringLiteral("clusters")},
                          {{arguments.positional(0), arguments.value("name"), arguments.value("unit"),
                            arguments.value("time-zone"), arguments.value("clusters")}});
    const auto read = imports::readStations(csv);
    if (!read.errors.empty())
        return fail(ErrorCategory::InvalidInput, read.errors.front().message);
    return read.rows.front();
}

Result<int> runStationAdd(const Arguments& arguments)
{
    const auto row = rowFrom(arguments);
    if (!row)
        return passOn(row);
    const auto database = stationDatabase(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto unit = store.units.findByCode(row->unitCode);
    if (!unit)
        return passOn(unit);
    if (!*unit)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không có đơn vị mã này"), QStringLiteral("there is no unit of this code")},
                    row->unitCode);
    const UtcTime now = SystemClock().now();
    model::Station station;
    station.id = {newId(now)};
    station.unit = (*unit)->id;
    station.code = row->code;
    station.name = row->name;
    station.timeZone = row->timeZone;
    for (const imports::ClusterRow& cluster : row->clusters)
        station.clusters.push_back({{}, cluster.name, cluster.output, cluster.speakers});
    auto stored = store.database.transaction([&]() -> Result<void> {
        if (auto added = store.stations.add(station, now); !added)
            return added;
        if (auto wished = store.plans.wish(std::array{station.id}, now); !wished)
            return wished;
        return store.audit.append(now, nullptr, stationActor, QStringLiteral("station.create"),
                                  QStringLiteral("station:") + station.id.value,
                                  {{QStringLiteral("code"), station.code}, {QStringLiteral("name"), station.name}});
    });
    if (!stored)
        return passOn(stored);
    say(QStringLiteral("%1\t%2\n").arg(station.code, station.id.value));
    return exitDone;
}

Result<int> runStationList(const Arguments& arguments)
{
    const auto database = stationDatabase(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto stations = store.stations.all();
    if (!stations)
        return passOn(stations);
    const auto tree = store.units.tree();
    if (!tree)
        return passOn(tree);
    for (const model::Station& station : *stations) {
        const model::Unit* unit = tree->find(station.unit);
        const auto rules = store.sessionRules.ofStation(station.id);
        if (!rules)
            return passOn(rules);
        say(QStringLiteral("%1\t%2\t%3\t%4\t%5\n")
                .arg(station.code, station.id.value, station.name, unit == nullptr ? station.unit.value : unit->code,
                     station.agent ? station.agent->value : QStringLiteral("-")));
        for (const model::SessionRule& rule : *rules)
            say(QStringLiteral("\t%1\t%2\t%3\t%4 min\t%5\n")
                    .arg(rule.title, timeOfDayText(rule.startTime), rule.rrule,
                         QString::number(std::chrono::duration_cast<std::chrono::minutes>(rule.duration).count()),
                         rule.id.value));
    }
    return exitDone;
}

Result<QDate> ruleDate(const QString& text)
{
    const QDate date = text.size() == 10 ? QDate::fromString(text, QStringLiteral("yyyy-MM-dd")) : QDate();
    if (!date.isValid())
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("ngày phải viết như 2025-07-01"), QStringLiteral("a date is written like 2025-07-01")},
            text);
    return date;
}

Result<model::SessionRule> ruleFrom(const Arguments& arguments, const model::Station& station, UtcTime now)
{
    model::SessionRule rule;
    rule.id = {newId(now)};
    rule.station = station.id;
    rule.title = arguments.value("title");
    rule.rrule = arguments.value("rrule");
    const auto from = ruleDate(arguments.value("from"));
    if (!from)
        return passOn(from);
    rule.startDate = *from;
    rule.validFrom = *from;
    if (arguments.has("until")) {
        const auto until = ruleDate(arguments.value("until"));
        if (!until)
            return passOn(until);
        rule.validUntil = *until;
    }
    const auto time = timeOfDayFromString(arguments.value("time"));
    if (!time)
        return fail(time.error().category, time.error().message, QStringLiteral("--time"));
    rule.startTime = *time;
    bool isNumber = false;
    const int minutes = arguments.value("minutes").toInt(&isNumber);
    if (!isNumber || minutes < 1 || minutes > 24 * 60)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("số phút phải từ 1 đến 1440"), QStringLiteral("the minutes must be 1 to 1440")},
                    QStringLiteral("--minutes"));
    rule.duration = std::chrono::minutes(minutes);
    if (auto sound = planner::checkRule(rule); !sound)
        return passOn(sound);
    return rule;
}

Result<int> runRuleAdd(const Arguments& arguments)
{
    const auto database = stationDatabase(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto station = stationOf(store, arguments.positional(0));
    if (!station)
        return passOn(station);
    const UtcTime now = SystemClock().now();
    const auto rule = ruleFrom(arguments, *station, now);
    if (!rule)
        return passOn(rule);
    auto stored = store.database.transaction([&]() -> Result<void> {
        if (auto added = store.sessionRules.add(*rule); !added)
            return added;
        if (auto wished = store.plans.wish(std::array{station->id}, now); !wished)
            return wished;
        return store.audit.append(now, nullptr, stationActor, QStringLiteral("session-rule.create"),
                                  QStringLiteral("station:") + station->id.value,
                                  {{QStringLiteral("rule"), rule->id.value}, {QStringLiteral("rrule"), rule->rrule}});
    });
    if (!stored)
        return passOn(stored);
    say(QStringLiteral("%1\t%2\n").arg(station->code, rule->id.value));
    return exitDone;
}

constexpr CommandSpec stationSpecs[] = {
    {"station add", "CODE", "Add a station.", "Thêm đài.", addStationOptions, &runStationAdd},
    {"station list", "", "List stations and when they go on air.", "Liệt kê đài và khung giờ phát.",
     listStationsOptions, &runStationList},
    {"station rule add", "STATION-CODE", "Say when a station goes on air.", "Đặt khung giờ phát cho đài.",
     addRuleOptions, &runRuleAdd},
};

} // namespace

std::span<const CommandSpec> stationCommands()
{
    return stationSpecs;
}

} // namespace loa::commands
