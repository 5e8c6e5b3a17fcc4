// loa-scheduler backup: a copy that is a data folder itself, made while the scheduler runs. Database first, so that
// every file it names is there when the files are copied; it gets its final name when all of it is on disk.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/library/media_library.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace loa::commands {

namespace {

constexpr OptionSpec backupOptions[] = {
    dataOption,
    configOption,
    {"out", "DIR", "where the copy goes; must not exist", "nơi đặt bản sao; chưa được có sẵn", false, true},
};

class Backup {
public:
    Backup(const DataFolder& from, QString folder) : m_from(from), m_to{std::move(folder)} {}

    [[nodiscard]] Result<void> make()
    {
        if (auto made = library::makePrivateFolder(m_to.path); !made)
            return made;
        if (auto copied = copyDatabase(); !copied)
            return copied;
        if (auto made = library::makePrivateFolder(m_to.keys()); !made)
            return made;
        if (auto copied = copyFile(m_from.key(), m_to.key()); !copied)
            return copied;
        // Loads it: a backup without a usable key could not command a single agent.
        if (const auto key = SigningKey::load(m_to.key()); !key)
            return passOn(key);
        if (auto copied = copyMedia(); !copied)
            return copied;
        if (auto copied = copyUploads(); !copied)
            return copied;
        return writeManifest();
    }

    // House files that the database names and the library lacks, or whose bytes have changed.
    [[nodiscard]] const QStringList& damaged() const { return m_damaged; }
    [[nodiscard]] int mediaCount() const { return m_mediaCount; }

private:
    [[nodiscard]] Result<void> copyDatabase()
    {
        {
            const auto database = openDatabase(m_from);
            if (!database)
                return passOn(database);
            if (auto copied = (*database)->backUpTo(m_to.database()); !copied)
                return copied;
        }
        const auto copy = openDatabase(m_to);
        if (!copy)
            return passOn(copy);
        if (auto sound = (*copy)->checkIntegrity(); !sound)
            return sound;
        auto named = (*copy)->selectAll(
            QStringLiteral("SELECT DISTINCT sha256 FROM item_versions WHERE sha256 IS NOT NULL ORDER BY sha256"), {},
            [](store::RowReader& row) { return row.hash(); });
        if (!named)
            return passOn(named);
        m_named = *std::move(named);
        const auto version = (*copy)->schemaVersion();
        if (!version)
            return passOn(version);
        m_schemaVersion = *version;
        return {};
    }

    [[nodiscard]] Result<void> copyMedia()
    {
        const auto from = library::MediaLibrary::open(m_from.path);
        if (!from)
            return passOn(from);
        const auto to = library::MediaLibrary::open(m_to.path);
        if (!to)
            return passOn(to);
        for (const Sha256& hash : m_named) {
            const auto media = from->find(hash);
            if (!media) {
                m_damaged.append(toString(hash));
                continue;
            }
            const QString target = to->path(hash);
            if (auto made = library::makePrivateFolder(QFileInfo(target).absolutePath()); !made)
                return made;
            // House files never change, so one file may stand in both places.
            const bool linked =
                ::link(QFile::encodeName(media->path).constData(), QFile::encodeName(target).constData()) == 0;
            if (!linked) {
                if (auto copied = copyFile(media->path, target); !copied)
                    return copied;
            }
            if (const auto sound = to->verify(hash); !sound) {
                if (sound.error().category != ErrorCategory::InvalidInput)
                    return passOn(sound);
                m_damaged.append(toString(hash));
                if (!QFile::remove(target))
                    return tl::unexpected(library::systemError(errno, target));
                continue;
            }
            ++m_mediaCount;
        }
        return {};
    }

    // Recorded bytes are on disk before they are recorded, so a copy made after the database's holds at least those.
    [[nodiscard]] Result<void> copyUploads()
    {
        const QDir uploads(m_from.path + QStringLiteral("/uploads"));
        const QString target = m_to.path + QStringLiteral("/uploads");
        if (auto made = library::makePrivateFolder(target); !made)
            return made;
        const QStringList names = uploads.entryList({QStringLiteral("*.part")}, QDir::Files | QDir::NoSymLinks);
        for (const QString& name : names) {
            auto copied = copyFile(uploads.filePath(name), target + u'/' + name);
            // Finished or given up meanwhile.
            if (!copied && copied.error().category != ErrorCategory::NotFound)
                return copied;
        }
        return {};
    }

    [[nodiscard]] static Result<void> copyFile(const QString& from, const QString& to)
    {
        if (!QFileInfo::exists(from))
            return tl::unexpected(library::systemError(ENOENT, from));
        QFile source(from);
        if (!source.copy(to))
            return fail(ErrorCategory::Storage,
                        {QStringLiteral("không sao chép được: ") + source.errorString(),
                         QStringLiteral("copying failed: ") + source.errorString()},
                        to);
        if (::chmod(QFile::encodeName(to).constData(), 0600) != 0)
            return tl::unexpected(library::systemError(errno, to));
        return {};
    }

    [[nodiscard]] Result<void> writeManifest()
    {
        QJsonArray files;
        QStringList paths;
        QStringList folders{m_to.path};
        QDirIterator all(m_to.path, QDir::AllEntries | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
        while (all.hasNext()) {
            all.next();
            (all.fileInfo().isDir() ? folders : paths).append(all.filePath());
        }
        paths.sort();
        for (const QString& path : std::as_const(paths)) {
            const auto hash = sha256OfFile(path);
            if (!hash)
                return passOn(hash);
            if (auto synced = library::syncFile(path); !synced)
                return synced;
            files.append(QJsonObject{{QStringLiteral("path"), path.mid(m_to.path.size() + 1)},
                                     {QStringLiteral("bytes"), QFileInfo(path).size()},
                                     {QStringLiteral("sha256"), toString(*hash)}});
        }
        const QJsonObject manifest{{QStringLiteral("made_at"), toString(SystemClock().now())},
                                   {QStringLiteral("schema_version"), m_schemaVersion},
                                   {QStringLiteral("missing_or_damaged_media"), QJsonArray::fromStringList(m_damaged)},
                                   {QStringLiteral("files"), files}};
        if (auto written =
                library::writeWhole(m_to.path + QStringLiteral("/manifest.json"), QJsonDocument(manifest).toJson());
            !written)
            return written;
        for (const QString& folder : std::as_const(folders)) {
            if (auto synced = library::syncFolder(folder); !synced)
                return synced;
        }
        return {};
    }

    const DataFolder& m_from;
    DataFolder m_to;
    std::vector<Sha256> m_named;
    int m_schemaVersion = 0;
    int m_mediaCount = 0;
    QStringList m_damaged;
};

Result<int> runBackup(const Arguments& arguments)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    const QString out = QDir(arguments.value("out")).absolutePath();
    const QString partial = out + QStringLiteral(".partial");
    for (const QString& taken : {out, partial}) {
        if (QFileInfo::exists(taken))
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("đã có sẵn; hãy chọn nơi khác hoặc xoá đi"),
                         QStringLiteral("it exists already; name another place or remove it")},
                        taken);
    }
    if ((out + u'/').startsWith(folder->path + u'/'))
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("bản sao không được nằm trong thư mục dữ liệu"),
                     QStringLiteral("the copy must not lie within the data folder")},
                    out);
    if (!QFileInfo::exists(folder->database())) {
        const auto missing = openDatabase(*folder);
        return passOn(missing);
    }

    Backup backup(*folder, partial);
    if (auto made = backup.make(); !made) {
        QDir(partial).removeRecursively();
        return passOn(made);
    }
    if (std::rename(QFile::encodeName(partial).constData(), QFile::encodeName(out).constData()) != 0)
        return tl::unexpected(library::systemError(errno, out));
    if (auto synced = library::syncFolder(QFileInfo(out).absolutePath()); !synced)
        return passOn(synced);
    say(QStringLiteral(
            "%1: database / cơ sở dữ liệu, key / khoá, audio / âm thanh: %2\n"
            "To restore: copy it to a data folder and serve. / Để khôi phục: chép thành thư mục dữ liệu rồi serve.\n")
            .arg(out, QString::number(backup.mediaCount())));
    for (const QString& hash : backup.damaged())
        complain(QStringLiteral("missing or damaged / thiếu hoặc hỏng: %1\n").arg(hash));
    return backup.damaged().isEmpty() ? exitDone : exitNotInOrder;
}

constexpr CommandSpec backupSpecs[] = {
    {"backup", "", "Copy database, key and audio while the scheduler runs; the copy is a data folder.",
     "Sao lưu cơ sở dữ liệu, khoá và âm thanh khi đang chạy; bản sao là một thư mục dữ liệu.", backupOptions,
     &runBackup},
};

} // namespace

std::span<const CommandSpec> backupCommands()
{
    return backupSpecs;
}

} // namespace loa::commands
