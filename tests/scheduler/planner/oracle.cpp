// The answer: the question as a model of Gecode, and its search.
#include "tests/scheduler/planner/oracle.h"

#include <algorithm>
#include <gecode/int.hh>
#include <gecode/minimodel.hh>
#include <gecode/search.hh>
#include <memory>
#include <set>

namespace loa::planner::test {

namespace {

using Gecode::BoolVar;
using Gecode::BoolVarArgs;

class Model : public Gecode::IntMaximizeSpace {
public:
    explicit Model(const Question& question) : m_question(&question)
    {
        const PlanInput& input = question.input;
        for (int item = 0; item < static_cast<int>(input.items.size()); ++item) {
            for (int session = 0; session < static_cast<int>(input.sessions.size()); ++session) {
                if (!mayBe(item, session))
                    continue;
                for (int part = 0; part < question.parts(session); ++part) {
                    if (question.accepts(item, session, part))
                        m_places.push_back({item, session, part});
                }
            }
        }
        m_x = Gecode::BoolVarArray(*this, static_cast<int>(m_places.size()), 0, 1);
        m_held = Gecode::BoolVarArray(*this, static_cast<int>(question.owed.size()), 0, 1);
        m_heldCount = Gecode::IntVar(*this, 0, static_cast<int>(question.owed.size()));
        if (m_held.size() > 0)
            Gecode::linear(*this, m_held, Gecode::IRT_EQ, m_heldCount);
        else
            Gecode::rel(*this, m_heldCount, Gecode::IRT_EQ, 0);
        oncePerSession();
        room();
        rules();
        demands();
        Gecode::branch(*this, m_held, Gecode::BOOL_VAR_NONE(), Gecode::BOOL_VAL_MAX());
        Gecode::branch(*this, m_x, Gecode::BOOL_VAR_NONE(), Gecode::BOOL_VAL_MAX());
    }
    Model(Model& other) : IntMaximizeSpace(other), m_question(other.m_question), m_places(other.m_places)
    {
        m_x.update(*this, other.m_x);
        m_held.update(*this, other.m_held);
        m_heldCount.update(*this, other.m_heldCount);
    }
    Gecode::Space* copy() override { return new Model(*this); }
    Gecode::IntVar cost() const override { return m_heldCount; }
    [[nodiscard]] int held() const { return m_heldCount.val(); }

    // False: it cannot be there whatever else is.
    bool pin(int item, int session)
    {
        const BoolVarArgs there =
            at([&](const OraclePlace& place) { return place.item == item && place.session == session; });
        if (there.size() == 0)
            return false;
        Gecode::linear(*this, there, Gecode::IRT_EQ, 1);
        return true;
    }

private:
    [[nodiscard]] bool mayBe(int item, int session) const
    {
        const Question& q = *m_question;
        return q.isOpen(session) && q.isValid(item, session) && !q.isBroken(item) && !q.isAway(item, session) &&
               !q.isEarly(item, session);
    }
    template <typename Which>
    BoolVarArgs at(Which&& which)
    {
        BoolVarArgs found;
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            if (which(m_places[i]))
                found << m_x[static_cast<int>(i)];
        }
        return found;
    }
    [[nodiscard]] const PlannableItem& itemAt(int item) const
    {
        return m_question->input.items[static_cast<std::size_t>(item)];
    }
    [[nodiscard]] const model::Session& sessionAt(int session) const
    {
        return m_question->input.sessions[static_cast<std::size_t>(session)];
    }
    void none(const BoolVarArgs& places)
    {
        if (places.size() > 0)
            Gecode::linear(*this, places, Gecode::IRT_EQ, 0);
    }

    void oncePerSession()
    {
        for (int item = 0; item < static_cast<int>(m_question->input.items.size()); ++item) {
            for (int session = 0; session < static_cast<int>(m_question->input.sessions.size()); ++session) {
                const BoolVarArgs there =
                    at([&](const OraclePlace& place) { return place.item == item && place.session == session; });
                if (there.size() > 1)
                    Gecode::linear(*this, there, Gecode::IRT_LQ, 1);
            }
        }
    }

    template <typename Which>
    void framesAtMost(Which&& which, std::int64_t frames)
    {
        Gecode::IntArgs lengths;
        for (const OraclePlace& place : m_places) {
            if (which(place))
                lengths << static_cast<int>(itemAt(place.item).frames.value);
        }
        if (lengths.size() > 0)
            Gecode::linear(*this, lengths, at(which), Gecode::IRT_LQ,
                           static_cast<int>(std::max<std::int64_t>(frames, 0)));
    }

    void room()
    {
        for (int session = 0; session < static_cast<int>(m_question->input.sessions.size()); ++session) {
            const model::Session& where = sessionAt(session);
            if (where.parts.empty()) {
                framesAtMost([&](const OraclePlace& place) { return place.session == session; }, where.frames.value);
                continue;
            }
            for (int part = 0; part < static_cast<int>(where.parts.size()); ++part)
                framesAtMost([&](const OraclePlace& place) { return place.session == session && place.part == part; },
                             where.parts[static_cast<std::size_t>(part)].most.value);
            for (int segment = 0; segment < static_cast<int>(where.segments.size()); ++segment)
                framesAtMost(
                    [&](const OraclePlace& place) {
                        return place.session == session &&
                               where.parts[static_cast<std::size_t>(place.part)].segment == segment;
                    },
                    where.segments[static_cast<std::size_t>(segment)].frames.value);
        }
    }

    void atMost(const BoolVarArgs& places, int most)
    {
        if (places.size() > 0)
            Gecode::linear(*this, places, Gecode::IRT_LQ, std::max(most, 0));
    }

    int fixedPlays(int item, QDate first, QDate last) const
    {
        return static_cast<int>(std::ranges::count_if(m_question->fixed, [&](const FixedPlay& play) {
            return play.item == item && first <= play.day && play.day <= last;
        }));
    }

    void rules()
    {
        for (int item = 0; item < static_cast<int>(m_question->input.items.size()); ++item) {
            limits(item);
            gaps(item);
            neighbours(item);
            series(item);
        }
    }

    void limits(int item)
    {
        const model::PlayRules& rules = itemAt(item).rules;
        std::set<std::pair<QDate, QDate>> periods;
        for (const model::Session& where : m_question->input.sessions) {
            if (rules.mostPlaysADay > 0) {
                const QDate day = where.localDate;
                atMost(at([&](const OraclePlace& place) {
                           return place.item == item && sessionAt(place.session).localDate == day;
                       }),
                       rules.mostPlaysADay - fixedPlays(item, day, day));
            }
            if (rules.mostPlays)
                periods.insert(m_question->limitPeriod(item, where.localDate));
        }
        for (const auto& [first, last] : periods) {
            atMost(at([&, from = first, until = last](const OraclePlace& place) {
                       const QDate day = sessionAt(place.session).localDate;
                       return place.item == item && from <= day && day <= until;
                   }),
                   rules.mostPlays->plays - fixedPlays(item, first, last));
        }
    }

    void gaps(int item)
    {
        const auto gap = itemAt(item).rules.leastGap;
        if (gap.count() <= 0)
            return;
        for (int a = 0; a < static_cast<int>(m_question->input.sessions.size()); ++a) {
            const UtcTime start = sessionAt(a).startsAt;
            const BoolVarArgs here =
                at([&](const OraclePlace& place) { return place.item == item && place.session == a; });
            for (const FixedPlay& play : m_question->fixed) {
                if (play.item == item && play.session != a && std::chrono::abs(play.start - start) < gap)
                    none(here);
            }
            for (int b = 0; b < a; ++b) {
                if (std::chrono::abs(sessionAt(b).startsAt - start) < gap)
                    atMost(at([&](const OraclePlace& place) {
                               return place.item == item && (place.session == a || place.session == b);
                           }),
                           1);
            }
        }
    }

    void neighbours(int item)
    {
        const model::PlayRules& rules = itemAt(item).rules;
        for (int session = 0; session < static_cast<int>(m_question->input.sessions.size()); ++session) {
            for (const ItemId& id : rules.notBeside) {
                const auto other = m_question->itemOf(id);
                if (other && *other != item)
                    atMost(at([&](const OraclePlace& place) {
                               return place.session == session && (place.item == item || place.item == *other);
                           }),
                           1);
            }
            // Of those that follow this one, one.
            atMost(at([&](const OraclePlace& place) {
                       const auto& leader = itemAt(place.item).rules.pairWith;
                       return place.session == session && leader && *leader == itemAt(item).id;
                   }),
                   1);
        }
        if (!rules.pairWith)
            return;
        const auto leader = m_question->itemOf(*rules.pairWith);
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            const OraclePlace& mine = m_places[i];
            if (mine.item != item)
                continue;
            const BoolVarArgs before = at([&](const OraclePlace& place) {
                return leader && place.item == *leader && place.session == mine.session && place.part == mine.part;
            });
            if (before.size() == 0)
                Gecode::rel(*this, m_x[static_cast<int>(i)], Gecode::IRT_EQ, 0);
            else
                Gecode::rel(*this, m_x[static_cast<int>(i)], Gecode::IRT_LQ, before[0]);
        }
    }

    void series(int item)
    {
        const std::vector<int> below = m_question->below(item);
        if (below.empty())
            return;
        const auto isBelow = [&](int other) { return std::ranges::find(below, other) != below.end(); };
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            const OraclePlace& mine = m_places[i];
            if (mine.item != item)
                continue;
            const model::Session& where = sessionAt(mine.session);
            const bool done = std::ranges::any_of(m_question->fixed, [&](const FixedPlay& play) {
                return isBelow(play.item) &&
                       (play.session < 0 ? play.day <= where.localDate : play.start < where.startsAt);
            });
            if (done)
                continue;
            const BoolVarArgs before = at([&](const OraclePlace& place) {
                return isBelow(place.item) && sessionAt(place.session).startsAt < where.startsAt;
            });
            if (before.size() == 0)
                Gecode::rel(*this, m_x[static_cast<int>(i)], Gecode::IRT_EQ, 0);
            else
                Gecode::linear(*this, before, Gecode::IRT_GQ, 1,
                               Gecode::Reify(m_x[static_cast<int>(i)], Gecode::RM_IMP));
        }
    }

    void demands()
    {
        for (std::size_t d = 0; d < m_question->owed.size(); ++d)
            demand(m_question->owed[d], m_held[static_cast<int>(d)]);
    }

    void demand(const OwedPeriod& owed, const BoolVar& held)
    {
        using model::ObligationMeasure;
        const auto measure = m_question->input.obligations[static_cast<std::size_t>(owed.obligation)].measure;
        const auto within = [&](QDate day) { return owed.first <= day && day <= owed.last; };
        std::int64_t there = 0;
        BoolVarArgs terms;
        Gecode::IntArgs weights;
        for (int item = 0; item < static_cast<int>(m_question->input.items.size()); ++item) {
            if (!m_question->counts(item, owed))
                continue;
            const int fixed = fixedPlays(item, owed.first, owed.last);
            const BoolVarArgs plays = at([&](const OraclePlace& place) {
                return place.item == item && within(sessionAt(place.session).localDate);
            });
            const auto frames = itemAt(item).frames.value;
            if (measure == ObligationMeasure::DistinctItems) {
                there += fixed > 0 ? 1 : 0;
                if (fixed > 0 || plays.size() == 0)
                    continue;
                BoolVar any(*this, 0, 1);
                Gecode::rel(*this, Gecode::BOT_OR, plays, any);
                terms << any;
                weights << 1;
                continue;
            }
            const bool minutes = measure == ObligationMeasure::Minutes;
            for (const FixedPlay& play : m_question->fixed) {
                if (play.item == item && within(play.day))
                    there += minutes ? play.frames : 1;
            }
            terms << plays;
            for (int i = 0; i < plays.size(); ++i)
                weights << (minutes ? static_cast<int>(frames) : 1);
        }
        if (there >= owed.required)
            return; // held, or not: it costs nothing
        if (terms.size() == 0) {
            Gecode::rel(*this, held, Gecode::IRT_EQ, 0);
            return;
        }
        Gecode::linear(*this, weights, terms, Gecode::IRT_GQ, static_cast<int>(owed.required - there),
                       Gecode::Reify(held, Gecode::RM_IMP));
    }

    const Question* m_question;
    std::vector<OraclePlace> m_places;
    Gecode::BoolVarArray m_x;
    Gecode::BoolVarArray m_held;
    Gecode::IntVar m_heldCount;
};

constexpr unsigned long mostNodes = 300'000;

struct Best {
    bool isKnown = true;
    std::optional<int> held; // none: nothing is possible
};

Best best(const Question& question, const std::vector<std::pair<int, int>>& pins)
{
    Model model(question);
    for (const auto& [session, item] : pins) {
        if (!model.pin(item, session))
            return {};
    }
    Gecode::Search::NodeStop stop(mostNodes);
    Gecode::Search::Options options;
    options.stop = &stop;
    options.threads = 1;
    Gecode::BAB<Model> engine(&model, options);
    Best found;
    while (const std::unique_ptr<Model> solution{engine.next()})
        found.held = solution->held();
    found.isKnown = !engine.stopped();
    return found;
}

} // namespace

OracleAnswer askOracle(const Question& question)
{
    OracleAnswer answer;
    std::vector<const model::HandEdit*> keeps;
    for (const model::HandEdit& edit : question.input.edits) {
        if (edit.kind == model::HandEditKind::Keep)
            keeps.push_back(&edit);
    }
    std::ranges::stable_sort(keeps, {}, [](const model::HandEdit* edit) { return std::pair(edit->madeAt, edit->id); });
    for (const model::HandEdit* edit : keeps) {
        const auto session = question.sessionOf(edit->session);
        const auto item = question.itemOf(edit->item);
        if (!session || !item)
            continue;
        auto pins = answer.pinned;
        pins.emplace_back(*session, *item);
        const Best kept = best(question, pins);
        answer.isKnown = answer.isKnown && kept.isKnown;
        if (kept.held)
            answer.pinned = pins;
    }
    const Best most = best(question, answer.pinned);
    answer.isKnown = answer.isKnown && most.isKnown;
    answer.held = most.held.value_or(0);
    return answer;
}

} // namespace loa::planner::test
