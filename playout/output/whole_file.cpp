#include "playout/output/whole_file.h"

#include <QSaveFile>

namespace loa::playout {

Result<void> writeWhole(const QString& path, const QByteArray& bytes, const Text& what)
{
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Unbuffered) && file.write(bytes) == bytes.size() && file.commit())
        return {};
    const QString words = QStringLiteral(": ") + file.errorString();
    return fail(ErrorCategory::Storage, {what.vi + words, what.en + words}, path);
}

} // namespace loa::playout
