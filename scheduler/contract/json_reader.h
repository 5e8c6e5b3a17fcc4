// Reads one JSON object member by member, and remembers the first thing that was wrong, so that a reader states what it
// wants and asks once at the end. A member that nobody asked for is an error: a misspelt name never becomes a default.
// Not shared between threads. After a failure every getter gives an empty value; only finish() tells.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QJsonArray>
#include <QJsonObject>
#include <QSet>
#include <QString>

#include <cstdint>
#include <optional>

namespace loa {

class JsonReader {
public:
    // `path` stands in front of member names in errors, e.g. "/sessions/3".
    explicit JsonReader(QJsonObject object, QString path = {});

    [[nodiscard]] bool has(QLatin1String key) const; // present and not null
    [[nodiscard]] bool given(QLatin1String key);     // present, be it null; counts as asked for

    [[nodiscard]] QString text(QLatin1String key, qsizetype longest = 4096);
    [[nodiscard]] std::int64_t integer(QLatin1String key, std::int64_t least, std::int64_t most);
    [[nodiscard]] bool boolean(QLatin1String key);
    [[nodiscard]] QJsonObject object(QLatin1String key);
    [[nodiscard]] QJsonArray array(QLatin1String key, qsizetype longest);
    [[nodiscard]] QDate date(QLatin1String key);                        // "2026-12-01"
    [[nodiscard]] std::optional<QDate> optionalDate(QLatin1String key); // null or absent: none
    [[nodiscard]] UtcTime instant(QLatin1String key);
    [[nodiscard]] std::optional<UtcTime> optionalInstant(QLatin1String key);

    template <typename Tag>
    [[nodiscard]] Id<Tag> id(QLatin1String key)
    {
        return {idText(key)};
    }

    // Reads text through a function such as sha256FromString.
    template <typename T>
    [[nodiscard]] T parsed(QLatin1String key, Result<T> (*parse)(QStringView))
    {
        const QString word = text(key);
        if (m_error)
            return T{};
        auto value = parse(word);
        if (!value) {
            reject(key, value.error().message);
            return T{};
        }
        return *std::move(value);
    }

    // Hands on an error found elsewhere about this member; the first one stays.
    void reject(QLatin1String key, const Text& message);
    void reject(const Error& error);

    [[nodiscard]] bool failed() const { return m_error.has_value(); }
    [[nodiscard]] QString pathOf(QLatin1String key) const;

    // The first error, or that a member is there which was not asked for.
    [[nodiscard]] Result<void> finish() const;

private:
    [[nodiscard]] QString idText(QLatin1String key);
    [[nodiscard]] QJsonValue take(QLatin1String key, QJsonValue::Type type, const Text& expected);

    QJsonObject m_object;
    QString m_path;
    QSet<QString> m_asked;
    std::optional<Error> m_error;
};

} // namespace loa
