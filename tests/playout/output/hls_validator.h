// Judges a live HLS playlist of fMP4 segments, and one after the other of the same address, by RFC 8216: section 4
// (what stands in it), 6.2.1 and 6.2.2 (what may change). Each fault is a sentence; none: it is valid. The files that
// it names are looked into as far as their boxes (ISO/IEC 14496-12).
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QStringList>

#include <cmath>
#include <optional>
#include <vector>

namespace loa::playout::test {

struct HlsListing {
    std::int64_t sequence = 0;
    std::int64_t discontinuity = 0;
    std::int64_t target = 0;
    QString map;
    std::vector<double> lengths;
    std::vector<qint64> dates; // ms since the epoch
    QStringList files;
    bool ended = false;
};

class HlsValidator {
public:
    explicit HlsValidator(const QString& folder) : m_folder(folder) {}

    // What stands there now.
    void judge(const QByteArray& text)
    {
        const HlsListing now = read(text);
        judgeFiles(now);
        if (m_last)
            judgeChange(*m_last, now);
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
        bool hasLength = false;
        int version = 1;
        for (const QByteArray& line : lines.mid(1)) {
            if (line.isEmpty())
                continue;
            require(!listing.ended, QStringLiteral("something stands behind EXT-X-ENDLIST"));
            if (!line.startsWith('#')) {
                require(hasLength, QStringLiteral("4.3.2.1: a segment without EXTINF"));
                require(!listing.map.isEmpty(), QStringLiteral("4.3.2.5: a segment before EXT-X-MAP"));
                listing.files.append(QString::fromUtf8(line));
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
                require(listing.map.isEmpty(), QStringLiteral("a second EXT-X-MAP without a discontinuity"));
                require(value.startsWith("URI=\"") && value.endsWith('"'),
                        QStringLiteral("4.3.2.5: EXT-X-MAP without URI"));
                listing.map = QString::fromUtf8(value.mid(5).chopped(1));
            } else if (tag == "#EXT-X-ENDLIST")
                listing.ended = true;
            else
                require(isOfList || !line.startsWith("#EXT"),
                        QStringLiteral("a tag that is not known: ") + QString::fromUtf8(tag));
            require(isNumber, QString::fromUtf8(tag) + QStringLiteral(" is no number"));
        }
        require(!hasLength, QStringLiteral("4.3.2.1: EXTINF without a segment"));
        require(once.contains(QStringLiteral("#EXT-X-TARGETDURATION")), QStringLiteral("4.3.3.1: no target duration"));
        // 7: EXT-X-MAP of a list that is not of I-frames wants 6, lengths with decimals 3.
        require(version >= 6, QStringLiteral("7: the version is lower than its tags"));
        return listing;
    }

    // The names of the boxes of a file; empty where they do not fill it.
    [[nodiscard]] QStringList boxesOf(const QString& name) const
    {
        QFile file(QDir(m_folder).filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            return {};
        const QByteArray bytes = file.readAll();
        QStringList boxes;
        qsizetype at = 0;
        while (at + 8 <= bytes.size()) {
            const auto byte = [&](qsizetype index) {
                return static_cast<qsizetype>(static_cast<unsigned char>(bytes[at + index]));
            };
            const qsizetype size = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
            if (size < 8)
                return {};
            boxes.append(QString::fromLatin1(bytes.mid(at + 4, 4)));
            at += size;
        }
        return at == bytes.size() ? boxes : QStringList();
    }

    void judgeFiles(const HlsListing& now)
    {
        if (!now.map.isEmpty()) {
            const QStringList boxes = boxesOf(now.map);
            require(boxes.value(0) == u"ftyp" && boxes.contains(u"moov") && !boxes.contains(u"moof"),
                    QStringLiteral("3.3: no initialisation section: ") + now.map);
        }
        double all = 0;
        for (std::size_t at = 0; at < now.lengths.size() && at < static_cast<std::size_t>(now.files.size()); ++at) {
            const QString& name = now.files[static_cast<qsizetype>(at)];
            const QStringList boxes = boxesOf(name);
            require(boxes.contains(u"moof") && boxes.contains(u"mdat") && !boxes.contains(u"moov"),
                    QStringLiteral("3.3: no fragment: ") + name);
            require(now.lengths[at] > 0 && std::lround(now.lengths[at]) <= now.target,
                    QStringLiteral("4.3.3.1: a segment is longer than the target duration"));
            all += now.lengths[at];
            if (at > 0 && at < now.dates.size()) {
                const double expected = static_cast<double>(now.dates[at - 1]) + 1000 * now.lengths[at - 1];
                require(std::abs(static_cast<double>(now.dates[at]) - expected) < 5,
                        QStringLiteral("4.3.2.6: dates and lengths disagree"));
            }
        }
        // 6.2.2: of what was there, as much stays.
        const bool hasLost = now.sequence > now.discontinuity; // its run began there
        require(!hasLost || all >= 3.0 * static_cast<double>(now.target) - 0.2,
                QStringLiteral("6.2.2: less than three target durations are listed"));
    }

    void judgeChange(const HlsListing& before, const HlsListing& now)
    {
        require(now.sequence >= before.sequence, QStringLiteral("6.2.2: the media sequence went back"));
        require(now.discontinuity >= before.discontinuity,
                QStringLiteral("6.2.2: the discontinuity sequence went back"));
        const bool isSameRun = now.discontinuity == before.discontinuity;
        require(!(isSameRun && before.ended) || (now.ended && now.files == before.files),
                QStringLiteral("6.2.1: it goes on behind EXT-X-ENDLIST"));
        if (isSameRun) {
            require(now.target == before.target, QStringLiteral("6.2.1: the target duration changed"));
            require(now.map == before.map,
                    QStringLiteral("4.3.2.3: another initialisation section without a discontinuity"));
            require(now.sequence + now.files.size() >= before.sequence + before.files.size(),
                    QStringLiteral("6.2.1: a segment was taken from the end"));
            require(now.sequence <= before.sequence + before.files.size(),
                    QStringLiteral("6.2.2: segments are missing"));
        } else {
            require(now.sequence >= before.sequence + before.files.size(),
                    QStringLiteral("6.2.2: another run uses numbers of the one before"));
        }
        for (qsizetype at = 0; at < before.files.size(); ++at) {
            const qsizetype there = at + static_cast<qsizetype>(before.sequence - now.sequence);
            if (isSameRun && there >= 0 && there < now.files.size())
                require(now.files[there] == before.files[at] && now.lengths[static_cast<std::size_t>(there)] ==
                                                                    before.lengths[static_cast<std::size_t>(at)],
                        QStringLiteral("6.2.1: a number means another segment"));
        }
    }

    const QString m_folder;
    std::optional<HlsListing> m_last;
    bool m_isChanged = false;
    QStringList m_faults;
};

} // namespace loa::playout::test
