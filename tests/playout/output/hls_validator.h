// Judges a live HLS playlist of fMP4 segments, and one after the other of the same address, by RFC 8216: section 4
// (what stands in it), 6.2.1 and 6.2.2 (what may change), over openings, failures and restarts. Each fault is a
// sentence; none: it is valid. A list that ends is a fault: a station does not. The files that it names are looked into
// as far as their boxes (ISO/IEC 14496-12) and the time of their first frame.
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace loa::playout::test {

struct HlsListing {
    std::int64_t sequence = 0;
    std::int64_t discontinuity = 0;
    std::int64_t target = 0;
    // Of each segment:
    QStringList files;
    QStringList maps;
    std::vector<double> lengths;
    std::vector<qint64> dates;                 // ms since the epoch
    std::vector<std::int64_t> discontinuities; // its discontinuity sequence number
};

class HlsValidator {
public:
    explicit HlsValidator(const QString& folder) : m_folder(folder) {}

    // What stands there now.
    void judge(const QByteArray& text)
    {
        const HlsListing now = read(text);
        judgeFiles(now);
        if (m_last) {
            judgeChange(*m_last, now);
            for (const QString& file : m_last->files + m_last->maps)
                require(QFile::exists(QDir(m_folder).filePath(file)),
                        QStringLiteral("6.2.2: what was listed just now is gone: ") + file);
        }
        m_isChanged = !m_last || m_last->files != now.files;
        m_last = now;
    }

    [[nodiscard]] const QStringList& faults() const { return m_faults; }
    [[nodiscard]] const std::optional<HlsListing>& last() const { return m_last; }
    [[nodiscard]] bool isChanged() const { return m_isChanged; } // by the text judged last

private:
    void fault(const QString& words)
    {
        if (!m_faults.contains(words))
            m_faults.append(words);
    }
    void require(bool isSo, const QString& words)
    {
        if (!isSo)
            fault(words);
    }

    HlsListing read(const QByteArray& text)
    {
        HlsListing listing;
        QList<QByteArray> lines = text.split('\n');
        require(lines.front() == "#EXTM3U", QStringLiteral("4.3.1.1: #EXTM3U is not the first line"));
        require(text.endsWith('\n'), QStringLiteral("4.1: the last line does not end"));
        require(!text.contains('\r') && !text.startsWith("\xEF\xBB\xBF"), QStringLiteral("4.1: BOM or returns"));
        QStringList once;
        QString map;
        std::int64_t breaks = 0;
        bool isBreak = false; // between the last segment and the next
        bool hasLength = false;
        int version = 1;
        for (const QByteArray& line : lines.mid(1)) {
            if (line.isEmpty())
                continue;
            if (!line.startsWith('#')) {
                require(hasLength, QStringLiteral("4.3.2.1: a segment without EXTINF"));
                require(!map.isEmpty(), QStringLiteral("4.3.2.5: a segment before EXT-X-MAP"));
                require(isBreak || listing.maps.isEmpty() || listing.maps.back() == map,
                        QStringLiteral("4.3.2.3: another initialisation section without a discontinuity"));
                listing.files.append(QString::fromUtf8(line));
                listing.maps.append(map);
                listing.discontinuities.push_back(listing.discontinuity + breaks);
                isBreak = false;
                if (listing.dates.size() < listing.lengths.size())
                    fault(QStringLiteral("a segment without EXT-X-PROGRAM-DATE-TIME"));
                hasLength = false;
                continue;
            }
            const auto colon = line.indexOf(':');
            const QByteArray tag = colon < 0 ? line : line.left(colon);
            const QByteArray value = colon < 0 ? QByteArray() : line.mid(colon + 1);
            const bool isOfList = tag == "#EXT-X-VERSION" || tag == "#EXT-X-TARGETDURATION" ||
                                  tag == "#EXT-X-MEDIA-SEQUENCE" || tag == "#EXT-X-DISCONTINUITY-SEQUENCE" ||
                                  tag == "#EXT-X-INDEPENDENT-SEGMENTS";
            if (isOfList) {
                require(!once.contains(QString::fromUtf8(tag)),
                        QString::fromUtf8(tag) + QStringLiteral(" stands twice"));
                require(listing.files.isEmpty(), QString::fromUtf8(tag) + QStringLiteral(" stands behind a segment"));
                once.append(QString::fromUtf8(tag));
            }
            bool isNumber = true;
            if (tag == "#EXT-X-VERSION")
                version = value.toInt(&isNumber);
            else if (tag == "#EXT-X-TARGETDURATION")
                listing.target = value.toLongLong(&isNumber);
            else if (tag == "#EXT-X-MEDIA-SEQUENCE")
                listing.sequence = value.toLongLong(&isNumber);
            else if (tag == "#EXT-X-DISCONTINUITY-SEQUENCE")
                listing.discontinuity = value.toLongLong(&isNumber);
            else if (tag == "#EXTINF") {
                require(value.endsWith(','), QStringLiteral("4.3.2.1: EXTINF without its comma"));
                listing.lengths.push_back(value.left(value.indexOf(',')).toDouble(&isNumber));
                hasLength = true;
            } else if (tag == "#EXT-X-PROGRAM-DATE-TIME") {
                const QDateTime date = QDateTime::fromString(QString::fromLatin1(value), Qt::ISODateWithMs);
                require(date.isValid() && value.endsWith('Z'),
                        QStringLiteral("4.3.2.6: no date: ") + QString::fromLatin1(value));
                listing.dates.push_back(date.toMSecsSinceEpoch());
            } else if (tag == "#EXT-X-MAP") {
                require(value.startsWith("URI=\"") && value.endsWith('"'),
                        QStringLiteral("4.3.2.5: EXT-X-MAP without URI"));
                map = QString::fromUtf8(value.mid(5).chopped(1));
            } else if (tag == "#EXT-X-DISCONTINUITY") {
                require(!isBreak && !hasLength, QStringLiteral("4.3.2.3: a discontinuity out of place"));
                isBreak = true;
                ++breaks;
            } else if (tag == "#EXT-X-ENDLIST")
                fault(QStringLiteral("4.3.3.4: a station that never ends says EXT-X-ENDLIST"));
            else
                require(isOfList || !line.startsWith("#EXT"),
                        QStringLiteral("a tag that is not known: ") + QString::fromUtf8(tag));
            require(isNumber, QString::fromUtf8(tag) + QStringLiteral(" is no number"));
        }
        listing.lengths.resize(static_cast<std::size_t>(listing.files.size()));
        listing.dates.resize(listing.lengths.size());
        require(!hasLength && !isBreak, QStringLiteral("4.3.2.1: EXTINF or a discontinuity without a segment"));
        require(once.contains(QStringLiteral("#EXT-X-TARGETDURATION")), QStringLiteral("4.3.3.1: no target duration"));
        // 7: EXT-X-MAP of a list that is not of I-frames wants 6, lengths with decimals 3.
        require(version >= 6, QStringLiteral("7: the version is lower than its tags"));
        return listing;
    }

    struct Box {
        QString name;
        QByteArray content;
    };

    static std::int64_t numberAt(const QByteArray& bytes, qsizetype at, int length)
    {
        std::int64_t number = 0;
        for (const char byte : bytes.mid(at, length))
            number = number << 8 | static_cast<unsigned char>(byte);
        return number;
    }

    // Empty where they do not fill it.
    static std::vector<Box> boxesIn(const QByteArray& bytes)
    {
        std::vector<Box> boxes;
        qsizetype at = 0;
        while (at + 8 <= bytes.size()) {
            const auto size = static_cast<qsizetype>(numberAt(bytes, at, 4));
            if (size < 8)
                return {};
            boxes.push_back({QString::fromLatin1(bytes.mid(at + 4, 4)), bytes.mid(at + 8, size - 8)});
            at += size;
        }
        return at == bytes.size() ? boxes : std::vector<Box>();
    }

    [[nodiscard]] std::vector<Box> boxesOf(const QString& name) const
    {
        QFile file(QDir(m_folder).filePath(name));
        return file.open(QIODevice::ReadOnly) ? boxesIn(file.readAll()) : std::vector<Box>();
    }

    static const Box* boxNamed(const std::vector<Box>& boxes, QStringView name)
    {
        const auto box = std::find_if(boxes.begin(), boxes.end(), [&](const Box& one) { return one.name == name; });
        return box == boxes.end() ? nullptr : &*box;
    }

    // Of a fragment's first frame, in frames (the time scale is the sample rate): moof, traf, tfdt.
    static std::int64_t startOf(const std::vector<Box>& boxes)
    {
        const Box* moof = boxNamed(boxes, u"moof");
        const std::vector<Box> movie = moof ? boxesIn(moof->content) : std::vector<Box>();
        const Box* traf = boxNamed(movie, u"traf");
        const std::vector<Box> track = traf ? boxesIn(traf->content) : std::vector<Box>();
        const Box* tfdt = boxNamed(track, u"tfdt");
        if (!tfdt)
            return -1;
        return numberAt(tfdt->content, 4, tfdt->content.startsWith('\1') ? 8 : 4);
    }

    void judgeFiles(const HlsListing& now)
    {
        for (const QString& map : now.maps) {
            const std::vector<Box> boxes = boxesOf(map);
            require(!boxes.empty() && boxes.front().name == u"ftyp" && boxNamed(boxes, u"moov") &&
                        !boxNamed(boxes, u"moof"),
                    QStringLiteral("3.3: no initialisation section: ") + map);
        }
        double all = 0;
        std::int64_t expectedStart = 0;
        for (std::size_t at = 0; at < now.lengths.size() && at < static_cast<std::size_t>(now.files.size()); ++at) {
            const QString& name = now.files[static_cast<qsizetype>(at)];
            const std::vector<Box> boxes = boxesOf(name);
            require(boxNamed(boxes, u"moof") && boxNamed(boxes, u"mdat") && !boxNamed(boxes, u"moov"),
                    QStringLiteral("3.3: no fragment: ") + name);
            require(now.lengths[at] > 0 && std::lround(now.lengths[at]) <= now.target,
                    QStringLiteral("4.3.3.1: a segment is longer than the target duration"));
            all += now.lengths[at];
            const std::int64_t start = startOf(boxes);
            require(start >= 0, QStringLiteral("a fragment without its time: ") + name);
            const bool isBreak = at > 0 && now.discontinuities[at] != now.discontinuities[at - 1];
            if (at > 0 && !isBreak) {
                require(start == expectedStart,
                        QStringLiteral("4.3.2.3: the timestamps break without a discontinuity"));
                if (at < now.dates.size())
                    require(std::abs(static_cast<double>(now.dates[at] - now.dates[at - 1]) -
                                     1000 * now.lengths[at - 1]) < 5,
                            QStringLiteral("4.3.2.6: dates and lengths disagree"));
            }
            expectedStart = start + std::llround(now.lengths[at] * 48000);
        }
        // 6.2.2: of what was there, as much stays.
        const bool hasLost = m_last && now.sequence > m_last->sequence;
        require(!hasLost || all >= 3.0 * static_cast<double>(now.target),
                QStringLiteral("6.2.2: less than three target durations are listed"));
    }

    void judgeChange(const HlsListing& before, const HlsListing& now)
    {
        require(now.sequence >= before.sequence, QStringLiteral("6.2.2: the media sequence went back"));
        require(now.discontinuity >= before.discontinuity,
                QStringLiteral("6.2.2: the discontinuity sequence went back"));
        require(now.target == before.target, QStringLiteral("6.2.1: the target duration changed"));
        require(now.sequence + now.files.size() >= before.sequence + before.files.size(),
                QStringLiteral("6.2.1: a segment was taken from the end"));
        require(now.sequence <= before.sequence + before.files.size(), QStringLiteral("6.2.2: segments are missing"));
        for (qsizetype at = 0; at < before.files.size(); ++at) {
            const auto there = at + static_cast<qsizetype>(before.sequence - now.sequence);
            if (there < 0 || there >= now.files.size())
                continue;
            const auto was = static_cast<std::size_t>(at);
            const auto is = static_cast<std::size_t>(there);
            require(now.files[there] == before.files[at] && now.maps[there] == before.maps[at] &&
                        now.lengths[is] == before.lengths[was] && now.dates[is] == before.dates[was],
                    QStringLiteral("6.2.1: a number means another segment"));
            require(now.discontinuities[is] == before.discontinuities[was],
                    QStringLiteral("6.2.2: a segment's discontinuity sequence number changed"));
        }
        if (!before.files.isEmpty() && !now.files.isEmpty() && now.maps.back() != before.maps.back())
            require(now.discontinuities.back() > before.discontinuities.back(),
                    QStringLiteral("6.2.2: another run has the discontinuity sequence number of the one before"));
    }

    const QString m_folder;
    std::optional<HlsListing> m_last;
    bool m_isChanged = false;
    QStringList m_faults;
};

} // namespace loa::playout::test
