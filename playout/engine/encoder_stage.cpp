#include "playout/engine/encoder_stage.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace loa::playout {

EncoderStage::EncoderStage(const EncodingKey& key, EncodingShare* share)
    : m_key(key), m_gain(static_cast<float>(std::pow(10.0, key.gainDb / 20.0)))
{
    if (share) {
        EncodingKey shared = key;
        shared.encoder.standAlone = true;
        m_shared.emplace(*share, shared);
    }
}

void EncoderStage::rest()
{
    m_encoder.reset();
    if (m_shared)
        m_shared->rest();
}

std::unique_ptr<EncoderStage> EncoderStage::copy() const
{
    assert(m_shared);
    std::unique_ptr<EncoderStage> twin(new EncoderStage(m_key, nullptr));
    twin->m_shared.emplace(*m_shared);
    twin->m_given = m_given;
    return twin;
}

bool EncoderStage::isLike(const EncoderStage& other) const
{
    return m_shared && other.m_shared && m_key == other.m_key && m_shared->isLike(*other.m_shared);
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
                             sink({packet.data, packet.from, packet.to - packet.from, packet.from < m_start});
                             return {};
                         });
    if (!written)
        m_encoder.reset();
    return written.has_value();
}

bool EncoderStage::writeShared(FrameCount position, std::span<const float> samples, const Sink& sink)
{
    const bool written = m_shared->write(position, samples, [&](const EncodingShare::Packet& packet) {
        m_given = packet.position + packet.frames;
        sink({packet.data, packet.position, packet.frames, packet.leadsIn});
    });
    m_runs.store(m_shared->runsBegun(), std::memory_order_relaxed);
    m_packets.store(m_shared->encoded(), std::memory_order_relaxed);
    return written;
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
