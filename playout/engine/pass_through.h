// Sends a house file's packets as they are, where an output takes Opus and the mix is nothing but that file: no
// decoding, no mixing, no encoding.
//
// Rule. The stream clock is divided into slots of one packet (20 ms). A slot is passed when one recording alone sounds,
// bit by bit as approved (volume 1, no fade, nothing over or under it, not spoken, not relayed), from 40 ms before the
// slot to 10 ms behind it, the limiter rests, and the file has a packet that begins where the slot does. All else is
// encoded. So the three packets around a join of two recordings are made here; their encoder has heard what was sent
// before (encoder_stage.h), which is what a listener's decoder goes on from, and the file's own packets follow once the
// decoder has heard two packets of the same sound. House files keep below -1.5 dBTP, so a limiter whose ceiling lies
// lower has a word in everything, and nothing passes.
// Which outputs: DeviceTraits::passes (output.h). Which items: those whose first frame lies on the grid; sessions begin
// on whole seconds, and house files are whole packets long (media/house_file.h), so this is all of them but those
// behind a gap, an overlap or an older file of another length.
//
// Threads: one, the pump's; part of its render path: no lock, no allocation, no log, no wait.
#pragma once

#include "playout/engine/mix_bus.h"

#include <array>
#include <cstddef>
#include <span>

namespace loa::playout {

class PassThrough {
public:
    static constexpr FrameCount slot = media::HousePackets::frames;

    // How the programme of a station with these outputs is fetched.
    [[nodiscard]] static Fetching fetchingFor(std::span<const OutputConfig> outputs);

    PassThrough(Programme& programme, const MixBus& bus, double ceilingDb);

    // The packet for the `frames` from `position` on, valid until the next call; empty: they are to be encoded. For the
    // position that is rendered next.
    [[nodiscard]] std::span<const std::byte> packetFor(FrameCount position, FrameCount frames);

private:
    Programme& m_programme;
    const MixBus& m_bus;
    const bool m_isBelowCeiling;
    std::array<std::byte, 1275> m_packet{}; // as many as one may have
};

} // namespace loa::playout
