// A sound card's input. Its sound is taken as the card's own clock gives it; the ear allows for a clock that is not
// ours. What the card has of channels is averaged.
#include "playout/output/alsa_library.h"
#include "playout/output/card_resampler.h"
#include "playout/proof/monitor_inputs.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

namespace loa::playout::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::array formats{SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_FLOAT_LE, SND_PCM_FORMAT_S16_LE};
constexpr unsigned bufferTime = 1'000'000; // us: the listening thread is one of low priority
constexpr unsigned periodTime = 50'000;
constexpr int lookEvery = 100; // ms
constexpr auto stallAfter = 5s;

class AlsaInput final : public MonitorInput {
public:
    explicit AlsaInput(std::function<bool()> isCancelled) : m_isCancelled(std::move(isCancelled)) {}
    ~AlsaInput() override
    {
        if (m_pcm == nullptr)
            return;
        static_cast<void>(alsa().pcm_drop(m_pcm));
        static_cast<void>(alsa().pcm_close(m_pcm));
    }

    Result<void> open(const QString& name)
    {
        m_name = name;
        if (auto there = needAlsa(name); !there)
            return there;
        const int opened = alsa().pcm_open(&m_pcm, name.toUtf8().constData(), SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
        if (opened < 0) {
            m_pcm = nullptr;
            return failed(opened, QStringLiteral("Không mở được đầu thu của card âm thanh"),
                          QStringLiteral("The sound card's input cannot be opened"));
        }
        if (const int code = negotiate(); code < 0)
            return failed(code, QStringLiteral("Đầu thu của card âm thanh không có định dạng phù hợp"),
                          QStringLiteral("The sound card's input has no format that suits"));
        if (m_rate != static_cast<unsigned>(sampleRate)) {
            auto resampler = CardResampler::create();
            if (!resampler)
                return passOn(resampler);
            m_resampler = *std::move(resampler);
            m_resampler->reset({});
        }
        if (const int code = alsa().pcm_start(m_pcm); code < 0)
            return failed(code, QStringLiteral("Không bắt đầu thu được trên card âm thanh"),
                          QStringLiteral("The sound card's input cannot be started"));
        return {};
    }

    Result<std::span<const float>> read() override
    {
        const auto giveUpAt = std::chrono::steady_clock::now() + stallAfter;
        for (;;) {
            const auto got = alsa().pcm_readi(m_pcm, m_bytes.data(), m_period);
            if (got > 0) {
                const auto heard = takeUp(static_cast<std::size_t>(got));
                if (!heard || !heard->empty())
                    return heard;
            } else if (got < 0 && got != -EAGAIN) {
                return failed(static_cast<int>(got), QStringLiteral("Card âm thanh ngừng thu"),
                              QStringLiteral("The sound card stopped recording"));
            }
            if (m_isCancelled())
                return fail(ErrorCategory::Unavailable, {QStringLiteral("Đã thôi"), QStringLiteral("Cancelled")},
                            m_name);
            if (std::chrono::steady_clock::now() >= giveUpAt)
                return fail(ErrorCategory::Unavailable,
                            {QStringLiteral("Card âm thanh không cho âm thanh nào"),
                             QStringLiteral("The sound card gives no sound")},
                            m_name);
            if (got <= 0 && alsa().pcm_wait(m_pcm, lookEvery) != 0) // some plugins wake at once, with nothing
                std::this_thread::sleep_for(2ms);
        }
    }

private:
    int negotiate()
    {
        const AlsaLibrary& lib = alsa();
        snd_pcm_hw_params_t* hardware = nullptr;
        if (lib.pcm_hw_params_malloc(&hardware) < 0)
            return -ENOMEM;
        const std::unique_ptr<snd_pcm_hw_params_t, decltype(lib.pcm_hw_params_free)> owner(hardware,
                                                                                           lib.pcm_hw_params_free);
        if (const int code = lib.pcm_hw_params_any(m_pcm, hardware); code < 0)
            return code;
        if (const int code = lib.pcm_hw_params_set_access(m_pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED); code < 0)
            return code;
        int code = -EINVAL;
        for (std::size_t index = 0; index < formats.size() && code < 0; ++index) {
            m_format = formats[index];
            code = lib.pcm_hw_params_set_format(m_pcm, hardware, m_format);
        }
        if (code < 0)
            return code;
        m_channels = 1;
        m_rate = static_cast<unsigned>(sampleRate);
        unsigned period = periodTime;
        unsigned buffer = bufferTime;
        for (const int step :
             {lib.pcm_hw_params_set_channels_near(m_pcm, hardware, &m_channels),
              lib.pcm_hw_params_set_rate_near(m_pcm, hardware, &m_rate, nullptr),
              lib.pcm_hw_params_set_period_time_near(m_pcm, hardware, &period, nullptr),
              lib.pcm_hw_params_set_buffer_time_near(m_pcm, hardware, &buffer, nullptr),
              lib.pcm_hw_params(m_pcm, hardware), lib.pcm_hw_params_get_period_size(hardware, &m_period, nullptr)}) {
            if (step < 0)
                return step;
        }
        if (m_rate < 8'000 || m_rate > 384'000 || m_channels < 1 || m_channels > 64 || m_period < 1 ||
            m_period > 2 * m_rate)
            return -EINVAL;
        m_bytes.resize(m_period * m_channels * sizeof(std::int32_t));
        return 0;
    }

    template <typename Sample>
    void average(std::size_t frames, float scale)
    {
        m_mono.resize(frames);
        const std::byte* from = m_bytes.data();
        for (float& value : m_mono) {
            float sum = 0.0F;
            for (unsigned channel = 0; channel < m_channels; ++channel, from += sizeof(Sample)) {
                Sample sample;
                std::memcpy(&sample, from, sizeof(Sample));
                const float number = static_cast<float>(sample) * scale;
                sum += std::isfinite(number) ? number : 0.0F;
            }
            value = std::clamp(sum / static_cast<float>(m_channels), -1.0F, 1.0F);
        }
    }

    Result<std::span<const float>> takeUp(std::size_t frames)
    {
        if (m_format == SND_PCM_FORMAT_FLOAT_LE)
            average<float>(frames, 1.0F);
        else if (m_format == SND_PCM_FORMAT_S16_LE)
            average<std::int16_t>(frames, 1.0F / 32'768.0F);
        else
            average<std::int32_t>(frames, 1.0F / 2'147'483'648.0F);
        if (!m_resampler)
            return std::span<const float>(m_mono);
        return m_resampler->process(m_mono, static_cast<double>(sampleRate) / m_rate);
    }

    [[nodiscard]] tl::unexpected<Error> failed(int code, const QString& vi, const QString& en) const
    {
        return alsaError(code, vi, en, m_name);
    }

    const std::function<bool()> m_isCancelled;
    QString m_name;
    snd_pcm_t* m_pcm = nullptr;
    snd_pcm_format_t m_format = SND_PCM_FORMAT_UNKNOWN;
    unsigned m_channels = 1;
    unsigned m_rate = 0;
    snd_pcm_uframes_t m_period = 0;
    std::vector<std::byte> m_bytes;
    std::vector<float> m_mono;
    std::unique_ptr<CardResampler> m_resampler; // null: the card runs at our rate
};

} // namespace

Result<std::unique_ptr<MonitorInput>> openAlsaInput(const MonitorConfig& config, std::function<bool()> isCancelled)
{
    auto input = std::make_unique<AlsaInput>(std::move(isCancelled));
    if (auto opened = input->open(config.url); !opened)
        return passOn(opened);
    return input;
}

} // namespace loa::playout::detail
