// Discrete Fourier transform of complex single-precision values (libavutil's tx). Not shared between threads.
#pragma once

#include "media/error.h"

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace loa::media {

class Fft {
public:
    enum class Direction { Forward, Inverse }; // the inverse is not scaled: divide by the size

    // `size`: a power of two, 2 to 2^24. Error: Internal.
    [[nodiscard]] static Result<Fft> create(std::size_t size, Direction direction);

    Fft(Fft&&) noexcept;
    Fft& operator=(Fft&&) noexcept;
    ~Fft();

    // In place; `values` has `size` elements, allocated by anyone.
    void run(std::span<std::complex<float>> values);

private:
    struct Plan;
    explicit Fft(std::unique_ptr<Plan> plan);
    std::unique_ptr<Plan> m_plan;
};

} // namespace loa::media
