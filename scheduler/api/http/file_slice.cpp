#include "scheduler/api/http/file_slice.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace loa::api {

struct FileSlice::Descriptor {
    int number;
    QString path;

    Descriptor(int given, QString name) : number(given), path(std::move(name)) {}
    ~Descriptor() { ::close(number); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

FileSlice::FileSlice(std::shared_ptr<const Descriptor> descriptor, qint64 offset, qint64 length)
    : m_descriptor(std::move(descriptor)), m_offset(offset), m_length(length)
{
}

Result<FileSlice> FileSlice::open(const QString& path)
{
    // O_NONBLOCK: a FIFO in the folder must not stop the server.
    const int number = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (number < 0) {
        const bool absent = errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
        const QString why = QString::fromLocal8Bit(std::strerror(errno));
        return fail(
            absent ? ErrorCategory::NotFound : ErrorCategory::Storage,
            {QStringLiteral("Không mở được tệp: %1.").arg(why), QStringLiteral("Cannot open the file: %1.").arg(why)},
            path);
    }
    auto descriptor = std::make_shared<const Descriptor>(number, path);
    struct ::stat status {};
    if (::fstat(number, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Đây không phải là tệp."), QStringLiteral("This is not a file.")}, path);
    return FileSlice(std::move(descriptor), 0, status.st_size);
}

FileSlice FileSlice::part(qint64 offset, qint64 length) const
{
    const qint64 start = std::clamp<qint64>(offset, 0, m_length);
    return FileSlice(m_descriptor, m_offset + start, std::clamp<qint64>(length, 0, m_length - start));
}

Result<QByteArray> FileSlice::read(qint64 position, qint64 most) const
{
    const qint64 wanted = std::min(most, m_length - position);
    QByteArray bytes(std::max<qint64>(wanted, 0), Qt::Uninitialized);
    qint64 have = 0;
    while (have < wanted) {
        const ssize_t got = ::pread(m_descriptor->number, bytes.data() + have, static_cast<std::size_t>(wanted - have),
                                    m_offset + position + have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("Không đọc được tệp, hoặc tệp đã ngắn đi."),
                         QStringLiteral("The file cannot be read, or has become shorter.")},
                        m_descriptor->path);
        have += got;
    }
    return bytes;
}

} // namespace loa::api
