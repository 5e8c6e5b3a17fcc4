// Obeys commands: judges each one as the agent judges a bundle, has it on disk before it acts, lets the stations' desks
// do it, and keeps the answer until the scheduler has it.
//
// Taken is a command with the pinned key's signature, for a station of this agent, with a higher sequence than every
// one before, that is valid still (promise 10). The time by which validity is judged is the clock's when it is trusted.
// When it is not (promise 9) it is that of the station's last sheet, which the scheduler signed together with a nonce
// of this very agent, plus what has passed since on the monotonic clock; a command that was pushed then waits for a
// sheet. So proven, what hours do not bind is obeyed: a stop, a volume, a refresh, an EMERGENCY. What hours bind is
// refused.
//
// A play waits for its media, which are fetched before all others, as long as the command is valid. It survives a
// restart until it has begun; one that was cut off is not begun again: it is done, "interrupted".
//
// Live speech sounds from its turn on until the speaker ends, five seconds pass without a frame, or its time is over.
// Its entry is "partial", "live-ended", of the frames delivered; the event "speech-heard" names the hash of what came.
//
// Events in the log: speech-heard, command-accepted, command-refused, command-done, commands-damaged.
// Thread: the agent's. Ownership: borrows all. Failure: a command that cannot be written to disk is not taken, and
// comes again with the next sheet.
#pragma once

#include "playout/agent/command_book.h"
#include "playout/agent/notebook.h"
#include "playout/agent/station_desk.h"
#include "playout/agent/tone_sources.h"
#include "playout/engine/live_speech.h"

#include <functional>
#include <map>
#include <set>

namespace loa::playout {

// A sheet as received, and the question that it answers.
struct SheetAnswer {
    QByteArray sealed;
    QByteArray challenge;
    std::chrono::nanoseconds askedAt{0}; // monotonic, before the request left
};

class CommandDesk {
public:
    struct Hooks {
        std::function<void(const StationId&)> refresh; // ask for the bundle
        std::function<void()> mediaWanted;
        // A sheet proved the scheduler's time; asked and read at these instants of the monotonic clock.
        std::function<void(UtcTime now, std::chrono::nanoseconds sent, std::chrono::nanoseconds received)> timeHeard;
    };

    CommandDesk(const Clock& clock, Cache& cache, Notebook& notebook, ToneSources& tones, LiveSpeech& speech,
                Hooks hooks)
        : m_clock(clock), m_cache(cache), m_notebook(notebook), m_tones(tones), m_speech(speech),
          m_hooks(std::move(hooks))
    {
    }
    // Before load().
    void serve(StationDesk& desk);
    // Reads the books, and lets what was ordered before and holds still hold again. After the clock was judged.
    void load();

    void pushed(const StationId& station, const QByteArray& sealed);
    void read(const StationId& station, const SheetAnswer& answer);
    // Begins what can begin. `recovered`: the journal knows what became of what the last run left open.
    void step(bool recovered);
    // What became of an airing on one output.
    void told(const StationId& station, const AiringId& airing, const AiringEnd* end);

    // Once after each wish: the sheet should be read at once.
    [[nodiscard]] bool takeSheetWish(const StationId& station) { return m_wishes.erase(station) > 0; }
    [[nodiscard]] std::vector<Acknowledgement> unsent() const;
    void sent(const std::vector<Acknowledgement>& answers);
    // Monotonic: when step() has something to do next; none: when something arrives.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> nextDue() const;

private:
    struct Station {
        StationDesk* desk = nullptr;
        CommandBook book;
        // The scheduler's time, as a sheet proved it, at a monotonic instant.
        std::optional<std::pair<UtcTime, std::chrono::nanoseconds>> proven = {};
        std::vector<Acknowledgement> loose = {}; // answers to what was not taken
    };

    [[nodiscard]] bool isTrusted() const { return m_notebook.clockState() != ClockState::Untrusted; }
    [[nodiscard]] std::optional<UtcTime> timeFor(const Station& station) const;
    [[nodiscard]] UtcTime inAgentTime(const Station& station, UtcTime then) const;
    void judge(Station& station, const QByteArray& sealed, bool isPushed);
    // The log's word against it; empty: none.
    [[nodiscard]] QString refusalOf(const Station& station, const Command& command, UtcTime now) const;
    void take(Station& station, Command command, const QByteArray& sealed);
    void obey(Station& station, TakenCommand& taken);
    bool goOn(Station& station, TakenCommand& taken, const AiringKey& key);
    void tryToPlay(Station& station, TakenCommand& taken, bool recovered);
    void endSpeech(Station& station, TakenCommand& taken);
    void closeSpeech(Station& station, const TakenCommand& taken);
    void stop(Station& station, TakenCommand& taken, const StopOrder& order);
    void setVolume(Station& station, const VolumeOrder& order);
    void answer(Station& station, TakenCommand& taken, CommandState state, const QString& reason,
                const QString& detail);
    void refuse(Station& station, Command command, const QByteArray& sealed, const QString& reason);
    [[nodiscard]] bool keep(Station& station);
    void orderMedia(const Station& station);

    const Clock& m_clock;
    Cache& m_cache;
    Notebook& m_notebook;
    ToneSources& m_tones;
    LiveSpeech& m_speech;
    Hooks m_hooks;
    std::map<StationId, Station> m_stations;
    std::set<StationId> m_wishes;
    std::map<AiringId, std::chrono::nanoseconds> m_spokenUntil; // monotonic: the speaker had ended
};

} // namespace loa::playout
