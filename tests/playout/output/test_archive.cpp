#include "media/ffmpeg/decoder.h"
#include "playout/output/archive_folder.h"
#include "tests/playout/output/simulated_card.h"
#include "tests/support/failing_writes.h"
#include "tests/support/full_disk.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <optional>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr FrameCount blockLength{960};
const StationId station{u"station-1"_s};

// morning is 2026-12-01 05:00 in Vietnam.
struct DayArchive {
    explicit DayArchive(const QString& kind)
    {
        config.name = u"luu-tru"_s;
        config.device = kind;
        config.url = folder.filePath(u"archive"_s);
        config.split = ArchiveSplit::Day;
        start();
    }
    void start()
    {
        device.reset();
        device = *createDevice(config, pacing, sink);
    }
    // A session of a sound that tells which frame it is.
    Result<void> play(FrameCount from, FrameCount frames, const char* session)
    {
        if (auto opened = device->open({from, station, {QString::fromLatin1(session)}, morning + toDuration(from)});
            !opened)
            return opened;
        for (FrameCount at = from; at < from + frames; at += blockLength) {
            std::vector<float> samples;
            for (std::int64_t index = 0; index < blockLength.value; ++index)
                samples.push_back(sound(at.value + index));
            if (auto written = device->write({at, samples, blockLength}); !written) {
                device->close();
                return written;
            }
        }
        device->close();
        return {};
    }
    static float sound(std::int64_t frame) { return static_cast<float>(frame % 30011) / 32768.0F; }
    [[nodiscard]] std::vector<float> heard(const QString& name) const
    {
        auto decoder = media::Decoder::open(QDir(config.url).filePath(name));
        REQUIRE(decoder);
        std::vector<float> all;
        for (;;) {
            const auto block = decoder->read();
            REQUIRE(block);
            if (block->empty())
                return all;
            all.insert(all.end(), block->begin(), block->end());
        }
    }
    [[nodiscard]] QStringList files() const { return QDir(config.url).entryList(QDir::Files); }
    [[nodiscard]] ArchiveFolder archive() const
    {
        return {config.url, station, QTimeZone("Asia/Ho_Chi_Minh"), config.device};
    }

    QTemporaryDir folder;
    OutputConfig config;
    SimulatedPacing pacing;
    HeardSink sink;
    std::unique_ptr<OutputDevice> device;
};

constexpr FrameCount second{sampleRate};
constexpr FrameCount hour{3600 * sampleRate};

} // namespace

TEST_CASE("An archive by day keeps every frame, changes files on the frame of midnight, and finds any instant")
{
    const QString kind = GENERATE(u"wav"_s, u"flac"_s);
    DayArchive day(kind);
    // Two sessions in the morning, one over midnight: 19 h after `morning`, which is 05:00.
    REQUIRE(day.play({}, {3 * sampleRate}, "early"));
    REQUIRE(day.play(hour, {2 * sampleRate}, "later"));
    const FrameCount late{19 * hour.value - sampleRate};
    REQUIRE(day.play(late, {2 * sampleRate}, "night"));
    day.device.reset();
    CHECK(day.sink.heard.total() == 7 * sampleRate);
    REQUIRE(day.files() == QStringList{u"station-1-2026-12-01."_s + (kind == u"wav" ? u"tsv"_s : kind),
                                       u"station-1-2026-12-01."_s + (kind == u"wav" ? kind : u"tsv"_s),
                                       u"station-1-2026-12-02."_s + (kind == u"wav" ? u"tsv"_s : kind),
                                       u"station-1-2026-12-02."_s + (kind == u"wav" ? kind : u"tsv"_s)});
    const ArchiveFolder archive = day.archive();
    const auto stretches = archive.stretches({2026, 12, 1});
    REQUIRE(stretches.size() == 3);
    CHECK(stretches[1].startsAt == morning + 1h);
    CHECK(stretches[1].session == SessionId{u"later"_s});
    const auto next = archive.stretches({2026, 12, 2});
    REQUIRE(next.size() == 1);
    CHECK(next[0].startsAt == morning + 19h);
    CHECK(next[0].frame == FrameCount{0});
    // Every instant's sound lies where the index says.
    for (const FrameCount at : {FrameCount{0}, FrameCount{123457}, hour + FrameCount{77}, late,
                                late + second - FrameCount{1}, late + second, late + second + FrameCount{4321}}) {
        const auto place = archive.find(morning + toDuration(at) + 10us); // inside the frame
        REQUIRE(place);
        const auto sound = day.heard(QFileInfo(place->path).fileName());
        INFO(kind.toStdString() << " frame " << at.value);
        CHECK(sound.at(static_cast<std::size_t>(place->frame.value)) == DayArchive::sound(at.value));
    }
    CHECK_FALSE(archive.find(morning - 1s));
    CHECK_FALSE(
        ArchiveFolder(day.config.url, station, QTimeZone("Asia/Ho_Chi_Minh"), kind == u"wav" ? u"flac"_s : u"wav"_s)
            .find(morning + 1s));               // the other kind's index is in the same file
    CHECK_FALSE(archive.find(morning + 30min)); // between the sessions
}

TEST_CASE("An archive whose writer was killed can be read, and goes on in another part")
{
    const QString kind = GENERATE(u"wav"_s, u"flac"_s);
    DayArchive day(kind);
    REQUIRE(day.device->open({{}, station, {u"one"_s}, morning}));
    std::vector<float> samples(static_cast<std::size_t>(blockLength.value), 0.25F);
    for (FrameCount at; at < FrameCount{5 * sampleRate}; at += blockLength)
        REQUIRE(day.device->write({at, samples, blockLength}));
    // What lies on disk at this instant, as a power cut would leave it.
    const QString name = u"station-1-2026-12-01."_s + kind;
    REQUIRE(QFile::copy(QDir(day.config.url).filePath(name), day.folder.filePath(name)));
    auto decoder = media::Decoder::open(day.folder.filePath(name));
    REQUIRE(decoder);
    const auto frames = decoder->skip({10 * sampleRate});
    REQUIRE(frames);
    CHECK(*frames > FrameCount{3 * sampleRate});
    day.start();
    REQUIRE(day.play({10 * sampleRate}, second, "two"));
    day.device.reset();
    CHECK(day.files().contains(u"station-1-2026-12-01-2."_s + kind));
    CHECK(day.archive().find(morning + 10500ms)->path.endsWith(u"-2."_s + kind));
}

TEST_CASE("An archive keeps so many days, and within its budget the newest")
{
    DayArchive day(u"wav"_s);
    QDir().mkpath(day.config.url);
    const auto make = [&](const QString& name, qint64 bytes) {
        QFile file(QDir(day.config.url).filePath(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
        REQUIRE(file.resize(bytes));
    };
    const ArchiveFolder archive = day.archive();
    make(u"station-1-2026-11-01.wav"_s, 1000);
    make(u"station-1-2026-11-01.tsv"_s, 10);
    make(u"station-1-2026-11-29-2.wav"_s, 1000);
    make(u"station-1-2026-11-29.wav"_s, 1000);
    make(u"station-1-2026-11-29.tsv"_s, 10);
    make(u"station-1-2026-12-01.wav"_s, 1000);
    make(u"station-1-2026-12-01.tsv"_s, 10);
    make(u"station-10-2026-11-01.wav"_s, 1000); // another station's
    make(u"mine.wav"_s, 1000);
    const QString current = u"station-1-2026-12-01.wav"_s;
    archive.prune({std::chrono::days(10), std::nullopt}, morning, current);
    CHECK(day.files() == QStringList{u"mine.wav"_s, u"station-1-2026-11-29-2.wav"_s, u"station-1-2026-11-29.tsv"_s,
                                     u"station-1-2026-11-29.wav"_s, u"station-1-2026-12-01.tsv"_s, current,
                                     u"station-10-2026-11-01.wav"_s});
    archive.prune({std::nullopt, 2100}, morning, current);
    CHECK_FALSE(day.files().contains(u"station-1-2026-11-29.wav"_s));
    CHECK(day.files().contains(u"station-1-2026-11-29-2.wav"_s));
    archive.prune({std::nullopt, 1}, morning, current);
    CHECK(day.files() ==
          QStringList{u"mine.wav"_s, u"station-1-2026-12-01.tsv"_s, current, u"station-10-2026-11-01.wav"_s});
}

TEST_CASE("An archive by session keeps so many days, and within its budget the newest, in parts")
{
    DayArchive day(u"wav"_s);
    day.config.split = ArchiveSplit::Session;
    day.config.archiveKeep = std::chrono::days(30);
    day.config.archiveBudget = 64LL << 20;
    day.start();
    QDir().mkpath(day.config.url);
    const auto make = [&](const QString& name, qint64 bytes) {
        QFile file(QDir(day.config.url).filePath(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
        REQUIRE(file.resize(bytes));
    };
    const qint64 mebibyte = 1 << 20;
    make(u"20261031T165959Z-old.wav"_s, 10); // the last second of 31 October there, 31 days ago
    make(u"20261031T170000Z-kept.wav"_s, 10);
    make(u"20261129T220000Z-morning.wav"_s, 30 * mebibyte);
    make(u"20261129T220000Z-morning-2.wav"_s, 10 * mebibyte);
    make(u"20261129T100000Z-evening.wav"_s, 30 * mebibyte);
    make(u"20261129T100000Z-evening.flac"_s, 30 * mebibyte); // another archive's
    make(u"mine.wav"_s, 30 * mebibyte);
    // A session of over three minutes: a quarter of the budget is full at the third minute's end.
    const FrameCount frames{200 * sampleRate};
    REQUIRE(day.play({}, frames, "now"));
    day.device.reset();
    CHECK(day.sink.heard.total() == frames.value);
    CHECK(day.files() == QStringList{u"20261129T100000Z-evening.flac"_s, u"20261129T220000Z-morning-2.wav"_s,
                                     u"20261129T220000Z-morning.wav"_s, u"20261130T220000Z-now-2.wav"_s,
                                     u"20261130T220000Z-now.wav"_s, u"mine.wav"_s});
    // Not a frame is lost where the part ends.
    std::vector<float> sound = day.heard(u"20261130T220000Z-now.wav"_s);
    const auto rest = day.heard(u"20261130T220000Z-now-2.wav"_s);
    CHECK(std::ssize(sound) == 180 * sampleRate);
    sound.insert(sound.end(), rest.begin(), rest.end());
    REQUIRE(std::ssize(sound) == frames.value);
    bool isAlike = true;
    for (std::size_t index = 0; index < sound.size(); ++index)
        isAlike &= std::abs(sound[index] - DayArchive::sound(static_cast<std::int64_t>(index))) < 1e-4F;
    CHECK(isAlike);
    // What has room goes by its age alone.
    day.archive().pruneSessions({std::chrono::days(0), std::nullopt}, morning, u"20261130T220000Z-now-2.wav"_s);
    CHECK(day.files() == QStringList{u"20261129T100000Z-evening.flac"_s, u"20261130T220000Z-now-2.wav"_s,
                                     u"20261130T220000Z-now.wav"_s, u"mine.wav"_s});
}

TEST_CASE("Promise 7: a disk that is full costs the archive its own frames, and leaves no heap of empty files",
          "[promise-7]")
{
    const QString kind = GENERATE(u"wav"_s, u"flac"_s);
    DayArchive day(kind);
    Result<void> failed;
    int opened = 0;
    {
        const loa::test::FullDisk full(100'000);
        failed = day.play({}, {20 * sampleRate}, "one");
    }
    {
        const loa::test::FullDisk full(0);
        for (int attempt = 1; attempt < 5; ++attempt)
            opened += day.play({attempt * hour.value}, second, "again") ? 1 : 0;
    }
    REQUIRE_FALSE(failed);
    CHECK(failed.error().category == ErrorCategory::Storage);
    CHECK(opened == 0);
    const std::int64_t claimed = day.sink.heard.total();
    CHECK(claimed > 0);
    CHECK(claimed < 20 * sampleRate);
    REQUIRE(day.play({10 * hour.value}, second, "two"));
    day.device.reset();
    CHECK(day.sink.heard.total() == claimed + sampleRate);
    CHECK(day.files().filter(u"."_s + kind).size() == 2);
    // Not a frame was called delivered that is not there.
    CHECK(static_cast<std::int64_t>(day.heard(u"station-1-2026-12-01."_s + kind).size()) >= claimed);
}

TEST_CASE("Promise 4: an archive leaves the end of the disk to the log", "[promise-4]")
{
    const QString kind = GENERATE(u"wav"_s, u"flac"_s);
    DayArchive day(kind);
    day.config.split = GENERATE(ArchiveSplit::Day, ArchiveSplit::Session);
    day.start();
    {
        const loa::test::RoomLeft little(63LL << 20);
        const auto refused = day.play(hour, second, "full");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().category == ErrorCategory::Storage);
        CHECK(refused.error().message.en.contains(u"nearly full"));
        CHECK(day.files().filter(u"."_s + kind).isEmpty());
    }
    {
        // It is looked at once a minute.
        const loa::test::RoomLeft enough(64LL << 20);
        REQUIRE(day.device->open({hour, station, {u"fills"_s}, morning + toDuration(hour)}));
    }
    const loa::test::RoomLeft little(63LL << 20);
    FrameCount at = hour;
    const std::vector<float> samples(static_cast<std::size_t>(blockLength.value), 0.25F);
    while (at < hour + FrameCount{120 * sampleRate} && day.device->write({at, samples, blockLength}))
        at += blockLength;
    CHECK(at == hour + FrameCount{60 * sampleRate});
    day.device->close();
    CHECK(day.sink.heard.total() == 60 * sampleRate);
    const QStringList kept = day.files().filter(u"."_s + kind);
    REQUIRE(kept.size() == 1);
    CHECK(static_cast<std::int64_t>(day.heard(kept.front()).size()) == 60 * sampleRate);
}

TEST_CASE("Promise 7: an archive whose disk is full at any write, over midnight, claims no frame that is not there",
          "[promise-7]")
{
    const QString kind = GENERATE(u"wav"_s, u"flac"_s);
    const FrameCount late{19 * hour.value - 24 * blockLength.value}; // the file of the next day is the longer one
    int failures = 0;
    for (int before = 0;; ++before) {
        REQUIRE(before < 1000);
        DayArchive day(kind);
        bool wasFull = false;
        Result<void> played;
        {
            // By write() for FLAC; WAV has its samples written in other ways as well, so by the length of its files.
            std::optional<loa::test::FailingWrites> writes;
            std::optional<loa::test::FullDisk> room;
            if (kind == u"flac")
                writes.emplace(before);
            else
                room.emplace(static_cast<rlim_t>(before) * 6'000);
            played = day.play(late, {2 * sampleRate}, "night");
            day.device.reset();
            wasFull = writes ? writes->failed() > 0 : !played;
        }
        CAPTURE(kind.toStdString(), before, wasFull);
        if (!played)
            CHECK(played.error().category == ErrorCategory::Storage);
        const std::int64_t claimed = day.sink.heard.total();
        std::int64_t found = 0;
        for (const QString& name : day.files().filter(u"."_s + kind)) {
            if (QFileInfo(QDir(day.config.url).filePath(name)).size() > 0)
                found += static_cast<std::int64_t>(day.heard(name).size());
        }
        CHECK(found >= claimed);
        // There is room again.
        day.start();
        CHECK(day.play({24 * hour.value}, second, "after"));
        day.device.reset();
        CHECK(day.sink.heard.total() == claimed + sampleRate);
        if (!wasFull) {
            CHECK(claimed == 2 * sampleRate);
            break;
        }
        ++failures;
    }
    CHECK(failures > 15);
}

} // namespace loa::playout
