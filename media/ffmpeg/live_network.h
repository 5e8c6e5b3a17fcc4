// What a live stream may ask of the network, and for how long it is waited for: the rules that live_reader.h states.
// libav's callbacks end here. Internal to media/ffmpeg/.
//
// Thread: the reader's. Ownership: must outlive what open() gives, whose callbacks lead here.
#pragma once

#include "media/ffmpeg/internal.h"
#include "media/ffmpeg/live_reader.h"

#include <optional>
#include <vector>

namespace loa::media::detail {

class LiveNetwork {
public:
    using Steady = std::chrono::steady_clock; // for the network's own limits: nothing of it reaches the programme

    enum class Type { Believed, Asked }; // what the sender calls its stream, and what its bytes are
    LiveNetwork(LiveSettings settings, Steady::time_point openUntil, Type type);
    LiveNetwork(const LiveNetwork&) = delete;
    LiveNetwork& operator=(const LiveNetwork&) = delete;

    [[nodiscard]] Result<InputPtr> open();
    // It was opened by what the sender calls it.
    [[nodiscard]] bool isByType() const { return m_isByType; }
    void noteAsked() { m_askedAt = Steady::now(); } // for sound
    void notePacket() { m_lastByte = Steady::now(); }
    void noteSound() { m_isOpening = false; } // the first

    [[nodiscard]] bool mustStop();
    // What libav's `code` means here.
    [[nodiscard]] tl::unexpected<Error> failure(int code) const;
    [[nodiscard]] tl::unexpected<Error> failure(ErrorCategory category, const char* vi, const char* en) const;

private:
    static int interrupt(void* self);
    static int openRequest(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                           AVDictionary** options);
    static int closeRequest(AVFormatContext* context, AVIOContext* io);

    [[nodiscard]] Result<void> judge(const QString& address) const;
    [[nodiscard]] Result<void> allow(const sockaddr& host, const QString& address) const;
    [[nodiscard]] Result<void> judgeRedirect(AVIOContext* io, const QString& address) const;
    [[nodiscard]] Result<void> describeSession(AVFormatContext* context);
    void believe(AVFormatContext* context, AVIOContext* io);

    const LiveSettings m_settings;
    const Type m_type;
    bool m_isByType = false;
    bool m_isOpening = true;
    Steady::time_point m_openUntil;
    Steady::time_point m_lastByte = Steady::now();
    Steady::time_point m_askedAt = Steady::now();
    struct Opened {
        AVIOContext* io;
        std::int64_t limit;
    };
    std::vector<Opened> m_opened; // by nested requests, as long as they are open
    std::int64_t m_bytesSeen = -1;
    std::int64_t m_closedBytes = 0; // of requests that are over
    bool m_tooMuch = false;
    std::optional<Error> m_refusal; // of a host that a playlist or a redirect named
    int (*m_openDefault)(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) = nullptr;
    int (*m_closeDefault)(AVFormatContext*, AVIOContext*) = nullptr;
    // A session description, as libav reads it.
    QByteArray m_description;
    QByteArrayView m_described; // what is not read yet
    IoPtr m_descriptionIo;
};

// Decoders that a stranger's bytes may reach.
inline constexpr const char* liveDecoders =
    "mp3float,mp3,mp2float,mp2,aac,aac_latm,opus,libopus,vorbis,flac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,"
    "pcm_mulaw,pcm_alaw,pcm_f32le,adpcm_g722,ac3,eac3";

} // namespace loa::media::detail
