// A ring between one producer and one consumer, of slots that are filled and read in place.
//
// Threads: claim() and publish() on the producer's, front() and pop() on the consumer's, the rest on either. No lock,
// no allocation after construction, no waiting: a full ring says so.
// Source of the ordering: the producer publishes with release what the consumer acquires, and the other way round for
// freed slots.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>

namespace loa::playout {

template <typename Slot>
class SpscRing {
public:
    // `slots` a power of two.
    explicit SpscRing(std::size_t slots) : m_slots(std::make_unique<Slot[]>(slots)), m_mask(slots - 1)
    {
        assert(slots > 0 && (slots & m_mask) == 0);
    }

    // A free slot to fill, or null when the ring is full.
    [[nodiscard]] Slot* claim()
    {
        const std::size_t head = m_head.load(std::memory_order_relaxed);
        if (head - m_tailSeen > m_mask) {
            m_tailSeen = m_tail.load(std::memory_order_acquire);
            if (head - m_tailSeen > m_mask)
                return nullptr;
        }
        return &m_slots[head & m_mask];
    }
    // Hands over the slot that claim() gave.
    void publish() { m_head.store(m_head.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

    // The oldest slot, or null when there is none.
    [[nodiscard]] Slot* front()
    {
        const std::size_t tail = m_tail.load(std::memory_order_relaxed);
        if (tail == m_headSeen) {
            m_headSeen = m_head.load(std::memory_order_acquire);
            if (tail == m_headSeen)
                return nullptr;
        }
        return &m_slots[tail & m_mask];
    }
    // The slot `index` behind the oldest, or null when there is none. The consumer's.
    [[nodiscard]] Slot* peek(std::size_t index)
    {
        const std::size_t tail = m_tail.load(std::memory_order_relaxed);
        return m_head.load(std::memory_order_acquire) - tail > index ? &m_slots[(tail + index) & m_mask] : nullptr;
    }
    // Frees the slot that front() gave.
    void pop() { m_tail.store(m_tail.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

    // function(slot) for all that are there, the oldest first. The consumer's.
    template <typename Function>
    void forEach(Function function) const
    {
        const std::size_t head = m_head.load(std::memory_order_acquire);
        for (std::size_t at = m_tail.load(std::memory_order_relaxed); at != head; ++at)
            function(m_slots[at & m_mask]);
    }

    // So many slots have been handed over so far.
    [[nodiscard]] std::size_t published() const { return m_head.load(std::memory_order_acquire); }

    [[nodiscard]] bool isEmpty() const
    {
        return m_head.load(std::memory_order_acquire) == m_tail.load(std::memory_order_acquire);
    }

private:
    std::unique_ptr<Slot[]> m_slots;
    std::size_t m_mask;
    // The producer's and the consumer's, each in cache lines of their own, with what it last saw of the other's.
    alignas(64) std::atomic<std::size_t> m_head = 0;
    std::size_t m_tailSeen = 0;
    alignas(64) std::atomic<std::size_t> m_tail = 0;
    std::size_t m_headSeen = 0;
};

} // namespace loa::playout
