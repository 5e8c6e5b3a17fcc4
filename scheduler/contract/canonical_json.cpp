#include "scheduler/contract/canonical_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonValue>

#include <algorithm>
#include <cmath>

namespace loa {

namespace {

constexpr double largestInteger = 9007199254740992.0; // 2^53

void writeString(QByteArray& out, const QString& text)
{
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    const QByteArray utf8 = text.toUtf8();
    for (const char character : utf8) {
        switch (character) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(character) < 0x20) {
                out += "\\u00";
                out += digits[character >> 4];
                out += digits[character & 15];
            } else {
                out += character;
            }
        }
    }
    out += '"';
}

Result<void> writeValue(QByteArray& out, const QJsonValue& value, const QString& path);

Result<void> writeObject(QByteArray& out, const QJsonObject& object, const QString& path)
{
    QStringList keys = object.keys();
    std::sort(keys.begin(), keys.end()); // QString compares UTF-16 code units, as RFC 8785 asks
    out += '{';
    bool first = true;
    for (const QString& key : keys) {
        if (!first)
            out += ',';
        first = false;
        writeString(out, key);
        out += ':';
        if (auto written = writeValue(out, object.value(key), path + u'/' + key); !written)
            return written;
    }
    out += '}';
    return {};
}

Result<void> writeValue(QByteArray& out, const QJsonValue& value, const QString& path)
{
    switch (value.type()) {
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        out += "null";
        return {};
    case QJsonValue::Bool:
        out += value.toBool() ? "true" : "false";
        return {};
    case QJsonValue::Double: {
        const double number = value.toDouble();
        if (std::trunc(number) != number || std::abs(number) > largestInteger) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Dữ liệu ký chỉ nhận số nguyên trong khoảng ±2^53."),
                         QStringLiteral("Signed data takes whole numbers within ±2^53 only.")},
                        path);
        }
        out += QByteArray::number(value.toInteger());
        return {};
    }
    case QJsonValue::String:
        writeString(out, value.toString());
        return {};
    case QJsonValue::Array: {
        out += '[';
        const QJsonArray array = value.toArray();
        for (qsizetype index = 0; index < array.size(); ++index) {
            if (index > 0)
                out += ',';
            if (auto written = writeValue(out, array.at(index), path + u'/' + QString::number(index)); !written)
                return written;
        }
        out += ']';
        return {};
    }
    case QJsonValue::Object:
        return writeObject(out, value.toObject(), path);
    }
    return {};
}

} // namespace

Result<QByteArray> canonicalJson(const QJsonObject& object)
{
    QByteArray out;
    if (auto written = writeObject(out, object, QString()); !written)
        return passOn(written);
    return out;
}

Result<QJsonObject> parseCanonicalJson(QByteArrayView bytes)
{
    QJsonParseError problem;
    const QJsonDocument document =
        QJsonDocument::fromJson(QByteArray::fromRawData(bytes.data(), bytes.size()), &problem);
    if (problem.error != QJsonParseError::NoError || !document.isObject()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Không phải JSON hợp lệ: %1.").arg(problem.errorString()),
                     QStringLiteral("Not valid JSON: %1.").arg(problem.errorString())},
                    QStringLiteral("byte %1").arg(problem.offset));
    }
    const QJsonObject object = document.object();
    auto again = canonicalJson(object);
    if (!again)
        return passOn(again);
    if (QByteArrayView(*again) != bytes) {
        const auto shorter = std::min(again->size(), bytes.size());
        qsizetype at = 0;
        while (at < shorter && again->at(at) == bytes[at])
            ++at;
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("JSON không ở dạng chuẩn tắc (thừa dấu cách, sai thứ tự khóa hoặc trùng khóa)."),
                     QStringLiteral("The JSON is not in canonical form (spaces, key order or a key twice).")},
                    QStringLiteral("byte %1").arg(at));
    }
    return object;
}

} // namespace loa
