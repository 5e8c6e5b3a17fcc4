// Strict CSV (RFC 4180): UTF-8, with or without byte order mark; comma, or semicolon when the header has it (as
// spreadsheets in Vietnamese write); CRLF or LF; a header line; every record as long as the header. Values, any thread.
// Input is hostile: size, records and field length are bounded. Text is data, never a formula: a field that a
// spreadsheet would run is refused by the readers of units_csv.h and stations_csv.h.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>
#include <QStringList>

#include <vector>

namespace loa::imports {

struct CsvLimits {
    qsizetype bytes = 16 * 1024 * 1024;
    qsizetype records = 100'000;
    qsizetype columns = 64;
    qsizetype fieldLength = 4096; // UTF-16 units
};

struct CsvRecord {
    qint64 line = 0; // of its first character, from 1
    QStringList fields;
    bool operator==(const CsvRecord&) const = default;
};

struct CsvTable {
    CsvRecord header;
    std::vector<CsvRecord> records; // empty lines are passed over
};

// Errors: InvalidInput (where "line N"), LimitExceeded.
[[nodiscard]] Result<CsvTable> parseCsv(QByteArrayView bytes, const CsvLimits& limits = {});

// Quotes only what must be quoted; CRLF. For templates, exports and round-trip tests.
[[nodiscard]] QByteArray writeCsv(const QStringList& header, const std::vector<QStringList>& records);

// Whether a spreadsheet would take the text for a formula: begins with = + - @ tab or carriage return. Numbers such as
// -5 or +84 are none.
[[nodiscard]] bool isFormula(const QString& field);

} // namespace loa::imports
