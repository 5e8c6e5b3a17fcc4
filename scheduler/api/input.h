// Reads what a caller sent, on top of JsonReader: bodies, and parameters of the query. Values and pure functions, any
// thread.
#pragma once

#include "scheduler/api/http/message.h"
#include "scheduler/contract/json_reader.h"

#include <QDate>
#include <QJsonObject>
#include <QSet>
#include <QTime>

#include <optional>

namespace loa::api {

// The body as one JSON object. Errors: Unsupported (another Content-Type), InvalidInput: not JSON (with the byte
// offset), no object, nested over 32 levels, text with control characters. A body that may be absent is an empty
// object.
[[nodiscard]] Result<QJsonObject> jsonBody(const Request& request);

// Trimmed and not empty.
[[nodiscard]] QString wordsOf(JsonReader& reader, QLatin1String key, qsizetype longest);

// "05:30" or "05:30:15".
[[nodiscard]] QTime clockOf(JsonReader& reader, QLatin1String key);

// "2026-12": its first day.
[[nodiscard]] Result<QDate> monthFromString(QStringView text);
[[nodiscard]] QString monthText(QDate date);

// An id from the path. Error: NotFound, since no thing has such a name.
template <typename IdType>
[[nodiscard]] Result<IdType> idFromPath(const Request& request, QLatin1String name)
{
    QString value = request.capture(name);
    if (!isValidId(value))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("Không tìm thấy."), QStringLiteral("There is no such thing.")}, name);
    return IdType{std::move(value)};
}

// Parameters by name; the first mistake stays, finish() tells it, and one that nobody asked for is a mistake.
class QueryReader {
public:
    explicit QueryReader(const Request& request);

    [[nodiscard]] bool has(QLatin1String name) const;
    [[nodiscard]] QString text(QLatin1String name, qsizetype longest = 200);
    [[nodiscard]] std::int64_t integer(QLatin1String name, std::int64_t least, std::int64_t most, std::int64_t absent);
    [[nodiscard]] QDate date(QLatin1String name);
    [[nodiscard]] QDate month(QLatin1String name);
    template <typename IdType>
    [[nodiscard]] IdType id(QLatin1String name)
    {
        QString value = text(name, 64);
        if (!m_error && !isValidId(value))
            reject(name, {QStringLiteral("phải gồm 1 đến 64 ký tự a-z, 0-9, '-'"),
                          QStringLiteral("must be 1 to 64 characters of a-z, 0-9, '-'")});
        return IdType{std::move(value)};
    }
    void reject(QLatin1String name, const Text& what);

    [[nodiscard]] Result<void> finish() const;

private:
    const Request& m_request;
    QSet<QString> m_asked;
    std::optional<Error> m_error;
};

} // namespace loa::api
