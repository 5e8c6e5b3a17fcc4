#include "playout/engine/source.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

Segment segmentFor(const HouseFile& file)
{
    Segment segment;
    segment.sha256 = file.sha256;
    segment.frames = {static_cast<std::int64_t>(file.samples.size())};
    return segment;
}

// Reads until the source gives nothing any more; waits for the decoding thread as a pump would, block by block.
std::vector<float> readAll(Source& source, FrameCount from, FrameCount end)
{
    std::vector<float> samples;
    std::vector<float> block(960);
    while (from < end) {
        const auto wanted = std::min<std::size_t>(block.size(), static_cast<std::size_t>((end - from).value));
        const std::size_t given = source.read(from, std::span(block).first(wanted));
        if (given == 0) {
            if (source.failure() != Break::None)
                break;
            std::this_thread::sleep_for(1ms);
            continue;
        }
        samples.insert(samples.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(given));
        from += FrameCount{static_cast<std::int64_t>(given)};
    }
    return samples;
}

} // namespace

TEST_CASE("A file source gives the file to the sample, from any frame")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), 8 * sampleRate + 77, 3);
    const auto path = [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); };
    const Segment segment = segmentFor(house);
    const FrameCount from{GENERATE(0, 1, 48000 * 3 + 11, 48000 * 8 + 76)};
    const std::vector<float> expected(house.samples.begin() + from.value, house.samples.end());

    FileSourceFactory ahead(path);
    const bool aheadEqual = readAll(*ahead.open(segment, from), from, segment.frames) == expected;
    CHECK(aheadEqual);
    BlockingFileSourceFactory blocking(path);
    const bool blockingEqual = readAll(*blocking.open(segment, from), from, segment.frames) == expected;
    CHECK(blockingEqual);
}

namespace {

// Until the source's next frames are there.
void await(Source& source, FrameCount position)
{
    while (source.skip(position, 1) == 0 && source.failure() == Break::None)
        std::this_thread::sleep_for(1ms);
}

} // namespace

TEST_CASE("A source that is opened for packets gives those of the file, and samples where they are asked for")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), 400 * 960, 3);
    const auto path = [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); };
    const std::vector<QByteArray> packets = packetsOf(path(house.sha256));
    REQUIRE(packets.size() == 400);
    const Segment segment = segmentFor(house);
    FileSourceFactory sources(path);

    const auto first = GENERATE(0, 7, 170); // packet
    const FrameCount from{first * 960 - (first > 0 ? 333 : 0)};
    const auto source = sources.open(segment, from, Fetching::Packets);
    const auto other = sources.open(segment, from, Fetching::Packets);
    std::vector<float> block(960);
    for (std::int64_t packet = first; packet < 400; ++packet) {
        const FrameCount at{packet * 960};
        await(*source, at);
        await(*other, at);
        const auto bytes = source->packet(at);
        const bool isEqual =
            packets[static_cast<std::size_t>(packet)] ==
            QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
        CHECK(isEqual);
        CHECK(source->packet(at + FrameCount{1}).empty());
        if (packet % 100 < 50) {
            CHECK(source->skip(at, 960) == 960);
            continue;
        }
        // Samples: a decoder that begins in the middle comes to where one is that has heard all.
        REQUIRE(source->read(at, block) == 960);
        double error = 0;
        double power = 0;
        for (std::size_t index = 0; index < 960; ++index) {
            const float wanted = house.samples[static_cast<std::size_t>(at.value) + index];
            error += std::pow(block[index] - wanted, 2.0);
            power += std::pow(wanted, 2.0);
        }
        CHECK(error < power * 1e-3);
        if (packet % 100 > 80)
            CHECK(error < power * 1e-7);
        CHECK(other->skip(at, 960) == 960);
    }
    CHECK(source->packet({400 * 960}).empty());

    const auto whole = sources.open(segment, FrameCount{}, Fetching::Packets);
    const bool isEqual = readAll(*whole, {}, segment.frames) == house.samples; // heard from the first packet on
    CHECK(isEqual);
}

TEST_CASE("A source that is opened for packets gives samples of a file of another form")
{
    QTemporaryDir folder;
    const QString draft = folder.filePath(QStringLiteral("draft.flac"));
    media::WriterSettings settings;
    settings.encoder.codec = media::AudioCodec::Flac;
    auto writer = media::AudioWriter::toFile(draft, settings);
    const std::vector<float> sound(48'000, 0.25F);
    REQUIRE((writer && writer->write(sound) && writer->finish()));
    Segment segment;
    segment.sha256 = *sha256OfFile(draft);
    segment.frames = {48'000};
    FileSourceFactory sources([&](const Sha256&) { return draft; });
    const auto source = sources.open(segment, {4800}, Fetching::Packets);
    const bool isEqual = readAll(*source, {4800}, segment.frames) == std::vector<float>(43'200, 0.25F);
    CHECK(isEqual);
    CHECK(source->packet({4800}).empty());
}

TEST_CASE("A file source that was left behind catches up with the clock")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), 9 * sampleRate, 4);
    FileSourceFactory sources(
        [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); });
    const Segment segment = segmentFor(house);
    const auto source = sources.open(segment, {});
    REQUIRE(readAll(*source, {}, {1000}).size() == 1000);
    // Beyond what lies decoded in the ring.
    const FrameCount later{8 * sampleRate};
    const bool equal = readAll(*source, later, segment.frames) ==
                       std::vector<float>(house.samples.begin() + later.value, house.samples.end());
    CHECK(equal);
}

TEST_CASE("Sources of one file at one time give it each to the sample, also one that stands still meanwhile")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), 12 * sampleRate, 9);
    FileSourceFactory sources(
        [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); });
    const Segment segment = segmentFor(house);
    Segment half = segment;
    half.frames = {6 * sampleRate};
    const auto together = sources.open(segment, {});
    const auto shorter = sources.open(half, {});
    const auto standing = sources.open(segment, {});
    const auto later = sources.open(segment, {4 * sampleRate + 13});
    std::vector<float> first;
    std::vector<float> second;
    for (FrameCount at; at < segment.frames; at += FrameCount{4800}) { // both step by step
        const auto more = readAll(*together, at, at + FrameCount{4800});
        first.insert(first.end(), more.begin(), more.end());
        if (at < half.frames) {
            const auto same = readAll(*shorter, at, at + FrameCount{4800});
            second.insert(second.end(), same.begin(), same.end());
        }
    }
    CHECK((first == house.samples));
    CHECK((second == std::vector<float>(house.samples.begin(), house.samples.begin() + half.frames.value)));
    CHECK((readAll(*standing, {}, segment.frames) == house.samples));
    const FrameCount from{4 * sampleRate + 13};
    CHECK((readAll(*later, from, segment.frames) ==
           std::vector<float>(house.samples.begin() + from.value, house.samples.end())));
}

TEST_CASE("Promise 1: a file altered since it was verified gives nothing", "[promise-1]")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), sampleRate, 5);
    const HouseFile other = makeHouseFile(QDir(folder.path()), sampleRate, 6);
    const auto path = [&](const Sha256&) { return folder.filePath(toString(other.sha256) + QStringLiteral(".opus")); };
    FileSourceFactory ahead(path);
    const auto source = ahead.open(segmentFor(house), {});
    CHECK(readAll(*source, {}, {sampleRate}).empty());
    CHECK(source->failure() == Break::SourceFailed);
    BlockingFileSourceFactory blocking(path);
    const auto second = blocking.open(segmentFor(house), {});
    CHECK(readAll(*second, {}, {sampleRate}).empty());
    CHECK(second->failure() == Break::SourceFailed);
}

TEST_CASE("A missing or short file fails at its end, not before")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), sampleRate, 7);
    const auto path = [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); };
    Segment longer = segmentFor(house);
    longer.frames += FrameCount{500};
    FileSourceFactory sources(path);
    const auto source = sources.open(longer, {});
    CHECK(readAll(*source, {}, longer.frames).size() == static_cast<std::size_t>(sampleRate));
    CHECK(source->failure() == Break::SourceFailed);

    Segment missing = longer;
    missing.sha256 = hashOf("nothing");
    const auto none = sources.open(missing, {});
    CHECK(readAll(*none, {}, missing.frames).empty());
    CHECK(none->failure() == Break::SourceFailed);
}

TEST_CASE("A factory ends while sources are still being decoded")
{
    QTemporaryDir folder;
    const HouseFile house = makeHouseFile(QDir(folder.path()), 20 * sampleRate, 8);
    std::vector<std::unique_ptr<Source>> sources;
    FileSourceFactory factory(
        [&](const Sha256& sha256) { return folder.filePath(toString(sha256) + QStringLiteral(".opus")); });
    for (int count = 0; count < 20; ++count)
        sources.push_back(factory.open(segmentFor(house), {}));
    sources.resize(10);
    CHECK(readAll(*sources[9], {}, {sampleRate}).size() == static_cast<std::size_t>(sampleRate));
    sources.clear();
}

} // namespace loa::playout
