#include "scheduler/store/relay_repository.h"

#include <QJsonDocument>

namespace loa::store {

namespace {

model::RelaySource readSource(RowReader& row)
{
    model::RelaySource source;
    const auto definition = relayDefinitionFromJson(QJsonDocument::fromJson(row.utf8()).object());
    if (definition)
        source.definition = *definition;
    else
        row.remark();
    source.revision = row.integer();
    const auto hash = row.optionalHash();
    const auto by = row.optionalId<UserId>();
    const auto name = row.optionalText();
    const auto at = row.optionalTime();
    if (hash && by && name && at)
        source.approval = model::RelayApproval{*hash, *by, *name, *at};
    return source;
}

QString document(const RelayDefinition& definition)
{
    return QString::fromUtf8(QJsonDocument(toJson(definition)).toJson(QJsonDocument::Compact));
}

void append(Values& values, const std::optional<model::RelayApproval>& approval)
{
    values.push_back(toSql(approval ? std::optional(approval->definition) : std::nullopt));
    values.push_back(toSql(approval ? std::optional(approval->approvedBy) : std::nullopt));
    values.push_back(toSql(approval ? std::optional(approval->approvedByName) : std::nullopt));
    values.push_back(toSql(approval ? std::optional(approval->approvedAt) : std::nullopt));
}

tl::unexpected<Error> notFound(const RelayId& source)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có nguồn tiếp sóng này."), QStringLiteral("There is no such relay source.")},
                source.value);
}

} // namespace

Result<void> RelayRepository::add(const model::RelaySource& source)
{
    if (auto sound = checkRelay(source.definition); !sound)
        return sound;
    Values values{toSql(source.definition.id), toSql(source.definition.unit), toSql(source.definition.name),
                  document(source.definition), toSql(source.revision)};
    append(values, source.approval);
    const auto added = m_database.execute(
        QStringLiteral("INSERT INTO relay_sources (id, unit_id, name, definition, revision, approved_definition, "
                       "approved_by, approved_by_name, approved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        values);
    return added ? Result<void>{} : passOn(added);
}

Result<void> RelayRepository::change(const model::RelaySource& source)
{
    if (auto sound = checkRelay(source.definition); !sound)
        return sound;
    const RelayId& id = source.definition.id;
    if (const auto known = find(id); !known)
        return passOn(known);
    Values values{toSql(source.definition.name), document(source.definition), toSql(source.revision + 1)};
    append(values, source.approval);
    values.push_back(toSql(id));
    values.push_back(toSql(source.revision));
    const auto changed = m_database.execute(
        QStringLiteral("UPDATE relay_sources SET name = ?, definition = ?, revision = ?, approved_definition = ?, "
                       "approved_by = ?, approved_by_name = ?, approved_at = ? WHERE id = ? AND revision = ?"),
        values);
    if (!changed)
        return passOn(changed);
    if (*changed == 0)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Nguồn tiếp sóng vừa được người khác sửa. Hãy tải lại."),
                     QStringLiteral("The relay source has changed meanwhile. Load it again.")},
                    id.value);
    return {};
}

// Templates are JSON, so who uses it is the caller's to ask.
Result<void> RelayRepository::remove(const RelayId& source)
{
    const auto removed = m_database.execute(QStringLiteral("DELETE FROM relay_sources WHERE id = ?"), {toSql(source)});
    if (!removed)
        return passOn(removed);
    return *removed == 0 ? Result<void>(notFound(source)) : Result<void>{};
}

Result<model::RelaySource> RelayRepository::find(const RelayId& source)
{
    auto found = select(QStringLiteral("WHERE id = ?"), {toSql(source)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return notFound(source);
    return std::move(found->front());
}

Result<std::vector<model::RelaySource>> RelayRepository::ofUnit(const UnitId& unit)
{
    return select(QStringLiteral("WHERE unit_id = ? ORDER BY name, id"), {toSql(unit)});
}

Result<std::vector<model::RelaySource>> RelayRepository::all()
{
    return select(QStringLiteral("ORDER BY id"), {});
}

Result<std::vector<model::RelaySource>> RelayRepository::select(const QString& rest, const Values& values)
{
    return m_database.selectAll(QStringLiteral("SELECT definition, revision, approved_definition, approved_by, "
                                               "approved_by_name, approved_at FROM relay_sources ") +
                                    rest,
                                values, readSource);
}

} // namespace loa::store
