// Ogg pages for one Opus stream, one packet a page, so that each packet can leave at its own instant.
//
// Thread: one at a time. Pure: no I/O.
// Units: granule positions count frames at 48 kHz, the codec's delay included.
// Failure: none; a packet may not exceed 255 * 254 bytes (Opus: 1,275 a frame; asserted).
// Sources: RFC 3533 (Ogg, section 6), RFC 7845 (Ogg Opus, sections 4 and 5).
#pragma once

#include "media/frames.h"

#include <QString>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace loa::playout {

// What libopus holds back at 48 kHz when it encodes for best quality: a stream's pre-skip.
inline constexpr FrameCount opusLookahead{312};

class OggOpusPager {
public:
    OggOpusPager(std::uint32_t serial, FrameCount preSkip, int channels = 1)
        : m_serial(serial), m_preSkip(preSkip), m_channels(channels)
    {
    }

    // The two header pages, first of all. `tags`: field names and values of the comment header.
    [[nodiscard]] std::vector<std::byte> headers(const std::vector<std::pair<QString, QString>>& tags);
    // `granule`: frames that the stream decodes to with this packet, delay included.
    [[nodiscard]] std::vector<std::byte> page(std::span<const std::byte> packet, FrameCount granule);

private:
    [[nodiscard]] std::vector<std::byte> makePage(std::span<const std::byte> packet, std::int64_t granule, bool first);

    std::uint32_t m_serial;
    FrameCount m_preSkip;
    int m_channels;
    std::uint32_t m_pages = 0;
};

} // namespace loa::playout
