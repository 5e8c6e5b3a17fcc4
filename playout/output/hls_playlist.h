// A live HLS playlist of fMP4 segments. Pure; one thread at a time. Source: RFC 8216, sections 4.3 and 6.2.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <deque>
#include <vector>

namespace loa::playout {

struct HlsSegment {
    QString file;      // name beside the playlist
    FrameCount frames; // > 0
    UtcTime startsAt;  // when its first frame is due
};

class HlsPlaylist {
public:
    // Segments that are listed; as many again may still be fetched by who has an older playlist (6.2.2).
    static constexpr std::size_t listed = 6;

    // `firstSequence`: the number of the first segment, higher than any that a player may have seen here before.
    // `initFile`: the initialisation segment. No segment is longer than `longest`.
    HlsPlaylist(std::int64_t firstSequence, QString initFile, std::chrono::milliseconds longest)
        : m_firstSequence(firstSequence), m_sequence(firstSequence), m_initFile(std::move(initFile)), m_longest(longest)
    {
    }

    void add(HlsSegment segment);
    // Files that nobody asks for any more; each is named once.
    [[nodiscard]] std::vector<QString> takeExpired();
    [[nodiscard]] std::int64_t nextSequence() const { return m_sequence; }
    // `ended`: nothing follows.
    [[nodiscard]] QByteArray text(bool ended) const;

private:
    std::int64_t m_firstSequence;
    std::int64_t m_sequence; // of the next segment
    QString m_initFile;
    std::chrono::milliseconds m_longest;
    std::deque<HlsSegment> m_segments; // listed ones last
};

} // namespace loa::playout
