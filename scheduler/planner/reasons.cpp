#include "scheduler/planner/reasons.h"

#include "scheduler/planner/joins.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace loa::planner {

namespace {

QString shortDay(Day day)
{
    const QDate date = QDate::fromJulianDay(day);
    return QStringLiteral("%1/%2").arg(date.day(), 2, 10, QLatin1Char('0')).arg(date.month(), 2, 10, QLatin1Char('0'));
}

Text joined(const Text& first, const Text& second)
{
    return {first.vi + second.vi, first.en + second.en};
}

// Where a person wants an item to stand in its session.
void moveToWishedPositions(const Board& board, int session, std::vector<int>& order)
{
    if (board.pins().empty())
        return;
    std::vector<std::pair<int, int>> wished; // position, item
    for (const model::HandEdit& edit : board.input().edits) {
        const int item = board.itemIndex(edit.item);
        if (edit.kind == model::HandEditKind::Keep && edit.position && item != noItem &&
            board.sessionIndex(edit.session) == session && std::ranges::find(order, item) != order.end())
            wished.emplace_back(std::max(*edit.position, 0), item);
    }
    std::ranges::sort(wished);
    for (const auto& [position, item] : wished) {
        std::erase(order, item);
        order.insert(order.begin() + std::min<std::ptrdiff_t>(position, std::ssize(order)), item);
    }
}

// What is paired stands directly after what it is paired with.
void followLeaders(const Board& board, std::vector<int>& order)
{
    if (board.tables().rules.empty())
        return;
    std::vector<int> chained;
    const auto add = [&](auto&& self, int item) -> void {
        chained.push_back(item);
        const ItemRules* rules = board.rulesOf(item);
        if (!rules)
            return;
        for (const int follower : rules->followers) {
            if (std::ranges::find(order, follower) != order.end())
                self(self, follower);
        }
    };
    for (const int item : order) {
        const ItemRules* rules = board.rulesOf(item);
        if (!rules || !rules->paired)
            add(add, item);
    }
    order = std::move(chained);
}

// The items of an open session in the order in which they sound: what stood
// there keeps its order, what is new follows; PRIORITY before NORMAL; of two
// new ones that could follow, the one of another content group.
std::vector<int> runningOrder(const Board& board, int session, int part)
{
    std::vector<int> order;
    std::vector<int> fresh;
    for (const BoardPlace& place : board.session(session).items) {
        if (place.part == part)
            (board.existingRank(place.item, session) >= 0 ? order : fresh).push_back(place.item);
    }
    if (order.size() > 1)
        std::ranges::sort(order, {}, [&](int item) { return board.existingRank(item, session); });
    while (!fresh.empty()) {
        const int before = order.empty() ? -1 : board.item(order.back()).mainGroup;
        const int urgency =
            board.item(*std::ranges::max_element(fresh, {}, [&](int item) { return board.item(item).urgency; }))
                .urgency;
        const auto suits = [&](int item) { return board.item(item).urgency == urgency; };
        auto next =
            std::ranges::find_if(fresh, [&](int item) { return suits(item) && board.item(item).mainGroup != before; });
        if (next == fresh.end())
            next = std::ranges::find_if(fresh, suits);
        order.push_back(*next);
        fresh.erase(next);
    }
    const auto urgencyOf = [&](int item) { return board.item(item).urgency; };
    if (!std::ranges::is_sorted(order, std::ranges::greater(), urgencyOf))
        std::ranges::stable_sort(order, std::ranges::greater(), urgencyOf);
    moveToWishedPositions(board, session, order);
    followLeaders(board, order);
    return order;
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
        m_today.clear();
        for (std::size_t d = 0; d < m_demands.size(); ++d) {
            if (m_demands[d].holds(day))
                m_today.push_back(d);
        }
    }

    void passOver(int item)
    {
        for (const std::size_t d : m_today) {
            if (!concerns(d, item))
                continue;
            Told& told = m_told[d];
            if (!isDistinct(d))
                told.value += m_demands[d].measure == model::ObligationMeasure::Minutes ? m_board.item(item).frames : 1;
            else if (!told.isFull(m_demands[d]) && !told.holds(item))
                told.counted.push_back(item);
        }
    }

    Text reasonFor(int item, int session)
    {
        Text reason = owed(item, m_board.session(session).day);
        if (reason.en.isEmpty())
            reason = inReserve(item, session);
        passOver(item);
        return reason.en.isEmpty() ? beyondQuota(item, session) : reason;
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

    [[nodiscard]] bool concerns(std::size_t d, int item) const { return m_board.matches(static_cast<int>(d), item); }

    Text owed(int item, Day day)
    {
        for (const std::size_t d : m_today) {
            if (!concerns(d, item))
                continue;
            const Told& told = m_told[d];
            const bool counts =
                isDistinct(d) ? !told.isFull(m_demands[d]) && !told.holds(item) : told.value < m_demands[d].required;
            if (!counts)
                continue;
            const Text& text = isDistinct(d) ? countsAs(d, told.counted.size()) : countsTowards(d);
            return m_failed.isEmpty() ? text : joined(makeGood(d, item, day), text);
        }
        return {};
    }

    Text inReserve(int item, int session)
    {
        for (const std::size_t d : m_today) {
            if (isDistinct(d) && concerns(d, item) && isReserve(d, item, session))
                return reserveFor(d);
        }
        return {};
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
            name = {QStringLiteral("\"%1\", %2").arg(obligation.titleVi, period.vi),
                    QStringLiteral("\"%1\", %2").arg(obligation.titleEn, period.en)};
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
            text = {QStringLiteral("Tin/bài thứ %1 trong %2 của chỉ tiêu %3.").arg(number, required, name.vi),
                    QStringLiteral("Item %1 of %2 for %3.").arg(number, required, name.en)};
        }
        return text;
    }

    const Text& countsTowards(std::size_t d)
    {
        Text& text = m_told[d].countsTowards;
        if (text.en.isEmpty()) {
            const Text& name = nameOf(d);
            text = {QStringLiteral("Tính vào chỉ tiêu %1.").arg(name.vi),
                    QStringLiteral("Counts for %1.").arg(name.en)};
        }
        return text;
    }

    const Text& reserveFor(std::size_t d)
    {
        Text& text = m_told[d].reserve;
        if (text.en.isEmpty()) {
            const Text& name = nameOf(d);
            text = {
                QStringLiteral("Phát thêm để dự phòng cho chỉ tiêu %1, phòng khi lần trước không trọn.").arg(name.vi),
                QStringLiteral("Reserve for %1, should the earlier airing fail.").arg(name.en)};
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
        const Text text = last == plays.rend() ? firstTime() : againSince(last->day);
        if (m_board.item(item).urgency == 0)
            return text;
        return joined({QStringLiteral("Tin ưu tiên. "), QStringLiteral("A priority item. ")}, text);
    }

    static Text firstTime()
    {
        return {QStringLiteral("Tin/bài mới, phát lần đầu."), QStringLiteral("New, first time on air.")};
    }

    Text againSince(Day day)
    {
        Text& text = m_again[day];
        if (text.en.isEmpty()) {
            const QString shown = shortDay(day);
            text = {QStringLiteral("Phát lại; lần trước ngày %1.").arg(shown),
                    QStringLiteral("Again; the time before was on %1.").arg(shown)};
        }
        return text;
    }

    const Board& m_board;
    std::span<const Demand> m_demands;
    std::vector<Told> m_told;         // by demand
    std::vector<std::size_t> m_today; // demands whose period the day lies in
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

Join joinOf(const model::Session& session, const model::SessionTune& tune)
{
    const FrameCount offset = session.segments[static_cast<std::size_t>(tune.segment)].offset;
    const Placement placement{session.id,  tune.item,        tune.version,        tune.sha256, offset,
                              tune.frames, Priority::Normal, tuneText(tune.kind), tune.before, tune.id};
    return {placement, tune.segment, tune.mayFade, tune.crossfade, tune.duckDb, tune.isBed, tune.least, tune.most};
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

void addJoined(const Board& board, int session, Narrator& narrator, std::vector<Placement>& placements)
{
    const BoardSession& where = board.session(session);
    const model::Session& made = *where.session;
    if (made.segments.empty()) { // items from end to end
        FrameCount offset;
        for (const int item : runningOrder(board, session, 0)) {
            Placement placement = placementAt(board, item, session, 0, offset);
            placement.reason = narrator.reasonFor(item, session);
            offset += placement.frames;
            placements.push_back(std::move(placement));
        }
        return;
    }
    std::vector<Join> joins;
    joins.reserve(where.items.size() + made.tunes.size());
    auto tune = made.tunes.begin();
    const auto soundTunes = [&](int before) {
        for (; tune != made.tunes.end() && tune->before <= before; ++tune)
            joins.push_back(joinOf(made, *tune));
    };
    for (int part = 0; part < where.parts; ++part) {
        soundTunes(part);
        bool isFirst = true;
        for (const int item : runningOrder(board, session, part)) {
            const model::SessionPart& in = made.parts[static_cast<std::size_t>(part)];
            const FrameCount offset = made.segments[static_cast<std::size_t>(in.segment)].offset;
            Join join{placementAt(board, item, session, part, offset),
                      in.segment,
                      board.item(item).plannable->rules.mayFade,
                      isFirst ? in.crossfade : FrameCount{},
                      in.duckDb,
                      false,
                      {},
                      {}};
            join.placement.reason = narrator.reasonFor(item, session);
            joins.push_back(std::move(join));
            isFirst = false;
        }
    }
    soundTunes(where.parts);
    std::vector<Placement> added = joinUp(std::move(joins), endsOf(made));
    std::ranges::move(added, std::back_inserter(placements));
}

} // namespace

std::vector<Placement> placementsOf(const Board& board)
{
    std::vector<Placement> placements;
    std::size_t count = 0;
    for (int session = 0; session < board.sessionCount(); ++session)
        count += board.session(session).open ? board.session(session).items.size() : board.existing(session).size();
    placements.reserve(count);
    Narrator narrator(board);
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
        addJoined(board, session, narrator, placements);
    }
    return placements;
}

} // namespace loa::planner
