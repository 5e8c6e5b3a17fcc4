#include "scheduler/planner/turns.h"

#include "scheduler/planner/board.h"

#include <algorithm>

namespace loa::planner {

namespace {

// Longer spans of days are not remembered by day: what is not known keeps nobody out here, and the board judges.
constexpr Day mostDays = 800;
constexpr Day daysAWeek = 7;
constexpr std::size_t mostLevels = 64;
constexpr Day neverPlayed = std::numeric_limits<Day>::min();

Day lastPlayBefore(const Board& board, int item, Day day)
{
    if (const Day latest = board.turns().latest(item); latest < day)
        return latest;
    const auto plays = board.plays(item);
    for (auto play = plays.rbegin(); play != plays.rend(); ++play) {
        if (play->day < day)
            return play->day;
    }
    return neverPlayed;
}

} // namespace

void Turns::start(const ItemPool::Tables& tables, Day first, Day last)
{
    m_items = static_cast<int>(tables.facts.size());
    m_words = wordsFor(m_items);
    // Whole weeks, so that each week's plays are known.
    m_first = first - first % daysAWeek;
    m_last = last - first < mostDays ? last - last % daysAWeek + daysAWeek - 1 : m_first - 1;
    const auto days = static_cast<std::size_t>(m_last - m_first + 1);
    m_on.assign(days * m_words, 0);
    m_hadWeek.assign(days == 0 ? 0 : static_cast<std::size_t>(m_last / daysAWeek - m_first / daysAWeek + 1) * m_words,
                     0);
    m_byPlays.assign(1, Bits(m_words, 0));
    for (std::size_t word = 0; word < m_words; ++word)
        m_byPlays.front()[word] = clipped(word, 0, m_items);
    m_level.assign(static_cast<std::size_t>(m_items), 0);
    m_latest.assign(static_cast<std::size_t>(m_items), neverPlayed);
}

void Turns::freshen(int item, Day day, std::size_t plays, int thatDay, int thatWeek, Day latest)
{
    if (item >= m_items)
        return;
    const std::size_t level = std::min(plays, mostLevels - 1);
    while (m_byPlays.size() <= level)
        m_byPlays.emplace_back(m_words, 0);
    drop(m_byPlays[m_level[static_cast<std::size_t>(item)]], item);
    add(m_byPlays[level], item);
    m_level[static_cast<std::size_t>(item)] = static_cast<unsigned char>(level);
    m_latest[static_cast<std::size_t>(item)] = latest;
    if (day < m_first || day > m_last)
        return;
    const auto mark = [&](Bits& sets, Day index, bool there) {
        BitWord& word = sets[static_cast<std::size_t>(index) * m_words + wordOf(item)];
        word = there ? word | maskOf(item) : word & ~maskOf(item);
    };
    mark(m_on, day - m_first, thatDay > 0);
    mark(m_hadWeek, day / daysAWeek - m_first / daysAWeek, thatWeek >= mostPlaysAWeek);
}

std::size_t Turns::leastPlays() const
{
    const auto some = [](const Bits& level) {
        return std::ranges::any_of(level, [](BitWord word) { return word != 0; });
    };
    return static_cast<std::size_t>(std::ranges::find_if(m_byPlays, some) - m_byPlays.begin());
}

const BitWord* Turns::on(Day day) const
{
    return m_on.data() + static_cast<std::size_t>(day - m_first) * m_words;
}

const BitWord* Turns::hadWeek(Day day) const
{
    return m_hadWeek.data() + static_cast<std::size_t>(day / daysAWeek - m_first / daysAWeek) * m_words;
}

// Which items of the rank come into question at all; false: none.
bool TurnFinder::gather(int session, Rest rest, int rank)
{
    const ItemPool::Tables& tables = m_board.tables();
    const BoardSession& where = m_board.session(session);
    const auto [begin, end] = tables.rankRange(rank);
    if (begin == end)
        return false;
    const BitWord* brief = tables.noLongerThan(where.mostFree);
    if (!brief)
        return false;
    const BitWord* valid = validOn(where.day);
    const Turns& turns = m_board.turns();
    m_restUnknown = rest == Rest::Needed && !(turns.knows(where.day - 1) && turns.knows(where.day + 1));
    const bool judgesRest = rest == Rest::Needed && !m_restUnknown;
    const bool judgesDays = judgesRest && rank == 0;
    const BitWord* today = judgesRest ? turns.on(where.day) : nullptr;
    const BitWord* before = judgesDays ? turns.on(where.day - 1) : nullptr;
    const BitWord* after = judgesDays ? turns.on(where.day + 1) : nullptr;
    const BitWord* hadWeek = judgesDays ? turns.hadWeek(where.day) : nullptr;
    m_candidates.resize(wordsFor(static_cast<int>(tables.facts.size())));
    const std::size_t first = wordOf(begin);
    const std::size_t last = wordOf(end - 1);
    BitWord any = 0;
    for (std::size_t word = first; word <= last; ++word) {
        BitWord bits = valid ? brief[word] & valid[word] : brief[word];
        if (judgesRest)
            bits &= ~today[word];
        if (judgesDays)
            bits &= ~(before[word] | after[word] | hadWeek[word]);
        if (word == first || word == last)
            bits &= clipped(word, begin, end);
        m_candidates[word] = bits;
        any |= bits;
    }
    return any != 0;
}

// Asked for one day after the other, many times each.
const BitWord* TurnFinder::validOn(Day day)
{
    if (!m_validDay || *m_validDay != day) {
        m_validDay = day;
        m_valid = m_board.tables().validOn(day);
    }
    return m_valid;
}

int TurnFinder::first(int session, Rest rest, const std::function<bool(int)>& may, std::size_t below)
{
    const Turns& turns = m_board.turns();
    for (int rank = ranks - 1; rank >= 0; --rank) {
        if (!gather(session, rest, rank))
            continue;
        const auto [begin, end] = m_board.tables().rankRange(rank);
        for (std::size_t level = 0; level < std::min(turns.levels(), below); ++level) {
            BitWord any = 0;
            const Bits& items = turns.atLevel(level);
            for (std::size_t word = wordOf(begin); word <= wordOf(end - 1); ++word)
                any |= m_candidates[word] & items[word];
            if (any == 0)
                continue;
            const int item = firstAtLevel(rank, level, below, session, may);
            if (item != noItem)
                return item;
        }
    }
    return noItem;
}

// The group's first in turn among the candidates. Items of a group stand newest approval first, so of those that rest
// alike the first one is.
void TurnFinder::findBest(Group& group, std::size_t level, int session, std::size_t below) const
{
    const BoardSession& where = m_board.session(session);
    const Bits& items = m_board.turns().atLevel(level);
    const bool alike = level < mostLevels - 1; // in plays
    const bool allFit = m_board.tables().exactLengths;
    group.best = noItem;
    group.plays = level;
    for (std::size_t word = group.range->firstWord; word <= group.range->lastWord; ++word) {
        BitWord bits = m_candidates[word] & items[word] & group.range->bitsIn(word);
        for (; bits != 0; bits &= bits - 1) {
            const int item = static_cast<int>(word) * wordBits + std::countr_zero(bits);
            if (!allFit && m_board.item(item).frames > where.mostFree)
                continue;
            const std::size_t plays = alike ? level : m_board.playCount(item);
            if (!alike && plays >= below)
                continue;
            const Day lastPlayed = plays == 0 ? neverPlayed : lastPlayBefore(m_board, item, where.day);
            if (group.best == noItem || plays < group.plays ||
                (plays == group.plays && lastPlayed < group.lastPlayed)) {
                group.best = item;
                group.plays = plays;
                group.lastPlayed = lastPlayed;
            }
            if (alike && lastPlayed == neverPlayed) // none comes before it
                return;
        }
    }
}

bool TurnFinder::sooner(const Group& a, const Group& b) const
{
    if (a.plays != b.plays)
        return a.plays < b.plays;
    if (a.lastPlayed != b.lastPlayed)
        return a.lastPlayed < b.lastPlayed;
    const std::int64_t approvedA = m_board.item(a.best).approved;
    const std::int64_t approvedB = m_board.item(b.best).approved;
    return approvedA != approvedB ? approvedA > approvedB : a.best < b.best;
}

// Of the ranges with a candidate at that level and heard more than that, those heard least; false: none.
bool TurnFinder::gatherGroups(int rank, const Bits& items, std::int64_t heardMoreThan)
{
    m_groups.clear();
    for (const GroupRange& range : m_board.tables().groupRanges(rank)) {
        const std::int64_t heard = std::int64_t{m_board.groupPlays(range.group)} << 32 |
                                   std::int64_t{m_board.seriesPlays(range.group, range.series)};
        if (heard <= heardMoreThan || (!m_groups.empty() && heard > m_groups.front().heard))
            continue;
        BitWord any = 0;
        for (std::size_t word = range.firstWord; word <= range.lastWord && any == 0; ++word)
            any = m_candidates[word] & items[word] & range.bitsIn(word);
        if (any == 0)
            continue;
        if (!m_groups.empty() && heard < m_groups.front().heard)
            m_groups.clear();
        m_groups.push_back({heard, &range});
    }
    return !m_groups.empty();
}

int TurnFinder::firstAtLevel(int rank, std::size_t level, std::size_t below, int session,
                             const std::function<bool(int)>& may)
{
    const Bits& items = m_board.turns().atLevel(level);
    for (std::int64_t heard = -1; gatherGroups(rank, items, heard);) {
        heard = m_groups.front().heard;
        for (Group& group : m_groups)
            findBest(group, level, session, below);
        for (;;) {
            Group* next = nullptr;
            for (Group& group : m_groups) {
                if (group.best != noItem && (!next || sooner(group, *next)))
                    next = &group;
            }
            if (!next)
                break;
            const bool rested = !m_restUnknown || m_board.hasRested(next->best, m_board.session(session).day);
            if (rested && may(next->best))
                return next->best;
            drop(m_candidates, next->best);
            findBest(*next, level, session, below);
        }
    }
    return noItem;
}

} // namespace loa::planner
