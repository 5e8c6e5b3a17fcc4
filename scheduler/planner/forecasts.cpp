#include "scheduler/planner/chance.h"
#include "scheduler/planner/obstacle_words.h"
#include "scheduler/planner/reasons.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr std::int64_t shortestUseful = 60 * sampleRate; // of an item
constexpr std::int64_t mostMore = 10;                    // items or sessions that one forecast asks for

// What the planned days tell of those after them.
struct Pace {
    std::int64_t sessions = 0; // open ones
    std::int64_t days = 1;     // that they lie on, or between
    std::int64_t room = 0;     // of a session, on average
    std::int64_t longest = 0;  // of a part
    Day lastOpen = 0;

    [[nodiscard]] std::int64_t sessionsIn(std::int64_t laterDays) const
    {
        return (sessions * std::max<std::int64_t>(laterDays, 0) + days - 1) / days;
    }
    [[nodiscard]] std::int64_t daysFor(std::int64_t wanted) const
    {
        return sessions == 0 ? 0 : (wanted * days + sessions - 1) / sessions;
    }
};

Pace paceOf(const Board& board)
{
    Pace pace;
    Day first = endlessDay;
    for (const BoardSession& session : board.sessions()) {
        if (!session.open)
            continue;
        ++pace.sessions;
        pace.room += session.capacity;
        pace.longest = std::max(pace.longest, session.longest);
        first = std::min(first, session.day);
        pace.lastOpen = session.day;
    }
    if (pace.sessions > 0) {
        pace.room /= pace.sessions;
        pace.days = std::max<std::int64_t>(static_cast<Day>(board.input().until.toJulianDay()) - first + 1, 1);
    }
    return pace;
}

QString percent(double probability)
{
    return QString::number(probability * 100, 'f', 1);
}

// Of the demand's period, after the planned days: what is missing, and what could give it.
struct Outlook {
    std::int64_t missing = 0;    // in the measure
    std::int64_t sessions = 0;   // expected
    std::int64_t bySessions = 0; // the most that they could give, whatever is approved
    std::int64_t byItems = 0;    // … that they could give with the items there are
    double chance = 0.0;         // with these
    std::int64_t daysNeeded = 0; // at the end of the period, for what is missing
};

class OutlookReader {
public:
    OutlookReader(const Board& board, int index, const Pace& pace)
        : m_board(board), m_index(index), m_demand(board.demand(index)), m_pace(pace)
    {
        m_firstLater = static_cast<Day>(board.input().until.toJulianDay()) + 1;
        for (const int item : board.matching(index)) {
            const ItemFacts& what = board.item(item);
            if (what.plannable && what.frames > 0 && what.frames <= pace.longest && !board.isBarred(item) &&
                what.firstDay <= m_demand.last && what.lastDay >= m_firstLater)
                m_items.push_back(item);
        }
    }

    [[nodiscard]] Outlook read() const
    {
        Outlook outlook;
        outlook.missing = std::max<std::int64_t>(m_demand.required - m_demand.counted, 0);
        outlook.sessions = m_pace.sessionsIn(m_demand.last - std::max(m_firstLater, m_demand.first) + 1);
        std::int64_t aSession = 1;
        if (m_demand.measure == model::ObligationMeasure::Minutes)
            aSession = m_pace.room;
        else
            aSession = m_pace.room / std::max<std::int64_t>(std::min(shortest(), shortestUseful), 1);
        outlook.bySessions = outlook.sessions * aSession;
        if (outlook.missing > 0 && aSession > 0)
            outlook.daysNeeded = m_pace.daysFor((outlook.missing + aSession - 1) / aSession);
        readItems(outlook);
        return outlook;
    }

private:
    [[nodiscard]] std::int64_t shortest() const
    {
        std::int64_t frames = shortestUseful;
        for (const int item : m_items)
            frames = std::min(frames, m_board.item(item).frames);
        return frames;
    }

    // Plays of these items in the later sessions, the shortest first.
    void readItems(Outlook& outlook) const
    {
        std::vector<std::int64_t> lengths;
        for (const int item : m_items)
            lengths.push_back(m_board.item(item).frames);
        std::ranges::sort(lengths);
        std::int64_t room = m_pace.room;
        std::int64_t plays = 0; // in one session
        std::int64_t frames = 0;
        for (const std::int64_t length : lengths) {
            if (length > room)
                break;
            room -= length;
            frames += length;
            ++plays;
        }
        const double failure = m_board.failureRate();
        ChanceParts parts = chancePartsOf(m_board, m_index);
        constexpr std::int64_t mostPlays = 500;
        if (m_demand.measure == model::ObligationMeasure::DistinctItems) {
            std::int64_t left = outlook.sessions * plays;
            std::int64_t fresh = 0;
            for (const int item : m_items) {
                const bool counts = m_board.playsWithin(item, m_demand.first, m_demand.last);
                if (counts || left <= 0)
                    continue;
                // A second play as reserve where there is time.
                const auto times = static_cast<int>(std::min<std::int64_t>({2, left, outlook.sessions}));
                parts.items.push_back({times, false});
                left -= times;
                ++fresh;
            }
            outlook.byItems = fresh;
        } else {
            const bool minutes = m_demand.measure == model::ObligationMeasure::Minutes;
            outlook.byItems = outlook.sessions * (minutes ? frames : plays);
            const std::int64_t each = minutes && plays > 0 ? frames / plays / sampleRate : 1;
            for (std::int64_t play = 0; play < std::min(outlook.sessions * plays, mostPlays); ++play)
                parts.weights.push_back(each);
        }
        if (outlook.byItems >= outlook.missing)
            outlook.chance = failure > 0.0 ? parts.chance(m_demand, failure) : 1.0;
    }

    const Board& m_board;
    int m_index;
    const Demand& m_demand;
    const Pace& m_pace;
    Day m_firstLater = 0;
    std::vector<int> m_items; // that may sound then
};

class Forecaster {
public:
    Forecaster(const Board& board, const std::vector<RemedySet>& remedies, bool exact)
        : m_board(board), m_remedies(remedies), m_exact(exact), m_pace(paceOf(board))
    {
    }

    [[nodiscard]] Forecast of(int index) const
    {
        const Demand& demand = m_board.demand(index);
        Forecast forecast;
        forecast.obligation = dutyOf(demand).id;
        forecast.period = demand.period;
        forecast.required = inMeasure(demand, demand.required);
        forecast.completed = inMeasure(demand, demand.sounded);
        forecast.planned = inMeasure(demand, demand.counted) - forecast.completed;
        if (demand.sounded >= demand.required)
            forecast.reason = {QStringLiteral("Đã phát đủ."), QStringLiteral("Has sounded in full.")};
        if (demand.sounded >= demand.required)
            forecast.standing = Standing::Met;
        else if (!demand.known)
            judgeLater(index, forecast);
        else if (demand.isHeld())
            judgeHeld(index, forecast);
        else
            judgeUnheld(index, forecast);
        return forecast;
    }

private:
    [[nodiscard]] const model::Obligation& dutyOf(const Demand& demand) const
    {
        return m_board.input().obligations[static_cast<std::size_t>(demand.obligation)];
    }

    [[nodiscard]] std::optional<QDate> lastOpenDay(const Demand& demand) const
    {
        const auto [begin, end] = m_board.sessionsWithin(demand.first, demand.last);
        for (int session = end; session-- > begin;) {
            if (m_board.session(session).open)
                return QDate::fromJulianDay(m_board.session(session).day);
        }
        return std::nullopt;
    }

    void judgeUnheld(int index, Forecast& forecast) const
    {
        const auto set = std::ranges::find(m_remedies, index, &RemedySet::demand);
        // Where the search met its bound, nobody knows.
        forecast.standing = m_exact ? Standing::Impossible : Standing::AtRisk;
        forecast.probability = 0.0;
        forecast.actBy = lastOpenDay(m_board.demand(index));
        if (set != m_remedies.end()) {
            forecast.reason = reasonOf(*set, m_exact);
            forecast.remedies = set->remedies;
        }
    }

    void judgeHeld(int index, Forecast& forecast) const
    {
        const Demand& demand = m_board.demand(index);
        forecast.probability = chanceOf(m_board, index);
        if (forecast.probability >= sureEnough) {
            forecast.reason = {QStringLiteral("Đã xếp đủ, có dự phòng."), QStringLiteral("Planned, with reserve.")};
            return;
        }
        forecast.standing = Standing::AtRisk;
        forecast.actBy = lastOpenDay(demand);
        forecast.reason = {
            QStringLiteral("Đã xếp đủ, nhưng đài hay lỗi: chỉ %1 % chắc chắn.").arg(percent(forecast.probability)),
            QStringLiteral("Planned, but the station fails often: only %1 % sure.").arg(percent(forecast.probability))};
        addMore(index, forecast);
    }

    // How many more plays of other items would make it sure enough, and whether there is room for them.
    void addMore(int index, Forecast& forecast) const
    {
        const Demand& demand = m_board.demand(index);
        const bool minutes = demand.measure == model::ObligationMeasure::Minutes;
        ChanceParts parts = chancePartsOf(m_board, index);
        int more = 0;
        double chance = forecast.probability;
        while (more < mostMore && chance < sureEnough) {
            parts.items.push_back({1, false});
            parts.weights.push_back(minutes ? shortestUseful / sampleRate : 1);
            chance = parts.chance(demand, m_board.failureRate());
            ++more;
        }
        std::int64_t room = 0;
        const auto [begin, end] = m_board.sessionsWithin(demand.first, demand.last);
        for (int session = begin; session < end; ++session)
            room += takesNewItem(m_board, index, session, shortestUseful) ? 1 : 0;
        Remedy remedy;
        remedy.kind = room >= more ? RemedyKind::ApproveItems : RemedyKind::AddRoom;
        remedy.count = more;
        remedy.topicGroups = dutyOf(demand).topicGroups;
        remedy.from = std::max(demand.period.first, m_board.input().from);
        remedy.until = demand.period.last;
        remedy.frames = {shortestUseful};
        if (remedy.kind == RemedyKind::ApproveItems)
            remedy.text = {QStringLiteral("Duyệt thêm %1 tin/bài phù hợp để dự phòng.").arg(more),
                           QStringLiteral("Approve %1 more item(s) of it in reserve.").arg(more)};
        else
            remedy.text = {QStringLiteral("Thêm %1 buổi phát để phát lại làm dự phòng.").arg(more),
                           QStringLiteral("Add %1 session(s) in which they sound again in reserve.").arg(more)};
        tell(forecast, {std::move(remedy)});
    }

    // Each alone is enough.
    static void tell(Forecast& forecast, std::vector<Remedy> remedies)
    {
        for (const Remedy& remedy : remedies) {
            const bool isFirst = &remedy == &remedies.front();
            forecast.reason.vi += (isFirst ? QStringLiteral(" ") : QStringLiteral(" Hoặc: ")) + remedy.text.vi;
            forecast.reason.en += (isFirst ? QStringLiteral(" ") : QStringLiteral(" Or: ")) + remedy.text.en;
        }
        forecast.remedies = std::move(remedies);
    }

    // Where sessions are too few: those that its rules ask for and that a policy or a template refuses in the planned
    // days, and so in those after them. Of each rule and cause, if allowing it alone could give what is missing.
    [[nodiscard]] std::vector<Remedy> allowances(const Demand& demand, const Outlook& outlook) const
    {
        const std::vector<RefusedSession>& refused = m_board.input().refused;
        const auto isAlike = [](const RefusedSession& a, const RefusedSession& b) {
            return a.session.rule == b.session.rule && a.cause == b.cause;
        };
        std::vector<Remedy> remedies;
        for (auto one = refused.begin(); one != refused.end(); ++one) {
            const auto same = [&](const RefusedSession& other) { return isAlike(other, *one); };
            if (one->cause == RefusalCause::Overlap || std::any_of(refused.begin(), one, same))
                continue;
            const std::int64_t planned = std::count_if(one, refused.end(), same);
            const std::int64_t room = one->session.frames.value;
            if (room <= 0)
                continue;
            const std::int64_t each =
                demand.measure == model::ObligationMeasure::Minutes ? room : room / std::min(room, shortestUseful);
            const std::int64_t days = std::max<std::int64_t>(m_board.input().from.daysTo(m_board.input().until) + 1, 1);
            const std::int64_t later = (planned * laterDaysOf(demand) + days - 1) / days;
            if (outlook.bySessions + later * each < outlook.missing)
                continue;
            const Text change = changeThatAllows(one->cause);
            Remedy remedy = blank(RemedyKind::AllowSession, demand, static_cast<int>(later));
            remedy.session = one->session.id;
            remedy.text = {QStringLiteral("%1 %2 (khoảng %3 buổi như vậy sau thời gian đã xếp).")
                               .arg(one->reason.vi, change.vi)
                               .arg(later),
                           QStringLiteral("%1 %2 (about %3 such sessions after the planned days).")
                               .arg(one->reason.en, change.en)
                               .arg(later)};
            remedies.push_back(std::move(remedy));
        }
        return remedies;
    }

    [[nodiscard]] std::int64_t laterDaysOf(const Demand& demand) const
    {
        const auto firstLater = static_cast<Day>(m_board.input().until.toJulianDay()) + 1;
        return demand.last - std::max(firstLater, demand.first) + 1;
    }

    // The rest of the period is not planned yet.
    void judgeLater(int index, Forecast& forecast) const
    {
        const Demand& demand = m_board.demand(index);
        const Outlook outlook = OutlookReader(m_board, index, m_pace).read();
        forecast.probability = outlook.chance;
        const Text title{dutyOf(demand).titleVi, dutyOf(demand).titleEn};
        const Text period = model::periodName(dutyOf(demand), demand.period);
        if (outlook.missing > outlook.bySessions) {
            forecast.standing = Standing::Impossible;
            forecast.actBy = demand.period.last;
            forecast.reason = {
                QStringLiteral("Đến hết %1 chỉ còn khoảng %2 buổi phát, không đủ cho phần còn thiếu.")
                    .arg(period.vi)
                    .arg(outlook.sessions),
                QStringLiteral("About %2 session(s) are left until the end of %1: too few for what is missing.")
                    .arg(period.en)
                    .arg(outlook.sessions)};
            Remedy remedy = blank(RemedyKind::AddRoom, demand, 1);
            remedy.text = {QStringLiteral("Thêm buổi phát trong %1.").arg(period.vi),
                           QStringLiteral("Add sessions in %1.").arg(period.en)};
            std::vector<Remedy> remedies = allowances(demand, outlook);
            remedies.push_back(std::move(remedy));
            tell(forecast, std::move(remedies));
            return;
        }
        if (outlook.chance >= sureEnough) {
            forecast.reason = {
                QStringLiteral("Kỳ này còn được xếp tiếp ở những lần lập lịch sau; tin/bài đã duyệt đủ."),
                QStringLiteral("The rest of the period is planned later; enough items are approved.")};
            return;
        }
        forecast.standing = Standing::AtRisk;
        const std::int64_t daysNeeded = std::max<std::int64_t>(outlook.daysNeeded, 1);
        forecast.actBy = std::max(demand.period.last.addDays(1 - daysNeeded), m_board.input().from);
        if (outlook.byItems < outlook.missing) {
            const bool distinct = demand.measure == model::ObligationMeasure::DistinctItems;
            const int lacks = distinct ? static_cast<int>(outlook.missing - outlook.byItems) : 1;
            Remedy remedy = blank(RemedyKind::ApproveItems, demand, lacks);
            remedy.text = {
                QStringLiteral("Cần thêm ít nhất %1 tin/bài đã duyệt cho chỉ tiêu \"%2\", trước hết ngày %3.")
                    .arg(QString::number(lacks), title.vi, forecast.actBy->toString(QStringLiteral("dd/MM/yyyy"))),
                QStringLiteral("Needs at least %1 more approved item(s) for \"%2\" by %3.")
                    .arg(QString::number(lacks), title.en, forecast.actBy->toString(QStringLiteral("dd/MM/yyyy")))};
            forecast.reason = {QStringLiteral("Tin/bài đã duyệt chưa đủ cho phần còn lại của %1.").arg(period.vi),
                               QStringLiteral("What is approved is not enough for the rest of %1.").arg(period.en)};
            tell(forecast, {std::move(remedy)});
            return;
        }
        forecast.reason = {QStringLiteral("Tin/bài đã duyệt đủ cho phần còn lại của %1, nhưng đài hay lỗi: chỉ %2 % "
                                          "chắc chắn.")
                               .arg(period.vi, percent(outlook.chance)),
                           QStringLiteral("Enough is approved for the rest of %1, but the station fails often: only "
                                          "%2 % sure.")
                               .arg(period.en, percent(outlook.chance))};
        Remedy remedy = blank(RemedyKind::ApproveItems, demand, 1);
        remedy.text = {QStringLiteral("Duyệt thêm tin/bài phù hợp để dự phòng."),
                       QStringLiteral("Approve more items of it in reserve.")};
        tell(forecast, {std::move(remedy)});
    }

    [[nodiscard]] Remedy blank(RemedyKind kind, const Demand& demand, int count) const
    {
        Remedy remedy;
        remedy.kind = kind;
        remedy.count = count;
        remedy.topicGroups = dutyOf(demand).topicGroups;
        remedy.from = std::max(demand.period.first, m_board.input().until.addDays(1));
        remedy.until = demand.period.last;
        return remedy;
    }

    const Board& m_board;
    const std::vector<RemedySet>& m_remedies;
    bool m_exact;
    Pace m_pace;
};

} // namespace

std::vector<Forecast> forecastsOf(const Board& board, const std::vector<RemedySet>& remedies, bool exact)
{
    std::vector<Forecast> forecasts;
    forecasts.reserve(static_cast<std::size_t>(board.demandCount()));
    const Forecaster forecaster(board, remedies, exact);
    for (int index = 0; index < board.demandCount(); ++index)
        forecasts.push_back(forecaster.of(index));
    std::ranges::stable_sort(forecasts, [](const Forecast& a, const Forecast& b) {
        return a.period.first != b.period.first ? a.period.first < b.period.first : a.obligation < b.obligation;
    });
    return forecasts;
}

} // namespace loa::planner
