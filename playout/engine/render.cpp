#include "playout/engine/render.h"

#include "media/codecs/house_reader.h"
#include "playout/engine/mix_bus.h"
#include "playout/output/wav_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>

namespace loa::playout {

namespace {

constexpr std::int64_t renderBlock = 4096;

bool isWithin(const BundleSession& session, UtcTime from, UtcTime to)
{
    return session.startsAt < to && session.startsAt + toDuration(session.frames) > from;
}

// Media of the interval's sessions that lie in the folder, each judged by its hash.
AdmissionFacts factsFrom(const Bundle& bundle, const QString& mediaFolder, UtcTime from, UtcTime to)
{
    AdmissionFacts facts;
    facts.station = bundle.station;
    facts.clock = ClockState::Assumed; // nothing starts by this clock
    for (const BundleSession& session : bundle.sessions) {
        for (const BundleAiring& airing : session.airings) {
            const bool known = facts.verified.contains(airing.sha256) || facts.altered.contains(airing.sha256);
            const QString path =
                known || !isWithin(session, from, to) ? QString() : findMedia(mediaFolder, airing.sha256);
            if (path.isEmpty())
                continue;
            const auto hash = sha256OfFile(path);
            (hash && *hash == airing.sha256 ? facts.verified : facts.altered).insert(airing.sha256);
        }
    }
    return facts;
}

// Writes into `file` what sounds at `from` and after, `frames` in all.
class RenderRun {
public:
    RenderRun(WavFile& file, FrameCount frames, RenderSummary& summary)
        : m_file(file), m_frames(frames), m_summary(summary)
    {
    }

    // Silence up to `until`, a position in the file.
    Result<void> silenceUntil(FrameCount until)
    {
        m_block.fill(0.0F);
        while (m_done < std::min(until, m_frames)) {
            const std::int64_t part = std::min(renderBlock, (std::min(until, m_frames) - m_done).value);
            if (auto written = m_file.write(std::span(m_block).first(static_cast<std::size_t>(part))); !written)
                return written;
            m_done += FrameCount{part};
        }
        return {};
    }

    // The session, whose frame 0 lies at `base` in the file (before its beginning, perhaps).
    Result<void> session(const std::shared_ptr<const SessionTimeline>& timeline, SourceFactory& sources,
                         FrameCount base)
    {
        const FrameCount end = std::min(base + timeline->frames(), m_frames);
        Programme programme(sources);
        programme.place(timeline, base);
        MixBus bus(programme);
        while (m_done < end) {
            const std::int64_t part = std::min(MixBus::longestBlock, (end - m_done).value);
            programme.prepare(m_done, {sampleRate});
            const RenderedRun run = bus.render(m_done, std::span(m_block).first(static_cast<std::size_t>(part)));
            if (!run.absent.isEmpty()) {
                const FrameCount origin = run.absent.begin()->origin - base;
                const auto& segments = timeline->segments();
                const auto segment = std::find_if(segments.begin(), segments.end(), [&](const Segment& one) {
                    return one.origin() == origin && one.end() > m_done - base;
                });
                return fail(
                    ErrorCategory::Unsupported,
                    {QStringLiteral("Không giải mã được tệp âm thanh đến hết độ dài đã duyệt."),
                     QStringLiteral("The audio file does not decode to its approved length.")},
                    QStringLiteral("%1 @%2").arg(toString(segment->sha256)).arg((m_done - base - origin).value));
            }
            if (auto written = m_file.write(std::span(m_block).first(static_cast<std::size_t>(run.frames.value)));
                !written)
                return written;
            if (run.sounding)
                m_summary.sounding += run.frames;
            m_done += run.frames;
        }
        return {};
    }

private:
    WavFile& m_file;
    const FrameCount m_frames;
    RenderSummary& m_summary;
    FrameCount m_done;
    std::array<float, static_cast<std::size_t>(renderBlock)> m_block{};
};

// Frames from one instant to another, to the nearest.
FrameCount framesBetween(UtcTime from, UtcTime to)
{
    const Duration half(1'000'000 / sampleRate / 2);
    return to >= from ? toFrames(to - from + half) : FrameCount{} - toFrames(from - to + half);
}

// Those whose file is there, and is that file, with its length.
Result<std::vector<Announcement>> heard(const std::vector<Announcement>& announcements, const QString& mediaFolder,
                                        std::vector<Refusal>& refusals)
{
    std::vector<Announcement> heard;
    for (Announcement one : announcements) {
        BundleAiring airing;
        airing.id = one.airing;
        airing.sha256 = one.sha256;
        airing.priority = one.priority;
        const QString path = findMedia(mediaFolder, one.sha256);
        const auto hash = path.isEmpty() ? Result<Sha256>(Sha256{}) : sha256OfFile(path);
        if (path.isEmpty() || !hash || *hash != one.sha256) {
            refusals.push_back(
                {airing, one.at, path.isEmpty() ? RefusalReason::MediaMissing : RefusalReason::MediaAltered, path});
            continue;
        }
        auto reader = media::HouseReader::open(path);
        if (!reader)
            return passOn(reader);
        const auto frames = reader->skip({24 * 3600 * sampleRate});
        if (!frames)
            return passOn(frames);
        one.frames = *frames;
        heard.push_back(one);
    }
    return heard;
}

Result<RenderSummary> renderInto(WavFile& file, const Bundle& bundle, const QString& mediaFolder, UtcTime from,
                                 UtcTime to, RenderEvents events)
{
    RenderSummary summary;
    summary.frames = toFrames(to - from);
    RenderRun run(file, summary.frames, summary);
    BlockingFileSourceFactory sources([&](const Sha256& sha256) { return findMedia(mediaFolder, sha256); });
    auto announced = heard(events.announcements, mediaFolder, summary.refusals);
    if (!announced)
        return passOn(announced);
    events.announcements = *std::move(announced);
    UtcTime first = from; // a session that an announcement makes longer may reach into the interval
    for (const Announcement& one : events.announcements)
        first = std::min(first, one.at);
    const AdmissionFacts facts = factsFrom(bundle, mediaFolder, first, to);
    std::vector<SessionTimeline> sessions;
    for (const BundleSession& session : bundle.sessions) {
        if (!isWithin(session, first, to))
            continue;
        Admission admission = admit(bundle, session, facts);
        sessions.push_back(std::move(admission.timeline));
        if (isWithin(session, from, to))
            summary.refusals.insert(summary.refusals.end(), admission.refusals.begin(), admission.refusals.end());
    }
    for (const RenderedSession& session : withEvents(bundle, sessions, events, summary.refusals)) {
        if (session.timeline.startsAt() >= to || session.timeline.endsAt() <= from)
            continue;
        const FrameCount base = framesBetween(from, session.timeline.startsAt());
        const FrameCount joined = std::max(base, framesBetween(from, session.joinedAt));
        for (const Segment& airing : session.timeline.airings()) {
            const auto& pieces = session.timeline.segments();
            summary.airings += std::any_of(pieces.begin(), pieces.end(), [&](const Segment& piece) {
                return piece.airing == airing.airing && base + piece.offset < summary.frames &&
                       base + piece.end() > std::max(joined, FrameCount{});
            });
        }
        if (auto silent = run.silenceUntil(joined); !silent)
            return passOn(silent);
        const auto timeline = std::make_shared<const SessionTimeline>(session.timeline);
        if (auto sounded = run.session(timeline, sources, base); !sounded)
            return passOn(sounded);
    }
    if (auto silent = run.silenceUntil(summary.frames); !silent)
        return passOn(silent);
    if (auto closed = file.close(); !closed)
        return passOn(closed);
    return summary;
}

} // namespace

Result<RenderSummary> renderToWav(const Bundle& bundle, const QString& mediaFolder, UtcTime from, UtcTime to,
                                  const QString& outPath, RenderFormat format, RenderEvents events)
{
    if (to <= from) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Thời điểm kết thúc phải sau thời điểm bắt đầu."),
                     QStringLiteral("The end must lie after the beginning.")},
                    QStringLiteral("%1 … %2").arg(loa::toString(from), loa::toString(to)));
    }
    if (!QFileInfo(mediaFolder).isDir()) {
        return fail(
            ErrorCategory::NotFound,
            {QStringLiteral("Không có thư mục âm thanh này."), QStringLiteral("There is no such media folder.")},
            mediaFolder);
    }
    auto file = WavFile::create(outPath, format == RenderFormat::PcmFloat ? WavFormat::Float : WavFormat::Pcm16, true);
    if (!file)
        return passOn(file);
    auto summary = renderInto(*file, bundle, mediaFolder, from, to, std::move(events));
    if (!summary) {
        static_cast<void>(file->close());
        QFile::remove(outPath);
    }
    return summary;
}

QString findMedia(const QString& folder, const Sha256& sha256)
{
    const QString stem = QDir(folder).filePath(toString(sha256));
    for (const QString& path : {stem, stem + QStringLiteral(".opus"), stem + QStringLiteral(".ogg")}) {
        if (QFileInfo(path).isFile())
            return path;
    }
    return {};
}

} // namespace loa::playout
