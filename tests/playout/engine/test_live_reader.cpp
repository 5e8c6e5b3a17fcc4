// Strangers' streams: what a sender may do, and what comes of it. Small servers in the test itself.
#include "media/ffmpeg/audio_writer.h"
#include "media/ffmpeg/live_reader.h"
#include "playout/engine/relay_networks.h"
#include "tests/playout/engine/hostile_station.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <chrono>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;
using namespace std::chrono_literals;
using media::LiveKind;
using media::LiveReader;

namespace {

media::LiveSettings settingsFor(const QString& address, LiveKind kind = LiveKind::Stream)
{
    media::LiveSettings settings;
    settings.address = address;
    settings.kind = kind;
    settings.openWithin = 1500ms;
    settings.stallAfter = 300ms;
    return settings;
}

// 500 Hz.
QByteArray mp3Of(double seconds)
{
    QByteArray bytes;
    media::WriterSettings settings;
    settings.encoder.codec = media::AudioCodec::Mp3;
    auto writer = media::AudioWriter::toSink(
        [&](std::span<const std::byte> piece) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(piece.data()), static_cast<qsizetype>(piece.size()));
            return {};
        },
        settings);
    REQUIRE(writer);
    REQUIRE(writer->write(support::tone(500.0, -12.0, seconds).samples));
    REQUIRE(writer->finish());
    return bytes;
}

ErrorCategory refusalOf(const media::LiveSettings& settings)
{
    const auto before = std::chrono::steady_clock::now();
    const auto opened = LiveReader::open(settings);
    CHECK(std::chrono::steady_clock::now() - before < 12s);
    if (opened)
        FAIL("opened " << settings.address.toStdString());
    INFO(describe(opened.error()).toStdString());
    CHECK_FALSE(opened.error().where.contains(QStringLiteral("secret")));
    return opened.error().category;
}

} // namespace

TEST_CASE("an endless stream is read as it comes, and its rate is followed to 48 kHz", "[relay][live]")
{
    HostileStation station([](const QByteArray&, const HostileStation::Send& send) {
        send(okHead("audio/wav") + wavHead(24'000));
        while (send(toneBytes(24'000, 2400))) {
        }
    });
    auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/live?key=secret"))));
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().codec == QStringLiteral("pcm_s16le"));
    CHECK(reader->info().sampleRate == 24'000);
    std::vector<float> samples;
    while (samples.size() < 96'000) {
        const auto block = reader->read();
        REQUIRE(block);
        REQUIRE_FALSE(block->empty());
        samples.insert(samples.end(), block->begin(), block->end());
    }
    // 500 Hz: a positive zero crossing each 96 frames.
    int crossings = 0;
    for (std::size_t index = 48'001; index < 96'000; ++index)
        crossings += samples[index - 1] < 0.0F && samples[index] >= 0.0F ? 1 : 0;
    CHECK(crossings == Approx(500).margin(2));
    CHECK(*std::max_element(samples.begin(), samples.end()) == Approx(0.3).margin(0.02));
}

TEST_CASE("a stream that is joined in the middle of a frame is known without 64 KiB of it", "[relay][live]")
{
    const QByteArray stream = mp3Of(4.0).mid(1000 + 27).first(28'000); // and no more: it sends at its own pace
    HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
        send(okHead("audio/mpeg") + stream);
        while (send({}))
            std::this_thread::sleep_for(5ms);
    });
    auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/x"))));
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().codec == QStringLiteral("mp3"));
}

TEST_CASE("a stream that its sender calls by a wrong name is known by what it is", "[relay][live]")
{
    HostileStation station([](const QByteArray&, const HostileStation::Send& send) {
        send(okHead("audio/mpeg") + wavHead(48'000));
        while (send(toneBytes(48'000, 4800))) {
        }
    });
    auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/x"))));
    if (!reader)
        FAIL(describe(reader.error()).toStdString());
    CHECK(reader->info().codec == QStringLiteral("pcm_s16le"));
}

TEST_CASE("drift makes a second of the source longer or shorter, and nothing else", "[relay][live]")
{
    for (const int drift : {-96, 0, 96}) {
        HostileStation station([](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/wav") + wavHead(48'000) + toneBytes(48'000, 480'000));
        });
        auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/live"))));
        REQUIRE(reader);
        reader->setDrift(drift);
        std::int64_t frames = 0;
        for (auto block = reader->read(); block; block = reader->read())
            frames += static_cast<std::int64_t>(block->size());
        CHECK(frames == Approx(480'000 + 10 * drift).margin(100));
    }
}

TEST_CASE("Promise 7: a stream that hangs, drips, lies or ends is an error in good time", "[promise-7][relay][live]")
{
    SECTION("it accepts and says nothing")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            while (send({}))
                std::this_thread::sleep_for(5ms);
        });
        CHECK(refusalOf(settingsFor(station.url(QStringLiteral("/x?secret")))) == ErrorCategory::Unavailable);
    }
    SECTION("it drips bytes that are no sound")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/mpeg"));
            while (send("x"))
                std::this_thread::sleep_for(5ms);
        });
        CHECK(refusalOf(settingsFor(station.url(QStringLiteral("/x")))) == ErrorCategory::Unavailable);
    }
    SECTION("it sends garbage, as much as one takes")
    {
        const QByteArray garbage = [] {
            QByteArray bytes(65'536, '\0');
            for (qsizetype index = 0; index < bytes.size(); ++index)
                bytes[index] = static_cast<char>((index * 2654435761U) >> 13);
            return bytes;
        }();
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/mpeg"));
            while (send(garbage)) {
            }
        });
        const ErrorCategory category = refusalOf(settingsFor(station.url(QStringLiteral("/x"))));
        CHECK((category == ErrorCategory::InvalidInput || category == ErrorCategory::LimitExceeded ||
               category == ErrorCategory::Unavailable));
    }
    SECTION("it is not there")
    {
        HostileStation station(
            [](const QByteArray&, const HostileStation::Send& send) { send("HTTP/1.0 404 Not Found\r\n\r\n"); });
        CHECK(refusalOf(settingsFor(station.url(QStringLiteral("/x")))) == ErrorCategory::NotFound);
    }
    SECTION("it sounds, then hangs")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/wav") + wavHead(48'000) + toneBytes(48'000, 300'000));
            while (send({}))
                std::this_thread::sleep_for(5ms);
        });
        auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/x"))));
        REQUIRE(reader);
        auto block = reader->read();
        while (block)
            block = reader->read();
        CHECK(block.error().category == ErrorCategory::Unavailable);
    }
    SECTION("it sounds, then sends garbage without end")
    {
        const QByteArray sound = mp3Of(4.0);
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/mpeg") + sound);
            while (send(QByteArray(65'536, 'g')))
                std::this_thread::sleep_for(1ms);
        });
        auto reader = LiveReader::open(settingsFor(station.url(QStringLiteral("/x"))));
        REQUIRE(reader);
        std::size_t frames = 0;
        auto block = reader->read();
        for (; block; block = reader->read())
            frames += block->size();
        CHECK(frames < 5 * 48'000);
        CHECK((block.error().category == ErrorCategory::Unavailable ||
               block.error().category == ErrorCategory::InvalidInput));
    }
    SECTION("nobody wants it any more")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            while (send({}))
                std::this_thread::sleep_for(5ms);
        });
        std::atomic<bool> isCancelled = false;
        auto settings = settingsFor(station.url(QStringLiteral("/x")));
        settings.openWithin = 60s;
        settings.stallAfter = 60s;
        settings.isCancelled = [&] { return isCancelled.load(); };
        std::thread canceller([&] {
            std::this_thread::sleep_for(50ms);
            isCancelled = true;
        });
        CHECK(refusalOf(settings) == ErrorCategory::Unavailable);
        canceller.join();
    }
}

TEST_CASE("no stream leads to a file, to another protocol, or where it is not allowed", "[relay][live]")
{
    for (const char* refused :
         {"file:///etc/passwd", "/etc/passwd", "concat:http://127.0.0.1/a|/etc/passwd",
          "data:audio/wav;base64,UklGRg==", "pipe:0", "subfile,,start,0,end,9,,:/etc/passwd", "tcp://127.0.0.1:1",
          "udp://127.0.0.1:5004", "rtp://127.0.0.1:5004", "crypto:/etc/passwd"}) {
        INFO(refused);
        CHECK(refusalOf(settingsFor(QString::fromUtf8(refused))) == ErrorCategory::Forbidden);
    }
    SECTION("by a redirect")
    {
        for (const QByteArray target :
             {"file:///etc/passwd", "concat:/etc/passwd", "rtp://127.0.0.1:5004", "gopher://a/"}) {
            HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
                send("HTTP/1.0 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n");
            });
            INFO(target.toStdString());
            refusalOf(settingsFor(station.url(QStringLiteral("/x"))));
            CHECK(station.asked().size() == 1);
        }
    }
    SECTION("by a redirect to a network that is not allowed")
    {
        HostileStation other([](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/wav") + wavHead(48'000) + toneBytes(48'000, 480'000));
        });
        QString target = other.url(QStringLiteral("/y"));
        target.replace(QStringLiteral("127.0.0.1"), QStringLiteral("127.0.0.2"));
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send("HTTP/1.0 302 Found\r\nLocation: " + other.url(QStringLiteral("/y")).toLatin1() +
                 "\r\nContent-Length: 0\r\n\r\n");
        });
        auto settings = settingsFor(station.url(QStringLiteral("/x")));
        int asked = 0;
        // The first host is allowed once; where it leads to is another matter.
        settings.mayConnect = [&](const sockaddr&) { return ++asked <= 2; };
        CHECK(refusalOf(settings) == ErrorCategory::Forbidden);
    }
    SECTION("by this machine's own address")
    {
        HostileStation station([](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/wav") + wavHead(48'000) + toneBytes(48'000, 480'000));
        });
        auto settings = settingsFor(station.url(QStringLiteral("/x")));
        settings.mayConnect = [](const sockaddr& host) { return RelayNetworks{}.allows(host); };
        CHECK(refusalOf(settings) == ErrorCategory::Forbidden);
        CHECK(station.asked().empty());
    }
}

TEST_CASE("no playlist reads a private file, and none eats the memory", "[relay][live]")
{
    const auto playlistOf = [](const QByteArray& lines) {
        return "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n" + lines;
    };
    SECTION("that names files or other protocols")
    {
        // A file that would sound, so that only the refusal keeps it from doing so.
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("private.mp3"));
        const QByteArray sound = mp3Of(4.0);
        QFile writing(file);
        REQUIRE(writing.open(QIODevice::WriteOnly));
        REQUIRE(writing.write(sound) == sound.size());
        writing.close();
        const QByteArray path = file.toUtf8();

        const auto opened = [&](const QByteArray& piece, LiveKind kind = LiveKind::Hls) {
            HostileStation station([&](const QByteArray& asked, const HostileStation::Send& send) {
                if (asked == "/list.m3u8")
                    send(okHead("application/vnd.apple.mpegurl") +
                         playlistOf("#EXTINF:10,\n" + piece + "\n#EXT-X-ENDLIST\n"));
                else if (asked == "/public.mp3")
                    send(okHead("audio/mpeg") + sound);
                else
                    send("HTTP/1.0 404 Not Found\r\n\r\n");
            });
            return LiveReader::open(settingsFor(station.url(QStringLiteral("/list.m3u8")), kind)).has_value();
        };
        CHECK(opened("public.mp3"));
        for (const QByteArray& piece :
             {"file://" + path, "file:" + path, path, "concat:file://" + path + "|x.mp3", "concat:" + path,
              "crypto:file://" + path, "crypto+file://" + path, "cache:file://" + path, "async:" + path,
              "subfile,,start,0,end,0,,:" + path, "data:audio/mp3;base64," + sound.toBase64(),
              QByteArray("rtp://127.0.0.1:5004/a.mp3")}) {
            INFO(piece.left(120).toStdString());
            CHECK_FALSE(opened(piece));
            CHECK_FALSE(opened(piece, LiveKind::Stream));
        }
    }
    SECTION("whose key is a file")
    {
        HostileStation station([&](const QByteArray& path, const HostileStation::Send& send) {
            if (path == "/list.m3u8")
                send(okHead("application/vnd.apple.mpegurl") +
                     playlistOf("#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n#EXTINF:10,\na.ts\n"));
            else
                send(okHead("video/mp2t") + QByteArray(188 * 100, 'G'));
        });
        refusalOf(settingsFor(station.url(QStringLiteral("/list.m3u8")), LiveKind::Hls));
    }
    SECTION("without end")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("application/vnd.apple.mpegurl") + playlistOf({}));
            const QByteArray many = QByteArray("#EXTINF:1,\na.ts\n").repeated(1000);
            while (send(many)) {
            }
        });
        auto settings = settingsFor(station.url(QStringLiteral("/list.m3u8")), LiveKind::Hls);
        settings.openWithin = 10s;
        CHECK(refusalOf(settings) == ErrorCategory::LimitExceeded);
    }
    SECTION("or that stands where a stream should be")
    {
        HostileStation station([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("audio/mpeg") + "ffconcat version 1.0\nfile /etc/passwd\n" + QByteArray(100'000, ' '));
        });
        refusalOf(settingsFor(station.url(QStringLiteral("/x"))));
        HostileStation list([&](const QByteArray&, const HostileStation::Send& send) {
            send(okHead("application/vnd.apple.mpegurl") + playlistOf("#EXTINF:10,\nfile:///etc/passwd\n"));
        });
        refusalOf(settingsFor(list.url(QStringLiteral("/x.m3u8"))));
        CHECK(list.asked().size() == 1);
    }
}
