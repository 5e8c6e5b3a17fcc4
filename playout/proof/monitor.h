// A monitor input: listens to what became of a station's sound (a listener's stream, a microphone at a loudspeaker),
// and says of each airing whether it was heard.
//
// Threads: one of its own, of low priority, which waits for the input; the rest from any. The waker is called on it.
// Nothing else ever waits for it. Ownership: the trace and the clock outlive it.
// Failure: an input that fails is opened again after a pause that grows to 15 s; meanwhile nothing is claimed. One that
// gives more than a minute of sound ahead of the clock is no live sound, and fails. A step of the system's clock: see
// monitor_ear.h.
#pragma once

#include "media/rtp_map.h"
#include "playout/proof/monitor_ear.h"
#include "scheduler/contract/clock.h"

#include <QString>

#include <functional>
#include <memory>
#include <optional>

namespace loa::playout {

struct MonitorConfig {
    QString name;   // for the log
    QString output; // the output whose sound it listens to
    QString device; // see monitor_inputs.h
    QString url;
    std::optional<media::RtpMap> rtp; // of device rtp: what the packets hold, where RFC 3551 does not fix it
    EarSettings ear;
};

// Mono at 48 kHz, as it comes.
class MonitorInput {
public:
    virtual ~MonitorInput() = default;
    // Waits for sound; valid until the next call. An error ends it.
    [[nodiscard]] virtual Result<std::span<const float>> read() = 0;
};
// Opens what it is told to; both this and read() end soon after `isCancelled` says so.
using MonitorOpener = std::function<Result<std::unique_ptr<MonitorInput>>(const MonitorConfig& config,
                                                                          std::function<bool()> isCancelled)>;

// It opened, or could not be opened or read any more (`error`); told on a change alone.
struct MonitorState {
    bool isOpen = false;
    std::optional<Error> error;
};
using MonitorNews = std::variant<MonitorState, HeardProof, ForeignSound>;

class Monitor {
public:
    Monitor(const MonitorConfig& config, MonitorOpener opener, MixTrace& trace, const Clock& clock,
            std::function<void()> waker);
    ~Monitor();

    [[nodiscard]] const QString& name() const { return m_name; }
    [[nodiscard]] const QString& output() const { return m_output; }
    // Sound arrives.
    [[nodiscard]] bool isOpen() const;
    // The airing has left the output.
    void ask(HeardQuestion question);
    [[nodiscard]] std::vector<MonitorNews> take();

private:
    struct Impl;
    const QString m_name;
    const QString m_output;
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::playout
