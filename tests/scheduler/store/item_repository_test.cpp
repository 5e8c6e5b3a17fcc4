#include "scheduler/store/item_repository.h"
#include "tests/scheduler/store/sample_store.h"

#include <QFile>

#include <random>

using namespace loa;
using namespace loa::test;

TEST_CASE("Items come back as they were stored")
{
    District at;
    at.settle();
    auto& items = at.store.items;
    model::Item item = at.draft("one", "cchc-b", at.communes[0]);
    item.script = text("Nội dung: \"một cửa\"\n…");
    item.topics.push_back(TopicId{text("cchc-a")});
    item.validUntil = day(31);
    item.priority = Priority::Priority;
    taken(items.add(item));
    CHECK(taken(items.find(item.id)) == item);

    item = taken(items.save(taken(model::attachVersion(item, UploadId{text("u")}, text("tin bài.mp3"), morning))));
    CHECK(item.revision == 2);
    const Error refusal{ErrorCategory::Unsupported, {text("không có tiếng"), text("no sound")}, text("byte 12")};
    item = taken(items.save(taken(model::ingestRefused(item, 1, refusal))));
    CHECK(taken(items.find(item.id)).versions[0].refusal == refusal);
    CHECK(taken(items.processing()).empty());

    item = taken(items.save(taken(model::attachVersion(item, UploadId{text("u2")}, text("b.wav"), morning))));
    CHECK(taken(items.processing()).size() == 1);
    item = taken(items.save(taken(model::ingestFinished(item, 2, District::audio("sound")))));
    const model::Item stored = taken(items.find(item.id));
    CHECK(stored == item);
    CHECK(stored.versions[1].integratedLufs == -16.0);
    CHECK(stored.versions[1].report == "{\"peaks\":[1,2]}");
    CHECK(taken(items.hasMedia(hashOf("sound"))));
    CHECK_FALSE(taken(items.hasMedia(hashOf("other"))));
    CHECK(categoryOf(items.find(ItemId{text("none")})) == ErrorCategory::NotFound);
}

TEST_CASE("Of two people who change one item at once, one is told")
{
    District at;
    at.settle();
    const model::Item item = at.draft("one");
    taken(at.store.items.add(item));
    model::ItemEdit change;
    change.title = text("của A");
    taken(at.store.items.save(taken(model::edit(item, change))));
    change.title = text("của B");
    CHECK(categoryOf(at.store.items.save(taken(model::edit(item, change)))) == ErrorCategory::Conflict);
    CHECK(taken(at.store.items.find(item.id)).title == text("của A"));
    model::Item unknown = item;
    unknown.id = ItemId{text("none")};
    CHECK(categoryOf(at.store.items.save(unknown)) == ErrorCategory::NotFound);
}

TEST_CASE("An unknown topic is refused, and nothing of the item is stored")
{
    District at;
    at.settle();
    model::Item item = at.draft("one");
    item.topics = {TopicId{text("nonsense")}};
    const auto refused = at.store.items.add(item);
    CHECK(categoryOf(refused) == ErrorCategory::InvalidInput);
    CHECK(refused.error().where == text("topics"));
    CHECK(categoryOf(at.store.items.find(item.id)) == ErrorCategory::NotFound);
}

TEST_CASE("Promise 1: a stored recording's hash never changes", "[promise-1]")
{
    District at;
    at.settle();
    model::Item item = at.approved("one");
    item.versions[0].sha256 = hashOf("something else");
    item.versions[0].frames = {1};
    item = taken(at.store.items.save(item));
    CHECK(item.versions[0].sha256 == hashOf("one"));
    CHECK(item.versions[0].frames == FrameCount{60 * sampleRate});
}

TEST_CASE("Promise 1: a voided approval is gone from the item and kept in the record", "[promise-1]")
{
    District at;
    at.settle();
    auto& items = at.store.items;
    model::Item item = at.approved("one");
    CHECK(taken(items.approved()).size() == 1);
    const auto approval = item.approval;
    model::ItemEdit change;
    change.title = text("sửa");
    item = taken(items.save(taken(model::edit(item, change))));
    CHECK(taken(items.find(item.id)).approval == std::nullopt);
    CHECK(taken(items.approved()).empty());
    CHECK(taken(items.approvalOf(item.id, hashOf("one"))) == approval);
    CHECK(taken(items.approvalOf(item.id, hashOf("two"))) == std::nullopt);

    // Approved anew by another person: both are kept, the last one holds.
    item = taken(items.save(taken(model::submit(item))));
    item = taken(items.save(taken(
        model::approve(item, hashOf("one"), at.administrator.id, text("Ông Hùng"), morning + std::chrono::hours(1)))));
    CHECK(taken(items.approvalOf(item.id, hashOf("one")))->approvedByName == text("Ông Hùng"));
    CHECK(taken(items.lastApprovers()).front().second == text("Ông Hùng"));
    CHECK(taken(at.database->select(text("SELECT * FROM item_approvals"))).size() == 2);
}

TEST_CASE("Saving an approved item again gives no second approval")
{
    District at;
    at.settle();
    const model::Item item = at.approved("one");
    taken(at.store.items.save(item));
    CHECK(taken(at.database->select(text("SELECT * FROM item_approvals"))).size() == 1);
}

TEST_CASE("Items are found by status, by unit and by words, whatever the marks")
{
    District at;
    at.settle();
    auto& items = at.store.items;
    model::Item item = at.draft("one", "cchc-a", at.communes[0]);
    item.title = text("Thủ tục Đất đai");
    taken(items.add(item));
    item = at.draft("two");
    item.script = text("100% hồ sơ qua mạng");
    taken(items.add(item));
    at.approved("three");
    const auto found = [&](const char* words) { return taken(items.list({{}, text(words), {}, 10})).size(); };
    CHECK(found("thu tuc") == 1);
    CHECK(found("ĐẤT đai") == 1);
    CHECK(found("dai tục") == 1);
    CHECK(found("100%") == 1);
    CHECK(found("1%0") == 0);
    CHECK(found("_") == 0);
    CHECK(found("") == 3);
    CHECK(taken(items.list({model::ItemStatus::Approved, {}, {}, 10})).size() == 1);
    CHECK(taken(items.list({{}, {}, std::vector{at.communes[0]}, 10})).size() == 1);
    CHECK(taken(items.list({{}, {}, std::vector{at.district}, 10})).size() == 3);
    CHECK(taken(items.list({{}, {}, std::vector<UnitId>{}, 10})).empty());
    CHECK(taken(items.list({{}, {}, {}, 2})).size() == 2);
    CHECK(store::foldedForSearch(text("Đường Nguyễn")) == text("duong nguyen"));
}

TEST_CASE("Long lists come whole, each item with its own parts")
{
    District at;
    at.settle();
    for (int i = 0; i < 230; ++i)
        at.submitted(("item-" + std::to_string(i)).c_str(), i % 2 == 0 ? "cchc-a" : "other");
    const auto items = taken(at.store.items.list({{}, {}, {}, 1000}));
    REQUIRE(items.size() == 230);
    for (const model::Item& item : items) {
        REQUIRE(item.topics.size() == 1);
        REQUIRE(item.versions.size() == 1);
        CHECK(item.versions[0].sha256 == hashOf(item.id.value.toStdString()));
        CHECK(item.versions[0].report.isEmpty());
    }
}

TEST_CASE("Random lives of items come back from the database as the workflow left them", "[property]")
{
    District at;
    at.settle();
    auto& items = at.store.items;
    std::mt19937 random(11);
    const auto chance = [&](unsigned of) { return random() % of == 0; };
    for (int life = 0; life < 30; ++life) {
        model::Item item = at.draft(("life-" + std::to_string(life)).c_str());
        taken(items.add(item));
        for (int step = 0; step < 25; ++step) {
            Result<model::Item> next = fail(ErrorCategory::Conflict, {});
            const int version = item.versions.empty() ? 1 : item.versions.back().number;
            const std::string seed = item.id.value.toStdString() + std::to_string(step);
            switch (random() % 6) {
            case 0:
                next = model::attachVersion(item, UploadId{text("u")}, text("a.mp3"), morning);
                break;
            case 1:
                next = chance(4) ? model::ingestRefused(item, version,
                                                        {ErrorCategory::InvalidInput, {text("v"), text("e")}, {}})
                                 : model::ingestFinished(item, version, District::audio(seed));
                break;
            case 2:
                next = model::submit(item);
                break;
            case 3:
                next = model::approve(item,
                                      item.versions.empty() ? Sha256{} : item.versions.back().sha256.value_or(Sha256{}),
                                      at.approver.id, at.approver.fullName, morning + Duration(step));
                break;
            case 4: {
                model::ItemEdit change;
                change.script = QString::number(random() % 3);
                change.topics =
                    chance(2) ? std::vector<TopicId>{} : std::vector{TopicId{text("other")}, TopicId{text("cchc-b")}};
                next = model::edit(item, change);
                break;
            }
            default:
                next = chance(20) ? model::withdraw(item, text("thôi")) : model::reject(item, text("chưa đạt"));
            }
            if (!next)
                continue;
            model::Item expected = *next;
            ++expected.revision;
            item = taken(items.save(*next));
            REQUIRE(item == expected);
        }
        REQUIRE(taken(items.find(item.id)) == item);
    }
}

TEST_CASE("The topics of the plan's contents can be read and stored, twice without harm")
{
    District at;
    QFile file(qEnvironmentVariable("LOA_SOURCE_DIR") + text("/config/topics.json"));
    REQUIRE(file.open(QIODevice::ReadOnly));
    const auto topics = taken(store::topicsFromJson(file.readAll()));
    for (int twice = 0; twice < 2; ++twice) {
        for (const model::Topic& topic : topics)
            taken(at.store.topics.put(topic));
    }
    const auto stored = taken(at.store.topics.all());
    CHECK(stored == topics);
    for (const char* group : {"cchc-a", "cchc-b", "cchc-c", "cchc-d", "cchc-dd", "cchc-e", "other"}) {
        CHECK(std::any_of(stored.begin(), stored.end(),
                          [&](const model::Topic& topic) { return topic.group == text(group); }));
    }
    CHECK(categoryOf(store::topicsFromJson("[]")) == ErrorCategory::InvalidInput);
    CHECK(categoryOf(store::topicsFromJson(R"({"source":"x","topics":[{"id":"a","grup":"b"}]})")) ==
          ErrorCategory::InvalidInput);
}

TEST_CASE("An item keeps its play rules")
{
    District at;
    at.settle();
    model::Item item = at.draft("a");
    item.playRules.leastGap = std::chrono::minutes(90);
    item.playRules.mostPlaysADay = 1;
    item.playRules.mostPlays = model::PlayLimit{4, model::ObligationPeriod::Month};
    item.playRules.notBefore = QTime(17, 0);
    item.playRules.series = model::SeriesPlace{text("Đề án 06"), 3};
    item.playRules.pairWith = ItemId{text("b")};
    item.playRules.notBeside = {ItemId{text("c")}, ItemId{text("d")}};
    item.playRules.forbiddenAt = {at.stations[1]};
    taken(at.store.items.add(item));
    CHECK(taken(at.store.items.find(item.id)) == item);
    item.playRules = {};
    CHECK(taken(at.store.items.save(item)).playRules == model::PlayRules{});
}
