#include "playout/engine/encoder_stage.h"

#include <barrier>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

namespace loa::playout {

TEST_CASE("Stations that begin at one instant, each on its own thread, find one encoder")
{
    constexpr std::size_t stations = 6;
    EncodingKey key;
    key.encoder.codec = media::AudioCodec::Mp3;
    std::vector<float> sound(4'800);
    for (std::size_t at = 0; at < sound.size(); ++at)
        sound[at] = 0.1F * std::sin(0.01F * static_cast<float>(at));
    EncodingShare share;
    std::vector<std::unique_ptr<EncoderStage>> stages;
    for (std::size_t number = 0; number < stations; ++number)
        stages.push_back(*EncoderStage::create(key, &share));
    constexpr int rounds = 300;
    std::barrier together(stations);
    std::vector<std::thread> threads;
    for (auto& stage : stages) {
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                together.arrive_and_wait(); // all have left the last run
                static_cast<void>(stage->write({round * 48'000}, sound, [](const EncoderStage::Packet&) {}));
                together.arrive_and_wait();
                stage->rest();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    std::int64_t begun = 0;
    for (const auto& stage : stages)
        begun += stage->runs();
    CHECK(begun == rounds);
}

} // namespace loa::playout
