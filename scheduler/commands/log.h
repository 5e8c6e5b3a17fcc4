// The program's log: every message of every domain (Qt's logging categories "loa.…") becomes one line on standard
// error, "time level domain key=value …"; under systemd the time is left to the journal. A line that repeats is shown a
// few times a minute, then counted. Threads: any.
#pragma once

#include "scheduler/commands/settings.h"
#include "scheduler/contract/clock.h"

#include <QHash>
#include <QString>

#include <chrono>
#include <deque>
#include <optional>

namespace loa::commands {

// Decides what is shown. Not thread-safe.
class RepeatFilter {
public:
    static constexpr int shownPerWindow = 3;
    static constexpr std::chrono::seconds window{60};
    static constexpr qsizetype remembered = 1000; // different lines; beyond that the oldest are forgotten

    struct Verdict {
        bool show = false;
        int suppressed = 0; // of this line, since it was last shown
    };
    [[nodiscard]] Verdict judge(const QString& line, std::chrono::nanoseconds monotonic);

private:
    struct Seen {
        std::chrono::nanoseconds windowStart{0};
        int inWindow = 0;
        int suppressed = 0;
    };
    QHash<QString, Seen> m_seen;
    std::deque<QString> m_order; // of first sight
};

// From now on; `clock` outlives the program's messages. Qt's own messages below warning are left out.
void installLog(LogLevel level, const Clock& clock);

} // namespace loa::commands
