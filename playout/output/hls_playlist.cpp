#include "playout/output/hls_playlist.h"

#include <QDateTime>

#include <algorithm>

namespace loa::playout {

void HlsPlaylist::add(HlsSegment segment)
{
    m_segments.push_back(std::move(segment));
    ++m_sequence;
}

std::vector<QString> HlsPlaylist::takeExpired()
{
    std::vector<QString> files;
    for (; m_segments.size() > 2 * listed; m_segments.pop_front())
        files.push_back(m_segments.front().file);
    return files;
}

QByteArray HlsPlaylist::text(bool ended) const
{
    const std::size_t count = std::min(m_segments.size(), listed);
    const auto number = [](std::int64_t value) { return QByteArray::number(static_cast<qlonglong>(value)); };
    QByteArray text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    text += "#EXT-X-TARGETDURATION:" + number(std::chrono::ceil<std::chrono::seconds>(m_longest).count()) + '\n';
    text += "#EXT-X-MEDIA-SEQUENCE:" + number(m_sequence - static_cast<std::int64_t>(count)) + '\n';
    // Each opening is a run of its own: decoders begin anew.
    text += "#EXT-X-DISCONTINUITY-SEQUENCE:" + number(m_firstSequence) + '\n';
    text += "#EXT-X-MAP:URI=\"" + m_initFile.toUtf8() + "\"\n";
    for (auto segment = m_segments.end() - static_cast<std::ptrdiff_t>(count); segment != m_segments.end(); ++segment) {
        const auto at = std::chrono::floor<std::chrono::milliseconds>(segment->startsAt).time_since_epoch().count();
        text += "#EXT-X-PROGRAM-DATE-TIME:" +
                QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs).toLatin1() + '\n';
        text +=
            "#EXTINF:" +
            QByteArray::number(static_cast<double>(segment->frames.value) / static_cast<double>(sampleRate), 'f', 6) +
            ",\n" + segment->file.toUtf8() + '\n';
    }
    if (ended)
        text += "#EXT-X-ENDLIST\n";
    return text;
}

} // namespace loa::playout
