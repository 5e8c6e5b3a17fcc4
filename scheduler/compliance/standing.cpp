#include "scheduler/compliance/standing.h"

#include "scheduler/compliance/verdicts.h"

#include <QDateTime>
#include <QHash>
#include <QSet>

#include <algorithm>
#include <map>
#include <tuple>

namespace loa::compliance {

namespace {

QDate localDate(UtcTime instant, const QTimeZone& zone)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch());
    return QDateTime::fromSecsSinceEpoch(seconds.count(), Qt::UTC).toTimeZone(zone).date();
}

UtcTime soundedAt(const LogEntry& entry)
{
    return entry.firstFrameAt.value_or(entry.plannedStart);
}

// One station, period and obligation being counted.
class Count {
public:
    explicit Count(const ComplianceInput& input) : m_input(input), m_ledger(input) {}

    StationStanding run()
    {
        readHeard();
        readLog();
        m_standing.required = m_input.obligation.required;
        m_standing.completed = static_cast<int>(m_completed.size());
        m_standing.airings = static_cast<int>(m_airings.size());
        countPlanned();
        judge();
        collectItems();
        return std::move(m_standing);
    }

private:
    void readHeard()
    {
        for (const SignedLogEntry& line : m_input.heard) {
            if (!line.entry.heard || line.entry.station != m_input.station)
                continue;
            auto& best = m_heard[{line.entry.heard->airing, line.entry.heard->output}];
            if (!best || line.entry.heard->match.value_or(-1) > best->match.value_or(-1))
                best = line.entry.heard;
        }
    }

    void readLog()
    {
        std::vector<const SignedLogEntry*> lines;
        for (const SignedLogEntry& line : m_input.log) {
            if (line.entry.kind != EntryKind::Airing || line.entry.station != m_input.station)
                continue;
            // Wherever it falls, this airing has been heard of and is not awaited any more.
            if (m_ledger.feedsSpeakers(line.entry.output))
                m_reported.insert(line.entry.airing);
            if (m_input.period.holds(localDate(soundedAt(line.entry), m_input.zone)))
                lines.push_back(&line);
        }
        std::ranges::sort(lines, [](const SignedLogEntry* a, const SignedLogEntry* b) {
            return std::make_tuple(soundedAt(a->entry), a->entry.agent, a->entry.sequence, a->hash) <
                   std::make_tuple(soundedAt(b->entry), b->entry.agent, b->entry.sequence, b->hash);
        });
        for (const SignedLogEntry* line : lines)
            read(*line);
    }

    void read(const SignedLogEntry& line)
    {
        const LogEntry& entry = line.entry;
        Verdict verdict = m_ledger.judge(entry);
        if (verdict == Verdict::Counts) {
            if (!m_airings.contains(entry.airing)) {
                m_airings.insert(entry.airing);
                m_standing.duration += entry.frames;
            }
            if (m_completed.contains(entry.item))
                verdict = Verdict::AlreadyCounted;
            m_completed.insert(entry.item);
        }
        m_lines[entry.item].push_back({line, localDate(soundedAt(entry), m_input.zone), verdict == Verdict::Counts,
                                       verdict, m_ledger.explain(verdict, entry),
                                       m_heard.value({entry.airing, entry.output})});
    }

    // Distinct further items in airings of which nothing has been heard yet.
    void countPlanned()
    {
        QSet<ItemId> further;
        QSet<ItemId> awaited;
        for (const PlannedAiring& airing : m_input.planned) {
            const KnownItem* item = m_ledger.find(airing.item);
            if (!item || !m_ledger.isTopical(*item) || m_completed.contains(airing.item) ||
                m_reported.contains(airing.airing) || !m_input.period.holds(localDate(airing.startsAt, m_input.zone)))
                continue;
            further.insert(airing.item);
            if (airing.startsAt < m_input.now)
                awaited.insert(airing.item);
        }
        m_standing.planned = static_cast<int>(further.size());
        m_standing.awaited = static_cast<int>(awaited.size());
    }

    void judge()
    {
        const bool over = localDate(m_input.now, m_input.zone) > m_input.period.last;
        const bool reaches = m_standing.completed + m_standing.planned >= m_standing.required;
        if (m_standing.completed >= m_standing.required) {
            m_standing.standing = Standing::Green;
            m_standing.forecast = Forecast::Met;
        } else if (over) {
            m_standing.standing = Standing::Failed;
            m_standing.forecast = reaches ? Forecast::AwaitingLog : Forecast::Missed;
        } else {
            m_standing.standing = Standing::AtRisk;
            m_standing.forecast = reaches ? Forecast::OnCourse : Forecast::Short;
        }
        m_standing.note = noteOn(m_standing, m_input.obligation, m_input.period);
    }

    void collectItems()
    {
        for (auto& [id, lines] : m_lines) {
            ItemEvidence evidence;
            evidence.item = id;
            evidence.lines = std::move(lines);
            evidence.completed = m_completed.contains(id);
            if (const KnownItem* item = m_ledger.find(id)) {
                evidence.title = item->title;
                evidence.approvedByName = item->approvedByName;
                evidence.topicGroups = item->topicGroups;
            }
            m_standing.items.push_back(std::move(evidence));
        }
        const auto rank = [&](const ItemEvidence& evidence) {
            const KnownItem* item = m_ledger.find(evidence.item);
            return std::make_tuple(!(item && m_ledger.isTopical(*item)), !evidence.completed, evidence.title,
                                   evidence.item);
        };
        std::ranges::sort(m_standing.items, {}, rank);
    }

    const ComplianceInput& m_input;
    Ledger m_ledger;
    StationStanding m_standing;
    std::map<ItemId, std::vector<EvidenceLine>> m_lines;
    QHash<std::pair<AiringId, QString>, std::optional<HeardProof>> m_heard;
    QSet<ItemId> m_completed;
    QSet<AiringId> m_airings;  // complete and counting
    QSet<AiringId> m_reported; // any log line
};

} // namespace

StationStanding standing(const ComplianceInput& input)
{
    return Count(input).run();
}

} // namespace loa::compliance
