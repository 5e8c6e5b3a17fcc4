// RTP headers and the description of a session, as values.
//
// Pure; any thread.
// Units: timestamps count in the payload's own clock.
// Sources: RFC 3550 section 5.1 (header) and 6.4.1 (sender report), 6.6 (good-bye), RFC 7587 (Opus), RFC 3551 section
// 4.5.11 and RFC 3190 (L16), RFC 3551 sections 4.5.14 and 6 (PCMU, PCMA, static types), RFC 2250 section 3.5 (MP3,
// whole frames), RFC 4566 (SDP), RFC 2974 section 6 (SAP).
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

// How RTP carries a codec.
struct RtpPayload {
    media::AudioCodec codec;
    int fixedType; // static payload type; -1: a dynamic one, from the configuration
    std::int64_t clockRate;
    std::chrono::milliseconds packetTime; // unless the configuration says otherwise
    const char* encoding;                 // of a=rtpmap; L16: without its channels
    std::size_t headerBytes;              // zero bytes before the codec's data
};
// Null: RTP does not carry it here.
[[nodiscard]] const RtpPayload* rtpPayloadOf(media::AudioCodec codec);
[[nodiscard]] std::chrono::milliseconds packetTimeOf(const RtpPayload& payload, const OutputConfig& config);
[[nodiscard]] int payloadTypeOf(const RtpPayload& payload, const OutputConfig& config);
// Stream frame `position` in the payload's clock, before the random offset.
[[nodiscard]] std::uint32_t rtpTicks(const RtpPayload& payload, FrameCount position);
// The last position at or before `position` that is a whole number of ticks.
[[nodiscard]] FrameCount wholeTicks(const RtpPayload& payload, FrameCount position);

// A sender report and the canonical name, as one compound packet for the port above.
struct SenderReport {
    std::uint32_t source = 0;
    UtcTime at;                  // by the system's clock, when it is sent
    std::uint32_t timestamp = 0; // of the frame that is due at `at`
    std::uint32_t packets = 0;
    std::uint32_t octets = 0; // of payload
};
[[nodiscard]] QByteArray toBytes(const SenderReport& report, const QByteArray& canonicalName);
// The source sends no more: follows a report in its compound packet.
[[nodiscard]] QByteArray goodbye(std::uint32_t source);

struct RtpDestination {
    std::uint32_t address = 0; // IPv4, host byte order
    std::uint16_t port = 0;
    [[nodiscard]] bool isMulticast() const { return (address >> 28) == 0xE; }
};
// "rtp://address:port". Error: InvalidInput.
[[nodiscard]] Result<RtpDestination> rtpDestinationFrom(const QString& url);
// "address:port", as OutputConfig::announceTo. Error: InvalidInput.
[[nodiscard]] Result<RtpDestination> announcementAddressFrom(const QString& text);

// What a receiver needs to know (VLC, ffmpeg, GStreamer).
[[nodiscard]] QByteArray sessionDescription(const OutputConfig& config, const RtpDestination& destination,
                                            const RtpPayload& payload, std::uint32_t sessionNumber);

// The same, announced to whoever listens (SAP): `origin` is the sender's IPv4 address, host byte order.
enum class Announcement { Here, Gone };
[[nodiscard]] QByteArray toAnnouncement(const QByteArray& description, std::uint32_t origin, Announcement what);

} // namespace loa::playout
