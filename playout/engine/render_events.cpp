#include "playout/engine/render_events.h"

#include "playout/timeline/preemption.h"
#include "playout/timeline/volume.h"
#include "scheduler/contract/hours.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::playout {

namespace {

struct Host {
    SessionTimeline planned;
    std::vector<LiveEvent> events = {};
    UtcTime joinedAt = planned.startsAt();

    [[nodiscard]] SessionTimeline played() const
    {
        return events.empty() ? planned.softened() : withLiveEvents(planned, events);
    }
    [[nodiscard]] UtcTime until() const { return played().endsAt(); }
    [[nodiscard]] FrameCount frameAt(UtcTime instant) const
    {
        return std::max(FrameCount{}, toFrames(instant - planned.startsAt()));
    }
};

// Whoever would begin while another sounds waits for it.
void keepWaiting(std::vector<Host>& hosts)
{
    for (std::size_t index = 1; index < hosts.size(); ++index) {
        const Host& before = hosts[index - 1];
        const UtcTime busyUntil = before.events.empty() ? before.joinedAt : std::max(before.until(), before.joinedAt);
        hosts[index].joinedAt = std::max(hosts[index].planned.startsAt(), busyUntil);
    }
}

Host& hostOf(std::vector<Host>& hosts, const Bundle& bundle, const Announcement& one)
{
    keepWaiting(hosts);
    const auto running = std::find_if(
        hosts.begin(), hosts.end(), [&](const Host& host) { return host.joinedAt <= one.at && one.at < host.until(); });
    if (running != hosts.end())
        return *running;
    const auto next =
        std::find_if(hosts.begin(), hosts.end(), [&](const Host& host) { return host.planned.startsAt() > one.at; });
    const SessionId name{QStringLiteral("live-") + one.airing.value};
    return *hosts.insert(next, Host{SessionTimeline(bundle.station, name, bundle.version, one.at, {})});
}

void announce(std::vector<Host>& hosts, const Bundle& bundle, const Announcement& one, std::vector<Refusal>& refusals)
{
    std::vector<Host> with = hosts;
    Host& host = hostOf(with, bundle, one);
    host.events.push_back({one.airing, {}, one.sha256, host.frameAt(one.at), one.frames, one.priority});
    const SessionTimeline played = host.played();
    const UtcTime start = played.plannedStart(*played.findAiring(one.airing));
    const bool isAllowedThen =
        one.priority == Priority::Emergency ||
        isAllowed(bundle.policies, QTimeZone(bundle.timeZone), start, start + toDuration(one.frames));
    if (!isAllowedThen) {
        BundleAiring airing;
        airing.id = one.airing;
        airing.sha256 = one.sha256;
        airing.frames = one.frames;
        airing.priority = one.priority;
        refusals.push_back({airing, start, RefusalReason::OutsideHours, {}});
        return;
    }
    hosts = std::move(with);
}

// The planned airings that a stop takes off, and from which frame of the session on.
struct Cuts {
    QSet<AiringId> never; // they do not begin
    std::vector<std::pair<AiringId, FrameCount>> from;
};

Cuts cutsOf(Host& host, const std::vector<Stop>& stops)
{
    Cuts cuts;
    for (const Stop& stop : stops) {
        const bool isAll = stop.airing.value.isEmpty();
        const FrameCount at = host.frameAt(stop.at);
        for (LiveEvent& event : host.events) {
            const SessionTimeline played = host.played();
            const Segment* place = played.findAiring(event.airing);
            const UtcTime start = played.plannedStart(*place);
            const bool isMeant = isAll ? start < stop.until : event.airing == stop.airing;
            if (isMeant && stop.at < start + toDuration(event.frames))
                event.cutAt = std::min(event.cutAt.value_or(at + softCut), at + softCut);
        }
        for (const Segment& airing : host.planned.airings()) {
            const UtcTime start = host.planned.plannedStart(airing);
            const bool isMeant = isAll ? start < stop.until : airing.airing == stop.airing;
            if (!isMeant || start + toDuration(airing.frames) <= stop.at)
                continue;
            if (start >= stop.at)
                cuts.never.insert(airing.airing);
            else
                cuts.from.emplace_back(airing.airing, at);
        }
    }
    return cuts;
}

// As RevokedSource: falls over `softCut` from the frame on.
SessionTimeline without(const SessionTimeline& played, const Cuts& cuts)
{
    std::vector<Segment> pieces = played.segments();
    for (const auto& [airing, from] : cuts.from) {
        std::erase_if(pieces, [&](const Segment& piece) { return piece.airing == airing && piece.offset >= from; });
        for (Segment& piece : pieces) {
            if (piece.airing != airing || piece.end() <= from + softCut)
                continue;
            piece.frames = from + softCut - piece.offset;
            piece.fadeOut = softCut;
        }
    }
    return played.withPieces(played.airings(), std::move(pieces)).softened();
}

SessionTimeline atLevels(const SessionTimeline& played, const Bundle& bundle, const std::vector<OrderedLevel>& levels)
{
    std::vector<VolumeLevel> all;
    for (const OrderedLevel& level : levels) {
        if (level.until <= played.startsAt() || level.at >= played.endsAt())
            continue;
        const auto gain = volumeLevels({level.gainDb, {}, {}}, bundle.timeZone, played.startsAt(), played.frames());
        const FrameCount from = toFrames(std::max(level.at, played.startsAt()) - played.startsAt());
        if (all.empty())
            all.push_back({});
        auto usual = all;
        auto ordered = levelsUntil(gain, toFrames(level.until - played.startsAt()), usual);
        ordered.front().from = from;
        std::erase_if(all, [&](const VolumeLevel& one) { return one.from >= from; });
        all.insert(all.end(), ordered.begin(), ordered.end());
    }
    return all.empty() ? played : played.withLevels(std::move(all));
}

// What it would be joined in with too little left is not joined.
SessionTimeline joinable(const SessionTimeline& planned, UtcTime at)
{
    QSet<AiringId> tooLate;
    for (const Segment& airing : planned.airings()) {
        const UtcTime start = planned.plannedStart(airing);
        if (start < at && start + toDuration(airing.frames) < at + toDuration(shortestJoin))
            tooLate.insert(airing.airing);
    }
    return planned.without(tooLate);
}

} // namespace

std::vector<RenderedSession> withEvents(const Bundle& bundle, const std::vector<SessionTimeline>& sessions,
                                        const RenderEvents& events, std::vector<Refusal>& refusals)
{
    std::vector<Host> hosts;
    for (const SessionTimeline& session : sessions)
        hosts.push_back({session});
    std::vector<Announcement> announcements = events.announcements;
    std::stable_sort(announcements.begin(), announcements.end(),
                     [](const Announcement& a, const Announcement& b) { return a.at < b.at; });
    for (const Announcement& one : announcements)
        announce(hosts, bundle, one, refusals);

    std::vector<Cuts> cuts;
    for (Host& host : hosts)
        cuts.push_back(cutsOf(host, events.stops));
    keepWaiting(hosts);
    std::vector<RenderedSession> rendered;
    for (std::size_t index = 0; index < hosts.size(); ++index) {
        Host& host = hosts[index];
        host.planned = host.planned.without(cuts[index].never);
        if (host.joinedAt > host.planned.startsAt())
            host.planned = joinable(host.planned, host.joinedAt);
        rendered.push_back({atLevels(without(host.played(), cuts[index]), bundle, events.levels), host.joinedAt});
    }
    return rendered;
}

} // namespace loa::playout
