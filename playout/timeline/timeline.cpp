#include "playout/timeline/timeline.h"

#include <QTimeZone>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace loa::playout {

namespace {

bool isOrdered(const std::vector<Segment>& segments)
{
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const Segment& segment = segments[index];
        if (segment.frames.value <= 0 || (index > 0 && segment.offset < segments[index - 1].offset))
            return false;
        const auto together = std::count_if(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(index),
                                            [&](const Segment& before) { return before.end() > segment.offset; });
        if (static_cast<std::size_t>(together) >= mostAtOnce)
            return false;
    }
    return true;
}

QDate localDateOf(UtcTime instant, const QTimeZone& zone)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
    return QDateTime::fromSecsSinceEpoch(seconds, zone).date();
}

// Which of the day's sessions this is, from 0.
int sessionOfDay(const Bundle& bundle, const BundleSession& session, const QTimeZone& zone)
{
    const QDate day = localDateOf(session.startsAt, zone);
    return static_cast<int>(
        std::count_if(bundle.sessions.begin(), bundle.sessions.end(), [&](const BundleSession& other) {
            return other.startsAt < session.startsAt && localDateOf(other.startsAt, zone) == day;
        }));
}

struct Verdict {
    RefusalReason reason = RefusalReason::NotApproved;
    QString detail;
};

class Guard {
public:
    Guard(const Bundle& bundle, const BundleSession& session, const AdmissionFacts& facts)
        : m_bundle(bundle), m_session(session), m_facts(facts), m_zone(bundle.timeZone)
    {
    }

    std::optional<Verdict> judge(const BundleAiring& airing) const
    {
        if (m_bundle.station != m_facts.station)
            return Verdict{RefusalReason::OtherStation,
                           QStringLiteral("bundle of station %1").arg(m_bundle.station.value)};
        if (m_facts.clock == ClockState::Untrusted)
            return Verdict{RefusalReason::ClockUntrusted, {}};
        if (auto verdict = airing.relay.isEmpty() ? judgeAudio(airing) : judgeRelay(airing))
            return verdict;
        return judgeHours(airing);
    }

    // Null: not listed for that item.
    const BundleMedia* mediaOf(const BundleAiring& airing) const
    {
        const auto media = std::find_if(m_bundle.media.begin(), m_bundle.media.end(), [&](const BundleMedia& entry) {
            return entry.sha256 == airing.sha256 && entry.item == airing.item;
        });
        return media == m_bundle.media.end() ? nullptr : &*media;
    }

private:
    std::optional<Verdict> judgeAudio(const BundleAiring& airing) const
    {
        const BundleMedia* media = mediaOf(airing);
        if (!media)
            return Verdict{RefusalReason::NotApproved,
                           QStringLiteral("no approval of this audio for item %1").arg(airing.item.value)};
        if (media->approval.approvedBy.isEmpty() || media->approval.approvedByName.trimmed().isEmpty())
            return Verdict{RefusalReason::NotApproved, QStringLiteral("the approval names nobody")};
        if ((media->frames != airing.frames && !media->mayFade) || airing.frames > media->frames ||
            airing.frames.value <= 0)
            return Verdict{
                RefusalReason::FramesDiffer,
                QStringLiteral("planned %1 frames, approved %2").arg(airing.frames.value).arg(media->frames.value)};
        if (m_facts.altered.contains(airing.sha256))
            return Verdict{RefusalReason::MediaAltered, toString(airing.sha256)};
        if (!m_facts.verified.contains(airing.sha256))
            return Verdict{RefusalReason::MediaMissing, toString(airing.sha256)};
        return std::nullopt;
    }

    std::optional<Verdict> judgeRelay(const BundleAiring& airing) const
    {
        const BundleRelay* relay = findRelay(m_bundle, airing.relay);
        if (!relay)
            return Verdict{RefusalReason::NotApproved,
                           QStringLiteral("no approval of relay source %1").arg(airing.relay.value)};
        if (relay->approval.approvedBy.isEmpty() || relay->approval.approvedByName.trimmed().isEmpty())
            return Verdict{RefusalReason::NotApproved, QStringLiteral("the approval names nobody")};
        if (relay->approved != airing.sha256 || hashOf(relay->definition) != airing.sha256)
            return Verdict{
                RefusalReason::NotApproved,
                QStringLiteral("the definition of relay source %1 is not the approved one").arg(airing.relay.value)};
        if (auto sound = checkRelay(relay->definition); !sound)
            return Verdict{RefusalReason::NotApproved, sound.error().message.en};
        if (airing.frames.value <= 0)
            return Verdict{RefusalReason::FramesDiffer, {}};
        return std::nullopt;
    }

    std::optional<Verdict> judgeHours(const BundleAiring& airing) const
    {
        const FrameCount end = airing.offset + airing.frames;
        const UtcTime from = m_session.startsAt + toDuration(airing.offset);
        // Rounded up to the microsecond, so that the last frame is judged whole.
        const UtcTime until = m_session.startsAt + toDuration(end) + Duration(end.value % 3 == 0 ? 0 : 1);
        if (from < m_bundle.validFrom || until > m_bundle.validUntil)
            return Verdict{RefusalReason::OutsideBundle, {}};
        if (airing.offset.value < 0 || end > m_session.frames)
            return Verdict{RefusalReason::OutsideSession, QStringLiteral("beyond the session's end")};
        if (airing.priority == Priority::Emergency)
            return std::nullopt;
        if (!m_zone.isValid() || !isAllowed(m_bundle.policies, m_zone, from, until))
            return Verdict{RefusalReason::OutsideHours, {}};
        return judgeLimits(end);
    }

    std::optional<Verdict> judgeLimits(FrameCount end) const
    {
        const HoursPolicy* policy = policyOn(m_bundle.policies, localDateOf(m_session.startsAt, m_zone));
        if (!policy)
            return Verdict{RefusalReason::OutsideHours, QStringLiteral("no policy holds on this date")};
        if (policy->sessionLength.count() > 0 && end > toFrames(policy->sessionLength))
            return Verdict{RefusalReason::OutsideSession,
                           QStringLiteral("longer than the %1 s that %2 allows a session")
                               .arg(policy->sessionLength.count())
                               .arg(policy->name)};
        if (policy->sessionsPerDay > 0 && sessionOfDay(m_bundle, m_session, m_zone) >= policy->sessionsPerDay)
            return Verdict{RefusalReason::OutsideSession,
                           QStringLiteral("more than the %1 sessions that %2 allows a day")
                               .arg(policy->sessionsPerDay)
                               .arg(policy->name)};
        return std::nullopt;
    }

    const Bundle& m_bundle;
    const BundleSession& m_session;
    const AdmissionFacts& m_facts;
    QTimeZone m_zone;
};

} // namespace

float equalPowerRise(std::int64_t index, std::int64_t length)
{
    if (index >= length)
        return 1.0F;
    const double turn = (static_cast<double>(index) + 0.5) / static_cast<double>(length);
    return static_cast<float>(std::sin(turn * std::numbers::pi / 2.0));
}

float Segment::gainAt(FrameCount position) const
{
    const float piece = equalPowerRise((position - offset).value, fadeIn.value) *
                        equalPowerRise((end() - position).value - 1, fadeOut.value);
    if (mixing.fadeIn.value == 0 && mixing.fadeOut.value == 0)
        return piece;
    const std::int64_t frame = (position - origin()).value;
    return piece * (equalPowerRise(frame, mixing.fadeIn.value) *
                    equalPowerRise(mixing.length.value - 1 - frame, mixing.fadeOut.value));
}

float Segment::duckAt(FrameCount position) const
{
    const std::int64_t before = (offset - position).value; // > 0: it has not begun
    const std::int64_t after = (position - end()).value;   // >= 0: it is over
    const std::int64_t away = std::max(before, after + 1);
    if (mixing.duckDb == 0 || away > mixing.duckGlide.value)
        return 1.0F;
    double depth = 1.0;
    if (away > 0)
        depth -= (static_cast<double>(away) - 0.5) / static_cast<double>(mixing.duckGlide.value);
    return static_cast<float>(std::pow(10.0, -mixing.duckDb * depth / 20.0));
}

void Soundings::reverse()
{
    std::reverse(m_each.begin(), m_each.begin() + static_cast<std::ptrdiff_t>(m_count));
}

SessionTimeline::SessionTimeline(StationId station, SessionId session, std::int64_t bundleVersion, UtcTime startsAt,
                                 std::vector<Segment> segments)
    : m_station(std::move(station)), m_session(std::move(session)), m_bundleVersion(bundleVersion),
      m_startsAt(startsAt), m_segments(std::move(segments)), m_airings(m_segments)
{
    assert(isOrdered(m_segments));
    index();
}

void SessionTimeline::index()
{
    m_reach.clear();
    m_ducks.clear();
    FrameCount reach;
    for (std::size_t index = 0; index < m_segments.size(); ++index) {
        reach = std::max(reach, m_segments[index].end());
        m_reach.push_back(reach);
        if (m_segments[index].mixing.duckDb > 0)
            m_ducks.push_back(index);
    }
}

const Segment* SessionTimeline::findAiring(const AiringId& airing) const
{
    const auto found =
        std::find_if(m_airings.begin(), m_airings.end(), [&](const Segment& one) { return one.airing == airing; });
    return found == m_airings.end() ? nullptr : &*found;
}

FrameCount SessionTimeline::frames() const
{
    return m_reach.empty() ? FrameCount{} : m_reach.back();
}

Soundings SessionTimeline::whatSoundsAt(FrameCount position) const
{
    Soundings soundings;
    const auto after = std::upper_bound(m_segments.begin(), m_segments.end(), position,
                                        [](FrameCount at, const Segment& segment) { return at < segment.offset; });
    // Back to where all before are over.
    for (auto index = static_cast<std::size_t>(after - m_segments.begin());
         index > 0 && m_reach[index - 1] > position && !soundings.isFull(); --index) {
        const Segment& segment = m_segments[index - 1];
        if (position < segment.end())
            soundings.add({index - 1, position - segment.origin()});
    }
    soundings.reverse();
    return soundings;
}

FrameCount SessionTimeline::nextChange(FrameCount position) const
{
    const auto after = std::upper_bound(m_segments.begin(), m_segments.end(), position,
                                        [](FrameCount at, const Segment& segment) { return at < segment.offset; });
    FrameCount next = after == m_segments.end() ? std::max(position + FrameCount{1}, frames()) : after->offset;
    for (const Sounding& one : whatSoundsAt(position))
        next = std::min(next, m_segments[one.segment].end());
    return next;
}

FrameCount SessionTimeline::plainUntil(FrameCount position) const
{
    const Soundings soundings = whatSoundsAt(position);
    if (soundings.size() != 1)
        return position;
    const std::size_t index = soundings[0].segment;
    const Segment& segment = m_segments[index];
    if (segment.gainAt(position) != 1.0F || duckAt(index, position) != 1.0F || volumeAt(position) != 1.0F)
        return position;
    FrameCount until = std::min(nextChange(position), segment.end() - segment.fadeOut);
    if (segment.mixing.fadeOut.value > 0)
        until = std::min(until, segment.origin() + segment.mixing.length - segment.mixing.fadeOut);
    for (const std::size_t duck : m_ducks) {
        const Segment& over = m_segments[duck];
        if (duck != index && over.overlaps(segment) && over.end() > position)
            until = std::min(until, over.offset - over.mixing.duckGlide);
    }
    for (const VolumeLevel& level : m_levels) {
        if (level.from > position && level.gain != 1.0F)
            until = std::min(until, level.from);
    }
    return std::max(until, position);
}

float SessionTimeline::duckAt(std::size_t segment, FrameCount position) const
{
    float gain = 1.0F;
    for (const std::size_t duck : m_ducks) {
        if (duck != segment && m_segments[duck].overlaps(m_segments[segment]))
            gain *= m_segments[duck].duckAt(position);
    }
    return gain;
}

bool SessionTimeline::isMixed(std::size_t segment) const
{
    if (segment > 0 && m_reach[segment - 1] > m_segments[segment].offset)
        return true;
    return segment + 1 < m_segments.size() && m_segments[segment + 1].offset < m_segments[segment].end();
}

SessionTimeline SessionTimeline::without(const QSet<AiringId>& airings) const
{
    SessionTimeline rest = *this;
    std::erase_if(rest.m_segments, [&](const Segment& segment) { return airings.contains(segment.airing); });
    std::erase_if(rest.m_airings, [&](const Segment& segment) { return airings.contains(segment.airing); });
    rest.index();
    return rest;
}

SessionTimeline SessionTimeline::withLevels(std::vector<VolumeLevel> levels) const
{
    SessionTimeline other = *this;
    other.m_levels = std::move(levels);
    return other;
}

float SessionTimeline::volumeAt(FrameCount position) const
{
    const auto after = std::upper_bound(m_levels.begin(), m_levels.end(), position,
                                        [](FrameCount at, const VolumeLevel& level) { return at < level.from; });
    if (after == m_levels.begin())
        return 1.0F;
    auto level = std::prev(after);
    FrameCount at = position;
    // A change may come before the one before it is through: back to one that is.
    while (level != m_levels.begin() && at < level->from + volumeGlide) {
        at = level->from;
        --level;
    }
    float gain = level->gain;
    for (++level; level != after; ++level) {
        const FrameCount end = std::next(level) == after ? position : std::next(level)->from;
        const auto way = static_cast<float>((end - level->from).value) / static_cast<float>(volumeGlide.value);
        gain += (level->gain - gain) * std::min(1.0F, way);
    }
    return gain;
}

SessionTimeline SessionTimeline::withPieces(std::vector<Segment> airings, std::vector<Segment> pieces) const
{
    assert(isOrdered(pieces));
    SessionTimeline other = *this;
    other.m_airings = std::move(airings);
    other.m_segments = std::move(pieces);
    other.index();
    return other;
}

SessionTimeline SessionTimeline::softened() const
{
    SessionTimeline soft = *this;
    for (std::size_t index = 0; index < m_segments.size(); ++index) {
        Segment& segment = soft.m_segments[index];
        const bool afterSilence = index == 0 || m_reach[index - 1] < segment.offset;
        const bool beforeSilence = std::none_of(m_segments.begin(), m_segments.end(), [&](const Segment& other) {
            return other.offset <= segment.end() && segment.end() < other.end();
        });
        const bool risesAsPlanned = segment.from.value == 0 && segment.mixing.fadeIn.value > 0;
        const bool fallsAsPlanned = segment.itemEnd() == segment.mixing.length && segment.mixing.fadeOut.value > 0;
        if (afterSilence && !risesAsPlanned)
            segment.fadeIn = std::max(segment.fadeIn, softEdge);
        if (beforeSilence && !fallsAsPlanned)
            segment.fadeOut = std::max(segment.fadeOut, softEdge);
    }
    return soft;
}

QString toString(RefusalReason reason)
{
    switch (reason) {
    case RefusalReason::NotApproved:
        return QStringLiteral("not-approved");
    case RefusalReason::OutsideHours:
        return QStringLiteral("outside-hours");
    case RefusalReason::OutsideSession:
        return QStringLiteral("outside-session");
    case RefusalReason::OutsideBundle:
        return QStringLiteral("outside-bundle");
    case RefusalReason::OtherStation:
        return QStringLiteral("other-station");
    case RefusalReason::MediaMissing:
        return QStringLiteral("media-missing");
    case RefusalReason::MediaAltered:
        return QStringLiteral("media-altered");
    case RefusalReason::FramesDiffer:
        return QStringLiteral("frames-differ");
    case RefusalReason::MixNotAllowed:
        return QStringLiteral("mix-not-allowed");
    case RefusalReason::ClockUntrusted:
        return QStringLiteral("clock-untrusted");
    }
    return {};
}

Admission admit(const Bundle& bundle, const BundleSession& session, const AdmissionFacts& facts)
{
    const Guard guard(bundle, session, facts);
    std::vector<Segment> segments;
    std::vector<Refusal> refusals;
    MixJudge mix;
    for (const BundleAiring& airing : session.airings) {
        std::optional<Verdict> verdict = guard.judge(airing);
        // checkBundle() has seen to this; a bundle that never went through it still may not sound what it likes at
        // once.
        if (!verdict) {
            if (const auto fault = mix.admit(airing, guard.mediaOf(airing)))
                verdict = Verdict{RefusalReason::MixNotAllowed, fault->en};
        }
        if (verdict) {
            refusals.push_back(
                {airing, session.startsAt + toDuration(airing.offset), verdict->reason, verdict->detail});
            continue;
        }
        segments.push_back({airing.id,
                            airing.item,
                            airing.sha256,
                            airing.offset,
                            airing.frames,
                            airing.priority,
                            {},
                            {},
                            {},
                            {airing.frames, airing.fadeIn, airing.fadeOut, airing.duckDb, airing.duckGlide},
                            airing.relay});
    }
    return {SessionTimeline(bundle.station, session.id, bundle.version, session.startsAt, std::move(segments)),
            std::move(refusals)};
}

} // namespace loa::playout
