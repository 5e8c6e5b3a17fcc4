#include "playout/engine/renderer.h"

#include "playout/engine/revoked_source.h"

#include <algorithm>

namespace loa::playout {

namespace {

// The airing of `timeline` at the place of `other`.
const Segment* airingLike(const Segment& other, const SessionTimeline& timeline)
{
    const auto& airings = timeline.airings();
    const auto found = std::find_if(airings.begin(), airings.end(), [&](const Segment& one) {
        return one.origin() == other.origin() && one.sha256 == other.sha256;
    });
    return found == airings.end() ? nullptr : &*found;
}

} // namespace

Renderer::Renderer(std::shared_ptr<const SessionTimeline> timeline, SourceFactory& sources, Fetching fetching)
    : m_timeline(std::move(timeline)), m_factory(sources), m_fetching(fetching), m_voices(m_timeline->segments().size())
{
}

void Renderer::prefetch(FrameCount position, FrameCount ahead)
{
    const std::vector<Segment>& segments = m_timeline->segments();
    for (; m_over < segments.size() && segments[m_over].end() <= position; ++m_over)
        m_voices[m_over] = {};
    for (std::size_t index = m_over; index < m_opened; ++index) { // short ones over a long one
        if (m_voices[index].source && segments[index].end() <= position)
            m_voices[index] = {};
    }
    m_opened = std::max(m_opened, m_over);
    for (; m_opened < segments.size() && segments[m_opened].offset < position + ahead; ++m_opened) {
        const Segment& segment = segments[m_opened];
        if (m_voices[m_opened].source || position >= segment.end())
            continue;
        if (m_revoked.contains(segment.airing))
            m_voices[m_opened].source = std::make_unique<RevokedSource>(nullptr, FrameCount{-1});
        else
            m_voices[m_opened].source =
                m_factory.open(segment, std::max(segment.from, position - segment.origin()), m_fetching);
    }
    roomAhead();
}

void Renderer::roomAhead()
{
    for (std::size_t index = m_over; index < m_opened; ++index) {
        Voice& voice = m_voices[index];
        if (voice.source && voice.ahead.empty() && m_timeline->isMixed(index))
            voice.ahead.resize(aheadFrames);
    }
}

void Renderer::amend(std::shared_ptr<const SessionTimeline> timeline)
{
    const std::vector<Segment>& before = m_timeline->segments();
    const std::vector<Segment>& after = timeline->segments();
    std::vector<Voice> voices(after.size());
    for (std::size_t index = 0; index < after.size(); ++index) {
        for (std::size_t old = m_over; old < m_opened; ++old) {
            const bool serves =
                m_voices[old].source && before[old].airing == after[index].airing &&
                before[old].sha256 == after[index].sha256 && before[old].origin() == after[index].origin() &&
                before[old].from <= after[index].from && before[old].itemEnd() >= after[index].itemEnd();
            if (serves) {
                voices[index] = std::exchange(m_voices[old], {});
                break;
            }
        }
    }
    m_voices = std::move(voices);
    m_timeline = std::move(timeline);
    m_over = 0;
    m_opened = m_voices.size();
    roomAhead();
    m_opened = 0;
}

void Renderer::rename(std::shared_ptr<const SessionTimeline> timeline)
{
    for (const AiringId& airing : QSet<AiringId>(m_revoked)) {
        const Segment* before = m_timeline->findAiring(airing);
        if (const Segment* after = before ? airingLike(*before, *timeline) : nullptr)
            m_revoked.insert(after->airing);
    }
    m_timeline = std::move(timeline);
}

void Renderer::revoke(const AiringId& airing)
{
    m_revoked.insert(airing);
    for (std::size_t index = m_over; index < m_voices.size(); ++index) {
        const Segment& segment = m_timeline->segments()[index];
        Voice& voice = m_voices[index];
        if (segment.airing != airing || !voice.source)
            continue;
        FrameCount next{-1};
        if (voice.soundedUntil >= segment.offset) {
            next = voice.soundedUntil - segment.origin();
            if (voice.aheadCount > 0)
                next = std::max(next, voice.aheadFrom + FrameCount{static_cast<std::int64_t>(voice.aheadCount)});
        }
        voice.source = std::make_unique<RevokedSource>(std::move(voice.source), next);
    }
}

std::unique_ptr<Renderer> Renderer::copy() const
{
    auto twin = std::make_unique<Renderer>(m_timeline, m_factory, m_fetching);
    for (std::size_t index = 0; index < m_voices.size(); ++index) {
        const Voice& voice = m_voices[index];
        Voice& other = twin->m_voices[index];
        other = {voice.source ? voice.source->copy() : nullptr,
                 voice.ahead,
                 voice.aheadFrom,
                 voice.aheadCount,
                 voice.soundedUntil,
                 voice.risesFrom};
        if (voice.source && !other.source)
            return nullptr;
    }
    twin->m_revoked = m_revoked;
    twin->m_over = m_over;
    twin->m_opened = m_opened;
    twin->m_soundedUntil = m_soundedUntil;
    twin->m_risesFrom = m_risesFrom;
    return twin;
}

RenderedRun Renderer::render(FrameCount position, std::span<float> out)
{
    return run(position, out.data(), static_cast<std::int64_t>(out.size()));
}

RenderedRun Renderer::advance(FrameCount position, FrameCount frames)
{
    return run(position, nullptr, frames.value);
}

std::span<const std::byte> Renderer::packet(FrameCount position, FrameCount before, FrameCount after)
{
    const FrameCount since = position - before;
    const FrameCount until = position + media::HousePackets::frames + after;
    if (since < m_risesFrom + softJoin || m_timeline->plainUntil(since) < until)
        return {};
    const Sounding one = m_timeline->whatSoundsAt(position)[0];
    const Voice& voice = m_voices[one.segment];
    if (!voice.source || since < voice.risesFrom + softJoin || voice.soundedUntil < position)
        return {};
    return voice.source->packet(one.frame);
}

void Renderer::shape(std::size_t index, FrameCount position, std::span<float> samples) const
{
    const Segment& segment = m_timeline->segments()[index];
    const FrameCount end = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    const auto each = [&](FrameCount from, FrameCount to, auto gain) {
        for (FrameCount at = std::max(from, position); at < std::min(to, end); at += FrameCount{1})
            samples[static_cast<std::size_t>((at - position).value)] *= gain(at);
    };
    const Mixing& mixing = segment.mixing;
    const auto own = [&](FrameCount at) { return segment.gainAt(at); };
    const FrameCount risen =
        std::min(std::max(segment.offset + segment.fadeIn, segment.origin() + mixing.fadeIn), segment.end());
    FrameCount falls = segment.end() - segment.fadeOut;
    if (mixing.fadeOut.value > 0)
        falls = std::min(falls, segment.origin() + mixing.length - mixing.fadeOut);
    each(segment.offset, risen, own);
    each(std::max(risen, falls), segment.end(), own);
    if (m_timeline->hasDucks())
        each(position, end, [&](FrameCount at) { return m_timeline->duckAt(index, at); });
    const FrameCount entered = m_voices[index].risesFrom;
    each(entered, entered + softJoin,
         [&](FrameCount at) { return equalPowerRise((at - entered).value, softJoin.value); });
}

void Renderer::shapeMix(FrameCount position, std::span<float> samples) const
{
    if (m_timeline->levels().empty() && position >= m_risesFrom + softJoin)
        return;
    for (float& sample : samples) {
        sample *= m_timeline->volumeAt(position);
        if (position < m_risesFrom + softJoin)
            sample *= equalPowerRise((position - m_risesFrom).value, softJoin.value);
        position += FrameCount{1};
    }
}

void Renderer::sound(const Sounding& one, FrameCount position, FrameCount until)
{
    Voice& voice = m_voices[one.segment];
    const bool isEntered = position != voice.soundedUntil && one.frame != m_timeline->segments()[one.segment].from;
    if (isEntered)
        (position == m_soundedUntil ? voice.risesFrom : m_risesFrom) = position;
    voice.soundedUntil = until;
}

Break Renderer::failureOf(const Sounding& one) const
{
    const Source* source = m_voices[one.segment].source.get();
    const Break failure = source ? source->failure() : Break::SourceLate;
    return failure == Break::None ? Break::SourceLate : failure;
}

std::size_t Renderer::readAhead(Voice& voice, FrameCount frame, std::size_t frames)
{
    if (!voice.source || voice.ahead.empty())
        return 0;
    const auto ahead = voice.ahead.begin();
    // What lies before is given up; what was read for a longer run stays.
    const std::int64_t passed = (frame - voice.aheadFrom).value;
    const auto kept = static_cast<std::size_t>(
        std::clamp<std::int64_t>(static_cast<std::int64_t>(voice.aheadCount) - passed, 0, aheadFrames));
    if (passed > 0 && kept > 0)
        std::copy_n(ahead + static_cast<std::ptrdiff_t>(passed), kept, ahead);
    voice.aheadFrom = frame;
    voice.aheadCount = kept;
    while (voice.aheadCount < frames) {
        const std::size_t given =
            voice.source->read(frame + FrameCount{static_cast<std::int64_t>(voice.aheadCount)},
                               std::span(voice.ahead).subspan(voice.aheadCount, frames - voice.aheadCount));
        if (given == 0)
            break;
        voice.aheadCount += given;
    }
    return std::min(voice.aheadCount, frames);
}

RenderedRun Renderer::run(FrameCount position, float* samples, std::int64_t frames)
{
    const auto length = std::min(frames, (m_timeline->nextChange(position) - position).value);
    const Soundings all = m_timeline->whatSoundsAt(position);
    RenderedRun run{{length}, false, Break::None, {}};
    if (all.size() == 1)
        run = runAlone(all[0], position, samples, length);
    else if (all.size() > 1)
        run = runMixed(all, position, samples, std::min<std::int64_t>(length, aheadFrames));
    if (run.sounding) {
        m_soundedUntil = position + run.frames;
        if (samples)
            shapeMix(position, {samples, static_cast<std::size_t>(run.frames.value)});
    } else {
        run.missing = run.absent.why();
        if (samples)
            std::fill_n(samples, run.frames.value, 0.0F);
    }
    return run;
}

RenderedRun Renderer::runAlone(const Sounding& one, FrameCount position, float* samples, std::int64_t frames)
{
    Voice& voice = m_voices[one.segment];
    const auto wanted = static_cast<std::size_t>(frames);
    std::size_t given = 0;
    const std::int64_t left = (voice.aheadFrom - one.frame).value + static_cast<std::int64_t>(voice.aheadCount);
    if (voice.aheadCount > 0 && left > 0) { // what was read for a mix that is over
        given = readAhead(voice, one.frame, std::min(wanted, static_cast<std::size_t>(left)));
        if (samples)
            std::copy_n(voice.ahead.begin(), given, samples);
    } else if (voice.source) {
        given = samples ? voice.source->read(one.frame, {samples, wanted}) : voice.source->skip(one.frame, wanted);
    }
    RenderedRun run{{frames}, false, Break::None, {}};
    if (given == 0) {
        run.absent.add({m_timeline->segments()[one.segment].origin(), failureOf(one)});
        return run;
    }
    run.frames = {static_cast<std::int64_t>(given)};
    run.sounding = true;
    sound(one, position, position + run.frames);
    if (samples)
        shape(one.segment, position, {samples, given});
    return run;
}

RenderedRun Renderer::runMixed(const Soundings& all, FrameCount position, float* samples, std::int64_t frames)
{
    RenderedRun run{{frames}, false, Break::None, {}};
    std::array<std::size_t, mostAtOnce> there{};
    std::size_t shortest = static_cast<std::size_t>(frames);
    for (std::size_t index = 0; index < all.size(); ++index) {
        there[index] = readAhead(m_voices[all[index].segment], all[index].frame, static_cast<std::size_t>(frames));
        if (there[index] > 0)
            shortest = std::min(shortest, there[index]);
    }
    run.frames = {static_cast<std::int64_t>(shortest)};
    if (samples)
        std::fill_n(samples, shortest, 0.0F);
    for (std::size_t index = 0; index < all.size(); ++index) {
        const Sounding& one = all[index];
        if (there[index] == 0) {
            run.absent.add({m_timeline->segments()[one.segment].origin(), failureOf(one)});
            continue;
        }
        run.sounding = true;
        sound(one, position, position + run.frames);
        if (!samples)
            continue;
        // In place: what is shaped is not given again, what was read beyond it stays as it is.
        const std::span<float> own = std::span(m_voices[one.segment].ahead).first(shortest);
        shape(one.segment, position, own);
        std::transform(own.begin(), own.end(), samples, samples, [](float a, float b) { return b + a; });
    }
    return run;
}

} // namespace loa::playout
