#include "playout/output/alsa_card.h"

#include "playout/output/alsa_library.h"

#include <QByteArray>

#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <vector>

namespace loa::playout {

namespace {

constexpr std::array formats{SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_FLOAT_LE, SND_PCM_FORMAT_S16_LE};

class AlsaCard final : public SoundCard {
public:
    ~AlsaCard() override { AlsaCard::close(); }

    Result<CardFormat> open(const CardRequest& request) override
    {
        m_name = request.name;
        if (auto there = needAlsa(m_name); !there)
            return passOn(there);
        const QByteArray name = m_name.toUtf8();
        const int opened = alsa().pcm_open(&m_pcm, name.constData(), SND_PCM_STREAM_PLAYBACK,
                                           SND_PCM_NONBLOCK | SND_PCM_NO_AUTO_RESAMPLE);
        if (opened < 0) {
            m_pcm = nullptr;
            return failed(opened, QStringLiteral("Không mở được card âm thanh"),
                          QStringLiteral("The sound card cannot be opened"));
        }
        auto format = negotiate(request);
        if (!format)
            close();
        return format;
    }

    Result<void> start() override
    {
        if (const int code = alsa().pcm_start(m_pcm); code < 0)
            return failed(code, QStringLiteral("Không bắt đầu phát được trên card âm thanh"),
                          QStringLiteral("The sound card cannot be started"));
        return {};
    }

    std::int64_t write(std::span<const float> mono) override
    {
        layOut(mono);
        const auto taken = alsa().pcm_writei(m_pcm, m_bytes.data(), mono.size());
        return std::max<std::int64_t>(taken, 0); // what is wrong shows in status()
    }

    CardStatus status() override
    {
        if (m_pcm == nullptr || alsa().pcm_status(m_pcm, m_status) < 0)
            return {};
        CardStatus status;
        switch (alsa().pcm_status_get_state(m_status)) {
        case SND_PCM_STATE_OPEN:
        case SND_PCM_STATE_SETUP:
        case SND_PCM_STATE_PREPARED:
            status.condition = CardCondition::Ready;
            break;
        case SND_PCM_STATE_RUNNING:
        case SND_PCM_STATE_DRAINING:
        case SND_PCM_STATE_PAUSED:
            status.condition = CardCondition::Playing;
            break;
        case SND_PCM_STATE_XRUN:
            status.condition = CardCondition::Dry;
            break;
        case SND_PCM_STATE_SUSPENDED:
            status.condition = CardCondition::Suspended;
            break;
        default:
            status.condition = CardCondition::Gone;
            break;
        }
        status.delay = alsa().pcm_status_get_delay(m_status);
        status.queued =
            std::max<std::int64_t>(m_buffer - static_cast<std::int64_t>(alsa().pcm_status_get_avail(m_status)), 0);
        snd_htimestamp_t stamp{};
        alsa().pcm_status_get_htstamp(m_status, &stamp);
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        const std::chrono::nanoseconds age =
            std::chrono::seconds(now.tv_sec - stamp.tv_sec) + std::chrono::nanoseconds(now.tv_nsec - stamp.tv_nsec);
        // Plugins leave it 0, or stamp by another clock.
        const bool isKnown = age >= std::chrono::nanoseconds(0) && age < std::chrono::seconds(1);
        status.age = isKnown ? age : std::chrono::nanoseconds(0);
        return status;
    }

    Result<void> restart() override
    {
        // Where resume works the buffer would play on, late; it is thrown away either way.
        static_cast<void>(alsa().pcm_resume(m_pcm));
        static_cast<void>(alsa().pcm_drop(m_pcm));
        if (const int code = alsa().pcm_prepare(m_pcm); code < 0)
            return failed(code, QStringLiteral("Card âm thanh không phát lại được"),
                          QStringLiteral("The sound card cannot be started again"));
        return {};
    }

    void close() override
    {
        if (m_status != nullptr)
            alsa().pcm_status_free(std::exchange(m_status, nullptr));
        if (m_pcm == nullptr)
            return;
        static_cast<void>(alsa().pcm_drop(m_pcm));
        static_cast<void>(alsa().pcm_close(std::exchange(m_pcm, nullptr)));
    }

private:
    Result<CardFormat> negotiate(const CardRequest& request)
    {
        const AlsaLibrary& lib = alsa();
        if (lib.pcm_status_malloc(&m_status) < 0)
            return failed(-ENOMEM, QStringLiteral("Thiếu bộ nhớ"), QStringLiteral("Out of memory"));
        snd_pcm_hw_params_t* hardware = nullptr;
        lib.pcm_hw_params_malloc(&hardware);
        const std::unique_ptr<snd_pcm_hw_params_t, decltype(lib.pcm_hw_params_free)> owner(hardware,
                                                                                           lib.pcm_hw_params_free);
        const auto refused = [&](int code) {
            return failed(code, QStringLiteral("Card âm thanh không có định dạng phù hợp"),
                          QStringLiteral("The sound card has no format that suits"));
        };
        if (const int code = lib.pcm_hw_params_any(m_pcm, hardware); code < 0)
            return refused(code);
        if (const int code = lib.pcm_hw_params_set_access(m_pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED); code < 0)
            return refused(code);
        int code = -EINVAL;
        for (const snd_pcm_format_t candidate : formats) {
            code = lib.pcm_hw_params_set_format(m_pcm, hardware, candidate);
            m_format = candidate;
            if (code == 0)
                break;
        }
        if (code < 0)
            return refused(code);
        m_channels = request.channels == CardChannels::First ? 1U : 2U;
        m_wanted = request.channels;
        auto rate = static_cast<unsigned>(request.rate);
        auto bufferTime = static_cast<unsigned>(std::chrono::microseconds(request.buffer).count());
        auto periodTime = static_cast<unsigned>(std::chrono::microseconds(request.period).count());
        snd_pcm_uframes_t buffer = 0;
        snd_pcm_uframes_t period = 0;
        for (const int step : {lib.pcm_hw_params_set_channels_near(m_pcm, hardware, &m_channels),
                               lib.pcm_hw_params_set_rate_near(m_pcm, hardware, &rate, nullptr),
                               lib.pcm_hw_params_set_period_time_near(m_pcm, hardware, &periodTime, nullptr),
                               lib.pcm_hw_params_set_buffer_time_near(m_pcm, hardware, &bufferTime, nullptr),
                               lib.pcm_hw_params(m_pcm, hardware), lib.pcm_hw_params_get_buffer_size(hardware, &buffer),
                               lib.pcm_hw_params_get_period_size(hardware, &period, nullptr)}) {
            if (step < 0)
                return refused(step);
        }
        if (const int set = setSoftware(buffer); set < 0)
            return refused(set);
        m_buffer = static_cast<std::int64_t>(buffer);
        if (rate < 8000 || rate > 384000 || m_channels < 1 || m_channels > 64 || buffer < period * 2)
            return refused(-EINVAL);
        return CardFormat{static_cast<int>(rate), static_cast<int>(m_channels), static_cast<std::int64_t>(buffer),
                          static_cast<std::int64_t>(period), QString::fromLatin1(lib.pcm_format_name(m_format))};
    }

    // Starts when told to, stops when it runs dry, stamps its states by the monotonic clock.
    int setSoftware(snd_pcm_uframes_t buffer)
    {
        const AlsaLibrary& lib = alsa();
        snd_pcm_sw_params_t* software = nullptr;
        lib.pcm_sw_params_malloc(&software);
        const std::unique_ptr<snd_pcm_sw_params_t, decltype(lib.pcm_sw_params_free)> owner(software,
                                                                                           lib.pcm_sw_params_free);
        snd_pcm_uframes_t boundary = 0;
        for (const int step :
             {lib.pcm_sw_params_current(m_pcm, software), lib.pcm_sw_params_get_boundary(software, &boundary),
              lib.pcm_sw_params_set_start_threshold(m_pcm, software, boundary),
              lib.pcm_sw_params_set_stop_threshold(m_pcm, software, buffer),
              lib.pcm_sw_params_set_tstamp_mode(m_pcm, software, SND_PCM_TSTAMP_ENABLE)}) {
            if (step < 0)
                return step;
        }
        // Not every plugin has a choice of clocks; status() sees which one it is.
        static_cast<void>(lib.pcm_sw_params_set_tstamp_type(m_pcm, software, SND_PCM_TSTAMP_TYPE_MONOTONIC));
        return lib.pcm_sw_params(m_pcm, software);
    }

    [[nodiscard]] bool carries(unsigned channel) const
    {
        return m_wanted == CardChannels::All || m_channels == 1 ||
               channel == (m_wanted == CardChannels::Right ? 1U : 0U);
    }

    template <typename Sample, typename Convert>
    void fill(std::span<const float> mono, Convert convert)
    {
        m_bytes.resize(mono.size() * m_channels * sizeof(Sample));
        auto* out = reinterpret_cast<Sample*>(m_bytes.data());
        for (const float value : mono) {
            const Sample sample = convert(std::isnan(value) ? 0.0F : std::clamp(value, -1.0F, 1.0F));
            for (unsigned channel = 0; channel < m_channels; ++channel)
                *out++ = carries(channel) ? sample : Sample{0};
        }
    }

    void layOut(std::span<const float> mono)
    {
        switch (m_format) {
        case SND_PCM_FORMAT_FLOAT_LE:
            fill<float>(mono, [](float value) { return value; });
            break;
        case SND_PCM_FORMAT_S16_LE:
            fill<std::int16_t>(mono, [](float value) {
                return static_cast<std::int16_t>(std::lrint(std::min(value * 32768.0F, 32767.0F)));
            });
            break;
        default:
            fill<std::int32_t>(mono, [](float value) {
                return static_cast<std::int32_t>(
                    std::llrint(std::min(static_cast<double>(value) * 2147483648.0, 2147483647.0)));
            });
            break;
        }
    }

    [[nodiscard]] tl::unexpected<Error> failed(int code, const QString& vi, const QString& en) const
    {
        return alsaError(code, vi, en, m_name);
    }

    QString m_name;
    snd_pcm_t* m_pcm = nullptr;
    snd_pcm_status_t* m_status = nullptr;
    snd_pcm_format_t m_format = SND_PCM_FORMAT_UNKNOWN;
    unsigned m_channels = 0;
    std::int64_t m_buffer = 0;
    CardChannels m_wanted = CardChannels::All;
    std::vector<std::byte> m_bytes;
};

} // namespace

std::unique_ptr<SoundCard> makeAlsaCard()
{
    return std::make_unique<AlsaCard>();
}

} // namespace loa::playout
