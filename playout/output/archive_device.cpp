// An archive, WAV or FLAC, in the folder that url names. "Left" means: written to the file. A break in the stream is
// silence in the file, so that frame n of a stretch always lies n frames after its first. A file whose writer died can
// be read as far as it goes; a FLAC file then has no length in its header.
//
// A file a session: "20261201T220000Z-<session>.wav"; "-2", "-3" … for what follows a restart or a part that is full.
// A file a day (`split`): see archive_folder.h. It stays open between sessions; midnight changes files on its frame,
// and a restart begins another part. Either way a WAV that nears 4 GiB and a part that has a quarter of the budget are
// full, and what is over the limits goes when a stretch begins and once a minute. It ends before the disk is full: what
// is left then is the airing log's.
#include "playout/output/archive_file.h"
#include "playout/output/archive_folder.h"
#include "playout/output/device_table.h"
#include "playout/output/stream_encoder.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

namespace loa::playout::detail {

namespace {

constexpr FrameCount longestFill{3600 * sampleRate};
constexpr FrameCount pruneEvery{60 * sampleRate};
constexpr std::int64_t largestPart = 0xFFFFFFFFLL - (16LL << 20); // of a WAV, with a minute to spare
constexpr int mostParts = 10'000;
constexpr std::uint64_t leftForTheLog = 64ULL << 20; // ten minutes of WAV, and then some

class ArchiveDevice final : public OutputDevice {
public:
    ArchiveDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
        : m_config(config), m_isFlac(config.device == u"flac"), m_pacing(pacing), m_sink(sink)
    {
    }
    ~ArchiveDevice() override { closeFile(); }

    Result<void> open(const StreamStart& start) override
    {
        if (!QDir().mkpath(m_config.url)) {
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Không tạo được thư mục ghi âm."),
                         QStringLiteral("The folder for sound files cannot be made.")},
                        m_config.url);
        }
        m_next = m_told = m_lastPosition = start.position;
        m_lastAt = m_pacing.instantOf(start.position);
        m_session = start.session;
        if (!m_folder)
            m_folder.emplace(m_config.url, start.station, QTimeZone(m_config.timeZone), m_config.device);
        auto opened = m_config.split == ArchiveSplit::Session ? openForSession(start) : openForDay(start.position);
        if (!opened)
            closeFile();
        return opened;
    }

    Result<void> write(const OutputBlock& block) override
    {
        auto written = writeBlock(block);
        if (!written)
            closeFile();
        return written;
    }

    // What is in the file stays, whatever its end comes to.
    void close() override
    {
        if (m_config.split == ArchiveSplit::Session || !m_file || !flush())
            closeFile();
    }

private:
    Result<void> openForSession(const StreamStart& start)
    {
        const UtcTime instant = start.session.isEmpty() ? m_pacing.now() : start.sessionStart;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
        const QString stamp =
            QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"));
        m_stem = start.session.isEmpty() ? stamp : QStringLiteral("%1-%2").arg(stamp, start.session.value);
        m_midnight.reset();
        return openPart(start.position);
    }

    // The session's next file.
    Result<void> openPart(FrameCount position)
    {
        auto created = create([&](int number) {
            const QString suffix = number == 1 ? QString() : QStringLiteral("-%1").arg(number);
            return m_folder->path(QStringLiteral("%1%2.%3").arg(m_stem, suffix, m_config.device));
        });
        if (!created)
            return created;
        m_base = m_prunedAt = position;
        prune(m_pacing.instantOf(position));
        return leaveRoom();
    }

    // The file of the day on which `position` is due, and a line in its index.
    Result<void> openForDay(FrameCount position)
    {
        const UtcTime instant = m_pacing.instantOf(position);
        const QDate day = m_folder->dayOf(instant);
        if (m_file && (day != m_day || isFull()))
            closeFile();
        m_day = day;
        if (!m_file) {
            if (auto created = create([&](int part) { return m_folder->path(m_folder->fileName(day, part)); });
                !created)
                return created;
        }
        m_base = position - m_file->written();
        const FrameCount left = toFrames(m_folder->beginOf(day.addDays(1)) - instant);
        m_midnight = position + left;
        while (m_pacing.instantOf(*m_midnight) < m_folder->beginOf(day.addDays(1)))
            *m_midnight += FrameCount{1};
        m_prunedAt = position;
        prune(instant);
        if (auto room = leaveRoom(); !room)
            return room;
        return m_folder->note(day, {QFileInfo(m_file->path()).fileName(), m_file->written(), instant, m_session});
    }

    template <typename Name>
    Result<void> create(Name name)
    {
        closeFile();
        for (int number = 1;; ++number) {
            auto file = ArchiveFile::create(name(number), m_isFlac, channelsOf(m_config));
            if (!file && file.error().category == ErrorCategory::Conflict && number < mostParts)
                continue;
            if (!file)
                return passOn(file);
            m_file = std::move(*file);
            return {};
        }
    }

    Result<void> writeBlock(const OutputBlock& block)
    {
        if (!m_file)
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Chưa mở được tệp ghi âm."), QStringLiteral("No sound file is open.")},
                        m_config.url);
        const FrameCount gap = block.position - m_next;
        if (gap > longestFill)
            return fail(
                ErrorCategory::Unavailable,
                {QStringLiteral("Luồng bị ngắt quá lâu."), QStringLiteral("The stream was broken for too long.")},
                m_file->path());
        while (m_next < block.position) {
            const std::vector<float> silence(
                static_cast<std::size_t>(std::min((block.position - m_next).value, std::int64_t{sampleRate})), 0.0F);
            if (auto done = append(silence); !done)
                return done;
        }
        if (!m_pacing.waitUntil(block.position))
            return interrupted();
        m_lastAt = m_pacing.now();
        m_lastPosition = block.position;
        return append(block.samples);
    }

    // At m_next, over a midnight if need be.
    Result<void> append(std::span<const float> samples)
    {
        while (!samples.empty()) {
            const bool isTime = m_next - m_prunedAt >= pruneEvery;
            if ((m_midnight && m_next >= *m_midnight) || (isTime && isFull())) {
                closeFile();
                if (auto opened = m_midnight ? openForDay(m_next) : openPart(m_next); !opened)
                    return opened;
            }
            if (m_next - m_prunedAt >= pruneEvery) {
                m_prunedAt = m_next;
                prune(m_pacing.instantOf(m_next));
                if (auto left = leaveRoom(); !left)
                    return left;
            }
            std::size_t part = samples.size();
            if (m_midnight)
                part = std::min(part, static_cast<std::size_t>((*m_midnight - m_next).value));
            if (auto done = m_file->write(samples.first(part)); !done)
                return done;
            m_next += FrameCount{static_cast<std::int64_t>(part)};
            samples = samples.subspan(part);
            tell(m_base + m_file->frames());
        }
        return {};
    }

    [[nodiscard]] bool isFull() const
    {
        const std::int64_t most =
            m_config.archiveBudget ? std::min(largestPart, *m_config.archiveBudget / 4) : largestPart;
        return QFileInfo(m_file->path()).size() >= most;
    }

    void prune(UtcTime now) const
    {
        const ArchiveLimits limits{m_config.archiveKeep, m_config.archiveBudget};
        if (!limits.keep && !limits.budgetBytes)
            return;
        const QString current = QFileInfo(m_file->path()).fileName();
        m_config.split == ArchiveSplit::Day ? m_folder->prune(limits, now, current)
                                            : m_folder->pruneSessions(limits, now, current);
    }

    // After prune(). A disk that does not say is written to until it is full.
    [[nodiscard]] Result<void> leaveRoom() const
    {
        struct statvfs disk {};
        if (::statvfs(QFile::encodeName(m_config.url).constData(), &disk) != 0 ||
            std::uint64_t{disk.f_bavail} * disk.f_frsize >= leftForTheLog)
            return {};
        errno = ENOSPC;
        return systemError(ErrorCategory::Storage,
                           {QStringLiteral("Đĩa gần đầy, chỗ còn lại dành cho nhật ký phát sóng"),
                            QStringLiteral("The disk is nearly full, and what is left is the airing log's")},
                           m_config.url);
    }

    // All that was written is in the file, which stays open.
    bool flush()
    {
        const std::vector<float> silence(static_cast<std::size_t>(m_file->flushing().value), 0.0F);
        if (!m_file->write(silence))
            return false;
        tell(std::min(m_base + m_file->frames(), m_next));
        return true;
    }

    void closeFile()
    {
        if (m_file && m_file->close())
            tell(m_next);
        m_file.reset();
    }

    void tell(FrameCount until)
    {
        if (until <= m_told)
            return;
        m_sink.delivered(m_told, until, m_lastAt + toDuration(m_told - m_lastPosition));
        m_told = until;
    }

    const OutputConfig m_config;
    const bool m_isFlac;
    Pacing& m_pacing;
    StreamSink& m_sink;
    std::optional<ArchiveFolder> m_folder;
    std::unique_ptr<ArchiveFile> m_file;
    QDate m_day;    // by day
    QString m_stem; // by session: of its files' names
    SessionId m_session;
    std::optional<FrameCount> m_midnight; // by day: stream frame at which the next day begins
    FrameCount m_prunedAt;
    FrameCount m_base; // stream position of the file's frame 0, were it one stretch
    FrameCount m_next; // stream position of what is written next
    FrameCount m_told; // delivered up to here
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
        return wrongValue(config, "between", QStringLiteral("Đầu ra ghi tệp chỉ mở trong buổi phát."),
                          QStringLiteral("An output to files is open during sessions alone."));
    if (config.archiveBudget && *config.archiveBudget < (64LL << 20))
        return wrongValue(config, "budget", QStringLiteral("Dung lượng ghi âm ít nhất 64 MiB."),
                          QStringLiteral("The archive's budget is at least 64 MiB."));
    if (!QTimeZone(config.timeZone).isValid())
        return wrongValue(config, "time_zone", QStringLiteral("Không có múi giờ này."),
                          QStringLiteral("There is no such time zone."));
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
