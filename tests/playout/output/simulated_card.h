// A sound card in simulated time, whose clock runs at a rate of its own, and the pacing that goes with it.
#pragma once

#include "playout/output/output.h"
#include "playout/output/sound_card.h"
#include "tests/playout/engine/recorder.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace loa::playout::test {

class SimulatedPacing : public Pacing {
public:
    bool waitUntil(FrameCount position) override
    {
        if (!running)
            return false;
        m_position = std::max(m_position, position);
        return true;
    }
    [[nodiscard]] bool isRunning() const override { return running; }
    [[nodiscard]] UtcTime now() const override { return morning + toDuration(m_position); }
    [[nodiscard]] FrameCount livePosition() const override { return m_position; }
    [[nodiscard]] UtcTime instantOf(FrameCount position) const override { return morning + toDuration(position); }
    bool running = true;

private:
    FrameCount m_position;
};

// It keeps what it plays, frame by frame, with the stream frame at which it played each.
class SimulatedCard final : public SoundCard {
public:
    explicit SimulatedCard(const SimulatedPacing& pacing) : m_pacing(pacing) {}

    double driftPpm = 0;
    int rate = sampleRate;
    std::int64_t latency = 480;   // behind its buffer, in its frames
    std::int64_t granularity = 1; // its count goes in such steps
    bool isGone = false;
    bool standsStill = false;
    bool guesses = false;   // as a sound server: its delay falls while it stands still, and a second longer
    std::int64_t gulp = 0;  // when it is started, so much is played at once …
    FrameCount startsAfter; // … and it stands still for so long
    int opens = 0;
    std::vector<float> played; // since it was first opened, silence of a dry card left out

    Result<CardFormat> open(const CardRequest& request) override
    {
        if (isGone)
            return fail(ErrorCategory::NotFound, {QStringLiteral("mất"), QStringLiteral("gone")});
        ++opens;
        m_buffer = request.buffer.count() * rate / 1000;
        clear();
        return CardFormat{rate, 2, m_buffer, m_buffer / 10, QStringLiteral("simulated")};
    }
    Result<void> start() override
    {
        m_condition = CardCondition::Playing;
        m_startedAt = position() - static_cast<double>(gulp);
        standStill(startsAfter);
        return {};
    }
    std::int64_t write(std::span<const float> mono) override
    {
        advance();
        if (m_condition != CardCondition::Playing && m_condition != CardCondition::Ready)
            return 0;
        const auto room = m_buffer - static_cast<std::int64_t>(m_waiting.size() - m_out);
        const auto taken = std::min(room, static_cast<std::int64_t>(mono.size()));
        m_waiting.insert(m_waiting.end(), mono.begin(), mono.begin() + taken);
        return taken;
    }
    CardStatus status() override
    {
        advance();
        const auto queued = static_cast<std::int64_t>(m_waiting.size() - m_out);
        const double since = position() - m_stillFrom;
        const double still = since < m_stillFor + sampleRate ? std::min(since, m_stillFor) : 0.0;
        const auto guessed = guesses ? static_cast<std::int64_t>(still * rate / sampleRate) : 0;
        return {isGone ? CardCondition::Gone : m_condition,
                std::max<std::int64_t>(queued + latency - guessed, 0),
                {},
                queued};
    }
    Result<void> restart() override
    {
        clear();
        return {};
    }
    void close() override { advance(); }

    // The buffer is lost: the machine slept.
    void suspend()
    {
        advance();
        m_condition = CardCondition::Suspended;
    }
    // Its count jumps: so many frames are played at once.
    void jump(std::int64_t frames) { m_jumped += frames; }
    // For so long; then it plays on where it was.
    void standStill(FrameCount length)
    {
        advance();
        m_stillFrom = position();
        m_stillFor = static_cast<double>(length.value);
        m_startedAt += m_stillFor;
    }
    // The stream frame that was due when played[index] was heard.
    [[nodiscard]] double heardAt(std::size_t index) const { return m_heardAt[index]; }

private:
    [[nodiscard]] double position() const { return static_cast<double>(m_pacing.livePosition().value); }
    void clear()
    {
        m_waiting.clear();
        m_out = 0;
        m_jumped = 0;
        m_condition = CardCondition::Ready;
    }
    void advance()
    {
        if (m_condition != CardCondition::Playing || standsStill)
            return;
        const double step = rate * (1.0 + driftPpm * 1e-6) / sampleRate;
        auto due = static_cast<std::int64_t>(std::floor((position() - m_startedAt) * step)) + m_jumped;
        due -= due % granularity;
        while (static_cast<std::int64_t>(m_out) < due) {
            if (m_out == m_waiting.size()) {
                m_condition = CardCondition::Dry;
                return;
            }
            played.push_back(m_waiting[m_out++]);
            m_heardAt.push_back(m_startedAt +
                                static_cast<double>(static_cast<std::int64_t>(m_out) - 1 + latency - m_jumped) / step);
        }
    }

    const SimulatedPacing& m_pacing;
    CardCondition m_condition = CardCondition::Ready;
    double m_startedAt = 0;
    double m_stillFrom = 0;
    double m_stillFor = 0;
    std::int64_t m_buffer = 0;
    std::int64_t m_jumped = 0;
    std::vector<float> m_waiting;
    std::size_t m_out = 0;
    std::vector<double> m_heardAt;
};

// What a device says of its frames.
class HeardSink final : public StreamSink {
public:
    void delivered(FrameCount from, FrameCount to, UtcTime at) override
    {
        if (firstAt == UtcTime{})
            firstAt = at;
        worst = std::max(worst, std::chrono::abs(at - (morning + toDuration(from))));
        heard.add(from.value, to.value);
    }
    void lost(FrameCount from, FrameCount to, Break) override { missing.add(from.value, to.value); }
    void measured(const DeviceClock& measured) override { clock = measured; }

    IntervalSet heard;
    IntervalSet missing;
    DeviceClock clock;
    UtcTime firstAt{};
    Duration worst{0}; // of an instant against the plan
};

} // namespace loa::playout::test
