// One file a session, WAV or FLAC, in the folder that url names: "20261201T220000Z-<session>.wav"; "-2", "-3" … when
// there is one already (the agent was restarted). "Left" means: written to the file. A break in the stream is silence
// in the file, so that frame n of a file always lies n frames after its first. A file whose writer died can be read as
// far as it goes; a FLAC file then has no length in its header.
#include "media/ffmpeg/audio_writer.h"
#include "playout/output/device_table.h"
#include "playout/output/wav_file.h"

#include <QDateTime>
#include <QDir>
#include <QFile>

#include <algorithm>

namespace loa::playout::detail {

namespace {

constexpr FrameCount longestFill{3600 * sampleRate};

class ArchiveFile {
public:
    virtual ~ArchiveFile() = default;
    [[nodiscard]] virtual Result<void> write(std::span<const float> mono) = 0;
    [[nodiscard]] virtual Result<void> close() = 0;
    // That are in the file; close() brings the rest.
    [[nodiscard]] virtual FrameCount frames() const = 0;
};

class WavArchive final : public ArchiveFile {
public:
    explicit WavArchive(WavFile file) : m_file(std::move(file)) {}
    Result<void> write(std::span<const float> mono) override { return m_file.write(mono); }
    Result<void> close() override { return m_file.close(); }
    FrameCount frames() const override { return m_file.frames(); }

private:
    WavFile m_file;
};

class FlacArchive final : public ArchiveFile {
public:
    explicit FlacArchive(media::AudioWriter writer) : m_writer(std::move(writer)) {}
    Result<void> write(std::span<const float> mono) override { return m_writer.write(mono); }
    Result<void> close() override { return m_writer.finish(); }
    FrameCount frames() const override { return m_writer.encoded(); }

private:
    media::AudioWriter m_writer;
};

// Error: Conflict when there is such a file.
Result<std::unique_ptr<ArchiveFile>> createArchive(const QString& path, bool flac)
{
    if (!flac) {
        auto file = WavFile::create(path, WavFormat::Pcm16, false);
        if (!file)
            return passOn(file);
        return std::make_unique<WavArchive>(std::move(*file));
    }
    QFile place(path);
    if (!place.open(QIODevice::WriteOnly | QIODevice::NewOnly)) {
        const auto category = QFile::exists(path) ? ErrorCategory::Conflict : ErrorCategory::Storage;
        return fail(category,
                    {QStringLiteral("Không tạo được tệp ghi âm: %1").arg(place.errorString()),
                     QStringLiteral("The sound file cannot be made: %1").arg(place.errorString())},
                    path);
    }
    place.close();
    media::WriterSettings settings;
    settings.encoder.codec = media::AudioCodec::Flac;
    settings.streaming = true;
    auto writer = media::AudioWriter::toFile(path, settings);
    if (!writer) {
        place.remove();
        return passOn(writer);
    }
    return std::make_unique<FlacArchive>(std::move(*writer));
}

class ArchiveDevice final : public OutputDevice {
public:
    ArchiveDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
        : m_folder(config.url), m_isFlac(config.device == u"flac"), m_pacing(pacing), m_sink(sink)
    {
    }
    ~ArchiveDevice() override { close(); }

    Result<void> open(const StreamStart& start) override
    {
        if (!QDir().mkpath(m_folder)) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Không tạo được thư mục ghi âm."),
                         QStringLiteral("The folder for sound files cannot be made.")},
                        m_folder);
        }
        const UtcTime instant = start.session.isEmpty() ? m_pacing.now() : start.sessionStart;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
        const QString stamp =
            QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
        const QString stem = start.session.isEmpty() ? stamp : QStringLiteral("%1-%2").arg(stamp, start.session.value);
        for (int number = 1;; ++number) {
            const QString suffix = number == 1 ? QString() : QStringLiteral("-%1").arg(number);
            m_path =
                QDir(m_folder).filePath(stem + suffix + (m_isFlac ? QStringLiteral(".flac") : QStringLiteral(".wav")));
            auto file = createArchive(m_path, m_isFlac);
            if (!file && file.error().category == ErrorCategory::Conflict && number < 1000)
                continue;
            if (!file)
                return passOn(file);
            m_file = std::move(*file);
            m_start = m_next = m_told = m_lastPosition = start.position;
            return {};
        }
    }

    Result<void> write(const OutputBlock& block) override
    {
        const FrameCount gap = block.position - m_next;
        if (gap > longestFill)
            return fail(
                ErrorCategory::Unavailable,
                {QStringLiteral("Luồng bị ngắt quá lâu."), QStringLiteral("The stream was broken for too long.")},
                m_path);
        for (FrameCount filled; filled < gap;) {
            const FrameCount part = std::min(gap - filled, FrameCount{sampleRate});
            if (auto done = m_file->write(std::vector<float>(static_cast<std::size_t>(part.value), 0.0F)); !done)
                return done;
            filled += part;
        }
        if (!m_pacing.waitUntil(block.position))
            return interrupted();
        m_lastAt = m_pacing.now();
        m_lastPosition = block.position;
        if (auto done = m_file->write(block.samples); !done)
            return done;
        m_next = block.position + block.frames;
        tell(m_start + m_file->frames());
        return {};
    }

    // What is in the file stays, whatever its end comes to.
    void close() override
    {
        if (m_file && m_file->close())
            tell(m_next);
        m_file.reset();
    }

private:
    void tell(FrameCount until)
    {
        if (until <= m_told)
            return;
        m_sink.delivered(m_told, until, m_lastAt + toDuration(m_told - m_lastPosition));
        m_told = until;
    }

    const QString m_folder;
    const bool m_isFlac;
    Pacing& m_pacing;
    StreamSink& m_sink;
    std::unique_ptr<ArchiveFile> m_file;
    QString m_path;
    FrameCount m_start; // of the stream, at the file's beginning
    FrameCount m_next;  // at its end
    FrameCount m_told;  // delivered up to here
    FrameCount m_lastPosition;
    UtcTime m_lastAt; // when the frame at m_lastPosition was due
};

} // namespace

Result<void> checkArchive(const OutputConfig& config)
{
    if (config.url.isEmpty())
        return wrongValue(config, "url", QStringLiteral("Đầu ra ghi tệp cần một thư mục."),
                          QStringLiteral("An output to files needs a folder."));
    const bool isFlac = config.device == u"flac";
    if (config.codec && *config.codec != (isFlac ? media::AudioCodec::Flac : media::AudioCodec::Pcm16))
        return wrongValue(config, "codec", QStringLiteral("Đầu ra WAV ghi PCM 16 bit, đầu ra FLAC ghi FLAC."),
                          QStringLiteral("A WAV output writes 16-bit PCM, a FLAC output FLAC."));
    if (config.between == BetweenSessions::Silence)
        return wrongValue(config, "between", QStringLiteral("Đầu ra ghi tệp ghi mỗi buổi phát một tệp."),
                          QStringLiteral("An output to files writes one file a session."));
    return {};
}

DeviceTraits traitsOfArchive(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(0));
    traits.largestLateness = std::chrono::seconds(10);
    return traits;
}

Created createArchiveDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<ArchiveDevice>(config, pacing, sink);
}

} // namespace loa::playout::detail
