// The journal's airings: planned, sounding, closed with an entry, and recovered after a crash.
#include "playout/journal/connection.h"

#include <QJsonDocument>

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr qsizetype longestReason = 100;
constexpr qsizetype longestDetail = 2000;

PlannedAiring rowOf(const QSqlQuery& query)
{
    PlannedAiring row;
    row.key = {{query.value(0).toString()}, query.value(1).toString()};
    row.station = {query.value(2).toString()};
    row.session = {query.value(3).toString()};
    row.item = {query.value(4).toString()};
    row.sha256 = sha256FromString(query.value(5).toString()).value_or(Sha256{});
    row.bundleVersion = query.value(6).toLongLong();
    row.plannedStart = utcTimeFromString(query.value(7).toString()).value_or(UtcTime{});
    row.plannedFrames = {query.value(8).toLongLong()};
    row.relay = {query.value(9).toString()};
    return row;
}

const QString rowColumns =
    u"airing, output, station, session, item, sha256, bundle_version, planned_start, planned_frames, relay"_s;

QString stateNumber(AiringState state)
{
    return QString::number(static_cast<int>(state));
}

} // namespace

Result<void> Journal::append(Transaction& transaction, LogEntry entry, const Stamp& stamp)
{
    entry.agent = m_settings.agent;
    entry.sequence = transaction.sequence + 1;
    entry.previous = transaction.hash;
    entry.recordedAt = stamp.now;
    entry.clock = stamp.clock;
    entry.reason.truncate(longestReason);
    entry.detail.truncate(longestDetail);
    const auto sealed = signEntry(entry, m_key);
    if (!sealed)
        return passOn(sealed);
    const auto body = QJsonDocument(toJson(*sealed)).toJson(QJsonDocument::Compact);
    if (auto done = m_connection->run(u"INSERT INTO entries (sequence, recorded_at, body) VALUES (?, ?, ?)"_s,
                                      {qlonglong{entry.sequence}, sqlTime(stamp.now), QString::fromUtf8(body)});
        !done)
        return passOn(done);
    transaction.sequence = entry.sequence;
    transaction.hash = sealed->hash;
    return {};
}

Result<void> Journal::plan(const std::vector<PlannedAiring>& airings)
{
    if (airings.empty())
        return {};
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (const PlannedAiring& airing : airings) {
        const auto known = state(airing.key);
        if (!known)
            return passOn(known);
        if (*known == AiringState::Sounding || *known == AiringState::Closed)
            continue;
        auto done = m_connection->run(
            u"INSERT INTO airings (%1, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) "
            "ON CONFLICT (airing, output) DO UPDATE SET sha256 = excluded.sha256, session = excluded.session, "
            "bundle_version = excluded.bundle_version, planned_start = excluded.planned_start, "
            "planned_frames = excluded.planned_frames, told = CASE WHEN airings.state = 4 THEN 1 ELSE airings.told "
            "END, "
            "state = 1, frames = 0, gaps = 0, first_frame_at = NULL, "
            "last_frame_at = NULL, relay = excluded.relay, item = excluded.item, sounded = ''"_s.arg(rowColumns),
            {airing.key.airing.value, airing.key.output, airing.station.value, airing.session.value,
             sqlText(airing.item.value), toString(airing.sha256), qlonglong{airing.bundleVersion},
             sqlTime(airing.plannedStart), qlonglong{airing.plannedFrames.value}, sqlText(airing.relay.value)});
        if (!done)
            return passOn(done);
        transaction.openChange += *known == AiringState::Planned ? 0 : 1;
    }
    return transaction.commit();
}

Result<void> Journal::begin(const AiringKey& key, UtcTime firstFrameAt)
{
    auto done = m_connection->write(u"UPDATE airings SET state = 2, first_frame_at = coalesce(first_frame_at, ?) "
                                    "WHERE airing = ? AND output = ? AND state IN (1, 2)"_s,
                                    {sqlTime(firstFrameAt), key.airing.value, key.output});
    if (!done)
        return passOn(done);
    return {};
}

Result<void> Journal::progress(const AiringKey& key, const AiringCheckpoint& checkpoint)
{
    auto done = m_connection->write(u"UPDATE airings SET frames = ?, gaps = ?, last_frame_at = ?, sounded = ? "
                                    "WHERE airing = ? AND output = ? AND state = 2 AND frames < ?"_s,
                                    {qlonglong{checkpoint.frames.value}, checkpoint.gaps,
                                     sqlTime(checkpoint.lastFrameAt), sqlText(sharesToText(checkpoint.shares)),
                                     key.airing.value, key.output, qlonglong{checkpoint.frames.value}});
    if (!done)
        return passOn(done);
    return {};
}

Result<void> Journal::checkpoint(const std::map<AiringKey, AiringCheckpoint>& airings, UtcTime now)
{
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    for (const auto& [key, one] : airings) {
        if (auto done = progress(key, one); !done)
            return done;
    }
    if (auto done = alive(now); !done)
        return done;
    return transaction.commit();
}

Result<bool> Journal::closeRow(Transaction& transaction, const AiringKey& key, const AiringEnd& end, const Stamp& stamp)
{
    auto found =
        m_connection->run(u"SELECT %1, state, told FROM airings WHERE airing = ? AND output = ?"_s.arg(rowColumns),
                          {key.airing.value, key.output});
    if (!found)
        return passOn(found);
    if (!found->next())
        return fail(ErrorCategory::NotFound,
                    {u"Lượt phát chưa được ghi vào kế hoạch"_s, u"The airing was never planned"_s}, key.airing.value);
    if (found->value(10).toInt() >= static_cast<int>(AiringState::Closed))
        return false;
    const PlannedAiring row = rowOf(*found);
    const bool isTold = found->value(11).toBool();
    found->finish();

    LogEntry entry;
    entry.kind = EntryKind::Airing;
    entry.station = row.station;
    entry.airing = row.key.airing;
    entry.session = row.session;
    entry.item = row.item;
    entry.sha256 = row.sha256;
    entry.output = row.key.output;
    entry.bundleVersion = row.bundleVersion;
    entry.plannedStart = row.plannedStart;
    entry.plannedFrames = row.plannedFrames;
    entry.firstFrameAt = end.firstFrameAt;
    entry.lastFrameAt = end.lastFrameAt;
    entry.frames = std::min(end.frames, row.plannedFrames);
    entry.gaps = end.gaps;
    entry.outcome = end.outcome;
    entry.mix = end.mix;
    entry.relay = row.relay;
    entry.shares = end.shares;
    entry.reason = end.reason;
    entry.detail = end.detail;
    const bool isLost = m_lostBefore && row.plannedStart < *m_lostBefore;
    const bool isUnwritten = m_unwrittenUntil && row.plannedStart < *m_unwrittenUntil;
    if (end.outcome == Outcome::Missed && (isLost || isUnwritten)) {
        entry.outcome = Outcome::Unknown;
        entry.reason = u"records-lost"_s;
        entry.detail = isLost ? u"the journal before this one cannot be read"_s
                              : u"the agent ran on a full disk, and stopped before its records could be written"_s;
    }
    // Of an airing that was interrupted, the rest that did not sound says nothing new.
    if (!(isTold && end.outcome == Outcome::Missed)) {
        if (auto appended = append(transaction, std::move(entry), stamp); !appended)
            return passOn(appended);
    }
    auto closed =
        m_connection->run(u"UPDATE airings SET state = 3, first_frame_at = ?, last_frame_at = ?, frames = ?, gaps = ? "
                          "WHERE airing = ? AND output = ?"_s,
                          {sqlTime(end.firstFrameAt), sqlTime(end.lastFrameAt), qlonglong{end.frames.value}, end.gaps,
                           key.airing.value, key.output});
    if (!closed)
        return passOn(closed);
    --transaction.openChange;
    return true;
}

Result<bool> Journal::close(const AiringKey& key, const AiringEnd& end, const Stamp& stamp)
{
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return passOn(begun);
    auto closed = closeRow(transaction, key, end, stamp);
    if (!closed || !*closed)
        return closed;
    if (auto done = transaction.commit(); !done)
        return passOn(done);
    return true;
}

Result<int> Journal::closeUnplayed(const std::vector<PlannedAiring>& airings, const AiringEnd& end, const Stamp& stamp)
{
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return passOn(begun);
    int count = 0;
    for (const PlannedAiring& airing : airings) {
        auto inserted = m_connection->run(
            u"INSERT INTO airings (%1, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (airing, output) DO NOTHING"_s
                .arg(rowColumns),
            {airing.key.airing.value, airing.key.output, airing.station.value, airing.session.value,
             sqlText(airing.item.value), toString(airing.sha256), qlonglong{airing.bundleVersion},
             sqlTime(airing.plannedStart), qlonglong{airing.plannedFrames.value}, sqlText(airing.relay.value)});
        if (!inserted)
            return passOn(inserted);
        transaction.openChange += inserted->numRowsAffected() > 0 ? 1 : 0;
        const auto closed = closeRow(transaction, airing.key, end, stamp);
        if (!closed)
            return passOn(closed);
        count += *closed ? 1 : 0;
    }
    if (count == 0)
        return 0;
    if (auto done = transaction.commit(); !done)
        return passOn(done);
    return count;
}

Result<Recovery> Journal::recover(const Stamp& stamp)
{
    const auto lastAlive = mark(u"alive"_s);
    if (!lastAlive)
        return passOn(lastAlive);
    struct Open {
        AiringKey key;
        AiringState state;
        UtcTime plannedStart;
        FrameCount plannedFrames;
        AiringEnd end;
    };
    std::vector<Open> rows;
    auto found = m_connection->run(
        u"SELECT airing, output, state, planned_start, planned_frames, first_frame_at, last_frame_at, "
        "frames, gaps, sounded FROM airings WHERE state IN (1, 2) ORDER BY planned_start, airing, output"_s);
    if (!found)
        return passOn(found);
    auto instant = [&](int column) -> std::optional<UtcTime> {
        const auto time = utcTimeFromString(found->value(column).toString());
        return time ? std::optional(*time) : std::nullopt;
    };
    while (found->next()) {
        Open row{{{found->value(0).toString()}, found->value(1).toString()},
                 static_cast<AiringState>(found->value(2).toInt()),
                 instant(3).value_or(UtcTime{}),
                 {found->value(4).toLongLong()},
                 {}};
        row.end.firstFrameAt = instant(5);
        row.end.lastFrameAt = instant(6);
        row.end.frames = {found->value(7).toLongLong()};
        row.end.gaps = found->value(8).toInt();
        row.end.shares = sharesFromText(found->value(9).toString()).value_or(std::vector<RelayShare>{});
        rows.push_back(std::move(row));
    }
    found->finish();

    Recovery recovery;
    Transaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return passOn(begun);
    for (Open& row : rows) {
        if (row.state == AiringState::Sounding) {
            const bool whole = row.end.frames >= row.plannedFrames;
            row.end.outcome = whole ? Outcome::Complete : Outcome::Partial;
            row.end.reason = whole ? QString() : u"interrupted"_s;
            row.end.detail = whole ? u"every frame was recorded before the agent stopped"_s
                                   : u"the agent stopped unexpectedly; frames are those of the last checkpoint"_s;
            ++recovery.partial;
        } else if (*lastAlive && row.plannedStart <= **lastAlive + m_settings.checkpointSlack) {
            if (row.plannedStart > stamp.now)
                continue;
            row.end.outcome = Outcome::Unknown;
            row.end.reason = u"interrupted"_s;
            row.end.detail = u"due when the agent stopped unexpectedly; no record of a first frame"_s;
            ++recovery.unknown;
        } else if (row.plannedStart + toDuration(row.plannedFrames) <= stamp.now) {
            row.end.outcome = Outcome::Missed;
            row.end.reason = u"agent-not-running"_s;
            ++recovery.missed;
        } else {
            continue;
        }
        if (auto closed = closeRow(transaction, row.key, row.end, stamp); !closed)
            return passOn(closed);
        if (row.end.outcome == Outcome::Complete || row.end.outcome == Outcome::Missed)
            continue;
        auto marked = m_connection->run(u"UPDATE airings SET state = %1 WHERE airing = ? AND output = ?"_s.arg(
                                            stateNumber(AiringState::Interrupted)),
                                        {row.key.airing.value, row.key.output});
        if (!marked)
            return passOn(marked);
    }
    if (auto done = transaction.commit(); !done)
        return passOn(done);
    return recovery;
}

Result<std::vector<PlannedAiring>> Journal::openAirings(const StationId& station) const
{
    auto found = m_connection->run(
        u"SELECT %1 FROM airings WHERE station = ? AND state IN (%2, %3) ORDER BY planned_start"_s.arg(
            rowColumns, stateNumber(AiringState::Planned), stateNumber(AiringState::Sounding)),
        {station.value});
    if (!found)
        return passOn(found);
    std::vector<PlannedAiring> rows;
    while (found->next())
        rows.push_back(rowOf(*found));
    return rows;
}

Result<AiringState> Journal::state(const AiringKey& key) const
{
    auto found = m_connection->run(u"SELECT state FROM airings WHERE airing = ? AND output = ?"_s,
                                   {key.airing.value, key.output});
    if (!found)
        return passOn(found);
    return found->next() ? static_cast<AiringState>(found->value(0).toInt()) : AiringState::None;
}

Result<PlannedAiring> Journal::planned(const AiringKey& key) const
{
    auto found = m_connection->run(u"SELECT %1 FROM airings WHERE airing = ? AND output = ?"_s.arg(rowColumns),
                                   {key.airing.value, key.output});
    if (!found)
        return passOn(found);
    if (found->next())
        return rowOf(*found);
    return fail(ErrorCategory::NotFound,
                {u"Sổ phát sóng không có lượt phát này"_s, u"The journal has no such airing"_s}, key.airing.value);
}

} // namespace loa::playout
