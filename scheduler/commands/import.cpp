// loa-scheduler import: units and stations from CSV, all of a file or nothing.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/imports/apply.h"

#include <QDateTime>
#include <QFile>
#include <QTimeZone>

namespace loa::commands {

namespace {

constexpr OptionSpec importOptions[] = {
    dataOption,
    configOption,
    {"dry-run", nullptr, "check everything, change nothing", "chỉ kiểm tra, không thay đổi gì"},
};

using ImportFunction = Result<imports::ImportReport> (*)(store::Store&, QByteArrayView, const imports::ImportContext&);

Result<int> importFile(const Arguments& arguments, ImportFunction import)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const QString path = arguments.positional(0);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không đọc được tệp: ") + file.errorString(),
                     QStringLiteral("the file cannot be read: ") + file.errorString()},
                    path);
    // One byte over is enough for the reader to refuse.
    const QByteArray csv = file.read(imports::CsvLimits{}.bytes + 1);

    const auto database = openDatabase(*folder);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    imports::ImportContext context;
    context.actor = QStringLiteral("loa-scheduler import");
    context.now = SystemClock().now();
    context.today = QDateTime::currentDateTimeUtc().toTimeZone(QTimeZone("Asia/Ho_Chi_Minh")).date();
    context.dryRun = arguments.has("dry-run");
    const auto report = import(store, csv, context);
    if (!report)
        return passOn(report);
    for (const imports::LineError& error : report->errors)
        complain(QStringLiteral("%1:%2: %3 (%4)\n")
                     .arg(path, QString::number(error.line), error.message.en, error.message.vi));
    if (!report->errors.empty()) {
        complain(QStringLiteral("Nothing was imported. / Chưa nhập gì cả.\n"));
        return exitNotInOrder;
    }
    say(QStringLiteral("%1created / thêm: %2, updated / sửa: %3\n")
            .arg(context.dryRun ? QStringLiteral("(dry run / chạy thử) ") : QString(), QString::number(report->created),
                 QString::number(report->updated)));
    return exitDone;
}

Result<int> runImportUnits(const Arguments& arguments)
{
    return importFile(arguments, &imports::importUnits);
}

Result<int> runImportStations(const Arguments& arguments)
{
    return importFile(arguments, &imports::importStations);
}

constexpr CommandSpec importSpecs[] = {
    {"import units", "FILE.csv",
     "Import units: code,name,kind[,parent_code][,valid_from][,valid_until]. Known codes are corrected.",
     "Nhập đơn vị: code,name,kind[,parent_code][,valid_from][,valid_until]. Mã đã có thì được sửa.", importOptions,
     &runImportUnits},
    {"import stations", "FILE.csv",
     "Import stations: code,name,unit_code[,time_zone][,clusters], clusters like \"Name=output:speakers; …\".",
     "Nhập đài: code,name,unit_code[,time_zone][,clusters], cụm loa như \"Tên=đầu-ra:số loa; …\".", importOptions,
     &runImportStations},
};

} // namespace

std::span<const CommandSpec> importCommands()
{
    return importSpecs;
}

} // namespace loa::commands
