// A request and its answer as values, so that what lies between them is a function and is tested without sockets.
// Values, any thread. Header names are lower case in requests and as written in responses.
#pragma once

#include "scheduler/api/http/file_slice.h"

#include <QByteArray>
#include <QHostAddress>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace loa::api {

using HeaderField = std::pair<QByteArray, QByteArray>;

struct Request {
    QByteArray method; // as sent; methods are case-sensitive
    QByteArray path;   // as sent, percent-encoded, without query; begins with '/'
    QByteArray query;  // as sent, without '?'
    std::vector<HeaderField> headers;
    QByteArray body;
    QHostAddress peer; // behind a trusted proxy: the address that the proxy names
    bool secure = false;
    bool http11 = true;

    std::vector<QString> segments;                       // of the path, decoded
    std::vector<std::pair<QString, QString>> parameters; // of the query, decoded
    std::vector<std::pair<QString, QString>> captures;   // from the route's pattern, set by the router

    // Several fields of one name are joined as RFC 9110 5.3 says. Empty when absent.
    [[nodiscard]] QByteArray header(QByteArrayView lowerCaseName) const;
    [[nodiscard]] bool hasHeader(QByteArrayView lowerCaseName) const;
    [[nodiscard]] std::optional<QString> parameter(QLatin1String name) const; // the first of the name
    [[nodiscard]] QString capture(QLatin1String name) const;                  // empty when the route has none
    [[nodiscard]] QByteArray cookie(QByteArrayView name) const;
};

// The answer to a WebSocket handshake that was accepted: who listens, and to what.
struct Subscription {
    QString subscriber;
    QStringList topics;
    std::uint32_t frames = 0; // not 0: a person speaks to those who listen to the topics, so many frames at most; the
                              // subscriber is then the order's id
    QString speaker;          // that person's id
};

struct Response {
    int status = 200;
    std::vector<HeaderField> headers;
    std::variant<QByteArray, FileSlice> body;
    std::optional<Subscription> upgrade; // hand the socket over to WebSocket; the rest is not sent
    bool close = false;                  // end the connection after this answer
    QString silences;                    // the person whose live speech ends with this answer; empty: nobody's

    Response& with(QByteArray name, QByteArray value);
    [[nodiscard]] QByteArray header(QByteArrayView name) const; // any case; empty when absent
    [[nodiscard]] qint64 length() const;                        // of the body
    [[nodiscard]] QByteArray bytes() const;                     // of a body that is no file

    [[nodiscard]] static Response json(int status, const QJsonObject& object);
    [[nodiscard]] static Response empty(int status = 204);
    [[nodiscard]] static Response data(int status, QByteArray contentType, QByteArray bytes);
};

// Phrase of the status line; "" for numbers that Loa does not use.
[[nodiscard]] QByteArray reasonPhrase(int status);

} // namespace loa::api
