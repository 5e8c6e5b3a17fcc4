#include "media/codecs/packet_encoder.h"
#include "playout/engine/live_speech.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace loa;
using namespace loa::playout;

namespace {

const SigningKey& schedulerKey()
{
    static const SigningKey key = SigningKey::fromSeed({1});
    return key;
}

// A tone of 400 Hz as Opus packets.
std::vector<QByteArray> packetsOf(int count)
{
    media::EncoderSettings settings;
    settings.bitRate = 32'000;
    auto encoder = media::createPacketEncoder(settings);
    REQUIRE(encoder);
    std::vector<float> tone(static_cast<std::size_t>(count) * speechFrame);
    for (std::size_t index = 0; index < tone.size(); ++index)
        tone[index] =
            0.5F * static_cast<float>(std::sin(2.0 * std::numbers::pi * 400.0 * static_cast<double>(index) / 48'000.0));
    std::vector<QByteArray> packets;
    REQUIRE((*encoder)->write(tone, [&](const media::EncodedPacket& packet) -> Result<void> {
        packets.emplace_back(reinterpret_cast<const char*>(packet.data.data()),
                             static_cast<qsizetype>(packet.data.size()));
        return {};
    }));
    return packets;
}

struct Spoken {
    SilenceSourceFactory inner;
    LiveSpeech speech{inner, schedulerKey().verifyKey()};
    AiringId airing{QStringLiteral("airing-1")};
    OrderId stream{QStringLiteral("order-1")};
    std::unique_ptr<Source> source;
    std::int64_t position = 0;

    Spoken()
    {
        speech.expect(airing, stream);
        Segment segment;
        segment.airing = airing;
        segment.frames = {60 * sampleRate};
        segment.isLive = true;
        source = speech.open(segment, {});
    }
    void hear(std::uint32_t sequence, const QByteArray& opus, const SigningKey& key = schedulerKey())
    {
        speech.heard(sealSpeech({stream, sequence, opus}, key));
    }
    // The loudness (RMS) of the next 20 ms; negative when the source gives nothing.
    double next()
    {
        std::array<float, speechFrame> block{};
        const std::size_t given = source->read({position}, block);
        position += speechFrame;
        if (given == 0)
            return -1.0;
        double sum = 0.0;
        for (const float sample : block)
            sum += static_cast<double>(sample) * static_cast<double>(sample);
        return std::sqrt(sum / static_cast<double>(block.size()));
    }
};

constexpr double toneLoudness = 0.5 / std::numbers::sqrt2;

} // namespace

TEST_CASE("Speech sounds as it comes, is concealed where it is missing, and ends with the speaker", "[speech]")
{
    const std::vector<QByteArray> packets = packetsOf(60);
    Spoken spoken;
    CHECK(spoken.next() == 0.0); // nothing has come
    std::vector<double> loudness;
    for (std::uint32_t sequence = 0; sequence < 50; ++sequence) {
        if (sequence != 25)
            spoken.hear(sequence, packets[sequence]);
        loudness.push_back(spoken.next());
    }
    spoken.hear(50, {});
    for (int rest = 0; rest < 6; ++rest)
        loudness.push_back(spoken.next());
    CHECK(loudness.front() == 0.0);
    for (std::size_t index = 8; index < 48; ++index) // the lost packet among them
        CHECK(loudness[index] == Approx(toneLoudness).epsilon(0.15));
    CHECK(loudness.back() < 0.0);
    CHECK(spoken.source->failure() == Break::Stopped);
    CHECK(spoken.speech.hasEnded(spoken.airing));
    const auto account = spoken.speech.close(spoken.airing);
    REQUIRE(account);
    CHECK(account->packets == 49);
    CHECK(account->missing == 1);
    CHECK(account->sha256 != Sha256{});
    CHECK_FALSE(spoken.speech.close(spoken.airing));
}

TEST_CASE("Promise 10: nobody speaks but by the scheduler's signature, in his own stream", "[speech][promise-10]")
{
    const std::vector<QByteArray> packets = packetsOf(10);
    Spoken spoken;
    for (std::uint32_t sequence = 0; sequence < 10; ++sequence) {
        spoken.hear(sequence, packets[sequence], SigningKey::fromSeed({9}));
        spoken.speech.heard(sealSpeech({{QStringLiteral("order-2")}, sequence, packets[sequence]}, schedulerKey()));
        spoken.speech.heard(packets[sequence]);
        QByteArray altered = sealSpeech({spoken.stream, sequence, packets[sequence]}, schedulerKey());
        altered[altered.size() - 1] = static_cast<char>(altered[altered.size() - 1] ^ 1);
        spoken.speech.heard(altered);
        spoken.hear(sequence, "no Opus at all, but signed");
        CHECK(spoken.next() == 0.0);
    }
    CHECK(spoken.speech.close(spoken.airing)->packets == 0);
}
