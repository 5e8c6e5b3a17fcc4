#include "playout/engine/block_ring.h"

#include <catch2/catch.hpp>
#include <thread>

namespace loa::playout {

namespace {

// Blocks of 8 to 207 bytes, each all of one value.
std::size_t sizeOf(std::uint64_t number)
{
    return 8 + number * 37 % 200;
}

bool put(BlockRing& ring, std::uint64_t number)
{
    std::byte* room = ring.claim(sizeOf(number));
    if (!room)
        return false;
    std::memset(room, static_cast<int>(number % 251), sizeOf(number));
    std::memcpy(room, &number, sizeof number);
    ring.publish();
    return true;
}

bool isWhole(std::span<const std::byte> block, std::uint64_t number)
{
    std::uint64_t read = 0;
    if (block.size() != sizeOf(number))
        return false;
    std::memcpy(&read, block.data(), sizeof read);
    bool equal = read == number;
    for (const std::byte byte : block.subspan(sizeof read))
        equal &= byte == static_cast<std::byte>(number % 251);
    return equal;
}

} // namespace

TEST_CASE("A ring of blocks gives back what was put in, in order, and says when it is full")
{
    BlockRing ring(1024);
    CHECK(ring.isEmpty());
    CHECK(ring.front().data() == nullptr);
    CHECK(ring.claim(1024) == nullptr); // the size stands in it as well
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    for (int turn = 0; turn < 500; ++turn) { // over its end in every way
        while (put(ring, in))
            ++in;
        CHECK(in - out >= 3);
        for (int taken = 0; taken <= turn % 3; ++taken) {
            REQUIRE(isWhole(ring.front(), out++));
            ring.pop();
        }
    }
    while (!ring.isEmpty()) {
        REQUIRE(isWhole(ring.front(), out++));
        ring.pop();
    }
    CHECK(in == out);
}

TEST_CASE("A block that was claimed and not published is not there")
{
    BlockRing ring(256);
    REQUIRE(ring.claim(100));
    CHECK(ring.isEmpty());
    REQUIRE(put(ring, 1));
    CHECK(isWhole(ring.front(), 1));
}

TEST_CASE("Two threads pass blocks without one lost, doubled or torn")
{
    constexpr std::uint64_t count = 200'000;
    BlockRing ring(4096);
    std::thread producer([&] {
        for (std::uint64_t number = 1; number <= count;) {
            if (put(ring, number))
                ++number;
            else
                std::this_thread::yield();
        }
    });
    std::uint64_t wrong = 0;
    for (std::uint64_t expected = 1; expected <= count;) {
        const std::span<const std::byte> block = ring.front();
        if (!block.data()) {
            std::this_thread::yield();
            continue;
        }
        wrong += isWhole(block, expected) ? 0U : 1U;
        ring.pop();
        ++expected;
    }
    producer.join();
    CHECK(wrong == 0);
    CHECK(ring.isEmpty());
}

} // namespace loa::playout
