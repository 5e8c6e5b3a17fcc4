// Integrated loudness from blocks that were measured before, for sound that is known without being heard again.
//
// Thread: one at a time. Units: LUFS of 400 ms, a block each 100 ms; kept in classes of 0.1 LU, as libebur128's
// histogram keeps them. Source: ITU-R BS.1770-4 annex 1, equations 4 to 7: blocks above -70 LUFS, then those above 10
// LU below the mean of these.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace loa::media {

class GatedLoudness {
public:
    void add(double lufs);
    // None: nothing lies above the gates.
    [[nodiscard]] std::optional<double> integratedLufs() const;

private:
    static constexpr double lowest = -70.0;
    static constexpr double width = 0.1;
    static constexpr std::size_t classes = 1000; // up to +30 LUFS

    std::array<std::uint32_t, classes> m_counts{};
};

// Of two sounds one after the other, `firstShare` (0 … 1) of the time the first.
[[nodiscard]] double loudnessOfBoth(double firstLufs, double secondLufs, double firstShare);

} // namespace loa::media
