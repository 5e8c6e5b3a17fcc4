// What the API needs besides the database, handed in by whoever wires the scheduler together. Borrowed parts outlive
// the server.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/contract/signature.h"
#include "scheduler/fleet/commanding.h"
#include "scheduler/fleet/planning.h"
#include "scheduler/imports/presets.h"
#include "scheduler/library/ingest_queue.h"
#include "scheduler/library/media_library.h"
#include "scheduler/library/upload_store.h"
#include "scheduler/store/password.h"
#include "scheduler/store/sign_in.h"

#include <QString>

#include <chrono>
#include <functional>

namespace loa::api {

struct ApiSettings {
    store::SignInLimits signIn;
    bool secureCookies = false; // true where people come by HTTPS, also through a proxy
    QString publicOrigin; // "https://loa.example.vn", as browsers send it; empty: Origin must name the request's Host
    std::int64_t uploadBytes = std::int64_t(2) * 1024 * 1024 * 1024; // longest recording
    int uploadsPerUser = 50;                                         // incomplete ones
    std::chrono::hours uploadLife{24};                               // without a byte, an incomplete upload ends
    store::PasswordCost passwordCost = store::PasswordCost::Normal;
};

struct Services {
    const Clock& clock;
    library::MediaLibrary media;
    library::UploadStore uploads;
    fleet::Planning& planning;     // used on the storage thread alone
    fleet::Commanding& commanding; // … too, but for speech()
    VerifyKey schedulerKey;
    // A version was stored and is to be read. Called on the storage thread, after the commit.
    std::function<void(const library::IngestJob&)> ingest;
    // Stations wish a new plan. Called on the storage thread, after the commit: calls for planning on its queue, does
    // not plan itself.
    std::function<void()> planSoon;
    // Read anew, since people edit them. Called on the storage thread. Errors as loadPresets() gives them.
    std::function<Result<imports::Presets>()> presets;
};

} // namespace loa::api
