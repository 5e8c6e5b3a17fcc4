// Chromaprint fingerprint of a whole recording (algorithm 2, as AcoustID and fpcalc use), not of its first two minutes
// alone. Thread: one at a time. Memory: 32 bytes per second of sound. The text is Chromaprint's compressed form in
// URL-safe base64, the same that `fpcalc -length 0` prints.
#pragma once

#include "media/error.h"

#include <memory>
#include <span>
#include <vector>

namespace loa::media {

class Fingerprinter {
public:
    // Mono at `rate` Hz.
    [[nodiscard]] static Result<Fingerprinter> create(int rate);
    Fingerprinter(Fingerprinter&&) noexcept;
    Fingerprinter& operator=(Fingerprinter&&) noexcept;
    ~Fingerprinter();

    [[nodiscard]] Result<void> add(std::span<const float> mono);
    // Nothing may be added after. Empty for less than some three seconds of sound.
    [[nodiscard]] Result<QString> finish();

private:
    struct Impl;
    explicit Fingerprinter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
