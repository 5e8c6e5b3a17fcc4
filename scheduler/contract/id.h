// Names of things, one type a kind, so that a station's id cannot be passed for an item's. The text is opaque: 1 to 64
// characters of a-z, 0-9 and '-'. Values, any thread.
#pragma once

#include "scheduler/contract/time.h"

#include <QByteArrayView>
#include <QHashFunctions>
#include <QString>

#include <compare>
#include <functional>

namespace loa {

template <typename Tag>
struct Id {
    QString value;

    [[nodiscard]] bool isEmpty() const { return value.isEmpty(); }
    friend bool operator==(const Id& a, const Id& b) { return a.value == b.value; }
    friend std::strong_ordering operator<=>(const Id& a, const Id& b)
    {
        return a.value == b.value ? std::strong_ordering::equal
                                  : (a.value < b.value ? std::strong_ordering::less : std::strong_ordering::greater);
    }
    friend size_t qHash(const Id& id, size_t seed = 0) { return ::qHash(id.value, seed); }
};

using UnitId = Id<struct UnitTag>;
using StationId = Id<struct StationTag>;
using ClusterId = Id<struct ClusterTag>;
using AgentId = Id<struct AgentTag>;
using UserId = Id<struct UserTag>;
using ItemId = Id<struct ItemTag>;
using TopicId = Id<struct TopicTag>;
using SessionRuleId = Id<struct SessionRuleTag>;
using SessionId = Id<struct SessionTag>;
using AiringId = Id<struct AiringTag>;
using PolicyId = Id<struct PolicyTag>;
using ObligationId = Id<struct ObligationTag>;
using UploadId = Id<struct UploadTag>;
using HandEditId = Id<struct HandEditTag>;
using TemplateId = Id<struct TemplateTag>;
using SpecialCalendarId = Id<struct SpecialCalendarTag>;
using CommandId = Id<struct CommandTag>;
using OrderId = Id<struct OrderTag>;
using RelayId = Id<struct RelayTag>;

// 1 to 64 characters of a-z, 0-9, '-'.
[[nodiscard]] bool isValidId(QStringView text);

// A new id: 10 characters of time (so that rows sort by age) and 16 random ones, Crockford base 32 in lower case
// (ULID).
[[nodiscard]] QString newId(UtcTime now);

// The same parts give the same id: 26 characters of the SHA-256 of the parts. For things that are made again by every
// planning run and must keep their name.
[[nodiscard]] QString derivedId(std::initializer_list<QStringView> parts);

// One session of one rule at one instant, and one item in it: an item plays at most once a session, so this is unique.
// A tune of the session's template may sound twice; `tune` is the name of its part, empty for all other items.
[[nodiscard]] SessionId sessionIdFor(const StationId& station, const SessionRuleId& rule, UtcTime startsAt);
[[nodiscard]] AiringId airingIdFor(const SessionId& session, const ItemId& item, QStringView tune = {});
// One relay of a session: `part` is the name of its part in the template.
[[nodiscard]] AiringId relayAiringIdFor(const SessionId& session, const RelayId& relay, QStringView part);
// The standby item of a relay that sounded in its stead.
[[nodiscard]] AiringId standbyAiringIdFor(const AiringId& relay, const ItemId& item);

} // namespace loa

template <typename Tag>
struct std::hash<loa::Id<Tag>> {
    std::size_t operator()(const loa::Id<Tag>& id) const noexcept { return ::qHash(id.value); }
};
