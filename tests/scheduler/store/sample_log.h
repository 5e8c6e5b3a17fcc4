// An agent of the sample district with a key, and chains of entries that it signed.
#pragma once

#include "tests/scheduler/store/sample_store.h"

namespace loa::test {

struct LoggingAgent : District {
    SigningKey key = keyOf(42);
    model::Agent agent;

    explicit LoggingAgent(const QString& path = QStringLiteral(":memory:")) : District(path)
    {
        if (!taken(store.agents.all()).empty()) {
            agent = taken(store.agents.all()).front();
            return;
        }
        settle();
        agent.id = AgentId{text("agent")};
        agent.name = text("Máy phát xã 1");
        agent.key = key.verifyKey();
        agent.stations = {stations[0]};
        agent.enrolledAt = morning;
        taken(store.agents.add(agent));
    }

    // Number `sequence`, one airing an hour, wholly sounded.
    LogEntry airing(std::int64_t sequence, const SignedLogEntry* last)
    {
        LogEntry entry;
        entry.agent = agent.id;
        entry.sequence = sequence;
        entry.previous = last == nullptr ? chainStart(agent.key) : last->hash;
        entry.station = stations[0];
        entry.session = SessionId{text("session")};
        entry.airing = AiringId{text("airing-%1").arg(sequence)};
        entry.item = ItemId{text("item")};
        entry.sha256 = hashOf("item");
        entry.output = text("speakers");
        entry.bundleVersion = 1;
        entry.clock = ClockState::Synchronised;
        entry.plannedStart = morning + std::chrono::hours(sequence);
        entry.plannedFrames = entry.frames = {60 * sampleRate};
        entry.firstFrameAt = entry.plannedStart;
        entry.lastFrameAt = entry.plannedStart + std::chrono::seconds(60);
        entry.recordedAt = *entry.lastFrameAt;
        entry.outcome = Outcome::Complete;
        return entry;
    }

    LogEntry event(std::int64_t sequence, const SignedLogEntry& last)
    {
        LogEntry entry;
        entry.agent = agent.id;
        entry.sequence = sequence;
        entry.previous = last.hash;
        entry.recordedAt = last.entry.recordedAt;
        entry.clock = ClockState::Synchronised;
        entry.kind = EntryKind::Event;
        entry.reason = text("start");
        return entry;
    }

    std::vector<SignedLogEntry> chain(int length)
    {
        std::vector<SignedLogEntry> entries;
        for (int i = 1; i <= length; ++i)
            entries.push_back(taken(signEntry(airing(i, entries.empty() ? nullptr : &entries.back()), key)));
        return entries;
    }
};

} // namespace loa::test
