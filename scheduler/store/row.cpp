#include "scheduler/store/row.h"

namespace loa::store {

namespace {

const QString rowTimeForm = QStringLiteral("HH:mm:ss");

} // namespace

const QVariant& RowReader::next()
{
    static const QVariant nothing;
    if (m_column >= m_row.size()) {
        remark();
        return nothing;
    }
    return m_row[m_column++];
}

bool RowReader::nextIsNull() const
{
    return m_column < m_row.size() && m_row[m_column].isNull();
}

void RowReader::remark()
{
    if (!m_wrong)
        m_wrong = m_column;
}

QString RowReader::text()
{
    const QVariant& value = next();
    if (value.isNull() || value.metaType() != QMetaType::fromType<QString>())
        remark();
    return value.toString();
}

std::int64_t RowReader::integer()
{
    const QVariant& value = next();
    bool whole = false;
    const std::int64_t number = value.toLongLong(&whole);
    const bool isNumber =
        value.metaType() == QMetaType::fromType<qlonglong>() || value.metaType() == QMetaType::fromType<int>();
    if (!whole || value.isNull() || !isNumber)
        remark();
    return number;
}

bool RowReader::flag()
{
    const std::int64_t number = integer();
    if (number != 0 && number != 1)
        remark();
    return number == 1;
}

double RowReader::real()
{
    const QVariant& value = next();
    bool good = false;
    const double number = value.toDouble(&good);
    if (!good || value.isNull())
        remark();
    return number;
}

UtcTime RowReader::time()
{
    const auto instant = utcTimeFromString(text());
    if (!instant)
        remark();
    return instant.value_or(UtcTime{});
}

QDate RowReader::date()
{
    const QDate date = QDate::fromString(text(), Qt::ISODate);
    if (!date.isValid())
        remark();
    return date;
}

QTime RowReader::timeOfDay()
{
    const QTime time = QTime::fromString(text(), rowTimeForm);
    if (!time.isValid())
        remark();
    return time;
}

Sha256 RowReader::hash()
{
    const auto hash = sha256FromString(text());
    if (!hash)
        remark();
    return hash.value_or(Sha256{});
}

// NULL moves on one column and gives nothing; anything else is read as usual.
std::optional<std::int64_t> RowReader::optionalInteger()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return integer();
}

std::optional<double> RowReader::optionalReal()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return real();
}

std::optional<UtcTime> RowReader::optionalTime()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return time();
}

std::optional<QDate> RowReader::optionalDate()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return date();
}

std::optional<Sha256> RowReader::optionalHash()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return hash();
}

std::optional<QString> RowReader::optionalText()
{
    if (nextIsNull()) {
        ++m_column;
        return std::nullopt;
    }
    return text();
}

Result<void> RowReader::check(const QString& sql) const
{
    if (!m_wrong)
        return {};
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Cơ sở dữ liệu chứa một giá trị không hợp lệ (cột %1).").arg(*m_wrong),
                 QStringLiteral("The database holds a value that is not valid (column %1).").arg(*m_wrong)},
                sql);
}

QVariant toSql(UtcTime instant)
{
    return toString(instant);
}

QVariant toSql(QDate date)
{
    return date.toString(Qt::ISODate);
}

QVariant toSql(QTime time)
{
    return time.toString(rowTimeForm);
}

QVariant toSql(const Sha256& hash)
{
    return toString(hash);
}

QVariant toSql(std::int64_t number)
{
    return QVariant::fromValue<qlonglong>(number);
}

QVariant toSql(int number)
{
    return number;
}

QVariant toSql(double number)
{
    return number;
}

QVariant toSql(bool flag)
{
    return flag ? 1 : 0;
}

QVariant toSql(const QString& text)
{
    return text.isNull() ? QStringLiteral("") : text;
}

QVariant toSql(FrameCount frames)
{
    return toSql(frames.value);
}

} // namespace loa::store
