#include "playout/engine/relay_line.h"

#include <ebur128.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace loa::playout {

namespace {

constexpr float audibleLevel = 0.001F; // -60 dBFS, as in silence_watch.cpp
constexpr std::int64_t judgedEvery = sampleRate / 10;
constexpr double houseLufs = -16.0;
constexpr double quietLufs = -50.0;
constexpr double farthestDb = 12.0;
constexpr double riseDb = 0.05; // a tenth of a second
constexpr double fallDb = 0.2;
constexpr std::int64_t margin = sampleRate; // never filled: who drains may still be read
constexpr std::int64_t driftStretch = 5 * sampleRate;
constexpr int strongestDrift = 96; // frames a second: 0.2 %

} // namespace

struct SlowGain::Meter {
    Meter() : state(ebur128_init(1, static_cast<unsigned long>(sampleRate), EBUR128_MODE_S)) {}
    ~Meter()
    {
        if (state != nullptr)
            ebur128_destroy(&state);
    }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    ebur128_state* state;
};

SlowGain::SlowGain() : m_meter(std::make_unique<Meter>())
{
    if (m_meter->state == nullptr)
        m_meter.reset();
}

SlowGain::~SlowGain() = default;

void SlowGain::judge()
{
    double lufs = 0.0;
    if (ebur128_loudness_shortterm(m_meter->state, &lufs) != EBUR128_SUCCESS || !(lufs > quietLufs))
        return;
    const double wanted = std::clamp(houseLufs - lufs, -farthestDb, farthestDb);
    m_gainDb += std::clamp(wanted - m_gainDb, -fallDb, riseDb);
}

void SlowGain::apply(std::span<float> samples)
{
    if (!m_meter)
        return;
    while (!samples.empty()) {
        const auto piece =
            static_cast<std::size_t>(std::min(static_cast<std::int64_t>(samples.size()), judgedEvery - m_untilJudged));
        ebur128_add_frames_float(m_meter->state, samples.data(), piece);
        m_untilJudged += static_cast<std::int64_t>(piece);
        if (m_untilJudged == judgedEvery) {
            m_untilJudged = 0;
            judge();
        }
        // In a straight line to where the gain is now, so that no step is heard.
        const auto goal = static_cast<float>(std::pow(10.0, m_gainDb / 20.0));
        const float slope = (goal - m_gain) / static_cast<float>(piece);
        for (std::size_t index = 0; index < piece; ++index)
            samples[index] *= m_gain + slope * static_cast<float>(index + 1);
        m_gain = goal;
        samples = samples.subspan(piece);
    }
}

RelayLine::RelayLine(Shape shape) : m_shape(shape), m_ring(std::make_unique<float[]>(shape.capacity))
{
    assert((shape.capacity & (shape.capacity - 1)) == 0);
    assert(static_cast<std::int64_t>(shape.capacity) >= shape.target.value + 2 * margin);
}

std::size_t RelayLine::room() const
{
    const std::int64_t filled = m_written.load(std::memory_order_relaxed) - m_read.load(std::memory_order_acquire);
    return static_cast<std::size_t>(
        std::max<std::int64_t>(static_cast<std::int64_t>(m_shape.capacity) - margin - filled, 0));
}

void RelayLine::write(std::span<float> samples)
{
    assert(samples.size() <= room());
    m_gain.apply(samples);
    const std::int64_t written = m_written.load(std::memory_order_relaxed);
    for (std::size_t index = 0; index < samples.size(); ++index)
        m_ring[(static_cast<std::size_t>(written) + index) & (m_shape.capacity - 1)] = samples[index];
    m_written.store(written + static_cast<std::int64_t>(samples.size()), std::memory_order_release);

    const std::int64_t filled = buffered().value;
    m_lowest = m_lowest < 0 ? filled : std::min(m_lowest, filled - static_cast<std::int64_t>(samples.size()));
    m_measured += static_cast<std::int64_t>(samples.size());
}

int RelayLine::drift()
{
    if (!m_shape.isPaced || m_measured < driftStretch)
        return m_drift;
    // Too full: the source is faster than we are, so a second of it becomes shorter. In half a minute it is made good.
    if (m_isHeld.load(std::memory_order_acquire))
        m_drift = static_cast<int>(
            std::clamp<std::int64_t>((m_shape.target.value - m_lowest) / 30, -strongestDrift, strongestDrift));
    m_measured = 0;
    m_lowest = -1;
    return m_drift;
}

// Frames that nobody plays: heard for silence alone.
void RelayLine::pass(std::int64_t from, std::int64_t count)
{
    std::int64_t silent = m_silent.load(std::memory_order_relaxed);
    for (std::int64_t index = from; index < from + count; ++index)
        silent =
            std::abs(m_ring[static_cast<std::size_t>(index) & (m_shape.capacity - 1)]) >= audibleLevel ? 0 : silent + 1;
    m_silent.store(silent, std::memory_order_relaxed);
}

void RelayLine::drain(FrameCount passed)
{
    if (m_isHeld.load(std::memory_order_acquire))
        return;
    const std::int64_t read = m_read.load(std::memory_order_relaxed);
    const std::int64_t filled = m_written.load(std::memory_order_relaxed) - read;
    // A buffer that runs dry while nobody listens may fill again.
    std::int64_t count = std::min(passed.value, std::max<std::int64_t>(filled - m_shape.target.value / 2, 0));
    if (m_shape.isPaced)
        count = std::max(count, filled - m_shape.target.value);
    pass(read, count);
    m_read.store(read + count, std::memory_order_release);
}

void RelayLine::clear()
{
    if (m_isHeld.load(std::memory_order_acquire))
        return;
    m_read.store(m_written.load(std::memory_order_relaxed), std::memory_order_release);
    m_silent.store(0, std::memory_order_relaxed);
}

std::size_t RelayLine::take(std::span<float> out)
{
    m_isHeld.store(true, std::memory_order_seq_cst);
    const std::int64_t read = m_read.load(std::memory_order_acquire);
    const std::int64_t written = m_written.load(std::memory_order_acquire);
    const auto given =
        static_cast<std::size_t>(std::clamp<std::int64_t>(written - read, 0, static_cast<std::int64_t>(out.size())));
    std::int64_t silent = m_silent.load(std::memory_order_relaxed);
    for (std::size_t index = 0; index < given; ++index) {
        const float sample = m_ring[(static_cast<std::size_t>(read) + index) & (m_shape.capacity - 1)];
        silent = std::abs(sample) >= audibleLevel ? 0 : silent + 1;
        out[index] = sample;
    }
    m_silent.store(silent, std::memory_order_relaxed);
    m_read.store(read + static_cast<std::int64_t>(given), std::memory_order_release);
    return given;
}

FrameCount RelayLine::buffered() const
{
    // Read first: what is written meanwhile only adds.
    const std::int64_t read = m_read.load(std::memory_order_acquire);
    return {std::max<std::int64_t>(m_written.load(std::memory_order_acquire) - read, 0)};
}

} // namespace loa::playout
