#include "scheduler/planner/sessions.h"

#include "scheduler/planner/recurrence.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace loa::planner {

namespace {

constexpr std::chrono::seconds longestSession = std::chrono::hours(24);

struct Candidate {
    const model::SessionRule* rule = nullptr;
    QDate localDate;
    UtcTime startsAt;
    UtcTime endsAt;
    std::chrono::seconds relayed{0};
};

QDateTime toQDateTime(UtcTime instant)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch());
    return QDateTime::fromSecsSinceEpoch(seconds.count(), Qt::UTC);
}

QString clockTime(UtcTime instant, const QTimeZone& zone)
{
    return toQDateTime(instant).toTimeZone(zone).toString(QStringLiteral("HH:mm"));
}

QString dayName(QDate date)
{
    return date.toString(QStringLiteral("dd/MM/yyyy"));
}

QString minutesText(std::chrono::seconds length)
{
    return QStringLiteral("%1:%2").arg(length.count() / 60).arg(length.count() % 60, 2, 10, QLatin1Char('0'));
}

SessionRefusal refuse(const Candidate& candidate, RefusalCause cause, Text reason)
{
    return {candidate.rule->id,  candidate.rule->title, cause,
            candidate.localDate, candidate.startsAt,    std::move(reason)};
}

Text outsideHours(const Candidate& candidate, const HoursPolicy& policy, const QTimeZone& zone)
{
    const QString times =
        QStringLiteral("%1–%2").arg(clockTime(candidate.startsAt, zone), clockTime(candidate.endsAt, zone));
    const QString day = dayName(candidate.localDate);
    return {QStringLiteral("Buổi \"%1\" ngày %2 (%3) nằm ngoài giờ được phát theo \"%4\". Hãy đổi giờ hoặc thời lượng.")
                .arg(candidate.rule->title, day, times, policy.name),
            QStringLiteral(
                "Session \"%1\" on %2 (%3) lies outside the hours that \"%4\" allows. Change its time or length.")
                .arg(candidate.rule->title, day, times, policy.name)};
}

// What the policy of the day says against the session, if anything.
std::optional<SessionRefusal> refusalByHours(const Candidate& candidate, std::span<const HoursPolicy> policies,
                                             const QTimeZone& zone)
{
    const HoursPolicy* policy = policyOn(policies, candidate.localDate);
    const QString day = dayName(candidate.localDate);
    if (!policy) {
        return refuse(candidate, RefusalCause::NoPolicy,
                      {QStringLiteral(
                           "Ngày %1 chưa có quy định giờ phát nào có hiệu lực, nên không được phát. Hãy thêm quy định.")
                           .arg(day),
                       QStringLiteral("No hours policy holds on %1, so nothing may sound. Add one.").arg(day)});
    }
    if (policy->sessionLength.count() > 0 && candidate.rule->duration > policy->sessionLength) {
        const QString own = minutesText(candidate.rule->duration);
        const QString most = minutesText(policy->sessionLength);
        return refuse(candidate, RefusalCause::TooLong,
                      {QStringLiteral("Buổi \"%1\" dài %2 phút, \"%3\" chỉ cho phép %4 phút.")
                           .arg(candidate.rule->title, own, policy->name, most),
                       QStringLiteral("Session \"%1\" lasts %2 minutes; \"%3\" allows %4.")
                           .arg(candidate.rule->title, own, policy->name, most)});
    }
    const auto ownLength = candidate.rule->duration - candidate.relayed;
    if (policy->ownLength.count() > 0 && ownLength > policy->ownLength) {
        const QString own = minutesText(ownLength);
        const QString most = minutesText(policy->ownLength);
        return refuse(candidate, RefusalCause::TooLong,
                      {QStringLiteral("Buổi \"%1\" có %2 phút không kể tiếp sóng, \"%3\" chỉ cho phép %4 phút.")
                           .arg(candidate.rule->title, own, policy->name, most),
                       QStringLiteral("Session \"%1\" has %2 minutes beside what it relays; \"%3\" allows %4.")
                           .arg(candidate.rule->title, own, policy->name, most)});
    }
    if (!isAllowed(policies, zone, candidate.startsAt, candidate.endsAt))
        return refuse(candidate, RefusalCause::OutsideHours, outsideHours(candidate, *policy, zone));
    return std::nullopt;
}

SessionRefusal overlapRefusal(const Candidate& candidate, const model::Session& other)
{
    const QString day = dayName(candidate.localDate);
    return refuse(
        candidate, RefusalCause::Overlap,
        {QStringLiteral("Buổi \"%1\" ngày %2 trùng giờ với buổi \"%3\".").arg(candidate.rule->title, day, other.title),
         QStringLiteral("Session \"%1\" on %2 overlaps session \"%3\".").arg(candidate.rule->title, day, other.title)});
}

SessionRefusal tooManyRefusal(const Candidate& candidate, const HoursPolicy& policy)
{
    const QString day = dayName(candidate.localDate);
    const QString most = QString::number(policy.sessionsPerDay);
    return refuse(candidate, RefusalCause::TooMany,
                  {QStringLiteral("Ngày %1 đã đủ %2 buổi theo \"%3\", không còn chỗ cho buổi \"%4\".")
                       .arg(day, most, policy.name, candidate.rule->title),
                   QStringLiteral("%1 already has the %2 sessions that \"%3\" allows; there is no room for \"%4\".")
                       .arg(day, most, policy.name, candidate.rule->title)});
}

Result<void> checkForm(const model::SessionRule& rule)
{
    if (rule.duration <= std::chrono::seconds(0) || rule.duration > longestSession) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Thời lượng buổi phát phải từ 1 giây đến 24 giờ."),
                     QStringLiteral("A session lasts from one second to 24 hours.")},
                    QStringLiteral("duration_seconds"));
    }
    const bool dated = rule.startDate.isValid() && rule.startTime.isValid() && rule.validFrom.isValid() &&
                       (!rule.validUntil || (rule.validUntil->isValid() && *rule.validUntil >= rule.validFrom)) &&
                       rule.startDate.year() >= 1970 && rule.startDate.year() <= 2200;
    if (!dated) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Ngày hoặc giờ của khung giờ không hợp lệ, hoặc ngày kết thúc trước ngày bắt đầu."),
                     QStringLiteral("A date or time of the rule is not valid, or it ends before it begins.")},
                    QStringLiteral("start_date"));
    }
    return {};
}

// Where the offset does not change around these days, one zone is as good as another, and a fixed one need not be
// looked up for every instant.
QTimeZone steadyZone(const QTimeZone& zone, QDate from, QDate until)
{
    constexpr int margin = 7; // days; sessions before the span, and the hours around them, are judged too
    const QDateTime begin(from.addDays(-margin), QTime(0, 0), Qt::UTC);
    const QDateTime end(until.addDays(margin), QTime(0, 0), Qt::UTC);
    const QDateTime change = zone.nextTransition(begin).atUtc;
    return change.isValid() && change <= end ? zone : QTimeZone(zone.offsetFromUtc(begin));
}

void sortByPrecedence(std::vector<Candidate>& candidates)
{
    std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
        return std::tie(a.startsAt, b.endsAt, a.rule->id) < std::tie(b.startsAt, a.endsAt, b.rule->id);
    });
}

std::chrono::seconds relayedBy(const model::SessionRule& rule, std::span<const model::SessionTemplate> templates)
{
    const auto made =
        std::ranges::find_if(templates, [&](const model::SessionTemplate& some) { return rule.made == some.id; });
    return made == templates.end() ? std::chrono::seconds(0) : relayedIn(*made, rule.duration);
}

// Candidates of all readable rules in order of precedence; the others become refusals.
std::vector<Candidate> candidatesOf(std::span<const model::SessionRule> rules, const QTimeZone& zone,
                                    const QTimeZone& steady, QDate from, QDate until,
                                    std::span<const model::SessionTemplate> templates,
                                    std::vector<SessionRefusal>& refusals)
{
    std::vector<Candidate> candidates;
    for (const model::SessionRule& rule : rules) {
        const auto relayed = relayedBy(rule, templates);
        auto checked = checkForm(rule);
        auto starts = checked ? startsOf(rule, zone, from, until) : passOn(checked);
        if (!starts) {
            refusals.push_back({rule.id, rule.title, RefusalCause::BadRule, {}, std::nullopt, starts.error().message});
            continue;
        }
        for (const WallTime wall : *starts) {
            const QDate date = dateOf(wall);
            const auto ofDay = wall - wallTimeOf(date, QTime(0, 0));
            const UtcTime at =
                instantOf(date, QTime::fromMSecsSinceStartOfDay(static_cast<int>(ofDay.count()) * 1000), steady);
            candidates.push_back({&rule, date, at, at + rule.duration, relayed});
        }
    }
    sortByPrecedence(candidates);
    // Two starts of one rule that a gap brings together.
    const auto same = std::unique(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.rule == b.rule && a.startsAt == b.startsAt;
    });
    candidates.erase(same, candidates.end());
    return candidates;
}

// On special days their own sessions stand in place of the rules'.
void replaceDays(const SpecialDays& special, const QTimeZone& zone, QDate from, QDate until,
                 std::span<const model::SessionTemplate> templates, std::vector<Candidate>& candidates,
                 std::vector<model::SessionRule>& ofDays, Expansion& expansion)
{
    for (const model::SpecialDayInForce& each : special.days) {
        const QDate date = each.day.date;
        if (date < from.addDays(-warmUpDays) || until < date)
            continue;
        const auto dropped =
            std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.localDate == date; });
        if (from <= date)
            expansion.replaced.push_back({date, each.day.name, each.calendarName, static_cast<int>(dropped)});
        std::ranges::move(sessionRulesOf(each, special.station), std::back_inserter(ofDays));
    }
    for (const model::SessionRule& rule : ofDays) {
        const UtcTime at = instantOf(rule.startDate, rule.startTime, zone);
        candidates.push_back({&rule, rule.startDate, at, at + rule.duration, relayedBy(rule, templates)});
    }
    if (!ofDays.empty())
        sortByPrecedence(candidates);
}

model::Session sessionOf(const Candidate& candidate)
{
    const model::SessionRule& rule = *candidate.rule;
    return {sessionIdFor(rule.station, rule.id, candidate.startsAt),
            rule.id,
            rule.station,
            rule.title,
            candidate.localDate,
            candidate.startsAt,
            toFrames(rule.duration)};
}

} // namespace

Result<void> checkRule(const model::SessionRule& rule)
{
    if (auto formed = checkForm(rule); !formed)
        return formed;
    if (auto read = checkRecurrence(rule); !read)
        return read;
    // Density shows within a year.
    const auto starts = startsOf(rule, QTimeZone::utc(), rule.validFrom, rule.validFrom.addYears(1));
    return starts ? Result<void>{} : passOn(starts);
}

UtcTime instantOf(QDate date, QTime time, const QTimeZone& zone)
{
    constexpr std::int64_t aDay = 86'400;
    const std::int64_t wall = wallTimeOf(date, time).count();
    const auto offsetAt = [&](std::int64_t utc) {
        return zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(utc, Qt::UTC));
    };
    const std::int64_t before = offsetAt(wall - aDay);
    const std::int64_t after = offsetAt(wall + aDay);
    // The larger offset is the earlier instant. In a gap neither holds at its own instant, and the offset before it
    // rules.
    for (const std::int64_t offset : {std::max(before, after), std::min(before, after)}) {
        if (offsetAt(wall - offset) == offset)
            return UtcTime(std::chrono::seconds(wall - offset));
    }
    return UtcTime(std::chrono::seconds(wall - before));
}

QDate localDateOf(UtcTime instant, const QTimeZone& zone)
{
    const QDateTime utc = toQDateTime(instant);
    return dateOf(WallTime(utc.toSecsSinceEpoch() + zone.offsetFromUtc(utc)));
}

Result<Expansion> expandSessions(std::span<const model::SessionRule> rules, std::span<const HoursPolicy> policies,
                                 const QTimeZone& zone, QDate from, QDate until,
                                 std::span<const model::SessionTemplate> templates, const SpecialDays& special)
{
    if (!zone.isValid()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Không có múi giờ này. Dùng tên IANA, ví dụ Asia/Ho_Chi_Minh."),
                     QStringLiteral("No such time zone. Use an IANA name such as Asia/Ho_Chi_Minh.")});
    }
    if (!from.isValid() || !until.isValid() || until < from || from.daysTo(until) >= maxExpandedDays) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khoảng ngày không hợp lệ hoặc quá dài."),
                     QStringLiteral("The span of days is reversed, not valid or too long.")});
    }
    Expansion expansion;
    const QTimeZone steady = steadyZone(zone, from, until);
    auto candidates =
        candidatesOf(rules, zone, steady, from.addDays(-warmUpDays), until, templates, expansion.refusals);
    std::vector<model::SessionRule> ofDays; // candidates point into it
    replaceDays(special, steady, from, until, templates, candidates, ofDays, expansion);
    std::map<QDate, int> accepted;
    std::vector<model::Session> sessions;
    UtcTime busyUntil = UtcTime::min();
    for (const Candidate& candidate : candidates) {
        auto refusal = refusalByHours(candidate, policies, steady);
        if (!refusal && candidate.startsAt < busyUntil)
            refusal = overlapRefusal(candidate, sessions.back());
        if (!refusal) {
            const HoursPolicy& policy = *policyOn(policies, candidate.localDate);
            if (policy.sessionsPerDay > 0 && accepted[candidate.localDate] >= policy.sessionsPerDay)
                refusal = tooManyRefusal(candidate, policy);
        }
        if (refusal) {
            if (candidate.localDate >= from)
                expansion.refusals.push_back(std::move(*refusal));
            continue;
        }
        ++accepted[candidate.localDate];
        busyUntil = candidate.endsAt;
        sessions.push_back(sessionOf(candidate));
    }
    std::ranges::copy_if(sessions, std::back_inserter(expansion.sessions),
                         [&](const model::Session& session) { return session.localDate >= from; });
    return expansion;
}

} // namespace loa::planner
