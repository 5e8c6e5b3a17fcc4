// What loa-media does not take: a reason a person can act on, in both languages, and nothing left behind.
#include "tests/media/media_program.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

using namespace loa::support;

namespace {

QString category(const QJsonObject& error)
{
    return text(error, "category");
}

} // namespace

TEST_CASE("an empty file is refused", "[refusal]")
{
    const Workshop shop;
    const QJsonObject error = shop.refused(shop.write("empty.mp3", {}));
    CHECK(category(error) == QStringLiteral("invalid-input"));
    CHECK(text(error, "message_vi").contains(QStringLiteral("rỗng")));
}

TEST_CASE("a text file named .mp3 is refused", "[refusal]")
{
    const Workshop shop;
    const QByteArray words = QByteArray("Bản tin cải cách hành chính tháng 12.\n");
    for (const int repeats : {1, 10, 5000})
        CHECK(category(shop.refused(shop.write("text.mp3", words.repeated(repeats)))) ==
              QStringLiteral("invalid-input"));
}

TEST_CASE("an MP3 of which less than a second is left is refused as damaged", "[refusal]")
{
    const Workshop shop;
    QFile file(shop.convert(shop.writeSound("whole.wav", babble(-12.0, 10.0, 61)), "whole.mp3"));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    const QJsonObject error = shop.refused(shop.write("cut.mp3", bytes.left(bytes.size() / 20)));
    CHECK(category(error) == QStringLiteral("invalid-input"));
    CHECK(text(error, "message").contains(QStringLiteral("cut off")));
}

TEST_CASE("a video without sound is refused as that; one with sound is taken", "[refusal]")
{
    const Workshop shop;
    mustRun(QStringLiteral("ffmpeg"),
            {QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-f"), QStringLiteral("lavfi"),
             QStringLiteral("-i"), QStringLiteral("testsrc=d=2:s=128x96"), QStringLiteral("-an"),
             shop.path("mute.mp4")});
    const QJsonObject error = shop.refused(shop.path("mute.mp4"));
    CHECK(category(error) == QStringLiteral("unsupported"));
    CHECK(text(error, "message").contains(QStringLiteral("no sound")));
    const QString wav = shop.writeSound("a.wav", babble(-12.0, 2.0, 62));
    mustRun(QStringLiteral("ffmpeg"), {QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-i"),
                                       shop.path("mute.mp4"), QStringLiteral("-i"), wav, shop.path("film.mp4")});
    CHECK(number(shop.taken(shop.path("film.mp4")).value(QStringLiteral("source")).toObject(), "frames") == 2 * 48000);
}

TEST_CASE("encrypted sound is refused as that", "[refusal]")
{
    const Workshop shop;
    const QString wav = shop.writeSound("a.wav", babble(-12.0, 3.0, 63));
    const QString encrypted =
        shop.convert(wav, "protected.mp4",
                     {QStringLiteral("-encryption_scheme"), QStringLiteral("cenc-aes-ctr"),
                      QStringLiteral("-encryption_key"), QStringLiteral("76a6c65c5ea762046bd749a2e632ccbb"),
                      QStringLiteral("-encryption_kid"), QStringLiteral("a7e61c373e219033c21091fa607bf3b8")});
    QJsonObject error = shop.refused(encrypted);
    CHECK(category(error) == QStringLiteral("unsupported"));
    CHECK(text(error, "message").contains(QStringLiteral("encrypted")));

    // An old iTunes purchase: its sample entry is called drms.
    QFile plain(shop.convert(wav, "plain.m4a"));
    REQUIRE(plain.open(QIODevice::ReadOnly));
    QByteArray bytes = plain.readAll();
    REQUIRE(bytes.count("mp4a") >= 1);
    bytes.replace("mp4a", "drms");
    error = shop.refused(shop.write("purchase.m4a", bytes));
    CHECK(category(error) == QStringLiteral("unsupported"));
}

TEST_CASE("a tenth of a second is refused, and the least length is an option", "[refusal]")
{
    const Workshop shop;
    const QString source = shop.writeSound("short.wav", tone(440.0, -10.0, 0.1));
    const QJsonObject error = shop.refused(source);
    CHECK(category(error) == QStringLiteral("invalid-input"));
    CHECK(text(error, "message").contains(QStringLiteral("0.1 s")));
    CHECK(shop.ingest(shop.writeSound("half.wav", tone(440.0, -10.0, 0.5)),
                      {QStringLiteral("--min-seconds"), QStringLiteral("0.4")})
              .exitCode == 0);
}

TEST_CASE("silence alone, and channels that cancel each other, are refused each as what they are", "[refusal]")
{
    const Workshop shop;
    const QJsonObject quiet = shop.refused(shop.writeSound("silence.wav", silence(5.0)));
    CHECK(text(quiet, "message").contains(QStringLiteral("silence")));
    Pcm against = babble(-12.0, 4.0, 64, 2);
    for (std::size_t index = 1; index < against.samples.size(); index += 2)
        against.samples[index] = -against.samples[index];
    const QJsonObject cancelled = shop.refused(shop.writeSound("against.wav", against, WavSamples::Float32));
    CHECK(text(cancelled, "message").contains(QStringLiteral("cancel")));
}

TEST_CASE("a file over the limit of bytes or seconds is refused", "[refusal]")
{
    const Workshop shop;
    const QString source = shop.writeSound("long.wav", babble(-12.0, 5.0, 65));
    CHECK(category(shop.refused(source, {QStringLiteral("--max-bytes"), QStringLiteral("100000")})) ==
          QStringLiteral("limit-exceeded"));
    CHECK(category(shop.refused(source, {QStringLiteral("--max-seconds"), QStringLiteral("3")})) ==
          QStringLiteral("limit-exceeded"));
    // A container that does not state its length: found out while decoding.
    const QString raw = shop.convert(source, "long.aac");
    CHECK(category(shop.refused(raw, {QStringLiteral("--max-seconds"), QStringLiteral("3")})) ==
          QStringLiteral("limit-exceeded"));
}

TEST_CASE("a disk that fills up half way is refused and left clean", "[refusal]")
{
    const Workshop shop;
    const QString source = shop.writeSound("sound.wav", babble(-12.0, 20.0, 66));
    // Files may grow to 1 MB: the spool of 20 s needs 3.8.
    const auto little = [] {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1'000'000, 1'000'000};
        setrlimit(RLIMIT_FSIZE, &limit);
    };
    const ProgramRun run = shop.ingest(source, {}, little);
    CHECK(run.exitCode == 2);
    const QJsonObject error = run.json().value(QStringLiteral("error")).toObject();
    CHECK(category(error) == QStringLiteral("storage"));
    CHECK(text(error, "message_vi").contains(QStringLiteral("đầy")));
    CHECK(everythingIn(shop.out).isEmpty());
}

TEST_CASE("a folder that may not be written to is refused before any work", "[refusal]")
{
    const Workshop shop;
    const QString source = shop.writeSound("sound.wav", babble(-12.0, 2.0, 67));
    const ProgramRun run = runProgram(loaProgram(QStringLiteral("loa-media")),
                                      {QStringLiteral("ingest"), source, QStringLiteral("--out"),
                                       QStringLiteral("/proc/nowhere"), QStringLiteral("--json")});
    CHECK(run.exitCode == 2);
    CHECK(text(run.json().value(QStringLiteral("error")).toObject(), "category") == QStringLiteral("storage"));
}

TEST_CASE("a folder made for a refused file is taken away again", "[refusal]")
{
    const Workshop shop;
    const QString fresh = shop.path("fresh");
    const ProgramRun run = runProgram(loaProgram(QStringLiteral("loa-media")),
                                      {QStringLiteral("ingest"), shop.write("text.mp3", "xin chào"),
                                       QStringLiteral("--out"), fresh, QStringLiteral("--json")});
    CHECK(run.exitCode == 2);
    CHECK_FALSE(QDir(fresh).exists());
}

TEST_CASE("what is no regular file is refused without waiting on it", "[refusal]")
{
    const Workshop shop;
    REQUIRE(mkfifo(shop.path("pipe.mp3").toLocal8Bit().constData(), 0600) == 0);
    CHECK(category(shop.refused(shop.path("pipe.mp3"))) == QStringLiteral("invalid-input"));
    CHECK(category(shop.refused(shop.folder.path())) == QStringLiteral("invalid-input"));
    CHECK(category(shop.refused(QStringLiteral("/dev/zero"))) == QStringLiteral("invalid-input"));
    CHECK(category(shop.refused(shop.path("none.mp3"))) == QStringLiteral("not-found"));
}

TEST_CASE("a file that takes too long is stopped, in CPU time and by the clock", "[refusal]")
{
    const Workshop shop;
    // 40 minutes: more than a second's work for any processor of these years.
    const QString source = shop.convert(shop.writeSound("minute.wav", babble(-12.0, 60.0, 68, 1, 16000)), "long.mp3",
                                        {QStringLiteral("-af"), QStringLiteral("aloop=loop=39:size=960000"),
                                         QStringLiteral("-b:a"), QStringLiteral("32k")});
    CHECK(category(shop.refused(source, {QStringLiteral("--max-wall-seconds"), QStringLiteral("1")})) ==
          QStringLiteral("limit-exceeded"));
    CHECK(category(shop.refused(source, {QStringLiteral("--max-cpu-seconds"), QStringLiteral("1")})) ==
          QStringLiteral("limit-exceeded"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a file that needs too much memory is stopped", "[refusal]")
{
    const Workshop shop;
    const QString source = shop.writeSound("sound.wav", babble(-12.0, 30.0, 69));
    const QJsonObject error = shop.refused(source, {QStringLiteral("--max-memory"), QStringLiteral("64")});
    CHECK(category(error) == QStringLiteral("limit-exceeded"));
}
#endif
