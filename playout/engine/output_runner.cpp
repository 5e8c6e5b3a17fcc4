#include "playout/engine/output_runner.h"

#include "playout/engine/player.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loa::playout {

namespace {

constexpr FrameCount firstPause{sampleRate / 2};
constexpr FrameCount longestPause{10 * sampleRate};
// A session ended that long ago, and the peer's time is up: what the device has not named by now has not left.
constexpr FrameCount patience{3 * sampleRate};
// What a device has taken before a stop is confirmed by then, or never in time.
constexpr FrameCount afterStop{3 * sampleRate / 10};
// A device that is open stays so for a session that wants it by then.
constexpr FrameCount soon{sampleRate / 2};
constexpr FrameCount endOfTime{std::int64_t{1} << 60};

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
    : m_pacing(pacing), m_latest(toFrames(traitsOf(config).largestLateness)), m_config(config),
      m_traits(traitsOf(config)), m_station(station), m_observer(observer), m_settled(std::move(settled)),
      m_gain(static_cast<float>(std::pow(10.0, config.gainDb / 20.0))),
      m_random(static_cast<std::minstd_rand::result_type>(qHash(config.name + config.url)))
{
}

void OutputRunner::begin(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount joinAt)
{
    SessionId session = timeline->session();
    ++m_begun;
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

void OutputRunner::cancel(FrameCount position)
{
    post({Mail::Kind::Cancel, nullptr, {}, {}, position});
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
    tellLeft();
    m_hasSettled = true; // some are at once
    m_patientUntil = {};
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
        m_begun -= static_cast<int>(
            std::erase_if(m_sessions, [&](const Begun& begun) { return begun.timeline->session() == mail.session; }));
        break;
    case Mail::Kind::Cancel:
        m_cancelledAt = mail.joinAt;
        for (Begun& begun : m_sessions)
            begun.account->lost(mail.joinAt - begun.base, endOfTime, Break::Stopped);
        dropSettled();
        break;
    }
}

void OutputRunner::take(const RunnerBlock& block)
{
    readMail();
    const FrameCount live = m_pacing.livePosition();
    if (!m_doomed.empty())
        settleDoomed(live);
    if (m_cancelledAt)
        endCancelled(live);
    const FrameCount end = block.position + block.frames;
    if (!block.absent.isEmpty() || block.missing != Break::None) {
        if (block.absent.isEmpty())
            lost(block.position, end, block.missing);
        loseAbsent(block, block.frames);
        dropSettled();
    }
    if (block.kind == RunnerBlock::Kind::Missing)
        return;
    const bool leadsIn = block.kind == RunnerBlock::Kind::LeadIn;
    if (!leadsIn) {
        if (m_next && *m_next < block.position)
            lose(*m_next, block.position, m_isOpen ? Break::OutputHung : Break::OutputDown);
        m_next = end;
    }
    // Of silence that an encoder held back after the last session: nothing is opened for that.
    if (m_isResting && !isWantedSoon(block.position))
        return;
    if (!m_isOpen && !open(leadsIn ? end : block.position)) {
        if (!leadsIn)
            lose(block.position, end, Break::OutputDown);
        return;
    }
    if (end + m_latest < live) {
        if (!leadsIn)
            lose(block.position, end, Break::OutputLate);
        return;
    }
    if (auto written = m_device->write(toOutput(block)); !written)
        deviceFailed(written.error());
    else
        m_attempts = 0;
    if (live > m_patientUntil || m_hasSettled)
        closeStragglers(live);
}

OutputBlock OutputRunner::toOutput(const RunnerBlock& block)
{
    if (block.kind == RunnerBlock::Kind::Samples)
        return {block.position, withGain(block.samples), block.frames};
    return {block.position, {}, block.frames, block.packet, block.kind == RunnerBlock::Kind::LeadIn};
}

// Of a stop whose last frames cannot be waited for any more.
void OutputRunner::endCancelled(FrameCount live)
{
    const bool waits =
        m_cancelledAt && !m_sessions.empty() && m_pacing.isRunning() && live < *m_cancelledAt + afterStop;
    if (!m_cancelledAt || waits)
        return;
    m_cancelledAt.reset();
    tellLeft();
    settleDoomed(endOfTime);
    for (Begun& begun : m_sessions)
        begun.account->close(Break::Stopped);
    dropSettled();
}

void OutputRunner::rest(FrameCount position)
{
    readMail();
    tellLeft();
    const FrameCount live = m_pacing.livePosition();
    settleDoomed(live);
    endCancelled(live);
    if (m_next && *m_next < position) {
        lose(*m_next, position, m_isOpen ? Break::OutputHung : Break::OutputDown);
        m_next = position;
    }
    // `position` may be older than what was just taken: the pump names it once a tick, and encoders hold back.
    if (m_isOpen && m_traits.between == BetweenSessions::Closed &&
        !isWantedSoon(std::max({position, m_openedAt, m_next.value_or(position)}))) {
        closeDevice(Break::OutputHung);
        m_isResting = true;
    }
    closeStragglers(live);
}

void OutputRunner::closeStragglers(FrameCount live)
{
    if (live > m_patientUntil) {
        tellLeft();
        m_patientUntil = endOfTime;
        for (Begun& begun : m_sessions) {
            const FrameCount until = begun.base + begun.timeline->frames() + toFrames(m_config.timeout) + patience;
            if (until < live)
                begun.account->close(Break::OutputHung);
            else
                m_patientUntil = std::min(m_patientUntil, until);
        }
    }
    dropSettled();
}

bool OutputRunner::isWantedSoon(FrameCount position) const
{
    return std::any_of(m_sessions.begin(), m_sessions.end(), [&](const Begun& begun) {
        return position + soon >= begun.base - toFrames(m_traits.leadIn) &&
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
    m_isResting = false;
    if (auto opened = m_device->open(start); !opened) {
        deviceFailed(opened.error());
        return false;
    }
    m_isOpen = true;
    {
        const std::lock_guard lock(m_mutex);
        m_healthOpen = true;
        ++m_opens;
        m_reconnects += m_toldLost ? 1 : 0;
        m_lastError = std::exchange(m_warning, std::nullopt);
    }
    if (m_toldLost) {
        m_toldLost = false;
        outputChanged({m_station, m_config.name, OutputEvent::Kind::Opened, {}, m_pacing.now()});
    }
    return true;
}

void OutputRunner::warned(const Error& error)
{
    const std::lock_guard lock(m_mutex);
    m_warning = error;
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

void OutputRunner::loseAbsent(const RunnerBlock& block, FrameCount frames)
{
    if (block.absent.isEmpty())
        return;
    tellLeft();
    for (const Absence& absence : block.absent) {
        for (Begun& begun : m_sessions) {
            const FrameCount from = block.position - begun.base;
            begun.account->lostOf({absence.origin - begun.base, absence.why}, from, from + frames);
        }
    }
}

void OutputRunner::dropSettled()
{
    if (!std::exchange(m_hasSettled, false))
        return;
    // One at a time: the callback may bring mail, never a change of m_sessions.
    for (std::size_t index = 0; index < m_sessions.size();) {
        if (!m_sessions[index].account->isClosed()) {
            ++index;
            continue;
        }
        const SessionId session = m_sessions[index].timeline->session();
        m_sessions.erase(m_sessions.begin() + static_cast<std::ptrdiff_t>(index));
        --m_begun;
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
    const UtcTime lastAt = at + toDuration(to - from - FrameCount{1});
    if (from == m_left.to && m_left.from < from && to <= m_left.silentUntil) {
        m_left.to = to;
        m_left.lastAt = std::max(m_left.lastAt, lastAt);
        return;
    }
    tellLeft();
    m_left = {from, to, at, lastAt, endOfTime};
    for (const Begun& begun : m_sessions)
        m_left.silentUntil = std::min(m_left.silentUntil, begun.base + begun.account->silentUntil(from - begun.base));
    if (to > m_left.silentUntil)
        tellLeft();
}

void OutputRunner::tellLeft()
{
    const Left left = std::exchange(m_left, {});
    if (left.from == left.to)
        return;
    // Accounts that this closes are dropped later: a device may be in the middle of its list.
    for (Begun& begun : m_sessions) {
        if (left.to <= left.silentUntil)
            begun.account->delivered(left.from - begun.base, left.to - begun.base, left.at, left.lastAt);
        else // one block
            begun.account->delivered(left.from - begun.base, left.to - begun.base, left.at);
    }
}

void OutputRunner::lost(FrameCount from, FrameCount to, Break why)
{
    tellLeft();
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
    m_hasSettled = true;
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
    health.reconnects = m_reconnects;
    // What the mix leaves out runs a sound card dry, which counts that itself.
    health.underruns = m_deviceClock ? m_deviceClock->underruns : m_fallsBehind.load(std::memory_order_relaxed);
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
