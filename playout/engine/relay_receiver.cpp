#include "playout/engine/relay_receiver.h"

#include <pthread.h>

#include <algorithm>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr auto goodAfter = 30s; // open for so long, a line begins with short pauses again
constexpr std::size_t writtenAtOnce = 4800;

} // namespace

RelayReceiver::RelayReceiver(RelayAddress from, RelayLine& line, const RelayOpener& opener, const Clock& clock,
                             const RelayTimings& timings)
    : m_from(std::move(from)), m_line(line), m_opener(opener), m_clock(clock), m_timings(timings),
      m_thread([this] { run(); })
{
}

RelayReceiver::~RelayReceiver()
{
    cancel();
    m_thread.join();
}

void RelayReceiver::cancel()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isCancelled = true;
    }
    m_wake.notify_all();
}

RelayLineState RelayReceiver::state() const
{
    RelayLineState state;
    {
        const std::lock_guard lock(m_mutex);
        state.isOpen = m_isOpen;
        state.detail = m_detail;
    }
    const auto patience = m_from.kind == RelayKind::Hls ? m_timings.fedWithin * 10 : m_timings.fedWithin;
    state.isFed = state.isOpen && m_clock.monotonic() - std::chrono::nanoseconds(m_fedAt.load()) < patience;
    state.buffered = m_line.buffered();
    state.silent = m_line.silent();
    return state;
}

void RelayReceiver::tell(bool isOpen, const QString& detail)
{
    const std::lock_guard lock(m_mutex);
    m_isOpen = isOpen;
    m_detail = detail;
}

void RelayReceiver::pause(std::chrono::nanoseconds length)
{
    std::unique_lock lock(m_mutex);
    m_wake.wait_for(lock, length, [this] { return isCancelled(); });
}

void RelayReceiver::run()
{
    pthread_setname_np(pthread_self(), "loa-relay");
    m_drainedAt = m_clock.monotonic();
    auto wait = m_timings.firstPause;
    while (!isCancelled()) {
        auto input = m_opener(m_from, [this] { return isCancelled(); });
        if (isCancelled())
            break;
        if (input) {
            const auto since = m_clock.monotonic();
            m_line.clear();
            m_drainedAt = since;
            m_fedAt = since.count();
            tell(true, (*input)->words());
            const Error error = receive(**input);
            tell(false, describe(error));
            if (m_clock.monotonic() - since > goodAfter)
                wait = m_timings.firstPause;
        } else {
            tell(false, describe(input.error()));
        }
        pause(wait);
        wait = std::min(wait * 2, m_timings.longestPause);
        drain();
    }
    m_isOver.store(true, std::memory_order_release);
}

Error RelayReceiver::receive(RelayInput& input)
{
    std::vector<float> samples;
    while (!isCancelled()) {
        auto block = input.read();
        if (!block)
            return block.error();
        samples.assign(block->begin(), block->end());
        for (std::span<float> rest = samples; !rest.empty() && !isCancelled();) {
            m_fedAt.store(m_clock.monotonic().count());
            const std::size_t count = std::min({rest.size(), m_line.room(), writtenAtOnce});
            m_line.write(rest.first(count));
            rest = rest.subspan(count);
            drain();
            if (count == 0)
                pause(m_timings.fullPause);
        }
        input.setDrift(m_line.drift());
    }
    return {};
}

void RelayReceiver::drain()
{
    const auto now = m_clock.monotonic();
    const FrameCount passed = toFrames(std::chrono::duration_cast<std::chrono::microseconds>(now - m_drainedAt));
    m_drainedAt += std::chrono::duration_cast<std::chrono::nanoseconds>(toDuration(passed));
    m_line.drain(passed);
}

} // namespace loa::playout
