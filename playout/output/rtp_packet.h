// RTP headers and the description of a session, as values.
//
// Pure; any thread.
// Units: timestamps count frames at 48 kHz (Opus and L16 both run RTP's clock at 48 kHz here).
// Sources: RFC 3550 section 5.1 (header), RFC 7587 (Opus), RFC 3551 section 4.5.11 and RFC 3190 (L16), RFC 4566
// (SDP).
#pragma once

#include "playout/output/output.h"

#include <QByteArray>

#include <array>
#include <cstddef>
#include <cstdint>

namespace loa::playout {

inline constexpr std::size_t rtpHeaderBytes = 12;

struct RtpHeader {
    std::uint8_t payloadType = 0; // 0 … 127
    bool marker = false;          // first packet after a silence in which none were sent
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t source = 0; // SSRC
};
[[nodiscard]] std::array<std::byte, rtpHeaderBytes> toBytes(const RtpHeader& header);

struct RtpDestination {
    std::uint32_t address = 0; // IPv4, host byte order
    std::uint16_t port = 0;
    [[nodiscard]] bool isMulticast() const { return (address >> 28) == 0xE; }
};
// "rtp://address:port". Error: InvalidInput.
[[nodiscard]] Result<RtpDestination> rtpDestinationFrom(const QString& url);

// What a receiver needs to know (VLC, ffmpeg, GStreamer).
[[nodiscard]] QByteArray sessionDescription(const OutputConfig& config, const RtpDestination& destination,
                                            std::chrono::milliseconds packetTime, std::uint32_t sessionNumber);

} // namespace loa::playout
