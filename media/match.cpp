#include "media/match.h"

#include "media/fft.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

namespace loa::media {

namespace {

constexpr std::size_t step = 8; // 48 kHz -> 6 kHz
constexpr std::size_t longestRecording = 40UL * 60 * 48000;

// Mean of eight: a plain low-pass, enough since it only has to find the place.
std::vector<float> decimate(std::span<const float> samples)
{
    std::vector<float> coarse(samples.size() / step);
    for (std::size_t index = 0; index < coarse.size(); ++index) {
        float sum = 0.0F;
        for (std::size_t inner = 0; inner < step; ++inner)
            sum += samples[index * step + inner];
        coarse[index] = sum / static_cast<float>(step);
    }
    return coarse;
}

double energyOf(std::span<const float> samples)
{
    double energy = 0.0;
    for (const float sample : samples)
        energy += static_cast<double>(sample) * static_cast<double>(sample);
    return energy;
}

double correlationAt(std::span<const float> reference, double referenceEnergy, std::span<const float> recording,
                     std::size_t at)
{
    double product = 0.0;
    double energy = 0.0;
    for (std::size_t index = 0; index < reference.size(); ++index) {
        const double heard = static_cast<double>(recording[at + index]);
        product += static_cast<double>(reference[index]) * heard;
        energy += heard * heard;
    }
    return energy > 0.0 ? product / std::sqrt(energy * referenceEnergy) : 0.0;
}

// Products of the reference with the recording at every lag, by the transform.
std::vector<double> productsAtLags(std::span<const float> reference, std::span<const float> recording)
{
    const std::size_t size = std::bit_ceil(reference.size() + recording.size());
    std::vector<std::complex<float>> heard = spectrumOf(recording, size);
    const std::vector<std::complex<float>> sought = spectrumOf(reference, size);
    for (std::size_t index = 0; index < heard.size(); ++index)
        heard[index] *= std::conj(sought[index]);
    const std::vector<float> correlation = valuesOf(std::move(heard), size);
    const auto lags = static_cast<std::ptrdiff_t>(recording.size() - reference.size() + 1);
    return {correlation.begin(), correlation.begin() + lags};
}

tl::unexpected<Error> unusable(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en});
}

} // namespace

Result<Match> findIn(std::span<const float> reference, std::span<const float> recording)
{
    if (recording.size() > longestRecording) {
        return fail(ErrorCategory::LimitExceeded, {QStringLiteral("Bản ghi dài quá 40 phút; hãy cắt ngắn."),
                                                   QStringLiteral("The recording is longer than 40 minutes; cut it.")});
    }
    if (reference.size() < 4800)
        return unusable(QStringLiteral("Âm thanh mẫu ngắn hơn 0,1 giây."),
                        QStringLiteral("The reference is shorter than 0.1 s."));
    if (reference.size() > recording.size()) {
        return unusable(QStringLiteral("Bản ghi ngắn hơn âm thanh mẫu."),
                        QStringLiteral("The recording is shorter than the reference."));
    }
    const double referenceEnergy = energyOf(reference);
    if (referenceEnergy < 1e-9 * static_cast<double>(reference.size()))
        return unusable(QStringLiteral("Âm thanh mẫu im lặng."), QStringLiteral("The reference is silent."));

    const std::vector<float> coarseReference = decimate(reference);
    const std::vector<float> coarseRecording = decimate(recording);
    const std::vector<double> products = productsAtLags(coarseReference, coarseRecording);
    std::vector<double> energyBefore(coarseRecording.size() + 1, 0.0);
    for (std::size_t index = 0; index < coarseRecording.size(); ++index) {
        const double sample = static_cast<double>(coarseRecording[index]);
        energyBefore[index + 1] = energyBefore[index] + sample * sample;
    }
    // A floor under the window's energy: near-silent stretches would divide noise by next to nothing.
    const double floor = 1e-6 * energyOf(coarseReference);
    std::size_t best = 0;
    double bestScore = -1.0;
    for (std::size_t lag = 0; lag < products.size(); ++lag) {
        const double energy = energyBefore[lag + coarseReference.size()] - energyBefore[lag];
        const double score = products[lag] / std::sqrt(std::max(energy, floor));
        if (score > bestScore) {
            bestScore = score;
            best = lag;
        }
    }

    Match match;
    match.correlation = -1.0;
    const std::size_t last = recording.size() - reference.size();
    const std::size_t from = best * step > 2 * step ? best * step - 2 * step : 0;
    for (std::size_t at = std::min(from, last); at <= std::min(best * step + 2 * step, last); ++at) {
        const double correlation = correlationAt(reference, referenceEnergy, recording, at);
        if (correlation > match.correlation)
            match = {{static_cast<std::int64_t>(at)}, correlation};
    }
    return match;
}

} // namespace loa::media
