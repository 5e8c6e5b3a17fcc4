// Where output threads leave word of what they delivered, for the agent's thread to write down: takes no disk time from
// anyone who plays. Several checkpoints of one airing become one. Threads: observer functions from any; take() and
// setWaker() from the agent's. Failure: none; what lies here and is not yet in the journal is lost with the power, and
// then not claimed.
#pragma once

#include "playout/engine/delivery.h"

#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace loa::playout {

struct AiringBegan {
    AiringRecord record;
};
struct AiringProgressed {
    AiringRecord record;
};
struct AiringEnded {
    AiringRecord record;
};
struct SessionEnded {
    StationId station;
    SessionId session;
};
using Delivery = std::variant<AiringBegan, AiringProgressed, AiringEnded, SessionEnded, OutputEvent>;

class DeliveryInbox final : public DeliveryObserver {
public:
    // Called, on the thread that delivers, when something arrives that should not wait for the next checkpoint.
    void setWaker(std::function<void()> waker);

    // Somebody else has something for the agent's thread. Any thread.
    void wake();

    // All that has arrived since the last call, in order.
    [[nodiscard]] std::vector<Delivery> take();

    void airingBegan(const AiringRecord& soFar) override;
    void airingProgress(const AiringRecord& soFar) override;
    void airingEnded(const AiringRecord& record) override;
    void sessionEnded(const StationId& station, const SessionId& session) override;
    void outputChanged(const OutputEvent& event) override;

private:
    void put(Delivery delivery);

    std::mutex m_mutex;
    std::vector<Delivery> m_deliveries;
    std::map<std::pair<QString, QString>, std::size_t>
        m_progress; // airing and output -> its checkpoint in m_deliveries
    std::function<void()> m_waker;
};

} // namespace loa::playout
