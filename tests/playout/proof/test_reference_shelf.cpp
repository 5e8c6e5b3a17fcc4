#include "media/loudness_meter.h"
#include "playout/proof/reference_shelf.h"
#include "tests/playout/engine/house_files.h"
#include "tests/support/failing_writes.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <thread>

namespace loa::playout {

using namespace test;

TEST_CASE("A print goes to disk and comes back, and a damaged one does not", "[proof]")
{
    Reference print{Print(100), {-2310, -10000, 155}};
    for (std::size_t row = 0; row < print.print.size(); ++row)
        print.print[row][row % media::printBands] = static_cast<std::uint16_t>(row * 600);
    const QByteArray packed = packReference(print);
    CHECK(unpackReference(packed).value() == print);
    CHECK(unpackReference(packReference({})).value() == Reference{});
    for (qsizetype at = 0; at < packed.size(); at += 37) {
        QByteArray damaged = packed;
        damaged[at] = static_cast<char>(damaged[at] ^ 4);
        CHECK_FALSE(unpackReference(damaged));
    }
    for (const qsizetype length : {qsizetype{0}, qsizetype{12}, qsizetype{43}, packed.size() - 1})
        CHECK_FALSE(unpackReference(packed.first(length)));
}

TEST_CASE("A reference is made from the verified file alone, kept, made again, and goes with its file", "[proof]")
{
    const QTemporaryDir folder;
    const QDir media(folder.path());
    const HouseFile house = makeHouseFile(media, 4 * sampleRate, 3);
    const QString path = media.filePath(toString(house.sha256) + QStringLiteral(".opus"));
    const auto direct = referenceOf(path, house.sha256);
    REQUIRE(direct);
    Reference expected = *direct;
    expected.print.clear();
    media::SoundPrinter printer;
    printer.add(house.samples, expected.print);
    CHECK(*direct == expected);
    // As loud, block by block, as libebur128 finds the whole.
    CHECK(direct->loudness.size() == 37);
    auto meter = *media::LoudnessMeter::create(sampleRate, std::array{media::ChannelRole::Center});
    REQUIRE(meter.add(house.samples));
    media::GatedLoudness gated;
    for (const std::int16_t block : direct->loudness)
        gated.add(block / 100.0);
    CHECK(gated.integratedLufs().value() == Approx(meter.integratedLufs().value()).margin(0.06));
    CHECK_FALSE(referenceOf(path, sha256("another")));
    // A stop does not wait for the rest of a long recording.
    const std::atomic<bool> isOver = true;
    const auto left = referenceOf(path, house.sha256, &isOver);
    REQUIRE_FALSE(left);
    CHECK(left.error().category == ErrorCategory::Unavailable);

    const auto mediaPath = [&](const Sha256& sha256) {
        return media.filePath(toString(sha256) + QStringLiteral(".opus"));
    };
    const QString shelfPath = folder.filePath(QStringLiteral("references"));
    const QString stored = shelfPath + u'/' + toString(house.sha256) + QStringLiteral(".print");
    const auto await = [](ReferenceShelf& shelf, const Sha256& sha256) {
        std::shared_ptr<const Reference> print;
        for (int tries = 0; tries < 2'000 && !print; ++tries) { // another thread makes it
            print = shelf.find(sha256);
            if (!print)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return print;
    };
    {
        ReferenceShelf shelf(shelfPath, mediaPath);
        shelf.want(house.sha256);
        const auto print = await(shelf, house.sha256);
        REQUIRE(print);
        CHECK(*print == expected);
        CHECK(QFile::exists(stored));
        shelf.want(sha256("nowhere"));
        CHECK_FALSE(shelf.find(sha256("nowhere")));
    }
    QFile file(stored);
    REQUIRE(file.open(QIODevice::ReadWrite));
    file.seek(40);
    file.write("x");
    file.close();
    {
        ReferenceShelf shelf(shelfPath, mediaPath);
        const auto print = await(shelf, house.sha256);
        REQUIRE(print);
        CHECK(*print == expected);
    }
    QFile::remove(path);
    {
        ReferenceShelf shelf(shelfPath, mediaPath);
        for (int tries = 0; tries < 2'000 && QFile::exists(stored); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CHECK_FALSE(QFile::exists(stored));
    }
}

TEST_CASE("Promise 7: on a full disk a reference is there all the same, and nothing half is left", "[proof][promise-7]")
{
    const QTemporaryDir folder;
    const QDir media(folder.path());
    const HouseFile house = makeHouseFile(media, sampleRate, 3);
    const QString shelfPath = folder.filePath(QStringLiteral("references"));
    const auto find = [&](ReferenceShelf& shelf) {
        std::shared_ptr<const Reference> print;
        for (int tries = 0; tries < 2'000 && !print; ++tries) { // another thread makes it
            print = shelf.find(house.sha256);
            if (!print)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return print;
    };
    const auto mediaPath = [&](const Sha256& sha256) {
        return media.filePath(toString(sha256) + QStringLiteral(".opus"));
    };
    {
        const loa::test::FailingWrites full(0);
        ReferenceShelf shelf(shelfPath, mediaPath);
        CHECK(find(shelf));
        CHECK(full.failed() >= 1);
        CHECK(QDir(shelfPath).entryList(QDir::Files | QDir::Hidden).isEmpty());
    }
    ReferenceShelf shelf(shelfPath, mediaPath);
    CHECK(find(shelf));
    for (int tries = 0; tries < 2'000 && QDir(shelfPath).isEmpty(); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(QDir(shelfPath).entryList(QDir::Files) == QStringList{toString(house.sha256) + QStringLiteral(".print")});
}

} // namespace loa::playout
