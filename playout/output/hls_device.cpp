// HLS (RFC 8216) with fMP4 segments of AAC or Opus, into a folder that a web server serves: live.m3u8, an
// initialisation segment a run, segments. The playlist is written here and not by libavformat's own HLS muxer, since
// that one dates segments by the clock at which it was opened, and here each says the instant at which its first frame
// is due. A file appears whole or not at all (rename). "Left" means: the segment is in the playlist. Each opening is a
// run with an encoder of its own; the list goes on from run to run, over a restart by what lies in the folder.
#include "media/ffmpeg/audio_writer.h"
#include "playout/output/device_table.h"
#include "playout/output/hls_playlist.h"
#include "playout/output/stream_encoder.h"
#include "playout/output/whole_file.h"

#include <QDateTime>
#include <QDir>
#include <QFile>

#include <algorithm>

namespace loa::playout::detail {

namespace {

constexpr int staleSeconds = 120;
constexpr QLatin1String listName("live.m3u8");
constexpr QLatin1String segmentFiles("segment-*.m4s");
constexpr QLatin1String initFiles("init-*.mp4");

media::AudioCodec hlsCodec(const OutputConfig& config)
{
    return config.codec.value_or(media::AudioCodec::Aac);
}

class HlsDevice final : public OutputDevice {
public:
    HlsDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
        : m_folder(config.url), m_segmentFrames(toFrames(config.segment)), m_segment(config.segment), m_pacing(pacing),
          m_sink(sink), m_settings(encoderSettingsOf(config, hlsCodec(config)))
    {
    }
    ~HlsDevice() override { close(); }

    Result<void> open(const StreamStart&) override
    {
        if (auto made = makePublicFolder(m_folder.path(), {QStringLiteral("Không tạo được thư mục HLS"),
                                                           QStringLiteral("The folder for HLS cannot be made")});
            !made)
            return made;
        m_bytes.clear();
        auto writer = media::AudioWriter::toSink(
            [this](std::span<const std::byte> bytes) -> Result<void> {
                m_bytes.append(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
                return {};
            },
            {.encoder = m_settings, .fragments = true, .tags = {}});
        if (!writer)
            return passOn(writer);
        if (!m_playlist)
            m_playlist = earlierList();
        const QString initFile = QStringLiteral("init-%1.mp4").arg(m_playlist->nextSequence());
        if (auto saved = save(initFile, m_bytes); !saved)
            return saved;
        m_playlist->beginRun(initFile);
        removeStale();
        m_bytes.clear();
        m_packets = 0;
        m_base.reset();
        m_writer.emplace(std::move(*writer));
        return {};
    }

    Result<void> write(const OutputBlock& block) override
    {
        if (m_base && block.position != m_to) {
            return fail(ErrorCategory::Unavailable,
                        {QStringLiteral("Luồng bị ngắt quãng, danh sách HLS nối tiếp sau chỗ ngắt."),
                         QStringLiteral("The stream was broken: the HLS list goes on behind the break.")});
        }
        if (!m_base)
            m_base = block.position;
        if (m_packets == 0)
            m_from = block.position;
        m_to = block.position + block.frames;
        ++m_packets;
        if (auto done = m_writer->writePacket({block.packet, block.position - *m_base, block.frames, {}}); !done)
            return done;
        if (m_to - m_from + block.frames <= m_segmentFrames)
            return {};
        if (!m_pacing.waitUntil(block.position))
            return interrupted();
        return publish();
    }

    void close() override
    {
        // What is there is given out, short as it may be. The list stays open: the next run goes on behind it.
        if (m_writer && m_packets > 0)
            static_cast<void>(publish());
        m_writer.reset();
    }

private:
    Result<void> publish()
    {
        m_packets = 0;
        if (auto done = m_writer->endFragment(); !done)
            return done;
        const QString file = QStringLiteral("segment-%1.m4s").arg(m_playlist->nextSequence());
        if (auto saved = save(file, m_bytes); !saved)
            return saved;
        m_bytes.clear();
        const UtcTime now = m_pacing.now();
        // The list is what players have seen: a segment that could not get into it has not left, and its number is
        // free.
        HlsPlaylist playlist = *m_playlist;
        playlist.add({file, m_to - m_from, now + toDuration(m_from - m_pacing.livePosition())});
        if (auto saved = save(listName, playlist.text()); !saved) {
            m_folder.remove(file);
            return saved;
        }
        m_playlist = std::move(playlist);
        for (const QString& expired : m_playlist->takeExpired())
            m_folder.remove(expired);
        m_sink.delivered(m_from, m_to, now);
        return {};
    }

    Result<void> save(const QString& name, const QByteArray& bytes)
    {
        return writeWhole(m_folder.filePath(name), bytes,
                          {QStringLiteral("Không ghi được tệp HLS"), QStringLiteral("An HLS file cannot be written")});
    }

    // What a process before this one left, or an empty list.
    [[nodiscard]] HlsPlaylist earlierList() const
    {
        QFile file(m_folder.filePath(listName));
        if (file.open(QIODevice::ReadOnly)) {
            if (auto list = HlsPlaylist::behind(file.readAll(), m_segment)) {
                // Power failed before all was on the disk: segments are empty, or lie there behind the list's end.
                const std::int64_t next = std::max(list->nextSequence(), firstFree({segmentFiles}));
                const std::vector<QString> files = list->files();
                const bool isWhole = std::all_of(files.begin(), files.end(), [this](const QString& name) {
                    return QFileInfo(m_folder.filePath(name)).size() > 0;
                });
                if (!isWhole || next > list->nextSequence())
                    list->beginAnew(next);
                return *std::move(list);
            }
        }
        // Seconds of the epoch: no list before this one has come so far, a segment being a second or longer. Where the
        // clock was set back, behind what lies there.
        const std::int64_t now = std::chrono::floor<std::chrono::seconds>(m_pacing.now()).time_since_epoch().count();
        return {std::max(now, firstFree({segmentFiles, initFiles})), m_segment};
    }

    // A number higher than those of all such files.
    [[nodiscard]] std::int64_t firstFree(const QStringList& files) const
    {
        std::int64_t first = 0;
        for (const QString& name : m_folder.entryList(files, QDir::Files))
            first = std::max<std::int64_t>(first, name.section(u'-', 1).section(u'.', 0, 0).toLongLong() + 1);
        return first;
    }

    // Files of earlier runs that nobody can be playing any more.
    void removeStale()
    {
        const QDateTime limit = QDateTime::currentDateTimeUtc().addSecs(-staleSeconds);
        for (const QFileInfo& file : m_folder.entryInfoList({segmentFiles, initFiles}, QDir::Files)) {
            if (file.lastModified() < limit && !m_playlist->holds(file.fileName()))
                m_folder.remove(file.fileName());
        }
    }

    QDir m_folder;
    const FrameCount m_segmentFrames;
    const std::chrono::milliseconds m_segment;
    Pacing& m_pacing;
    StreamSink& m_sink;
    const media::EncoderSettings m_settings;
    std::optional<media::AudioWriter> m_writer;
    std::optional<HlsPlaylist> m_playlist; // over all runs
    QByteArray m_bytes;                    // of the segment so far
    std::optional<FrameCount> m_base;      // stream position of the run's first packet
    FrameCount m_from;                     // of the segment so far
    FrameCount m_to;
    int m_packets = 0; // in it
};

} // namespace

Result<void> checkHls(const OutputConfig& config)
{
    using namespace std::chrono_literals;
    if (config.url.isEmpty())
        return wrongValue(config, "url", QStringLiteral("Đầu ra HLS cần một thư mục."),
                          QStringLiteral("An HLS output needs a folder."));
    const auto codec = hlsCodec(config);
    if (codec != media::AudioCodec::Aac && codec != media::AudioCodec::Opus)
        return wrongValue(config, "codec", QStringLiteral("HLS nhận aac hoặc opus."),
                          QStringLiteral("HLS takes aac or opus."));
    if (config.segment < 1s || config.segment > 10s)
        return wrongValue(config, "segment", QStringLiteral("Độ dài một đoạn HLS phải từ 1 đến 10 giây."),
                          QStringLiteral("The length of an HLS segment must lie between 1 and 10 s."));
    return {};
}

DeviceTraits traitsOfHls(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.between = config.between.value_or(BetweenSessions::Silence);
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(0));
    traits.largestLateness = std::chrono::seconds(10);
    traits.tail = config.segment + std::chrono::milliseconds(100);
    traits.packets = encoderSettingsOf(config, hlsCodec(config));
    traits.passes = passesHousePackets(config, hlsCodec(config));
    return traits;
}

Created createHls(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<HlsDevice>(config, pacing, sink);
}

} // namespace loa::playout::detail
