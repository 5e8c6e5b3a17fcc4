#include "scheduler/planner/filling.h"

#include "scheduler/planner/giving_way.h"

#include <algorithm>
#include <map>

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

// Where newcomers may go, looked at once for all that come.
class Entrance {
public:
    Entrance(Board& board, int urgency) : m_board(board), m_urgency(urgency)
    {
        for (int session = 0; session < board.sessionCount(); ++session)
            m_room.push_back(roomByGivingWay(board, urgency, session, GivesWay::ToNewcomer));
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
                    m_room[static_cast<std::size_t>(other)] =
                        roomByGivingWay(m_board, m_urgency, other, GivesWay::ToNewcomer);
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
            return mayTryIn(m_board, item, session) &&
                   placeInsteadOfOthers(m_board, item, session, GivesWay::ToNewcomer);
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
