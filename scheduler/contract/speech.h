// Live speech on the wire: one message a 20 ms frame of Opus (mono, 48 kHz, RFC 6716), signed by the scheduler once for
// all stations that hear it, so that an agent lets nobody speak but who was ordered to (promise 10).
//
//   "LSP1" | length of the stream's id, 1 byte | id, ASCII | sequence, 4 bytes, big-endian | signature, 64 bytes | Opus
//
// The signature is over "loa-speech/1", a line feed, the id, a line feed, the sequence as above, and the Opus bytes. No
// Opus bytes: the speaker has ended. Sequences rise by one from 0. Values, any thread. Source: PROTOCOL.md.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/signature.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

namespace loa {

inline constexpr std::int64_t speechFrame = 960;                // 20 ms
inline constexpr qsizetype maxSpeechPacket = 1275;              // RFC 6716, 3.2.1
inline constexpr std::uint32_t mostSpeechFrames = 60 * 60 * 50; // of a stream: an hour

struct SpeechFrame {
    OrderId stream;
    std::uint32_t sequence = 0;
    QByteArray opus; // empty: the end
    bool operator==(const SpeechFrame&) const = default;
};

[[nodiscard]] QByteArray sealSpeech(const SpeechFrame& frame, const SigningKey& key);
// Errors: InvalidInput (form), Unauthorized (signature).
[[nodiscard]] Result<SpeechFrame> openSpeech(QByteArrayView bytes, const VerifyKey& scheduler);

} // namespace loa
