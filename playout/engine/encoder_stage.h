// The stage between mix and rings: one encoder for all outputs of a station that take the same packets, and, where
// stations share, for all of them that send the same (encoding_share.h).
//
// Thread: one, the pump's. write() is not part of a render path: it encodes, and a new run makes an encoder.
// Units: stream positions. A run is what one encoder gives without a break; its packets lie at start + k * packet
// length (stream_encoder.h), so whoever joins a run in its middle does so at a packet's beginning. The packet before
// the run's start holds what a decoder must have seen, and no frame of the stream: `leadsIn`.
// Ownership: holds its encoder; a run that has ended gives it back to the system.
// Failure: create() fails as the encoder does, so settings that cannot be encoded are refused before anything plays. An
// encoder that breaks down in mid-run loses what it held; the next write() begins a new run.
#pragma once

#include "playout/engine/encoding_share.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace loa::playout {

class EncoderStage {
public:
    struct Packet {
        std::span<const std::byte> data; // valid inside the sink's call
        FrameCount position;
        FrameCount frames;
        bool leadsIn = false; // lies before the run: no frame of the stream is in it
    };
    using Sink = std::function<void(const Packet&)>;

    [[nodiscard]] static Result<std::unique_ptr<EncoderStage>> create(const EncodingKey& key,
                                                                      EncodingShare* share = nullptr);

    [[nodiscard]] const EncodingKey& key() const { return m_key; }
    // Since it was made; any thread.
    [[nodiscard]] std::int64_t runs() const { return m_runs.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t packets() const { return m_packets.load(std::memory_order_relaxed); }

    // The frames from `position` on; where they do not follow the last ones a new run begins. False: the encoder broke
    // down, and the frames from pending() on up to the end of these are lost.
    [[nodiscard]] bool write(FrameCount position, std::span<const float> samples, const Sink& sink);
    // From which frame on nothing has left the encoder.
    [[nodiscard]] FrameCount pending() const { return m_given; }
    // Nobody listens any more: the run is over.
    void rest();
    // Where stations share. One that goes on as this one would; its counts begin at 0.
    [[nodiscard]] std::unique_ptr<EncoderStage> copy() const;
    [[nodiscard]] bool isLike(const EncoderStage& other) const; // as SharedEncoding

private:
    EncoderStage(const EncodingKey& key, EncodingShare* share);

    const EncodingKey m_key;
    const float m_gain;
    [[nodiscard]] bool writeShared(FrameCount position, std::span<const float> samples, const Sink& sink);

    std::optional<SharedEncoding> m_shared;
    std::optional<StreamEncoder> m_encoder; // unless it shares
    FrameCount m_start;                     // of the run
    FrameCount m_given;                     // behind the last packet
    std::vector<float> m_scaled;
    std::atomic<std::int64_t> m_runs = 0;
    std::atomic<std::int64_t> m_packets = 0;
};

// The stage with this key among `stages`, made there when there is none.
[[nodiscard]] Result<EncoderStage*> stageFor(std::vector<std::unique_ptr<EncoderStage>>& stages, const EncodingKey& key,
                                             EncodingShare* share = nullptr);

} // namespace loa::playout
