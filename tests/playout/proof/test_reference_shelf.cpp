#include "playout/proof/reference_shelf.h"
#include "tests/playout/engine/house_files.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <thread>

namespace loa::playout {

using namespace test;

TEST_CASE("A print goes to disk and comes back, and a damaged one does not", "[proof]")
{
    Print print(100);
    for (std::size_t row = 0; row < print.size(); ++row)
        print[row][row % media::printBands] = static_cast<std::uint16_t>(row * 600);
    const QByteArray packed = packPrint(print);
    CHECK(unpackPrint(packed).value() == print);
    CHECK(unpackPrint(packPrint({})).value().empty());
    for (qsizetype at = 0; at < packed.size(); at += 37) {
        QByteArray damaged = packed;
        damaged[at] = static_cast<char>(damaged[at] ^ 4);
        CHECK_FALSE(unpackPrint(damaged));
    }
    for (const qsizetype length : {qsizetype{0}, qsizetype{12}, qsizetype{43}, packed.size() - 1})
        CHECK_FALSE(unpackPrint(packed.first(length)));
}

TEST_CASE("A reference is made from the verified file alone, kept, made again, and goes with its file", "[proof]")
{
    const QTemporaryDir folder;
    const QDir media(folder.path());
    const HouseFile house = makeHouseFile(media, 4 * sampleRate, 3);
    const QString path = media.filePath(toString(house.sha256) + QStringLiteral(".opus"));
    const auto direct = printOfHouseFile(path, house.sha256);
    REQUIRE(direct);
    Print expected;
    media::SoundPrinter printer;
    printer.add(house.samples, expected);
    CHECK(*direct == expected);
    CHECK_FALSE(printOfHouseFile(path, sha256("another")));

    const auto mediaPath = [&](const Sha256& sha256) {
        return media.filePath(toString(sha256) + QStringLiteral(".opus"));
    };
    const QString shelfPath = folder.filePath(QStringLiteral("references"));
    const QString stored = shelfPath + u'/' + toString(house.sha256) + QStringLiteral(".print");
    const auto await = [](ReferenceShelf& shelf, const Sha256& sha256) {
        std::shared_ptr<const Print> print;
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

} // namespace loa::playout
