#include "scheduler/planner/beam_question.h"

#include <algorithm>
#include <limits>

namespace loa::planner {

namespace {

constexpr std::int64_t mostMissing = 1'000'000; // more than any board has items

class Reader {
public:
    explicit Reader(const Board& board) : m_board(board) {}

    BeamQuestion read(const std::vector<int>& demands)
    {
        for (int session = 0; session < m_board.sessionCount(); ++session) {
            if (m_board.session(session).open)
                m_question.order.push_back(session);
        }
        m_question.roomBefore.push_back(0);
        for (const int session : m_question.order)
            m_question.roomBefore.push_back(m_question.roomBefore.back() + m_board.session(session).capacity -
                                            m_board.session(session).used);
        for (const int index : demands) {
            const Demand& demand = m_board.demand(index);
            if (!demand.isHeld() && demand.measure == model::ObligationMeasure::DistinctItems)
                addDemand(index);
        }
        addCandidates();
        addFamilies();
        return std::move(m_question);
    }

private:
    // The sessions of the order on days [first, last], both ends included.
    [[nodiscard]] std::pair<int, int> positionsWithin(Day first, Day last) const
    {
        const auto day = [&](int session) { return m_board.session(session).day; };
        const auto begin = std::ranges::lower_bound(m_question.order, first, {}, day);
        const auto end = std::ranges::upper_bound(m_question.order, last, {}, day);
        return {static_cast<int>(begin - m_question.order.begin()),
                static_cast<int>(end - m_question.order.begin()) - 1};
    }
    void addDemand(int index)
    {
        const Demand& demand = m_board.demand(index);
        const auto [first, last] = positionsWithin(demand.first, demand.last);
        Wanted& wanted = m_question.wanted.emplace_back();
        wanted.index = index;
        wanted.missing = static_cast<int>(std::min<std::int64_t>(demand.required - demand.counted, mostMissing));
        wanted.first = first;
        wanted.last = last;
    }

    void addCandidates()
    {
        std::vector<int> known(static_cast<std::size_t>(m_board.itemCount()), -1);
        for (std::size_t number = 0; number < m_question.wanted.size(); ++number) {
            Wanted& wanted = m_question.wanted[number];
            for (const int item : m_board.matching(wanted.index)) {
                const ItemFacts& what = m_board.item(item);
                const Demand& demand = m_board.demand(wanted.index);
                const auto [first, last] =
                    positionsWithin(std::max(demand.first, what.firstDay), std::min(demand.last, what.lastDay));
                if (!what.plannable || first > last || m_board.playsWithin(item, demand.first, demand.last))
                    continue;
                int& place = known[static_cast<std::size_t>(item)];
                if (place < 0) {
                    place = static_cast<int>(m_question.candidates.size());
                    m_question.candidates.push_back({.item = item, .frames = what.frames, .uses = {}});
                }
                Candidate& candidate = m_question.candidates[static_cast<std::size_t>(place)];
                candidate.uses.push_back({number, first, last});
                candidate.last = std::max(candidate.last, last);
                wanted.candidates.emplace_back(last, static_cast<std::size_t>(place));
            }
            std::ranges::sort(wanted.candidates);
        }
    }

    // What the weeks of a duty want together can be too much although each could have it.
    void addFamilies()
    {
        const std::size_t demands = m_question.wanted.size();
        std::vector<bool> isOfOne(demands);
        for (std::size_t first = 0; first < demands; ++first) {
            Wanted family{.index = m_question.wanted[first].index,
                          .members = {first},
                          .missing = m_question.wanted[first].missing,
                          .first = m_question.wanted[first].first,
                          .last = m_question.wanted[first].last,
                          .candidates = {}};
            for (std::size_t other = first + 1; other < demands && !isOfOne[first]; ++other) {
                const Wanted& more = m_question.wanted[other];
                const bool apart = std::ranges::all_of(family.members, [&](std::size_t member) {
                    return m_question.wanted[member].last < more.first || more.last < m_question.wanted[member].first;
                });
                if (isOfOne[other] || !apart || m_board.matching(more.index) != m_board.matching(family.index))
                    continue;
                family.members.push_back(other);
                family.missing += more.missing;
                family.first = std::min(family.first, more.first);
                family.last = std::max(family.last, more.last);
                isOfOne[other] = true;
            }
            if (family.members.size() > 1)
                addFamily(std::move(family));
        }
    }

    void addFamily(Wanted family)
    {
        for (std::size_t number = 0; number < m_question.candidates.size(); ++number) {
            Use whole{.demand = m_question.wanted.size(), .first = std::numeric_limits<int>::max(), .last = -1};
            for (const Use& use : m_question.candidates[number].uses) {
                if (std::ranges::find(family.members, use.demand) != family.members.end()) {
                    whole.first = std::min(whole.first, use.first);
                    whole.last = std::max(whole.last, use.last);
                }
            }
            if (whole.last < 0)
                continue;
            m_question.candidates[number].uses.insert(m_question.candidates[number].uses.begin(), whole);
            family.candidates.emplace_back(whole.last, number);
        }
        std::ranges::sort(family.candidates);
        m_question.wanted.push_back(std::move(family));
    }

    const Board& m_board;
    BeamQuestion m_question;
};

} // namespace

BeamQuestion beamQuestion(const Board& board, const std::vector<int>& demands)
{
    return Reader(board).read(demands);
}

} // namespace loa::planner
