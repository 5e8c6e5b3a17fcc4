// The desk's rule for silence where sound should be.
//
// An item whose source gives nothing (its file cannot be read any more, say), or that is silent where its recording is
// not, for `silenceAfter`: it is ended, partial, "silent", and what is left of its time is filled with music: the
// configured item if the bundle holds it, then recordings that may be faded, the longest first, each once. Only those
// may be cut short, so speech stands in only where all of it fits. What comes after keeps its instant. With nothing to
// stand in, the item goes on: its source may come back. A recording that was ordered (an alert) is ended in the same
// way and gives its time back to the plan beneath it: nobody asked for music there.
// Not at fault: a station whose volume is down; a recording that is silent itself, as its reference says
// (proof/reference_shelf.h); where that is not known, silence is told and nothing is done. Relays turn to other
// addresses and their standby item by themselves (engine/relay_chain.h), live speech and tones are a person's.
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

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
    FrameCount left = end - at - toFrames(standInLead);

    std::vector<const BundleMedia*> candidates;
    for (const BundleMedia& media : bundle.media) {
        const bool isChosen = media.item == m_station.silenceStandby;
        if (media.sha256 != silent.sha256 && m_cache.holds(media.sha256) && !media.approval.approvedBy.isEmpty() &&
            !media.approval.approvedByName.trimmed().isEmpty() && (isChosen || media.mayFade))
            candidates.push_back(&media);
    }
    std::stable_sort(candidates.begin(), candidates.end(), [&](const BundleMedia* a, const BundleMedia* b) {
        const auto rank = [&](const BundleMedia& one) {
            return std::pair(one.item != m_station.silenceStandby, -one.frames.value);
        };
        return rank(*a) < rank(*b);
    });
    bool isEnded = false;
    for (const BundleMedia* media : candidates) {
        if (left < worthwhile)
            break;
        if ((media->frames > left && !media->mayFade) || !m_cache.verifiedPath(media->sha256))
            continue;
        if (!std::exchange(isEnded, true) && !endByOrder(handed->second, silent.airing, u"silent"_s))
            return false;
        LiveEvent event;
        event.airing = standbyAiringIdFor(silent.airing, media->item);
        event.item = media->item;
        event.sha256 = media->sha256;
        event.frames = std::min(left, media->frames);
        event.priority = Priority::Normal;
        m_handed.at(id).standIns.emplace(event.airing, silent.airing);
        const auto starts = playNow(event, id);
        if (!starts) {
            m_notebook.event(m_station.id, u"silence-unanswered"_s,
                             u"airing %1: %2"_s.arg(silent.airing.value, describe(starts.error())));
            break;
        }
        left = left - event.frames;
        m_notebook.event(m_station.id, u"silence-standby"_s,
                         u"airing %1 was silent for %2 s: item %3 stands in from %4"_s.arg(silent.airing.value)
                             .arg(std::chrono::duration_cast<std::chrono::seconds>(m_station.silenceAfter).count())
                             .arg(media->item.value, loa::toString(*starts)));
    }
    return isEnded;
}

} // namespace loa::playout
