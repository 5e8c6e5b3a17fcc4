#include "tests/scheduler/store/sample_store.h"

#include <QFile>

using namespace loa;
using namespace loa::test;

TEST_CASE("The audit trail says who did what, in order")
{
    District at;
    at.settle();
    auto& audit = at.store.audit;
    taken(audit.append(morning, at.approver, text("item.approve"), text("item:1"), {{text("sha256"), text("ab")}}));
    taken(audit.append(morning, nullptr, text("hệ thống"), text("plan.run"), text("station:1")));
    const auto latest = taken(audit.latest(10));
    REQUIRE(latest.size() == 2);
    CHECK(latest[0].number == 2);
    CHECK(latest[0].user == std::nullopt);
    CHECK(latest[0].actor == text("hệ thống"));
    CHECK(latest[1].user == at.approver.id);
    CHECK(latest[1].actor == at.approver.fullName);
    CHECK(latest[1].detail == text("{\"sha256\":\"ab\"}"));
    CHECK(taken(audit.latest(1)).size() == 1);
    CHECK(taken(audit.of(text("item:1"))).size() == 1);
    CHECK(taken(audit.verify()) == 2);
    // What is not stored whole is not stored.
    CHECK_FALSE(audit.append(morning, at.approver, text("x"), text("y"), {{text("fraction"), 0.5}}));
    CHECK(taken(audit.verify()) == 2);
}

TEST_CASE("A hand in the audit trail shows")
{
    District at;
    at.settle();
    for (int i = 0; i < 5; ++i)
        taken(at.store.audit.append(morning, at.approver, text("item.approve"), text("item:%1").arg(i)));
    const auto tampered = [&](const char* sql, const char* place) {
        taken(at.database->execute(text(sql)));
        const auto verdict = at.store.audit.verify();
        REQUIRE_FALSE(verdict);
        CHECK(verdict.error().category == ErrorCategory::Conflict);
        CHECK(verdict.error().where == text(place));
    };
    SECTION("a name is changed")
    {
        tampered("UPDATE audit SET actor = 'somebody else' WHERE number = 3", "audit 3");
    }
    SECTION("a record is removed")
    {
        tampered("DELETE FROM audit WHERE number = 2", "audit 2");
    }
    SECTION("two are exchanged")
    {
        taken(at.database->execute(text("UPDATE audit SET number = 100 WHERE number = 4")));
        taken(at.database->execute(text("UPDATE audit SET number = 4 WHERE number = 5")));
        tampered("UPDATE audit SET number = 5 WHERE number = 100", "audit 4");
    }
    SECTION("one is slipped in at the end")
    {
        tampered(
            "INSERT INTO audit SELECT 6, recorded_at, user_id, actor, action, subject, detail, hash, hash FROM audit "
            "WHERE number = 5",
            "audit 6");
    }
}

TEST_CASE("The repository has no way to change or remove an audit record")
{
    QFile source(qEnvironmentVariable("LOA_SOURCE_DIR") + text("/scheduler/store/audit_repository.cpp"));
    REQUIRE(source.open(QIODevice::ReadOnly));
    const QByteArray code = source.readAll();
    CHECK(code.contains("INSERT INTO audit"));
    CHECK_FALSE(code.contains("UPDATE "));
    CHECK_FALSE(code.contains("DELETE "));
}
