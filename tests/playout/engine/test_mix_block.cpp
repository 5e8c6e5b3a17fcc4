#include "playout/engine/mix_block.h"
#include "playout/engine/spsc_ring.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <deque>
#include <random>
#include <thread>

namespace loa::playout {

namespace {

// Blocks of 8 to 207 bytes, each all of one value behind its number.
std::vector<std::byte> bytesOf(std::int64_t number)
{
    std::vector<std::byte> bytes(static_cast<std::size_t>(8 + number * 37 % 200), static_cast<std::byte>(number % 251));
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

HeldBlock make(BlockPool& pool, std::int64_t number)
{
    return pool.make({{number}, {number % 960}}, bytesOf(number));
}

bool isWhole(const MixBlock& block, std::int64_t number)
{
    const std::vector<std::byte> bytes = bytesOf(number);
    return block.head().position == FrameCount{number} && block.head().frames == FrameCount{number % 960} &&
           std::equal(bytes.begin(), bytes.end(), block.bytes().begin(), block.bytes().end());
}

} // namespace

TEST_CASE("A block stays as it was made while somebody holds it, and its room is used again afterwards")
{
    BlockPool pool;
    std::minstd_rand random(7);
    std::deque<std::pair<HeldBlock, std::int64_t>> held; // several may hold one
    std::size_t most = 0;
    for (std::int64_t number = 0; number < 20'000; ++number) {
        const HeldBlock block = make(pool, number);
        for (std::uint_fast32_t holders = random() % 3; holders > 0; --holders)
            held.emplace_back(block, number);
        while (held.size() > 20) { // some out of turn
            const auto one = held.begin() + static_cast<std::ptrdiff_t>(random() % 4 == 0 ? random() % held.size() : 0);
            REQUIRE(isWhole(*one->first, one->second));
            held.erase(one);
        }
        most = std::max(most, held.size());
    }
    for (const auto& [block, number] : held)
        REQUIRE(isWhole(*block, number));
    CHECK(pool.size() <= most + 1);
}

TEST_CASE("A block outlives its pool in the hands of who holds it")
{
    HeldBlock held;
    CHECK_FALSE(held);
    {
        BlockPool pool;
        pool.reserve(4, 300);
        CHECK(pool.size() == 4);
        held = make(pool, 1);
        CHECK(pool.size() == 4);
    }
    REQUIRE(held);
    CHECK(isWhole(*held, 1));
    const HeldBlock second = held;
    held = {};
    CHECK_FALSE(held);
    CHECK(isWhole(*second, 1));
}

TEST_CASE("Outputs on threads of their own get each block whole, however late they are")
{
    constexpr std::int64_t count = 50'000;
    BlockPool pool;
    struct Output {
        SpscRing<HeldBlock> ring{16};
        std::int64_t wrong = 0;
        std::thread thread;
    };
    std::array<Output, 3> outputs;
    for (std::size_t index = 0; index < outputs.size(); ++index) {
        Output& output = outputs[index];
        output.thread = std::thread([&output, index] {
            HeldBlock last; // one holds on to what it had before
            for (std::int64_t expected = 0; expected < count;) {
                HeldBlock* slot = output.ring.front();
                if (!slot) {
                    std::this_thread::yield();
                    continue;
                }
                HeldBlock block = std::move(*slot);
                output.ring.pop();
                output.wrong += isWhole(*block, expected) ? 0 : 1;
                output.wrong += index == 0 && last && !isWhole(*last, expected - 1) ? 1 : 0;
                last = std::move(block);
                ++expected;
            }
        });
    }
    for (std::int64_t number = 0; number < count; ++number) {
        const HeldBlock block = make(pool, number);
        for (Output& output : outputs) {
            HeldBlock* slot = nullptr;
            while (!(slot = output.ring.claim()))
                std::this_thread::yield();
            *slot = block;
            output.ring.publish();
        }
    }
    for (Output& output : outputs) {
        output.thread.join();
        CHECK(output.wrong == 0);
    }
    CHECK(pool.size() <= 16 + 2 + 2);
}

} // namespace loa::playout
