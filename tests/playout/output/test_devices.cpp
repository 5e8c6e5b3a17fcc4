#include "playout/output/output.h"

#include <catch2/catch.hpp>
#include <functional>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

OutputConfig soundConfig(const char* device)
{
    OutputConfig config;
    config.name = QStringLiteral("main");
    config.device = QString::fromLatin1(device);
    if (config.device == u"wav" || config.device == u"flac" || config.device == u"hls")
        config.url = QStringLiteral("/tmp/archive");
    if (config.device == u"icecast") {
        config.url = QStringLiteral("http://127.0.0.1:8000/commune");
        config.password = QStringLiteral("secret");
    }
    if (config.device == u"alsa")
        config.url = QStringLiteral("default");
    if (config.device == u"rtp")
        config.url = QStringLiteral("rtp://239.255.1.2:5004");
    return config;
}

struct Spoilt {
    const char* device;
    const char* key;
    std::function<void(OutputConfig&)> spoil;
};

} // namespace

TEST_CASE("Each device takes a sound configuration, and resolves its defaults")
{
    CHECK(deviceNames() == QStringList{QStringLiteral("null"), QStringLiteral("wav"), QStringLiteral("flac"),
                                       QStringLiteral("icecast"), QStringLiteral("rtp"), QStringLiteral("alsa"),
                                       QStringLiteral("hls")});
    for (const QString& device : deviceNames())
        CHECK(checkOutput(soundConfig(device.toLatin1().constData())));
    CHECK(traitsOf(soundConfig("icecast")).between == BetweenSessions::Silence);
    CHECK(traitsOf(soundConfig("rtp")).between == BetweenSessions::Closed);
    CHECK(traitsOf(soundConfig("rtp")).leadIn == 100ms);
    CHECK(traitsOf(soundConfig("wav")).tail == 0ms);
    CHECK_FALSE(traitsOf(soundConfig("null")).wantsSamples);
    OutputConfig closing = soundConfig("icecast");
    closing.between = BetweenSessions::Closed;
    CHECK(traitsOf(closing).between == BetweenSessions::Closed);
    CHECK(traitsOf(closing).leadIn == 5s);
}

TEST_CASE("A wrong value is refused with its key")
{
    const std::vector<Spoilt> cases{
        {"null", "device", [](OutputConfig& c) { c.device = QStringLiteral("alsa9"); }},
        {"null", "name", [](OutputConfig& c) { c.name = QString(65, u'x'); }},
        {"null", "gain_db", [](OutputConfig& c) { c.gainDb = 0.5; }},
        {"null", "gain_db", [](OutputConfig& c) { c.gainDb = std::numeric_limits<double>::quiet_NaN(); }},
        {"null", "delay", [](OutputConfig& c) { c.delay = -1ms; }},
        {"null", "lead_in", [](OutputConfig& c) { c.leadIn = 9s; }},
        {"null", "timeout", [](OutputConfig& c) { c.timeout = 1ms; }},
        {"null", "url", [](OutputConfig& c) { c.url = QStringLiteral("null:explode"); }},
        {"null", "url", [](OutputConfig& c) { c.url = QStringLiteral("null:stall@soon"); }},
        {"wav", "url", [](OutputConfig& c) { c.url.clear(); }},
        {"wav", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::Mp3; }},
        {"wav", "between", [](OutputConfig& c) { c.between = BetweenSessions::Silence; }},
        {"wav", "time_zone",
         [](OutputConfig& c) {
             c.split = ArchiveSplit::Day;
             c.timeZone = "Asia/Saigon2";
         }},
        {"flac", "budget",
         [](OutputConfig& c) {
             c.split = ArchiveSplit::Day;
             c.archiveBudget = 1;
         }},
        {"alsa", "url", [](OutputConfig& c) { c.url.clear(); }},
        {"alsa", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::L16; }},
        {"alsa", "buffer", [](OutputConfig& c) { c.cardBuffer = 30ms; }},
        {"alsa", "period", [](OutputConfig& c) { c.cardPeriod = 101ms; }},
        {"null", "channel", [](OutputConfig& c) { c.channel = media::Channels::Left; }},
        {"rtp", "channel",
         [](OutputConfig& c) {
             c.codec = media::AudioCodec::Pcmu;
             c.channel = media::Channels::Stereo;
         }},
        {"flac", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::Pcm16; }},
        {"icecast", "url", [](OutputConfig& c) { c.url = QStringLiteral("http://127.0.0.1:8000"); }},
        {"icecast", "url", [](OutputConfig& c) { c.url = QStringLiteral("https://127.0.0.1/x"); }},
        {"icecast", "url", [](OutputConfig& c) { c.url = QStringLiteral("http://a:b@127.0.0.1/x"); }},
        {"icecast", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::L16; }},
        {"icecast", "password", [](OutputConfig& c) { c.password.clear(); }},
        {"icecast", "bit_rate", [](OutputConfig& c) { c.bitRate = 1; }},
        {"rtp", "url", [](OutputConfig& c) { c.url = QStringLiteral("rtp://example.org:5004"); }},
        {"rtp", "url", [](OutputConfig& c) { c.url = QStringLiteral("udp://127.0.0.1:5004"); }},
        {"rtp", "url", [](OutputConfig& c) { c.url = QStringLiteral("rtp://127.0.0.1"); }},
        {"rtp", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::Aac; }},
        {"rtp", "payload_type", [](OutputConfig& c) { c.payloadType = 8; }},
        {"rtp", "packet", [](OutputConfig& c) { c.packetTime = 30ms; }},
        {"rtp", "packet", [](OutputConfig& c) { c.packetTime = 140ms; }},
        {"rtp", "packet",
         [](OutputConfig& c) {
             c.codec = media::AudioCodec::Mp3;
             c.packetTime = 60ms;
         }},
        {"rtp", "packet",
         [](OutputConfig& c) {
             c.codec = media::AudioCodec::Mp3;
             c.packetTime = 96ms;
         }},
        {"rtp", "bit_rate",
         [](OutputConfig& c) {
             c.packetTime = 60ms;
             c.bitRate = 256'000;
         }},
        {"rtp", "bit_rate",
         [](OutputConfig& c) {
             c.packetTime = 120ms;
             c.bitRate = 96'000;
         }},
        {"rtp", "bit_rate",
         [](OutputConfig& c) {
             c.codec = media::AudioCodec::Mp3;
             c.packetTime = 72ms;
             c.bitRate = 160'000;
         }},
        {"rtp", "packet",
         [](OutputConfig& c) {
             c.codec = media::AudioCodec::L16;
             c.packetTime = 20ms;
         }},
        {"rtp", "ttl", [](OutputConfig& c) { c.ttl = 0; }},
        {"rtp", "dscp", [](OutputConfig& c) { c.dscp = 64; }},
        {"hls", "url", [](OutputConfig& c) { c.url.clear(); }},
        {"hls", "codec", [](OutputConfig& c) { c.codec = media::AudioCodec::Mp3; }},
        {"hls", "segment", [](OutputConfig& c) { c.segment = 500ms; }},
        {"rtp", "announce", [](OutputConfig& c) { c.announceTo = QStringLiteral("239.255.255.255"); }},
        {"rtp", "interface", [](OutputConfig& c) { c.interfaceAddress = QStringLiteral("eth0"); }},
    };
    for (const Spoilt& spoilt : cases) {
        OutputConfig config = soundConfig(spoilt.device);
        spoilt.spoil(config);
        const auto checked = checkOutput(config);
        INFO(spoilt.device << " " << spoilt.key);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().where.section(u'.', 1) == QString::fromLatin1(spoilt.key));
        CHECK_FALSE(checked.error().message.vi.isEmpty());
    }
}

} // namespace loa::playout
