// Random damage to real files: whatever comes in, loa-media ends with 0 or 2, in time, with JSON, and leaves nothing on
// a refusal.
#include "tests/media/media_program.h"

#include <random>

using namespace loa::support;

namespace {

QByteArray damaged(const QByteArray& whole, std::mt19937& random)
{
    QByteArray bytes = whole;
    const auto below = [&random](qsizetype limit) {
        return static_cast<qsizetype>(random() % static_cast<unsigned>(std::max<qsizetype>(limit, 1)));
    };
    switch (random() % 4) {
    case 0: // cut off
        bytes.truncate(below(bytes.size()));
        break;
    case 1: // bytes turned over, all along
        for (qsizetype flips = 1 + below(200); flips > 0; --flips)
            bytes[below(bytes.size())] = static_cast<char>(random());
        break;
    case 2: // the header alone
        for (qsizetype flips = 1 + below(12); flips > 0; --flips)
            bytes[below(std::min<qsizetype>(bytes.size(), 256))] = static_cast<char>(random());
        break;
    default: // a piece repeated inside itself
        bytes.insert(below(bytes.size()), whole.mid(below(bytes.size()), below(5000)));
        break;
    }
    return bytes;
}

} // namespace

TEST_CASE("damaged files never crash, hang or leave anything behind", "[hostile]")
{
    const Workshop shop;
    const QString wav = shop.writeSound("whole.wav", babble(-12.0, 2.5, 71, 2, 44100));
    std::vector<QByteArray> wholes;
    std::vector<QByteArray> endings;
    for (const char* name : {"whole.wav", "whole.mp3", "whole.m4a", "whole.ogg", "whole.opus", "whole.flac",
                             "whole.mka", "whole.wma", "whole.aac"}) {
        const QString path = QByteArray(name) == "whole.wav" ? wav : shop.convert(wav, name);
        QFile file(path);
        REQUIRE(file.open(QIODevice::ReadOnly));
        wholes.push_back(file.readAll());
        endings.push_back(QByteArray(name).mid(6));
    }
    std::mt19937 random(20'261'123);
    int takenFiles = 0;
    int refusedFiles = 0;
    for (int round = 0; round < 120; ++round) {
        const std::size_t kind = static_cast<std::size_t>(round) % wholes.size();
        const QByteArray name = "case." + endings[kind];
        const QString path = shop.write(name.constData(), damaged(wholes[kind], random));
        const ProgramRun run = shop.ingest(path, {QStringLiteral("--max-wall-seconds"), QStringLiteral("60"),
                                                  QStringLiteral("--complexity"), QStringLiteral("0")});
        INFO("round " << round << " " << name.toStdString() << ": " << run.out.left(400).toStdString()
                      << run.err.right(2000).toStdString());
        REQUIRE((run.exitCode == 0 || run.exitCode == 2));
        REQUIRE_FALSE(run.json().isEmpty());
        const QStringList left = everythingIn(shop.out);
        if (run.exitCode == 2) {
            ++refusedFiles;
            REQUIRE(left.isEmpty());
            REQUIRE(text(run.json().value(QStringLiteral("error")).toObject(), "category") !=
                    QStringLiteral("internal"));
        } else {
            ++takenFiles;
            REQUIRE(left.size() == 1);
            QDir(shop.out).remove(left.front());
        }
    }
    // Both must occur, or the damage proves nothing.
    CHECK(takenFiles > 10);
    CHECK(refusedFiles > 10);
}

TEST_CASE("random bytes under every name are refused", "[hostile]")
{
    const Workshop shop;
    std::mt19937 random(7);
    for (const char* name :
         {"a.mp3", "a.wav", "a.m4a", "a.ogg", "a.flac", "a.aac", "a.ac3", "a.wma", "a.mka", "a.ts"}) {
        QByteArray bytes(20'000, Qt::Uninitialized);
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        const ProgramRun run = shop.ingest(shop.write(name, bytes));
        INFO(name << run.out.toStdString());
        CHECK(run.exitCode == 2);
        CHECK(everythingIn(shop.out).isEmpty());
    }
}
