#include "playout/engine/mix_block.h"

#include <algorithm>

namespace loa::playout {

void BlockPool::reserve(std::size_t blocks, std::size_t bytes)
{
    m_room = std::max(m_room, bytes);
    for (const HeldBlock& block : m_blocks) {
        if (block.m_block->m_holders.load(std::memory_order_acquire) == 1)
            block.m_block->m_bytes.reserve(m_room);
    }
    while (m_blocks.size() < blocks)
        addOne();
}

void BlockPool::addOne()
{
    HeldBlock block(new MixBlock);
    block.m_block->m_bytes.reserve(m_room);
    m_blocks.insert(m_blocks.begin() + static_cast<std::ptrdiff_t>(m_next), std::move(block));
}

MixBlock& BlockPool::freeOne()
{
    // As a rule the oldest: whoever is late, or delays what it sends, holds some longer.
    for (std::size_t tried = 0; tried < m_blocks.size(); ++tried) {
        MixBlock& block = *m_blocks[m_next].m_block;
        if (block.m_holders.load(std::memory_order_acquire) == 1)
            return block;
        m_next = (m_next + 1) % m_blocks.size();
    }
    addOne();
    return *m_blocks[m_next].m_block;
}

HeldBlock BlockPool::make(const BlockHead& head, std::span<const std::byte> bytes)
{
    MixBlock& block = freeOne();
    m_next = (m_next + 1) % m_blocks.size();
    block.m_head = head;
    block.m_bytes.assign(bytes.begin(), bytes.end());
    return HeldBlock(&block);
}

} // namespace loa::playout
