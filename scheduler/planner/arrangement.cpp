#include "scheduler/planner/arrangement.h"

#include "scheduler/planner/beam_search.h"
#include "scheduler/planner/displacement.h"

#include <algorithm>

namespace loa::planner {

namespace {

// The next choice of as many indices, rising, the highest first; false after
// the last one.
bool nextDropped(std::vector<int>& dropped)
{
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        if (dropped[i] > static_cast<int>(i)) {
            --dropped[i];
            for (std::size_t j = i; j-- > 0;)
                dropped[j] = dropped[j + 1] - 1;
            return true;
        }
    }
    return false;
}

// Fewer different items match than are owed, wherever they are put.
bool isOutOfReach(const Board& board, int index)
{
    const Demand& demand = board.demand(index);
    if (demand.measure != model::ObligationMeasure::DistinctItems)
        return false;
    const auto may = std::ranges::count_if(board.matching(index), [&](int item) {
        const ItemFacts& what = board.item(item);
        return (what.plannable && what.firstDay <= demand.last && what.lastDay >= demand.first) ||
               board.playsWithin(item, demand.first, demand.last);
    });
    return may < demand.required;
}

constexpr std::int64_t workBeforeDisplacing = 100'000;

class Arranger {
public:
    explicit Arranger(const Board& board) : m_board(board), m_empty(board)
    {
        for (const Demand& demand : board.demands())
            m_heldThere.push_back(demand.isHeld());
        m_best.held = board.heldDemands();
        m_empty.clearOpen();
    }

    Arrangement run()
    {
        // What the board holds already can be held.
        std::vector<int> active;
        for (int index = 0; index < m_empty.demandCount(); ++index) {
            if (m_heldThere[static_cast<std::size_t>(index)] || holds({index}).value_or(true))
                active.push_back(index);
        }
        if (std::ssize(active) == m_best.held || holdAll(active))
            return m_best;
        const int count = static_cast<int>(active.size());
        for (int drop = 1; count - drop > m_best.held; ++drop) {
            std::vector<int> dropped;
            for (int i = count - drop; i < count; ++i)
                dropped.push_back(i);
            do {
                if (m_work <= 0) {
                    m_best.exact = false;
                    return m_best;
                }
                std::vector<int> kept;
                for (int i = 0; i < count; ++i) {
                    if (std::ranges::find(dropped, i) == dropped.end())
                        kept.push_back(active[static_cast<std::size_t>(i)]);
                }
                const std::optional<bool> found = holds(kept);
                if (found.value_or(false))
                    return m_best;
                m_best.exact = m_best.exact && found;
            } while (nextDropped(dropped));
        }
        return m_best;
    }

private:
    // A short look, then the searches that find without proving, then the whole bound.
    bool holdAll(const std::vector<int>& active)
    {
        std::optional<bool> found = holds(active, workBeforeDisplacing);
        if (!found)
            found = displace(m_board, active) || inOrder(active, narrowBeam) || inOrder(active, wideBeam) ||
                            inOrder(active, thoroughBeam)
                        ? std::optional(true)
                        : holds(active);
        m_best.exact = found.has_value();
        return found.value_or(false);
    }

    // Nothing: the work was too little to know.
    std::optional<bool> holds(const std::vector<int>& active, std::int64_t most = maxWorkASearch)
    {
        const std::int64_t given = std::min(most, m_work);
        std::int64_t left = given;
        std::vector<PlacedItem> places;
        const std::optional<bool> found = canHold(m_empty, active, left, &places);
        m_work -= given - left;
        if (found.value_or(false)) {
            Board board = m_empty;
            putInstead(board, places);
            keepIfMore(board, std::move(places));
        }
        return found;
    }

    bool displace(const Board& from, const std::vector<int>& active)
    {
        Board board = from;
        const bool all = displaceUntilHeld(board, active);
        keepIfMore(board, placesOf(board));
        return all;
    }

    // What it leaves out displaces what stands in its way.
    bool inOrder(const std::vector<int>& active, const Beam& beam)
    {
        Board board = m_empty;
        if (!searchInOrder(board, active, beam))
            return displace(board, active);
        keepIfMore(board, placesOf(board));
        return true;
    }

    void keepIfMore(const Board& board, std::vector<PlacedItem> places)
    {
        if (board.heldDemands() <= m_best.held)
            return;
        m_best.held = board.heldDemands();
        m_best.places = std::move(places);
    }

    const Board& m_board;
    Board m_empty;
    std::vector<bool> m_heldThere; // by demand
    std::int64_t m_work = maxWorkACall;
    Arrangement m_best;
};

} // namespace

Arrangement arrange(const Board& board)
{
    bool hope = false;
    for (int index = 0; index < board.demandCount() && !hope; ++index)
        hope = !board.demand(index).isHeld() && !isOutOfReach(board, index);
    if (!hope)
        return {.places = {}, .held = board.heldDemands(), .exact = true};
    return Arranger(board).run();
}

} // namespace loa::planner
