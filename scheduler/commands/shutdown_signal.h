// SIGTERM and SIGINT as an event: a handler may do next to nothing, so it writes one byte to a pipe that the event loop
// watches. One at a time in a program. Main thread.
#pragma once

#include "media/error.h"
#include "scheduler/library/disk.h"

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace loa::commands {

class ShutdownSignal {
public:
    // `act` runs on this thread's event loop; a second signal ends the program at once. Error: Internal.
    [[nodiscard]] static Result<std::unique_ptr<ShutdownSignal>> install(std::function<void(int signal)> act);
    ~ShutdownSignal();

private:
    ShutdownSignal() = default;

    library::FileHandle m_read;
    library::FileHandle m_write;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace loa::commands
