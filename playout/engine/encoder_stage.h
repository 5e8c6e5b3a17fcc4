// The stage between mix and rings: one encoder for all outputs of a station that take the same packets, and, where
// stations share, for all of them that send the same (encoding_share.h).
//
// Thread: one, the pump's. write() is not part of a render path: it encodes, and a new run makes an encoder.
// Units: stream positions. A run is what one encoder gives without a break; its packets lie at start + k * packet
// length (stream_encoder.h), so whoever joins a run in its middle does so at a packet's beginning. The packet before
// the run's start holds what a decoder must have seen, and no frame of the stream: `leadsIn`.
// Passing (pass_through.h): a stage whose key passes may be given a house packet in place of samples. Its packets lie
// at multiples of their length. When samples come again its encoder first hears what the last packets, decoded, sound
// like, so that it goes on as a listener's decoder does.
// Bundles: packets that leave as one lie between multiples of the bundle's length, so that whoever joins in is in step;
// one is shorter where a run begins, or its packets are not of one kind. Ownership: holds its encoder; a run that has
// ended gives it back to the system. Failure: create() fails as the encoder does, so settings that cannot be encoded
// are refused before anything plays. An encoder that breaks down in mid-run loses what it held; the next write() begins
// a new run.
#pragma once

#include "media/codecs/house_packets.h"
#include "media/codecs/opus_bundle.h"
#include "media/codecs/speech_decoder.h"
#include "playout/engine/encoding_share.h"

#include <array>
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
    // The packet may be given for the slot at `position`: its listeners' decoders have something to go on from.
    [[nodiscard]] bool mayPass(FrameCount position) const
    {
        return m_key.passes && position - m_begun >= FrameCount{2 * passedFrames.value} && m_written >= position;
    }
    // … and needs no samples, since the slot before was passed.
    [[nodiscard]] bool goesOnPassing(FrameCount position) const { return m_isPassing && mayPass(position); }
    // A house packet that holds the frames from `position` on, where mayPass(). Unless goesOnPassing(), write() has
    // just been given all of them, so that what lies before has left the encoder.
    void pass(FrameCount position, std::span<const std::byte> packet, const Sink& sink);

    // Since it was made; any thread.
    [[nodiscard]] std::int64_t runs() const { return m_runs.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t packets() const { return m_packets.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t passed() const { return m_passed.load(std::memory_order_relaxed); }

    // The frames from `position` on; where they do not follow the last ones a new run begins. False: the encoder broke
    // down, and the frames from pending() on up to the end of these are lost.
    [[nodiscard]] bool write(FrameCount position, std::span<const float> samples, const Sink& sink);
    // From which frame on nothing has left the stage.
    [[nodiscard]] FrameCount pending() const { return m_bundle && !m_bundle->isEmpty() ? m_bundleFrom : m_given; }
    // Nobody listens any more: the run is over.
    void rest();
    // Where stations share. One that goes on as this one would; its counts begin at 0.
    [[nodiscard]] std::unique_ptr<EncoderStage> copy() const;
    [[nodiscard]] bool isLike(const EncoderStage& other) const; // as SharedEncoding

private:
    EncoderStage(const EncodingKey& key, EncodingShare* share);

    static constexpr FrameCount passedFrames = media::HousePackets::frames;
    // What a decoder hears to be where a listener's is, then what the encoder hears.
    static constexpr std::size_t heardAgain = 10;
    static constexpr std::size_t encodedAgain = 6;

    [[nodiscard]] bool writeShared(FrameCount position, std::span<const float> samples, const Sink& sink);
    // One packet of 20 ms, or of whatever length where none are bundled.
    void give(const Packet& packet, const Sink& sink);
    void giveBundle(const Sink& sink);
    void keep(std::span<const std::byte> packet);
    // The samples of the last packets; none: there are too few.
    [[nodiscard]] std::vector<float> hearAgain();

    const EncodingKey m_key;
    const float m_gain;
    std::unique_ptr<EncodingShare> m_own; // one that passes and shares with nobody
    std::optional<SharedEncoding> m_shared;
    std::optional<StreamEncoder> m_encoder; // unless it shares
    FrameCount m_start;                     // of the run
    FrameCount m_given;                     // behind the last packet
    std::optional<media::OpusBundle> m_bundle;
    FrameCount m_bundleFrom; // what is in it
    FrameCount m_bundleTo;
    std::vector<float> m_scaled;
    FrameCount m_begun;       // nothing came before
    FrameCount m_written{-1}; // samples, or packets in their place, came up to here
    bool m_isPassing = false;
    std::array<std::vector<std::byte>, heardAgain + encodedAgain> m_last; // packets given out, a ring; of who passes
    std::size_t m_kept = 0;                                               // of m_last, since it was made
    std::unique_ptr<media::SpeechDecoder> m_decoder;                      // of m_last
    std::atomic<std::int64_t> m_runs = 0;
    std::atomic<std::int64_t> m_packets = 0;
    std::atomic<std::int64_t> m_passed = 0;
};

// The stage with this key among `stages`, made there when there is none.
[[nodiscard]] Result<EncoderStage*> stageFor(std::vector<std::unique_ptr<EncoderStage>>& stages, const EncodingKey& key,
                                             EncodingShare* share = nullptr);

} // namespace loa::playout
