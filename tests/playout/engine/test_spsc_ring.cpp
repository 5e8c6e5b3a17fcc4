#include "playout/engine/spsc_ring.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>

namespace loa::playout {

TEST_CASE("A ring gives back what was put in, in order, and says when it is full")
{
    SpscRing<int> ring(4);
    CHECK(ring.isEmpty());
    CHECK(ring.front() == nullptr);
    for (int value = 0; value < 4; ++value) {
        int* slot = ring.claim();
        REQUIRE(slot);
        *slot = value;
        ring.publish();
    }
    CHECK(ring.claim() == nullptr);
    for (int value = 0; value < 4; ++value) {
        REQUIRE(ring.front());
        CHECK(*ring.front() == value);
        ring.pop();
    }
    CHECK(ring.isEmpty());
}

TEST_CASE("Two threads pass slots without one lost, doubled or torn")
{
    struct Slot {
        std::uint64_t number = 0;
        std::uint64_t copies[7] = {};
    };
    constexpr std::uint64_t count = 300'000;
    SpscRing<Slot> ring(64);
    std::thread producer([&] {
        for (std::uint64_t number = 1; number <= count;) {
            Slot* slot = ring.claim();
            if (!slot) {
                std::this_thread::yield();
                continue;
            }
            slot->number = number;
            for (auto& copy : slot->copies)
                copy = number;
            ring.publish();
            ++number;
        }
    });
    std::uint64_t wrong = 0;
    for (std::uint64_t expected = 1; expected <= count;) {
        const Slot* slot = ring.front();
        if (!slot) {
            std::this_thread::yield();
            continue;
        }
        wrong += slot->number == expected ? 0 : 1;
        for (const auto copy : slot->copies)
            wrong += copy == expected ? 0 : 1;
        ring.pop();
        ++expected;
    }
    producer.join();
    CHECK(wrong == 0);
    CHECK(ring.isEmpty());
}

} // namespace loa::playout
