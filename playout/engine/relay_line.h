// One address of a relay between who receives it and who plays it: a jitter buffer of decoded sound, its loudness kept
// in bounds, its silence measured, its drift against our clock told.
//
// Threads: the receiver's side (room, write, drain, drift) on one, the player's side (take, and the rest of it) on the
// pump's; states on any. take() takes no lock, allocates nothing, never waits. Until the pump takes from it, the
// receiver drains it at the pace of the clock, so that what is heard first is what was received last.
// Units: frames at 48 kHz. Memory: one ring, from `capacity`.
//
// Loudness: a live stream has no house loudness. A slow gain leads its short-term loudness (3 s, EBU R128) towards
// -16 LUFS, by at most 12 dB up or down, rising 0.5 dB and falling 2 dB a second, and rests below -50 LUFS. What still
// passes full scale is held by the limiter of the mix, which everything goes through (mix_bus.h).
// Drift: a live source runs by another clock than ours. Where it is sent at its own pace, the buffer's lowest fill of
// each five seconds is led to the target by up to 2 frames in a thousand, which nobody hears.
#pragma once

#include "media/frames.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

class SlowGain {
public:
    SlowGain();
    ~SlowGain();
    SlowGain(const SlowGain&) = delete;
    SlowGain& operator=(const SlowGain&) = delete;

    void apply(std::span<float> samples);
    [[nodiscard]] double decibels() const { return m_gainDb; }

private:
    void judge();

    struct Meter;
    std::unique_ptr<Meter> m_meter; // null: libebur128 had no memory; then the gain rests
    double m_gainDb = 0.0;
    float m_gain = 1.0F; // where the last sample was
    std::int64_t m_untilJudged = 0;
};

class RelayLine {
public:
    struct Shape {
        FrameCount target{3 * sampleRate}; // received ahead of what plays
        std::size_t capacity = 1U << 19;   // frames, a power of two; at least `target` and two seconds
        bool isPaced = true; // sent at the pace of its own clock; false: taken in pieces, as fast as we want (HLS)
    };
    explicit RelayLine(Shape shape);

    // Receiver's. How many frames may be written now.
    [[nodiscard]] std::size_t room() const;
    // At most room(); the gain is applied in place.
    void write(std::span<float> samples);
    // So many frames have passed on the clock: drops them unless the pump takes them itself. Of a line that is paced,
    // also what lies beyond the target, since it is old.
    void drain(FrameCount passed);
    // Frames by which each second of the source is to be made longer (shorter: negative).
    [[nodiscard]] int drift();
    // What is in it is the past: the line was opened anew.
    void clear();

    // Player's: up to `out.size()` frames.
    [[nodiscard]] std::size_t take(std::span<float> out);
    // The pump has it in its hands, or not any more.
    void hold(bool isHeld) { m_isHeld.store(isHeld, std::memory_order_release); }

    [[nodiscard]] FrameCount buffered() const;
    [[nodiscard]] FrameCount silent() const { return {m_silent.load(std::memory_order_relaxed)}; }

private:
    void pass(std::int64_t from, std::int64_t count);

    const Shape m_shape;
    std::unique_ptr<float[]> m_ring;
    std::atomic<std::int64_t> m_written = 0;
    std::atomic<std::int64_t> m_read = 0;
    std::atomic<std::int64_t> m_silent = 0;
    std::atomic<bool> m_isHeld = false;
    SlowGain m_gain;             // receiver's
    std::int64_t m_lowest = -1;  // receiver's: lowest fill of this stretch
    std::int64_t m_measured = 0; // receiver's: frames of it
    int m_drift = 0;             // receiver's
};

} // namespace loa::playout
