#include "scheduler/store/command_repository.h"

#include <array>

namespace loa::store {

namespace {

constexpr std::array<const char*, 7> standingWords{"waiting", "accepted",  "playing", "done",
                                                   "refused", "cancelled", "expired"};

OrderRecord readOrder(RowReader& row)
{
    OrderRecord order;
    order.id = row.id<OrderId>();
    order.unit = row.optionalId<UnitId>();
    order.station = row.optionalId<StationId>();
    order.kind = row.text();
    order.title = row.text();
    order.details = row.utf8();
    order.item = row.optionalId<ItemId>();
    order.orderedBy = row.id<UserId>();
    order.orderedByName = row.text();
    order.orderedAt = row.time();
    order.validUntil = row.time();
    return order;
}

} // namespace

QString toString(CommandStanding standing)
{
    return QLatin1String(standingWords[static_cast<std::size_t>(standing)]);
}

Result<CommandStanding> commandStandingFromString(QStringView text)
{
    for (std::size_t index = 0; index < standingWords.size(); ++index) {
        if (text == QLatin1String(standingWords[index]))
            return static_cast<CommandStanding>(index);
    }
    return fail(
        ErrorCategory::InvalidInput,
        {QStringLiteral("Không có tình trạng lệnh này."), QStringLiteral("There is no such standing of a command.")},
        text.left(40).toString());
}

Result<void> CommandRepository::add(const OrderRecord& order)
{
    const auto added = m_database.execute(
        QStringLiteral(
            "INSERT INTO command_orders (id, unit_id, station_id, kind, title, details, item_id, ordered_by, "
            "ordered_by_name, ordered_at, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {toSql(order.id), toSql(order.unit), toSql(order.station), toSql(order.kind), toSql(order.title),
         toSql(QString::fromUtf8(order.details)), toSql(order.item), toSql(order.orderedBy), toSql(order.orderedByName),
         toSql(order.orderedAt), toSql(order.validUntil)});
    return added ? Result<void>{} : passOn(added);
}

Result<std::int64_t> CommandRepository::lastSequence(const StationId& station)
{
    const auto last =
        m_database.selectAll(QStringLiteral("SELECT COALESCE(MAX(sequence), 0) FROM commands WHERE station_id = ?"),
                             {toSql(station)}, [](RowReader& row) { return row.integer(); });
    if (!last)
        return passOn(last);
    return last->empty() ? 0 : last->front();
}

Result<void> CommandRepository::add(const CommandRecord& command)
{
    if (command.sequence) {
        const auto last = lastSequence(command.station);
        if (!last)
            return passOn(last);
        if (*command.sequence <= *last)
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Số thứ tự lệnh phải tăng."),
                         QStringLiteral("A station's command sequence must rise.")},
                        command.station.value);
    }
    const auto added = m_database.execute(
        QStringLiteral("INSERT INTO commands (id, order_id, station_id, sequence, sealed, airing_id, valid_until, "
                       "standing, reason, detail, answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {toSql(command.id), toSql(command.order), toSql(command.station), toSql(command.sequence),
         toSql(QString::fromUtf8(command.sealed)), toSql(command.airing), toSql(command.validUntil),
         toSql(toString(command.standing)), toSql(command.reason), toSql(command.detail), toSql(command.answeredAt)});
    return added ? Result<void>{} : passOn(added);
}

Result<OrderRecord> CommandRepository::findOrder(const OrderId& order)
{
    auto found = selectOrders(QStringLiteral("WHERE id = ?"), {toSql(order)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không có lệnh này."), QStringLiteral("There is no such order.")}, order.value);
    return std::move(found->front());
}

Result<std::vector<OrderRecord>> CommandRepository::latestOrders(int limit)
{
    return selectOrders(QStringLiteral("ORDER BY ordered_at DESC, id DESC LIMIT ?"), {toSql(limit)});
}

Result<std::vector<CommandRecord>> CommandRepository::ofOrder(const OrderId& order, UtcTime now)
{
    return selectCommands(QStringLiteral("WHERE order_id = ? ORDER BY station_id"), {toSql(order)}, now);
}

Result<std::optional<CommandRecord>> CommandRepository::find(const CommandId& command, UtcTime now)
{
    auto found = selectCommands(QStringLiteral("WHERE id = ?"), {toSql(command)}, now);
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<CommandRecord>> CommandRepository::waiting(const StationId& station, UtcTime now, int limit)
{
    return selectCommands(
        QStringLiteral("WHERE station_id = ? AND standing = 'waiting' AND valid_until > ? ORDER BY sequence LIMIT ?"),
        {toSql(station), toSql(now), toSql(limit)}, now);
}

Result<void> CommandRepository::setStanding(const CommandId& command, CommandStanding standing, const QString& reason,
                                            const QString& detail, UtcTime answeredAt)
{
    const auto changed = m_database.execute(
        QStringLiteral("UPDATE commands SET standing = ?, reason = ?, detail = ?, answered_at = ? WHERE id = ?"),
        {toSql(toString(standing)), toSql(reason), toSql(detail), toSql(answeredAt), toSql(command)});
    return changed ? Result<void>{} : passOn(changed);
}

Result<std::vector<OrderRecord>> CommandRepository::selectOrders(const QString& rest, const Values& values)
{
    return m_database.selectAll(QStringLiteral("SELECT id, unit_id, station_id, kind, title, details, item_id, "
                                               "ordered_by, ordered_by_name, ordered_at, valid_until "
                                               "FROM command_orders ") +
                                    rest,
                                values, readOrder);
}

Result<std::vector<CommandRecord>> CommandRepository::selectCommands(const QString& rest, const Values& values,
                                                                     UtcTime now)
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, order_id, station_id, sequence, sealed, airing_id, valid_until, standing, reason, "
                       "detail, answered_at FROM commands ") +
            rest,
        values, [now](RowReader& row) {
            CommandRecord command;
            command.id = row.id<CommandId>();
            command.order = row.id<OrderId>();
            command.station = row.id<StationId>();
            command.sequence = row.optionalInteger();
            command.sealed = row.utf8();
            command.airing = row.optionalId<AiringId>();
            command.validUntil = row.time();
            command.standing = row.word(commandStandingFromString);
            command.reason = row.text();
            command.detail = row.text();
            command.answeredAt = row.optionalTime();
            if (command.standing == CommandStanding::Waiting && command.validUntil <= now)
                command.standing = CommandStanding::Expired;
            return command;
        });
}

} // namespace loa::store
