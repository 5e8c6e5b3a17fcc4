#include "media/loudness_meter.h"

#include <ebur128.h>

#include <cmath>

namespace loa::media {

namespace {

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

struct LoudnessMeter::Impl {
    std::unique_ptr<ebur128_state, StateCloser> state;
    std::size_t channels = 0;
    std::int64_t frames = 0;
    int rate = 0;
    bool measuresRange = true;
};

LoudnessMeter::LoudnessMeter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;
LoudnessMeter::~LoudnessMeter() = default;

Result<LoudnessMeter> LoudnessMeter::create(int rate, std::span<const ChannelRole> roles, LoudnessScope scope)
{
    auto impl = std::make_unique<Impl>();
    impl->state.reset(
        ebur128_init(static_cast<unsigned>(roles.size()), static_cast<unsigned long>(rate),
                     scope == LoudnessScope::WithRange ? EBUR128_MODE_I | EBUR128_MODE_LRA : EBUR128_MODE_I));
    if (!impl->state)
        return tl::unexpected(meterError(EBUR128_ERROR_NOMEM));
    impl->channels = roles.size();
    impl->measuresRange = scope == LoudnessScope::WithRange;
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

std::optional<double> LoudnessMeter::momentaryLufs() const
{
    if (m_impl->frames * 10 < 4 * static_cast<std::int64_t>(m_impl->rate))
        return std::nullopt;
    double value = 0.0;
    const int code = ebur128_loudness_momentary(m_impl->state.get(), &value);
    return finite(code, value);
}

// libebur128 says 0 for a signal shorter than its first 3 s window, which would read as "no dynamics".
std::optional<double> LoudnessMeter::rangeLu() const
{
    if (!m_impl->measuresRange || m_impl->frames < 3 * static_cast<std::int64_t>(m_impl->rate) || !integratedLufs())
        return std::nullopt;
    double value = 0.0;
    const int code = ebur128_loudness_range(m_impl->state.get(), &value);
    return finite(code, value);
}

} // namespace loa::media
