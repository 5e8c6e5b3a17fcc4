#include "media/figure_meter.h"

#include <cmath>

namespace loa::media {

namespace {

constexpr float silenceLevel = 0.001F; // -60 dBFS, as ffmpeg's silencedetect has it
constexpr float clipLevel = 32767.0F / 32768.0F;

} // namespace

std::optional<double> toDecibels(double linear)
{
    if (!(linear > 0.0))
        return std::nullopt;
    return 20.0 * std::log10(linear);
}

double fromDecibels(double decibels)
{
    return std::pow(10.0, decibels / 20.0);
}

FigureMeter::FigureMeter(int rate, std::size_t channels, LoudnessMeter loudness)
    : m_rate(rate), m_channels(channels), m_loudness(std::move(loudness)), m_peak(rate, static_cast<int>(channels))
{
}

Result<FigureMeter> FigureMeter::create(int rate, std::span<const ChannelRole> roles)
{
    auto loudness = LoudnessMeter::create(rate, roles);
    if (!loudness)
        return passOn(loudness);
    return FigureMeter(rate, roles.size(), std::move(*loudness));
}

Result<void> FigureMeter::add(std::span<const float> interleaved)
{
    m_peak.add(interleaved);
    const std::size_t count = interleaved.size() / m_channels * m_channels;
    std::size_t last = count;
    while (last > 0 && std::abs(interleaved[last - 1]) <= silenceLevel)
        --last;
    if (last > 0) {
        if (m_firstSound < 0) {
            std::size_t first = 0;
            while (std::abs(interleaved[first]) <= silenceLevel)
                ++first;
            m_firstSound = m_frames + static_cast<std::int64_t>(first / m_channels);
        }
        m_lastSound = m_frames + static_cast<std::int64_t>((last - 1) / m_channels);
    }
    std::int64_t clipped = 0;
    for (std::size_t index = 0; index < count; ++index)
        clipped += std::abs(interleaved[index]) >= clipLevel ? 1 : 0;
    m_clipped += clipped;
    m_frames += static_cast<std::int64_t>(count / m_channels);
    return m_loudness.add(interleaved);
}

AudioFigures FigureMeter::figures() const
{
    AudioFigures figures;
    figures.frames = m_frames;
    figures.integratedLufs = m_loudness.integratedLufs();
    figures.loudnessRangeLu = m_loudness.rangeLu();
    figures.truePeakDbtp = toDecibels(m_peak.peak());
    figures.samplePeakDbfs = toDecibels(m_peak.samplePeak());
    const std::int64_t lead = m_firstSound < 0 ? m_frames : m_firstSound;
    const std::int64_t tail = m_firstSound < 0 ? m_frames : m_frames - 1 - m_lastSound;
    figures.leadSilenceMs = lead * 1000 / m_rate;
    figures.tailSilenceMs = tail * 1000 / m_rate;
    figures.clippedSamples = m_clipped;
    return figures;
}

} // namespace loa::media
