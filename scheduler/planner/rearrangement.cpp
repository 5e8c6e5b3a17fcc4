#include "scheduler/planner/rearrangement.h"

#include "scheduler/planner/arrangement.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr int mostTries = 400;            // sets of plays to give up
constexpr std::int64_t workATry = 20'000; // steps of the search
constexpr std::int64_t workOfAll = 1'000'000;

// What was added to the plan so far, and nobody wants there, goes.
void leaveExistingAlone(Board& board)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (int session = 0; session < board.sessionCount(); ++session) {
            const auto& items = board.session(session).items;
            for (const BoardPlace& place : std::vector<BoardPlace>(items.begin(), items.end())) {
                if (board.existingRank(place.item, session) < 0 && board.mayRemove(place.item, session)) {
                    board.remove(place.item, session);
                    moved = true;
                }
            }
        }
    }
}

// Tries to hold the demands by adding to what is left of the plan so far when no play of it is given up, one, two.
class FewestGivenUp {
public:
    FewestGivenUp(const Board& board, std::vector<int> demands) : m_base(board), m_demands(std::move(demands))
    {
        leaveExistingAlone(m_base);
        for (int session = 0; session < m_base.sessionCount(); ++session) {
            for (const BoardPlace& place : m_base.session(session).items) {
                if (matters(session) && !m_base.isPinned(place.item, session))
                    m_plays.push_back({place.item, session, place.part});
            }
        }
    }

    std::optional<Board> find()
    {
        if (auto held = without({}))
            return held;
        for (const PlacedItem& one : m_plays) {
            if (auto held = without({one}))
                return held;
        }
        for (std::size_t first = 0; first < m_plays.size(); ++first) {
            for (std::size_t second = first + 1; second < m_plays.size(); ++second) {
                if (m_tries >= mostTries || m_work <= 0)
                    return std::nullopt;
                if (auto held = without({m_plays[first], m_plays[second]}))
                    return held;
            }
        }
        return std::nullopt;
    }

private:
    // In the period of a demand that is to be held.
    [[nodiscard]] bool matters(int session) const
    {
        return std::ranges::any_of(m_demands, [&](int index) {
            return !m_base.demand(index).isHeld() && m_base.demand(index).holds(m_base.session(session).day);
        });
    }

    std::optional<Board> without(std::vector<PlacedItem> given)
    {
        if (m_tries >= mostTries || m_work <= 0)
            return std::nullopt;
        ++m_tries;
        Board board = m_base;
        // What others lean on goes after them.
        while (!given.empty()) {
            const auto next = std::ranges::find_if(
                given, [&](const PlacedItem& play) { return board.mayRemove(play.item, play.session); });
            if (next == given.end())
                return std::nullopt;
            board.remove(next->item, next->session);
            given.erase(next);
        }
        std::int64_t work = std::min(workATry, m_work);
        m_work -= work;
        const bool held = addUntilHeld(board, m_demands, work);
        m_work += work;
        return held ? std::optional(std::move(board)) : std::nullopt;
    }

    Board m_base;
    std::vector<int> m_demands;
    std::vector<PlacedItem> m_plays;
    int m_tries = 0;
    std::int64_t m_work = workOfAll;
};

std::vector<int> heldBy(Board board, const Arrangement& arrangement)
{
    putInstead(board, arrangement.places);
    std::vector<int> held;
    for (int index = 0; index < board.demandCount(); ++index) {
        if (board.demand(index).isHeld())
            held.push_back(index);
    }
    return held;
}

} // namespace

bool rearrange(Board& board)
{
    const int held = board.heldDemands();
    if (held == board.demandCount())
        return true;
    const Arrangement best = arrange(board);
    if (best.held <= held)
        return best.exact;
    const auto few = FewestGivenUp(board, heldBy(board, best)).find();
    putInstead(board, few ? placesOf(*few) : best.places);
    board.keepExisting();
    meetDemands(board);
    return best.exact || board.heldDemands() == board.demandCount();
}

} // namespace loa::planner
