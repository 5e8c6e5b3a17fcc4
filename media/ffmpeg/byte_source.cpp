#include "media/ffmpeg/byte_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace loa::media::detail {

ByteSource::ByteSource(int descriptor) : m_descriptor(descriptor)
{
    struct stat status {};
    if (fstat(descriptor, &status) == 0)
        m_size = status.st_size;
}

ByteSource::~ByteSource()
{
    close(m_descriptor);
}

std::int64_t ByteSource::read(std::int64_t position, void* to, std::size_t count) const
{
    for (;;) {
        const ssize_t got = pread(m_descriptor, to, count, position);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return -errno;
    }
}

QByteArray ByteSource::read(std::int64_t position, std::int64_t count) const
{
    QByteArray bytes(static_cast<qsizetype>(count), Qt::Uninitialized);
    const std::int64_t got = position < 0 ? 0 : read(position, bytes.data(), static_cast<std::size_t>(count));
    bytes.truncate(static_cast<qsizetype>(got < 0 ? 0 : got));
    return bytes;
}

} // namespace loa::media::detail
