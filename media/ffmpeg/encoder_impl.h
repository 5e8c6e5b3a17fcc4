// The inside of Encoder, shared with AudioWriter: packets as libav's own. Internal to media/ffmpeg/.
#pragma once

#include "media/ffmpeg/encoder.h"
#include "media/ffmpeg/internal.h"

#include <functional>
#include <optional>

namespace loa::media {

struct Encoder::Impl {
    using RawSink = std::function<Result<void>(AVPacket&)>;

    detail::CodecPtr codec;
    detail::FramePtr frame{detail::av_frame_alloc()};
    detail::PacketPtr packet{detail::av_packet_alloc()};
    std::vector<float> held; // fewer than packetFrames frames
    Channels channels = Channels::Mono;
    int packetFrames = 0;
    int silenceFirst = 0; // frames, before the first that is written
    std::int64_t written = 0;
    std::int64_t sent = 0;
    bool finished = false;
    std::optional<Error> failure;

    Result<void> write(std::span<const float> mono, const RawSink& sink);
    Result<void> finish(const RawSink& sink);

private:
    Result<void> encode(std::span<const float> mono, const RawSink& sink);
    Result<void> drain(const RawSink& sink);
    Result<void> remember(Result<void> outcome);
};

} // namespace loa::media
