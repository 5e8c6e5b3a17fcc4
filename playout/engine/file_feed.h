// What the thread that reads house files and one source have in common: a ring of stretches of a file, decoded or as
// the packets that stand in it. Internal to file_source.cpp.
//
// Threads: as marked; the reader's side takes no lock, allocates nothing and never waits. What the reader is done with,
// the worker frees. Units: frames of the item. Packets are decoded by the reader, when it wants their samples; one that
// begins in the middle has its decoder hear the packets before.
#pragma once

#include "media/codecs/house_packets.h"
#include "media/codecs/house_reader.h"
#include "media/codecs/speech_decoder.h"
#include "playout/engine/source.h"
#include "playout/engine/spsc_ring.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace loa::playout::detail {

inline constexpr std::int64_t chunkFrames = 4096;
inline constexpr std::size_t chunksAhead = 32; // 2.7 s at 48 kHz, a power of two
inline constexpr std::int64_t packetFrames = media::HousePackets::frames.value;
// What a decoder hears before it is relied upon: the level of each band is coded as the difference from half of the one
// before (RFC 6716, 4.3.2.1), so that what it did not hear is 60 dB / 2^10 off.
inline constexpr std::int64_t packetLead = 10 * packetFrames;

// A stretch of a file, shared by all who play it.
struct Chunk {
    explicit Chunk(bool packets) : isPackets(packets) {}

    std::int64_t first = 0;
    std::int64_t count = 0;
    const bool isPackets;

    [[nodiscard]] std::int64_t end() const { return first + count; }
};

struct SampleChunk : Chunk {
    SampleChunk() : Chunk(false) {}
    std::array<float, chunkFrames> samples; // not initialised
};

struct PacketChunk : Chunk {
    PacketChunk() : Chunk(true) {}
    std::vector<std::byte> bytes;
    std::vector<std::uint32_t> ends; // of each packet, in `bytes`

    [[nodiscard]] std::span<const std::byte> packetAt(std::int64_t position) const
    {
        const auto index = static_cast<std::size_t>((position - first) / packetFrames);
        const std::uint32_t begin = index == 0 ? 0 : ends[index - 1];
        return std::span(bytes).subspan(begin, ends[index] - begin);
    }
};

class Feed {
public:
    // With a decoder: its file is to come as packets, if it is one that can.
    // Frames [from, end) of the item.
    Feed(std::int64_t end, std::int64_t from, std::unique_ptr<media::SpeechDecoder> decoder)
        : m_end(end), m_lead(decoder ? packetLead : 0), m_given(from - m_lead), m_decoder(std::move(decoder))
    {
        m_wanted.store(from, std::memory_order_relaxed);
    }

    // Worker's side.
    [[nodiscard]] std::int64_t end() const { return m_end; }
    [[nodiscard]] std::int64_t lead() const { return m_lead; }   // what is needed before what is wanted
    [[nodiscard]] std::int64_t given() const { return m_given; } // everything before has been handed over, or passed
    [[nodiscard]] bool isServed() const { return m_given >= m_end; }
    [[nodiscard]] std::int64_t wanted() const { return m_wanted.load(std::memory_order_acquire); }
    [[nodiscard]] bool isAbandoned() const { return m_abandoned.load(std::memory_order_relaxed); }
    void pass(std::int64_t position) { m_given = std::max(m_given, position - m_lead); }
    // False: the ring is full.
    [[nodiscard]] bool give(const std::shared_ptr<const Chunk>& chunk)
    {
        std::shared_ptr<const Chunk>* slot = m_ring.claim();
        if (!slot)
            return false;
        *slot = chunk;
        m_ring.publish();
        m_given = chunk->end();
        return true;
    }
    void finish() { m_done.store(true, std::memory_order_release); } // no frame will come any more

    // Reader's side. `out` null: skip.
    std::size_t take(std::int64_t position, float* out, std::size_t frames)
    {
        m_stopped = m_done.load(std::memory_order_acquire); // before the ring: what was decoded last is still given
        std::size_t given = 0;
        for (std::size_t index = 0; const std::shared_ptr<const Chunk>* slot = m_ring.peek(index);) {
            const Chunk& chunk = **slot;
            const std::int64_t at = position + static_cast<std::int64_t>(given);
            if (at < chunk.end() && (at < chunk.first || given == frames))
                break;
            if (at < chunk.end()) {
                const auto count = std::min(frames - given, static_cast<std::size_t>(chunk.end() - at));
                if (out)
                    copy(chunk, at, {out + given, count});
                given += count;
            }
            if (position + static_cast<std::int64_t>(given) >= chunk.end())
                ++index;
        }
        // What was asked for and is not there is given up, so that the source catches up with the clock.
        const std::int64_t until = position + static_cast<std::int64_t>(given);
        while (const std::shared_ptr<const Chunk>* slot = m_ring.front()) {
            if ((*slot)->end() + ((*slot)->isPackets ? packetLead : 0) > until)
                break;
            m_ring.pop();
        }
        if (until > m_wanted.load(std::memory_order_relaxed))
            m_wanted.store(until, std::memory_order_release);
        m_starved = given == 0;
        return given;
    }
    // The packet that begins at `position`; empty: none there.
    [[nodiscard]] std::span<const std::byte> packet(std::int64_t position)
    {
        for (std::size_t index = 0; const std::shared_ptr<const Chunk>* slot = m_ring.peek(index); ++index) {
            const Chunk& chunk = **slot;
            if (position < chunk.first)
                break;
            if (position >= chunk.end())
                continue;
            if (!chunk.isPackets || (position - chunk.first) % packetFrames != 0)
                break;
            return static_cast<const PacketChunk&>(chunk).packetAt(position);
        }
        return {};
    }
    // What another reader would still get from here on. The worker does not know it yet.
    [[nodiscard]] std::shared_ptr<Feed> copy() const
    {
        std::unique_ptr<media::SpeechDecoder> decoder;
        if (m_decoder) {
            auto made = media::SpeechDecoder::create();
            if (!made)
                return nullptr;
            decoder = std::move(*made);
        }
        auto twin = std::make_shared<Feed>(m_end, m_wanted.load(std::memory_order_relaxed), std::move(decoder));
        const bool isDone = m_done.load(std::memory_order_acquire); // before the ring, as in take()
        m_ring.forEach([&](const std::shared_ptr<const Chunk>& chunk) { static_cast<void>(twin->give(chunk)); });
        if (isDone)
            twin->finish();
        return twin;
    }
    void abandon() { m_abandoned.store(true, std::memory_order_relaxed); }
    [[nodiscard]] Break failure() const { return m_stopped && m_starved ? Break::SourceFailed : Break::None; }

private:
    void copy(const Chunk& chunk, std::int64_t at, std::span<float> out)
    {
        if (!chunk.isPackets) {
            const auto& samples = static_cast<const SampleChunk&>(chunk).samples;
            std::copy_n(samples.begin() + (at - chunk.first), out.size(), out.begin());
            return;
        }
        while (!out.empty()) {
            const std::int64_t begin = at - (at - chunk.first) % packetFrames;
            if (m_decoded != begin + packetFrames)
                decode(begin);
            const auto into = static_cast<std::size_t>(at - begin);
            const std::size_t count = std::min(out.size(), m_block.size() - into);
            std::copy_n(m_block.begin() + static_cast<std::ptrdiff_t>(into), count, out.begin());
            out = out.subspan(count);
            at += static_cast<std::int64_t>(count);
        }
    }
    // The packet at `begin` into m_block.
    void decode(std::int64_t begin)
    {
        std::int64_t from = begin;
        if (m_decoded != begin) {
            m_decoder->restart();
            from -= packetLead;
        }
        for (; from <= begin; from += packetFrames) {
            const std::span<const std::byte> bytes = packet(from);
            if (!bytes.empty())
                m_decoder->decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, m_block);
        }
        m_decoded = begin + packetFrames;
    }

    // Worker's.
    const std::int64_t m_end;
    const std::int64_t m_lead;
    std::int64_t m_given;

    // Shared.
    SpscRing<std::shared_ptr<const Chunk>> m_ring{chunksAhead};
    std::atomic<std::int64_t> m_wanted;
    std::atomic<bool> m_done = false;
    std::atomic<bool> m_abandoned = false;

    // Reader's.
    bool m_stopped = false;
    bool m_starved = false;
    const std::unique_ptr<media::SpeechDecoder> m_decoder;    // of packets; null where none come
    std::int64_t m_decoded = -1;                              // up to here
    std::array<float, media::SpeechDecoder::frame> m_block{}; // the packet before m_decoded
};

// Success: the file's hash is that one.
[[nodiscard]] Result<void> verify(const QString& path, const Sha256& sha256);
// The house file, `from` frames into it, when its hash is that one.
[[nodiscard]] Result<media::HouseReader> openVerified(const QString& path, const Sha256& sha256, FrameCount from);

} // namespace loa::playout::detail
