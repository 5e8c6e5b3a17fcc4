#include "media/ffmpeg/decoder.h"

#include <algorithm>

namespace loa::media {

Decoder::Decoder(SourceReader reader) : m_reader(std::move(reader)) {}

Result<Decoder> Decoder::open(const QString& path)
{
    auto reader = SourceReader::open(path);
    if (!reader)
        return passOn(reader);
    return Decoder(std::move(*reader));
}

Result<Decoder> Decoder::openDescriptor(int descriptor, const QString& name)
{
    auto reader = SourceReader::openDescriptor(descriptor, name);
    if (!reader)
        return passOn(reader);
    return Decoder(std::move(*reader));
}

// Leaves at least one frame pending, or the end.
Result<void> Decoder::fill()
{
    m_mono.clear();
    while (m_pending.empty() && !m_ended) {
        auto block = m_reader.read();
        if (!block)
            return passOn(block);
        if (m_tap && !block->empty()) {
            if (auto done = m_tap(*block); !done)
                return done;
        }
        const bool changed = block->sampleRate != m_rate || block->channels != m_channels;
        if (m_resampler && (block->empty() || changed)) {
            if (auto done = m_resampler->finish(m_mono); !done)
                return done;
            m_resampler.reset();
        }
        m_ended = block->empty();
        if (!m_ended) {
            m_rate = block->sampleRate;
            m_channels = block->channels;
            const bool asItIs = m_rate == loa::sampleRate && m_channels == 1;
            if (asItIs && m_mono.empty()) {
                m_pending = block->samples;
                return {};
            }
            if (asItIs) {
                m_mono.insert(m_mono.end(), block->samples.begin(), block->samples.end());
            } else {
                if (!m_resampler) {
                    auto resampler = MonoResampler::create(m_rate, m_channels);
                    if (!resampler)
                        return passOn(resampler);
                    m_resampler.emplace(std::move(*resampler));
                }
                if (auto done = m_resampler->write(block->samples, m_mono); !done)
                    return done;
            }
        }
        m_pending = m_mono;
    }
    return {};
}

Result<std::span<const float>> Decoder::read()
{
    if (m_failure)
        return tl::unexpected(*m_failure);
    if (m_pending.empty()) {
        if (auto done = fill(); !done) {
            m_failure = done.error();
            return passOn(done);
        }
    }
    const std::span<const float> block = m_pending;
    m_pending = {};
    m_position.value += static_cast<std::int64_t>(block.size());
    return block;
}

Result<FrameCount> Decoder::skip(FrameCount count)
{
    FrameCount skipped;
    while (skipped < count) {
        auto block = read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        const std::int64_t surplus = skipped.value + static_cast<std::int64_t>(block->size()) - count.value;
        if (surplus > 0) {
            m_pending = block->last(static_cast<std::size_t>(surplus));
            m_position.value -= surplus;
        }
        skipped.value += static_cast<std::int64_t>(block->size()) - std::max<std::int64_t>(surplus, 0);
    }
    return skipped;
}

} // namespace loa::media
