#include "scheduler/planner/quota_search.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

namespace loa::planner {

namespace {

enum class Found { Yes, No, WorkSpent };

class Search {
public:
    Search(Board& board, const std::vector<Demand>& demands, std::vector<int> active, std::int64_t work)
        : m_board(board), m_demands(demands), m_active(std::move(active)), m_work(work), m_banned(demands.size())
    {
        classifyDays();
    }

    Found run()
    {
        const bool found = descend();
        return found ? Found::Yes : (m_work <= 0 ? Found::WorkSpent : Found::No);
    }
    [[nodiscard]] const std::vector<std::pair<int, int>>& places() const { return m_places; }
    [[nodiscard]] std::int64_t workLeft() const { return m_work; }

private:
    const Demand& demand(int index) const { return m_demands[static_cast<std::size_t>(index)]; }
    std::set<int>& banned(int index) { return m_banned[static_cast<std::size_t>(index)]; }

    // Two days of one class lie in the same periods and see the same items valid.
    void classifyDays()
    {
        std::vector<Day> edges;
        for (const int index : m_active) {
            edges.push_back(demand(index).first);
            edges.push_back(demand(index).last + 1);
            for (const int item : demand(index).matching) {
                edges.push_back(m_board.item(item).firstDay);
                edges.push_back(m_board.item(item).lastDay == std::numeric_limits<Day>::max()
                                    ? m_board.item(item).lastDay
                                    : m_board.item(item).lastDay + 1);
            }
        }
        std::ranges::sort(edges);
        for (const BoardSession& session : m_board.sessions())
            m_dayClass.push_back(std::ranges::upper_bound(edges, session.day) - edges.begin());
    }

    // A play of `item` on that day is excluded by an earlier choice.
    bool isBanned(int item, Day day) const
    {
        return std::ranges::any_of(m_active, [&](int index) {
            return demand(index).first <= day && day <= demand(index).last &&
                   m_banned[static_cast<std::size_t>(index)].contains(item);
        });
    }

    // Sessions in which the item may be placed for the demand, one of each kind; at most `most`.
    std::vector<int> optionsFor(const Demand& demand, int item, std::size_t most)
    {
        std::vector<int> options;
        std::set<std::pair<std::ptrdiff_t, std::int64_t>> kinds;
        const auto sessions = m_board.sessions();
        const auto begin = std::ranges::lower_bound(sessions, demand.first, {}, &BoardSession::day);
        for (auto session = begin; session != sessions.end() && session->day <= demand.last; ++session) {
            const int index = static_cast<int>(session - sessions.begin());
            --m_work;
            if (!m_board.fits(item, index) || isBanned(item, session->day) ||
                !kinds.emplace(m_dayClass[static_cast<std::size_t>(index)], session->free()).second)
                continue;
            options.push_back(index);
            if (options.size() >= most)
                break;
        }
        return options;
    }

    // Items that could still be added for the demand, those first that serve most and are hardest to place.
    std::vector<int> candidatesFor(const Demand& demand)
    {
        std::vector<int> candidates;
        for (const int item : demand.matching) {
            if (!m_board.playsWithin(item, demand.first, demand.last) && !optionsFor(demand, item, 1).empty())
                candidates.push_back(item);
        }
        return candidates;
    }

    void sortCandidates(std::vector<int>& candidates)
    {
        const auto serves = [&](int item) {
            return std::ranges::count_if(m_active, [&](int index) {
                return std::ranges::binary_search(demand(index).matching, item) &&
                       !m_board.playsWithin(item, demand(index).first, demand(index).last);
            });
        };
        const auto rank = [&](int item) {
            return std::make_tuple(-serves(item), m_board.item(item).lastDay, -m_board.item(item).frames, item);
        };
        std::ranges::sort(candidates, {}, rank);
    }

    bool descend()
    {
        int tightest = -1;
        int slack = 0;
        std::vector<int> candidates;
        for (const int index : m_active) {
            const int missing = demand(index).required - countedFor(m_board, demand(index));
            if (missing <= 0)
                continue;
            auto found = candidatesFor(demand(index));
            const int left = static_cast<int>(found.size()) - missing;
            if (left < 0 || m_work <= 0)
                return false;
            if (tightest < 0 || left < slack) {
                tightest = index;
                slack = left;
                candidates = std::move(found);
            }
        }
        return tightest < 0 || branch(tightest, slack, candidates);
    }

    // Either an item counts for the demand, in one of its sessions, or it does not, in any.
    bool branch(int index, int slack, std::vector<int>& candidates)
    {
        sortCandidates(candidates);
        std::vector<int> excluded;
        bool found = false;
        for (const int item : candidates) {
            for (const int session : optionsFor(demand(index), item, m_board.sessions().size())) {
                m_board.place(item, session);
                m_places.emplace_back(item, session);
                found = descend();
                if (found)
                    break;
                m_places.pop_back();
                m_board.remove(item, session);
            }
            if (found || m_work <= 0 || static_cast<int>(excluded.size()) >= slack)
                break;
            banned(index).insert(item);
            excluded.push_back(item);
        }
        for (const int item : excluded)
            banned(index).erase(item);
        return found;
    }

    Board& m_board;
    const std::vector<Demand>& m_demands;
    std::vector<int> m_active;
    std::int64_t m_work;
    std::vector<std::set<int>> m_banned;    // by demand
    std::vector<std::ptrdiff_t> m_dayClass; // by session
    std::vector<std::pair<int, int>> m_places;
};

// Enough items could be placed for the demand if it were alone and sessions held one item each time.
bool conceivable(const Board& empty, const Demand& demand)
{
    int possible = 0;
    for (const int item : demand.matching) {
        bool can = empty.playsWithin(item, demand.first, demand.last);
        for (int s = 0; !can && s < static_cast<int>(empty.sessions().size()); ++s) {
            const Day day = empty.session(s).day;
            can = demand.first <= day && day <= demand.last && empty.fits(item, s);
        }
        possible += can ? 1 : 0;
    }
    return possible >= demand.required;
}

// The next choice of as many indices, rising, the highest first; false after the last one.
bool nextDropped(std::vector<int>& dropped)
{
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        if (dropped[i] > static_cast<int>(i)) {
            --dropped[i];
            for (std::size_t j = i; j-- > 0;)
                dropped[j] = dropped[j + 1] - 1;
            return true;
        }
    }
    return false;
}

class Arranger {
public:
    Arranger(const Board& board, const std::vector<Demand>& demands) : m_empty(board), m_demands(demands)
    {
        m_empty.clearOpen();
    }

    Arrangement run()
    {
        std::vector<int> active;
        for (int index = 0; index < static_cast<int>(m_demands.size()); ++index) {
            const Demand& demand = m_demands[static_cast<std::size_t>(index)];
            if (conceivable(m_empty, demand) && (m_demands.size() == 1 || holds({index})))
                active.push_back(index);
        }
        const int count = static_cast<int>(active.size());
        for (int drop = 0; drop <= count && m_work > 0; ++drop) {
            std::vector<int> dropped;
            for (int i = count - drop; i < count; ++i)
                dropped.push_back(i);
            do {
                std::vector<int> kept;
                for (int i = 0; i < count; ++i) {
                    if (std::ranges::find(dropped, i) == dropped.end())
                        kept.push_back(active[static_cast<std::size_t>(i)]);
                }
                if (holds(kept))
                    return m_best;
            } while (m_work > 0 && nextDropped(dropped));
        }
        m_best.exact = false;
        return m_best;
    }

private:
    bool holds(const std::vector<int>& active)
    {
        Board board = m_empty;
        const std::int64_t given = std::min(maxWorkASearch, m_work);
        Search search(board, m_demands, active, given);
        const Found found = search.run();
        m_work -= given - search.workLeft();
        if (found == Found::WorkSpent)
            m_best.exact = false;
        if (found != Found::Yes)
            return false;
        const int held = heldDemands(board, m_demands);
        if (held > m_best.held || m_best.places.empty()) {
            m_best.held = held;
            m_best.places = search.places();
        }
        return true;
    }

    Board m_empty;
    const std::vector<Demand>& m_demands;
    std::int64_t m_work = maxWorkACall;
    Arrangement m_best;
};

} // namespace

Arrangement arrange(const Board& board, const std::vector<Demand>& demands)
{
    return Arranger(board, demands).run();
}

} // namespace loa::planner
