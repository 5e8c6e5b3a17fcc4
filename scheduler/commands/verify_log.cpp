// loa-scheduler verify-log: what an inspector runs.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/commands/log_check.h"

#include <QJsonDocument>

namespace loa::commands {

namespace {

constexpr OptionSpec verifyLogOptions[] = {
    dataOption,
    configOption,
    {"json", nullptr, "JSON on standard output", "in JSON ra đầu ra chuẩn"},
};

Result<int> runVerifyLog(const Arguments& arguments)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const auto database = openDatabase(*folder);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto report = checkLogs(store);
    if (!report)
        return passOn(report);
    say(arguments.has("json") ? QString::fromUtf8(QJsonDocument(toJson(*report)).toJson()) : toText(*report));
    return report->isInOrder() ? exitDone : exitNotInOrder;
}

constexpr CommandSpec verifyLogSpecs[] = {
    {"verify-log", "", "Verify every stored log entry again: signatures, chain, gaps, forks; and the audit trail.",
     "Kiểm tra lại mọi mục nhật ký phát sóng: chữ ký, chuỗi, chỗ thiếu, chỗ trùng; và nhật ký thao tác.",
     verifyLogOptions, &runVerifyLog},
};

} // namespace

std::span<const CommandSpec> verifyLogCommands()
{
    return verifyLogSpecs;
}

} // namespace loa::commands
