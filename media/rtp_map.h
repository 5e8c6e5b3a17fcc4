// What an RTP payload type that no standard fixes stands for, as a session description says it in a=rtpmap:
// "96 opus/48000/2". Without one, only the fixed types of RFC 3551 can be told apart.
//
// Values, any thread. What is read by it: Opus, linear PCM, G.711, G.722 and MPEG audio; AAC would need a description
// of its own (fmtp), and is refused.
// Failure: InvalidInput with what to write instead.
// Sources: RFC 4566 section 6 (rtpmap), RFC 3551 section 6 (dynamic types), RFC 7587 (Opus), RFC 3190 (L16, L24).
#pragma once

#include "media/error.h"

#include <QString>

namespace loa::media {

struct RtpMap {
    int payloadType = 0; // 96 … 127
    QString encoding;    // as the table of rtp_map.cpp writes it
    int clockRate = 0;   // Hz
    int channels = 1;
    bool operator==(const RtpMap&) const = default;
};

// "96 opus/48000/2", with or without "a=rtpmap:" before it.
[[nodiscard]] Result<RtpMap> rtpMapFrom(QStringView text);
[[nodiscard]] QString toString(const RtpMap& map); // without

} // namespace loa::media
