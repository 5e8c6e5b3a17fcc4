#include "playout/output/card_device.h"

#include "playout/output/device_table.h"
#include "playout/timeline/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::playout {

namespace {

constexpr FrameCount blockFrames{sampleRate / 50};
constexpr FrameCount blocksCome{sampleRate * 36 / 100}; // so long before they are due, at least
constexpr FrameCount leastQueued{sampleRate * 3 / 50};  // 60 ms, while waiting to be placed
constexpr FrameCount wakeEvery{sampleRate / 200};       // 5 ms, while waiting for the card
constexpr FrameCount longestDrain{sampleRate * 9 / 10};
constexpr FrameCount closeReading{sampleRate / 2000}; // a reading that took longer is tried again
constexpr std::size_t mostReadings = 15;
constexpr std::size_t steadyReadings = 5;
constexpr double steadyWithin = sampleRate / 500.0;
constexpr int patientReadings = 50; // a quarter of a second, for a card that has just been started to agree with itself
constexpr std::int64_t periodsBehind = 2;
constexpr std::array<float, 64> flushing{}; // pushes the last frames out of the resampler
constexpr double rounding = 1e-6;

FrameCount wholeFrames(double position)
{
    return {static_cast<std::int64_t>(std::floor(position + rounding))};
}

// Of readings, the last ones that agree. A sound server's account of where a card stands creeps and jumps when that has
// just been started; a card that counts in periods never quite agrees with itself.
std::span<double> steadyEnd(std::span<double> readings)
{
    double least = readings.back();
    double most = least;
    std::size_t count = 0;
    for (auto one = readings.rbegin(); one != readings.rend(); ++one, ++count) {
        least = std::min(least, *one);
        most = std::max(most, *one);
        if (most - least > steadyWithin)
            break;
    }
    return readings.last(count);
}

CardChannels cardChannels(const OutputConfig& config)
{
    switch (config.channel.value_or(media::Channels::Stereo)) {
    case media::Channels::Mono:
        return CardChannels::First;
    case media::Channels::Left:
        return CardChannels::Left;
    case media::Channels::Right:
        return CardChannels::Right;
    case media::Channels::Stereo:
        break;
    }
    return CardChannels::All;
}

} // namespace

CardDevice::CardDevice(const OutputConfig& config, std::unique_ptr<SoundCard> card, Pacing& pacing, StreamSink& sink)
    : m_config(config), m_card(std::move(card)), m_pacing(pacing), m_sink(sink)
{
}

Result<void> CardDevice::open(const StreamStart& start)
{
    if (!m_resampler) {
        auto made = CardResampler::create();
        if (!made)
            return passOn(made);
        m_resampler = *std::move(made);
    }
    auto format =
        m_card->open({m_config.url, sampleRate, cardChannels(m_config), m_config.cardBuffer, m_config.cardPeriod});
    if (!format)
        return passOn(format);
    m_format = *format;
    m_isOpen = true;
    const auto buffer = static_cast<std::int64_t>(streamFrames(static_cast<double>(m_format.buffer)));
    m_buffered = {std::max(buffer - 2 * blockFrames.value, buffer / 2)};
    m_first = m_next = m_covered = m_told = start.position;
    auto started = startCard();
    if (!started)
        close();
    return started;
}

// Silence, and the card runs: from here on it can be asked where it stands.
Result<void> CardDevice::startCard()
{
    ++m_starts;
    m_isPlaced = m_isFalling = m_isRising = false;
    m_written = m_placedFrom = 0;
    m_stretches.clear();
    m_last.reset();
    if (auto put = putSilence(
            std::min(std::max(leastQueued.value * m_format.rate / sampleRate, m_format.period), m_format.buffer));
        !put)
        return put;
    if (auto started = m_card->start(); !started)
        return started;
    const CardStatus status = m_card->status();
    m_hasClock = status.condition != CardCondition::Playing || status.delay > 0;
    // Blocks have to come as much earlier as the sound lies behind the card's buffer.
    const FrameCount behind = wholeFrames(streamFrames(static_cast<double>(status.delay - status.queued)));
    const FrameCount most = blocksCome + toFrames(m_config.delay);
    m_ahead = std::min(m_buffered + behind, most);
    if (m_ahead < behind + leastQueued) {
        const auto late = std::chrono::duration_cast<std::chrono::milliseconds>(toDuration(behind)).count();
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Card âm thanh phát trễ %1 ms; hãy đặt delay cho đầu ra này.").arg(late),
                     QStringLiteral("The sound card is %1 ms late; give this output a delay.").arg(late)},
                    m_config.url);
    }
    return {};
}

Result<void> CardDevice::write(const OutputBlock& block)
{
    if (!m_hasClock)
        return playAtOnce(block);
    FrameCount position = block.position;
    std::span<const float> samples = block.samples;
    if (m_isPlaced && position != m_next) {
        if (auto flushed = flush(m_next); !flushed)
            return flushed;
        m_isPlaced = false;
    }
    m_next = position + block.frames;
    if (m_isPlaced && !m_pacing.waitUntil(position - m_ahead))
        return detail::interrupted();
    if (auto tended = tend(); !tended)
        return tended;
    if (m_isPlaced && m_isFalling) {
        const auto part = std::min(samples.size(), static_cast<std::size_t>(softening.value));
        if (auto fallen = fall(position, samples.first(part)); !fallen)
            return fallen;
        position += FrameCount{static_cast<std::int64_t>(part)};
        samples = samples.subspan(part);
    }
    if (!m_isPlaced) {
        if (auto placed = place(position); !placed)
            return placed;
    }
    const auto overdue = static_cast<std::size_t>(
        std::clamp<std::int64_t>((m_first - position).value, 0, static_cast<std::int64_t>(samples.size())));
    position += FrameCount{static_cast<std::int64_t>(overdue)};
    return play(samples.subspan(overdue), block.position + block.frames);
}

// Finds out where the card stands, and brings what is written next to where `position` belongs: more silence, or less
// of the stream.
Result<void> CardDevice::place(FrameCount position)
{
    std::vector<double> zeros; // the stream frame that was due when card frame 0 was heard
    int starts = m_starts;
    int patience = m_placedFrom > 0 ? 0 : patientReadings;
    const FrameCount began = m_pacing.livePosition();
    for (;;) {
        if (auto tended = tend(); !tended)
            return tended;
        if (std::exchange(starts, m_starts) != m_starts) {
            zeros.clear();
            patience = patientReadings;
        }
        const bool isDue = m_pacing.livePosition() >= position - m_ahead;
        // A sound server that is just starting stands still, and says otherwise.
        if (m_last && m_last->queued < m_written) {
            if (zeros.size() == mostReadings)
                zeros.erase(zeros.begin());
            zeros.push_back(m_last->live - streamFrames(m_last->played));
            if (isDue && (--patience < 0 || steadyEnd(zeros).size() >= steadyReadings))
                break;
            const std::int64_t wanted = leastQueued.value * m_format.rate / sampleRate - m_last->queued;
            if (auto put = putSilence(std::max<std::int64_t>(wanted, 0)); !put)
                return put;
        }
        if (m_pacing.livePosition() - began > toFrames(m_config.timeout) + m_ahead)
            return hung();
        if (!m_pacing.waitUntil(m_pacing.livePosition() + wakeEvery))
            return detail::interrupted();
    }
    const std::span<double> steady = steadyEnd(zeros);
    const std::span<double> judged = steady.size() >= steadyReadings ? steady : std::span<double>(zeros);
    const auto middle = judged.begin() + static_cast<std::ptrdiff_t>(judged.size() / 2);
    std::nth_element(judged.begin(), middle, judged.end());
    const double early = static_cast<double>(position.value) - *middle - streamFrames(static_cast<double>(m_written));
    m_first = position + FrameCount{std::max<std::int64_t>(std::llround(-early), 0)};
    if (auto put = putSilence(std::max<std::int64_t>(std::llround(early * m_format.rate / sampleRate), 0)); !put)
        return put;
    lose(m_covered, m_first, Break::OutputLate);
    m_covered = std::max(m_covered, m_first);
    m_resampler->reset(m_first);
    m_follower.placed();
    m_placedFrom = m_written;
    m_isPlaced = m_isRising = true;
    return {};
}

// Sees to a card in trouble, tells what it has played, and follows its clock.
Result<void> CardDevice::tend()
{
    const CardCondition condition = m_card->status().condition;
    if (condition == CardCondition::Gone) {
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Card âm thanh đã bị rút ra."), QStringLiteral("The sound card is gone.")},
                    m_config.url);
    }
    if (condition != CardCondition::Playing)
        return startAgain(condition);
    if (const auto reading = read()) {
        m_last = reading;
        const auto heard = tell(*reading);
        if (heard && m_isPlaced && reading->played >= static_cast<double>(m_placedFrom))
            follow(*reading, *heard);
    }
    return {};
}

Result<void> CardDevice::startAgain(CardCondition condition)
{
    ++m_clock.underruns;
    if (condition == CardCondition::Dry && m_last) {
        // It has played what there was, but no faster than its clock allows.
        const double elapsed = static_cast<double>(m_pacing.livePosition().value) - m_last->live;
        const double most = m_last->played + elapsed * m_format.rate / sampleRate;
        const double played = std::max(m_last->played, std::min(static_cast<double>(m_written), most));
        tell({played, m_last->live + streamFrames(played - m_last->played), 0});
    }
    lose(m_told, m_covered, Break::OutputDown);
    m_told = std::max(m_told, m_covered);
    if (auto restarted = m_card->restart(); !restarted)
        return restarted;
    return startCard();
}

Result<void> CardDevice::play(std::span<const float> samples, FrameCount until)
{
    if (samples.empty())
        return {};
    if (std::exchange(m_isRising, false)) {
        m_scratch.assign(samples.begin(), samples.end());
        const auto rise = std::min(static_cast<std::int64_t>(samples.size()), softening.value);
        for (std::int64_t index = 0; index < rise; ++index)
            m_scratch[static_cast<std::size_t>(index)] *= equalPowerRise(index, rise);
        samples = m_scratch;
    }
    const double ratio = static_cast<double>(m_format.rate) / sampleRate * (1.0 + m_follower.correction());
    const double from = m_resampler->position();
    const auto made = m_resampler->process(samples, ratio);
    if (!made)
        return passOn(made);
    const std::int64_t first = m_written;
    if (auto done = put(*made); !done)
        return done;
    if (m_written > first)
        m_stretches.push_back({first, m_written, from, 1.0 / ratio, until});
    m_covered = std::max(m_covered, std::min(wholeFrames(m_resampler->position()), until));
    return {};
}

// A hard correction: the sound falls to silence, and is lost where it fell; what comes next is placed.
Result<void> CardDevice::fall(FrameCount position, std::span<const float> samples)
{
    m_scratch.assign(samples.begin(), samples.end());
    const auto frames = static_cast<std::int64_t>(samples.size());
    for (std::int64_t index = 0; index < frames; ++index)
        m_scratch[static_cast<std::size_t>(index)] *= equalPowerRise(frames - 1 - index, frames);
    ++m_clock.corrections;
    m_isFalling = false;
    if (auto played = play(m_scratch, position); !played)
        return played;
    if (auto flushed = flush(position); !flushed)
        return flushed;
    lose(position, position + FrameCount{frames}, Break::OutputLate);
    m_covered = std::max(m_covered, position + FrameCount{frames});
    m_isPlaced = false;
    return {};
}

Result<void> CardDevice::flush(FrameCount until)
{
    return play(flushing, until);
}

Result<void> CardDevice::playAtOnce(const OutputBlock& block)
{
    if (!m_pacing.waitUntil(block.position))
        return detail::interrupted();
    if (m_card->status().condition != CardCondition::Playing) {
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Thiết bị âm thanh ngừng phát."), QStringLiteral("The sound device stopped.")},
                    m_config.url);
    }
    if (auto put = this->put(block.samples); !put)
        return put;
    m_sink.delivered(block.position, block.position + block.frames, m_pacing.instantOf(block.position));
    return {};
}

// Until the card has taken all. One in trouble does not take all: tend() sees to it.
Result<void> CardDevice::put(std::span<const float> samples)
{
    FrameCount progress = m_pacing.livePosition();
    while (!samples.empty()) {
        const std::int64_t taken = m_card->write(samples);
        m_written += taken;
        samples = samples.subspan(static_cast<std::size_t>(taken));
        if (samples.empty() || m_card->status().condition != CardCondition::Playing)
            return {};
        if (taken > 0)
            progress = m_pacing.livePosition();
        if (m_pacing.livePosition() - progress > toFrames(m_config.timeout))
            return hung();
        if (!m_pacing.waitUntil(m_pacing.livePosition() + wakeEvery))
            return detail::interrupted();
    }
    return {};
}

Result<void> CardDevice::putSilence(std::int64_t frames)
{
    const std::vector<float> silence(static_cast<std::size_t>(frames), 0.0F);
    return put(silence);
}

std::optional<CardDevice::Reading> CardDevice::read()
{
    std::optional<Reading> best;
    FrameCount least;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const FrameCount before = m_pacing.livePosition();
        const CardStatus status = m_card->status();
        const FrameCount after = m_pacing.livePosition();
        if (status.condition != CardCondition::Playing)
            return std::nullopt;
        if (!best || after - before < least) {
            least = after - before;
            const double age = std::chrono::duration<double>(status.age).count() * sampleRate;
            // What lies in the buffer has not been heard, whatever a sound server guesses: it guesses on while the
            // sound stands still. It counts in periods, so it may be behind by some.
            const bool isGuess = status.delay < status.queued - periodsBehind * m_format.period;
            best = Reading{static_cast<double>(m_written - (isGuess ? status.queued : status.delay)),
                           static_cast<double>(after.value) - age, status.queued};
        }
        if (least <= closeReading)
            break;
    }
    return best;
}

std::optional<double> CardDevice::tell(const Reading& reading)
{
    std::optional<double> heard;
    while (!m_stretches.empty() && static_cast<double>(m_stretches.front().from) < reading.played) {
        const Stretch& stretch = m_stretches.front();
        const double inside =
            std::min(reading.played, static_cast<double>(stretch.to)) - static_cast<double>(stretch.from);
        const double position = stretch.position + inside * stretch.step;
        const FrameCount from = std::max(m_told, wholeFrames(stretch.position));
        const FrameCount to = std::min(wholeFrames(position), stretch.until);
        if (from < to) {
            const double since = static_cast<double>(from.value) - stretch.position;
            const double live = reading.live - streamFrames(reading.played - static_cast<double>(stretch.from)) +
                                since / stretch.step * sampleRate / m_format.rate;
            const FrameCount at = wholeFrames(live);
            const double part = (live - static_cast<double>(at.value)) * 1e6 / sampleRate;
            m_sink.delivered(from, to, m_pacing.instantOf(at) + Duration(std::llround(part)));
            m_told = to;
        }
        if (reading.played < static_cast<double>(stretch.to)) {
            heard = position;
            break;
        }
        m_stretches.pop_front();
    }
    return heard;
}

void CardDevice::follow(const Reading& reading, double heard)
{
    const double elapsed = std::clamp(reading.live - m_followedAt, 0.0, static_cast<double>(sampleRate));
    m_followedAt = reading.live;
    const double error = heard - reading.live;
    const auto verdict = m_follower.observe(error, std::chrono::nanoseconds(std::llround(elapsed * 1e9 / sampleRate)));
    if (verdict == DriftFollower::Verdict::Hard)
        m_isFalling = true;
    if (reading.live - m_measuredAt < sampleRate)
        return;
    m_measuredAt = reading.live;
    m_clock.driftPpm = m_follower.drift() * 1e6;
    m_clock.early = Duration(std::llround(m_follower.error() * 1e6 / sampleRate));
    m_sink.measured(m_clock);
}

void CardDevice::lose(FrameCount from, FrameCount to, Break why)
{
    if (from < to)
        m_sink.lost(from, to, why);
}

tl::unexpected<Error> CardDevice::hung() const
{
    return fail(
        ErrorCategory::LimitExceeded,
        {QStringLiteral("Card âm thanh không nhận tiếng nữa."), QStringLiteral("The sound card takes no more sound.")},
        m_config.url);
}

void CardDevice::close()
{
    if (!std::exchange(m_isOpen, false))
        return;
    if (m_hasClock && m_isPlaced && m_card->status().condition == CardCondition::Playing && flush(m_next))
        drain();
    m_sink.measured(m_clock);
    m_isPlaced = false;
    m_stretches.clear();
    m_card->close();
}

// Silence behind what it has yet to play, until that is heard.
void CardDevice::drain()
{
    const FrameCount until = m_pacing.livePosition() + longestDrain;
    while (!m_stretches.empty() && m_pacing.livePosition() < until) {
        const auto reading = read();
        if (!reading)
            return;
        tell(*reading);
        const std::int64_t wanted = leastQueued.value * m_format.rate / sampleRate - reading->queued;
        if (!putSilence(std::max<std::int64_t>(wanted, 0)) || m_stretches.empty() ||
            !m_pacing.waitUntil(m_pacing.livePosition() + wakeEvery))
            return;
    }
}

} // namespace loa::playout
