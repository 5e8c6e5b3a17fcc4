// The process that reads a stranger's file, and the one that watches it.
//
// runWorker() starts this same program again (/proc/self/exe worker …), hands it open descriptors alone, and waits: the
// child is confined (sandbox.h), dies with its parent, and is killed when its wall time is over. workerMain() is that
// child. Thread: runWorker() blocks its thread; call it from one that may block, and while no other thread forks.
// Failure: the child's own refusal, or what its end says: too long, too much memory, or a crash (InvalidInput: the file
// broke the reader).
#pragma once

#include "media/analysis.h"
#include "media/error.h"
#include "media/house_file.h"
#include "media/sandbox.h"

#include <QJsonObject>

#include <functional>

namespace loa::media {

struct WorkerRequest {
    bool probeOnly = false;
    int source = -1;
    QString name;   // of the source, for its ending and for messages
    int house = -1; // ingest alone: empty, open for reading and writing
    int spool = -1; // likewise
    HouseSettings houseSettings;
    SourceLimits sourceLimits;
    ProcessLimits processLimits;
};

// The child's answer: members `source`, `result`, `fingerprint`, `peaks`, `warnings` as README.md has them, without
// paths, hashes and sizes, which the parent adds. `started`, if any, is called once the child runs, for work beside it.
[[nodiscard]] Result<QJsonObject> runWorker(const WorkerRequest& request, const std::function<void()>& started = {});

// Never returns; `argument` is what runWorker() passed.
[[noreturn]] void workerMain(const QByteArray& argument);

} // namespace loa::media
