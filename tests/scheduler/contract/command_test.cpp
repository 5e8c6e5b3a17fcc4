#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/command.h"
#include "scheduler/contract/sealed.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <catch2/catch.hpp>
#include <random>

using namespace loa;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loa::test::sampleBundle;
using loa::test::testKey;

namespace {

Command sampleCommand(CommandOrder order)
{
    const UtcTime issued(std::chrono::sys_days(std::chrono::year{2026} / 12 / 1));
    return {{u"command-a"_s},   {u"station-a"_s}, 7, issued, issued + 10min, {u"user-b"_s},
            u"Trần Văn Trực"_s, std::move(order)};
}

std::vector<CommandOrder> sampleOrders()
{
    const UtcTime until(std::chrono::sys_days(std::chrono::year{2026} / 12 / 1) + 1h);
    return {PlayOrder{sampleBundle().media[0], Priority::Emergency},
            StopOrder{std::nullopt, until},
            StopOrder{AiringId{u"airing-a"_s}, until},
            VolumeOrder{-6, until},
            ToneOrder{-20, FrameCount{5 * sampleRate}},
            RefreshOrder{}};
}

} // namespace

TEST_CASE("Promise 10: only the scheduler's own key opens a command, and every kind comes out as it went in",
          "[promise-10][command]")
{
    for (const CommandOrder& order : sampleOrders()) {
        const Command command = sampleCommand(order);
        INFO(kindOf(order).toStdString());
        const auto sealed = sealCommand(command, testKey(1));
        REQUIRE(sealed);
        const auto opened = openCommand(*sealed, testKey(1).verifyKey());
        REQUIRE(opened);
        CHECK(*opened == command);
        const auto stranger = openCommand(*sealed, testKey(2).verifyKey());
        REQUIRE_FALSE(stranger);
        CHECK(stranger.error().category == ErrorCategory::Unauthorized);
    }
}

TEST_CASE("Promise 10: a command altered anywhere does not open, nor does a signature made for something else",
          "[promise-10][command]")
{
    const QByteArray sealed = *sealCommand(sampleCommand(sampleOrders()[0]), testKey(1));
    for (qsizetype at = 0; at < sealed.size(); ++at) {
        if (at >= 14 && at < 31) // the key's name is a hint
            continue;
        QByteArray altered = sealed;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        INFO("byte " << at);
        REQUIRE_FALSE(openCommand(altered, testKey(1).verifyKey()));
    }
    for (qsizetype length = 0; length < sealed.size(); length += 5)
        REQUIRE_FALSE(openCommand(sealed.first(length), testKey(1).verifyKey()));
    REQUIRE_FALSE(openCommand(sealed + '\n', testKey(1).verifyKey()));

    // The same payload, signed as a bundle or as a sheet.
    const QByteArray payload = sealed.mid(sealed.indexOf('\n') + 1);
    for (const char* other : {domain::bundle, domain::commandSheet}) {
        const QByteArray forged =
            QByteArray(domain::command) + " x " + toBase64(testKey(1).sign(other, payload)) + '\n' + payload;
        REQUIRE_FALSE(openCommand(forged, testKey(1).verifyKey()));
    }
}

TEST_CASE("Hostile payloads under a good signature are refused, never believed", "[command]")
{
    const SigningKey key = testKey(1);
    const auto sign = [&](const QByteArray& bytes) {
        return QByteArray("loa-command/1 x ") + toBase64(key.sign(domain::command, bytes)) + '\n' + bytes;
    };
    std::mt19937 dice(20261128);
    const auto below = [&](qsizetype most) { return std::uniform_int_distribution<qsizetype>(0, most - 1)(dice); };
    int opened = 0;
    for (const CommandOrder& order : sampleOrders()) {
        const QByteArray sealed = *sealCommand(sampleCommand(order), key);
        const QByteArray payload = sealed.mid(sealed.indexOf('\n') + 1);
        REQUIRE(openCommand(sign(payload), key.verifyKey()));
        for (int round = 0; round < 400; ++round) {
            QByteArray torn = payload;
            for (qsizetype edit = below(3); edit >= 0; --edit) {
                const qsizetype at = below(torn.size());
                switch (below(4)) {
                case 0:
                    torn[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    torn.remove(at, 1 + below(9));
                    break;
                case 2:
                    torn.insert(at, torn.mid(below(torn.size()), 1 + below(40)));
                    break;
                default:
                    torn.insert(at, "[{\"9e99\":-0,null");
                    break;
                }
                if (torn.isEmpty())
                    torn = "{";
            }
            // What opens all the same says what it says in exactly one way, and keeps the limits.
            if (const auto read = openCommand(sign(torn), key.verifyKey())) {
                ++opened;
                REQUIRE(checkCommand(*read));
                const auto again = sealCommand(*read, key);
                REQUIRE(again);
                CHECK(again->mid(again->indexOf('\n') + 1) == torn);
            }
        }
    }
    CHECK(opened < 1200);
    CHECK_FALSE(openCommand(QByteArray(maxCommandBytes + 1, 'x'), key.verifyKey()));
}

TEST_CASE("Promise 1: a command to play audio that nobody approved is not made", "[promise-1][command]")
{
    PlayOrder play{sampleBundle().media[0], Priority::Emergency};
    play.media.approval.approvedByName.clear();
    const auto sealed = sealCommand(sampleCommand(play), testKey(1));
    REQUIRE_FALSE(sealed);
    CHECK(sealed.error().where == u"/order/media"_s);
}

TEST_CASE("A command keeps its limits", "[command]")
{
    const auto refused = [](auto change, CommandOrder order) {
        Command command = sampleCommand(std::move(order));
        change(command);
        return !checkCommand(command);
    };
    const auto nothing = [](Command&) {};
    const UtcTime issued = sampleCommand(RefreshOrder{}).issuedAt;
    CHECK_FALSE(refused(nothing, RefreshOrder{}));
    CHECK(refused([](Command& c) { c.sequence = 0; }, RefreshOrder{}));
    CHECK(refused([](Command& c) { c.validUntil = c.issuedAt; }, RefreshOrder{}));
    CHECK(refused([](Command& c) { c.validUntil = c.issuedAt + 25h; }, RefreshOrder{}));
    CHECK(refused([](Command& c) { c.issuedByName.clear(); }, RefreshOrder{}));
    CHECK(refused([](Command& c) { c.station.value = u"../x"_s; }, RefreshOrder{}));
    CHECK(refused(nothing, StopOrder{std::nullopt, issued}));
    CHECK(refused(nothing, StopOrder{std::nullopt, issued + std::chrono::days(8)}));
    CHECK(refused(nothing, VolumeOrder{13, issued + 1h}));
    CHECK(refused(nothing, VolumeOrder{-61, issued + 1h}));
    CHECK(refused(nothing, ToneOrder{0, FrameCount{sampleRate}}));
    CHECK(refused(nothing, ToneOrder{-20, FrameCount{31 * sampleRate}}));
}

TEST_CASE("A sheet proves what waits, when, and for which question", "[promise-10][command]")
{
    const SigningKey key = testKey(1);
    CommandSheet sheet{{u"station-a"_s}, newNonce(), sampleCommand(RefreshOrder{}).issuedAt, {}};
    for (const CommandOrder& order : sampleOrders())
        sheet.commands.push_back(*sealCommand(sampleCommand(order), key));
    const auto sealed = sealSheet(sheet, key);
    REQUIRE(sealed);
    const auto opened = openSheet(*sealed, key.verifyKey());
    REQUIRE(opened);
    CHECK(*opened == sheet);
    CHECK_FALSE(openSheet(*sealed, testKey(2).verifyKey()));
    CHECK_FALSE(openCommand(*sealed, key.verifyKey()));
}

TEST_CASE("An acknowledgement is read as it was written", "[command]")
{
    const Acknowledgement done{{u"command-a"_s},
                               CommandState::Done,
                               sampleCommand(RefreshOrder{}).issuedAt,
                               u"pre-empted"_s,
                               u"12 s of 60 s"_s};
    const auto read = acknowledgementFromJson(toJson(done), {});
    REQUIRE(read);
    CHECK(*read == done);
    QJsonObject odd = toJson(done);
    odd.insert(u"state"_s, u"obeyed"_s);
    CHECK_FALSE(acknowledgementFromJson(odd, u"/0"_s));
}
