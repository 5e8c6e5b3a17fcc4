#include "media/codecs/opus_bundle.h"

#include <opus.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace loa::media {

namespace {

constexpr std::size_t mostPackets = 48;  // of 2.5 ms
constexpr std::size_t headerOfEach = 2;  // its length, of another length than its neighbours'
constexpr std::size_t headerOfWhole = 2; // what it is, and how many

} // namespace

struct OpusBundle::Repacketizer {
    Repacketizer() : state(opus_repacketizer_create())
    {
        if (!state)
            throw std::bad_alloc();
    }
    ~Repacketizer() { opus_repacketizer_destroy(state); }
    Repacketizer(const Repacketizer&) = delete;
    Repacketizer& operator=(const Repacketizer&) = delete;

    OpusRepacketizer* const state;
};

OpusBundle::OpusBundle() : m_repacketizer(std::make_unique<Repacketizer>()), m_packets(mostPackets)
{
    m_whole.reserve(most);
}

OpusBundle::~OpusBundle() = default;

OpusBundle::OpusBundle(const OpusBundle& other) : OpusBundle()
{
    for (std::size_t index = 0; index < m_packets.size(); ++index)
        m_packets[index].reserve(other.m_packets[index].capacity());
    for (std::size_t index = 0; index < other.m_count; ++index)
        static_cast<void>(add(other.m_packets[index]));
}

void OpusBundle::reserve(std::size_t bytes)
{
    // As many as leave together in the longest packet of 20 ms each.
    for (std::size_t index = 0; index < 6; ++index)
        m_packets[index].reserve(bytes);
}

bool OpusBundle::add(std::span<const std::byte> packet)
{
    const std::size_t bytes = m_bytes + packet.size() + headerOfEach;
    if (m_count == m_packets.size() || headerOfWhole + bytes > most)
        return false;
    std::vector<std::byte>& kept = m_packets[m_count];
    kept.assign(packet.begin(), packet.end());
    if (opus_repacketizer_cat(m_repacketizer->state, reinterpret_cast<const unsigned char*>(kept.data()),
                              static_cast<opus_int32>(kept.size())) != OPUS_OK)
        return false;
    ++m_count;
    m_bytes = bytes;
    return true;
}

std::span<const std::byte> OpusBundle::take()
{
    m_whole.resize(most);
    const opus_int32 size =
        opus_repacketizer_out(m_repacketizer->state, reinterpret_cast<unsigned char*>(m_whole.data()),
                              static_cast<opus_int32>(m_whole.size()));
    assert(size > 0); // add() has counted
    m_whole.resize(static_cast<std::size_t>(size));
    clear();
    return m_whole;
}

void OpusBundle::clear()
{
    opus_repacketizer_init(m_repacketizer->state);
    m_count = 0;
    m_bytes = 0;
}

bool OpusBundle::operator==(const OpusBundle& other) const
{
    return std::equal(m_packets.begin(), m_packets.begin() + static_cast<std::ptrdiff_t>(m_count),
                      other.m_packets.begin(), other.m_packets.begin() + static_cast<std::ptrdiff_t>(other.m_count));
}

} // namespace loa::media
