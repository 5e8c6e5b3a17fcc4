// One identity's unattended player, of one station or of several (a process may hold many: agent_hub.h): takes bundles
// and media from its scheduler, hands sessions to the player in time, writes down what was delivered and sends the log
// back, for weeks without anyone. It has no thread and no clock of its own: step() does all that is due at clock.now()
// and never waits for the network. A program calls it from its event loop (and at once when the waker fires); a
// simulation moves a ManualClock to nextWake(), lets its SteppedPlayer catch up (advanceTo), and calls step().
//
// A restart is a new Agent on the same disk and journal. Destroying one without stop() is a power cut.
//
// Starting rules: a session is handed over `lead` before its first frame. Each airing must be in the bundle in force
// with a named approval, its file hashed then and there, inside the station's hours, with a trusted clock; otherwise it
// is closed as missed with the reason. An airing that began while the agent was not running is joined at the live frame
// (timeline.h, "Late join"); one that began is never begun again; those of a session in progress that did not are
// played at their instants. A bundle accepted in mid-session takes effect at once: what it no longer holds falls silent
// and is closed with reason "withdrawn".
//
// Commands of the moment (play now, stop, volume, test tone): see command_desk.h.
//
// The system's clock stepped by half a second or more: noticed at the next step(), at most a second later in a program,
// and written down. What plays goes on, frame by frame, on the monotonic clock, and what is ordered into it goes by
// that too; what has not begun is taken back and handed over anew by the new time, and placed when what plays is over;
// an airing whose instant was jumped over is missed, "clock-stepped"; none is begun a second time because its instant
// comes again. A step to before the bundle's issue (1970) also ends the trust in the clock, and so does a scheduler
// that contradicts it (engine/witnessed_trust.h), whoever else vouches for it.
//
// Events in the log (LogEntry::reason): agent-started, agent-stopped, recovered, clock-trusted, clock-untrusted,
// clock-contradicted, clock-stepped,
// bundle-accepted, bundle-refused, bundle-damaged, media-refused, disk-failed, output-lost, output-opened,
// programme-silent, programme-sounds, silence-standby, silence-unanswered, heard, foreign-sound, foreign-sound-over,
// monitor-opened, monitor-lost, acknowledgement-refused, entry-rejected, command-accepted, command-refused,
// command-done, commands-damaged, speech-heard, identity-refused, identity-accepted, journal-inherited; and the steps
// of relays (engine/relay_chain.h): relay-opened, relay-failed, relay-silent, relay-second, relay-standby,
// relay-nothing, relay-back.
//
// Relays: half a minute before its first frame a relay is opened and checked, so that what is wrong with it is in the
// log, and its second address open, before anybody listens.
//
// Threads: one, except that the waker is called from output threads. Failures are logged, written as events and tried
// again with back-off.
#pragma once

#include "playout/agent/moment_sources.h"
#include "playout/cache/cache.h"
#include "playout/engine/clock_trust.h"
#include "playout/engine/player.h"
#include "playout/engine/relay_deck.h"
#include "playout/engine/witnessed_trust.h"
#include "playout/journal/journal.h"
#include "playout/link/scheduler_link.h"
#include "playout/proof/monitor.h"
#include "playout/proof/prover.h"
#include "playout/timeline/volume.h"

#include <QString>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace loa::playout {

struct AgentStation {
    StationId id;
    std::vector<OutputConfig>
        outputs; // bound to the bundle's outputs by name; further ones play and are logged as well
    VolumePlan volume = {};
    std::chrono::milliseconds silenceAfter{15000}; // an item that is silent so long is at fault: station_silence.cpp
    bool standsIn = true;                          // music takes the place of an item at fault
    ItemId silenceStandby = {};                    // or this item, when the bundle holds it
    std::vector<MonitorConfig> monitors = {};
    QByteArray timeZone = QByteArrayLiteral("Asia/Ho_Chi_Minh"); // IANA: the hours of `volume` while no bundle tells
};

struct AgentSettings {
    AgentId id;
    QString software; // name and version, for the status
    std::vector<AgentStation> stations;
    std::chrono::seconds lead{30};              // before a session: hash its media, hand it to the player
    std::chrono::milliseconds checkpoint{2000}; // while something plays: progress goes to disk this often
    std::chrono::seconds poll{60};              // for a new bundle, when no announcement came
    std::chrono::seconds status{60};
    std::chrono::seconds upload{2};         // entries wait at most so long for company
    std::chrono::seconds longestPause{600}; // between tries at something that fails
    int uploadBatch = 200;
    std::int64_t mediaPart = 1 << 20; // bytes a request
};

using PlayerFactory = std::function<Result<std::unique_ptr<Player>>(const PlayerSettings&)>;

// All outlive the agent.
struct AgentParts {
    const Clock& clock;
    const ClockTrust& trust;
    SchedulerLink& link;
    Cache& cache; // the agent calls load()
    Journal& journal;
    SourceFactory& sources;
    PlayerFactory players;
    // Frees space that was set aside for the journal; false: there was none. May be empty.
    std::function<bool()> makeRoom = {};
    // Measures what leaves; null: the log says nothing of it.
    Prover* prover = nullptr;
    // A house file that will be aired soon is here: its reference may be made. May be empty.
    std::function<void(const Sha256&)> wantReference = {};
    MonitorOpener openMonitor = {}; // with a prover; empty: no monitor listens
    // Is told the scheduler's time; `trust` asks it, directly or not. Null: the scheduler's time is not asked for.
    WitnessedClockTrust* witness = nullptr;
    // Of `sources`, when it opens relays; null: it plays them without being asked to.
    RelayService* relays = nullptr;
    // In front of `sources`, shared with other agents of the process; null: one of its own.
    MomentSources* moments = nullptr;
    // What house files sound like; tells a recording's own silence from a fault. May be empty.
    FindReference findReference = {};
};

struct MonitorHealth {
    QString name;
    QString output;
    bool isOpen = false;
};

// What became of the addresses of a station's relays, since the agent started.
struct RelayCount {
    std::int64_t opens = 0;
    std::int64_t reconnects = 0; // opened again after a failure
    std::int64_t failures = 0;   // one that lasts counts once, however often the address is tried
    std::int64_t silences = 0;   // open, and nothing to hear
};

struct StationHealth {
    StationId station;
    AgentId agent;            // its identity
    std::int64_t backlog = 0; // entries of that identity's journal that are not acknowledged
    bool isRefused = false;   // the scheduler does not know the identity, or not any more
    std::int64_t bundleVersion = 0;
    std::optional<UtcTime> nextSession;
    PlayerState player = PlayerState::Idle;
    std::vector<OutputHealth> outputs;
    std::vector<MonitorHealth> monitors = {};
    ProgrammeSilence silence;
    PlayerPulse pulse;
    RelayCount relays = {};
};

// A station that is not played, and why.
struct StationTrouble {
    StationId station;
    Error error;
};

struct AgentHealth {
    ClockState clock = ClockState::Untrusted;
    bool isClockContradicted = false; // by the scheduler
    QString clockReason;              // what the state rests on, or what is missing; may be empty
    std::optional<WitnessedClockTrust::Sighting> schedulerClock;
    std::int64_t backlog = 0;   // entries not acknowledged
    std::int64_t unwritten = 0; // lines that the journal could not take, on a full disk
    std::int64_t mediaMissing = 0;
    std::vector<StationHealth> stations;
    std::vector<StationTrouble> troubles = {};                  // of a hub
    std::vector<std::pair<AgentId, std::int64_t>> oldLogs = {}; // of identities that were replaced: entries to send
};

class Agent {
public:
    // Makes the players. Error: that of an output's configuration.
    [[nodiscard]] static Result<std::unique_ptr<Agent>> create(AgentSettings settings, AgentParts parts);
    ~Agent();

    // Called from any thread when step() should come soon. Set before the first step.
    void setWaker(std::function<void()> waker);

    // When step() is next needed, if nothing arrives before; never later than an hour ahead.
    [[nodiscard]] UtcTime nextWake() const;
    void step();

    // Ends what plays as partial, "stopped", and writes the last event. What has not begun is not touched: the next run
    // plays it, or closes it. Nothing but destruction may follow.
    void stop();
    // What stop() does first, without the wait: for agents that stop together.
    void beginStop();

    [[nodiscard]] AgentHealth health() const;

private:
    class Impl;
    explicit Agent(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::playout
