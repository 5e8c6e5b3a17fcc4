#include "playout/output/whole_file.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace loa::playout {

namespace {

tl::unexpected<Error> notWritten(const Text& what, const QString& reason, const QString& path)
{
    const QString words = QStringLiteral(": ") + reason;
    return fail(ErrorCategory::Storage, {what.vi + words, what.en + words}, path);
}

} // namespace

Result<void> writeWhole(const QString& path, const QByteArray& bytes, const Text& what)
{
    constexpr auto mode = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther;
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Unbuffered) && file.setPermissions(mode) &&
        file.write(bytes) == bytes.size() && file.commit())
        return {};
    return notWritten(what, file.errorString(), path);
}

Result<void> makePublicFolder(const QString& path, const Text& what)
{
    if (QFileInfo(path).isDir())
        return {};
    const QString clean = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
    if (const QString parent = QFileInfo(clean).path(); parent != clean) {
        if (auto made = makePublicFolder(parent, what); !made)
            return made;
    }
    const QByteArray name = QFile::encodeName(clean);
    // By chmod, since the umask takes from what mkdir is told.
    if (::mkdir(name, 0755) == 0 && ::chmod(name, 0755) == 0)
        return {};
    const QString reason = QString::fromLocal8Bit(std::strerror(errno));
    if (QFileInfo(clean).isDir()) // somebody else was quicker
        return {};
    return notWritten(what, reason, path);
}

} // namespace loa::playout
