// What a mix makes for its outputs, a packet or a run of samples: made once, and held by all who are to send it.
//
// Threads: a pool is its maker's alone, the pump's; the blocks that it gave may be copied, read and let go of on any.
// Making one takes no lock and waits for nobody; it allocates only where more blocks are held at once than ever before,
// or one is longer than those before it.
// Units: stream positions. Ownership: a block lives until the pool and everybody who holds it have let go of it.
#pragma once

#include "playout/engine/output_runner.h"

#include <atomic>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace loa::playout {

struct BlockHead {
    FrameCount position;
    FrameCount frames;
    Break missing = Break::None;
    RunnerBlock::Kind kind = RunnerBlock::Kind::Samples;
    Absences absent = {};
};

class MixBlock {
public:
    [[nodiscard]] const BlockHead& head() const { return m_head; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

private:
    friend class HeldBlock;
    friend class BlockPool;

    BlockHead m_head;
    std::atomic<int> m_holders = 0;
    std::vector<std::byte> m_bytes; // of a packet, or of floats
};

class HeldBlock {
public:
    HeldBlock() = default; // none
    ~HeldBlock() { letGo(); }
    HeldBlock(const HeldBlock& other) : m_block(other.m_block)
    {
        if (m_block)
            m_block->m_holders.fetch_add(1, std::memory_order_relaxed);
    }
    HeldBlock(HeldBlock&& other) noexcept : m_block(std::exchange(other.m_block, nullptr)) {}
    HeldBlock& operator=(HeldBlock other) noexcept
    {
        std::swap(m_block, other.m_block);
        return *this;
    }

    [[nodiscard]] explicit operator bool() const { return m_block != nullptr; }
    [[nodiscard]] const MixBlock* operator->() const { return m_block; }
    [[nodiscard]] const MixBlock& operator*() const { return *m_block; }

private:
    friend class BlockPool;
    explicit HeldBlock(MixBlock* block) : m_block(block) { m_block->m_holders.fetch_add(1, std::memory_order_relaxed); }
    void letGo()
    {
        // What was read of it lies before whoever writes into it next, or frees it.
        if (m_block && m_block->m_holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete m_block;
    }

    MixBlock* m_block = nullptr;
};

class BlockPool {
public:
    // At least so many blocks, each with room for so many bytes, before any is made.
    void reserve(std::size_t blocks, std::size_t bytes);
    [[nodiscard]] HeldBlock make(const BlockHead& head, std::span<const std::byte> bytes);
    [[nodiscard]] std::size_t size() const { return m_blocks.size(); }

private:
    [[nodiscard]] MixBlock& freeOne();
    void addOne();

    std::vector<HeldBlock> m_blocks; // in the order in which they were given, from m_next on and round
    std::size_t m_next = 0;
    std::size_t m_room = 0; // bytes of a block
};

} // namespace loa::playout
