#include "playout/engine/hub.h"

#include <algorithm>

namespace loa::playout {

Hub::Hub(const Clock& clock, std::size_t stations) : m_origin(StreamClock(clock).origin())
{
    if (stations <= fewStations)
        return;
    for (unsigned count = std::max(std::thread::hardware_concurrency(), 1U); count > 0; --count) {
        m_pumps.push_back(std::make_unique<Pump>(true));
        m_outputs.push_back(std::make_unique<SharedOutputs>());
    }
}

Pump* Hub::pump()
{
    const auto least = std::min_element(m_pumps.begin(), m_pumps.end(), [](const auto& a, const auto& b) {
        return a->thread.size() < b->thread.size();
    });
    return least == m_pumps.end() ? nullptr : least->get();
}

SharedOutputs* Hub::outputs()
{
    const auto least = std::min_element(m_outputs.begin(), m_outputs.end(), [](const auto& a, const auto& b) {
        return a->thread.size() < b->thread.size();
    });
    return least == m_outputs.end() ? nullptr : least->get();
}

} // namespace loa::playout
