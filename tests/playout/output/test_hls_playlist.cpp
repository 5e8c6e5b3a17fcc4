#include "playout/output/hls_playlist.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace std::chrono_literals;

TEST_CASE("A playlist says what RFC 8216 asks of a live one")
{
    HlsPlaylist playlist(1764540000, QStringLiteral("init-1764540000.mp4"), 2000ms);
    CHECK(playlist.text(false) == "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n"
                                  "#EXT-X-MEDIA-SEQUENCE:1764540000\n#EXT-X-DISCONTINUITY-SEQUENCE:1764540000\n"
                                  "#EXT-X-MAP:URI=\"init-1764540000.mp4\"\n");
    const UtcTime start{std::chrono::microseconds(1'796'077'800'123'456)};
    playlist.add({QStringLiteral("segment-1764540000.m4s"), {95232}, start});
    CHECK(playlist.text(true).endsWith("#EXT-X-PROGRAM-DATE-TIME:2026-11-30T22:30:00.123Z\n#EXTINF:1.984000,\n"
                                       "segment-1764540000.m4s\n#EXT-X-ENDLIST\n"));
}

TEST_CASE("Segments leave the playlist first, and their files as much later again")
{
    HlsPlaylist playlist(100, QStringLiteral("init-100.mp4"), 2000ms);
    std::vector<QString> expired;
    for (int number = 100; number < 120; ++number) {
        playlist.add(
            {QStringLiteral("segment-%1.m4s").arg(number), {96000}, UtcTime{std::chrono::seconds(2 * number)}});
        for (const QString& file : playlist.takeExpired())
            expired.push_back(file);
    }
    REQUIRE(expired.size() == 8);
    CHECK(expired.front() == u"segment-100.m4s");
    CHECK(expired.back() == u"segment-107.m4s");
    const QByteArray text = playlist.text(false);
    CHECK(text.contains("#EXT-X-MEDIA-SEQUENCE:114\n"));
    CHECK(text.count("#EXTINF") == 6);
    CHECK_FALSE(text.contains("segment-113.m4s"));
    CHECK(text.endsWith("segment-119.m4s\n"));
}

} // namespace loa::playout
