#include "playout/engine/mix.h"

#include <algorithm>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

constexpr FrameCount fetchLead{8 * sampleRate}; // sources are opened 8 s before they are due
constexpr auto usuallyAhead = 600ms;            // blocks are made before they leave

} // namespace

Mix::Mix(const MixSettings& settings, FrameCount cursor)
    : m_settings(settings), m_programme(*settings.sources, settings.fetching), m_bus(m_programme, settings.ceilingDb),
      m_passing(m_programme, m_bus, settings.ceilingDb), m_watch(std::make_shared<SilenceWatch>(settings.silenceAfter)),
      m_ear(settings.ears ? settings.ears->open(cursor) : nullptr), m_cursor(cursor)
{
}

Mix::Mix(const Mix& other, Programme programme)
    : m_settings(other.m_settings), m_programme(std::move(programme)), m_bus(other.m_bus, m_programme),
      m_passing(m_programme, m_bus, other.m_settings.ceilingDb),
      m_watch(std::make_shared<SilenceWatch>(*other.m_watch)),
      m_ear(m_settings.ears ? m_settings.ears->open(other.m_cursor) : nullptr), m_cursor(other.m_cursor),
      m_isBusy(other.m_isBusy)
{
    for (const auto& stage : other.m_stages)
        m_stages.push_back(stage->copy());
}

Result<void> Mix::add(MixMember& member)
{
    for (MixLane& lane : member.lanes) {
        lane.wish = &wishFor(lane.output->runner().traits());
        if (!lane.key)
            continue;
        const auto stage = stageFor(m_stages, *lane.key, m_settings.share);
        if (!stage)
            return passOn(stage);
        lane.stage = *stage;
    }
    m_members.push_back(&member);
    for (const MixLane& lane : member.lanes) {
        m_hearers.push_back(
            {&member, lane.output.get(), lane.stage, lane.wish, lane.output->runner().traits().wantsSamples});
        makeRoomFor(lane);
    }
    if (m_ear && member.tap)
        member.tap->follow(m_ear);
    return {};
}

void Mix::remove(MixMember& member)
{
    std::erase(m_members, &member);
    std::erase_if(m_hearers, [&](const Hearer& one) { return one.member == &member; });
    std::erase_if(m_wishes, [this](const auto& wish) {
        return std::none_of(m_hearers.begin(), m_hearers.end(),
                            [&](const Hearer& one) { return one.wish == wish.get(); });
    });
}

// For what lies between here and the outputs as a rule, so that no block is made while it plays.
void Mix::makeRoomFor(const MixLane& lane)
{
    const OutputLane& output = *lane.output;
    const auto blocks = [&](std::chrono::milliseconds each) {
        return static_cast<std::size_t>((usuallyAhead + output.delay()) / each) + 4;
    };
    if (lane.key) {
        const std::chrono::milliseconds each = lane.key->bundle * lane.key->encoder.frameDuration;
        const std::int64_t bytes = lane.key->encoder.bitRate / 8 * each.count() / 1000 * 3 / 2;
        m_packets.reserve(m_stages.size() * blocks(each), static_cast<std::size_t>(bytes));
    } else {
        const bool wantsSamples = output.runner().traits().wantsSamples;
        m_runs.reserve(blocks(20ms), wantsSamples ? MixBus::longestBlock * sizeof(float) : 0);
    }
}

const MixWish& Mix::wishFor(const DeviceTraits& traits)
{
    const auto found = std::find_if(m_wishes.begin(), m_wishes.end(), [&](const auto& wish) {
        return wish->traits.between == traits.between && wish->traits.leadIn == traits.leadIn &&
               wish->traits.tail == traits.tail;
    });
    if (found != m_wishes.end())
        return **found;
    m_wishes.push_back(std::make_unique<MixWish>(MixWish{traits}));
    return *m_wishes.back();
}

FrameCount Mix::look()
{
    FrameCount nearest{MixBus::longestBlock};
    for (auto& wish : m_wishes) {
        const FrameCount until = m_programme.untilWanted(wish->traits, m_cursor);
        wish->wants = until.value == 0;
        if (!wish->wants)
            nearest = std::min(nearest, until);
    }
    return nearest;
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

void Mix::skipTo(FrameCount cursor)
{
    for (const Hearer& one : m_hearers) {
        if (m_programme.untilWanted(one.wish->traits, m_cursor) < cursor - m_cursor)
            one.output->runner().fellBehind();
    }
    m_cursor = cursor;
}

bool Mix::pumpUntil(FrameCount end)
{
    if (m_cursor >= end)
        return m_isBusy;
    m_programme.prepare(m_cursor, fetchLead);
    m_isBusy = false;
    while (m_cursor < end) {
        // No run may reach over the frame at which another output begins to want.
        std::int64_t nearest = std::min(look().value, (end - m_cursor).value);
        if (m_settings.fetching == Fetching::Packets) // nor over a slot of packets
            nearest = std::min(nearest, PassThrough::slot.value - m_cursor.value % PassThrough::slot.value);
        const bool wanted = std::any_of(m_wishes.begin(), m_wishes.end(), [](const auto& wish) { return wish->wants; });
        m_isBusy |= wanted;
        if (wanted) {
            nearest = make({nearest}).value;
        } else {
            m_watch->reset();
            for (auto& stage : m_stages)
                stage->rest();
        }
        m_cursor += FrameCount{nearest};
    }
    for (const Hearer& one : m_hearers)
        one.output->reach(one.stage && one.wants() ? one.stage->pending() : m_cursor);
    if (m_ear)
        m_ear->flush(m_cursor);
    return m_isBusy;
}

bool Mix::needsSamples() const
{
    return std::any_of(m_members.begin(), m_members.end(),
                       [](const MixMember* member) { return member->tap && member->tap->wantsSamples(); }) ||
           std::any_of(m_hearers.begin(), m_hearers.end(), [this](const Hearer& one) {
               return one.wants() && (one.stage ? !one.stage->goesOnPassing(m_cursor) : one.wantsSamples);
           });
}

FrameCount Mix::make(FrameCount frames)
{
    const std::span<const std::byte> packet =
        m_settings.fetching == Fetching::Packets ? m_passing.packetFor(m_cursor, frames) : std::span<const std::byte>{};
    const bool isMixed = packet.empty() || needsSamples();
    const std::span<float> all = std::span(m_scratch).first(static_cast<std::size_t>(frames.value));
    FrameCount done;
    do {
        const FrameCount at = m_cursor + done;
        const std::span<float> room = all.subspan(static_cast<std::size_t>(done.value));
        const RenderedRun run = isMixed ? m_bus.render(at, room) : m_bus.advance(at, frames - done);
        const std::span<const float> mixed =
            isMixed ? room.first(static_cast<std::size_t>(run.frames.value)) : std::span<float>{};
        if (isMixed)
            m_watch->hear(run, mixed);
        else
            m_watch->reset(); // what an approved recording is silent about is no fault
        if (m_ear)
            isMixed ? m_ear->hear(at, run, mixed) : m_ear->passed(at, run);
        give(at, run, mixed);
        done += run.frames;
    } while (!packet.empty() && done < frames);
    encode(m_cursor, isMixed ? all.first(static_cast<std::size_t>(done.value)) : std::span<float>{}, packet);
    return done;
}

void Mix::give(FrameCount position, const RenderedRun& run, std::span<const float> samples)
{
    const auto toThose = [&](RunnerBlock::Kind kind, BlockPool& pool, std::span<const float> sound, auto isOne) {
        HeldBlock block;
        for (const Hearer& one : m_hearers) {
            if (!one.wants() || !isOne(one))
                continue;
            if (!block)
                block = pool.make({position, run.frames, run.missing, kind, run.absent}, std::as_bytes(sound));
            one.output->push(block);
        }
    };
    if (!run.absent.isEmpty()) // of the others the packets come when they are full
        toThose(RunnerBlock::Kind::Missing, m_packets, {}, [](const Hearer& one) { return one.stage != nullptr; });
    const bool arePlain = std::any_of(m_hearers.begin(), m_hearers.end(), [](const Hearer& one) { return !one.stage; });
    if (arePlain) {
        const bool isHeard =
            std::any_of(m_hearers.begin(), m_hearers.end(), [](const Hearer& one) { return one.wantsSamples; });
        toThose(RunnerBlock::Kind::Samples, m_runs, isHeard ? samples : std::span<const float>{},
                [](const Hearer& one) { return !one.stage; });
    }
}

void Mix::encode(FrameCount position, std::span<const float> samples, std::span<const std::byte> packet)
{
    for (auto& stage : m_stages) {
        const auto takes = [&](const Hearer& one) { return one.stage == stage.get() && one.wants(); };
        if (std::none_of(m_hearers.begin(), m_hearers.end(), takes)) {
            stage->rest();
            continue;
        }
        const auto toEach = [&](const BlockHead& head, std::span<const std::byte> data) {
            const HeldBlock block = m_packets.make(head, data);
            for (const Hearer& one : m_hearers) {
                if (takes(one))
                    one.output->push(block);
            }
        };
        const auto give = [&](const EncoderStage::Packet& one) {
            const auto kind = one.leadsIn ? RunnerBlock::Kind::LeadIn : RunnerBlock::Kind::Packet;
            toEach({one.position, one.frames, Break::None, kind}, one.data);
        };
        const bool passesNow = !packet.empty() && stage->mayPass(position);
        if (!(passesNow && stage->goesOnPassing(position)) && !stage->write(position, samples, give)) {
            const FrameCount from = stage->pending();
            const FrameCount end = position + FrameCount{static_cast<std::int64_t>(samples.size())};
            toEach({from, end - from, Break::OutputDown, RunnerBlock::Kind::Missing}, {});
            continue;
        }
        if (passesNow)
            stage->pass(position, packet, give);
    }
}

EncodingCount Mix::encoding() const
{
    EncodingCount count;
    count.stages = static_cast<int>(m_stages.size());
    for (const auto& stage : m_stages) {
        count.runs += stage->runs();
        count.packets += stage->packets();
        count.passed += stage->passed();
    }
    return count;
}

} // namespace loa::playout
