#include "scheduler/planner/displacement.h"

#include "scheduler/planner/giving_way.h"
#include "scheduler/planner/quota_search.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

constexpr std::int64_t costOfMoving = 1; // it has another place at once
constexpr std::int64_t costOfMissing = 8;
constexpr std::size_t mostOccupants = 6; // of a part, of which every choice is tried

struct Offer {
    PlacedItem place;
    std::vector<int> displaced;
    std::int64_t cost = 0;
    std::int64_t frames = 0; // displaced
    std::int64_t spare = 0;  // that stay free then
    std::uint32_t lot = 0;   // among equals

    [[nodiscard]] auto order() const { return std::tuple(cost, spare, lot); }
};

class Displacement {
public:
    Displacement(Board& board, const std::vector<int>& demands, std::int64_t work)
        : m_board(board), m_demands(demands), m_work(work), m_weight(static_cast<std::size_t>(board.itemCount()), 1),
          m_mayMove(static_cast<std::size_t>(board.itemCount()))
    {
    }

    bool run()
    {
        keepIfBest();
        while (m_work > 0 && m_bestHeld < std::ssize(m_demands)) {
            ++m_turn;
            m_work -= stepsOfDemands();
            const std::optional<Offer> offer = bestOffer(chooseMissing());
            if (offer)
                take(*offer);
            keepIfBest();
        }
        putInstead(m_board, m_best);
        return m_bestHeld == std::ssize(m_demands);
    }

private:
    [[nodiscard]] std::int64_t stepsOfDemands() const { return 1 + std::ssize(m_demands) / 16; }

    std::uint32_t draw()
    {
        m_random ^= m_random << 13;
        m_random ^= m_random >> 17;
        m_random ^= m_random << 5;
        return m_random;
    }

    void keepIfBest()
    {
        const auto held = std::ranges::count_if(m_demands, [&](int index) { return m_board.demand(index).isHeld(); });
        if (held <= m_bestHeld)
            return;
        m_bestHeld = held;
        m_best = placesOf(m_board);
    }

    // One of the demands that are not held, each in turn by lot.
    int chooseMissing()
    {
        std::vector<int> missing;
        std::ranges::copy_if(m_demands, std::back_inserter(missing),
                             [&](int index) { return !m_board.demand(index).isHeld(); });
        return missing[draw() % missing.size()];
    }

    std::optional<Offer> bestOffer(int index)
    {
        const Demand& demand = m_board.demand(index);
        std::optional<Offer> best;
        for (const int item : m_board.matching(index)) {
            const ItemFacts& what = m_board.item(item);
            const auto [first, last] =
                m_board.sessionsWithin(std::max(demand.first, what.firstDay), std::min(demand.last, what.lastDay));
            if (!what.plannable)
                continue;
            for (int session = first; session < last; ++session) {
                --m_work;
                if (m_board.gain(index, item, m_board.session(session).day) == 0)
                    break;
                if (m_board.session(session).longest < what.frames || !mayTryIn(m_board, item, session))
                    continue;
                for (int part = 0; part < m_board.session(session).parts; ++part)
                    offer(best, {item, session, part});
            }
        }
        return best;
    }

    void offer(std::optional<Offer>& best, const PlacedItem& place)
    {
        const std::int64_t frames = m_board.item(place.item).frames;
        const ItemRules* rules = m_board.rulesOf(place.item);
        if (rules && rules->paired && m_board.session(place.session).partOf(rules->pairWith) != place.part)
            return;
        if (!m_board.accepts(place.item, place.session, place.part) ||
            m_board.roomIn(place.session, place.part) < frames)
            return;
        Offer made{.place = place, .displaced = {}, .lot = draw()};
        const std::int64_t needed = frames - m_board.freeIn(place.session, place.part);
        if (needed > 0 && !choose(made, needed))
            return;
        made.spare = made.frames - needed;
        if (!best || made.order() < best->order())
            best = std::move(made);
    }

    // What goes from the part so that `needed` frames are free: what is missed least, the shortest of that.
    bool choose(Offer& offer, std::int64_t needed)
    {
        m_occupants.clear();
        for (const BoardPlace& there : m_board.session(offer.place.session).items) {
            if (there.part == offer.place.part && m_board.mayRemove(there.item, offer.place.session))
                m_occupants.push_back(
                    {there.item, m_board.item(there.item).frames, costWithout(there.item, offer.place.session)});
        }
        if (m_occupants.size() > mostOccupants) {
            std::ranges::stable_sort(m_occupants, {}, &Occupant::cost);
            m_occupants.resize(mostOccupants);
        }
        m_work -= std::int64_t{1} << m_occupants.size() >> 4;
        std::uint32_t taken = 0;
        for (std::uint32_t set = 1; set < 1U << m_occupants.size(); ++set) {
            std::int64_t frames = 0;
            std::int64_t cost = 0;
            for (std::size_t i = 0; i < m_occupants.size(); ++i) {
                if ((set >> i & 1U) != 0) {
                    frames += m_occupants[i].frames;
                    cost += m_occupants[i].cost;
                }
            }
            if (frames >= needed && (taken == 0 || std::pair(cost, frames) < std::pair(offer.cost, offer.frames))) {
                taken = set;
                offer.cost = cost;
                offer.frames = frames;
            }
        }
        for (std::size_t i = 0; i < m_occupants.size(); ++i) {
            if ((taken >> i & 1U) != 0)
                offer.displaced.push_back(m_occupants[i].item);
        }
        return taken != 0;
    }

    [[nodiscard]] bool isNeeded(int index, int item, int session) const
    {
        const Demand& demand = m_board.demand(index);
        if (!demand.holds(m_board.session(session).day) || !m_board.matches(index, item))
            return false;
        switch (demand.measure) {
        case model::ObligationMeasure::DistinctItems:
            return demand.counted <= demand.required && m_board.countWithin(item, demand.first, demand.last) == 1;
        case model::ObligationMeasure::Airings:
            return demand.counted <= demand.required;
        case model::ObligationMeasure::Minutes:
            break;
        }
        return demand.counted - m_board.item(item).frames < demand.required;
    }

    std::int64_t costWithout(int item, int session)
    {
        m_work -= stepsOfDemands();
        m_needing.clear();
        std::ranges::copy_if(m_demands, std::back_inserter(m_needing),
                             [&](int index) { return isNeeded(index, item, session); });
        if (m_needing.empty())
            return 0;
        return otherPlace(item, session) ? costOfMoving : costOfMissing * m_weight[static_cast<std::size_t>(item)];
    }

    // For what was displaced from the session: where it fits and serves the same demands (m_needing).
    std::optional<PlacedItem> otherPlace(int item, int session)
    {
        Remembered& known = m_mayMove[static_cast<std::size_t>(item)];
        if (known.turn == m_turn && known.session == session)
            return known.place;
        known = {m_turn, session, std::nullopt};
        const auto [first, last] = m_board.sessionsWithin(m_board.item(item).firstDay, m_board.item(item).lastDay);
        for (int other = first; other < last && !known.place; ++other) {
            const BoardSession& where = m_board.session(other);
            --m_work;
            if (other == session || m_board.item(item).frames > where.mostFree ||
                !std::ranges::all_of(m_needing, [&](int index) { return m_board.demand(index).holds(where.day); }) ||
                !mayTryIn(m_board, item, other))
                continue;
            if (const int part = m_board.partFor(item, other); part >= 0)
                known.place = PlacedItem{item, other, part};
        }
        return known.place;
    }

    void take(const Offer& offer)
    {
        const auto [item, session, part] = offer.place;
        for (const int gone : offer.displaced) {
            if (!m_board.mayRemove(gone, session))
                continue;
            m_board.remove(gone, session);
        }
        if (m_board.fitsPart(item, session, part) && !m_board.hindrance(item, session))
            m_board.place(item, session, part);
        ++m_weight[static_cast<std::size_t>(item)];
        for (const int gone : offer.displaced) {
            const Remembered& known = m_mayMove[static_cast<std::size_t>(gone)];
            if (known.turn == m_turn && known.session == session && known.place &&
                m_board.fits(gone, known.place->session))
                m_board.place(gone, known.place->session);
        }
    }

    struct Occupant {
        int item = 0;
        std::int64_t frames = 0;
        std::int64_t cost = 0;
    };
    struct Remembered {
        std::uint32_t turn = 0;
        int session = -1;
        std::optional<PlacedItem> place;
    };

    Board& m_board;
    const std::vector<int>& m_demands;
    std::int64_t m_work;
    std::uint32_t m_turn = 0;
    std::uint32_t m_random = 2463534242U; // xorshift32 of Marsaglia
    std::vector<std::int64_t> m_weight;   // by item: how often it was missing
    std::vector<Remembered> m_mayMove;    // by item
    std::vector<Occupant> m_occupants;
    std::vector<int> m_needing;
    std::ptrdiff_t m_bestHeld = -1;
    std::vector<PlacedItem> m_best;
};

} // namespace

bool displaceUntilHeld(Board& board, const std::vector<int>& demands, std::int64_t work)
{
    return Displacement(board, demands, work).run();
}

} // namespace loa::planner
