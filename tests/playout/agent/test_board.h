// A board with a battery clock, which may be ahead, or stop.
#pragma once

#include "playout/agent/board_clock.h"
#include "scheduler/contract/clock.h"

namespace loa::playout::test {

class TestBoard final : public BoardClock {
public:
    explicit TestBoard(const Clock& clock) : m_clock(clock) {}

    bool works = true;
    Duration ahead{0};
    [[nodiscard]] std::optional<UtcTime> now() const override
    {
        if (!works)
            return std::nullopt;
        return UtcTime(std::chrono::floor<std::chrono::seconds>(m_clock.now() + ahead));
    }

private:
    const Clock& m_clock;
};

} // namespace loa::playout::test
