#include "scheduler/planner/reasons.h"

#include "scheduler/planner/joins.h"
#include "scheduler/planner/running_order.h"

#include <QHash>
#include <QSet>
#include <QStringBuilder>

#include <algorithm>
#include <bit>
#include <optional>

namespace loa::planner {

namespace {

QString shortDay(Day day)
{
    int year = 0;
    int month = 0;
    int dayOfMonth = 0;
    QDate::fromJulianDay(day).getDate(&year, &month, &dayOfMonth);
    const QChar digits[] = {QChar(u'0' + dayOfMonth / 10), QChar(u'0' + dayOfMonth % 10), u'/',
                            QChar(u'0' + month / 10), QChar(u'0' + month % 10)};
    return QString(digits, std::ssize(digits));
}

Text joined(const Text& first, const Text& second)
{
    return {first.vi + second.vi, first.en + second.en};
}

// Walks the plan in time and tells for each play what it does for the demands. The same words are made once.
class Narrator {
public:
    explicit Narrator(const Board& board) : m_board(board), m_demands(board.demands()), m_told(m_demands.size())
    {
        for (std::size_t d = 0; d < m_demands.size(); ++d) {
            const Demand& demand = m_demands[d];
            Told& told = m_told[d];
            told.value = demand.sounded;
            if (!isDistinct(d) || demand.sounded == 0)
                continue;
            for (const int item : board.matching(static_cast<int>(d))) {
                if (!told.isFull(demand) && board.playCount(item) > 0 &&
                    board.soundedWithin(item, demand.first, demand.last))
                    told.counted.push_back(item);
            }
        }
        for (const PastAiring& airing : board.input().past) {
            if (!airing.completed)
                m_failed.insert({board.itemIndex(airing.item), airing.localDate.toJulianDay()});
        }
    }

    // The session of which the next plays are.
    void enter(Day day)
    {
        m_today = 0;
        m_alsoToday.clear();
        for (std::size_t d = 0; d < m_demands.size(); ++d) {
            if (!m_demands[d].holds(day))
                continue;
            if (d < inMask)
                m_today |= std::uint64_t{1} << d;
            else
                m_alsoToday.push_back(d);
        }
    }

    void passOver(int item)
    {
        firstConcerned(item, [&](std::size_t d) {
            Told& told = m_told[d];
            if (!isDistinct(d))
                told.value += m_demands[d].measure == model::ObligationMeasure::Minutes ? m_board.item(item).frames : 1;
            else if (!told.isFull(m_demands[d]) && !told.holds(item))
                told.counted.push_back(item);
            return false;
        });
    }

    Text reasonFor(int item, int session)
    {
        const Text* told = nullptr;
        Text before;
        if (const auto owed = firstOwed(item)) {
            told = &(isDistinct(*owed) ? countsAs(*owed, m_told[*owed].counted.size()) : countsTowards(*owed));
            if (!m_failed.isEmpty())
                before = makeGood(*owed, item, m_board.session(session).day);
        } else if (const auto kept = firstReserve(item, session)) {
            told = &reserveFor(*kept);
        }
        passOver(item);
        if (!told)
            return beyondQuota(item, session);
        return before.en.isEmpty() ? *told : joined(before, *told);
    }

private:
    struct Told {
        std::vector<int> counted; // the items that count first, as many as are owed
        std::int64_t value = 0;   // plays or frames so far
        Text name;
        std::vector<Text> countsAs; // by number, from 0
        Text countsTowards;
        Text reserve;

        [[nodiscard]] bool isFull(const Demand& demand) const
        {
            return static_cast<std::int64_t>(counted.size()) >= demand.required;
        }
        [[nodiscard]] bool holds(int item) const { return std::ranges::find(counted, item) != counted.end(); }
    };

    [[nodiscard]] bool isDistinct(std::size_t d) const
    {
        return m_demands[d].measure == model::ObligationMeasure::DistinctItems;
    }

    // Of today's demands that the item counts for, in order, the first that `suits`.
    std::optional<std::size_t> firstConcerned(int item, auto&& suits) const
    {
        for (std::uint64_t mask = m_board.matchMask(item) & m_today; mask != 0; mask &= mask - 1) {
            const auto d = static_cast<std::size_t>(std::countr_zero(mask));
            if (suits(d))
                return d;
        }
        for (const std::size_t d : m_alsoToday) {
            if (m_board.matches(static_cast<int>(d), item) && suits(d))
                return d;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::size_t> firstOwed(int item) const
    {
        return firstConcerned(item, [&](std::size_t index) {
            const Told& told = m_told[index];
            return isDistinct(index) ? !told.isFull(m_demands[index]) && !told.holds(item)
                                     : told.value < m_demands[index].required;
        });
    }

    [[nodiscard]] std::optional<std::size_t> firstReserve(int item, int session) const
    {
        return firstConcerned(item,
                              [&](std::size_t index) { return isDistinct(index) && isReserve(index, item, session); });
    }

    // Second play of an item among the first that count, none of which has
    // sounded yet.
    [[nodiscard]] bool isReserve(std::size_t d, int item, int session) const
    {
        const Demand& demand = m_demands[d];
        if (!m_told[d].holds(item) || m_board.soundedWithin(item, demand.first, demand.last))
            return false;
        int before = 0;
        for (const Play& play : m_board.plays(item)) {
            if (play.day >= demand.first && play.session >= 0 && play.session < session)
                ++before;
        }
        return before == 1;
    }

    const Text& nameOf(std::size_t d)
    {
        Text& name = m_told[d].name;
        if (name.en.isEmpty()) {
            const auto& obligation = m_board.input().obligations[static_cast<std::size_t>(m_demands[d].obligation)];
            const Text period = model::periodName(obligation, m_demands[d].period);
            name = {u'"' % obligation.titleVi % u"\", " % period.vi, u'"' % obligation.titleEn % u"\", " % period.en};
        }
        return name;
    }

    [[nodiscard]] Text makeGood(std::size_t d, int item, Day day) const
    {
        Day failed = 0;
        for (const auto& [failedItem, failedDay] : m_failed) {
            if (failedItem == item && failedDay >= m_demands[d].first && failedDay <= day)
                failed = std::max(failed, failedDay);
        }
        if (failed == 0)
            return {};
        return {QStringLiteral("Phát bù cho lần phát không trọn ngày %1. ").arg(shortDay(failed)),
                QStringLiteral("Makes good the airing that failed on %1. ").arg(shortDay(failed))};
    }

    const Text& countsAs(std::size_t d, std::size_t before)
    {
        std::vector<Text>& texts = m_told[d].countsAs;
        if (texts.size() <= before)
            texts.resize(before + 1);
        Text& text = texts[before];
        if (text.en.isEmpty()) {
            const Text& name = nameOf(d);
            const QString number = QString::number(before + 1);
            const QString required = QString::number(m_demands[d].required);
            text = {u"Tin/bài thứ " % number % u" trong " % required % u" của chỉ tiêu " % name.vi % u'.',
                    u"Item " % number % u" of " % required % u" for " % name.en % u'.'};
        }
        return text;
    }

    const Text& countsTowards(std::size_t d)
    {
        Text& text = m_told[d].countsTowards;
        if (text.en.isEmpty()) {
            const Text& name = nameOf(d);
            text = {u"Tính vào chỉ tiêu " % name.vi % u'.', u"Counts for " % name.en % u'.'};
        }
        return text;
    }

    const Text& reserveFor(std::size_t d)
    {
        Text& text = m_told[d].reserve;
        if (text.en.isEmpty()) {
            const Text& name = nameOf(d);
            text = {u"Phát thêm để dự phòng cho chỉ tiêu " % name.vi % u", phòng khi lần trước không trọn.",
                    u"Reserve for " % name.en % u", should the earlier airing fail."};
        }
        return text;
    }

    Text beyondQuota(int item, int session)
    {
        const Day day = m_board.session(session).day;
        const auto plays = m_board.plays(item);
        const auto last = std::find_if(plays.rbegin(), plays.rend(), [&](const Play& play) {
            return play.day < day || (play.day == day && play.session >= 0 && play.session < session);
        });
        const Text& text = last == plays.rend() ? m_firstTime : againSince(last->day);
        if (m_board.item(item).urgency == 0)
            return text;
        return joined({QStringLiteral("Tin ưu tiên. "), QStringLiteral("A priority item. ")}, text);
    }

    const Text& againSince(Day day)
    {
        Text& text = m_again[day];
        if (text.en.isEmpty()) {
            const QString shown = shortDay(day);
            text = {u"Phát lại; lần trước ngày " % shown % u'.', u"Again; the time before was on " % shown % u'.'};
        }
        return text;
    }

    const Board& m_board;
    std::span<const Demand> m_demands;
    std::vector<Told> m_told; // by demand
    static constexpr std::size_t inMask = 64;
    std::uint64_t m_today = 0;            // demands whose period the day lies in, as Board::matchMask() has them
    std::vector<std::size_t> m_alsoToday; // those beyond the mask
    const Text m_firstTime{QStringLiteral("Tin/bài mới, phát lần đầu."), QStringLiteral("New, first time on air.")};
    QHash<Day, Text> m_again;
    QSet<std::pair<int, Day>> m_failed;
};

Text tuneText(model::PartKind kind)
{
    switch (kind) {
    case model::PartKind::Closing:
        return {QStringLiteral("Lời kết theo kết cấu buổi phát."),
                QStringLiteral("The closing of the session's template.")};
    case model::PartKind::TimeSignal:
        return {QStringLiteral("Báo giờ theo kết cấu buổi phát: mốc giờ rơi đúng giây."),
                QStringLiteral("The time signal of the session's template: its mark is on the second.")};
    case model::PartKind::Music:
        return {QStringLiteral("Nhạc nền: lặp lại và nhỏ dần để phần sau bắt đầu đúng giây."),
                QStringLiteral("A bed: repeated, and faded out so that what follows begins on its second.")};
    default:
        return {QStringLiteral("Nhạc hiệu theo kết cấu buổi phát."),
                QStringLiteral("The signature tune of the session's template.")};
    }
}

Placement placementAt(const Board& board, int item, int session, int part, FrameCount offset)
{
    const PlannableItem& what = *board.item(item).plannable;
    const SessionId& id = board.session(session).session->id;
    return {id, what.id, what.version, what.sha256, offset, what.frames, what.priority, {}, part};
}

// At its segment's first frame.
Placement placementOf(const model::Session& session, const model::SessionTune& tune)
{
    const FrameCount offset = session.segments[static_cast<std::size_t>(tune.segment)].offset;
    return {session.id,  tune.item,        tune.version,        tune.sha256, offset,
            tune.frames, Priority::Normal, tuneText(tune.kind), tune.before, tune.id};
}

Join joinOf(const model::Session& session, const model::SessionTune& tune)
{
    return {placementOf(session, tune),
            tune.segment,
            tune.mayFade,
            tune.crossfade,
            tune.duckDb,
            tune.isBed,
            tune.least,
            tune.most};
}

// Where the segments end, what is taken off their room for tunes and beds included.
std::vector<FrameCount> endsOf(const model::Session& session)
{
    std::vector<FrameCount> ends;
    for (const model::SessionSegment& segment : session.segments)
        ends.push_back(segment.offset + segment.frames);
    for (const model::SessionTune& tune : session.tunes)
        ends[static_cast<std::size_t>(tune.segment)] += tune.isBed ? tune.least : tune.frames;
    return ends;
}

// Puts sessions together, one after the other. Keeps room to work in.
class Assembly {
public:
    Assembly(const Board& board, Narrator& narrator, std::vector<Placement>& placements)
        : m_board(board), m_narrator(narrator), m_placements(placements)
    {
    }

    void add(int session)
    {
        const model::Session& made = *m_board.session(session).session;
        if (made.segments.empty())
            endToEnd(session);
        else if (isPlain(made))
            bySegments(session, made);
        else
            joined(session, made);
    }

private:
    // Nothing overlaps.
    static bool isPlain(const model::Session& made)
    {
        return std::ranges::none_of(
                   made.tunes, [](const model::SessionTune& tune) { return tune.isBed || tune.crossfade.value > 0; }) &&
               std::ranges::none_of(made.parts,
                                    [](const model::SessionPart& part) { return part.crossfade.value > 0; });
    }

    void endToEnd(int session)
    {
        FrameCount offset;
        runningOrder(m_board, session, 0, m_order, m_fresh);
        for (const int item : m_order) {
            m_placements.push_back(placementAt(m_board, item, session, 0, offset));
            m_placements.back().reason = m_narrator.reasonFor(item, session);
            offset += m_placements.back().frames;
        }
    }

    // Calls `item(index, part, isFirst)` and `tune(tune)` in the order of sounding.
    void inOrder(int session, const model::Session& made, auto&& item, auto&& tune)
    {
        auto next = made.tunes.begin();
        const int parts = m_board.session(session).parts;
        for (int part = 0; part <= parts; ++part) {
            for (; next != made.tunes.end() && next->before <= part; ++next)
                tune(*next);
            if (part == parts)
                break;
            runningOrder(m_board, session, part, m_order, m_fresh);
            for (const int each : m_order)
                item(each, part, each == m_order.front());
        }
    }

    void bySegments(int session, const model::Session& made)
    {
        m_next.clear();
        for (const model::SessionSegment& segment : made.segments)
            m_next.push_back(segment.offset);
        const std::size_t first = m_placements.size();
        const auto advance = [&](int segment) {
            FrameCount& next = m_next[static_cast<std::size_t>(segment)];
            m_placements.back().offset = next;
            next += m_placements.back().frames;
        };
        inOrder(
            session, made,
            [&](int item, int part, bool) {
                m_placements.push_back(placementAt(m_board, item, session, part, {}));
                m_placements.back().reason = m_narrator.reasonFor(item, session);
                advance(made.parts[static_cast<std::size_t>(part)].segment);
            },
            [&](const model::SessionTune& tune) {
                m_placements.push_back(placementOf(made, tune));
                advance(tune.segment);
            });
        const auto added = std::span(m_placements).subspan(first);
        if (!std::ranges::is_sorted(added, {}, &Placement::offset))
            std::ranges::stable_sort(added, {}, &Placement::offset);
    }

    void joined(int session, const model::Session& made)
    {
        std::vector<Join> joins;
        joins.reserve(m_board.session(session).items.size() + made.tunes.size());
        inOrder(
            session, made,
            [&](int item, int part, bool isFirst) {
                const model::SessionPart& in = made.parts[static_cast<std::size_t>(part)];
                const FrameCount offset = made.segments[static_cast<std::size_t>(in.segment)].offset;
                Join join{placementAt(m_board, item, session, part, offset),
                          in.segment,
                          m_board.item(item).plannable->rules.mayFade,
                          isFirst ? in.crossfade : FrameCount{},
                          in.duckDb,
                          false,
                          {},
                          {}};
                join.placement.reason = m_narrator.reasonFor(item, session);
                joins.push_back(std::move(join));
            },
            [&](const model::SessionTune& tune) { joins.push_back(joinOf(made, tune)); });
        std::ranges::move(joinUp(std::move(joins), endsOf(made)), std::back_inserter(m_placements));
    }

    const Board& m_board;
    Narrator& m_narrator;
    std::vector<Placement>& m_placements;
    std::vector<int> m_order;
    std::vector<int> m_fresh;
    std::vector<FrameCount> m_next; // by segment
};

} // namespace

std::vector<Placement> placementsOf(const Board& board)
{
    std::vector<Placement> placements;
    std::size_t count = 0;
    for (int session = 0; session < board.sessionCount(); ++session)
        count += board.session(session).open
                     ? board.session(session).items.size() + board.session(session).session->tunes.size()
                     : board.existing(session).size();
    placements.reserve(count);
    Narrator narrator(board);
    Assembly assembly(board, narrator, placements);
    for (int session = 0; session < board.sessionCount(); ++session) {
        const BoardSession& where = board.session(session);
        narrator.enter(where.day);
        if (!where.open) {
            for (const ExistingPlace& closed : board.existing(session)) {
                placements.push_back(*closed.placement);
                const bool stillCounts =
                    closed.item != noItem && std::ranges::any_of(board.plays(closed.item), [&](const Play& play) {
                        return play.session == session && !play.sounded;
                    });
                if (stillCounts)
                    narrator.passOver(closed.item);
            }
            continue;
        }
        assembly.add(session);
    }
    return placements;
}

} // namespace loa::planner
