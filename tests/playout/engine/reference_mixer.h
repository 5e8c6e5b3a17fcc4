// What ought to sound, worked out frame by frame from words of the rule (timeline.h) and nothing of the engine: each
// frame asks every play whether it sounds there. Slow, and easy to believe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace loa::playout::test {

struct ReferencePlay {
    std::int64_t origin = 0; // where the item's first frame lies in the mix; may be before it
    const std::vector<float>* samples = nullptr;
    std::int64_t from = 0;  // first frame of the item that sounds
    std::int64_t until = 0; // first one that does not any more
    std::int64_t rise = 0;  // frames of equal-power fade at the beginning
    std::int64_t fall = 0;  // and at the end
};

inline float referenceFade(std::int64_t index, std::int64_t length)
{
    constexpr double quarterTurn = 1.57079632679489661923;
    return index < length ? static_cast<float>(std::sin(quarterTurn * (static_cast<double>(index) + 0.5) /
                                                        static_cast<double>(length)))
                          : 1.0F;
}

// `frames` frames from frame 0 of the mix. A mix that begins inside a play is one that was joined there: it rises over
// `join` frames.
inline std::vector<float> referenceMix(const std::vector<ReferencePlay>& plays, std::int64_t frames, std::int64_t join)
{
    std::vector<float> mix(static_cast<std::size_t>(frames), 0.0F);
    const bool isJoined = std::any_of(plays.begin(), plays.end(), [](const ReferencePlay& play) {
        return play.origin + play.from < 0 && play.origin + play.until > 0;
    });
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        for (const ReferencePlay& play : plays) {
            const std::int64_t item = frame - play.origin;
            if (item < play.from || item >= play.until)
                continue;
            const float gain =
                referenceFade(item - play.from, play.rise) * referenceFade(play.until - 1 - item, play.fall);
            float sample = (*play.samples)[static_cast<std::size_t>(item)] * gain;
            if (isJoined)
                sample *= referenceFade(frame, join);
            mix[static_cast<std::size_t>(frame)] += sample;
        }
    }
    return mix;
}

} // namespace loa::playout::test
