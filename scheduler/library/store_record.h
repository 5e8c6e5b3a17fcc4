// IngestRecord over the scheduler's database: every call is one transaction on the storage thread, with its line in the
// audit trail. Threads: any may call; answers come from the storage thread. Ownership: borrows storage and clock.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/library/ingest_queue.h"
#include "scheduler/store/storage_thread.h"

namespace loa::library {

class StoreRecord final : public IngestRecord {
public:
    StoreRecord(store::StorageThread& storage, const Clock& clock) : m_storage(storage), m_clock(clock) {}

    void pending(std::function<void(Result<std::vector<IngestJob>>)> done) override;
    void ingested(const IngestJob& job, const IngestedMedia& media, std::function<void(Result<void>)> done) override;
    void refused(const IngestJob& job, const Error& why, std::function<void(Result<void>)> done) override;

private:
    store::StorageThread& m_storage;
    const Clock& m_clock;
};

// Removes files that no row knows, as a crash may leave them; how many. Storage thread, before any upload is made.
[[nodiscard]] Result<int> removeOrphanUploads(store::Database& database, const UploadStore& files);

} // namespace loa::library
