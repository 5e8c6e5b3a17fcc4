// How like two prints are: 0 for strangers, 1000 for the same sound at any volume. Pure; any thread.
//
// Measure: in blocks of 48 rows (3 s) the correlation of each band over time, weighted by how much the reference moves
// in the band; the mean over the blocks. So each part of an item weighs by its length alone: an item of which one half
// is another sound gives about 500. Steady stretches (silence, a tone) have nothing to be recognised by and are passed
// over. Correlation forgets volume and, since it is taken band by band, the colour of a loudspeaker.
// Failure: none; where too little can be compared there is no answer, never a made-up one.
#pragma once

#include "media/sound_print.h"

#include <optional>

namespace loa::media {

inline constexpr std::int64_t printBlock = 48;      // rows
inline constexpr std::int64_t leastPrintBlock = 10; // a shorter rest says nothing, and so does a shorter sound (0.7 s)

// Row by row, the two in step.
class PrintComparison {
public:
    void add(const PrintRow& reference, const PrintRow& heard);

    // Of what was added so far.
    [[nodiscard]] std::optional<int> perMille() const;
    [[nodiscard]] std::int64_t rows() const { return m_rows + m_block.rows; } // that were compared

    struct Block {
        struct Band {
            double reference = 0.0;
            double referenceSquares = 0.0;
            double heard = 0.0;
            double heardSquares = 0.0;
            double products = 0.0;
        };
        std::array<Band, printBands> bands{};
        std::int64_t rows = 0;

        void add(const PrintRow& reference, const PrintRow& heard);
        // -1 … 1; none for a steady reference.
        [[nodiscard]] std::optional<double> correlation() const;
    };

private:
    Block m_block;
    double m_sum = 0.0;        // of correlations times rows
    std::int64_t m_rows = 0;   // in whole blocks
    std::int64_t m_moving = 0; // of them, in blocks that say something
};

// Where a print is heard in another one whose delay is not known.
struct PrintFound {
    int perMille = 0;
    std::int64_t at = 0; // fine row of `heard` at which the reference's first row lies, in the middle of what drifts
    std::int64_t compared = 0; // rows of the reference
};

// `reference` at `printHop`, `heard` at `finePrintHop`; the reference's first row lies between rows `first` and `last`
// of `heard`. What of the reference would lie outside of `heard` is left out. Clocks may part by up to 1 in 1,000.
// None: less than `least` rows could be compared.
[[nodiscard]] std::optional<PrintFound> findPrint(std::span<const PrintRow> reference, std::span<const PrintRow> heard,
                                                  std::int64_t first, std::int64_t last, std::int64_t least);

} // namespace loa::media
