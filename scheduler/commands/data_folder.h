// Where the scheduler keeps what is its own, and how a command finds it: --data DIR, or `data` in --config FILE.
// Layout: loa.db (SQLite), keys/scheduler.key, media/, uploads/, ingest/, lock. Main thread.
#pragma once

#include "scheduler/commands/command.h"
#include "scheduler/library/disk.h"
#include "scheduler/store/database.h"

#include <QString>

#include <chrono>
#include <memory>

namespace loa::commands {

inline constexpr OptionSpec dataOption{"data", "DIR", "the scheduler's data folder", "thư mục dữ liệu"};
inline constexpr OptionSpec configOption{"config", "FILE",
                                         "configuration that names the data folder, instead of --data",
                                         "tệp cấu hình có ghi thư mục dữ liệu, thay cho --data"};

struct DataFolder {
    QString path;

    [[nodiscard]] QString database() const { return path + QStringLiteral("/loa.db"); }
    [[nodiscard]] QString keys() const { return path + QStringLiteral("/keys"); }
    [[nodiscard]] QString key() const { return keys() + QStringLiteral("/scheduler.key"); }
    [[nodiscard]] QString lock() const { return path + QStringLiteral("/lock"); }
};

// By --data, or by --config (parseArguments() has seen to it that one of them is there). Error: those of
// readSettings().
[[nodiscard]] Result<DataFolder> dataFolderFrom(const Arguments& arguments);
// How far ahead plans stand: as --config says; by --data alone, as a scheduler does that nobody told. Error: those of
// readSettings().
[[nodiscard]] Result<std::chrono::minutes> freezeAheadFrom(const Arguments& arguments);
// Error: NotFound, with the advice to run init, when there is none.
[[nodiscard]] Result<std::unique_ptr<store::Database>> openDatabase(const DataFolder& folder);

// Held by `serve` for as long as it runs, and by `init`; ends with the process, however that ends. Error: Conflict.
[[nodiscard]] Result<library::FileHandle> takeLock(const DataFolder& folder);
// A scheduler runs on it right now.
[[nodiscard]] bool isServed(const DataFolder& folder);

} // namespace loa::commands
