// Relays of a station's sessions: opened in time, their steps written down, their account made from what was delivered.
#include "playout/agent/log.h"
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

// A relay is opened and checked so long before its first frame.
constexpr std::chrono::seconds relayLead{30};

bool isDue(const SessionTimeline& timeline, const Segment& airing, UtcTime now)
{
    const UtcTime start = timeline.plannedStart(airing);
    return start - relayLead <= now && now < start + toDuration(airing.frames);
}

} // namespace

// The standby item, when its audio is here and is what was approved: hashed now, and again by who decodes it.
std::optional<RelayStandby> StationDesk::standbyOf(const Bundle& bundle, const BundleRelay& relay) const
{
    if (!relay.standby)
        return std::nullopt;
    const auto media =
        std::ranges::find_if(bundle.media, [&](const BundleMedia& entry) { return entry.sha256 == *relay.standby; });
    if (media == bundle.media.end() || relay.definition.standby != media->item ||
        media->approval.approvedByName.trimmed().isEmpty() || !m_cache.holds(media->sha256) ||
        !m_cache.verifiedPath(media->sha256))
        return std::nullopt;
    return RelayStandby{media->item, media->sha256, media->frames};
}

// What is to stand by may be fetched while the relay is open already, or sounds.
void StationDesk::seekStandby(const Bundle& bundle, const SessionTimeline& timeline, const Segment& airing)
{
    RelayPlan& plan = m_openRelays.at(airing.airing);
    const BundleRelay* relay = findRelay(bundle, airing.relay);
    if (plan.standby || !relay || !relay->standby || hashOf(relay->definition) != airing.sha256)
        return;
    plan.standby = standbyOf(bundle, *relay);
    if (plan.standby) {
        m_relays->prepare(plan);
    } else if (timeline.plannedStart(airing) <= m_clock.now() && m_standbyLacks.insert(airing.airing).second) {
        m_notebook.event(m_station.id, u"media-refused"_s,
                         u"standby item of relay %1 is not here as approved"_s.arg(relay->definition.id.value));
    }
}

void StationDesk::openRelays(const Bundle& bundle, const SessionTimeline& timeline)
{
    if (!m_relays)
        return;
    for (const Segment& airing : timeline.airings()) {
        if (airing.relay.isEmpty() || !isDue(timeline, airing, m_clock.now()))
            continue;
        if (m_openRelays.contains(airing.airing)) {
            seekStandby(bundle, timeline, airing);
            continue;
        }
        // What was admitted is this definition, or the bundle has another by now and withdraws it.
        const BundleRelay* relay = findRelay(bundle, airing.relay);
        if (!relay || hashOf(relay->definition) != airing.sha256)
            continue;
        RelayPlan plan{airing.airing, relay->definition, airing.frames, standbyOf(bundle, *relay)};
        m_relays->prepare(plan);
        m_openRelays.emplace(airing.airing, std::move(plan));
    }
}

std::optional<UtcTime> StationDesk::nextRelay() const
{
    std::optional<UtcTime> next;
    if (!m_relays)
        return next;
    for (const auto& [id, handed] : m_handed) {
        for (const Segment& airing : handed.timeline.airings()) {
            const UtcTime due = handed.timeline.plannedStart(airing) - relayLead;
            if (!airing.relay.isEmpty() && !m_openRelays.contains(airing.airing) && due > m_clock.now() &&
                (!next || due < *next))
                next = due;
        }
    }
    return next;
}

void StationDesk::forgetRelays(const SessionTimeline& timeline)
{
    for (const Segment& airing : timeline.airings()) {
        m_standbyLacks.erase(airing.airing);
        std::erase_if(m_failedLines, [&](const auto& line) { return line.first == airing.airing; });
        if (m_openRelays.erase(airing.airing) > 0)
            m_relays->forget(airing.airing);
    }
}

void StationDesk::happened(const RelayEvent& event)
{
    const auto relay = m_openRelays.find(event.airing);
    if (relay == m_openRelays.end())
        return;
    count(event);
    QString detail = u"%1 (%2)"_s.arg(relay->second.definition.name, relay->second.definition.id.value);
    const auto kind = event.step.kind;
    if (kind == RelayStep::Kind::Standby && relay->second.standby)
        detail += u": item %1"_s.arg(relay->second.standby->item.value);
    else if (kind != RelayStep::Kind::Nothing)
        detail += u": %1 %2"_s.arg(toString(RelayShare{event.step.line, {}}), event.address);
    if (!event.step.detail.isEmpty())
        detail += u": "_s + event.step.detail;
    m_notebook.event(m_station.id, toString(kind), detail);
}

void StationDesk::count(const RelayEvent& event)
{
    const std::pair line{event.airing, event.step.line};
    switch (event.step.kind) {
    case RelayStep::Kind::Opened:
        ++m_relayCount.opens;
        m_relayCount.reconnects += static_cast<std::int64_t>(m_failedLines.erase(line));
        break;
    case RelayStep::Kind::Failed:
        ++m_relayCount.failures;
        m_failedLines.insert(line);
        break;
    case RelayStep::Kind::Silent:
        ++m_relayCount.silences;
        break;
    case RelayStep::Kind::Second:
    case RelayStep::Kind::Standby:
    case RelayStep::Kind::Nothing:
    case RelayStep::Kind::Back:
        break; // which address sounds
    }
}

std::vector<RelayShare> StationDesk::sharesOf(const AiringRecord& record) const
{
    if (!m_relays || record.relay.isEmpty())
        return {};
    return m_relays->soundOf(record.airing, record.sounded).shares;
}

// A standby item that was heard is an airing of that item, which nobody had planned.
void StationDesk::closeStandby(const AiringRecord& record)
{
    const auto relay = m_openRelays.find(record.airing);
    if (record.relay.isEmpty() || relay == m_openRelays.end() || !relay->second.standby || !record.firstFrameAt)
        return;
    const auto play = m_relays->soundOf(record.airing, record.sounded).standby;
    if (!play)
        return;
    const RelayStandby& standby = *relay->second.standby;
    PlannedAiring row;
    row.key = {standbyAiringIdFor(record.airing, standby.item), record.output};
    row.station = m_station.id;
    row.session = record.session;
    row.item = standby.item;
    row.sha256 = standby.sha256;
    row.bundleVersion = record.bundleVersion;
    row.plannedStart = record.plannedStart + toDuration(play->at);
    row.plannedFrames = standby.frames;
    AiringEnd end;
    end.outcome = play->isWhole ? Outcome::Complete : Outcome::Partial;
    end.frames = play->frames;
    end.firstFrameAt = *record.firstFrameAt + toDuration(play->at - FrameCount{record.sounded.front().from});
    end.lastFrameAt = *end.firstFrameAt + toDuration(play->frames - FrameCount{1});
    end.reason = u"relay-standby"_s;
    end.detail = u"stood by for relay %1"_s.arg(record.relay.value);
    m_notebook.plan({row});
    m_notebook.close(row.key, end);
}

} // namespace loa::playout
