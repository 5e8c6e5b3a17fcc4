#include "media/ffmpeg/decoder.h"
#include "tests/support/audio_process.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <cmath>

using namespace loa;
using namespace loa::media;
using namespace loa::support;

namespace {

std::vector<float> decodeAll(Decoder& decoder)
{
    std::vector<float> samples;
    for (;;) {
        auto block = decoder.read();
        REQUIRE(block);
        if (block->empty())
            return samples;
        samples.insert(samples.end(), block->begin(), block->end());
    }
}

std::vector<float> decodeFile(const QString& path)
{
    auto decoder = Decoder::open(path);
    INFO(path.toStdString());
    REQUIRE(decoder);
    auto samples = decodeAll(*decoder);
    CHECK(decoder->position().value == static_cast<std::int64_t>(samples.size()));
    return samples;
}

// Where `part` fits `whole` best within ±`range` frames, around frame `at`.
int lagOf(const std::vector<float>& whole, const std::vector<float>& part, std::size_t at, int range)
{
    double best = -1e9;
    int bestLag = 0;
    for (int lag = -range; lag <= range; ++lag) {
        double sum = 0.0;
        for (std::size_t index = 0; index < 9600; ++index)
            sum += static_cast<double>(part[at + index]) *
                   static_cast<double>(whole[static_cast<std::size_t>(static_cast<std::int64_t>(at + index) + lag)]);
        if (sum > best) {
            best = sum;
            bestLag = lag;
        }
    }
    return bestLag;
}

// Where 9,600 frames sound loudest, away from both ends.
std::size_t loudestIn(const std::vector<float>& samples)
{
    std::size_t best = 9600;
    double most = 0.0;
    for (std::size_t at = 9600; at + 2 * 9600 < samples.size(); at += 960) {
        double energy = 0.0;
        for (std::size_t index = at; index < at + 9600; ++index)
            energy += static_cast<double>(samples[index]) * static_cast<double>(samples[index]);
        if (energy > most) {
            most = energy;
            best = at;
        }
    }
    return best;
}

void encode(const QString& from, const QString& to, const QStringList& options = {})
{
    mustRun(QStringLiteral("ffmpeg"), QStringList{QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-y"),
                                                  QStringLiteral("-i"), from} +
                                          options + QStringList{to});
}

} // namespace

TEST_CASE("lengths are exact to the frame in every format that states them", "[decoder]")
{
    QTemporaryDir folder;
    struct Source {
        int rate;
        int channels;
        double seconds;
    };
    for (const Source& source :
         {Source{48000, 1, 2.51}, Source{44100, 2, 3.00907}, Source{22050, 1, 2.0}, Source{8000, 1, 1.733}}) {
        const Pcm pcm = babble(-10.0, source.seconds, 21, source.channels, source.rate);
        const QString wav = folder.filePath(QStringLiteral("source.wav"));
        REQUIRE(writeWav(wav, pcm));
        const auto expected = static_cast<std::size_t>(
            std::llround(static_cast<double>(pcm.frames()) * 48000.0 / static_cast<double>(source.rate)));
        const auto original = decodeFile(wav);
        CHECK(original.size() == expected);
        for (const char* ending : {"flac", "mp3", "m4a", "aiff", "au", "caf", "ogg", "mov"}) {
            // At 8 kHz ffmpeg writes a LAME tag that is 7 frames out: the file itself does not know better.
            if (source.rate == 8000 && QByteArray(ending) == "mp3")
                continue;
            const QString path = folder.filePath(QStringLiteral("coded.") + QLatin1String(ending));
            encode(wav, path);
            INFO(ending << " at " << source.rate);
            const auto coded = decodeFile(path);
            CHECK(coded.size() == expected);
            CHECK(lagOf(original, coded, loudestIn(original), 60) == 0);
        }
    }
}

TEST_CASE("Opus is exact to the frame in every container", "[decoder]")
{
    QTemporaryDir folder;
    const Pcm pcm = babble(-10.0, 2.3456, 22);
    const QString wav = folder.filePath(QStringLiteral("source.wav"));
    REQUIRE(writeWav(wav, pcm));
    for (const char* ending : {"opus", "ogg", "webm", "mka", "mp4"}) {
        const QString path = folder.filePath(QStringLiteral("coded.") + QLatin1String(ending));
        encode(wav, path,
               {QStringLiteral("-c:a"), QStringLiteral("libopus"), QStringLiteral("-b:a"), QStringLiteral("64k")});
        INFO(ending);
        const auto coded = decodeFile(path);
        CHECK(coded.size() == static_cast<std::size_t>(pcm.frames()));
        CHECK(lagOf(pcm.samples, coded, loudestIn(pcm.samples), 60) == 0);
    }
}

TEST_CASE("what a wrong length in the container says does not cut sound away", "[decoder]")
{
    QTemporaryDir folder;
    const QString wav = folder.filePath(QStringLiteral("source.wav"));
    REQUIRE(writeWav(wav, babble(-10.0, 5.0, 23)));
    const QString fragmented = folder.filePath(QStringLiteral("fragmented.mp4"));
    encode(wav, fragmented,
           {QStringLiteral("-movflags"), QStringLiteral("empty_moov+frag_keyframe"), QStringLiteral("-frag_duration"),
            QStringLiteral("500000")});
    CHECK(decodeFile(fragmented).size() >= 5 * 48000);

    // The gapless tag claims a tenth of a second.
    const QString tagged = folder.filePath(QStringLiteral("tagged.m4a"));
    encode(wav, tagged,
           {QStringLiteral("-movflags"), QStringLiteral("use_metadata_tags"), QStringLiteral("-metadata"),
            QStringLiteral("iTunSMPB= 00000000 00000400 000001CA 00000000000012C0")});
    CHECK(decodeFile(tagged).size() >= 5 * 48000);
}

TEST_CASE("stereo becomes its mean, and no mix passes full scale", "[decoder]")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("mix.wav"));
    for (const int channels : {2, 6}) {
        REQUIRE(writeWav(path, tone(440.0, 0.0, 1.0, channels), WavSamples::Float32));
        float largest = 0.0F;
        for (const float sample : decodeFile(path))
            largest = std::max(largest, std::abs(sample));
        CHECK(largest <= 1.001F);
        if (channels == 2)
            CHECK(largest == Approx(1.0F).margin(0.001));
    }
    Pcm left = tone(440.0, 0.0, 1.0, 2);
    for (std::size_t index = 1; index < left.samples.size(); index += 2)
        left.samples[index] = 0.0F;
    REQUIRE(writeWav(path, left, WavSamples::Float32));
    const auto mono = decodeFile(path);
    CHECK(mono[1027] == Approx(0.5 * static_cast<double>(left.samples[2 * 1027])).margin(1e-4));
}

TEST_CASE("a resampled tone keeps its level and its place", "[decoder]")
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("tone.wav"));
    for (const int rate : {8000, 16000, 22050, 32000, 44100, 96000, 192000}) {
        REQUIRE(writeWav(path, tone(1000.0, -6.0, 1.0, 1, rate), WavSamples::Float32));
        const auto mono = decodeFile(path);
        REQUIRE(mono.size() == 48000);
        const Pcm ideal = tone(1000.0, -6.0, 1.0);
        for (std::size_t index = 4000; index < 44'000; ++index)
            REQUIRE(std::abs(mono[index] - ideal.samples[index]) < 2e-3F);
    }
}

TEST_CASE("float files may hold anything; what comes out is finite", "[decoder]")
{
    QTemporaryDir folder;
    Pcm pcm = tone(440.0, -6.0, 1.0);
    pcm.samples[100] = std::numeric_limits<float>::quiet_NaN();
    pcm.samples[200] = std::numeric_limits<float>::infinity();
    pcm.samples[300] = -1e30F;
    const QString path = folder.filePath(QStringLiteral("wild.wav"));
    REQUIRE(writeWav(path, pcm, WavSamples::Float32));
    for (const float sample : decodeFile(path))
        REQUIRE(std::abs(sample) <= 64.0F);
}

TEST_CASE("skip() leads to the very frame that reading through would have given", "[decoder]")
{
    QTemporaryDir folder;
    const QString wav = folder.filePath(QStringLiteral("source.wav"));
    const QString mp3 = folder.filePath(QStringLiteral("source.mp3"));
    REQUIRE(writeWav(wav, babble(-10.0, 3.0, 24, 2, 44100)));
    encode(wav, mp3);
    const auto whole = decodeFile(mp3);
    for (const std::int64_t at : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1151}, std::int64_t{100'003}}) {
        auto decoder = Decoder::open(mp3);
        REQUIRE(decoder);
        const auto skipped = decoder->skip(FrameCount{at});
        REQUIRE(skipped);
        CHECK(skipped->value == at);
        CHECK(decoder->position().value == at);
        const auto rest = decodeAll(*decoder);
        CHECK(rest == std::vector<float>(whole.begin() + at, whole.end()));
    }
    auto decoder = Decoder::open(mp3);
    REQUIRE(decoder);
    CHECK(decoder->skip(FrameCount{1'000'000'000})->value == static_cast<std::int64_t>(whole.size()));
    CHECK(decoder->read()->empty());
    CHECK(decoder->read()->empty());
}

TEST_CASE("what is not a sound file is refused with a reason, in both languages", "[decoder]")
{
    QTemporaryDir folder;
    const auto refusal = [&folder](const char* name, const QByteArray& content) {
        const QString path = folder.filePath(QLatin1String(name));
        QFile file(path);
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        auto decoder = Decoder::open(path);
        REQUIRE_FALSE(decoder);
        CHECK_FALSE(decoder.error().message.vi.isEmpty());
        CHECK_FALSE(decoder.error().message.en.isEmpty());
        CHECK(decoder.error().where.contains(path));
        return decoder.error().category;
    };
    CHECK(refusal("empty.mp3", {}) == ErrorCategory::InvalidInput);
    CHECK(refusal("text.mp3", QByteArray("Kính thưa bà con, đây không phải âm thanh.\n").repeated(200)) ==
          ErrorCategory::InvalidInput);
    CHECK(refusal("zeros.wav", QByteArray(100'000, '\0')) == ErrorCategory::InvalidInput);
    auto missing = Decoder::open(folder.filePath(QStringLiteral("none.wav")));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().category == ErrorCategory::NotFound);
    auto directory = Decoder::open(folder.path());
    REQUIRE_FALSE(directory);
    CHECK(directory.error().category == ErrorCategory::InvalidInput);
}

TEST_CASE("a list that names other files is not followed", "[decoder]")
{
    QTemporaryDir folder;
    const QString wav = folder.filePath(QStringLiteral("secret.wav"));
    REQUIRE(writeWav(wav, tone(440.0, -6.0, 2.0)));
    const std::vector<std::pair<const char*, QByteArray>> lists{
        {"a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://" + wav.toUtf8() + "\n#EXT-X-ENDLIST\n"},
        {"a.ffconcat", "ffconcat version 1.0\nfile " + wav.toUtf8() + "\n"},
        {"a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 10\n"},
        {"a.mpd", "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><Period/></MPD>"},
    };
    for (const auto& [name, content] : lists) {
        const QString path = folder.filePath(QLatin1String(name));
        QFile file(path);
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        CHECK_FALSE(Decoder::open(path));
    }
}
