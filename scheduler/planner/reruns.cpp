#include "scheduler/planner/reruns.h"

#include "scheduler/planner/reserve.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr Day weekDays = 7;

struct Nearby {
    int sameDay = 0;
    int dayBefore = 0;
    int sameWeek = 0;
    int threeDays = 0; // this day and the two before
};

// Plays of the item before the session.
Nearby heardBefore(const Board& board, int item, int session)
{
    const Day day = board.session(session).day;
    Nearby nearby;
    for (const Play& play : board.plays(item)) {
        const bool isEarlier = play.day < day || (play.day == day && play.session < session);
        if (!isEarlier)
            break;
        nearby.sameDay += play.day == day ? 1 : 0;
        nearby.dayBefore += play.day == day - 1 ? 1 : 0;
        nearby.threeDays += play.day >= day - 2 ? 1 : 0;
        nearby.sameWeek += play.day / weekDays == day / weekDays ? 1 : 0;
    }
    return nearby;
}

// It was heard a short while before, or often enough that week.
bool isRerun(const Board& board, int item, int session)
{
    const Nearby earlier = heardBefore(board, item, session);
    const bool normal = board.item(item).urgency == 0;
    return earlier.sameDay > 0 || (normal && (earlier.dayBefore > 0 || earlier.sameWeek >= mostPlaysAWeek));
}

bool mayRerun(const Board& board, int item, int session)
{
    if (!board.fits(item, session))
        return false;
    const Nearby heard = heardBefore(board, item, session);
    const int most = board.session(session).items.empty() ? mostPlaysInThreeDaysIfSilent : mostPlaysInThreeDays;
    return heard.sameDay < mostPlaysADay && (board.item(item).urgency > 0 || heard.threeDays < most);
}

bool addRerun(Board& board, TurnFinder& finder, int session)
{
    const int item = finder.first(session, TurnFinder::Rest::Any,
                                  [&](int candidate) { return mayRerun(board, candidate, session); });
    if (item == noItem)
        return false;
    board.place(item, session);
    return true;
}

bool refresh(Board& board, TurnFinder& finder, int session)
{
    const auto& items = board.session(session).items;
    // What takes a rerun's place plays less by two or more.
    const std::size_t least = board.turns().leastPlays();
    if (std::ranges::none_of(items, [&](const BoardPlace& place) { return board.playCount(place.item) >= least + 2; }))
        return false;
    for (const BoardPlace& there : std::vector<BoardPlace>(items.begin(), items.end())) {
        const int rerun = there.item;
        const std::size_t heard = board.plays(rerun).size();
        if (heard < least + 2 || !isRerun(board, rerun, session) || !board.mayRemove(rerun, session) ||
            demandsNeed(board, rerun, session))
            continue;
        board.remove(rerun, session);
        const int item = finder.first(
            session, TurnFinder::Rest::Needed, [&](int candidate) { return board.fits(candidate, session); },
            heard - 1);
        if (item != noItem) {
            board.place(item, session);
            return true;
        }
        board.place(rerun, session, there.part);
    }
    return false;
}

} // namespace

bool addReruns(Board& board)
{
    bool placed = false;
    TurnFinder finder(board);
    for (std::size_t target = 1; target <= fewestItemsASession; ++target) {
        for (int session = 0; session < board.sessionCount(); ++session) {
            const BoardSession& where = board.session(session);
            if (where.open && where.items.size() < target)
                placed = addRerun(board, finder, session) || placed;
        }
    }
    return placed;
}

bool refreshReruns(Board& board)
{
    bool moved = false;
    TurnFinder finder(board);
    for (int session = 0; session < board.sessionCount(); ++session) {
        while (board.session(session).open && refresh(board, finder, session))
            moved = true;
    }
    return moved;
}

} // namespace loa::planner
