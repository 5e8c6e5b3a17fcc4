#include "media/limited_spool.h"

#include "media/figure_meter.h"
#include "media/limiter.h"
#include "media/spool.h"

#include <algorithm>
#include <vector>

namespace loa::media {

namespace {

constexpr FrameCount warmUp{sampleRate};
constexpr FrameCount afterRun{2048}; // more than the limiter looks ahead

} // namespace

Result<LimiterUse> playLimited(const Spool& spool, FrameCount from, FrameCount to, const Levels& levels,
                               const SampleSink& sink)
{
    const FrameCount begin = std::max(from - warmUp, FrameCount{0});
    const FrameCount end = std::min(to + afterRun, spool.frames);
    Limiter limiter(fromDecibels(levels.gainDb), fromDecibels(levels.ceilingDb));
    SpoolReader reader(spool.descriptor, begin, end);
    std::vector<float> out;
    FrameCount position = begin; // of out's first frame
    for (bool ended = false; !ended;) {
        auto block = reader.read();
        if (!block)
            return passOn(block);
        ended = block->empty();
        out.clear();
        if (ended)
            limiter.finish(out);
        else
            limiter.write(*block, out);
        const FrameCount next = position + FrameCount{static_cast<std::int64_t>(out.size())};
        const FrameCount first = std::clamp(from, position, next);
        const FrameCount last = std::clamp(to, first, next);
        if (first < last) {
            const auto part = std::span<const float>(out).subspan(static_cast<std::size_t>((first - position).value),
                                                                  static_cast<std::size_t>((last - first).value));
            if (auto done = sink(part); !done)
                return passOn(done);
        }
        position = next;
    }
    return LimiterUse{limiter.limitedFrames(), (end - begin).value};
}

} // namespace loa::media
