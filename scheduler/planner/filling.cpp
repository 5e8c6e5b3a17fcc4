#include "scheduler/planner/filling.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace loa::planner {

namespace {

constexpr Day weekLength = 7;

// Items that each session of a week should hold, so that what is valid that week gets its plays. Counted with the
// fullest week's number of sessions, so that a week cut off by the edge of the plan is not crammed.
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
        const auto valid = std::ranges::count_if(board.items(), [&](const BoardItem& item) {
            return item.plannable && item.frames > 0 && item.firstDay < monday + weekLength && item.lastDay >= monday;
        });
        const int plays = static_cast<int>(valid) * mostPlaysAWeek;
        shares[week] = std::max(fewestItemsASession, (plays + most - 1) / most);
    }
    return shares;
}

// Lower comes first.
auto turnOf(const Board& board, int item, Day day)
{
    const BoardItem& what = board.item(item);
    Day lastPlayed = std::numeric_limits<Day>::min();
    for (const Play& play : board.plays(item)) {
        if (play.day < day)
            lastPlayed = play.day;
    }
    return std::make_tuple(-what.urgency, board.plays(item).size(), board.groupPlays(what.mainGroup), lastPlayed,
                           -what.plannable->approvedAt.time_since_epoch().count(), item);
}

// Whether `victim` may give way to `newcomer` in the session: a repeat of its own rank, or anything less urgent.
bool mayGiveWay(const Board& board, const std::vector<Demand>& demands, int victim, int newcomer, int session)
{
    const int ownRank = board.item(victim).urgency;
    const int newRank = board.item(newcomer).urgency;
    const bool repeat = board.plays(victim).size() >= 2;
    return (ownRank < newRank || (ownRank == newRank && repeat)) && !demandsNeed(board, demands, victim, session);
}

// Makes room by taking out as few as it can, the most played first. Leaves the board as it was when that is not enough.
bool makeRoom(Board& board, const std::vector<Demand>& demands, int newcomer, int session)
{
    std::vector<int> taken;
    while (board.session(session).free() < board.item(newcomer).frames) {
        int victim = -1;
        for (const int item : board.session(session).items) {
            if (!mayGiveWay(board, demands, item, newcomer, session))
                continue;
            const auto rank = [&](int index) {
                return std::make_tuple(board.item(index).urgency, -static_cast<std::int64_t>(board.plays(index).size()),
                                       -board.item(index).frames, index);
            };
            if (victim < 0 || rank(item) < rank(victim))
                victim = item;
        }
        if (victim < 0) {
            while (!taken.empty()) {
                board.place(taken.back(), session);
                taken.pop_back();
            }
            return false;
        }
        board.remove(victim, session);
        taken.push_back(victim);
    }
    return true;
}

bool mayTryIn(const Board& board, int item, int session)
{
    const BoardSession& where = board.session(session);
    return where.open && board.item(item).validOn(where.day) && board.item(item).frames <= where.capacity;
}

bool admit(Board& board, const std::vector<Demand>& demands, int item)
{
    const int sessions = static_cast<int>(board.sessions().size());
    if (board.item(item).urgency == 0) {
        for (int session = 0; session < sessions; ++session) {
            if (board.fits(item, session)) {
                board.place(item, session);
                return true;
            }
        }
    }
    for (int session = 0; session < sessions; ++session) {
        if (mayTryIn(board, item, session) && makeRoom(board, demands, item, session)) {
            board.place(item, session);
            return true;
        }
    }
    return false;
}

} // namespace

int firstInTurn(const Board& board, Day day, const std::function<bool(int)>& may)
{
    int best = -1;
    decltype(turnOf(board, 0, 0)) bestTurn;
    for (int item = 0; item < static_cast<int>(board.items().size()); ++item) {
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
    for (int session = 0; session < static_cast<int>(board.sessions().size()); ++session) {
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

bool admitNewcomers(Board& board, const std::vector<Demand>& demands, Newcomers which)
{
    std::vector<int> newcomers;
    for (int item = 0; item < static_cast<int>(board.items().size()); ++item) {
        const bool urgent = board.item(item).urgency > 0;
        if (board.item(item).plannable && board.plays(item).empty() && urgent == (which == Newcomers::Urgent))
            newcomers.push_back(item);
    }
    std::ranges::sort(newcomers, {}, [&](int item) {
        const BoardItem& what = board.item(item);
        return std::make_tuple(-what.urgency, -what.plannable->approvedAt.time_since_epoch().count(), item);
    });
    bool placed = false;
    for (const int item : newcomers)
        placed = admit(board, demands, item) || placed;
    return placed;
}

} // namespace loa::planner
