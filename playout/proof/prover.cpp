#include "playout/proof/prover.h"

#include "playout/proof/heard_mix.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;

// The measuring thread looks that often, unasked: a mix is rendered twice as long before it leaves.
constexpr auto lookEvery = 200ms;
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

class StationWork;

// What a tap was told, in order.
struct Mail {
    enum class Kind { Follow, Place, Remove, Cut, Trace } kind;
    StationWork* station;
    std::shared_ptr<HeardMix> mix = {}; // Follow: which
    std::size_t left = all;             // Follow: so much of the one that it leaves concerns it
    std::size_t told = 0;               // so much of its mix comes before
    FrameCount at = {};                 // all before has been rendered
    std::shared_ptr<const SessionTimeline> timeline = {};
    FrameCount base = {};
    FrameCount from = {};
    MixTrace* trace = nullptr;
};

class StationWork final : public StationProof, public MixTap {
public:
    StationWork(MixEars& ears, std::function<void(Mail)> post) : m_ears(ears), m_post(std::move(post)) {}

    // Any thread.
    MixTap& tap() override { return *this; }
    std::optional<MixProof> proof(const AiringId& airing) const override { return guest.book.proof(airing); }
    void forget(const AiringId& airing) override { guest.book.forget(airing); }

    MixTrace& addTrace() override
    {
        MixTrace& trace = *m_traces.emplace_back(std::make_unique<MixTrace>());
        m_isTraced = true;
        m_post({.kind = Mail::Kind::Trace, .station = this, .trace = &trace});
        return trace;
    }

    // The pump's.
    MixEars& ears() override { return m_ears; }
    void follow(const std::shared_ptr<MixEar>& ear) override
    {
        auto next = std::static_pointer_cast<HeardMix>(ear); // of ears()
        const auto before = m_followed.lock();
        m_followed = next;
        Mail mail{.kind = Mail::Kind::Follow, .station = this, .left = before ? before->told() : all};
        mail.told = next->told();
        mail.at = next->reached();
        mail.mix = std::move(next);
        m_post(std::move(mail));
    }
    void placed(std::shared_ptr<const SessionTimeline> timeline, FrameCount base, FrameCount from) override
    {
        change(
            {.kind = Mail::Kind::Place, .station = this, .timeline = std::move(timeline), .base = base, .from = from});
    }
    void removed(FrameCount base) override { change({.kind = Mail::Kind::Remove, .station = this, .base = base}); }
    void cut(FrameCount from) override { change({.kind = Mail::Kind::Cut, .station = this, .from = from}); }
    bool wantsSamples() const override { return m_isTraced; }

    Guest guest; // the measuring thread's, as what follows
    TracedStation traced;

private:
    void change(Mail mail)
    {
        const auto mix = m_followed.lock();
        assert(mix); // it follows an ear before it has plans
        mail.told = mix->told();
        mail.at = mix->reached();
        m_post(std::move(mail));
    }

    MixEars& m_ears;
    const std::function<void(Mail)> m_post;
    std::weak_ptr<HeardMix> m_followed; // the pump's
    std::vector<std::unique_ptr<MixTrace>> m_traces;
    std::atomic<bool> m_isTraced = false;
};

} // namespace

struct Prover::Impl final : MixEars {
    Impl(FindReference reference, Mode is) : mode(is), measuring{std::move(reference)} {}

    std::shared_ptr<MixEar> open(FrameCount position) override
    {
        return std::make_shared<HeardMix>(
            position, mode == Mode::OwnThread ? std::function<void()>() : [this] { work(); });
    }
    void post(Mail mail)
    {
        const std::lock_guard lock(mailMutex);
        mails.push_back(std::move(mail));
    }
    void run();
    // The measuring thread's, like all that follows.
    void work();
    void deliver(const Mail& mail);
    void follow(const Mail& mail);
    void dropLeft();

    const Mode mode;
    Measuring measuring;
    std::mutex mailMutex;
    std::vector<Mail> mails;
    std::vector<std::shared_ptr<HeardMix>> mixes;       // that somebody has followed; the measuring thread's
    std::vector<std::unique_ptr<StationWork>> stations; // of who adds them
    std::mutex mutex;                                   // guards quit
    std::condition_variable wake;
    bool quit = false;
    std::thread thread;
};

void Prover::Impl::run()
{
    prctl(PR_SET_NAME, "loa-proof");
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 5);
    std::unique_lock lock(mutex);
    while (!quit) {
        lock.unlock();
        work();
        lock.lock();
        wake.wait_for(lock, lookEvery, [this] { return quit; });
    }
}

void Prover::Impl::work()
{
    // No further than this goes what no mail that is read now could change.
    std::vector<std::size_t> ready;
    for (const auto& mix : mixes)
        ready.push_back(mix->ready());
    std::vector<Mail> read;
    {
        const std::lock_guard lock(mailMutex);
        mails.swap(read);
    }
    for (const Mail& mail : read)
        deliver(mail);
    for (std::size_t index = 0; index < ready.size(); ++index)
        mixes[index]->measure(ready[index]);
    for (const auto& mix : mixes)
        mix->rest();
    read.clear(); // what they hold
    dropLeft();
}

void Prover::Impl::deliver(const Mail& mail)
{
    StationWork& station = *mail.station;
    switch (mail.kind) {
    case Mail::Kind::Follow:
        return follow(mail);
    case Mail::Kind::Trace:
        station.traced.addTrace(*mail.trace);
        if (station.guest.mix)
            station.guest.mix->trace(station.traced);
        return;
    case Mail::Kind::Place:
    case Mail::Kind::Remove:
    case Mail::Kind::Cut:
        break;
    }
    if (!station.guest.mix) // its player is gone
        return;
    station.guest.mix->measure(mail.told);
    Course course = station.guest.party->courseOf(station.guest);
    if (mail.kind == Mail::Kind::Place) {
        course.place(*mail.timeline, mail.base, mail.from);
        if (station.traced.isTraced())
            station.traced.place(*mail.timeline, mail.base);
    } else if (mail.kind == Mail::Kind::Remove) {
        course.remove(mail.base);
        station.traced.remove(mail.base);
    } else {
        course.cut(mail.from);
        station.traced.cut(mail.from);
    }
    station.guest.mix->seat(measuring, station.guest, std::move(course), mail.at);
}

void Prover::Impl::follow(const Mail& mail)
{
    StationWork& station = *mail.station;
    Course course;
    if (station.guest.mix) {
        station.guest.mix->measure(mail.left);
        station.guest.mix->untrace(station.traced);
        course = station.guest.party->courseOf(station.guest);
    }
    if (std::find(mixes.begin(), mixes.end(), mail.mix) == mixes.end())
        mixes.push_back(mail.mix);
    station.guest.mix = mail.mix.get();
    station.guest.mix->measure(mail.told);
    station.guest.mix->seat(measuring, station.guest, std::move(course), mail.at);
    if (station.traced.isTraced())
        station.guest.mix->trace(station.traced);
}

// Mixes that are no more. Who left one was told of before it went; whoever is still there went with it.
void Prover::Impl::dropLeft()
{
    const std::lock_guard lock(mailMutex);
    if (!mails.empty())
        return;
    std::erase_if(mixes, [](const auto& mix) {
        if (mix.use_count() > 1 || mix->hasSlots())
            return false;
        mix->end();
        return true;
    });
}

Prover::Prover(FindReference reference, Mode mode) : m_impl(std::make_unique<Impl>(std::move(reference), mode))
{
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
    Impl& impl = *m_impl;
    return *impl.stations.emplace_back(
        std::make_unique<StationWork>(impl, [&impl](Mail mail) { impl.post(std::move(mail)); }));
}

} // namespace loa::playout
