#include "playout/output/archive_folder.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

QString localText(UtcTime instant, const QTimeZone& zone)
{
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(instant.time_since_epoch()).count();
    return QDateTime::fromMSecsSinceEpoch(ms, zone).toString(u"yyyy-MM-dd HH:mm:ss.zzz"_s);
}

} // namespace

ArchiveFolder::ArchiveFolder(QString folder, StationId station, QTimeZone zone, QString suffix)
    : m_folder(std::move(folder)), m_station(std::move(station)), m_zone(std::move(zone)), m_suffix(std::move(suffix))
{
}

QDate ArchiveFolder::dayOf(UtcTime instant) const
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch()).count();
    return QDateTime::fromSecsSinceEpoch(seconds, m_zone).date();
}

UtcTime ArchiveFolder::beginOf(QDate day) const
{
    return UtcTime(std::chrono::milliseconds(day.startOfDay(m_zone).toMSecsSinceEpoch()));
}

QString ArchiveFolder::fileName(QDate day, int part) const
{
    return u"%1-%2%3.%4"_s.arg(m_station.value, day.toString(Qt::ISODate), part == 1 ? QString() : u"-%1"_s.arg(part),
                               m_suffix);
}

QString ArchiveFolder::path(const QString& name) const
{
    return QDir(m_folder).filePath(name);
}

QString ArchiveFolder::indexPath(QDate day) const
{
    return path(u"%1-%2.tsv"_s.arg(m_station.value, day.toString(Qt::ISODate)));
}

Result<void> ArchiveFolder::note(QDate day, const ArchiveStretch& stretch) const
{
    QFile index(indexPath(day));
    const QByteArray line =
        u"%1\t%2\t%3\t%4\t%5\n"_s
            .arg(stretch.file, QString::number(stretch.frame.value), loa::toString(stretch.startsAt),
                 localText(stretch.startsAt, m_zone), stretch.session.value)
            .toUtf8();
    if (!index.open(QIODevice::WriteOnly | QIODevice::Append) || index.write(line) != line.size() || !index.flush()) {
        return fail(ErrorCategory::Storage,
                    {u"Không ghi được mục lục ghi âm: %1"_s.arg(index.errorString()),
                     u"The archive's index cannot be written: %1"_s.arg(index.errorString())},
                    index.fileName());
    }
    return {};
}

std::vector<ArchiveStretch> ArchiveFolder::stretches(QDate day) const
{
    std::vector<ArchiveStretch> stretches;
    QFile index(indexPath(day));
    if (!index.open(QIODevice::ReadOnly))
        return stretches;
    while (!index.atEnd()) {
        const QByteArray line = index.readLine(4096);
        const QStringList fields = QString::fromUtf8(line).trimmed().split(u'\t');
        bool isNumber = false;
        const qint64 frame = fields.value(1).toLongLong(&isNumber);
        const auto instant = utcTimeFromString(fields.value(2));
        if (!line.endsWith('\n') || fields.size() < 4 || !isNumber || frame < 0 || !instant ||
            fields.value(0).contains(u'/'))
            continue;
        stretches.push_back({fields.value(0), {frame}, *instant, {fields.value(4)}});
    }
    return stretches;
}

std::optional<ArchiveFolder::Place> ArchiveFolder::find(UtcTime instant) const
{
    std::vector<ArchiveStretch> all = stretches(dayOf(instant));
    // A WAV and a FLAC archive may share a folder, and so an index.
    std::erase_if(all, [&](const ArchiveStretch& one) { return !one.file.endsWith(u'.' + m_suffix); });
    for (std::size_t index = all.size(); index-- > 0;) {
        const ArchiveStretch& stretch = all[index];
        if (stretch.startsAt > instant)
            continue;
        const FrameCount frame = stretch.frame + toFrames(instant - stretch.startsAt);
        const bool endsBefore =
            index + 1 < all.size() && all[index + 1].file == stretch.file && frame >= all[index + 1].frame;
        if (endsBefore || !QFile::exists(path(stretch.file)))
            return std::nullopt;
        return Place{path(stretch.file), frame, stretch};
    }
    return std::nullopt;
}

void ArchiveFolder::prune(const ArchiveLimits& limits, UtcTime now, const QString& current) const
{
    static const QRegularExpression tail(u"^-(\\d{4}-\\d{2}-\\d{2})(?:-(\\d+))?\\.(wav|flac|tsv)$"_s);
    const QString today = dayOf(now).toString(Qt::ISODate);
    std::vector<Old> files;
    for (const QFileInfo& file : QDir(m_folder).entryInfoList(QDir::Files)) {
        if (!file.fileName().startsWith(m_station.value))
            continue;
        const auto match = tail.match(file.fileName().mid(m_station.value.size()));
        if (!match.hasMatch())
            continue;
        // A day's index goes last of its files, and never today.
        const bool isIndex = match.captured(3) == u"tsv";
        const QString order = isIndex ? u"~"_s : match.captured(2).rightJustified(6, u'0');
        const bool stays = file.fileName() == current || (isIndex && match.captured(1) == today);
        files.push_back({file.fileName(), match.captured(1), order, file.size(), stays});
    }
    removeOver(limits, now, std::move(files));
}

void ArchiveFolder::pruneSessions(const ArchiveLimits& limits, UtcTime now, const QString& current) const
{
    static const QRegularExpression form(u"^(\\d{8}T\\d{6}Z)(-[0-9a-z-]+)?\\.(wav|flac)$"_s);
    static const QRegularExpression part(u"-(\\d{1,5})\\.(?:wav|flac)$"_s);
    std::vector<Old> files;
    for (const QFileInfo& file : QDir(m_folder).entryInfoList(QDir::Files)) {
        const auto match = form.match(file.fileName());
        if (!match.hasMatch() || match.captured(3) != m_suffix)
            continue;
        auto instant = QDateTime::fromString(match.captured(1), u"yyyyMMdd'T'HHmmss'Z'"_s);
        instant.setTimeSpec(Qt::UTC);
        if (!instant.isValid())
            continue;
        const QString day = dayOf(UtcTime(std::chrono::seconds(instant.toSecsSinceEpoch()))).toString(Qt::ISODate);
        // A session's id may end as a part does: then its files are among themselves in the order of their names.
        const QString order = match.captured(1) + part.match(file.fileName()).captured(1).rightJustified(6, u'0');
        files.push_back({file.fileName(), day, order, file.size(), file.fileName() == current});
    }
    removeOver(limits, now, std::move(files));
}

void ArchiveFolder::removeOver(const ArchiveLimits& limits, UtcTime now, std::vector<Old> files) const
{
    qint64 total = 0;
    for (const Old& file : files)
        total += file.bytes;
    std::sort(files.begin(), files.end(), [](const Old& a, const Old& b) {
        return std::tie(a.day, a.order, a.name) < std::tie(b.day, b.order, b.name);
    });
    const QString oldest = limits.keep ? dayOf(now).addDays(-limits.keep->count()).toString(Qt::ISODate) : QString();
    for (const Old& file : files) {
        const bool isTooMuch = limits.budgetBytes && total > *limits.budgetBytes;
        if (!file.stays && (file.day < oldest || isTooMuch) && QFile::remove(path(file.name)))
            total -= file.bytes;
    }
}

} // namespace loa::playout
