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
    FrameCount end;
    for (const Segment& segment : segments) {
        if (segment.frames.value <= 0 || segment.offset < end)
            return false;
        end = segment.end();
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
        if (auto verdict = judgeAudio(airing))
            return verdict;
        return judgeHours(airing);
    }

private:
    std::optional<Verdict> judgeAudio(const BundleAiring& airing) const
    {
        const auto media = std::find_if(m_bundle.media.begin(), m_bundle.media.end(), [&](const BundleMedia& entry) {
            return entry.sha256 == airing.sha256 && entry.item == airing.item;
        });
        if (media == m_bundle.media.end())
            return Verdict{RefusalReason::NotApproved,
                           QStringLiteral("no approval of this audio for item %1").arg(airing.item.value)};
        if (media->approval.approvedBy.isEmpty() || media->approval.approvedByName.trimmed().isEmpty())
            return Verdict{RefusalReason::NotApproved, QStringLiteral("the approval names nobody")};
        if (media->frames != airing.frames || airing.frames.value <= 0)
            return Verdict{
                RefusalReason::FramesDiffer,
                QStringLiteral("planned %1 frames, approved %2").arg(airing.frames.value).arg(media->frames.value)};
        if (m_facts.altered.contains(airing.sha256))
            return Verdict{RefusalReason::MediaAltered, toString(airing.sha256)};
        if (!m_facts.verified.contains(airing.sha256))
            return Verdict{RefusalReason::MediaMissing, toString(airing.sha256)};
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
    return equalPowerRise((position - offset).value, fadeIn.value) *
           equalPowerRise((end() - position).value - 1, fadeOut.value);
}

SessionTimeline::SessionTimeline(StationId station, SessionId session, std::int64_t bundleVersion, UtcTime startsAt,
                                 std::vector<Segment> segments)
    : m_station(std::move(station)), m_session(std::move(session)), m_bundleVersion(bundleVersion),
      m_startsAt(startsAt), m_segments(std::move(segments)), m_airings(m_segments)
{
    assert(isOrdered(m_segments));
}

const Segment* SessionTimeline::findAiring(const AiringId& airing) const
{
    const auto found =
        std::find_if(m_airings.begin(), m_airings.end(), [&](const Segment& one) { return one.airing == airing; });
    return found == m_airings.end() ? nullptr : &*found;
}

FrameCount SessionTimeline::frames() const
{
    return m_segments.empty() ? FrameCount{} : m_segments.back().end();
}

std::optional<Sounding> SessionTimeline::whatSoundsAt(FrameCount position) const
{
    const auto after = std::upper_bound(m_segments.begin(), m_segments.end(), position,
                                        [](FrameCount at, const Segment& segment) { return at < segment.offset; });
    if (after == m_segments.begin())
        return std::nullopt;
    const auto segment = std::prev(after);
    if (position >= segment->end())
        return std::nullopt;
    return Sounding{static_cast<std::size_t>(segment - m_segments.begin()), position - segment->origin()};
}

FrameCount SessionTimeline::nextChange(FrameCount position) const
{
    const auto after = std::upper_bound(m_segments.begin(), m_segments.end(), position,
                                        [](FrameCount at, const Segment& segment) { return at < segment.offset; });
    if (after != m_segments.begin() && position < std::prev(after)->end())
        return std::prev(after)->end();
    return after == m_segments.end() ? std::max(position + FrameCount{1}, frames()) : after->offset;
}

SessionTimeline SessionTimeline::without(const QSet<AiringId>& airings) const
{
    SessionTimeline rest = *this;
    std::erase_if(rest.m_segments, [&](const Segment& segment) { return airings.contains(segment.airing); });
    std::erase_if(rest.m_airings, [&](const Segment& segment) { return airings.contains(segment.airing); });
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
    const auto level = std::prev(after);
    if (level == m_levels.begin() || position >= level->from + volumeGlide)
        return level->gain;
    const float before = std::prev(level)->gain;
    const auto way = static_cast<float>((position - level->from).value) / static_cast<float>(volumeGlide.value);
    return before + (level->gain - before) * way;
}

SessionTimeline SessionTimeline::withPieces(std::vector<Segment> airings, std::vector<Segment> pieces) const
{
    assert(isOrdered(pieces));
    SessionTimeline other = *this;
    other.m_airings = std::move(airings);
    other.m_segments = std::move(pieces);
    return other;
}

SessionTimeline SessionTimeline::softened() const
{
    SessionTimeline soft = *this;
    std::vector<Segment>& segments = soft.m_segments;
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const bool afterSilence = index == 0 || segments[index - 1].end() < segments[index].offset;
        const bool beforeSilence = index + 1 == segments.size() || segments[index].end() < segments[index + 1].offset;
        if (afterSilence)
            segments[index].fadeIn = std::max(segments[index].fadeIn, softEdge);
        if (beforeSilence)
            segments[index].fadeOut = std::max(segments[index].fadeOut, softEdge);
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
    FrameCount end;
    for (const BundleAiring& airing : session.airings) {
        std::optional<Verdict> verdict = guard.judge(airing);
        // checkBundle() has seen to the order; a bundle that never went through it still may not sound two things at
        // once.
        if (!verdict && airing.offset < end)
            verdict = Verdict{RefusalReason::OutsideSession, QStringLiteral("overlaps the airing before")};
        if (verdict) {
            refusals.push_back(
                {airing, session.startsAt + toDuration(airing.offset), verdict->reason, verdict->detail});
            continue;
        }
        end = airing.offset + airing.frames;
        segments.push_back(
            {airing.id, airing.item, airing.sha256, airing.offset, airing.frames, airing.priority, {}, {}, {}});
    }
    return {SessionTimeline(bundle.station, session.id, bundle.version, session.startsAt, std::move(segments)),
            std::move(refusals)};
}

} // namespace loa::playout
