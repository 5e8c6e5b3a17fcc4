#include "playout/engine/delivery.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr FrameCount checkpointEvery{sampleRate};

} // namespace

Absences Absences::on(FrameCount base) const
{
    Absences moved;
    for (const Absence& one : *this)
        moved.add({one.origin + base, one.why});
    return moved;
}

void IntervalSet::add(std::int64_t from, std::int64_t to)
{
    if (from >= to)
        return;
    // Frames come in order nearly always: the last interval grows.
    if (!m_intervals.empty() && m_intervals.back().to == from) {
        m_intervals.back().to = to;
        m_total += to - from;
        return;
    }
    const auto first =
        std::lower_bound(m_intervals.begin(), m_intervals.end(), from,
                         [](const Interval& interval, std::int64_t value) { return interval.to < value; });
    auto last = first;
    Interval joined{from, to};
    for (; last != m_intervals.end() && last->from <= to; ++last) {
        joined.from = std::min(joined.from, last->from);
        joined.to = std::max(joined.to, last->to);
        m_total -= last->to - last->from;
    }
    m_total += joined.to - joined.from;
    m_intervals.insert(m_intervals.erase(first, last), joined);
}

std::vector<IntervalSet::Interval> IntervalSet::missing(std::int64_t from, std::int64_t to) const
{
    std::vector<Interval> holes;
    auto interval =
        std::upper_bound(m_intervals.begin(), m_intervals.end(), from,
                         [](std::int64_t value, const Interval& candidate) { return value < candidate.to; });
    for (; from < to && interval != m_intervals.end() && interval->from < to; ++interval) {
        if (from < interval->from)
            holes.push_back({from, interval->from});
        from = interval->to;
    }
    if (from < to)
        holes.push_back({from, to});
    return holes;
}

DeliveryAccount::DeliveryAccount(const SessionTimeline& timeline, const QString& output, DeliveryObserver& observer)
    : m_output(output), m_observer(observer)
{
    m_rows.reserve(timeline.airings().size());
    for (const Segment& airing : timeline.airings())
        addRow(timeline, airing);
    omitCovered(timeline, {});
}

void DeliveryAccount::addRow(const SessionTimeline& timeline, const Segment& airing)
{
    Row row;
    row.record.station = timeline.station();
    row.record.session = timeline.session();
    row.record.airing = airing.airing;
    row.record.item = airing.item;
    row.record.sha256 = airing.sha256;
    row.record.relay = airing.relay;
    row.record.output = m_output;
    row.record.bundleVersion = timeline.bundleVersion();
    row.record.plannedStart = timeline.plannedStart(airing);
    row.record.plannedFrames = airing.frames;
    row.offset = airing.offset;
    m_rows.push_back(std::move(row));
    ++m_open;
}

// What the timeline gives to others from `position` on will not leave, unless it is given back.
void DeliveryAccount::omitCovered(const SessionTimeline& timeline, FrameCount position)
{
    for (Row& row : m_rows) {
        if (row.ended || !timeline.findAiring(row.record.airing))
            continue;
        IntervalSet sounding;
        const FrameCount silentFrom = timeline.frames() - row.offset; // nothing comes to pass from here on
        for (const Segment& piece : timeline.segments()) {
            if (piece.airing == row.record.airing)
                sounding.add(piece.from.value, piece.itemEnd().value);
        }
        const std::int64_t first = std::max<std::int64_t>((position - row.offset).value, 0);
        IntervalSet covered;
        for (const IntervalSet::Interval& before : row.covered.intervals()) {
            if (before.from < first)
                covered.add(before.from, std::min(before.to, first));
        }
        const auto holes = sounding.missing(first, row.record.plannedFrames.value);
        for (const IntervalSet::Interval& hole : holes)
            covered.add(hole.from, hole.to);
        row.covered = std::move(covered);
        for (const IntervalSet::Interval& hole : holes) {
            if (hole.to > silentFrom.value)
                loseIn(row, std::max(hole.from, silentFrom.value), hole.to, Break::Preempted);
        }
    }
}

void DeliveryAccount::amend(const SessionTimeline& timeline, FrameCount position)
{
    for (Row& row : m_rows) {
        const std::int64_t first = std::max<std::int64_t>((position - row.offset).value, 0);
        if (!row.ended && !timeline.findAiring(row.record.airing) && first < row.record.plannedFrames.value)
            loseIn(row, first, row.record.plannedFrames.value, Break::Stopped);
    }
    for (Row& row : m_rows) { // one that waits for its turn may have been given a later one
        const Segment* airing = timeline.findAiring(row.record.airing);
        if (row.ended || !airing || row.settled.total() > 0)
            continue;
        row.offset = airing->offset;
        row.record.plannedStart = timeline.plannedStart(*airing);
    }
    const auto known = static_cast<std::ptrdiff_t>(m_rows.size());
    for (const Segment& airing : timeline.airings()) {
        const bool isNew = std::none_of(m_rows.begin(), m_rows.begin() + known,
                                        [&](const Row& row) { return row.record.airing == airing.airing; });
        if (isNew)
            addRow(timeline, airing);
    }
    omitCovered(timeline, position);
    for (std::size_t index = static_cast<std::size_t>(known); index < m_rows.size(); ++index) {
        Row& row = m_rows[index];
        const std::int64_t late = std::min((position - row.offset).value, row.record.plannedFrames.value);
        if (!row.ended && late > 0)
            loseIn(row, 0, late, Break::LateStart);
    }
}

template <typename Function>
void DeliveryAccount::eachRow(FrameCount from, FrameCount to, Function function)
{
    for (Row& row : m_rows) {
        const std::int64_t first = std::max<std::int64_t>(from.value - row.offset.value, 0);
        const std::int64_t last = std::min(to.value - row.offset.value, row.record.plannedFrames.value);
        if (!row.ended && first < last)
            function(row, first, last);
    }
}

template <typename Function>
void DeliveryAccount::eachFresh(const Row& row, std::int64_t from, std::int64_t to, Function function)
{
    for (const IntervalSet::Interval& fresh : row.settled.missing(from, to)) {
        std::int64_t at = fresh.from;
        for (const IntervalSet::Interval& own : row.covered.missing(fresh.from, fresh.to)) {
            if (at < own.from)
                function(at, own.from, true);
            function(own.from, own.to, false);
            at = own.to;
        }
        if (at < fresh.to)
            function(at, fresh.to, true);
    }
}

void DeliveryAccount::delivered(FrameCount from, FrameCount to, UtcTime at, std::optional<UtcTime> lastAt)
{
    eachRow(from, to, [&](Row& row, std::int64_t first, std::int64_t last) {
        AiringRecord& record = row.record;
        const bool begins = !record.firstFrameAt;
        eachFresh(row, first, last, [&](std::int64_t freshFrom, std::int64_t freshTo, bool isCovered) {
            if (isCovered) {
                record.reason = record.reason == Break::None ? Break::Preempted : record.reason;
                return;
            }
            row.sounded.add(freshFrom, freshTo);
            const FrameCount before = row.offset + FrameCount{freshFrom} - from;
            const UtcTime firstAt = at + toDuration(before);
            const UtcTime latest = lastAt.value_or(at + toDuration(before + FrameCount{freshTo - freshFrom - 1}));
            record.firstFrameAt = std::min(record.firstFrameAt.value_or(firstAt), firstAt);
            record.lastFrameAt = std::max(record.lastFrameAt.value_or(latest), latest);
        });
        row.settled.add(first, last);
        record.frames = {row.sounded.total()};
        record.gaps = std::max(0, static_cast<int>(row.sounded.intervals().size()) - 1);
        const bool isDue = (begins && record.firstFrameAt) || record.frames - row.reported >= checkpointEvery;
        if (isDue && !record.relay.isEmpty())
            record.sounded = row.sounded.intervals();
        if (begins && record.firstFrameAt) {
            m_observer.airingBegan(record);
        } else if (record.frames - row.reported >= checkpointEvery) {
            row.reported = record.frames;
            m_observer.airingProgress(record);
        }
        if (row.settled.total() == record.plannedFrames.value)
            end(row);
    });
}

FrameCount DeliveryAccount::silentUntil(FrameCount from) const
{
    FrameCount until = from + FrameCount{std::int64_t{1} << 40};
    for (const Row& row : m_rows) {
        const FrameCount rowEnd = row.offset + row.record.plannedFrames;
        if (row.ended || rowEnd <= from)
            continue;
        const auto lies = [&](const IntervalSet& set) { // ahead
            return !set.intervals().empty() && set.intervals().back().to > (from - row.offset).value;
        };
        if (from < row.offset)
            until = std::min(until, row.offset);
        else if (!row.record.firstFrameAt || lies(row.settled) || lies(row.covered))
            return from;
        else
            until = std::min({until, rowEnd - FrameCount{1},
                              from + checkpointEvery - (row.record.frames - row.reported) - FrameCount{1}});
    }
    return until;
}

void DeliveryAccount::lost(FrameCount from, FrameCount to, Break why)
{
    eachRow(from, to, [&](Row& row, std::int64_t first, std::int64_t last) { loseIn(row, first, last, why); });
}

void DeliveryAccount::lostOf(const Absence& absence, FrameCount from, FrameCount to)
{
    eachRow(from, to, [&](Row& row, std::int64_t first, std::int64_t last) {
        if (row.offset == absence.origin)
            loseIn(row, first, last, absence.why);
    });
}

void DeliveryAccount::loseIn(Row& row, std::int64_t first, std::int64_t last, Break why)
{
    eachFresh(row, first, last, [&](std::int64_t, std::int64_t, bool isCovered) {
        if (row.record.reason == Break::None)
            row.record.reason = isCovered ? Break::Preempted : why;
    });
    row.settled.add(first, last);
    if (row.settled.total() == row.record.plannedFrames.value)
        end(row);
}

void DeliveryAccount::close(Break why)
{
    for (Row& row : m_rows) {
        if (!row.ended)
            lost(row.offset, row.offset + row.record.plannedFrames, why);
    }
}

void DeliveryAccount::end(Row& row)
{
    row.ended = true;
    --m_open;
    AiringRecord& record = row.record;
    if (!record.relay.isEmpty())
        record.sounded = row.sounded.intervals();
    if (record.frames == record.plannedFrames)
        record.outcome = Outcome::Complete;
    else
        record.outcome = record.frames.value > 0 ? Outcome::Partial : Outcome::Missed;
    m_observer.airingEnded(record);
}

} // namespace loa::playout
