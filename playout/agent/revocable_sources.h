// Lets an item be taken off a running session without touching its neighbours: a source opened through here falls
// silent over `softCut` once its airing is revoked, from the next block on, so that what a new bundle withdrew is not
// heard any more (promise 1) and does not click. Threads: revoke() and open() from any; the sources as in source.h.
// `inner` outlives this, this outlives the player.
#pragma once

#include "playout/engine/source.h"

#include <QSet>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace loa::playout {

class RevocableSources final : public SourceFactory {
public:
    explicit RevocableSources(SourceFactory& inner) : m_inner(inner) {}

    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from) override;
    void revoke(const AiringId& airing);
    // The airing's session is over: forget it.
    void forget(const AiringId& airing);

private:
    using Flag = std::shared_ptr<std::atomic<bool>>;
    [[nodiscard]] Flag flagOf(const AiringId& airing);

    SourceFactory& m_inner;
    std::mutex m_mutex;
    std::map<AiringId, Flag> m_revoked;
};

} // namespace loa::playout
