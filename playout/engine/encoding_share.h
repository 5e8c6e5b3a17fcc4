// Encoders that the stations of one process have in common while they send the same.
//
// Rule. Stages with one key that were given the same samples at the same stream positions get the same packets: who
// comes first encodes, the others' samples are compared with his, bit by bit, and take what he made. One whose samples
// differ goes on with an encoder of its own, which is first given what went before, so that its packets follow the
// last ones without a gap; those that differ alike at one place (an alert for all) go on together. Stages come together
// again in silence: half a second of it leaves every encoder in the same state. Packets lie on one grid for all runs of
// a key (multiples of the packet's length), and none refers to an earlier one's bytes.
//
// Threads: any; stages of a run wait for each other while one of them encodes a block, some 0.1 ms.
// Units: stream positions, which must mean the same instant for all stages: their clocks have one origin (hub.h).
// Ownership: a run lives as long as a stage is in it. Memory: up to a second of samples and packets a run.
// Failure: an encoder that breaks down ends the run for all who are in it; each begins a new one.
#pragma once

#include "playout/output/stream_encoder.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace loa::playout {

// Outputs with equal keys get the same packets for the same samples.
struct EncodingKey {
    media::EncoderSettings encoder;
    double gainDb = 0.0;
    bool passes = false; // may be given a house file's packets instead (pass_through.h)
    int bundle = 1;      // so many packets leave as one (media/codecs/opus_bundle.h)

    bool operator==(const EncodingKey&) const = default;
};

class EncodingShare {
public:
    struct Packet {
        std::vector<std::byte> data;
        FrameCount position;
        FrameCount frames;
        bool leadsIn = false; // lies before the run (encoder_stage.h)
        FrameCount doneAt;    // it takes the samples before this position to make it
        std::int64_t number = 0;
    };

    // That all stages together have had encoded.
    [[nodiscard]] std::int64_t packets() const { return m_packets.load(std::memory_order_relaxed); }

    // Silence after which all encoders are alike.
    static constexpr FrameCount settled{sampleRate / 2};

    class Run {
    public:
        Run(EncodingKey key, std::int64_t number) : m_key(std::move(key)), m_number(number) {}

    private:
        friend class EncodingShare;
        friend class SharedEncoding;

        [[nodiscard]] bool begin(FrameCount start);
        [[nodiscard]] bool encode(std::span<const float> samples);
        // How many of the samples at `position` are known and the same.
        [[nodiscard]] std::optional<std::size_t> alike(FrameCount position, std::span<const float> samples) const;
        [[nodiscard]] bool isSettledAt(FrameCount position) const;
        // From its very start on.
        [[nodiscard]] bool isSilentUpTo(FrameCount position) const;
        // It began at `start` and was given `samples` first.
        [[nodiscard]] bool beganWith(FrameCount start, std::span<const float> samples) const;
        [[nodiscard]] FrameCount next() const
        {
            return m_from + FrameCount{static_cast<std::int64_t>(m_history.size())};
        }

        const EncodingKey m_key;
        const std::int64_t m_number;
        std::mutex m_mutex; // guards what follows
        std::optional<StreamEncoder> m_encoder;
        FrameCount m_start;
        FrameCount m_from; // of the first sample that is kept
        std::vector<float> m_history;
        FrameCount m_silentSince; // all samples from here on are silent
        std::deque<std::shared_ptr<const Packet>> m_packets;
        std::int64_t m_count = 0; // packets made
    };

private:
    friend class SharedEncoding;

    // Runs with this key that somebody is in, the oldest first.
    [[nodiscard]] std::vector<std::shared_ptr<Run>> runsOf(const EncodingKey& key);
    [[nodiscard]] std::shared_ptr<Run> makeRun(const EncodingKey& key);

    std::mutex m_joining; // who looks for a run, and makes one if there is none, does so alone; before the others
    std::mutex m_mutex;   // guards what follows
    std::vector<std::weak_ptr<Run>> m_runs;
    std::int64_t m_made = 0;
    std::atomic<std::int64_t> m_packets = 0;
};

// One stage's part in it. Thread: one. `share` outlives it.
class SharedEncoding {
public:
    SharedEncoding(EncodingShare& share, const EncodingKey& key);
    // Goes on as `other` would.
    SharedEncoding(const SharedEncoding& other);

    // The samples from `position` on, gain applied; where they do not follow the last ones the stage begins anew.
    // False: the encoder broke down. sink(packet) for each packet that is due to this stage.
    template <typename Sink>
    [[nodiscard]] bool write(FrameCount position, std::span<const float> samples, const Sink& sink)
    {
        m_taken.clear();
        const bool written = advance(position, samples);
        for (const auto& packet : m_taken)
            sink(*packet);
        return written;
    }
    // As write(), where what went before did not come through here: `before` it, whole packets, is what has been heard.
    template <typename Sink>
    [[nodiscard]] bool follow(FrameCount position, std::vector<float> before, std::span<const float> samples,
                              const Sink& sink)
    {
        m_taken.clear();
        const bool written = goOnAfter(position, std::move(before), samples);
        for (const auto& packet : m_taken)
            sink(*packet);
        return written;
    }
    void rest();
    // Both get the same packets for the same samples from now on: they rest, or are in one run, or have long been
    // silent and are given the same packet next.
    [[nodiscard]] bool isLike(const SharedEncoding& other) const;
    // Of all that this stage asked to be encoded, what others had not encoded before.
    [[nodiscard]] std::int64_t encoded() const { return m_encoded; }
    [[nodiscard]] std::int64_t runsBegun() const { return m_begun; }

private:
    [[nodiscard]] bool advance(FrameCount position, std::span<const float> samples);
    [[nodiscard]] bool goOn(FrameCount position, std::span<const float> samples);
    [[nodiscard]] bool writeInto(EncodingShare::Run& run, FrameCount position, std::span<const float> samples,
                                 std::size_t known);
    [[nodiscard]] bool enter(FrameCount position, std::span<const float> samples);
    [[nodiscard]] bool leaveFor(FrameCount position, std::span<const float> samples);
    [[nodiscard]] bool goOnAfter(FrameCount position, std::vector<float> before, std::span<const float> samples);
    // `before` begins at `start`.
    [[nodiscard]] bool goOnFrom(FrameCount start, std::span<const float> before, FrameCount position,
                                std::span<const float> samples);
    void meet(FrameCount position);
    void takePackets(EncodingShare::Run& run, FrameCount until);

    EncodingShare& m_share;
    const EncodingKey m_key;
    FrameCount m_packetFrames;
    std::shared_ptr<EncodingShare::Run> m_run;
    FrameCount m_next;         // position
    FrameCount m_given;        // behind the last packet
    FrameCount m_silentSince;  // of this stage's samples
    FrameCount m_metAt;        // looked for others last
    std::int64_t m_number = 0; // of the next packet
    bool m_wantsLeadIn = false;
    std::int64_t m_encoded = 0;
    std::int64_t m_begun = 0;
    std::vector<std::shared_ptr<const EncodingShare::Packet>> m_taken;
};

} // namespace loa::playout
