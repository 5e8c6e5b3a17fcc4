#include "media/codecs/house_packets.h"

#include <QFile>

#include <ogg/ogg.h>
#include <opus.h>

#include <cstring>

namespace loa::media {

namespace {

constexpr std::size_t blockBytes = 8192;
constexpr std::size_t largestPacket = 1275;       // of one frame (RFC 6716, 3.2.1)
constexpr std::int64_t longestHeader = 64 * 1024; // comments of a house file are short
constexpr std::size_t headBytes = 19;

class OggSync {
public:
    OggSync() { ogg_sync_init(&m_state); }
    ~OggSync() { ogg_sync_clear(&m_state); }
    OggSync(const OggSync&) = delete;
    OggSync& operator=(const OggSync&) = delete;
    ogg_sync_state* get() { return &m_state; }

private:
    ogg_sync_state m_state{};
};

class OggStream {
public:
    explicit OggStream(int serial) { ogg_stream_init(&m_state, serial); }
    ~OggStream() { ogg_stream_clear(&m_state); }
    OggStream(const OggStream&) = delete;
    OggStream& operator=(const OggStream&) = delete;
    ogg_stream_state* get() { return &m_state; }

private:
    ogg_stream_state m_state{};
};

Error damaged(const QString& path, const char* what)
{
    return Error{ErrorCategory::InvalidInput,
                 {QStringLiteral("Tệp âm thanh bị hỏng."), QStringLiteral("The sound file is damaged.")},
                 path + QStringLiteral(": ") + QString::fromLatin1(what)};
}

Error otherForm(const QString& path, const char* what)
{
    return Error{ErrorCategory::Unsupported,
                 {QStringLiteral("Tệp âm thanh không phải là Opus một kênh, gói 20 ms."),
                  QStringLiteral("The sound file is not mono Opus in packets of 20 ms.")},
                 path + QStringLiteral(": ") + QString::fromLatin1(what)};
}

} // namespace

struct HousePackets::Impl {
    explicit Impl(const QString& name) : path(name), file(name) {}

    QString path;
    QFile file;
    OggSync sync;
    std::optional<OggStream> stream;
    FrameCount begin;
    FrameCount next;
    std::int64_t unfinished = 0; // bytes of pages since a packet became whole
    bool isOver = false;
    std::optional<Error> failure;

    // The next page of the file into `page`; false at the end.
    Result<bool> readPage(ogg_page& page)
    {
        for (;;) {
            const int found = ogg_sync_pageout(sync.get(), &page);
            if (found == 1)
                return true;
            if (found < 0)
                return tl::unexpected(damaged(path, "no page where one should be"));
            char* room = ogg_sync_buffer(sync.get(), blockBytes);
            const qint64 got = room == nullptr ? -1 : file.read(room, blockBytes);
            if (got < 0) {
                return fail(ErrorCategory::Storage,
                            {QStringLiteral("Lỗi khi đọc tệp từ đĩa."),
                             QStringLiteral("The disk failed while the file was read.")},
                            path);
            }
            if (got == 0)
                return false;
            ogg_sync_wrote(sync.get(), static_cast<long>(got));
        }
    }

    // The next packet of the stream; false at its end.
    Result<bool> nextPacket(ogg_packet& packet)
    {
        for (;;) {
            const int found = stream ? ogg_stream_packetout(stream->get(), &packet) : 0;
            if (found == 1) {
                unfinished = 0;
                return true;
            }
            if (found < 0)
                return tl::unexpected(damaged(path, "a page is missing"));
            ogg_page page;
            const auto isThere = readPage(page);
            if (!isThere)
                return passOn(isThere);
            if (!*isThere)
                return false;
            if (ogg_page_bos(&page) != 0) {
                if (stream)
                    return tl::unexpected(otherForm(path, "a second stream"));
                stream.emplace(ogg_page_serialno(&page));
            }
            unfinished += page.body_len;
            if (!stream || unfinished > longestHeader || ogg_stream_pagein(stream->get(), &page) != 0)
                return tl::unexpected(damaged(path, "a page that does not belong there"));
        }
    }

    Result<void> readHeaders()
    {
        ogg_packet packet;
        const auto head = nextPacket(packet);
        if (!head)
            return tl::unexpected(head.error().category == ErrorCategory::InvalidInput ? otherForm(path, "not Ogg")
                                                                                       : head.error());
        if (!*head || static_cast<std::size_t>(packet.bytes) != headBytes ||
            std::memcmp(packet.packet, "OpusHead", 8) != 0)
            return tl::unexpected(otherForm(path, "not Opus"));
        const unsigned char* bytes = packet.packet;
        const bool isKnown = bytes[8] < 16;              // version, of which the low bits may grow
        if (!isKnown || bytes[9] != 1 || bytes[18] != 0) // channels, mapping family
            return tl::unexpected(otherForm(path, "not mono"));
        begin = next = FrameCount{-(bytes[10] + 256 * bytes[11])};
        const auto tags = nextPacket(packet);
        if (!tags)
            return passOn(tags);
        if (!*tags || packet.bytes < 8 || std::memcmp(packet.packet, "OpusTags", 8) != 0)
            return tl::unexpected(damaged(path, "no OpusTags"));
        return {};
    }
};

HousePackets::HousePackets(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
HousePackets::HousePackets(HousePackets&&) noexcept = default;
HousePackets& HousePackets::operator=(HousePackets&&) noexcept = default;
HousePackets::~HousePackets() = default;

Result<HousePackets> HousePackets::open(const QString& path)
{
    auto impl = std::make_unique<Impl>(path);
    if (!impl->file.open(QIODevice::ReadOnly | QIODevice::Unbuffered)) {
        return fail(impl->file.exists() ? ErrorCategory::Storage : ErrorCategory::NotFound,
                    {QStringLiteral("Không mở được tệp: %1").arg(impl->file.errorString()),
                     QStringLiteral("The file cannot be opened: %1").arg(impl->file.errorString())},
                    path);
    }
    if (auto headers = impl->readHeaders(); !headers)
        return passOn(headers);
    return HousePackets(std::move(impl));
}

FrameCount HousePackets::begin() const
{
    return m_impl->begin;
}

Result<std::optional<HousePackets::Packet>> HousePackets::read()
{
    Impl& self = *m_impl;
    if (self.failure)
        return tl::unexpected(*self.failure);
    if (self.isOver)
        return std::nullopt;
    ogg_packet packet;
    const auto found = self.nextPacket(packet);
    if (!found) {
        self.failure = found.error();
        return passOn(found);
    }
    if (!*found) {
        self.isOver = true;
        return std::nullopt;
    }
    const auto size = static_cast<std::size_t>(packet.bytes);
    const bool isHouse = size > 0 && size <= largestPacket && opus_packet_get_nb_channels(packet.packet) == 1 &&
                         opus_packet_get_nb_samples(packet.packet, static_cast<opus_int32>(size),
                                                    static_cast<opus_int32>(sampleRate)) == frames.value;
    if (!isHouse) {
        self.failure = otherForm(self.path, "a packet of other length");
        return tl::unexpected(*self.failure);
    }
    const FrameCount position = self.next;
    self.next += frames;
    return Packet{std::as_bytes(std::span(packet.packet, size)), position};
}

} // namespace loa::media
