#include "scheduler/planner/joins.h"

#include "scheduler/contract/mix_rules.h"

#include <algorithm>
#include <span>

namespace loa::planner {

namespace {

// A join at its place.
struct Slot {
    const Join* join = nullptr;
    FrameCount offset;
    FrameCount frames;
    FrameCount fadeIn;
    FrameCount fadeOut;

    [[nodiscard]] FrameCount end() const { return offset + frames; }
};

FrameCount half(FrameCount frames)
{
    return {frames.value / 2};
}

// How far `later` reaches back into `earlier`, which is no bed.
FrameCount lapOf(const Join& earlier, const Join& later)
{
    if (earlier.isBed || !earlier.mayFade || later.isBed || later.duckDb > 0 || earlier.duckDb > 0)
        return {};
    return std::min({later.crossfade, half(earlier.placement.frames), half(later.placement.frames)});
}

// What of `room` each bed gets, in their order.
std::vector<FrameCount> sharesOf(std::span<const Join> segment, FrameCount room)
{
    std::vector<FrameCount> shares;
    FrameCount kept;
    for (const Join& join : segment) {
        if (join.isBed)
            kept += join.least;
    }
    FrameCount free = std::max(room - kept, FrameCount{});
    for (const Join& join : segment) {
        if (!join.isBed)
            continue;
        const FrameCount more =
            join.most.value == 0 ? free : std::min(free, std::max(join.most - join.least, FrameCount{}));
        free = free - more;
        shares.push_back(join.least + more);
    }
    return shares;
}

void placeSegment(std::span<const Join> segment, FrameCount end, std::vector<Slot>& slots)
{
    FrameCount offset = segment.front().placement.offset;
    FrameCount room = end - offset;
    for (std::size_t index = 0; index < segment.size(); ++index) {
        if (!segment[index].isBed)
            room = room - segment[index].placement.frames;
        if (index > 0)
            room += lapOf(segment[index - 1], segment[index]);
    }
    const std::vector<FrameCount> shares = sharesOf(segment, room);
    auto share = shares.begin();
    for (std::size_t index = 0; index < segment.size(); ++index) {
        const Join& join = segment[index];
        Slot slot{&join, offset, join.isBed ? *share++ : join.placement.frames, {}, {}};
        if (index > 0) {
            const FrameCount lap = lapOf(segment[index - 1], join);
            slot.offset = offset - lap;
            if (lap.value > 0) {
                slots.back().fadeOut = lap;
                slot.fadeIn = join.mayFade ? lap : FrameCount{};
            }
        }
        offset = slot.end();
        const bool isWorthIt = !join.isBed || slot.frames >= shortestBed;
        if (isWorthIt)
            slots.push_back(slot);
    }
}

// Lets each bed go on beneath what ducks it, into its like, and under the beginning of what follows.
void stretchBeds(std::vector<Slot>& slots)
{
    for (std::size_t index = 0; index < slots.size(); ++index) {
        if (!slots[index].join->isBed)
            continue;
        Slot bed = slots[index];
        std::size_t next = index + 1;
        const auto follows = [&] { return next < slots.size() && slots[next].offset == bed.end(); };
        while (follows()) {
            const Join& behind = *slots[next].join;
            const bool isLike = behind.isBed && behind.placement.sha256 == bed.join->placement.sha256;
            if (!isLike && behind.duckDb == 0)
                break;
            bed.frames += slots[next].frames;
            if (isLike)
                slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(next));
            else
                ++next;
        }
        bed.fadeOut = std::min(bedFall, {bed.join->placement.frames.value / 8});
        if (follows() && slots[next].join->crossfade.value > 0) {
            Slot& after = slots[next];
            // Short enough for a repeat of either to rise and fall besides.
            const FrameCount lap = std::min({after.join->crossfade,
                                             half(after.frames),
                                             half(bed.frames),
                                             {bed.join->placement.frames.value / 4},
                                             {after.join->placement.frames.value / (after.join->isBed ? 8 : 2)}});
            if (lap >= shortestFall) {
                bed.frames += lap;
                bed.fadeOut = lap;
                after.fadeIn = after.join->mayFade ? lap : FrameCount{};
            }
        }
        bed.fadeOut = std::min(bed.fadeOut, half(bed.frames));
        slots[index] = bed;
    }
}

Placement placementOf(const Slot& slot)
{
    Placement placement = slot.join->placement;
    placement.offset = slot.offset;
    placement.frames = slot.frames;
    placement.fadeIn = slot.fadeIn;
    placement.fadeOut = slot.fadeOut;
    return placement;
}

// The bed's recording again and again, up to its end; none begins at the very frame at which something else does.
void addRepeats(const Slot& bed, const std::vector<Slot>& slots, std::vector<Placement>& placements)
{
    const FrameCount whole = bed.join->placement.frames;
    const FrameCount lap = std::min(bedLap, {whole.value / 8});
    const FrameCount shortestTail = std::max(lap + bed.fadeOut, half(whole));
    Slot piece = bed;
    for (int repeat = 1;; ++repeat) {
        const FrameCount left = bed.end() - piece.offset;
        const bool isLast = left <= whole;
        piece.frames = left;
        piece.fadeOut = bed.fadeOut;
        if (!isLast) {
            // The last one is to be long enough for its rise and fall.
            piece.frames = std::min(whole, left + lap - shortestTail);
            piece.fadeOut = lap;
            const auto isTaken = [&](const Slot& slot) { return slot.offset == piece.end() - lap; };
            while (std::any_of(slots.begin(), slots.end(), isTaken))
                piece.frames = piece.frames - FrameCount{1};
        }
        Placement placement = placementOf(piece);
        if (repeat > 1)
            placement.tune += QStringLiteral("/%1").arg(repeat);
        placements.push_back(std::move(placement));
        if (isLast)
            return;
        piece.offset = piece.end() - lap;
        piece.fadeIn = lap;
    }
}

} // namespace

std::vector<Placement> joinUp(std::vector<Join> joins, const std::vector<FrameCount>& ends)
{
    if (!std::ranges::is_sorted(joins, {}, &Join::segment))
        std::ranges::stable_sort(joins, {}, &Join::segment);
    std::vector<Slot> slots;
    for (auto first = joins.begin(); first != joins.end();) {
        const auto last =
            std::find_if(first, joins.end(), [&](const Join& join) { return join.segment != first->segment; });
        placeSegment({first, last}, ends[static_cast<std::size_t>(first->segment)], slots);
        first = last;
    }
    stretchBeds(slots);
    std::vector<Placement> placements;
    for (std::size_t index = 0; index < slots.size(); ++index) {
        const Slot& slot = slots[index];
        if (slot.join->isBed) {
            addRepeats(slot, slots, placements);
            continue;
        }
        placements.push_back(placementOf(slot));
        // Over a bed alone: what ducks behind anything else sounds by itself.
        const bool isOver = slot.join->duckDb > 0 && std::any_of(slots.begin(), slots.end(), [&](const Slot& other) {
                                return other.join->isBed && other.offset < slot.offset && slot.end() <= other.end();
                            });
        if (isOver) {
            placements.back().duckDb = slot.join->duckDb;
            placements.back().duckGlide = duckGlide;
        }
    }
    std::stable_sort(placements.begin(), placements.end(),
                     [](const Placement& a, const Placement& b) { return a.offset < b.offset; });
    return placements;
}

} // namespace loa::planner
