#include "scheduler/commands/data_folder.h"

#include "scheduler/commands/settings.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace loa::commands {

Result<DataFolder> dataFolderFrom(const Arguments& arguments)
{
    if (arguments.has("data"))
        return DataFolder{QDir(arguments.value("data")).absolutePath()};
    const auto settings = readSettings(arguments.value("config"));
    if (!settings)
        return passOn(settings);
    return DataFolder{QDir(settings->data).absolutePath()};
}

Result<std::chrono::minutes> freezeAheadFrom(const Arguments& arguments)
{
    if (!arguments.has("config"))
        return fleet::Planning::standardFreezeAhead;
    const auto settings = readSettings(arguments.value("config"));
    if (!settings)
        return passOn(settings);
    return settings->freezeAhead;
}

Result<std::unique_ptr<store::Database>> openDatabase(const DataFolder& folder)
{
    if (!QFileInfo::exists(folder.database()))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("ở đây chưa có dữ liệu của loa-scheduler; hãy chạy: loa-scheduler init"),
                     QStringLiteral("there is no scheduler's data here; run: loa-scheduler init")},
                    folder.path);
    return store::Database::open(folder.database());
}

Result<library::FileHandle> takeLock(const DataFolder& folder)
{
    library::FileHandle file(
        ::open(QFile::encodeName(folder.lock()).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.isOpen())
        return tl::unexpected(library::systemError(errno, folder.lock()));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("một loa-scheduler khác đang dùng thư mục dữ liệu này"),
                         QStringLiteral("another loa-scheduler is using this data folder")},
                        folder.path);
        return tl::unexpected(library::systemError(errno, folder.lock()));
    }
    return file;
}

bool isServed(const DataFolder& folder)
{
    const auto lock = takeLock(folder);
    return !lock && lock.error().category == ErrorCategory::Conflict;
}

} // namespace loa::commands
