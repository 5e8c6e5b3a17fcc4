#include "media/ffmpeg/live_network.h"

#include <QUrl>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <utility>

namespace loa::media::detail {

namespace {

constexpr std::int64_t mostPlaylistBytes = 512 * 1024;
constexpr std::int64_t mostPieceBytes = 8 * 1024 * 1024;
constexpr std::int64_t mostBytesBeforeSound = 4 * 1024 * 1024;
constexpr int descriptionBlock = 1024;

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

tl::unexpected<Error> forbidden(const QString& where, const char* vi, const char* en)
{
    return fail(ErrorCategory::Forbidden, {QString::fromUtf8(vi), QString::fromUtf8(en)}, where);
}

QString shown(const QString& address)
{
    return QUrl(address).toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment).left(200);
}

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Result<Addresses> addressesOf(const QUrl& url)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(url.host(QUrl::FullyEncoded).toLatin1().constData(), nullptr, &hints, &found);
    if (code == 0 && found != nullptr)
        return Addresses(found, &::freeaddrinfo);
    return fail(ErrorCategory::Unavailable,
                {QStringLiteral("Không tìm thấy máy \"%1\".").arg(url.host()),
                 QStringLiteral("There is no host \"%1\".").arg(url.host())},
                shown(url.toString()));
}

int readDescription(void* opaque, std::uint8_t* to, int size)
{
    QByteArrayView& rest = *static_cast<QByteArrayView*>(opaque);
    if (rest.isEmpty())
        return AVERROR_EOF;
    const qsizetype given = std::min<qsizetype>(size, rest.size());
    std::copy_n(rest.begin(), given, to);
    rest = rest.sliced(given);
    return static_cast<int>(given);
}

} // namespace

LiveNetwork::LiveNetwork(LiveSettings settings, Steady::time_point openUntil, Type type)
    : m_settings(std::move(settings)), m_type(type), m_openUntil(openUntil)
{
}

// Asked by libav in every wait for the network: anything but 0 ends it.
int LiveNetwork::interrupt(void* opaque)
{
    return static_cast<LiveNetwork*>(opaque)->mustStop() ? 1 : 0;
}

int LiveNetwork::openRequest(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                             AVDictionary** options)
{
    auto& self = *static_cast<LiveNetwork*>(context->opaque);
    const QString address = QString::fromUtf8(url);
    if ((flags & AVIO_FLAG_WRITE) != 0)
        return AVERROR(EACCES);
    if (auto judged = self.judge(address); !judged) {
        self.m_refusal = judged.error();
        return AVERROR(EACCES);
    }
    AVDictionary* own = nullptr;
    if (options == nullptr)
        options = &own;
    av_dict_set(options, "tls_verify", "1", 0); // off by default
    if (!self.m_settings.caFile.isEmpty())
        av_dict_set(options, "ca_file", self.m_settings.caFile.toUtf8().constData(), 0);
    const int code = self.m_openDefault(context, io, url, flags, options);
    av_dict_free(&own);
    if (code < 0 || *io == nullptr)
        return code;
    if (auto judged = self.judgeRedirect(*io, address); !judged) {
        self.m_refusal = judged.error();
        self.m_closeDefault(context, *io);
        *io = nullptr;
        return AVERROR(EACCES);
    }
    self.believe(context, *io);
    const bool endless = self.m_settings.kind == LiveKind::Stream;
    self.m_opened.push_back({*io, endless                  ? std::int64_t{1} << 62
                                  : isPiece(QUrl(address)) ? mostPieceBytes
                                                           : mostPlaylistBytes});
    return code;
}

int LiveNetwork::closeRequest(AVFormatContext* context, AVIOContext* io)
{
    auto& self = *static_cast<LiveNetwork*>(context->opaque);
    if (io != nullptr)
        self.m_closedBytes += io->bytes_read;
    std::erase_if(self.m_opened, [&](const auto& one) { return one.io == io; });
    return self.m_closeDefault(context, io);
}

bool LiveNetwork::mustStop()
{
    if (m_settings.isCancelled && m_settings.isCancelled())
        return true;
    const auto now = Steady::now();
    std::int64_t seen = m_closedBytes;
    for (const Opened& one : m_opened) {
        seen += one.io->bytes_read;
        m_tooMuch = m_tooMuch || one.io->bytes_read > one.limit;
    }
    m_tooMuch = m_tooMuch ||
                (m_isOpening && seen > mostBytesBeforeSound + (m_settings.kind == LiveKind::Hls ? mostPieceBytes : 0));
    if (std::exchange(m_bytesSeen, seen) != seen)
        m_lastByte = now;
    return m_tooMuch || now - m_lastByte > m_settings.stallAfter ||
           (m_isOpening ? now > m_openUntil : now - m_askedAt > 2 * m_settings.stallAfter);
}

// Scheme and host, before anything is sent there.
Result<void> LiveNetwork::judge(const QString& address) const
{
    const QUrl url(address, QUrl::StrictMode);
    const QString scheme = url.scheme();
    const bool fits = m_settings.kind == LiveKind::Rtp ? scheme == u"rtp" : scheme == u"http" || scheme == u"https";
    if (!url.isValid() || !fits || url.host().isEmpty())
        return forbidden(shown(address).isEmpty() ? address.left(80) : shown(address),
                         "Nguồn dẫn tới một địa chỉ không phải http, https hoặc rtp; không mở.",
                         "The source leads to an address that is not http, https or rtp; it is not opened.");
    if (!m_settings.mayConnect)
        return {};
    const auto found = addressesOf(url);
    if (!found)
        return passOn(found);
    for (const addrinfo* one = found->get(); one != nullptr; one = one->ai_next) {
        if (auto allowed = allow(*one->ai_addr, address); !allowed)
            return allowed;
    }
    return {};
}

Result<void> LiveNetwork::allow(const sockaddr& host, const QString& address) const
{
    if (!m_settings.mayConnect || m_settings.mayConnect(host))
        return {};
    return forbidden(shown(address), "Cấu hình máy phát không cho tiếp sóng từ mạng của địa chỉ này.",
                     "The agent's configuration does not allow relays from this address's network.");
}

void LiveNetwork::believe(AVFormatContext* context, AVIOContext* io)
{
    std::uint8_t* raw = nullptr;
    if (m_settings.kind != LiveKind::Stream || m_type == Type::Asked || context->iformat != nullptr ||
        av_opt_get(io, "mime_type", AV_OPT_SEARCH_CHILDREN, &raw) < 0 || raw == nullptr)
        return;
    if (const char* name = containerOf(reinterpret_cast<const char*>(raw)))
        context->iformat = av_find_input_format(name); // libav then does not probe
    m_isByType = context->iformat != nullptr;
    if (m_isByType)
        m_openUntil -= (m_openUntil - Steady::now()) / 2; // the other half is for asking what it sends
    av_freep(&raw);
}

// libav has followed redirects by itself; where they ended must be allowed too, before anything of it is read.
Result<void> LiveNetwork::judgeRedirect(AVIOContext* io, const QString& address) const
{
    std::uint8_t* raw = nullptr;
    if (av_opt_get(io, "location", AV_OPT_SEARCH_CHILDREN, &raw) < 0 || raw == nullptr)
        return {};
    const QString location = QString::fromUtf8(reinterpret_cast<const char*>(raw));
    av_freep(&raw);
    return location.isEmpty() || location == address ? Result<void>{} : judge(location);
}

tl::unexpected<Error> LiveNetwork::failure(int code) const
{
    const QString where = shown(m_settings.address);
    if (m_refusal)
        return tl::unexpected(*m_refusal);
    if (m_tooMuch)
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
    if (code == AVERROR(EIO) && m_isOpening && QUrl(m_settings.address).scheme() == u"https")
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

Result<InputPtr> LiveNetwork::open()
{
    if (auto judged = judge(m_settings.address); !judged)
        return passOn(judged);
    AVFormatContext* context = avformat_alloc_context();
    if (context == nullptr)
        return failure(AVERROR(ENOMEM));
    context->interrupt_callback = {&interrupt, this};
    context->opaque = this;
    m_openDefault = context->io_open;
    m_closeDefault = context->io_close2;
    context->io_open = &openRequest;
    context->io_close2 = &closeRequest;
    context->probesize = 256 * 1024;
    context->max_analyze_duration = 3 * AV_TIME_BASE;
    context->max_streams = 16;
    InputPtr owner(context);
    const AVInputFormat* format = nullptr;
    if (m_settings.rtp) {
        if (auto described = describeSession(context); !described)
            return passOn(described);
        format = av_find_input_format("sdp");
    }
    const Rules rules = rulesOf(m_settings.kind);
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", rules.protocols, 0);
    av_dict_set(&options, "format_whitelist", rules.containers, 0);
    av_dict_set(&options, "codec_whitelist", liveDecoders, 0);
    if (m_settings.kind == LiveKind::Hls) {
        av_dict_set(&options, "allowed_extensions", "ts,aac,mp3,m4s,mp4,m4a,cmfa,m3u8,m3u", 0);
        av_dict_set(&options, "http_persistent", "0", 0); // every request goes through openRequest()
        av_dict_set(&options, "max_reload", "100", 0);
    }
    if (m_settings.kind != LiveKind::Rtp) {
        av_dict_set(&options, "user_agent", "Loa", 0);
        av_dict_set(&options, "rw_timeout", "5000000", 0); // microseconds: looks up from a hanging connection
        av_dict_set(&options, "multiple_requests", "0", 0);
    }
    QByteArray address = m_settings.address.toUtf8();
    if (m_settings.kind == LiveKind::Rtp && !m_settings.localAddress.isEmpty()) {
        if (m_settings.rtp)
            av_dict_set(&options, "localaddr", m_settings.localAddress.toUtf8().constData(), 0);
        else
            address += "?localaddr=" + m_settings.localAddress.toUtf8();
    }
    AVFormatContext* opened = owner.release(); // libav frees it when it fails
    const int code = avformat_open_input(&opened, address.constData(), format, &options);
    av_dict_free(&options);
    owner.reset(opened);
    if (code < 0)
        return failure(code);
    return owner;
}

// libav is told of one session, made of what was checked: nothing of a stranger's description reaches it.
Result<void> LiveNetwork::describeSession(AVFormatContext* context)
{
    const QUrl url(m_settings.address, QUrl::StrictMode);
    const auto found = addressesOf(url);
    if (!found)
        return passOn(found);
    const sockaddr& host = *found->get()->ai_addr;
    if (auto allowed = allow(host, m_settings.address); !allowed) // the name was asked for once more
        return allowed;
    const bool isFour = host.sa_family == AF_INET;
    std::array<char, INET6_ADDRSTRLEN> number{};
    const void* bytes = isFour ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(host).sin_addr)
                               : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(host).sin6_addr);
    ::inet_ntop(host.sa_family, bytes, number.data(), number.size());
    m_description = QStringLiteral("v=0\r\no=- 0 0 IN %1 %2\r\ns=-\r\nc=IN %1 %2\r\nt=0 0\r\n"
                                   "m=audio %3 RTP/AVP %4\r\na=rtpmap:%5\r\n")
                        .arg(QLatin1String(isFour ? "IP4" : "IP6"), QLatin1String(number.data()))
                        .arg(url.port())
                        .arg(m_settings.rtp->payloadType)
                        .arg(toString(*m_settings.rtp))
                        .toLatin1();
    m_described = m_description;
    auto* buffer = static_cast<unsigned char*>(av_malloc(descriptionBlock));
    m_descriptionIo.reset(
        avio_alloc_context(buffer, descriptionBlock, 0, &m_described, &readDescription, nullptr, nullptr));
    if (!m_descriptionIo)
        return failure(AVERROR(ENOMEM));
    context->pb = m_descriptionIo.get();
    return {};
}

tl::unexpected<Error> LiveNetwork::failure(ErrorCategory category, const char* vi, const char* en) const
{
    return fail(category, {QString::fromUtf8(vi), QString::fromUtf8(en)}, shown(m_settings.address));
}

} // namespace loa::media::detail
