// Brings a CSV file of units or stations into the store: all of it or, with any error, none. Rows whose code is known
// correct what stands there; the others are added. Stations concerned wish a new plan. Storage thread.
#pragma once

#include "scheduler/imports/rows.h"
#include "scheduler/model/user.h"
#include "scheduler/store/store.h"

#include <functional>

namespace loa::imports {

struct ImportContext {
    const model::User* user = nullptr; // null: `actor` at the command line
    QString actor;
    UtcTime now;
    QDate today;         // first day of a new unit when the file does not say
    bool dryRun = false; // all checks, no change
    // Whether the caller may change this unit, or stations of it; for a new one, its parent (none: a new root). An
    // error is told with its line. Empty: may.
    std::function<Result<void>(const std::optional<UnitId>&)> mayChange;
};

// Mistakes of the file stand in the report; the error is for a database that fails (Storage).
[[nodiscard]] Result<ImportReport> importUnits(store::Store& store, QByteArrayView csv, const ImportContext& context);
[[nodiscard]] Result<ImportReport> importStations(store::Store& store, QByteArrayView csv,
                                                  const ImportContext& context);

} // namespace loa::imports
