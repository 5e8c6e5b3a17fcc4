#include "scheduler/imports/apply.h"

#include <QHash>
#include <QJsonObject>
#include <QSet>

#include <algorithm>

namespace loa::imports {

namespace {

// The repositories read the whole tree for every unit they take, so that a longer file would hold the storage thread
// for minutes.
constexpr std::size_t maxUnitRows = 5000;
constexpr std::size_t maxStationRows = 20'000;

void addLine(ImportReport& report, qint64 line, const Text& message)
{
    if (report.errors.size() < maxLineErrors)
        report.errors.push_back({line, message});
}

bool isMistakeOfFile(const Error& error)
{
    return error.category != ErrorCategory::Storage && error.category != ErrorCategory::Internal;
}

// What one row met: its line in the report, or the database's failure.
Result<void> noteFailure(ImportReport& report, qint64 line, const Error& error)
{
    if (!isMistakeOfFile(error))
        return tl::unexpected(error);
    addLine(report, line, error.message);
    return {};
}

// Runs `work` in one transaction that lasts only when it leaves no error and this is no rehearsal.
template <typename Work>
Result<ImportReport> allOrNothing(store::Store& store, const ImportContext& context, ImportReport report, Work work)
{
    bool undone = false;
    auto done = store.database.transaction([&]() -> Result<void> {
        if (auto worked = work(report); !worked)
            return worked;
        undone = context.dryRun || !report.errors.empty();
        if (undone)
            return fail(ErrorCategory::Conflict, {QStringLiteral("không áp dụng"), QStringLiteral("not applied")});
        return {};
    });
    if (!done && !undone)
        return passOn(done);
    if (!report.errors.empty()) {
        report.created = 0;
        report.updated = 0;
        report.concerned.clear();
        std::stable_sort(report.errors.begin(), report.errors.end(),
                         [](const LineError& a, const LineError& b) { return a.line < b.line; });
    }
    return report;
}

Result<void> allowed(const ImportContext& context, const std::optional<UnitId>& unit)
{
    return context.mayChange ? context.mayChange(unit) : Result<void>();
}

// Rows with each parent before its children. What remains of a circle is told line by line.
std::vector<UnitRow> parentsFirst(std::vector<UnitRow> rows, ImportReport& report)
{
    QSet<QString> waiting;
    for (const UnitRow& row : rows)
        waiting.insert(row.code);
    std::vector<UnitRow> ordered;
    while (!rows.empty()) {
        std::vector<UnitRow> later;
        std::vector<UnitRow> now;
        for (UnitRow& row : rows)
            (row.parentCode && waiting.contains(*row.parentCode) ? later : now).push_back(std::move(row));
        if (now.empty()) {
            for (const UnitRow& row : later)
                addLine(
                    report, row.line,
                    {QStringLiteral("đơn vị này nằm dưới chính nó"), QStringLiteral("this unit lies below itself")});
            break;
        }
        for (UnitRow& row : now) {
            waiting.remove(row.code);
            ordered.push_back(std::move(row));
        }
        rows = std::move(later);
    }
    return ordered;
}

Text noSuchUnit(const QString& code)
{
    return {QStringLiteral("không có đơn vị mã \"%1\"").arg(code),
            QStringLiteral("there is no unit of code \"%1\"").arg(code)};
}

class UnitImport {
public:
    UnitImport(store::Store& store, const ImportContext& context) : m_store(store), m_context(context) {}

    Result<void> prepare()
    {
        const auto units = m_store.units.all();
        if (!units)
            return passOn(units);
        for (const model::Unit& unit : *units)
            m_byCode.insert(unit.code, unit);
        return {};
    }

    Result<void> take(const UnitRow& row, ImportReport& report)
    {
        std::optional<UnitId> parent;
        if (row.parentCode) {
            const auto found = m_byCode.constFind(*row.parentCode);
            if (found == m_byCode.cend()) {
                addLine(report, row.line, noSuchUnit(*row.parentCode));
                return {};
            }
            parent = found->id;
        }
        const auto known = m_byCode.constFind(row.code);
        const bool isNew = known == m_byCode.cend();
        model::Unit unit = isNew ? model::Unit{} : *known;
        if (isNew) {
            unit.id = {newId(m_context.now)};
            unit.code = row.code;
            unit.validFrom = row.validFrom.value_or(m_context.today);
        } else if (row.validFrom) {
            unit.validFrom = *row.validFrom;
        }
        unit.name = row.name;
        unit.kind = row.kind;
        if (isNew || row.parentCode)
            unit.parent = parent;
        if (row.validUntil)
            unit.validUntil = row.validUntil;
        if (!isNew && unit == *known)
            return {};
        if (auto may = mayTake(isNew, unit, isNew ? std::nullopt : known->parent); !may)
            return noteFailure(report, row.line, may.error());
        if (auto stored = isNew ? m_store.units.add(unit) : m_store.units.update(unit); !stored)
            return noteFailure(report, row.line, stored.error());
        ++(isNew ? report.created : report.updated);
        m_byCode.insert(unit.code, unit);
        if (!isNew)
            m_changed.push_back(unit.id);
        return m_store.audit.append(m_context.now, m_context.user, m_context.actor,
                                    isNew ? QStringLiteral("unit.create") : QStringLiteral("unit.change"),
                                    QStringLiteral("unit:") + unit.id.value,
                                    {{QStringLiteral("code"), unit.code},
                                     {QStringLiteral("name"), unit.name},
                                     {QStringLiteral("import_line"), row.line}});
    }

    // What a unit's hours and duties are may have changed for the stations below it.
    Result<std::vector<StationId>> concerned()
    {
        if (m_changed.empty())
            return std::vector<StationId>();
        const auto tree = m_store.units.tree();
        if (!tree)
            return passOn(tree);
        std::vector<UnitId> below;
        for (const UnitId& unit : m_changed) {
            const auto all = tree->withDescendantsOn(unit, m_context.today);
            below.insert(below.end(), all.begin(), all.end());
        }
        std::sort(below.begin(), below.end());
        below.erase(std::unique(below.begin(), below.end()), below.end());
        const auto stations = m_store.stations.ofUnits(below);
        if (!stations)
            return passOn(stations);
        std::vector<StationId> ids;
        for (const model::Station& station : *stations)
            ids.push_back(station.id);
        return ids;
    }

private:
    Result<void> mayTake(bool isNew, const model::Unit& unit, const std::optional<UnitId>& oldParent)
    {
        if (isNew)
            return allowed(m_context, unit.parent);
        if (auto may = allowed(m_context, unit.id); !may)
            return may;
        return unit.parent == oldParent ? Result<void>() : allowed(m_context, unit.parent);
    }

    store::Store& m_store;
    const ImportContext& m_context;
    QHash<QString, model::Unit> m_byCode;
    std::vector<UnitId> m_changed;
};

class StationImport {
public:
    StationImport(store::Store& store, const ImportContext& context) : m_store(store), m_context(context) {}

    Result<void> prepare()
    {
        const auto units = m_store.units.all();
        if (!units)
            return passOn(units);
        for (const model::Unit& unit : *units)
            m_units.insert(unit.code, unit.id);
        const auto stations = m_store.stations.all();
        if (!stations)
            return passOn(stations);
        for (const model::Station& station : *stations)
            m_byCode.insert(station.code, station);
        return {};
    }

    Result<void> take(const StationRow& row, ImportReport& report)
    {
        const auto unit = m_units.constFind(row.unitCode);
        if (unit == m_units.cend()) {
            addLine(report, row.line, noSuchUnit(row.unitCode));
            return {};
        }
        const auto known = m_byCode.constFind(row.code);
        const bool isNew = known == m_byCode.cend();
        model::Station station = isNew ? model::Station{} : *known;
        if (isNew) {
            station.id = {newId(m_context.now)};
            station.code = row.code;
        }
        station.unit = *unit;
        station.name = row.name;
        station.timeZone = row.timeZone;
        if (isNew || !row.clusters.empty())
            station.clusters = clustersOf(row, station.clusters);
        if (!isNew && station == *known)
            return {};
        auto may = allowed(m_context, station.unit);
        if (may && !isNew && known->unit != station.unit)
            may = allowed(m_context, known->unit);
        if (!may)
            return noteFailure(report, row.line, may.error());
        auto stored =
            isNew ? m_store.stations.add(station, m_context.now) : m_store.stations.update(station, m_context.now);
        if (!stored)
            return noteFailure(report, row.line, stored.error());
        ++(isNew ? report.created : report.updated);
        m_byCode.insert(station.code, station);
        m_concerned.push_back(station.id);
        return m_store.audit.append(m_context.now, m_context.user, m_context.actor,
                                    isNew ? QStringLiteral("station.create") : QStringLiteral("station.change"),
                                    QStringLiteral("station:") + station.id.value,
                                    {{QStringLiteral("code"), station.code},
                                     {QStringLiteral("name"), station.name},
                                     {QStringLiteral("import_line"), row.line}});
    }

    Result<std::vector<StationId>> concerned() { return m_concerned; }

private:
    // A cluster of the same name stays the same cluster.
    static std::vector<model::SpeakerCluster> clustersOf(const StationRow& row,
                                                         const std::vector<model::SpeakerCluster>& old)
    {
        std::vector<model::SpeakerCluster> clusters;
        for (const ClusterRow& given : row.clusters) {
            model::SpeakerCluster cluster{{}, given.name, given.output, given.speakers};
            const auto same =
                std::find_if(old.begin(), old.end(), [&](const auto& each) { return each.name == given.name; });
            if (same != old.end())
                cluster.id = same->id;
            clusters.push_back(std::move(cluster));
        }
        return clusters;
    }

    store::Store& m_store;
    const ImportContext& m_context;
    QHash<QString, UnitId> m_units;
    QHash<QString, model::Station> m_byCode;
    std::vector<StationId> m_concerned;
};

template <typename Import, typename Row>
Result<ImportReport> runImport(store::Store& store, const ImportContext& context, ImportReport report,
                               const std::vector<Row>& rows)
{
    return allOrNothing(store, context, std::move(report), [&](ImportReport& growing) -> Result<void> {
        Import import(store, context);
        if (auto prepared = import.prepare(); !prepared)
            return prepared;
        for (const Row& row : rows) {
            if (auto taken = import.take(row, growing); !taken)
                return taken;
        }
        auto concerned = import.concerned();
        if (!concerned)
            return passOn(concerned);
        growing.concerned = *std::move(concerned);
        return store.plans.wish(growing.concerned, context.now);
    });
}

template <typename Row>
bool tooMany(const std::vector<Row>& rows, std::size_t most, ImportReport& report)
{
    if (rows.size() <= most)
        return false;
    addLine(report, rows[most].line,
            {QStringLiteral("tệp có hơn %1 dòng; hãy chia nhỏ").arg(most),
             QStringLiteral("the file has more than %1 lines; split it").arg(most)});
    return true;
}

} // namespace

Result<ImportReport> importUnits(store::Store& store, QByteArrayView csv, const ImportContext& context)
{
    ReadRows<UnitRow> read = readUnits(csv);
    ImportReport report;
    report.errors = std::move(read.errors);
    // The rest is checked too, so that one look at the report is enough; a file that could not be read has no rows.
    if (tooMany(read.rows, maxUnitRows, report) || (read.rows.empty() && !report.errors.empty()))
        return report;
    const auto ordered = parentsFirst(std::move(read.rows), report);
    return runImport<UnitImport>(store, context, std::move(report), ordered);
}

Result<ImportReport> importStations(store::Store& store, QByteArrayView csv, const ImportContext& context)
{
    ReadRows<StationRow> read = readStations(csv);
    ImportReport report;
    report.errors = std::move(read.errors);
    if (tooMany(read.rows, maxStationRows, report) || (read.rows.empty() && !report.errors.empty()))
        return report;
    return runImport<StationImport>(store, context, std::move(report), read.rows);
}

} // namespace loa::imports
