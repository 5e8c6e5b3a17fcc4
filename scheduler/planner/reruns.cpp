#include "scheduler/planner/reruns.h"

#include "scheduler/planner/filling.h"

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

bool addRerun(Board& board, int session)
{
    const int item = firstInTurn(board, board.session(session).day,
                                 [&](int candidate) { return mayRerun(board, candidate, session); });
    if (item < 0)
        return false;
    board.place(item, session);
    return true;
}

bool refresh(Board& board, int session)
{
    for (const BoardPlace& there : std::vector<BoardPlace>(board.session(session).items)) {
        const int rerun = there.item;
        const std::size_t heard = board.plays(rerun).size();
        if (heard < 2 || !isRerun(board, rerun, session) || !board.mayRemove(rerun, session) ||
            demandsNeed(board, rerun, session))
            continue;
        board.remove(rerun, session);
        const int item = firstInTurn(board, board.session(session).day, [&](int candidate) {
            return board.plays(candidate).size() + 1 < heard && board.welcome(candidate, session);
        });
        if (item >= 0) {
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
    for (std::size_t target = 1; target <= fewestItemsASession; ++target) {
        for (int session = 0; session < board.sessionCount(); ++session) {
            const BoardSession& where = board.session(session);
            if (where.open && where.items.size() < target)
                placed = addRerun(board, session) || placed;
        }
    }
    return placed;
}

bool refreshReruns(Board& board)
{
    bool moved = false;
    for (int session = 0; session < board.sessionCount(); ++session) {
        while (board.session(session).open && refresh(board, session))
            moved = true;
    }
    return moved;
}

} // namespace loa::planner
