// loa-scheduler plan: plans now, and says what a month looks like and what is missing.
#include "scheduler/api/output.h"
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/fleet/planning.h"
#include "scheduler/planner/sessions.h"
#include "scheduler/planner/why_not.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimeZone>

#include <algorithm>
#include <tuple>

namespace loa::commands {

namespace {

constexpr OptionSpec planOptions[] = {
    dataOption,
    configOption,
    {"month", "YYYY-MM", "the month to show: this one or the next", "tháng cần xem: tháng này hoặc tháng sau", false,
     true},
    {"station", "CODE", "this station alone", "chỉ đài này", true},
    {"explain", nullptr, "every placement with its reason, and of each item why it is not in other sessions",
     "từng tin/bài với lý do xếp, và vì sao không ở các buổi khác"},
    {"json", nullptr, "JSON on standard output", "in JSON ra đầu ra chuẩn"},
};

// Where an item plays that month, and what keeps it out of the other sessions.
struct ToldItem {
    ItemId id;
    QString title;
    planner::WhyNot told;
};

struct MonthPlan {
    model::Station station;
    fleet::StationOutcome outcome;
    std::vector<model::Session> sessions;
    std::vector<planner::Placement> placements;
    std::vector<planner::Shortfall> shortfalls;
    std::vector<planner::Forecast> forecasts;
    std::vector<planner::SessionRefusal> refusals;
    std::vector<ToldItem> items; // with --explain: those valid or played that month, by title
};

// What the months of the plans name, by its words.
struct Names {
    QHash<ItemId, QString> items;
    QHash<ObligationId, Text> duties;

    [[nodiscard]] Text duty(const ObligationId& id) const { return duties.value(id, {id.value, id.value}); }
};

Result<QDate> monthFrom(const QString& text)
{
    const QDate first = text.size() == 7 ? QDate::fromString(text + QStringLiteral("-01"), Qt::ISODate) : QDate();
    if (!first.isValid())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("tháng phải viết như 2026-12"), QStringLiteral("a month is written like 2026-12")},
                    QStringLiteral("--month"));
    return first;
}

Result<std::vector<model::Station>> chosenStations(store::Store& store, const QStringList& codes)
{
    if (codes.isEmpty())
        return store.stations.all();
    std::vector<model::Station> chosen;
    for (const QString& code : codes) {
        const auto station = store.stations.findByCode(code);
        if (!station)
            return passOn(station);
        if (!*station)
            return fail(ErrorCategory::NotFound,
                        {QStringLiteral("không có đài mã này"), QStringLiteral("there is no station of this code")},
                        code);
        chosen.push_back(**station);
    }
    return chosen;
}

Result<std::vector<MonthPlan>> planMonth(fleet::Planning& planning, store::Store& store, const Clock& clock,
                                         QDate first, std::vector<model::Station> stations)
{
    const QDate last = first.addMonths(1).addDays(-1);
    for (const model::Station& station : stations) {
        const QDate today = planner::localDateOf(clock.now(), QTimeZone(station.timeZone));
        const QDate thisMonth(today.year(), today.month(), 1);
        if (first != thisMonth && first != thisMonth.addMonths(1))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("chỉ xếp lịch cho tháng này và tháng sau"),
                         QStringLiteral("only this month and the next are planned")},
                        station.code);
    }
    std::vector<StationId> ids;
    ids.reserve(stations.size());
    for (const model::Station& station : stations)
        ids.push_back(station.id);
    const auto outcomes = planning.replanStations(ids);
    if (!outcomes)
        return passOn(outcomes);

    std::vector<MonthPlan> plans;
    for (model::Station& station : stations) {
        MonthPlan plan;
        const auto outcome = std::find_if(outcomes->begin(), outcomes->end(),
                                          [&](const auto& each) { return each.station == station.id; });
        if (outcome != outcomes->end())
            plan.outcome = *outcome;
        auto sessions = store.plans.sessions(station.id, first, last);
        if (!sessions)
            return passOn(sessions);
        auto placements = store.plans.placements(station.id, first, last);
        if (!placements)
            return passOn(placements);
        plan.sessions = *std::move(sessions);
        plan.placements = *std::move(placements);
        const auto touches = [&](const auto& each) { return each.period.first <= last && each.period.last >= first; };
        std::ranges::copy_if(plan.outcome.shortfalls, std::back_inserter(plan.shortfalls), touches);
        std::ranges::copy_if(plan.outcome.forecasts, std::back_inserter(plan.forecasts), touches);
        // A rule that cannot be read is of no day.
        std::ranges::copy_if(plan.outcome.refusals, std::back_inserter(plan.refusals), [&](const auto& refusal) {
            return !refusal.localDate.isValid() || (first <= refusal.localDate && refusal.localDate <= last);
        });
        plan.station = std::move(station);
        plans.push_back(std::move(plan));
    }
    return plans;
}

Result<void> explainItems(fleet::Planning& planning, QDate first, MonthPlan& plan)
{
    const QDate last = first.addMonths(1).addDays(-1);
    const auto input = planning.planInput(plan.station.id);
    if (!input)
        return passOn(input);
    planner::Plan standing;
    standing.station = plan.station.id;
    standing.placements = input->existing;
    std::vector<ItemId> ids;
    for (const planner::PlannableItem& item : input->items) {
        if (item.validFrom <= last && (!item.validUntil || *item.validUntil >= first)) {
            ids.push_back(item.id);
            plan.items.push_back({item.id, item.title, {}});
        }
    }
    std::vector<planner::WhyNot> told = planner::whyNot(*input, standing, ids, first, last);
    for (std::size_t index = 0; index < told.size(); ++index)
        plan.items[index].told = std::move(told[index]);
    std::ranges::sort(plan.items, [](const ToldItem& a, const ToldItem& b) {
        return std::tie(a.title, a.id) < std::tie(b.title, b.id);
    });
    return {};
}

Result<Names> namesOf(store::Store& store, const std::vector<MonthPlan>& plans)
{
    Names names;
    const auto obligations = store.obligations.all();
    if (!obligations)
        return passOn(obligations);
    for (const model::Obligation& obligation : *obligations)
        names.duties.insert(obligation.id, {obligation.titleVi, obligation.titleEn});
    for (const MonthPlan& plan : plans) {
        for (const planner::Placement& placement : plan.placements) {
            if (names.items.contains(placement.item))
                continue;
            const auto item = store.items.find(placement.item);
            if (!item)
                return passOn(item);
            names.items.insert(placement.item, item->title);
        }
    }
    return names;
}

// Of the programme: tunes and beds of templates are counted nowhere.
qsizetype airings(const MonthPlan& plan)
{
    return std::ranges::count_if(plan.placements,
                                 [](const planner::Placement& placement) { return placement.tune.isEmpty(); });
}

std::size_t distinctItems(const MonthPlan& plan)
{
    std::vector<ItemId> items;
    for (const planner::Placement& placement : plan.placements) {
        if (placement.tune.isEmpty())
            items.push_back(placement.item);
    }
    std::sort(items.begin(), items.end());
    return static_cast<std::size_t>(std::unique(items.begin(), items.end()) - items.begin());
}

QJsonObject planToJson(const MonthPlan& plan, bool explain, const Names& names)
{
    QJsonObject json{{QStringLiteral("station_id"), plan.station.id.value},
                     {QStringLiteral("code"), plan.station.code},
                     {QStringLiteral("name"), plan.station.name},
                     {QStringLiteral("sessions"), static_cast<qint64>(plan.sessions.size())},
                     {QStringLiteral("placements"), static_cast<qint64>(airings(plan))},
                     {QStringLiteral("distinct_items"), static_cast<qint64>(distinctItems(plan))},
                     {QStringLiteral("bundle_version"), static_cast<qint64>(plan.outcome.bundleVersion)}};
    if (plan.outcome.error)
        json[QLatin1String("error")] = describe(*plan.outcome.error);
    QJsonArray shortfalls;
    for (const planner::Shortfall& shortfall : plan.shortfalls) {
        QJsonObject object = api::shortfallJson(shortfall);
        object.insert(QStringLiteral("remedies"), api::remediesJson(shortfall.remedies));
        shortfalls.append(object);
    }
    json[QLatin1String("shortfalls")] = shortfalls;
    QJsonArray forecasts;
    for (const planner::Forecast& forecast : plan.forecasts)
        forecasts.append(api::forecastJson(forecast, names.duty(forecast.obligation)));
    json[QLatin1String("forecasts")] = forecasts;
    QJsonArray refusals;
    for (const planner::SessionRefusal& refusal : plan.refusals)
        refusals.append(api::sessionRefusalJson(refusal, plan.station.id));
    json[QLatin1String("refused_sessions")] = refusals;
    if (!explain)
        return json;
    QJsonArray told;
    for (const ToldItem& item : plan.items)
        told.append(api::whyNotJson(item.id, item.title, item.told));
    json[QLatin1String("why_not")] = told;
    QJsonArray schedule;
    for (const model::Session& session : plan.sessions) {
        QJsonArray items;
        for (const planner::Placement& placement : plan.placements) {
            if (placement.session == session.id)
                items.append(QJsonObject{{QStringLiteral("item_id"), placement.item.value},
                                         {QStringLiteral("title"), names.items.value(placement.item)},
                                         {QStringLiteral("offset_ms"), api::milliseconds(placement.offset)},
                                         {QStringLiteral("reason"), api::textJson(placement.reason)}});
        }
        schedule.append(QJsonObject{{QStringLiteral("title"), session.title},
                                    {QStringLiteral("starts_at"), toString(session.startsAt)},
                                    {QStringLiteral("local_date"), session.localDate.toString(Qt::ISODate)},
                                    {QStringLiteral("items"), items}});
    }
    json[QLatin1String("schedule")] = schedule;
    return json;
}

QString dates(const model::PeriodDates& period)
{
    return period.first.toString(Qt::ISODate) + u'…' + period.last.toString(Qt::ISODate);
}

QString remedyText(const planner::Remedy& remedy)
{
    return QStringLiteral("      > %1 (%2)\n").arg(remedy.text.en, remedy.text.vi);
}

QString forecastText(const planner::Forecast& forecast, const Text& title)
{
    QString text =
        QStringLiteral("  %1 %2: %3 — %4 + %5 of/trên %6, %7 % — %8 (%9)\n")
            .arg(title.en, dates(forecast.period), toString(forecast.standing), QString::number(forecast.completed),
                 QString::number(forecast.planned), QString::number(forecast.required),
                 QString::number(forecast.probability * 100, 'f', 1), forecast.reason.en, forecast.reason.vi);
    if (forecast.actBy)
        text +=
            QStringLiteral("      > act by / cần làm trước hết ngày %1\n").arg(forecast.actBy->toString(Qt::ISODate));
    for (const planner::Remedy& remedy : forecast.remedies)
        text += remedyText(remedy);
    return text;
}

QString shortfallText(const planner::Shortfall& shortfall)
{
    QString text = QStringLiteral("  ! %1 %2: %3 of/trên %4 — %5 (%6)\n")
                       .arg(shortfall.obligation.value, dates(shortfall.period),
                            QString::number(shortfall.completed + shortfall.planned),
                            QString::number(shortfall.required), shortfall.reason.en, shortfall.reason.vi);
    for (const planner::Remedy& remedy : shortfall.remedies)
        text += remedyText(remedy);
    return text;
}

// Of each rule and cause the first, and how many there are.
QString refusalsText(const std::vector<planner::SessionRefusal>& refusals)
{
    QString text;
    for (auto refusal = refusals.begin(); refusal != refusals.end(); ++refusal) {
        const auto isSame = [&](const planner::SessionRefusal& other) {
            return other.rule == refusal->rule && other.cause == refusal->cause;
        };
        if (std::any_of(refusals.begin(), refusal, isSame))
            continue;
        const auto more = std::count_if(refusal, refusals.end(), isSame) - 1;
        text += QStringLiteral("  ! %1 (%2)").arg(refusal->reason.en, refusal->reason.vi);
        text += more > 0 ? QStringLiteral(" + %1\n").arg(more) : QStringLiteral("\n");
    }
    return text;
}

QString whyNotText(const ToldItem& item)
{
    QString text = QStringLiteral("  %1: plays / phát %2\n").arg(item.title).arg(item.told.plays.size());
    for (const planner::WhyNotReason& reason : item.told.reasons)
        text += QStringLiteral("    - sessions / buổi %1: %2 (%3)\n")
                    .arg(QString::number(reason.sessions.size()), reason.text.en, reason.text.vi);
    if (item.told.plays.empty()) {
        for (const planner::Remedy& remedy : item.told.remedies)
            text += remedyText(remedy);
    }
    return text;
}

QString planText(const MonthPlan& plan, bool explain, const Names& names)
{
    QString text =
        QStringLiteral(
            "%1 (%2): sessions / buổi phát %3, airings / lượt phát %4, items / tin bài %5, bundle / bản kê %6\n")
            .arg(plan.station.name, plan.station.code, QString::number(plan.sessions.size()),
                 QString::number(airings(plan)), QString::number(distinctItems(plan)),
                 QString::number(plan.outcome.bundleVersion));
    if (plan.outcome.error)
        text += QStringLiteral("  ! %1\n").arg(describe(*plan.outcome.error));
    for (const planner::Forecast& forecast : plan.forecasts)
        text += forecastText(forecast, names.duty(forecast.obligation));
    for (const planner::Shortfall& shortfall : plan.shortfalls)
        text += shortfallText(shortfall);
    text += refusalsText(plan.refusals);
    if (!explain)
        return text;
    const QTimeZone zone(plan.station.timeZone);
    for (const model::Session& session : plan.sessions) {
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(session.startsAt.time_since_epoch());
        text += QStringLiteral("  %1 %2\n")
                    .arg(QDateTime::fromMSecsSinceEpoch(milliseconds.count(), zone)
                             .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")),
                         session.title);
        const planner::Placement* before = nullptr;
        for (const planner::Placement& placement : plan.placements) {
            if (placement.session != session.id)
                continue;
            // A bed is its recording again and again.
            const bool again = before && !placement.tune.isEmpty() && before->item == placement.item;
            before = &placement;
            if (again)
                continue;
            const auto offset = std::chrono::duration_cast<std::chrono::seconds>(toDuration(placement.offset));
            text += QStringLiteral("    +%1 s %2 — %3 (%4)\n")
                        .arg(QString::number(offset.count()), names.items.value(placement.item), placement.reason.en,
                             placement.reason.vi);
        }
    }
    text += QStringLiteral("  Why not in other sessions / Vì sao không ở buổi khác:\n");
    for (const ToldItem& item : plan.items)
        text += whyNotText(item);
    return text;
}

// Agents are told over the connections of the scheduler that runs, which this program has not.
void tellWhoAnnounces(const DataFolder& folder, const std::vector<MonthPlan>& plans)
{
    const auto issued = std::ranges::count_if(plans, [](const MonthPlan& plan) { return plan.outcome.issued; });
    if (issued == 0)
        return;
    const Text text =
        isServed(folder)
            ? Text{QStringLiteral("Bộ lập lịch đang chạy sẽ báo cho máy phát ở lần xem tới (planning.interval)."),
                   QStringLiteral("The scheduler that runs here tells the agents at its next look "
                                  "(planning.interval).")}
            : Text{QStringLiteral("Không có bộ lập lịch nào đang chạy; máy phát nhận bản kê khi serve chạy lại."),
                   QStringLiteral("No scheduler runs here; agents fetch the bundles once serve runs again.")};
    complain(
        QStringLiteral("bundles issued / bản kê mới: %1. %2 (%3)\n").arg(QString::number(issued), text.en, text.vi));
}

Result<int> runPlan(const Arguments& arguments)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const auto first = monthFrom(arguments.value("month"));
    if (!first)
        return passOn(first);
    const auto database = openDatabase(*folder);
    if (!database)
        return passOn(database);
    const auto key = SigningKey::load(folder->key());
    if (!key)
        return passOn(key);
    const SystemClock clock;
    store::Store store(**database);
    auto stations = chosenStations(store, arguments.values("station"));
    if (!stations)
        return passOn(stations);
    const auto freeze = freezeAheadFrom(arguments);
    if (!freeze)
        return passOn(freeze);
    fleet::Planning planning(store.database, *key, clock, {}, *freeze);
    auto plans = planMonth(planning, store, clock, *first, *std::move(stations));
    if (!plans)
        return passOn(plans);

    const bool explain = arguments.has("explain");
    for (MonthPlan& plan : *plans) {
        if (!explain || plan.outcome.error)
            continue;
        if (const auto explained = explainItems(planning, *first, plan); !explained)
            return passOn(explained);
    }
    const auto names = namesOf(store, *plans);
    if (!names)
        return passOn(names);
    if (arguments.has("json")) {
        QJsonArray items;
        for (const MonthPlan& plan : *plans)
            items.append(planToJson(plan, explain, *names));
        const QJsonObject json{{QStringLiteral("month"), arguments.value("month")},
                               {QStringLiteral("stations"), items}};
        say(QString::fromUtf8(QJsonDocument(json).toJson()));
    } else {
        for (const MonthPlan& plan : *plans)
            say(planText(plan, explain, *names));
    }
    tellWhoAnnounces(*folder, *plans);
    const bool allPlanned = std::none_of(plans->begin(), plans->end(),
                                         [](const MonthPlan& plan) { return plan.outcome.error.has_value(); });
    return allPlanned ? exitDone : exitNotInOrder;
}

constexpr CommandSpec planSpecs[] = {
    {"plan", "", "Plan now, issue bundles, and show a month: what airs, what is missing and why.",
     "Xếp lịch ngay, phát hành bản kê và cho xem một tháng: phát gì, thiếu gì, vì sao.", planOptions, &runPlan},
};

} // namespace

std::span<const CommandSpec> planCommands()
{
    return planSpecs;
}

} // namespace loa::commands
