#include "scheduler/fleet/heard_airings.h"

#include "scheduler/compliance/standing.h"
#include "scheduler/planner/sessions.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace loa::fleet {

double failureRateOf(std::int64_t airings, std::int64_t failed)
{
    return static_cast<double>(failed + 1) / static_cast<double>(airings + 50);
}

Result<HeardAiringsReader::Log> HeardAiringsReader::load(const StationId& station, UtcTime from, UtcTime now,
                                                         std::int64_t count)
{
    const auto entries = m_store.airings.ofStation(station, from, now + std::chrono::days(400));
    if (!entries)
        return passOn(entries);
    Log log{from, count, {}};
    log.lines.reserve(entries->size());
    for (const SignedLogEntry& line : *entries) {
        const LogEntry& entry = line.entry;
        if (!entry.relay.isEmpty())
            continue; // no item, and no promise of the planner's
        log.lines.push_back({entry.airing, entry.item, entry.session, entry.output, entry.plannedStart,
                             entry.firstFrameAt.value_or(entry.plannedStart), entry.frames,
                             entry.outcome == Outcome::Complete && entry.clock != ClockState::Untrusted &&
                                 compliance::matchesEnough(entry, m_leastMatch)});
    }
    return log;
}

Result<HeardAirings> HeardAiringsReader::read(const model::Station& station, UtcTime from, UtcTime now)
{
    const auto clusters = m_store.stations.everyCluster(station.id);
    if (!clusters)
        return passOn(clusters);
    QSet<QString> speakers;
    for (const model::SpeakerCluster& cluster : *clusters)
        speakers.insert(cluster.output);

    const UtcTime recordFrom = now - failureRecord;
    const UtcTime needed = std::min(from, recordFrom);
    const Log* kept = m_logs.object(station.id);
    const UtcTime counted = kept != nullptr && kept->from <= needed ? kept->from : needed;
    const auto count = m_store.airings.countOfStation(station.id, counted);
    if (!count)
        return passOn(count);
    Log log;
    if (kept != nullptr && kept->from == counted && kept->count == *count) {
        log = *kept;
    } else {
        auto loaded = load(station.id, counted, now, *count);
        if (!loaded)
            return passOn(loaded);
        log = *loaded;
        m_logs.insert(station.id, new Log(*std::move(loaded)), static_cast<qsizetype>(log.lines.size()) + 1);
    }

    const QTimeZone zone(station.timeZone);
    HeardAirings heard;
    struct Whole {
        planner::PastAiring airing;
        UtcTime plannedStart;
    };
    std::vector<Whole> all;
    QHash<AiringId, std::size_t> index;
    for (const Line& line : log.lines) {
        if (!speakers.contains(line.output) || line.plannedStart >= now + std::chrono::days(1))
            continue;
        auto at = index.constFind(line.airing);
        if (at == index.cend()) {
            at = index.insert(line.airing, all.size());
            all.push_back(
                {{line.item, line.session, planner::localDateOf(line.plannedStart, zone)}, line.plannedStart});
        }
        planner::PastAiring& airing = all[*at].airing;
        if (line.sounded && !airing.completed) {
            airing.completed = true;
            airing.frames = line.frames;
            airing.localDate = planner::localDateOf(line.soundedAt, zone);
        }
    }
    std::int64_t airings = 0;
    std::int64_t failed = 0;
    for (Whole& whole : all) {
        if (whole.plannedStart >= recordFrom) {
            ++airings;
            failed += whole.airing.completed ? 0 : 1;
        }
        if (whole.plannedStart >= from)
            heard.airings.push_back(std::move(whole.airing));
    }
    heard.failureRate = failureRateOf(airings, failed);
    return heard;
}

} // namespace loa::fleet
