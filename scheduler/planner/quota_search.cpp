#include "scheduler/planner/quota_search.h"

#include "scheduler/planner/quota_goals.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

enum class Found { Yes, No, WorkSpent };

// Anything but room and days keeps items out of sessions.
bool isRuled(const Board& board)
{
    bool found = !board.input().edits.empty();
    for (int item = 0; item < board.itemCount() && !found; ++item)
        found = board.rulesOf(item) != nullptr;
    return found;
}

class Search {
public:
    Search(Board& board, std::vector<int> active, const std::vector<std::pair<int, int>>& pins, std::int64_t work,
           std::vector<int> sure = {})
        : m_board(board), m_active(std::move(active)), m_sure(std::move(sure)), m_pins(pins),
          m_goals(board, m_active, isRuled(board) || !pins.empty() || !m_sure.empty(), work)
    {
    }

    Found run()
    {
        const bool found = descend();
        return found ? Found::Yes : (m_goals.workLeft() <= 0 ? Found::WorkSpent : Found::No);
    }
    [[nodiscard]] std::vector<PlacedItem> places() const { return m_places; }
    [[nodiscard]] std::int64_t workLeft() const { return m_goals.workLeft(); }

private:
    // Places it with its leaders; returns how many were placed, 0: it cannot be.
    int put(const PlacedItem& choice)
    {
        const ItemRules* rules = m_board.rulesOf(choice.item);
        int placed = 0;
        if (rules && rules->paired && !m_board.session(choice.session).contains(rules->pairWith)) {
            const PlacedItem leader{rules->pairWith, choice.session, choice.part};
            const bool may = m_board.validAt(leader.item, leader.session) &&
                             !m_goals.isBanned(leader.item, leader.session) &&
                             !m_board.isAway(leader.item, leader.session) &&
                             !m_board.hindrance(leader.item, leader.session, Board::PairRule::PassOver, false) &&
                             m_board.fitsPart(leader.item, leader.session, leader.part);
            placed = may ? put(leader) : 0;
            if (placed == 0)
                return 0;
        }
        const auto hindered = m_board.hindrance(choice.item, choice.session, Board::PairRule::Judge, false);
        if (hindered || !m_board.fitsPart(choice.item, choice.session, choice.part)) {
            takeBack(placed);
            return 0;
        }
        m_board.place(choice.item, choice.session, choice.part);
        m_places.push_back(choice);
        return placed + 1;
    }

    void takeBack(int count)
    {
        for (; count > 0; --count) {
            m_board.remove(m_places.back().item, m_places.back().session);
            m_places.pop_back();
        }
    }

    // False at once when a goal is out of reach; the tightest goal otherwise, or
    // none.
    bool choose(std::optional<Goal>& tightest)
    {
        const auto take = [&](Goal&& goal) {
            const bool possible = goal.kind != Goal::Kind::Impossible;
            if (goal.kind == Goal::Kind::Open && (!tightest || goal.order() < tightest->order()))
                tightest = std::move(goal);
            return possible && m_goals.workLeft() > 0;
        };
        for (const auto& [session, item] : m_pins) {
            if (!take(m_goals.pin(session, item)))
                return false;
        }
        for (const PlacedItem& placed : m_places) {
            if (!take(m_goals.series(placed)))
                return false;
        }
        return std::ranges::all_of(m_active, [&](int index) { return take(m_goals.demand(index)); }) &&
               std::ranges::all_of(m_sure, [&](int index) { return take(m_goals.sure(index)); });
    }

    void sortCandidates(std::vector<PlacedItem>& candidates) const
    {
        std::uint64_t active = 0;
        for (const int index : m_active) {
            if (index < 64 && !m_board.demand(index).isHeld())
                active |= std::uint64_t{1} << index;
        }
        std::ranges::stable_sort(candidates, {}, [&](const PlacedItem& choice) {
            return std::make_tuple(m_board.existingRank(choice.item, choice.session) < 0,
                                   -std::popcount(m_board.matchMask(choice.item) & active),
                                   m_board.item(choice.item).lastDay, -m_board.item(choice.item).frames, choice.item,
                                   choice.session);
        });
    }

    // Whichever way all goals are met, one of the tightest goal's candidates is
    // in it: each in turn, without those tried before it.
    bool descend()
    {
        std::optional<Goal> goal;
        if (!choose(goal))
            return false;
        if (!goal)
            return true;
        sortCandidates(goal->candidates);
        bool found = false;
        std::vector<std::pair<int, int>> banned;
        for (std::size_t i = 0; i < goal->candidates.size() && !found && m_goals.workLeft() > 0; ++i) {
            const PlacedItem& choice = goal->candidates[i];
            const int placed = put(choice);
            if (placed > 0) {
                found = descend();
                if (!found)
                    takeBack(placed);
            }
            // Parts of one session follow each other; the item is out of the session
            // once all were tried.
            const bool lastPart = i + 1 == goal->candidates.size() || goal->candidates[i + 1].item != choice.item ||
                                  goal->candidates[i + 1].session != choice.session;
            if (!found && lastPart && m_goals.ban(choice.item, choice.session))
                banned.emplace_back(choice.item, choice.session);
        }
        for (const auto& [item, session] : banned)
            m_goals.lift(item, session);
        return found;
    }

    Board& m_board;
    std::vector<int> m_active; // demands to hold
    std::vector<int> m_sure;   // those to make sure as well
    const std::vector<std::pair<int, int>>& m_pins;
    Goals m_goals;
    std::vector<PlacedItem> m_places;
};

} // namespace

std::vector<PlacedItem> placesOf(const Board& board)
{
    std::vector<PlacedItem> places;
    for (int session = 0; session < board.sessionCount(); ++session) {
        for (const BoardPlace& place : board.session(session).items)
            places.push_back({place.item, session, place.part});
    }
    return places;
}

void putInstead(Board& board, const std::vector<PlacedItem>& places)
{
    board.clearOpen();
    for (const PlacedItem& place : places)
        board.place(place.item, place.session, place.part);
}

std::optional<bool> canHold(const Board& board, const std::vector<int>& demands, std::int64_t& work,
                            std::vector<PlacedItem>* places)
{
    return canHold(Board(board), demands, work, places);
}

std::optional<bool> canHold(Board&& empty, const std::vector<int>& demands, std::int64_t& work,
                            std::vector<PlacedItem>* places)
{
    empty.clearOpen();
    Search search(empty, demands, empty.pins(), work);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    if (found == Found::WorkSpent)
        return std::nullopt;
    if (found == Found::Yes && places)
        *places = search.places();
    return found == Found::Yes;
}

bool addUntilHeld(Board& board, const std::vector<int>& demands, std::int64_t& work)
{
    Search search(board, demands, board.pins(), work);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    return found == Found::Yes;
}

std::optional<std::vector<PlacedItem>> arrangeSure(const Board& board, const std::vector<int>& held,
                                                   const std::vector<int>& sure, std::int64_t& work)
{
    Board empty = board;
    empty.clearOpen();
    Search search(empty, held, empty.pins(), work, sure);
    const Found found = search.run();
    work = std::max<std::int64_t>(search.workLeft(), 0);
    if (found != Found::Yes)
        return std::nullopt;
    return search.places();
}

std::optional<std::vector<PlacedItem>> arrangePins(const Board& board, const std::vector<std::pair<int, int>>& pins)
{
    Board empty = board;
    empty.clearOpen();
    Search search(empty, {}, pins, maxWorkASearch);
    if (search.run() != Found::Yes)
        return std::nullopt;
    return search.places();
}

} // namespace loa::planner
