// An archive by day: "<station>-2026-12-03.wav" (or .flac; "-2", "-3" … where a day has more than one), and beside them
// "<station>-2026-12-03.tsv", which says of each stretch of sound where in which file it begins and when that was, so
// that what sounded at 05:12:30 on 3 December can be found. Days are those of the station's zone.
//
// The index: one line a stretch, fields parted by tabs: file, first frame in it, instant of that frame (UTC), the same
// by the station's clock, session. Lines are added, never changed; one that a power cut tore is skipped.
//
// Thread: one at a time; find() from any process. Failure: Storage.
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QString>
#include <QTimeZone>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace loa::playout {

struct ArchiveStretch {
    QString file; // name beside the index
    FrameCount frame;
    UtcTime startsAt;
    SessionId session;
    bool operator==(const ArchiveStretch&) const = default;
};

struct ArchiveLimits {
    std::optional<std::chrono::days> keep;   // files of older days go
    std::optional<std::int64_t> budgetBytes; // beyond it the oldest go first
};

class ArchiveFolder {
public:
    // `suffix`: "wav" or "flac".
    ArchiveFolder(QString folder, StationId station, QTimeZone zone, QString suffix);

    [[nodiscard]] QDate dayOf(UtcTime instant) const;
    [[nodiscard]] UtcTime beginOf(QDate day) const;
    // `part` from 1.
    [[nodiscard]] QString fileName(QDate day, int part) const;
    [[nodiscard]] QString path(const QString& name) const;

    [[nodiscard]] Result<void> note(QDate day, const ArchiveStretch& stretch) const;
    [[nodiscard]] std::vector<ArchiveStretch> stretches(QDate day) const;

    struct Place {
        QString path;
        FrameCount frame; // of the file
        ArchiveStretch stretch;
    };
    // Where `instant` lies, if it was recorded at all. The last stretch of a file is believed to last until its end,
    // which may be before `frame`.
    [[nodiscard]] std::optional<Place> find(UtcTime instant) const;

    // Removes what is over the limits, oldest first; of this station's files alone, and never `current` (a name).
    void prune(const ArchiveLimits& limits, UtcTime now, const QString& current) const;
    // The same of an archive by session: of all files of this kind in the folder that are named after an instant,
    // "20261201T220000Z-…", whichever station's.
    void pruneSessions(const ArchiveLimits& limits, UtcTime now, const QString& current) const;

private:
    struct Old {
        QString name;
        QString day;   // local, ISO 8601
        QString order; // within the day
        qint64 bytes;
        bool stays = false;
    };
    void removeOver(const ArchiveLimits& limits, UtcTime now, std::vector<Old> files) const;
    [[nodiscard]] QString indexPath(QDate day) const;

    QString m_folder;
    StationId m_station;
    QTimeZone m_zone;
    QString m_suffix;
};

} // namespace loa::playout
