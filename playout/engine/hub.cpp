#include "playout/engine/hub.h"

#include <algorithm>

namespace loa::playout {

Hub::Hub(const Clock& clock, std::size_t stations) : m_origin(StreamClock(clock).origin())
{
    if (stations <= fewStations)
        return;
    for (unsigned count = std::max(std::thread::hardware_concurrency(), 1U); count > 0; --count) {
        m_pumps.push_back(std::make_unique<TaskThread>("loa-pump"));
        m_outputs.push_back(std::make_unique<TaskThread>("loa-output"));
    }
}

TaskThread* Hub::leastBusy(const Threads& threads)
{
    const auto least = std::min_element(threads.begin(), threads.end(),
                                        [](const auto& a, const auto& b) { return a->size() < b->size(); });
    return least == threads.end() ? nullptr : least->get();
}

} // namespace loa::playout
