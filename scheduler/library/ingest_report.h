// What `loa-media ingest --json` prints, read with suspicion: it comes from a process that parsed a hostile file. Pure
// functions, any thread.
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/hash.h"

#include <QByteArray>
#include <QString>

#include <cstdint>

namespace loa::library {

// What loa-media found, for ItemVersion.
struct IngestedMedia {
    Sha256 sourceSha256;
    Sha256 sha256;
    std::int64_t bytes = 0; // of the house file; known once it is in the library
    FrameCount frames;
    double integratedLufs = 0; // of the house file
    double truePeakDbtp = 0;
    QByteArray report; // loa-media's JSON without paths, compact
};

struct IngestReport {
    IngestedMedia media;
    QString file; // the house file, as loa-media names it
};

// Error: Internal when it is not of the agreed form; `where` is the JSON path.
[[nodiscard]] Result<IngestReport> readIngestReport(const QByteArray& json);

// The reason of a refusal (exit code 2), in both languages. Error: Internal when it is not of the agreed form.
[[nodiscard]] Result<Error> readIngestRefusal(const QByteArray& json);

} // namespace loa::library
