// When a station goes on air: rules that repeat (khung giờ) and single sessions (buổi phát). Plain values, any thread.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QString>
#include <QTime>

#include <chrono>
#include <optional>

namespace loa::model {

struct SessionRule {
    SessionRuleId id;
    StationId station;
    QString title;
    QString rrule;   // RFC 5545 value, e.g. "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    QDate startDate; // DTSTART's date: first day the rule counts from
    QTime startTime; // local, in the station's zone
    std::chrono::seconds duration{0};
    QDate validFrom;
    std::optional<QDate> validUntil; // last day
    bool operator==(const SessionRule&) const = default;
};

struct Session {
    SessionId id; // sessionIdFor(station, rule, startsAt)
    SessionRuleId rule;
    StationId station;
    QString title;
    QDate localDate;
    UtcTime startsAt;
    FrameCount frames; // capacity
    bool operator==(const Session&) const = default;
};

} // namespace loa::model
