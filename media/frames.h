// Positions and lengths of audio. All audio inside Loa is mono at 48 kHz, 32-bit float, nominal range -1..1.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace loa {

inline constexpr std::int64_t sampleRate = 48000;

// A number of frames at 48 kHz: a length, or a position counted from a stated origin. Never negative for lengths.
struct FrameCount {
    std::int64_t value = 0;

    constexpr auto operator<=>(const FrameCount&) const = default;
    constexpr FrameCount& operator+=(FrameCount other)
    {
        value += other.value;
        return *this;
    }
    friend constexpr FrameCount operator+(FrameCount a, FrameCount b) { return {a.value + b.value}; }
    friend constexpr FrameCount operator-(FrameCount a, FrameCount b) { return {a.value - b.value}; }
};

// 3 frames are exactly 62.5 us, so a whole second is exact and nothing drifts: round only at the last step.
// Duration of `frames`, rounded down to a microsecond.
[[nodiscard]] constexpr std::chrono::microseconds toDuration(FrameCount frames)
{
    const std::int64_t seconds = frames.value / sampleRate;
    const std::int64_t rest = frames.value % sampleRate;
    return std::chrono::microseconds(seconds * 1'000'000 + rest * 1'000'000 / sampleRate);
}

// Frames that fit wholly in `duration` (rounded down).
[[nodiscard]] constexpr FrameCount toFrames(std::chrono::microseconds duration)
{
    const std::int64_t seconds = duration.count() / 1'000'000;
    const std::int64_t rest = duration.count() % 1'000'000;
    return {seconds * sampleRate + rest * sampleRate / 1'000'000};
}

} // namespace loa
