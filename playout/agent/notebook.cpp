#include "playout/agent/notebook.h"

#include "playout/agent/log.h"

namespace loa::playout {

Q_LOGGING_CATEGORY(agentLog, "loa.agent")

void Notebook::post(Write write)
{
    m_waiting.push_back(std::move(write));
    flush();
}

bool Notebook::flush()
{
    while (!m_waiting.empty()) {
        const auto written = m_waiting.front()(m_journal);
        if (!written && written.error().category == ErrorCategory::Storage && makeRoom()) {
            qCWarning(agentLog).noquote().nospace() << "journal-reserve-used " << describe(written.error());
            continue;
        }
        if (!written && written.error().category == ErrorCategory::Storage) {
            if (!std::exchange(m_isBehindSaid, true))
                qCCritical(agentLog).noquote().nospace()
                    << "journal-behind waiting=" << m_waiting.size() << " " << describe(written.error());
            m_journal.unwritten(m_clock.now());
            return false;
        }
        if (!written)
            qCCritical(agentLog).noquote().nospace() << "journal-refused " << describe(written.error());
        m_waiting.pop_front();
    }
    if (std::exchange(m_isBehindSaid, false))
        qCInfo(agentLog) << "journal-caught-up";
    return true;
}

void Notebook::hold()
{
    m_journal.hold();
}

void Notebook::release()
{
    if (m_waiting.empty()) // otherwise it goes on to be held until that is written
        post([](Journal& journal) { return journal.release(); });
}

void Notebook::recover()
{
    post([recovery = std::optional<Recovery>(), stamp = stamp()](Journal& journal) mutable -> Result<void> {
        if (!recovery) { // its event may have to be tried again
            const auto done = journal.recover(stamp);
            if (!done)
                return passOn(done);
            recovery = *done;
        }
        if (recovery->partial + recovery->unknown + recovery->missed == 0)
            return {};
        const QString words = QStringLiteral("partial %1, unknown %2, missed %3")
                                  .arg(recovery->partial)
                                  .arg(recovery->unknown)
                                  .arg(recovery->missed);
        qCInfo(agentLog).noquote().nospace() << "recovered " << words;
        return journal.event({}, QStringLiteral("recovered"), words, stamp);
    });
}

void Notebook::plan(std::vector<PlannedAiring> airings)
{
    if (!airings.empty())
        post([airings = std::move(airings)](Journal& journal) { return journal.plan(airings); });
}

void Notebook::began(const AiringKey& key, UtcTime firstFrameAt)
{
    post([=](Journal& journal) { return journal.begin(key, firstFrameAt); });
}

void Notebook::close(const AiringKey& key, const AiringEnd& end)
{
    m_progress.erase(key);
    post([key, end, stamp = stamp()](Journal& journal) -> Result<void> {
        const auto closed = journal.close(key, end, stamp);
        if (!closed)
            return passOn(closed);
        return {};
    });
    qCInfo(agentLog).noquote().nospace() << "airing " << key.airing.value << " output=" << key.output
                                         << " outcome=" << toString(end.outcome) << " frames=" << end.frames.value
                                         << " reason=" << end.reason;
}

void Notebook::closeUnplayed(std::vector<PlannedAiring> airings, const AiringEnd& end)
{
    if (airings.empty())
        return;
    for (const PlannedAiring& airing : airings)
        qCWarning(agentLog).noquote().nospace()
            << "airing " << airing.key.airing.value << " output=" << airing.key.output
            << " outcome=" << toString(end.outcome) << " reason=" << end.reason << " " << end.detail;
    post([airings = std::move(airings), end, stamp = stamp()](Journal& journal) -> Result<void> {
        const auto closed = journal.closeUnplayed(airings, end, stamp);
        if (!closed)
            return passOn(closed);
        return {};
    });
}

void Notebook::event(const StationId& station, const QString& reason, const QString& detail)
{
    qCInfo(agentLog).noquote().nospace() << reason << " station=" << station.value << " " << detail;
    post([=, stamp = stamp()](Journal& journal) { return journal.event(station, reason, detail, stamp); });
}

void Notebook::mark(const QString& name, UtcTime value)
{
    post([=](Journal& journal) { return journal.setMark(name, value); });
}

void Notebook::heard(const StationId& station, const HeardProof& proof)
{
    qCInfo(agentLog).noquote().nospace() << "heard station=" << station.value << " airing=" << proof.airing.value
                                         << " output=" << proof.output << " result=" << toString(proof.result)
                                         << " match=" << proof.match.value_or(-1)
                                         << " delay_ms=" << (proof.delay ? proof.delay->count() : -1);
    post([=, stamp = stamp()](Journal& journal) { return journal.heard(station, proof, stamp); });
}

void Notebook::eventOnChange(const QString& subject, const StationId& station, const QString& reason,
                             const QString& detail)
{
    if (std::exchange(m_said[subject], reason) != reason)
        event(station, reason, detail);
}

void Notebook::assume(const QString& subject, const QString& reason)
{
    m_said[subject] = reason;
}

void Notebook::checkpoint()
{
    post([airings = std::exchange(m_progress, {}), now = m_clock.now()](Journal& journal) {
        return journal.checkpoint(airings, now);
    });
}

} // namespace loa::playout
