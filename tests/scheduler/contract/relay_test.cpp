#include "scheduler/contract/relay.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <catch2/catch.hpp>

using namespace loa;
using loa::test::sampleBundleWithRelay;
using loa::test::sampleRelay;
using loa::test::testKey;
using namespace Qt::StringLiterals;

namespace {

QString whereOf(const RelayDefinition& relay)
{
    const auto checked = checkRelay(relay);
    return checked ? u"accepted"_s : checked.error().where;
}

QString whereOfAddress(const QString& address, RelayKind kind = RelayKind::Stream)
{
    RelayDefinition relay = sampleRelay();
    relay.kind = kind;
    relay.addresses = {address};
    return whereOf(relay);
}

} // namespace

TEST_CASE("Promise 1: an approved relay is its exact definition", "[promise-1][relay]")
{
    const RelayDefinition relay = sampleRelay();
    const auto again = relayDefinitionFromJson(toJson(relay));
    REQUIRE(again);
    CHECK(*again == relay);
    CHECK(hashOf(*again) == hashOf(relay));

    const auto changed = [&](auto change) {
        RelayDefinition other = relay;
        change(other);
        return hashOf(other) != hashOf(relay);
    };
    CHECK(changed([](RelayDefinition& other) { other.name += u'!'; }));
    CHECK(changed([](RelayDefinition& other) { other.kind = RelayKind::Hls; }));
    CHECK(changed([](RelayDefinition& other) { std::swap(other.addresses[0], other.addresses[1]); }));
    CHECK(changed([](RelayDefinition& other) { other.addresses[0] += u'x'; }));
    CHECK(changed([](RelayDefinition& other) { other.silence += std::chrono::seconds(1); }));
    CHECK(changed([](RelayDefinition& other) { other.standby.reset(); }));
    CHECK(changed([](RelayDefinition& other) { other.unit = {u"unit-b"_s}; }));
    CHECK(changed([](RelayDefinition& other) { other.rtp = media::RtpMap{96, u"opus"_s, 48'000, 2}; }));

    // A consent given before there were formats is to the same hash.
    CHECK_FALSE(toJson(relay).contains(u"rtpmap"_s));
    RelayDefinition rtp = relay;
    rtp.rtp = media::RtpMap{97, u"L16"_s, 48'000, 1};
    const auto readBack = relayDefinitionFromJson(toJson(rtp));
    REQUIRE(readBack);
    CHECK(*readBack == rtp);
}

TEST_CASE("a relay's addresses are http, https or rtp, whole, and without secrets", "[relay]")
{
    CHECK(whereOf(sampleRelay()) == u"accepted"_s);
    CHECK(whereOfAddress(u"http://10.0.0.5:8000/vov1"_s) == u"accepted"_s);
    CHECK(whereOfAddress(u"http://[fd00::5]:8000/vov1"_s) == u"accepted"_s);
    CHECK(whereOfAddress(u"https://a.vn/list.m3u8?x=1"_s, RelayKind::Hls) == u"accepted"_s);
    CHECK(whereOfAddress(u"rtp://239.1.2.3:5004"_s, RelayKind::Rtp) == u"accepted"_s);
    for (const char* refused : {"",
                                "vov1",
                                "file:///etc/passwd",
                                "//host/x",
                                "http://",
                                "http:///x",
                                "ftp://a/x",
                                "concat:http://a/x",
                                "http://user:word@a.vn/x",
                                "http://user@a.vn/x",
                                "http://a.vn/x y",
                                "http://a.vn/\nHost:b",
                                "http://a.vn/x#f",
                                "rtp://239.1.2.3:5004",
                                "pipe:0",
                                "data:audio/mp3;base64,AA",
                                "crypto+http://a/x",
                                "HTTP\t://a",
                                "tcp://a:1",
                                "http://a.vn\\@b/x",
                                "udp://239.1.2.3:5004"}) {
        INFO(refused);
        CHECK(whereOfAddress(QString::fromUtf8(refused)) == u"/addresses/0"_s);
    }
    for (const char* refused : {"rtp://239.1.2.3", "rtp://239.1.2.3:5005", "rtp://239.1.2.3:80", "http://a/x",
                                "rtp://239.1.2.3:5004?localrtcpport=22", "rtp://239.1.2.3:5004/x"}) {
        INFO(refused);
        CHECK(whereOfAddress(QString::fromUtf8(refused), RelayKind::Rtp) == u"/addresses/0"_s);
    }
    CHECK(whereOfAddress(u"http://a/"_s + QString(500, u'x')) == u"/addresses/0"_s);
}

TEST_CASE("a relay source has bounds", "[relay]")
{
    const auto with = [](auto change) {
        RelayDefinition relay = sampleRelay();
        change(relay);
        return whereOf(relay);
    };
    CHECK(with([](RelayDefinition& relay) { relay.addresses.clear(); }) == u"/addresses"_s);
    CHECK(with([](RelayDefinition& relay) { relay.addresses.resize(5); }) == u"/addresses"_s);
    CHECK(with([](RelayDefinition& relay) { relay.addresses[1] = relay.addresses[0]; }) == u"/addresses/0"_s);
    CHECK(with([](RelayDefinition& relay) { relay.silence = std::chrono::seconds(4); }) == u"/silence_seconds"_s);
    CHECK(with([](RelayDefinition& relay) { relay.silence = std::chrono::seconds(601); }) == u"/silence_seconds"_s);
    CHECK(with([](RelayDefinition& relay) { relay.name = u"  "_s; }) == u"/name"_s);
    CHECK(with([](RelayDefinition& relay) { relay.standby = ItemId{u"A"_s}; }) == u"/standby_item_id"_s);
}

TEST_CASE("a relay has an RTP format only where packets come by RTP", "[relay]")
{
    RelayDefinition relay = sampleRelay();
    relay.rtp = media::RtpMap{96, u"opus"_s, 48'000, 2};
    CHECK(whereOf(relay) == u"/rtpmap"_s);
    relay.kind = RelayKind::Rtp;
    relay.addresses = {u"rtp://239.1.2.3:5004"_s};
    CHECK(whereOf(relay) == u"accepted"_s);
}

TEST_CASE("an RTP format is read as a session description writes it", "[relay][rtp]")
{
    const auto read = [](const char16_t* text) {
        const auto map = media::rtpMapFrom(QString::fromUtf16(text));
        return map ? media::toString(*map) : u"refused: "_s + map.error().message.en.left(20);
    };
    CHECK(read(u"96 opus/48000/2") == u"96 opus/48000/2"_s);
    CHECK(read(u" a=rtpmap:111 OPUS/48000/2 ") == u"111 opus/48000/2"_s);
    CHECK(read(u"97 l16/44100") == u"97 L16/44100"_s);
    CHECK(read(u"97 L24/48000/2") == u"97 L24/48000/2"_s);
    CHECK(read(u"127 PCMU/16000/1") == u"127 PCMU/16000"_s);
    CHECK(read(u"98 G722/8000") == u"98 G722/8000"_s);
    for (const char16_t* wrong : {u"", u"96", u"opus/48000/2", u"95 opus/48000/2", u"128 L16/48000", u"96 opus/44100/2",
                                  u"96 opus/48000", u"96 L16/7000", u"96 L16/48000/9", u"96 mpeg4-generic/48000",
                                  u"96 L16/48000\r\nm=video 1", u"96 L16/48000/2 x", u"99999999999 L16/48000"}) {
        INFO(QString::fromUtf16(wrong).toStdString());
        CHECK_FALSE(media::rtpMapFrom(QString::fromUtf16(wrong)));
    }
}

TEST_CASE("what logs show of an address holds no token", "[relay]")
{
    CHECK(shownAddress(u"http://10.1.2.3:8000/vov1?key=abc"_s) == u"http://10.1.2.3:8000/vov1"_s);
    CHECK(shownAddress(u"http://u:p@a.vn/x#k"_s) == u"http://a.vn/x"_s);
}

TEST_CASE("shares of a relay read back, and nothing else does", "[relay]")
{
    const std::vector<RelayShare> shares{{0, {48'000}}, {3, {1}}, {standbyShare, {960}}};
    CHECK(sharesToText(shares) == u"address-1=48000 address-4=1 standby=960"_s);
    CHECK(sharesFromText(sharesToText(shares)) == shares);
    CHECK(sharesFromText(u"")->empty());
    for (const char16_t* refused : {u"address-0=1", u"address-5=1", u"standby=0", u"standby=-1", u"standby", u"=1",
                                    u"standby=1 standby=2", u"address-+1=3", u"standby=99999999999999999999"})
        CHECK_FALSE(sharesFromText(refused));
}

TEST_CASE("Promise 1: a bundle holds a relay with its approval, and none without", "[promise-1][bundle][relay]")
{
    const Bundle bundle = sampleBundleWithRelay();
    const auto sealed = sealBundle(bundle, testKey(1));
    REQUIRE(sealed);
    const auto opened = openBundle(*sealed, testKey(1).verifyKey());
    REQUIRE(opened);
    CHECK(*opened == bundle);

    const auto placeOf = [&](auto change) {
        Bundle other = bundle;
        change(other);
        const auto checked = checkBundle(other);
        return checked ? u"accepted"_s : checked.error().where;
    };
    CHECK(placeOf([](Bundle& b) { b.relays[0].definition.addresses[0] += u"2"_s; }) == u"/relays/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays[0].approval.approvedByName.clear(); }) == u"/relays/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays[0].approved = {}; }) == u"/relays/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays[0].standby = b.media[1].sha256; }) == u"/relays/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays[0].standby = sha256("other"); }) == u"/relays/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays.push_back(b.relays[0]); }) == u"/relays/1"_s);
    CHECK(placeOf([](Bundle& b) {
              b.relays[0].definition.addresses[0] = u"file:///etc/passwd"_s;
              b.relays[0].approved = hashOf(b.relays[0].definition);
          }) == u"/relays/0/addresses/0"_s);
    CHECK(placeOf([](Bundle& b) { b.relays.clear(); }) == u"/sessions/0/airings/2"_s);
    CHECK(placeOf([](Bundle& b) { b.sessions[0].airings[2].sha256 = sha256("other"); }) == u"/sessions/0/airings/2"_s);
    CHECK(placeOf([](Bundle& b) { b.sessions[0].airings[2].item = {u"item-1"_s}; }) == u"/sessions/0/airings/2"_s);
    CHECK(placeOf([](Bundle& b) { b.sessions[0].airings[2].offset.value = 179 * sampleRate; }) ==
          u"/sessions/0/airings/2"_s);
    CHECK(placeOf([](Bundle& b) { b.sessions[0].airings[2].frames.value = 601 * sampleRate; }) ==
          u"/sessions/0/airings/2"_s);
    CHECK(placeOf([](Bundle& b) { b.relays[0].standby.reset(); }) == u"accepted"_s);
}
