// Why planned frames did not leave: words for LogEntry::reason. Values, any thread.
#pragma once

#include <QString>

#include <cstdint>

namespace loa::playout {

enum class Break : std::uint8_t {
    None,
    SourceFailed, // "source-failed": the file could not be read, or was shorter than planned, or altered
    SourceLate,   // "source-late": not decoded in time
    OutputDown,   // "output-down": device or peer not open
    OutputHung,   // "output-hung": device or peer stopped taking frames
    OutputLate,   // "output-late": frames too old to be worth sending
    LateStart,    // "late-start": the agent joined after the planned instant
    Stopped,      // "stopped": by command, or the agent was shut down
    Preempted,    // "pre-empted": something of higher priority sounded instead
};
[[nodiscard]] QString toString(Break why); // None: ""

} // namespace loa::playout
