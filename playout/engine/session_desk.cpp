#include "playout/engine/session_desk.h"

#include <algorithm>

namespace loa::playout {

Result<void> SessionDesk::accept(Timeline timeline)
{
    if (timeline->airings().empty()) {
        m_observer.sessionEnded(m_station, timeline->session());
        return {};
    }
    const std::lock_guard lock(m_mutex);
    const auto clash = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) {
        const SessionTimeline& other = *entry.timeline;
        return other.session() == timeline->session() ||
               (other.startsAt() < timeline->endsAt() && timeline->startsAt() < other.endsAt());
    });
    if (clash != m_entries.end()) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Buổi phát trùng với một buổi đã nhận."),
                     QStringLiteral("The session overlaps one already accepted.")},
                    timeline->session().value);
    }
    const auto at =
        std::upper_bound(m_entries.begin(), m_entries.end(), timeline->startsAt(),
                         [](UtcTime start, const Entry& entry) { return start < entry.timeline->startsAt(); });
    m_entries.insert(at, Entry{std::move(timeline), m_outputs});
    return {};
}

Result<bool> SessionDesk::amend(Timeline timeline)
{
    const std::lock_guard lock(m_mutex);
    const auto isThis = [&](const Entry& entry) { return entry.timeline->session() == timeline->session(); };
    const auto entry = std::find_if(m_entries.begin(), m_entries.end(), isThis);
    if (entry == m_entries.end()) {
        return fail(
            ErrorCategory::NotFound,
            {QStringLiteral("Buổi phát này không còn phát."), QStringLiteral("The session is not there any more.")},
            timeline->session().value);
    }
    const bool clashes = std::any_of(m_entries.begin(), m_entries.end(), [&](const Entry& other) {
        return !isThis(other) && other.timeline->startsAt() < timeline->endsAt() &&
               timeline->startsAt() < other.timeline->endsAt();
    });
    if (clashes || timeline->startsAt() != entry->timeline->startsAt() || timeline->airings().empty()) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Buổi phát đã đổi trùng với buổi khác, hoặc bắt đầu lúc khác."),
                     QStringLiteral("The changed session overlaps another, or begins at another instant.")},
                    timeline->session().value);
    }
    entry->timeline = std::move(timeline);
    return entry->takenUp;
}

std::vector<SessionDesk::Timeline> SessionDesk::takeUp(UtcTime until)
{
    const std::lock_guard lock(m_mutex);
    std::vector<Timeline> taken;
    for (Entry& entry : m_entries) {
        if (!entry.takenUp && entry.timeline->startsAt() < until) {
            entry.takenUp = true;
            taken.push_back(entry.timeline);
        }
    }
    return taken;
}

bool SessionDesk::hasToTakeUp(UtcTime until) const
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_entries.begin(), m_entries.end(),
                       [&](const Entry& entry) { return !entry.takenUp && entry.timeline->startsAt() < until; });
}

void SessionDesk::remove(const SessionId& session)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_entries, [&](const Entry& entry) { return entry.timeline->session() == session; });
}

void SessionDesk::settle(const SessionId& session)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto entry = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& candidate) {
            return candidate.timeline->session() == session;
        });
        if (entry == m_entries.end() || --entry->openOutputs > 0)
            return;
    }
    // The observer hears of it before the session is gone: who waits for the desk to be empty has heard all.
    m_observer.sessionEnded(m_station, session);
    remove(session);
}

bool SessionDesk::isEmpty() const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.empty();
}

bool SessionDesk::hasTakenUp() const
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_entries.begin(), m_entries.end(), [](const Entry& entry) { return entry.takenUp; });
}

std::optional<UtcTime> SessionDesk::nextStart() const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.empty() ? std::nullopt : std::optional(m_entries.front().timeline->startsAt());
}

std::optional<UtcTime> SessionDesk::startOf(const SessionId& session) const
{
    const std::lock_guard lock(m_mutex);
    for (const Entry& entry : m_entries) {
        if (entry.timeline->session() == session)
            return entry.timeline->startsAt();
    }
    return std::nullopt;
}

} // namespace loa::playout
