// The desk's rule for silence where sound should be.
//
// An item whose source gives nothing (its file cannot be read any more, say), or that is silent where its recording is
// not, for `silenceAfter`: it is ended, partial, "silent", and what is left of its time is filled with music: the
// configured item if the bundle holds it, then recordings that may be faded, the longest first, each once. Only those
// may be cut short, so speech stands in only where all of it fits. What comes after keeps its instant. With nothing to
// stand in, the item goes on: its source may come back. A recording that was ordered (an alert) is ended in the same
// way and gives its time back to the plan beneath it: nobody asked for music there. An item of a session whose file has
// not come by its start is given up, and its time is filled in the same way.
// Not at fault: a station whose volume is down; a recording that is silent itself, as its reference says
// (proof/reference_shelf.h); where that is not known, silence is told and nothing is done. Relays turn to other
// addresses and their standby item by themselves (engine/relay_chain.h), live speech and tones are a person's.
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <QTimeZone>

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto standInLead = 1000ms; // as for any event
constexpr FrameCount worthwhile{5 * sampleRate};
constexpr float turnedDown = 0.03F;            // -30 dB: somebody wants it hardly heard
constexpr std::int16_t silentLoudness = -6000; // 1/100 LUFS

struct SilentPiece {
    SessionId session;
    Segment piece;
};

} // namespace

void StationDesk::heedSilence(const Bundle& bundle)
{
    const ProgrammeSilence silence = m_player->silence();
    if (!silence.now) {
        m_notebook.eventOnChange(silenceSubject(), m_station.id, u"programme-sounds"_s, {});
        m_unanswered = {};
        return;
    }
    std::vector<SilentPiece> pieces;
    for (const auto& [id, handed] : m_handed) {
        const SessionTimeline played = asPlayed(handed, &bundle);
        const FrameCount at = toFrames(timeIn(handed) - played.startsAt());
        for (const Segment& piece : played.segments()) {
            if (at < piece.offset || at >= piece.end() || handed.ended.contains(piece.airing) ||
                handed.revoked.contains(piece.airing))
                continue;
            // What the one before was silent about is not this one's.
            if (at - piece.offset < toFrames(m_station.silenceAfter))
                return;
            if (!silence.isMissing && isOwnSilence(piece, at - piece.origin()))
                return;
            if (played.volumeAt(at) < turnedDown)
                return;
            pieces.push_back({id, piece});
        }
    }
    if (pieces.empty())
        return; // what was silent is over by now
    const auto longest = std::max_element(pieces.begin(), pieces.end(), [](const SilentPiece& a, const SilentPiece& b) {
        return a.piece.end() < b.piece.end();
    });
    const Segment silent = longest->piece;
    m_notebook.eventOnChange(silenceSubject(), m_station.id, u"programme-silent"_s,
                             u"airing %1"_s.arg(silent.airing.value));
    const bool isFault =
        silent.relay.isEmpty() && !silent.isLive && silent.item != toneItem() &&
        (silence.isMissing || (m_proofs.findReference && m_proofs.findReference(silent.sha256) != nullptr));
    if (!isFault || !m_station.standsIn || m_unanswered == silent.airing)
        return;
    if (endSilentEvent(longest->session, silent.airing) || standIn(bundle, longest->session, silent))
        return;
    m_unanswered = silent.airing;
    m_notebook.event(m_station.id, u"silence-unanswered"_s,
                     u"airing %1: no item that may stand in for it"_s.arg(silent.airing.value));
}

// What lies beneath it comes back, where it would be by now.
bool StationDesk::endSilentEvent(const SessionId& id, const AiringId& airing)
{
    Handed& handed = m_handed.at(id);
    const bool isEvent = std::any_of(handed.events.begin(), handed.events.end(),
                                     [&](const LiveEvent& event) { return event.airing == airing; });
    if (!isEvent || !endByOrder(handed, airing, u"silent"_s))
        return false;
    amendByOrder(id, handed);
    m_notebook.event(m_station.id, u"silence-unanswered"_s,
                     u"airing %1: ended, so that the plan goes on"_s.arg(airing.value));
    return true;
}

// The recording is silent where it should sound now, and has been for as long.
bool StationDesk::isOwnSilence(const Segment& segment, FrameCount at) const
{
    if (!segment.relay.isEmpty() || !m_proofs.findReference)
        return false;
    const auto reference = m_proofs.findReference(segment.sha256);
    if (!reference)
        return false;
    // The mix runs ahead of what leaves, by less than a second.
    const FrameCount silentFrom = at - toFrames(m_station.silenceAfter) + FrameCount{sampleRate};
    const auto hop = Reference::loudnessHop.value;
    const std::int64_t from = std::max<std::int64_t>(0, silentFrom.value / hop);
    const std::int64_t until =
        std::min<std::int64_t>((at - Reference::loudnessBlock).value / hop, std::ssize(reference->loudness));
    for (std::int64_t block = from; block < until; ++block) {
        if (reference->loudness[static_cast<std::size_t>(block)] > silentLoudness)
            return false;
    }
    return true;
}

bool StationDesk::standIn(const Bundle& bundle, const SessionId& id, const Segment& silent)
{
    const auto handed = m_handed.find(id);
    if (handed == m_handed.end())
        return false;
    const FrameCount at = toFrames(timeIn(handed->second) - handed->second.timeline.startsAt());
    const SessionTimeline played = asPlayed(handed->second, &bundle);
    for (const LiveEvent& event : handed->second.events) {
        const Segment* place = played.findAiring(event.airing);
        if (!event.cutAt && place && place->end() > at)
            return false; // an event sounds, or waits for this very time
    }
    FrameCount end = silent.end();
    for (const Segment& airing : handed->second.timeline.airings()) {
        if (airing.offset > silent.offset)
            end = std::min(end, airing.offset);
    }
    const auto picks = standInsFor(bundle, silent.airing, silent.sha256, end - at - toFrames(standInLead));
    if (picks.empty() || !endByOrder(handed->second, silent.airing, u"silent"_s))
        return false;
    for (const LiveEvent& event : picks) {
        m_handed.at(id).standIns.emplace(event.airing, StandIn{silent.airing, u"which was silent"_s});
        const auto starts = playNow(event, id);
        if (!starts) {
            m_notebook.event(m_station.id, u"silence-unanswered"_s,
                             u"airing %1: %2"_s.arg(silent.airing.value, describe(starts.error())));
            break;
        }
        m_notebook.event(m_station.id, u"silence-standby"_s,
                         u"airing %1 was silent for %2 s: item %3 stands in from %4"_s.arg(silent.airing.value)
                             .arg(std::chrono::duration_cast<std::chrono::seconds>(m_station.silenceAfter).count())
                             .arg(event.item.value, loa::toString(*starts)));
    }
    return true;
}

// Verified recordings that may fill so much time in the airing's stead, one behind the other.
std::vector<LiveEvent> StationDesk::standInsFor(const Bundle& bundle, const AiringId& instead, const Sha256& without,
                                                FrameCount left)
{
    std::vector<const BundleMedia*> candidates;
    for (const BundleMedia& media : bundle.media) {
        const bool isChosen = media.item == m_station.silenceStandby;
        if (media.sha256 != without && m_cache.holds(media.sha256) && !media.approval.approvedBy.isEmpty() &&
            !media.approval.approvedByName.trimmed().isEmpty() && (isChosen || media.mayFade))
            candidates.push_back(&media);
    }
    std::stable_sort(candidates.begin(), candidates.end(), [&](const BundleMedia* a, const BundleMedia* b) {
        const auto rank = [&](const BundleMedia& one) {
            return std::pair(one.item != m_station.silenceStandby, -one.frames.value);
        };
        return rank(*a) < rank(*b);
    });
    std::vector<LiveEvent> events;
    for (const BundleMedia* media : candidates) {
        if (left < worthwhile)
            break;
        if ((media->frames > left && !media->mayFade) || !m_cache.verifiedPath(media->sha256))
            continue;
        LiveEvent event;
        event.airing = standbyAiringIdFor(instead, media->item);
        event.item = media->item;
        event.sha256 = media->sha256;
        event.frames = std::min(left, media->frames);
        event.priority = Priority::Normal;
        events.push_back(event);
        left = left - event.frames;
    }
    return events;
}

void StationDesk::fillFor(const Bundle& bundle, const BundleSession& session, const BundleAiring& missing)
{
    const auto handed = m_handed.find(session.id);
    if (!m_station.standsIn || handed == m_handed.end())
        return;
    Handed filled = handed->second;
    FrameCount from = std::max(missing.offset, toFrames(timeIn(filled) + standInLead - session.startsAt));
    FrameCount until = missing.offset + missing.frames;
    // Where something else sounds, nothing is missing.
    const SessionTimeline before = asPlayed(filled, &bundle);
    for (const Segment& piece : before.segments()) {
        if (piece.offset <= from)
            from = std::max(from, piece.end());
        else
            until = std::min(until, piece.offset);
    }
    const UtcTime start = session.startsAt + toDuration(from);
    if (until <= from ||
        !isAllowed(bundle.policies, QTimeZone(bundle.timeZone), start, start + toDuration(until - from)))
        return;
    auto picks = standInsFor(bundle, missing.id, missing.sha256, until - from);
    for (LiveEvent& event : picks) {
        event.at = from;
        from += event.frames;
        filled.events.push_back(event);
        filled.standIns.emplace(event.airing, StandIn{missing.id, u"whose file was missing"_s});
    }
    if (picks.empty())
        return;
    const SessionTimeline played = asPlayed(filled, &bundle);
    std::vector<PlannedAiring> rows;
    for (const LiveEvent& event : picks) {
        for (PlannedAiring& row : rowsOf(event, played, &bundle))
            rows.push_back(std::move(row));
    }
    m_notebook.plan(rows);
    m_notebook.checkpoint();
    if (auto amended = m_player->amend(played); !amended) {
        m_notebook.closeUnplayed(std::move(rows), unplayed(u"player-refused"_s, describe(amended.error())));
        return;
    }
    filled.until = played.endsAt();
    coverBy(session.id, filled);
    handed->second = std::move(filled);
    for (const LiveEvent& event : picks)
        m_notebook.event(
            m_station.id, u"silence-standby"_s,
            u"airing %1 has no file: item %2 stands in from %3"_s.arg(
                missing.id.value, event.item.value, loa::toString(session.startsAt + toDuration(event.at))));
}

} // namespace loa::playout
