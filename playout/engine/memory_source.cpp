#include "playout/engine/source.h"

#include <algorithm>

namespace loa::playout {

namespace {

class MemorySource final : public Source {
public:
    MemorySource(std::shared_ptr<const std::vector<float>> samples, FrameCount planned) : m_samples(std::move(samples))
    {
        m_length = m_samples ? std::min(static_cast<std::int64_t>(m_samples->size()), planned.value) : 0;
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t given = skip(position, out.size());
        if (given > 0)
            std::copy_n(m_samples->begin() + static_cast<std::ptrdiff_t>(position.value), given, out.begin());
        return given;
    }

    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        const std::int64_t rest = std::max<std::int64_t>(m_length - position.value, 0);
        m_exhausted = rest == 0;
        return std::min(frames, static_cast<std::size_t>(rest));
    }

    Break failure() const override { return m_exhausted ? Break::SourceFailed : Break::None; }
    std::unique_ptr<Source> copy() const override { return std::make_unique<MemorySource>(*this); }

private:
    std::shared_ptr<const std::vector<float>> m_samples; // null: unknown
    std::int64_t m_length = 0;
    bool m_exhausted = false;
};

class SilenceSource final : public Source {
public:
    std::size_t read(FrameCount, std::span<float> out) override
    {
        std::fill(out.begin(), out.end(), 0.0F);
        return out.size();
    }
    std::size_t skip(FrameCount, std::size_t frames) override { return frames; }
    Break failure() const override { return Break::None; }
    std::unique_ptr<Source> copy() const override { return std::make_unique<SilenceSource>(); }
};

} // namespace

void MemorySourceFactory::add(const Sha256& sha256, std::vector<float> samples)
{
    m_items.emplace_back(sha256, std::make_shared<const std::vector<float>>(std::move(samples)));
}

std::unique_ptr<Source> MemorySourceFactory::open(const Segment& segment, FrameCount, Fetching)
{
    const auto item =
        std::find_if(m_items.begin(), m_items.end(), [&](const auto& entry) { return entry.first == segment.sha256; });
    return std::make_unique<MemorySource>(item == m_items.end() ? nullptr : item->second, segment.itemEnd());
}

std::unique_ptr<Source> SilenceSourceFactory::open(const Segment&, FrameCount, Fetching)
{
    return std::make_unique<SilenceSource>();
}

} // namespace loa::playout
