#include "scheduler/commands/shutdown_signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace loa::commands {

namespace {

std::atomic<int> signalPipe = -1;

extern "C" void onShutdownSignal(int number)
{
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(number);
    if (::write(signalPipe, &byte, 1) < 0) {
        // The pipe is full: the event is on its way already.
    }
    errno = saved;
}

void setHandler(void (*handler)(int))
{
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART | (handler == &onShutdownSignal ? static_cast<int>(SA_RESETHAND) : 0);
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

} // namespace

Result<std::unique_ptr<ShutdownSignal>> ShutdownSignal::install(std::function<void(int)> act)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return tl::unexpected(library::systemError(errno, QStringLiteral("pipe")));
    std::unique_ptr<ShutdownSignal> made(new ShutdownSignal);
    made->m_read = library::FileHandle(ends[0]);
    made->m_write = library::FileHandle(ends[1]);
    made->m_notifier = std::make_unique<QSocketNotifier>(ends[0], QSocketNotifier::Read);
    QObject::connect(made->m_notifier.get(), &QSocketNotifier::activated, made->m_notifier.get(),
                     [read = ends[0], act = std::move(act)] {
                         unsigned char number = 0;
                         if (::read(read, &number, 1) == 1)
                             act(number);
                     });
    signalPipe = ends[1];
    setHandler(&onShutdownSignal);
    return made;
}

ShutdownSignal::~ShutdownSignal()
{
    setHandler(SIG_DFL);
    signalPipe = -1;
}

} // namespace loa::commands
