#include "playout/engine/encoder_stage.h"

#include <algorithm>
#include <cmath>

namespace loa::playout {

EncoderStage::EncoderStage(const EncodingKey& key)
    : m_key(key), m_gain(static_cast<float>(std::pow(10.0, key.gainDb / 20.0)))
{
}

Result<std::unique_ptr<EncoderStage>> EncoderStage::create(const EncodingKey& key)
{
    // Also loads the libraries that it needs, so that no run waits for a disk.
    if (auto tried = media::createPacketEncoder(key.encoder); !tried)
        return passOn(tried);
    return std::unique_ptr<EncoderStage>(new EncoderStage(key));
}

bool EncoderStage::write(FrameCount position, std::span<const float> samples, const Sink& sink)
{
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
    if (m_key.gainDb != 0.0) {
        m_scaled.resize(samples.size());
        std::transform(samples.begin(), samples.end(), m_scaled.begin(),
                       [this](float sample) { return sample * m_gain; });
        samples = m_scaled;
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

Result<EncoderStage*> stageFor(std::vector<std::unique_ptr<EncoderStage>>& stages, const EncodingKey& key)
{
    const auto found =
        std::find_if(stages.begin(), stages.end(), [&](const auto& stage) { return stage->key() == key; });
    if (found != stages.end())
        return found->get();
    auto made = EncoderStage::create(key);
    if (!made)
        return passOn(made);
    stages.push_back(std::move(*made));
    return stages.back().get();
}

} // namespace loa::playout
