// Quiet hours: dated policies that say when a station may sound and how much. Both programs judge by this page: the
// scheduler when it plans, the agent again before anything sounds (promise 2). Closed by default: where no policy
// speaks, nothing may sound. Source of the limits: domain.md, "Law and rules" (Hanoi's decision of 12/3/2021 and
// others); they are data, never constants. Local time is that of the station's IANA zone. Values and pure functions,
// any thread.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QJsonObject>
#include <QString>
#include <QTimeZone>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <vector>

namespace loa {

// Sound is allowed from `from` until `until` (exclusive), minutes after local midnight, 0 <= from < until <= 1440.
struct HoursWindow {
    std::chrono::minutes from{0};
    std::chrono::minutes until{0};
    bool operator==(const HoursWindow&) const = default;
};

// Windows for one day by a named decision: they replace the weekday's.
struct HoursException {
    QDate date;
    std::vector<HoursWindow> windows;
    QString decision;
    bool operator==(const HoursException&) const = default;
};

struct HoursPolicy {
    PolicyId id;
    QString name;
    QString decision; // the paper that it rests on
    QDate validFrom;
    std::optional<QDate> validUntil; // last day it holds
    // Index 0 is Monday. An empty day is a silent day.
    std::array<std::vector<HoursWindow>, 7> week;
    std::vector<HoursException> exceptions;
    int sessionsPerDay = 0;                // most sessions a local day; 0: no limit
    std::chrono::seconds sessionLength{0}; // longest session, relay included; 0: no limit
    std::chrono::seconds ownLength{0};     // … the most of it without what is relayed; 0: no limit
    bool operator==(const HoursPolicy&) const = default;
};

// The policy that holds on `date`: among those valid, the one with the latest validFrom; on a tie the one that stands
// first. Null when none does. Which unit's policies bind a station is settled before: model/hours_in_force.h.
[[nodiscard]] const HoursPolicy* policyOn(std::span<const HoursPolicy> policies, QDate date);

struct UtcInterval {
    UtcTime from;
    UtcTime until; // exclusive
    bool operator==(const UtcInterval&) const = default;
};

// When sound is allowed on local `date`, as instants, in order, adjoining ones joined. A window's edge that daylight
// saving skips moves to the first instant after the gap; one that occurs twice is taken at its first occurrence.
[[nodiscard]] std::vector<UtcInterval> allowedOn(std::span<const HoursPolicy> policies, const QTimeZone& zone,
                                                 QDate date);

// True when every instant of [from, until) is allowed, across midnight too. Empty and reversed intervals are not
// allowed.
[[nodiscard]] bool isAllowed(std::span<const HoursPolicy> policies, const QTimeZone& zone, UtcTime from, UtcTime until);

[[nodiscard]] QJsonObject toJson(const HoursPolicy& policy);
// Error: InvalidInput with the member's name; unknown members are refused.
[[nodiscard]] Result<HoursPolicy> hoursPolicyFromJson(const QJsonObject& object);

} // namespace loa
