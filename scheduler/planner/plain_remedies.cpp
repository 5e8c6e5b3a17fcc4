#include "scheduler/planner/remedies.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr std::int64_t plainMinute = 60 * sampleRate;

// What is plain without a search: how many new items are needed whatever else changes, and whether they would do as the
// board stands.
struct PlainAnswer {
    int needed = 0;          // new items in every set
    std::int64_t frames = 0; // 0: they would not do, or not be the fewest
};

class PlainLook {
public:
    PlainLook(const Board& board, int index) : m_board(board), m_index(index), m_demand(board.demand(index))
    {
        const auto [begin, end] = board.sessionsWithin(m_demand.first, m_demand.last);
        for (int session = begin; session < end; ++session) {
            if (board.session(session).open)
                m_open.push_back(session);
        }
    }

    // Items that end before, begin after, are forbidden or too long might be changed instead: then one new item may be
    // one of several answers, yet none is smaller.
    PlainAnswer look() const
    {
        PlainAnswer answer;
        const std::int64_t missing = m_demand.required - m_demand.counted;
        const bool distinct = m_demand.measure == model::ObligationMeasure::DistinctItems;
        if (distinct) {
            std::int64_t possible = 0;
            for (const int item : m_board.matching(m_index))
                possible += m_board.item(item).plannable || m_board.playsWithin(item, m_demand.first, m_demand.last);
            answer.needed = static_cast<int>(std::max<std::int64_t>(m_demand.required - possible, 0));
        }
        const std::int64_t fewest = std::max(answer.needed, 1);
        if ((distinct && missing > fewest) || (!distinct && answer.needed > 0) || !m_board.input().edits.empty())
            return answer;
        for (const int length : {10, 5, 4, 3}) {
            const std::int64_t frames = length * plainMinute;
            if (wouldDo(frames, missing, distinct)) {
                answer.frames = frames;
                break;
            }
        }
        return answer;
    }

private:
    // Distinct: `missing` new items of that length, each once; otherwise one new item, in every session that takes it.
    [[nodiscard]] bool wouldDo(std::int64_t frames, std::int64_t missing, bool distinct) const
    {
        std::int64_t found = 0;
        for (const int session : m_open) {
            if (!takesNewItem(m_board, m_index, session, frames))
                continue;
            const bool minutes = m_demand.measure == model::ObligationMeasure::Minutes;
            // Of several parts of one segment, one alone is counted on.
            const std::int64_t times = distinct ? m_board.session(session).mostFree / frames : 1;
            found += minutes ? frames : m_board.session(session).parts == 1 ? times : 1;
            if (found >= missing)
                return true;
        }
        return false;
    }

    const Board& m_board;
    int m_index;
    const Demand& m_demand;
    std::vector<int> m_open;
};

// Where one new item would do, an item there is that is out of date or too long and else free would do too.
std::vector<Remedy> insteadOfNewItem(const Board& board, int index, std::int64_t frames)
{
    const Demand& demand = board.demand(index);
    const RemedyFacts known = remedyFacts(board, index, {});
    std::vector<Remedy> others;
    const auto [begin, end] = board.sessionsWithin(demand.first, demand.last);
    std::int64_t longest = 0;
    int roomiest = -1; // of sessions of one part for anything
    for (int session = begin; session < end; ++session) {
        const BoardSession& where = board.session(session);
        longest = where.open ? std::max(longest, where.longest) : longest;
        if (where.open && where.parts == 1 && board.part(session, 0).any && where.capacity > 0 &&
            (roomiest < 0 || where.mostFree > board.session(roomiest).mostFree))
            roomiest = session;
    }
    const auto couldStand = [&](const ItemFacts& what) {
        for (int session = begin; session < end; ++session) {
            const BoardSession& where = board.session(session);
            if (where.open && what.plannable->frames.value <= where.mostFree && where.parts == 1 &&
                board.part(session, 0).any)
                return true;
        }
        return false;
    };
    for (const Remedy& fact : known.facts) {
        const int item = fact.item ? board.itemIndex(*fact.item) : noItem;
        if (item == noItem || !board.matches(index, item) || board.playsWithin(item, demand.first, demand.last) ||
            board.item(item).plannable->rules != model::PlayRules{} ||
            std::ranges::find(others, fact.kind, &Remedy::kind) != others.end())
            continue;
        if (fact.kind == RemedyKind::ExtendValidity && couldStand(board.item(item)))
            others.push_back(fact);
        const auto takesShorter = [&] {
            for (int session = begin; session < end; ++session) {
                const BoardSession& where = board.session(session);
                if (where.open && board.validAt(item, session) && frames <= where.mostFree && where.parts == 1 &&
                    board.part(session, 0).any)
                    return true;
            }
            return false;
        };
        if (fact.kind == RemedyKind::ShortenItem && takesShorter()) {
            others.push_back(fact);
            others.back().frames = {frames};
            // Longer than all of them: the session with the most room could be made long enough.
            if (board.item(item).plannable->frames.value > longest && roomiest >= 0 && board.validAt(item, roomiest)) {
                Remedy longer;
                longer.kind = RemedyKind::LengthenSession;
                longer.count = 1;
                longer.session = board.session(roomiest).session->id;
                longer.from = longer.until = QDate::fromJulianDay(board.session(roomiest).day);
                longer.frames = {board.item(item).plannable->frames.value - board.session(roomiest).mostFree};
                others.push_back(std::move(longer));
            }
        }
    }
    return others;
}

} // namespace

bool takesNewItem(const Board& board, int demand, int session, std::int64_t frames)
{
    const BoardSession& where = board.session(session);
    if (!where.open || frames > where.mostFree)
        return false;
    const auto obligation = static_cast<std::size_t>(board.demand(demand).obligation);
    const auto& groups = board.input().obligations[obligation].topicGroups;
    for (int part = 0; part < where.parts; ++part) {
        if (board.freeIn(session, part) < frames)
            continue;
        if (board.part(session, part).any)
            return true;
        const auto& accepts = where.session->parts[static_cast<std::size_t>(part)].accepts;
        if (std::ranges::any_of(accepts,
                                [&](const QString& group) { return std::ranges::find(groups, group) != groups.end(); }))
            return true;
    }
    return false;
}

RemedySet plainRemedies(const Board& board, int index, int& needed)
{
    RemedySet set;
    set.demand = index;
    const Demand& demand = board.demand(index);
    const PlainAnswer plain = PlainLook(board, index).look();
    needed = plain.needed;
    if (plain.frames == 0)
        return set;
    Remedy remedy;
    remedy.kind = RemedyKind::ApproveItems;
    remedy.count = std::max(plain.needed, 1);
    remedy.topicGroups = board.input().obligations[static_cast<std::size_t>(demand.obligation)].topicGroups;
    remedy.from = std::max(demand.period.first, board.input().from);
    remedy.until = demand.period.last;
    remedy.frames = {plain.frames};
    set.remedies = {remedy};
    set.smallest = true;
    if (remedy.count == 1)
        set.others = insteadOfNewItem(board, index, plain.frames);
    return set;
}

} // namespace loa::planner
