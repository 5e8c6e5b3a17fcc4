// A live stream from the network as mono float at 48 kHz: HTTP (Icecast, Shoutcast), HLS, RTP.
//
// Thread: one at a time; open() and read() wait for the network, never longer than the limits given, and end within
// about 100 ms of `isCancelled` (which is asked on their thread) saying so. Memory: bounded, whatever the peer sends.
// Bounds: the sender is believed in nothing. Protocols and containers are white lists for the kind: no file, pipe,
// data, concat or crypto is ever opened, neither by the address, nor by a redirect, nor by what a playlist names; every
// host, also of redirects and of a playlist's pieces, passes `mayConnect` on the addresses that it resolves to, a
// redirected answer before any of it is decoded (libav follows it by itself, so a request may have gone out by then; it
// also asks for the name once more, so who answers for a name decides where it leads). https is believed with a
// certificate that the system trusts for that host alone, or an authority of `caFile` in the system's place. A playlist
// may have 512 KiB, a piece 8 MiB, and what comes before the first sound 4 MiB. Rate: what the source says of its rate
// and channels is followed when it changes; `setDrift()` makes a second of the source some frames longer or shorter,
// softly. Failure: open(): NotFound, Forbidden (not an address for this kind, or not allowed), InvalidInput (no sound
// in it), Unavailable (network, limits of time), LimitExceeded, Unsupported. read(): Unavailable at the end, when it
// stalls or when what it sends is no sound any more; after that the reader is of no use.
#pragma once

#include "media/error.h"
#include "media/rtp_map.h"

#include <QString>

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace loa::media {

enum class LiveKind { Stream, Hls, Rtp };

struct LiveSettings {
    QString address;
    LiveKind kind = LiveKind::Stream;
    std::optional<RtpMap> rtp = {};               // of Rtp: what its packets hold, where RFC 3551 does not fix it
    std::chrono::milliseconds openWithin{10'000}; // from the start to the first decoded sound
    std::chrono::milliseconds stallAfter{15'000}; // without a byte; twice that: without sound
    std::function<bool()> isCancelled = {};       // empty: never
    std::function<bool(const sockaddr&)> mayConnect = {}; // empty: anywhere
    QString caFile = {};                                  // certificates of authorities, PEM; empty: the system's
    QString localAddress = {}; // of Rtp: the interface by which a multicast group is joined; empty: the system's choice
};

struct LiveInfo {
    QString codec; // libav's name
    int sampleRate = 0;
    int channels = 0;
};

class LiveReader {
public:
    // Returns when the first sound is decoded.
    [[nodiscard]] static Result<LiveReader> open(LiveSettings settings);
    LiveReader(LiveReader&&) noexcept;
    LiveReader& operator=(LiveReader&&) noexcept;
    ~LiveReader();

    [[nodiscard]] const LiveInfo& info() const;
    // The next frames, at least one, valid until the next call.
    [[nodiscard]] Result<std::span<const float>> read();
    // From now on `frames` more (fewer: negative) come out of each second; at most 480 either way.
    void setDrift(int frames);

    struct Impl;

private:
    explicit LiveReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loa::media
