#include "playout/proof/prover.h"

#include "playout/engine/spsc_ring.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t slotFrames = 960;
constexpr std::size_t ringSlots = 128; // 2.56 s
// The measuring thread looks that often, unasked: a mix is rendered twice as long before it leaves.
constexpr auto lookEvery = 200ms;
constexpr FrameCount publishEvery{sampleRate};
constexpr FrameCount keptAfterEnd{60 * sampleRate};
constexpr float fullScale = 32767.0F;

// The mix is below full scale by its limiter, so 16 bits hold it to -96 dBFS, in half the memory.
struct TapSlot {
    FrameCount position;
    std::uint32_t frames = 0;
    bool isPassed = false; // the file's own packets; no samples
    std::array<std::int16_t, slotFrames> samples;
};

class StationWork final : public StationProof, public MixTap {
public:
    StationWork(FindReference& reference, Prover::Mode mode)
        : m_findReference(reference), m_mode(mode), m_ring(ringSlots)
    {
    }

    // Any thread.
    MixTap& tap() override { return *this; }
    std::optional<MixProof> proof(const AiringId& airing) const override
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_proofs.find(airing);
        return found == m_proofs.end() ? std::nullopt : std::optional(found->second);
    }
    void forget(const AiringId& airing) override
    {
        const std::lock_guard lock(m_mutex);
        m_proofs.erase(airing);
    }

    MixTrace& addTrace() override { return *m_traces.emplace_back(std::make_unique<MixTrace>()); }

    // The pump's.
    void placed(std::shared_ptr<const SessionTimeline> timeline, FrameCount base) override
    {
        post({std::move(timeline), base});
    }
    void cut() override { post({}); }
    void hear(FrameCount position, const RenderedRun& run, std::span<const float> samples) override
    {
        publishPassed();
        if (!run.sounding && run.missing == Break::None)
            return;
        while (!samples.empty()) {
            TapSlot* slot = m_ring.claim();
            if (!slot)
                return;
            const std::size_t count = std::min(samples.size(), slotFrames);
            slot->position = position;
            slot->frames = static_cast<std::uint32_t>(count);
            slot->isPassed = false;
            for (std::size_t index = 0; index < count; ++index) { // written so that it is vectorised
                const float value = std::clamp(samples[index], -1.0F, 1.0F) * fullScale;
                slot->samples[index] = static_cast<std::int16_t>(value + (value < 0.0F ? -0.5F : 0.5F));
            }
            m_ring.publish();
            position += FrameCount{static_cast<std::int64_t>(count)};
            samples = samples.subspan(count);
        }
    }
    bool wantsSamples() const override { return !m_traces.empty(); }
    void passed(FrameCount position, const RenderedRun& run) override
    {
        if (!run.sounding)
            return;
        if (m_passed.frames.value > 0 && position != m_passed.position + m_passed.frames)
            publishPassed();
        if (m_passed.frames.value == 0)
            m_passed.position = position;
        m_passed.frames += run.frames;
    }
    void flush() override
    {
        publishPassed();
        if (m_mode == Prover::Mode::InFlush)
            work();
    }

    // The measuring thread's.
    void work()
    {
        while (const TapSlot* slot = m_ring.front()) {
            if (m_hasMail.load(std::memory_order_acquire)) // before the slot is looked at: it was made after the mail
                readMail();
            measure(*slot);
            m_ring.pop();
        }
    }
    [[nodiscard]] bool hasWork() const { return !m_ring.isEmpty(); }

private:
    struct Mail {
        std::shared_ptr<const SessionTimeline> timeline; // null: all sessions end
        FrameCount base;
    };
    struct Placed {
        SessionId session;
        FrameCount base;
        FrameCount end;
        UtcTime startsAt;
        std::vector<SoleSpan> spans;
    };
    struct Running {
        std::unique_ptr<AiringMeasure> measure;
        FrameCount published;
    };

    // The pump's.
    void publishPassed()
    {
        if (m_passed.frames.value == 0)
            return;
        if (TapSlot* slot = m_ring.claim()) {
            slot->position = m_passed.position;
            slot->frames = static_cast<std::uint32_t>(m_passed.frames.value);
            slot->isPassed = true;
            m_ring.publish();
        }
        m_passed = {};
    }

    void post(Mail mail)
    {
        const std::lock_guard lock(m_mailMutex);
        m_mail.push_back(std::move(mail));
        m_hasMail.store(true, std::memory_order_release);
    }

    void readMail()
    {
        std::vector<Mail> mail;
        {
            const std::lock_guard lock(m_mailMutex);
            m_mail.swap(mail);
            m_hasMail.store(false, std::memory_order_relaxed);
        }
        for (const Mail& one : mail) {
            if (!one.timeline) {
                m_sessions.clear();
                endAll();
                continue;
            }
            std::erase_if(m_sessions, [&](const Placed& placed) { return placed.session == one.timeline->session(); });
            m_sessions.push_back({one.timeline->session(), one.base, one.base + one.timeline->frames(),
                                  one.timeline->startsAt(), soleSpans(*one.timeline)});
        }
    }

    void measure(const TapSlot& slot)
    {
        std::array<float, slotFrames> samples;
        for (std::size_t index = 0; !slot.isPassed && index < slot.frames; ++index)
            samples[index] = static_cast<float>(slot.samples[index]) / fullScale;
        const FrameCount end = slot.position + FrameCount{slot.frames};
        std::erase_if(m_sessions, [&](const Placed& placed) { return placed.end + keptAfterEnd < slot.position; });
        for (const Placed& placed : m_sessions) {
            if (slot.position >= placed.base && slot.position < placed.end) {
                for (const auto& trace : m_traces)
                    trace->sounding(placed.startsAt + toDuration(slot.position - placed.base), slot.frames);
            }
            for (const SoleSpan& span : placed.spans) {
                const FrameCount from = std::max(slot.position, placed.base + span.from);
                const FrameCount to = std::min(end, placed.base + span.to);
                if (to <= from)
                    continue;
                Running& running = of(span);
                if (slot.isPassed) {
                    running.measure->passed(from - placed.base - span.origin, to - from);
                } else {
                    const auto part =
                        std::span<const float>(samples).subspan(static_cast<std::size_t>((from - slot.position).value),
                                                                static_cast<std::size_t>((to - from).value));
                    running.measure->add(from - placed.base - span.origin, part);
                    for (const auto& trace : m_traces)
                        trace->add(placed.startsAt + toDuration(from - placed.base), span.airing, part);
                }
                const bool isOver = to == placed.base + lastOf(placed, span.airing);
                if (isOver || running.measure->frames() - running.published >= publishEvery)
                    publish(span.airing, running);
                if (isOver)
                    m_running.erase(span.airing);
            }
        }
    }

    static FrameCount lastOf(const Placed& placed, const AiringId& airing)
    {
        FrameCount last;
        for (const SoleSpan& span : placed.spans) {
            if (span.airing == airing)
                last = std::max(last, span.to);
        }
        return last;
    }

    Running& of(const SoleSpan& span)
    {
        Running& running = m_running[span.airing];
        if (!running.measure)
            running.measure = std::make_unique<AiringMeasure>(
                [&find = m_findReference, sha256 = span.sha256] { return find ? find(sha256) : nullptr; });
        return running;
    }

    void publish(const AiringId& airing, Running& running)
    {
        running.published = running.measure->frames();
        const auto proof = running.measure->proof();
        const std::lock_guard lock(m_mutex);
        if (proof)
            m_proofs[airing] = *proof;
    }

    void endAll()
    {
        for (auto& [airing, running] : m_running)
            publish(airing, running);
        m_running.clear();
    }

    FindReference& m_findReference;
    const Prover::Mode m_mode;
    struct Passed {
        FrameCount position;
        FrameCount frames; // 0: none
    } m_passed;            // not yet in the ring; the pump's
    SpscRing<TapSlot> m_ring;
    std::mutex m_mailMutex;
    std::vector<Mail> m_mail;
    std::atomic<bool> m_hasMail = false;
    std::vector<Placed> m_sessions;        // the measuring thread's
    std::map<AiringId, Running> m_running; // the measuring thread's
    std::vector<std::unique_ptr<MixTrace>> m_traces;
    mutable std::mutex m_mutex;
    std::map<AiringId, MixProof> m_proofs;
};

} // namespace

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

struct Prover::Impl {
    FindReference reference;
    std::mutex mutex; // guards stations and quit
    std::condition_variable wake;
    std::vector<std::unique_ptr<StationWork>> stations;
    bool quit = false;
    std::thread thread;

    void run()
    {
        prctl(PR_SET_NAME, "loa-proof");
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 5);
        std::unique_lock lock(mutex);
        while (!quit) {
            for (std::size_t index = 0; index < stations.size(); ++index) {
                StationWork& station = *stations[index]; // none is ever removed
                if (!station.hasWork())
                    continue;
                lock.unlock();
                station.work();
                lock.lock();
            }
            wake.wait_for(lock, lookEvery, [this] { return quit; });
        }
    }
};

Prover::Prover(FindReference reference, Mode mode) : m_impl(std::make_unique<Impl>())
{
    m_impl->reference = std::move(reference);
    if (mode == Mode::OwnThread)
        m_impl->thread = std::thread([impl = m_impl.get()] { impl->run(); });
}

Prover::~Prover()
{
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->quit = true;
    }
    m_impl->wake.notify_one();
    if (m_impl->thread.joinable())
        m_impl->thread.join();
}

StationProof& Prover::addStation()
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->stations.push_back(
        std::make_unique<StationWork>(m_impl->reference, m_impl->thread.joinable() ? Mode::OwnThread : Mode::InFlush));
    return *m_impl->stations.back();
}

} // namespace loa::playout
