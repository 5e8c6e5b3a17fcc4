#include "media/ingest.h"

#include "media/scratch_file.h"
#include "media/worker.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace loa::media {

namespace {

class SourceFile {
public:
    [[nodiscard]] static Result<SourceFile> open(const QString& path, std::int64_t maxBytes)
    {
        // Not blocking, so that a pipe or a device under this name cannot hold the program up.
        const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
            return fail(ErrorCategory::NotFound,
                        {QStringLiteral("Không tìm thấy tệp."), QStringLiteral("There is no such file.")}, path);
        if (descriptor < 0)
            return fail(
                ErrorCategory::Storage,
                {QStringLiteral("Không mở được tệp: %1").arg(QString::fromLocal8Bit(std::strerror(errno))),
                 QStringLiteral("The file cannot be opened: %1").arg(QString::fromLocal8Bit(std::strerror(errno)))},
                path);
        SourceFile file(descriptor);
        struct stat status {};
        if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Đây không phải là một tệp."), QStringLiteral("This is not a file.")}, path);
        file.m_size = status.st_size;
        if (file.m_size > maxBytes) {
            const QString most =
                QString::number(static_cast<double>(maxBytes) / 1e6, 'f', maxBytes < 10'000'000 ? 1 : 0);
            return fail(
                ErrorCategory::LimitExceeded,
                {QStringLiteral("Tệp lớn quá giới hạn %1 MB; hãy cắt ngắn hoặc nén thành MP3.").arg(most),
                 QStringLiteral("The file is larger than the limit of %1 MB; cut it shorter or compress it to MP3.")
                     .arg(most)},
                path);
        }
        return file;
    }
    SourceFile(SourceFile&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)), m_size(other.m_size)
    {
    }
    SourceFile& operator=(SourceFile&&) = delete;
    ~SourceFile()
    {
        if (m_descriptor >= 0)
            close(m_descriptor);
    }
    int descriptor() const { return m_descriptor; }
    std::int64_t size() const { return m_size; }

private:
    explicit SourceFile(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
    std::int64_t m_size = 0;
};

// Empty on a read error.
QString sha256Of(int descriptor)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    QByteArray block(1 << 20, Qt::Uninitialized);
    off_t offset = 0;
    for (;;) {
        const ssize_t got = pread(descriptor, block.data(), static_cast<std::size_t>(block.size()), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return {};
        if (got == 0)
            return QString::fromLatin1(hash.result().toHex());
        hash.addData(QByteArrayView(block.constData(), got));
        offset += got;
    }
}

std::int64_t sizeOf(int descriptor)
{
    struct stat status {};
    return fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

tl::unexpected<Error> unreadable(const QString& path)
{
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Lỗi khi đọc tệp từ đĩa."), QStringLiteral("The disk failed while the file was read.")},
                path);
}

void describeFile(QJsonObject& report, const QString& part, const QString& path, const QString& sha256,
                  std::int64_t bytes)
{
    QJsonObject object = report.value(part).toObject();
    object.insert(QStringLiteral("path"), path);
    object.insert(QStringLiteral("sha256"), sha256);
    object.insert(QStringLiteral("bytes"), static_cast<qint64>(bytes));
    report.insert(part, object);
}

// The output folder; one that was made for this run goes again unless it is kept.
class OutputFolder {
public:
    explicit OutputFolder(const QString& path) : m_path(QDir::cleanPath(path)), m_made(!QDir(path).exists())
    {
        m_usable = QDir().mkpath(path);
    }
    ~OutputFolder()
    {
        if (m_made)
            QDir().rmdir(m_path);
    }
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;
    bool usable() const { return m_usable; }
    const QString& path() const { return m_path; }
    void keep() { m_made = false; }

private:
    QString m_path;
    bool m_made;
    bool m_usable = false;
};

struct Worked {
    Result<QJsonObject> report;
    QString sourceSha256;
};

Worked workAndHash(const WorkerRequest& request)
{
    QString sha256;
    std::thread hashing;
    // The worker is forked before the thread exists, on this thread's side of the start.
    Worked worked{runWorker(request, [&] { hashing = std::thread([&] { sha256 = sha256Of(request.source); }); }), {}};
    if (hashing.joinable())
        hashing.join();
    worked.sourceSha256 = sha256;
    return worked;
}

} // namespace

Result<QJsonObject> ingest(const QString& file, const QString& folder, const IngestOptions& options)
{
    auto source = SourceFile::open(file, options.source.maxBytes);
    if (!source)
        return passOn(source);
    OutputFolder output(folder);
    if (!output.usable())
        return fail(
            ErrorCategory::Storage,
            {QStringLiteral("Không tạo được thư mục đích."), QStringLiteral("The target folder cannot be made.")},
            folder);
    auto house = ScratchFile::create(output.path());
    if (!house)
        return passOn(house);
    auto spool = ScratchFile::create(output.path());
    if (!spool)
        return passOn(spool);

    WorkerRequest request;
    request.source = source->descriptor();
    request.name = file;
    request.house = house->descriptor();
    request.spool = spool->descriptor();
    request.houseSettings = options.house;
    request.sourceLimits = options.source;
    request.processLimits = options.process;
    Worked worked = workAndHash(request);
    if (!worked.report)
        return worked.report;
    if (worked.sourceSha256.isEmpty())
        return unreadable(file);

    // The child has read a stranger's file: its word on the hash is not taken.
    const QString sha256 = sha256Of(house->descriptor());
    const std::int64_t bytes = sizeOf(house->descriptor());
    const QString name = sha256 + QStringLiteral(".opus");
    if (sha256.isEmpty() || bytes == 0)
        return unreadable(output.path());
    if (auto done = house->publish(name); !done)
        return passOn(done);
    output.keep();
    QJsonObject report = *worked.report;
    describeFile(report, QStringLiteral("source"), file, worked.sourceSha256, source->size());
    describeFile(report, QStringLiteral("result"), output.path() + QLatin1Char('/') + name, sha256, bytes);
    return report;
}

Result<QJsonObject> probe(const QString& file, const IngestOptions& options)
{
    auto source = SourceFile::open(file, options.source.maxBytes);
    if (!source)
        return passOn(source);
    WorkerRequest request;
    request.probeOnly = true;
    request.source = source->descriptor();
    request.name = file;
    request.sourceLimits = options.source;
    request.processLimits = options.process;
    Worked worked = workAndHash(request);
    if (!worked.report)
        return worked.report;
    QJsonObject report = *worked.report;
    describeFile(report, QStringLiteral("source"), file, worked.sourceSha256, source->size());
    return report;
}

} // namespace loa::media
