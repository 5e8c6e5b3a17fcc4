// The agent's log category: one line an event, "what key=value …". Any thread.
#pragma once

#include <QLoggingCategory>

namespace loa::playout {

Q_DECLARE_LOGGING_CATEGORY(agentLog)

} // namespace loa::playout
