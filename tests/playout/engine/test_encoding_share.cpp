#include "playout/engine/encoder_stage.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace loa::playout {

namespace {

struct Packing {
    media::AudioCodec codec;
    std::int64_t frames = 1152; // of a packet, at most
};

EncodingKey keyOf(media::AudioCodec codec, std::int64_t frames = 960)
{
    EncodingKey key;
    key.encoder.codec = codec;
    key.encoder.complexity = 1;
    if (codec == media::AudioCodec::Opus)
        key.bundle = static_cast<int>(frames / 960);
    return key;
}

// A stage, what it was given and what came out of it.
struct Station {
    Station(EncodingShare& share, media::AudioCodec codec, std::int64_t frames = 960)
        : stage(*EncoderStage::create(keyOf(codec, frames), &share))
    {
    }

    void write(std::int64_t position, std::span<const float> samples)
    {
        REQUIRE(stage->write({position}, samples, [this](const EncoderStage::Packet& packet) {
            CHECK_FALSE(packet.data.empty());
            if (packet.leadsIn)
                return;
            if (until)
                CHECK(packet.position == *until);
            until = packet.position + packet.frames;
            packets[packet.position.value] = {packet.data.begin(), packet.data.end()};
        }));
    }
    void rest()
    {
        stage->rest();
        until.reset();
    }

    std::unique_ptr<EncoderStage> stage;
    std::optional<FrameCount> until;
    std::map<std::int64_t, std::vector<std::byte>> packets;
};

// What several stations may send: each sound has a value of its own at each frame.
float sample(int sound, std::int64_t position)
{
    return sound == 0 ? 0.0F
                      : static_cast<float>(0.1 * sound + 0.05 * std::sin(0.01 * sound * static_cast<double>(position)));
}

std::vector<float> stretch(int sound, std::int64_t from, std::int64_t to)
{
    std::vector<float> samples;
    for (std::int64_t at = from; at < to; ++at)
        samples.push_back(sample(sound, at));
    return samples;
}

} // namespace

TEST_CASE("Stations that send the same are encoded once, whatever their blocks, and however far one is behind")
{
    const auto [codec, frames] = GENERATE(Packing{media::AudioCodec::Opus, 960}, Packing{media::AudioCodec::Opus, 5760},
                                          Packing{media::AudioCodec::Mp3}, Packing{media::AudioCodec::Aac});
    EncodingShare share;
    Station first(share, codec, frames);
    Station second(share, codec, frames);
    constexpr std::int64_t start = 1'234'567;
    constexpr std::int64_t behind = 9'600;
    const auto sound = stretch(1, start, start + 96'000);
    const auto part = [&](std::int64_t from, std::int64_t to) {
        return std::span(sound).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
    };
    std::int64_t done = 0;
    for (std::int64_t at = 0; at < 96'000; at += 960) {
        first.write(start + at, part(at, at + 960));
        for (; done + 700 <= at - behind; done += 700)
            second.write(start + done, part(done, done + 700));
    }
    for (; done < 96'000; done = std::min<std::int64_t>(done + 700, 96'000))
        second.write(start + done, part(done, std::min<std::int64_t>(done + 700, 96'000)));
    CHECK(first.packets == second.packets);
    CHECK(first.packets.size() >= static_cast<std::size_t>(96'000 / frames - 4));
    CHECK(second.stage->packets() == 0);
    CHECK(second.stage->runs() == 0);
    CHECK(first.packets.begin()->first <= start);
    CHECK(first.packets.begin()->first > start - frames);
}

TEST_CASE("Promise 8: a station whose sound is its own from some frame on loses none of it", "[promise-8]")
{
    const auto [codec, frames] = GENERATE(Packing{media::AudioCodec::Opus, 960}, Packing{media::AudioCodec::Opus, 5760},
                                          Packing{media::AudioCodec::Mp3}, Packing{media::AudioCodec::Aac});
    EncodingShare share;
    Station first(share, codec, frames);
    Station second(share, codec, frames);
    for (std::int64_t at = 0; at < 96'000; at += 960) {
        first.write(at, stretch(1, at, at + 960));
        second.write(at, stretch(at < 48'000 ? 1 : 2, at, at + 960)); // Station checks that packets follow each other
    }
    CHECK(second.stage->runs() == 1);
    CHECK(second.until == first.until);
    const auto own = std::find_if(first.packets.begin(), first.packets.end(),
                                  [&](const auto& packet) { return packet.second != second.packets.at(packet.first); });
    REQUIRE(own != first.packets.end());
    CHECK(own->first > 48'000 - 3 * frames);
    CHECK(own->first <= 48'000);
    // Both fall silent: one encoder is enough again.
    for (std::int64_t at = 96'000; at < 192'000; at += 960) {
        first.write(at, stretch(0, at, at + 960));
        second.write(at, stretch(0, at, at + 960));
    }
    const std::int64_t before = second.stage->packets();
    for (std::int64_t at = 192'000; at < 240'000; at += 960) {
        first.write(at, stretch(3, at, at + 960));
        second.write(at, stretch(3, at, at + 960));
    }
    CHECK(second.stage->packets() == before);
    CHECK(second.until == first.until);
    CHECK(first.packets.rbegin()->second == second.packets.rbegin()->second);
}

TEST_CASE("Promise 8: stations that differ alike from some frame on share one more encoder", "[promise-8]")
{
    EncodingShare share;
    std::vector<Station> stations;
    for (int number = 0; number < 3; ++number)
        stations.emplace_back(share, media::AudioCodec::Mp3);
    for (std::int64_t at = 0; at < 96'000; at += 960) {
        stations[0].write(at, stretch(1, at, at + 960));
        for (int number = 1; number < 3; ++number)
            stations[static_cast<std::size_t>(number)].write(at, stretch(at < 48'000 ? 1 : 2, at, at + 960));
    }
    CHECK(stations[1].stage->runs() == 1);
    CHECK(stations[2].stage->runs() == 0);
    CHECK(stations[1].packets == stations[2].packets);
    CHECK(stations[0].packets != stations[1].packets);
}

TEST_CASE("Promise 8: a station that is behind the others gets every packet", "[promise-8]")
{
    EncodingShare share;
    Station first(share, media::AudioCodec::Opus);
    Station second(share, media::AudioCodec::Opus);
    constexpr std::int64_t behind = 23'040;
    for (std::int64_t at = 0; at < 192'000; at += 960) {
        first.write(at, stretch(1, at, at + 960));
        if (at >= behind)
            second.write(at - behind, stretch(1, at - behind, at - behind + 960));
    }
    CHECK(second.stage->runs() == 0);
    CHECK(second.packets.begin()->first == first.packets.begin()->first);
    CHECK(second.packets.size() > 170);
}

TEST_CASE("Promise 8: a station that is too far behind to share goes on with an encoder of its own", "[promise-8]")
{
    EncodingShare share;
    Station first(share, media::AudioCodec::Opus);
    Station second(share, media::AudioCodec::Opus);
    first.write(0, stretch(1, 0, 960));
    second.write(0, stretch(1, 0, 960));
    for (std::int64_t at = 960; at < 192'000; at += 960)
        first.write(at, stretch(1, at, at + 960));
    second.until.reset(); // what the old encoder held back is lost
    for (std::int64_t at = 960; at < 192'000; at += 960)
        second.write(at, stretch(1, at, at + 960));
    CHECK(second.stage->runs() == 1);
    CHECK(second.packets.size() > 195);
}

TEST_CASE("Whatever stations share, each one's packets hold its own samples")
{
    // PCM packets are the samples: the oracle is what was written.
    const unsigned seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    std::minstd_rand random(seed);
    const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    EncodingShare share;
    struct Source {
        Station station;
        std::map<std::int64_t, float> written;
        std::int64_t next = 0;
        int sound = 0;
    };
    std::vector<Source> sources;
    for (int count = draw(2, 5); count > 0; --count)
        sources.push_back({Station(share, media::AudioCodec::Pcm16), {}, draw(0, 3000), draw(0, 2)});
    std::int64_t live = 0;
    int changed = 0;
    for (int step = 0; step < 80; ++step) {
        live += draw(1, 6'000);
        if (draw(0, 9) == 0) {
            const int sound = draw(0, 2); // all of them, or one
            const int one = draw(-1, static_cast<int>(sources.size()) - 1);
            for (std::size_t index = 0; index < sources.size(); ++index) {
                if (one < 0 || static_cast<std::size_t>(one) == index)
                    sources[index].sound = sound;
            }
        }
        if (draw(0, 9) == 0 && sources.size() < 8) { // one goes on as two
            const Source& one = sources[static_cast<std::size_t>(draw(0, static_cast<int>(sources.size()) - 1))];
            Source other{Station(share, media::AudioCodec::Pcm16), one.written, one.next, draw(0, 2)};
            other.station.stage = one.station.stage->copy();
            other.station.until = one.station.until;
            other.station.packets = one.station.packets;
            sources.push_back(std::move(other));
        }
        for (Source& source : sources) { // over to another's stage, where nobody can tell
            Source& other = sources[static_cast<std::size_t>(draw(0, static_cast<int>(sources.size()) - 1))];
            if (source.station.until && &source != &other && source.station.stage->isLike(*other.station.stage)) {
                source.station.stage = other.station.stage->copy();
                ++changed;
            }
        }
        for (Source& source : sources) {
            if (draw(0, 19) == 0) { // closed, and open again further on
                source.station.rest();
                source.next += draw(1'000, 5'000);
            }
            while (source.next < live) {
                const std::int64_t to = std::min<std::int64_t>(live, source.next + draw(1, 960));
                const auto samples = stretch(source.sound, source.next, to);
                source.station.write(source.next, samples);
                for (std::int64_t at = source.next; at < to; ++at)
                    source.written[at] = samples[static_cast<std::size_t>(at - source.next)];
                source.next = to;
            }
        }
    }
    std::int64_t compared = 0;
    for (const Source& source : sources) {
        for (const auto& [position, data] : source.station.packets) {
            for (std::size_t index = 0; index * 2 < data.size(); ++index) {
                std::int16_t value = 0;
                std::memcpy(&value, &data[index * 2], sizeof value);
                const auto written = source.written.find(position + static_cast<std::int64_t>(index));
                const float expected = written == source.written.end() ? 0.0F : written->second;
                if (std::abs(static_cast<float>(value) / 32768.0F - expected) > 1.0F / 16384.0F) {
                    FAIL("frame " << position + static_cast<std::int64_t>(index) << " is " << value << ", not "
                                  << expected * 32768.0F);
                }
                ++compared;
            }
        }
    }
    CHECK(compared > 50'000);
    CHECK(changed > 0);
}

TEST_CASE("Stages that rest are alike, whatever they sent before; a copy is like the one that it was made of")
{
    const std::int64_t frames = GENERATE(960, 5760);
    EncodingShare share;
    Station first(share, media::AudioCodec::Opus, frames);
    Station second(share, media::AudioCodec::Opus, frames);
    Station third(share, media::AudioCodec::Opus, frames);
    CHECK(first.stage->isLike(*second.stage));
    for (std::int64_t at = 0; at < 30'720; at += 960) {
        first.write(at, stretch(1, at, at + 960));
        third.write(at, stretch(1, at, at + 960));
    }
    CHECK(first.stage->isLike(*third.stage));
    CHECK_FALSE(first.stage->isLike(*second.stage));
    for (std::int64_t at = 0; at < 96'960; at += 960)
        second.write(at, stretch(2, at, at + 960));
    for (Station* each : {&first, &second, &third})
        each->rest();
    CHECK(first.stage->isLike(*second.stage));
    CHECK(first.stage->isLike(*third.stage));
    // The same silence.
    for (std::int64_t at = 960'000; at < 960'000 + 28'800; at += 960) {
        first.write(at, stretch(0, at, at + 960));
        second.write(at, stretch(0, at, at + 960));
    }
    CHECK(first.stage->isLike(*second.stage));
    const std::unique_ptr<EncoderStage> copy = first.stage->copy();
    CHECK(copy->isLike(*first.stage));
    CHECK(copy->pending() == first.stage->pending());
}

} // namespace loa::playout
