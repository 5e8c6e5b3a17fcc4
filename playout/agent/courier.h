// What goes to and comes from the scheduler: bundles, commands and media in, log entries, answers and status out; one
// request of a kind at a time, failures with back-off. Decides nothing about sound: it tells its owner that a station's
// bundle changed. Thread: the agent's. Ownership: borrows its parts. Failure: tried again; what an inspector will ask
// about becomes an event.
#pragma once

#include "playout/agent/agent.h"
#include "playout/agent/command_desk.h"
#include "playout/agent/notebook.h"
#include "playout/link/backoff.h"

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

    // Takes replies, sends what is due; replies that came meanwhile too.
    void step();
    // What of the media is here may have changed.
    void lookForMedia() { m_mediaDirty = true; }
    // Asks for the station's bundle now.
    void fetchBundle(const StationId& station);
    // Monotonic: when something will be due.
    [[nodiscard]] std::chrono::nanoseconds nextDue() const;
    [[nodiscard]] std::int64_t mediaMissing() const { return m_mediaMissing; }

private:
    using Monotonic = std::chrono::nanoseconds;
    // Something asked for again and again.
    struct Errand {
        explicit Errand(const AgentSettings& settings, std::uint64_t seed);
        Backoff backoff;
        Monotonic due{0};
        bool underWay = false;
        bool again = false; // asked for while under way
    };

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
    void sendEntries();
    void sendStatus();
    void finish(Errand& errand, bool good, std::chrono::nanoseconds pause);
    [[nodiscard]] std::uint64_t seedOf(const QString& name) const;

    const AgentSettings& m_settings;
    const AgentParts& m_parts;
    Notebook& m_notebook;
    CommandDesk& m_commands;
    Hooks m_hooks;
    std::map<StationId, Errand> m_bundles;
    std::map<StationId, Errand> m_sheets;
    Errand m_answers;
    Errand m_media;
    Errand m_entries;
    Errand m_status;
    QString m_closedBecause;                  // the channel for commands: told when it changes
    std::map<Sha256, Errand> m_troubledMedia; // files that failed on their own account
    bool m_mediaDirty = true;
    std::int64_t m_mediaMissing = 0;
    std::int64_t m_sendFrom = 1; // next sequence to send
    std::int64_t m_sentThrough = 0;
    std::optional<Monotonic> m_backlogSince;
};

} // namespace loa::playout
