// How a room can be filled by lengths so that hardly anything of it stays empty. Pure; internal to the planner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace loa::planner {

struct WaysToFill {
    std::vector<std::vector<std::size_t>> ways; // indices of lengths, rising
    bool areAll = false; // false: there are more than were asked for, or to count them would take too long
    std::int64_t looks = 0;
};

// Sets of these lengths, which fall, that leave at most `waste` of the room, no more than `most` of them: whatever else
// does contains one of them. The room is greater than the waste, so none is empty.
[[nodiscard]] WaysToFill waysToFill(std::span<const std::int64_t> lengths, std::int64_t room, std::int64_t waste,
                                    std::size_t most);

// Of each of the ways at least one index, few in all.
[[nodiscard]] std::vector<std::size_t> oneOfEach(std::span<const std::vector<std::size_t>> ways);

} // namespace loa::planner
