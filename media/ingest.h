// From a stranger's file to the house file, or to a reason why not: what `loa-media ingest` and `probe` do.
//
// Thread: blocks its thread for as long as it takes; runs one beside it that hashes the source. The file itself is
// parsed in another process under limits (worker.h): only a program whose main() passes `worker` on to workerMain() may
// call these. Failure: an Error for people; nothing is left in the output folder, not even when this process is killed
// (on file systems with unnamed temporary files; else a .loa-*.part may stay). On success the house file stands there
// under the SHA-256 of its bytes, complete and on disk; an equal one that stood there before is replaced by the same
// bytes.
#pragma once

#include "media/analysis.h"
#include "media/house_file.h"
#include "media/sandbox.h"

#include <QJsonObject>

namespace loa::media {

struct IngestOptions {
    HouseSettings house;
    SourceLimits source;
    ProcessLimits process;
};

// The JSON of media/README.md.
[[nodiscard]] Result<QJsonObject> ingest(const QString& file, const QString& folder, const IngestOptions& options);
[[nodiscard]] Result<QJsonObject> probe(const QString& file, const IngestOptions& options);

} // namespace loa::media
