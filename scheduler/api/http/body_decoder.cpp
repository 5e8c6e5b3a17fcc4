#include "scheduler/api/http/body_decoder.h"

#include <algorithm>

namespace loa::api {

namespace {

constexpr qsizetype longestChunkLine = 256;
constexpr qsizetype longestTrailer = 4 * 1024;

tl::unexpected<Refusal> tooLargeBody(qsizetype most)
{
    return refuse(413, ErrorCategory::LimitExceeded,
                  {QStringLiteral("Nội dung gửi lên lớn hơn %1 byte cho phép.").arg(most),
                   QStringLiteral("The body is larger than the %1 bytes allowed.").arg(most)});
}

tl::unexpected<Refusal> badChunk()
{
    return refuse(
        400, ErrorCategory::InvalidInput,
        {QStringLiteral("Nội dung chia khúc (chunked) không đúng."), QStringLiteral("The chunked body is malformed.")});
}

} // namespace

tl::expected<BodyDecoder, Refusal> BodyDecoder::forHead(const Head& head, qsizetype most)
{
    BodyDecoder decoder;
    decoder.m_most = most;
    if (head.chunked) {
        decoder.m_state = State::ChunkSize;
        return decoder;
    }
    const qint64 length = head.contentLength.value_or(0);
    if (length > most)
        return tooLargeBody(most);
    decoder.m_remaining = length;
    decoder.m_state = length > 0 ? State::Counted : State::Complete;
    return decoder;
}

tl::expected<qsizetype, Refusal> BodyDecoder::take(QByteArrayView bytes)
{
    qsizetype used = 0;
    while (used < bytes.size() && m_state != State::Complete) {
        if (m_state == State::Counted || m_state == State::ChunkData) {
            const qsizetype piece = static_cast<qsizetype>(std::min<qint64>(m_remaining, bytes.size() - used));
            if (m_body.size() + piece > m_most)
                return tooLargeBody(m_most);
            m_body.append(bytes.sliced(used, piece));
            m_remaining -= piece;
            used += piece;
            if (m_remaining == 0)
                m_state = m_state == State::Counted ? State::Complete : State::ChunkEnd;
            continue;
        }
        m_line.append(bytes[used++]);
        if (m_line.size() > (m_state == State::Trailer ? longestTrailer : longestChunkLine))
            return badChunk();
        if (!m_line.endsWith('\n'))
            continue;
        if (!m_line.endsWith("\r\n"))
            return badChunk();
        if (auto read = chunkLine(QByteArrayView(m_line).chopped(2)); !read)
            return tl::unexpected<Refusal>(read.error());
        m_line.clear();
    }
    return used;
}

tl::expected<void, Refusal> BodyDecoder::chunkLine(QByteArrayView line)
{
    if (m_state == State::ChunkEnd) {
        if (!line.isEmpty())
            return badChunk();
        m_state = State::ChunkSize;
        return {};
    }
    if (m_state == State::Trailer) {
        m_trailerBytes += line.size() + 2;
        if (m_trailerBytes > longestTrailer)
            return badChunk();
        if (line.isEmpty())
            m_state = State::Complete;
        return {};
    }
    const qsizetype semicolon = line.indexOf(';');
    const QByteArray digits = (semicolon < 0 ? line : line.first(semicolon)).toByteArray();
    const bool hexadecimal =
        !digits.isEmpty() && digits.size() <= 8 && std::all_of(digits.begin(), digits.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        });
    if (!hexadecimal || line.contains('\r'))
        return badChunk();
    m_remaining = digits.toLongLong(nullptr, 16);
    if (m_body.size() + m_remaining > m_most)
        return tooLargeBody(m_most);
    m_state = m_remaining == 0 ? State::Trailer : State::ChunkData;
    return {};
}

} // namespace loa::api
