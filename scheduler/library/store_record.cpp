#include "scheduler/library/store_record.h"

#include "scheduler/model/item_workflow.h"
#include "scheduler/store/store.h"

#include <QJsonObject>

namespace loa::library {

namespace {

// The outcome of one reading: the item as the workflow makes it, the upload's row gone, one line of audit.
Result<void> storeOutcome(store::Database& database, const IngestJob& job, UtcTime now, const QString& action,
                          const QJsonObject& detail, const std::function<Result<model::Item>(model::Item)>& change)
{
    store::Store store(database);
    return database.transaction([&]() -> Result<void> {
        auto item = store.items.find(job.item);
        if (!item)
            return passOn(item);
        auto changed = change(*std::move(item));
        if (!changed)
            return passOn(changed);
        if (auto saved = store.items.save(*changed); !saved)
            return passOn(saved);
        if (auto removed = store.uploads.remove(job.upload);
            !removed && removed.error().category != ErrorCategory::NotFound)
            return removed;
        return store.audit.append(now, nullptr, QStringLiteral("loa-media"), action,
                                  QStringLiteral("item:") + job.item.value, detail);
    });
}

} // namespace

void StoreRecord::pending(std::function<void(Result<std::vector<IngestJob>>)> done)
{
    m_storage.dispatch([done = std::move(done)](store::Database& database) {
        store::Store store(database);
        const auto items = store.items.processing();
        if (!items) {
            done(passOn(items));
            return;
        }
        std::vector<IngestJob> jobs;
        for (const model::Item& item : *items) {
            if (!item.versions.empty()) {
                const model::ItemVersion& version = item.versions.back();
                jobs.push_back({item.id, version.number, version.upload, version.sourceName});
            }
        }
        done(std::move(jobs));
    });
}

void StoreRecord::ingested(const IngestJob& job, const IngestedMedia& media, std::function<void(Result<void>)> done)
{
    m_storage.dispatch([=, &clock = m_clock](store::Database& database) {
        model::IngestedAudio audio;
        audio.sourceSha256 = media.sourceSha256;
        audio.sha256 = media.sha256;
        audio.bytes = media.bytes;
        audio.frames = media.frames;
        audio.integratedLufs = media.integratedLufs;
        audio.truePeakDbtp = media.truePeakDbtp;
        audio.report = media.report;
        const QJsonObject detail{{QStringLiteral("version"), job.version},
                                 {QStringLiteral("sha256"), toString(media.sha256)},
                                 {QStringLiteral("source_sha256"), toString(media.sourceSha256)}};
        done(storeOutcome(database, job, clock.now(), QStringLiteral("item.ingest"), detail, [&](model::Item item) {
            return model::ingestFinished(std::move(item), job.version, audio);
        }));
    });
}

void StoreRecord::refused(const IngestJob& job, const Error& why, std::function<void(Result<void>)> done)
{
    m_storage.dispatch([=, &clock = m_clock](store::Database& database) {
        const QJsonObject detail{{QStringLiteral("version"), job.version},
                                 {QStringLiteral("category"), toString(why.category)},
                                 {QStringLiteral("message"), why.message.en}};
        done(storeOutcome(database, job, clock.now(), QStringLiteral("item.refuse-audio"), detail,
                          [&](model::Item item) { return model::ingestRefused(std::move(item), job.version, why); }));
    });
}

Result<int> removeOrphanUploads(store::Database& database, const UploadStore& files)
{
    const auto known = store::UploadRepository(database).all();
    if (!known)
        return passOn(known);
    std::vector<UploadId> ids;
    for (const store::Upload& upload : *known)
        ids.push_back(upload.id);
    return files.removeAllBut(ids);
}

} // namespace loa::library
