#include "scheduler/fleet/airing_intake.h"

#include "scheduler/compliance/standing.h"
#include "scheduler/planner/sessions.h"

#include <QHash>
#include <QTimeZone>

#include <algorithm>

namespace loa::fleet {

namespace {

using store::LogIncident;

class Intake {
public:
    Intake(store::Store& store, const model::Agent& agent, UtcTime now, std::optional<int> leastMatch)
        : m_store(store), m_agent(agent), m_now(now), m_leastMatch(leastMatch)
    {
    }

    Result<IntakeResult> take(std::span<const SignedLogEntry> entries)
    {
        for (const SignedLogEntry& entry : entries) {
            if (const auto taken = takeOne(entry); !taken)
                return passOn(taken);
        }
        const auto through = m_store.airings.advanceAcknowledgement(m_agent.id);
        if (!through)
            return passOn(through);
        m_result.acknowledgedThrough = *through;
        return m_result;
    }

private:
    // An error is one of the database: an entry that does not hold is a line of m_result.rejected.
    Result<void> takeOne(const SignedLogEntry& signedEntry)
    {
        const LogEntry& entry = signedEntry.entry;
        if (const auto sound = judge(signedEntry); !sound) {
            if (sound.error().category == ErrorCategory::Storage)
                return passOn(sound);
            m_result.rejected.push_back({entry.sequence, sound.error()});
            return {};
        }
        const auto stored = m_store.airings.find(m_agent.id, entry.sequence);
        if (!stored)
            return passOn(stored);
        if (*stored && (*stored)->hash == signedEntry.hash) {
            ++m_result.known;
            return {};
        }
        if (*stored)
            return takeFork(signedEntry);
        const bool told =
            entry.kind != EntryKind::Airing ||
            std::find(m_result.stations.begin(), m_result.stations.end(), entry.station) != m_result.stations.end();
        const auto news = told ? Result<bool>(false) : changesPlan(entry);
        if (!news)
            return passOn(news);
        if (*news)
            m_result.stations.push_back(entry.station);
        if (const auto added = m_store.airings.add(signedEntry, m_now); !added)
            return passOn(added);
        ++m_result.accepted;
        return checkLinks(signedEntry);
    }

    // Planning takes what it placed as sounded until a log says otherwise.
    Result<bool> changesPlan(const LogEntry& entry)
    {
        if (entry.outcome != Outcome::Complete || entry.clock == ClockState::Untrusted ||
            !compliance::matchesEnough(entry, m_leastMatch))
            return true;
        const auto planned = m_store.plans.holds(entry.airing);
        if (!planned)
            return passOn(planned);
        if (!*planned)
            return true;
        // Another output may have failed before: then it has been planned again, and need not be.
        const auto others =
            m_store.airings.ofStation(entry.station, entry.plannedStart, entry.plannedStart + Duration(1));
        if (!others)
            return passOn(others);
        if (std::any_of(others->begin(), others->end(), [&](const SignedLogEntry& other) {
                return other.entry.airing == entry.airing && other.entry.outcome != Outcome::Complete;
            }))
            return true;
        const auto shortfalls = m_store.plans.shortfalls(entry.station);
        if (!shortfalls)
            return passOn(shortfalls);
        const auto station = m_store.stations.find(entry.station);
        if (!station)
            return passOn(station);
        const QDate day = planner::localDateOf(entry.plannedStart, QTimeZone(station->timeZone));
        return std::any_of(shortfalls->begin(), shortfalls->end(), [&](const planner::Shortfall& shortfall) {
            return shortfall.period.first <= day && day <= shortfall.period.last;
        });
    }

    Result<void> judge(const SignedLogEntry& signedEntry)
    {
        const LogEntry& entry = signedEntry.entry;
        const QString where = QStringLiteral("sequence %1").arg(entry.sequence);
        if (entry.agent != m_agent.id) {
            return fail(ErrorCategory::Forbidden,
                        {QStringLiteral("Dòng nhật ký là của bộ phát khác."),
                         QStringLiteral("The log entry is another agent's.")},
                        where);
        }
        constexpr std::int64_t largest = std::int64_t(1) << 53;
        if (entry.sequence < 1 || entry.sequence > largest ||
            (entry.kind == EntryKind::Airing && entry.station.isEmpty())) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Dòng nhật ký thiếu số thứ tự hoặc đài."),
                         QStringLiteral("The log entry lacks a number or a station.")},
                        where);
        }
        if (const auto verified = verifyEntry(signedEntry, m_agent.key); !verified)
            return passOn(verified);
        // What could not be read again must not be stored.
        if (const auto readable = logEntryFromJson(toJson(entry)); !readable)
            return passOn(readable);
        return entry.station.isEmpty() ? Result<void>{} : demandCarried(entry.station, where);
    }

    Result<void> demandCarried(const StationId& station, const QString& where)
    {
        auto known = m_carried.constFind(station);
        if (known == m_carried.cend()) {
            const auto carried = m_store.agents.hasCarried(m_agent.id, station);
            if (!carried)
                return passOn(carried);
            known = m_carried.insert(station, *carried);
        }
        if (*known)
            return {};
        return fail(ErrorCategory::Forbidden,
                    {QStringLiteral("Đài này chưa từng do bộ phát này phụ trách."),
                     QStringLiteral("This agent has never carried that station.")},
                    where);
    }

    Result<void> takeFork(const SignedLogEntry& entry)
    {
        const auto noted =
            m_store.airings.addIncident({m_agent.id, entry.entry.sequence, LogIncident::Kind::Fork, entry, m_now});
        if (!noted)
            return passOn(noted);
        m_result.rejected.push_back(
            {entry.entry.sequence,
             {ErrorCategory::Conflict,
              {QStringLiteral("Đã có một dòng nhật ký khác mang số này; cả hai được giữ lại để kiểm tra."),
               QStringLiteral("Another log entry has this number; both are kept for inspection.")},
              QStringLiteral("sequence %1").arg(entry.entry.sequence)}});
        return {};
    }

    // Against both neighbours, as far as they are here: whichever comes later finds the break.
    Result<void> checkLinks(const SignedLogEntry& entry)
    {
        const std::int64_t sequence = entry.entry.sequence;
        const auto before = m_store.airings.find(m_agent.id, sequence - 1);
        if (!before)
            return passOn(before);
        if (sequence == 1 || *before) {
            const SignedLogEntry* last = *before ? &**before : nullptr;
            if (const auto checked = checkLink(last, entry); !checked)
                return passOn(checked);
        }
        const auto after = m_store.airings.find(m_agent.id, sequence + 1);
        if (!after)
            return passOn(after);
        return *after ? checkLink(&entry, **after) : Result<void>{};
    }

    Result<void> checkLink(const SignedLogEntry* last, const SignedLogEntry& next)
    {
        if (verifyLink(last, next, m_agent.key))
            return {};
        return m_store.airings.addIncident(
            {m_agent.id, next.entry.sequence, LogIncident::Kind::BrokenLink, next, m_now});
    }

    store::Store& m_store;
    const model::Agent& m_agent;
    UtcTime m_now;
    std::optional<int> m_leastMatch;
    QHash<StationId, bool> m_carried;
    IntakeResult m_result;
};

} // namespace

Result<IntakeResult> intakeAirings(store::Store& store, const model::Agent& agent,
                                   std::span<const SignedLogEntry> entries, UtcTime now, std::optional<int> leastMatch)
{
    if (agent.revoked) {
        return fail(ErrorCategory::Forbidden,
                    {QStringLiteral("Bộ phát này đã bị thu hồi."), QStringLiteral("This agent was revoked.")},
                    agent.id.value);
    }
    if (entries.size() > maxEntriesPerIntake) {
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Gửi tối đa %1 dòng nhật ký một lần.").arg(maxEntriesPerIntake),
                     QStringLiteral("At most %1 log entries may be sent at once.").arg(maxEntriesPerIntake)});
    }
    return store.database.transaction([&] { return Intake(store, agent, now, leastMatch).take(entries); });
}

} // namespace loa::fleet
