#include "playout/engine/jitter_buffer.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

using namespace loa::playout;

namespace {

std::vector<std::uint8_t> packetOf(std::uint32_t sequence)
{
    std::vector<std::uint8_t> bytes(4 + sequence % 40);
    for (std::size_t index = 0; index < bytes.size(); ++index)
        bytes[index] = static_cast<std::uint8_t>(sequence >> (8 * (index % 4)));
    return bytes;
}

std::uint32_t sequenceOf(const SpeechPacket& packet)
{
    std::uint32_t sequence = 0;
    for (std::size_t index = 0; index < 4; ++index)
        sequence |= static_cast<std::uint32_t>(packet.bytes[index]) << (8 * index);
    return sequence;
}

// Packets that leave every 20 ms, and arrive after the delays given; the reader takes one every 20 ms.
struct Line {
    JitterBuffer buffer;
    std::multimap<std::int64_t, std::uint32_t> onTheWay; // by arrival, ms
    std::vector<std::uint32_t> heard;                    // in order
    int missing = 0;
    int leftOut = 0;
    bool ended = false;
    std::int64_t longestDelay = 0; // from leaving to being heard, ms

    void run(std::int64_t milliseconds)
    {
        for (std::int64_t now = m_now; now < m_now + milliseconds; ++now) {
            while (!onTheWay.empty() && onTheWay.begin()->first <= now) {
                const std::uint32_t sequence = onTheWay.begin()->second;
                onTheWay.erase(onTheWay.begin());
                buffer.put(sequence, packetOf(sequence));
            }
            if (now % 20 != 7)
                continue;
            SpeechPacket packet;
            JitterBuffer::Turn turn = buffer.take(packet);
            if (turn == JitterBuffer::Turn::LeaveOut) { // its time is the next one's
                ++leftOut;
                heard.push_back(sequenceOf(packet));
                turn = buffer.take(packet);
            }
            switch (turn) {
            case JitterBuffer::Turn::LeaveOut:
                FAIL("two packets left out in one turn");
                break;
            case JitterBuffer::Turn::Packet:
                heard.push_back(sequenceOf(packet));
                longestDelay = std::max(longestDelay, now - 20 * static_cast<std::int64_t>(heard.back()));
                break;
            case JitterBuffer::Turn::Missing:
                ++missing;
                break;
            case JitterBuffer::Turn::Ended:
                ended = true;
                break;
            case JitterBuffer::Turn::Waiting:
                break;
            }
        }
        m_now += milliseconds;
    }

private:
    std::int64_t m_now = 0;
};

} // namespace

TEST_CASE("On a good line every packet is heard once, in order, 60 ms later", "[speech]")
{
    Line line;
    for (std::uint32_t sequence = 0; sequence < 500; ++sequence)
        line.onTheWay.emplace(20 * sequence + 5, sequence);
    line.run(10'000);
    REQUIRE(line.heard.size() >= 490);
    for (std::size_t index = 0; index < line.heard.size(); ++index)
        CHECK(line.heard[index] == index);
    CHECK(line.missing == 0);
    CHECK(line.longestDelay <= 70);
}

TEST_CASE("Packets that come doubled, out of order or late are put in order, and the depth follows", "[speech]")
{
    Line line;
    std::mt19937 dice(7);
    for (std::uint32_t sequence = 0; sequence < 1000; ++sequence) {
        const std::int64_t delay = 5 + std::uniform_int_distribution<std::int64_t>(0, 120)(dice);
        line.onTheWay.emplace(20 * sequence + delay, sequence);
        if (sequence % 5 == 0)
            line.onTheWay.emplace(20 * sequence + delay + 30, sequence);
    }
    line.run(20'000);
    for (std::size_t index = 1; index < line.heard.size(); ++index)
        REQUIRE(line.heard[index - 1] < line.heard[index]);
    CHECK(line.heard.size() >= 970);
    CHECK(line.missing <= 20); // while it learns
    CHECK(line.longestDelay <= 260);
    CHECK(line.buffer.target() > JitterBuffer::firstTarget);

    // The line is good again: the delay is given back.
    for (std::uint32_t sequence = 1000; sequence < 4000; ++sequence)
        line.onTheWay.emplace(20 * sequence + 5, sequence);
    line.run(60'000);
    CHECK(line.leftOut > 0);
    CHECK(line.buffer.target() == JitterBuffer::firstTarget);
    line.longestDelay = 0;
    line.run(100);
    CHECK(line.longestDelay <= 90);
}

TEST_CASE("A line that stands still and then brings all at once does not delay what comes after", "[speech]")
{
    // One a TCP connection: nothing for 2 s, then everything that was said meanwhile.
    Line line;
    for (std::uint32_t sequence = 0; sequence < 600; ++sequence) {
        const std::int64_t sent = 20 * static_cast<std::int64_t>(sequence);
        line.onTheWay.emplace(sent >= 3'000 && sent < 5'000 ? 5'005 : sent + 5, sequence);
    }
    line.run(5'500);
    CHECK(line.missing >= 80);
    const std::size_t before = line.heard.size();
    line.longestDelay = 0;
    line.run(6'000);
    CHECK(line.longestDelay <= 220);
    CHECK(line.heard.size() >= before + 299);
    for (std::size_t index = 1; index < line.heard.size(); ++index)
        REQUIRE(line.heard[index - 1] < line.heard[index]);
    CHECK_FALSE(line.ended);
}

TEST_CASE("A beginning that stutters does not delay the speech for long", "[speech]")
{
    Line line;
    for (std::uint32_t sequence = 0; sequence < 400; ++sequence) {
        const std::int64_t sent = 20 * static_cast<std::int64_t>(sequence);
        line.onTheWay.emplace(sequence < 3 ? sent + 5 : std::max<std::int64_t>(sent + 5, 400), sequence);
    }
    line.run(5'000);
    CHECK(line.missing <= 20);
    line.longestDelay = 0;
    line.run(2'000);
    CHECK(line.longestDelay <= 220);
}

TEST_CASE("A speaker's clock that is slow or fast costs a packet now and then, and no delay", "[speech]")
{
    for (const double rate : {0.98, 1.02}) { // far worse than any sound card
        Line line;
        for (std::uint32_t sequence = 0; sequence < 3000; ++sequence)
            line.onTheWay.emplace(static_cast<std::int64_t>(20.0 * static_cast<double>(sequence) / rate) + 5, sequence);
        line.run(40'000);
        INFO("rate " << rate << ", missing " << line.missing << ", left out " << line.leftOut);
        CHECK(line.missing <= (rate < 1.0 ? 45 : 0));
        CHECK(line.leftOut <= (rate > 1.0 ? 45 : 3));
        const auto newest = static_cast<std::uint32_t>(40'000.0 * rate / 20.0);
        CHECK(newest - line.heard.back() <= 10); // 200 ms
    }
}

TEST_CASE("What is lost is told in its place, with what follows it", "[speech]")
{
    JitterBuffer buffer;
    for (const std::uint32_t sequence : {0U, 1U, 3U, 4U})
        CHECK(buffer.put(sequence, packetOf(sequence)));
    CHECK_FALSE(buffer.put(3, packetOf(3)));
    SpeechPacket packet;
    // Live: what lay deeper than the target when the reader came is given up.
    CHECK(buffer.take(packet) == JitterBuffer::Turn::Missing);
    CHECK(sequenceOf(packet) == 3);
    CHECK(buffer.take(packet) == JitterBuffer::Turn::Packet);
    CHECK(sequenceOf(packet) == 3);
    CHECK(buffer.missing() == 1);
    CHECK_FALSE(buffer.put(2, packetOf(2))); // overdue
}

TEST_CASE("The end is where the speaker ended, or 5 s after the last packet", "[speech]")
{
    Line line;
    for (std::uint32_t sequence = 0; sequence < 50; ++sequence)
        line.onTheWay.emplace(20 * sequence, sequence);
    line.run(600);
    line.buffer.end(50);
    line.run(400);
    CHECK_FALSE(line.ended);
    line.run(200);
    CHECK(line.ended);
    CHECK(line.heard.size() == 50);

    Line torn;
    for (std::uint32_t sequence = 0; sequence < 50; ++sequence)
        torn.onTheWay.emplace(20 * sequence, sequence);
    torn.run(5'900);
    CHECK_FALSE(torn.ended);
    torn.run(600);
    CHECK(torn.ended);

    // A microphone that was never opened holds nothing up for longer than 10 s; what comes later is too late.
    Line mute;
    mute.run(10'000);
    CHECK_FALSE(mute.ended);
    mute.run(100);
    CHECK(mute.ended);
    for (std::uint32_t sequence = 0; sequence < 5; ++sequence)
        mute.buffer.put(sequence, packetOf(sequence));
    mute.run(100);
    CHECK(mute.heard.empty());

    JitterBuffer silent;
    silent.end(0);
    SpeechPacket packet;
    CHECK(silent.take(packet) == JitterBuffer::Turn::Ended);
}

TEST_CASE("Hostile sequences and sizes do no harm", "[speech]")
{
    JitterBuffer buffer;
    SpeechPacket packet;
    CHECK_FALSE(buffer.put(0xFFFF'FFFF, packetOf(1)));
    CHECK_FALSE(buffer.put(1, {}));
    CHECK_FALSE(buffer.put(1, std::vector<std::uint8_t>(1276)));
    std::mt19937 dice(11);
    for (int round = 0; round < 200'000; ++round) {
        const auto sequence = static_cast<std::uint32_t>(dice());
        buffer.put(round % 3 == 0 ? sequence : sequence % 2000, packetOf(sequence % 2000));
        if (round % 2 == 0)
            static_cast<void>(buffer.take(packet));
    }
    SUCCEED();
}
