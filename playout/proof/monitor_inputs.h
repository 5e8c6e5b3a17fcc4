// What a monitor can listen to: the table of its inputs.
//
//   stream   http(s)://…   a listener's stream, of Icecast say
//   hls      http(s)://…   the playlist that a telephone is given
//   rtp      rtp://…       a stream of a payload type of its own (PCMU, PCMA, MP3, L16 at 44.1 kHz)
//   alsa     hw:…          a sound card's input, by ALSA's name of it (arecord -L): a microphone, a receiver's line
//
// Threads: any; what is opened belongs to one. Failure: see monitor.h; open and read end within some 100 ms of
// `isCancelled`. Addresses come from who administers this machine, so any host may be named, this machine too; what
// arrives from there is believed in nothing (media/ffmpeg/live_reader.h).
#pragma once

#include "playout/proof/monitor.h"

#include <QStringList>

namespace loa::playout {

[[nodiscard]] QStringList monitorDeviceNames();
// Before anything listens. Error: InvalidInput, `where` names the key.
[[nodiscard]] Result<void> checkMonitor(const MonitorConfig& config);
// A room has noise of its own, a stream has not.
[[nodiscard]] MonitorKind usualKindOf(const QString& device);

[[nodiscard]] Result<std::unique_ptr<MonitorInput>> openMonitorInput(const MonitorConfig& config,
                                                                     std::function<bool()> isCancelled);

namespace detail {

[[nodiscard]] Result<std::unique_ptr<MonitorInput>> openAlsaInput(const MonitorConfig& config,
                                                                  std::function<bool()> isCancelled);

} // namespace detail

} // namespace loa::playout
