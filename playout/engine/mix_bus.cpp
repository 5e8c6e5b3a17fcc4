#include "playout/engine/mix_bus.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

namespace loa::playout {

namespace {

constexpr float limiterRested = 0.9999F;
constexpr std::size_t stretch = 64; // frames that are judged at once

// By their bits, which compilers compare in parallel: those of a magnitude rise with it.
float largestOf(const float* samples, std::size_t count)
{
    std::array<std::uint32_t, 8> most{};
    const auto bitsOf = [](float sample) { return std::bit_cast<std::uint32_t>(sample) & 0x7FFFFFFFU; };
    std::size_t index = 0;
    for (; index + most.size() <= count; index += most.size()) {
        for (std::size_t lane = 0; lane < most.size(); ++lane)
            most[lane] = std::max(most[lane], bitsOf(samples[index + lane]));
    }
    for (; index < count; ++index)
        most[0] = std::max(most[0], bitsOf(samples[index]));
    return std::bit_cast<float>(*std::max_element(most.begin(), most.end()));
}

using Lanes [[gnu::vector_size(32)]] = float;
constexpr std::size_t lanes = sizeof(Lanes) / sizeof(float);
constexpr std::size_t rows = 4; // sums that stay in registers through all taps

// The largest magnitude among the filter's phases at each of `stretch` frames of `line`. Sums are made tap by tap
// however wide the processor is, so that all of them come to the same bits.
[[gnu::always_inline]] inline void findPeaks(const media::Oversampler& filter, const float* line, float* peaks)
{
    for (std::size_t from = 0; from < stretch; from += rows * lanes) {
        Lanes most[rows] = {};
        for (const auto& phase : filter.phases) {
            Lanes sums[rows] = {};
            for (std::size_t tap = 0; tap < media::Oversampler::taps; ++tap) {
#pragma GCC unroll 4
                for (std::size_t row = 0; row < rows; ++row) {
                    Lanes samples;
                    std::memcpy(&samples, line + from + row * lanes + tap, sizeof samples);
                    sums[row] += phase[tap] * samples;
                }
            }
#pragma GCC unroll 4
            for (std::size_t row = 0; row < rows; ++row) {
                const Lanes magnitude = sums[row] < 0.0F ? -sums[row] : sums[row];
                most[row] = magnitude > most[row] ? magnitude : most[row];
            }
        }
        std::memcpy(peaks + from, most, sizeof most);
    }
}

void findPeaksAnywhere(const media::Oversampler& filter, const float* line, float* peaks)
{
    findPeaks(filter, line, peaks);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] void findPeaksByAvx2(const media::Oversampler& filter, const float* line, float* peaks)
{
    findPeaks(filter, line, peaks);
}
#endif

} // namespace

MixBus::MixBus(Programme& programme, double ceilingDb)
    : m_programme(&programme), m_filter(media::Oversampler::forRate(static_cast<int>(sampleRate))),
      m_target(static_cast<float>(std::pow(10.0, (ceilingDb - marginDb) / 20.0)))
{
#ifdef __x86_64__
    m_findPeaks = __builtin_cpu_supports("avx2") ? findPeaksByAvx2 : findPeaksAnywhere;
#else
    m_findPeaks = findPeaksAnywhere;
#endif
    restartAt(0);
}

void MixBus::reset()
{
    restartAt(m_next);
}

bool MixBus::isBlank() const
{
    const auto isSilent = [](float sample) { return sample == 0.0F; };
    return m_last >= 1.0F && m_lowered == 0 &&
           std::all_of(m_samples.begin(), m_samples.begin() + static_cast<std::ptrdiff_t>(at(m_filled)), isSilent) &&
           std::none_of(m_runs.begin(), m_runs.begin() + static_cast<std::ptrdiff_t>(m_runCount), [](const Run& run) {
               return run.sounding || run.missing != Break::None || !run.absent.isEmpty();
           });
}

bool MixBus::isLike(const MixBus& other, FrameCount position) const
{
    if (m_target != other.m_target)
        return false;
    if (position.value >= m_filled && position.value >= other.m_filled) // each begins anew
        return true;
    return m_next == other.m_next && m_filled == other.m_filled && m_isFresh == other.m_isFresh && isBlank() &&
           other.isBlank();
}

void MixBus::restartAt(std::int64_t position)
{
    m_samples.fill(0.0F);
    m_wanted.fill(1.0F);
    m_released.fill(1.0F);
    m_runCount = 0;
    m_begin = position - reach;
    m_next = m_filled = m_judged = m_lowUntil = m_start = position;
    m_isFresh = true;
    m_last = 1.0F;
    m_lowered = 0;
}

void MixBus::note(const RenderedRun& run)
{
    m_filled += run.frames.value;
    if (m_runCount > 0) {
        Run& last = m_runs[m_runCount - 1];
        const bool isSame = last.sounding == run.sounding && last.missing == run.missing && last.absent == run.absent;
        if (isSame || m_runCount == m_runs.size()) {
            last.end = m_filled;
            if (!isSame) { // no room to tell them apart: claim the less
                last.sounding = last.sounding && run.sounding;
                last.missing = last.missing == Break::None ? run.missing : last.missing;
                last.absent = last.absent.isEmpty() ? run.absent : last.absent;
            }
            return;
        }
    }
    m_runs[m_runCount++] = {m_filled, run.sounding, run.missing, run.absent};
}

void MixBus::pull(std::int64_t until)
{
    while (m_filled < until) {
        const std::span<float> room =
            std::span(m_samples).subspan(at(m_filled), static_cast<std::size_t>(until - m_filled));
        note(m_programme->render({m_filled}, room));
    }
}

// The gain that each frame up to `until` wants: the ceiling over its true peak, the interpolated values on both sides
// included.
void MixBus::judge(std::int64_t until)
{
    const auto isLow = [&](std::int64_t end) {
        const auto count = static_cast<std::size_t>(end - m_judged + 2 * reach);
        return largestOf(&m_samples[at(m_judged - reach)], count) * m_filter.bound <= m_target;
    };
    while (m_judged < until) {
        std::int64_t end = until;
        if (!isLow(end)) { // all of it, or stretch by stretch
            end = std::min(until, m_judged + static_cast<std::int64_t>(stretch) - 1);
            if (!isLow(end)) {
                judgeLoud(end);
                continue;
            }
        }
        std::fill(m_wanted.begin() + static_cast<std::ptrdiff_t>(at(m_judged)),
                  m_wanted.begin() + static_cast<std::ptrdiff_t>(at(end)), 1.0F);
        m_judged = end;
    }
}

// Phase p of the filter at a frame is the signal p / 4 of a frame after it.
void MixBus::judgeLoud(std::int64_t until)
{
    std::array<float, stretch> peaks; // between the frame before m_judged and it, and so on
    m_findPeaks(m_filter, &m_samples[at(m_judged - reach)], peaks.data());
    for (std::size_t index = 0; m_judged < until; ++m_judged, ++index) {
        const float peak = std::max({peaks[index], peaks[index + 1], std::abs(m_samples[at(m_judged)])});
        m_wanted[at(m_judged)] = peak > m_target ? m_target / peak : 1.0F;
        if (peak > m_target)
            m_lowUntil = m_judged + 1;
    }
}

float MixBus::nextGain(std::int64_t position)
{
    static constexpr auto release = 1.0F / (0.06F * static_cast<float>(sampleRate));
    float lowest = 1.0F;
    if (m_lowUntil > position) {
        for (std::int64_t frame = std::max(position, m_start); frame <= position + window && frame < m_judged; ++frame)
            lowest = std::min(lowest, m_wanted[at(frame)]);
    }
    const float risen = m_last + (1.0F - m_last) * release;
    m_last = std::min(lowest, risen > limiterRested ? 1.0F : risen);
    float& oldest = m_released[static_cast<std::size_t>(((position % window) + window) % window)];
    m_lowered += (m_last < 1.0F ? 1 : 0) - (oldest < 1.0F ? 1 : 0);
    oldest = m_last;
    if (m_lowered == 0)
        return 1.0F;
    float sum = 0.0F;
    for (const float one : m_released)
        sum += one;
    return std::min(sum / static_cast<float>(window), 1.0F);
}

void MixBus::drop(std::int64_t until)
{
    m_next = until;
    std::size_t over = 0;
    while (over < m_runCount && m_runs[over].end <= m_next)
        ++over;
    std::move(m_runs.begin() + static_cast<std::ptrdiff_t>(over),
              m_runs.begin() + static_cast<std::ptrdiff_t>(m_runCount), m_runs.begin());
    m_runCount -= over;
    const auto shift = static_cast<std::ptrdiff_t>(m_next - reach - m_begin);
    if (shift <= 0)
        return;
    std::move(m_samples.begin() + shift, m_samples.end(), m_samples.begin());
    std::move(m_wanted.begin() + shift, m_wanted.end(), m_wanted.begin());
    m_begin += shift;
}

bool MixBus::restsAt(FrameCount position) const
{
    return m_last >= 1.0F && m_lowered == 0 && m_lowUntil <= position.value;
}

RenderedRun MixBus::advance(FrameCount position, FrameCount frames)
{
    if (position.value >= m_next && position.value < m_filled) { // read ahead already
        const auto run = std::find_if(m_runs.begin(), m_runs.begin() + static_cast<std::ptrdiff_t>(m_runCount),
                                      [&](const Run& one) { return one.end > position.value; });
        const RenderedRun answer{{std::min(position.value + frames.value, run->end) - position.value},
                                 run->sounding,
                                 run->missing,
                                 run->absent};
        drop(position.value + answer.frames.value);
        m_judged = std::max(m_judged, m_next);
        return answer;
    }
    const RenderedRun answer = m_programme->advance(position, frames);
    m_next = m_filled = position.value + answer.frames.value; // render() begins anew here
    return answer;
}

RenderedRun MixBus::render(FrameCount position, std::span<float> out)
{
    assert(position.value >= m_next || m_filled == m_next);
    if (position.value >= m_filled || position.value < m_next)
        restartAt(position.value);
    const std::int64_t wanted = std::min(static_cast<std::int64_t>(out.size()), longestBlock);
    const std::int64_t end = position.value + wanted;
    pull(end + window + 2 * reach);
    judge(end + window + 1);
    if (std::exchange(m_isFresh, false)) { // as if silence had been coming up to here
        for (std::int64_t before = position.value - window; before < position.value; ++before)
            static_cast<void>(nextGain(before));
    }
    for (; m_next < position.value; ++m_next) // passed over by who asks: the gain moves on all the same
        static_cast<void>(nextGain(m_next));
    const auto run = std::find_if(m_runs.begin(), m_runs.begin() + static_cast<std::ptrdiff_t>(m_runCount),
                                  [&](const Run& one) { return one.end > position.value; });
    const std::int64_t frames = std::min(end, run->end) - position.value;
    const RenderedRun answer{{frames}, run->sounding, run->missing, run->absent};
    if (restsAt(position)) { // and so it will
        std::copy_n(&m_samples[at(position.value)], frames, out.begin());
    } else {
        for (std::int64_t frame = position.value; frame < position.value + frames; ++frame)
            out[static_cast<std::size_t>(frame - position.value)] = m_samples[at(frame)] * nextGain(frame);
    }
    drop(position.value + frames);
    return answer;
}

} // namespace loa::playout
