#include "media/sound_print.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loa::media {

namespace {

constexpr double lowestHertz = 250.0;
constexpr double highestHertz = 2400.0;
constexpr double lowRate = 6000.0;
constexpr double cutHertz = 2700.0;
constexpr float fullScale = 20000.0F;
constexpr std::size_t mostAtOnce = 4800; // frames added in one go: bounds the line

// Sum in eight lanes, so that it is vectorised without leave to reorder.
float dot(const float* a, const float* b, std::size_t count)
{
    std::array<float, 8> lanes{};
    for (std::size_t index = 0; index < count; index += lanes.size()) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane)
            lanes[lane] += a[index + lane] * b[index + lane];
    }
    float sum = 0.0F;
    for (const float lane : lanes)
        sum += lane;
    return sum;
}

} // namespace

SoundPrinter::SoundPrinter(FrameCount hop) : m_hop(static_cast<std::size_t>(hop.value) / step), m_spectrum(window)
{
    // Low-pass: a windowed sinc (Hamming), of unit gain.
    double sum = 0.0;
    for (std::size_t tap = 0; tap < taps; ++tap) {
        const double at = static_cast<double>(tap) - (taps - 1) / 2.0;
        const double turn = 2.0 * std::numbers::pi * cutHertz / static_cast<double>(sampleRate) * at;
        const double value = std::sin(turn) / turn *
                             (0.54 - 0.46 * std::cos(2.0 * std::numbers::pi * static_cast<double>(tap) / (taps - 1)));
        m_filter[tap] = static_cast<float>(value);
        sum += value;
    }
    for (float& tap : m_filter)
        tap = static_cast<float>(static_cast<double>(tap) / sum);
    for (std::size_t index = 0; index < window; ++index)
        m_shape[index] = static_cast<float>(
            (1.0 - std::cos(2.0 * std::numbers::pi * static_cast<double>(index) / window)) * 2.0 / window);
    for (std::size_t edge = 0; edge <= printBands; ++edge) {
        const double hertz = lowestHertz * std::pow(highestHertz / lowestHertz, static_cast<double>(edge) / printBands);
        m_edges[edge] = static_cast<std::size_t>(std::lround(hertz * window / lowRate));
    }
    restart();
}

void SoundPrinter::restart()
{
    m_line.assign(taps - 1, 0.0F);
    m_low.clear();
    m_lowBegin = 0;
}

void SoundPrinter::add(std::span<const float> mono, std::vector<PrintRow>& rows)
{
    while (!mono.empty()) {
        const std::size_t count = std::min(mono.size(), mostAtOnce);
        m_line.insert(m_line.end(), mono.begin(), mono.begin() + static_cast<std::ptrdiff_t>(count));
        mono = mono.subspan(count);
        std::size_t from = 0;
        for (; from + taps + step - 1 <= m_line.size(); from += step)
            m_low.push_back(dot(m_line.data() + from, m_filter.data(), taps));
        m_line.erase(m_line.begin(), m_line.begin() + static_cast<std::ptrdiff_t>(from));
        for (; m_lowBegin + window <= m_low.size(); m_lowBegin += m_hop)
            rows.push_back(makeRow());
        const std::size_t done = std::min(m_lowBegin, m_low.size());
        m_low.erase(m_low.begin(), m_low.begin() + static_cast<std::ptrdiff_t>(done));
        m_lowBegin -= done;
    }
}

PrintRow SoundPrinter::makeRow()
{
    const std::span<float> input = m_spectrum.input();
    for (std::size_t index = 0; index < window; ++index)
        input[index] = m_low[m_lowBegin + index] * m_shape[index];
    const std::span<const std::complex<float>> spectrum = m_spectrum.run();
    PrintRow row{};
    for (std::size_t band = 0; band < printBands; ++band) {
        float power = 0.0F;
        for (std::size_t bin = m_edges[band]; bin < m_edges[band + 1]; ++bin)
            power += std::norm(spectrum[bin]);
        row[band] = static_cast<std::uint16_t>(std::min(std::pow(power, 0.3F) * fullScale, 65535.0F));
    }
    return row;
}

} // namespace loa::media
