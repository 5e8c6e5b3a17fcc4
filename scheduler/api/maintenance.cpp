#include "scheduler/api/maintenance.h"

#include "scheduler/store/sign_in.h"
#include "scheduler/store/upload_repository.h"

namespace loa::api {

Result<int> tidyUp(store::Database& database, const Services& services, const ApiSettings& settings)
{
    const UtcTime now = services.clock.now();
    if (const auto tidied = store::SignIn(database, settings.signIn).tidy(now); !tidied)
        return passOn(tidied);
    store::UploadRepository uploads(database);
    const auto expired = uploads.expired(now);
    if (!expired)
        return passOn(expired);
    int removed = 0;
    for (const store::Upload& upload : *expired) {
        if (const auto gone = services.uploads.remove(upload.id); !gone)
            return passOn(gone);
        if (const auto gone = uploads.remove(upload.id); !gone)
            return passOn(gone);
        ++removed;
    }
    return removed;
}

} // namespace loa::api
