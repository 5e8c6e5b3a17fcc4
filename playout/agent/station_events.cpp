// What commands let sound, or let fall silent, between and inside the sessions of the bundle. The rule of who goes
// before whom is in playout/timeline/preemption.h; what it cannot say, because a session knows nothing of the next one,
// is said here: an event that sounds while a session of the bundle should begin keeps that session waiting, and the
// session is then joined where it is by the time.
#include "playout/agent/log.h"
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

// What is nearer has been rendered, and a file needs its time to be opened.
constexpr auto eventLead = 1000ms;
// A session that begins so soon cannot be taken back from the player any more.
constexpr auto withdrawal = 1500ms;
constexpr auto coverLife = 24h;

} // namespace

SessionTimeline StationDesk::atVolume(const SessionTimeline& timeline, const Bundle* bundle,
                                      std::chrono::nanoseconds begins) const
{
    if (m_volumes.empty() && m_station.volume == VolumePlan{})
        return timeline;
    const QByteArray zone = bundle ? bundle->timeZone : m_station.timeZone;
    const auto levelsOf = [&](const VolumePlan& plan) {
        return volumeLevels(plan, zone, timeline.startsAt(), timeline.frames());
    };
    const Duration moved =
        m_clock.now() - timeline.startsAt() - std::chrono::floor<Duration>(m_clock.monotonic() - begins);
    const std::vector<VolumeLevel> usual = levelsOf(m_station.volume);
    std::vector<VolumeLevel> levels = usual;
    for (const OrderedVolume& order : m_volumes) {
        const auto ordered = levelsUntil(levelsOf({order.gainDb, {}, m_station.volume.caps}),
                                         toFrames(order.until - moved - timeline.startsAt()), usual);
        levels = levelsUntil(levels, toFrames(std::chrono::floor<Duration>(order.from - begins)), ordered);
    }
    return timeline.withLevels(std::move(levels));
}

SessionTimeline StationDesk::asPlayed(const Handed& handed, const Bundle* bundle) const
{
    if (handed.events.empty())
        return atVolume(handed.timeline, bundle, handed.begins);
    QSet<AiringId> silent;
    for (const Segment& airing : handed.timeline.airings()) {
        if (handed.revoked.contains(airing.airing) || handed.ended.contains(airing.airing))
            silent.insert(airing.airing);
    }
    return atVolume(withLiveEvents(handed.timeline.without(silent), handed.events), bundle, handed.begins);
}

// An output that is opened for a session alone loses what comes before it is open.
std::chrono::milliseconds StationDesk::ownLead() const
{
    std::chrono::milliseconds longest{0};
    for (const OutputConfig& output : m_station.outputs) {
        const DeviceTraits traits = traitsOf(output);
        if (traits.between == BetweenSessions::Closed)
            longest = std::max(longest, traits.leadIn);
    }
    return eventLead + longest;
}

UtcTime StationDesk::timeIn(const Handed& handed) const
{
    return handed.timeline.startsAt() + std::chrono::floor<Duration>(m_clock.monotonic() - handed.begins);
}

std::chrono::nanoseconds StationDesk::monotonicAt(UtcTime instant) const
{
    return m_clock.monotonic() + (instant - m_clock.now());
}

// The session with the player into which an event can still come, so long from now.
std::map<SessionId, StationDesk::Handed>::iterator StationDesk::hostIn(Duration lead)
{
    auto host = m_handed.end();
    for (auto one = m_handed.begin(); one != m_handed.end(); ++one) {
        const UtcTime startsAt = one->second.timeline.startsAt();
        const UtcTime now = timeIn(one->second);
        if (startsAt > now + withdrawal || one->second.until <= now + lead)
            continue;
        if (host == m_handed.end() || startsAt > host->second.timeline.startsAt())
            host = one;
    }
    return host;
}

Result<UtcTime> StationDesk::playNow(LiveEvent wanted, const SessionId& name)
{
    const auto bundle = m_cache.bundle(m_station.id);
    const UtcTime now = m_clock.now();
    const auto running = hostIn(eventLead);
    const bool isOwn = running == m_handed.end();
    SessionId id = isOwn ? name : running->first;
    Handed host = isOwn ? Handed{SessionTimeline(m_station.id, id, bundle ? bundle->version : 0, now + ownLead(), {}),
                                 {},
                                 {},
                                 {},
                                 {},
                                 true,
                                 {},
                                 {},
                                 monotonicAt(now + ownLead())}
                        : running->second;
    const Duration moved = movedSince(host);
    wanted.at = std::max(FrameCount{}, toFrames(timeIn(host) + eventLead - host.timeline.startsAt()));
    host.events.push_back(wanted);
    SessionTimeline played = asPlayed(host, bundle.get());
    const UtcTime first = played.plannedStart(*played.findAiring(wanted.airing)) + moved;
    const auto isRefused = [&](UtcTime from, FrameCount frames) {
        return !bundle || !isAllowed(bundle->policies, QTimeZone(bundle->timeZone), from, from + toDuration(frames));
    };
    if (wanted.priority != Priority::Emergency && isRefused(first, wanted.frames)) {
        return fail(ErrorCategory::Forbidden,
                    {u"Ngoài khung giờ được phát; chỉ lệnh khẩn cấp phát được lúc này."_s,
                     u"Outside the hours in which it may sound; only an EMERGENCY may now."_s},
                    u"outside-hours"_s);
    }
    dropOutsideHours(host, bundle.get());
    played = asPlayed(host, bundle.get());
    host.until = played.endsAt();
    if (!clearTheWay(id, played.startsAt() + moved, host.until + moved)) {
        return fail(ErrorCategory::Conflict,
                    {u"Buổi phát kế tiếp sắp bắt đầu, không xen vào được."_s,
                     u"The next session is about to begin; nothing can come in between."_s},
                    u"player-refused"_s);
    }
    // Rows of events that wait are told their new place.
    std::vector<PlannedAiring> rows;
    for (const LiveEvent& event : host.events) {
        for (PlannedAiring& row : rowsOf(event, played, bundle.get()))
            rows.push_back(std::move(row));
    }
    m_notebook.plan(rows);
    m_notebook.checkpoint();
    if (auto accepted = isOwn ? m_player->play(played) : m_player->amend(played); !accepted) {
        std::erase_if(rows, [&](const PlannedAiring& row) { return row.key.airing != wanted.airing; });
        m_notebook.closeUnplayed(std::move(rows), unplayed(u"player-refused"_s, describe(accepted.error())));
        Error error = accepted.error();
        error.where = u"player-refused"_s;
        return tl::unexpected(std::move(error));
    }
    coverBy(id, host);
    const UtcTime start = played.plannedStart(*played.findAiring(wanted.airing)) + moved;
    qCInfo(agentLog).noquote().nospace() << "event station=" << m_station.id.value << " airing=" << wanted.airing.value
                                         << " session=" << id.value << " starts=" << loa::toString(start)
                                         << " own_session=" << (isOwn ? "yes" : "no");
    m_handed.insert_or_assign(std::move(id), std::move(host));
    return start;
}

bool StationDesk::joinEvent(LiveEvent wanted, const SessionId& name, UtcTime began)
{
    const auto bundle = m_cache.bundle(m_station.id);
    const UtcTime now = m_clock.now();
    const UtcTime end = began + toDuration(wanted.frames);
    // What sounds already would have to give way in its middle, at a frame that has been rendered.
    if (now + toDuration(shortestJoin) > end || hostIn(eventLead) != m_handed.end())
        return false;
    if (wanted.priority != Priority::Emergency &&
        (!bundle || !isAllowed(bundle->policies, QTimeZone(bundle->timeZone), now, end)))
        return false;
    wanted.at = {};
    const SessionTimeline none(m_station.id, name, bundle ? bundle->version : 0, began, {});
    Handed host{none, {}, {}, {}, {wanted}, true, end, {}, monotonicAt(began)};
    const SessionTimeline played = asPlayed(host, bundle.get());
    if (!clearTheWay(name, now, end))
        return false;
    std::vector<PlannedAiring> rows = rowsOf(wanted, played, bundle.get());
    m_notebook.plan(rows);
    m_notebook.checkpoint();
    if (auto accepted = m_player->play(played); !accepted) {
        m_notebook.closeUnplayed(std::move(rows), unplayed(u"player-refused"_s, describe(accepted.error())));
        return false;
    }
    coverBy(name, host);
    qCInfo(agentLog).noquote().nospace() << "event-joined station=" << m_station.id.value
                                         << " airing=" << wanted.airing.value << " began=" << loa::toString(began);
    m_handed.insert_or_assign(name, std::move(host));
    return true;
}

// An event that waits, and whose turn would now come outside the hours, does not sound (promise 2).
void StationDesk::dropOutsideHours(Handed& handed, const Bundle* bundle)
{
    const FrameCount soon = toFrames(timeIn(handed) - handed.timeline.startsAt());
    for (bool again = true; again;) {
        again = false;
        const SessionTimeline played = asPlayed(handed, bundle);
        for (LiveEvent& event : handed.events) {
            const Segment* place = played.findAiring(event.airing);
            if (event.priority == Priority::Emergency || event.cutAt || !place || place->offset <= soon)
                continue;
            const UtcTime start = played.plannedStart(*place) + movedSince(handed);
            if (bundle &&
                isAllowed(bundle->policies, QTimeZone(bundle->timeZone), start, start + toDuration(event.frames)))
                continue;
            event.cutAt = place->offset;
            handed.ended.emplace(event.airing, u"outside-hours"_s);
            again = true;
            break;
        }
    }
}

// Takes back sessions that would begin while the event's sounds. They are handed over again when it is over.
bool StationDesk::clearTheWay(const SessionId& host, UtcTime from, UtcTime until)
{
    for (auto handed = m_handed.begin(); handed != m_handed.end();) {
        const UtcTime startsAt = handed->second.timeline.startsAt();
        if (handed->first == host || startsAt >= until || handed->second.until <= from) {
            ++handed;
            continue;
        }
        if (!m_player->withdraw(handed->first))
            return false;
        forgetWithdrawn(handed->second);
        m_over.erase(handed->first);
        handed = m_handed.erase(handed);
    }
    return true;
}

std::vector<PlannedAiring> StationDesk::rowsOf(const LiveEvent& event, const SessionTimeline& played,
                                               const Bundle* bundle) const
{
    const Segment* place = played.findAiring(event.airing);
    if (!place)
        return {};
    std::vector<PlannedAiring> rows;
    for (const OutputConfig& output : m_station.outputs)
        rows.push_back({{event.airing, output.name},
                        m_station.id,
                        played.session(),
                        event.item,
                        event.sha256,
                        bundle ? bundle->version : 0,
                        played.plannedStart(*place),
                        event.frames});
    return rows;
}

// Falls softly from the next block on; an event gives its place back a moment later.
bool StationDesk::endByOrder(Handed& handed, const AiringId& airing, const QString& reason)
{
    const UtcTime now = timeIn(handed);
    const auto event = std::find_if(handed.events.begin(), handed.events.end(),
                                    [&](const LiveEvent& one) { return one.airing == airing; });
    const bool isEvent = event != handed.events.end();
    const Segment* planned = handed.timeline.findAiring(airing);
    if ((!isEvent && !planned) || handed.ended.contains(airing) || handed.revoked.contains(airing))
        return false;
    const SessionTimeline played = asPlayed(handed, nullptr);
    const Segment* place = played.findAiring(airing);
    if (!place || played.plannedStart(*place) + toDuration(place->frames) <= now)
        return false;
    if (isEvent)
        event->cutAt = std::max(FrameCount{}, toFrames(now + eventLead - handed.timeline.startsAt()));
    handed.ended.emplace(airing, reason);
    m_player->revoke(handed.timeline.session(), airing);
    return true;
}

void StationDesk::amendByOrder(const SessionId& id, Handed& handed)
{
    const auto bundle = m_cache.bundle(m_station.id);
    const SessionTimeline played = asPlayed(handed, bundle.get());
    // When it is over by now there is nothing to change.
    if (auto amended = m_player->amend(played); !amended && amended.error().category != ErrorCategory::NotFound)
        qCWarning(agentLog).noquote().nospace()
            << "not-amended session=" << id.value << ' ' << describe(amended.error());
    handed.until = played.endsAt();
    coverBy(id, handed);
}

int StationDesk::silence(UtcTime until)
{
    const UtcTime now = m_clock.now();
    int count = 0;
    for (auto& [id, handed] : m_handed) {
        const int before = count;
        for (const Segment& airing : handed.timeline.airings()) {
            if (handed.timeline.plannedStart(airing) + movedSince(handed) < until)
                count += endByOrder(handed, airing.airing, u"stopped"_s) ? 1 : 0;
        }
        for (const LiveEvent& event : std::vector(handed.events))
            count += endByOrder(handed, event.airing, u"stopped"_s) ? 1 : 0;
        if (count > before && !handed.events.empty())
            amendByOrder(id, handed);
    }
    m_covers.push_back({now, until, u"stopped"_s, false, {}});
    return count;
}

bool StationDesk::silence(const AiringId& airing, const QString& reason)
{
    for (auto& [id, handed] : m_handed) {
        if (!endByOrder(handed, airing, reason))
            continue;
        if (!handed.events.empty())
            amendByOrder(id, handed);
        return true;
    }
    const auto bundle = m_cache.bundle(m_station.id);
    if (!bundle)
        return false;
    for (const BundleSession& session : bundle->sessions) {
        for (const BundleAiring& planned : session.airings) {
            if (planned.id == airing && startOf(session, planned) > m_clock.now() && !m_handed.contains(session.id))
                return m_stopped.insert(airing).second;
        }
    }
    return false;
}

void StationDesk::setVolume(double gainDb, UtcTime until)
{
    // Orders of before hold for what has sounded under them.
    const auto now = m_clock.monotonic();
    for (std::size_t count = m_volumes.size(); count > 1 && m_volumes[1].from + coverLife < now; --count)
        m_volumes.erase(m_volumes.begin());
    if (m_handed.empty())
        m_volumes.clear();
    m_volumes.push_back({gainDb, m_handed.empty() ? now : now + eventLead, until});
    for (auto& [id, handed] : m_handed)
        amendByOrder(id, handed);
}

// While the events of a session sound, no other can begin.
void StationDesk::coverBy(const SessionId& id, const Handed& handed)
{
    std::erase_if(m_covers,
                  [&](const Cover& cover) { return cover.event == id || cover.until + coverLife < m_clock.now(); });
    const Duration moved = movedSince(handed);
    const UtcTime from = handed.isOwn ? handed.timeline.startsAt() : handed.timeline.endsAt();
    if (!handed.events.empty() && from < handed.until)
        m_covers.push_back({from + moved, handed.until + moved, u"pre-empted"_s, true, id});
}

std::optional<UtcTime> StationDesk::busyUntil(const BundleSession& session) const
{
    std::optional<UtcTime> until;
    for (const auto& [id, handed] : m_handed) {
        const UtcTime over = handed.until + movedSince(handed);
        if (id != session.id && !handed.events.empty() &&
            handed.timeline.startsAt() + movedSince(handed) < endOf(session) && session.startsAt < over)
            until = std::max(until.value_or(over), over);
    }
    return until;
}

const StationDesk::Cover* StationDesk::coverOf(UtcTime start) const
{
    const auto cover = std::find_if(m_covers.begin(), m_covers.end(),
                                    [&](const Cover& one) { return one.from <= start && start < one.until; });
    return cover == m_covers.end() ? nullptr : &*cover;
}

bool StationDesk::isStopped(const AiringId& airing, UtcTime start) const
{
    return m_stopped.contains(airing) || std::any_of(m_covers.begin(), m_covers.end(), [&](const Cover& cover) {
               return !cover.canBeJoined && cover.from <= start && start < cover.until;
           });
}

void StationDesk::close(const AiringKey& key, const AiringEnd& end)
{
    m_notebook.close(key, end);
    if (m_told)
        m_told(key.airing, &end);
}

} // namespace loa::playout
