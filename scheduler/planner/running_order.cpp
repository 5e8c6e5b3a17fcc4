#include "scheduler/planner/running_order.h"

#include <algorithm>

namespace loa::planner {

namespace {

// Where a person wants an item to stand in its session.
void moveToWishedPositions(const Board& board, int session, std::vector<int>& order)
{
    if (board.pins().empty())
        return;
    std::vector<std::pair<int, int>> wished; // position, item
    for (const model::HandEdit& edit : board.input().edits) {
        const int item = board.itemIndex(edit.item);
        if (edit.kind == model::HandEditKind::Keep && edit.position && item != noItem &&
            board.sessionIndex(edit.session) == session && std::ranges::find(order, item) != order.end())
            wished.emplace_back(std::max(*edit.position, 0), item);
    }
    std::ranges::sort(wished);
    for (const auto& [position, item] : wished) {
        std::erase(order, item);
        order.insert(order.begin() + std::min<std::ptrdiff_t>(position, std::ssize(order)), item);
    }
}

// What is paired stands directly after what it is paired with.
void followLeaders(const Board& board, std::vector<int>& order)
{
    if (board.tables().rules.empty())
        return;
    std::vector<int> chained;
    const auto add = [&](auto&& self, int item) -> void {
        chained.push_back(item);
        const ItemRules* rules = board.rulesOf(item);
        if (!rules)
            return;
        for (const int follower : rules->followers) {
            if (std::ranges::find(order, follower) != order.end())
                self(self, follower);
        }
    };
    for (const int item : order) {
        const ItemRules* rules = board.rulesOf(item);
        if (!rules || !rules->paired)
            add(add, item);
    }
    order = std::move(chained);
}

} // namespace

void runningOrder(const Board& board, int session, int part, std::vector<int>& order, std::vector<int>& fresh)
{
    order.clear();
    fresh.clear();
    for (const BoardPlace& place : board.session(session).items) {
        if (place.part == part)
            (board.existingRank(place.item, session) >= 0 ? order : fresh).push_back(place.item);
    }
    if (order.size() > 1)
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
    const auto urgencyOf = [&](int item) { return board.item(item).urgency; };
    if (!std::ranges::is_sorted(order, std::ranges::greater(), urgencyOf))
        std::ranges::stable_sort(order, std::ranges::greater(), urgencyOf);
    moveToWishedPositions(board, session, order);
    followLeaders(board, order);
}

} // namespace loa::planner
