// Turns finished uploads into house files: runs `loa-media ingest FILE --out DIR --json` as a process of its own (it
// parses hostile files), a few at a time, adopts the result into the MediaLibrary, and has the outcome recorded. The
// queue itself is in memory: what must survive a restart is the item's status `processing` in the store, which start()
// asks for. Threads: lives on a thread with an event loop (the main one); enqueue() may be called from any. Callbacks
// of IngestRecord come back on any thread.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"
#include "scheduler/library/ingest_report.h"
#include "scheduler/library/media_library.h"
#include "scheduler/library/upload_store.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QThreadPool>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace loa::library {

// One version of one item that waits to be read.
struct IngestJob {
    ItemId item;
    int version = 0;
    UploadId upload;
    QString sourceName;

    bool operator==(const IngestJob&) const = default;
};

// What the queue needs of the store. Implemented by the wiring on the storage thread; each `done` is called exactly
// once, on any thread.
class IngestRecord {
public:
    virtual ~IngestRecord() = default;

    // Every version whose item is in status `processing`.
    virtual void pending(std::function<void(Result<std::vector<IngestJob>>)> done) = 0;
    // The item becomes ready. Conflict or NotFound: the item went on without this version; the queue drops it.
    virtual void ingested(const IngestJob& job, const IngestedMedia& media, std::function<void(Result<void>)> done) = 0;
    // The item becomes refused, with words for its editor.
    virtual void refused(const IngestJob& job, const Error& why, std::function<void(Result<void>)> done) = 0;
};

struct IngestSettings {
    QString program;                                               // path of loa-media
    QStringList arguments;                                         // further ones after `ingest FILE --out DIR --json`
    int parallel = 1;                                              // >= 1
    std::chrono::milliseconds wallTime = std::chrono::minutes(30); // for one file; then it is refused
    std::int64_t outputBytes = 32 * 1024 * 1024;                   // most that loa-media may print
    int attempts = 3;                                              // when the reader dies, or disk or program fail
    std::chrono::milliseconds retryAfter = std::chrono::seconds(20); // doubles with each attempt
};

class IngestQueue final : public QObject {
    Q_OBJECT

public:
    // `dataDir`/ingest is its own: emptied by start(). `record` outlives it.
    IngestQueue(IngestSettings settings, const QString& dataDir, MediaLibrary library, UploadStore uploads,
                IngestRecord& record, QObject* parent = nullptr);
    // Ends running processes; their items stay in `processing`.
    ~IngestQueue() override;

    // Takes up again what was left in `processing`. Error: Storage when the work folder cannot be made.
    [[nodiscard]] Result<void> start();
    // Any thread. A job that is queued or running already is not taken twice.
    void enqueue(const IngestJob& job);
    // Queued, waiting for another attempt, running and being recorded. Own thread.
    [[nodiscard]] int outstanding() const;

Q_SIGNALS:
    // Recorded: ready when `refusal` is empty. Own thread.
    void finished(const loa::library::IngestJob& job, bool ready);

private:
    struct Run;
    struct Mailbox;

    void take(const IngestJob& job);
    void pump();
    void launch(Run& run);
    void collect(Run& run);
    void ended(Run& run);
    void adopt(Run& run, IngestedMedia media, const QString& file);
    void recordIngested(Run& run);
    void recordRefused(Run& run);
    void failed(Run& run, const Error& why, bool mayPass);
    void recorded(Run& run, const Result<void>& result);
    void drop(Run& run);
    [[nodiscard]] Run* find(const IngestJob& job);

    IngestSettings m_settings;
    QString m_workFolder;
    MediaLibrary m_library;
    UploadStore m_uploads;
    IngestRecord& m_record;
    std::deque<std::unique_ptr<Run>> m_runs; // in order of arrival
    std::shared_ptr<Mailbox> m_mailbox;      // how other threads reach this one, and learn that it is gone
    QThreadPool m_disk;                      // hashing and fsync, off the event loop
    bool m_started = false;
};

} // namespace loa::library
