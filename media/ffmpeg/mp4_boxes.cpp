#include "media/ffmpeg/mp4_boxes.h"

#include <QtEndian>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

namespace loa::media::detail {

namespace {

constexpr int mostBoxes = 10'000;
constexpr qint64 mostPayload = 64 * 1024;

struct Box {
    QByteArray type;
    qint64 begin = 0; // of the payload
    qint64 end = 0;
};

// Walks boxes that lie side by side; the visitor returns false to stop.
class BoxWalker {
public:
    explicit BoxWalker(const ByteSource& file) : m_file(file) {}

    void walk(qint64 begin, qint64 end, const std::function<bool(const Box&)>& visit)
    {
        while (begin + 8 <= end && m_budget-- > 0) {
            const QByteArray head = m_file.read(begin, 16);
            if (head.size() < 8)
                return;
            qint64 size = qFromBigEndian<quint32>(head.constData());
            qint64 headSize = 8;
            if (size == 1 && head.size() == 16) {
                size = qFromBigEndian<qint64>(head.constData() + 8);
                headSize = 16;
            } else if (size == 0) {
                size = end - begin;
            }
            if (size < headSize || size > end - begin)
                return;
            if (!visit(Box{head.mid(4, 4), begin + headSize, begin + size}))
                return;
            begin += size;
        }
    }

    QByteArray payload(const Box& box) { return m_file.read(box.begin, std::min(box.end - box.begin, mostPayload)); }

private:
    const ByteSource& m_file;
    int m_budget = mostBoxes;
};

// Reads big-endian fields; one past the end makes the whole reading invalid.
class FieldReader {
public:
    explicit FieldReader(QByteArray bytes) : m_bytes(std::move(bytes)) {}
    qint64 u32() { return take<quint32>(); }
    qint64 s32() { return take<qint32>(); }
    qint64 s64() { return take<qint64>(); }
    qint64 sized(bool wide) { return wide ? s64() : u32(); }
    void pass(qsizetype bytes) { m_at += bytes; }
    bool valid() const { return m_valid; }

private:
    template <typename T>
    qint64 take()
    {
        const auto size = static_cast<qsizetype>(sizeof(T));
        if (m_at < 0 || m_at + size > m_bytes.size()) {
            m_valid = false;
            return 0;
        }
        const T value = qFromBigEndian<T>(m_bytes.constData() + m_at);
        m_at += size;
        return static_cast<qint64>(value);
    }

    QByteArray m_bytes;
    qsizetype m_at = 0;
    bool m_valid = true;
};

struct Clock {
    qint64 timescale = 0;
    qint64 duration = 0;
};

// mvhd and mdhd begin alike: version, creation, modification, timescale, duration.
std::optional<Clock> readClock(const QByteArray& bytes)
{
    FieldReader fields(bytes);
    const bool wide = !bytes.isEmpty() && bytes[0] == 1;
    fields.pass(4 + (wide ? 16 : 8));
    Clock clock;
    clock.timescale = fields.u32();
    clock.duration = fields.sized(wide);
    const qint64 unknown = wide ? qint64{-1} : qint64{std::numeric_limits<quint32>::max()};
    if (!fields.valid() || clock.timescale <= 0 || clock.duration <= 0 || clock.duration == unknown ||
        clock.duration > (qint64{1} << 48))
        return std::nullopt;
    return clock;
}

struct Edit {
    qint64 duration = 0; // film ticks
    qint64 start = 0;    // track ticks
};

struct Track {
    qint64 id = -1;
    std::optional<Clock> clock;
    std::vector<Edit> edits;
    bool editsValid = true;
};

void readEdits(const QByteArray& bytes, Track& track)
{
    FieldReader fields(bytes);
    const bool wide = !bytes.isEmpty() && bytes[0] == 1;
    fields.pass(4);
    const qint64 count = fields.u32();
    for (qint64 index = 0; index < count && fields.valid() && index < 1000; ++index) {
        Edit edit;
        edit.duration = fields.sized(wide);
        edit.start = wide ? fields.s64() : fields.s32();
        fields.pass(4);
        if (fields.valid() && edit.start >= 0)
            track.edits.push_back(edit);
    }
    track.editsValid = fields.valid();
}

Track readTrack(BoxWalker& walker, const Box& trak)
{
    Track track;
    walker.walk(trak.begin, trak.end, [&](const Box& box) {
        if (box.type == "tkhd") {
            const QByteArray bytes = walker.payload(box);
            FieldReader fields(bytes);
            fields.pass(4 + (!bytes.isEmpty() && bytes[0] == 1 ? 16 : 8));
            track.id = fields.u32();
        } else if (box.type == "mdia" || box.type == "edts") {
            walker.walk(box.begin, box.end, [&](const Box& inner) {
                if (inner.type == "mdhd")
                    track.clock = readClock(walker.payload(inner));
                if (inner.type == "elst")
                    readEdits(walker.payload(inner), track);
                return true;
            });
        }
        return true;
    });
    return track;
}

std::optional<Mp4TrackLength> lengthOf(const Track& track, const Clock& film)
{
    if (!track.clock || !track.editsValid || track.edits.size() > 1)
        return std::nullopt;
    const Clock& clock = *track.clock;
    if (track.edits.empty())
        return Mp4TrackLength{clock.duration, clock.timescale};
    const Edit& edit = track.edits.front();
    const qint64 media = clock.duration - edit.start;
    if (media <= 0 || edit.duration < 0 || edit.duration > (qint64{1} << 31))
        return std::nullopt;
    const qint64 edited = edit.duration * clock.timescale / film.timescale;
    const qint64 tick = clock.timescale / film.timescale + 1;
    const bool sameButForRounding = edit.duration == 0 || std::abs(media - edited) <= tick;
    return Mp4TrackLength{sameButForRounding ? media : std::min(media, edited), clock.timescale};
}

} // namespace

std::optional<Mp4TrackLength> mp4TrackLength(const ByteSource& file, std::int64_t trackId)
{
    BoxWalker walker(file);
    std::optional<Clock> film;
    std::optional<Track> found;
    walker.walk(0, file.size(), [&](const Box& outer) {
        if (outer.type != "moov")
            return true;
        walker.walk(outer.begin, outer.end, [&](const Box& box) {
            if (box.type == "mvhd")
                film = readClock(walker.payload(box));
            if (box.type == "trak" && !found) {
                Track track = readTrack(walker, box);
                if (track.id == trackId)
                    found = std::move(track);
            }
            return true;
        });
        return false;
    });
    if (!found || !film)
        return std::nullopt;
    return lengthOf(*found, *film);
}

} // namespace loa::media::detail
