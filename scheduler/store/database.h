// The one connection to the scheduler's database, with migrations, transactions and prepared statements. SQLite now;
// the SQL that passes through here is what PostgreSQL takes too, and what only SQLite understands stays in
// database.cpp. Thread: belongs to the thread that opened it (StorageThread in the scheduler). Ownership: closes the
// connection when destroyed. Durability: what a transaction has committed survives a power cut (WAL, synchronous FULL).
// Failure state: a statement that fails changes nothing; inside transaction() an error returned rolls all of it back.
#pragma once

#include "media/error.h"
#include "scheduler/store/row.h"

#include <QString>
#include <QVariant>

#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

namespace loa::store {

using Values = std::vector<QVariant>;

class Database {
public:
    // Opens or creates the file, brings it to the newest migration. ":memory:" is a database of its own that ends with
    // the object. Errors: Storage (cannot open, migration failed: the file stays as it was), Unsupported (made by a
    // newer program).
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const QString& path);

    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] QString path() const;
    [[nodiscard]] Result<int> schemaVersion();

    // One statement, `?` for every value. The number of rows changed. Errors: Conflict (a unique, foreign or check
    // constraint), Storage; `where` is the SQL.
    [[nodiscard]] Result<int> execute(const QString& sql, const Values& values = {});

    // All rows at once, so that no cursor stays open.
    [[nodiscard]] Result<std::vector<Row>> select(const QString& sql, const Values& values = {});

    // Reads every row with `read(RowReader&)`; a column that does not hold what it should is a Storage error.
    template <typename F>
    [[nodiscard]] auto selectAll(const QString& sql, const Values& values, F read)
        -> Result<std::vector<std::invoke_result_t<F, RowReader&>>>
    {
        std::vector<std::invoke_result_t<F, RowReader&>> all;
        auto rows = select(sql, values);
        if (!rows)
            return passOn(rows);
        all.reserve(rows->size());
        for (const Row& row : *rows) {
            RowReader reader(row);
            all.push_back(read(reader));
            if (const auto sound = reader.check(sql); !sound)
                return passOn(sound);
        }
        return all;
    }

    // `work()` returns a Result: commits when it holds a value, rolls back when it holds an error or when the commit
    // fails. Inside another transaction it is a savepoint of that one.
    template <typename F>
    [[nodiscard]] auto transaction(F work) -> std::invoke_result_t<F>
    {
        if (const auto begun = begin(); !begun)
            return passOn(begun);
        std::invoke_result_t<F> result = work();
        if (!result) {
            rollBack();
            return result;
        }
        if (const auto committed = commit(); !committed)
            return passOn(committed);
        return result;
    }

    // Runs `work()` in a transaction and rolls it back, whatever it gives: what would be, without its being.
    template <typename F>
    [[nodiscard]] auto rehearse(F work) -> std::invoke_result_t<F>
    {
        if (const auto begun = begin(); !begun)
            return passOn(begun);
        std::invoke_result_t<F> result = work();
        rollBack();
        return result;
    }

    // Runs `act` on this thread once the outermost open transaction has been committed (at once when none is open);
    // forgets it when that transaction, or the savepoint that asked, is rolled back.
    void afterCommit(std::function<void()> act);

    // Copies the whole database, consistent, to a file that must not exist yet. Not inside a transaction. Errors:
    // Conflict, Storage.
    [[nodiscard]] Result<void> backUpTo(const QString& path);

    // Reads the whole file for damage. Error: Storage with what was found.
    [[nodiscard]] Result<void> checkIntegrity();

private:
    struct Private;
    explicit Database(std::unique_ptr<Private> d);

    [[nodiscard]] Result<void> begin();
    [[nodiscard]] Result<void> commit();
    void rollBack();
    [[nodiscard]] Result<void> migrate();

    std::unique_ptr<Private> m_d;
};

} // namespace loa::store
