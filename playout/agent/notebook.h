// The agent's hand on its journal: stamps what is written with the time and how far it can be trusted, writes events
// once while nothing changes, and keeps what a full disk refused, in order, until it goes through: a journal that
// cannot write stops no sound (promise 7). Thread: the agent's. Ownership: borrows all three. Failure: shows in
// isBehind() and in the program's log.
#pragma once

#include "playout/engine/clock_trust.h"
#include "playout/journal/journal.h"

#include <deque>
#include <functional>
#include <map>

namespace loa::playout {

class Notebook {
public:
    // `makeRoom` is asked when a write fails: true when it is worth another try. May be empty.
    Notebook(Journal& journal, const Clock& clock, std::function<bool()> makeRoom)
        : m_journal(journal), m_clock(clock), m_makeRoom(std::move(makeRoom))
    {
    }

    // Written into all entries from now on.
    void setClockState(ClockState state) { m_state = state; }
    [[nodiscard]] ClockState clockState() const { return m_state; }
    [[nodiscard]] Stamp stamp() const { return {m_clock.now(), m_state}; }

    // What the last run left open is closed; what is written from here on stands behind that.
    void recover();
    void plan(std::vector<PlannedAiring> airings);
    void began(const AiringKey& key, UtcTime firstFrameAt);
    // Goes to disk with the next checkpoint(): one wait for the disk does for all that sounds.
    void progressed(const AiringKey& key, const AiringCheckpoint& progress) { m_progress[key] = progress; }
    [[nodiscard]] bool hasProgress() const { return !m_progress.empty(); }
    void close(const AiringKey& key, const AiringEnd& end);
    void closeUnplayed(std::vector<PlannedAiring> airings, const AiringEnd& end);
    void event(const StationId& station, const QString& reason, const QString& detail);
    void mark(const QString& name, UtcTime value);
    void heard(const StationId& station, const HeardProof& proof);
    // Only when the last event about `subject` said something else; `subject` names what it is about
    // ("output:demo/icecast").
    void eventOnChange(const QString& subject, const StationId& station, const QString& reason, const QString& detail);
    // As if said, without a word: the state from which changes count.
    void assume(const QString& subject, const QString& reason);
    // All that is written from hold() to release() waits for the disk once.
    void hold();
    void release();
    // What sounds has come so far, and the agent is alive.
    void checkpoint();

    // Makes room when there is some to be made.
    bool makeRoom() { return m_makeRoom && m_makeRoom(); }
    // Writes what is still to be written; false when some of it is left.
    bool flush();
    [[nodiscard]] bool isBehind() const { return !m_waiting.empty(); }
    [[nodiscard]] std::int64_t waiting() const { return static_cast<std::int64_t>(m_waiting.size()); }
    [[nodiscard]] const Journal& journal() const { return m_journal; }
    [[nodiscard]] Journal& journal() { return m_journal; }

private:
    using Write = std::function<Result<void>(Journal&)>;
    void post(Write write);

    Journal& m_journal;
    const Clock& m_clock;
    std::function<bool()> m_makeRoom;
    ClockState m_state = ClockState::Untrusted;
    std::deque<Write> m_waiting;
    std::map<AiringKey, AiringCheckpoint> m_progress;
    std::map<QString, QString> m_said;
    bool m_isBehindSaid = false;
};

} // namespace loa::playout
