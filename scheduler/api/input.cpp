#include "scheduler/api/input.h"

#include "scheduler/contract/time_of_day.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace loa::api {

namespace {

constexpr int deepestNesting = 32;

// Before parsing, so that a hostile body cannot spend the stack.
bool nestsTooDeep(const QByteArray& json)
{
    int depth = 0;
    bool inText = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inText) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inText = false;
        } else if (c == '"') {
            inText = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepestNesting)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

bool isCleanText(const QString& text)
{
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if ((c.unicode() < 0x20 && c != u'\n' && c != u'\t' && c != u'\r') || c.unicode() == 0x7f)
            return false;
        if (c.isHighSurrogate()) {
            if (i + 1 >= text.size() || !text[i + 1].isLowSurrogate())
                return false;
            ++i;
        } else if (c.isLowSurrogate()) {
            return false;
        }
    }
    return true;
}

std::optional<QString> unclean(const QJsonValue& value, const QString& path)
{
    if (value.isString())
        return isCleanText(value.toString()) ? std::nullopt : std::optional(path);
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i) {
            if (auto found = unclean(array[i], path + u'/' + QString::number(i)))
                return found;
        }
    }
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto member = object.begin(); member != object.end(); ++member) {
            if (!isCleanText(member.key()))
                return path;
            if (auto found = unclean(member.value(), path + u'/' + member.key()))
                return found;
        }
    }
    return std::nullopt;
}

} // namespace

Result<QJsonObject> jsonBody(const Request& request)
{
    if (request.body.isEmpty() && !request.hasHeader("content-type"))
        return QJsonObject();
    const QByteArray type = request.header("content-type").split(';').front().trimmed().toLower();
    if (type != "application/json")
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Nội dung phải là application/json."),
                                                 QStringLiteral("The body must be application/json.")});
    if (nestsTooDeep(request.body))
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("JSON lồng nhau quá %1 tầng.").arg(deepestNesting),
                     QStringLiteral("The JSON nests deeper than %1 levels.").arg(deepestNesting)});
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(request.body, &parse);
    if (parse.error != QJsonParseError::NoError)
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("Nội dung không phải JSON đúng dạng."), QStringLiteral("The body is no well-formed JSON.")},
            QStringLiteral("byte %1").arg(parse.offset));
    if (!document.isObject())
        return fail(ErrorCategory::InvalidInput, {QStringLiteral("Nội dung phải là một đối tượng JSON."),
                                                  QStringLiteral("The body must be one JSON object.")});
    if (const auto path = unclean(document.object(), QString()))
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("Văn bản có ký tự điều khiển."), QStringLiteral("The text holds control characters.")},
            path->left(200));
    return document.object();
}

QString wordsOf(JsonReader& reader, QLatin1String key, qsizetype longest)
{
    QString words = reader.text(key, longest).trimmed();
    if (!reader.failed() && words.isEmpty())
        reader.reject(key, {QStringLiteral("\"%1\" không được để trống.").arg(key),
                            QStringLiteral("\"%1\" must not be empty.").arg(key)});
    return words;
}

QTime clockOf(JsonReader& reader, QLatin1String key)
{
    const QString word = reader.text(key, 8);
    const auto time = timeOfDayFromString(word);
    if (!reader.failed() && !time)
        reader.reject(key, {QStringLiteral("\"%1\" phải là giờ dạng 05:30.").arg(key),
                            QStringLiteral("\"%1\" must be a time such as 05:30.").arg(key)});
    return time.value_or(QTime());
}

Result<QDate> monthFromString(QStringView text)
{
    const QDate first = text.size() == 7
                            ? QDate::fromString(text.toString() + QStringLiteral("-01"), QStringLiteral("yyyy-MM-dd"))
                            : QDate();
    if (!first.isValid())
        return fail(ErrorCategory::InvalidInput, {QStringLiteral("Tháng phải viết dạng 2026-12."),
                                                  QStringLiteral("A month is written as 2026-12.")});
    return first;
}

QString monthText(QDate date)
{
    return date.toString(QStringLiteral("yyyy-MM"));
}

QueryReader::QueryReader(const Request& request) : m_request(request)
{
    QSet<QString> seen;
    for (const auto& [name, value] : request.parameters) {
        if (seen.contains(name))
            reject(QLatin1String("query"),
                   {QStringLiteral("có tham số ghi hai lần"), QStringLiteral("names a parameter twice")});
        seen.insert(name);
    }
}

bool QueryReader::has(QLatin1String name) const
{
    return m_request.parameter(name).has_value();
}

void QueryReader::reject(QLatin1String name, const Text& what)
{
    if (!m_error)
        m_error = Error{ErrorCategory::InvalidInput,
                        {QStringLiteral("Tham số \"%1\" %2.").arg(name, what.vi),
                         QStringLiteral("The parameter \"%1\" %2.").arg(name, what.en)},
                        name};
}

QString QueryReader::text(QLatin1String name, qsizetype longest)
{
    m_asked.insert(name);
    const auto value = m_request.parameter(name);
    if (!value)
        reject(name, {QStringLiteral("còn thiếu"), QStringLiteral("is missing")});
    else if (value->size() > longest)
        reject(name, {QStringLiteral("dài quá %1 ký tự").arg(longest),
                      QStringLiteral("is longer than %1 characters").arg(longest)});
    return m_error ? QString() : *value;
}

std::int64_t QueryReader::integer(QLatin1String name, std::int64_t least, std::int64_t most, std::int64_t absent)
{
    m_asked.insert(name);
    const auto value = m_request.parameter(name);
    if (!value)
        return absent;
    bool whole = false;
    const qint64 number = value->toLongLong(&whole);
    if (!whole || number < least || number > most) {
        reject(name, {QStringLiteral("phải là số nguyên từ %1 đến %2").arg(least).arg(most),
                      QStringLiteral("must be a whole number from %1 to %2").arg(least).arg(most)});
        return absent;
    }
    return number;
}

QDate QueryReader::date(QLatin1String name)
{
    const QString word = text(name, 10);
    const QDate value = QDate::fromString(word, QStringLiteral("yyyy-MM-dd"));
    if (!m_error && !value.isValid())
        reject(name,
               {QStringLiteral("phải là ngày dạng 2026-12-01"), QStringLiteral("must be a date such as 2026-12-01")});
    return value;
}

QDate QueryReader::month(QLatin1String name)
{
    const QString word = text(name, 10);
    const auto value = monthFromString(word);
    if (!m_error && !value)
        reject(name, {QStringLiteral("phải là tháng dạng 2026-12"), QStringLiteral("must be a month such as 2026-12")});
    return value.value_or(QDate());
}

Result<void> QueryReader::finish() const
{
    if (m_error)
        return tl::unexpected<Error>(*m_error);
    for (const auto& [name, value] : m_request.parameters) {
        if (!m_asked.contains(name))
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Không có tham số \"%1\".").arg(name.left(64)),
                         QStringLiteral("There is no parameter \"%1\".").arg(name.left(64))},
                        name.left(64));
    }
    return {};
}

} // namespace loa::api
