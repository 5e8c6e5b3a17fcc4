#include "playout/engine/relay_line.h"
#include "playout/engine/relay_networks.h"

#include <QHostAddress>
#include <QStringList>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

using namespace loa;
using namespace loa::playout;

namespace {

std::vector<float> tone(double amplitude, std::size_t frames, std::size_t from = 0)
{
    std::vector<float> samples(frames);
    for (std::size_t index = 0; index < frames; ++index)
        samples[index] = static_cast<float>(
            amplitude * std::sin(2.0 * std::numbers::pi * 997.0 * static_cast<double>(from + index) / sampleRate));
    return samples;
}

// The gain after so many seconds of a tone.
double gainAfter(SlowGain& gain, double amplitude, int seconds)
{
    for (int second = 0; second < seconds; ++second) {
        auto samples = tone(amplitude, static_cast<std::size_t>(sampleRate));
        gain.apply(samples);
    }
    return gain.decibels();
}

bool allows(const RelayNetworks& networks, const char* text)
{
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        return networks.allows(*reinterpret_cast<const sockaddr*>(&six));
    sockaddr_in four{};
    four.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text, &four.sin_addr) == 1);
    return networks.allows(*reinterpret_cast<const sockaddr*>(&four));
}

} // namespace

TEST_CASE("a relay's loudness is led slowly to the house's, within limits", "[relay][line]")
{
    // A sine of 997 Hz at 0 dBFS is -3 LUFS.
    SlowGain loud;
    const double first = gainAfter(loud, 0.5, 2);
    CHECK(first < -1.0);
    CHECK(first > -4.5); // no faster than two decibels a second
    CHECK(gainAfter(loud, 0.5, 10) == Approx(-16.0 + 9.03).margin(0.2));
    SlowGain soft;
    CHECK(gainAfter(soft, 0.05, 4) == Approx(1.8).margin(0.6)); // half a decibel a second
    CHECK(gainAfter(soft, 0.05, 60) == Approx(12.0).margin(0.1));
    const double before = soft.decibels();
    CHECK(gainAfter(soft, 0.0, 30) == before); // silence says nothing of how loud a programme is
}

TEST_CASE("a relay that nobody hears yet is kept up to date, and gives its newest sound first", "[relay][line]")
{
    RelayLine line({{sampleRate}, 1U << 18U, true});
    std::vector<float> samples(4800);
    for (int block = 0; block < 40; ++block) { // four seconds, in a burst
        std::fill(samples.begin(), samples.end(), 0.01F * static_cast<float>(block + 1));
        line.write(samples);
    }
    CHECK(line.buffered().value == 4 * sampleRate);
    line.drain({480});
    CHECK(line.buffered().value == sampleRate);
    std::vector<float> out(960);
    REQUIRE(line.take(out) == 960);
    CHECK(out.front() == Approx(0.31F));
    line.drain({sampleRate}); // held: the pump's alone
    CHECK(line.buffered().value == sampleRate - 960);
    line.hold(false);
    line.drain({960});
    CHECK(line.buffered().value == sampleRate - 2 * 960);
    line.clear();
    CHECK(line.buffered().value == 0);
    CHECK(line.take(out) == 0);
}

TEST_CASE("a relay never takes more than its memory, and counts silence where it is heard", "[relay][line]")
{
    RelayLine line({{sampleRate}, 1U << 18U, false});
    std::vector<float> sound(48'000, 0.1F);
    std::vector<float> silence(48'000);
    line.write(sound);
    line.write(silence);
    CHECK(line.silent().value == 0); // received, not heard
    std::vector<float> out(48'000);
    REQUIRE(line.take(out) == out.size());
    CHECK(line.silent().value == 0);
    REQUIRE(line.take(out) == out.size());
    CHECK(line.silent().value == 48'000);
    while (line.room() >= silence.size())
        line.write(silence);
    CHECK(line.room() < silence.size());
    line.write(std::span(silence).first(line.room()));
    CHECK(line.room() == 0);
    CHECK(line.buffered().value == (1 << 18) - sampleRate);
}

TEST_CASE("a source whose clock is faster or slower than ours is followed softly", "[relay][line]")
{
    for (const int faster : {-24, 24}) { // frames a second: 500 parts in a million
        INFO(faster);
        RelayLine line({{3 * sampleRate}, 1U << 19U, true});
        std::vector<float> in(48'000, 0.1F);
        for (int second = 0; second < 3; ++second)
            line.write(in);
        std::vector<float> out(48'000);
        REQUIRE(line.take(std::span(out).first(1)) == 1);
        std::int64_t farthest = 0;
        for (int second = 0; second < 1200; ++second) {
            std::vector<float> block(static_cast<std::size_t>(48'000 + faster + line.drift()), 0.1F);
            for (std::size_t tenth = 0; tenth < 10; ++tenth) {
                const std::size_t from = block.size() * tenth / 10;
                line.write(std::span(block).subspan(from, block.size() * (tenth + 1) / 10 - from));
                REQUIRE(line.take(std::span(out).first(4800)) == 4800);
            }
            REQUIRE(std::abs(line.drift()) <= 96);
            farthest = std::max(farthest, std::abs(line.buffered().value - 3 * sampleRate));
        }
        // Twenty minutes would have made 0.6 s of it, and an hour would have emptied or filled the buffer.
        CHECK(farthest < 2500 + 4800);
    }
}

TEST_CASE("which networks a relay may be taken from", "[relay]")
{
    const RelayNetworks usual;
    for (const char* allowed : {"8.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "239.1.2.3",
                                "fd00::1", "2001:4860::1", "::ffff:10.0.0.1"}) {
        INFO(allowed);
        CHECK(allows(usual, allowed));
    }
    for (const char* refused : {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "169.254.169.254", "fe80::1",
                                "::", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:169.254.169.254"}) {
        INFO(refused);
        CHECK_FALSE(allows(usual, refused));
    }
    const auto loopback = relayNetworksFromWords({QStringLiteral("loopback")});
    REQUIRE(loopback);
    CHECK(allows(*loopback, "127.0.0.1"));
    CHECK_FALSE(allows(*loopback, "10.0.0.1"));
    CHECK_FALSE(allows(*loopback, "8.8.8.8"));
    CHECK_FALSE(allows(*loopback, "169.254.169.254"));
    CHECK_FALSE(relayNetworksFromWords({QStringLiteral("intranet")}));
}
