#include "media/oversampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loa::media {

namespace {

// Modified Bessel function of the first kind, order 0, by its series.
double besselI0(double x)
{
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < 50; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

} // namespace

Oversampler::Oversampler(int factorWanted) : factor(factorWanted)
{
    constexpr double beta = 7.0;
    constexpr double half = static_cast<double>(taps) / 2.0;
    for (int phase = 1; phase < factor; ++phase) {
        std::array<double, taps> filter{};
        double sum = 0.0;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            // Input `tap` of the line stands at tap - (half - 1) frames from the sample before the wanted instant.
            const double t = static_cast<double>(tap) - (half - 1.0) - static_cast<double>(phase) / factor;
            const double x = std::numbers::pi * t;
            const double sinc = std::abs(x) < 1e-12 ? 1.0 : std::sin(x) / x;
            const double position = t / half;
            const double window = besselI0(beta * std::sqrt(std::max(0.0, 1.0 - position * position))) / besselI0(beta);
            filter[tap] = sinc * window;
            sum += filter[tap];
        }
        std::array<float, taps> normalised{};
        float magnitude = 0.0F;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            normalised[tap] = static_cast<float>(filter[tap] / sum);
            magnitude += std::abs(normalised[tap]);
        }
        phases.push_back(normalised);
        bound = std::max(bound, magnitude * 1.0001F);
    }
}

int Oversampler::factorFor(int rate)
{
    if (rate < 96000)
        return 4;
    return rate < 192000 ? 2 : 1;
}

const Oversampler& Oversampler::forRate(int rate)
{
    static const Oversampler four(4);
    static const Oversampler two(2);
    static const Oversampler one(1);
    const int factor = factorFor(rate);
    return factor == 4 ? four : (factor == 2 ? two : one);
}

} // namespace loa::media
