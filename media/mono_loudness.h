// Integrated loudness of one channel at 48 kHz, as a value: a copy goes on bit by bit as the one that it was made from.
// libebur128's state, which loudness_meter.h has, cannot be copied, and is 160 KB; tests hold the two against each
// other.
//
// Thread: one at a time; add() allocates now and then. Memory: 8 bytes per 100 ms above the gate, else flat. However
// the sound is cut into pieces, the answer is the same bit by bit.
// Source: ITU-R BS.1770-4 annex 1: the filters of tables 1 and 2 (for 48 kHz), blocks of 400 ms, one each 100 ms, gates
// of equations 4 to 7.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace loa::media {

class MonoLoudness {
public:
    void add(std::span<const float> samples);
    // None: nothing lies above the gates.
    [[nodiscard]] std::optional<double> integratedLufs() const;

private:
    void endPart();

    std::array<double, 2> m_shelf{}; // what the filters remember
    std::array<double, 2> m_pass{};
    double m_sum = 0.0; // of squares, of the part of 100 ms that is being heard
    std::size_t m_heard = 0;
    std::array<double, 4> m_parts{}; // the last whole ones
    std::size_t m_whole = 0;         // so many have been
    std::vector<double> m_blocks;    // mean squares of those above the absolute gate
};

} // namespace loa::media
