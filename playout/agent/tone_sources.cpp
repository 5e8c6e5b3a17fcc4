#include "playout/agent/tone_sources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace loa::playout {
namespace {

constexpr std::size_t tonePeriod = static_cast<std::size_t>(sampleRate) / 1000; // of 1 kHz, in frames

class ToneSource final : public Source {
public:
    explicit ToneSource(const ToneOrder& tone) : m_frames(tone.frames)
    {
        const double peak = std::pow(10.0, tone.level / 20.0);
        for (std::size_t index = 0; index < tonePeriod; ++index)
            m_wave[index] = static_cast<float>(
                peak * std::sin(2.0 * std::numbers::pi * static_cast<double>(index) / static_cast<double>(tonePeriod)));
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t given = skip(position, out.size());
        for (std::size_t index = 0; index < given; ++index)
            out[index] = m_wave[(static_cast<std::size_t>(position.value) + index) % tonePeriod];
        return given;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>((m_frames - position).value, 0, static_cast<std::int64_t>(frames)));
    }
    [[nodiscard]] Break failure() const override { return Break::None; }

private:
    FrameCount m_frames;
    std::array<float, tonePeriod> m_wave{};
};

} // namespace

void ToneSources::add(const AiringId& airing, const ToneOrder& tone)
{
    const std::lock_guard lock(m_mutex);
    m_tones.insert_or_assign(airing, tone);
}

void ToneSources::forget(const AiringId& airing)
{
    const std::lock_guard lock(m_mutex);
    m_tones.erase(airing);
}

std::unique_ptr<Source> ToneSources::open(const Segment& segment, FrameCount from, Fetching fetching)
{
    auto tone = toneOf(segment);
    return tone ? std::move(tone) : m_inner.open(segment, from, fetching);
}

std::unique_ptr<Source> ToneSources::toneOf(const Segment& segment)
{
    const std::lock_guard lock(m_mutex);
    const auto tone = m_tones.find(segment.airing);
    return tone == m_tones.end() ? nullptr : std::make_unique<ToneSource>(tone->second);
}

bool ToneSources::isCommon(const Segment& segment) const
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_tones.contains(segment.airing))
            return false;
    }
    return m_inner.isCommon(segment);
}

} // namespace loa::playout
