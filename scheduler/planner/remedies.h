// What would close a shortfall: the facts that a person can change, what becomes of a question when some of them are
// changed, and the search for the fewest that are enough. Internal to the planner, but for withRemedies(). Pure, any
// thread.
#pragma once

#include "scheduler/planner/board.h"

#include <vector>

namespace loa::planner {

// The question as it would be with these changes made. ApproveItems adds items that carry all of the remedy's groups,
// AddRoom sessions without parts at the end of the day `from`, AllowSession those of the refused
// ones that leave all others their time, LengthenSession gives each segment and part that much
// more, RelaxRule takes all rules off the item. What a remedy names and the question does not know is passed over.
[[nodiscard]] PlanInput withRemedies(PlanInput input, const std::vector<Remedy>& remedies);

// What could be changed for a demand beside demands that are held, each by itself, in the order in which it is
// advised. Items and sessions that the question knows, bounded in number; new ones are single.
struct RemedyFacts {
    std::vector<Remedy> facts;
    std::vector<int> most; // by fact: how often it may be taken; 1 for all but new items and sessions
    bool complete = true;  // false: there are more
};
[[nodiscard]] RemedyFacts remedyFacts(const Board& board, int demand, const std::vector<int>& held);

struct RemedySet {
    int demand = 0;
    std::vector<Remedy> remedies; // all of them together; with texts
    std::vector<Remedy> others;   // each of them alone would do as well
    bool smallest = false;        // no fewer of these facts do; false: none of it can be left out, as far as is known
};

// For each known demand that the board does not hold, beside those that it holds. The board is that before filling:
// quota alone. Work is bounded, and the same for the same board.
[[nodiscard]] std::vector<RemedySet> findRemedies(const Board& board);

// The same for one demand where no search is needed: new items would do as the board stands, and nothing fewer can. No
// remedies: it has to be searched. `needed`: new items that every set holds.
[[nodiscard]] RemedySet plainRemedies(const Board& board, int demand, int& needed);

// The words of a remedy; `demand` is what it is for.
[[nodiscard]] Text remedyText(const Board& board, int demand, const Remedy& remedy);

// Of input.refused those that the remedy of kind AllowSession is about, by start; bounded in number.
[[nodiscard]] std::vector<const RefusedSession*> allowedBy(const PlanInput& input, const Remedy& remedy);

// Room that a new item of that length would find in the part.
[[nodiscard]] bool takesNewItem(const Board& board, int demand, int session, std::int64_t frames);

} // namespace loa::planner
