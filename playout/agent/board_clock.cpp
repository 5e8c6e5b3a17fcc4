#include "playout/agent/board_clock.h"

#include <QDir>
#include <QFile>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

QByteArray wordIn(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(64).trimmed() : QByteArray();
}

} // namespace

std::optional<UtcTime> SystemBoardClock::now() const
{
    const QDir all(m_folder);
    const QStringList names = all.entryList({u"rtc*"_s}, QDir::AllEntries | QDir::NoDotAndDotDot, QDir::Name);
    if (names.isEmpty())
        return std::nullopt;
    QString chosen = names.front();
    for (const QString& name : names) {
        if (wordIn(all.filePath(name + u"/hctosys"_s)) == "1") {
            chosen = name;
            break;
        }
    }
    bool isNumber = false;
    const qint64 seconds = wordIn(all.filePath(chosen + u"/since_epoch"_s)).toLongLong(&isNumber);
    return isNumber ? std::optional(UtcTime(std::chrono::seconds(seconds))) : std::nullopt;
}

} // namespace loa::playout
