// The journal of a station that gets an identity of its own: what the one before knew goes over.
#include "playout/journal/connection.h"

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

const QString everyColumn =
    u"airing, output, station, session, item, sha256, bundle_version, planned_start, planned_frames, state, "
    "first_frame_at, last_frame_at, frames, gaps, told, relay, sounded"_s;
constexpr int columnCount = 17;
constexpr int stateColumn = 9;

QString factOf(const AgentId& from)
{
    return u"inherited/"_s + from.value;
}

bool isOpen(int state)
{
    return state == static_cast<int>(AiringState::Planned) || state == static_cast<int>(AiringState::Sounding);
}

} // namespace

Result<bool> Journal::hasInherited(const AgentId& from) const
{
    auto found = m_connection->run(u"SELECT 1 FROM facts WHERE name = ?"_s, {factOf(from)});
    if (!found)
        return passOn(found);
    return found->next();
}

Result<void> Journal::lost(const QString& what, UtcTime now)
{
    const auto told = mark(u"lost/"_s + what);
    if (!told)
        return passOn(told);
    if (*told)
        return {};
    if (auto set = setMark(u"records-lost"_s, now); !set)
        return set;
    m_lostBefore = now;
    return setMark(u"lost/"_s + what, now);
}

Result<bool> Journal::inherit(Journal& from, const StationId& station, const Stamp& stamp)
{
    const auto before = hasInherited(from.agent());
    if (!before)
        return before;
    if (!*before) {
        Transaction transaction(*this);
        if (auto begun = transaction.begin(); !begun)
            return passOn(begun);
        auto rows =
            from.m_connection->run(u"SELECT %1 FROM airings WHERE station = ?"_s.arg(everyColumn), {station.value});
        if (!rows)
            return passOn(rows);
        const QString marks = QStringList(columnCount, u"?"_s).join(u", "_s);
        while (rows->next()) {
            QVariantList values;
            for (int column = 0; column < columnCount; ++column)
                values.append(rows->value(column));
            auto put =
                m_connection->run(u"INSERT INTO airings (%1) VALUES (%2) ON CONFLICT (airing, output) DO NOTHING"_s.arg(
                                      everyColumn, marks),
                                  values);
            if (!put)
                return passOn(put);
            if (put->numRowsAffected() > 0 && isOpen(values[stateColumn].toInt()))
                ++transaction.openChange;
        }
        rows->finish();
        for (const QString& name : {u"alive"_s, u"settled/"_s + station.value}) {
            const auto value = from.mark(name);
            if (!value)
                return passOn(value);
            if (*value) {
                if (auto set = setMark(name, **value); !set)
                    return passOn(set);
            }
        }
        auto noted = m_connection->run(u"INSERT INTO facts (name, value) VALUES (?, ?)"_s,
                                       {factOf(from.agent()), toString(from.m_lastHash)});
        if (!noted)
            return passOn(noted);
        LogEntry entry;
        entry.kind = EntryKind::Event;
        entry.station = station;
        entry.reason = u"journal-inherited"_s;
        entry.detail = u"from agent %1, whose log ended at entry %2, %3"_s.arg(from.agent().value)
                           .arg(from.m_standing.lastSequence)
                           .arg(toString(from.m_lastHash));
        if (auto appended = append(transaction, std::move(entry), stamp); !appended)
            return passOn(appended);
        if (auto done = transaction.commit(); !done)
            return passOn(done);
        if (auto done = m_connection->settle(); !done)
            return passOn(done);
    }
    Transaction removing(from);
    if (auto begun = removing.begin(); !begun)
        return passOn(begun);
    auto open = from.m_connection->run(u"DELETE FROM airings WHERE station = ? AND state IN (1, 2)"_s, {station.value});
    if (!open)
        return passOn(open);
    removing.openChange = -open->numRowsAffected();
    if (auto rest = from.m_connection->run(u"DELETE FROM airings WHERE station = ?"_s, {station.value}); !rest)
        return passOn(rest);
    if (auto done = removing.commit(); !done)
        return passOn(done);
    return !*before;
}

} // namespace loa::playout
