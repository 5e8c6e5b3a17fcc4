// The entries of the device table, for devices.cpp alone. Functions are pure but create, which may write an SDP file.
#pragma once

#include "playout/output/output.h"

namespace loa::playout::detail {

using Created = Result<std::unique_ptr<OutputDevice>>;

struct DeviceEntry {
    const char* name;
    Result<void> (*check)(const OutputConfig&);
    DeviceTraits (*traits)(const OutputConfig&);
    Created (*create)(const OutputConfig&, Pacing&, StreamSink&);
};

Result<void> checkNull(const OutputConfig& config);
DeviceTraits traitsOfNull(const OutputConfig& config);
Created createNull(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

// "wav" and "flac".
Result<void> checkArchive(const OutputConfig& config);
DeviceTraits traitsOfArchive(const OutputConfig& config);
Created createArchiveDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

Result<void> checkIcecast(const OutputConfig& config);
DeviceTraits traitsOfIcecast(const OutputConfig& config);
Created createIcecast(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

Result<void> checkRtp(const OutputConfig& config);
DeviceTraits traitsOfRtp(const OutputConfig& config);
Created createRtp(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

Result<void> checkHls(const OutputConfig& config);
DeviceTraits traitsOfHls(const OutputConfig& config);
Created createHls(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

Result<void> checkAlsa(const OutputConfig& config);
DeviceTraits traitsOfAlsa(const OutputConfig& config);
Created createAlsa(const OutputConfig& config, Pacing& pacing, StreamSink& sink);

// A configuration value that does not do; `key` goes into where.
[[nodiscard]] tl::unexpected<Error> wrongValue(const OutputConfig& config, const char* key, const QString& vi,
                                               const QString& en);
// The output is to end while the device waits.
[[nodiscard]] tl::unexpected<Error> interrupted();
// A system call failed: errno in words.
[[nodiscard]] tl::unexpected<Error> systemError(ErrorCategory category, const Text& what, const QString& where);

} // namespace loa::playout::detail
