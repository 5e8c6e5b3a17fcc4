#include "scheduler/imports/rows.h"

#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QTimeZone>

#include <algorithm>

namespace loa::imports {

namespace {

constexpr qsizetype maxNameLength = 200;
constexpr qsizetype maxCodeLength = 32;
constexpr int maxClusters = 100;
constexpr int maxSpeakers = 10'000;

// Collects what is wrong, line by line, up to a limit that keeps the answer readable.
class ErrorList {
public:
    explicit ErrorList(std::vector<LineError>& errors) : m_errors(errors) {}

    void add(qint64 line, const QString& vi, const QString& en)
    {
        if (m_errors.size() < maxLineErrors)
            m_errors.push_back({line, {vi, en}});
    }
    void add(const Error& error)
    {
        // parseCsv() says "line N".
        add(error.where.mid(5).toLongLong(), error.message.vi, error.message.en);
    }
    [[nodiscard]] std::size_t count() const { return m_errors.size(); }

private:
    std::vector<LineError>& m_errors;
};

QString shownField(const QString& text)
{
    QString shown = text.left(60);
    for (QChar& c : shown) {
        if (!c.isPrint())
            c = QChar(0xFFFD);
    }
    return u'"' + shown + (text.size() > 60 ? QStringLiteral("…\"") : QStringLiteral("\""));
}

// The columns by name, and the fields of one record by column.
class Columns {
public:
    Columns(const CsvRecord& header, const QStringList& required, const QStringList& optional, ErrorList& errors)
    {
        for (qsizetype i = 0; i < header.fields.size(); ++i) {
            const QString name = header.fields[i].trimmed().toLower();
            if (!required.contains(name) && !optional.contains(name)) {
                errors.add(header.line,
                           QStringLiteral("không có cột %1; các cột là: %2")
                               .arg(shownField(name), (required + optional).join(QStringLiteral(", "))),
                           QStringLiteral("there is no column %1; the columns are: %2")
                               .arg(shownField(name), (required + optional).join(QStringLiteral(", "))));
            } else if (m_index.contains(name)) {
                errors.add(header.line, QStringLiteral("cột %1 có hai lần").arg(shownField(name)),
                           QStringLiteral("column %1 stands twice").arg(shownField(name)));
            } else {
                m_index.insert(name, i);
            }
        }
        for (const QString& name : required) {
            if (!m_index.contains(name))
                errors.add(header.line, QStringLiteral("thiếu cột %1").arg(shownField(name)),
                           QStringLiteral("column %1 is missing").arg(shownField(name)));
        }
    }

    // Empty when the column is left out.
    [[nodiscard]] QString field(const CsvRecord& record, const char* name) const
    {
        const auto at = m_index.constFind(QLatin1String(name));
        return at == m_index.cend() ? QString() : record.fields[*at].trimmed();
    }

private:
    QHash<QString, qsizetype> m_index;
};

// Text a person wrote: not too long, no control characters, nothing that a spreadsheet would run.
QString plainText(const Columns& columns, const CsvRecord& record, const char* name, qsizetype most, bool required,
                  ErrorList& errors)
{
    QString text = columns.field(record, name);
    const QString column = shownField(QLatin1String(name));
    if (text.isEmpty()) {
        if (required)
            errors.add(record.line, QStringLiteral("ô %1 để trống").arg(column),
                       QStringLiteral("field %1 is empty").arg(column));
        return text;
    }
    if (text.size() > most)
        errors.add(record.line, QStringLiteral("ô %1 dài quá %2 ký tự").arg(column, QString::number(most)),
                   QStringLiteral("field %1 is longer than %2 characters").arg(column, QString::number(most)));
    if (std::any_of(text.cbegin(), text.cend(), [](QChar c) { return c.category() == QChar::Other_Control; }))
        errors.add(record.line, QStringLiteral("ô %1 có ký tự điều khiển hoặc xuống dòng").arg(column),
                   QStringLiteral("field %1 holds a control character or a line break").arg(column));
    if (isFormula(text))
        errors.add(record.line,
                   QStringLiteral("ô %1 bắt đầu như một công thức bảng tính: %2").arg(column, shownField(text)),
                   QStringLiteral("field %1 begins like a spreadsheet formula: %2").arg(column, shownField(text)));
    return text;
}

QString code(const Columns& columns, const CsvRecord& record, const char* name, bool required, ErrorList& errors)
{
    static const QRegularExpression form(QStringLiteral("\\A[A-Za-z0-9][A-Za-z0-9._-]*\\z"));
    QString text = plainText(columns, record, name, maxCodeLength, required, errors);
    if (!text.isEmpty() && !form.match(text).hasMatch())
        errors.add(record.line, QStringLiteral("mã %1 chỉ được gồm chữ không dấu, số và . _ -").arg(shownField(text)),
                   QStringLiteral("code %1 may hold only letters a-z, digits and . _ -").arg(shownField(text)));
    return text;
}

std::optional<QDate> day(const Columns& columns, const CsvRecord& record, const char* name, ErrorList& errors)
{
    const QString text = columns.field(record, name);
    if (text.isEmpty())
        return std::nullopt;
    const QDate date = text.size() == 10 ? QDate::fromString(text, QStringLiteral("yyyy-MM-dd")) : QDate();
    if (!date.isValid() || date.year() < 1900 || date.year() > 9999) {
        errors.add(record.line, QStringLiteral("ngày %1 phải viết như 2025-07-01").arg(shownField(text)),
                   QStringLiteral("date %1 must be written like 2025-07-01").arg(shownField(text)));
        return std::nullopt;
    }
    return date;
}

// "Loa trung tâm=tower:4; Loa chợ=market"
std::vector<ClusterRow> clusters(const QString& text, qint64 line, ErrorList& errors)
{
    static const QRegularExpression form(
        QStringLiteral("\\A\\s*([^=:;]{1,200}?)\\s*=\\s*([a-z0-9][a-z0-9_-]{0,63})\\s*(?::\\s*([0-9]{1,5})\\s*)?\\z"));
    std::vector<ClusterRow> rows;
    if (text.isEmpty())
        return rows;
    QSet<QString> names;
    const QStringList parts = text.split(u';', Qt::SkipEmptyParts);
    if (parts.size() > maxClusters) {
        errors.add(line, QStringLiteral("quá %1 cụm loa").arg(maxClusters),
                   QStringLiteral("more than %1 clusters").arg(maxClusters));
        return rows;
    }
    for (const QString& part : parts) {
        if (part.trimmed().isEmpty())
            continue;
        const QRegularExpressionMatch match = form.match(part);
        const int speakers = match.captured(3).isEmpty() ? 1 : match.captured(3).toInt();
        if (!match.hasMatch() || speakers < 1 || speakers > maxSpeakers) {
            errors.add(line,
                       QStringLiteral("cụm loa %1 phải viết như \"Tên=đầu-ra:số loa\"").arg(shownField(part.trimmed())),
                       QStringLiteral("cluster %1 must be written like \"Name=output:speakers\"")
                           .arg(shownField(part.trimmed())));
            continue;
        }
        if (isFormula(match.captured(1)) || names.contains(match.captured(1))) {
            errors.add(
                line, QStringLiteral("tên cụm loa %1 không dùng được hoặc bị trùng").arg(shownField(match.captured(1))),
                QStringLiteral("cluster name %1 is not usable or stands twice").arg(shownField(match.captured(1))));
            continue;
        }
        names.insert(match.captured(1));
        rows.push_back({match.captured(1), match.captured(2), speakers});
    }
    return rows;
}

// What all kinds of row share: parse, columns, one row a record, no code twice.
template <typename Row, typename ReadRow>
ReadRows<Row> readRows(QByteArrayView csv, const CsvLimits& limits, const QStringList& required,
                       const QStringList& optional, const ReadRow& readRow)
{
    ReadRows<Row> read;
    ErrorList errors(read.errors);
    const auto table = parseCsv(csv, limits);
    if (!table) {
        errors.add(table.error());
        return read;
    }
    const Columns columns(table->header, required, optional, errors);
    if (errors.count() > 0)
        return read;
    QHash<QString, qint64> lineOfCode;
    for (const CsvRecord& record : table->records) {
        const std::size_t before = errors.count();
        Row row = readRow(columns, record, errors);
        row.line = record.line;
        if (const auto first = lineOfCode.constFind(row.code); !row.code.isEmpty() && first != lineOfCode.cend()) {
            errors.add(
                record.line, QStringLiteral("mã %1 đã có ở dòng %2").arg(shownField(row.code), QString::number(*first)),
                QStringLiteral("code %1 stands on line %2 already").arg(shownField(row.code), QString::number(*first)));
        }
        lineOfCode.insert(row.code, record.line);
        if (errors.count() == before)
            read.rows.push_back(std::move(row));
    }
    if (table->records.empty())
        errors.add(table->header.line, QStringLiteral("chỉ có tiêu đề, không có dòng nào"),
                   QStringLiteral("there is a header and no line below it"));
    return read;
}

} // namespace

ReadRows<UnitRow> readUnits(QByteArrayView csv, const CsvLimits& limits)
{
    return readRows<UnitRow>(
        csv, limits, {QStringLiteral("code"), QStringLiteral("name"), QStringLiteral("kind")},
        {QStringLiteral("parent_code"), QStringLiteral("valid_from"), QStringLiteral("valid_until")},
        [](const Columns& columns, const CsvRecord& record, ErrorList& errors) {
            UnitRow row;
            row.code = code(columns, record, "code", true, errors);
            row.name = plainText(columns, record, "name", maxNameLength, true, errors);
            row.kind = plainText(columns, record, "kind", maxCodeLength, true, errors);
            if (const QString parent = code(columns, record, "parent_code", false, errors); !parent.isEmpty())
                row.parentCode = parent;
            row.validFrom = day(columns, record, "valid_from", errors);
            row.validUntil = day(columns, record, "valid_until", errors);
            if (row.parentCode && *row.parentCode == row.code)
                errors.add(record.line, QStringLiteral("đơn vị không thể là cấp trên của chính nó"),
                           QStringLiteral("a unit cannot be its own parent"));
            if (row.validFrom && row.validUntil && *row.validUntil < *row.validFrom)
                errors.add(record.line, QStringLiteral("valid_until trước valid_from"),
                           QStringLiteral("valid_until is before valid_from"));
            return row;
        });
}

ReadRows<StationRow> readStations(QByteArrayView csv, const CsvLimits& limits)
{
    return readRows<StationRow>(
        csv, limits, {QStringLiteral("code"), QStringLiteral("name"), QStringLiteral("unit_code")},
        {QStringLiteral("time_zone"), QStringLiteral("clusters")},
        [](const Columns& columns, const CsvRecord& record, ErrorList& errors) {
            StationRow row;
            row.code = code(columns, record, "code", true, errors);
            row.name = plainText(columns, record, "name", maxNameLength, true, errors);
            row.unitCode = code(columns, record, "unit_code", true, errors);
            const QString zone = columns.field(record, "time_zone");
            row.timeZone = zone.isEmpty() ? QByteArray("Asia/Ho_Chi_Minh") : zone.toUtf8();
            if (zone.size() > 64 || !QTimeZone::isTimeZoneIdAvailable(row.timeZone))
                errors.add(record.line, QStringLiteral("không có múi giờ %1").arg(shownField(zone)),
                           QStringLiteral("there is no time zone %1").arg(shownField(zone)));
            row.clusters = clusters(columns.field(record, "clusters"), record.line, errors);
            return row;
        });
}

} // namespace loa::imports
