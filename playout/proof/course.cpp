#include "playout/proof/course.h"

#include <algorithm>
#include <utility>

namespace loa::playout {

std::vector<SoleSpan> soleSpans(const SessionTimeline& timeline)
{
    std::vector<std::int64_t> edges;
    for (const Segment& segment : timeline.segments()) {
        edges.push_back(segment.offset.value);
        edges.push_back(segment.end().value);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<SoleSpan> spans;
    for (std::size_t index = 0; index + 1 < edges.size(); ++index) {
        const Segment* sole = nullptr;
        int sounding = 0;
        for (const Segment& segment : timeline.segments()) {
            if (segment.offset.value <= edges[index] && segment.end().value >= edges[index + 1]) {
                sole = &segment;
                ++sounding;
            }
        }
        if (sounding != 1)
            continue;
        SoleSpan span{{edges[index]}, {edges[index + 1]}, sole->airing, sole->origin(), sole->sha256};
        if (!spans.empty() && spans.back().to == span.from && spans.back().airing == span.airing &&
            spans.back().origin == span.origin)
            spans.back().to = span.to;
        else
            spans.push_back(std::move(span));
    }
    return spans;
}

std::size_t Course::numberOf(const AiringId& airing)
{
    const auto found = std::find(names.begin(), names.end(), airing);
    if (found != names.end())
        return static_cast<std::size_t>(found - names.begin());
    names.push_back(airing);
    return names.size() - 1;
}

void Course::place(const SessionTimeline& timeline, FrameCount base, FrameCount from)
{
    std::erase_if(spans, [&](const CourseSpan& span) { return span.base == base && span.from >= from; });
    for (CourseSpan& span : spans) {
        if (span.base == base)
            span.to = std::min(span.to, from);
    }
    for (const SoleSpan& sole : soleSpans(timeline)) {
        const FrameCount begins = std::max(base + sole.from, from);
        const FrameCount ends = base + sole.to;
        if (ends > begins)
            spans.push_back({begins, ends, base + sole.origin, base, sole.sha256, numberOf(sole.airing)});
    }
    std::stable_sort(spans.begin(), spans.end(),
                     [](const CourseSpan& a, const CourseSpan& b) { return a.from < b.from; });
}

void Course::remove(FrameCount base)
{
    std::erase_if(spans, [&](const CourseSpan& span) { return span.base == base; });
}

void Course::cut(FrameCount from)
{
    std::erase_if(spans, [&](const CourseSpan& span) { return span.from >= from; });
    for (CourseSpan& span : spans)
        span.to = std::min(span.to, from);
}

void Course::begin(FrameCount position)
{
    std::erase_if(spans, [&](const CourseSpan& span) { return span.to <= position; });
    const AiringNames all = std::exchange(names, {});
    for (CourseSpan& span : spans)
        span.airing = numberOf(all[span.airing]);
}

std::optional<AiringNames> namesFor(const std::vector<CourseSpan>& spans, const Course& course, FrameCount position)
{
    if (spans.size() != course.spans.size())
        return std::nullopt;
    AiringNames names;
    std::vector<bool> isTaken(course.names.size());
    std::vector<std::size_t> other; // by number, the course's + 1
    for (std::size_t index = 0; index < spans.size(); ++index) {
        const CourseSpan& one = spans[index];
        CourseSpan same = course.spans[index];
        const std::size_t number = std::exchange(same.airing, one.airing);
        same.from = std::max(same.from, position);
        if (std::max(one.from, position) != same.from)
            return std::nullopt;
        same.from = one.from;
        if (same != one)
            return std::nullopt;
        if (names.size() <= one.airing) {
            names.resize(one.airing + 1);
            other.resize(one.airing + 1);
        }
        if (other[one.airing] == 0 && !isTaken[number]) {
            names[one.airing] = course.names[number];
            other[one.airing] = number + 1;
            isTaken[number] = true;
        } else if (other[one.airing] != number + 1) {
            return std::nullopt;
        }
    }
    return names;
}

} // namespace loa::playout
