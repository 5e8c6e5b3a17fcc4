// Rows of an answer, and a reader that takes a row's columns in the order of the SELECT. The reader remembers the first
// column that does not hold what it should, so that one check at the end is enough. Values, any thread.
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/time.h"

#include <QByteArray>
#include <QDate>
#include <QString>
#include <QTime>
#include <QVariant>

#include <cstdint>
#include <optional>
#include <vector>

namespace loa::store {

using Row = std::vector<QVariant>;

class RowReader {
public:
    // `row` outlives the reader.
    explicit RowReader(const Row& row) : m_row(row) {}

    QString text();
    QByteArray utf8() { return text().toUtf8(); }
    std::int64_t integer();
    int smallInteger() { return static_cast<int>(integer()); }
    bool flag();
    double real();
    UtcTime time();
    QDate date();
    QTime timeOfDay();
    Sha256 hash();
    FrameCount frames() { return {integer()}; }

    template <typename IdType>
    IdType id()
    {
        return IdType{text()};
    }

    // Absent when the column is NULL.
    std::optional<std::int64_t> optionalInteger();
    std::optional<double> optionalReal();
    std::optional<UtcTime> optionalTime();
    std::optional<QDate> optionalDate();
    std::optional<Sha256> optionalHash();
    std::optional<QString> optionalText();

    template <typename IdType>
    std::optional<IdType> optionalId()
    {
        const std::optional<QString> value = optionalText();
        return value ? std::optional(IdType{*value}) : std::nullopt;
    }

    // A word of an enumeration, with its fromString().
    template <typename F>
    auto word(F fromString) -> typename decltype(fromString(QStringView{}))::value_type
    {
        const auto value = fromString(text());
        if (value)
            return *value;
        remark();
        return {};
    }

    // For a value that the caller found to be wrong.
    void remark();

    [[nodiscard]] Result<void> check(const QString& sql) const;

private:
    const QVariant& next();
    [[nodiscard]] bool nextIsNull() const;

    const Row& m_row;
    std::size_t m_column = 0;
    std::optional<std::size_t> m_wrong;
};

// How values stand in the database.
[[nodiscard]] QVariant toSql(UtcTime instant);
[[nodiscard]] QVariant toSql(QDate date);
[[nodiscard]] QVariant toSql(QTime time);
[[nodiscard]] QVariant toSql(const Sha256& hash);
[[nodiscard]] QVariant toSql(std::int64_t number);
[[nodiscard]] QVariant toSql(int number);
[[nodiscard]] QVariant toSql(double number);
[[nodiscard]] QVariant toSql(bool flag);
[[nodiscard]] QVariant toSql(const QString& text); // a null string is stored as an empty one
[[nodiscard]] QVariant toSql(FrameCount frames);

template <typename T>
requires requires(const T& id)
{
    id.value.toUtf8();
}
[[nodiscard]] QVariant toSql(const T& id)
{
    return toSql(id.value);
}

template <typename T>
[[nodiscard]] QVariant toSql(const std::optional<T>& value)
{
    return value ? toSql(*value) : QVariant(QMetaType::fromType<QString>());
}

} // namespace loa::store
