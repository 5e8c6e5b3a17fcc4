// What goes to and comes from the scheduler: bundles, commands and media in, log entries, answers and status out; one
// request of a kind at a time, failures with back-off. Decides nothing about sound: it tells its owner that a station's
// bundle changed. Thread: the agent's. Ownership: borrows its parts. Failure: tried again; what an inspector will ask
// about becomes an event ("identity-refused", "identity-accepted" among them: who was revoked goes on playing what it
// holds).
#pragma once

#include "playout/agent/agent.h"
#include "playout/agent/command_desk.h"
#include "playout/agent/errand.h"
#include "playout/agent/log_post.h"
#include "playout/agent/notebook.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace loa::playout {

class Courier {
public:
    // Around a change of a station's bundle.
    struct Hooks {
        std::function<void(const StationId&)> beforeSwitch;
        std::function<void(const StationId&)> afterSwitch;
        // For the status.
        std::function<std::vector<StationHealth>()> stations;
    };

    Courier(const AgentSettings& settings, const AgentParts& parts, Notebook& notebook, CommandDesk& commands,
            Hooks hooks);
    ~Courier() { m_parts.cache.release(m_settings.id); }
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    // Takes replies, sends what is due; replies that came meanwhile too.
    void step();
    // What of the media is here may have changed.
    void lookForMedia() { m_mediaDirty = true; }
    // Asks for the station's bundle now.
    void fetchBundle(const StationId& station);
    // Monotonic: when something will be due.
    [[nodiscard]] std::chrono::nanoseconds nextDue() const;
    [[nodiscard]] std::int64_t mediaMissing() const { return m_mediaMissing; }
    // The scheduler says that it does not know who asks: revoked, or enrolled anew elsewhere.
    [[nodiscard]] bool isRefused() const { return m_isRefused; }

private:
    using Monotonic = std::chrono::nanoseconds;
    void handle(const BundleReply& reply);
    void handle(const MediaReply& reply);
    void handle(const EntriesReply& reply);
    void handle(const StatusReply& reply);
    void handle(const BundleAnnounced& announced);
    void handle(const SheetReply& reply);
    void handle(const AnswersReply& reply);
    void handle(const CommandPushed& pushed);
    void handle(const EventsOpened& opened);
    void handle(const EventsClosed& closed);
    void sendSheetRequests();
    void sendAnswers();
    void sendBundleRequests();
    void sendMediaRequest();
    void sendStatus();
    void finish(Errand& errand, bool good, std::chrono::nanoseconds pause)
    {
        errand.finish(good, pause, m_parts.clock.monotonic());
    }
    // Of the station's identity; told when it changes.
    void noteIdentity(const Result<void>& accepted);
    [[nodiscard]] std::uint64_t seedOf(const QString& name) const;

    const AgentSettings& m_settings;
    const AgentParts& m_parts;
    Notebook& m_notebook;
    CommandDesk& m_commands;
    Hooks m_hooks;
    std::vector<StationId> m_stations;
    std::map<StationId, Errand> m_bundles;
    std::map<StationId, Errand> m_sheets;
    Errand m_answers;
    Errand m_media;
    LogPost m_entries;
    Errand m_status;
    QString m_closedBecause;                  // the channel for commands: told when it changes
    std::map<Sha256, Errand> m_troubledMedia; // files that failed on their own account
    bool m_mediaDirty = true;
    std::int64_t m_mediaMissing = 0;
    bool m_isRefused = false;
};

} // namespace loa::playout
