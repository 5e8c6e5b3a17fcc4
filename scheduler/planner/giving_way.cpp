#include "scheduler/planner/giving_way.h"

#include "scheduler/planner/reserve.h"

#include <tuple>

namespace loa::planner {

namespace {

bool isRepeat(const Board& board, int item)
{
    return board.playCount(item) >= 2;
}

// By what it is; whether it is needed costs more to know.
bool isOfThose(const Board& board, int victim, int urgency, GivesWay who)
{
    switch (who) {
    case GivesWay::ToNewcomer:
        return board.item(victim).urgency < urgency ||
               (board.item(victim).urgency == urgency && isRepeat(board, victim));
    case GivesWay::ToReserve:
        return isRepeat(board, victim);
    case GivesWay::ToReserveAllPlays:
        break;
    }
    return true;
}

bool mayGiveWay(const Board& board, int victim, int item, int session, GivesWay who)
{
    const int urgency = board.item(item).urgency;
    const Hopeless hopeless = who == GivesWay::ToNewcomer && urgency > 0 ? Hopeless::PassOver : Hopeless::Count;
    return victim != item && isOfThose(board, victim, urgency, who) && board.mayRemove(victim, session) &&
           !demandsNeed(board, victim, session, hopeless);
}

int firstToGo(const Board& board, int item, int session, GivesWay who)
{
    const auto rank = [&](int index) {
        const bool onlyPlay = who == GivesWay::ToReserveAllPlays && !isRepeat(board, index);
        return std::make_tuple(onlyPlay, board.item(index).urgency, -static_cast<std::int64_t>(board.playCount(index)),
                               -board.item(index).frames, index);
    };
    int victim = noItem;
    for (const BoardPlace& place : board.session(session).items) {
        if (mayGiveWay(board, place.item, item, session, who) && (victim == noItem || rank(place.item) < rank(victim)))
            victim = place.item;
    }
    return victim;
}

void putBack(Board& board, int session, const BoardPlace& place)
{
    const bool asBefore = board.fits(place.item, session) && board.fitsPart(place.item, session, place.part) &&
                          !board.rulesOf(place.item);
    board.place(place.item, session, asBefore ? place.part : board.partFor(place.item, session));
}

} // namespace

bool mayTryIn(const Board& board, int item, int session)
{
    const BoardSession& where = board.session(session);
    const ItemFacts& what = board.item(item);
    return where.open && what.frames <= where.longest && board.validAt(item, session) && !where.contains(item) &&
           !board.isAway(item, session) && !board.hindrance(item, session);
}

std::int64_t roomByGivingWay(const Board& board, int urgency, int session, GivesWay who)
{
    const BoardSession& where = board.session(session);
    std::int64_t room = where.open ? where.capacity - where.used : 0;
    for (const BoardPlace& place : where.items) {
        if (isOfThose(board, place.item, urgency, who))
            room += board.item(place.item).frames;
    }
    return room;
}

bool placeInsteadOfOthers(Board& board, int item, int session, GivesWay who)
{
    std::vector<BoardPlace> taken;
    while (!board.fits(item, session)) {
        const int victim = firstToGo(board, item, session, who);
        if (victim == noItem) {
            for (; !taken.empty(); taken.pop_back())
                board.place(taken.back().item, session, taken.back().part);
            return false;
        }
        taken.push_back({victim, board.session(session).partOf(victim)});
        board.remove(victim, session);
    }
    board.place(item, session);
    // A long one that went after a short one may have been enough alone.
    for (const BoardPlace& place : taken) {
        if (board.fits(place.item, session))
            putBack(board, session, place);
    }
    return true;
}

} // namespace loa::planner
