#include "scheduler/library/store_record.h"
#include "scheduler/model/item_workflow.h"
#include "scheduler/store/store.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <future>

using namespace loa;
using namespace loa::library;

namespace {

const IngestJob recording{{QStringLiteral("item1")}, 1, {QStringLiteral("upload1")}, QStringLiteral("a.mp3")};

// A store with one item whose recording is being read.
class Archive {
public:
    Archive()
    {
        const bool filled =
            storage
                ->run([](store::Database& database) {
                    store::Store store(database);
                    const UtcTime now = UtcTime(std::chrono::seconds(1'800'000'000));
                    const UnitId unit{QStringLiteral("root")};
                    bool ok = store.units
                                  .add({unit,
                                        {},
                                        QStringLiteral("h1"),
                                        QStringLiteral("Huyện"),
                                        QStringLiteral("district"),
                                        QDate(2020, 1, 1),
                                        {}})
                                  .has_value();
                    model::User user;
                    user.id = {QStringLiteral("user1")};
                    user.username = QStringLiteral("lan");
                    user.fullName = QStringLiteral("Lan");
                    user.createdAt = now;
                    ok = ok && store.users.add(user, QStringLiteral("x"));
                    ok = ok && store.uploads.add({recording.upload, user.id, QStringLiteral("a.mp3"), 5, 5, now, now});
                    model::Item draft;
                    draft.id = recording.item;
                    draft.title = QStringLiteral("Tin");
                    draft.unit = unit;
                    draft.scope = unit;
                    draft.validFrom = QDate(2026, 1, 1);
                    draft.createdBy = user.id;
                    draft.createdAt = now;
                    auto item = model::newItem(draft);
                    ok = ok && item && store.items.add(*item);
                    item = store.items.find(recording.item);
                    ok = ok && item;
                    if (!ok)
                        return false;
                    item = model::attachVersion(*item, recording.upload, recording.sourceName, now);
                    return item && store.items.save(*item);
                })
                .result();
        REQUIRE(filled);
    }

    model::Item item()
    {
        return storage->run([](store::Database& database) { return store::Store(database).items.find(recording.item); })
            .result()
            .value();
    }
    bool hasUpload()
    {
        return storage
            ->run([](store::Database& database) {
                return store::Store(database).uploads.find(recording.upload).has_value();
            })
            .result();
    }
    QString lastAction()
    {
        const auto latest =
            storage->run([](store::Database& database) { return store::Store(database).audit.latest(1); }).result();
        return latest.value().empty() ? QString() : latest.value().front().action;
    }

    template <typename T, typename Ask>
    Result<T> ask(Ask ask)
    {
        auto answer = std::make_shared<std::promise<Result<T>>>();
        auto future = answer->get_future();
        ask([answer](Result<T> result) { answer->set_value(std::move(result)); });
        REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
        return future.get();
    }

    QTemporaryDir folder;
    ManualClock clock{UtcTime(std::chrono::seconds(1'800'000'100))};
    std::unique_ptr<store::StorageThread> storage =
        store::StorageThread::start(folder.filePath(QStringLiteral("loa.db"))).value();
    StoreRecord record{*storage, clock};
};

IngestedMedia soundMedia()
{
    IngestedMedia media;
    media.sourceSha256 = sha256(QByteArrayView("source"));
    media.sha256 = sha256(QByteArrayView("house"));
    media.bytes = 5;
    media.frames = {48000};
    media.integratedLufs = -16;
    media.truePeakDbtp = -2;
    media.report = "{}";
    return media;
}

} // namespace

TEST_CASE("What is being read is found again by its newest version", "[store-record]")
{
    Archive archive;
    const auto jobs = archive.ask<std::vector<IngestJob>>([&](auto done) { archive.record.pending(done); });
    REQUIRE(jobs);
    CHECK(*jobs == std::vector<IngestJob>{recording});
}

TEST_CASE("A reading makes the item ready, once", "[store-record]")
{
    Archive archive;
    const auto ingest = [&] {
        return archive.ask<void>([&](auto done) { archive.record.ingested(recording, soundMedia(), done); });
    };
    CHECK(ingest());
    const model::Item item = archive.item();
    CHECK(item.status == model::ItemStatus::Ready);
    CHECK(item.versions.back().sha256 == sha256(QByteArrayView("house")));
    CHECK(item.versions.back().frames == FrameCount{48000});
    CHECK_FALSE(archive.hasUpload());
    CHECK(archive.lastAction() == QStringLiteral("item.ingest"));
    CHECK(ingest().error().category == ErrorCategory::Conflict);
    CHECK(archive.ask<std::vector<IngestJob>>([&](auto done) { archive.record.pending(done); })->empty());
}

TEST_CASE("A refusal is kept in both languages", "[store-record]")
{
    Archive archive;
    const Error why{ErrorCategory::Unsupported, {QStringLiteral("không có tiếng"), QStringLiteral("no sound")}, {}};
    CHECK(archive.ask<void>([&](auto done) { archive.record.refused(recording, why, done); }));
    const model::Item item = archive.item();
    CHECK(item.status == model::ItemStatus::Refused);
    REQUIRE(item.versions.back().refusal);
    CHECK(item.versions.back().refusal->message == why.message);
    CHECK(archive.lastAction() == QStringLiteral("item.refuse-audio"));
    CHECK_FALSE(archive.hasUpload());
}

TEST_CASE("An item that went on without the reading is left as it is", "[store-record]")
{
    Archive archive;
    IngestJob other = recording;
    other.version = 7;
    CHECK_FALSE(archive.ask<void>([&](auto done) { archive.record.ingested(other, soundMedia(), done); }));
    other.item = {QStringLiteral("nobody")};
    CHECK(archive.ask<void>([&](auto done) { archive.record.ingested(other, soundMedia(), done); }).error().category ==
          ErrorCategory::NotFound);
    CHECK(archive.item().status == model::ItemStatus::Processing);
    CHECK(archive.hasUpload());
}

TEST_CASE("Files without a row go, files with one stay", "[store-record]")
{
    Archive archive;
    const auto files = UploadStore::open(archive.folder.path());
    REQUIRE(files);
    REQUIRE(files->create(recording.upload));
    REQUIRE(files->create({QStringLiteral("orphan")}));
    const auto removed =
        archive.storage->run([&](store::Database& database) { return removeOrphanUploads(database, *files); }).result();
    CHECK(removed.value() == 1);
    CHECK(QFile::exists(files->path(recording.upload)));
    CHECK_FALSE(QFile::exists(files->path({QStringLiteral("orphan")})));
}
