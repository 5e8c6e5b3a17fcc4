#include "tests/playout/timeline/sample_bundle.h"

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

Admission admitSample(const Bundle& bundle)
{
    return admit(bundle, bundle.sessions.front(), soundFacts(bundle));
}

// Exactly this airing is refused, and the other one sounds.
void requireRefused(const Admission& admission, const char* name, RefusalReason reason)
{
    REQUIRE(admission.refusals.size() == 1);
    CHECK(admission.refusals.front().airing.item.value == QString::fromLatin1(name));
    CHECK(toString(admission.refusals.front().reason) == toString(reason));
    REQUIRE(admission.timeline.segments().size() == 1);
    CHECK(admission.timeline.segments().front().item.value != QString::fromLatin1(name));
}

void requireAllRefused(const Admission& admission, RefusalReason reason)
{
    CHECK(admission.timeline.segments().empty());
    REQUIRE(admission.refusals.size() == 2);
    for (const Refusal& refusal : admission.refusals)
        CHECK(toString(refusal.reason) == toString(reason));
}

} // namespace

TEST_CASE("A sound session is admitted whole")
{
    const Bundle bundle = sampleBundle();
    const Admission admission = admitSample(bundle);
    CHECK(admission.refusals.empty());
    REQUIRE(admission.timeline.segments().size() == 2);
    CHECK(admission.timeline.frames() == FrameCount{3 * minute.value});
    CHECK(admission.timeline.startsAt() == morning);
    CHECK(admission.timeline.bundleVersion() == 7);
    CHECK(admission.timeline.plannedStart(admission.timeline.segments()[1]) == morning + 1min);
}

TEST_CASE("Promise 1: what no named person approved, bound to its hash, stays silent", "[promise-1]")
{
    Bundle bundle = sampleBundle();

    SECTION("a hash that the media list does not name")
    {
        bundle.sessions[0].airings[0].sha256 = hashOf("unknown");
        AdmissionFacts facts = soundFacts(bundle);
        facts.verified.insert(hashOf("unknown")); // lying on disk does not make it approved
        requireRefused(admit(bundle, bundle.sessions[0], facts), "first", RefusalReason::NotApproved);
    }
    SECTION("a relay whose source is not in the bundle, or is not as it was approved")
    {
        RelayDefinition relay;
        relay.id = {QStringLiteral("relay-a")};
        relay.unit = {QStringLiteral("unit-a")};
        relay.name = QStringLiteral("VOV1");
        relay.addresses = {QStringLiteral("https://phat.example.vn/vov1.mp3")};
        BundleAiring& airing = bundle.sessions[0].airings[0];
        airing.item = {};
        airing.relay = relay.id;
        airing.sha256 = hashOf(relay);
        requireRefused(admitSample(bundle), "", RefusalReason::NotApproved);
        bundle.relays = {{relay, hashOf(relay), bundle.media.front().approval}};
        const Admission admission = admitSample(bundle);
        CHECK(admission.refusals.empty());
        CHECK(admission.timeline.segments().front().relay == relay.id);
        bundle.relays[0].definition.addresses[0] += u'x';
        requireRefused(admitSample(bundle), "", RefusalReason::NotApproved);
        bundle.relays[0] = {relay, hashOf(relay), {}};
        requireRefused(admitSample(bundle), "", RefusalReason::NotApproved);
        bundle.relays[0] = {relay, hashOf(relay), bundle.media.front().approval};
        bundle.policies.clear();
        requireAllRefused(admitSample(bundle), RefusalReason::OutsideHours);
    }
    SECTION("another item's hash")
    {
        bundle.sessions[0].airings[0].sha256 = hashOf("second");
        requireRefused(admitSample(bundle), "first", RefusalReason::NotApproved);
    }
    SECTION("an approval by nobody")
    {
        bundle.media[0].approval.approvedByName = QStringLiteral("  ");
        requireRefused(admitSample(bundle), "first", RefusalReason::NotApproved);
    }
    SECTION("an approval without an account")
    {
        bundle.media[0].approval.approvedBy = {};
        requireRefused(admitSample(bundle), "first", RefusalReason::NotApproved);
    }
    SECTION("audio that is not on disk")
    {
        AdmissionFacts facts = soundFacts(bundle);
        facts.verified.remove(hashOf("second"));
        requireRefused(admit(bundle, bundle.sessions[0], facts), "second", RefusalReason::MediaMissing);
    }
    SECTION("audio on disk that was altered")
    {
        AdmissionFacts facts = soundFacts(bundle);
        facts.verified.remove(hashOf("second"));
        facts.altered.insert(hashOf("second"));
        requireRefused(admit(bundle, bundle.sessions[0], facts), "second", RefusalReason::MediaAltered);
    }
    SECTION("another length than was approved")
    {
        bundle.media[1].frames = {2 * minute.value - 1};
        requireRefused(admitSample(bundle), "second", RefusalReason::FramesDiffer);
    }
}

TEST_CASE("Promise 2: the agent itself keeps the quiet hours", "[promise-2]")
{
    Bundle bundle = sampleBundle();

    SECTION("one second before the hours begin is too early, for the first item alone")
    {
        bundle.sessions[0].startsAt = morning - 1s;
        requireRefused(admitSample(bundle), "first", RefusalReason::OutsideHours);
    }
    SECTION("the last frame counts")
    {
        bundle.sessions[0].startsAt = morning + 2h - 3min;
        CHECK(admitSample(bundle).refusals.empty());
        bundle.sessions[0].startsAt += 1us;
        requireRefused(admitSample(bundle), "second", RefusalReason::OutsideHours);
    }
    SECTION("a date without a policy is silent")
    {
        bundle.policies[0].validFrom = QDate(2026, 12, 2);
        requireAllRefused(admitSample(bundle), RefusalReason::OutsideHours);
    }
    SECTION("a zone that is not known is silent")
    {
        bundle.timeZone = "Asia/Nowhere";
        requireAllRefused(admitSample(bundle), RefusalReason::OutsideHours);
    }
    SECTION("longer than a session may last")
    {
        bundle.policies[0].sessionLength = 150s;
        requireRefused(admitSample(bundle), "second", RefusalReason::OutsideSession);
    }
    SECTION("more sessions than a day may have")
    {
        bundle.policies[0].sessionsPerDay = 1;
        CHECK(admitSample(bundle).refusals.empty());
        BundleSession later = bundle.sessions[0];
        later.id = SessionId{QStringLiteral("session-2")};
        later.startsAt = morning + 1h;
        bundle.sessions.push_back(later);
        CHECK(admitSample(bundle).refusals.empty());
        requireAllRefused(admit(bundle, bundle.sessions[1], soundFacts(bundle)), RefusalReason::OutsideSession);
    }
    SECTION("an emergency sounds outside the hours, but needs its approval still")
    {
        bundle.sessions[0].startsAt = morning - 3h;
        for (BundleAiring& airing : bundle.sessions[0].airings)
            airing.priority = Priority::Emergency;
        CHECK(admitSample(bundle).refusals.empty());
        bundle.media[0].approval.approvedBy = {};
        requireRefused(admitSample(bundle), "first", RefusalReason::NotApproved);
    }
    SECTION("a priority item does not")
    {
        bundle.sessions[0].startsAt = morning - 3h;
        for (BundleAiring& airing : bundle.sessions[0].airings)
            airing.priority = Priority::Priority;
        requireAllRefused(admitSample(bundle), RefusalReason::OutsideHours);
    }
}

TEST_CASE("Promise 9: with an untrusted clock nothing is admitted", "[promise-9]")
{
    const Bundle bundle = sampleBundle();
    AdmissionFacts facts = soundFacts(bundle);
    facts.clock = ClockState::Untrusted;
    requireAllRefused(admit(bundle, bundle.sessions[0], facts), RefusalReason::ClockUntrusted);
    facts.clock = ClockState::Assumed;
    CHECK(admit(bundle, bundle.sessions[0], facts).refusals.empty());
}

TEST_CASE("Promise 10: another station's bundle does not sound", "[promise-10]")
{
    const Bundle bundle = sampleBundle();
    AdmissionFacts facts = soundFacts(bundle);
    facts.station = StationId{QStringLiteral("station-2")};
    requireAllRefused(admit(bundle, bundle.sessions[0], facts), RefusalReason::OtherStation);
}

TEST_CASE("Nothing sounds outside the bundle's validity or the session's length")
{
    Bundle bundle = sampleBundle();
    SECTION("validity ends in mid-session")
    {
        bundle.validUntil = morning + 2min;
        requireRefused(admitSample(bundle), "second", RefusalReason::OutsideBundle);
    }
    SECTION("validity begins later")
    {
        bundle.validFrom = morning + 1min;
        requireRefused(admitSample(bundle), "first", RefusalReason::OutsideBundle);
    }
    SECTION("an airing runs over the session's end")
    {
        bundle.sessions[0].frames = {3 * minute.value - 1};
        requireRefused(admitSample(bundle), "second", RefusalReason::OutsideSession);
    }
    SECTION("two airings at once: the later one is refused")
    {
        bundle.sessions[0].airings[1].offset = minute - FrameCount{1};
        requireRefused(admitSample(bundle), "second", RefusalReason::MixNotAllowed);
    }
}

} // namespace loa::playout
