#include "playout/engine/encoder_stage.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

namespace loa::playout {

namespace {

struct Kept {
    FrameCount position;
    FrameCount frames;
    bool leadsIn;
};

EncodingKey keyOf(media::AudioCodec codec, double gainDb = 0.0)
{
    EncodingKey key;
    key.encoder.codec = codec;
    key.encoder.complexity = 1;
    key.gainDb = gainDb;
    return key;
}

// Writes [from, to) in uneven blocks.
void feed(EncoderStage& stage, std::int64_t from, std::int64_t to, std::vector<Kept>& kept)
{
    const std::vector<float> samples(960, 0.1F);
    for (std::int64_t at = from; at < to;) {
        const std::int64_t part = std::min<std::int64_t>(1 + at % 960, to - at);
        REQUIRE(stage.write({at}, std::span(samples).first(static_cast<std::size_t>(part)),
                            [&](const EncoderStage::Packet& packet) {
                                CHECK_FALSE(packet.data.empty());
                                kept.push_back({packet.position, packet.frames, packet.leadsIn});
                            }));
        at += part;
    }
}

} // namespace

TEST_CASE("Outputs with the same codec, rate, effort, channels and gain share a stage, others do not")
{
    std::vector<std::unique_ptr<EncoderStage>> stages;
    const auto first = stageFor(stages, keyOf(media::AudioCodec::Opus));
    REQUIRE(first);
    CHECK(*stageFor(stages, keyOf(media::AudioCodec::Opus)) == *first);
    CHECK(*stageFor(stages, keyOf(media::AudioCodec::Opus, -3.0)) != *first);
    CHECK(*stageFor(stages, keyOf(media::AudioCodec::Mp3)) != *first);
    EncodingKey harder = keyOf(media::AudioCodec::Opus);
    harder.encoder.complexity = 9;
    CHECK(*stageFor(stages, harder) != *first);
    EncodingKey leftAlone = keyOf(media::AudioCodec::Opus);
    leftAlone.encoder.channels = media::Channels::Left;
    CHECK(*stageFor(stages, leftAlone) != *first);
    CHECK(stages.size() == 5);
    EncodingKey impossible = keyOf(media::AudioCodec::Flac);
    CHECK_FALSE(stageFor(stages, impossible));
    CHECK(stages.size() == 5);
}

TEST_CASE("Promise 8: a run's packets follow each other from its first frame on, in every codec", "[promise-8]")
{
    const auto codec =
        GENERATE(media::AudioCodec::Opus, media::AudioCodec::Mp3, media::AudioCodec::Aac, media::AudioCodec::Pcmu);
    auto stage = *EncoderStage::create(keyOf(codec));
    std::vector<Kept> kept;
    constexpr std::int64_t start = 123'457;
    feed(*stage, start, start + 48'000, kept);
    REQUIRE(kept.size() > 10);
    CHECK(kept.front().leadsIn);
    CHECK(kept.front().position + kept.front().frames == FrameCount{start});
    FrameCount next{start};
    for (std::size_t index = 1; index < kept.size(); ++index) {
        CHECK_FALSE(kept[index].leadsIn);
        CHECK(kept[index].position == next);
        next = kept[index].position + kept[index].frames;
    }
    CHECK(next == stage->pending());
    CHECK(next > FrameCount{start + 48'000 - 8 * 1152});
    CHECK(stage->runs() == 1);
    CHECK(stage->packets() == static_cast<std::int64_t>(kept.size()));

    // After a break, and after a rest, a new run.
    kept.clear();
    feed(*stage, start + 100'000, start + 110'000, kept);
    stage->rest();
    feed(*stage, start + 110'000, start + 120'000, kept);
    CHECK(stage->runs() == 3);
    const auto leading = std::count_if(kept.begin(), kept.end(), [](const Kept& packet) { return packet.leadsIn; });
    CHECK(leading == 2);
    CHECK(kept.front().position + kept.front().frames == FrameCount{start + 100'000});
}

TEST_CASE("A stage applies its gain before it encodes")
{
    auto stage = *EncoderStage::create(keyOf(media::AudioCodec::Pcm16, -6.0));
    const std::vector<float> samples(960, 0.25F);
    std::int16_t first = 0;
    REQUIRE(stage->write({0}, samples, [&](const EncoderStage::Packet& packet) {
        std::memcpy(&first, packet.data.data(), sizeof first);
    }));
    CHECK(first == std::lround(0.25 / 1.99526231 * 32768));
}

} // namespace loa::playout
