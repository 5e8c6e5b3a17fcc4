#include "playout/output/archive_file.h"

#include "media/ffmpeg/audio_writer.h"
#include "playout/output/wav_file.h"

#include <QFile>

#include <utility>

namespace loa::playout {

namespace {

constexpr FrameCount flacBlock{4608}; // the longest that the encoder takes at 48 kHz

class WavArchive final : public ArchiveFile {
public:
    explicit WavArchive(WavFile file) : m_file(std::move(file)) {}
    ~WavArchive() override { static_cast<void>(WavArchive::close()); }
    Result<void> write(std::span<const float> mono) override { return m_file.write(mono); }
    Result<void> close() override
    {
        auto closed = m_file.close();
        if (m_file.frames().value == 0)
            QFile::remove(m_file.path());
        return closed;
    }
    FrameCount frames() const override { return m_file.frames(); }
    FrameCount written() const override { return m_file.frames(); }
    FrameCount flushing() const override { return {}; }
    const QString& path() const override { return m_file.path(); }

private:
    WavFile m_file;
};

class FlacArchive final : public ArchiveFile {
public:
    FlacArchive(media::AudioWriter writer, QString path) : m_writer(std::move(writer)), m_path(std::move(path)) {}
    ~FlacArchive() override { static_cast<void>(FlacArchive::close()); }
    Result<void> write(std::span<const float> mono) override
    {
        auto written = m_writer.write(mono);
        if (written)
            m_kept = m_writer.encoded();
        return written;
    }
    Result<void> close() override
    {
        if (std::exchange(m_isClosed, true))
            return {};
        auto finished = m_writer.finish();
        if (finished)
            m_kept = m_writer.written();
        if (m_kept.value == 0)
            QFile::remove(m_path);
        return finished;
    }
    FrameCount frames() const override { return m_kept; }
    FrameCount written() const override { return m_writer.written(); }
    FrameCount flushing() const override { return frames() < written() ? flacBlock : FrameCount{}; }
    const QString& path() const override { return m_path; }

private:
    media::AudioWriter m_writer;
    QString m_path;
    FrameCount m_kept; // in the file for certain
    bool m_isClosed = false;
};

} // namespace

Result<std::unique_ptr<ArchiveFile>> ArchiveFile::create(const QString& path, bool flac, media::Channels channels)
{
    if (!flac) {
        auto file = WavFile::create(path, WavFormat::Pcm16, false, channels);
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
    settings.encoder.channels = channels;
    settings.streaming = true;
    auto writer = media::AudioWriter::toFile(path, settings);
    if (!writer) {
        place.remove();
        return passOn(writer);
    }
    return std::make_unique<FlacArchive>(std::move(*writer), path);
}

} // namespace loa::playout
