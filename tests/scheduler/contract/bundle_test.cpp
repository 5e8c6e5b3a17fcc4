#include "tests/scheduler/contract/sample_bundle.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using loa::test::sampleBundle;
using loa::test::testKey;

TEST_CASE("Promise 10: only the scheduler's own key opens a bundle", "[promise-10][bundle]")
{
    const SigningKey scheduler = testKey(1);
    const auto sealed = sealBundle(sampleBundle(), scheduler);
    REQUIRE(sealed);
    const auto opened = openBundle(*sealed, scheduler.verifyKey());
    REQUIRE(opened);
    CHECK(*opened == sampleBundle());

    const auto stranger = openBundle(*sealed, testKey(2).verifyKey());
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error().category == ErrorCategory::Unauthorized);
}

TEST_CASE("Promise 10: a bundle altered anywhere does not open", "[promise-10][bundle]")
{
    const SigningKey scheduler = testKey(1);
    const QByteArray sealed = *sealBundle(sampleBundle(), scheduler);
    const qsizetype payloadAt = sealed.indexOf('\n') + 1;
    for (qsizetype at = 0; at < sealed.size(); ++at) {
        // The key's name in the header is a hint, not part of the proof; everything else is.
        if (at >= 13 && at < 30)
            continue;
        QByteArray altered = sealed;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        INFO("byte " << at << (at < payloadAt ? " of the header" : " of the payload"));
        REQUIRE_FALSE(openBundle(altered, scheduler.verifyKey()));
    }
    for (qsizetype length = 0; length < sealed.size(); length += 7)
        REQUIRE_FALSE(openBundle(sealed.first(length), scheduler.verifyKey()));
    REQUIRE_FALSE(openBundle(sealed + ' ', scheduler.verifyKey()));
}

TEST_CASE("Promise 1: a bundle with audio that nobody approved is not made", "[promise-1][bundle]")
{
    Bundle bundle = sampleBundle();
    bundle.media[1].approval.approvedByName.clear();
    const auto sealed = sealBundle(bundle, testKey(1));
    REQUIRE_FALSE(sealed);
    CHECK(sealed.error().where == QStringLiteral("/media/1"));
}

TEST_CASE("a bundle that contradicts itself is told where", "[bundle]")
{
    const auto whereOf = [](auto change) {
        Bundle bundle = sampleBundle();
        change(bundle);
        const auto checked = checkBundle(bundle);
        return checked ? QStringLiteral("accepted") : checked.error().where;
    };
    CHECK(whereOf([](Bundle&) {}) == QStringLiteral("accepted"));
    CHECK(whereOf([](Bundle& b) { b.version = 0; }) == QStringLiteral("/version"));
    CHECK(whereOf([](Bundle& b) { b.timeZone = "Asia/Hanoi"; }) == QStringLiteral("/time_zone"));
    CHECK(whereOf([](Bundle& b) { b.validUntil = b.validFrom; }) == QStringLiteral("/valid_until"));
    CHECK(whereOf([](Bundle& b) { b.sessions[0].airings[1].offset.value -= 1; }) ==
          QStringLiteral("/sessions/0/airings/1"));
    CHECK(whereOf([](Bundle& b) { b.sessions[0].airings[1].frames.value += 1; }) ==
          QStringLiteral("/sessions/0/airings/1"));
    CHECK(whereOf([](Bundle& b) { b.sessions[0].airings[0].sha256 = sha256("other"); }) ==
          QStringLiteral("/sessions/0/airings/0"));
    CHECK(whereOf([](Bundle& b) { b.sessions[0].frames.value = 100 * sampleRate; }) ==
          QStringLiteral("/sessions/0/airings/1"));
    CHECK(whereOf([](Bundle& b) { b.media.push_back(b.media[0]); }) == QStringLiteral("/media/2"));
    CHECK(whereOf([](Bundle& b) { b.sessions.push_back(b.sessions[0]); }) == QStringLiteral("/sessions/1"));
}

TEST_CASE("a signed payload that is hostile all the same is refused, never believed", "[bundle]")
{
    const SigningKey scheduler = testKey(1);
    const QByteArray sealed = *sealBundle(sampleBundle(), scheduler);
    const QByteArray payload = sealed.mid(sealed.indexOf('\n') + 1);
    const auto sign = [&](const QByteArray& bytes) {
        return QByteArray("loa-bundle/1 x ") + toBase64(scheduler.sign(domain::bundle, bytes)) + '\n' + bytes;
    };
    REQUIRE(openBundle(sign(payload), scheduler.verifyKey()));
    const std::vector<std::pair<QByteArray, QByteArray>> changes{
        {"\"version\":7", "\"version\":7.5"},
        {"\"version\":7", "\"version\":1e999"},
        {"\"version\":7", "\"version\":\"7\""},
        {"\"version\":7", "\"version\":7,\"version\":8"},
        {"\"station\":\"station-a\"", "\"station\":\"../etc\""},
        {"\"version\":7", "\"extra\":1,\"version\":7"},
        {"\"frames\":2880000", "\"frames\":-1"},
        {"2026-12-01T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z"}};
    for (const auto& [from, to] : changes) {
        QByteArray altered = payload;
        REQUIRE(altered.contains(from));
        altered.replace(altered.indexOf(from), from.size(), to);
        INFO(to.toStdString());
        CHECK_FALSE(openBundle(sign(altered), scheduler.verifyKey()));
    }
    CHECK_FALSE(openBundle(sign(QByteArray(2'000'000, '[')), scheduler.verifyKey()));
}

TEST_CASE("random damage to a bundle is always an error, never a crash", "[bundle][property]")
{
    const SigningKey scheduler = testKey(1);
    const QByteArray sealed = *sealBundle(sampleBundle(), scheduler);
    std::mt19937 random(20261201);
    for (int round = 0; round < 500; ++round) {
        QByteArray damaged = sealed;
        const int edits = 1 + static_cast<int>(random() % 8);
        for (int edit = 0; edit < edits; ++edit)
            damaged[static_cast<qsizetype>(30 + random() % static_cast<unsigned>(damaged.size() - 30))] =
                static_cast<char>(random());
        if (damaged != sealed)
            REQUIRE_FALSE(openBundle(damaged, scheduler.verifyKey()));
    }
}

TEST_CASE("Airings overlap only as the rule of mixes has it, and say how in the bundle", "[bundle]")
{
    Bundle bundle = sampleBundle();
    bundle.media[0].mayFade = true;
    std::vector<BundleAiring>& airings = bundle.sessions[0].airings;
    airings[0].frames = {sampleRate * 50}; // of 60 s
    airings[0].fadeOut = {sampleRate * 3};
    airings[1].offset = {sampleRate * 47};
    const SigningKey scheduler = testKey(1);
    const auto opened = openBundle(sealBundle(bundle, scheduler).value(), scheduler.verifyKey());
    REQUIRE(opened);
    CHECK(*opened == bundle);

    const auto refused = [&](auto change) {
        Bundle other = bundle;
        change(other, other.sessions[0].airings);
        const auto checked = checkBundle(other);
        return !checked && checked.error().where.startsWith(QStringLiteral("/sessions/0/airings/"));
    };
    using Airings = std::vector<BundleAiring>;
    // Who approved speech did not approve half of it.
    CHECK(refused([](Bundle& other, Airings&) { other.media[0].mayFade = false; }));
    CHECK(refused([](Bundle&, Airings& of) { of[0].fadeOut = {}; }));                          // a hard cut
    CHECK(refused([](Bundle&, Airings& of) { of[0].frames = {sampleRate * 61}; }));            // more than there is
    CHECK(refused([](Bundle&, Airings& of) { of[1].offset = of[1].offset - FrameCount{1}; })); // beyond the fall
    CHECK(refused([](Bundle&, Airings& of) { of[1].fadeIn = {100}; }));                        // speech does not rise
    CHECK(refused([](Bundle&, Airings& of) { of[1].offset = of[0].offset; }));
    CHECK(refused([](Bundle&, Airings& of) { of[0].fadeIn = {sampleRate * 48}; })); // no room for both
    CHECK(refused([](Bundle&, Airings& of) { of[0].duckDb = 61; }));
    CHECK(refused([](Bundle&, Airings& of) { of[0].duckGlide = {100}; })); // nothing to glide to

    // Over the bed, anywhere; over speech, nowhere.
    bundle.sessions[0].airings[1].duckDb = 12;
    bundle.sessions[0].airings[1].offset = {sampleRate * 10};
    CHECK(checkBundle(bundle));
    CHECK(refused([](Bundle& other, Airings& of) {
        of[0].frames = other.media[0].frames;
        of[0].fadeOut = {};
        other.media[0].mayFade = false;
    }));
}
