// Small questions to a bundle's session that the station's desk asks in more than one place. Values, any thread.
#pragma once

#include "playout/journal/journal.h"
#include "scheduler/contract/bundle.h"

#include <algorithm>

namespace loa::playout {

inline UtcTime endOf(const BundleSession& session)
{
    return session.startsAt + toDuration(session.frames);
}

inline UtcTime startOf(const BundleSession& session, const BundleAiring& airing)
{
    return session.startsAt + toDuration(airing.offset);
}

inline const BundleSession* findSession(const Bundle& bundle, const SessionId& id)
{
    const auto found = std::find_if(bundle.sessions.begin(), bundle.sessions.end(),
                                    [&](const BundleSession& session) { return session.id == id; });
    return found == bundle.sessions.end() ? nullptr : &*found;
}

inline AiringEnd unplayed(const QString& reason, const QString& detail = {})
{
    AiringEnd end;
    end.outcome = Outcome::Missed;
    end.reason = reason;
    end.detail = detail;
    return end;
}

} // namespace loa::playout
