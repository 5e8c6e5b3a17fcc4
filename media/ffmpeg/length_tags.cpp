#include "media/ffmpeg/length_tags.h"

#include "media/ffmpeg/mp4_boxes.h"

#include <QtEndian>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace loa::media::detail {

namespace {

constexpr qint64 headBytes = 256 * 1024;

qint64 afterId3(const QByteArray& head)
{
    if (head.size() < 10 || !head.startsWith("ID3"))
        return 0;
    qint64 size = 0;
    for (int index = 6; index < 10; ++index)
        size = (size << 7) | (static_cast<unsigned char>(head[index]) & 0x7F);
    const bool footer = (static_cast<unsigned char>(head[5]) & 0x10) != 0;
    return 10 + size + (footer ? 10 : 0);
}

// The number of MPEG frames in the Xing or Info header of an MP3 file.
std::optional<std::int64_t> xingFrames(const ByteSource& file)
{
    const qint64 start = afterId3(file.read(0, 10));
    const QByteArray head = file.read(start, headBytes);
    qsizetype sync = 0;
    while (sync + 4 <= head.size() && !(static_cast<unsigned char>(head[sync]) == 0xFF &&
                                        (static_cast<unsigned char>(head[sync + 1]) & 0xE0) == 0xE0))
        ++sync;
    // The tag stands after the side information, whose size hangs on version and channels: at most 36 + 4 bytes in.
    for (const qsizetype offset : {qsizetype{36}, qsizetype{21}, qsizetype{13}}) {
        const qsizetype at = sync + offset;
        if (at + 12 > head.size())
            continue;
        const QByteArray name = head.mid(at, 4);
        if (name != "Xing" && name != "Info")
            continue;
        if ((qFromBigEndian<quint32>(head.constData() + at + 4) & 1U) == 0)
            return std::nullopt;
        return qFromBigEndian<quint32>(head.constData() + at + 8);
    }
    return std::nullopt;
}

// " 00000000 00000840 000001CA 00000000003F31F6 …": delay, padding and the number of frames between them.
std::optional<std::int64_t> gaplessFrames(const AVFormatContext& container, const AVStream& stream)
{
    for (const AVDictionary* metadata : {container.metadata, stream.metadata}) {
        const AVDictionaryEntry* entry = av_dict_get(metadata, "iTunSMPB", nullptr, 0);
        if (entry == nullptr)
            continue;
        unsigned delay = 0;
        unsigned padding = 0;
        unsigned long long frames = 0;
        if (std::sscanf(entry->value, "%*x %x %x %llx", &delay, &padding, &frames) == 3 && frames > 0 &&
            frames < (1ULL << 40))
            return static_cast<std::int64_t>(frames);
    }
    return std::nullopt;
}

bool isMovFamily(const AVFormatContext& container)
{
    return std::strstr(container.iformat->name, "mp4") != nullptr;
}

// The end of an MP4 track lies inside its last packets. The stated length is believed only when it ends among those, so
// that a wrong one cannot cut sound away.
std::optional<std::int64_t> trackEnd(const AVFormatContext& container, AVStream& stream, const ByteSource& file)
{
    constexpr std::int64_t largestCut = 8192;
    const AVRational frames{1, stream.codecpar->sample_rate};
    const int packets = avformat_index_get_entries_count(&stream);
    if (!isMovFamily(container) || stream.nb_frames <= 0 || packets <= 0)
        return std::nullopt;
    std::optional<std::int64_t> stated = gaplessFrames(container, stream);
    if (!stated) {
        if (const auto length = mp4TrackLength(file, stream.id))
            stated = av_rescale_rnd(length->ticks, frames.den, length->timescale, AV_ROUND_NEAR_INF);
        else if (stream.duration > 0)
            stated = av_rescale_q(stream.duration, stream.time_base, frames);
    }
    const std::int64_t lastPacket =
        av_rescale_q(avformat_index_get_entry(&stream, packets - 1)->timestamp, stream.time_base, frames);
    if (!stated || *stated < lastPacket - largestCut)
        return std::nullopt;
    return stated;
}

} // namespace

LengthTags readLengthTags(const AVFormatContext& container, AVStream& stream, const ByteSource& file)
{
    LengthTags tags;
    const AVCodecParameters& parameters = *stream.codecpar;
    tags.trimTo = trackEnd(container, stream, file);
    if (tags.trimTo) {
        tags.declared = tags.trimTo;
        tags.exact = true;
    } else if (std::strcmp(container.iformat->name, "mp3") == 0) {
        if (const auto frames = xingFrames(file)) {
            const int perFrame = parameters.frame_size > 0 ? parameters.frame_size : 1152;
            tags.declared = *frames * perFrame;
            tags.exact = true;
        }
    }
    if (!tags.declared && stream.duration > 0) {
        tags.declared = av_rescale_q(stream.duration, stream.time_base, AVRational{1, parameters.sample_rate});
        tags.exact = container.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE;
        if (std::strcmp(container.iformat->name, "ogg") == 0)
            *tags.declared = std::max<std::int64_t>(*tags.declared - parameters.initial_padding, 0);
    }
    return tags;
}

} // namespace loa::media::detail
