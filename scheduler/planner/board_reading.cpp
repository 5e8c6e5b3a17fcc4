#include "scheduler/planner/board.h"
#include "scheduler/planner/sessions.h"

#include <QSet>

#include <algorithm>

namespace loa::planner {

namespace {

constexpr std::int64_t framesAMinute = 60 * sampleRate;

// Sums of frames stay far from the edge of their type, whatever is asked.
constexpr std::int64_t mostFrames = std::int64_t{1} << 50;

std::int64_t sane(FrameCount frames)
{
    return std::clamp<std::int64_t>(frames.value, 0, mostFrames);
}

} // namespace

Board::Board(const PlanInput& input, const ItemPool::Tables& tables, std::pmr::memory_resource* memory)
    : m_input(&input), m_tables(&tables), m_items(tables.facts), m_plays(memory)
{
    readItems();
    readSessions();
    readDemands();
    readExisting();
    readMatches();
    readEdits();
    readPast();
}

void Board::readItems()
{
    m_groupPlays.assign(m_tables->groupNames.size(), 0);
    for (const PastAiring& airing : m_input->past) {
        if (itemIndex(airing.item) != noItem)
            continue;
        m_pastItems.insert(airing.item, itemCount());
        ItemFacts fact;
        fact.lastDay = -1;
        // Of a group that no item has, it takes nobody's turn.
        const auto group = airing.topicGroups.empty()
                               ? m_tables->groupNames.end()
                               : std::ranges::find(m_tables->groupNames, airing.topicGroups.front());
        if (group == m_tables->groupNames.end()) {
            fact.mainGroup = static_cast<int>(m_groupPlays.size());
            m_groupPlays.push_back(0);
        } else {
            fact.mainGroup = static_cast<int>(group - m_tables->groupNames.begin());
        }
        m_items.push_back(fact);
    }
    m_groupPlaysInSeries.assign(m_groupPlays.size(), 0);
    m_seriesPlays.assign(static_cast<std::size_t>(m_tables->seriesCount), 0);
    m_plays.resize(m_items.size());
    for (std::size_t i = 0; i < m_tables->facts.size(); ++i) {
        const ItemRules* rules = rulesOf(static_cast<int>(i));
        if (!rules || !rules->forbiddenSomewhere)
            continue;
        const auto& stations = m_tables->facts[i].plannable->rules.forbiddenAt;
        if (std::ranges::find(stations, m_input->station) == stations.end())
            continue;
        m_barred.resize(m_items.size());
        m_barred[i] = 1;
    }
}

void Board::readParts(BoardSession& session)
{
    const model::Session& given = *session.session;
    const int firstSegment = static_cast<int>(m_segments.size());
    session.firstPart = static_cast<int>(m_parts.size());
    if (given.parts.empty()) {
        // A template without a part for items leaves no room.
        const std::int64_t frames =
            given.tunes.empty() && given.relays.empty() && given.cuts.empty() ? sane(given.frames) : 0;
        m_segments.push_back({frames, 0});
        m_parts.push_back({firstSegment, frames, 0, true, {}});
        session.parts = 1;
        session.capacity = session.mostFree = session.longest = frames;
        return;
    }
    for (const model::SessionSegment& segment : given.segments) {
        m_segments.push_back({sane(segment.frames), 0});
        session.capacity += sane(segment.frames);
    }
    session.parts = static_cast<int>(given.parts.size());
    for (std::size_t index = 0; index < given.parts.size(); ++index) {
        const model::SessionPart& part = given.parts[index];
        BoardPart made;
        made.any = part.accepts.empty();
        readAccepts(made, session, index);
        // A part that names a segment which is not there has no room.
        if (part.segment >= 0 && part.segment < static_cast<int>(given.segments.size())) {
            made.segment = firstSegment + part.segment;
            made.most = sane(part.most);
            made.kept = part.least.value > 0 ? keptFor(made, sane(part.least), session.day) : 0;
            m_segments[static_cast<std::size_t>(made.segment)].unfilled += made.kept;
        } else {
            m_segments.push_back({});
            made.segment = static_cast<int>(m_segments.size()) - 1;
        }
        session.longest =
            std::max(session.longest, std::min(made.most, m_segments[static_cast<std::size_t>(made.segment)].frames));
        m_parts.push_back(std::move(made));
    }
    session.mostFree = session.longest;
}

// Sessions of one template ask for the same topics, one after the other.
void Board::readAccepts(BoardPart& made, const BoardSession& session, std::size_t index) const
{
    const std::vector<QString>& accepts = session.session->parts[index].accepts;
    if (&session != m_sessions.data()) {
        const BoardSession& before = *(&session - 1);
        const auto& theirs = before.session->parts;
        if (index < theirs.size() && theirs[index].accepts == accepts) {
            const BoardPart& same = m_parts[static_cast<std::size_t>(before.firstPart) + index];
            made.accepts = same.accepts;
            made.acceptMask = same.acceptMask;
            return;
        }
    }
    for (const QString& name : accepts) {
        const auto group = std::ranges::find(m_tables->groupNames, name);
        if (group != m_tables->groupNames.end())
            made.accepts.push_back(static_cast<int>(group - m_tables->groupNames.begin()));
    }
    std::ranges::sort(made.accepts);
    if (!m_tables->groupMasks.empty()) {
        for (const int group : made.accepts)
            made.acceptMask |= maskOf(group);
    }
}

// No more than the items could fill that may sound there on that day.
std::int64_t Board::keptFor(const BoardPart& part, std::int64_t least, Day day) const
{
    const std::int64_t room = std::min(part.most, m_segments[static_cast<std::size_t>(part.segment)].frames);
    const std::int64_t wanted = std::min(least, room);
    const BitWord* valid = m_tables->validOn(day);
    std::int64_t there = 0;
    for (std::size_t word = 0; word < wordsFor(static_cast<int>(m_tables->facts.size())) && there < wanted; ++word) {
        BitWord bits = part.any ? ~BitWord{0} : 0;
        for (const int group : part.accepts)
            bits |= m_tables->inGroup[static_cast<std::size_t>(group)][word];
        bits &= valid ? valid[word] : ~BitWord{0};
        bits &= clipped(word, 0, static_cast<int>(m_tables->facts.size()));
        for (; bits != 0 && there < wanted; bits &= bits - 1) {
            const int item = static_cast<int>(word) * wordBits + std::countr_zero(bits);
            const ItemFacts& what = this->item(item);
            if (what.validOn(day) && what.frames <= room && !isBarred(item))
                there += what.frames;
        }
    }
    return std::min(there, wanted);
}

void Board::readSessions()
{
    const auto from = static_cast<Day>(m_input->from.toJulianDay());
    const auto until = static_cast<Day>(m_input->until.toJulianDay());
    m_sessions.reserve(m_input->sessions.size());
    for (const model::Session& given : m_input->sessions) {
        BoardSession session{.session = &given, .items = std::pmr::vector<BoardPlace>(m_plays.get_allocator())};
        session.day = static_cast<Day>(given.localDate.toJulianDay());
        session.open = given.startsAt >= m_input->frozenUntil && session.day >= from && session.day <= until;
        m_sessions.push_back(std::move(session));
    }
    const auto sooner = [](const BoardSession& a, const BoardSession& b) {
        if (a.day != b.day)
            return a.day < b.day;
        return a.session->startsAt != b.session->startsAt ? a.session->startsAt < b.session->startsAt
                                                          : a.session->id < b.session->id;
    };
    if (!std::ranges::is_sorted(m_sessions, sooner))
        std::ranges::sort(m_sessions, sooner);
    const auto repeated = std::ranges::unique(
        m_sessions, [](const BoardSession& a, const BoardSession& b) { return a.session->id == b.session->id; });
    m_sessions.erase(repeated.begin(), repeated.end());
    if (!m_sessions.empty())
        m_turns.start(*m_tables, m_sessions.front().day - 1, m_sessions.back().day + 1);
    else
        m_turns.start(*m_tables, 0, -1);
    m_parts.reserve(m_sessions.size());
    m_segments.reserve(m_sessions.size());
    for (BoardSession& session : m_sessions) {
        readParts(session);
        const auto parts = std::span(m_parts).subspan(static_cast<std::size_t>(session.firstPart));
        if (std::ranges::any_of(parts, [](const BoardPart& part) { return part.kept > 0; }))
            m_keeping.push_back(static_cast<int>(&session - m_sessions.data()));
    }
    if (m_tables->hasHours) {
        for (const BoardSession& session : m_sessions) {
            const QDateTime utc = QDateTime::fromMSecsSinceEpoch(
                std::chrono::duration_cast<std::chrono::milliseconds>(session.session->startsAt.time_since_epoch())
                    .count(),
                Qt::UTC);
            m_localTimes.push_back(utc.toTimeZone(m_input->zone).time().msecsSinceStartOfDay());
        }
    }
}

void Board::readExisting()
{
    m_existing.resize(m_sessions.size());
    if (m_input->existing.empty() && m_input->past.empty() && m_input->edits.empty())
        return;
    m_sessionIndex.reserve(static_cast<qsizetype>(m_sessions.size()));
    for (std::size_t i = 0; i < m_sessions.size(); ++i)
        m_sessionIndex.insert(m_sessions[i].session->id, static_cast<int>(i));
    for (const Placement& placement : m_input->existing) {
        if (const int session = sessionIndex(placement.session); session >= 0)
            m_existing[static_cast<std::size_t>(session)].push_back(
                {placement.tune.isEmpty() ? itemIndex(placement.item) : noItem, &placement});
    }
    for (auto& places : m_existing)
        std::ranges::stable_sort(places, {}, [](const ExistingPlace& place) { return place.placement->offset; });
}

void Board::readEdits()
{
    for (const model::HandEdit& edit : m_input->edits) {
        const int session = sessionIndex(edit.session);
        const int item = itemIndex(edit.item);
        if (edit.kind == model::HandEditKind::Away && session >= 0 && item != noItem)
            m_away.emplace_back(session, item);
    }
    std::ranges::sort(m_away);
}

void Board::readPast()
{
    if (m_input->past.empty() && m_input->existing.empty())
        return;
    QHash<std::pair<int, SessionId>, bool> reported;
    for (const PastAiring& airing : m_input->past) {
        const int item = itemIndex(airing.item);
        bool& completed = reported[{item, airing.session}];
        if (airing.completed && !completed) {
            const std::int64_t frames = airing.frames.value > 0 ? sane(airing.frames) : this->item(item).frames;
            addPlay(item,
                    {static_cast<Day>(airing.localDate.toJulianDay()), sessionIndex(airing.session), true, frames});
        }
        completed = completed || airing.completed;
    }
    for (std::size_t s = 0; s < m_sessions.size(); ++s) {
        if (m_sessions[s].open)
            continue;
        for (const ExistingPlace& place : m_existing[s]) {
            if (place.item != noItem && !reported.contains({place.item, place.placement->session}))
                addPlay(place.item, {m_sessions[s].day, static_cast<int>(s), false, sane(place.placement->frames)});
        }
    }
}

void Board::readDemands()
{
    for (std::size_t i = 0; i < m_input->obligations.size(); ++i) {
        const model::Obligation& obligation = m_input->obligations[i];
        if (obligation.evidence != model::ObligationEvidence::Airings || obligation.required <= 0)
            continue;
        const bool minutes = obligation.measure == model::ObligationMeasure::Minutes;
        for (const PeriodDates& period : model::periodsOwed(obligation, m_input->from, m_input->until)) {
            Demand demand;
            demand.obligation = static_cast<int>(i);
            demand.period = period;
            demand.first = static_cast<Day>(period.first.toJulianDay());
            demand.last = static_cast<Day>(period.last.toJulianDay());
            demand.measure = obligation.measure;
            demand.required = obligation.required * (minutes ? framesAMinute : 1);
            demand.known = period.last <= m_input->until;
            m_demands.push_back(demand);
        }
    }
    std::ranges::stable_sort(m_demands, [&](const Demand& a, const Demand& b) {
        if (a.last != b.last)
            return a.last < b.last;
        const auto& idA = m_input->obligations[static_cast<std::size_t>(a.obligation)].id;
        const auto& idB = m_input->obligations[static_cast<std::size_t>(b.obligation)].id;
        return idA != idB ? idA < idB : a.first < b.first;
    });
}

void Board::readMatches()
{
    m_matching.resize(m_input->obligations.size());
    m_matchingItems.resize(m_input->obligations.size());
    m_matchMask.assign(m_items.size(), 0);
    for (std::size_t d = 0; d < m_demands.size(); ++d) {
        const auto index = static_cast<std::size_t>(m_demands[d].obligation);
        auto& bits = m_matching[index];
        auto& list = m_matchingItems[index];
        if (bits.empty()) {
            bits.assign(wordsFor(itemCount()), 0);
            const auto& asked = m_input->obligations[index].topicGroups;
            for (const QString& name : asked) {
                const auto group = std::ranges::find(m_tables->groupNames, name) - m_tables->groupNames.begin();
                if (group == std::ssize(m_tables->groupNames))
                    continue;
                const Bits& items = m_tables->inGroup[static_cast<std::size_t>(group)];
                for (std::size_t word = 0; word < items.size(); ++word)
                    bits[word] |= items[word];
            }
            for (const PastAiring& airing : m_input->past) {
                const bool counts = std::ranges::any_of(airing.topicGroups, [&](const QString& name) {
                    return std::ranges::find(asked, name) != asked.end();
                });
                if (const int item = m_pastItems.value(airing.item, noItem); item != noItem && counts)
                    add(bits, item);
            }
            forEach(bits, [&](int item) { list.push_back(item); });
        }
        if (d < 64) {
            for (const int item : list)
                m_matchMask[static_cast<std::size_t>(item)] |= std::uint64_t{1} << d;
        }
    }
}

} // namespace loa::planner
