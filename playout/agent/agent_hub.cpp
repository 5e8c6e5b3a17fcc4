#include "playout/agent/agent_hub.h"

#include "playout/agent/log.h"

#include <algorithm>
#include <atomic>

namespace loa::playout {

struct AgentHub::Place {
    Seat seat;
    std::optional<Error> trouble = {};
    std::chrono::nanoseconds openDue{0};
    UtcTime due = {};
    std::atomic<bool> woken = true;
    std::unique_ptr<SeatedAgent> seated = {}; // last: its wakers set what stands above
};

AgentHub::AgentHub(const Clock& clock, std::vector<Seat> seats) : m_clock(clock)
{
    for (Seat& seat : seats) {
        m_places.push_back(std::make_unique<Place>());
        m_places.back()->seat = std::move(seat);
    }
}

AgentHub::~AgentHub() = default;

void AgentHub::open(Place& place)
{
    const auto waker = [this, &place] {
        place.woken = true;
        if (m_waker)
            m_waker();
    };
    auto opened = place.seat.open(waker);
    if (!opened) {
        const QString words = describe(opened.error());
        if (!place.trouble || describe(*place.trouble) != words)
            qCCritical(agentLog).noquote().nospace()
                << "station-not-played station="
                << (place.seat.stations.empty() ? QString() : place.seat.stations.front().value) << " " << words;
        place.trouble = opened.error();
        place.openDue = m_clock.monotonic() + tryAgainAfter;
        return;
    }
    place.trouble.reset();
    place.seated = *std::move(opened);
    place.seated->agent().setWaker(waker);
    place.woken = true;
}

Result<void> AgentHub::step()
{
    const auto monotonic = m_clock.monotonic();
    for (const auto& place : m_places) {
        if (!place->seated && place->openDue <= monotonic)
            open(*place);
    }
    const bool anyIsOpen =
        std::any_of(m_places.begin(), m_places.end(), [](const auto& place) { return place->seated != nullptr; });
    if (std::exchange(m_isFirst, false) && !anyIsOpen && !m_places.empty())
        return tl::unexpected(*m_places.front()->trouble);
    const bool all = m_allDue <= monotonic;
    if (all)
        m_allDue = monotonic + longestSleep;
    for (const auto& place : m_places) {
        if (!place->seated)
            continue;
        const bool woken = place->woken.exchange(false);
        if (!all && !woken && place->due > m_clock.now())
            continue;
        place->seated->agent().step();
        place->due = place->seated->agent().nextWake();
    }
    return {};
}

UtcTime AgentHub::nextWake() const
{
    const UtcTime now = m_clock.now();
    const auto untilAll = std::max(m_allDue - m_clock.monotonic(), std::chrono::nanoseconds(0));
    UtcTime next = now + std::chrono::ceil<Duration>(untilAll);
    for (const auto& place : m_places) {
        if (place->seated)
            next = std::min(next, place->woken ? now : place->due);
    }
    return std::max(next, now);
}

void AgentHub::stop()
{
    for (const auto& place : m_places) {
        if (place->seated)
            place->seated->agent().beginStop();
    }
    for (const auto& place : m_places) {
        if (place->seated)
            place->seated->agent().stop();
    }
}

AgentHealth AgentHub::health() const
{
    AgentHealth sum;
    bool isFirst = true;
    for (const auto& place : m_places) {
        if (place->trouble) {
            for (const StationId& station : place->seat.stations)
                sum.troubles.push_back({station, *place->trouble});
        }
        if (!place->seated)
            continue;
        AgentHealth one = place->seated->agent().health();
        if (std::exchange(isFirst, false) || one.clock == ClockState::Untrusted) {
            sum.clock = one.clock;
            sum.clockReason = one.clockReason;
        }
        sum.isClockContradicted |= one.isClockContradicted;
        if (one.schedulerClock)
            sum.schedulerClock = one.schedulerClock;
        sum.backlog += one.backlog;
        sum.unwritten += one.unwritten;
        sum.mediaMissing += one.mediaMissing;
        std::move(one.stations.begin(), one.stations.end(), std::back_inserter(sum.stations));
    }
    return sum;
}

} // namespace loa::playout
