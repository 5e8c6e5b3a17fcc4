#include "scheduler/contract/toml_reader.h"

#include "scheduler/contract/toml_document.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace loa {

namespace {

constexpr qsizetype maxMistakesShown = 20;

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

} // namespace

namespace toml_detail {

QString fromStd(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

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

void noteMissing(Document& document, const Table& table, const QString& key, const Text& type)
{
    document.note(table.line, {QStringLiteral("thiếu %1 (%2)").arg(quoted(fullKey(table, key)), type.vi),
                               QStringLiteral("%1 is missing (%2)").arg(quoted(fullKey(table, key)), type.en)});
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

Result<void> readTomlText(QByteArrayView text, const QString& name, const std::function<void(TomlSection&)>& read)
{
    toml::table table;
    try {
        table = toml::parse(std::string_view(text.data(), static_cast<std::size_t>(text.size())), name.toStdString());
    } catch (const toml::parse_error& error) {
        const QString reason = toml_detail::fromStd(error.description()).left(300);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("tệp không đúng dạng TOML: ") + reason, QStringLiteral("not TOML: ") + reason},
                    name + QLatin1Char(':') + QString::number(error.source().begin.line));
    }
    toml_detail::Document document(name, table);
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
