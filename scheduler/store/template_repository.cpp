#include "scheduler/store/template_repository.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace loa::store {

namespace {

model::SessionTemplate readTemplate(RowReader& row)
{
    model::SessionTemplate made;
    made.id = row.id<TemplateId>();
    made.unit = row.id<UnitId>();
    made.name = row.text();
    auto parts = model::templatePartsFromJson(QJsonDocument::fromJson(row.utf8()).array());
    if (parts)
        made.parts = *std::move(parts);
    else
        row.remark();
    made.revision = row.integer();
    return made;
}

QString partsDocument(const model::SessionTemplate& made)
{
    return QString::fromUtf8(QJsonDocument(partsToJson(made.parts)).toJson(QJsonDocument::Compact));
}

tl::unexpected<Error> notFound(const TemplateId& made)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có kết cấu buổi phát này."), QStringLiteral("There is no such template.")},
                made.value);
}

} // namespace

Result<void> TemplateRepository::add(const model::SessionTemplate& made)
{
    if (auto sound = checkTemplate(made); !sound)
        return sound;
    const auto added = m_database.execute(
        QStringLiteral("INSERT INTO session_templates (id, unit_id, name, parts, revision) VALUES (?, ?, ?, ?, ?)"),
        {toSql(made.id), toSql(made.unit), toSql(made.name), partsDocument(made), toSql(made.revision)});
    return added ? Result<void>{} : passOn(added);
}

Result<void> TemplateRepository::change(const model::SessionTemplate& made)
{
    if (auto sound = checkTemplate(made); !sound)
        return sound;
    if (const auto known = find(made.id); !known)
        return passOn(known);
    const auto changed = m_database.execute(
        QStringLiteral("UPDATE session_templates SET name = ?, parts = ?, revision = ? WHERE id = ? AND revision = ?"),
        {toSql(made.name), partsDocument(made), toSql(made.revision + 1), toSql(made.id), toSql(made.revision)});
    if (!changed)
        return passOn(changed);
    if (*changed == 0)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Kết cấu vừa được người khác sửa. Hãy tải lại rồi sửa."),
                     QStringLiteral("The template has changed meanwhile. Load it again, then edit.")},
                    made.id.value);
    return {};
}

Result<void> TemplateRepository::remove(const TemplateId& made)
{
    const auto rules =
        m_database.select(QStringLiteral("SELECT 1 FROM session_rules WHERE template_id = ?"), {toSql(made)});
    if (!rules)
        return passOn(rules);
    // Days lie there as one document (special_calendar_repository), in which an id stands between quotes.
    const auto calendars = m_database.select(QStringLiteral("SELECT 1 FROM special_calendars WHERE days LIKE ?"),
                                             {toSql(QStringLiteral("%\"template_id\":\"%1\"%").arg(made.value))});
    if (!calendars)
        return passOn(calendars);
    if (!rules->empty() || !calendars->empty())
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Còn %1 khung giờ và %2 lịch ngày đặc biệt dùng kết cấu này. Hãy đổi kết cấu của "
                                    "chúng trước.")
                         .arg(rules->size())
                         .arg(calendars->size()),
                     QStringLiteral("%1 session rules and %2 calendars of special days still use this template. Give "
                                    "them another first.")
                         .arg(rules->size())
                         .arg(calendars->size())},
                    made.value);
    const auto removed =
        m_database.execute(QStringLiteral("DELETE FROM session_templates WHERE id = ?"), {toSql(made)});
    if (!removed)
        return passOn(removed);
    return *removed == 0 ? Result<void>(notFound(made)) : Result<void>{};
}

Result<model::SessionTemplate> TemplateRepository::find(const TemplateId& made)
{
    auto found = select(QStringLiteral("WHERE id = ?"), {toSql(made)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return notFound(made);
    return std::move(found->front());
}

Result<std::vector<model::SessionTemplate>> TemplateRepository::ofUnit(const UnitId& unit)
{
    return select(QStringLiteral("WHERE unit_id = ?"), {toSql(unit)});
}

Result<std::vector<model::SessionTemplate>> TemplateRepository::all()
{
    return select(QString(), {});
}

Result<std::vector<model::SessionTemplate>> TemplateRepository::select(const QString& where, const Values& values)
{
    return m_database.selectAll(QStringLiteral("SELECT id, unit_id, name, parts, revision FROM session_templates ") +
                                    where + QStringLiteral(" ORDER BY name, id"),
                                values, readTemplate);
}

} // namespace loa::store
