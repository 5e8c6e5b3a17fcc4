#include "media/rtp_map.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace loa::media {

namespace {

struct Encoding {
    const char16_t* name;
    int clockRate; // 0: any of 8000 … 96000
    int channels;  // always so many; 0: 1 … 8
};

constexpr std::array encodings{
    Encoding{u"opus", 48'000, 2}, // always written so, whatever is sent (RFC 7587, section 7)
    Encoding{u"L16", 0, 0},       Encoding{u"L24", 0, 0},     Encoding{u"PCMU", 0, 0},
    Encoding{u"PCMA", 0, 0},      Encoding{u"G722", 8000, 1}, // written so for history's sake; it is 16 kHz
    Encoding{u"MPA", 90'000, 1},
};

tl::unexpected<Error> wrong(const char* vi, const char* en, QStringView text)
{
    return fail(ErrorCategory::InvalidInput, {QString::fromUtf8(vi), QString::fromUtf8(en)}, text.left(80).toString());
}

} // namespace

Result<RtpMap> rtpMapFrom(QStringView text)
{
    static const QRegularExpression form(
        QStringLiteral("^(?:a=rtpmap:)?(\\d{1,3}) ([A-Za-z0-9-]{1,20})/(\\d{4,6})(?:/(\\d))?$"));
    const auto match = form.match(text.trimmed().toString());
    if (!match.hasMatch())
        return wrong("Kiểu tải RTP có dạng \"96 opus/48000/2\": số, mã hóa/tần số/số kênh, như dòng a=rtpmap của SDP.",
                     "An RTP format looks like \"96 opus/48000/2\": type, encoding/rate/channels, as a=rtpmap of SDP.",
                     text);
    RtpMap map;
    map.payloadType = match.captured(1).toInt();
    map.clockRate = match.captured(3).toInt();
    map.channels = match.captured(4).isEmpty() ? 1 : match.captured(4).toInt();
    if (map.payloadType < 96 || map.payloadType > 127)
        return wrong("Số của kiểu tải RTP từ 96 đến 127; các số khác đã có nghĩa cố định, không cần ghi.",
                     "The type is 96 to 127; the others have a fixed meaning and need no format.", text);
    const auto* known = std::ranges::find_if(encodings, [&](const Encoding& one) {
        return match.captured(2).compare(QString::fromUtf16(one.name), Qt::CaseInsensitive) == 0;
    });
    if (known == encodings.end())
        return wrong("Mã hóa RTP đọc được: opus, L16, L24, PCMU, PCMA, G722, MPA.",
                     "The RTP encodings that are read: opus, L16, L24, PCMU, PCMA, G722, MPA.", text);
    map.encoding = QString::fromUtf16(known->name);
    const bool isRate =
        known->clockRate == 0 ? map.clockRate >= 8000 && map.clockRate <= 96'000 : map.clockRate == known->clockRate;
    const bool isChannels =
        known->channels == 0 ? map.channels >= 1 && map.channels <= 8 : map.channels == known->channels;
    if (!isRate || !isChannels)
        return wrong("Tần số hoặc số kênh không hợp với mã hóa này (ví dụ đúng: opus/48000/2, L16/48000/1, PCMU/8000).",
                     "The rate or the channels do not fit this encoding (right: opus/48000/2, L16/48000/1, PCMU/8000).",
                     text);
    return map;
}

QString toString(const RtpMap& map)
{
    return QStringLiteral("%1 %2/%3").arg(map.payloadType).arg(map.encoding).arg(map.clockRate) +
           (map.channels == 1 ? QString() : QStringLiteral("/%1").arg(map.channels));
}

} // namespace loa::media
