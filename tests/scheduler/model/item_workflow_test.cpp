#include "scheduler/model/item_workflow.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::model;

namespace {

const UtcTime now{std::chrono::hours(500'000)};

QString words(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

Sha256 hashOf(const char* seed)
{
    return sha256(QByteArray(seed));
}

IngestedAudio audio(const char* seed)
{
    return {hashOf("source"), hashOf(seed), 480'000, {60 * sampleRate}, -16.0, -1.5, "{}"};
}

Item draft()
{
    Item item;
    item.id = ItemId{words("item")};
    item.title = words("  Một cửa  ");
    item.validFrom = QDate(2026, 12, 1);
    return newItem(item).value();
}

Item submitted(const char* seed = "audio")
{
    const Item attached = attachVersion(draft(), UploadId{words("upload")}, words("a.mp3"), now).value();
    return submit(ingestFinished(attached, 1, audio(seed)).value()).value();
}

Item approved()
{
    return approve(submitted(), hashOf("audio"), UserId{words("leader")}, words("Bà Lan"), now).value();
}

} // namespace

TEST_CASE("An item goes from draft to approved, and then may sound")
{
    const Item item = approved();
    CHECK(item.title == words("Một cửa"));
    CHECK(item.status == ItemStatus::Approved);
    REQUIRE(item.approval);
    CHECK(item.approval->version == 1);
    CHECK(item.approval->approvedByName == words("Bà Lan"));
    REQUIRE(soundingVersion(item));
    CHECK(soundingVersion(item)->sha256 == hashOf("audio"));
}

TEST_CASE("Promise 1: an approval names the exact audio, or is refused", "[promise-1]")
{
    const auto wrong =
        approve(submitted(), hashOf("what the approver heard before"), UserId{words("leader")}, words("Bà Lan"), now);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().category == ErrorCategory::Conflict);
    CHECK_FALSE(wrong.error().message.vi.isEmpty());
    CHECK_FALSE(approve(submitted(), hashOf("audio"), UserId{}, words("Bà Lan"), now));
    CHECK_FALSE(approve(submitted(), hashOf("audio"), UserId{words("leader")}, words("  "), now));
}

TEST_CASE("Promise 1: every edit voids the approval", "[promise-1]")
{
    const Item item = approved();
    std::vector<ItemEdit> edits(8);
    edits[0].title = words("Khác");
    edits[1].script = words("Khác");
    edits[2].topics = std::vector<TopicId>{{words("cchc-a")}};
    edits[3].scope = UnitId{words("elsewhere")};
    edits[4].validFrom = QDate(2026, 12, 2);
    edits[5].validUntil = std::optional(QDate(2026, 12, 31));
    edits[6].priority = Priority::Emergency;
    edits[7].playRules.emplace().mostPlaysADay = 1;
    for (const ItemEdit& change : edits) {
        const Item after = edit(item, change).value();
        CHECK(after.status == ItemStatus::Ready);
        CHECK_FALSE(after.approval);
        CHECK(soundingVersion(after) == nullptr);
        // And a submitted one must be submitted again: nobody approves what changed under his hand.
        CHECK(edit(submitted(), change).value().status == ItemStatus::Ready);
    }
    const Item recorded = attachVersion(item, UploadId{words("other")}, words("b.mp3"), now).value();
    CHECK_FALSE(recorded.approval);
    CHECK(soundingVersion(recorded) == nullptr);
    // The same audio again is an edit all the same.
    CHECK(soundingVersion(ingestFinished(recorded, 2, audio("audio")).value()) == nullptr);
}

TEST_CASE("An edit that changes nothing is no edit")
{
    const Item item = approved();
    ItemEdit same;
    same.title = item.title;
    same.validUntil = item.validUntil;
    CHECK(edit(item, same).value() == item);
    CHECK(edit(item, {}).value() == item);
}

TEST_CASE("An edit is checked")
{
    const auto refused = [](const ItemEdit& change) {
        const auto result = edit(draft(), change);
        REQUIRE_FALSE(result);
        return result.error().where;
    };
    ItemEdit change;
    change.title = words("   ");
    CHECK(refused(change) == words("title"));
    change = {};
    change.validUntil = std::optional(QDate(2026, 11, 30));
    CHECK(refused(change) == words("valid_until"));
    change = {};
    change.topics = std::vector<TopicId>{{words("a")}, {words("a")}};
    CHECK(refused(change) == words("topics"));
    change = {};
    change.script = QString(200'001, QLatin1Char('a'));
    CHECK(refused(change) == words("script"));
}

TEST_CASE("A recording that comes back late does not touch a newer state")
{
    const Item first = attachVersion(draft(), UploadId{words("u1")}, words("a.mp3"), now).value();
    CHECK_FALSE(attachVersion(first, UploadId{words("u2")}, words("b.mp3"), now));
    const Item withdrawn = withdraw(first, words("thôi")).value();
    CHECK_FALSE(ingestFinished(withdrawn, 1, audio("audio")));
    const Item refused =
        ingestRefused(first, 1, {ErrorCategory::Unsupported, {words("không có tiếng"), words("no sound")}, {}}).value();
    CHECK(refused.versions.back().refusal->message.vi == words("không có tiếng"));
    const Item second = attachVersion(refused, UploadId{words("u2")}, words("b.mp3"), now).value();
    CHECK_FALSE(ingestFinished(second, 1, audio("audio")));
    CHECK(ingestFinished(second, 2, audio("audio")));
    CHECK_FALSE(ingestFinished(second, 2, IngestedAudio{}));
}

TEST_CASE("A decision against an item needs a reason")
{
    CHECK_FALSE(reject(submitted(), words(" ")));
    CHECK_FALSE(withdraw(approved(), QString()));
    const Item rejected = reject(submitted(), words(" sai tên ")).value();
    CHECK(rejected.decisionReason == words("sai tên"));
    CHECK(submit(rejected).value().decisionReason.isEmpty());
}
