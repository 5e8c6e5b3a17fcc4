// Ownership of libav* objects and the words of their errors. Included by the .cpp files of media/ffmpeg/ alone: this is
// the one header that shows libav types.
#pragma once

#include "media/ffmpeg/av_functions.h"

#include <memory>

namespace loa::media::detail {

struct InputCloser {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct OutputCloser {
    void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
struct CodecCloser {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct PacketCloser {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FrameCloser {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct ResamplerCloser {
    void operator()(SwrContext* context) const { swr_free(&context); }
};
struct IoCloser {
    void operator()(AVIOContext* context) const
    {
        av_freep(&context->buffer);
        avio_context_free(&context);
    }
};

using InputPtr = std::unique_ptr<AVFormatContext, InputCloser>;
using OutputPtr = std::unique_ptr<AVFormatContext, OutputCloser>;
using CodecPtr = std::unique_ptr<AVCodecContext, CodecCloser>;
using PacketPtr = std::unique_ptr<AVPacket, PacketCloser>;
using FramePtr = std::unique_ptr<AVFrame, FrameCloser>;
using ResamplerPtr = std::unique_ptr<SwrContext, ResamplerCloser>;
using IoPtr = std::unique_ptr<AVIOContext, IoCloser>;

// A channel layout that frees itself (libav keeps custom maps on the heap).
class ChannelLayout {
public:
    ChannelLayout() = default;
    // Takes over a copy of `layout`; an unordered one of a known size becomes the usual layout of that size.
    explicit ChannelLayout(const AVChannelLayout& layout)
    {
        if (layout.order == AV_CHANNEL_ORDER_UNSPEC)
            av_channel_layout_default(&m_layout, layout.nb_channels);
        else
            av_channel_layout_copy(&m_layout, &layout);
    }
    ChannelLayout(const ChannelLayout& other) { av_channel_layout_copy(&m_layout, &other.m_layout); }
    ChannelLayout& operator=(const ChannelLayout& other)
    {
        if (this != &other)
            av_channel_layout_copy(&m_layout, &other.m_layout);
        return *this;
    }
    ~ChannelLayout() { av_channel_layout_uninit(&m_layout); }

    const AVChannelLayout& get() const { return m_layout; }
    int channels() const { return m_layout.nb_channels; }
    bool operator==(const ChannelLayout& other) const
    {
        return av_channel_layout_compare(&m_layout, &other.m_layout) == 0;
    }

private:
    AVChannelLayout m_layout{};
};

// libav's sentence for `code`, in English as libav gives it.
[[nodiscard]] QString reasonOf(int code);

// Out of memory or a refusal of libav that a caller cannot help.
[[nodiscard]] Error libraryError(const char* function, int code);

} // namespace loa::media::detail
