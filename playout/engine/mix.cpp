#include "playout/engine/mix.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr FrameCount fetchLead{8 * sampleRate}; // sources are opened 8 s before they are due

}

Mix::Mix(const MixSettings& settings, FrameCount cursor)
    : m_settings(settings), m_programme(*settings.sources), m_bus(m_programme, settings.ceilingDb),
      m_watch(std::make_shared<SilenceWatch>(settings.silenceAfter)), m_cursor(cursor)
{
}

Mix::Mix(const Mix& other, Programme programme)
    : m_settings(other.m_settings), m_programme(std::move(programme)), m_bus(other.m_bus, m_programme),
      m_watch(std::make_shared<SilenceWatch>(*other.m_watch)), m_cursor(other.m_cursor), m_isBusy(other.m_isBusy)
{
    for (const auto& stage : other.m_stages)
        m_stages.push_back(stage->copy());
}

Result<void> Mix::add(MixMember& member)
{
    for (MixLane& lane : member.lanes) {
        if (!lane.key)
            continue;
        const auto stage = stageFor(m_stages, *lane.key, m_settings.share);
        if (!stage)
            return passOn(stage);
        lane.stage = *stage;
    }
    m_members.push_back(&member);
    return {};
}

void Mix::remove(MixMember& member)
{
    std::erase(m_members, &member);
}

std::unique_ptr<Mix> Mix::copy() const
{
    auto programme = m_settings.share ? m_programme.copy() : std::nullopt;
    if (!programme)
        return nullptr;
    return std::unique_ptr<Mix>(new Mix(*this, std::move(*programme)));
}

bool Mix::isLike(const Mix& other) const
{
    if (m_settings != other.m_settings || m_cursor != other.m_cursor || !m_programme.isEmpty() ||
        !other.m_programme.isEmpty() || !m_bus.isLike(other.m_bus, m_cursor)) {
        return false;
    }
    return std::all_of(m_stages.begin(), m_stages.end(), [&](const auto& stage) {
        const auto twin = std::find_if(other.m_stages.begin(), other.m_stages.end(),
                                       [&](const auto& candidate) { return candidate->key() == stage->key(); });
        return twin != other.m_stages.end() && stage->isLike(**twin);
    });
}

bool Mix::pumpUntil(FrameCount end)
{
    if (m_cursor >= end)
        return m_isBusy;
    m_programme.prepare(m_cursor, fetchLead);
    m_isBusy = false;
    while (m_cursor < end) {
        // No run may reach over the frame at which another output begins to want.
        std::int64_t nearest = std::min(MixBus::longestBlock, (end - m_cursor).value);
        bool wanted = false;
        for (MixMember* member : m_members) {
            for (MixLane& lane : member->lanes) {
                const std::int64_t until = m_programme.untilWanted(lane.output->runner().traits(), m_cursor).value;
                lane.wants = until == 0;
                wanted |= lane.wants;
                if (until > 0)
                    nearest = std::min(nearest, until);
            }
        }
        m_isBusy |= wanted;
        if (wanted) {
            const RenderedRun run =
                m_bus.render(m_cursor, std::span(m_scratch).first(static_cast<std::size_t>(nearest)));
            const std::span<const float> mixed =
                std::span<const float>(m_scratch).first(static_cast<std::size_t>(run.frames.value));
            m_watch->hear(run, mixed);
            for (MixMember* member : m_members) {
                if (member->tap)
                    member->tap->hear(m_cursor, run, mixed);
                for (MixLane& lane : member->lanes) {
                    if (lane.wants)
                        push(lane, m_cursor, run);
                }
            }
            encode(m_cursor, run);
            nearest = run.frames.value;
        } else {
            m_watch->reset();
            for (auto& stage : m_stages)
                stage->rest();
        }
        m_cursor += FrameCount{nearest};
    }
    for (MixMember* member : m_members) {
        for (MixLane& lane : member->lanes)
            lane.output->reach(lane.stage && lane.wants ? lane.stage->pending() : m_cursor);
        if (member->tap)
            member->tap->flush();
    }
    return m_isBusy;
}

void Mix::push(MixLane& lane, FrameCount position, const RenderedRun& run)
{
    if (lane.stage) { // its packets come when they are full
        if (!run.absent.isEmpty())
            lane.output->push({position, run.frames, run.missing, RunnerBlock::Kind::Missing, run.absent}, {});
        return;
    }
    std::span<const std::byte> samples;
    if (lane.output->runner().traits().wantsSamples)
        samples = std::as_bytes(std::span(m_scratch).first(static_cast<std::size_t>(run.frames.value)));
    lane.output->push({position, run.frames, run.missing, RunnerBlock::Kind::Samples, run.absent}, samples);
}

void Mix::encode(FrameCount position, const RenderedRun& run)
{
    const std::span<const float> samples =
        std::span<const float>(m_scratch).first(static_cast<std::size_t>(run.frames.value));
    for (auto& stage : m_stages) {
        bool isWanted = false;
        const auto eachLane = [&](auto function) {
            for (MixMember* member : m_members) {
                for (MixLane& lane : member->lanes) {
                    if (lane.wants && lane.stage == stage.get())
                        function(lane);
                }
            }
        };
        eachLane([&](const MixLane&) { isWanted = true; });
        if (!isWanted) {
            stage->rest();
            continue;
        }
        const auto toEach = [&](const BlockHead& head, std::span<const std::byte> data) {
            eachLane([&](MixLane& lane) { lane.output->push(head, data); });
        };
        const bool encoded = stage->write(position, samples, [&](const EncoderStage::Packet& packet) {
            const auto kind = packet.leadsIn ? RunnerBlock::Kind::LeadIn : RunnerBlock::Kind::Packet;
            toEach({packet.position, packet.frames, Break::None, kind}, packet.data);
        });
        if (!encoded) {
            const FrameCount from = stage->pending();
            toEach({from, position + run.frames - from, Break::OutputDown, RunnerBlock::Kind::Missing}, {});
        }
    }
}

EncodingCount Mix::encoding() const
{
    EncodingCount count;
    count.stages = static_cast<int>(m_stages.size());
    for (const auto& stage : m_stages) {
        count.runs += stage->runs();
        count.packets += stage->packets();
    }
    return count;
}

} // namespace loa::playout
