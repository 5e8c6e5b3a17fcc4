// An observer that keeps what it is told, and timelines to play.
#pragma once

#include "playout/engine/delivery.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace loa::playout::test {

class Recorder final : public DeliveryObserver {
public:
    void airingBegan(const AiringRecord& soFar) override
    {
        const std::lock_guard lock(m_mutex);
        began.push_back(soFar);
    }
    void airingProgress(const AiringRecord& soFar) override
    {
        const std::lock_guard lock(m_mutex);
        progress.push_back(soFar);
    }
    void airingEnded(const AiringRecord& record) override
    {
        const std::lock_guard lock(m_mutex);
        ended.push_back(record);
    }
    void sessionEnded(const StationId&, const SessionId& session) override
    {
        const std::lock_guard lock(m_mutex);
        sessions.push_back(session);
        m_wake.notify_all();
    }
    void outputChanged(const OutputEvent& event) override
    {
        const std::lock_guard lock(m_mutex);
        events.push_back(event);
    }

    // Until so many sessions have ended; false when that takes longer than `limit`.
    bool awaitSessions(std::size_t count, std::chrono::milliseconds limit)
    {
        std::unique_lock lock(m_mutex);
        return m_wake.wait_for(lock, limit, [&] { return sessions.size() >= count; });
    }
    std::size_t beganCount()
    {
        const std::lock_guard lock(m_mutex);
        return began.size();
    }
    // The only record of the airing on the output; fails the test when there is not exactly one.
    AiringRecord record(const QString& airing, const QString& output)
    {
        const std::lock_guard lock(m_mutex);
        const AiringRecord* found = nullptr;
        for (const AiringRecord& candidate : ended) {
            if (candidate.airing.value == airing && candidate.output == output) {
                if (found)
                    throw std::runtime_error("two records of one airing");
                found = &candidate;
            }
        }
        if (!found)
            throw std::runtime_error("no record of the airing");
        return *found;
    }

    // Read these when no output plays any more.
    std::vector<AiringRecord> began;
    std::vector<AiringRecord> progress;
    std::vector<AiringRecord> ended;
    std::vector<SessionId> sessions;
    std::vector<OutputEvent> events;

private:
    std::mutex m_mutex;
    std::condition_variable m_wake;
};

// "item-0", "item-1" … one behind the other, without gaps, from `startsAt`.
inline SessionTimeline timelineAt(UtcTime startsAt, const std::vector<FrameCount>& lengths,
                                  const char* session = "session-1")
{
    std::vector<Segment> segments;
    FrameCount offset;
    for (std::size_t index = 0; index < lengths.size(); ++index) {
        const QByteArray name = "item-" + QByteArray::number(static_cast<qulonglong>(index));
        segments.push_back({AiringId{QString::fromLatin1("airing-%1").arg(index)}, ItemId{QString::fromLatin1(name)},
                            hashOf(name.constData()), offset, lengths[index], Priority::Normal});
        offset += lengths[index];
    }
    return {StationId{QStringLiteral("station-1")}, SessionId{QString::fromLatin1(session)}, 7, startsAt,
            std::move(segments)};
}

} // namespace loa::playout::test
