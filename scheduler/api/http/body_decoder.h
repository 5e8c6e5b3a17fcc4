// Takes a request's body from the bytes of its connection: by length or chunked (RFC 9112 7.1), never more than its
// limit. Lives on one thread; holds the body decoded so far.
#pragma once

#include "scheduler/api/http/head_parser.h"

#include <QByteArray>
#include <QByteArrayView>

namespace loa::api {

class BodyDecoder {
public:
    BodyDecoder() = default;
    // `most` bytes decoded. Refusal 413 at once when the length announced is over it.
    [[nodiscard]] static tl::expected<BodyDecoder, Refusal> forHead(const Head& head, qsizetype most);

    // Takes what belongs to the body from the front of `bytes`; returns how many. Refusals: 400 (malformed chunk), 413.
    [[nodiscard]] tl::expected<qsizetype, Refusal> take(QByteArrayView bytes);
    [[nodiscard]] bool isComplete() const { return m_state == State::Complete; }
    [[nodiscard]] qsizetype size() const { return m_body.size(); }
    [[nodiscard]] QByteArray takeBody() { return std::move(m_body); }

private:
    enum class State { Counted, ChunkSize, ChunkData, ChunkEnd, Trailer, Complete };

    [[nodiscard]] tl::expected<void, Refusal> chunkLine(QByteArrayView line);

    State m_state = State::Complete;
    qint64 m_remaining = 0; // of the body, or of the chunk
    qsizetype m_most = 0;
    qsizetype m_trailerBytes = 0;
    QByteArray m_line; // chunk size or trailer line so far
    QByteArray m_body;
};

} // namespace loa::api
