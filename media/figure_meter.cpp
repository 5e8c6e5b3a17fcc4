#include "media/figure_meter.h"

#include <ebur128.h>

#include <cmath>

namespace loa::media {

namespace {

constexpr float silenceLevel = 0.001F; // -60 dBFS, as ffmpeg's silencedetect has it
constexpr float clipLevel = 32767.0F / 32768.0F;

struct StateCloser {
    void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};

int channelOf(ChannelRole role)
{
    switch (role) {
    case ChannelRole::Left:
        return EBUR128_LEFT;
    case ChannelRole::Right:
        return EBUR128_RIGHT;
    case ChannelRole::Center:
        return EBUR128_CENTER;
    case ChannelRole::LeftSurround:
        return EBUR128_LEFT_SURROUND;
    case ChannelRole::RightSurround:
        return EBUR128_RIGHT_SURROUND;
    case ChannelRole::LowFrequency:
    case ChannelRole::Unused:
        return EBUR128_UNUSED;
    }
    return EBUR128_UNUSED;
}

Error meterError(int code)
{
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Không đo được độ to của âm thanh (mã %1).").arg(code),
                  QStringLiteral("The loudness could not be measured (code %1).").arg(code)},
                 QStringLiteral("libebur128")};
}

std::optional<double> finite(int code, double value)
{
    if (code != EBUR128_SUCCESS || !std::isfinite(value))
        return std::nullopt;
    return value;
}

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

struct LoudnessMeter::Impl {
    std::unique_ptr<ebur128_state, StateCloser> state;
    std::size_t channels = 0;
    std::int64_t frames = 0;
    int rate = 0;
};

LoudnessMeter::LoudnessMeter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;
LoudnessMeter::~LoudnessMeter() = default;

Result<LoudnessMeter> LoudnessMeter::create(int rate, std::span<const ChannelRole> roles)
{
    auto impl = std::make_unique<Impl>();
    impl->state.reset(ebur128_init(static_cast<unsigned>(roles.size()), static_cast<unsigned long>(rate),
                                   EBUR128_MODE_I | EBUR128_MODE_LRA));
    if (!impl->state)
        return tl::unexpected(meterError(EBUR128_ERROR_NOMEM));
    impl->channels = roles.size();
    impl->rate = rate;
    for (unsigned index = 0; index < roles.size(); ++index) {
        const int code = ebur128_set_channel(impl->state.get(), index, channelOf(roles[index]));
        if (code != EBUR128_SUCCESS)
            return tl::unexpected(meterError(code));
    }
    return LoudnessMeter(std::move(impl));
}

Result<void> LoudnessMeter::add(std::span<const float> interleaved)
{
    const std::size_t frames = interleaved.size() / m_impl->channels;
    m_impl->frames += static_cast<std::int64_t>(frames);
    const int code = ebur128_add_frames_float(m_impl->state.get(), interleaved.data(), frames);
    if (code != EBUR128_SUCCESS)
        return tl::unexpected(meterError(code));
    return {};
}

std::optional<double> LoudnessMeter::integratedLufs() const
{
    double value = 0.0;
    const int code = ebur128_loudness_global(m_impl->state.get(), &value);
    return finite(code, value);
}

// libebur128 says 0 for a signal shorter than its first 3 s window, which would read as "no dynamics".
std::optional<double> LoudnessMeter::rangeLu() const
{
    if (m_impl->frames < 3 * static_cast<std::int64_t>(m_impl->rate) || !integratedLufs())
        return std::nullopt;
    double value = 0.0;
    const int code = ebur128_loudness_range(m_impl->state.get(), &value);
    return finite(code, value);
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
