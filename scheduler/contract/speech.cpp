#include "scheduler/contract/speech.h"

#include <QtEndian>

#include <algorithm>

namespace loa {

namespace {

constexpr char speechMark[] = "LSP1";
constexpr qsizetype markLength = 4;
constexpr qsizetype signatureLength = 64;

QByteArray numberBytes(std::uint32_t sequence)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(sequence, bytes.data());
    return bytes;
}

QByteArray spokenMessage(const SpeechFrame& frame)
{
    return frame.stream.value.toLatin1() + '\n' + numberBytes(frame.sequence) + frame.opus;
}

} // namespace

QByteArray sealSpeech(const SpeechFrame& frame, const SigningKey& key)
{
    const QByteArray id = frame.stream.value.toLatin1();
    const Signature signature = key.sign(domain::speech, spokenMessage(frame));
    return QByteArray(speechMark) + static_cast<char>(id.size()) + id + numberBytes(frame.sequence) +
           QByteArray(reinterpret_cast<const char*>(signature.data()), signatureLength) + frame.opus;
}

Result<SpeechFrame> openSpeech(QByteArrayView bytes, const VerifyKey& scheduler)
{
    const auto malformed = [] {
        return fail(ErrorCategory::InvalidInput, {QStringLiteral("Đây không phải khung tiếng nói của Loa."),
                                                  QStringLiteral("This is not a frame of Loa's live speech.")});
    };
    if (bytes.size() < markLength + 1 || bytes.first(markLength) != QByteArrayView(speechMark, markLength))
        return malformed();
    const auto idLength = static_cast<qsizetype>(static_cast<unsigned char>(bytes.at(markLength)));
    const qsizetype head = markLength + 1 + idLength + 4 + signatureLength;
    if (idLength < 1 || idLength > 64 || bytes.size() < head || bytes.size() > head + maxSpeechPacket)
        return malformed();
    SpeechFrame frame;
    frame.stream.value = QString::fromLatin1(bytes.sliced(markLength + 1, idLength));
    frame.sequence = qFromBigEndian<std::uint32_t>(bytes.sliced(markLength + 1 + idLength, 4).data());
    frame.opus = bytes.sliced(head).toByteArray();
    Signature signature{};
    std::copy_n(bytes.sliced(head - signatureLength).data(), signatureLength,
                reinterpret_cast<char*>(signature.data()));
    if (!isValidId(frame.stream.value) || frame.sequence > mostSpeechFrames)
        return malformed();
    if (!scheduler.verify(domain::speech, spokenMessage(frame), signature))
        return fail(ErrorCategory::Unauthorized,
                    {QStringLiteral("Khung tiếng nói không do đơn vị quản lý ký; bỏ qua."),
                     QStringLiteral("The frame of speech is not signed by this agent's scheduler; it is dropped.")});
    return frame;
}

} // namespace loa
