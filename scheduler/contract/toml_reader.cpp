#include "scheduler/contract/toml_reader.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QRegularExpression>
#include <QSet>

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace loa {

namespace toml_detail {

struct Table {
    const toml::table* table = nullptr; // null: the section is absent
    QString path;                       // "", "limits", "output[2]"
    qint64 line = 0;
    QStringList asked;
    QSet<QString> askedSet;
};

// Text holds one mistake; the sentence already names the key.
struct Mistake {
    qint64 line = 0;
    Text message;
};

class Document {
public:
    Document(QString name, const toml::table& root) : m_name(std::move(name)) { m_root = open(&root, {}, 1); }

    [[nodiscard]] TomlSection rootSection() { return TomlSection(*this, m_root); }
    [[nodiscard]] const QString& name() const { return m_name; }
    [[nodiscard]] QString whereLine(qint64 line) const
    {
        return line > 0 ? m_name + QLatin1Char(':') + QString::number(line) : m_name;
    }

    // One state a table, however often it is asked for, so that what one caller asked is known to all.
    [[nodiscard]] std::shared_ptr<Table> open(const toml::table* table, const QString& path, qint64 line)
    {
        if (table != nullptr) {
            if (const auto known = m_open.constFind(table); known != m_open.cend())
                return *known;
        }
        auto state = std::make_shared<Table>();
        state->table = table;
        state->path = path;
        state->line = line;
        if (table != nullptr)
            m_open.insert(table, state);
        return state;
    }

    void note(qint64 line, Text message) { m_mistakes.push_back({line, std::move(message)}); }

    // Every key that no one asked for, in every table that was opened.
    void noteUnknown();
    [[nodiscard]] Result<void> verdict();

    [[nodiscard]] static TomlSection section(Document& document, std::shared_ptr<Table> table)
    {
        return TomlSection(document, std::move(table));
    }

private:
    QString m_name;
    std::shared_ptr<Table> m_root;
    QHash<const toml::table*, std::shared_ptr<Table>> m_open;
    std::vector<Mistake> m_mistakes;
};

} // namespace toml_detail

namespace {

using toml_detail::Document;
using toml_detail::Mistake;
using toml_detail::Presence;
using toml_detail::Table;

constexpr qsizetype maxMistakesShown = 20;

QString fromStd(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

// What a file may say of itself in a message: bounded, on one line.
QString quoted(const QString& text)
{
    QString shown = text.left(80);
    for (QChar& c : shown) {
        if (!c.isPrint())
            c = QChar(0xFFFD);
    }
    return QLatin1Char('"') + shown + (text.size() > 80 ? QStringLiteral("…\"") : QStringLiteral("\""));
}

QString fullKey(const Table& table, const QString& key)
{
    return table.path.isEmpty() ? key : table.path + QLatin1Char('.') + key;
}

qsizetype editDistance(QStringView a, QStringView b)
{
    std::vector<qsizetype> row(static_cast<std::size_t>(b.size()) + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<qsizetype>(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        qsizetype diagonal = row[0];
        row[0] = i;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const auto at = static_cast<std::size_t>(j);
            const qsizetype above = row[at];
            const qsizetype change = a[i - 1].toLower() == b[j - 1].toLower() ? 0 : 1;
            row[at] = std::min({above + 1, row[at - 1] + 1, diagonal + change});
            diagonal = above;
        }
    }
    return row.back();
}

// The known word that `word` was probably meant to be; empty when none is near.
QString nearest(const QString& word, const QStringList& known)
{
    if (word.size() > 100)
        return {};
    QString best;
    qsizetype bestDistance = std::max<qsizetype>(2, word.size() / 2) + 1;
    for (const QString& candidate : known) {
        const qsizetype distance = editDistance(word, candidate);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

QString typeName(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::table:
        return QStringLiteral("table");
    case toml::node_type::array:
        return QStringLiteral("array");
    case toml::node_type::string:
        return QStringLiteral("string");
    case toml::node_type::integer:
        return QStringLiteral("integer");
    case toml::node_type::floating_point:
        return QStringLiteral("decimal number");
    case toml::node_type::boolean:
        return QStringLiteral("boolean");
    case toml::node_type::date:
        return QStringLiteral("date");
    case toml::node_type::time:
        return QStringLiteral("time");
    case toml::node_type::date_time:
        return QStringLiteral("date and time");
    case toml::node_type::none:
        break;
    }
    return QStringLiteral("nothing");
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

Text wrongType(const Table& table, const QString& key, const QString& wanted, const toml::node& found)
{
    return {
        QStringLiteral("%1 phải là %2, nhưng ở đây là %3").arg(quoted(fullKey(table, key)), wanted, typeName(found)),
        QStringLiteral("%1 must be %2, but is a %3").arg(quoted(fullKey(table, key)), wanted, typeName(found))};
}

Text outOfRange(const Table& table, const QString& key, const QString& least, const QString& most, const QString& found)
{
    return {
        QStringLiteral("%1 phải từ %2 đến %3, nhưng ở đây là %4").arg(quoted(fullKey(table, key)), least, most, found),
        QStringLiteral("%1 must be between %2 and %3, but is %4").arg(quoted(fullKey(table, key)), least, most, found)};
}

Text tooLong(const Table& table, const QString& key, qsizetype most)
{
    return {QStringLiteral("%1 dài quá %2 ký tự").arg(quoted(fullKey(table, key))).arg(most),
            QStringLiteral("%1 is longer than %2 characters").arg(quoted(fullKey(table, key))).arg(most)};
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

namespace toml_detail {

void noteMissing(Document& document, const Table& table, const QString& key, const QString& type)
{
    document.note(table.line, {QStringLiteral("thiếu %1 (%2)").arg(quoted(fullKey(table, key)), type),
                               QStringLiteral("%1 is missing (%2)").arg(quoted(fullKey(table, key)), type)});
}

void Document::noteUnknown()
{
    for (const std::shared_ptr<Table>& table : std::as_const(m_open)) {
        for (const auto& [key, node] : *table->table) {
            const QString name = fromStd(key.str());
            if (table->askedSet.contains(name))
                continue;
            Text message{QStringLiteral("không có khoá %1").arg(quoted(fullKey(*table, name))),
                         QStringLiteral("there is no key %1").arg(quoted(fullKey(*table, name)))};
            if (const QString near = nearest(name, table->asked); !near.isEmpty()) {
                message.vi += QStringLiteral("; có phải là %1?").arg(quoted(near));
                message.en += QStringLiteral("; did you mean %1?").arg(quoted(near));
            }
            note(static_cast<qint64>(key.source().begin.line), std::move(message));
        }
    }
}

Result<void> Document::verdict()
{
    if (m_mistakes.empty())
        return {};
    std::stable_sort(m_mistakes.begin(), m_mistakes.end(),
                     [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
    Text all = m_mistakes.front().message;
    const auto total = static_cast<qsizetype>(m_mistakes.size());
    for (qsizetype i = 1; i < std::min(total, maxMistakesShown); ++i) {
        const Mistake& mistake = m_mistakes[static_cast<std::size_t>(i)];
        all.vi += QStringLiteral("; dòng %1: ").arg(mistake.line) + mistake.message.vi;
        all.en += QStringLiteral("; line %1: ").arg(mistake.line) + mistake.message.en;
    }
    if (total > maxMistakesShown) {
        all.vi += QStringLiteral("; và %1 lỗi khác").arg(total - maxMistakesShown);
        all.en += QStringLiteral("; and %1 more").arg(total - maxMistakesShown);
    }
    return fail(ErrorCategory::InvalidInput, std::move(all), whereLine(m_mistakes.front().line));
}

} // namespace toml_detail

TomlSection::TomlSection(Document& document, std::shared_ptr<Table> table)
    : m_document(&document), m_table(std::move(table))
{
}

template <typename T>
TomlValue<T> TomlSection::value(const QString& key, const QString& type)
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
    const QString type = QStringLiteral("a string");
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
    const QString type = QStringLiteral("true/false");
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
    const QString type = QStringLiteral("an integer");
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
    const QString type = QStringLiteral("a number");
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
    const QString type = QStringLiteral("a duration such as \"30 s\" (ms, s, min, h, d)");
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
    const QString type = QStringLiteral("a size such as \"16 MiB\" (B, KiB, MiB, GiB, TiB)");
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
    const QString type = QStringLiteral("a date such as 2026-12-01");
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
    const QString type = QStringLiteral("a time such as 05:30:00");
    auto value = this->value<QTime>(key, type);
    const toml::node* node = nodeOf(*m_table, key);
    if (node == nullptr)
        return value;
    QTime found;
    if (const auto* own = node->as_time()) {
        if (own->get().nanosecond == 0)
            found = QTime(own->get().hour, own->get().minute, own->get().second);
    } else if (const auto* text = node->as_string()) {
        const QString read = fromStd(text->get());
        found = QTime::fromString(read, read.size() == 5 ? QStringLiteral("HH:mm") : QStringLiteral("HH:mm:ss"));
    }
    value.m_presence = found.isValid() ? Presence::Present : Presence::Wrong;
    value.m_value = found;
    if (!found.isValid())
        m_document->note(lineOf(*node), wrongType(*m_table, key, type, *node));
    return value;
}

TomlValue<QStringList> TomlSection::strings(const QString& key, qsizetype maxCount, qsizetype maxLength)
{
    const QString type = QStringLiteral("an array of strings");
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
        m_document->note(lineOf(*node), wrongType(*m_table, key, QStringLiteral("a table"), *node));
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
        m_document->note(lineOf(*node), wrongType(*m_table, key, QStringLiteral("an array of tables"), *node));
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
            m_document->note(lineOf(element), wrongType(*m_table, key, QStringLiteral("an array of tables"), element));
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

Result<void> readTomlText(QByteArrayView text, const QString& name, const std::function<void(TomlSection&)>& read)
{
    toml::table table;
    try {
        table = toml::parse(std::string_view(text.data(), static_cast<std::size_t>(text.size())), name.toStdString());
    } catch (const toml::parse_error& error) {
        const QString reason = fromStd(error.description()).left(300);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("tệp không đúng dạng TOML: ") + reason, QStringLiteral("not TOML: ") + reason},
                    name + QLatin1Char(':') + QString::number(error.source().begin.line));
    }
    Document document(name, table);
    TomlSection root = document.rootSection();
    read(root);
    document.noteUnknown();
    return document.verdict();
}

Result<QByteArray> loadTomlText(const QString& path, qint64 limit)
{
    const QFileInfo info(path);
    if (!info.exists())
        return fail(
            ErrorCategory::NotFound,
            {QStringLiteral("không có tệp cấu hình này"), QStringLiteral("there is no such configuration file")}, path);
    if (!info.isFile())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("đây không phải là tệp thường"), QStringLiteral("this is not a regular file")},
                    path);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("không đọc được tệp cấu hình: ") + file.errorString(),
                     QStringLiteral("the configuration file cannot be read: ") + file.errorString()},
                    path);
    QByteArray text = file.read(limit + 1);
    if (file.error() != QFileDevice::NoError)
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("không đọc được tệp cấu hình: ") + file.errorString(),
                     QStringLiteral("the configuration file cannot be read: ") + file.errorString()},
                    path);
    if (text.size() > limit)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("tệp cấu hình lớn hơn %1 byte").arg(limit),
                     QStringLiteral("the configuration file is larger than %1 bytes").arg(limit)},
                    path);
    return text;
}

} // namespace loa
