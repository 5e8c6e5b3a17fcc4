// A live HLS playlist of fMP4 segments. Pure; one thread at a time. Source: RFC 8216, sections 4.3 and 6.2.
//
// A station never ends, so no list says EXT-X-ENDLIST: who reads that stops asking for good. Whatever interrupts the
// stream, the list goes on behind it with a discontinuity, in this process or the next, and no number of a segment or a
// discontinuity is given twice or goes back. While nothing is added the list stands still and players keep asking.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QString>

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace loa::playout {

struct HlsSegment {
    QString file;      // name beside the playlist
    FrameCount frames; // > 0
    UtcTime startsAt;  // when its first frame is due
};

class HlsPlaylist {
public:
    // Segments that are listed, or more where they are so short that three target durations would not be (6.2.2).
    static constexpr std::size_t listed = 6;

    // `firstSequence`: the number of the first segment, higher than any that a player may have seen here before.
    // No segment is longer than `longest`.
    HlsPlaylist(std::int64_t firstSequence, std::chrono::milliseconds longest);
    // Goes on behind what text() gave once. Where `longest` is another now, its segments are not listed any more, since
    // the target duration of a list may not change. Empty: that is not such a text.
    [[nodiscard]] static std::optional<HlsPlaylist> behind(const QByteArray& text, std::chrono::milliseconds longest);

    // The segments of the list have become unknown: it goes on with this number, higher than all of them.
    void beginAnew(std::int64_t sequence);
    // Segments from now on come of another encoder. `initFile`: their initialisation segment.
    void beginRun(const QString& initFile);
    void add(const HlsSegment& segment);
    // Files that nobody asks for any more; each is named once. A segment that is not listed any more stays for its own
    // length and that of the list (6.2.2), an initialisation segment as long as the last that needs it.
    [[nodiscard]] std::vector<QString> takeExpired();

    [[nodiscard]] std::int64_t nextSequence() const { return m_sequence; }
    [[nodiscard]] bool holds(const QString& file) const;
    [[nodiscard]] std::vector<QString> files() const; // that it holds, listed or not yet expired
    [[nodiscard]] QByteArray text() const;

private:
    struct Entry {
        HlsSegment segment;
        QString initFile;
        bool isBreak; // it does not follow the one before
    };
    [[nodiscard]] std::int64_t targetSeconds() const;
    [[nodiscard]] std::size_t countListed() const;

    std::int64_t m_sequence; // of the next segment
    std::int64_t m_breaks;   // the discontinuity sequence before the first entry
    std::chrono::milliseconds m_longest;
    QString m_initFile;
    bool m_isBreak = false;      // before the next segment
    bool m_hasEarlier = false;   // segments, these or forgotten ones
    std::deque<Entry> m_entries; // listed ones last
};

} // namespace loa::playout
