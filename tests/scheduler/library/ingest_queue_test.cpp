#include "scheduler/library/ingest_queue.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTimer>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::library;
using namespace std::chrono_literals;

namespace {

// Turns the event loop until `done`, at most half a minute: what is waited for are real processes.
template <typename Done>
bool waitUntil(Done done)
{
    QTimer deadline;
    deadline.setSingleShot(true);
    deadline.start(30s);
    QTimer wake; // a condition may come true on another thread
    wake.start(5ms);
    while (!done() && deadline.isActive())
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    return done();
}

struct MemoryRecord final : IngestRecord {
    void pending(std::function<void(Result<std::vector<IngestJob>>)> done) override { done(left); }
    void ingested(const IngestJob& job, const IngestedMedia& media, std::function<void(Result<void>)> done) override
    {
        if (failures-- > 0) {
            done(fail(ErrorCategory::Storage, {QStringLiteral("bận"), QStringLiteral("busy")}));
            return;
        }
        ready.push_back({job, media});
        done({});
    }
    void refused(const IngestJob& job, const Error& why, std::function<void(Result<void>)> done) override
    {
        refusals.push_back({job, why});
        done({});
    }

    std::vector<IngestJob> left;
    std::vector<std::pair<IngestJob, IngestedMedia>> ready;
    std::vector<std::pair<IngestJob, Error>> refusals;
    int failures = 0;
};

// A scheduler's data folder and a program that plays loa-media: $2 is the source, $4 the folder for the result.
class Workshop {
public:
    explicit Workshop(const QByteArray& script)
    {
        QFile program(m_data.filePath(QStringLiteral("loa-media")));
        REQUIRE(program.open(QIODevice::WriteOnly));
        program.write("#!/bin/sh\n" + script);
        program.close();
        REQUIRE(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        settings.program = program.fileName();
        settings.retryAfter = 1ms;
    }

    IngestJob job(const char* item, const QByteArray& bytes = "sound")
    {
        const IngestJob made{{QString::fromUtf8(item)}, 1, {QString::fromUtf8(item)}, QStringLiteral("a.mp3")};
        REQUIRE(uploads.create(made.upload));
        REQUIRE(uploads.append(made.upload, 0, bytes));
        return made;
    }

    std::unique_ptr<IngestQueue> queue()
    {
        auto made = std::make_unique<IngestQueue>(settings, m_data.path(), media, uploads, record);
        REQUIRE(made->start());
        return made;
    }

    [[nodiscard]] QString file(const char* name) const { return m_data.filePath(QString::fromUtf8(name)); }
    [[nodiscard]] QStringList leftInWork() const
    {
        return QDir(file("ingest")).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden);
    }
    [[nodiscard]] int lines(const char* name) const
    {
        QFile counted(file(name));
        return counted.open(QIODevice::ReadOnly) ? static_cast<int>(counted.readAll().count('\n')) : 0;
    }

private:
    QTemporaryDir m_data;

public:
    MediaLibrary media = MediaLibrary::open(m_data.path()).value();
    UploadStore uploads = UploadStore::open(m_data.path()).value();
    MemoryRecord record;
    IngestSettings settings;
};

const QByteArray houseBytes("house");

QByteArray goodReport(const QByteArray& path = "$4/out.opus")
{
    const QByteArray house = toString(sha256(houseBytes)).toLatin1();
    const QByteArray source = toString(sha256(QByteArrayView("sound"))).toLatin1();
    return "{\\\"source\\\":{\\\"path\\\":\\\"$2\\\",\\\"sha256\\\":\\\"" + source +
           "\\\"},\\\"result\\\":{\\\"path\\\":\\\"" + path + "\\\",\\\"sha256\\\":\\\"" + house +
           "\\\",\\\"frames\\\":48000,\\\"integrated_lufs\\\":-16.02,\\\"true_peak_dbtp\\\":-1.8},"
           "\\\"fingerprint\\\":\\\"AQ\\\",\\\"peaks\\\":[0,1],\\\"warnings\\\":[]}";
}

const QByteArray takeIt = "printf house > \"$4/out.opus\"\necho \"" + goodReport() + "\"\n";

} // namespace

TEST_CASE("A recording becomes a house file and its figures are recorded", "[ingest]")
{
    Workshop shop(takeIt);
    const auto queue = shop.queue();
    const IngestJob job = shop.job("i1");
    queue->enqueue(job);
    queue->enqueue(job);
    REQUIRE(waitUntil([&] { return !shop.record.ready.empty() && queue->outstanding() == 0; }));
    REQUIRE(shop.record.ready.size() == 1);
    const auto& [recorded, media] = shop.record.ready.front();
    CHECK(recorded == job);
    CHECK(media.sha256 == sha256(houseBytes));
    CHECK(media.bytes == houseBytes.size());
    CHECK(media.frames == FrameCount{48000});
    CHECK(media.integratedLufs == -16.02);
    const QJsonObject report = QJsonDocument::fromJson(media.report).object();
    CHECK(report[QLatin1String("fingerprint")].toString() == QStringLiteral("AQ"));
    CHECK_FALSE(media.report.contains("path"));
    CHECK(shop.media.verify(media.sha256));
    CHECK(shop.uploads.size(job.upload).error().category == ErrorCategory::NotFound);
    CHECK(shop.leftInWork().isEmpty());
}

TEST_CASE("A refusal reaches its editor in both languages, at once", "[ingest]")
{
    Workshop shop("echo x >> ../../tries\n"
                  "echo '{\"error\":{\"category\":\"unsupported\",\"message\":\"there is no sound\","
                  "\"message_vi\":\"không có tiếng\",\"where\":\"/secret/path\"}}'\nexit 2\n");
    const auto queue = shop.queue();
    const IngestJob job = shop.job("i1");
    queue->enqueue(job);
    REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
    const Error& why = shop.record.refusals.front().second;
    CHECK(why.category == ErrorCategory::Unsupported);
    CHECK(why.message.vi == QStringLiteral("không có tiếng"));
    CHECK(why.message.en == QStringLiteral("there is no sound"));
    CHECK(why.where.isEmpty());
    CHECK(shop.lines("tries") == 1);
    CHECK(shop.leftInWork().isEmpty());
    CHECK(shop.record.ready.empty());
}

TEST_CASE("A reader that dies is tried again, then the file is refused", "[ingest]")
{
    for (const char* script : {"kill -SEGV $$\n", "exit 1\n", "exit 0\n", "echo 'not json'\n", "echo '{}'; exit 2\n",
                               "echo '{\"error\":{\"category\":\"storage\",\"message\":\"disk full\"}}'; exit 2\n"}) {
        INFO(script);
        Workshop shop(QByteArray("echo x >> ../../tries\n") + script);
        const auto queue = shop.queue();
        queue->enqueue(shop.job("i1"));
        REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
        CHECK(shop.lines("tries") == 3);
        CHECK_FALSE(shop.record.refusals.front().second.message.vi.isEmpty());
        CHECK(shop.leftInWork().isEmpty());
    }
}

TEST_CASE("A reader that fails once and then works costs nothing but time", "[ingest]")
{
    Workshop shop("[ -e ../../failed ] || { touch ../../failed; kill -9 $$; }\n" + takeIt);
    const auto queue = shop.queue();
    queue->enqueue(shop.job("i1"));
    REQUIRE(waitUntil([&] { return !shop.record.ready.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.refusals.empty());
}

TEST_CASE("A reader that hangs is ended with all its children", "[ingest]")
{
    Workshop shop("sleep 1000 &\necho $! > ../../child\nwait\n");
    shop.settings.wallTime = 300ms;
    const auto queue = shop.queue();
    queue->enqueue(shop.job("i1"));
    REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.refusals.front().second.category == ErrorCategory::LimitExceeded);
    QFile child(shop.file("child"));
    REQUIRE(child.open(QIODevice::ReadOnly));
    const QString stat = QStringLiteral("/proc/%1/stat").arg(QString::fromLatin1(child.readAll().trimmed()));
    CHECK(waitUntil([&] {
        QFile process(stat); // gone, or a zombie that no one has collected yet
        return !process.open(QIODevice::ReadOnly) || process.readAll().contains(") Z ");
    }));
}

TEST_CASE("A reader that talks without end is stopped", "[ingest]")
{
    Workshop shop("while :; do echo 0123456789012345678901234567890123456789; done\n");
    shop.settings.outputBytes = 100'000;
    const auto queue = shop.queue();
    queue->enqueue(shop.job("i1"));
    REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.refusals.front().second.category == ErrorCategory::Internal);
}

TEST_CASE("A reader's word about its result is not taken on trust", "[ingest]")
{
    SECTION("a file elsewhere")
    {
        Workshop shop("printf house > ../../victim\necho \"" + goodReport("$4/../../victim") + "\"\n");
        const auto queue = shop.queue();
        queue->enqueue(shop.job("i1"));
        REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
        CHECK(QFile::exists(shop.file("victim")));
    }
    SECTION("a link")
    {
        Workshop shop("printf house > ../../victim\nln -s ../../victim \"$4/out.opus\"\necho \"" + goodReport() +
                      "\"\n");
        const auto queue = shop.queue();
        queue->enqueue(shop.job("i1"));
        REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
        CHECK(QFile::exists(shop.file("victim")));
    }
    SECTION("another hash")
    {
        Workshop shop("printf other > \"$4/out.opus\"\necho \"" + goodReport() + "\"\n");
        const auto queue = shop.queue();
        queue->enqueue(shop.job("i1"));
        REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
        CHECK(shop.media.list()->empty());
    }
    SECTION("no file")
    {
        Workshop shop("echo \"" + goodReport() + "\"\n");
        const auto queue = shop.queue();
        queue->enqueue(shop.job("i1"));
        REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
        CHECK(shop.record.ready.empty());
    }
}

TEST_CASE("A program that is not there refuses after its attempts", "[ingest]")
{
    Workshop shop(takeIt);
    shop.settings.program = shop.file("nowhere");
    const auto queue = shop.queue();
    queue->enqueue(shop.job("i1"));
    REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.refusals.front().second.category == ErrorCategory::Unavailable);
}

TEST_CASE("An upload whose bytes are gone is refused", "[ingest]")
{
    Workshop shop(takeIt);
    const auto queue = shop.queue();
    queue->enqueue({{QStringLiteral("i1")}, 1, {QStringLiteral("gone")}, {}});
    REQUIRE(waitUntil([&] { return !shop.record.refusals.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.refusals.front().second.category == ErrorCategory::NotFound);
}

TEST_CASE("No more readers run at a time than allowed, and all work is done", "[ingest]")
{
    // Each marks itself, looks how many there are, and goes.
    Workshop shop("touch ../../run.$$\nls ../.. | grep -c '^run' >> ../../seen\n" + takeIt + "rm ../../run.$$\n");
    shop.settings.parallel = 2;
    const auto queue = shop.queue();
    for (const char* item : {"i1", "i2", "i3", "i4", "i5", "i6", "i7"})
        queue->enqueue(shop.job(item));
    REQUIRE(waitUntil([&] { return shop.record.ready.size() == 7 && queue->outstanding() == 0; }));
    QFile seen(shop.file("seen"));
    REQUIRE(seen.open(QIODevice::ReadOnly));
    for (const QByteArray& count : seen.readAll().trimmed().split('\n'))
        CHECK(count.toInt() <= 2);
}

TEST_CASE("A database that is busy is asked again without reading the file twice", "[ingest]")
{
    Workshop shop("echo x >> ../../tries\n" + takeIt);
    shop.record.failures = 2;
    const auto queue = shop.queue();
    queue->enqueue(shop.job("i1"));
    REQUIRE(waitUntil([&] { return !shop.record.ready.empty() && queue->outstanding() == 0; }));
    CHECK(shop.lines("tries") == 1);
}

TEST_CASE("What was being read when the scheduler died is taken up again", "[ingest]")
{
    Workshop shop("touch ../../started\n[ -e ../../go ] || sleep 1000\n" + takeIt);
    const IngestJob job = shop.job("i1");
    {
        const auto queue = shop.queue();
        queue->enqueue(job);
        REQUIRE(waitUntil([&] { return QFile::exists(shop.file("started")); }));
    }
    CHECK(shop.record.ready.empty());
    CHECK(shop.record.refusals.empty());
    CHECK(shop.leftInWork().size() == 1);

    QFile go(shop.file("go"));
    REQUIRE(go.open(QIODevice::WriteOnly));
    go.close();
    shop.record.left = {job};
    const auto queue = shop.queue();
    REQUIRE(waitUntil([&] { return !shop.record.ready.empty() && queue->outstanding() == 0; }));
    CHECK(shop.record.ready.size() == 1);
    CHECK(shop.leftInWork().isEmpty());
}
