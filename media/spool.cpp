#include "media/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace loa::media {

namespace {

constexpr std::size_t blockFrames = 16 * 1024;

tl::unexpected<Error> diskFailure(const char* action, int code)
{
    const QString reason = QString::fromLocal8Bit(std::strerror(code));
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("Đĩa đã đầy khi đang xử lý tệp; hãy dọn bớt đĩa rồi tải lên lại."),
                     QStringLiteral(
                         "The disk filled up while the file was being processed; free some space and upload again.")},
                    QString::fromLatin1(action) + QStringLiteral(": ") + reason);
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Lỗi đĩa khi đang xử lý tệp: %1").arg(reason),
                 QStringLiteral("The disk failed while the file was being processed: %1").arg(reason)},
                QString::fromLatin1(action));
}

} // namespace

Result<void> writeAll(int descriptor, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t done = ::write(descriptor, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return diskFailure("write", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return {};
}

SpoolWriter::SpoolWriter(int descriptor) : m_descriptor(descriptor)
{
    m_held.reserve(blockFrames);
}

Result<void> SpoolWriter::flush()
{
    auto done = writeAll(m_descriptor, std::as_bytes(std::span(m_held)));
    m_held.clear();
    return done;
}

Result<void> SpoolWriter::write(std::span<const float> mono)
{
    m_written.value += static_cast<std::int64_t>(mono.size());
    while (!mono.empty()) {
        const std::size_t taken = std::min(mono.size(), blockFrames - m_held.size());
        m_held.insert(m_held.end(), mono.begin(), mono.begin() + static_cast<std::ptrdiff_t>(taken));
        mono = mono.subspan(taken);
        if (m_held.size() == blockFrames) {
            if (auto done = flush(); !done)
                return done;
        }
    }
    return {};
}

Result<void> SpoolWriter::finish()
{
    return flush();
}

SpoolReader::SpoolReader(int descriptor, FrameCount from, FrameCount to)
    : m_descriptor(descriptor), m_position(from), m_end(to), m_block(blockFrames)
{
}

Result<std::span<const float>> SpoolReader::read()
{
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(
        static_cast<std::int64_t>(blockFrames), std::max<std::int64_t>(m_end.value - m_position.value, 0)));
    auto bytes = std::as_writable_bytes(std::span(m_block).first(wanted));
    auto offset = static_cast<off_t>(m_position.value * static_cast<std::int64_t>(sizeof(float)));
    while (!bytes.empty()) {
        const ssize_t got = pread(m_descriptor, bytes.data(), bytes.size(), offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return diskFailure("pread", got < 0 ? errno : EIO);
        bytes = bytes.subspan(static_cast<std::size_t>(got));
        offset += got;
    }
    m_position.value += static_cast<std::int64_t>(wanted);
    return std::span<const float>(m_block).first(wanted);
}

} // namespace loa::media
