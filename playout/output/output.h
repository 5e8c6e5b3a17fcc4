// Devices: where frames go. One interface, one constant table in devices.cpp; a null and a file device always.
//
// Thread: a device is made on its player's thread and from then on lives on its output's own: open, write and close
// may block there, within their time limits; that costs their own frames and nobody else's.
// Stream: frames are counted on the output's stream clock: position 0 at an arbitrary instant, 48,000 a second, never
// back. A device gets blocks in rising position, ahead of time (some hundred milliseconds), and lets each frame leave
// when Pacing::waitUntil(position) returns; a jump in position is a break. Promise of delivery:
// StreamSink::delivered() names each frame that has left (each device says what "left" means), never one that may not
// have. Frames that it took and has not named when close() returns count as lost.
// Failure: open() that failed leaves the device closed. After a failed write() the output calls close() and later
// open() again, with back-off.
#pragma once

#include "media/ffmpeg/encoder.h"
#include "playout/output/break.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QStringList>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace loa::playout {

enum class BetweenSessions {
    Silence, // the stream goes on with silence: listeners may stay
    Closed,  // opened shortly before a session, closed after it
};

enum class ArchiveSplit { Session, Day }; // a file for each

// What configuration says of one output. Strings are as in the file; checkOutput() judges them.
struct OutputConfig {
    QString name;   // as in the bundle's outputs
    QString device; // "null", "wav", "icecast", "alsa": see deviceNames()

    // null: empty, or "null:stall", "null:burst", "null:fail" (misbehaves on purpose). wav, flac: a folder. icecast:
    // "http://host:port/mount". rtp: "rtp://address:port" (address: IPv4, unicast or multicast). hls: a folder that a
    // web server serves.
    QString url;
    std::optional<media::AudioCodec>
        codec;                 // icecast: Opus, Mp3 or Aac (default Mp3). rtp: Opus, L16, Pcmu, Pcma or
                               // Mp3 (default Opus). wav: Pcm16. flac: Flac. hls: Aac or Opus (default Aac)
    int bitRate = 64000;       // bits a second
    std::optional<int> effort; // of the encoder, 0 least … 10 most; absent: MP3 3, Opus 6
    // Opus: whether the packets of house files are sent as they are where nothing is mixed (engine/pass_through.h).
    // Absent: when bitRate is theirs, and gainDb 0, which it must be.
    std::optional<bool> passThrough;
    // Where the sound lies. Absent: alsa all of the card's channels, others one channel. Not: null, rtp of PCMU or
    // PCMA.
    std::optional<media::Channels> channel;
    double gainDb = 0.0;                    // -60 … 0: after the limiter, and under the caps, nothing is raised
    std::chrono::milliseconds delay{0};     // frames leave that much later than planned; 0 … 10 s
    std::optional<BetweenSessions> between; // absent: icecast and hls Silence, others Closed
    std::optional<std::chrono::milliseconds>
        leadIn; // Closed: silence before the session; absent: icecast 5 s, rtp 100 ms, others 0

    // icecast
    QString user = QStringLiteral("source");
    QString password;
    QString streamName;
    QString genre;
    bool listed = false; // asks the server to list the stream publicly

    // rtp
    int payloadType = 96; // Opus and L16; the others have one of their own
    std::optional<std::chrono::milliseconds>
        packetTime;           // Opus: 20, 40 … 120 ms a packet; absent: 20. MP3: 24, 48 or 72; absent: 24
    int ttl = 16;             // multicast hops
    int dscp = 46;            // expedited forwarding
    QString interfaceAddress; // local IPv4 address to send multicast from; empty: the system's choice
    QString sdpPath;          // where to write the SDP file; empty: none
    QString announceTo;       // "address:port" that hears of the stream by SAP while it is up; empty: none

    std::chrono::milliseconds segment{2000}; // hls: length of a segment, 1 … 10 s

    // alsa; url: ALSA's name of the device, "default" or "hw:CARD=…"
    std::chrono::milliseconds cardBuffer{200}; // 40 … 300 ms
    std::chrono::milliseconds cardPeriod{20};  // 2 ms … half of the buffer

    // wav, flac
    ArchiveSplit split = ArchiveSplit::Session;
    QByteArray timeZone = QByteArrayLiteral("Asia/Ho_Chi_Minh"); // IANA: whose days
    std::optional<std::chrono::days> archiveKeep;                // absent: for ever
    std::optional<std::int64_t> archiveBudget; // bytes, at least 64 MiB: Day: of the station's files in the
                                               // folder; Session: of all files by session there

    std::chrono::milliseconds timeout{5000}; // connect, answer, and longest stall of a peer
};

// Error: InvalidInput or Unsupported with the key in `where`.
[[nodiscard]] Result<void> checkOutput(const OutputConfig& config);

// The device's properties that the engine must know, defaults resolved.
struct DeviceTraits {
    BetweenSessions between = BetweenSessions::Closed;
    std::chrono::milliseconds leadIn{0};
    std::chrono::milliseconds largestLateness{0}; // blocks due longer ago are given up, so that the stream stays live
    std::chrono::milliseconds tail{0}; // silence after a session that pushes its last frames out of an encoder
    bool wantsSamples = true;          // false: position alone matters
    bool isPrompt = false; // given a block whose instant has come it waits for nothing and nobody, nor when it opens
    // What it gets instead of samples: the packets of an encoder of these settings, gain applied.
    std::optional<media::EncoderSettings> packets;
    int bundle = 1;      // so many of them leave as one
    bool passes = false; // packets of house files do as well, as they are
};
[[nodiscard]] DeviceTraits traitsOf(const OutputConfig& config);
[[nodiscard]] QStringList deviceNames();

// The device's view of time.
class Pacing {
public:
    virtual ~Pacing() = default;
    // Returns when stream frame `position` is due (at once if it was), or false at once when the output is to end.
    [[nodiscard]] virtual bool waitUntil(FrameCount position) = 0;
    // False when the output is to end: a device that waits for a peer gives up.
    [[nodiscard]] virtual bool isRunning() const = 0;
    // The time of day, which does not step while a session plays.
    [[nodiscard]] virtual UtcTime now() const = 0;
    // The frame that is due now.
    [[nodiscard]] virtual FrameCount livePosition() const = 0;
    // The time of day at which `position` is due.
    [[nodiscard]] virtual UtcTime instantOf(FrameCount position) const
    {
        return now() + toDuration(position - livePosition());
    }
    // The same by the system's clock as it stands now: where somebody sets it, this steps at once.
    [[nodiscard]] virtual UtcTime systemInstantOf(FrameCount position) const { return instantOf(position); }
};

// What a device with a clock of its own tells of it.
struct DeviceClock {
    double driftPpm = 0;          // how much faster than the system's it runs
    Duration early{0};            // how early its sound is, on average
    std::int64_t underruns = 0;   // times it ran dry, or stood still while the machine slept
    std::int64_t corrections = 0; // gaps made to bring its sound back to its instant
};

class StreamSink {
public:
    virtual ~StreamSink() = default;
    // Frames [from, to) have left, the first of them at `at`.
    virtual void delivered(FrameCount from, FrameCount to, UtcTime at) = 0;
    // Frames [from, to) will not leave, though the device goes on.
    virtual void lost(FrameCount from, FrameCount to, Break why) = 0;
    // About once a second, from a device with a clock of its own.
    virtual void measured(const DeviceClock&) {}
    // What goes out is whole, but something beside it failed, and will be tried again when it is opened next.
    virtual void warned(const Error&) {}
};

struct OutputBlock {
    FrameCount position; // on the stream clock
    std::span<const float> samples;
    FrameCount frames; // = samples.size(), except when the device wants no samples

    // Where the device takes packets: one, with these frames in it, valid inside write(). The first after open() may be
    // any of a stream; a position that does not follow is a break.
    std::span<const std::byte> packet = {};
    // The packet only readies a decoder for the next one: no frame of the stream is in it.
    bool leadsIn = false;
};

// What a device is told when it opens.
struct StreamStart {
    FrameCount position; // of the first block
    StationId station;
    SessionId session; // the next or present one; empty: none yet
    UtcTime sessionStart;
};

class Departures;

class OutputDevice {
public:
    virtual ~OutputDevice() = default;
    // It shares its thread, and may leave what it sends to `departures`, which outlives it: that is sent before the
    // thread rests. What becomes of it is told to the sink then. A failure is told by the next write().
    virtual void share(Departures& departures) { static_cast<void>(departures); }
    [[nodiscard]] virtual Result<void> open(const StreamStart& start) = 0;
    [[nodiscard]] virtual Result<void> write(const OutputBlock& block) = 0;
    // Waits at most a second for what is under way. Closing a closed device does nothing.
    virtual void close() = 0;
};

// `pacing` and `sink` outlive the device. Error: as checkOutput().
[[nodiscard]] Result<std::unique_ptr<OutputDevice>> createDevice(const OutputConfig& config, Pacing& pacing,
                                                                 StreamSink& sink);

} // namespace loa::playout
