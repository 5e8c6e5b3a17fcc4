#include "playout/output/wav_file.h"

#include "playout/output/device_table.h"

#include <QFile>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

namespace loa::playout {

using detail::systemError;

namespace {

static_assert(std::endian::native == std::endian::little, "WAV is written as it lies in memory");

constexpr std::int64_t headerBytes = 44;
constexpr std::int64_t mostBytes = 0xFFFFFFFFLL - headerBytes;
constexpr FrameCount headerEvery{sampleRate};

std::int16_t wavSample(float sample)
{
    if (std::isnan(sample))
        return 0;
    return static_cast<std::int16_t>(std::lrint(std::clamp(sample * 32768.0F, -32768.0F, 32767.0F)));
}

template <typename Value>
void putValue(std::array<std::byte, headerBytes>& header, std::size_t at, Value value)
{
    std::memcpy(header.data() + at, &value, sizeof value);
}

} // namespace

Result<WavFile> WavFile::create(const QString& path, WavFormat format, bool replace, media::Channels channels)
{
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL);
    const int file = ::open(QFile::encodeName(path).constData(), flags, 0644);
    if (file < 0) {
        return systemError(errno == EEXIST ? ErrorCategory::Conflict : ErrorCategory::Storage,
                           {QStringLiteral("Không tạo được tệp WAV"), QStringLiteral("The WAV file cannot be made")},
                           path);
    }
    WavFile wav(file, path, format, channels);
    if (auto header = wav.writeHeader(); !header) {
        if (!replace) // what was there before is not ours to take away
            QFile::remove(path);
        return passOn(header);
    }
    return wav;
}

WavFile::WavFile(WavFile&& other) noexcept
    : m_file(std::exchange(other.m_file, -1)), m_path(std::move(other.m_path)), m_format(other.m_format),
      m_channels(other.m_channels), m_frames(other.m_frames), m_headerFrames(other.m_headerFrames),
      m_bytes(std::move(other.m_bytes))
{
}

WavFile& WavFile::operator=(WavFile&& other) noexcept
{
    std::swap(m_file, other.m_file);
    std::swap(m_path, other.m_path);
    std::swap(m_format, other.m_format);
    std::swap(m_channels, other.m_channels);
    std::swap(m_frames, other.m_frames);
    std::swap(m_headerFrames, other.m_headerFrames);
    std::swap(m_bytes, other.m_bytes);
    return *this;
}

WavFile::~WavFile()
{
    static_cast<void>(close());
}

Result<void> WavFile::write(std::span<const float> mono)
{
    if (mono.empty())
        return {};
    const auto size = mono.size() * static_cast<std::size_t>(bytesPerFrame());
    const std::int64_t end = m_frames.value * bytesPerFrame();
    if (end + static_cast<std::int64_t>(size) > mostBytes) {
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp WAV đã đầy 4 GiB."), QStringLiteral("The WAV file has reached 4 GiB.")},
                    m_path);
    }
    m_bytes.resize(size);
    const auto samples = media::spread(mono, m_channels, m_spread);
    if (m_format == WavFormat::Float) {
        std::memcpy(m_bytes.data(), samples.data(), size);
    } else {
        for (std::size_t index = 0; index < samples.size(); ++index) {
            const std::int16_t sample = wavSample(samples[index]);
            std::memcpy(m_bytes.data() + index * sizeof sample, &sample, sizeof sample);
        }
    }
    if (auto done = put(m_bytes, headerBytes + end); !done)
        return done;
    m_frames += FrameCount{static_cast<std::int64_t>(mono.size())};
    return m_frames - m_headerFrames >= headerEvery ? writeHeader() : Result<void>{};
}

Result<void> WavFile::close()
{
    if (m_file < 0)
        return {};
    auto header = writeHeader();
    const int closed = ::close(std::exchange(m_file, -1));
    if (header && closed != 0) {
        return systemError(ErrorCategory::Storage,
                           {QStringLiteral("Không đóng được tệp WAV"), QStringLiteral("The WAV file cannot be closed")},
                           m_path);
    }
    return header;
}

Result<void> WavFile::writeHeader()
{
    const auto data = static_cast<std::uint32_t>(m_frames.value * bytesPerFrame());
    const auto frameBytes = static_cast<std::uint16_t>(bytesPerFrame());
    std::array<std::byte, headerBytes> header{};
    std::memcpy(header.data(), "RIFF", 4);
    putValue(header, 4, static_cast<std::uint32_t>(data + headerBytes - 8));
    std::memcpy(header.data() + 8, "WAVEfmt ", 8);
    putValue(header, 16, std::uint32_t{16});
    putValue(header, 20, static_cast<std::uint16_t>(m_format == WavFormat::Float ? 3 : 1));
    putValue(header, 22, static_cast<std::uint16_t>(media::countOf(m_channels)));
    putValue(header, 24, static_cast<std::uint32_t>(sampleRate));
    putValue(header, 28, static_cast<std::uint32_t>(sampleRate * bytesPerFrame()));
    putValue(header, 32, frameBytes);
    putValue(header, 34, static_cast<std::uint16_t>(bytesPerSample() * 8));
    std::memcpy(header.data() + 36, "data", 4);
    putValue(header, 40, data);
    if (auto done = put(header, 0); !done)
        return done;
    m_headerFrames = m_frames;
    return {};
}

Result<void> WavFile::put(std::span<const std::byte> bytes, std::int64_t offset)
{
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(m_file, bytes.data(), bytes.size(), offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            return systemError(
                ErrorCategory::Storage,
                {QStringLiteral("Không ghi được tệp WAV"), QStringLiteral("The WAV file cannot be written")}, m_path);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += written;
    }
    return {};
}

} // namespace loa::playout
