#include "media/ffmpeg/audio_writer.h"

#include "media/ffmpeg/encoder_impl.h"
#include "media/ffmpeg/internal.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cstring>

namespace loa::media {

using namespace detail;

namespace {

struct ContainerEntry {
    AudioCodec codec;
    const char* muxer;
    const char* mimeType;
    bool needsSeeking;
};

constexpr std::array containerTable{
    ContainerEntry{AudioCodec::Opus, "ogg", "audio/ogg", false},
    ContainerEntry{AudioCodec::Mp3, "mp3", "audio/mpeg", false},
    ContainerEntry{AudioCodec::Pcm16, "wav", "audio/wav", true},
    ContainerEntry{AudioCodec::PcmFloat, "wav", "audio/wav", true},
    ContainerEntry{AudioCodec::Flac, "flac", "audio/flac", false},
};

constexpr std::array fragmentTable{
    ContainerEntry{AudioCodec::Aac, "mp4", "audio/mp4", false},
    ContainerEntry{AudioCodec::Opus, "mp4", "audio/mp4", false},
};

constexpr int ioBufferBytes = 16 * 1024;

const ContainerEntry* containerOf(AudioCodec codec, std::span<const ContainerEntry> table = containerTable)
{
    const auto found = std::ranges::find(table, codec, &ContainerEntry::codec);
    return found == table.end() ? nullptr : &*found;
}

Error diskError(const QString& path, int code)
{
    const QString reason = reasonOf(code);
    return Error{ErrorCategory::Storage,
                 {QStringLiteral("Không ghi được tệp âm thanh: %1").arg(reason),
                  QStringLiteral("The sound file could not be written: %1").arg(reason)},
                 path};
}

} // namespace

struct AudioWriter::Impl {
    explicit Impl(Encoder made) : encoder(std::move(made)) {}
    ~Impl()
    {
        if (container && !path.isEmpty())
            avio_closep(&container->pb);
    }

    Encoder encoder;
    OutputPtr container;
    IoPtr io; // set when writing to a sink
    ByteSink sink;
    QString path;
    bool streaming = false;
    bool finished = false;
    std::optional<Error> failure;

    static int deliver(void* opaque, std::uint8_t* bytes, int size)
    {
        auto& self = *static_cast<Impl*>(opaque);
        if (self.failure)
            return AVERROR(EIO);
        auto taken = self.sink({reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)});
        if (taken)
            return size;
        self.failure = taken.error();
        return AVERROR(EIO);
    }

    // The first failure wins: a sink's own error says more than the muxer's echo of it.
    Result<void> settle(int code, const char* function)
    {
        if (!failure && container->pb->error < 0)
            failure = diskError(path, container->pb->error);
        if (!failure && code < 0)
            failure = path.isEmpty() ? libraryError(function, code) : diskError(path, code);
        if (failure)
            return tl::unexpected(*failure);
        return {};
    }

    Result<void> pass(AVPacket& packet)
    {
        packet.stream_index = 0;
        av_packet_rescale_ts(&packet, AVRational{1, static_cast<int>(loa::sampleRate)},
                             container->streams[0]->time_base);
        const int code = av_write_frame(container.get(), &packet);
        if (streaming)
            avio_flush(container->pb);
        return settle(code, "av_write_frame");
    }

    Result<void> begin(const WriterSettings& settings);
    Result<void> openIo(const WriterSettings& settings);
};

Result<void> AudioWriter::Impl::openIo(const WriterSettings& settings)
{
    const ContainerEntry* entry =
        settings.fragments ? containerOf(settings.encoder.codec, fragmentTable) : containerOf(settings.encoder.codec);
    if (entry == nullptr || (entry->needsSeeking && path.isEmpty()) || (settings.fragments && !path.isEmpty()))
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Định dạng này không ghi được vào nơi đã chọn."),
                     QStringLiteral("This format cannot be written to such a target.")},
                    path);
    AVFormatContext* raw = nullptr;
    int code = avformat_alloc_output_context2(&raw, nullptr, entry->muxer, nullptr);
    if (code < 0)
        return tl::unexpected(libraryError("avformat_alloc_output_context2", code));
    container.reset(raw);
    if (!path.isEmpty()) {
        const QByteArray url = QByteArrayLiteral("file:") + QFile::encodeName(path);
        code = avio_open(&raw->pb, url.constData(), AVIO_FLAG_WRITE);
        if (code < 0)
            return tl::unexpected(diskError(path, code));
        return {};
    }
    auto* buffer = static_cast<unsigned char*>(av_malloc(ioBufferBytes));
    io.reset(avio_alloc_context(buffer, ioBufferBytes, 1, this, nullptr, &Impl::deliver, nullptr));
    if (!io)
        return tl::unexpected(libraryError("avio_alloc_context", AVERROR(ENOMEM)));
    io->seekable = 0;
    raw->pb = io.get();
    raw->flags |= AVFMT_FLAG_CUSTOM_IO;
    return {};
}

Result<void> AudioWriter::Impl::begin(const WriterSettings& settings)
{
    streaming = settings.streaming;
    if (auto done = openIo(settings); !done)
        return done;
    if (settings.repeatable)
        container->flags |= AVFMT_FLAG_BITEXACT;
    AVStream* stream = avformat_new_stream(container.get(), nullptr);
    if (stream == nullptr)
        return tl::unexpected(libraryError("avformat_new_stream", AVERROR(ENOMEM)));
    const AVCodecContext& codec = *encoder.m_impl->codec;
    stream->time_base = codec.time_base;
    const int copied = avcodec_parameters_from_context(stream->codecpar, &codec);
    if (copied < 0)
        return tl::unexpected(libraryError("avcodec_parameters_from_context", copied));
    // Ogg keeps its comments with the stream, the others with the file.
    AVDictionary** metadata = settings.encoder.codec == AudioCodec::Opus ? &stream->metadata : &container->metadata;
    for (const auto& [key, value] : settings.tags)
        av_dict_set(metadata, key.toUtf8().constData(), value.toUtf8().constData(), 0);

    AVDictionary* options = nullptr;
    // A fragment ends when it is told to, and stands by itself.
    if (settings.fragments)
        av_dict_set(&options, "movflags", "+frag_custom+empty_moov+default_base_moof+cmaf", 0);
    else if (settings.encoder.codec == AudioCodec::Opus && streaming)
        av_dict_set(&options, "page_duration", "1", 0);
    if (settings.encoder.codec == AudioCodec::Mp3 && (streaming || path.isEmpty())) {
        av_dict_set(&options, "write_xing", "0", 0);
        av_dict_set(&options, "id3v2_version", "0", 0);
    }
    if (settings.encoder.codec == AudioCodec::Pcm16 || settings.encoder.codec == AudioCodec::PcmFloat)
        av_dict_set(&options, "rf64", "auto", 0);
    const int code = avformat_write_header(container.get(), &options);
    av_dict_free(&options);
    if (streaming || settings.fragments)
        avio_flush(container->pb);
    return settle(code, "avformat_write_header");
}

AudioWriter::AudioWriter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
AudioWriter::AudioWriter(AudioWriter&&) noexcept = default;
AudioWriter& AudioWriter::operator=(AudioWriter&&) noexcept = default;
AudioWriter::~AudioWriter() = default;

Result<AudioWriter> AudioWriter::toFile(const QString& path, const WriterSettings& settings)
{
    auto encoder = Encoder::create(settings.encoder);
    if (!encoder)
        return passOn(encoder);
    auto impl = std::make_unique<Impl>(std::move(*encoder));
    impl->path = path;
    if (auto done = impl->begin(settings); !done)
        return passOn(done);
    return AudioWriter(std::move(impl));
}

Result<AudioWriter> AudioWriter::toSink(ByteSink sink, const WriterSettings& settings)
{
    auto encoder = Encoder::create(settings.encoder);
    if (!encoder)
        return passOn(encoder);
    auto impl = std::make_unique<Impl>(std::move(*encoder));
    impl->sink = std::move(sink);
    if (auto done = impl->begin(settings); !done)
        return passOn(done);
    return AudioWriter(std::move(impl));
}

Result<void> AudioWriter::write(std::span<const float> mono)
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    auto done = self.encoder.m_impl->write(mono, [&self](AVPacket& packet) { return self.pass(packet); });
    if (!done && !self.failure)
        self.failure = done.error();
    return done;
}

Result<void> AudioWriter::writePacket(const EncodedPacket& packet)
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    const PacketPtr copy(av_packet_alloc());
    const int code = copy ? av_new_packet(copy.get(), static_cast<int>(packet.data.size())) : AVERROR(ENOMEM);
    if (code < 0)
        return tl::unexpected(libraryError("av_new_packet", code));
    std::memcpy(copy->data, packet.data.data(), packet.data.size());
    copy->pts = packet.position.value;
    copy->dts = packet.position.value;
    copy->duration = (packet.duration - packet.padding).value;
    copy->flags |= AV_PKT_FLAG_KEY;
    return self.pass(*copy);
}

Result<void> AudioWriter::endFragment()
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    const int code = av_write_frame(self.container.get(), nullptr);
    avio_flush(self.container->pb);
    return self.settle(code, "av_write_frame");
}

Result<void> AudioWriter::finish()
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    assert(!self.finished);
    self.finished = true;
    auto done = self.encoder.m_impl->finish([&self](AVPacket& packet) { return self.pass(packet); });
    if (!done) {
        self.failure = done.error();
        return done;
    }
    const int code = av_write_trailer(self.container.get());
    avio_flush(self.container->pb);
    return self.settle(code, "av_write_trailer");
}

FrameCount AudioWriter::written() const
{
    return m_impl->encoder.written();
}

FrameCount AudioWriter::encoded() const
{
    return FrameCount{m_impl->encoder.m_impl->sent};
}

FrameCount AudioWriter::delay() const
{
    return m_impl->encoder.delay();
}

QString AudioWriter::mimeType(AudioCodec codec)
{
    const ContainerEntry* entry = containerOf(codec);
    return entry == nullptr ? QStringLiteral("application/octet-stream") : QString::fromUtf8(entry->mimeType);
}

} // namespace loa::media
