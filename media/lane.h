// One thread that works through blocks of samples in order, behind a short queue.
//
// Thread: give() and finish() belong to one thread, the work runs on the lane's own. give() blocks while the queue is
// full, so memory stays flat. A block may be given to several lanes; it is never changed. Failure: the first error of
// the work ends it; later blocks are dropped, and finish() hands the error on. The destructor waits for the thread;
// blocks not yet worked on are dropped.
#pragma once

#include "media/error.h"

#include <queue>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace loa::media {

class Lane {
public:
    using Block = std::shared_ptr<const std::vector<float>>;
    using Work = std::function<Result<void>(std::span<const float>)>;

    explicit Lane(Work work);
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    void give(Block block);
    // All blocks are worked on, or one has failed.
    [[nodiscard]] Result<void> finish();

private:
    void run();

    Work m_work;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::queue<Block> m_queue;
    bool m_ended = false;
    bool m_dropped = false;
    std::optional<Error> m_failure;
    std::thread m_thread;
};

// Gathers small spans into blocks of a fair size for lanes.
class LaneFeeder {
public:
    explicit LaneFeeder(std::vector<Lane*> lanes) : m_lanes(std::move(lanes)) {}
    void add(std::span<const float> samples);
    void flush();

private:
    std::vector<Lane*> m_lanes;
    std::shared_ptr<std::vector<float>> m_block;
};

} // namespace loa::media
