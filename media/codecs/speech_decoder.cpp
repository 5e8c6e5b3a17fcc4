#include "media/codecs/speech_decoder.h"

#include <opus.h>

#include <algorithm>

namespace loa::media {

namespace {

constexpr opus_int32 speechRate = 48'000;

} // namespace

Result<std::unique_ptr<SpeechDecoder>> SpeechDecoder::create()
{
    int error = OPUS_OK;
    ::OpusDecoder* decoder = opus_decoder_create(speechRate, 1, &error);
    if (decoder == nullptr || error != OPUS_OK)
        return fail(
            ErrorCategory::Unavailable,
            {QStringLiteral("Không tạo được bộ giải mã Opus."), QStringLiteral("The Opus decoder cannot be made.")},
            QString::fromUtf8(opus_strerror(error)));
    return std::unique_ptr<SpeechDecoder>(new SpeechDecoder(decoder));
}

SpeechDecoder::~SpeechDecoder()
{
    opus_decoder_destroy(m_decoder);
}

bool SpeechDecoder::isOneFrame(std::span<const std::uint8_t> packet)
{
    return !packet.empty() && packet.size() <= 1275 &&
           opus_packet_get_nb_samples(packet.data(), static_cast<opus_int32>(packet.size()), speechRate) ==
               static_cast<int>(frame);
}

bool SpeechDecoder::decode(std::span<const std::uint8_t> packet, Samples out)
{
    if (isOneFrame(packet) && opus_decode_float(m_decoder, packet.data(), static_cast<opus_int32>(packet.size()),
                                                out.data(), static_cast<int>(frame), 0) == static_cast<int>(frame))
        return true;
    conceal(out);
    return false;
}

void SpeechDecoder::recover(std::span<const std::uint8_t> next, Samples out)
{
    if (!isOneFrame(next) || opus_decode_float(m_decoder, next.data(), static_cast<opus_int32>(next.size()), out.data(),
                                               static_cast<int>(frame), 1) != static_cast<int>(frame))
        conceal(out);
}

void SpeechDecoder::restart()
{
    opus_decoder_ctl(m_decoder, OPUS_RESET_STATE);
}

void SpeechDecoder::conceal(Samples out)
{
    if (opus_decode_float(m_decoder, nullptr, 0, out.data(), static_cast<int>(frame), 0) != static_cast<int>(frame))
        std::fill(out.begin(), out.end(), 0.0F);
}

} // namespace loa::media
