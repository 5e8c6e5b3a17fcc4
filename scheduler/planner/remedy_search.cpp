#include "scheduler/planner/pins.h"
#include "scheduler/planner/quota.h"
#include "scheduler/planner/quota_search.h"
#include "scheduler/planner/remedies.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace loa::planner {

namespace {

constexpr std::int64_t workOfACall = 1'500'000; // steps of search, for all shortfalls of one plan
constexpr std::int64_t workOfATry = 20'000;
constexpr int triesOfADemand = 400;
constexpr int triesForOthers = 24;  // after the first set was found
constexpr int mostBeyondNeeded = 3; // facts tried together, beside the items that are needed anyhow
constexpr int mostNeeded = 60;
constexpr std::size_t mostItems = 120;
constexpr std::size_t mostSessions = 200;
constexpr std::size_t mostEdits = 20;
constexpr std::int64_t minute = 60 * sampleRate;

std::vector<int> heldOn(const Board& board)
{
    std::vector<int> held;
    for (int index = 0; index < board.demandCount(); ++index) {
        if (board.demand(index).isHeld())
            held.push_back(index);
    }
    return held;
}

// The question without what has no say in these demands: other items, and plays in open sessions.
PlanInput essenceOf(const Board& board, const std::vector<int>& demands)
{
    const PlanInput& input = board.input();
    std::vector<char> counts(static_cast<std::size_t>(board.itemCount()), 0);
    std::vector<int> reached;
    const auto reach = [&](int item) {
        if (item == noItem || counts[static_cast<std::size_t>(item)] || !board.item(item).plannable)
            return;
        counts[static_cast<std::size_t>(item)] = 1;
        reached.push_back(item);
    };
    for (const int demand : demands) {
        for (const int item : board.matching(demand))
            reach(item);
    }
    for (const model::HandEdit& edit : input.edits)
        reach(board.itemIndex(edit.item));
    for (std::size_t at = 0; at < reached.size(); ++at) {
        const ItemRules* rules = board.rulesOf(reached[at]);
        if (!rules)
            continue;
        if (rules->paired)
            reach(rules->pairWith);
        std::ranges::for_each(rules->series, reach);
        std::ranges::for_each(rules->beside, reach);
    }
    PlanInput essence;
    essence.station = input.station;
    essence.from = input.from;
    essence.until = input.until;
    essence.frozenUntil = input.frozenUntil;
    essence.sessions = input.sessions;
    std::ranges::sort(reached);
    for (const int item : reached)
        essence.items.push_back(*board.item(item).plannable);
    essence.obligations = input.obligations;
    essence.past = input.past;
    for (const Placement& placement : input.existing) {
        const int session = board.sessionIndex(placement.session);
        if (session >= 0 && !board.session(session).open)
            essence.existing.push_back(placement);
    }
    essence.edits = input.edits;
    essence.zone = input.zone;
    essence.refused = input.refused;
    return essence;
}

// The same demands held with as little as that takes, whatever else stood there before: so the remedies of a plan are
// those of a replan without news.
Board quotaAlone(const Board& board)
{
    Board bare = board;
    bare.clearOpen();
    for (const auto& [session, item] : board.pins())
        bare.place(item, session, board.session(session).partOf(item));
    const auto holdsTheSame = [&](const Board& other) {
        for (int index = 0; index < board.demandCount(); ++index) {
            if (board.demand(index).isHeld() != other.demand(index).isHeld())
                return false;
        }
        return true;
    };
    meetDemands(bare);
    if (holdsTheSame(bare))
        return bare;
    std::vector<PlacedItem> places;
    std::int64_t work = maxWorkASearch;
    if (!canHold(board, heldOn(board), work, &places).value_or(false))
        return board;
    bare.clearOpen();
    for (const PlacedItem& place : places)
        bare.place(place.item, place.session, place.part);
    return bare;
}

bool changesItems(const Remedy& remedy)
{
    return remedy.kind == RemedyKind::ApproveItems || remedy.kind == RemedyKind::ExtendValidity ||
           remedy.kind == RemedyKind::ShortenItem || remedy.kind == RemedyKind::RelaxRule;
}

// A set of facts by number: how often each is taken.
using Taken = std::vector<int>;

class RemedySearch {
public:
    RemedySearch(const Board& board, int demand, const std::vector<int>& held, std::int64_t& work)
        : m_board(board), m_demand(demand), m_active(held), m_work(work), m_known(remedyFacts(board, demand, held))
    {
        m_active.push_back(demand);
        std::ranges::sort(m_active);
        m_essence = essenceOf(board, m_active);
        m_bounded = m_essence.items.size() > mostItems || m_essence.sessions.size() > mostSessions ||
                    m_essence.edits.size() > mostEdits;
    }

    // `needed`: new items without which no set can do.
    RemedySet run(int needed)
    {
        RemedySet set;
        set.demand = m_demand;
        m_needed = needed;
        const auto fresh = std::ranges::find(m_known.facts, RemedyKind::ApproveItems, &Remedy::kind);
        if (m_bounded || m_known.facts.empty() || needed > mostNeeded || (needed > 0 && fresh == m_known.facts.end()))
            return set;
        Taken none(m_known.facts.size(), 0);
        if (needed > 0)
            none[static_cast<std::size_t>(fresh - m_known.facts.begin())] = needed;
        m_sure = m_known.complete;
        for (int extra = needed > 0 ? 0 : 1; extra <= mostBeyondNeeded; ++extra) {
            // Before many are tried: whether all of them together would do.
            if (extra == 2 && !holds(everything(none)))
                break;
            m_sets.clear();
            choose(none, 0, extra);
            if (!m_sets.empty()) {
                set.smallest = m_sure;
                return told(std::move(set), extra + needed == 1);
            }
            if (m_tries >= triesOfADemand)
                break;
        }
        Taken all = everything(none);
        if (!holds(all))
            return set;
        m_sets = {withoutNeedless(std::move(all))};
        return told(std::move(set), false);
    }

private:
    [[nodiscard]] std::vector<Remedy> remediesOf(const Taken& taken) const
    {
        std::vector<Remedy> remedies;
        for (std::size_t fact = 0; fact < taken.size(); ++fact) {
            if (taken[fact] == 0)
                continue;
            remedies.push_back(m_known.facts[fact]);
            remedies.back().count = taken[fact];
        }
        return remedies;
    }

    [[nodiscard]] bool holds(const Taken& taken) { return holds(remediesOf(taken)); }

    // Whether the demand and those that are held can all be held once these are changed. Hand edits are kept first, as
    // plan() does.
    [[nodiscard]] bool holds(const std::vector<Remedy>& remedies)
    {
        ++m_tries;
        if (m_work <= 0) {
            m_sure = false;
            return false;
        }
        const PlanInput changed = withRemedies(m_essence, remedies);
        std::optional<ItemPool::Tables> others;
        if (std::ranges::any_of(remedies, &changesItems))
            others.emplace(changed.items);
        else if (!m_tables)
            m_tables = std::make_unique<const ItemPool::Tables>(m_essence.items);
        Board board(changed, others ? *others : *m_tables);
        pinKeeps(board);
        std::int64_t work = std::min(workOfATry, m_work);
        m_work -= work + static_cast<std::int64_t>(changed.items.size() + changed.sessions.size());
        const std::optional<bool> held = canHold(std::move(board), m_active, work);
        m_work += work;
        m_sure = m_sure && held.has_value();
        return held.value_or(false);
    }

    [[nodiscard]] Taken everything(Taken taken) const
    {
        for (std::size_t fact = 0; fact < taken.size(); ++fact)
            taken[fact] = std::max(taken[fact], m_known.most[fact]);
        return taken;
    }

    // Sets with `extra` more of the facts from `first` on, the first advised first.
    void choose(Taken& taken, std::size_t first, int extra)
    {
        const bool foundSome = !m_sets.empty();
        if (m_tries >= triesOfADemand || (foundSome && m_tries >= m_triesAtFirst + triesForOthers)) {
            m_sure = m_sure && foundSome;
            return;
        }
        if (extra == 0) {
            if (hasBeenSaid(taken) || !holds(taken))
                return;
            if (m_sets.empty())
                m_triesAtFirst = m_tries;
            m_sets.push_back(taken);
            return;
        }
        for (std::size_t fact = first; fact < taken.size(); ++fact) {
            // Others are told only where one change is enough.
            if (!m_sets.empty() && (m_needed > 0 || extra > 1 || sum(m_sets.front()) > 1))
                return;
            if (taken[fact] >= m_known.most[fact])
                continue;
            ++taken[fact];
            choose(taken, fact, extra - 1);
            --taken[fact];
        }
    }

    static int sum(const Taken& taken)
    {
        int all = 0;
        for (const int times : taken)
            all += times;
        return all;
    }

    // One of each kind is enough to say.
    [[nodiscard]] bool hasBeenSaid(const Taken& taken) const
    {
        if (m_sets.empty())
            return false;
        const auto kindOf = [&](const Taken& set) {
            const auto fact = std::ranges::find_if(set, [](int times) { return times > 0; }) - set.begin();
            return m_known.facts[static_cast<std::size_t>(fact)].kind;
        };
        return std::ranges::any_of(m_sets, [&](const Taken& set) { return kindOf(set) == kindOf(taken); });
    }

    // Takes facts away, the last advised first, as long as the rest does.
    Taken withoutNeedless(Taken taken)
    {
        for (bool fewer = true; fewer;) {
            fewer = false;
            for (std::size_t fact = taken.size(); fact-- > 0;) {
                for (int times = taken[fact]; times > 0 && taken[fact] > 0;) {
                    Taken less = taken;
                    less[fact] -= times;
                    if (holds(less)) {
                        taken = std::move(less);
                        fewer = true;
                    } else {
                        times /= 2;
                    }
                }
            }
        }
        return taken;
    }

    RemedySet told(RemedySet set, bool withOthers)
    {
        set.remedies = asSmallAsItMay(remediesOf(m_sets.front()));
        for (std::size_t other = 1; withOthers && other < m_sets.size(); ++other)
            set.others.push_back(asSmallAsItMay(remediesOf(m_sets[other])).front());
        return set;
    }

    // New items may be longer, and room shorter, than was tried first.
    std::vector<Remedy> asSmallAsItMay(std::vector<Remedy> remedies)
    {
        const bool sure = m_sure;
        for (Remedy& remedy : remedies) {
            if (remedy.kind == RemedyKind::AllowSession)
                allowFew(remedy, remedies);
            const FrameCount given = remedy.frames;
            for (const std::int64_t frames : lengthsFor(remedy)) {
                remedy.frames = {frames};
                if (holds(remedies))
                    break;
                remedy.frames = given;
            }
        }
        m_sure = sure;
        return remedies;
    }

    // The first days alone, as few as are enough.
    void allowFew(Remedy& remedy, const std::vector<Remedy>& remedies)
    {
        const QDate last = remedy.until;
        constexpr std::size_t mostDays = 4;
        std::size_t tried = 0;
        for (const RefusedSession* refused : allowedBy(m_essence, remedy)) {
            remedy.until = refused->session.localDate;
            if (++tried > mostDays || holds(remedies))
                break;
        }
        if (tried > mostDays || !holds(remedies))
            remedy.until = last;
    }

    [[nodiscard]] std::vector<std::int64_t> lengthsFor(const Remedy& remedy) const
    {
        std::vector<std::int64_t> lengths;
        const bool minutes = m_board.demand(m_demand).measure == model::ObligationMeasure::Minutes;
        const bool grows = remedy.kind == RemedyKind::ApproveItems || remedy.kind == RemedyKind::ShortenItem;
        if (grows && !minutes) {
            for (const int most : {10, 5, 4, 3, 2})
                lengths.push_back(most * minute);
            std::erase_if(lengths, [&](std::int64_t frames) { return frames <= remedy.frames.value; });
        } else if (remedy.kind == RemedyKind::AddRoom || remedy.kind == RemedyKind::LengthenSession) {
            for (const PlannableItem& item : m_essence.items)
                lengths.push_back(item.frames.value);
            lengths.push_back(minute);
            std::ranges::sort(lengths);
            const auto repeated = std::ranges::unique(lengths);
            lengths.erase(repeated.begin(), repeated.end());
            std::erase_if(lengths, [&](std::int64_t frames) { return frames <= 0 || frames >= remedy.frames.value; });
            constexpr std::size_t mostLengths = 12;
            if (lengths.size() > mostLengths)
                lengths.resize(mostLengths);
        }
        return lengths;
    }

    const Board& m_board;
    int m_demand;
    std::vector<int> m_active;
    std::int64_t& m_work;
    RemedyFacts m_known;
    PlanInput m_essence;
    std::unique_ptr<const ItemPool::Tables> m_tables; // of its items, once they were needed
    bool m_bounded = false;
    bool m_sure = true;
    int m_needed = 0;
    int m_tries = 0;
    int m_triesAtFirst = 0;
    std::vector<Taken> m_sets;
};

} // namespace

std::vector<RemedySet> findRemedies(const Board& given)
{
    std::vector<RemedySet> found;
    const auto isShort = [](const Demand& demand) { return demand.known && !demand.isHeld(); };
    if (std::ranges::none_of(given.demands(), isShort))
        return found;
    const Board board = quotaAlone(given);
    std::vector<int> held;
    std::int64_t work = workOfACall;
    for (int index = 0; index < board.demandCount(); ++index) {
        const Demand& demand = board.demand(index);
        if (!isShort(given.demand(index)))
            continue;
        if (found.empty())
            held = heldOn(given);
        int needed = 0;
        RemedySet set = plainRemedies(board, index, needed);
        if (set.remedies.empty())
            set = RemedySearch(board, index, held, work).run(needed);
        if (set.remedies.empty()) {
            Remedy remedy;
            remedy.kind = RemedyKind::LowerDuty;
            const std::int64_t lacks = demand.required - demand.counted;
            remedy.count = static_cast<int>(
                demand.measure == model::ObligationMeasure::Minutes ? (lacks + minute - 1) / minute : lacks);
            remedy.obligation = board.input().obligations[static_cast<std::size_t>(demand.obligation)].id;
            remedy.from = demand.period.first;
            remedy.until = demand.period.last;
            set.remedies = {remedy};
        }
        const auto putWords = [&](Remedy& remedy) { remedy.text = remedyText(board, index, remedy); };
        std::ranges::for_each(set.remedies, putWords);
        std::ranges::for_each(set.others, putWords);
        found.push_back(std::move(set));
    }
    return found;
}

} // namespace loa::planner
