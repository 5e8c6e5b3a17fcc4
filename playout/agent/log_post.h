// Sends a journal's entries to the scheduler until each is acknowledged, in batches, a few at a time while that fails.
// Thread: the agent's. Ownership: borrows clock, link and journal. Failure: tried again; what an inspector will ask
// about is told to `note`.
#pragma once

#include "playout/agent/errand.h"
#include "playout/journal/journal.h"
#include "playout/link/scheduler_link.h"
#include "scheduler/contract/clock.h"

#include <functional>
#include <optional>

namespace loa::playout {

struct LogPostSettings {
    std::chrono::seconds upload{2}; // entries wait at most so long for company
    int batch = 200;
    std::chrono::seconds longestPause{600};
    std::uint64_t seed = 0;
};

class LogPost {
public:
    // What went wrong with an answer: what about, the log's word, the details.
    using Note = std::function<void(const QString& subject, const QString& reason, const QString& detail)>;

    LogPost(const LogPostSettings& settings, const Clock& clock, SchedulerLink& link, Journal& journal, Note note);

    void send();
    void handle(const EntriesReply& reply);
    void hurry() { m_errand.hurry(m_clock.monotonic()); }
    // Monotonic; none: when there is something to send, or its answer.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> nextDue() const;

private:
    void finish(bool good) { m_errand.finish(good, std::chrono::seconds(0), m_clock.monotonic()); }

    const LogPostSettings m_settings;
    const Clock& m_clock;
    SchedulerLink& m_link;
    Journal& m_journal;
    Note m_note;
    Errand m_errand;
    std::int64_t m_sendFrom = 1; // next sequence to send
    std::int64_t m_sentThrough = 0;
    std::optional<std::chrono::nanoseconds> m_backlogSince;
    bool m_isUnreadableSaid = false;
};

} // namespace loa::playout
