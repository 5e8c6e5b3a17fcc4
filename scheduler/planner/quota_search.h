// Exact search for an arrangement that holds as many demands as can be held,
// for when adding to what stands does not. Depth first, the tightest goal
// first, of its candidates those that stood there before first; sessions and
// items that differ in nothing are tried once; bounds on
// what is still possible cut it short; bounded in work, so the same input
// always ends at the same place. Internal to the planner.
#pragma once

#include "scheduler/planner/board.h"

#include <utility>
#include <vector>

namespace loa::planner {

struct PlacedItem {
    int item = 0;
    int session = 0;
    int part = 0;
};

// The plays of a board, and others in place of those of its open sessions.
[[nodiscard]] std::vector<PlacedItem> placesOf(const Board& board);
void putInstead(Board& board, const std::vector<PlacedItem>& places);

// Steps that one search may take.
inline constexpr std::int64_t maxWorkASearch = 1'000'000;

// Whether some arrangement with the board's pins holds these demands, all of them. Takes the steps that it needs off
// `work`; nothing: they were too few to know.
// `places`: where to put that arrangement.
[[nodiscard]] std::optional<bool> canHold(const Board& board, const std::vector<int>& demands, std::int64_t& work,
                                          std::vector<PlacedItem>* places = nullptr);
// The same on a board that nobody needs any more: no copy is made of it.
[[nodiscard]] std::optional<bool> canHold(Board&& board, const std::vector<int>& demands, std::int64_t& work,
                                          std::vector<PlacedItem>* places = nullptr);

// Adds to what stands on the board until these demands are held. False: nothing that could be added holds them all, or
// the work was too little to know; the board is as it was then.
[[nodiscard]] bool addUntilHeld(Board& board, const std::vector<int>& demands, std::int64_t& work);

// An arrangement with the board's pins that holds these demands, and `sure`, some of them, with at least `sureEnough`.
// Takes the steps that it needs off `work`. Nothing: there is none, or they were too few to know.
inline constexpr std::int64_t maxWorkForReserve = 200'000; // of one call
[[nodiscard]] std::optional<std::vector<PlacedItem>> arrangeSure(const Board& board, const std::vector<int>& held,
                                                                 const std::vector<int>& sure, std::int64_t& work);

// An arrangement of open sessions with these pins (session, item) and what the
// hard rules ask beside them. Nothing: there is none, or the bound was met.
[[nodiscard]] std::optional<std::vector<PlacedItem>> arrangePins(const Board& board,
                                                                 const std::vector<std::pair<int, int>>& pins);

} // namespace loa::planner
