#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

TEST_CASE("An upload goes on from where it stood, and nowhere else")
{
    District at;
    at.settle();
    auto& uploads = at.store.uploads;
    const UploadId id{text("u")};
    const UtcTime end = morning + std::chrono::hours(24);
    const store::Upload upload{id, at.editor.id, text("tin bài.mp3"), 100, 0, morning, end};
    taken(uploads.add(upload));
    CHECK(taken(uploads.find(id)) == upload);
    CHECK(categoryOf(uploads.advance(id, 10, 20, end)) == ErrorCategory::Conflict);
    taken(uploads.advance(id, 0, 60, end + std::chrono::hours(1)));
    CHECK(taken(uploads.find(id)).offset == 60);
    CHECK(taken(uploads.find(id)).expiresAt == end + std::chrono::hours(1));
    CHECK(categoryOf(uploads.advance(id, 0, 60, end)) == ErrorCategory::Conflict);
    CHECK(categoryOf(uploads.advance(id, 60, 101, end)) == ErrorCategory::LimitExceeded);
    CHECK(categoryOf(uploads.advance(id, 60, 59, end)) == ErrorCategory::Conflict);

    CHECK(taken(uploads.expired(end)).empty());
    CHECK(taken(uploads.expired(end + std::chrono::hours(1))).size() == 1);
    taken(uploads.advance(id, 60, 100, end));
    CHECK(taken(uploads.expired(end + std::chrono::hours(9))).empty()); // complete
    taken(uploads.remove(id));
    CHECK(categoryOf(uploads.remove(id)) == ErrorCategory::NotFound);
    CHECK(categoryOf(uploads.find(id)) == ErrorCategory::NotFound);
    CHECK(taken(uploads.all()).empty());
}
