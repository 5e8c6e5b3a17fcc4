#include "scheduler/planner/ways_to_fill.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr std::int64_t mostLooks = 4'000;

class Look {
public:
    Look(std::span<const std::int64_t> lengths, std::int64_t waste, std::size_t most)
        : m_lengths(lengths), m_waste(waste), m_most(most), m_rest(lengths.size() + 1, 0)
    {
        for (std::size_t at = lengths.size(); at-- > 0;)
            m_rest[at] = m_rest[at + 1] + lengths[at];
    }

    WaysToFill all(std::int64_t room)
    {
        m_found.areAll = from(0, room);
        return std::move(m_found);
    }

private:
    // False: it is to end.
    bool from(std::size_t first, std::int64_t free)
    {
        if (free <= m_waste) {
            if (m_found.ways.size() == m_most)
                return false;
            m_found.ways.push_back(m_chosen);
            return true;
        }
        for (std::size_t at = first; at < m_lengths.size() && free - m_rest[at] <= m_waste; ++at) {
            if (++m_found.looks > mostLooks)
                return false;
            if (m_lengths[at] > free)
                continue;
            m_chosen.push_back(at);
            const bool goesOn = from(at + 1, free - m_lengths[at]);
            m_chosen.pop_back();
            if (!goesOn)
                return false;
        }
        return true;
    }

    std::span<const std::int64_t> m_lengths;
    std::int64_t m_waste;
    std::size_t m_most;
    std::vector<std::int64_t> m_rest; // of all lengths from there on
    std::vector<std::size_t> m_chosen;
    WaysToFill m_found;
};

} // namespace

WaysToFill waysToFill(std::span<const std::int64_t> lengths, std::int64_t room, std::int64_t waste, std::size_t most)
{
    return Look(lengths, waste, most).all(room);
}

std::vector<std::size_t> oneOfEach(std::span<const std::vector<std::size_t>> ways)
{
    std::vector<std::size_t> chosen;
    for (const std::vector<std::size_t>& way : ways) {
        if (std::ranges::find_first_of(way, chosen) == way.end())
            chosen.push_back(way.front());
    }
    return chosen;
}

} // namespace loa::planner
