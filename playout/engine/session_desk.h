// Which sessions a player has accepted and how many outputs have yet to say their last word on each.
//
// Threads: any.
// Failure: none but play()'s Conflict.
#pragma once

#include "playout/engine/delivery.h"

#include <memory>
#include <mutex>
#include <vector>

namespace loa::playout {

class SessionDesk {
public:
    SessionDesk(StationId station, std::size_t outputs, DeliveryObserver& observer)
        : m_station(std::move(station)), m_outputs(outputs), m_observer(observer)
    {
    }

    using Timeline = std::shared_ptr<const SessionTimeline>;

    // Error: Conflict when it overlaps another or is one that is there. A session without segments ends at once.
    [[nodiscard]] Result<void> accept(Timeline timeline);
    // What is there of the same name becomes `timeline`. True: it has been taken up, and those who play it must hear of
    // it. Errors: NotFound; Conflict when it now overlaps another or begins at another instant.
    [[nodiscard]] Result<bool> amend(Timeline timeline);
    // Sessions that begin before `until` and have not been taken up; they count as taken up from now on. In order.
    [[nodiscard]] std::vector<Timeline> takeUp(UtcTime until);
    [[nodiscard]] bool hasToTakeUp(UtcTime until) const; // … has some
    void remove(const SessionId& session);
    // An output is done with it. Tells the observer when it was the last.
    void settle(const SessionId& session);

    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] bool hasTakenUp() const; // some session is taken up
    // The start of the earliest session; nullopt: none.
    [[nodiscard]] std::optional<UtcTime> nextStart() const;
    [[nodiscard]] std::optional<UtcTime> startOf(const SessionId& session) const;

private:
    struct Entry {
        Timeline timeline;
        std::size_t openOutputs;
        bool takenUp = false;
    };
    const StationId m_station;
    const std::size_t m_outputs;
    DeliveryObserver& m_observer;
    mutable std::mutex m_mutex;
    std::vector<Entry> m_entries; // by start
};

} // namespace loa::playout
