// Opus packets that follow one another as one packet: what is sent costs by the packet, hardly by the sound in it.
//
// Thread: one at a time. add() and take() allocate nothing once reserve() has been called for packets of that size.
// Units: bytes; at most 120 ms in one packet. Source: RFC 6716, 3.2.5 (code 3 packets), through libopus's repacketizer,
// which changes no frame.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace loa::media {

class OpusBundle {
public:
    // Bytes: what a network lets through in one piece.
    static constexpr std::size_t most = 1400;

    OpusBundle();
    ~OpusBundle();
    OpusBundle(const OpusBundle& other);
    OpusBundle& operator=(const OpusBundle&) = delete;

    void reserve(std::size_t bytes); // of a packet
    [[nodiscard]] bool isEmpty() const { return m_count == 0; }
    // The packet behind those that are in it. False, and nothing is done: it is of another mode, bandwidth or length
    // than they are, or there would be too much of it, or it is no Opus.
    [[nodiscard]] bool add(std::span<const std::byte> packet);
    // All of them, as one; valid until the next call. Empty again.
    [[nodiscard]] std::span<const std::byte> take();
    void clear();

    bool operator==(const OpusBundle& other) const;

private:
    struct Repacketizer;
    std::unique_ptr<Repacketizer> m_repacketizer; // refers to m_packets
    std::vector<std::vector<std::byte>> m_packets;
    std::size_t m_count = 0;
    std::size_t m_bytes = 0; // of the first m_count
    std::vector<std::byte> m_whole;
};

} // namespace loa::media
