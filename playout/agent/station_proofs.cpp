// The desk's other half: what is measured and heard of the station's airings.
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr std::chrono::hours referencesAhead{24};

QString toText(const ForeignSound& sound)
{
    const QString from = u"from "_s + loa::toString(sound.from);
    return sound.until ? from + u" until "_s + loa::toString(*sound.until) : from;
}

} // namespace

// Made ahead, so that what sounds has something to be compared with.
void StationDesk::wantReferences(const Bundle& bundle) const
{
    if (!m_proofs.wantReference)
        return;
    const UtcTime now = m_clock.now();
    for (const BundleSession& session : bundle.sessions) {
        if (endOf(session) < now || session.startsAt > now + referencesAhead)
            continue;
        for (const BundleAiring& airing : session.airings) {
            if (m_cache.holds(airing.sha256))
                m_proofs.wantReference(airing.sha256);
        }
    }
}

void StationDesk::askMonitors(const AiringRecord& record)
{
    // A relay has no item that could be heard, and counts for no duty.
    if (record.frames.value == 0 || !record.firstFrameAt || !record.lastFrameAt || !record.relay.isEmpty())
        return;
    std::chrono::milliseconds delay{0};
    for (const OutputConfig& output : m_station.outputs) {
        if (output.name == record.output)
            delay = output.delay;
    }
    for (const auto& monitor : m_proofs.monitors) {
        if (monitor->output() != record.output)
            continue;
        HeardQuestion question;
        question.proof.airing = record.airing;
        question.proof.session = record.session;
        question.proof.item = record.item;
        question.proof.sha256 = record.sha256;
        question.proof.output = record.output;
        question.proof.plannedStart = record.plannedStart;
        question.from = *record.firstFrameAt - delay;
        question.to = *record.lastFrameAt - delay;
        question.isWhole = record.outcome == Outcome::Complete;
        monitor->ask(std::move(question));
    }
}

void StationDesk::takeMonitorNews()
{
    for (const auto& monitor : m_proofs.monitors) {
        for (const MonitorNews& news : monitor->take()) {
            if (const auto* heard = std::get_if<HeardProof>(&news)) {
                m_notebook.heard(m_station.id, *heard);
            } else if (const auto* foreign = std::get_if<ForeignSound>(&news)) {
                m_notebook.event(m_station.id, foreign->until ? u"foreign-sound-over"_s : u"foreign-sound"_s,
                                 monitor->name() + u": "_s + toText(*foreign));
            } else if (const auto* state = std::get_if<MonitorState>(&news)) {
                m_notebook.eventOnChange(u"monitor:%1/%2"_s.arg(m_station.id.value, monitor->name()), m_station.id,
                                         state->isOpen ? u"monitor-opened"_s : u"monitor-lost"_s,
                                         monitor->name() +
                                             (state->error ? u": "_s + describe(*state->error) : QString()));
            }
        }
    }
}

} // namespace loa::playout
