#include "playout/agent/revocable_sources.h"

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
        return isRevoked() ? 0 : m_inner->read(position, out);
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        return isRevoked() ? 0 : m_inner->skip(position, frames);
    }
    [[nodiscard]] Break failure() const override { return isRevoked() ? Break::Stopped : m_inner->failure(); }

private:
    [[nodiscard]] bool isRevoked() const { return m_revoked->load(std::memory_order_relaxed); }

    std::unique_ptr<Source> m_inner;
    std::shared_ptr<const std::atomic<bool>> m_revoked;
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
