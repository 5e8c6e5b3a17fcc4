// One WAV file a session, in the folder that url names: "20261201T220000Z-<session>.wav"; "-2", "-3" … when there is
// one already (the agent was restarted). "Left" means: written to the file. A break in the stream is silence in the
// file, so that frame n of a file always lies n frames after its first.
#include "playout/output/device_table.h"
#include "playout/output/wav_file.h"

#include <QDateTime>
#include <QDir>

#include <algorithm>

namespace loa::playout::detail {

namespace {

constexpr FrameCount longestFill{3600 * sampleRate};

class WavDevice final : public OutputDevice {
public:
    WavDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
        : m_folder(config.url), m_pacing(pacing), m_sink(sink)
    {
    }

    Result<void> open(const StreamStart& start) override
    {
        if (!QDir().mkpath(m_folder)) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Không tạo được thư mục ghi âm."),
                         QStringLiteral("The folder for WAV files cannot be made.")},
                        m_folder);
        }
        const UtcTime instant = start.session.isEmpty() ? m_pacing.now() : start.sessionStart;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
        const QString stamp =
            QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
        const QString stem = start.session.isEmpty() ? stamp : QStringLiteral("%1-%2").arg(stamp, start.session.value);
        for (int number = 1;; ++number) {
            const QString suffix = number == 1 ? QString() : QStringLiteral("-%1").arg(number);
            auto file = WavFile::create(QDir(m_folder).filePath(stem + suffix + QStringLiteral(".wav")),
                                        WavFormat::Pcm16, false);
            if (!file && file.error().category == ErrorCategory::Conflict && number < 1000)
                continue;
            if (!file)
                return passOn(file);
            m_file.emplace(std::move(*file));
            m_next = start.position;
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
                m_file->path());
        for (FrameCount filled; filled < gap;) {
            const FrameCount part = std::min(gap - filled, FrameCount{sampleRate});
            if (auto done = m_file->write(std::vector<float>(static_cast<std::size_t>(part.value), 0.0F)); !done)
                return done;
            filled += part;
        }
        if (!m_pacing.waitUntil(block.position))
            return interrupted();
        const UtcTime at = m_pacing.now();
        if (auto done = m_file->write(block.samples); !done)
            return done;
        m_next = block.position + block.frames;
        m_sink.delivered(block.position, m_next, at);
        return {};
    }

    void close() override { m_file.reset(); }

private:
    const QString m_folder;
    Pacing& m_pacing;
    StreamSink& m_sink;
    std::optional<WavFile> m_file;
    FrameCount m_next; // of the stream, at the file's end
};

} // namespace

Result<void> checkWav(const OutputConfig& config)
{
    if (config.url.isEmpty())
        return wrongValue(config, "url", QStringLiteral("Đầu ra WAV cần một thư mục."),
                          QStringLiteral("A WAV output needs a folder."));
    if (config.codec && *config.codec != media::AudioCodec::Pcm16)
        return wrongValue(config, "codec", QStringLiteral("Đầu ra WAV chỉ ghi PCM 16 bit."),
                          QStringLiteral("A WAV output writes 16-bit PCM only."));
    if (config.between == BetweenSessions::Silence)
        return wrongValue(config, "between", QStringLiteral("Đầu ra WAV ghi mỗi buổi phát một tệp."),
                          QStringLiteral("A WAV output writes one file a session."));
    return {};
}

DeviceTraits traitsOfWav(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(0));
    traits.largestLateness = std::chrono::seconds(10);
    return traits;
}

Created createWav(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<WavDevice>(config, pacing, sink);
}

} // namespace loa::playout::detail
