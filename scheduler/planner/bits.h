// Sets of small numbers (item indices) as bits, 64 a word. Internal to the planner; plain functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace loa::planner {

using BitWord = std::uint64_t;
using Bits = std::vector<BitWord>;

inline constexpr int wordBits = 64;

[[nodiscard]] constexpr std::size_t wordOf(int bit)
{
    return static_cast<std::size_t>(bit) / wordBits;
}
[[nodiscard]] constexpr BitWord maskOf(int bit)
{
    return BitWord{1} << (static_cast<std::size_t>(bit) % wordBits);
}
[[nodiscard]] constexpr std::size_t wordsFor(int bits)
{
    return (static_cast<std::size_t>(bits) + wordBits - 1) / wordBits;
}
[[nodiscard]] inline bool has(std::span<const BitWord> set, int bit)
{
    return (set[wordOf(bit)] & maskOf(bit)) != 0;
}
inline void add(std::span<BitWord> set, int bit)
{
    set[wordOf(bit)] |= maskOf(bit);
}
inline void drop(std::span<BitWord> set, int bit)
{
    set[wordOf(bit)] &= ~maskOf(bit);
}

// The bits of word `word` that lie in [begin, end).
[[nodiscard]] constexpr BitWord clipped(std::size_t word, int begin, int end)
{
    const int base = static_cast<int>(word) * wordBits;
    BitWord mask = ~BitWord{0};
    if (begin > base)
        mask &= begin - base >= wordBits ? 0 : ~BitWord{0} << (begin - base);
    if (end < base + wordBits)
        mask &= end <= base ? 0 : ~BitWord{0} >> (base + wordBits - end);
    return mask;
}

// Calls `see(bit)` for each, rising.
template <typename See>
void forEach(std::span<const BitWord> set, See&& see)
{
    for (std::size_t word = 0; word < set.size(); ++word) {
        for (BitWord rest = set[word]; rest != 0; rest &= rest - 1)
            see(static_cast<int>(word) * wordBits + std::countr_zero(rest));
    }
}

} // namespace loa::planner
