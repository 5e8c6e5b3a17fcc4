#include "playout/agent/revocable_sources.h"

#include <catch2/catch.hpp>

namespace loa::playout {

namespace {

Segment wholeItem()
{
    Segment segment;
    segment.airing = {QStringLiteral("airing-1")};
    segment.sha256 = sha256(QByteArrayView("constant"));
    segment.frames = {10'000};
    return segment;
}

} // namespace

TEST_CASE("A revoked item falls silent over 20 ms from the next block, and says it was stopped", "[agent]")
{
    MemorySourceFactory memory;
    memory.add(wholeItem().sha256, std::vector<float>(10'000, 1.0F));
    RevocableSources sources(memory);
    const auto source = sources.open(wholeItem(), {});
    std::vector<float> block(500);
    REQUIRE(source->read({0}, block) == 500);
    sources.revoke(wholeItem().airing);
    std::vector<float> heard;
    for (FrameCount position{500}; position < FrameCount{3000};) {
        const std::size_t given = source->read(position, block);
        if (given == 0)
            break;
        heard.insert(heard.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(given));
        position += FrameCount{static_cast<std::int64_t>(given)};
    }
    REQUIRE(heard.size() == static_cast<std::size_t>(softCut.value));
    CHECK(heard.front() > 0.999F);
    CHECK(heard.back() < 0.001F);
    CHECK(std::is_sorted(heard.rbegin(), heard.rend()));
    CHECK(source->failure() == Break::Stopped);
}

TEST_CASE("What is revoked before its first frame gives none", "[agent]")
{
    MemorySourceFactory memory;
    memory.add(wholeItem().sha256, std::vector<float>(10'000, 1.0F));
    RevocableSources sources(memory);
    const auto source = sources.open(wholeItem(), {});
    sources.revoke(wholeItem().airing);
    std::vector<float> block(500);
    CHECK(source->read({0}, block) == 0);
    CHECK(source->failure() == Break::Stopped);
}

} // namespace loa::playout
