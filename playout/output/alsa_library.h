// libasound's functions, loaded when they are first asked for: who has no sound card does without the library.
//
// Thread: any. Failure: `missing` has the loader's words, and no function may be called.
// Source: alsa-lib 1.2.8, pcm.h.
#pragma once

#include "media/error.h"

#include <QString>

#include <alsa/asoundlib.h>

namespace loa::playout {

// clang-format off
#define LOA_ALSA_FUNCTIONS                                                                                             \
    LOA_ALSA(lib_error_set_handler)                                                                                    \
    LOA_ALSA(strerror)                                                                                                 \
    LOA_ALSA(pcm_open)                                                                                                 \
    LOA_ALSA(pcm_close)                                                                                                \
    LOA_ALSA(pcm_start)                                                                                                \
    LOA_ALSA(pcm_drop)                                                                                                 \
    LOA_ALSA(pcm_resume)                                                                                               \
    LOA_ALSA(pcm_prepare)                                                                                              \
    LOA_ALSA(pcm_writei)                                                                                               \
    LOA_ALSA(pcm_readi)                                                                                                \
    LOA_ALSA(pcm_wait)                                                                                                 \
    LOA_ALSA(pcm_status_malloc)                                                                                        \
    LOA_ALSA(pcm_status_free)                                                                                          \
    LOA_ALSA(pcm_status)                                                                                               \
    LOA_ALSA(pcm_status_get_state)                                                                                     \
    LOA_ALSA(pcm_status_get_delay)                                                                                     \
    LOA_ALSA(pcm_status_get_avail)                                                                                     \
    LOA_ALSA(pcm_status_get_htstamp)                                                                                   \
    LOA_ALSA(pcm_hw_params_malloc)                                                                                     \
    LOA_ALSA(pcm_hw_params_free)                                                                                       \
    LOA_ALSA(pcm_hw_params_any)                                                                                        \
    LOA_ALSA(pcm_hw_params)                                                                                            \
    LOA_ALSA(pcm_hw_params_set_access)                                                                                 \
    LOA_ALSA(pcm_hw_params_set_format)                                                                                 \
    LOA_ALSA(pcm_hw_params_set_channels_near)                                                                          \
    LOA_ALSA(pcm_hw_params_set_rate_near)                                                                              \
    LOA_ALSA(pcm_hw_params_set_buffer_time_near)                                                                       \
    LOA_ALSA(pcm_hw_params_set_period_time_near)                                                                       \
    LOA_ALSA(pcm_hw_params_get_buffer_size)                                                                            \
    LOA_ALSA(pcm_hw_params_get_period_size)                                                                            \
    LOA_ALSA(pcm_sw_params_malloc)                                                                                     \
    LOA_ALSA(pcm_sw_params_free)                                                                                       \
    LOA_ALSA(pcm_sw_params_current)                                                                                    \
    LOA_ALSA(pcm_sw_params)                                                                                            \
    LOA_ALSA(pcm_sw_params_get_boundary)                                                                               \
    LOA_ALSA(pcm_sw_params_set_start_threshold)                                                                        \
    LOA_ALSA(pcm_sw_params_set_stop_threshold)                                                                         \
    LOA_ALSA(pcm_sw_params_set_tstamp_mode)                                                                            \
    LOA_ALSA(pcm_sw_params_set_tstamp_type)                                                                            \
    LOA_ALSA(pcm_format_name)
// clang-format on

struct AlsaLibrary {
#define LOA_ALSA(name) decltype(&::snd_##name) name = nullptr;
    LOA_ALSA_FUNCTIONS
#undef LOA_ALSA
    QString missing; // the loader's words
};

[[nodiscard]] const AlsaLibrary& alsa();

// Error of the card `name` when the library is not there: Unsupported.
[[nodiscard]] Result<void> needAlsa(const QString& name);
// What a function answered, in the words given and its own: NotFound (no such device), Conflict (another program has
// it), Unsupported (no common format), Unavailable.
[[nodiscard]] tl::unexpected<Error> alsaError(int code, const QString& vi, const QString& en, const QString& name);

} // namespace loa::playout
