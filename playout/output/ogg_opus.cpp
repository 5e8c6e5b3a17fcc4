#include "playout/output/ogg_opus.h"

#include <QByteArray>

#include <array>
#include <cassert>

namespace loa::playout {

namespace {

// RFC 3533, section 6: polynomial 0x04c11db7, no reflection, start and final value 0.
constexpr std::array<std::uint32_t, 256> makeCrcTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t index = 0; index < 256; ++index) {
        std::uint32_t value = index << 24;
        for (int bit = 0; bit < 8; ++bit)
            value = (value << 1) ^ ((value & 0x80000000U) != 0 ? 0x04c11db7U : 0U);
        table[index] = value;
    }
    return table;
}

std::uint32_t oggCrc(std::span<const std::byte> page)
{
    static constexpr auto table = makeCrcTable();
    std::uint32_t crc = 0;
    for (const std::byte byte : page)
        crc = (crc << 8) ^ table[(crc >> 24) ^ std::to_integer<std::uint32_t>(byte)];
    return crc;
}

void appendLittleEndian(std::vector<std::byte>& bytes, std::uint64_t value, int count)
{
    for (int index = 0; index < count; ++index)
        bytes.push_back(static_cast<std::byte>(value >> (8 * index)));
}

void appendText(std::vector<std::byte>& bytes, std::string_view text)
{
    for (const char character : text)
        bytes.push_back(static_cast<std::byte>(character));
}

void appendCounted(std::vector<std::byte>& bytes, const QByteArray& text)
{
    appendLittleEndian(bytes, static_cast<std::uint64_t>(text.size()), 4);
    appendText(bytes, {text.constData(), static_cast<std::size_t>(text.size())});
}

} // namespace

std::vector<std::byte> OggOpusPager::headers(const std::vector<std::pair<QString, QString>>& tags)
{
    std::vector<std::byte> head;
    appendText(head, "OpusHead");
    appendLittleEndian(head, 1, 1); // version
    appendLittleEndian(head, static_cast<std::uint64_t>(m_channels), 1);
    appendLittleEndian(head, static_cast<std::uint64_t>(m_preSkip.value), 2);
    appendLittleEndian(head, static_cast<std::uint64_t>(sampleRate), 4);
    appendLittleEndian(head, 0, 2); // output gain
    appendLittleEndian(head, 0, 1); // mapping family
    std::vector<std::byte> comments;
    appendText(comments, "OpusTags");
    appendCounted(comments, QByteArrayLiteral("Loa"));
    appendLittleEndian(comments, tags.size(), 4);
    for (const auto& [name, value] : tags)
        appendCounted(comments, (name + u'=' + value).toUtf8());

    std::vector<std::byte> pages = makePage(head, 0, true);
    const std::vector<std::byte> second = makePage(comments, 0, false);
    pages.insert(pages.end(), second.begin(), second.end());
    return pages;
}

std::vector<std::byte> OggOpusPager::page(std::span<const std::byte> packet, FrameCount granule)
{
    return makePage(packet, granule.value, false);
}

std::vector<std::byte> OggOpusPager::makePage(std::span<const std::byte> packet, std::int64_t granule, bool first)
{
    const std::size_t segments = packet.size() / 255 + 1;
    assert(segments <= 255);
    std::vector<std::byte> page;
    page.reserve(27 + segments + packet.size());
    appendText(page, "OggS");
    appendLittleEndian(page, 0, 1); // version
    appendLittleEndian(page, first ? 2 : 0, 1);
    appendLittleEndian(page, static_cast<std::uint64_t>(granule), 8);
    appendLittleEndian(page, m_serial, 4);
    appendLittleEndian(page, m_pages++, 4);
    appendLittleEndian(page, 0, 4); // checksum, below
    appendLittleEndian(page, segments, 1);
    for (std::size_t index = 0; index + 1 < segments; ++index)
        appendLittleEndian(page, 255, 1);
    appendLittleEndian(page, packet.size() % 255, 1);
    page.insert(page.end(), packet.begin(), packet.end());
    const std::uint32_t crc = oggCrc(page);
    for (std::size_t index = 0; index < 4; ++index)
        page[22 + index] = static_cast<std::byte>(crc >> (8 * index));
    return page;
}

} // namespace loa::playout
