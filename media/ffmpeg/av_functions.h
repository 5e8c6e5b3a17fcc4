// libav's functions as media/ffmpeg/ calls them. The libraries (some hundred with what they lean on, 30 MB of resident
// memory) are loaded when the first of them is needed: who plays house files to MP3 or Opus never needs them.
//
// Thread: any. Names are looked up in this namespace before libav's own, so that the calls read as libav's manual says.
// Failure: callers ask for loadLibav() first; a function without its library ends the program.
#pragma once

#include "media/error.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <atomic>
#include <cstdint>

namespace loa::media::detail {

enum class AvLibrary : std::uint8_t { Util, Codec, Format, Resample };

// The address of `name`. Ends the program when it is not there.
[[nodiscard]] void* addressOf(AvLibrary library, const char* name);

template <typename Function>
class AvFunction;

template <typename Value, typename... Arguments>
class AvFunction<Value(Arguments...)> {
public:
    constexpr AvFunction(AvLibrary library, const char* name) : m_library(library), m_name(name) {}

    Value operator()(Arguments... arguments) const
    {
        auto* function = m_function.load(std::memory_order_acquire);
        if (function == nullptr) {
            function = reinterpret_cast<Value (*)(Arguments...)>(addressOf(m_library, m_name));
            m_function.store(function, std::memory_order_release);
        }
        return function(arguments...);
    }

private:
    const AvLibrary m_library;
    const char* const m_name;
    mutable std::atomic<Value (*)(Arguments...)> m_function = nullptr;
};

// libavutil
inline constinit AvFunction<decltype(::av_channel_layout_channel_from_index)> av_channel_layout_channel_from_index{
    AvLibrary::Util, "av_channel_layout_channel_from_index"};
inline constinit AvFunction<decltype(::av_channel_layout_compare)> av_channel_layout_compare{
    AvLibrary::Util, "av_channel_layout_compare"};
inline constinit AvFunction<decltype(::av_channel_layout_copy)> av_channel_layout_copy{AvLibrary::Util,
                                                                                       "av_channel_layout_copy"};
inline constinit AvFunction<decltype(::av_channel_layout_default)> av_channel_layout_default{
    AvLibrary::Util, "av_channel_layout_default"};
inline constinit AvFunction<decltype(::av_channel_layout_describe)> av_channel_layout_describe{
    AvLibrary::Util, "av_channel_layout_describe"};
inline constinit AvFunction<decltype(::av_channel_layout_uninit)> av_channel_layout_uninit{AvLibrary::Util,
                                                                                           "av_channel_layout_uninit"};
inline constinit AvFunction<decltype(::av_dict_free)> av_dict_free{AvLibrary::Util, "av_dict_free"};
inline constinit AvFunction<decltype(::av_dict_get)> av_dict_get{AvLibrary::Util, "av_dict_get"};
inline constinit AvFunction<decltype(::av_dict_set)> av_dict_set{AvLibrary::Util, "av_dict_set"};
inline constinit AvFunction<decltype(::av_frame_alloc)> av_frame_alloc{AvLibrary::Util, "av_frame_alloc"};
inline constinit AvFunction<decltype(::av_frame_free)> av_frame_free{AvLibrary::Util, "av_frame_free"};
inline constinit AvFunction<decltype(::av_frame_get_buffer)> av_frame_get_buffer{AvLibrary::Util,
                                                                                 "av_frame_get_buffer"};
inline constinit AvFunction<decltype(::av_frame_unref)> av_frame_unref{AvLibrary::Util, "av_frame_unref"};
inline constinit AvFunction<decltype(::av_freep)> av_freep{AvLibrary::Util, "av_freep"};
inline constinit AvFunction<decltype(::av_get_packed_sample_fmt)> av_get_packed_sample_fmt{AvLibrary::Util,
                                                                                           "av_get_packed_sample_fmt"};
inline constinit AvFunction<void*(std::size_t)> av_malloc{AvLibrary::Util, "av_malloc"};
inline constinit AvFunction<decltype(::av_max_alloc)> av_max_alloc{AvLibrary::Util, "av_max_alloc"};
inline constinit AvFunction<decltype(::av_opt_get)> av_opt_get{AvLibrary::Util, "av_opt_get"};
inline constinit AvFunction<decltype(::av_opt_set)> av_opt_set{AvLibrary::Util, "av_opt_set"};
inline constinit AvFunction<decltype(::av_opt_set_double)> av_opt_set_double{AvLibrary::Util, "av_opt_set_double"};
inline constinit AvFunction<decltype(::av_opt_set_int)> av_opt_set_int{AvLibrary::Util, "av_opt_set_int"};
inline constinit AvFunction<decltype(::av_rescale_q)> av_rescale_q{AvLibrary::Util, "av_rescale_q"};
inline constinit AvFunction<decltype(::av_rescale_rnd)> av_rescale_rnd{AvLibrary::Util, "av_rescale_rnd"};
inline constinit AvFunction<decltype(::av_sample_fmt_is_planar)> av_sample_fmt_is_planar{AvLibrary::Util,
                                                                                         "av_sample_fmt_is_planar"};
inline constinit AvFunction<decltype(::av_strerror)> av_strerror{AvLibrary::Util, "av_strerror"};

// libavcodec
inline constinit AvFunction<decltype(::av_new_packet)> av_new_packet{AvLibrary::Codec, "av_new_packet"};
inline constinit AvFunction<decltype(::av_packet_alloc)> av_packet_alloc{AvLibrary::Codec, "av_packet_alloc"};
inline constinit AvFunction<decltype(::av_packet_free)> av_packet_free{AvLibrary::Codec, "av_packet_free"};
inline constinit AvFunction<decltype(::av_packet_get_side_data)> av_packet_get_side_data{AvLibrary::Codec,
                                                                                         "av_packet_get_side_data"};
inline constinit AvFunction<decltype(::av_packet_rescale_ts)> av_packet_rescale_ts{AvLibrary::Codec,
                                                                                   "av_packet_rescale_ts"};
inline constinit AvFunction<decltype(::av_packet_unref)> av_packet_unref{AvLibrary::Codec, "av_packet_unref"};
inline constinit AvFunction<decltype(::avcodec_alloc_context3)> avcodec_alloc_context3{AvLibrary::Codec,
                                                                                       "avcodec_alloc_context3"};
inline constinit AvFunction<decltype(::avcodec_find_decoder)> avcodec_find_decoder{AvLibrary::Codec,
                                                                                   "avcodec_find_decoder"};
inline constinit AvFunction<decltype(::avcodec_find_encoder_by_name)> avcodec_find_encoder_by_name{
    AvLibrary::Codec, "avcodec_find_encoder_by_name"};
inline constinit AvFunction<decltype(::avcodec_free_context)> avcodec_free_context{AvLibrary::Codec,
                                                                                   "avcodec_free_context"};
inline constinit AvFunction<decltype(::avcodec_get_name)> avcodec_get_name{AvLibrary::Codec, "avcodec_get_name"};
inline constinit AvFunction<decltype(::avcodec_open2)> avcodec_open2{AvLibrary::Codec, "avcodec_open2"};
inline constinit AvFunction<decltype(::avcodec_parameters_from_context)> avcodec_parameters_from_context{
    AvLibrary::Codec, "avcodec_parameters_from_context"};
inline constinit AvFunction<decltype(::avcodec_parameters_to_context)> avcodec_parameters_to_context{
    AvLibrary::Codec, "avcodec_parameters_to_context"};
inline constinit AvFunction<decltype(::avcodec_receive_frame)> avcodec_receive_frame{AvLibrary::Codec,
                                                                                     "avcodec_receive_frame"};
inline constinit AvFunction<decltype(::avcodec_receive_packet)> avcodec_receive_packet{AvLibrary::Codec,
                                                                                       "avcodec_receive_packet"};
inline constinit AvFunction<decltype(::avcodec_send_frame)> avcodec_send_frame{AvLibrary::Codec, "avcodec_send_frame"};
inline constinit AvFunction<decltype(::avcodec_send_packet)> avcodec_send_packet{AvLibrary::Codec,
                                                                                 "avcodec_send_packet"};

// libavformat
inline constinit AvFunction<decltype(::av_find_best_stream)> av_find_best_stream{AvLibrary::Format,
                                                                                 "av_find_best_stream"};
inline constinit AvFunction<decltype(::av_find_input_format)> av_find_input_format{AvLibrary::Format,
                                                                                   "av_find_input_format"};
inline constinit AvFunction<decltype(::av_read_frame)> av_read_frame{AvLibrary::Format, "av_read_frame"};
inline constinit AvFunction<decltype(::av_stream_get_side_data)> av_stream_get_side_data{AvLibrary::Format,
                                                                                         "av_stream_get_side_data"};
inline constinit AvFunction<decltype(::av_write_frame)> av_write_frame{AvLibrary::Format, "av_write_frame"};
inline constinit AvFunction<decltype(::av_write_trailer)> av_write_trailer{AvLibrary::Format, "av_write_trailer"};
inline constinit AvFunction<decltype(::avformat_alloc_context)> avformat_alloc_context{AvLibrary::Format,
                                                                                       "avformat_alloc_context"};
inline constinit AvFunction<decltype(::avformat_alloc_output_context2)> avformat_alloc_output_context2{
    AvLibrary::Format, "avformat_alloc_output_context2"};
inline constinit AvFunction<decltype(::avformat_close_input)> avformat_close_input{AvLibrary::Format,
                                                                                   "avformat_close_input"};
inline constinit AvFunction<decltype(::avformat_find_stream_info)> avformat_find_stream_info{
    AvLibrary::Format, "avformat_find_stream_info"};
inline constinit AvFunction<decltype(::avformat_free_context)> avformat_free_context{AvLibrary::Format,
                                                                                     "avformat_free_context"};
inline constinit AvFunction<decltype(::avformat_index_get_entries_count)> avformat_index_get_entries_count{
    AvLibrary::Format, "avformat_index_get_entries_count"};
inline constinit AvFunction<decltype(::avformat_index_get_entry)> avformat_index_get_entry{AvLibrary::Format,
                                                                                           "avformat_index_get_entry"};
inline constinit AvFunction<decltype(::avformat_new_stream)> avformat_new_stream{AvLibrary::Format,
                                                                                 "avformat_new_stream"};
inline constinit AvFunction<decltype(::avformat_open_input)> avformat_open_input{AvLibrary::Format,
                                                                                 "avformat_open_input"};
inline constinit AvFunction<int(AVFormatContext*, AVDictionary**)> avformat_write_header{AvLibrary::Format,
                                                                                         "avformat_write_header"};
inline constinit AvFunction<decltype(::avio_alloc_context)> avio_alloc_context{AvLibrary::Format, "avio_alloc_context"};
inline constinit AvFunction<decltype(::avio_closep)> avio_closep{AvLibrary::Format, "avio_closep"};
inline constinit AvFunction<decltype(::avio_context_free)> avio_context_free{AvLibrary::Format, "avio_context_free"};
inline constinit AvFunction<decltype(::avio_flush)> avio_flush{AvLibrary::Format, "avio_flush"};
inline constinit AvFunction<decltype(::avio_open)> avio_open{AvLibrary::Format, "avio_open"};

// libswresample
inline constinit AvFunction<decltype(::swr_alloc_set_opts2)> swr_alloc_set_opts2{AvLibrary::Resample,
                                                                                 "swr_alloc_set_opts2"};
inline constinit AvFunction<decltype(::swr_convert)> swr_convert{AvLibrary::Resample, "swr_convert"};
inline constinit AvFunction<decltype(::swr_free)> swr_free{AvLibrary::Resample, "swr_free"};
inline constinit AvFunction<decltype(::swr_get_out_samples)> swr_get_out_samples{AvLibrary::Resample,
                                                                                 "swr_get_out_samples"};
inline constinit AvFunction<decltype(::swr_init)> swr_init{AvLibrary::Resample, "swr_init"};
inline constinit AvFunction<decltype(::swr_set_compensation)> swr_set_compensation{AvLibrary::Resample,
                                                                                   "swr_set_compensation"};

} // namespace loa::media::detail
