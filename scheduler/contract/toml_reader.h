// Strict reading of TOML configuration, for both programs. A reader asks for each key by name, type, unit and range;
// what it did not ask for is refused with file, line and the nearest key that exists, so that a misspelt key never
// silently becomes a default.
//
//     Result<Settings> settings = readTomlFile(path, [](TomlSection& root) {
//         Settings s;
//         s.listen = root.string("listen").orDefault("127.0.0.1");
//         s.idle = root.duration("idle", 1s, 1h).orDefault(30s);      // idle = "30 s"
//         TomlSection limits = root.section("limits");                 // absent: empty, so defaults apply
//         s.body = limits.bytes("body", 1, 1 << 30).orDefault(16 << 20); // body = "16 MiB"
//         for (TomlSection& output : root.tables("output")) …          // [[output]]
//         return s;
//     });
//
// What the function returns is handed out only if the whole file was right; until then a wrong or missing value stands
// as an empty one, so that all mistakes of a file are found in one reading. Values; a section lives no longer than the
// call. One thread. Error: NotFound, Storage, LimitExceeded (size), InvalidInput: the message names the first mistakes,
// each with its file and line; `where` is "file:line" of the first.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QDate>
#include <QString>
#include <QStringList>
#include <QTime>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace loa {

class TomlSection;

inline constexpr qint64 maxTomlBytes = 1024 * 1024;

namespace toml_detail {

class Document;
struct Table;

// A key that was asked for and stood there, was absent, or was wrong (already noted).
enum class Presence { Absent, Present, Wrong };

void noteMissing(Document& document, const Table& table, const QString& key, const Text& type);

} // namespace toml_detail

// The answer for one key: say what its absence means.
template <typename T>
class [[nodiscard]] TomlValue {
public:
    // Absence is a mistake.
    [[nodiscard]] T required() &&
    {
        if (m_presence == toml_detail::Presence::Absent)
            toml_detail::noteMissing(*m_document, *m_table, m_key, m_type);
        return std::move(m_value);
    }
    [[nodiscard]] T orDefault(T fallback) &&
    {
        return m_presence == toml_detail::Presence::Absent ? std::move(fallback) : std::move(m_value);
    }
    [[nodiscard]] std::optional<T> optional() &&
    {
        return m_presence == toml_detail::Presence::Present ? std::optional<T>(std::move(m_value)) : std::nullopt;
    }

private:
    friend class TomlSection;
    toml_detail::Document* m_document = nullptr;
    const toml_detail::Table* m_table = nullptr;
    QString m_key;
    Text m_type;
    toml_detail::Presence m_presence = toml_detail::Presence::Absent;
    T m_value{};
};

// One table of the file: the root, [name], or one of [[name]].
class TomlSection {
public:
    // Text of at most `maxLength` UTF-16 units. Empty text is a mistake; leave the key out instead.
    TomlValue<QString> string(const QString& key, qsizetype maxLength = 1024);
    // One of the words given; the nearest is named on a mistake.
    TomlValue<QString> choice(const QString& key, const QStringList& words);
    // A path; a relative one counts from the folder of the configuration file.
    TomlValue<QString> path(const QString& key);
    TomlValue<bool> boolean(const QString& key);
    TomlValue<std::int64_t> integer(const QString& key, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                    std::int64_t most = std::numeric_limits<std::int64_t>::max());
    // A whole or a decimal number; never nan or inf.
    TomlValue<double> number(const QString& key, double least, double most);
    // Text with its unit: "250 ms", "30 s", "5 min", "2 h", "35 d". A bare number is a mistake.
    TomlValue<std::chrono::milliseconds> duration(const QString& key, std::chrono::milliseconds least,
                                                  std::chrono::milliseconds most);
    // Text with its unit: "512 B", "64 KiB", "16 MiB", "2 GiB". A bare number is a mistake.
    TomlValue<std::int64_t> bytes(const QString& key, std::int64_t least, std::int64_t most);
    // TOML's own local date, 2026-12-01, or the same as text.
    TomlValue<QDate> date(const QString& key);
    // TOML's own local time, 05:30:00, or text "05:30" or "05:30:00". Whole seconds.
    TomlValue<QTime> time(const QString& key);
    TomlValue<QStringList> strings(const QString& key, qsizetype maxCount = 1000, qsizetype maxLength = 1024);

    // [key]: absent gives an empty section, in which everything is absent.
    [[nodiscard]] TomlSection section(const QString& key);
    // [key] when it is there.
    [[nodiscard]] std::optional<TomlSection> optionalSection(const QString& key);
    // [[key]], in the file's order; absent gives none.
    [[nodiscard]] std::vector<TomlSection> tables(const QString& key, qsizetype maxCount = 10000);

    // Every key that stands in this table, for tables whose keys are names of the reader's own (a map from output to
    // device). It does not count as asking.
    [[nodiscard]] QStringList keys() const;
    // "file:line" of `key`, or of the table when it is absent or empty.
    [[nodiscard]] QString where(const QString& key = {}) const;
    // Notes a mistake of the reader's own rules (a clash of two keys, an unknown id) at `key`.
    void refuse(const QString& key, Text message);

private:
    friend class toml_detail::Document;
    TomlSection(toml_detail::Document& document, std::shared_ptr<toml_detail::Table> table);
    template <typename T>
    TomlValue<T> value(const QString& key, const Text& type);

    toml_detail::Document* m_document;
    std::shared_ptr<toml_detail::Table> m_table;
};

// The untyped form of the two below; `read` is called once when the text is TOML at all.
[[nodiscard]] Result<void> readTomlText(QByteArrayView text, const QString& name,
                                        const std::function<void(TomlSection&)>& read);
// Error besides those above: NotFound, Storage, LimitExceeded over `limit` bytes, InvalidInput when it is no regular
// file.
[[nodiscard]] Result<QByteArray> loadTomlText(const QString& path, qint64 limit = maxTomlBytes);

// `name` stands for the file in messages and is where relative paths count from.
template <typename Read>
[[nodiscard]] auto readToml(QByteArrayView text, const QString& name, Read&& read)
    -> Result<std::invoke_result_t<Read, TomlSection&>>
{
    std::optional<std::invoke_result_t<Read, TomlSection&>> made;
    if (auto done = readTomlText(text, name, [&](TomlSection& root) { made.emplace(read(root)); }); !done)
        return passOn(done);
    return std::move(*made);
}

template <typename Read>
[[nodiscard]] auto readTomlFile(const QString& path, Read&& read) -> Result<std::invoke_result_t<Read, TomlSection&>>
{
    auto text = loadTomlText(path);
    if (!text)
        return passOn(text);
    return readToml(*text, path, std::forward<Read>(read));
}

} // namespace loa
