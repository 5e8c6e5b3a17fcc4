#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

struct Submitted {
    QByteArray path;
    QString sha256;
};

Submitted submitted(Office& office)
{
    const api::Response made = office.post("editor", "/items",
                                           {{text("title"), text("Tin")},
                                            {text("unit_id"), text("district")},
                                            {text("scope_unit_id"), text("district")},
                                            {text("topics"), QJsonArray{text("mot-cua")}},
                                            {text("valid_from"), text("2026-11-01")}});
    const QByteArray path = "/items/" + Office::json(made).value(QLatin1String("id")).toString().toLatin1();
    CHECK(office.post("editor", path + "/submit").status == 409); // nothing to hear yet
    office.post("editor", path + "/versions", {{text("upload_id"), office.upload("editor", "sound")}});
    office.ingest(office.jobs.back(), "house file");
    CHECK(office.post("editor", path + "/submit").status == 200);
    return {path, toString(sha256("house file"))};
}

QString statusOf(const api::Response& response)
{
    return Office::json(response).value(QLatin1String("status")).toString();
}

} // namespace

TEST_CASE("Promise 1: an approval is a named person's, bound to the hash of what was heard", "[promise-1]")
{
    Office office;
    const auto [path, hash] = submitted(office);
    CHECK(office.post("editor", path + "/approve", {{text("sha256"), hash}}).status == 403);
    CHECK(office.post("admin", path + "/approve", {{text("sha256"), hash}}).status == 403);
    CHECK(office.post("approver", path + "/approve", {{text("sha256"), toString(sha256("other"))}}).status == 409);
    CHECK(office.post("approver", path + "/approve", {{text("sha256"), text("abc")}}).status == 400);
    CHECK(office.post("approver", path + "/approve").status == 400);
    CHECK(office.plansAskedFor == 0);
    const api::Response approved = office.post("approver", path + "/approve", {{text("sha256"), hash}});
    REQUIRE(approved.status == 200);
    const QJsonObject approval = Office::json(approved).value(QLatin1String("approval")).toObject();
    CHECK(approval.value(QLatin1String("sha256")) == hash);
    CHECK(approval.value(QLatin1String("approved_by_name")) == text("Ông approver"));
    CHECK(office.plansAskedFor == 1);
    CHECK(must(office.store->plans.wished(office.clock.now(), 10)).size() == 2);
    CHECK(office.audit().front().action == text("item.approve"));
    CHECK(office.audit().front().detail.contains(hash));
}

TEST_CASE("Promise 1: every edit of an approved item voids the approval", "[promise-1]")
{
    Office office;
    const QJsonObject item = office.approvedItem(text("Tin"), text("district"), "house file");
    const QByteArray path = "/items/" + item.value(QLatin1String("id")).toString().toLatin1();
    const int before = office.plansAskedFor;
    const QByteArray match =
        "If-Match: \"" + QByteArray::number(item.value(QLatin1String("revision")).toInt()) + "\"\r\n";
    const QJsonObject edited =
        Office::json(office.send("editor", "PATCH", path, {{text("script"), text("Khác")}}, match));
    CHECK(edited.value(QLatin1String("status")) == text("ready"));
    CHECK(edited.value(QLatin1String("approval")).isNull());
    CHECK(office.plansAskedFor > before); // what was planned must go
}

TEST_CASE("Promise 1: a new recording voids the approval", "[promise-1]")
{
    Office office;
    const QJsonObject item = office.approvedItem(text("Tin"), text("district"), "house file");
    const QByteArray path = "/items/" + item.value(QLatin1String("id")).toString().toLatin1();
    const QJsonObject recorded = Office::json(
        office.post("editor", path + "/versions", {{text("upload_id"), office.upload("editor", "other sound")}}));
    CHECK(recorded.value(QLatin1String("approval")).isNull());
    office.ingest(office.jobs.back(), "other house file");
    CHECK(office.post("approver", path + "/approve", {{text("sha256"), toString(sha256("other house file"))}}).status ==
          409); // not submitted
}

TEST_CASE("A rejection gives its reason and lets the editor try again")
{
    Office office;
    const auto [path, hash] = submitted(office);
    CHECK(office.post("approver", path + "/reject", {{text("reason"), text("  ")}}).status == 400);
    const api::Response rejected = office.post("approver", path + "/reject", {{text("reason"), text("Sai số liệu")}});
    CHECK(statusOf(rejected) == text("rejected"));
    CHECK(Office::json(rejected).value(QLatin1String("reason")) == text("Sai số liệu"));
    CHECK(office.post("approver", path + "/approve", {{text("sha256"), hash}}).status == 409);
    CHECK(statusOf(office.post("editor", path + "/submit")) == text("submitted"));
}

TEST_CASE("A withdrawal takes an item off the air for good")
{
    Office office;
    const QJsonObject item = office.approvedItem(text("Tin"), text("district"), "house file");
    const QByteArray path = "/items/" + item.value(QLatin1String("id")).toString().toLatin1();
    CHECK(office.post("officer-b", path + "/reject", {{text("reason"), text("x")}}).status == 403);
    CHECK(office.post("inspector", path + "/withdraw", {{text("reason"), text("x")}}).status == 403);
    const int before = office.plansAskedFor;
    CHECK(statusOf(office.post("approver", path + "/withdraw", {{text("reason"), text("Đã cũ")}})) ==
          text("withdrawn"));
    CHECK(office.plansAskedFor > before);
    CHECK(office.post("editor", path + "/submit").status == 409);
    CHECK(office.post("approver", "/items/no-such/withdraw", {{text("reason"), text("x")}}).status == 404);
}

TEST_CASE("A decision that fails leaves neither a change nor a trace in the audit trail")
{
    Office office;
    const auto [path, hash] = submitted(office);
    const auto before = office.audit().size();
    office.post("approver", path + "/approve", {{text("sha256"), toString(sha256("other"))}});
    office.post("editor", path + "/approve", {{text("sha256"), hash}});
    CHECK(office.audit().size() == before);
    CHECK(statusOf(office.get("editor", path)) == text("submitted"));
}
