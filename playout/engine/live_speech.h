// Live speech as a source of the mix: from the signed frames that the network brings to samples, with a jitter buffer
// and concealment between; and the account of what came.
//
// Threads: heard() on the network's; open() and what a Source does as in source.h; everything else on the agent's.
// Ownership: `inner`, which makes all other sources, outlives this. Sources may outlive their entry here.
// A frame that several lines bring, as in a hub where each station has one, is checked once.
// Failure: frames of a stream that nobody expects, or with a signature that does not hold, are dropped.
#pragma once

#include "playout/engine/jitter_buffer.h"
#include "playout/engine/source.h"
#include "scheduler/contract/speech.h"

#include <array>
#include <map>
#include <memory>
#include <mutex>

namespace loa::playout {

class LiveSpeech final : public SourceFactory {
public:
    LiveSpeech(SourceFactory& inner, VerifyKey scheduler);
    ~LiveSpeech() override;

    // The airing is to sound what comes of the stream.
    void expect(const AiringId& airing, const OrderId& stream);
    void heard(QByteArrayView frame);
    // The speaker has ended, or nothing has come for 5 s: what sounds now is silence.
    [[nodiscard]] bool hasEnded(const AiringId& airing) const;

    struct Account {
        std::int64_t packets = 0; // that came, each once
        std::int64_t missing = 0; // turns that were concealed
        Sha256 sha256;            // of the packets in the order in which they came, each after its sequence
    };
    // And forgets the stream.
    [[nodiscard]] std::optional<Account> close(const AiringId& airing);

    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment& segment) const override
    {
        return !segment.isLive && m_inner.isCommon(segment);
    }

private:
    struct Stream;

    // Null: it is no live speech.
    [[nodiscard]] std::unique_ptr<Source> speechOf(const Segment& segment);

    SourceFactory& m_inner;
    const VerifyKey m_scheduler;
    mutable std::mutex m_mutex;
    std::map<AiringId, std::shared_ptr<Stream>> m_streams;
    std::array<QByteArray, 64> m_recent; // frames that were good, in a ring
    std::size_t m_nextRecent = 0;
};

} // namespace loa::playout
