#include "playout/engine/output_runner.h"

#include "playout/engine/player.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loa::playout {

namespace {

constexpr FrameCount firstPause{sampleRate / 2};
constexpr FrameCount longestPause{10 * sampleRate};
// A session ended that long ago, and the peer's time is up: what the device has not named by now has not left.
constexpr FrameCount patience{3 * sampleRate};

} // namespace

Result<std::unique_ptr<OutputRunner>> OutputRunner::create(const OutputConfig& config, const StationId& station,
                                                           Pacing& pacing, DeliveryObserver& observer, Settled settled)
{
    if (auto checked = checkOutput(config); !checked)
        return passOn(checked);
    std::unique_ptr<OutputRunner> runner(new OutputRunner(config, station, pacing, observer, std::move(settled)));
    auto device = createDevice(config, pacing, *runner);
    if (!device)
        return passOn(device);
    runner->m_device = std::move(*device);
    return runner;
}

OutputRunner::OutputRunner(const OutputConfig& config, const StationId& station, Pacing& pacing,
                           DeliveryObserver& observer, Settled settled)
    : m_config(config), m_traits(traitsOf(config)), m_station(station), m_pacing(pacing), m_observer(observer),
      m_settled(std::move(settled)), m_gain(static_cast<float>(std::pow(10.0, config.gainDb / 20.0))),
      m_random(static_cast<std::minstd_rand::result_type>(qHash(config.name + config.url)))
{
}

void OutputRunner::begin(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount joinAt)
{
    SessionId session = timeline->session();
    post({Mail::Kind::Begin, std::move(timeline), std::move(session), base, joinAt});
}

void OutputRunner::amend(std::shared_ptr<const SessionTimeline> timeline, FrameCount position)
{
    SessionId session = timeline->session();
    post({Mail::Kind::Amend, std::move(timeline), std::move(session), {}, position});
}

void OutputRunner::withdraw(const SessionId& session)
{
    post({Mail::Kind::Withdraw, nullptr, session, {}, {}});
}

void OutputRunner::cancel(std::uint32_t epoch)
{
    post({Mail::Kind::Cancel, nullptr, {}, {}, {}, epoch});
}

void OutputRunner::post(Mail mail)
{
    const std::lock_guard lock(m_mutex);
    m_mail.push_back(std::move(mail));
    m_hasMail.store(true, std::memory_order_release);
}

void OutputRunner::readMail()
{
    if (!m_hasMail.load(std::memory_order_acquire))
        return;
    std::vector<Mail> mails;
    {
        const std::lock_guard lock(m_mutex);
        mails.swap(m_mail);
        m_hasMail.store(false, std::memory_order_relaxed);
    }
    for (Mail& mail : mails)
        take(mail);
}

void OutputRunner::take(Mail& mail)
{
    switch (mail.kind) {
    case Mail::Kind::Begin: {
        auto account = std::make_unique<DeliveryAccount>(*mail.timeline, m_config.name, *this);
        account->lost({}, mail.joinAt, Break::LateStart);
        m_sessions.push_back({std::move(mail.timeline), mail.base, std::move(account)});
        m_retryAt = {};
        dropSettled();
        break;
    }
    case Mail::Kind::Amend:
        for (Begun& begun : m_sessions) {
            if (begun.timeline->session() != mail.session)
                continue;
            begun.account->amend(*mail.timeline, mail.joinAt);
            begun.timeline = std::move(mail.timeline);
            break;
        }
        dropSettled();
        break;
    case Mail::Kind::Withdraw:
        std::erase_if(m_sessions, [&](const Begun& begun) { return begun.timeline->session() == mail.session; });
        break;
    case Mail::Kind::Cancel:
        m_epoch = mail.epoch;
        m_isFalling = m_isOpen && m_traits.wantsSamples;
        if (!m_isFalling)
            endCancelled();
        break;
    }
}

void OutputRunner::take(const RunnerBlock& block)
{
    readMail();
    settleDoomed(m_pacing.livePosition());
    if (block.epoch < m_epoch) {
        if (m_isFalling)
            fall(block);
        return;
    }
    if (m_isFalling) // nothing of the stopped sessions was left to fall
        endCancelled();
    const FrameCount end = block.position + block.frames;
    if (m_next && *m_next < block.position)
        lose(*m_next, block.position, m_isOpen ? Break::OutputHung : Break::OutputDown);
    m_next = end;
    if (block.missing != Break::None) {
        lost(block.position, end, block.missing);
        dropSettled();
    }
    if (!m_isOpen && !open(block.position)) {
        lose(block.position, end, Break::OutputDown);
        return;
    }
    if (end + toFrames(m_traits.largestLateness) < m_pacing.livePosition()) {
        lose(block.position, end, Break::OutputLate);
        return;
    }
    if (auto written = m_device->write({block.position, withGain(block.samples), block.frames}); !written)
        deviceFailed(written.error());
    else
        m_attempts = 0;
    closeStragglers();
}

// The first frames of what was rendered before the stop, falling: they leave and count; then it is quiet.
void OutputRunner::fall(const RunnerBlock& block)
{
    const FrameCount part = std::min(block.frames, softCut);
    const std::span<const float> samples = withGain(block.samples);
    if (samples.data() != m_scaled.data())
        m_scaled.assign(samples.begin(), samples.end());
    m_scaled.resize(static_cast<std::size_t>(part.value));
    for (std::int64_t index = 0; index < part.value; ++index)
        m_scaled[static_cast<std::size_t>(index)] *= equalPowerRise(part.value - 1 - index, part.value);
    if (block.missing != Break::None)
        lost(block.position, block.position + part, block.missing);
    m_next = block.position + part;
    if (auto written = m_device->write({block.position, m_scaled, part}); !written)
        deviceFailed(written.error());
    endCancelled();
}

void OutputRunner::endCancelled()
{
    m_isFalling = false;
    settleDoomed(FrameCount{std::numeric_limits<std::int64_t>::max()});
    for (Begun& begun : m_sessions)
        begun.account->close(Break::Stopped);
    dropSettled();
}

void OutputRunner::rest(FrameCount position)
{
    readMail();
    settleDoomed(m_pacing.livePosition());
    if (m_isFalling)
        endCancelled();
    if (m_next && *m_next < position) {
        lose(*m_next, position, m_isOpen ? Break::OutputHung : Break::OutputDown);
        m_next = position;
    }
    if (m_isOpen && m_traits.between == BetweenSessions::Closed && !isWantedAt(position))
        closeDevice(Break::OutputHung);
    closeStragglers();
}

void OutputRunner::closeStragglers()
{
    for (Begun& begun : m_sessions) {
        const FrameCount end = begun.base + begun.timeline->frames();
        if (end + toFrames(m_config.timeout) + patience < m_pacing.livePosition())
            begun.account->close(Break::OutputHung);
    }
    dropSettled();
}

bool OutputRunner::isWantedAt(FrameCount position) const
{
    return std::any_of(m_sessions.begin(), m_sessions.end(), [&](const Begun& begun) {
        return position >= begun.base - toFrames(m_traits.leadIn) &&
               position < begun.base + begun.timeline->frames() + toFrames(m_traits.tail);
    });
}

bool OutputRunner::open(FrameCount position)
{
    if (position < m_retryAt)
        return false;
    const auto next = std::find_if(m_sessions.begin(), m_sessions.end(), [&](const Begun& begun) {
        return position < begun.base + begun.timeline->frames();
    });
    StreamStart start{position, m_station, {}, {}};
    if (next != m_sessions.end()) {
        start.session = next->timeline->session();
        start.sessionStart = next->timeline->startsAt();
    }
    m_openedAt = position;
    if (auto opened = m_device->open(start); !opened) {
        deviceFailed(opened.error());
        return false;
    }
    m_isOpen = true;
    {
        const std::lock_guard lock(m_mutex);
        m_healthOpen = true;
        ++m_opens;
        m_lastError.reset();
    }
    if (m_toldLost) {
        m_toldLost = false;
        outputChanged({m_station, m_config.name, OutputEvent::Kind::Opened, {}, m_pacing.now()});
    }
    return true;
}

void OutputRunner::closeDevice(Break why)
{
    m_device->close();
    m_isOpen = false;
    if (m_next)
        lose(m_openedAt, *m_next, why);
    const std::lock_guard lock(m_mutex);
    m_healthOpen = false;
}

void OutputRunner::deviceFailed(const Error& error)
{
    // A peer that took too long hangs; anything else is down.
    closeDevice(error.category == ErrorCategory::LimitExceeded ? Break::OutputHung : Break::OutputDown);
    const std::int64_t pause = std::min(firstPause.value << std::min(m_attempts++, 8), longestPause.value);
    const std::int64_t jitter = std::uniform_int_distribution<std::int64_t>(-pause / 4, pause / 4)(m_random);
    m_retryAt = m_pacing.livePosition() + FrameCount{pause + jitter};
    {
        const std::lock_guard lock(m_mutex);
        ++m_failures;
        m_lastError = error;
    }
    if (!m_toldLost) {
        m_toldLost = true;
        outputChanged({m_station, m_config.name, OutputEvent::Kind::Lost, error, m_pacing.now()});
    }
}

void OutputRunner::lose(FrameCount from, FrameCount to, Break why)
{
    // Blocks come ahead of time: what will not leave is not told before it should have left.
    if (to > m_pacing.livePosition()) {
        if (!m_doomed.empty() && m_doomed.back().to == from && m_doomed.back().why == why)
            m_doomed.back().to = to;
        else
            m_doomed.push_back({from, to, why});
        return;
    }
    lost(from, to, why);
    dropSettled();
}

void OutputRunner::settleDoomed(FrameCount until)
{
    if (m_doomed.empty())
        return;
    for (Doomed& one : m_doomed) {
        const FrameCount due = std::min(one.to, until);
        if (one.from < due)
            lost(one.from, due, one.why);
        one.from = std::max(one.from, due);
    }
    std::erase_if(m_doomed, [](const Doomed& one) { return one.from >= one.to; });
    dropSettled();
}

void OutputRunner::dropSettled()
{
    // One at a time: the callback may bring mail, never a change of m_sessions.
    for (std::size_t index = 0; index < m_sessions.size();) {
        if (!m_sessions[index].account->isClosed()) {
            ++index;
            continue;
        }
        const SessionId session = m_sessions[index].timeline->session();
        m_sessions.erase(m_sessions.begin() + static_cast<std::ptrdiff_t>(index));
        if (!m_muted)
            m_settled(session);
    }
}

std::span<const float> OutputRunner::withGain(std::span<const float> samples)
{
    if (m_config.gainDb == 0.0)
        return samples;
    m_scaled.resize(samples.size());
    std::transform(samples.begin(), samples.end(), m_scaled.begin(), [this](float sample) { return sample * m_gain; });
    return m_scaled;
}

void OutputRunner::delivered(FrameCount from, FrameCount to, UtcTime at)
{
    // Accounts that this closes are dropped later: a device may be in the middle of its list.
    for (Begun& begun : m_sessions)
        begun.account->delivered(from - begun.base, to - begun.base, at);
}

void OutputRunner::lost(FrameCount from, FrameCount to, Break why)
{
    for (Begun& begun : m_sessions)
        begun.account->lost(from - begun.base, to - begun.base, why);
}

void OutputRunner::measured(const DeviceClock& clock)
{
    const std::lock_guard lock(m_mutex);
    m_deviceClock = clock;
}

void OutputRunner::airingBegan(const AiringRecord& soFar)
{
    if (m_muted)
        return;
    if (soFar.reason == Break::None) {
        const Duration error = *soFar.firstFrameAt - soFar.plannedStart - m_config.delay;
        const std::lock_guard lock(m_mutex);
        m_startErrors[static_cast<std::size_t>(m_starts++) % m_startErrors.size()] = std::chrono::abs(error);
    }
    m_observer.airingBegan(soFar);
}

void OutputRunner::airingProgress(const AiringRecord& soFar)
{
    if (!m_muted)
        m_observer.airingProgress(soFar);
}

void OutputRunner::airingEnded(const AiringRecord& record)
{
    if (m_muted)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_delivered += record.frames;
        m_lost += record.plannedFrames - record.frames;
        m_gaps += record.gaps;
    }
    m_observer.airingEnded(record);
}

void OutputRunner::outputChanged(const OutputEvent& event)
{
    if (!m_muted)
        m_observer.outputChanged(event);
}

OutputHealth OutputRunner::health() const
{
    const std::lock_guard lock(m_mutex);
    OutputHealth health{m_config.name, m_healthOpen, m_opens, m_failures, m_delivered, m_lost, m_lastError, m_starts};
    health.gaps = m_gaps;
    health.device = m_deviceClock;
    const auto count = std::min(static_cast<std::size_t>(m_starts), m_startErrors.size());
    if (count > 0) {
        std::vector<Duration> sorted(m_startErrors.begin(), m_startErrors.begin() + static_cast<std::ptrdiff_t>(count));
        std::sort(sorted.begin(), sorted.end());
        health.startErrorP50 = sorted[(count - 1) / 2];
        health.startErrorP99 = sorted[(count - 1) * 99 / 100];
    }
    return health;
}

} // namespace loa::playout
