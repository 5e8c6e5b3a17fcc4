#include "playout/cache/cache.h"
#include "playout/cache/memory_disk.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const StationId station{u"station-1"_s};
const UtcTime now(std::chrono::seconds(1'796'000'000));

QByteArray audioOf(int number)
{
    return QByteArray::number(number) + QByteArray(2999, 'x');
}

Bundle bundleOf(std::int64_t version, const std::vector<int>& items)
{
    Bundle bundle;
    bundle.station = station;
    bundle.stationName = u"Đài"_s;
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = version;
    bundle.issuedAt = bundle.validFrom = now;
    bundle.validUntil = now + std::chrono::days(35);
    for (const int item : items) {
        const QByteArray audio = audioOf(item);
        bundle.media.push_back({sha256(audio),
                                audio.size(),
                                {48'000},
                                {u"item-%1"_s.arg(item)},
                                1,
                                u"Tin"_s,
                                {{u"user-1"_s}, u"Lê Thị Duyệt"_s, now}});
        BundleSession session;
        session.id = {u"session-%1"_s.arg(item)};
        session.startsAt = now + std::chrono::hours(item);
        session.frames = {48'000};
        session.airings = {
            {{u"airing-%1"_s.arg(item)}, {u"item-%1"_s.arg(item)}, sha256(audio), {0}, {48'000}, Priority::Normal}};
        bundle.sessions.push_back(session);
    }
    std::sort(bundle.media.begin(), bundle.media.end(),
              [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
    std::sort(bundle.sessions.begin(), bundle.sessions.end(),
              [](const auto& a, const auto& b) { return a.startsAt < b.startsAt; });
    return bundle;
}

struct Fixture {
    SigningKey key = SigningKey::fromSeed({1});
    MemoryDisk disk;
    CacheSettings settings{key.verifyKey(), {station}, 1 << 20};

    [[nodiscard]] Cache open()
    {
        Cache cache(disk, settings);
        CHECK(cache.load().empty());
        return cache;
    }
    [[nodiscard]] QByteArray sealed(std::int64_t version, const std::vector<int>& items) const
    {
        const auto bytes = sealBundle(bundleOf(version, items), key);
        if (!bytes)
            FAIL(describe(bytes.error()).toStdString());
        return *bytes;
    }
};

void fill(Cache& cache)
{
    for (const MissingMedia& media : cache.missing(now)) {
        for (int item = 0; item < 100; ++item) {
            if (sha256(audioOf(item)) == media.sha256)
                REQUIRE(cache.addMedia(media.sha256, 0, audioOf(item)).value());
        }
    }
}

} // namespace

TEST_CASE("Promise 10: only newer bundles of the own station and scheduler, whatever else is on disk",
          "[cache][promise-10]")
{
    Fixture fixture;
    Cache cache = fixture.open();
    REQUIRE(cache.accept(station, fixture.sealed(3, {1})));
    CHECK(cache.accept(station, fixture.sealed(3, {2})).error().category == ErrorCategory::Conflict);
    CHECK(cache.accept(station, fixture.sealed(2, {2})).error().category == ErrorCategory::Conflict);
    CHECK(cache.accept({u"station-2"_s}, fixture.sealed(9, {2})).error().category == ErrorCategory::Forbidden);
    Bundle foreign = bundleOf(9, {2});
    foreign.station = {u"station-2"_s};
    CHECK(cache.accept(station, *sealBundle(foreign, fixture.key)).error().category == ErrorCategory::Forbidden);
    CHECK(cache.accept(station, *sealBundle(bundleOf(9, {2}), SigningKey::fromSeed({2}))).error().category ==
          ErrorCategory::Unauthorized);
    CHECK(cache.version(station) == 3);
    Cache again = fixture.open();
    CHECK(again.version(station) == 3);
    CHECK(again.accept(station, fixture.sealed(3, {2})).error().category == ErrorCategory::Conflict);
    REQUIRE(again.accept(station, fixture.sealed(4, {2})));
}

TEST_CASE("Promise 10: whatever write fails, the disk holds a bundle that was in force",
          "[cache][promise-10][promise-7]")
{
    for (int call = 0; call < 8; ++call) {
        Fixture fixture;
        Cache cache = fixture.open();
        REQUIRE(cache.accept(station, fixture.sealed(1, {1})));
        REQUIRE(cache.accept(station, fixture.sealed(2, {1})));
        fixture.disk.failAt(call);
        const bool accepted = cache.accept(station, fixture.sealed(3, {1})).has_value();
        CHECK(cache.version(station) == (accepted ? 3 : 2));
        CHECK(accepted == (call >= 4)); // two bundles, a write and a commit each
        fixture.disk.cutPower();
        Cache again = fixture.open();
        CHECK(again.version(station) == (accepted ? 3 : 2));
    }
}

TEST_CASE("Promise 1: media count only with the hash that is their name, on arrival and before they play",
          "[cache][promise-1]")
{
    Fixture fixture;
    Cache cache = fixture.open();
    REQUIRE(cache.accept(station, fixture.sealed(1, {1})));
    const Sha256 hash = sha256(audioOf(1));
    CHECK(cache.verifiedPath(hash).error().category == ErrorCategory::NotFound);
    SECTION("in parts")
    {
        CHECK_FALSE(cache.addMedia(hash, 0, audioOf(1).left(1000)).value());
        CHECK(cache.addMedia(hash, 500, "x").error().category == ErrorCategory::Conflict);
        CHECK(cache.missing(now).at(0).have == 1000);
        CHECK(cache.addMedia(hash, 1000, audioOf(1).mid(1000)).value());
        CHECK(cache.missing(now).empty());
        CHECK(cache.verifiedPath(hash));
    }
    SECTION("wrong content")
    {
        CHECK(cache.addMedia(hash, 0, QByteArray(audioOf(1)).replace(5, 1, "y")).error().category ==
              ErrorCategory::InvalidInput);
        CHECK(cache.missing(now).at(0).have == 0);
        CHECK_FALSE(cache.holds(hash));
    }
    SECTION("too long, too short")
    {
        CHECK(cache.addMedia(hash, 0, audioOf(1) + "z").error().category == ErrorCategory::InvalidInput);
        CHECK_FALSE(cache.addMedia(hash, 0, audioOf(1).left(100)).value());
        CHECK(cache.addMedia(hash, 100, {}).error().category == ErrorCategory::InvalidInput);
    }
    SECTION("altered on disk later")
    {
        fill(cache);
        REQUIRE(fixture.disk.replace(u"media/"_s + toString(hash), QByteArray(audioOf(1)).replace(5, 1, "y")));
        CHECK(cache.verifiedPath(hash).error().category == ErrorCategory::InvalidInput);
        CHECK(cache.missing(now).size() == 1); // fetched again
    }
    SECTION("a part that the power cut left is finished, or thrown away by its hash")
    {
        CHECK_FALSE(cache.addMedia(hash, 0, audioOf(1).left(2000)).value());
        fixture.disk.cutPower();
        Cache again = fixture.open();
        const std::int64_t have = again.missing(now).at(0).have;
        CHECK(have < 2000);
        CHECK(again.addMedia(hash, have, audioOf(1).mid(have)).value());
    }
    SECTION("not asked for")
    {
        CHECK(cache.addMedia(sha256("x"), 0, "x").error().category == ErrorCategory::NotFound);
    }
}

TEST_CASE("The soonest media come first, those of the past not at all", "[cache]")
{
    Fixture fixture;
    Cache cache = fixture.open();
    REQUIRE(cache.accept(station, fixture.sealed(1, {5, 2, 9})));
    const auto missing = cache.missing(now + std::chrono::hours(3));
    REQUIRE(missing.size() == 2);
    CHECK(missing[0].sha256 == sha256(audioOf(5)));
    CHECK(missing[1].sha256 == sha256(audioOf(9)));
}

TEST_CASE("What stands by for a relay is fetched for it, up to the relay's end", "[cache][promise-7]")
{
    Fixture fixture;
    Cache cache = fixture.open();
    Bundle bundle = bundleOf(1, {5, 2});
    BundleRelay relay;
    relay.definition.id = {u"relay-1"_s};
    relay.definition.unit = {u"unit-1"_s};
    relay.definition.name = u"Đài tỉnh"_s;
    relay.definition.addresses = {u"http://example.org/live"_s};
    relay.definition.standby = {u"item-7"_s};
    relay.standby = sha256(audioOf(7));
    relay.approved = hashOf(relay.definition);
    relay.approval = bundle.media[0].approval;
    BundleMedia standby = bundle.media[0];
    standby.sha256 = *relay.standby;
    standby.item = {u"item-7"_s};
    bundle.media.push_back(standby);
    std::ranges::sort(bundle.media, {}, &BundleMedia::sha256);
    bundle.relays = {relay};
    BundleSession session;
    session.id = {u"session-relay"_s};
    session.startsAt = now + std::chrono::hours(3);
    session.frames = {3600 * sampleRate};
    BundleAiring airing;
    airing.id = {u"airing-relay"_s};
    airing.sha256 = relay.approved;
    airing.frames = session.frames;
    airing.relay = relay.definition.id;
    session.airings = {airing};
    bundle.sessions.insert(bundle.sessions.begin() + 1, session);
    const auto sealed = sealBundle(bundle, fixture.key);
    REQUIRE(sealed);
    REQUIRE(cache.accept(station, *sealed));
    const auto wants = [&](std::chrono::minutes later) {
        std::vector<Sha256> hashes;
        for (const MissingMedia& media : cache.missing(now + later))
            hashes.push_back(media.sha256);
        return hashes;
    };
    CHECK(wants(0min) == std::vector{sha256(audioOf(2)), *relay.standby, sha256(audioOf(5))});
    CHECK(wants(200min) == std::vector{*relay.standby, sha256(audioOf(5))}); // in its middle
    CHECK(wants(241min) == std::vector{sha256(audioOf(5))});
    REQUIRE(cache.addMedia(*relay.standby, 0, audioOf(7)).value());
    CHECK(wants(0min) == std::vector{sha256(audioOf(2)), sha256(audioOf(5))});
}

TEST_CASE("The budget holds: what is not of the bundle in force goes, oldest first", "[cache]")
{
    Fixture fixture;
    fixture.settings.budgetBytes = 7000;
    Cache cache = fixture.open();
    REQUIRE(cache.accept(station, fixture.sealed(1, {1, 2})));
    fill(cache);
    CHECK(cache.mediaBytes() == 6000);
    REQUIRE(cache.accept(station, fixture.sealed(2, {3, 4})));
    CHECK(cache.addMedia(sha256(audioOf(3)), 0, audioOf(3)).value()); // the first item of bundle 1 had to go for it
    CHECK_FALSE(cache.holds(sha256(audioOf(1))));
    CHECK(cache.holds(sha256(audioOf(2))));
    CHECK(cache.addMedia(sha256(audioOf(4)), 0, audioOf(4)).value());
    CHECK_FALSE(cache.holds(sha256(audioOf(2))));
    CHECK(cache.mediaBytes() == 6000);
    REQUIRE(cache.accept(station, fixture.sealed(3, {3, 4, 5}))); // what is in force never goes
    CHECK(cache.addMedia(sha256(audioOf(5)), 0, audioOf(5)).error().category == ErrorCategory::LimitExceeded);
    CHECK(cache.holds(sha256(audioOf(3))));
    CHECK(cache.holds(sha256(audioOf(4))));
}

TEST_CASE("Room is made of the oldest media alone, by arrival or last use, and of no more than is needed", "[cache]")
{
    Fixture fixture;
    fixture.settings.budgetBytes = 12'500;
    std::optional<Cache> cache(fixture.open());
    const auto held = [&] {
        std::vector<int> items;
        for (int item = 0; item < 100; ++item) {
            if (cache->holds(sha256(audioOf(item))))
                items.push_back(item);
        }
        return items;
    };
    REQUIRE(cache->accept(station, fixture.sealed(1, {1, 2, 3, 4})));
    fill(*cache);
    REQUIRE(cache->verifiedPath(sha256(audioOf(1))));
    REQUIRE(cache->accept(station, fixture.sealed(2, {4, 9})));
    REQUIRE(cache->accept(station, fixture.sealed(3, {5}))); // 1, 2 and 3 are in no bundle any more
    if (GENERATE(false, true)) {
        fixture.disk.cutPower();
        cache.emplace(fixture.open());
    }
    const bool isOrdered = GENERATE(false, true);
    if (isOrdered)
        cache->order(station, {bundleOf(1, {2}).media});
    fill(*cache);
    if (isOrdered) {
        CHECK(held() == std::vector{1, 2, 4, 5}); // 2 is ordered
        return;
    }
    CHECK(held() == std::vector{1, 3, 4, 5});
    REQUIRE(cache->accept(station, fixture.sealed(4, {5, 6})));
    fill(*cache);
    CHECK(held() == std::vector{1, 4, 5, 6});
    REQUIRE(cache->accept(station, fixture.sealed(5, {5, 6, 7})));
    fill(*cache);
    CHECK(held() == std::vector{1, 5, 6, 7}); // which was played
    REQUIRE(cache->accept(station, fixture.sealed(6, {5, 6, 7, 8})));
    fill(*cache);
    CHECK(held() == std::vector{5, 6, 7, 8});
    REQUIRE(cache->accept(station, fixture.sealed(7, {5, 6, 7, 8, 9})));
    CHECK(cache->addMedia(sha256(audioOf(9)), 0, audioOf(9)).error().category == ErrorCategory::LimitExceeded);
    CHECK(held() == std::vector{5, 6, 7, 8});
}

TEST_CASE("A full disk is made good by what only the bundle before names", "[cache][promise-7]")
{
    Fixture fixture;
    Cache cache = fixture.open();
    REQUIRE(cache.accept(station, fixture.sealed(1, {1, 2})));
    fill(cache);
    REQUIRE(cache.accept(station, fixture.sealed(2, {3})));
    std::int64_t used = 0;
    for (const char* folder : {"media", "bundles"}) {
        const auto files = fixture.disk.list(QString::fromLatin1(folder));
        for (const DiskFile& file : files.value())
            used += file.bytes;
    }
    fixture.disk.setCapacity(used + 100);
    CHECK(cache.addMedia(sha256(audioOf(3)), 0, audioOf(3)).error().category == ErrorCategory::Storage);
    CHECK(cache.addMedia(sha256(audioOf(3)), 0, audioOf(3)).value());
    CHECK(cache.holds(sha256(audioOf(2))));
}

TEST_CASE("A damaged bundle gives way to the one before", "[cache]")
{
    Fixture fixture;
    {
        Cache cache = fixture.open();
        REQUIRE(cache.accept(station, fixture.sealed(1, {1})));
        REQUIRE(cache.accept(station, fixture.sealed(2, {1})));
    }
    REQUIRE(fixture.disk.replace(u"bundles/station-1.bundle"_s, "rubbish"));
    Cache cache(fixture.disk, fixture.settings);
    const auto errors = cache.load();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].where == station.value);
    CHECK(cache.version(station) == 1);
    REQUIRE(cache.accept(station, fixture.sealed(2, {1})));
    CHECK(cache.version(station) == 2);
}
