#include "scheduler/planner/filling.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace loa::planner {

namespace {

constexpr Day weekLength = 7;

// Items that each session of a week should hold, so that what is valid that
// week gets its plays. Counted with the fullest week's number of sessions, so
// that a week cut off by the edge of the plan is not crammed.
std::map<Day, int> sharesByWeek(const Board& board)
{
    std::map<Day, int> sessionsIn;
    for (const BoardSession& session : board.sessions())
        ++sessionsIn[session.day / weekLength];
    int most = 1;
    for (const auto& [week, sessions] : sessionsIn)
        most = std::max(most, sessions);
    std::map<Day, int> shares;
    for (const auto& [week, sessions] : sessionsIn) {
        const Day monday = week * weekLength;
        const auto valid = std::ranges::count_if(board.tables().facts, [&](const ItemFacts& item) {
            return item.firstDay < monday + weekLength && item.lastDay >= monday && item.frames > 0;
        });
        const int plays = static_cast<int>(valid) * mostPlaysAWeek;
        shares[week] = std::max(fewestItemsASession, (plays + most - 1) / most);
    }
    return shares;
}

// Lower comes first.
auto turnOf(const Board& board, int item, Day day)
{
    const ItemFacts& what = board.item(item);
    Day lastPlayed = std::numeric_limits<Day>::min();
    for (const Play& play : board.plays(item)) {
        if (play.day < day)
            lastPlayed = play.day;
    }
    return std::make_tuple(-what.urgency, board.plays(item).size(), board.groupPlays(what.mainGroup), lastPlayed,
                           -what.plannable->approvedAt.time_since_epoch().count(), item);
}

// Whether `victim` may give way to `newcomer` in the session: a repeat of its
// own rank, or anything less urgent.
bool mayGiveWay(const Board& board, int victim, int newcomer, int session)
{
    const int ownRank = board.item(victim).urgency;
    const int newRank = board.item(newcomer).urgency;
    const bool repeat = board.plays(victim).size() >= 2;
    return (ownRank < newRank || (ownRank == newRank && repeat)) && board.mayRemove(victim, session) &&
           !demandsNeed(board, victim, session);
}

// Makes room by taking out as few as it can, the most played first, and places
// the newcomer. Leaves the board as it was when that is not enough.
bool placeInsteadOfOthers(Board& board, int newcomer, int session)
{
    std::vector<BoardPlace> taken;
    while (!board.fits(newcomer, session)) {
        int victim = noItem;
        for (const BoardPlace& place : board.session(session).items) {
            if (!mayGiveWay(board, place.item, newcomer, session))
                continue;
            const auto rank = [&](int index) {
                return std::make_tuple(board.item(index).urgency, -static_cast<std::int64_t>(board.playCount(index)),
                                       -board.item(index).frames, index);
            };
            if (victim == noItem || rank(place.item) < rank(victim))
                victim = place.item;
        }
        if (victim == noItem) {
            for (; !taken.empty(); taken.pop_back())
                board.place(taken.back().item, session, taken.back().part);
            return false;
        }
        taken.push_back({victim, board.session(session).partOf(victim)});
        board.remove(victim, session);
    }
    board.place(newcomer, session);
    return true;
}

// Something could give way: most sessions of a full plan hold first plays
// alone.
bool mayTryIn(const Board& board, int newcomer, int session)
{
    const BoardSession& where = board.session(session);
    const ItemFacts& what = board.item(newcomer);
    if (!where.open || what.frames > where.longest || !board.validAt(newcomer, session) || where.contains(newcomer) ||
        board.isAway(newcomer, session) || board.hindrance(newcomer, session))
        return false;
    std::int64_t room = where.capacity - where.used;
    for (const BoardPlace& place : where.items) {
        if (board.item(place.item).urgency < what.urgency || board.playCount(place.item) >= 2)
            room += board.item(place.item).frames;
    }
    return room >= what.frames;
}

bool admit(Board& board, int item)
{
    const int sessions = board.sessionCount();
    if (board.item(item).urgency == 0) {
        for (int session = 0; session < sessions; ++session) {
            if (board.fits(item, session)) {
                board.place(item, session);
                return true;
            }
        }
    }
    for (int session = 0; session < sessions; ++session) {
        if (mayTryIn(board, item, session) && placeInsteadOfOthers(board, item, session))
            return true;
    }
    return false;
}

} // namespace

int firstInTurn(const Board& board, Day day, const std::function<bool(int)>& may)
{
    int best = -1;
    decltype(turnOf(board, 0, 0)) bestTurn;
    for (int item = 0; item < static_cast<int>(board.tables().facts.size()); ++item) {
        if (!board.item(item).plannable || !may(item))
            continue;
        const auto turn = turnOf(board, item, day);
        if (best < 0 || turn < bestTurn) {
            best = item;
            bestTurn = turn;
        }
    }
    return best;
}

bool fillSessions(Board& board)
{
    const auto shares = sharesByWeek(board);
    bool placed = false;
    for (int session = 0; session < board.sessionCount(); ++session) {
        if (!board.session(session).open)
            continue;
        const auto share = static_cast<std::size_t>(shares.at(board.session(session).day / weekLength));
        while (board.session(session).items.size() < share) {
            const int item = firstInTurn(board, board.session(session).day,
                                         [&](int candidate) { return board.welcome(candidate, session); });
            if (item < 0)
                break;
            board.place(item, session);
            placed = true;
        }
    }
    return placed;
}

bool admitNewcomers(Board& board, Newcomers which)
{
    std::vector<int> newcomers;
    for (int item = 0; item < static_cast<int>(board.tables().facts.size()); ++item) {
        const bool urgent = board.item(item).urgency > 0;
        if (board.item(item).plannable && board.plays(item).empty() && urgent == (which == Newcomers::Urgent))
            newcomers.push_back(item);
    }
    std::ranges::sort(newcomers, {}, [&](int item) {
        const ItemFacts& what = board.item(item);
        return std::make_tuple(-what.urgency, -what.plannable->approvedAt.time_since_epoch().count(), item);
    });
    bool placed = false;
    for (const int item : newcomers)
        placed = admit(board, item) || placed;
    return placed;
}

} // namespace loa::planner
