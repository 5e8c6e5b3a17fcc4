#include "media/ffmpeg/live_reader.h"

#include "media/ffmpeg/internal.h"
#include "media/ffmpeg/libav.h"
#include "media/frames.h"

#include <QUrl>

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace loa::media {

using namespace detail;
using namespace std::chrono_literals;

namespace {

using Steady = std::chrono::steady_clock; // for the network's own limits: nothing of it reaches the programme

constexpr std::int64_t mostPlaylistBytes = 512 * 1024;
constexpr std::int64_t mostPieceBytes = 8 * 1024 * 1024;
constexpr std::int64_t mostBytesBeforeSound = 4 * 1024 * 1024;
constexpr int mostDamagedInARow = 50; // packets
constexpr std::int64_t largestAllocation = 32 * 1024 * 1024;
constexpr int longestDrift = 480;
constexpr float largestSample = 4.0F;

struct Rules {
    const char* protocols;
    const char* containers;
};

Rules rulesOf(LiveKind kind)
{
    switch (kind) {
    case LiveKind::Stream:
        return {"http,https,tcp,tls", "mp3,aac,ogg,flac,wav,mpegts,loas"};
    case LiveKind::Hls:
        return {"http,https,tcp,tls", "hls,mpegts,mov,mp4,m4a,aac,mp3"};
    case LiveKind::Rtp:
        return {"rtp,udp", "rtp,sdp"};
    }
    return {"", ""};
}

constexpr const char* decoders = "mp3float,mp3,mp2float,mp2,aac,aac_latm,opus,libopus,vorbis,flac,pcm_s16le,pcm_s16be,"
                                 "pcm_s24le,pcm_s24be,pcm_mulaw,pcm_alaw,pcm_f32le,adpcm_g722,ac3,eac3";

// A piece of a playlist may be long; what its name does not tell to be one is read as a playlist.
bool isPiece(const QUrl& url)
{
    static constexpr std::array endings{".ts", ".aac", ".mp3", ".m4s", ".mp4", ".m4a", ".cmfa", ".cmfv"};
    const QString path = url.path().toLower();
    return std::ranges::any_of(endings, [&](const char* ending) { return path.endsWith(QLatin1String(ending)); });
}

// What has no mark at its beginning takes 64 KiB to be known from its bytes alone (8 s of 64 kb/s), and may be taken
// for something else: frames of 192 bytes for packets of a transport stream. So the sender's word is tried first.
const char* containerOf(QByteArray contentType)
{
    contentType = contentType.split(';').first().trimmed().toLower();
    if (contentType == "audio/mpeg" || contentType == "audio/mp3" || contentType == "audio/x-mpeg")
        return "mp3";
    if (contentType == "audio/aac" || contentType == "audio/aacp" || contentType == "audio/x-aac")
        return "aac";
    return nullptr;
}

} // namespace

struct LiveReader::Impl {
    explicit Impl(LiveSettings asked) : settings(std::move(asked)), openUntil(Steady::now() + settings.openWithin) {}
    ~Impl() { container.reset(); } // while what its callbacks use is still there

    [[nodiscard]] bool mustStop();
    [[nodiscard]] Result<void> begin();
    void believe(AVFormatContext* context, AVIOContext* io);
    [[nodiscard]] Result<void> judge(const QString& address) const;
    [[nodiscard]] Result<void> openContainer();
    [[nodiscard]] Result<void> judgeRedirect(AVIOContext* io, const QString& address) const;
    [[nodiscard]] Result<void> openCodec();
    [[nodiscard]] Result<void> next();
    [[nodiscard]] Result<void> feed();
    [[nodiscard]] Result<void> convert();
    [[nodiscard]] tl::unexpected<Error> failure(int code) const;
    void applyDrift();

    LiveSettings settings;
    Steady::time_point openUntil;
    Steady::time_point lastByte = Steady::now();
    Steady::time_point askedAt = Steady::now(); // by read(), for sound
    bool isOpening = true;
    bool asksType = true;  // believes the sender's word for what it sends
    bool isByType = false; // and did
    struct Opened {
        AVIOContext* io;
        std::int64_t limit;
    };
    std::vector<Opened> opened; // by nested requests, as long as they are open
    std::int64_t bytesSeen = -1;
    std::int64_t closedBytes = 0; // of requests that are over
    bool tooMuch = false;
    std::optional<Error> refusal; // of a host that a playlist or a redirect named
    int (*openDefault)(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) = nullptr;
    int (*closeDefault)(AVFormatContext*, AVIOContext*) = nullptr;

    InputPtr container;
    AVStream* stream = nullptr;
    CodecPtr codec;
    PacketPtr packet{av_packet_alloc()};
    FramePtr frame{av_frame_alloc()};
    ResamplerPtr resampler;
    ChannelLayout layout;
    int rate = 0;
    int format = -1;
    int drift = 0;
    int damaged = 0;
    std::vector<float> mono; // converted, not yet given out
    std::vector<float> lent; // by the last read()
    LiveInfo info;
};

namespace {

tl::unexpected<Error> forbidden(const QString& where, const char* vi, const char* en)
{
    return fail(ErrorCategory::Forbidden, {QString::fromUtf8(vi), QString::fromUtf8(en)}, where);
}

QString shown(const QString& address)
{
    return QUrl(address).toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment).left(200);
}

// Asked by libav in every wait for the network: anything but 0 ends it.
int interrupt(void* opaque)
{
    return static_cast<LiveReader::Impl*>(opaque)->mustStop() ? 1 : 0;
}

int openRequest(AVFormatContext* context, AVIOContext** io, const char* url, int flags, AVDictionary** options)
{
    auto& self = *static_cast<LiveReader::Impl*>(context->opaque);
    const QString address = QString::fromUtf8(url);
    if ((flags & AVIO_FLAG_WRITE) != 0)
        return AVERROR(EACCES);
    if (auto judged = self.judge(address); !judged) {
        self.refusal = judged.error();
        return AVERROR(EACCES);
    }
    AVDictionary* own = nullptr;
    if (options == nullptr)
        options = &own;
    av_dict_set(options, "tls_verify", "1", 0); // off by default
    const int code = self.openDefault(context, io, url, flags, options);
    av_dict_free(&own);
    if (code < 0 || *io == nullptr)
        return code;
    if (auto judged = self.judgeRedirect(*io, address); !judged) {
        self.refusal = judged.error();
        self.closeDefault(context, *io);
        *io = nullptr;
        return AVERROR(EACCES);
    }
    self.believe(context, *io);
    const bool endless = self.settings.kind == LiveKind::Stream;
    self.opened.push_back({*io, endless                  ? std::int64_t{1} << 62
                                : isPiece(QUrl(address)) ? mostPieceBytes
                                                         : mostPlaylistBytes});
    return code;
}

int closeRequest(AVFormatContext* context, AVIOContext* io)
{
    auto& self = *static_cast<LiveReader::Impl*>(context->opaque);
    if (io != nullptr)
        self.closedBytes += io->bytes_read;
    std::erase_if(self.opened, [&](const auto& one) { return one.io == io; });
    return self.closeDefault(context, io);
}

} // namespace

bool LiveReader::Impl::mustStop()
{
    if (settings.isCancelled && settings.isCancelled())
        return true;
    const auto now = Steady::now();
    std::int64_t seen = closedBytes;
    for (const Opened& one : opened) {
        seen += one.io->bytes_read;
        tooMuch = tooMuch || one.io->bytes_read > one.limit;
    }
    tooMuch =
        tooMuch || (isOpening && seen > mostBytesBeforeSound + (settings.kind == LiveKind::Hls ? mostPieceBytes : 0));
    if (std::exchange(bytesSeen, seen) != seen)
        lastByte = now;
    return tooMuch || now - lastByte > settings.stallAfter ||
           (isOpening ? now > openUntil : now - askedAt > 2 * settings.stallAfter);
}

// Scheme and host, before anything is sent there.
Result<void> LiveReader::Impl::judge(const QString& address) const
{
    const QUrl url(address, QUrl::StrictMode);
    const QString scheme = url.scheme();
    const bool fits = settings.kind == LiveKind::Rtp ? scheme == u"rtp" : scheme == u"http" || scheme == u"https";
    if (!url.isValid() || !fits || url.host().isEmpty())
        return forbidden(shown(address).isEmpty() ? address.left(80) : shown(address),
                         "Nguồn dẫn tới một địa chỉ không phải http, https hoặc rtp; không mở.",
                         "The source leads to an address that is not http, https or rtp; it is not opened.");
    if (!settings.mayConnect)
        return {};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(url.host(QUrl::FullyEncoded).toLatin1().constData(), nullptr, &hints, &found);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, [](addrinfo* list) {
        if (list != nullptr)
            ::freeaddrinfo(list);
    });
    if (code != 0 || found == nullptr)
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Không tìm thấy máy \"%1\".").arg(url.host()),
                     QStringLiteral("There is no host \"%1\".").arg(url.host())},
                    shown(address));
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        if (!settings.mayConnect(*one->ai_addr))
            return forbidden(shown(address), "Cấu hình máy phát không cho tiếp sóng từ mạng của địa chỉ này.",
                             "The agent's configuration does not allow relays from this address's network.");
    }
    return {};
}

void LiveReader::Impl::believe(AVFormatContext* context, AVIOContext* io)
{
    std::uint8_t* raw = nullptr;
    if (settings.kind != LiveKind::Stream || !asksType || context->iformat != nullptr ||
        av_opt_get(io, "mime_type", AV_OPT_SEARCH_CHILDREN, &raw) < 0 || raw == nullptr)
        return;
    if (const char* name = containerOf(reinterpret_cast<const char*>(raw)))
        context->iformat = av_find_input_format(name); // libav then does not probe
    isByType = context->iformat != nullptr;
    if (isByType)
        openUntil -= (openUntil - Steady::now()) / 2; // the other half is for asking what it sends
    av_freep(&raw);
}

// libav has followed redirects by itself; where they ended must be allowed too, before anything of it is read.
Result<void> LiveReader::Impl::judgeRedirect(AVIOContext* io, const QString& address) const
{
    std::uint8_t* raw = nullptr;
    if (av_opt_get(io, "location", AV_OPT_SEARCH_CHILDREN, &raw) < 0 || raw == nullptr)
        return {};
    const QString location = QString::fromUtf8(reinterpret_cast<const char*>(raw));
    av_freep(&raw);
    return location.isEmpty() || location == address ? Result<void>{} : judge(location);
}

tl::unexpected<Error> LiveReader::Impl::failure(int code) const
{
    const QString where = shown(settings.address);
    if (refusal)
        return tl::unexpected(*refusal);
    if (tooMuch)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Nguồn gửi quá nhiều dữ liệu mà không có âm thanh."),
                     QStringLiteral("The source sends too much that is no sound.")},
                    where);
    if (code == AVERROR_EXIT)
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Nguồn không gửi âm thanh trong thời gian cho phép."),
                     QStringLiteral("The source sent no sound in the time allowed.")},
                    where);
    if (code == AVERROR_HTTP_NOT_FOUND)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Máy nguồn không có luồng này (404)."),
                     QStringLiteral("The host has no such stream (404).")},
                    where);
    if (code == AVERROR_INVALIDDATA)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Nguồn gửi dữ liệu không phải âm thanh đọc được."),
                     QStringLiteral("What the source sends is no sound that can be read.")},
                    where);
    if (code == AVERROR_EOF)
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Nguồn đã đóng kết nối."), QStringLiteral("The source has closed the connection.")},
                    where);
    if (code == AVERROR(EIO) && isOpening && QUrl(settings.address).scheme() == u"https")
        return fail(ErrorCategory::Unavailable,
                    {QStringLiteral("Không nối an toàn được với máy nguồn: chứng thư của máy không được hệ thống tin "
                                    "cho tên này, hoặc kết nối bị ngắt."),
                     QStringLiteral("No safe connection to the host: the system does not trust its certificate for "
                                    "this name, or the connection broke.")},
                    where);
    return fail(ErrorCategory::Unavailable,
                {QStringLiteral("Không nhận được luồng: %1").arg(reasonOf(code)),
                 QStringLiteral("The stream cannot be received: %1").arg(reasonOf(code))},
                where);
}

Result<void> LiveReader::Impl::openContainer()
{
    AVFormatContext* context = avformat_alloc_context();
    if (context == nullptr || !packet || !frame)
        return failure(AVERROR(ENOMEM));
    context->interrupt_callback = {&interrupt, this};
    context->opaque = this;
    openDefault = context->io_open;
    closeDefault = context->io_close2;
    context->io_open = &openRequest;
    context->io_close2 = &closeRequest;
    context->probesize = 256 * 1024;
    context->max_analyze_duration = 3 * AV_TIME_BASE;
    context->max_streams = 16;
    const Rules rules = rulesOf(settings.kind);
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", rules.protocols, 0);
    av_dict_set(&options, "format_whitelist", rules.containers, 0);
    av_dict_set(&options, "codec_whitelist", decoders, 0);
    if (settings.kind == LiveKind::Hls) {
        av_dict_set(&options, "allowed_extensions", "ts,aac,mp3,m4s,mp4,m4a,cmfa,m3u8,m3u", 0);
        av_dict_set(&options, "http_persistent", "0", 0); // every request goes through openRequest()
        av_dict_set(&options, "max_reload", "100", 0);
    }
    if (settings.kind != LiveKind::Rtp) {
        av_dict_set(&options, "user_agent", "Loa", 0);
        av_dict_set(&options, "rw_timeout", "5000000", 0); // microseconds: looks up from a hanging connection
        av_dict_set(&options, "multiple_requests", "0", 0);
    }
    const int code = avformat_open_input(&context, settings.address.toUtf8().constData(), nullptr, &options);
    av_dict_free(&options);
    container.reset(context);
    return code < 0 ? Result<void>(failure(code)) : Result<void>{};
}

Result<void> LiveReader::Impl::openCodec()
{
    if (const int probed = avformat_find_stream_info(container.get(), nullptr); probed < 0)
        return failure(probed);
    const int index = av_find_best_stream(container.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    if (index < 0)
        return failure(mustStop() ? AVERROR_EXIT : AVERROR_INVALIDDATA);
    stream = container->streams[index];
    for (unsigned other = 0; other < container->nb_streams; ++other) {
        if (container->streams[other] != stream)
            container->streams[other]->discard = AVDISCARD_ALL;
    }
    const AVCodec* decoder = avcodec_find_decoder(stream->codecpar->codec_id);
    codec.reset(decoder == nullptr ? nullptr : avcodec_alloc_context3(decoder));
    if (!codec)
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Không có bộ giải mã cho luồng này."),
                     QStringLiteral("There is no decoder for this stream.")},
                    shown(settings.address));
    if (const int code = avcodec_parameters_to_context(codec.get(), stream->codecpar); code < 0)
        return failure(code);
    codec->pkt_timebase = stream->time_base;
    codec->thread_count = 1;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "codec_whitelist", decoders, 0);
    const int code = avcodec_open2(codec.get(), decoder, &options);
    av_dict_free(&options);
    if (code < 0)
        return failure(code);
    info.codec = QString::fromUtf8(avcodec_get_name(stream->codecpar->codec_id));
    return {};
}

Result<void> LiveReader::Impl::feed()
{
    for (;;) {
        av_packet_unref(packet.get());
        // Between packets as well: a sender that is never waited for is asked for nothing else.
        if (mustStop())
            return failure(AVERROR_EXIT);
        const int code = av_read_frame(container.get(), packet.get());
        if (code == AVERROR(EAGAIN))
            continue;
        if (code < 0)
            return failure(code);
        lastByte = Steady::now(); // of RTP nothing else is counted
        if (packet->stream_index != stream->index)
            continue;
        const int sent = avcodec_send_packet(codec.get(), packet.get());
        if (sent >= 0) {
            return {};
        }
        if (++damaged > mostDamagedInARow)
            return failure(AVERROR_INVALIDDATA);
    }
}

Result<void> LiveReader::Impl::convert()
{
    const ChannelLayout now(frame->ch_layout);
    if (!resampler || !(now == layout) || frame->sample_rate != rate || frame->format != format) {
        if (frame->sample_rate < 4000 || frame->sample_rate > 192'000 || now.channels() < 1 || now.channels() > 16)
            return failure(AVERROR_INVALIDDATA);
        AVChannelLayout to = AV_CHANNEL_LAYOUT_MONO;
        SwrContext* raw = nullptr;
        swr_alloc_set_opts2(&raw, &to, AV_SAMPLE_FMT_FLT, static_cast<int>(loa::sampleRate),
                            const_cast<AVChannelLayout*>(&now.get()), static_cast<AVSampleFormat>(frame->format),
                            frame->sample_rate, 0, nullptr);
        resampler.reset(raw);
        if (raw == nullptr)
            return failure(AVERROR(ENOMEM));
        av_opt_set_double(raw, "rematrix_maxval", 1.0, 0);
        av_opt_set_int(raw, "internal_sample_fmt", AV_SAMPLE_FMT_FLTP, 0);
        av_opt_set_int(raw, "flags", SWR_FLAG_RESAMPLE, 0); // also at 48 kHz, so that drift can be followed
        if (const int code = swr_init(raw); code < 0)
            return failure(code);
        layout = now;
        rate = frame->sample_rate;
        format = frame->format;
        info.sampleRate = rate;
        info.channels = layout.channels();
        applyDrift();
    }
    const int room = swr_get_out_samples(resampler.get(), frame->nb_samples) + 64;
    mono.resize(static_cast<std::size_t>(std::max(room, 0)));
    std::array<std::uint8_t*, 1> to{reinterpret_cast<std::uint8_t*>(mono.data())};
    const int given = swr_convert(resampler.get(), to.data(), room,
                                  const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples);
    if (given < 0)
        return failure(given);
    mono.resize(static_cast<std::size_t>(given));
    for (float& sample : mono)
        sample = std::isfinite(sample) ? std::clamp(sample, -largestSample, largestSample) : 0.0F;
    return {};
}

void LiveReader::Impl::applyDrift()
{
    // For longer than anybody relays without setting it anew.
    if (resampler)
        swr_set_compensation(resampler.get(), drift * 600, static_cast<int>(loa::sampleRate) * 600);
}

Result<void> LiveReader::Impl::next()
{
    for (;;) {
        const int code = avcodec_receive_frame(codec.get(), frame.get());
        if (code == AVERROR(EAGAIN)) {
            if (auto fed = feed(); !fed)
                return fed;
            continue;
        }
        if (code < 0) {
            if (code == AVERROR_EOF || ++damaged > mostDamagedInARow)
                return failure(code);
            continue;
        }
        if (frame->nb_samples <= 0 || frame->ch_layout.nb_channels <= 0 || frame->sample_rate <= 0)
            continue;
        damaged = 0;
        if (auto converted = convert(); !converted || !mono.empty())
            return converted;
    }
}

LiveReader::LiveReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
LiveReader::LiveReader(LiveReader&&) noexcept = default;
LiveReader& LiveReader::operator=(LiveReader&&) noexcept = default;
LiveReader::~LiveReader() = default;

Result<LiveReader> LiveReader::open(LiveSettings settings)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    av_max_alloc(largestAllocation);
    auto impl = std::make_unique<Impl>(settings);
    const auto until = impl->openUntil;
    auto begun = impl->begin();
    // Where the sender's word led nowhere, what it sends is asked.
    if (!begun && impl->isByType && begun.error().category != ErrorCategory::Forbidden) {
        impl = std::make_unique<Impl>(std::move(settings));
        impl->openUntil = until;
        impl->asksType = false;
        begun = impl->begin();
    }
    if (!begun)
        return passOn(begun);
    return LiveReader(std::move(impl));
}

Result<void> LiveReader::Impl::begin()
{
    if (auto judged = judge(settings.address); !judged)
        return judged;
    if (auto done = openContainer(); !done)
        return done;
    if (auto done = openCodec(); !done)
        return done;
    if (auto done = next(); !done)
        return done;
    isOpening = false;
    return {};
}

const LiveInfo& LiveReader::info() const
{
    return m_impl->info;
}

Result<std::span<const float>> LiveReader::read()
{
    if (m_impl->mono.empty()) {
        m_impl->askedAt = Steady::now();
        if (auto done = m_impl->next(); !done)
            return passOn(done);
    }
    std::swap(m_impl->mono, m_impl->lent);
    m_impl->mono.clear();
    return std::span<const float>(m_impl->lent);
}

void LiveReader::setDrift(int frames)
{
    m_impl->drift = std::clamp(frames, -longestDrift, longestDrift);
    m_impl->applyDrift();
}

} // namespace loa::media
