// Short ways to write a log and a question about it. The station is in Hanoi (UTC+7), the month December 2026.
#pragma once

#include "scheduler/compliance/standing.h"

namespace loa::compliance::test {

inline QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

// Local time of the station.
inline UtcTime at(int dayOfMonth, int hour, int minute = 0, int month = 12)
{
    const qint64 days = QDate(1970, 1, 1).daysTo(QDate(2026, month, dayOfMonth));
    return UtcTime(std::chrono::hours(24 * days + hour - 7) + std::chrono::minutes(minute));
}

inline Sha256 recordingOf(const QString& item)
{
    return sha256(item.toUtf8());
}

inline KnownItem known(const char* id, const char* group = "cchc-e")
{
    return {{text(id)},
            QStringLiteral("Tin %1").arg(text(id)),
            {text(group)},
            {recordingOf(text(id))},
            text("Nguyễn Thị Hoa")};
}

// A whole airing of four minutes to the loudspeakers; each call is the agent's next entry.
class Agent {
public:
    SignedLogEntry aired(const char* item, UtcTime when)
    {
        SignedLogEntry line;
        LogEntry& entry = line.entry;
        entry.agent = {text("agent")};
        entry.sequence = ++m_sequence;
        entry.recordedAt = when + std::chrono::minutes(4);
        entry.clock = ClockState::Synchronised;
        entry.station = {text("station")};
        entry.airing = {QStringLiteral("%1-%2").arg(text(item)).arg(when.time_since_epoch().count())};
        entry.item = {text(item)};
        entry.sha256 = recordingOf(text(item));
        entry.output = text("loa-thon-1");
        entry.plannedStart = when;
        entry.plannedFrames = {4 * 60 * sampleRate};
        entry.firstFrameAt = when;
        entry.lastFrameAt = when + std::chrono::minutes(4);
        entry.frames = entry.plannedFrames;
        entry.outcome = Outcome::Complete;
        line.hash = sha256(entry.airing.value.toUtf8() + QByteArray::number(m_sequence));
        return line;
    }
    SignedLogEntry cut(const char* item, UtcTime when)
    {
        SignedLogEntry line = aired(item, when);
        line.entry.outcome = Outcome::Partial;
        line.entry.frames = {60 * sampleRate};
        return line;
    }

private:
    std::int64_t m_sequence = 0;
};

// Two distinct reform items in December; it is the middle of the month.
inline ComplianceInput december()
{
    ComplianceInput input;
    input.station = {text("station")};
    input.zone = QTimeZone("Asia/Ho_Chi_Minh");
    input.clusters = {{{text("cluster-1")}, text("Thôn 1"), text("loa-thon-1"), 12},
                      {{text("cluster-2")}, text("Thôn 2"), text("loa-thon-2"), 8}};
    input.obligation.id = {text("duty")};
    input.obligation.required = 2;
    input.obligation.period = model::ObligationPeriod::Month;
    input.obligation.topicGroups = {text("cchc-a"), text("cchc-e")};
    input.obligation.evidence = model::ObligationEvidence::Airings;
    input.obligation.validFrom = QDate(2026, 1, 1);
    input.period = {QDate(2026, 12, 1), QDate(2026, 12, 31)};
    input.now = at(15, 12);
    input.items = {known("reform-1"), known("reform-2", "cchc-a"), known("reform-3"), known("news", "other")};
    return input;
}

inline PlannedAiring planned(const char* item, UtcTime when)
{
    return {{QStringLiteral("%1-%2").arg(text(item)).arg(when.time_since_epoch().count())}, {text(item)}, when};
}

} // namespace loa::compliance::test
