#include "scheduler/library/media_library.h"

#include "scheduler/library/disk.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace loa::library {

namespace {

constexpr char mediaSuffix[] = ".opus";

Result<void> removeFile(const QString& file)
{
    if (::unlink(QFile::encodeName(file).constData()) != 0 && errno != ENOENT)
        return tl::unexpected(systemError(errno, file));
    return {};
}

} // namespace

Result<MediaLibrary> MediaLibrary::open(const QString& dataDir)
{
    const QString folder = dataDir + QStringLiteral("/media");
    if (auto made = makePrivateFolder(folder); !made)
        return passOn(made);
    return MediaLibrary(folder);
}

QString MediaLibrary::path(const Sha256& hash) const
{
    const QString name = toString(hash);
    return m_folder + u'/' + name.left(2) + u'/' + name + QLatin1String(mediaSuffix);
}

Result<StoredMedia> MediaLibrary::find(const Sha256& hash) const
{
    StoredMedia media{hash, path(hash), 0};
    struct stat status {};
    if (::lstat(QFile::encodeName(media.path).constData(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("kho không có tệp âm thanh này"), QStringLiteral("the library has no such audio")},
                    toString(hash));
    media.bytes = status.st_size;
    return media;
}

Result<StoredMedia> MediaLibrary::adopt(const QString& file, const Sha256& expected) const
{
    const auto found = sha256OfFile(file);
    if (!found)
        return passOn(found);
    if (*found != expected)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("mã băm của tệp không khớp"), QStringLiteral("the file has another hash")}, file);

    const QString target = path(expected);
    // Only a whole and right file may stand in for the newcomer; a damaged one is replaced.
    if (find(expected) && verify(expected)) {
        if (auto removed = removeFile(file); !removed)
            return passOn(removed);
        return find(expected);
    }
    const QString folder = QFileInfo(target).absolutePath();
    if (auto made = makePrivateFolder(folder); !made)
        return passOn(made);
    if (::chmod(QFile::encodeName(file).constData(), 0600) != 0)
        return tl::unexpected(systemError(errno, file));
    if (auto synced = syncFile(file); !synced)
        return passOn(synced);
    if (std::rename(QFile::encodeName(file).constData(), QFile::encodeName(target).constData()) != 0)
        return tl::unexpected(systemError(errno, target));
    if (auto synced = syncFolder(folder); !synced)
        return passOn(synced);
    return find(expected);
}

Result<void> MediaLibrary::verify(const Sha256& hash) const
{
    const auto media = find(hash);
    if (!media)
        return passOn(media);
    const auto found = sha256OfFile(media->path);
    if (!found)
        return passOn(found);
    if (*found != hash)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("tệp âm thanh đã bị thay đổi trên đĩa"),
                     QStringLiteral("the audio file has changed on disk")},
                    media->path);
    return {};
}

Result<std::vector<StoredMedia>> MediaLibrary::list() const
{
    std::vector<StoredMedia> all;
    QDirIterator files(m_folder, {QStringLiteral("*") + QLatin1String(mediaSuffix)}, QDir::Files | QDir::NoSymLinks,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        const auto hash = sha256FromString(files.fileInfo().completeBaseName());
        if (!hash || path(*hash) != files.filePath())
            continue;
        all.push_back({*hash, files.filePath(), files.fileInfo().size()});
    }
    std::sort(all.begin(), all.end(), [](const StoredMedia& a, const StoredMedia& b) { return a.sha256 < b.sha256; });
    return all;
}

} // namespace loa::library
