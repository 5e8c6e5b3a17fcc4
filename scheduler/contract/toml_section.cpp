#include "scheduler/contract/time_of_day.h"
#include "scheduler/contract/toml_document.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>

#include <cmath>
#include <span>

namespace loa {

namespace {

using toml_detail::fromStd;
using toml_detail::fullKey;
using toml_detail::nearest;
using toml_detail::Presence;
using toml_detail::quoted;
using toml_detail::Table;

Text typeName(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::table:
        return {QStringLiteral("một bảng"), QStringLiteral("a table")};
    case toml::node_type::array:
        return {QStringLiteral("một mảng"), QStringLiteral("an array")};
    case toml::node_type::string: {
        const QString text = quoted(fromStd(node.as_string()->get()));
        return {QStringLiteral("chuỗi ") + text, QStringLiteral("the string ") + text};
    }
    case toml::node_type::integer:
        return {QStringLiteral("một số nguyên"), QStringLiteral("an integer")};
    case toml::node_type::floating_point:
        return {QStringLiteral("một số thập phân"), QStringLiteral("a decimal number")};
    case toml::node_type::boolean:
        return {QStringLiteral("true/false"), QStringLiteral("true or false")};
    case toml::node_type::date:
        return {QStringLiteral("một ngày"), QStringLiteral("a date")};
    case toml::node_type::time:
        return {QStringLiteral("một giờ"), QStringLiteral("a time")};
    case toml::node_type::date_time:
        return {QStringLiteral("một ngày giờ"), QStringLiteral("a date and time")};
    case toml::node_type::none:
        break;
    }
    return {QStringLiteral("trống"), QStringLiteral("nothing")};
}

qint64 lineOf(const toml::node& node)
{
    return static_cast<qint64>(node.source().begin.line);
}

const toml::node* nodeOf(const Table& table, const QString& key)
{
    return table.table == nullptr ? nullptr : table.table->get(key.toStdString());
}

void remember(Table& table, const QString& key)
{
    if (table.askedSet.contains(key))
        return;
    table.askedSet.insert(key);
    table.asked.append(key);
}

Text wrongType(const Table& table, const QString& key, const Text& wanted, const toml::node& found)
{
    const Text type = typeName(found);
    return {QStringLiteral("%1 phải là %2, nhưng ở đây là %3").arg(quoted(fullKey(table, key)), wanted.vi, type.vi),
            QStringLiteral("%1 must be %2, but is %3").arg(quoted(fullKey(table, key)), wanted.en, type.en)};
}

Text outOfRange(const Table& table, const QString& key, const QString& least, const QString& most, const QString& found)
{
    return {
        QStringLiteral("%1 phải từ %2 đến %3, nhưng ở đây là %4").arg(quoted(fullKey(table, key)), least, most, found),
        QStringLiteral("%1 must be between %2 and %3, but is %4").arg(quoted(fullKey(table, key)), least, most, found)};
}

Text tooLong(const Table& table, const QString& key, qsizetype most)
{
    return {QStringLiteral("%1 dài quá %2 ký tự").arg(quoted(fullKey(table, key)), QString::number(most)),
            QStringLiteral("%1 is longer than %2 characters").arg(quoted(fullKey(table, key)), QString::number(most))};
}

struct Unit {
    const char* name;
    std::int64_t scale;
};

// "16 MiB" by the units given; nothing when it is not so written or does not fit.
std::optional<std::int64_t> quantity(const QString& text, std::span<const Unit> units)
{
    static const QRegularExpression form(QStringLiteral("\\A([0-9]{1,15}) ?([A-Za-z]{1,4})\\z"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch())
        return std::nullopt;
    const std::int64_t amount = match.captured(1).toLongLong();
    for (const Unit& unit : units) {
        if (match.captured(2) == QLatin1String(unit.name)) {
            std::int64_t product = 0;
            if (__builtin_mul_overflow(amount, unit.scale, &product))
                return std::nullopt;
            return product;
        }
    }
    return std::nullopt;
}

constexpr Unit durationUnits[] = {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit byteUnits[] = {{"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40}};

// The largest unit that says it without a fraction.
QString withUnit(std::int64_t amount, std::span<const Unit> units)
{
    const Unit* chosen = &units.front();
    for (const Unit& unit : units) {
        if (amount != 0 && amount % unit.scale == 0)
            chosen = &unit;
    }
    return QString::number(amount / chosen->scale) + QLatin1Char(' ') + QLatin1String(chosen->name);
}

} // namespace

TomlSection::TomlSection(toml_detail::Document& document, std::shared_ptr<Table> table)
    : m_document(&document), m_table(std::move(table))
{
}

template <typename T>
TomlValue<T> TomlSection::value(const QString& key, const Text& type)
{
    remember(*m_table, key);
    TomlValue<T> value;
    value.m_document = m_document;
    value.m_table = m_table.get();
    value.m_key = key;
    value.m_type = type;
    return value;
}

TomlValue<QString> TomlSection::string(const QString& key, qsizetype maxLength)
{
    const Text type{QStringLiteral("một chuỗi ký tự"), QStringLiteral("a string")};
    auto value = this->value<QString>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const auto* text = node->as_string();
    if (text == nullptr) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
        return value;
    }
    QString read = fromStd(text->get());
    if (read.size() > maxLength) {
        m_document->note(lineOf(*node), tooLong(*m_table, key, maxLength));
    } else if (read.isEmpty()) {
        m_document->note(
            lineOf(*node),
            {QStringLiteral("%1 để trống; hãy bỏ cả dòng").arg(quoted(fullKey(*m_table, key))),
             QStringLiteral("%1 is empty; leave the line out instead").arg(quoted(fullKey(*m_table, key)))});
    } else if (read.contains(QChar(0))) {
        m_document->note(lineOf(*node),
                         {QStringLiteral("%1 chứa ký tự NUL").arg(quoted(fullKey(*m_table, key))),
                          QStringLiteral("%1 holds a NUL character").arg(quoted(fullKey(*m_table, key)))});
    } else {
        value.m_presence = Presence::Present;
        value.m_value = std::move(read);
    }
    return value;
}

TomlValue<QString> TomlSection::choice(const QString& key, const QStringList& words)
{
    auto value = string(key);
    if (value.m_presence != Presence::Present || words.contains(value.m_value))
        return value;
    value.m_presence = Presence::Wrong;
    const QString list = words.join(QStringLiteral(", "));
    Text message{QStringLiteral("%1 là %2; phải là một trong: %3")
                     .arg(quoted(fullKey(*m_table, key)), quoted(value.m_value), list),
                 QStringLiteral("%1 is %2; it must be one of: %3")
                     .arg(quoted(fullKey(*m_table, key)), quoted(value.m_value), list)};
    if (const QString near = nearest(value.m_value, words); !near.isEmpty()) {
        message.vi += QStringLiteral("; có phải là %1?").arg(quoted(near));
        message.en += QStringLiteral("; did you mean %1?").arg(quoted(near));
    }
    refuse(key, std::move(message));
    value.m_value.clear();
    return value;
}

TomlValue<QString> TomlSection::path(const QString& key)
{
    auto value = string(key, 4096);
    if (value.m_presence == Presence::Present && QDir::isRelativePath(value.m_value))
        value.m_value = QFileInfo(m_document->name()).absoluteDir().absoluteFilePath(value.m_value);
    return value;
}

TomlValue<bool> TomlSection::boolean(const QString& key)
{
    const Text type{QStringLiteral("true hoặc false"), QStringLiteral("true/false")};
    auto value = this->value<bool>(key, type);
    if (const toml::node* node = nodeOf(*m_table, key)) {
        if (const auto* found = node->as_boolean()) {
            value.m_presence = Presence::Present;
            value.m_value = found->get();
        } else {
            value.m_presence = Presence::Wrong;
            m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
        }
    }
    return value;
}

TomlValue<std::int64_t> TomlSection::integer(const QString& key, std::int64_t least, std::int64_t most)
{
    const Text type{QStringLiteral("một số nguyên"), QStringLiteral("an integer")};
    auto value = this->value<std::int64_t>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const auto* found = node->as_integer();
    if (found == nullptr) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    } else if (found->get() < least || found->get() > most) {
        m_document->note(lineOf(*node), outOfRange(*m_table, key, QString::number(least), QString::number(most),
                                                   QString::number(found->get())));
    } else {
        value.m_presence = Presence::Present;
        value.m_value = found->get();
    }
    return value;
}

TomlValue<double> TomlSection::number(const QString& key, double least, double most)
{
    const Text type{QStringLiteral("một số"), QStringLiteral("a number")};
    auto value = this->value<double>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const std::optional<double> found = node->is_number() ? node->value<double>() : std::nullopt;
    if (!found) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    } else if (!std::isfinite(*found) || *found < least || *found > most) {
        m_document->note(lineOf(*node), outOfRange(*m_table, key, QString::number(least), QString::number(most),
                                                   QString::number(*found)));
    } else {
        value.m_presence = Presence::Present;
        value.m_value = *found;
    }
    return value;
}

TomlValue<std::chrono::milliseconds> TomlSection::duration(const QString& key, std::chrono::milliseconds least,
                                                           std::chrono::milliseconds most)
{
    const Text type{QStringLiteral("một khoảng thời gian như \"30 s\" (ms, s, min, h, d)"),
                    QStringLiteral("a duration such as \"30 s\" (ms, s, min, h, d)")};
    auto value = this->value<std::chrono::milliseconds>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const auto* text = node->as_string();
    const auto found = text == nullptr ? std::nullopt : quantity(fromStd(text->get()), durationUnits);
    if (!found) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    } else if (*found < least.count() || *found > most.count()) {
        m_document->note(lineOf(*node),
                         outOfRange(*m_table, key, withUnit(least.count(), durationUnits),
                                    withUnit(most.count(), durationUnits), withUnit(*found, durationUnits)));
    } else {
        value.m_presence = Presence::Present;
        value.m_value = std::chrono::milliseconds(*found);
    }
    return value;
}

TomlValue<std::int64_t> TomlSection::bytes(const QString& key, std::int64_t least, std::int64_t most)
{
    const Text type{QStringLiteral("một dung lượng như \"16 MiB\" (B, KiB, MiB, GiB, TiB)"),
                    QStringLiteral("a size such as \"16 MiB\" (B, KiB, MiB, GiB, TiB)")};
    auto value = this->value<std::int64_t>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const auto* text = node->as_string();
    const auto found = text == nullptr ? std::nullopt : quantity(fromStd(text->get()), byteUnits);
    if (!found) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    } else if (*found < least || *found > most) {
        m_document->note(lineOf(*node), outOfRange(*m_table, key, withUnit(least, byteUnits), withUnit(most, byteUnits),
                                                   withUnit(*found, byteUnits)));
    } else {
        value.m_presence = Presence::Present;
        value.m_value = *found;
    }
    return value;
}

TomlValue<QDate> TomlSection::date(const QString& key)
{
    const Text type{QStringLiteral("một ngày như 2026-12-01"), QStringLiteral("a date such as 2026-12-01")};
    auto value = this->value<QDate>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    QDate found;
    if (const auto* own = node->as_date()) {
        found = QDate(own->get().year, own->get().month, own->get().day);
    } else if (const auto* text = node->as_string(); text != nullptr && text->get().size() == 10) {
        found = QDate::fromString(fromStd(text->get()), Qt::ISODate);
    }
    value.m_presence = found.isValid() ? Presence::Present : Presence::Wrong;
    value.m_value = found;
    if (!found.isValid())
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    return value;
}

TomlValue<QTime> TomlSection::time(const QString& key)
{
    const Text type{QStringLiteral("một giờ như 05:30:00"), QStringLiteral("a time such as 05:30:00")};
    auto value = this->value<QTime>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    QTime found;
    if (const auto* own = node->as_time()) {
        if (own->get().nanosecond == 0)
            found = QTime(own->get().hour, own->get().minute, own->get().second);
    } else if (const auto* text = node->as_string()) {
        found = timeOfDayFromString(fromStd(text->get())).value_or(QTime());
    }
    value.m_presence = found.isValid() ? Presence::Present : Presence::Wrong;
    value.m_value = found;
    if (!found.isValid())
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    return value;
}

TomlValue<QStringList> TomlSection::strings(const QString& key, qsizetype maxCount, qsizetype maxLength)
{
    const Text type{QStringLiteral("một mảng chuỗi ký tự"), QStringLiteral("an array of strings")};
    auto value = this->value<QStringList>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    value.m_presence = Presence::Wrong;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
        return value;
    }
    if (static_cast<qsizetype>(array->size()) > maxCount) {
        m_document->note(lineOf(*node), outOfRange(*m_table, key, QStringLiteral("0"), QString::number(maxCount),
                                                   QString::number(array->size())));
        return value;
    }
    QStringList read;
    for (const toml::node& element : *array) {
        const auto* text = element.as_string();
        if (text == nullptr) {
            m_document->note(lineOf(element), wrongType(*m_table, key, type, element));
            return value;
        }
        read.append(fromStd(text->get()));
        if (read.last().size() > maxLength) {
            m_document->note(lineOf(element), tooLong(*m_table, key, maxLength));
            return value;
        }
    }
    value.m_presence = Presence::Present;
    value.m_value = std::move(read);
    return value;
}

std::optional<TomlSection> TomlSection::optionalSection(const QString& key)
{
    remember(*m_table, key);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return std::nullopt;
    const toml::table* table = node->as_table();
    if (table == nullptr) {
        m_document->note(
            lineOf(*node),
            wrongType(*m_table, key, {QStringLiteral("một bảng [tên]"), QStringLiteral("a table")}, *node));
        return std::nullopt;
    }
    return TomlSection(*m_document, m_document->open(table, fullKey(*m_table, key), lineOf(*node)));
}

TomlSection TomlSection::section(const QString& key)
{
    if (auto found = optionalSection(key))
        return *found;
    return TomlSection(*m_document, m_document->open(nullptr, fullKey(*m_table, key), m_table->line));
}

std::vector<TomlSection> TomlSection::tables(const QString& key, qsizetype maxCount)
{
    remember(*m_table, key);
    std::vector<TomlSection> sections;
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return sections;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        m_document->note(lineOf(*node),
                         wrongType(*m_table, key,
                                   {QStringLiteral("một mảng bảng [[tên]]"), QStringLiteral("an array of tables")},
                                   *node));
        return sections;
    }
    if (static_cast<qsizetype>(array->size()) > maxCount) {
        m_document->note(lineOf(*node), outOfRange(*m_table, key, QStringLiteral("0"), QString::number(maxCount),
                                                   QString::number(array->size())));
        return sections;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
        const toml::node& element = *array->get(i);
        const toml::table* table = element.as_table();
        if (table == nullptr) {
            m_document->note(lineOf(element),
                             wrongType(*m_table, key,
                                       {QStringLiteral("một mảng bảng [[tên]]"), QStringLiteral("an array of tables")},
                                       element));
            continue;
        }
        const QString path = fullKey(*m_table, key) + QStringLiteral("[%1]").arg(i + 1);
        sections.push_back(TomlSection(*m_document, m_document->open(table, path, lineOf(element))));
    }
    return sections;
}

QStringList TomlSection::keys() const
{
    QStringList names;
    if (m_table->table != nullptr) {
        for (const auto& [key, node] : *m_table->table)
            names.append(fromStd(key.str()));
    }
    return names;
}

QString TomlSection::where(const QString& key) const
{
    const toml::node* node = key.isEmpty() ? nullptr : nodeOf(*m_table, key);
    return m_document->whereLine(node == nullptr ? m_table->line : lineOf(*node));
}

void TomlSection::refuse(const QString& key, Text message)
{
    const toml::node* node = key.isEmpty() ? nullptr : nodeOf(*m_table, key);
    m_document->note(node == nullptr ? m_table->line : lineOf(*node), std::move(message));
}

} // namespace loa
