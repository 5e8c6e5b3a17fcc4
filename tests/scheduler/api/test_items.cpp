#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QJsonObject draft(const char* title = "Bản tin một cửa")
{
    return {{text("title"), text(title)},
            {text("unit_id"), text("district")},
            {text("scope_unit_id"), text("district")},
            {text("script"), text("Kính thưa bà con")},
            {text("topics"), QJsonArray{text("mot-cua")}},
            {text("valid_from"), text("2026-11-01")},
            {text("valid_until"), QJsonValue::Null},
            {text("priority"), text("NORMAL")}};
}

QByteArray pathOf(const QJsonObject& item)
{
    return "/items/" + item.value(QLatin1String("id")).toString().toLatin1();
}

} // namespace

TEST_CASE("An item is written, found and read")
{
    Office office;
    const api::Response made = office.post("editor", "/items", draft());
    REQUIRE(made.status == 201);
    CHECK(made.header("ETag") == "\"1\"");
    const QJsonObject item = Office::json(made);
    CHECK(item.value(QLatin1String("status")) == text("draft"));
    CHECK(item.value(QLatin1String("created_by")) == text("user-editor"));
    CHECK(item.value(QLatin1String("current_version")).isNull());
    CHECK(Office::json(office.get("editor", pathOf(item))) == item);
    CHECK(Office::items(office.get("editor", "/items?q=mot+cua")).size() == 1);
    CHECK(Office::items(office.get("editor", "/items?q=M%E1%BB%98T")).size() == 1);
    CHECK(Office::items(office.get("editor", "/items?q=khong-co")).isEmpty());
    CHECK(Office::items(office.get("editor", "/items?status=draft")).size() == 1);
    CHECK(Office::items(office.get("editor", "/items?status=approved")).isEmpty());
    CHECK(office.get("editor", "/items?status=great").status == 400);
    CHECK(office.get("editor", "/items?colour=red").status == 400);
    CHECK(office.get("editor", "/items?q=a&q=b").status == 400);
    CHECK(Office::items(office.get("editor", "/topics")).size() == 2);
    CHECK(office.audit().front().action == text("item.create"));
}

TEST_CASE("What is wrong with an item is said by its member, in both languages")
{
    Office office;
    const auto refused = [&](const char* member, const QJsonValue& value) {
        QJsonObject item = draft();
        item[text(member)] = value;
        const api::Response response = office.post("editor", "/items", item);
        const QJsonObject problem = Office::json(response);
        CHECK(response.status == 400);
        CHECK_FALSE(problem.value(QLatin1String("detail")).toString().isEmpty());
        CHECK_FALSE(problem.value(QLatin1String("detail_vi")).toString().isEmpty());
        CHECK(problem.value(QLatin1String("detail")) != problem.value(QLatin1String("detail_vi")));
        CHECK(problem.value(QLatin1String("instance")) == text("/api/v1/items"));
        return problem.value(QLatin1String("where")).toString().toStdString();
    };
    CHECK(refused("title", text(" ")) == "/title");
    CHECK(refused("title", QString(301, u'a')) == "/title");
    CHECK(refused("title", 5) == "/title");
    CHECK(refused("unit_id", text("nowhere")) == "/unit_id");
    CHECK(refused("scope_unit_id", text("NO WHERE")) == "/scope_unit_id");
    CHECK(refused("topics", QJsonArray{text("no-such-topic")}) == "/topics");
    CHECK(refused("topics", QJsonArray{5}) == "/topics");
    CHECK(refused("valid_from", text("2026-02-30")) == "/valid_from");
    CHECK(refused("valid_from", QJsonValue::Null) == "/valid_from");
    CHECK(refused("priority", text("normal")) == "/priority");
    CHECK(refused("approval", true) == "/approval");
    CHECK(refused("valid_until", text("2026-10-01")) == "valid_until");
}

TEST_CASE("An item is seen where it is made and where it sounds")
{
    Office office;
    QJsonObject own = draft("Tin riêng của A");
    own[text("unit_id")] = text("commune-a");
    own[text("scope_unit_id")] = text("commune-a");
    const QJsonObject ofA = Office::json(office.post("officer-a", "/items", own));
    const QJsonObject ofAll = Office::json(office.post("editor", "/items", draft("Tin chung")));
    CHECK(Office::items(office.get("officer-a", "/items")).size() == 2);
    CHECK(Office::items(office.get("officer-b", "/items")).size() == 1);
    CHECK(office.get("officer-b", pathOf(ofA)).status == 404);
    CHECK(office.get("officer-b", pathOf(ofAll)).status == 200);
    CHECK(
        office.send("officer-b", "PATCH", pathOf(ofAll), {{text("title"), text("x")}}, "If-Match: \"1\"\r\n").status ==
        403);
    CHECK(office.post("officer-b", "/items", own).status == 403);
    own[text("unit_id")] = text("commune-b");
    CHECK(office.post("officer-b", "/items", own).status == 403); // would sound at A
    CHECK(office.post("approver", "/items", draft()).status == 403);
    CHECK(office.post("inspector", "/items", draft()).status == 403);
    CHECK(office.post("admin", "/items", draft()).status == 403);
}

TEST_CASE("An edit needs the revision that it was made on")
{
    Office office;
    const QByteArray path = pathOf(Office::json(office.post("editor", "/items", draft())));
    CHECK(office.send("editor", "PATCH", path, {{text("title"), text("Mới")}}).status == 428);
    CHECK(office.send("editor", "PATCH", path, {{text("title"), text("Mới")}}, "If-Match: \"2\"\r\n").status == 412);
    CHECK(office.send("editor", "PATCH", path, {{text("title"), text("Mới")}}, "If-Match: 1\r\n").status == 412);
    const api::Response changed =
        office.send("editor", "PATCH", path, {{text("title"), text("Mới")}}, "If-Match: \"1\"\r\n");
    CHECK(changed.status == 200);
    CHECK(changed.header("ETag") == "\"2\"");
    CHECK(office.send("editor", "PATCH", path, {{text("title"), text("Cũ")}}, "If-Match: \"1\"\r\n").status == 412);
    const api::Response same =
        office.send("editor", "PATCH", path, {{text("title"), text("Mới")}}, "If-Match: \"2\"\r\n");
    CHECK(same.header("ETag") == "\"2\"");
    CHECK(office.send("editor", "PATCH", path, {{text("scope_unit_id"), text("nowhere")}}, "If-Match: \"2\"\r\n")
              .status == 400);
    CHECK(office.send("editor", "PATCH", path, {{text("unit_id"), text("commune-a")}}, "If-Match: \"2\"\r\n").status ==
          400);
    CHECK(Office::json(
              office.send("editor", "PATCH", path, {{text("valid_until"), text("2026-12-31")}}, "If-Match: \"2\"\r\n"))
              .value(QLatin1String("valid_until")) == text("2026-12-31"));
    CHECK(Office::json(
              office.send("editor", "PATCH", path, {{text("valid_until"), QJsonValue::Null}}, "If-Match: \"3\"\r\n"))
              .value(QLatin1String("valid_until"))
              .isNull());
}

TEST_CASE("A recording is read in the background and shown with its figures")
{
    Office office;
    const QByteArray path = pathOf(Office::json(office.post("editor", "/items", draft())));
    const QString upload = office.upload("editor", "sound", "C:\\tin\\b\xe1\xba\xa3n tin.mp3");
    CHECK(office.post("officer-a", path + "/versions", {{text("upload_id"), upload}}).status == 403);
    const api::Response taken = office.post("editor", path + "/versions", {{text("upload_id"), upload}});
    REQUIRE(taken.status == 202);
    CHECK(Office::json(taken).value(QLatin1String("status")) == text("processing"));
    REQUIRE(office.jobs.size() == 1);
    CHECK(office.jobs[0].sourceName == text("bản tin.mp3"));
    CHECK(office.post("editor", path + "/versions", {{text("upload_id"), upload}}).status == 409); // one at a time
    office.ingest(office.jobs[0], "house file", 90);
    const QJsonObject item = Office::json(office.get("editor", path));
    CHECK(item.value(QLatin1String("status")) == text("ready"));
    const QJsonObject version = item.value(QLatin1String("versions"))[0].toObject();
    CHECK(version.value(QLatin1String("duration_ms")).toInt() == 90'000);
    CHECK(version.value(QLatin1String("sha256")) == toString(sha256("house file")));
    CHECK(version.value(QLatin1String("peaks")).toArray().size() == 3);
    CHECK(version.value(QLatin1String("warnings"))[0][QLatin1String("en")] == text("Quiet"));
    CHECK(Office::items(office.get("editor", "/items"))[0][QLatin1String("versions")][0][QLatin1String("peaks")]
              .toArray()
              .isEmpty());
}

TEST_CASE("Only a complete upload of one's own becomes a recording")
{
    Office office;
    const QByteArray path = pathOf(Office::json(office.post("editor", "/items", draft())));
    CHECK(office.post("editor", path + "/versions", {{text("upload_id"), text("no-such")}}).status == 400);
    const QString others = office.upload("officer-a", "sound");
    CHECK(office.post("editor", path + "/versions", {{text("upload_id"), others}}).status == 400);
    const api::Response begun = office.raw(
        "POST", "/api/v1/uploads", office.credentials("editor") + "Tus-Resumable: 1.0.0\r\nUpload-Length: 10\r\n");
    const QString half = QString::fromLatin1(begun.header("Location")).section(u'/', -1);
    CHECK(office.post("editor", path + "/versions", {{text("upload_id"), half}}).status == 409);
    CHECK(office.jobs.empty());
}

TEST_CASE("Play rules of an item are kept, and name only what is there")
{
    Office office;
    QJsonObject written = draft();
    const QJsonObject rules{{text("least_gap_minutes"), 1440}, {text("not_before"), text("17:00")}};
    written[text("play_rules")] = rules;
    const QJsonObject item = Office::json(office.post("editor", "/items", written));
    const auto ruleOf = [](const QJsonObject& of, const char* member) {
        return of.value(QLatin1String("play_rules")).toObject().value(text(member));
    };
    CHECK(ruleOf(item, "least_gap_minutes") == QJsonValue(1440));
    CHECK(ruleOf(item, "not_before") == QJsonValue(text("17:00")));
    CHECK(ruleOf(item, "series").isNull());

    const auto changed = [&](const char* member, const QJsonValue& value) {
        return office.send("editor", "PATCH", pathOf(item), {{text("play_rules"), QJsonObject{{text(member), value}}}},
                           "If-Match: \"1\"\r\n");
    };
    CHECK(changed("colour", text("red")).status == 400);
    CHECK(changed("not_before", text("25:00")).status == 400);
    CHECK(changed("pair_with", text("khong-co")).status == 400);
    CHECK(changed("pair_with", item.value(QLatin1String("id"))).status == 400);
    CHECK(changed("forbidden_at", QJsonArray{text("khong-co")}).status == 400);
    const QJsonObject after = Office::json(changed("most_plays_a_day", 1));
    CHECK(ruleOf(after, "most_plays_a_day") == QJsonValue(1));
    CHECK(ruleOf(after, "least_gap_minutes") == QJsonValue(0));
}
