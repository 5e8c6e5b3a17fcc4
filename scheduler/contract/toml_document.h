// The parsed file behind toml_reader.h and what was asked of it. For the two .cpp files of the reader alone, since
// toml++ is slow to compile.
#pragma once

#include "scheduler/contract/toml_reader.h"

#include <QHash>
#include <QSet>

#include <toml++/toml.h>

namespace loa::toml_detail {

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

private:
    QString m_name;
    std::shared_ptr<Table> m_root;
    QHash<const toml::table*, std::shared_ptr<Table>> m_open;
    std::vector<Mistake> m_mistakes;
};

[[nodiscard]] QString fromStd(std::string_view text);
// What a file may say of itself in a message: bounded, on one line.
[[nodiscard]] QString quoted(const QString& text);
[[nodiscard]] QString fullKey(const Table& table, const QString& key);
// The known word that `word` was probably meant to be; empty when none is near.
[[nodiscard]] QString nearest(const QString& word, const QStringList& known);

} // namespace loa::toml_detail
