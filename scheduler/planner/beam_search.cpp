#include "scheduler/planner/beam_search.h"

#include "scheduler/planner/beam_question.h"
#include "scheduler/planner/giving_way.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

namespace loa::planner {

namespace {

constexpr std::size_t mostItems = 2048;          // beyond, the search takes too long to be of use
constexpr std::int64_t stepsAState = 1'500;      // of trying what fills one session
constexpr std::int64_t stepsAFullState = 30'000; // where hardly anything of it may stay empty
constexpr std::int64_t candidatesAStep = 16;     // that are looked at in weighing
constexpr int horizonsADemand = 8;               // days on which something is due, of which room is compared with need
constexpr double weightOfNeed = 0.01;            // beside room wasted, in lengths of an item

using Words = std::vector<std::uint64_t>;

bool isIn(const Words& words, std::size_t index)
{
    return (words[index / 64] >> (index % 64) & 1U) != 0;
}

struct Step {
    int before = -1;
    std::vector<PlacedItem> placed;
};

struct State {
    Words done;
    std::vector<int> missing; // by demand
    std::vector<int> spare;   // by demand: candidates that it can do without
    std::int64_t wasted = 0;
    std::int64_t mayWaste = 0; // in the next session
    double cost = 0;
    int step = -1;
};

struct Filling {
    std::int64_t wasted = 0;
    std::vector<std::pair<std::size_t, int>> picks; // candidate, part
};

class InOrder {
public:
    InOrder(Board& board, const std::vector<int>& demands, const Beam& beam)
        : m_board(board), m_beam(beam), m_work(beam.work), m_question(beamQuestion(board, demands))
    {
    }

    // The best way found, placed on the board as far as it lets it.
    void run()
    {
        if (m_question.candidates.empty() || m_question.candidates.size() > mostItems)
            return;
        std::vector<State> states{start()};
        for (m_now = 0; m_now < std::ssize(m_question.order); ++m_now) {
            std::vector<State> next = follow(states);
            if (next.empty())
                break;
            if (next.size() > m_beam.width) {
                const auto cut = next.begin() + static_cast<std::ptrdiff_t>(m_beam.width);
                std::ranges::nth_element(next, cut, {}, rank);
                next.erase(cut, next.end());
            }
            states = std::move(next);
        }
        place(std::ranges::min(states, {}, rank));
    }

private:
    static std::pair<double, int> rank(const State& state) { return {state.cost, state.step}; }

    State start()
    {
        State state;
        state.done.assign((m_question.candidates.size() + 63) / 64, 0);
        std::int64_t frames = 0;
        for (const Candidate& candidate : m_question.candidates)
            frames += candidate.frames;
        m_meanFrames = static_cast<double>(frames) / static_cast<double>(m_question.candidates.size());
        for (const Wanted& wanted : m_question.wanted) {
            state.missing.push_back(wanted.missing);
            state.spare.push_back(static_cast<int>(std::ssize(wanted.candidates)) - wanted.missing);
        }
        // What cannot be held is not asked for.
        for (std::size_t number = 0; number < m_question.wanted.size(); ++number) {
            if (state.spare[number] < 0)
                state.missing[number] = 0;
        }
        m_now = -1;
        if (!weigh(state))
            state.mayWaste = m_question.roomWithin(0, static_cast<int>(m_question.order.size()) - 1);
        return state;
    }

    std::vector<State> follow(const std::vector<State>& states)
    {
        readSession();
        std::vector<State> next;
        std::unordered_set<std::size_t> seen;
        for (const State& state : states) {
            if (m_work <= 0)
                return {};
            fill(state);
            std::ranges::stable_sort(m_fillings, {}, &Filling::wasted);
            std::size_t weighed = 0;
            for (const Filling& filling : m_fillings) {
                if (weighed == m_beam.followers)
                    break;
                State made = after(state, filling);
                if (!seen.insert(hashOf(made.done)).second)
                    continue;
                ++weighed;
                if (!weigh(made))
                    continue;
                m_steps.push_back({state.step, {}});
                for (const auto& [candidate, part] : filling.picks)
                    m_steps.back().placed.push_back({m_question.candidates[candidate].item, session(), part});
                made.step = static_cast<int>(m_steps.size()) - 1;
                next.push_back(std::move(made));
            }
        }
        return next;
    }

    static std::size_t hashOf(const Words& words)
    {
        std::size_t hash = 1469598103934665603U;
        for (const std::uint64_t word : words)
            hash = (hash ^ (word ^ word >> 29)) * 0x9E3779B97F4A7C15U;
        return hash;
    }

    [[nodiscard]] int session() const { return m_question.order[static_cast<std::size_t>(m_now)]; }

    // What may stand in the session at all, what is due first and longest first; and its free room.
    void readSession()
    {
        m_may.clear();
        for (std::size_t number = 0; number < m_question.candidates.size(); ++number) {
            const Candidate& candidate = m_question.candidates[number];
            const bool counts = std::ranges::any_of(
                candidate.uses, [&](const Use& use) { return use.first <= m_now && m_now <= use.last; });
            if (counts && mayTryIn(m_board, candidate.item, session()))
                m_may.push_back(number);
        }
        std::ranges::stable_sort(m_may, {}, [&](std::size_t number) {
            return std::pair(m_question.candidates[number].last, -m_question.candidates[number].frames);
        });
        m_segments.clear();
        m_parts.clear();
        for (int part = 0; part < m_board.session(session()).parts; ++part) {
            const int segment = m_board.part(session(), part).segment;
            auto known = std::ranges::find(m_segments, segment, &Segment::index);
            if (known == m_segments.end())
                known = m_segments.insert(known, {segment, m_board.freeInSegment(session(), part)});
            m_parts.push_back({m_board.freeIn(session(), part), static_cast<std::size_t>(known - m_segments.begin())});
        }
        m_room = m_board.session(session()).capacity - m_board.session(session()).used;
    }

    [[nodiscard]] bool countsNow(const State& state, const Use& use) const
    {
        return use.first <= m_now && m_now <= use.last && state.missing[use.demand] > 0;
    }

    // The ways to fill the session, into m_fillings.
    void fill(const State& state)
    {
        m_fillings.clear();
        m_available.clear();
        for (const std::size_t number : m_may) {
            if (!isIn(state.done, number) && std::ranges::any_of(m_question.candidates[number].uses,
                                                                 [&](const Use& use) { return countsNow(state, use); }))
                m_available.push_back(number);
        }
        m_framesFrom.assign(m_available.size() + 1, 0);
        for (std::size_t index = m_available.size(); index-- > 0;)
            m_framesFrom[index] = m_framesFrom[index + 1] + m_question.candidates[m_available[index]].frames;
        m_spare = state.spare;
        m_missing = state.missing;
        m_filling = {};
        m_left = std::min(m_work, state.mayWaste <= m_room / 100 ? stepsAFullState : stepsAState);
        m_work -= m_left;
        m_mayWaste = state.mayWaste;
        choose(0, m_room);
        m_work += std::max<std::int64_t>(m_left, 0);
    }

    void choose(std::size_t index, std::int64_t room)
    {
        if (--m_left < 0 || room - m_framesFrom[index] > m_mayWaste)
            return;
        if (index == m_available.size()) {
            m_filling.wasted = room;
            m_fillings.push_back(m_filling);
            return;
        }
        const std::size_t number = m_available[index];
        const Candidate& candidate = m_question.candidates[number];
        if (candidate.frames <= room && take(candidate)) {
            for (std::size_t part = 0; part < m_parts.size(); ++part) {
                Part& where = m_parts[part];
                Segment& segment = m_segments[where.segment];
                if (candidate.frames > std::min(where.free, segment.free) ||
                    !m_board.accepts(candidate.item, session(), static_cast<int>(part)))
                    continue;
                where.free -= candidate.frames;
                segment.free -= candidate.frames;
                m_filling.picks.emplace_back(number, static_cast<int>(part));
                choose(index + 1, room - candidate.frames);
                m_filling.picks.pop_back();
                where.free += candidate.frames;
                segment.free += candidate.frames;
            }
            giveBack(candidate);
        }
        if (mayWait(candidate)) {
            choose(index + 1, room);
            stopWaiting(candidate);
        }
    }

    // What counts here cannot count elsewhere. False: a demand could not do without it there.
    bool take(const Candidate& candidate)
    {
        bool may = true;
        bool counts = false;
        for (const Use& use : candidate.uses) { // those of families before those of their members
            if (use.last < m_now)
                continue;
            if (countsHere(candidate, use))
                counts = --m_missing[use.demand] >= 0 || counts;
            else
                may = (--m_spare[use.demand] >= 0 || m_missing[use.demand] <= 0) && may;
        }
        may = may && counts;
        if (!may)
            giveBack(candidate);
        return may;
    }
    void giveBack(const Candidate& candidate)
    {
        for (auto use = candidate.uses.rbegin(); use != candidate.uses.rend(); ++use) {
            if (use->last < m_now)
                continue;
            ++(countsHere(candidate, *use) ? m_missing : m_spare)[use->demand];
        }
    }
    [[nodiscard]] bool countsHere(const Candidate& candidate, const Use& use) const
    {
        const std::vector<std::size_t>& members = m_question.wanted[use.demand].members;
        if (members.empty())
            return use.first <= m_now;
        return std::ranges::any_of(candidate.uses, [&](const Use& one) {
            return one.first <= m_now && m_now <= one.last && m_missing[one.demand] > 0 &&
                   std::ranges::find(members, one.demand) != members.end();
        });
    }
    // It is not put here: where this was the last session in which it counts, the demand has to do without it.
    bool mayWait(const Candidate& candidate)
    {
        bool may = true;
        for (const Use& use : candidate.uses) {
            if (use.last == m_now)
                may = (--m_spare[use.demand] >= 0 || m_missing[use.demand] <= 0) && may;
        }
        if (!may)
            stopWaiting(candidate);
        return may;
    }
    void stopWaiting(const Candidate& candidate)
    {
        for (const Use& use : candidate.uses) {
            if (use.last == m_now)
                ++m_spare[use.demand];
        }
    }

    [[nodiscard]] State after(const State& before, const Filling& filling)
    {
        State made = before;
        made.wasted += filling.wasted;
        m_spare = before.spare;
        m_missing = before.missing;
        for (const auto& pick : filling.picks) {
            made.done[pick.first / 64] |= std::uint64_t{1} << pick.first % 64;
            take(m_question.candidates[pick.first]);
        }
        made.spare = m_spare;
        made.missing = m_missing;
        for (std::size_t number = 0; number < m_question.wanted.size(); ++number) {
            const auto& ends = m_question.wanted[number].candidates;
            for (auto at = std::ranges::lower_bound(ends, m_now, {}, &std::pair<int, std::size_t>::first);
                 at != ends.end() && at->first == m_now; ++at)
                made.spare[number] -= isIn(made.done, at->second) ? 0 : 1;
        }
        return made;
    }

    // What the state costs, and what it may waste. False: nothing that follows can hold every demand.
    bool weigh(State& state)
    {
        state.cost = static_cast<double>(state.wasted) / m_meanFrames;
        state.mayWaste = m_question.roomWithin(m_now + 1, static_cast<int>(m_question.order.size()) - 1);
        for (std::size_t number = 0; number < m_question.wanted.size(); ++number) {
            if (state.missing[number] > 0 && !weigh(state, number))
                return false;
        }
        return true;
    }

    bool weigh(State& state, std::size_t number)
    {
        const Wanted& wanted = m_question.wanted[number];
        const int spare = state.spare[number];
        if (spare < 0)
            return false;
        const int from = std::max(m_now + 1, wanted.first);
        auto at = std::ranges::upper_bound(wanted.candidates, m_now, {}, &std::pair<int, std::size_t>::first);
        int count = 0;
        std::int64_t frames = 0;
        int horizons = 0;
        m_lengths.clear();
        m_work -= (wanted.candidates.end() - at) / candidatesAStep;
        while (at != wanted.candidates.end()) {
            const int horizon = at->first;
            for (; at != wanted.candidates.end() && at->first == horizon; ++at) {
                if (isIn(state.done, at->second))
                    continue;
                ++count;
                frames += m_question.candidates[at->second].frames;
                m_lengths.push_back(m_question.candidates[at->second].frames);
            }
            const bool end = at == wanted.candidates.end();
            const int due = count - spare;
            if (due <= 0 || (horizons == horizonsADemand && !end))
                continue;
            ++horizons;
            const std::int64_t room = m_question.roomWithin(from, end ? wanted.last : horizon);
            const auto need = static_cast<double>(frames) * due / count;
            const double left = (static_cast<double>(room) - need) / std::max(1.0, static_cast<double>(room));
            state.cost += weightOfNeed / (std::max(left, 0.0) + weightOfNeed);
            if (spare == 0 ? frames > room : end && shortest(due) > room)
                return false;
            if (end && from == m_now + 1)
                state.mayWaste = std::min(state.mayWaste, room - (spare == 0 ? frames : shortest(due)));
        }
        return true;
    }

    // Frames of the shortest of m_lengths.
    std::int64_t shortest(int count)
    {
        const auto end = m_lengths.begin() + count;
        std::ranges::nth_element(m_lengths, end - 1);
        return std::accumulate(m_lengths.begin(), end, std::int64_t{0});
    }

    void place(const State& state)
    {
        std::vector<int> steps;
        for (int step = state.step; step >= 0; step = m_steps[static_cast<std::size_t>(step)].before)
            steps.push_back(step);
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            for (const auto& [item, session, part] : m_steps[static_cast<std::size_t>(*step)].placed) {
                if (mayTryIn(m_board, item, session) && m_board.fitsPart(item, session, part))
                    m_board.place(item, session, part);
            }
        }
    }

    struct Segment {
        int index = 0;
        std::int64_t free = 0;
    };
    struct Part {
        std::int64_t free = 0;
        std::size_t segment = 0; // of m_segments
    };

    Board& m_board;
    Beam m_beam;
    std::int64_t m_work;
    BeamQuestion m_question;
    double m_meanFrames = 1;
    std::vector<Step> m_steps;
    int m_now = -1; // session of the order
    // Of the session that is filled:
    std::vector<std::size_t> m_may;
    std::vector<Segment> m_segments;
    std::vector<Part> m_parts;
    std::int64_t m_room = 0;
    // Of the state that is followed:
    std::vector<std::size_t> m_available;
    std::vector<std::int64_t> m_framesFrom; // of what is available from this one on
    std::vector<int> m_spare;
    std::vector<int> m_missing;
    std::int64_t m_mayWaste = 0;
    std::int64_t m_left = 0;
    Filling m_filling;
    std::vector<Filling> m_fillings;
    std::vector<std::int64_t> m_lengths;
};

} // namespace

bool searchInOrder(Board& board, const std::vector<int>& demands, const Beam& beam)
{
    if (const auto pinned = arrangePins(board, board.pins()))
        putInstead(board, *pinned);
    else
        return false;
    InOrder(board, demands, beam).run();
    meetDemands(board);
    return std::ranges::all_of(demands, [&](int index) { return board.demand(index).isHeld(); });
}

} // namespace loa::planner
