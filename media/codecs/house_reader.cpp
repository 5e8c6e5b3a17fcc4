#include "media/codecs/house_reader.h"

#include <QFile>

#include <opus.h>
#include <opusfile.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace loa::media {

namespace {

struct OpusFileCloser {
    void operator()(OggOpusFile* file) const { op_free(file); }
};
using OpusFilePtr = std::unique_ptr<OggOpusFile, OpusFileCloser>;

struct OpusDecoderCloser {
    void operator()(::OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

constexpr std::size_t longestPacket = 5760; // frames, 120 ms

// In place of the multistream decoder that opusfile brings along: for each packet that one asks the processor what it
// is (CPUID), and on a virtual machine, where this goes to the hypervisor, that costs twice as much as decoding.
int decodeMono(void* context, OpusMSDecoder*, void* pcm, const ogg_packet* packet, int frames, int channels, int format,
               int)
{
    if (channels != 1 || format != OP_DEC_FORMAT_FLOAT)
        return OP_DEC_USE_DEFAULT;
    const int given = opus_decode_float(static_cast<::OpusDecoder*>(context), packet->packet,
                                        static_cast<opus_int32>(packet->bytes), static_cast<float*>(pcm), frames, 0);
    return given == frames ? 0 : (given < 0 ? given : OPUS_INTERNAL_ERROR);
}

Error unreadableHouse(const QString& path, int code)
{
    return Error{ErrorCategory::InvalidInput,
                 {QStringLiteral("Tệp âm thanh bị hỏng."), QStringLiteral("The sound file is damaged.")},
                 path + QStringLiteral(": opusfile %1").arg(code)};
}

bool isMono(const OggOpusFile* file)
{
    for (int link = 0; link < op_link_count(file); ++link) {
        if (op_channel_count(file, link) != 1)
            return false;
    }
    return true;
}

} // namespace

struct HouseReader::Impl {
    QString path;
    std::unique_ptr<::OpusDecoder, OpusDecoderCloser> decoder; // outlives the file, which calls it
    OpusFilePtr opus;
    std::optional<Decoder> other; // when it is not mono Ogg Opus
    std::array<float, longestPacket> samples{};
    std::span<const float> pending; // of samples, not yet given out
    std::optional<Error> failure;
};

HouseReader::HouseReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
HouseReader::HouseReader(HouseReader&&) noexcept = default;
HouseReader& HouseReader::operator=(HouseReader&&) noexcept = default;
HouseReader::~HouseReader() = default;

Result<HouseReader> HouseReader::open(const QString& path)
{
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    int code = 0;
    impl->opus.reset(op_open_file(QFile::encodeName(path).constData(), &code));
    if (impl->opus && isMono(impl->opus.get())) {
        // The file's level is measured and approved: nothing in its header changes it.
        op_set_gain_offset(impl->opus.get(), OP_ABSOLUTE_GAIN, 0);
        op_set_dither_enabled(impl->opus.get(), 0);
        if (op_link_count(impl->opus.get()) == 1) {
            impl->decoder.reset(opus_decoder_create(static_cast<opus_int32>(loa::sampleRate), 1, &code));
            if (!impl->decoder)
                return tl::unexpected(unreadableHouse(path, code));
            op_set_decode_callback(impl->opus.get(), decodeMono, impl->decoder.get());
        }
        return HouseReader(std::move(impl));
    }
    impl->opus.reset();
    auto decoder = Decoder::open(path);
    if (!decoder)
        return passOn(decoder);
    impl->other.emplace(std::move(*decoder));
    return HouseReader(std::move(impl));
}

Result<std::span<const float>> HouseReader::read()
{
    Impl& self = *m_impl;
    if (self.other)
        return self.other->read();
    if (self.failure)
        return tl::unexpected(*self.failure);
    if (!self.pending.empty())
        return std::exchange(self.pending, {});
    int count = OP_HOLE;
    while (count == OP_HOLE)
        count = op_read_float(self.opus.get(), self.samples.data(), static_cast<int>(self.samples.size()), nullptr);
    if (count < 0) {
        self.failure = unreadableHouse(self.path, count);
        return tl::unexpected(*self.failure);
    }
    return std::span<const float>(self.samples.data(), static_cast<std::size_t>(count));
}

// By decoding, not by seeking: a decoder that begins in the middle gives other samples for a while.
Result<FrameCount> HouseReader::skip(FrameCount count)
{
    if (m_impl->other)
        return m_impl->other->skip(count);
    FrameCount skipped;
    while (skipped < count) {
        auto block = read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        const auto taken = std::min(static_cast<std::size_t>((count - skipped).value), block->size());
        m_impl->pending = block->subspan(taken);
        skipped += FrameCount{static_cast<std::int64_t>(taken)};
    }
    return skipped;
}

} // namespace loa::media
