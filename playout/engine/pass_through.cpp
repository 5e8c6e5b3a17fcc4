#include "playout/engine/pass_through.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr double housePeakDb = -1.5;       // media/house_file.h
constexpr FrameCount plainBefore{2 * 960}; // the decoder has heard as much of this sound alone
constexpr FrameCount plainBehind{960 / 2}; // the next packet's sound overlaps this one's by 2.5 ms

} // namespace

Fetching PassThrough::fetchingFor(std::span<const OutputConfig> outputs)
{
    const bool passes =
        std::any_of(outputs.begin(), outputs.end(), [](const OutputConfig& output) { return traitsOf(output).passes; });
    return passes ? Fetching::Packets : Fetching::Samples;
}

PassThrough::PassThrough(Programme& programme, const MixBus& bus, double ceilingDb)
    : m_programme(programme), m_bus(bus), m_isBelowCeiling(housePeakDb <= ceilingDb - MixBus::marginDb)
{
}

std::span<const std::byte> PassThrough::packetFor(FrameCount position, FrameCount frames)
{
    if (!m_isBelowCeiling || frames != slot || position.value % slot.value != 0 || !m_bus.restsAt(position))
        return {};
    const std::span<const std::byte> packet = m_programme.packet(position, plainBefore, plainBehind);
    if (packet.empty() || packet.size() > m_packet.size())
        return {};
    std::copy(packet.begin(), packet.end(), m_packet.begin());
    return std::span(m_packet).first(packet.size());
}

} // namespace loa::playout
