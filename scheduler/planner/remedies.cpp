#include "scheduler/planner/remedies.h"

#include "scheduler/planner/sessions.h"

#include <algorithm>

namespace loa::planner {

namespace {

// Lengths that facts of one question have in common.
struct Lengths {
    std::int64_t fresh = 0; // of a new item
    std::int64_t room = 0;  // of a new session, or more of one
};

constexpr std::size_t mostOfAKind = 8;
constexpr std::int64_t aMinute = 60 * sampleRate;
constexpr int eveningHour = 17;
constexpr std::size_t mostAllowed = 62; // sessions of one remedy: two a day for a month

template <typename List, typename Id>
auto* byId(List& list, const std::optional<Id>& id)
{
    const auto found = id ? std::ranges::find_if(list, [&](const auto& some) { return some.id == *id; }) : list.end();
    return found == list.end() ? nullptr : &*found;
}

void addItems(PlanInput& input, const Remedy& remedy)
{
    for (int number = 0; number < remedy.count; ++number) {
        PlannableItem item;
        item.id = {QStringLiteral("new-%1").arg(input.items.size())};
        item.version = 1;
        item.frames = remedy.frames;
        item.title = item.id.value;
        item.topicGroups = remedy.topicGroups;
        item.validFrom = remedy.from;
        item.validUntil = remedy.until;
        input.items.push_back(std::move(item));
    }
}

void addSessions(PlanInput& input, const Remedy& remedy)
{
    for (int number = 0; number < std::max(remedy.count, 1); ++number) {
        UtcTime start = std::max(instantOf(remedy.from, QTime(eveningHour, 0), input.zone), input.frozenUntil);
        for (const model::Session& session : input.sessions) {
            const auto length = toDuration(std::clamp(session.frames, FrameCount{0}, toFrames(std::chrono::days(1))));
            if (session.localDate == remedy.from)
                start = std::max(start, session.startsAt + length);
        }
        model::Session session;
        session.id = {QStringLiteral("new-%1").arg(input.sessions.size())};
        session.station = input.station;
        session.localDate = remedy.from;
        session.startsAt = start;
        session.frames = remedy.frames;
        input.sessions.push_back(std::move(session));
    }
}

void allowSessions(PlanInput& input, const Remedy& remedy)
{
    const auto endOf = [](const model::Session& session) { return session.startsAt + toDuration(session.frames); };
    for (const RefusedSession* refused : allowedBy(input, remedy)) {
        const model::Session& session = refused->session;
        const bool isTaken = std::ranges::any_of(input.sessions, [&](const model::Session& other) {
            return session.startsAt < endOf(other) && other.startsAt < endOf(session);
        });
        if (!isTaken)
            input.sessions.push_back(session);
    }
}

void lengthen(model::Session& session, FrameCount more)
{
    session.frames += more;
    FrameCount shift;
    for (model::SessionSegment& segment : session.segments) {
        segment.offset += shift;
        segment.frames += more;
        shift += more;
    }
    for (model::SessionPart& part : session.parts)
        part.most += more;
}

void extend(PlannableItem& item, QDate from, QDate until)
{
    item.validFrom = std::min(item.validFrom, from);
    if (item.validUntil)
        item.validUntil = std::max(*item.validUntil, until);
}

void change(PlanInput& input, const Remedy& remedy)
{
    PlannableItem* item = byId(input.items, remedy.item);
    switch (remedy.kind) {
    case RemedyKind::ApproveItems:
        return addItems(input, remedy);
    case RemedyKind::ExtendValidity:
        if (item)
            extend(*item, remedy.from, remedy.until);
        return;
    case RemedyKind::ShortenItem:
        if (item)
            item->frames = std::min(item->frames, remedy.frames);
        return;
    case RemedyKind::AddRoom:
        return addSessions(input, remedy);
    case RemedyKind::AllowSession:
        return allowSessions(input, remedy);
    case RemedyKind::LengthenSession:
        if (model::Session* session = byId(input.sessions, remedy.session))
            lengthen(*session, remedy.frames);
        return;
    case RemedyKind::RelaxRule:
        if (item)
            item->rules = {};
        return;
    case RemedyKind::TakeBackEdit:
        std::erase_if(input.edits, [&](const model::HandEdit& edit) { return remedy.edit == edit.id; });
        return;
    case RemedyKind::LowerDuty:
        if (model::Obligation* duty = byId(input.obligations, remedy.obligation))
            duty->required = std::max(duty->required - remedy.count, 0);
        return;
    case RemedyKind::ChooseSession:
        return;
    }
}

bool isAlike(const RefusedSession& a, const RefusedSession& b)
{
    return a.session.rule == b.session.rule && a.cause == b.cause;
}

// Collects the facts of one demand.
class Facts {
public:
    Facts(const Board& board, int demand, const std::vector<int>& held)
        : m_board(board), m_index(demand), m_demand(board.demand(demand)), m_first(m_demand.period.first),
          m_last(std::min(m_demand.period.last, board.input().until))
    {
        m_first = std::max(m_first, board.input().from);
        for (int item = 0; item < board.itemCount(); ++item) {
            const bool serves = board.matches(demand, item) || std::ranges::any_of(held, [&](int other) {
                                    return board.matches(other, item) && overlaps(board.demand(other));
                                });
            if (serves && board.item(item).plannable && board.item(item).plannable->frames.value > 0)
                m_items.push_back(item);
        }
        readLengths();
    }

    RemedyFacts all()
    {
        edits();
        const bool shorterThanAll = m_shortest > 0 && m_lengths.fresh < m_shortest;
        if (!shorterThanAll)
            newItems();
        each(RemedyKind::ExtendValidity, [&](int item) { return !coversPeriod(item); });
        rules();
        refusedSessions();
        newSessions();
        each(RemedyKind::ShortenItem,
             [&](int item) { return m_board.item(item).plannable->frames.value > m_lengths.fresh; });
        longerSessions();
        if (shorterThanAll)
            newItems();
        return std::move(m_found);
    }

private:
    [[nodiscard]] bool overlaps(const Demand& other) const
    {
        return other.first <= m_demand.last && m_demand.first <= other.last;
    }

    [[nodiscard]] bool coversPeriod(int item) const
    {
        const PlannableItem& what = *m_board.item(item).plannable;
        return what.validFrom <= m_first && (!what.validUntil || *what.validUntil >= m_last);
    }

    void readLengths()
    {
        std::int64_t longestSession = 0;
        for (const BoardSession& session : m_board.sessions()) {
            if (session.open)
                longestSession = std::max(longestSession, session.longest);
        }
        std::int64_t longestItem = 0;
        for (const int item : m_items) {
            const std::int64_t frames = m_board.item(item).plannable->frames.value;
            longestItem = std::max(longestItem, frames);
            if (m_board.matches(m_index, item))
                m_shortest = m_shortest == 0 ? frames : std::min(m_shortest, frames);
        }
        constexpr std::int64_t shortestNew = aMinute;
        m_lengths.fresh = shortestNew;
        m_lengths.room = std::max({longestSession, longestItem, shortestNew});
        if (m_demand.measure == model::ObligationMeasure::Minutes) {
            m_lengths.room = std::max(m_lengths.room, m_demand.required);
            m_lengths.fresh = std::clamp(m_demand.required, shortestNew, std::max(longestSession, 15 * aMinute));
        }
    }

    [[nodiscard]] Remedy blank(RemedyKind kind) const
    {
        Remedy remedy;
        remedy.kind = kind;
        remedy.count = 1;
        remedy.from = m_first;
        remedy.until = m_last;
        return remedy;
    }

    // False where that kind has enough already.
    bool add(Remedy remedy, int most = 1)
    {
        const auto same = std::ranges::count(m_found.facts, remedy.kind, &Remedy::kind);
        if (static_cast<std::size_t>(same) >= mostOfAKind) {
            m_found.complete = false;
            return false;
        }
        m_found.facts.push_back(std::move(remedy));
        m_found.most.push_back(most);
        return true;
    }

    void edits()
    {
        std::vector<const model::HandEdit*> standing;
        for (const model::HandEdit& edit : m_board.input().edits) {
            const int session = m_board.sessionIndex(edit.session);
            if (session >= 0 && m_board.session(session).open)
                standing.push_back(&edit);
        }
        std::ranges::sort(standing, {}, [](const model::HandEdit* edit) { return edit->id; });
        const auto repeated = std::ranges::unique(standing, {}, [](const model::HandEdit* edit) { return edit->id; });
        standing.erase(repeated.begin(), repeated.end());
        for (const model::HandEdit* edit : standing) {
            Remedy remedy = blank(RemedyKind::TakeBackEdit);
            remedy.edit = edit->id;
            remedy.item = edit->item;
            remedy.session = edit->session;
            remedy.from = remedy.until = QDate::fromJulianDay(m_board.session(m_board.sessionIndex(edit->session)).day);
            if (!add(remedy))
                return;
        }
    }

    // How many of that length could be needed at most, within reason.
    [[nodiscard]] int missing(std::int64_t frames) const
    {
        constexpr std::int64_t mostNew = 12;
        const std::int64_t lacks = m_demand.required - m_demand.sounded;
        const bool minutes = m_demand.measure == model::ObligationMeasure::Minutes;
        return static_cast<int>(std::clamp<std::int64_t>(minutes ? (lacks + frames - 1) / frames : lacks, 1, mostNew));
    }

    void newItems()
    {
        if (m_first > m_last)
            return;
        Remedy remedy = blank(RemedyKind::ApproveItems);
        remedy.topicGroups = m_board.input().obligations[static_cast<std::size_t>(m_demand.obligation)].topicGroups;
        remedy.frames = {m_lengths.fresh};
        add(remedy, missing(remedy.frames.value));
        if (m_demand.measure != model::ObligationMeasure::Minutes)
            return;
        for (const std::int64_t shorter : {10 * aMinute, 5 * aMinute, 2 * aMinute}) {
            if (shorter >= m_lengths.fresh)
                continue;
            remedy.frames = {shorter};
            add(remedy, missing(shorter));
        }
    }

    void each(RemedyKind kind, auto&& suits)
    {
        for (const int item : m_items) {
            if (!suits(item))
                continue;
            Remedy remedy = blank(kind);
            remedy.item = m_board.item(item).plannable->id;
            remedy.frames = {m_lengths.fresh};
            if (kind == RemedyKind::ExtendValidity)
                remedy.frames = {};
            if (!add(remedy))
                return;
        }
    }

    // Of these items, and of those that they follow, stand beside or come after.
    void rules()
    {
        std::vector<int> ruled;
        for (std::size_t at = 0; at < m_items.size() + ruled.size(); ++at) {
            const int item = at < m_items.size() ? m_items[at] : ruled[at - m_items.size()];
            const ItemRules* given = m_board.rulesOf(item);
            if (!given)
                continue;
            std::vector<int> around{item};
            around.insert(around.end(), given->beside.begin(), given->beside.end());
            around.insert(around.end(), given->series.begin(), given->series.end());
            around.insert(around.end(), given->followers.begin(), given->followers.end());
            if (given->pairWith != noItem)
                around.push_back(given->pairWith);
            for (const int other : around) {
                if (std::ranges::find(ruled, other) == ruled.end() && ruled.size() <= 4 * mostOfAKind)
                    ruled.push_back(other);
            }
        }
        std::ranges::sort(ruled);
        for (const int item : ruled) {
            if (m_board.item(item).plannable->rules == model::PlayRules{})
                continue;
            Remedy remedy = blank(RemedyKind::RelaxRule);
            remedy.item = m_board.item(item).plannable->id;
            if (!add(remedy))
                return;
        }
    }

    // Each rule and cause is one thing to change.
    void refusedSessions()
    {
        std::vector<const RefusedSession*> firsts;
        for (const RefusedSession& refused : m_board.input().refused) {
            const QDate date = refused.session.localDate;
            const auto isSame = [&](const RefusedSession* other) { return isAlike(*other, refused); };
            if (date < m_first || date > m_last || std::ranges::any_of(firsts, isSame))
                continue;
            firsts.push_back(&refused);
            Remedy remedy = blank(RemedyKind::AllowSession);
            remedy.session = refused.session.id;
            remedy.from = date;
            if (!allowedBy(m_board.input(), remedy).empty() && !add(remedy))
                return;
        }
    }

    // On the first day of each kind: days are alike when the same items are valid on them.
    void newSessions()
    {
        std::vector<std::vector<int>> kinds;
        for (QDate date = m_first; date <= m_last; date = date.addDays(1)) {
            const auto day = static_cast<Day>(date.toJulianDay());
            std::vector<int> valid;
            for (const int item : m_items) {
                if (m_board.item(item).validOn(day))
                    valid.push_back(item);
            }
            if (std::ranges::find(kinds, valid) != kinds.end() ||
                localDateOf(m_board.input().frozenUntil, m_board.input().zone) > date)
                continue;
            kinds.push_back(std::move(valid));
            Remedy remedy = blank(RemedyKind::AddRoom);
            remedy.from = remedy.until = date;
            remedy.frames = {m_lengths.room};
            if (!add(remedy, missing(m_lengths.fresh)))
                return;
        }
    }

    void longerSessions()
    {
        const auto [begin, end] = m_board.sessionsWithin(m_demand.first, m_demand.last);
        for (int session = begin; session < end; ++session) {
            const BoardSession& where = m_board.session(session);
            if (!where.open || (where.session->parts.empty() && where.capacity == 0))
                continue;
            Remedy remedy = blank(RemedyKind::LengthenSession);
            remedy.session = where.session->id;
            remedy.from = remedy.until = QDate::fromJulianDay(where.day);
            remedy.frames = {m_lengths.room};
            if (!add(remedy))
                return;
        }
    }

    const Board& m_board;
    int m_index;
    const Demand& m_demand;
    QDate m_first;
    QDate m_last;
    std::vector<int> m_items;
    std::int64_t m_shortest = 0; // of the items that match; 0: none does
    Lengths m_lengths;
    RemedyFacts m_found;
};

} // namespace

std::vector<const RefusedSession*> allowedBy(const PlanInput& input, const Remedy& remedy)
{
    std::vector<const RefusedSession*> allowed;
    const auto first = std::ranges::find_if(
        input.refused, [&](const RefusedSession& refused) { return remedy.session == refused.session.id; });
    // Of two at once one is refused whatever policies say.
    if (first == input.refused.end() || first->cause == RefusalCause::Overlap)
        return allowed;
    for (const RefusedSession& refused : input.refused) {
        const model::Session& session = refused.session;
        if (isAlike(*first, refused) && session.startsAt >= input.frozenUntil && remedy.from <= session.localDate &&
            session.localDate <= remedy.until && allowed.size() < mostAllowed)
            allowed.push_back(&refused);
    }
    return allowed;
}

PlanInput withRemedies(PlanInput input, const std::vector<Remedy>& remedies)
{
    for (const Remedy& remedy : remedies)
        change(input, remedy);
    return input;
}

RemedyFacts remedyFacts(const Board& board, int demand, const std::vector<int>& held)
{
    return Facts(board, demand, held).all();
}

} // namespace loa::planner
