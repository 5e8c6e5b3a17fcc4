#include "scheduler/planner/reasons.h"

#include <algorithm>

namespace loa::planner {

namespace {

QString lengthText(std::int64_t frames)
{
    const std::int64_t seconds = (frames + sampleRate - 1) / sampleRate;
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

QString dateText(Day day)
{
    return QDate::fromJulianDay(day).toString(QStringLiteral("dd/MM/yyyy"));
}

// What could still be added for a demand, and what keeps each item out.
struct Survey {
    Day firstOpen = 0; // 0: no open session in the period
    Day lastOpen = 0;
    std::int64_t longestFree = 0;
    std::int64_t longestSession = 0;
    std::vector<int> valid;    // not counted yet, valid on the day of an open session
    std::vector<int> tooLong;  // of those, longer than each session that they may play in
    std::vector<int> outdated; // not counted yet, valid within the period, but on no open session's day
};

bool fitsSomeCapacity(const Board& board, const Demand& demand, int item)
{
    return std::ranges::any_of(board.sessions(), [&](const BoardSession& session) {
        return session.open && demand.first <= session.day && session.day <= demand.last &&
               board.item(item).validOn(session.day) && board.item(item).frames <= session.capacity;
    });
}

bool validSomeDay(const Board& board, const Demand& demand, int item)
{
    return std::ranges::any_of(board.sessions(), [&](const BoardSession& session) {
        return session.open && demand.first <= session.day && session.day <= demand.last &&
               board.item(item).validOn(session.day);
    });
}

Survey surveyOf(const Board& board, const Demand& demand)
{
    Survey survey;
    for (const BoardSession& session : board.sessions()) {
        if (!session.open || session.day < demand.first || session.day > demand.last)
            continue;
        if (survey.firstOpen == 0)
            survey.firstOpen = session.day;
        survey.lastOpen = session.day;
        survey.longestFree = std::max(survey.longestFree, session.free());
        survey.longestSession = std::max(survey.longestSession, session.capacity);
    }
    for (const int item : demand.matching) {
        const BoardItem& what = board.item(item);
        if (!what.plannable || what.frames <= 0 || board.playsWithin(item, demand.first, demand.last))
            continue;
        if (!validSomeDay(board, demand, item)) {
            if (what.firstDay <= demand.last && what.lastDay >= demand.first)
                survey.outdated.push_back(item);
            continue;
        }
        survey.valid.push_back(item);
        if (!fitsSomeCapacity(board, demand, item))
            survey.tooLong.push_back(item);
    }
    return survey;
}

Text noSession(const Text& period)
{
    return {
        QStringLiteral("Trong %1 không còn buổi phát nào để xếp. Hãy thêm khung giờ, hoặc kiểm tra quy định giờ phát.")
            .arg(period.vi),
        QStringLiteral("No session is left in %1. Add a session rule, or look at the hours policy.").arg(period.en)};
}

Text tooFewItems(const Board& board, const Survey& survey, const Text& title, const Text& period, int missing)
{
    Text text{
        QStringLiteral("Cần thêm %1 tin/bài đã duyệt cho chỉ tiêu \"%2\", có hiệu lực trong %3 và được phát ở đài này.")
            .arg(missing)
            .arg(title.vi, period.vi),
        QStringLiteral("Needs %1 more approved item(s) for \"%2\" valid in %3 for this station.")
            .arg(missing)
            .arg(title.en, period.en)};
    if (survey.outdated.empty())
        return text;
    const PlannableItem& item = *board.item(survey.outdated.front()).plannable;
    const QString until = item.validUntil ? dateText(item.validUntil->toJulianDay()) : QString();
    const QString from = dateText(item.validFrom.toJulianDay());
    text.vi += QStringLiteral(" Hoặc gia hạn \"%1\" (%2), không trúng ngày nào còn buổi phát.")
                   .arg(item.title,
                        until.isEmpty() ? QStringLiteral("từ %1").arg(from) : QStringLiteral("%1–%2").arg(from, until));
    text.en += QStringLiteral(" Or change the dates of \"%1\" (%2), which meet no day that still has a session.")
                   .arg(item.title, until.isEmpty() ? QStringLiteral("from %1").arg(from)
                                                    : QStringLiteral("%1–%2").arg(from, until));
    return text;
}

Text tooLong(const Board& board, const Survey& survey, int missing)
{
    const PlannableItem& item = *board.item(survey.tooLong.front()).plannable;
    const QString own = lengthText(item.frames.value);
    const QString most = lengthText(survey.longestSession);
    return {QStringLiteral("\"%1\" dài %2, không buổi phát nào của nó đủ dài (buổi dài nhất %3). Cần %4 tin/bài ngắn "
                           "hơn, hoặc buổi phát dài hơn.")
                .arg(item.title, own, most)
                .arg(missing),
            QStringLiteral("\"%1\" lasts %2, longer than any session it may play in (the longest has %3). Needs %4 "
                           "shorter item(s), or a longer session.")
                .arg(item.title, own, most)
                .arg(missing)};
}

Text noRoom(const Board& board, const Survey& survey)
{
    int shortest = -1;
    for (const int item : survey.valid) {
        const bool fits = std::ranges::find(survey.tooLong, item) == survey.tooLong.end();
        if (fits && (shortest < 0 || board.item(item).frames < board.item(shortest).frames))
            shortest = item;
    }
    const BoardItem& item = board.item(shortest);
    const QString need = lengthText(item.frames);
    const QString free = lengthText(survey.longestFree - survey.longestFree % sampleRate);
    const QString from = dateText(std::max(survey.firstOpen, item.firstDay));
    const QString until = dateText(std::min(survey.lastOpen, item.lastDay));
    return {QStringLiteral("Từ %1 đến %2 không buổi nào còn trống %3 cho \"%4\" (nhiều nhất %5), vì đã dành cho các "
                           "chỉ tiêu khác. Cần thêm "
                           "buổi phát hoặc tin/bài ngắn hơn.")
                .arg(from, until, need, item.plannable->title, free),
            QStringLiteral("From %1 to %2 no session has %3 free for \"%4\" (the most is %5): other duties take it. "
                           "Needs another session or a "
                           "shorter item.")
                .arg(from, until, need, item.plannable->title, free)};
}

Text reasonOf(const Board& board, const Demand& demand)
{
    const model::Obligation& obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)];
    const Text period = model::periodName(obligation, demand.period);
    const Survey survey = surveyOf(board, demand);
    const int missing = demand.required - countedFor(board, demand);
    if (survey.firstOpen == 0)
        return noSession(period);
    const int valid = static_cast<int>(survey.valid.size());
    if (valid < missing)
        return tooFewItems(board, survey, {obligation.titleVi, obligation.titleEn}, period, missing - valid);
    const int fitting = valid - static_cast<int>(survey.tooLong.size());
    if (fitting < missing)
        return tooLong(board, survey, missing - fitting);
    return noRoom(board, survey);
}

} // namespace

std::vector<Shortfall> shortfallsOf(const Board& board, const std::vector<Demand>& demands)
{
    std::vector<Shortfall> shortfalls;
    for (const Demand& demand : demands) {
        const int counted = countedFor(board, demand);
        if (!demand.known || counted >= demand.required)
            continue;
        const ObligationId& id = board.input().obligations[static_cast<std::size_t>(demand.obligation)].id;
        shortfalls.push_back({.obligation = id,
                              .period = demand.period,
                              .required = demand.required,
                              .completed = demand.sounded,
                              .planned = counted - demand.sounded,
                              .reason = reasonOf(board, demand)});
    }
    std::ranges::stable_sort(shortfalls, [](const Shortfall& a, const Shortfall& b) {
        return a.period.first != b.period.first ? a.period.first < b.period.first : a.obligation < b.obligation;
    });
    return shortfalls;
}

} // namespace loa::planner
