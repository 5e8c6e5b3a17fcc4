#include "scheduler/store/unit_repository.h"

#include <algorithm>

namespace loa::store {

namespace {

// The newest link of each unit, beside its own columns.
const QString unitColumns =
    QStringLiteral("SELECT u.id, l.parent_id, u.code, u.name, u.kind, u.valid_from, u.valid_until FROM units u "
                   "JOIN unit_links l ON l.unit_id = u.id AND l.valid_from = "
                   "(SELECT MAX(newest.valid_from) FROM unit_links newest WHERE newest.unit_id = u.id) ");

model::Unit readUnit(RowReader& row)
{
    model::Unit unit;
    unit.id = row.id<UnitId>();
    unit.parent = row.optionalId<UnitId>();
    unit.code = row.text();
    unit.name = row.text();
    unit.kind = row.text();
    unit.validFrom = row.date();
    unit.validUntil = row.optionalDate();
    return unit;
}

tl::unexpected<Error> unitNotFound(const UnitId& id)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có đơn vị này."), QStringLiteral("There is no such unit.")}, id.value);
}

} // namespace

Result<std::vector<model::Unit>> UnitRepository::select(const QString& where, const Values& values)
{
    return m_database.selectAll(unitColumns + where, values, readUnit);
}

Result<void> UnitRepository::check(const model::Unit& unit)
{
    if (!isValidId(unit.id.value) || unit.code.trimmed().isEmpty() || unit.name.trimmed().isEmpty() ||
        unit.kind.trimmed().isEmpty() || !unit.validFrom.isValid()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đơn vị cần có mã, tên, loại và ngày bắt đầu."),
                     QStringLiteral("A unit needs a code, a name, a kind and a first day.")},
                    unit.id.value);
    }
    if (unit.validUntil && (!unit.validUntil->isValid() || *unit.validUntil < unit.validFrom)) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Ngày kết thúc đứng trước ngày bắt đầu."),
                     QStringLiteral("The last day is before the first.")},
                    unit.id.value);
    }
    const auto same = findByCode(unit.code);
    if (!same)
        return passOn(same);
    if (*same && (*same)->id != unit.id) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Mã đơn vị \"%1\" đã có.").arg(unit.code),
                     QStringLiteral("The unit code \"%1\" is taken.").arg(unit.code)},
                    unit.code);
    }
    return {};
}

Result<void> UnitRepository::putLink(const model::UnitLink& link)
{
    const auto known = tree();
    if (!known)
        return passOn(known);
    if (link.parent && known->find(*link.parent) == nullptr)
        return unitNotFound(*link.parent);
    if (const auto date = known->circleWith(link)) {
        const QString day = date->toString(Qt::ISODate);
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Đơn vị sẽ nằm dưới chính nó (ngày %1).").arg(day),
                     QStringLiteral("The unit would lie below itself (on %1).").arg(day)},
                    link.unit.value);
    }
    const auto put = m_database.execute(
        QStringLiteral("INSERT INTO unit_links (unit_id, valid_from, parent_id) VALUES (?, ?, ?) "
                       "ON CONFLICT (unit_id, valid_from) DO UPDATE SET parent_id = excluded.parent_id"),
        {toSql(link.unit), toSql(link.from), toSql(link.parent)});
    if (!put)
        return passOn(put);
    return {};
}

Result<void> UnitRepository::add(const model::Unit& unit)
{
    return m_database.transaction([&]() -> Result<void> {
        if (const auto sound = check(unit); !sound)
            return passOn(sound);
        const auto inserted = m_database.execute(
            QStringLiteral(
                "INSERT INTO units (id, code, name, kind, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?)"),
            {toSql(unit.id), toSql(unit.code), toSql(unit.name), toSql(unit.kind), toSql(unit.validFrom),
             toSql(unit.validUntil)});
        if (!inserted)
            return passOn(inserted);
        return putFirstLink(unit);
    });
}

// Nothing lies below a unit that is new, so no circle can close but one with itself, and the tree need not be read: a
// country of units is imported one by one.
Result<void> UnitRepository::putFirstLink(const model::Unit& unit)
{
    if (unit.parent == unit.id)
        return putLink({unit.id, unit.validFrom, unit.parent});
    if (unit.parent) {
        if (const auto parent = find(*unit.parent); !parent)
            return passOn(parent);
    }
    const auto put =
        m_database.execute(QStringLiteral("INSERT INTO unit_links (unit_id, valid_from, parent_id) VALUES (?, ?, ?)"),
                           {toSql(unit.id), toSql(unit.validFrom), toSql(unit.parent)});
    if (!put)
        return passOn(put);
    return {};
}

Result<void> UnitRepository::update(const model::Unit& unit)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto before = find(unit.id);
        if (!before)
            return passOn(before);
        if (const auto sound = check(unit); !sound)
            return passOn(sound);
        const auto updated = m_database.execute(
            QStringLiteral(
                "UPDATE units SET code = ?, name = ?, kind = ?, valid_from = ?, valid_until = ? WHERE id = ?"),
            {toSql(unit.code), toSql(unit.name), toSql(unit.kind), toSql(unit.validFrom), toSql(unit.validUntil),
             toSql(unit.id)});
        if (!updated)
            return passOn(updated);
        if (before->parent == unit.parent)
            return {};
        const auto newest =
            m_database.selectAll(QStringLiteral("SELECT MAX(valid_from) FROM unit_links WHERE unit_id = ?"),
                                 {toSql(unit.id)}, [](RowReader& row) { return row.date(); });
        if (!newest)
            return passOn(newest);
        return putLink({unit.id, newest->front(), unit.parent});
    });
}

Result<void> UnitRepository::move(const UnitId& unit, const std::optional<UnitId>& parent, QDate from)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto known = find(unit);
        if (!known)
            return passOn(known);
        if (!from.isValid() || from < known->validFrom) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Ngày chuyển phải từ ngày đơn vị bắt đầu."),
                         QStringLiteral("The day of the move must not be before the unit's first day.")},
                        unit.value);
        }
        return putLink({unit, from, parent});
    });
}

Result<void> UnitRepository::merge(std::span<const UnitId> merged, const UnitId& into, QDate on)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto target = find(into);
        if (!target)
            return passOn(target);
        for (const UnitId& id : merged) {
            auto unit = find(id);
            if (!unit)
                return passOn(unit);
            const bool reversed = !on.isValid() || on <= unit->validFrom;
            const bool endedBefore = unit->validUntil && *unit->validUntil < on;
            if (reversed || endedBefore || id == into) {
                return fail(ErrorCategory::InvalidInput,
                            {QStringLiteral("Đơn vị \"%1\" không sáp nhập được vào ngày này.").arg(unit->name),
                             QStringLiteral("The unit \"%1\" cannot be merged on this day.").arg(unit->name)},
                            id.value);
            }
            const auto ended = m_database.execute(QStringLiteral("UPDATE units SET valid_until = ? WHERE id = ?"),
                                                  {toSql(on.addDays(-1)), toSql(id)});
            if (!ended)
                return passOn(ended);
            if (const auto linked = putLink({id, on, into}); !linked)
                return passOn(linked);
        }
        return {};
    });
}

Result<model::Unit> UnitRepository::find(const UnitId& id)
{
    const auto found = select(QStringLiteral("WHERE u.id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return unitNotFound(id);
    return found->front();
}

Result<std::optional<model::Unit>> UnitRepository::findByCode(const QString& code)
{
    const auto found = select(QStringLiteral("WHERE u.code = ?"), {toSql(code)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::vector<model::Unit>> UnitRepository::all()
{
    return select(QStringLiteral("ORDER BY u.name, u.id"), {});
}

Result<model::UnitTree> UnitRepository::tree()
{
    auto units = all();
    if (!units)
        return passOn(units);
    auto links = m_database.selectAll(QStringLiteral("SELECT unit_id, valid_from, parent_id FROM unit_links"), {},
                                      [](RowReader& row) {
                                          model::UnitLink link;
                                          link.unit = row.id<UnitId>();
                                          link.from = row.date();
                                          link.parent = row.optionalId<UnitId>();
                                          return link;
                                      });
    if (!links)
        return passOn(links);
    return model::UnitTree(std::move(*units), std::move(*links));
}

} // namespace loa::store
