#include "playout/journal/delivery_inbox.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace loa;
using namespace loa::playout;

namespace {

AiringRecord recordOf(int airing, int output, std::int64_t frames)
{
    AiringRecord record;
    record.airing = {QStringLiteral("airing-%1").arg(airing)};
    record.output = QStringLiteral("output-%1").arg(output);
    record.frames = {frames};
    return record;
}

} // namespace

TEST_CASE("Checkpoints of one airing become one; the rest keeps its order", "[journal]")
{
    DeliveryInbox inbox;
    int woken = 0;
    inbox.setWaker([&] { ++woken; });
    inbox.airingBegan(recordOf(1, 1, 10));
    inbox.airingProgress(recordOf(1, 1, 100));
    inbox.airingProgress(recordOf(1, 2, 50));
    inbox.airingProgress(recordOf(1, 1, 200));
    inbox.airingEnded(recordOf(1, 1, 300));
    CHECK(woken == 2);
    const auto deliveries = inbox.take();
    REQUIRE(deliveries.size() == 4);
    CHECK(std::get<AiringBegan>(deliveries[0]).record.frames.value == 10);
    CHECK(std::get<AiringProgressed>(deliveries[1]).record.frames.value == 200);
    CHECK(std::get<AiringProgressed>(deliveries[2]).record.output == QStringLiteral("output-2"));
    CHECK(std::get<AiringEnded>(deliveries[3]).record.frames.value == 300);
    inbox.airingProgress(recordOf(1, 1, 400));
    CHECK(inbox.take().size() == 1);
    CHECK(inbox.take().empty());
}

TEST_CASE("Outputs report at once from many threads", "[journal][threads]")
{
    DeliveryInbox inbox;
    std::atomic<int> woken = 0;
    inbox.setWaker([&] { ++woken; });
    std::vector<std::thread> outputs;
    for (int output = 0; output < 4; ++output) {
        outputs.emplace_back([&inbox, output] {
            for (int airing = 0; airing < 200; ++airing) {
                inbox.airingBegan(recordOf(airing, output, 1));
                inbox.airingProgress(recordOf(airing, output, 2));
                inbox.airingEnded(recordOf(airing, output, 3));
            }
        });
    }
    std::map<QString, std::int64_t> next;
    std::size_t ended = 0;
    while (ended < 800) {
        for (const Delivery& delivery : inbox.take()) {
            if (const auto* end = std::get_if<AiringEnded>(&delivery)) {
                CHECK(end->record.airing.value == QStringLiteral("airing-%1").arg(next[end->record.output]++));
                ++ended;
            }
        }
    }
    for (std::thread& output : outputs)
        output.join();
    CHECK(woken == 1600);
}
