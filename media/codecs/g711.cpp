// G.711 at 8 kHz, as telephones and loudspeakers with network take it (RFC 3551, 4.5.14): every sixth frame behind a
// low-pass filter of 3.4 kHz. Source of the laws: ITU-T G.711 (1988), tables 1 and 2.
#include "media/codecs/codec_table.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace loa::media::detail {

namespace {

constexpr std::size_t decimation = 6;
constexpr std::size_t filterReach = 90; // frames to each side; a multiple of the decimation
constexpr std::size_t filterTaps = 2 * filterReach + 1;

using Filter = std::array<float, filterTaps>;

// A sinc under a Blackman window, gain 1 at 0 Hz: -6 dB at 3,550 Hz, below -60 dB from 4,400 Hz on.
Filter lowPass()
{
    constexpr double cutoff = 3550.0 / static_cast<double>(loa::sampleRate);
    Filter filter{};
    double sum = 0;
    std::array<double, filterTaps> taps{};
    for (std::size_t index = 0; index < filterTaps; ++index) {
        const double at = static_cast<double>(index) - static_cast<double>(filterReach);
        const double angle = 2 * std::numbers::pi * cutoff * at;
        const double sinc = index == filterReach ? 2 * cutoff : std::sin(angle) / (std::numbers::pi * at);
        const double phase = 2 * std::numbers::pi * (static_cast<double>(index) + 1) / (filterTaps + 1);
        taps[index] = sinc * (0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase));
        sum += taps[index];
    }
    for (std::size_t index = 0; index < filterTaps; ++index)
        filter[index] = static_cast<float>(taps[index] / sum);
    return filter;
}

// 14 bits: sign and magnitude, biased by 33, then the position of the leading bit and the four bits after it.
std::byte muLaw(float sample)
{
    const long value = std::lrint(sample * 8159.0F);
    const auto biased = static_cast<unsigned>(std::min(std::labs(value) + 33, 8191L));
    const auto segment = static_cast<unsigned>(std::max(static_cast<int>(std::bit_width(biased)) - 6, 0));
    const unsigned code = (segment << 4U) | ((biased >> (segment + 1U)) & 0x0FU);
    return static_cast<std::byte>(~(code | (value < 0 ? 0x80U : 0U)));
}

// 13 bits: the first two segments are linear; even bits are inverted.
std::byte aLaw(float sample)
{
    const float scaled = std::floor(sample * 4096.0F);
    const bool negative = scaled < 0;
    const auto magnitude = static_cast<unsigned>(std::min(negative ? -scaled - 1.0F : scaled, 4095.0F));
    unsigned code = 0;
    if (magnitude < 64) {
        code = magnitude >> 1U;
    } else {
        const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 5U;
        code = (segment << 4U) | ((magnitude >> segment) & 0x0FU);
    }
    return static_cast<std::byte>((code | (negative ? 0U : 0x80U)) ^ 0x55U);
}

class G711Packets final : public FramedEncoder {
public:
    G711Packets(std::size_t packetFrames, std::byte (*law)(float))
        : FramedEncoder(packetFrames, FrameCount{static_cast<std::int64_t>(filterReach)}), m_law(law),
          m_filter(lowPass()), m_line(filterTaps - 1 + packetFrames), m_bytes(packetFrames / decimation)
    {
    }

private:
    Result<void> encode(std::span<const float> frame, const PacketSink& sink) override
    {
        std::copy(frame.begin(), frame.end(), m_line.begin() + (filterTaps - 1));
        for (std::size_t index = 0; index < m_bytes.size(); ++index) {
            const float* from = m_line.data() + index * decimation;
            float sum = 0;
            for (std::size_t tap = 0; tap < filterTaps; ++tap)
                sum += m_filter[tap] * from[tap];
            m_bytes[index] = m_law(std::clamp(sum, -1.0F, 1.0F));
        }
        std::copy(m_line.end() - (filterTaps - 1), m_line.end(), m_line.begin());
        return give(m_bytes, sink);
    }

    std::byte (*const m_law)(float);
    const Filter m_filter;
    std::vector<float> m_line; // what the filter still reaches, then the frame
    std::vector<std::byte> m_bytes;
};

MadeEncoder makeG711(const EncoderSettings& settings, std::byte (*law)(float))
{
    return std::make_unique<G711Packets>(
        static_cast<std::size_t>(settings.frameDuration.count() * loa::sampleRate / 1000), law);
}

} // namespace

MadeEncoder makePcmuEncoder(const EncoderSettings& settings)
{
    return makeG711(settings, muLaw);
}

MadeEncoder makePcmaEncoder(const EncoderSettings& settings)
{
    return makeG711(settings, aLaw);
}

} // namespace loa::media::detail
