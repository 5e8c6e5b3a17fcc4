#include "playout/engine/jitter_buffer.h"

#include <algorithm>

namespace loa::playout {

JitterBuffer::JitterBuffer()
{
    for (std::atomic<std::uint32_t>& missed : m_missed)
        missed.store(none, std::memory_order_relaxed);
}

bool JitterBuffer::put(std::uint32_t sequence, std::span<const std::uint8_t> bytes)
{
    if (bytes.empty() || bytes.size() > SpeechPacket{}.bytes.size() || sequence >= none - capacity)
        return false;
    const std::uint32_t next = m_next.load(std::memory_order_acquire);
    const std::uint32_t newest = m_newest.load(std::memory_order_relaxed);
    if (next != none && sequence < next) { // overdue
        if (std::any_of(m_missed.begin(), m_missed.end(), [&](const std::atomic<std::uint32_t>& missed) {
                return missed.load(std::memory_order_relaxed) == sequence;
            }))
            m_late.fetch_add(1, std::memory_order_release);
        return false;
    }
    // So far ahead that it would lie where one still waits for its turn.
    if (next != none && sequence - next >= capacity - 1)
        return false;
    if (next == none && newest != none && newest > sequence && newest - sequence >= capacity - 1)
        return false;
    Slot& slot = m_slots[sequence % capacity];
    if (slot.sequence.load(std::memory_order_relaxed) == sequence)
        return false;
    slot.sequence.exchange(none, std::memory_order_acq_rel); // nothing below comes before it
    slot.packet.size = static_cast<std::uint16_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), slot.packet.bytes.begin());
    slot.sequence.store(sequence, std::memory_order_release);
    if (newest == none || sequence > newest)
        m_newest.store(sequence, std::memory_order_release);
    return true;
}

void JitterBuffer::end(std::uint32_t sequence)
{
    m_end.store(std::min(sequence, none - 1), std::memory_order_release);
}

bool JitterBuffer::copy(std::uint32_t sequence, SpeechPacket& packet)
{
    Slot& slot = m_slots[sequence % capacity];
    if (slot.sequence.load(std::memory_order_acquire) != sequence)
        return false;
    packet.size = std::min(slot.packet.size, static_cast<std::uint16_t>(packet.bytes.size()));
    std::copy_n(slot.packet.bytes.begin(), packet.size, packet.bytes.begin());
    // Nothing above comes after it: overwritten meanwhile, by a writer who has not seen the reader begin, is not here.
    if (slot.sequence.fetch_add(0, std::memory_order_acq_rel) == sequence)
        return true;
    packet.size = 0;
    return false;
}

JitterBuffer::Turn JitterBuffer::wait()
{
    if (++m_waited <= firstPatience)
        return Turn::Waiting;
    m_end.store(0, std::memory_order_release);
    return Turn::Ended;
}

JitterBuffer::Turn JitterBuffer::take(SpeechPacket& packet)
{
    const std::uint32_t newest = m_newest.load(std::memory_order_acquire);
    const std::uint32_t end = m_end.load(std::memory_order_acquire);
    std::uint32_t next = m_next.load(std::memory_order_relaxed);
    packet.size = 0;
    if (next == none) {
        if (newest == none)
            return end == none ? wait() : Turn::Ended;
        // Live: what lies deeper than the target is given up.
        if (newest + 1 < m_target && end == none)
            return wait();
        next = newest + 1 > m_target ? newest + 1 - m_target : 0;
        m_next.store(next, std::memory_order_release); // before it is read: the writer keeps off it
    }
    if (next >= end) {
        m_next.store(next, std::memory_order_release);
        return Turn::Ended;
    }
    // One came after its turn: from now on all are heard a little later.
    if (const std::uint32_t late = m_late.load(std::memory_order_acquire); late != m_lateSeen) {
        m_lateSeen = late;
        if (m_target < longestTarget) {
            ++m_target;
            m_calm = 0;
            m_missing.fetch_add(1, std::memory_order_relaxed);
            return Turn::Missing;
        }
    }
    std::uint32_t ready = newest >= next ? newest - next + 1 : 0;
    if (ready > mostReady) { // the line stood still and brings it all at once
        const std::uint32_t givenUp = ready - m_target;
        m_missing.fetch_add(givenUp, std::memory_order_relaxed);
        next += givenUp;
        ready = m_target;
        m_next.store(next, std::memory_order_release);
    }
    const bool isHere = copy(next, packet);
    if (isHere) {
        m_inARow = 0;
        const bool isTooMuch = judgeDepth(ready);
        m_next.store(next + 1, std::memory_order_release);
        if (!isTooMuch)
            return Turn::Packet;
        return Turn::LeaveOut;
    }
    m_missing.fetch_add(1, std::memory_order_relaxed);
    m_calm = 0;
    m_deep = 0;
    if (++m_inARow > patience) {
        m_end.store(next, std::memory_order_release);
        return Turn::Ended;
    }
    if (ready == 0) { // it has not come yet: its turn stays, and the speech is that much later
        m_target = std::min(longestTarget, m_target + 1);
        m_next.store(next, std::memory_order_release);
        return Turn::Missing;
    }
    static_cast<void>(copy(next + 1, packet));
    m_missed[m_passedOver++ % m_missed.size()].store(next, std::memory_order_relaxed);
    m_next.store(next + 1, std::memory_order_release);
    return Turn::Missing;
}

// May a packet be left out?
bool JitterBuffer::judgeDepth(std::uint32_t ready)
{
    m_deep = ready > m_target + 1 ? m_deep + 1 : 0;
    m_calm = m_target > firstTarget && ready >= firstTarget ? m_calm + 1 : 0;
    if (m_calm >= calmPackets) {
        m_calm = 0;
        --m_target;
        return true;
    }
    if (m_deep < deepPackets)
        return false;
    m_deep = 0;
    return true;
}

} // namespace loa::playout
