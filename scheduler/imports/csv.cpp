#include "scheduler/imports/csv.h"

#include <QRegularExpression>
#include <QStringDecoder>

namespace loa::imports {

namespace {

tl::unexpected<Error> csvError(ErrorCategory category, qint64 line, const char* vi, const char* en)
{
    return fail(category, {QString::fromUtf8(vi), QString::fromUtf8(en)}, QStringLiteral("line %1").arg(line));
}

// UTF-8 to text; where it breaks is told by line.
Result<QString> decodeCsv(QByteArrayView bytes)
{
    if (bytes.startsWith("\xFF\xFE") || bytes.startsWith("\xFE\xFF"))
        return csvError(ErrorCategory::InvalidInput, 1, "tệp là UTF-16; hãy lưu lại dưới dạng \"CSV UTF-8\"",
                        "the file is UTF-16; save it as \"CSV UTF-8\"");
    if (bytes.startsWith("\xEF\xBB\xBF"))
        bytes = bytes.sliced(3);
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString text = decoder.decode(bytes);
    if (!decoder.hasError())
        return text;
    // Found by line, so that a person can find it: a broken sequence never spans a line feed.
    qint64 line = 1;
    for (qsizetype from = 0; from < bytes.size(); ++line) {
        qsizetype until = bytes.indexOf('\n', from);
        if (until < 0)
            until = bytes.size();
        QStringDecoder one(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        const QString ignored = one.decode(bytes.sliced(from, until - from));
        if (one.hasError())
            break;
        from = until + 1;
    }
    return csvError(ErrorCategory::InvalidInput, line, "dòng này không phải UTF-8; hãy lưu lại dưới dạng \"CSV UTF-8\"",
                    "this line is not UTF-8; save the file as \"CSV UTF-8\"");
}

// Semicolons when the header, outside quotes, has them and no comma.
QChar separatorOf(const QString& text)
{
    bool inQuotes = false;
    bool semicolon = false;
    for (const QChar c : text) {
        if (c == u'"')
            inQuotes = !inQuotes;
        else if (!inQuotes && c == u',')
            return u',';
        else if (!inQuotes && c == u';')
            semicolon = true;
        else if (!inQuotes && (c == u'\n' || c == u'\r'))
            break;
    }
    return semicolon ? u';' : u',';
}

class CsvScanner {
public:
    CsvScanner(const QString& text, const CsvLimits& limits)
        : m_text(text), m_limits(limits), m_separator(separatorOf(text))
    {
    }

    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }

    // One record, its line end taken with it.
    [[nodiscard]] Result<CsvRecord> record()
    {
        CsvRecord record;
        record.line = m_line;
        for (;;) {
            auto field = atEnd() || m_text[m_at] != u'"' ? bareField() : quotedField();
            if (!field)
                return passOn(field);
            if (record.fields.size() >= m_limits.columns)
                return csvError(ErrorCategory::LimitExceeded, record.line, "quá nhiều cột", "too many columns");
            record.fields.append(std::move(*field));
            if (!atEnd() && m_text[m_at] == m_separator) {
                ++m_at;
                continue;
            }
            if (auto end = lineEnd(); !end)
                return passOn(end);
            return record;
        }
    }

private:
    [[nodiscard]] Result<QString> bareField()
    {
        const qsizetype from = m_at;
        while (!atEnd()) {
            const QChar c = m_text[m_at];
            if (c == m_separator || c == u'\n' || c == u'\r')
                break;
            if (c == u'"')
                return csvError(ErrorCategory::InvalidInput, m_line,
                                "dấu ngoặc kép ở giữa ô; ô có ngoặc kép phải đặt trong ngoặc kép và viết đôi \"\"",
                                "a quotation mark inside a bare field; quote the whole field and double it");
            if (c.isNull())
                return csvError(ErrorCategory::InvalidInput, m_line, "có ký tự NUL; đây không phải tệp CSV",
                                "there is a NUL character; this is not a CSV file");
            ++m_at;
        }
        return bounded(m_text.sliced(from, m_at - from));
    }

    [[nodiscard]] Result<QString> quotedField()
    {
        const qint64 opened = m_line;
        QString field;
        ++m_at;
        for (;;) {
            if (atEnd())
                return csvError(ErrorCategory::InvalidInput, opened, "thiếu dấu ngoặc kép đóng",
                                "the closing quotation mark is missing");
            const QChar c = m_text[m_at++];
            if (c == u'"') {
                if (atEnd() || m_text[m_at] != u'"')
                    break;
                ++m_at;
            } else if (c.isNull()) {
                return csvError(ErrorCategory::InvalidInput, m_line, "có ký tự NUL; đây không phải tệp CSV",
                                "there is a NUL character; this is not a CSV file");
            } else if (c == u'\n') {
                ++m_line;
            }
            field.append(c);
            if (field.size() > m_limits.fieldLength)
                return bounded(std::move(field));
        }
        if (!atEnd() && m_text[m_at] != m_separator && m_text[m_at] != u'\n' && m_text[m_at] != u'\r')
            return csvError(ErrorCategory::InvalidInput, m_line, "có chữ sau dấu ngoặc kép đóng",
                            "there is text after the closing quotation mark");
        return bounded(std::move(field));
    }

    [[nodiscard]] Result<QString> bounded(QString field) const
    {
        if (field.size() > m_limits.fieldLength)
            return csvError(ErrorCategory::LimitExceeded, m_line, "một ô quá dài", "a field is too long");
        return field;
    }

    [[nodiscard]] Result<void> lineEnd()
    {
        if (atEnd())
            return {};
        if (m_text[m_at] == u'\r') {
            if (m_at + 1 >= m_text.size() || m_text[m_at + 1] != u'\n')
                return csvError(ErrorCategory::InvalidInput, m_line, "có ký tự xuống dòng lạ (CR đứng một mình)",
                                "there is a carriage return without line feed");
            ++m_at;
        }
        ++m_at;
        ++m_line;
        return {};
    }

    const QString& m_text;
    const CsvLimits& m_limits;
    QChar m_separator;
    qsizetype m_at = 0;
    qint64 m_line = 1;
};

} // namespace

Result<CsvTable> parseCsv(QByteArrayView bytes, const CsvLimits& limits)
{
    if (bytes.size() > limits.bytes)
        return csvError(ErrorCategory::LimitExceeded, 1, "tệp CSV quá lớn", "the CSV file is too large");
    auto text = decodeCsv(bytes);
    if (!text)
        return passOn(text);
    if (text->isEmpty())
        return csvError(ErrorCategory::InvalidInput, 1, "tệp CSV trống", "the CSV file is empty");

    CsvScanner scanner(*text, limits);
    CsvTable table;
    auto header = scanner.record();
    if (!header)
        return passOn(header);
    table.header = std::move(*header);
    while (!scanner.atEnd()) {
        auto record = scanner.record();
        if (!record)
            return passOn(record);
        if (record->fields.size() == 1 && record->fields.first().isEmpty())
            continue;
        if (record->fields.size() != table.header.fields.size())
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("dòng có %1 ô, tiêu đề có %2 cột")
                             .arg(record->fields.size())
                             .arg(table.header.fields.size()),
                         QStringLiteral("the line has %1 fields, the header has %2")
                             .arg(record->fields.size())
                             .arg(table.header.fields.size())},
                        QStringLiteral("line %1").arg(record->line));
        if (static_cast<qsizetype>(table.records.size()) >= limits.records)
            return csvError(ErrorCategory::LimitExceeded, record->line, "quá nhiều dòng", "too many lines");
        table.records.push_back(std::move(*record));
    }
    return table;
}

QByteArray writeCsv(const QStringList& header, const std::vector<QStringList>& records)
{
    QString text;
    const auto writeRecord = [&text](const QStringList& fields) {
        for (qsizetype i = 0; i < fields.size(); ++i) {
            if (i > 0)
                text += u',';
            QString field = fields[i];
            // A lone empty field would be an empty line, which readers pass over.
            const bool quote = field.contains(u',') || field.contains(u';') || field.contains(u'"') ||
                               field.contains(u'\n') || field.contains(u'\r') ||
                               (fields.size() == 1 && field.isEmpty());
            if (quote)
                text += u'"' + field.replace(QStringLiteral("\""), QStringLiteral("\"\"")) + u'"';
            else
                text += field;
        }
        text += QStringLiteral("\r\n");
    };
    writeRecord(header);
    for (const QStringList& record : records)
        writeRecord(record);
    return text.toUtf8();
}

bool isFormula(const QString& field)
{
    if (field.isEmpty())
        return false;
    const QChar first = field.front();
    if (first == u'=' || first == u'@' || first == u'\t' || first == u'\r')
        return true;
    if (first != u'+' && first != u'-')
        return false;
    static const QRegularExpression number(QStringLiteral("\\A[+-][0-9][0-9 ., ]*\\z"));
    return !number.match(field).hasMatch();
}

} // namespace loa::imports
