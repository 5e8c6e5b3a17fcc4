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
constexpr std::chrono::milliseconds longestPauseBetween = 15s;
constexpr auto steadyAfter = 30s; // an input that gave sound for so long is tried again soon
constexpr auto mostAhead = 60s;   // servers send some seconds at once, never so many
constexpr auto smallestStep = 500ms;
constexpr std::size_t mostNews = 1'000;

} // namespace

struct Monitor::Impl {
    Impl(MonitorConfig settings, MonitorOpener open, MixTrace& trace, const Clock& time, std::function<void()> wakes)
        : config(std::move(settings)), opener(std::move(open)), clock(time), waker(std::move(wakes)),
          ear(config.ear, trace)
    {
    }

    void run();
    void listen(MonitorInput& input);
    void judge();
    void noticeStep();
    void tell(MonitorNews news);
    void tellState(bool opened, const std::optional<Error>& error);
    void pause(std::chrono::milliseconds length);
    [[nodiscard]] bool isOver() const { return quit.load(std::memory_order_relaxed); }

    const MonitorConfig config;
    const MonitorOpener opener;
    const Clock& clock;
    const std::function<void()> waker;
    MonitorEar ear; // the monitor's thread
    std::optional<bool> toldOpen;
    std::optional<Error> lastError;
    std::chrono::nanoseconds judgedAt{0};
    std::optional<UtcTime> utcAtZero; // of the monotonic clock's zero

    std::atomic<bool> quit = false;
    std::atomic<bool> isOpen = false;
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<HeardQuestion> questions;
    std::vector<MonitorNews> news;
    std::thread thread;
};

Monitor::Monitor(const MonitorConfig& config, MonitorOpener opener, MixTrace& trace, const Clock& clock,
                 std::function<void()> waker)
    : m_name(config.name), m_output(config.output),
      m_impl(std::make_unique<Impl>(config, std::move(opener), trace, clock, std::move(waker)))
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

bool Monitor::isOpen() const
{
    return m_impl->isOpen;
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
        auto input = opener(config, [this] { return isOver(); });
        if (input) {
            tellState(true, {});
            const std::chrono::nanoseconds openedAt = clock.monotonic();
            listen(**input);
            ear.interrupt();
            tellState(false, lastError);
            if (clock.monotonic() - openedAt >= steadyAfter)
                wait = firstPause;
        } else {
            tellState(false, input.error());
        }
        pause(wait);
        wait = std::min(wait * 2, longestPauseBetween);
    }
}

void Monitor::Impl::listen(MonitorInput& input)
{
    const std::chrono::nanoseconds openedAt = clock.monotonic();
    FrameCount heard;
    while (!isOver()) {
        const auto samples = input.read();
        if (!samples) {
            lastError = samples.error();
            return;
        }
        heard += FrameCount{static_cast<std::int64_t>(samples->size())};
        if (toDuration(heard) > clock.monotonic() - openedAt + mostAhead) {
            lastError = Error{ErrorCategory::InvalidInput,
                              {QStringLiteral("Âm thanh đến nhanh hơn thời gian thực: không phải luồng trực tiếp"),
                               QStringLiteral("Sound comes faster than it lasts: this is no live input")},
                              config.url};
            return;
        }
        noticeStep();
        ear.hear(clock.now(), *samples);
        judge();
    }
}

// The mix goes on by the monotonic clock, and its instants are those of before.
void Monitor::Impl::noticeStep()
{
    const UtcTime zero = clock.now() - std::chrono::duration_cast<Duration>(clock.monotonic());
    const Duration moved = utcAtZero ? std::chrono::abs(zero - *utcAtZero) : Duration(0);
    if (utcAtZero && moved < smallestStep)
        return;
    if (utcAtZero)
        ear.doubt(moved);
    utcAtZero = zero;
}

// Ten times a second is enough.
void Monitor::Impl::judge()
{
    const std::chrono::nanoseconds now = clock.monotonic();
    if (now < judgedAt + 100ms)
        return;
    judgedAt = now;
    noticeStep();
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

void Monitor::Impl::tellState(bool opened, const std::optional<Error>& error)
{
    if (toldOpen == opened)
        return;
    toldOpen = opened;
    isOpen = opened;
    tell(MonitorState{opened, error});
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
