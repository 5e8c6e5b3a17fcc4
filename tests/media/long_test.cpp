// Three hours: memory stays flat, frames stay exact.
#include "tests/media/media_program.h"

#include <QtEndian>

using namespace loa::support;

namespace {

// A 16-bit stereo WAV of `seconds`, written in pieces: the same minute of babble, again and again.
void writeLongWav(const QString& path, int seconds)
{
    const Pcm minute = babble(-14.0, 60.0, 81, 2, 44100);
    REQUIRE(writeWav(path, minute));
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadWrite));
    const QByteArray whole = file.readAll();
    const QByteArray data = whole.mid(44);
    for (int written = 60; written < seconds; written += 60)
        REQUIRE(file.write(data) == data.size());
    const auto patch = [&file](qint64 at, quint32 value) {
        const quint32 little = qToLittleEndian(value);
        REQUIRE(file.seek(at));
        REQUIRE(file.write(reinterpret_cast<const char*>(&little), 4) == 4);
    };
    patch(4, static_cast<quint32>(file.size() - 8));
    patch(40, static_cast<quint32>(file.size() - 44));
}

} // namespace

TEST_CASE("a three-hour WAV is taken within 150 MB", "[long]")
{
    const Workshop shop;
    const QString source = shop.path("long.wav");
    writeLongWav(source, 3 * 3600);
    // The encoder's effort changes the time it takes, not the memory.
    const ProgramRun run = shop.ingest(source, {QStringLiteral("--complexity"), QStringLiteral("0")});
    INFO(run.out.left(500).toStdString() << run.err.toStdString());
    REQUIRE(run.exitCode == 0);
    const QJsonObject result = run.json().value(QStringLiteral("result")).toObject();
    CHECK(number(result, "frames") == 3.0 * 3600 * 48000);
    CHECK(number(result, "integrated_lufs") == Approx(-16.0).margin(0.1));
    CHECK(number(result, "true_peak_dbtp") <= -1.5);
    CHECK(run.peakMemoryKib < 150 * 1024);
    WARN("3 h WAV: " << run.peakMemoryKib / 1024 << " MiB, " << run.wallSeconds << " s, " << run.cpuSeconds
                     << " s of CPU");
}
