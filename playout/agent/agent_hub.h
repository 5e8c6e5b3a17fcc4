// The agents of one process, one an identity: each with its own journal, line to the scheduler and stations. What
// befalls one stays with it: a seat that cannot be opened (its journal is damaged, say) is tried again every minute and
// told of in health(), while the others play. Only when none can be opened at the first step is that an error of the
// hub.
//
// Thread: the agents', except that wakers are called from any. Each agent is stepped when it is due or was woken, all
// at least once a second, since the time of day may be set at any moment (agent.h). Ownership: what a seat opens is the
// hub's. Destroying the hub without stop() is a power cut.
#pragma once

#include "playout/agent/agent.h"

namespace loa::playout {

// An agent and all that it needs for itself.
class SeatedAgent {
public:
    virtual ~SeatedAgent() = default;
    [[nodiscard]] virtual Agent& agent() = 0;
};

struct Seat {
    std::vector<StationId> stations;
    // `waker` is for its line to the scheduler.
    std::function<Result<std::unique_ptr<SeatedAgent>>(std::function<void()> waker)> open;
};

class AgentHub {
public:
    static constexpr std::chrono::seconds tryAgainAfter{60};
    static constexpr std::chrono::seconds longestSleep{1};

    AgentHub(const Clock& clock, std::vector<Seat> seats);
    ~AgentHub();

    // Called from any thread when step() should come soon. Before the first step.
    void setWaker(std::function<void()> waker) { m_waker = std::move(waker); }

    // Error: no seat could be opened at the first step; that of the first.
    [[nodiscard]] Result<void> step();
    // At most a second ahead.
    [[nodiscard]] UtcTime nextWake() const;
    void stop();
    // Of all agents: the worst clock, sums, all stations; and the troubles of seats.
    [[nodiscard]] AgentHealth health() const;

private:
    struct Place;
    void open(Place& place);

    const Clock& m_clock;
    std::function<void()> m_waker;
    std::vector<std::unique_ptr<Place>> m_places;
    std::chrono::nanoseconds m_allDue{0};
    bool m_isFirst = true;
};

} // namespace loa::playout
