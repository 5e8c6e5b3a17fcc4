#include "scheduler/planner/reasons.h"

#include <QSet>

#include <algorithm>

namespace loa::planner {

namespace {

QString shortDay(Day day)
{
    return QDate::fromJulianDay(day).toString(QStringLiteral("dd/MM"));
}

Text joined(const Text& first, const Text& second)
{
    return {first.vi + second.vi, first.en + second.en};
}

// The items of an open session in the order in which they sound: what stood there keeps its order, what is new follows;
// PRIORITY before NORMAL; of two new ones that could follow, the one of another content group.
std::vector<int> runningOrder(const Board& board, int session)
{
    std::vector<int> order;
    std::vector<int> fresh;
    for (const int item : board.session(session).items)
        (board.existingRank(item, session) >= 0 ? order : fresh).push_back(item);
    std::ranges::sort(order, {}, [&](int item) { return board.existingRank(item, session); });
    while (!fresh.empty()) {
        const int before = order.empty() ? -1 : board.item(order.back()).mainGroup;
        const int urgency =
            board.item(*std::ranges::max_element(fresh, {}, [&](int item) { return board.item(item).urgency; }))
                .urgency;
        const auto suits = [&](int item) { return board.item(item).urgency == urgency; };
        auto next =
            std::ranges::find_if(fresh, [&](int item) { return suits(item) && board.item(item).mainGroup != before; });
        if (next == fresh.end())
            next = std::ranges::find_if(fresh, suits);
        order.push_back(*next);
        fresh.erase(next);
    }
    std::ranges::stable_sort(order, std::ranges::greater(), [&](int item) { return board.item(item).urgency; });
    return order;
}

// Walks the plan in time and tells for each play what it does for the demands.
class Narrator {
public:
    Narrator(const Board& board, const std::vector<Demand>& demands) : m_board(board), m_demands(demands)
    {
        m_counted.resize(demands.size());
        m_names.resize(demands.size());
        for (std::size_t d = 0; d < demands.size(); ++d) {
            for (const int item : demands[d].matching) {
                if (board.soundedWithin(item, demands[d].first, demands[d].last))
                    m_counted[d].push_back(item);
            }
        }
        for (const PastAiring& airing : board.input().past) {
            if (!airing.completed)
                m_failed.insert({board.itemIndex(airing.item), airing.localDate.toJulianDay()});
        }
    }

    void passOver(int item, Day day)
    {
        for (std::size_t d = 0; d < m_demands.size(); ++d) {
            if (concerns(d, item, day) && std::ranges::find(m_counted[d], item) == m_counted[d].end())
                m_counted[d].push_back(item);
        }
    }

    Text reasonFor(int item, int session)
    {
        const Day day = m_board.session(session).day;
        Text reason;
        for (std::size_t d = 0; d < m_demands.size() && reason.en.isEmpty(); ++d) {
            const int count = static_cast<int>(m_counted[d].size());
            if (concerns(d, item, day) && count < m_demands[d].required &&
                std::ranges::find(m_counted[d], item) == m_counted[d].end())
                reason = joined(makeGood(d, item, day), countsAs(d, count + 1));
        }
        for (std::size_t d = 0; d < m_demands.size() && reason.en.isEmpty(); ++d) {
            if (concerns(d, item, day) && isReserve(d, item, session))
                reason = reserveFor(d);
        }
        passOver(item, day);
        return reason.en.isEmpty() ? beyondQuota(item, session) : reason;
    }

private:
    bool concerns(std::size_t d, int item, Day day) const
    {
        return m_demands[d].first <= day && day <= m_demands[d].last &&
               std::ranges::binary_search(m_demands[d].matching, item);
    }

    // Second play of an item among the first that count, none of which has sounded yet.
    bool isReserve(std::size_t d, int item, int session) const
    {
        const Demand& demand = m_demands[d];
        const auto place = std::ranges::find(m_counted[d], item) - m_counted[d].begin();
        if (place >= demand.required || m_board.soundedWithin(item, demand.first, demand.last))
            return false;
        int before = 0;
        for (const Play& play : m_board.plays(item)) {
            if (play.day >= demand.first && play.session >= 0 && play.session < session)
                ++before;
        }
        return before == 1;
    }

    const Text& nameOf(std::size_t d)
    {
        if (m_names[d].en.isEmpty()) {
            const auto& obligation = m_board.input().obligations[static_cast<std::size_t>(m_demands[d].obligation)];
            const Text period = model::periodName(obligation, m_demands[d].period);
            m_names[d] = {QStringLiteral("\"%1\", %2").arg(obligation.titleVi, period.vi),
                          QStringLiteral("\"%1\", %2").arg(obligation.titleEn, period.en)};
        }
        return m_names[d];
    }

    Text makeGood(std::size_t d, int item, Day day) const
    {
        Day failed = 0;
        for (const auto& [failedItem, failedDay] : m_failed) {
            if (failedItem == item && failedDay >= m_demands[d].first && failedDay <= day)
                failed = std::max(failed, failedDay);
        }
        if (failed == 0)
            return {};
        return {QStringLiteral("Phát bù cho lần phát không trọn ngày %1. ").arg(shortDay(failed)),
                QStringLiteral("Makes good the airing that failed on %1. ").arg(shortDay(failed))};
    }

    Text countsAs(std::size_t d, int number)
    {
        const Text& name = nameOf(d);
        const int required = m_demands[d].required;
        return {QStringLiteral("Tin/bài thứ %1 trong %2 của chỉ tiêu %3.").arg(number).arg(required).arg(name.vi),
                QStringLiteral("Item %1 of %2 for %3.").arg(number).arg(required).arg(name.en)};
    }

    Text reserveFor(std::size_t d)
    {
        const Text& name = nameOf(d);
        return {QStringLiteral("Phát thêm để dự phòng cho chỉ tiêu %1, phòng khi lần trước không trọn.").arg(name.vi),
                QStringLiteral("Reserve for %1, should the earlier airing fail.").arg(name.en)};
    }

    Text beyondQuota(int item, int session) const
    {
        const BoardItem& what = m_board.item(item);
        const Day day = m_board.session(session).day;
        const Play* last = nullptr;
        for (const Play& play : m_board.plays(item)) {
            if (play.day < day || (play.day == day && play.session >= 0 && play.session < session))
                last = &play;
        }
        Text reason;
        if (what.urgency > 0)
            reason = {QStringLiteral("Tin ưu tiên. "), QStringLiteral("A priority item. ")};
        if (!last)
            return joined(reason,
                          {QStringLiteral("Tin/bài mới, phát lần đầu."), QStringLiteral("New, first time on air.")});
        return joined(reason, {QStringLiteral("Phát lại; lần trước ngày %1.").arg(shortDay(last->day)),
                               QStringLiteral("Again; the time before was on %1.").arg(shortDay(last->day))});
    }

    const Board& m_board;
    const std::vector<Demand>& m_demands;
    std::vector<std::vector<int>> m_counted; // by demand: items in the order in which they came to count
    std::vector<Text> m_names;
    QSet<std::pair<int, Day>> m_failed;
};

Placement placementAt(const Board& board, int item, int session, FrameCount offset)
{
    const PlannableItem& what = *board.item(item).plannable;
    const SessionId& id = board.session(session).session->id;
    return {id, what.id, what.version, what.sha256, offset, what.frames, what.priority, {}};
}

} // namespace

std::vector<Placement> placementsOf(const Board& board, const std::vector<Demand>& demands)
{
    std::vector<Placement> placements;
    Narrator narrator(board, demands);
    for (int session = 0; session < static_cast<int>(board.sessions().size()); ++session) {
        for (const Placement* closed : board.closedPlacements(session)) {
            placements.push_back(*closed);
            const int item = board.itemIndex(closed->item);
            const bool stillCounts = item >= 0 && std::ranges::any_of(board.plays(item), [&](const Play& play) {
                                         return play.session == session;
                                     });
            if (stillCounts)
                narrator.passOver(item, board.session(session).day);
        }
        FrameCount offset;
        for (const int item : runningOrder(board, session)) {
            Placement placement = placementAt(board, item, session, offset);
            placement.reason = narrator.reasonFor(item, session);
            offset += placement.frames;
            placements.push_back(std::move(placement));
        }
    }
    return placements;
}

} // namespace loa::planner
