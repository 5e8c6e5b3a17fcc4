// Where sound, which is mono everywhere inside Loa, lies in what leaves: an amplifier of two zones takes one cluster of
// loudspeakers on its left input and another on its right.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace loa::media {

// Mono has one channel, the others two, of which Left and Right leave one silent.
enum class Channels { Mono, Stereo, Left, Right };

[[nodiscard]] constexpr int countOf(Channels channels)
{
    return channels == Channels::Mono ? 1 : 2;
}

[[nodiscard]] constexpr bool soundsIn(Channels channels, int channel)
{
    return channels == Channels::Mono || channels == Channels::Stereo ||
           channel == (channels == Channels::Right ? 1 : 0);
}

// `mono` as interleaved frames of countOf(channels); `room` holds them unless there is one channel.
template <typename Sample>
[[nodiscard]] std::span<const Sample> spread(std::span<const Sample> mono, Channels channels, std::vector<Sample>& room)
{
    if (channels == Channels::Mono)
        return mono;
    room.assign(2 * mono.size(), Sample{});
    for (std::size_t index = 0; index < mono.size(); ++index) {
        if (soundsIn(channels, 0))
            room[2 * index] = mono[index];
        if (soundsIn(channels, 1))
            room[2 * index + 1] = mono[index];
    }
    return room;
}

} // namespace loa::media
