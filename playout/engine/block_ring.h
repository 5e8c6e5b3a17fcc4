// As spsc_ring.h, of blocks of bytes instead of slots: each lies in one piece and is written and read in place, so that
// a packet takes the room of a packet.
//
// Threads: claim() and publish() on the producer's, front() and pop() on the consumer's, isEmpty() on either. No lock,
// no allocation after construction, no waiting: a full ring says so. Units: bytes; blocks begin at multiples of 8.
// Source of the ordering: the producer publishes with release what the consumer acquires, and the other way round for
// freed room.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace loa::playout {

class BlockRing {
public:
    // `capacity` a power of two, at least 64.
    explicit BlockRing(std::size_t capacity)
        : m_bytes(std::make_unique_for_overwrite<std::byte[]>(capacity)), m_capacity(capacity)
    {
        assert(capacity >= 64 && (capacity & (capacity - 1)) == 0);
    }

    // Room for a block of `size` bytes, or null when there is none.
    [[nodiscard]] std::byte* claim(std::size_t size)
    {
        const std::size_t needed = prefix + ((size + prefix - 1) & ~(prefix - 1));
        const std::size_t offset = m_head & (m_capacity - 1);
        const bool turns = offset + needed > m_capacity;
        const std::size_t skipped = turns ? m_capacity - offset : 0;
        if (skipped + needed > m_capacity - (m_head - m_tail.load(std::memory_order_acquire)))
            return nullptr;
        if (turns)
            note(offset, turn);
        const std::size_t at = turns ? 0 : offset;
        note(at, size);
        m_claimed = m_head + skipped + needed;
        return m_bytes.get() + at + prefix;
    }
    // Hands over the block that claim() gave.
    void publish()
    {
        m_head = m_claimed;
        m_published.store(m_head, std::memory_order_release);
    }

    // The oldest block; data() is null when there is none.
    [[nodiscard]] std::span<const std::byte> front()
    {
        std::size_t tail = m_tail.load(std::memory_order_relaxed);
        if (tail == m_published.load(std::memory_order_acquire))
            return {};
        std::size_t offset = tail & (m_capacity - 1);
        if (noted(offset) == turn) {
            tail += m_capacity - offset;
            offset = 0;
        }
        const std::size_t size = noted(offset);
        m_next = tail + prefix + ((size + prefix - 1) & ~(prefix - 1));
        return {m_bytes.get() + offset + prefix, size};
    }
    // Frees the block that front() gave.
    void pop() { m_tail.store(m_next, std::memory_order_release); }

    [[nodiscard]] bool isEmpty() const
    {
        return m_published.load(std::memory_order_acquire) == m_tail.load(std::memory_order_acquire);
    }

private:
    static constexpr std::size_t prefix = 8;     // a block's size stands before it
    static constexpr std::uint64_t turn = ~0ULL; // instead of a size: the next block lies at the beginning

    void note(std::size_t at, std::uint64_t size) { std::memcpy(m_bytes.get() + at, &size, sizeof size); }
    [[nodiscard]] std::uint64_t noted(std::size_t at) const
    {
        std::uint64_t size = 0;
        std::memcpy(&size, m_bytes.get() + at, sizeof size);
        return size;
    }

    std::unique_ptr<std::byte[]> m_bytes;
    const std::size_t m_capacity;
    std::size_t m_head = 0; // the producer's
    std::size_t m_claimed = 0;
    std::size_t m_next = 0;                               // the consumer's
    alignas(64) std::atomic<std::size_t> m_published = 0; // each in a cache line of its own
    alignas(64) std::atomic<std::size_t> m_tail = 0;
};

} // namespace loa::playout
