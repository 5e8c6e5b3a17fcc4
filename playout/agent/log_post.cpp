#include "playout/agent/log_post.h"

#include "playout/agent/log.h"

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

constexpr int probeBatch = 5;

}

LogPost::LogPost(const LogPostSettings& settings, const Clock& clock, SchedulerLink& link, Journal& journal, Note note)
    : m_settings(settings), m_clock(clock), m_link(link), m_journal(journal), m_note(std::move(note)),
      m_errand(settings.longestPause, settings.seed), m_sendFrom(journal.standing().acknowledged + 1)
{
}

std::optional<std::chrono::nanoseconds> LogPost::nextDue() const
{
    if (m_journal.standing().lastSequence < m_sendFrom || m_errand.underWay)
        return std::nullopt;
    return std::max(m_errand.due, m_backlogSince.value_or(m_clock.monotonic()) + m_settings.upload);
}

void LogPost::send()
{
    const auto now = m_clock.monotonic();
    const JournalStanding standing = m_journal.standing();
    if (standing.lastSequence < m_sendFrom) {
        m_backlogSince.reset();
        return;
    }
    if (!m_backlogSince)
        m_backlogSince = now;
    const bool full = standing.lastSequence - m_sendFrom + 1 >= m_settings.batch;
    if (m_errand.underWay || m_errand.due > now || (!full && *m_backlogSince + m_settings.upload > now))
        return;
    // After a failure a few feel the way: nobody reads and signs off hundreds for a network that is not there.
    const int batch = m_errand.backoff.failures() > 0 ? std::min(m_settings.batch, probeBatch) : m_settings.batch;
    const auto entries = m_journal.entries(m_sendFrom, batch);
    if (!entries || entries->empty()) {
        if (!entries && !std::exchange(m_isUnreadableSaid, true))
            qCCritical(agentLog).noquote().nospace() << "journal-unreadable " << describe(entries.error());
        finish(false);
        return;
    }
    m_isUnreadableSaid = false;
    m_errand.underWay = true;
    m_sentThrough = std::max(m_sentThrough, entries->back().entry.sequence);
    m_link.sendEntries(*entries);
}

void LogPost::handle(const EntriesReply& reply)
{
    if (!reply.receipt) {
        qCWarning(agentLog).noquote().nospace() << "log-not-sent " << describe(reply.receipt.error());
        finish(false);
        return;
    }
    const std::int64_t through = reply.receipt->acknowledgedThrough;
    const std::int64_t known = m_journal.standing().acknowledged;
    if (through < 0 || through > std::max(m_sentThrough, known)) {
        m_note(u"acknowledged"_s, u"acknowledgement-refused"_s,
               u"acknowledged %1, sent %2"_s.arg(through).arg(m_sentThrough));
        finish(false);
        return;
    }
    for (const RejectedEntry& rejected : reply.receipt->rejected)
        m_note(u"rejected:%1"_s.arg(rejected.sequence), u"entry-rejected"_s,
               u"sequence %1: %2: %3"_s.arg(rejected.sequence).arg(rejected.category, rejected.message));
    if (auto kept = m_journal.acknowledge(through); !kept)
        qCWarning(agentLog).noquote().nospace() << "acknowledgement-not-kept " << describe(kept.error());
    const bool forward = through + 1 > m_sendFrom;
    // A scheduler that lost some of it (restored from an older backup) gets it again.
    m_sendFrom = through + 1;
    if (forward)
        m_backlogSince.reset();
    finish(forward);
}

} // namespace loa::playout
