#include "scheduler/store/special_calendar_repository.h"

#include <QJsonDocument>

namespace loa::store {

namespace {

model::SpecialCalendar readCalendar(RowReader& row)
{
    model::SpecialCalendar calendar;
    calendar.id = row.id<SpecialCalendarId>();
    calendar.unit = row.id<UnitId>();
    calendar.name = row.text();
    calendar.decision = row.text();
    auto days = model::specialDaysFromJson(QJsonDocument::fromJson(row.utf8()).array());
    if (days)
        calendar.days = *std::move(days);
    else
        row.remark();
    calendar.revision = row.integer();
    return calendar;
}

QString daysDocument(const model::SpecialCalendar& calendar)
{
    return QString::fromUtf8(QJsonDocument(daysToJson(calendar.days)).toJson(QJsonDocument::Compact));
}

tl::unexpected<Error> notFound(const SpecialCalendarId& calendar)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có lịch ngày đặc biệt này."),
                 QStringLiteral("There is no such calendar of special days.")},
                calendar.value);
}

} // namespace

Result<void> SpecialCalendarRepository::add(const model::SpecialCalendar& calendar)
{
    if (auto sound = checkCalendar(calendar); !sound)
        return sound;
    const auto added =
        m_database.execute(QStringLiteral("INSERT INTO special_calendars (id, unit_id, name, decision, days, revision) "
                                          "VALUES (?, ?, ?, ?, ?, ?)"),
                           {toSql(calendar.id), toSql(calendar.unit), toSql(calendar.name), toSql(calendar.decision),
                            daysDocument(calendar), toSql(calendar.revision)});
    return added ? Result<void>{} : passOn(added);
}

Result<void> SpecialCalendarRepository::change(const model::SpecialCalendar& calendar)
{
    if (auto sound = checkCalendar(calendar); !sound)
        return sound;
    if (const auto known = find(calendar.id); !known)
        return passOn(known);
    const auto changed =
        m_database.execute(QStringLiteral("UPDATE special_calendars SET name = ?, decision = ?, days = ?, revision = ? "
                                          "WHERE id = ? AND revision = ?"),
                           {toSql(calendar.name), toSql(calendar.decision), daysDocument(calendar),
                            toSql(calendar.revision + 1), toSql(calendar.id), toSql(calendar.revision)});
    if (!changed)
        return passOn(changed);
    if (*changed == 0)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Lịch vừa được người khác sửa. Hãy tải lại rồi sửa."),
                     QStringLiteral("The calendar has changed meanwhile. Load it again, then edit.")},
                    calendar.id.value);
    return {};
}

Result<void> SpecialCalendarRepository::remove(const SpecialCalendarId& calendar)
{
    const auto removed =
        m_database.execute(QStringLiteral("DELETE FROM special_calendars WHERE id = ?"), {toSql(calendar)});
    if (!removed)
        return passOn(removed);
    return *removed == 0 ? Result<void>(notFound(calendar)) : Result<void>{};
}

Result<model::SpecialCalendar> SpecialCalendarRepository::find(const SpecialCalendarId& calendar)
{
    auto found = select(QStringLiteral("WHERE id = ?"), {toSql(calendar)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return notFound(calendar);
    return std::move(found->front());
}

Result<std::vector<model::SpecialCalendar>> SpecialCalendarRepository::ofUnit(const UnitId& unit)
{
    return select(QStringLiteral("WHERE unit_id = ?"), {toSql(unit)});
}

Result<QHash<UnitId, std::vector<model::SpecialCalendar>>> SpecialCalendarRepository::all()
{
    auto stored = select(QString(), {});
    if (!stored)
        return passOn(stored);
    QHash<UnitId, std::vector<model::SpecialCalendar>> byUnit;
    for (model::SpecialCalendar& calendar : *stored)
        byUnit[calendar.unit].push_back(std::move(calendar));
    return byUnit;
}

Result<std::vector<model::SpecialCalendar>> SpecialCalendarRepository::select(const QString& where,
                                                                              const Values& values)
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, unit_id, name, decision, days, revision FROM special_calendars ") + where +
            QStringLiteral(" ORDER BY id"),
        values, readCalendar);
}

} // namespace loa::store
