#include "playout/agent/old_log.h"

#include "playout/agent/log.h"

namespace loa::playout {

OldLog::OldLog(const LogPostSettings& settings, const Clock& clock, SchedulerLink& link, Journal& journal)
    : m_link(link), m_journal(journal),
      m_post(settings, clock, link, journal, [this](const QString&, const QString& reason, const QString& detail) {
          qCWarning(agentLog).noquote().nospace() << reason << " agent=" << agent().value << " " << detail;
      })
{
}

void OldLog::step()
{
    for (const LinkReply& reply : m_link.takeReplies()) {
        if (const auto* entries = std::get_if<EntriesReply>(&reply))
            m_post.handle(*entries);
    }
    m_post.send();
}

std::int64_t OldLog::backlog() const
{
    const JournalStanding standing = m_journal.standing();
    return standing.lastSequence - standing.acknowledged;
}

} // namespace loa::playout
