#include "scheduler/contract/airing.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <catch2/catch.hpp>

using namespace loa;
using loa::test::testKey;

namespace {

LogEntry sampleEntry(std::int64_t sequence, const Sha256& previous)
{
    LogEntry entry;
    entry.agent = {QStringLiteral("agent-a")};
    entry.sequence = sequence;
    entry.previous = previous;
    entry.recordedAt = UtcTime(std::chrono::seconds(1'796'162'400 + sequence));
    entry.clock = ClockState::Synchronised;
    entry.station = {QStringLiteral("station-a")};
    entry.airing = {QStringLiteral("airing-1")};
    entry.session = {QStringLiteral("session-1")};
    entry.item = {QStringLiteral("item-1")};
    entry.sha256 = sha256("audio");
    entry.output = QStringLiteral("loa-chinh");
    entry.bundleVersion = 7;
    entry.plannedStart = UtcTime(std::chrono::seconds(1'796'162'000));
    entry.plannedFrames = {480'000};
    entry.frames = {480'000};
    entry.firstFrameAt = entry.plannedStart + std::chrono::microseconds(312);
    entry.lastFrameAt = entry.plannedStart + std::chrono::seconds(10);
    entry.outcome = Outcome::Complete;
    return entry;
}

std::vector<SignedLogEntry> sampleChain(const SigningKey& key, int length)
{
    std::vector<SignedLogEntry> chain;
    Sha256 previous = chainStart(key.verifyKey());
    for (int sequence = 1; sequence <= length; ++sequence) {
        chain.push_back(*signEntry(sampleEntry(sequence, previous), key));
        previous = chain.back().hash;
    }
    return chain;
}

} // namespace

TEST_CASE("a log entry reads back as it was written", "[airing]")
{
    const SigningKey key = testKey(3);
    const auto entry = sampleChain(key, 1).front();
    const auto again = signedLogEntryFromJson(toJson(entry));
    REQUIRE(again);
    CHECK(*again == entry);
    CHECK(verifyEntry(*again, key.verifyKey()));

    LogEntry event = entry.entry;
    event.kind = EntryKind::Event;
    event.station = {};
    event.reason = QStringLiteral("clock-untrusted");
    event.detail = QStringLiteral("Đồng hồ hệ thống chưa đồng bộ");
    const auto eventAgain = logEntryFromJson(toJson(event));
    REQUIRE(eventAgain);
    CHECK(eventAgain->reason == event.reason);
    CHECK(eventAgain->detail == event.detail);
}

TEST_CASE("What was measured and what was heard read back, and are absent where they are not known", "[airing]")
{
    const SigningKey key = testKey(3);
    LogEntry entry = sampleEntry(1, chainStart(key.verifyKey()));
    CHECK_FALSE(toJson(entry).contains(QStringLiteral("mix")));
    for (const MixProof& mix : {MixProof{{480'000}, 998, -1612}, MixProof{{480'000}, 0, std::nullopt},
                                MixProof{{1}, std::nullopt, std::nullopt}}) {
        entry.mix = mix;
        const auto sealed = signEntry(entry, key);
        REQUIRE(sealed);
        const auto again = signedLogEntryFromJson(toJson(*sealed));
        REQUIRE(again);
        CHECK(again->entry == entry);
        CHECK(verifyEntry(*again, key.verifyKey()));
    }
    SignedLogEntry altered = *signEntry(entry, key);
    altered.entry.mix->match = 1000;
    CHECK_FALSE(verifyEntry(altered, key.verifyKey()));

    LogEntry event = entry;
    event.kind = EntryKind::Event;
    event.reason = QStringLiteral("heard");
    event.mix.reset();
    HeardProof proof;
    proof.airing = entry.airing;
    proof.session = entry.session;
    proof.item = entry.item;
    proof.sha256 = entry.sha256;
    proof.output = entry.output;
    proof.plannedStart = entry.plannedStart;
    event.heard = proof;
    event.heard->result = Heard::No;
    event.heard->frames = {96'000};
    const auto no = logEntryFromJson(toJson(event));
    REQUIRE(no);
    CHECK(no->heard == event.heard);
    event.heard->result = Heard::Yes;
    CHECK_FALSE(logEntryFromJson(toJson(event))); // heard, but not how well
    event.heard->match = 730;
    event.heard->delay = std::chrono::milliseconds(2'040);
    CHECK(logEntryFromJson(toJson(event))->heard == event.heard);

    const auto refused = [&](const char* part, const char* member, const QJsonValue& value) {
        QJsonObject object = toJson(QLatin1String(part) == QLatin1String("mix") ? entry : event);
        QJsonObject inner = object.value(QLatin1String(part)).toObject();
        inner.insert(QLatin1String(member), value);
        object.insert(QLatin1String(part), inner);
        return !logEntryFromJson(object);
    };
    CHECK(refused("mix", "match", 1001));
    CHECK(refused("mix", "match", -1));
    CHECK(refused("mix", "match", 0.5));
    CHECK(refused("mix", "loudness", -10'001));
    CHECK(refused("mix", "frames", 0));
    CHECK(refused("mix", "surprise", 1));
    CHECK(refused("heard", "match", 1001));
    CHECK(refused("heard", "result", QStringLiteral("maybe")));
    CHECK(refused("heard", "delay_ms", 700'000));
    QJsonObject nothing = toJson(entry);
    nothing.insert(QStringLiteral("mix"), QJsonValue());
    CHECK_FALSE(logEntryFromJson(nothing)); // absent, not null: one thing has one form
}

TEST_CASE("Promise 4: an entry altered in any member no longer verifies", "[promise-4][airing]")
{
    const SigningKey key = testKey(3);
    const SignedLogEntry entry = sampleChain(key, 1).front();
    const QJsonObject wire = toJson(entry);
    const QJsonObject body = wire.value(QStringLiteral("entry")).toObject();
    for (const QString& member : body.keys()) {
        QJsonObject alteredBody = body;
        const QJsonValue value = body.value(member);
        if (value.isDouble())
            alteredBody.insert(member, value.toInteger() + 1);
        else
            alteredBody.insert(member, value.toString() + QStringLiteral("1"));
        QJsonObject altered = wire;
        altered.insert(QStringLiteral("entry"), alteredBody);
        const auto read = signedLogEntryFromJson(altered);
        INFO(member.toStdString());
        CHECK_FALSE((read && verifyEntry(*read, key.verifyKey())));
    }
    CHECK_FALSE(verifyEntry(entry, testKey(4).verifyKey()));
}

TEST_CASE("Promise 4: a lost, doubled, exchanged or grafted entry breaks the chain", "[promise-4][airing]")
{
    const SigningKey key = testKey(3);
    const auto chain = sampleChain(key, 4);
    const SignedLogEntry* last = nullptr;
    for (const SignedLogEntry& entry : chain) {
        REQUIRE(verifyLink(last, entry, key.verifyKey()));
        last = &entry;
    }
    CHECK_FALSE(verifyLink(&chain[0], chain[2], key.verifyKey()));
    CHECK_FALSE(verifyLink(&chain[1], chain[1], key.verifyKey()));
    CHECK_FALSE(verifyLink(nullptr, chain[1], key.verifyKey()));
    CHECK_FALSE(verifyLink(nullptr, sampleChain(testKey(4), 1).front(), key.verifyKey()));

    LogEntry forked = chain[2].entry;
    forked.previous = chain[0].hash;
    CHECK_FALSE(verifyLink(&chain[1], *signEntry(forked, key), key.verifyKey()));
}

TEST_CASE("Promise 3: an entry may not claim more than its frames", "[promise-3][airing]")
{
    const auto accepted = [](auto change) {
        LogEntry entry = sampleEntry(1, Sha256{});
        change(entry);
        return logEntryFromJson(toJson(entry)).has_value();
    };
    CHECK(accepted([](LogEntry&) {}));
    CHECK(accepted([](LogEntry& e) { e.outcome = Outcome::Partial, e.frames.value -= 1; }));
    CHECK_FALSE(accepted([](LogEntry& e) { e.frames.value -= 1; }));
    CHECK_FALSE(accepted([](LogEntry& e) { e.frames.value += 1; }));
    CHECK_FALSE(accepted([](LogEntry& e) { e.outcome = Outcome::Missed; }));
}

TEST_CASE("an entry with a strange member, word or id is refused", "[airing]")
{
    const auto refused = [](const QString& member, const QJsonValue& value) {
        QJsonObject object = toJson(sampleEntry(1, Sha256{}));
        object.insert(member, value);
        return !logEntryFromJson(object).has_value();
    };
    CHECK(refused(QStringLiteral("extra"), 1));
    CHECK(refused(QStringLiteral("outcome"), QStringLiteral("planned")));
    CHECK(refused(QStringLiteral("station"), QStringLiteral("a/b")));
    CHECK(refused(QStringLiteral("station"), QString()));
    CHECK(refused(QStringLiteral("sequence"), 0));
    CHECK(refused(QStringLiteral("frames"), -1));
    CHECK(refused(QStringLiteral("kind"), QStringLiteral("plan")));
    CHECK(refused(QStringLiteral("reason"), QString(101, QLatin1Char('x'))));
}

TEST_CASE("Promise 3: a relay's entry tells what filled it, and no more than was delivered",
          "[promise-3][airing][relay]")
{
    LogEntry entry = sampleEntry(1, {});
    entry.item = {};
    entry.relay = {QStringLiteral("relay-vov1")};
    entry.shares = {{0, {400'000}}, {1, {50'000}}, {standbyShare, {30'000}}};
    const auto again = logEntryFromJson(toJson(entry));
    REQUIRE(again);
    CHECK(*again == entry);

    entry.shares.front().frames = {400'001};
    const auto claimsMore = logEntryFromJson(toJson(entry));
    REQUIRE_FALSE(claimsMore);
    CHECK(claimsMore.error().where == QStringLiteral("/outcome"));

    QJsonObject other = toJson(entry);
    other.insert(QStringLiteral("sounded"),
                 QJsonArray{QJsonObject{{QStringLiteral("source"), QStringLiteral("address-5")},
                                        {QStringLiteral("frames"), 1}}});
    CHECK_FALSE(logEntryFromJson(other));
    QJsonObject both = toJson(entry);
    both.insert(QStringLiteral("item"), QStringLiteral("item-1"));
    CHECK_FALSE(logEntryFromJson(both));
}
