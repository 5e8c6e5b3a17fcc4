// Opus packets, one by one, 20 ms each, mono at 48 kHz: live speech, with libopus's concealment where one is missing,
// and house files where somebody needs a stretch of their samples. Threads: one at a time; after create() nothing is
// allocated and no lock taken, so it may run in a render path. Failure: a packet that is not of this form counts as
// missing.
#pragma once

#include "media/error.h"

#include <cstdint>
#include <memory>
#include <span>

struct OpusDecoder;

namespace loa::media {

class SpeechDecoder {
public:
    static constexpr std::size_t frame = 960;
    using Samples = std::span<float, frame>;

    // Error: Unavailable (no memory).
    [[nodiscard]] static Result<std::unique_ptr<SpeechDecoder>> create();
    ~SpeechDecoder();
    SpeechDecoder(const SpeechDecoder&) = delete;
    SpeechDecoder& operator=(const SpeechDecoder&) = delete;

    // The packet's 20 ms. False when it could not be read: `out` holds concealment.
    bool decode(std::span<const std::uint8_t> packet, Samples out);
    // The 20 ms before `next`, from the copy that it may carry (forward error correction), else concealed.
    void recover(std::span<const std::uint8_t> next, Samples out);
    void conceal(Samples out);
    // As newly made: the next packet does not follow the last.
    void restart();

    // Opus, 20 ms, one frame or more in it.
    [[nodiscard]] static bool isOneFrame(std::span<const std::uint8_t> packet);

private:
    explicit SpeechDecoder(::OpusDecoder* decoder) : m_decoder(decoder) {}
    ::OpusDecoder* m_decoder;
};

} // namespace loa::media
