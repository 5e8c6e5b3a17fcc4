// Random reading of one open file, without a shared file position. Internal to media/ffmpeg/.
// Thread: one at a time. Owns its descriptor. read() gives fewer bytes only at the end of the file or on a disk error.
#pragma once

#include <QByteArray>

#include <cstddef>
#include <cstdint>

namespace loa::media::detail {

class ByteSource {
public:
    // Takes over `descriptor`, which must be readable.
    explicit ByteSource(int descriptor);
    ~ByteSource();
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;

    std::int64_t size() const { return m_size; }
    // Bytes read, 0 at the end, or a negative errno.
    std::int64_t read(std::int64_t position, void* to, std::size_t count) const;
    QByteArray read(std::int64_t position, std::int64_t count) const;

private:
    int m_descriptor;
    std::int64_t m_size = 0;
};

} // namespace loa::media::detail
