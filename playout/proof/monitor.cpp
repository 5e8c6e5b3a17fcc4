#include "playout/proof/monitor.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds firstPause = 1s;
constexpr std::chrono::milliseconds longestPauseBetween = 60s;
constexpr std::size_t mostNews = 1'000;

} // namespace

struct Monitor::Impl {
    Impl(const MonitorConfig& config, MonitorOpener open, MixTrace& trace, const Clock& time,
         std::function<void()> wakes)
        : url(config.url), opener(std::move(open)), clock(time), waker(std::move(wakes)), ear(config.ear, trace)
    {
    }

    void run();
    void listen(MonitorInput& input);
    void judge();
    void tell(MonitorNews news);
    void tellState(bool isOpen, const std::optional<Error>& error);
    void pause(std::chrono::milliseconds length);
    [[nodiscard]] bool isOver() const { return quit.load(std::memory_order_relaxed); }

    const QString url;
    const MonitorOpener opener;
    const Clock& clock;
    const std::function<void()> waker;
    MonitorEar ear; // the monitor's thread
    std::optional<bool> toldOpen;
    std::optional<Error> lastError;
    std::chrono::nanoseconds judgedAt{0};

    std::atomic<bool> quit = false;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<HeardQuestion> questions;
    std::vector<MonitorNews> news;
    std::thread thread;
};

Monitor::Monitor(const MonitorConfig& config, MonitorOpener opener, MixTrace& trace, const Clock& clock,
                 std::function<void()> waker)
    : m_output(config.output), m_impl(std::make_unique<Impl>(config, std::move(opener), trace, clock, std::move(waker)))
{
    m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
}

Monitor::~Monitor()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->quit = true;
    }
    m_impl->wake.notify_one();
    m_impl->thread.join();
}

void Monitor::ask(HeardQuestion question)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->questions.push_back(std::move(question));
}

std::vector<MonitorNews> Monitor::take()
{
    const std::lock_guard lock(m_impl->mutex);
    return std::exchange(m_impl->news, {});
}

void Monitor::Impl::run()
{
    prctl(PR_SET_NAME, "loa-monitor");
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
    std::chrono::milliseconds wait = firstPause;
    while (!isOver()) {
        auto input = opener(url, [this] { return isOver(); });
        if (input) {
            tellState(true, {});
            wait = firstPause;
            listen(**input);
            ear.interrupt();
            tellState(false, lastError);
        } else {
            tellState(false, input.error());
        }
        pause(wait);
        wait = std::min(wait * 2, longestPauseBetween);
    }
}

void Monitor::Impl::listen(MonitorInput& input)
{
    while (!isOver()) {
        const auto samples = input.read();
        if (!samples) {
            lastError = samples.error();
            return;
        }
        ear.hear(clock.now(), *samples);
        judge();
    }
}

// Ten times a second is enough.
void Monitor::Impl::judge()
{
    const std::chrono::nanoseconds now = clock.monotonic();
    if (now < judgedAt + 100ms)
        return;
    judgedAt = now;
    {
        const std::lock_guard lock(mutex);
        for (HeardQuestion& question : questions)
            ear.ask(std::move(question));
        questions.clear();
    }
    for (MonitorFinding& finding : ear.judge(clock.now()))
        std::visit([this](auto& one) { tell(std::move(one)); }, finding);
}

void Monitor::Impl::tell(MonitorNews one)
{
    {
        const std::lock_guard lock(mutex);
        if (news.size() < mostNews)
            news.push_back(std::move(one));
    }
    if (waker)
        waker();
}

void Monitor::Impl::tellState(bool isOpen, const std::optional<Error>& error)
{
    if (toldOpen == isOpen)
        return;
    toldOpen = isOpen;
    tell(MonitorState{isOpen, error});
}

// Judges on: what was asked while nothing arrives is answered, too.
void Monitor::Impl::pause(std::chrono::milliseconds length)
{
    const std::chrono::nanoseconds until = clock.monotonic() + length;
    while (!isOver() && clock.monotonic() < until) {
        judge();
        std::unique_lock lock(mutex);
        wake.wait_for(lock, 200ms, [this] { return isOver(); });
    }
}

} // namespace loa::playout
