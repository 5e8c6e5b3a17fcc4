#include "scheduler/planner/filling.h"

#include <algorithm>
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
        const int valid = board.tables().countValid(monday, monday + weekLength - 1);
        const int plays = valid * mostPlaysAWeek;
        shares[week] = std::max(fewestItemsASession, (plays + most - 1) / most);
    }
    return shares;
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

// Room that a session has for a newcomer of that urgency if all that might give way does. Most sessions of a full plan
// hold first plays alone and have none.
std::int64_t roomByGivingWay(const Board& board, int urgency, int session)
{
    const BoardSession& where = board.session(session);
    std::int64_t room = where.open ? where.capacity - where.used : 0;
    for (const BoardPlace& place : where.items) {
        if (board.item(place.item).urgency < urgency || board.playCount(place.item) >= 2)
            room += board.item(place.item).frames;
    }
    return room;
}

bool mayTryIn(const Board& board, int newcomer, int session)
{
    const BoardSession& where = board.session(session);
    const ItemFacts& what = board.item(newcomer);
    return where.open && what.frames <= where.longest && board.validAt(newcomer, session) &&
           !where.contains(newcomer) && !board.isAway(newcomer, session) && !board.hindrance(newcomer, session);
}

// Where newcomers may go, looked at once for all that come.
class Entrance {
public:
    Entrance(Board& board, int urgency) : m_board(board), m_urgency(urgency)
    {
        for (int session = 0; session < board.sessionCount(); ++session)
            m_room.push_back(roomByGivingWay(board, urgency, session));
        freshen();
    }

    [[nodiscard]] std::int64_t most() const { return m_most; }

    bool admit(int item)
    {
        const std::int64_t frames = m_board.item(item).frames;
        if (frames > m_most)
            return false;
        const auto enter = [&](auto&& tries) {
            for (int session = 0; session < m_board.sessionCount(); ++session) {
                if (frames > m_room[static_cast<std::size_t>(session)] || !tries(session))
                    continue;
                // What gave way may be played once less elsewhere, too.
                for (int other = 0; other < m_board.sessionCount(); ++other)
                    m_room[static_cast<std::size_t>(other)] = roomByGivingWay(m_board, m_urgency, other);
                freshen();
                return true;
            }
            return false;
        };
        if (m_urgency == 0 && enter([&](int session) {
                if (!m_board.fits(item, session))
                    return false;
                m_board.place(item, session);
                return true;
            }))
            return true;
        return enter([&](int session) {
            return mayTryIn(m_board, item, session) && placeInsteadOfOthers(m_board, item, session);
        });
    }

private:
    void freshen() { m_most = m_room.empty() ? 0 : std::ranges::max(m_room); }

    Board& m_board;
    int m_urgency;
    std::vector<std::int64_t> m_room; // by session
    std::int64_t m_most = 0;
};

} // namespace

bool fillSessions(Board& board)
{
    const auto shares = sharesByWeek(board);
    TurnFinder finder(board);
    bool placed = false;
    for (int session = 0; session < board.sessionCount(); ++session) {
        if (!board.session(session).open)
            continue;
        const auto share = static_cast<std::size_t>(shares.at(board.session(session).day / weekLength));
        while (board.session(session).items.size() < share) {
            int part = -1;
            const int item = finder.first(session, TurnFinder::Rest::Needed, [&](int candidate) {
                part = board.partFor(candidate, session);
                return part >= 0;
            });
            if (item == noItem)
                break;
            board.place(item, session, part);
            placed = true;
        }
    }
    return placed;
}

bool admitNewcomers(Board& board, Newcomers which)
{
    bool placed = false;
    for (int rank = ranks - 1; rank >= 0; --rank) {
        if ((rank > 0) != (which == Newcomers::Urgent))
            continue;
        const auto [begin, end] = board.tables().rankRange(rank);
        if (begin == end)
            continue;
        Entrance entrance(board, rank);
        std::vector<int> newcomers;
        for (int item = begin; item < end; ++item) {
            if (board.playCount(item) == 0 && board.item(item).frames <= entrance.most())
                newcomers.push_back(item);
        }
        std::ranges::stable_sort(newcomers, std::ranges::greater(),
                                 [&](int item) { return board.item(item).plannable->approvedAt; });
        for (const int item : newcomers)
            placed = entrance.admit(item) || placed;
    }
    return placed;
}

} // namespace loa::planner
