// Units and stations as they stand in a CSV file: read and checked line by line, nothing applied. Values, any thread.
// Units: code,name,kind[,parent_code][,valid_from][,valid_until]. A parent may stand anywhere in the file or in the
// store. Stations: code,name,unit_code[,time_zone][,clusters]; clusters: "name=output:speakers; name=output" (speakers
// 1 when left out). Columns may stand in any order; an unknown or doubled column is refused.
#pragma once

#include "scheduler/imports/csv.h"
#include "scheduler/model/organisation.h"

#include <QByteArrayView>
#include <QDate>
#include <QString>

#include <optional>
#include <vector>

namespace loa::imports {

struct LineError {
    qint64 line = 0;
    Text message;
    bool operator==(const LineError&) const = default;
};

struct UnitRow {
    qint64 line = 0;
    QString code;
    QString name;
    QString kind;
    std::optional<QString> parentCode;
    std::optional<QDate> validFrom;
    std::optional<QDate> validUntil;
};

struct ClusterRow {
    QString name;
    QString output;
    int speakers = 1;
};

struct StationRow {
    qint64 line = 0;
    QString code;
    QString name;
    QString unitCode;
    QByteArray timeZone; // IANA; "Asia/Ho_Chi_Minh" when the column is empty
    std::vector<ClusterRow> clusters;
};

template <typename Row>
struct ReadRows {
    std::vector<Row> rows;         // only whole ones; to be applied only when `errors` is empty
    std::vector<LineError> errors; // by line, at most maxLineErrors
};
inline constexpr std::size_t maxLineErrors = 200;

[[nodiscard]] ReadRows<UnitRow> readUnits(QByteArrayView csv, const CsvLimits& limits = {});
[[nodiscard]] ReadRows<StationRow> readStations(QByteArrayView csv, const CsvLimits& limits = {});

// What POST /import/… answers and `loa-scheduler import` prints. With any error nothing was changed.
struct ImportReport {
    int created = 0;
    int updated = 0;
    std::vector<LineError> errors;
    std::vector<StationId> concerned; // that wish a new plan for it
};

} // namespace loa::imports
