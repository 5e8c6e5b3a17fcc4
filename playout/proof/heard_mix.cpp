#include "playout/proof/heard_mix.h"

#include <algorithm>
#include <array>

namespace loa::playout {

namespace {

constexpr float fullScale = 32767.0F;

} // namespace

HeardMix::HeardMix(FrameCount position, std::function<void()> flushed)
    : m_reached(position), m_flushed(std::move(flushed)),
      m_samples(std::make_unique_for_overwrite<std::int16_t[]>(ringSlots * slotFrames))
{
}

void HeardMix::hear(FrameCount position, const RenderedRun& run, std::span<const float> samples)
{
    publishPassed();
    if (!run.sounding && run.missing == Break::None)
        return;
    while (!samples.empty()) {
        Slot* slot = m_ring.claim();
        if (!slot)
            return;
        const std::size_t count = std::min(samples.size(), slotFrames);
        slot->position = position;
        slot->frames = static_cast<std::uint32_t>(count);
        slot->isPassed = false;
        const std::span<std::int16_t> to = roomOf(m_ring.published());
        for (std::size_t index = 0; index < count; ++index) { // written so that it is vectorised
            const float value = std::clamp(samples[index], -1.0F, 1.0F) * fullScale;
            to[index] = static_cast<std::int16_t>(value + (value < 0.0F ? -0.5F : 0.5F));
        }
        m_ring.publish();
        position += FrameCount{static_cast<std::int64_t>(count)};
        samples = samples.subspan(count);
    }
}

void HeardMix::passed(FrameCount position, const RenderedRun& run)
{
    if (!run.sounding)
        return;
    if (m_passed.frames.value > 0 && position != m_passed.position + m_passed.frames)
        publishPassed();
    if (m_passed.frames.value == 0)
        m_passed.position = position;
    m_passed.frames += run.frames;
}

void HeardMix::flush(FrameCount position)
{
    publishPassed();
    m_reached = position;
    if (m_flushed)
        m_flushed();
}

std::size_t HeardMix::told()
{
    publishPassed();
    return m_ring.published();
}

void HeardMix::publishPassed()
{
    if (m_passed.frames.value == 0)
        return;
    if (Slot* slot = m_ring.claim()) {
        slot->position = m_passed.position;
        slot->frames = static_cast<std::uint32_t>(m_passed.frames.value);
        slot->isPassed = true;
        m_ring.publish();
    }
    m_passed = {};
}

void HeardMix::measure(std::size_t slots)
{
    if (m_taken >= slots)
        return;
    dropEmpty();
    for (const Slot* slot = m_ring.front(); slot && m_taken < slots; slot = m_ring.front()) {
        measure(*slot);
        m_ring.pop();
        ++m_taken;
    }
}

void HeardMix::measure(const Slot& slot)
{
    std::array<float, slotFrames> room;
    std::span<const float> samples;
    if (!slot.isPassed) {
        const std::span<const std::int16_t> from = roomOf(m_taken);
        for (std::size_t index = 0; index < slot.frames; ++index)
            room[index] = static_cast<float>(from[index]) / fullScale;
        samples = std::span(room).first(slot.frames);
    }
    for (const auto& party : m_parties)
        party->hear(slot.position, {slot.frames}, samples);
    for (TracedStation* station : m_traced)
        station->hear(slot.position, {slot.frames}, samples);
}

void HeardMix::rest()
{
    dropEmpty();
    for (const auto& party : m_parties)
        party->rest();
}

void HeardMix::dropEmpty()
{
    std::erase_if(m_parties, [](const auto& party) { return party->isEmpty(); });
}

void HeardMix::seat(Measuring& measuring, Guest& guest, Course course, FrameCount position)
{
    course.begin(position);
    Party* from = guest.party;
    if (from)
        from->reach(position);
    for (const auto& party : m_parties) {
        if (auto names = party->welcome(from, guest, course, position))
            return Party::move(guest, from, party.get(), *std::move(names));
    }
    auto made = std::make_unique<Party>(measuring, course.spans);
    if (from)
        made->inherit(*from, guest, course);
    Party::move(guest, from, made.get(), std::move(course.names));
    m_parties.push_back(std::move(made));
}

void HeardMix::end()
{
    for (const auto& party : m_parties)
        party->end();
}

void HeardMix::trace(TracedStation& station)
{
    untrace(station);
    m_traced.push_back(&station);
}

void HeardMix::untrace(TracedStation& station)
{
    std::erase(m_traced, &station);
}

} // namespace loa::playout
