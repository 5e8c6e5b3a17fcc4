#include "playout/proof/airing_measure.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loa::playout {

namespace {

constexpr std::size_t longestWait = 120 * sampleRate / media::printHop.value; // rows
constexpr FrameCount askEvery{sampleRate / 2};
constexpr std::array monoRole{media::ChannelRole::Center};

} // namespace

AiringMeasure::AiringMeasure(Reference reference) : m_find(std::move(reference))
{
    if (auto meter =
            media::LoudnessMeter::create(static_cast<int>(sampleRate), monoRole, media::LoudnessScope::Integrated))
        m_loudness.emplace(std::move(*meter));
}

void AiringMeasure::add(FrameCount from, std::span<const float> samples)
{
    m_frames += FrameCount{static_cast<std::int64_t>(samples.size())};
    if (m_loudness && !m_loudness->add(samples))
        m_loudness.reset();
    if (m_gaveUp)
        return;
    print(from, samples);
    compare();
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
    if (!m_reference && m_frames >= m_askAgain) {
        m_reference = m_find();
        m_askAgain = m_frames + askEvery;
    }
    if (!m_reference) {
        if (m_waiting.size() > longestWait) {
            m_gaveUp = true;
            m_waiting = {};
        }
        return;
    }
    for (const auto& [row, heard] : m_waiting) {
        if (row < static_cast<std::int64_t>(m_reference->size()))
            m_comparison.add((*m_reference)[static_cast<std::size_t>(row)], heard);
    }
    m_waiting.clear();
}

std::optional<MixProof> AiringMeasure::proof() const
{
    if (m_frames.value == 0)
        return std::nullopt;
    MixProof proof;
    proof.frames = m_frames;
    proof.match = m_comparison.perMille();
    if (m_loudness) {
        if (const auto lufs = m_loudness->integratedLufs())
            proof.loudness = static_cast<int>(std::lround(std::clamp(*lufs, -100.0, 20.0) * 100.0));
    }
    return proof;
}

} // namespace loa::playout
