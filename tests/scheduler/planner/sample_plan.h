// Short ways to write a planning question. Times are those of Asia/Ho_Chi_Minh, UTC+7 all year.
#pragma once

#include "scheduler/planner/plan.h"
#include "scheduler/planner/sessions.h"

#include <string>

namespace loa::planner::test {

inline QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

inline FrameCount minutes(int count)
{
    return {count * 60 * sampleRate};
}

inline QDate day(int dayOfMonth, int month = 12)
{
    return {2026, month, dayOfMonth};
}

inline UtcTime at(QDate date, int hour)
{
    const qint64 days = QDate(1970, 1, 1).daysTo(date);
    return UtcTime(std::chrono::hours(24 * days + hour - 7));
}

inline model::Session session(QDate date, int hour, FrameCount frames)
{
    const StationId station{text("station")};
    const SessionRuleId rule{text("rule")};
    return {
        sessionIdFor(station, rule, at(date, hour)), rule, station, text("Buổi phát"), date, at(date, hour), frames};
}

inline PlannableItem item(const char* id, FrameCount frames, const char* group = "cchc-e")
{
    PlannableItem item;
    item.id = {text(id)};
    item.version = 1;
    item.sha256 = sha256(QByteArrayView(id));
    item.frames = frames;
    item.title = QStringLiteral("Tin %1").arg(text(id));
    item.topicGroups = {text(group)};
    item.validFrom = QDate(2026, 1, 1);
    item.approvedAt = at(day(1, 11), 8);
    return item;
}

inline model::Obligation duty(int required, model::ObligationPeriod period = model::ObligationPeriod::Month,
                              const char* id = "duty")
{
    model::Obligation duty;
    duty.id = {text(id)};
    duty.titleVi = text("tin/bài CCHC");
    duty.titleEn = text("reform items");
    duty.required = required;
    duty.period = period;
    duty.topicGroups = {text("cchc-a"), text("cchc-b"),  text("cchc-c"),
                        text("cchc-d"), text("cchc-dd"), text("cchc-e")};
    duty.evidence = model::ObligationEvidence::Airings;
    duty.validFrom = QDate(2026, 1, 1);
    return duty;
}

// December 2026 without a session.
inline PlanInput bareDecember()
{
    PlanInput input;
    input.station = {text("station")};
    input.from = day(1);
    input.until = day(31);
    input.frozenUntil = at(day(1), 0);
    return input;
}

// A session of `frames` at six every day, nothing planned yet.
inline PlanInput december(FrameCount frames)
{
    PlanInput input = bareDecember();
    for (int d = 1; d <= 31; ++d)
        input.sessions.push_back(session(day(d), 6, frames));
    return input;
}

// A play as a plan so far has it.
inline Placement placed(const model::Session& session, const PlannableItem& item, FrameCount offset = {})
{
    return {session.id, item.id, item.version, item.sha256, offset, item.frames, item.priority, {}};
}

inline model::HandEdit edit(const model::Session& session, const char* item, model::HandEditKind kind)
{
    model::HandEdit edit;
    edit.id = {QStringLiteral("edit-%1").arg(text(item))};
    edit.session = session.id;
    edit.item = {text(item)};
    edit.kind = kind;
    return edit;
}

inline std::vector<Placement> placementsOn(const Plan& plan, const PlanInput& input, QDate date)
{
    std::vector<Placement> found;
    for (const Placement& placement : plan.placements) {
        for (const model::Session& session : input.sessions) {
            if (session.id == placement.session && session.localDate == date)
                found.push_back(placement);
        }
    }
    return found;
}

inline int playsOf(const Plan& plan, const char* item)
{
    int plays = 0;
    for (const Placement& placement : plan.placements)
        plays += placement.item.value == text(item) ? 1 : 0;
    return plays;
}

} // namespace loa::planner::test
