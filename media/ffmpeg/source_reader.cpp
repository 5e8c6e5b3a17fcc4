#include "media/ffmpeg/source_reader.h"

#include "media/ffmpeg/byte_source.h"
#include "media/ffmpeg/internal.h"
#include "media/ffmpeg/length_tags.h"
#include "media/ffmpeg/libav.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <limits>

namespace loa::media {

using namespace detail;

namespace {

// Containers of sound and of film with sound. Nothing that names other files (hls, dash, concat, image sequences,
// playlists).
constexpr const char* demuxerWhitelist =
    "wav,w64,mp3,aac,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf,aiff,caf,amr,amrnb,"
    "amrwb,ac3,eac3,dts,au,ape,wv,tta,mpc,mpc8,avi,mpegts,mpeg,flv,gsm,voc,spdif,loas";

constexpr float largestSample = 64.0F; // +36 dBFS: float files may hold anything, filters downstream may not

template <typename Sample>
float toFloatSample(Sample value)
{
    if constexpr (std::is_same_v<Sample, std::uint8_t>) {
        return (static_cast<float>(value) - 128.0F) / 128.0F;
    } else if constexpr (std::is_integral_v<Sample>) {
        constexpr double scale = 1.0 / -static_cast<double>(std::numeric_limits<Sample>::min());
        return static_cast<float>(static_cast<double>(value) * scale);
    } else {
        const auto sample = static_cast<float>(value);
        return std::isfinite(sample) ? std::clamp(sample, -largestSample, largestSample) : 0.0F;
    }
}

template <typename Sample>
void interleave(const AVFrame& frame, bool planar, std::vector<float>& out)
{
    const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
    const auto frames = static_cast<std::size_t>(frame.nb_samples);
    out.resize(frames * channels);
    if (!planar) {
        const auto* from = reinterpret_cast<const Sample*>(frame.extended_data[0]);
        std::transform(from, from + out.size(), out.begin(), toFloatSample<Sample>);
        return;
    }
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const auto* from = reinterpret_cast<const Sample*>(frame.extended_data[channel]);
        for (std::size_t index = 0; index < frames; ++index)
            out[index * channels + channel] = toFloatSample(from[index]);
    }
}

// False for a sample format that no decoder of libav gives today.
bool toFloat(const AVFrame& frame, std::vector<float>& out)
{
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool planar = av_sample_fmt_is_planar(format) != 0;
    switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8:
        interleave<std::uint8_t>(frame, planar, out);
        return true;
    case AV_SAMPLE_FMT_S16:
        interleave<std::int16_t>(frame, planar, out);
        return true;
    case AV_SAMPLE_FMT_S32:
        interleave<std::int32_t>(frame, planar, out);
        return true;
    case AV_SAMPLE_FMT_S64:
        interleave<std::int64_t>(frame, planar, out);
        return true;
    case AV_SAMPLE_FMT_FLT:
        interleave<float>(frame, planar, out);
        return true;
    case AV_SAMPLE_FMT_DBL:
        interleave<double>(frame, planar, out);
        return true;
    default:
        return false;
    }
}

ChannelRole roleOf(AVChannel channel)
{
    switch (channel) {
    case AV_CHAN_FRONT_LEFT:
    case AV_CHAN_FRONT_LEFT_OF_CENTER:
    case AV_CHAN_STEREO_LEFT:
        return ChannelRole::Left;
    case AV_CHAN_FRONT_RIGHT:
    case AV_CHAN_FRONT_RIGHT_OF_CENTER:
    case AV_CHAN_STEREO_RIGHT:
        return ChannelRole::Right;
    case AV_CHAN_SIDE_LEFT:
    case AV_CHAN_BACK_LEFT:
        return ChannelRole::LeftSurround;
    case AV_CHAN_SIDE_RIGHT:
    case AV_CHAN_BACK_RIGHT:
        return ChannelRole::RightSurround;
    case AV_CHAN_LOW_FREQUENCY:
    case AV_CHAN_LOW_FREQUENCY_2:
        return ChannelRole::LowFrequency;
    case AV_CHAN_NONE:
    case AV_CHAN_UNUSED:
        return ChannelRole::Unused;
    default:
        return ChannelRole::Center;
    }
}

std::vector<ChannelRole> rolesOf(const AVChannelLayout& layout)
{
    std::vector<ChannelRole> roles;
    for (unsigned index = 0; index < static_cast<unsigned>(layout.nb_channels); ++index)
        roles.push_back(roleOf(av_channel_layout_channel_from_index(&layout, index)));
    return roles;
}

tl::unexpected<Error> refuseEncrypted(const QString& path)
{
    return fail(
        ErrorCategory::Unsupported,
        {QStringLiteral("Tệp âm thanh bị khóa bản quyền (mã hóa) nên không phát được; hãy xuất lại tệp không khóa."),
         QStringLiteral(
             "The sound is encrypted (copy protection) and cannot be played; export it without protection.")},
        path);
}

tl::unexpected<Error> refuseTooHungry(const QString& path)
{
    return fail(ErrorCategory::LimitExceeded,
                {QStringLiteral("Tệp cần quá nhiều bộ nhớ; hãy xuất lại thành MP3 hoặc WAV."),
                 QStringLiteral("The file needs too much memory; export it again as MP3 or WAV.")},
                path);
}

tl::unexpected<Error> refuseUnreadable(const QString& path, const QString& reason)
{
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Tệp này không phải là tệp âm thanh đọc được; hãy xuất lại thành MP3, WAV hoặc M4A."),
                 QStringLiteral("This is not a sound file that can be read; export it again as MP3, WAV or M4A.")},
                path + QStringLiteral(": ") + reason);
}

Error readFailure(const QString& path)
{
    return Error{ErrorCategory::Storage,
                 {QStringLiteral("Lỗi khi đọc tệp từ đĩa; hãy thử lại hoặc chép sang đĩa khác."),
                  QStringLiteral("The disk failed while the file was read; try again or copy it to another disk.")},
                 path};
}

bool hasKey(const AVDictionary* metadata, const char* key)
{
    return av_dict_get(metadata, key, nullptr, 0) != nullptr;
}

bool isEncrypted(const AVFormatContext& container, const AVStream& stream)
{
    const std::uint32_t tag = stream.codecpar->codec_tag;
    if (tag == MKTAG('d', 'r', 'm', 's') || tag == MKTAG('a', 'a', 'v', 'd') || tag == MKTAG('e', 'n', 'c', 'a'))
        return true;
    if (hasKey(stream.metadata, "enc_key_id") || hasKey(container.metadata, "ASF_Protection_Type"))
        return true;
    return av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr;
}

} // namespace

struct SourceReader::Impl {
    QString path;
    std::unique_ptr<ByteSource> bytes;
    std::int64_t position = 0;
    IoPtr io;
    InputPtr container;
    AVStream* stream = nullptr;
    CodecPtr codec;
    PacketPtr packet{av_packet_alloc()};
    FramePtr frame{av_frame_alloc()};
    SourceInfo info;
    SourceCounts counts;
    std::optional<std::int64_t> framesLeft; // native frames until the length that the container states exactly
    std::vector<float> samples;
    ChannelLayout layout;
    std::vector<ChannelRole> roles;
    int rate = 0;
    bool diskFailed = false;
    bool draining = false;
    bool ended = false;
    std::optional<Error> failure;

    Result<void> openContainer();
    Result<void> chooseStream();
    Result<void> openCodec();
    void describeSource();
    Result<void> feed();
    Result<SourceBlock> take();
};

namespace {

int readBytes(void* opaque, std::uint8_t* to, int size)
{
    auto& self = *static_cast<SourceReader::Impl*>(opaque);
    const std::int64_t got = self.bytes->read(self.position, to, static_cast<std::size_t>(size));
    if (got < 0) {
        self.diskFailed = true;
        return AVERROR(EIO);
    }
    self.position += got;
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
}

std::int64_t seekBytes(void* opaque, std::int64_t offset, int whence)
{
    auto& self = *static_cast<SourceReader::Impl*>(opaque);
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return self.bytes->size();
    case SEEK_CUR:
        offset += self.position;
        break;
    case SEEK_END:
        offset += self.bytes->size();
        break;
    default:
        break;
    }
    if (offset < 0)
        return AVERROR(EINVAL);
    self.position = offset;
    return offset;
}

int refuseSecondFile(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**)
{
    return AVERROR(EACCES);
}

} // namespace

Result<void> SourceReader::Impl::openContainer()
{
    constexpr int bufferBytes = 64 * 1024;
    auto* buffer = static_cast<unsigned char*>(av_malloc(bufferBytes));
    io.reset(avio_alloc_context(buffer, bufferBytes, 0, this, &readBytes, nullptr, &seekBytes));
    AVFormatContext* opened = avformat_alloc_context();
    if (opened == nullptr || !io)
        return refuseTooHungry(path);
    opened->pb = io.get();
    opened->io_open = &refuseSecondFile;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", demuxerWhitelist, 0);
    const int code = avformat_open_input(&opened, QFile::encodeName(path).constData(), nullptr, &options);
    av_dict_free(&options);
    container.reset(opened);
    if (diskFailed)
        return tl::unexpected(readFailure(path));
    if (code == AVERROR(ENOMEM))
        return refuseTooHungry(path);
    if (code < 0)
        return refuseUnreadable(path, reasonOf(code));
    return {};
}

Result<void> SourceReader::Impl::chooseStream()
{
    const int probed = avformat_find_stream_info(container.get(), nullptr);
    if (probed == AVERROR(ENOMEM))
        return refuseTooHungry(path);
    const int index = av_find_best_stream(container.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index < 0) {
        const bool video = av_find_best_stream(container.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0) >= 0;
        if (video)
            return fail(ErrorCategory::Unsupported,
                        {QStringLiteral("Tệp video này không có tiếng; hãy chọn tệp có âm thanh."),
                         QStringLiteral("This video has no sound; choose a file with sound.")},
                        path);
        return refuseUnreadable(path, probed < 0 ? reasonOf(probed) : QStringLiteral("no audio stream"));
    }
    stream = container->streams[index];
    for (unsigned other = 0; other < container->nb_streams; ++other) {
        if (container->streams[other] != stream)
            container->streams[other]->discard = AVDISCARD_ALL;
    }
    if (isEncrypted(*container, *stream))
        return refuseEncrypted(path);
    return {};
}

Result<void> SourceReader::Impl::openCodec()
{
    const AVCodecParameters& parameters = *stream->codecpar;
    const AVCodec* decoder = avcodec_find_decoder(parameters.codec_id);
    if (decoder == nullptr)
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Không có bộ giải mã cho định dạng này; hãy xuất lại thành MP3, WAV hoặc M4A."),
                     QStringLiteral("No decoder for this format; export it again as MP3, WAV or M4A.")},
                    path);
    if (parameters.sample_rate <= 0 || parameters.ch_layout.nb_channels <= 0)
        return refuseUnreadable(path, QStringLiteral("no sound in it"));
    codec.reset(avcodec_alloc_context3(decoder));
    if (!codec || !packet || !frame)
        return refuseTooHungry(path);
    int code = avcodec_parameters_to_context(codec.get(), &parameters);
    if (code < 0)
        return tl::unexpected(libraryError("avcodec_parameters_to_context", code));
    codec->pkt_timebase = stream->time_base;
    codec->thread_count = 1;
    code = avcodec_open2(codec.get(), decoder, nullptr);
    if (code == AVERROR(ENOMEM))
        return refuseTooHungry(path);
    if (code < 0)
        return refuseUnreadable(path, reasonOf(code));
    return {};
}

void SourceReader::Impl::describeSource()
{
    const AVCodecParameters& parameters = *stream->codecpar;
    const ChannelLayout described(parameters.ch_layout);
    info.container = QString::fromUtf8(container->iformat->name);
    info.codec = QString::fromUtf8(avcodec_get_name(parameters.codec_id));
    info.sampleRate = parameters.sample_rate;
    info.channels = parameters.ch_layout.nb_channels;
    std::array<char, 128> name{};
    av_channel_layout_describe(&described.get(), name.data(), name.size());
    info.channelLayout = QString::fromUtf8(name.data());
    info.roles = rolesOf(described.get());
    info.bitRate = parameters.bit_rate > 0 ? parameters.bit_rate : container->bit_rate;

    const LengthTags tags = readLengthTags(*container, *stream, *bytes);
    framesLeft = tags.trimTo;
    if (tags.declared) {
        info.declaredFrames =
            FrameCount{av_rescale_rnd(*tags.declared, loa::sampleRate, parameters.sample_rate, AV_ROUND_NEAR_INF)};
        info.declaredExactly = tags.exact;
    }
}

// Gives the codec the next packet of the stream, or tells it that there are no more.
Result<void> SourceReader::Impl::feed()
{
    for (;;) {
        av_packet_unref(packet.get());
        const int code = av_read_frame(container.get(), packet.get());
        if (code < 0) {
            if (diskFailed)
                return tl::unexpected(readFailure(path));
            counts.readError = counts.readError || code != AVERROR_EOF;
            draining = true;
            avcodec_send_packet(codec.get(), nullptr);
            return {};
        }
        if (packet->stream_index != stream->index)
            continue;
        if (av_packet_get_side_data(packet.get(), AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr)
            return refuseEncrypted(path);
        ++counts.packets;
        const int sent = avcodec_send_packet(codec.get(), packet.get());
        if (sent == AVERROR(ENOMEM))
            return fail(
                ErrorCategory::LimitExceeded,
                {QStringLiteral("Tệp cần quá nhiều bộ nhớ."), QStringLiteral("The file needs too much memory.")}, path);
        if (sent < 0 && sent != AVERROR_EOF)
            ++counts.decodeErrors;
        else
            return {};
    }
}

Result<SourceBlock> SourceReader::Impl::take()
{
    const AVFrame& decoded = *frame;
    const ChannelLayout now(decoded.ch_layout);
    if (!(now == layout) || decoded.sample_rate != rate) {
        if (rate != 0)
            ++counts.formatChanges;
        layout = now;
        roles = rolesOf(layout.get());
        rate = decoded.sample_rate;
    }
    if (!toFloat(decoded, samples))
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Kiểu mẫu âm thanh lạ; hãy xuất lại thành WAV."),
                     QStringLiteral("Unknown sample format; export the file again as WAV.")},
                    path);
    if (framesLeft) {
        const std::int64_t keep = std::min<std::int64_t>(decoded.nb_samples, *framesLeft);
        *framesLeft -= keep;
        samples.resize(static_cast<std::size_t>(keep) * static_cast<std::size_t>(layout.channels()));
    }
    return SourceBlock{samples, layout.channels(), rate, roles};
}

SourceReader::SourceReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
SourceReader::SourceReader(SourceReader&&) noexcept = default;
SourceReader& SourceReader::operator=(SourceReader&&) noexcept = default;
SourceReader::~SourceReader() = default;

Result<SourceReader> SourceReader::open(const QString& path)
{
    const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(ErrorCategory::NotFound,
                        {QStringLiteral("Không tìm thấy tệp."), QStringLiteral("There is no such file.")}, path);
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("Không mở được tệp (quyền đọc hoặc lỗi đĩa)."),
                     QStringLiteral("The file could not be opened (permission or disk error).")},
                    path + QStringLiteral(": ") + reasonOf(AVERROR(errno)));
    }
    auto opened = openDescriptor(descriptor, path);
    close(descriptor);
    return opened;
}

Result<SourceReader> SourceReader::openDescriptor(int descriptor, const QString& name)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    struct stat status {};
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Đây không phải là một tệp."), QStringLiteral("This is not a file.")}, name);
    if (status.st_size == 0)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Tệp rỗng (0 byte); hãy chép hoặc xuất lại tệp."),
                     QStringLiteral("The file is empty (0 bytes); copy or export it again.")},
                    name);
    auto impl = std::make_unique<Impl>();
    impl->path = name;
    impl->bytes = std::make_unique<ByteSource>(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (auto done = impl->openContainer(); !done)
        return passOn(done);
    if (auto done = impl->chooseStream(); !done)
        return passOn(done);
    if (auto done = impl->openCodec(); !done)
        return passOn(done);
    impl->describeSource();
    return SourceReader(std::move(impl));
}

const SourceInfo& SourceReader::info() const
{
    return m_impl->info;
}

const SourceCounts& SourceReader::counts() const
{
    return m_impl->counts;
}

Result<SourceBlock> SourceReader::read()
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    while (!self.ended) {
        const int code = avcodec_receive_frame(self.codec.get(), self.frame.get());
        if (code == AVERROR(EAGAIN)) {
            if (auto fed = self.feed(); !fed) {
                self.failure = fed.error();
                return passOn(fed);
            }
            continue;
        }
        if (code < 0) {
            // Some decoders report a bad packet here; only the end of the drain is the end.
            self.counts.decodeErrors += code == AVERROR_EOF ? 0 : 1;
            self.ended = code == AVERROR_EOF || self.draining;
            continue;
        }
        if (self.frame->nb_samples <= 0 || self.frame->ch_layout.nb_channels <= 0 || self.frame->sample_rate <= 0)
            continue;
        auto block = self.take();
        if (!block)
            self.failure = block.error();
        if (!block || !block->empty())
            return block;
    }
    return SourceBlock{};
}

} // namespace loa::media
