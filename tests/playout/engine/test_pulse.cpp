#include "playout/engine/pulse.h"

#include <array>
#include <catch2/catch.hpp>

using namespace loa::playout;
using namespace std::chrono_literals;

TEST_CASE("Promise 7: an output that hangs is no reason to begin anew while another station sounds", "[promise-7]")
{
    const PlayerPulse good{10ms, 20ms};
    const PlayerPulse hangs{10ms, 10min};
    const PlayerPulse stands{1min, 20ms}; // its pump, which may be that of others
    const auto are = [](auto... players) { return areAlive(std::array<PlayerPulse, sizeof...(players)>{players...}); };
    CHECK(are());
    CHECK(are(good));
    CHECK_FALSE(are(hangs)); // nothing sounds at all
    CHECK_FALSE(are(stands));
    CHECK(are(good, hangs));
    CHECK_FALSE(are(hangs, hangs));
    CHECK_FALSE(are(good, stands));
}

TEST_CASE("A pulse tells how long ago a thread came round")
{
    Pulse pulse(5s);
    CHECK(pulse.since(7s) == 2s);
    pulse.beat(8s);
    CHECK(pulse.since(9s) == 1s);
}
