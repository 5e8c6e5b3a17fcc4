#include "playout/agent/revocable_sources.h"

#include <algorithm>
#include <optional>

namespace loa::playout {
namespace {

class RevocableSource final : public Source {
public:
    RevocableSource(std::unique_ptr<Source> inner, std::shared_ptr<const std::atomic<bool>> revoked)
        : m_inner(std::move(inner)), m_revoked(std::move(revoked))
    {
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t given = m_inner->read(position, out.first(left(position, out.size())));
        if (m_end) {
            for (std::size_t index = 0; index < given; ++index)
                out[index] *=
                    equalPowerRise((*m_end - position).value - 1 - static_cast<std::int64_t>(index), softCut.value);
        }
        m_next = position + FrameCount{static_cast<std::int64_t>(given)};
        return given;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        const std::size_t given = m_inner->skip(position, left(position, frames));
        m_next = position + FrameCount{static_cast<std::int64_t>(given)};
        return given;
    }
    [[nodiscard]] Break failure() const override
    {
        return m_end && m_next >= *m_end ? Break::Stopped : m_inner->failure();
    }

private:
    // How many of `frames` from `position` on may still be given.
    std::size_t left(FrameCount position, std::size_t frames)
    {
        // What sounded up to here falls softly; what did not begin does not begin.
        if (!m_end && m_revoked->load(std::memory_order_relaxed))
            m_end = m_next == position ? position + softCut : position;
        if (!m_end)
            return frames;
        m_next = std::max(m_next, position);
        return static_cast<std::size_t>(
            std::clamp((*m_end - position).value, std::int64_t{0}, static_cast<std::int64_t>(frames)));
    }

    std::unique_ptr<Source> m_inner;
    std::shared_ptr<const std::atomic<bool>> m_revoked;
    FrameCount m_next{-1};           // behind the last frame given
    std::optional<FrameCount> m_end; // revoked: nothing from here on
};

} // namespace

std::unique_ptr<Source> RevocableSources::open(const Segment& segment, FrameCount from)
{
    return std::make_unique<RevocableSource>(m_inner.open(segment, from), flagOf(segment.airing));
}

void RevocableSources::revoke(const AiringId& airing)
{
    flagOf(airing)->store(true);
}

void RevocableSources::forget(const AiringId& airing)
{
    const std::lock_guard lock(m_mutex);
    m_revoked.erase(airing);
}

RevocableSources::Flag RevocableSources::flagOf(const AiringId& airing)
{
    const std::lock_guard lock(m_mutex);
    Flag& flag = m_revoked[airing];
    if (!flag)
        flag = std::make_shared<std::atomic<bool>>(false);
    return flag;
}

} // namespace loa::playout
