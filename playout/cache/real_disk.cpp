#include "playout/cache/real_disk.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace loa::playout {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool isOpen() const { return m_fd >= 0; }
    [[nodiscard]] int get() const { return m_fd; }

private:
    int m_fd;
};

tl::unexpected<Error> diskFailure(const QString& path, int error)
{
    const QString words = QString::fromLocal8Bit(std::strerror(error));
    const auto category = error == ENOENT ? ErrorCategory::NotFound : ErrorCategory::Storage;
    return fail(category,
                {QStringLiteral("Không đọc hoặc ghi được tệp: %1").arg(words),
                 QStringLiteral("The file cannot be read or written: %1").arg(words)},
                path);
}

Result<void> makeDurable(int fd, const QString& path)
{
    while (::fsync(fd) != 0) {
        if (errno != EINTR)
            return diskFailure(path, errno);
    }
    return {};
}

Result<void> makeFolderDurable(const QString& path)
{
    const QString folder = QFileInfo(path).path();
    const Descriptor descriptor(::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.isOpen())
        return diskFailure(folder, errno);
    return makeDurable(descriptor.get(), folder);
}

Result<void> writeAll(int fd, QByteArrayView bytes, const QString& path)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(fd, bytes.data() + done, static_cast<std::size_t>(bytes.size() - done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return diskFailure(path, errno);
        done += n;
    }
    return {};
}

} // namespace

RealDisk::RealDisk(QString folder) : m_folder(std::move(folder)) {}

QString RealDisk::path(const QString& name) const
{
    Q_ASSERT(!name.isEmpty() && !name.startsWith(QLatin1Char('/')) && !name.contains(QLatin1String("..")));
    return m_folder + QLatin1Char('/') + name;
}

Result<QByteArray> RealDisk::read(const QString& name, std::int64_t most) const
{
    QFile file(path(name));
    if (!file.exists())
        return diskFailure(file.fileName(), ENOENT);
    if (!file.open(QIODevice::ReadOnly))
        return diskFailure(file.fileName(), EIO);
    QByteArray bytes = file.read(most + 1);
    if (file.error() != QFileDevice::NoError)
        return diskFailure(file.fileName(), EIO);
    if (bytes.size() > most)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp lớn hơn mức cho phép"), QStringLiteral("The file is larger than allowed")},
                    file.fileName());
    return bytes;
}

Result<void> RealDisk::replace(const QString& name, QByteArrayView bytes)
{
    const QString target = path(name);
    const QString temporary = target + QStringLiteral(".tmp");
    if (auto written = write(name + QStringLiteral(".tmp"), 0, bytes); !written) {
        ::unlink(QFile::encodeName(temporary).constData());
        return written;
    }
    return commit(name + QStringLiteral(".tmp"), name);
}

Result<void> RealDisk::write(const QString& name, std::int64_t offset, QByteArrayView bytes)
{
    const QString target = path(name);
    const QString folder = QFileInfo(target).path();
    if (!QDir(folder).exists()) {
        std::error_code error;
        std::filesystem::create_directories(QFile::encodeName(folder).toStdString(), error);
        if (error)
            return diskFailure(folder, error.value());
        ::chmod(QFile::encodeName(folder).constData(), 0700);
        if (auto durable = makeFolderDurable(folder); !durable)
            return durable;
    }
    const Descriptor descriptor(::open(QFile::encodeName(target).constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!descriptor.isOpen())
        return diskFailure(target, errno);
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0)
        return diskFailure(target, errno);
    if (status.st_size < offset)
        return fail(
            ErrorCategory::Storage,
            {QStringLiteral("Tệp ngắn hơn vị trí cần ghi"), QStringLiteral("The file ends before the place to write")},
            target);
    if (::ftruncate(descriptor.get(), offset) != 0 || ::lseek(descriptor.get(), offset, SEEK_SET) != offset)
        return diskFailure(target, errno);
    return writeAll(descriptor.get(), bytes, target);
}

Result<void> RealDisk::commit(const QString& from, const QString& to)
{
    const QString source = path(from);
    const QString target = path(to);
    {
        const Descriptor descriptor(::open(QFile::encodeName(source).constData(), O_RDONLY | O_CLOEXEC));
        if (!descriptor.isOpen())
            return diskFailure(source, errno);
        if (auto durable = makeDurable(descriptor.get(), source); !durable)
            return durable;
    }
    if (::rename(QFile::encodeName(source).constData(), QFile::encodeName(target).constData()) != 0)
        return diskFailure(target, errno);
    return makeFolderDurable(target);
}

Result<void> RealDisk::remove(const QString& name)
{
    const QString target = path(name);
    if (::unlink(QFile::encodeName(target).constData()) != 0 && errno != ENOENT)
        return diskFailure(target, errno);
    return {};
}

void RealDisk::touch(const QString& name)
{
    static_cast<void>(::utimensat(AT_FDCWD, QFile::encodeName(path(name)).constData(), nullptr, 0));
}

Result<std::vector<DiskFile>> RealDisk::list(const QString& folder) const
{
    std::vector<DiskFile> files;
    const QFileInfoList infos = QDir(path(folder)).entryInfoList(QDir::Files | QDir::Hidden, QDir::Name);
    for (const QFileInfo& info : infos)
        files.push_back(
            {folder + QLatin1Char('/') + info.fileName(), info.size(), info.lastModified().toMSecsSinceEpoch()});
    return files;
}

Result<Sha256> RealDisk::hash(const QString& name) const
{
    return sha256OfFile(path(name));
}

} // namespace loa::playout
