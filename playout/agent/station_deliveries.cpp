// What the player tells of a station's airings becomes lines of the journal.
#include "playout/agent/log.h"
#include "playout/agent/session_facts.h"
#include "playout/agent/station_desk.h"

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

AiringKey keyOf(const AiringRecord& record)
{
    return {record.airing, record.output};
}

} // namespace

void StationDesk::delivered(const AiringBegan& delivery)
{
    const AiringRecord& record = delivery.record;
    if (!record.firstFrameAt)
        return;
    m_notebook.began(keyOf(record), *record.firstFrameAt);
    if (m_told)
        m_told(record.airing, nullptr);
    if (record.frames.value > 0 && record.lastFrameAt)
        m_notebook.progressed(keyOf(record), {record.frames, record.gaps, *record.lastFrameAt, sharesOf(record)});
}

void StationDesk::delivered(const AiringProgressed& delivery)
{
    const AiringRecord& record = delivery.record;
    if (record.lastFrameAt)
        m_notebook.progressed(keyOf(record), {record.frames, record.gaps, *record.lastFrameAt, sharesOf(record)});
}

void StationDesk::delivered(const AiringEnded& delivery)
{
    const AiringRecord& record = delivery.record;
    const auto handed = m_handed.find(record.session);
    const bool isUnwanted = handed != m_handed.end() && (handed->second.revoked.contains(record.airing) ||
                                                         handed->second.ended.contains(record.airing));
    if (m_isStopping && !isUnwanted && record.reason == Break::Stopped && record.frames.value == 0 &&
        record.plannedStart > m_clock.now())
        return; // the next run plays it, or says that it came too late
    AiringEnd end{record.outcome,     record.frames,           record.gaps, record.firstFrameAt,
                  record.lastFrameAt, toString(record.reason), {},          {},
                  sharesOf(record)};
    if (handed != m_handed.end() && handed->second.revoked.contains(record.airing) &&
        end.outcome != Outcome::Complete) {
        end.reason = u"withdrawn"_s;
        end.detail = u"a newer bundle does not hold it"_s;
    }
    if (handed != m_handed.end() && end.outcome != Outcome::Complete) {
        if (const auto order = handed->second.ended.find(record.airing); order != handed->second.ended.end())
            end.reason = order->second;
        else if (const Cover* cover = coverOf(record.plannedStart);
                 record.reason == Break::LateStart && cover && cover->event != record.session)
            end.reason = u"pre-empted"_s;
    }
    if (m_proofs.mix && record.frames.value > 0)
        end.mix = m_proofs.mix->proof(record.airing);
    if (handed != m_handed.end()) {
        const auto silent = handed->second.standIns.find(record.airing);
        if (silent != handed->second.standIns.end()) {
            end.detail = u"stood in for airing %1, %2"_s.arg(silent->second.instead.value, silent->second.why);
            if (end.reason.isEmpty())
                end.reason = u"silence-standby"_s;
        }
    }
    close(keyOf(record), end);
    askMonitors(record);
    closeStandby(record);
}

void StationDesk::delivered(const SessionEnded& delivery)
{
    const auto handed = m_handed.find(delivery.session);
    if (handed == m_handed.end())
        return;
    if (m_proofs.mix) {
        for (const Segment& segment : handed->second.timeline.airings())
            m_proofs.mix->forget(segment.airing);
        for (const LiveEvent& event : handed->second.events)
            m_proofs.mix->forget(event.airing);
    }
    forgetRelays(handed->second.timeline);
    m_handed.erase(handed);
    handOverTheRest(delivery.session);
    for (const OutputHealth& output : m_player->health())
        qCInfo(agentLog).noquote().nospace()
            << "session-ended station=" << m_station.id.value << " session=" << delivery.session.value
            << " output=" << output.name << " starts=" << output.starts
            << " start_error_p50_us=" << output.startErrorP50.count() << " p99_us=" << output.startErrorP99.count()
            << " lost_frames=" << output.lost.value;
}

void StationDesk::delivered(const OutputEvent& event)
{
    const bool lost = event.kind == OutputEvent::Kind::Lost;
    m_notebook.eventOnChange(u"output:%1/%2"_s.arg(m_station.id.value, event.output), m_station.id,
                             lost ? u"output-lost"_s : u"output-opened"_s,
                             event.output + (event.error ? u": "_s + describe(*event.error) : QString()));
}

} // namespace loa::playout
