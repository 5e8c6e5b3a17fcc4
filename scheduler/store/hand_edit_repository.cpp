#include "scheduler/store/hand_edit_repository.h"

namespace loa::store {

namespace {

StoredEdit readEdit(RowReader& row)
{
    StoredEdit stored;
    model::HandEdit& edit = stored.edit;
    edit.id = row.id<HandEditId>();
    edit.station = row.id<StationId>();
    edit.session = row.id<SessionId>();
    stored.sessionStart = row.time();
    edit.item = row.id<ItemId>();
    edit.kind = row.word(model::handEditKindFromString);
    if (const auto position = row.optionalInteger())
        edit.position = static_cast<int>(*position);
    edit.note = row.text();
    edit.madeBy = row.id<UserId>();
    edit.madeAt = row.time();
    return stored;
}

tl::unexpected<Error> editNotFound(const HandEditId& edit)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có sửa tay này."), QStringLiteral("There is no such edit by hand.")},
                edit.value);
}

} // namespace

Result<void> HandEditRepository::put(const StoredEdit& stored)
{
    const model::HandEdit& edit = stored.edit;
    const std::optional<std::int64_t> position = edit.position;
    return m_database.transaction([&]() -> Result<void> {
        const auto before =
            m_database.execute(QStringLiteral("DELETE FROM hand_edits WHERE session_id = ? AND item_id = ?"),
                               {toSql(edit.session), toSql(edit.item)});
        if (!before)
            return passOn(before);
        const auto added = m_database.execute(
            QStringLiteral("INSERT INTO hand_edits (id, station_id, session_id, session_start, item_id, kind, "
                           "place, note, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            {toSql(edit.id), toSql(edit.station), toSql(edit.session), toSql(stored.sessionStart), toSql(edit.item),
             toString(edit.kind), toSql(position), toSql(edit.note), toSql(edit.madeBy), toSql(edit.madeAt)});
        if (!added)
            return passOn(added);
        return {};
    });
}

Result<std::vector<StoredEdit>> HandEditRepository::select(const QString& rest, const Values& values)
{
    return m_database.selectAll(QStringLiteral("SELECT id, station_id, session_id, session_start, item_id, kind, "
                                               "place, note, made_by, made_at FROM hand_edits ") +
                                    rest,
                                values, readEdit);
}

Result<std::vector<StoredEdit>> HandEditRepository::ofStation(const StationId& station, UtcTime from)
{
    return select(QStringLiteral("WHERE station_id = ? AND session_start >= ? ORDER BY made_at, id"),
                  {toSql(station), toSql(from)});
}

Result<StoredEdit> HandEditRepository::find(const HandEditId& edit)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(edit)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return editNotFound(edit);
    return found->front();
}

Result<void> HandEditRepository::remove(const HandEditId& edit)
{
    const auto removed = m_database.execute(QStringLiteral("DELETE FROM hand_edits WHERE id = ?"), {toSql(edit)});
    if (!removed)
        return passOn(removed);
    if (*removed == 0)
        return editNotFound(edit);
    return {};
}

} // namespace loa::store
