#include "playout/output/hls_playlist.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

HlsSegment segment(int number, std::int64_t frames = 96000)
{
    return {QStringLiteral("segment-%1.m4s").arg(number), {frames}, UtcTime{std::chrono::seconds(2 * number)}};
}

} // namespace

TEST_CASE("A playlist says what RFC 8216 asks of a live one")
{
    HlsPlaylist playlist(1764540000, 2000ms);
    playlist.beginRun(QStringLiteral("init-1764540000.mp4"));
    const UtcTime start{std::chrono::microseconds(1'796'077'800'123'456)};
    playlist.add({QStringLiteral("segment-1764540000.m4s"), {95232}, start});
    CHECK(playlist.text() == "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n"
                             "#EXT-X-MEDIA-SEQUENCE:1764540000\n#EXT-X-DISCONTINUITY-SEQUENCE:1764540000\n"
                             "#EXT-X-MAP:URI=\"init-1764540000.mp4\"\n"
                             "#EXT-X-PROGRAM-DATE-TIME:2026-11-30T22:30:00.123Z\n#EXTINF:1.984000,\n"
                             "segment-1764540000.m4s\n");
    playlist.beginRun(QStringLiteral("init-1764540001.mp4"));
    playlist.add({QStringLiteral("segment-1764540001.m4s"), {48000}, start + 1h});
    CHECK(playlist.text().endsWith("segment-1764540000.m4s\n#EXT-X-DISCONTINUITY\n"
                                   "#EXT-X-MAP:URI=\"init-1764540001.mp4\"\n"
                                   "#EXT-X-PROGRAM-DATE-TIME:2026-11-30T23:30:00.123Z\n#EXTINF:1.000000,\n"
                                   "segment-1764540001.m4s\n"));
}

TEST_CASE("Segments leave the playlist first, and their files when an older list has run out, too")
{
    HlsPlaylist playlist(100, 2000ms);
    playlist.beginRun(QStringLiteral("init-100.mp4"));
    std::vector<QString> expired;
    for (int number = 100; number < 120; ++number) {
        if (number == 103)
            playlist.beginRun(QStringLiteral("init-103.mp4"));
        playlist.add(segment(number));
        for (const QString& file : playlist.takeExpired())
            expired.push_back(file);
    }
    REQUIRE(expired.size() == 8);
    CHECK(expired[0] == u"segment-100.m4s");
    CHECK(expired[3] == u"init-100.mp4");
    CHECK(expired[7] == u"segment-106.m4s");
    CHECK(playlist.holds(QStringLiteral("init-103.mp4")));
    const QByteArray text = playlist.text();
    CHECK(text.contains("#EXT-X-MEDIA-SEQUENCE:114\n"));
    CHECK(text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:101\n")); // with the tag before 103
    CHECK_FALSE(text.contains("#EXT-X-DISCONTINUITY\n"));
    CHECK(text.count("#EXTINF") == 6);
    CHECK_FALSE(text.contains("segment-113.m4s"));
    CHECK(text.endsWith("segment-119.m4s\n"));
}

TEST_CASE("A playlist of segments cut short lists more of them, three target durations at least")
{
    HlsPlaylist playlist(100, 2000ms);
    playlist.beginRun(QStringLiteral("init-100.mp4"));
    for (int number = 100; number < 200; ++number) {
        playlist.add(segment(number, number < 110 ? 96000 : 24000));
        static_cast<void>(playlist.takeExpired());
    }
    CHECK(playlist.text().count("#EXTINF:0.500000") == 12);
    CHECK(playlist.files().size() < 30); // bounded
}

TEST_CASE("A playlist goes on behind the text of an earlier one, number by number")
{
    HlsPlaylist before(100, 2000ms);
    for (int number = 100; number < 117; ++number) {
        if (number % 4 == 0)
            before.beginRun(QStringLiteral("init-%1.mp4").arg(number));
        before.add(segment(number, 95232 + number));
        static_cast<void>(before.takeExpired());
        auto after = HlsPlaylist::behind(before.text(), 2000ms);
        REQUIRE(after);
        CHECK(after->text() == before.text());
        CHECK(after->nextSequence() == number + 1);
    }
    auto after = HlsPlaylist::behind(before.text(), 2000ms);
    REQUIRE(after);
    after->beginRun(QStringLiteral("init-117.mp4"));
    before.beginRun(QStringLiteral("init-117.mp4"));
    for (int number = 117; number < 140; ++number) {
        after->add(segment(number));
        before.add(segment(number));
        CHECK(after->text() == before.text());
        static_cast<void>(after->takeExpired());
        static_cast<void>(before.takeExpired());
    }
    // Another target duration: none of the segments any more, and no number again.
    auto longer = HlsPlaylist::behind(before.text(), 6000ms);
    REQUIRE(longer);
    longer->beginRun(QStringLiteral("init-140.mp4"));
    longer->add(segment(140));
    CHECK(longer->text().contains("#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:140\n"
                                  "#EXT-X-DISCONTINUITY-SEQUENCE:105\n#EXT-X-DISCONTINUITY\n"));
    CHECK(longer->text().count("#EXTINF") == 1);
}

TEST_CASE("What is no playlist of ours is not gone on with, and names no file to remove")
{
    HlsPlaylist playlist(100, 2000ms);
    playlist.beginRun(QStringLiteral("init-100.mp4"));
    playlist.add(segment(100));
    const QByteArray good = playlist.text();
    REQUIRE(HlsPlaylist::behind(good, 2000ms));
    CHECK(HlsPlaylist::behind(good + "#EXT-X-ENDLIST\n", 2000ms)); // as lists once ended
    CHECK_FALSE(HlsPlaylist::behind({}, 2000ms));
    CHECK_FALSE(HlsPlaylist::behind(QByteArray(500, '\0'), 2000ms));
    for (const auto& [from, to] : {std::pair("segment-100.m4s", "../../etc/passwd"),
                                   {"segment-100.m4s", "segment-x.m4s"},
                                   {"init-100.mp4", "/init-100.mp4"},
                                   {"SEQUENCE:100", "SEQUENCE:-5"},
                                   {"SEQUENCE:100", "SEQUENCE:many"},
                                   {"#EXTINF:2.000000", "#EXTINF:0"},
                                   {"#EXT-X-MAP", "#"}}) {
        INFO(to);
        CHECK_FALSE(HlsPlaylist::behind(QByteArray(good).replace(from, to), 2000ms));
    }
}

} // namespace loa::playout
