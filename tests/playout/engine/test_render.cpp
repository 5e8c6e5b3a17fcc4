#include "playout/engine/render.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/engine/reference_session.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cstring>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

// The sample bundle with real files: "first" and "second" back to back, one more session five minutes later.
struct Programmed {
    Programmed()
    {
        first = makeHouseFile(QDir(folder.path()), 20 * sampleRate + 123, 1);
        second = makeHouseFile(QDir(folder.path()), 7 * sampleRate + 1, 2);
        bundle = sampleBundle();
        record(bundle, 0, first.sha256, first.samples.size());
        record(bundle, 1, second.sha256, second.samples.size());
        BundleSession later = bundle.sessions[0];
        later.id = SessionId{QStringLiteral("session-2")};
        later.startsAt += 5min;
        std::swap(later.airings[0], later.airings[1]);
        later.airings[0].offset = {480};
        later.airings[1].offset = later.airings[0].offset + later.airings[0].frames + FrameCount{2 * sampleRate};
        bundle.sessions.push_back(later);
    }

    // What sounds at each frame after `from`: soft where it meets silence, joined at `from`.
    std::vector<float> reference(UtcTime from, UtcTime to) const
    {
        std::vector<ReferencePlay> plays;
        for (const BundleSession& session : bundle.sessions) {
            const std::int64_t begin =
                std::llround(std::chrono::duration<double>(session.startsAt - from).count() * sampleRate);
            for (const BundleAiring& airing : session.airings) {
                const HouseFile& file = airing.sha256 == first.sha256 ? first : second;
                const auto length = static_cast<std::int64_t>(file.samples.size());
                plays.push_back({begin + airing.offset.value, &file.samples, 0, length, 240, 240});
                // One directly behind the other: no edge between them.
                if (plays.size() > 1 &&
                    plays[plays.size() - 2].origin + plays[plays.size() - 2].until == plays.back().origin) {
                    plays[plays.size() - 2].fall = 0;
                    plays.back().rise = 0;
                }
            }
        }
        return referenceMix(plays, toFrames(to - from).value, 480);
    }

    std::vector<float> render(UtcTime from, UtcTime to)
    {
        const QString out = folder.filePath(QStringLiteral("out.wav"));
        const auto summary = renderToWav(bundle, folder.path(), from, to, out, RenderFormat::PcmFloat);
        if (!summary)
            FAIL(describe(summary.error()).toStdString());
        QFile file(out);
        REQUIRE(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll().mid(44);
        REQUIRE(bytes.size() == 4 * summary->frames.value);
        std::vector<float> samples(static_cast<std::size_t>(summary->frames.value));
        std::memcpy(samples.data(), bytes.constData(), static_cast<std::size_t>(bytes.size()));
        return samples;
    }

    QTemporaryDir folder;
    HouseFile first;
    HouseFile second;
    Bundle bundle;
};

} // namespace

TEST_CASE("Promise 8: a rendered session equals a reference mixer to the sample", "[promise-8]")
{
    Programmed programmed;
    const auto requireEqual = [&](UtcTime from, UtcTime to) {
        const auto expected = programmed.reference(from, to);
        const auto rendered = programmed.render(from, to);
        REQUIRE(rendered.size() == expected.size());
        const bool equal = rendered == expected;
        REQUIRE(equal);
    };
    requireEqual(morning, morning + 30s);               // from the first frame, across the join
    requireEqual(morning - 90s, morning + 7min);        // silence around and between
    requireEqual(morning + 13s + 777us, morning + 21s); // late join, between two frames
    requireEqual(morning + 20s, morning + 20s + 10ms);  // inside the join
    requireEqual(morning + 4min, morning + 5min + 9s);  // ends in mid-item
    requireEqual(morning + 1min, morning + 2min);       // silence alone
}

TEST_CASE("Promise 8: a rendered bundle with a crossfade and a time signal over a bed equals the reference",
          "[promise-8]")
{
    Programmed programmed;
    // Quiet enough that the limiter has nothing to do.
    const QDir folder(programmed.folder.path());
    const HouseFile bed = makeHouseFile(folder, 20 * sampleRate + 123, 4, 0.4F);
    const HouseFile item = makeHouseFile(folder, 7 * sampleRate + 1, 5, 0.4F);
    const HouseFile pips = makeHouseFile(folder, 3 * sampleRate, 3, 0.4F);
    Bundle& bundle = programmed.bundle;
    bundle.media[0].mayFade = true;
    bundle.media[0].sha256 = bundle.sessions[0].airings[0].sha256 = bed.sha256;
    bundle.media[1].sha256 = bundle.sessions[0].airings[1].sha256 = item.sha256;
    BundleMedia signal = bundle.media[1];
    signal.sha256 = pips.sha256;
    signal.item = ItemId{QStringLiteral("pips")};
    signal.frames = {3 * sampleRate};
    bundle.media.push_back(signal);
    std::vector<BundleAiring>& airings = bundle.sessions[0].airings;
    bundle.sessions.resize(1);
    // The bed ends early, falling over two seconds under the beginning of the second item.
    airings[0].frames = {15 * sampleRate + 5};
    airings[0].fadeOut = {2 * sampleRate};
    airings[1].offset = {13 * sampleRate + 5};
    BundleAiring over = airings[1];
    over.id = AiringId{QStringLiteral("airing-pips")};
    over.item = signal.item;
    over.sha256 = pips.sha256;
    over.offset = {6 * sampleRate + 7};
    over.frames = signal.frames;
    over.duckDb = 14;
    over.duckGlide = {sampleRate / 2};
    airings.insert(airings.begin() + 1, over);
    REQUIRE(checkBundle(bundle));
    const ReferenceSession reference(
        {{"bed", 0, 15 * sampleRate + 5, 0, false, 0, 2 * sampleRate, 0, 0, &bed.samples},
         {"pips", 6 * sampleRate + 7, 3 * sampleRate, 0, false, 0, 0, 14, sampleRate / 2, &pips.samples},
         {"item", 13 * sampleRate + 5, static_cast<std::int64_t>(item.samples.size()), 0, false, 0, 0, 0, 0,
          &item.samples}});
    const auto requireEqual = [&](FrameCount from) {
        const auto expected = reference.mix(from.value, {});
        const auto rendered = programmed.render(morning + toDuration(from), morning + 30s);
        REQUIRE(rendered.size() >= expected.size());
        const auto differs = std::mismatch(expected.begin(), expected.end(), rendered.begin()).first;
        INFO("from " << from.value << ", first difference at frame " << differs - expected.begin());
        REQUIRE((differs == expected.end()));
    };
    requireEqual({});
    requireEqual({7 * sampleRate});  // joined beneath the signal
    requireEqual({14 * sampleRate}); // joined in the crossfade

    SECTION("speech may not be treated so")
    {
        bundle.media[0].mayFade = false;
        CHECK_FALSE(checkBundle(bundle));
        const auto summary = renderToWav(bundle, programmed.folder.path(), morning, morning + 30s,
                                         programmed.folder.filePath(QStringLiteral("out.wav")));
        REQUIRE(summary);
        REQUIRE(summary->refusals.size() == 1);
        CHECK(summary->refusals[0].reason == RefusalReason::FramesDiffer);
        CHECK(summary->airings == 2);
    }
}

TEST_CASE("A rendered file has exactly the frames of the interval, and the summary says what is in it")
{
    Programmed programmed;
    const QString out = programmed.folder.filePath(QStringLiteral("out.wav"));
    const auto summary = renderToWav(programmed.bundle, programmed.folder.path(), morning - 1s, morning + 1min, out);
    REQUIRE(summary);
    CHECK(summary->frames == FrameCount{61 * sampleRate});
    CHECK(summary->sounding == FrameCount{27 * sampleRate + 124});
    CHECK(summary->airings == 2);
    CHECK(summary->refusals.empty());
    CHECK(QFileInfo(out).size() == 44 + 2 * 61 * sampleRate);
}

TEST_CASE("Promise 1: rendering refuses what playing would refuse", "[promise-1]")
{
    Programmed programmed;
    const QString path = findMedia(programmed.folder.path(), programmed.second.sha256);
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadWrite));
    REQUIRE(file.seek(file.size() / 2));
    REQUIRE(file.write("x") == 1);
    file.close();
    const QString out = programmed.folder.filePath(QStringLiteral("out.wav"));
    auto summary = renderToWav(programmed.bundle, programmed.folder.path(), morning, morning + 1min, out);
    REQUIRE(summary);
    REQUIRE(summary->refusals.size() == 1);
    CHECK(summary->refusals[0].reason == RefusalReason::MediaAltered);
    CHECK(summary->sounding == FrameCount{20 * sampleRate + 123});
    REQUIRE(QFile::remove(path));
    summary = renderToWav(programmed.bundle, programmed.folder.path(), morning, morning + 1min, out);
    REQUIRE(summary);
    CHECK(summary->refusals[0].reason == RefusalReason::MediaMissing);
}

TEST_CASE("Rendering fails in words, and leaves no half file")
{
    Programmed programmed;
    const QString out = programmed.folder.filePath(QStringLiteral("out.wav"));
    CHECK(renderToWav(programmed.bundle, programmed.folder.path(), morning, morning, out).error().category ==
          ErrorCategory::InvalidInput);
    CHECK(renderToWav(programmed.bundle, out, morning, morning + 1s, out).error().category == ErrorCategory::NotFound);
    const QString nowhere = programmed.folder.filePath(QStringLiteral("no/such/out.wav"));
    CHECK(renderToWav(programmed.bundle, programmed.folder.path(), morning, morning + 1s, nowhere).error().category ==
          ErrorCategory::Storage);
    // An approved file that holds less than was approved.
    programmed.bundle.media[1].frames += FrameCount{1};
    programmed.bundle.sessions[0].airings[1].frames += FrameCount{1};
    const auto shorter = renderToWav(programmed.bundle, programmed.folder.path(), morning, morning + 1min, out);
    REQUIRE_FALSE(shorter);
    CHECK(shorter.error().category == ErrorCategory::Unsupported);
    CHECK_FALSE(QFile::exists(out));
}

} // namespace loa::playout
