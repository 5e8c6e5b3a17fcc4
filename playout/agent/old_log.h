// The log of an identity that plays nothing any more, since its stations have others now: sent until the scheduler has
// all of it. Thread: the agents'. Ownership: borrows journal and link. Failure: tried again with growing pauses.
#pragma once

#include "playout/agent/log_post.h"

namespace loa::playout {

class OldLog {
public:
    OldLog(const LogPostSettings& settings, const Clock& clock, SchedulerLink& link, Journal& journal);

    void step();
    [[nodiscard]] std::int64_t backlog() const;
    [[nodiscard]] const AgentId& agent() const { return m_journal.agent(); }

private:
    SchedulerLink& m_link;
    Journal& m_journal;
    LogPost m_post;
};

} // namespace loa::playout
