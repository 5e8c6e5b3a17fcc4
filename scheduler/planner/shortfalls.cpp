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
    std::vector<int> outdated; // not counted yet, valid within the period, but on
                               // no open session's day
};

bool fitsSomeCapacity(const Board& board, const Demand& demand, int item)
{
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    for (int session = begin; session < end; ++session) {
        const BoardSession& where = board.session(session);
        if (where.open && board.validAt(item, session) && board.item(item).frames <= where.longest)
            return true;
    }
    return false;
}

bool validSomeDay(const Board& board, const Demand& demand, int item)
{
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    for (int session = begin; session < end; ++session) {
        if (board.session(session).open && board.validAt(item, session))
            return true;
    }
    return false;
}

Survey surveyOf(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    Survey survey;
    for (const BoardSession& session : board.sessions()) {
        if (!session.open || session.day < demand.first || session.day > demand.last)
            continue;
        if (survey.firstOpen == 0)
            survey.firstOpen = session.day;
        survey.lastOpen = session.day;
        survey.longestFree = std::max(survey.longestFree, session.mostFree);
        survey.longestSession = std::max(survey.longestSession, session.longest);
    }
    for (const int item : board.matching(index)) {
        const ItemFacts& what = board.item(item);
        if (!what.plannable || what.frames <= 0 || board.isBarred(item) ||
            board.playsWithin(item, demand.first, demand.last))
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
    return {QStringLiteral("Trong %1 không còn buổi phát nào để xếp. Hãy thêm "
                           "khung giờ, hoặc kiểm tra quy định giờ phát.")
                .arg(period.vi),
            QStringLiteral("No session is left in %1. Add a session rule, or "
                           "look at the hours policy.")
                .arg(period.en)};
}

Text tooFewItems(const Board& board, const Survey& survey, const Text& title, const Text& period, int missing)
{
    Text text{QStringLiteral("Cần thêm %1 tin/bài đã duyệt cho chỉ tiêu \"%2\", "
                             "có hiệu lực trong %3 và được phát ở đài này.")
                  .arg(missing)
                  .arg(title.vi, period.vi),
              QStringLiteral("Needs %1 more approved item(s) for \"%2\" valid in "
                             "%3 for this station.")
                  .arg(missing)
                  .arg(title.en, period.en)};
    if (survey.outdated.empty())
        return text;
    const PlannableItem& item = *board.item(survey.outdated.front()).plannable;
    const QString until = item.validUntil ? dateText(static_cast<Day>(item.validUntil->toJulianDay())) : QString();
    const QString from = dateText(static_cast<Day>(item.validFrom.toJulianDay()));
    text.vi += QStringLiteral(" Hoặc gia hạn \"%1\" (%2), không trúng ngày nào còn buổi phát.")
                   .arg(item.title,
                        until.isEmpty() ? QStringLiteral("từ %1").arg(from) : QStringLiteral("%1–%2").arg(from, until));
    text.en += QStringLiteral(" Or change the dates of \"%1\" (%2), which meet no day "
                              "that still has a session.")
                   .arg(item.title, until.isEmpty() ? QStringLiteral("from %1").arg(from)
                                                    : QStringLiteral("%1–%2").arg(from, until));
    return text;
}

Text tooLong(const Board& board, const Survey& survey, int missing)
{
    const PlannableItem& item = *board.item(survey.tooLong.front()).plannable;
    const QString own = lengthText(item.frames.value);
    const QString most = lengthText(survey.longestSession);
    return {QStringLiteral("\"%1\" dài %2, không buổi phát nào của nó đủ dài "
                           "(buổi dài nhất %3). Cần %4 tin/bài ngắn "
                           "hơn, hoặc buổi phát dài hơn.")
                .arg(item.title, own, most)
                .arg(missing),
            QStringLiteral("\"%1\" lasts %2, longer than any session it may play "
                           "in (the longest has %3). Needs %4 "
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
    const ItemFacts& item = board.item(shortest);
    const QString need = lengthText(item.frames);
    const QString free = lengthText(survey.longestFree - survey.longestFree % sampleRate);
    const QString from = dateText(std::max(survey.firstOpen, item.firstDay));
    const QString until = dateText(std::min(survey.lastOpen, item.lastDay));
    return {QStringLiteral("Từ %1 đến %2 không buổi nào còn trống %3 cho \"%4\" "
                           "(nhiều nhất %5), vì đã dành cho các "
                           "chỉ tiêu khác. Cần thêm "
                           "buổi phát hoặc tin/bài ngắn hơn.")
                .arg(from, until, need, item.plannable->title, free),
            QStringLiteral("From %1 to %2 no session has %3 free for \"%4\" (the "
                           "most is %5): other duties take it. "
                           "Needs another session or a "
                           "shorter item.")
                .arg(from, until, need, item.plannable->title, free)};
}

Remedy approve(const Board& board, const Demand& demand, const Survey& survey, const Text& text, int count)
{
    Remedy remedy;
    remedy.kind = RemedyKind::ApproveItems;
    remedy.text = text;
    remedy.count = count;
    remedy.topicGroups = board.input().obligations[static_cast<std::size_t>(demand.obligation)].topicGroups;
    remedy.from = std::max(demand.period.first, QDate::fromJulianDay(survey.firstOpen));
    remedy.until = std::min(demand.period.last, QDate::fromJulianDay(survey.lastOpen));
    remedy.frames = {survey.longestSession};
    return remedy;
}

Remedy room(const Demand& demand, RemedyKind kind, const Text& text, FrameCount frames)
{
    Remedy remedy;
    remedy.kind = kind;
    remedy.text = text;
    remedy.count = 1;
    remedy.from = demand.period.first;
    remedy.until = demand.period.last;
    remedy.frames = frames;
    return remedy;
}

// Of duties by airings or minutes: how much is missing, and room or items that
// would give it.
Remedy moreOf(const Board& board, const Demand& demand, const Survey& survey, const Text& title, const Text& period)
{
    const std::int64_t missing = demand.required - demand.counted;
    const bool minutes = demand.measure == model::ObligationMeasure::Minutes;
    const qint64 number = minutes ? (missing + 60 * sampleRate - 1) / (60 * sampleRate) : missing;
    const Text text{QStringLiteral("Chỉ tiêu \"%1\" trong %2 còn thiếu %3 %4: cần thêm buổi "
                                   "phát, hoặc tin/bài phù hợp được phát "
                                   "nhiều hơn.")
                        .arg(title.vi, period.vi)
                        .arg(number)
                        .arg(minutes ? QStringLiteral("phút") : QStringLiteral("lượt phát")),
                    QStringLiteral("\"%1\" in %2 lacks %3 %4: needs more sessions, or items "
                                   "that may play more often.")
                        .arg(title.en, period.en)
                        .arg(number)
                        .arg(minutes ? QStringLiteral("minute(s)") : QStringLiteral("airing(s)"))};
    if (survey.longestFree > 0)
        return approve(board, demand, survey, text, 1);
    return room(demand, RemedyKind::AddRoom, text, {minutes ? missing : 0});
}

Remedy remedyOf(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    const model::Obligation& obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)];
    const Text period = model::periodName(obligation, demand.period);
    const Text title{obligation.titleVi, obligation.titleEn};
    const Survey survey = surveyOf(board, index);
    if (survey.firstOpen == 0)
        return room(demand, RemedyKind::AddRoom, noSession(period), {});
    if (demand.measure != model::ObligationMeasure::DistinctItems)
        return moreOf(board, demand, survey, title, period);
    const int missing = static_cast<int>(demand.required - demand.counted);
    const int valid = static_cast<int>(survey.valid.size());
    if (valid < missing)
        return approve(board, demand, survey, tooFewItems(board, survey, title, period, missing - valid),
                       missing - valid);
    const int fitting = valid - static_cast<int>(survey.tooLong.size());
    if (fitting < missing) {
        Remedy remedy =
            room(demand, RemedyKind::ShortenItem, tooLong(board, survey, missing - fitting), {survey.longestSession});
        remedy.item = board.item(survey.tooLong.front()).plannable->id;
        remedy.count = missing - fitting;
        return remedy;
    }
    return room(demand, RemedyKind::AddRoom, noRoom(board, survey), {});
}

int inMeasure(const Demand& demand, std::int64_t value)
{
    const bool minutes = demand.measure == model::ObligationMeasure::Minutes;
    return static_cast<int>(minutes ? value / (60 * sampleRate) : value);
}

// By period, then obligation.
template <typename Entry>
void sortByPeriod(std::vector<Entry>& entries)
{
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
        return a.period.first != b.period.first ? a.period.first < b.period.first : a.obligation < b.obligation;
    });
}

} // namespace

std::vector<Shortfall> shortfallsOf(const Board& board)
{
    std::vector<Shortfall> shortfalls;
    for (int index = 0; index < board.demandCount(); ++index) {
        const Demand& demand = board.demand(index);
        if (!demand.known || demand.isHeld())
            continue;
        const Remedy remedy = remedyOf(board, index);
        shortfalls.push_back({.obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)].id,
                              .period = demand.period,
                              .required = inMeasure(demand, demand.required),
                              .completed = inMeasure(demand, demand.sounded),
                              .planned = inMeasure(demand, demand.counted) - inMeasure(demand, demand.sounded),
                              .reason = remedy.text,
                              .remedies = {remedy}});
    }
    sortByPeriod(shortfalls);
    return shortfalls;
}

std::vector<Forecast> forecastsOf(const Board& board, const std::vector<Shortfall>& shortfalls)
{
    std::vector<Forecast> forecasts;
    forecasts.reserve(static_cast<std::size_t>(board.demandCount()));
    for (int index = 0; index < board.demandCount(); ++index) {
        const Demand& demand = board.demand(index);
        Forecast forecast;
        forecast.obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)].id;
        forecast.period = demand.period;
        forecast.required = inMeasure(demand, demand.required);
        forecast.completed = inMeasure(demand, demand.sounded);
        forecast.planned = inMeasure(demand, demand.counted) - forecast.completed;
        forecast.probability = chanceOf(board, index);
        if (demand.sounded >= demand.required) {
            forecast.standing = Standing::Met;
            forecast.reason = {QStringLiteral("Đã phát đủ."), QStringLiteral("Has sounded in full.")};
        } else if (demand.known && !demand.isHeld()) {
            forecast.standing = Standing::Impossible;
            forecast.probability = 0.0;
        } else if (!demand.known) {
            forecast.reason = {QStringLiteral("Kỳ này còn được xếp tiếp ở những lần lập lịch sau."),
                               QStringLiteral("The rest of the period is planned later.")};
        } else if (forecast.probability >= sureEnough) {
            forecast.reason = {QStringLiteral("Đã xếp đủ, có dự phòng."), QStringLiteral("Planned, with reserve.")};
        } else {
            forecast.standing = Standing::AtRisk;
        }
        if (forecast.standing == Standing::Impossible || forecast.standing == Standing::AtRisk) {
            const Survey survey = surveyOf(board, index);
            if (survey.lastOpen != 0)
                forecast.actBy = QDate::fromJulianDay(survey.lastOpen);
            if (forecast.standing == Standing::AtRisk) {
                forecast.reason = {QStringLiteral("Đã xếp đủ, nhưng đài hay lỗi: chỉ %1 % chắc chắn. "
                                                  "Cần thêm tin/bài hoặc buổi phát.")
                                       .arg(forecast.probability * 100, 0, 'f', 1),
                                   QStringLiteral("Planned, but the station fails often: only %1 % "
                                                  "sure. Needs one more item or "
                                                  "session.")
                                       .arg(forecast.probability * 100, 0, 'f', 1)};
                forecast.remedies = {approve(board, demand, survey, forecast.reason, 1)};
            }
        }
        if (forecast.standing == Standing::Impossible) {
            const auto same = std::ranges::find_if(shortfalls, [&](const Shortfall& some) {
                return some.obligation == forecast.obligation && some.period == forecast.period;
            });
            forecast.reason = same->reason;
            forecast.remedies = same->remedies;
        }
        forecasts.push_back(std::move(forecast));
    }
    sortByPeriod(forecasts);
    return forecasts;
}

} // namespace loa::planner
