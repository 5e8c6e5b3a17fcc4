#include "playout/engine/encoder_stage.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace loa::playout {

namespace {

// Three times what a packet has on average: house files have a variable rate.
std::size_t largestKept(const media::EncoderSettings& encoder)
{
    return static_cast<std::size_t>(encoder.bitRate / 8 / 50) * 3;
}

} // namespace

EncoderStage::EncoderStage(const EncodingKey& key, EncodingShare* share)
    : m_key(key), m_gain(static_cast<float>(std::pow(10.0, key.gainDb / 20.0)))
{
    if (key.passes && !share) {
        m_own = std::make_unique<EncodingShare>();
        share = m_own.get();
    }
    if (share) {
        EncodingKey shared = key;
        shared.encoder.standAlone = true;
        shared.bundle = 1;
        m_shared.emplace(*share, shared);
    }
    if (key.passes) { // so that passing, which is all that the pump then does, takes no memory
        for (std::vector<std::byte>& packet : m_last)
            packet.reserve(largestKept(key.encoder));
    }
    if (key.bundle > 1) {
        m_bundle.emplace();
        m_bundle->reserve(largestKept(key.encoder));
    }
}

void EncoderStage::rest()
{
    m_isPassing = false;
    m_written = FrameCount{-1};
    m_encoder.reset();
    if (m_bundle)
        m_bundle->clear();
    if (m_shared)
        m_shared->rest();
}

std::unique_ptr<EncoderStage> EncoderStage::copy() const
{
    assert(m_shared);
    std::unique_ptr<EncoderStage> twin(new EncoderStage(m_key, nullptr));
    twin->m_shared.emplace(*m_shared);
    if (m_bundle)
        twin->m_bundle.emplace(*m_bundle);
    twin->m_bundleFrom = m_bundleFrom;
    twin->m_bundleTo = m_bundleTo;
    twin->m_given = m_given;
    twin->m_begun = m_begun;
    twin->m_written = m_written;
    twin->m_isPassing = m_isPassing;
    for (std::size_t index = 0; index < m_last.size(); ++index)
        twin->m_last[index].assign(m_last[index].begin(), m_last[index].end()); // in the room that it has
    twin->m_kept = m_kept;
    return twin;
}

bool EncoderStage::isLike(const EncoderStage& other) const
{
    return m_shared && other.m_shared && m_key == other.m_key && !m_isPassing && !other.m_isPassing &&
           m_bundle == other.m_bundle && (!m_bundle || m_bundle->isEmpty() || m_bundleFrom == other.m_bundleFrom) &&
           m_shared->isLike(*other.m_shared);
}

Result<std::unique_ptr<EncoderStage>> EncoderStage::create(const EncodingKey& key, EncodingShare* share)
{
    // Also loads the libraries that it needs, so that no run waits for a disk.
    if (auto tried = media::createPacketEncoder(key.encoder); !tried)
        return passOn(tried);
    return std::unique_ptr<EncoderStage>(new EncoderStage(key, share));
}

bool EncoderStage::write(FrameCount position, std::span<const float> samples, const Sink& sink)
{
    if (position != m_written) {
        rest();
        m_begun = position;
        m_kept = 0;
    }
    m_written = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    if (m_key.gainDb != 0.0) {
        m_scaled.resize(samples.size());
        std::transform(samples.begin(), samples.end(), m_scaled.begin(),
                       [this](float sample) { return sample * m_gain; });
        samples = m_scaled;
    }
    if (m_shared)
        return writeShared(position, samples, sink);
    if (m_encoder && m_encoder->next() != position)
        m_encoder.reset();
    if (!m_encoder) {
        m_start = m_given = position;
        if (m_bundle) // what the last one left in it has been given up
            m_bundle->clear();
        auto encoder = StreamEncoder::create(m_key.encoder, position);
        if (!encoder)
            return false;
        m_encoder.emplace(std::move(*encoder));
        m_runs.fetch_add(1, std::memory_order_relaxed);
    }
    const auto written =
        m_encoder->write({position, samples, FrameCount{static_cast<std::int64_t>(samples.size())}},
                         [&](const StreamPacket& packet) -> Result<void> {
                             m_packets.fetch_add(1, std::memory_order_relaxed);
                             m_given = std::max(m_given, packet.to);
                             give({packet.data, packet.from, packet.to - packet.from, packet.from < m_start}, sink);
                             return {};
                         });
    if (!written)
        m_encoder.reset();
    return written.has_value();
}

bool EncoderStage::writeShared(FrameCount position, std::span<const float> samples, const Sink& sink)
{
    const auto take = [&](const EncodingShare::Packet& packet) {
        m_given = packet.position + packet.frames;
        if (m_key.passes && !packet.leadsIn)
            keep(packet.data);
        give({packet.data, packet.position, packet.frames, packet.leadsIn}, sink);
    };
    const bool written = std::exchange(m_isPassing, false) ? m_shared->follow(position, hearAgain(), samples, take)
                                                           : m_shared->write(position, samples, take);
    m_runs.store(m_shared->runsBegun(), std::memory_order_relaxed);
    m_packets.store(m_shared->encoded(), std::memory_order_relaxed);
    if (!written)
        m_written = FrameCount{-1};
    return written;
}

void EncoderStage::pass(FrameCount position, std::span<const std::byte> packet, const Sink& sink)
{
    if (!std::exchange(m_isPassing, true))
        m_shared->rest();
    m_written = m_given = position + passedFrames;
    keep(packet);
    m_passed.fetch_add(1, std::memory_order_relaxed);
    give({packet, position, passedFrames, false}, sink);
}

void EncoderStage::give(const Packet& packet, const Sink& sink)
{
    if (!m_bundle || packet.leadsIn)
        return sink(packet);
    if (!m_bundle->isEmpty() && packet.position == m_bundleTo && m_bundle->add(packet.data)) {
        m_bundleTo += packet.frames;
    } else {
        if (!m_bundle->isEmpty())
            giveBundle(sink);
        if (!m_bundle->add(packet.data)) // too large to go with any other
            return sink(packet);
        m_bundleFrom = packet.position;
        m_bundleTo = packet.position + packet.frames;
    }
    if (m_bundleTo.value % (m_key.bundle * packet.frames.value) == 0)
        giveBundle(sink);
}

void EncoderStage::giveBundle(const Sink& sink)
{
    sink({m_bundle->take(), m_bundleFrom, m_bundleTo - m_bundleFrom, false});
}

void EncoderStage::keep(std::span<const std::byte> packet)
{
    m_last[m_kept++ % m_last.size()].assign(packet.begin(), packet.end());
}

std::vector<float> EncoderStage::hearAgain()
{
    if (!m_decoder) {
        auto decoder = media::SpeechDecoder::create();
        if (!decoder)
            return {};
        m_decoder = std::move(*decoder);
    }
    m_decoder->restart();
    const std::size_t count = std::min(m_kept, m_last.size());
    const std::size_t heard = std::min(count, encodedAgain);
    std::vector<float> samples(heard * media::SpeechDecoder::frame);
    std::array<float, media::SpeechDecoder::frame> block;
    for (std::size_t index = 0; index < count; ++index) {
        const std::vector<std::byte>& packet = m_last[(m_kept - count + index) % m_last.size()];
        m_decoder->decode({reinterpret_cast<const std::uint8_t*>(packet.data()), packet.size()}, block);
        if (index >= count - heard)
            std::copy(block.begin(), block.end(),
                      samples.begin() + static_cast<std::ptrdiff_t>((index - (count - heard)) * block.size()));
    }
    return samples;
}

Result<EncoderStage*> stageFor(std::vector<std::unique_ptr<EncoderStage>>& stages, const EncodingKey& key,
                               EncodingShare* share)
{
    const auto found =
        std::find_if(stages.begin(), stages.end(), [&](const auto& stage) { return stage->key() == key; });
    if (found != stages.end())
        return found->get();
    auto made = EncoderStage::create(key, share);
    if (!made)
        return passOn(made);
    stages.push_back(std::move(*made));
    return stages.back().get();
}

} // namespace loa::playout
