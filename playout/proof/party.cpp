#include "playout/proof/party.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr FrameCount publishEvery{sampleRate};

} // namespace

void Figures::set(const std::optional<MixProof>& proof)
{
    const std::lock_guard lock(m_mutex);
    m_proof = proof;
}

std::optional<MixProof> Figures::get() const
{
    const std::lock_guard lock(m_mutex);
    return m_proof;
}

void ProofBook::enter(const AiringId& airing, std::shared_ptr<const Figures> figures)
{
    const std::lock_guard lock(m_mutex);
    m_figures[airing] = std::move(figures);
}

void ProofBook::replace(const AiringId& airing, std::shared_ptr<const Figures> figures)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_figures.find(airing);
    if (found != m_figures.end())
        found->second = std::move(figures);
}

std::optional<MixProof> ProofBook::proof(const AiringId& airing) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_figures.find(airing);
    return found == m_figures.end() ? std::nullopt : found->second->get();
}

void ProofBook::forget(const AiringId& airing)
{
    const std::lock_guard lock(m_mutex);
    m_figures.erase(airing);
}

std::optional<AiringNames> Party::welcome(Party* from, const Guest& guest, const Course& course, FrameCount position)
{
    reach(position);
    auto names = namesFor(m_spans, course, position);
    if (!names)
        return std::nullopt;
    std::size_t same = 0;
    for (const auto& [number, running] : from ? from->m_running : std::map<std::size_t, Running>{}) {
        const auto found = std::find(names->begin(), names->end(), guest.names[number]);
        if (found == names->end())
            continue; // ends here
        const auto here = m_running.find(static_cast<std::size_t>(found - names->begin()));
        if (here == m_running.end() || here->second.state != running.state)
            return std::nullopt;
        ++same;
    }
    return same == m_running.size() ? names : std::nullopt;
}

void Party::inherit(Party& from, const Guest& guest, const Course& course)
{
    for (const auto& [number, running] : from.m_running) {
        const auto goesOn = [&](const CourseSpan& span) { return course.names[span.airing] == guest.names[number]; };
        const auto found = std::find_if(m_spans.begin(), m_spans.end(), goesOn);
        if (found == m_spans.end())
            continue;
        Running copy = running;
        copy.figures = std::make_shared<Figures>();
        copy.figures->set(running.figures->get());
        m_running.emplace(found->airing, std::move(copy));
    }
}

void Party::move(Guest& guest, Party* from, Party* to, AiringNames names)
{
    if (from) {
        for (auto& [number, running] : from->m_running) {
            const AiringId& airing = guest.names[number];
            const auto found = std::find(names.begin(), names.end(), airing);
            const auto here = to ? to->m_running.find(static_cast<std::size_t>(found - names.begin()))
                                 : decltype(from->m_running.end()){};
            if (to && found != names.end() && here != to->m_running.end()) {
                guest.book.replace(airing, here->second.figures);
                continue;
            }
            if (running.leftState != running.state) { // it is over for those who leave now
                running.left = std::make_shared<Figures>();
                running.left->set(running.measure.proof());
                running.leftState = running.state;
            }
            guest.book.replace(airing, running.left);
        }
        from->m_members[guest.seat] = from->m_members.back();
        from->m_members[guest.seat]->seat = guest.seat;
        from->m_members.pop_back();
    }
    guest.party = to;
    guest.names = std::move(names);
    if (to) {
        guest.seat = to->m_members.size();
        to->m_members.push_back(&guest);
    }
}

void Party::hear(FrameCount position, FrameCount frames, std::span<const float> samples)
{
    const FrameCount end = position + frames;
    for (const CourseSpan& span : m_spans) {
        const FrameCount from = std::max(position, span.from);
        const FrameCount to = std::min(end, span.to);
        if (from >= end)
            break;
        if (to <= from)
            continue;
        Running& running = begin(span);
        if (samples.empty()) {
            running.measure.passed(from - span.origin, to - from);
        } else {
            const auto first = static_cast<std::size_t>((from - position).value);
            running.measure.add(from - span.origin,
                                samples.subspan(first, static_cast<std::size_t>((to - from).value)));
        }
        running.state = ++m_measuring.states;
        running.isFresh = true;
        if (running.measure.frames() - running.published >= publishEvery)
            publish(running);
    }
    reach(end);
}

Party::Running& Party::begin(const CourseSpan& span)
{
    const auto [running, isNew] = m_running.try_emplace(
        span.airing, [&find = m_measuring.find, sha256 = span.sha256] { return find ? find(sha256) : nullptr; });
    if (isNew) {
        for (Guest* member : m_members)
            member->book.enter(member->names[span.airing], running->second.figures);
    }
    return running->second;
}

void Party::reach(FrameCount position)
{
    if (m_spans.empty() || m_spans.front().to > position)
        return;
    std::erase_if(m_spans, [&](const CourseSpan& span) { return span.to <= position; });
    for (auto entry = m_running.begin(); entry != m_running.end();) {
        const bool goesOn = std::any_of(m_spans.begin(), m_spans.end(),
                                        [&](const CourseSpan& span) { return span.airing == entry->first; });
        if (!goesOn)
            publish(entry->second);
        entry = goesOn ? std::next(entry) : m_running.erase(entry);
    }
}

void Party::rest()
{
    for (auto& [number, running] : m_running) {
        if (!running.isFresh && running.published != running.measure.frames())
            publish(running);
        running.isFresh = false;
    }
}

void Party::end()
{
    for (auto& [number, running] : m_running)
        publish(running);
    m_running.clear();
    for (Guest* member : m_members) {
        member->mix = nullptr;
        member->party = nullptr;
        member->names.clear();
    }
    m_members.clear();
}

void Party::publish(Running& running)
{
    running.published = running.measure.frames();
    if (const auto proof = running.measure.proof())
        running.figures->set(proof);
}

} // namespace loa::playout
