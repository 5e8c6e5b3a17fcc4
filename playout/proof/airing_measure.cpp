#include "playout/proof/airing_measure.h"

#include <algorithm>
#include <cmath>

namespace loa::playout {

namespace {

constexpr std::size_t longestWait = 120 * sampleRate / media::printHop.value; // rows
constexpr FrameCount askEvery{sampleRate / 2};

} // namespace

AiringMeasure::AiringMeasure(Find find) : m_find(std::move(find)) {}

void AiringMeasure::add(FrameCount from, std::span<const float> samples)
{
    m_frames += FrameCount{static_cast<std::int64_t>(samples.size())};
    m_passedTo = -1;
    m_loudness.add(samples);
    if (m_gaveUp)
        return;
    print(from, samples);
    compare();
}

void AiringMeasure::passed(FrameCount from, FrameCount frames)
{
    m_frames += frames;
    m_passed += frames;
    m_next = -1;
    const std::int64_t hop = Reference::loudnessHop.value;
    if (from.value != m_passedTo)
        m_block = (from.value + hop - 1) / hop;
    m_passedTo = from.value + frames.value;
    const std::int64_t behind = (m_passedTo - Reference::loudnessBlock.value) / hop + 1; // blocks that are whole by now
    if (behind > m_block) {
        if (!m_blocks.empty() && m_blocks.back().second == m_block)
            m_blocks.back().second = behind;
        else
            m_blocks.emplace_back(m_block, behind);
        m_block = behind;
    }
    weigh();
}

void AiringMeasure::weigh()
{
    if (m_blocks.empty() || !hasReference())
        return;
    if (!m_gated)
        m_gated.emplace();
    for (const auto& [first, behind] : std::exchange(m_blocks, {})) {
        const auto end = std::min(behind, static_cast<std::int64_t>(m_reference->loudness.size()));
        for (std::int64_t block = first; block < end; ++block)
            m_gated->add(m_reference->loudness[static_cast<std::size_t>(block)] / 100.0);
    }
}

bool AiringMeasure::hasReference()
{
    if (!m_reference && m_frames >= m_askAgain) {
        m_reference = m_find();
        m_askAgain = m_frames + askEvery;
    }
    return m_reference != nullptr;
}

// The item's own rows begin at multiples of the hop, so the mix is printed from such a frame on.
void AiringMeasure::print(FrameCount from, std::span<const float> samples)
{
    const std::int64_t hop = media::printHop.value;
    const auto count = static_cast<std::int64_t>(samples.size());
    if (from.value != m_next) {
        m_printer.restart();
        m_row = (from.value + hop - 1) / hop;
        m_printFrom = m_row * hop;
    }
    m_next = from.value + count;
    const std::int64_t before = std::clamp(m_printFrom - from.value, std::int64_t{0}, count);
    m_fresh.clear();
    m_printer.add(samples.subspan(static_cast<std::size_t>(before)), m_fresh);
    for (const media::PrintRow& row : m_fresh)
        m_waiting.emplace_back(m_row++, row);
}

void AiringMeasure::compare()
{
    if (m_waiting.empty())
        return;
    if (!hasReference()) {
        if (m_waiting.size() > longestWait) {
            m_gaveUp = true;
            m_waiting = {};
        }
        return;
    }
    for (const auto& [row, heard] : m_waiting) {
        if (row < static_cast<std::int64_t>(m_reference->print.size()))
            m_comparison.add(m_reference->print[static_cast<std::size_t>(row)], heard);
    }
    m_waiting.clear();
}

std::optional<MixProof> AiringMeasure::proof() const
{
    if (m_frames.value == 0)
        return std::nullopt;
    MixProof proof;
    proof.frames = m_frames;
    proof.match = match();
    if (const auto loudness = lufs())
        proof.loudness = static_cast<int>(std::lround(std::clamp(*loudness, -100.0, 20.0) * 100.0));
    return proof;
}

std::optional<int> AiringMeasure::match() const
{
    const auto heard = m_comparison.perMille();
    if (m_passed.value == 0 || !heard)
        return m_passed.value > 0 ? std::optional(1000) : heard;
    const auto passed = static_cast<double>(m_passed.value);
    const auto compared = static_cast<double>(m_comparison.rows() * media::printHop.value);
    return static_cast<int>(std::lround((passed * 1000.0 + compared * *heard) / (passed + compared)));
}

std::optional<double> AiringMeasure::lufs() const
{
    const auto heard = m_loudness.integratedLufs();
    const auto passed = m_gated ? m_gated->integratedLufs() : std::nullopt;
    if (!heard || !passed)
        return heard ? heard : passed;
    const double share = static_cast<double>(m_passed.value) / static_cast<double>(m_frames.value);
    return media::loudnessOfBoth(*passed, *heard, share);
}

} // namespace loa::playout
