#include "scheduler/contract/json_reader.h"

#include <utility>

namespace loa {

JsonReader::JsonReader(QJsonObject object, QString path) : m_object(std::move(object)), m_path(std::move(path)) {}

QString JsonReader::pathOf(QLatin1String key) const
{
    return m_path + u'/' + key;
}

bool JsonReader::has(QLatin1String key) const
{
    const QJsonValue value = m_object.value(key);
    return !value.isUndefined() && !value.isNull();
}

bool JsonReader::given(QLatin1String key)
{
    m_asked.insert(key);
    return m_object.contains(key);
}

void JsonReader::reject(const Error& error)
{
    if (!m_error)
        m_error = error;
}

void JsonReader::reject(QLatin1String key, const Text& message)
{
    reject(Error{ErrorCategory::InvalidInput, message, pathOf(key)});
}

QJsonValue JsonReader::take(QLatin1String key, QJsonValue::Type type, const Text& expected)
{
    m_asked.insert(key);
    if (m_error)
        return {};
    QJsonValue value = m_object.value(key);
    if (value.isUndefined()) {
        reject(key, {QStringLiteral("Thiếu \"%1\".").arg(key), QStringLiteral("\"%1\" is missing.").arg(key)});
        return {};
    }
    if (value.type() != type) {
        reject(key, {QStringLiteral("\"%1\" phải là %2.").arg(key, expected.vi),
                     QStringLiteral("\"%1\" must be %2.").arg(key, expected.en)});
        return {};
    }
    return value;
}

QString JsonReader::text(QLatin1String key, qsizetype longest)
{
    QString value = take(key, QJsonValue::String, {QStringLiteral("chuỗi ký tự"), QStringLiteral("text")}).toString();
    if (value.size() > longest) {
        reject(key, {QStringLiteral("\"%1\" dài quá %2 ký tự.").arg(key).arg(longest),
                     QStringLiteral("\"%1\" is longer than %2 characters.").arg(key).arg(longest)});
        return {};
    }
    return value;
}

std::int64_t JsonReader::integer(QLatin1String key, std::int64_t least, std::int64_t most)
{
    const QJsonValue value =
        take(key, QJsonValue::Double, {QStringLiteral("số nguyên"), QStringLiteral("a whole number")});
    if (m_error)
        return 0;
    // Two different fallbacks tell a fraction or an overflow from a real value.
    const qint64 number = value.toInteger(0);
    const bool whole = number == value.toInteger(1);
    if (!whole || number < least || number > most) {
        reject(key, {QStringLiteral("\"%1\" phải là số nguyên từ %2 đến %3.").arg(key).arg(least).arg(most),
                     QStringLiteral("\"%1\" must be a whole number from %2 to %3.").arg(key).arg(least).arg(most)});
        return 0;
    }
    return number;
}

bool JsonReader::boolean(QLatin1String key)
{
    return take(key, QJsonValue::Bool, {QStringLiteral("true hoặc false"), QStringLiteral("true or false")}).toBool();
}

QJsonObject JsonReader::object(QLatin1String key)
{
    return take(key, QJsonValue::Object, {QStringLiteral("đối tượng"), QStringLiteral("an object")}).toObject();
}

QJsonArray JsonReader::array(QLatin1String key, qsizetype longest)
{
    QJsonArray value = take(key, QJsonValue::Array, {QStringLiteral("danh sách"), QStringLiteral("a list")}).toArray();
    if (value.size() > longest) {
        reject(key, {QStringLiteral("\"%1\" có quá %2 phần tử.").arg(key).arg(longest),
                     QStringLiteral("\"%1\" has more than %2 entries.").arg(key).arg(longest)});
        return {};
    }
    return value;
}

QDate JsonReader::date(QLatin1String key)
{
    const QString word = text(key, 10);
    if (m_error)
        return {};
    const QDate value = QDate::fromString(word, QStringLiteral("yyyy-MM-dd"));
    if (!value.isValid()) {
        reject(key, {QStringLiteral("\"%1\" phải là ngày dạng 2026-12-01.").arg(key),
                     QStringLiteral("\"%1\" must be a date such as 2026-12-01.").arg(key)});
    }
    return value;
}

std::optional<QDate> JsonReader::optionalDate(QLatin1String key)
{
    m_asked.insert(key);
    if (!has(key))
        return std::nullopt;
    return date(key);
}

UtcTime JsonReader::instant(QLatin1String key)
{
    return parsed<UtcTime>(key, utcTimeFromString);
}

std::optional<UtcTime> JsonReader::optionalInstant(QLatin1String key)
{
    m_asked.insert(key);
    if (!has(key))
        return std::nullopt;
    return instant(key);
}

QString JsonReader::idText(QLatin1String key)
{
    QString word = text(key, 64);
    if (!m_error && !isValidId(word)) {
        reject(key, {QStringLiteral("\"%1\" phải gồm 1 đến 64 ký tự a-z, 0-9, '-'.").arg(key),
                     QStringLiteral("\"%1\" must be 1 to 64 characters of a-z, 0-9, '-'.").arg(key)});
        return {};
    }
    return word;
}

Result<void> JsonReader::finish() const
{
    if (m_error)
        return tl::unexpected<Error>(*m_error);
    for (auto member = m_object.begin(); member != m_object.end(); ++member) {
        if (!m_asked.contains(member.key())) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có mục nào tên \"%1\".").arg(member.key().left(64)),
                         QStringLiteral("There is no member \"%1\".").arg(member.key().left(64))},
                        m_path + u'/' + member.key().left(64));
        }
    }
    return {};
}

} // namespace loa
