// What ends by itself: sessions, attempts to sign in, uploads that nobody continued. Storage thread.
#pragma once

#include "scheduler/api/services.h"
#include "scheduler/store/database.h"

namespace loa::api {

// How many uploads were removed. Bytes go before their row, so that a crash in between leaves a row that is removed the
// next time.
[[nodiscard]] Result<int> tidyUp(store::Database& database, const Services& services, const ApiSettings& settings);

} // namespace loa::api
