// Orders that people gave to stations, and the signed command that each station got of it. Storage thread; borrows the
// database. Errors: NotFound, Conflict, Storage.
#pragma once

#include "scheduler/contract/command.h"
#include "scheduler/store/database.h"

#include <QSet>

#include <optional>
#include <span>
#include <vector>

namespace loa::store {

// What a person wanted, of one station or of all under a unit.
struct OrderRecord {
    OrderId id;
    std::optional<UnitId> unit;
    std::optional<StationId> station;
    QString kind;       // as kindOf()
    QString title;      // of what plays; empty otherwise
    QByteArray details; // JSON object: the order's own words
    std::optional<ItemId> item;
    UserId orderedBy;
    QString orderedByName;
    UtcTime orderedAt;
    UtcTime validUntil;
    bool operator==(const OrderRecord&) const = default;
};

// How far a station has come with it. Expired is what Waiting becomes by itself.
enum class CommandStanding { Waiting, Accepted, Playing, Done, Refused, Cancelled, Expired };
[[nodiscard]] QString toString(CommandStanding standing); // "waiting", …
[[nodiscard]] Result<CommandStanding> commandStandingFromString(QStringView text);

struct CommandRecord {
    CommandId id;
    OrderId order;
    StationId station;
    std::optional<std::int64_t> sequence; // absent: never sent, refused by the scheduler itself
    QByteArray sealed;                    // empty then
    std::optional<AiringId> airing;       // what it lets sound
    UtcTime validUntil;
    CommandStanding standing = CommandStanding::Waiting;
    QString reason;
    QString detail;
    std::optional<UtcTime> answeredAt; // when the scheduler heard it
    bool operator==(const CommandRecord&) const = default;
};

class CommandRepository {
public:
    explicit CommandRepository(Database& database) : m_database(database) {}

    [[nodiscard]] Result<void> add(const OrderRecord& order);
    // Conflict unless the sequence is higher than every one of the station (promise 10).
    [[nodiscard]] Result<void> add(const CommandRecord& command);
    [[nodiscard]] Result<std::int64_t> lastSequence(const StationId& station); // 0: none yet

    [[nodiscard]] Result<OrderRecord> findOrder(const OrderId& order);
    [[nodiscard]] Result<std::vector<OrderRecord>> latestOrders(int limit); // newest first
    // By station; Expired as of `now`.
    [[nodiscard]] Result<std::vector<CommandRecord>> ofOrder(const OrderId& order, UtcTime now);
    [[nodiscard]] Result<std::optional<CommandRecord>> find(const CommandId& command, UtcTime now);
    // Valid, and not answered yet, by sequence.
    [[nodiscard]] Result<std::vector<CommandRecord>> waiting(const StationId& station, UtcTime now, int limit);
    [[nodiscard]] Result<void> setStanding(const CommandId& command, CommandStanding standing, const QString& reason,
                                           const QString& detail, UtcTime answeredAt);

private:
    [[nodiscard]] Result<std::vector<OrderRecord>> selectOrders(const QString& rest, const Values& values);
    [[nodiscard]] Result<std::vector<CommandRecord>> selectCommands(const QString& rest, const Values& values,
                                                                    UtcTime now);

    Database& m_database;
};

} // namespace loa::store
