#include "media/print_match.h"

#include <algorithm>
#include <cmath>

namespace loa::media {

namespace {

constexpr std::int64_t fineStep = printHop.value / finePrintHop.value;
constexpr double steady = 0.03;       // of a band's mean: moves less than coding does
constexpr double inaudible = 20.0;    // mean of a band: about -100 dBFS
constexpr std::int64_t driftRows = 2; // fine rows that the delay may move from one block to the next

int toPerMille(double correlation)
{
    return static_cast<int>(std::lround(std::clamp(correlation, 0.0, 1.0) * 1000.0));
}

} // namespace

void PrintComparison::Block::add(const PrintRow& reference, const PrintRow& heard)
{
    ++rows;
    for (std::size_t index = 0; index < printBands; ++index) {
        const double r = reference[index];
        const double h = heard[index];
        Band& band = bands[index];
        band.reference += r;
        band.referenceSquares += r * r;
        band.heard += h;
        band.heardSquares += h * h;
        band.products += r * h;
    }
}

std::optional<double> PrintComparison::Block::correlation() const
{
    const auto count = static_cast<double>(rows);
    double weights = 0.0;
    double sum = 0.0;
    bool moves = false;
    for (const Band& band : bands) {
        const double referenceMoves = band.referenceSquares - band.reference * band.reference / count;
        const double heardMoves = band.heardSquares - band.heard * band.heard / count;
        const double mean = band.reference / count;
        moves |= mean > inaudible && referenceMoves > steady * steady * mean * mean * count;
        weights += referenceMoves;
        if (referenceMoves > 0.0 && heardMoves > 1e-6 * band.heardSquares) {
            const double together = band.products - band.reference * band.heard / count;
            sum += referenceMoves * together / std::sqrt(referenceMoves * heardMoves);
        }
    }
    if (!moves || weights <= 0.0)
        return std::nullopt;
    return sum / weights;
}

void PrintComparison::add(const PrintRow& reference, const PrintRow& heard)
{
    m_block.add(reference, heard);
    if (m_block.rows < printBlock)
        return;
    if (const auto correlation = m_block.correlation()) {
        m_sum += *correlation * static_cast<double>(m_block.rows);
        m_moving += m_block.rows;
    }
    m_rows += m_block.rows;
    m_block = {};
}

std::optional<int> PrintComparison::perMille() const
{
    double sum = m_sum;
    std::int64_t moving = m_moving;
    if (m_block.rows >= leastPrintBlock) {
        if (const auto correlation = m_block.correlation()) {
            sum += *correlation * static_cast<double>(m_block.rows);
            moving += m_block.rows;
        }
    }
    if (moving == 0)
        return std::nullopt;
    return toPerMille(sum / static_cast<double>(moving));
}

namespace {

// The reference's blocks against one recording at any place.
class Finder {
public:
    Finder(std::span<const PrintRow> reference, std::span<const PrintRow> heard)
        : m_reference(reference), m_heard(heard)
    {
    }

    struct Score {
        double sum = 0.0;
        std::int64_t moving = 0;
        std::int64_t compared = 0;
        [[nodiscard]] double mean() const { return moving > 0 ? sum / static_cast<double>(moving) : -1.0; }
    };

    [[nodiscard]] std::int64_t blocks() const
    {
        const auto rows = static_cast<std::int64_t>(m_reference.size());
        return rows / printBlock + (rows % printBlock >= leastPrintBlock ? 1 : 0);
    }

    [[nodiscard]] Score blockAt(std::int64_t index, std::int64_t at) const
    {
        const std::int64_t from = index * printBlock;
        const std::int64_t to = std::min(from + printBlock, static_cast<std::int64_t>(m_reference.size()));
        const std::int64_t last = at + (to - 1) * fineStep;
        if (at + from * fineStep < 0 || last >= static_cast<std::int64_t>(m_heard.size()))
            return {};
        PrintComparison::Block block;
        for (std::int64_t row = from; row < to; ++row)
            block.add(m_reference[static_cast<std::size_t>(row)],
                      m_heard[static_cast<std::size_t>(at + row * fineStep)]);
        const auto correlation = block.correlation();
        if (!correlation)
            return {0.0, 0, to - from};
        return {*correlation * static_cast<double>(to - from), to - from, to - from};
    }

    [[nodiscard]] Score at(std::int64_t place, std::int64_t every) const
    {
        Score total;
        for (std::int64_t index = 0; index < blocks(); index += every) {
            const Score one = blockAt(index, place);
            total.sum += one.sum;
            total.moving += one.moving;
            total.compared += one.compared;
        }
        return total;
    }

    // From block to block the place may move a little, as two clocks part.
    [[nodiscard]] Score follow(std::int64_t place, std::int64_t& middle) const
    {
        Score total;
        std::int64_t now = place;
        std::int64_t places = 0;
        std::int64_t used = 0;
        for (std::int64_t index = 0; index < blocks(); ++index) {
            Score best;
            std::int64_t bestPlace = now;
            for (std::int64_t move = -driftRows; move <= driftRows; ++move) {
                const Score one = blockAt(index, now + move);
                if (one.compared > 0 && (best.compared == 0 || one.mean() > best.mean())) {
                    best = one;
                    bestPlace = now + move;
                }
            }
            if (best.moving > 0 && best.mean() > 0.3)
                now = bestPlace;
            total.sum += best.sum;
            total.moving += best.moving;
            total.compared += best.compared;
            if (best.compared > 0) {
                places += now;
                ++used;
            }
        }
        middle = used > 0 ? places / used : place;
        return total;
    }

private:
    std::span<const PrintRow> m_reference;
    std::span<const PrintRow> m_heard;
};

constexpr std::int64_t searchBlocks = 40; // two minutes, spread over the item, find the place; all of it is judged

} // namespace

std::optional<PrintFound> findPrint(std::span<const PrintRow> reference, std::span<const PrintRow> heard,
                                    std::int64_t first, std::int64_t last, std::int64_t least)
{
    const Finder finder(reference, heard);
    const std::int64_t every = std::max<std::int64_t>(1, finder.blocks() / searchBlocks);
    std::int64_t place = first;
    double best = -2.0;
    const auto look = [&](std::int64_t from, std::int64_t to, std::int64_t step) {
        for (std::int64_t at = from; at <= to; at += step) {
            const Finder::Score score = finder.at(at, every);
            if (score.moving > 0 && score.mean() > best) {
                best = score.mean();
                place = at;
            }
        }
    };
    look(first, last, fineStep);
    look(std::max(first, place - fineStep + 1), std::min(last, place + fineStep - 1), 1);
    PrintFound found;
    const Finder::Score score = finder.follow(place, found.at);
    if (score.moving == 0 || score.moving < least)
        return std::nullopt;
    found.perMille = toPerMille(score.mean());
    found.compared = score.moving;
    return found;
}

} // namespace loa::media
