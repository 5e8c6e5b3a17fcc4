#include "playout/output/hls_playlist.h"

#include <QDateTime>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <utility>

namespace loa::playout {

namespace {

QByteArray numberText(std::int64_t value)
{
    return QByteArray::number(static_cast<qlonglong>(value));
}

// The value of a line that begins with `tag` and a colon.
std::optional<QByteArray> valueOf(const QByteArray& line, const char* tag)
{
    const QByteArray start = QByteArray(tag) + ':';
    return line.startsWith(start) ? std::optional(line.mid(start.size())) : std::nullopt;
}

// Files of expired segments are removed: only such names are taken from a text.
bool isOurs(const QString& file)
{
    static const QRegularExpression ours(QStringLiteral("\\A(segment-\\d{1,18}\\.m4s|init-\\d{1,18}\\.mp4)\\z"));
    return ours.match(file).hasMatch();
}

} // namespace

HlsPlaylist::HlsPlaylist(std::int64_t firstSequence, std::chrono::milliseconds longest)
    : m_sequence(firstSequence), m_breaks(firstSequence), m_longest(longest)
{
}

std::optional<HlsPlaylist> HlsPlaylist::behind(const QByteArray& text, std::chrono::milliseconds longest)
{
    if (!text.startsWith("#EXTM3U\n"))
        return std::nullopt;
    std::optional<std::int64_t> sequence;
    std::optional<std::int64_t> breaks;
    std::int64_t target = 0;
    std::deque<Entry> entries;
    Entry next{};
    bool isGood = true;
    for (const QByteArray& line : text.split('\n')) {
        bool isNumber = true;
        if (const auto found = valueOf(line, "#EXT-X-MEDIA-SEQUENCE"))
            sequence = found->toLongLong(&isNumber);
        else if (const auto number = valueOf(line, "#EXT-X-DISCONTINUITY-SEQUENCE"))
            breaks = number->toLongLong(&isNumber);
        else if (const auto seconds = valueOf(line, "#EXT-X-TARGETDURATION"))
            target = seconds->toLongLong(&isNumber);
        else if (const auto map = valueOf(line, "#EXT-X-MAP"))
            next.initFile = QString::fromUtf8(map->mid(5).chopped(1)); // URI="…"
        else if (const auto date = valueOf(line, "#EXT-X-PROGRAM-DATE-TIME"))
            next.segment.startsAt = UtcTime(std::chrono::milliseconds(
                QDateTime::fromString(QString::fromLatin1(*date), Qt::ISODateWithMs).toMSecsSinceEpoch()));
        else if (const auto length = valueOf(line, "#EXTINF"))
            next.segment.frames = {std::llround(length->chopped(1).toDouble(&isNumber) * sampleRate)};
        else if (line == "#EXT-X-DISCONTINUITY")
            next.isBreak = true;
        else if (!line.isEmpty() && !line.startsWith('#')) {
            next.segment.file = QString::fromUtf8(line);
            isGood &= isOurs(next.segment.file) && isOurs(next.initFile) && next.segment.frames.value > 0;
            entries.push_back(next);
            next.isBreak = false;
            next.segment.frames = {};
        }
        isGood &= isNumber;
    }
    if (!isGood || !sequence || !breaks || *sequence < 0 || *breaks < 0)
        return std::nullopt;
    HlsPlaylist list(*sequence + static_cast<std::int64_t>(entries.size()), longest);
    list.m_breaks = *breaks;
    list.m_entries = std::move(entries);
    list.m_hasEarlier = true;
    if (target != list.targetSeconds())
        list.beginAnew(list.m_sequence);
    return list;
}

void HlsPlaylist::beginAnew(std::int64_t sequence)
{
    m_sequence = sequence;
    m_breaks += std::count_if(m_entries.begin(), m_entries.end(), [](const Entry& entry) { return entry.isBreak; });
    m_entries.clear();
    m_isBreak = m_hasEarlier;
}

void HlsPlaylist::beginRun(const QString& initFile)
{
    m_initFile = initFile;
    m_isBreak = m_hasEarlier;
}

void HlsPlaylist::add(const HlsSegment& segment)
{
    m_entries.push_back({segment, m_initFile, std::exchange(m_isBreak, false)});
    m_hasEarlier = true;
    ++m_sequence;
}

std::vector<QString> HlsPlaylist::takeExpired()
{
    const auto lengthOf = [](auto first, auto last) {
        std::int64_t frames = 0;
        for (; first != last; ++first)
            frames += first->segment.frames.value;
        return frames;
    };
    std::vector<QString> files;
    const std::size_t count = countListed();
    const std::int64_t list = lengthOf(m_entries.end() - static_cast<std::ptrdiff_t>(count), m_entries.end());
    while (m_entries.size() > count) {
        const Entry& oldest = m_entries.front();
        // It left the list when what is behind it was as long as the list.
        if (lengthOf(m_entries.begin() + 1, m_entries.end()) < 2 * list + oldest.segment.frames.value)
            break;
        files.push_back(oldest.segment.file);
        const QString initFile = oldest.initFile;
        m_breaks += oldest.isBreak ? 1 : 0;
        m_entries.pop_front();
        if (!holds(initFile))
            files.push_back(initFile);
    }
    return files;
}

bool HlsPlaylist::holds(const QString& file) const
{
    const std::vector<QString> all = files();
    return file == m_initFile || std::find(all.begin(), all.end(), file) != all.end();
}

std::vector<QString> HlsPlaylist::files() const
{
    std::vector<QString> files;
    for (const Entry& entry : m_entries) {
        files.push_back(entry.segment.file);
        if (files.size() == 1 || entry.isBreak)
            files.push_back(entry.initFile);
    }
    return files;
}

std::int64_t HlsPlaylist::targetSeconds() const
{
    return std::chrono::ceil<std::chrono::seconds>(m_longest).count();
}

std::size_t HlsPlaylist::countListed() const
{
    std::size_t count = 0;
    std::int64_t frames = 0;
    for (auto entry = m_entries.rbegin(); entry != m_entries.rend(); ++entry) {
        if (count >= listed && frames >= 3 * targetSeconds() * sampleRate)
            break;
        frames += entry->segment.frames.value;
        ++count;
    }
    return count;
}

QByteArray HlsPlaylist::text() const
{
    const std::size_t count = countListed();
    const auto first = m_entries.end() - static_cast<std::ptrdiff_t>(count);
    const std::int64_t breaks =
        m_breaks + std::count_if(m_entries.begin(), first, [](const Entry& entry) { return entry.isBreak; });
    QByteArray text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    text += "#EXT-X-TARGETDURATION:" + numberText(targetSeconds()) + '\n';
    text += "#EXT-X-MEDIA-SEQUENCE:" + numberText(m_sequence - static_cast<std::int64_t>(count)) + '\n';
    text += "#EXT-X-DISCONTINUITY-SEQUENCE:" + numberText(breaks) + '\n';
    QString initFile;
    for (auto entry = first; entry != m_entries.end(); ++entry) {
        const HlsSegment& segment = entry->segment;
        if (entry->isBreak)
            text += "#EXT-X-DISCONTINUITY\n";
        if (entry->isBreak || initFile != entry->initFile)
            text += "#EXT-X-MAP:URI=\"" + entry->initFile.toUtf8() + "\"\n";
        initFile = entry->initFile;
        const auto at = std::chrono::floor<std::chrono::milliseconds>(segment.startsAt).time_since_epoch().count();
        text += "#EXT-X-PROGRAM-DATE-TIME:" +
                QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs).toLatin1() + '\n';
        text +=
            "#EXTINF:" +
            QByteArray::number(static_cast<double>(segment.frames.value) / static_cast<double>(sampleRate), 'f', 6) +
            ",\n" + segment.file.toUtf8() + '\n';
    }
    return text;
}

} // namespace loa::playout
