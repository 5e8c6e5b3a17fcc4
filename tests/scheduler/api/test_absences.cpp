// Why an item is not among those that may sound, told by "why not?" and by the difference that its absence makes.
#include "tests/scheduler/api/desk.h"

#include <map>

using namespace loa;
using namespace loa::test;
using namespace std::chrono_literals;

TEST_CASE("Why not: each reason for which an item is not there at all is told as what it is")
{
    Desk office;
    const auto recorded = [&](const char* title, const QByteArray& audio) {
        const QJsonObject made = Office::json(office.post("editor", "/items",
                                                          {{text("title"), text(title)},
                                                           {text("unit_id"), text("district")},
                                                           {text("scope_unit_id"), text("district")},
                                                           {text("valid_from"), text("2026-11-01")}}));
        QString id = made[QLatin1String("id")].toString();
        const QByteArray path = "/items/" + id.toLatin1();
        REQUIRE(
            office
                .post("editor", path + "/versions", {{text("upload_id"), office.upload("editor", "sound of " + audio)}})
                .status == 202);
        office.ingest(office.jobs.back(), audio);
        REQUIRE(office.post("editor", path + "/submit").status == 200);
        return id;
    };
    const auto approved = [&](const char* title, const char* scope, const char* audio) {
        return office.approvedItem(text(title), text(scope), audio)[QLatin1String("id")].toString();
    };
    const auto decide = [&](const QString& item, const char* what, const char* why) {
        REQUIRE(office.post("approver", "/items/" + item.toLatin1() + what, {{text("reason"), text(why)}}).status ==
                200);
    };
    const auto check = [&](const QString& item, const char* vi, const char* en, const char* remedy) {
        const QJsonObject told =
            Office::json(office.get("editor", "/stations/station-a/why-not?item=" + item.toLatin1()));
        INFO(QJsonDocument(told).toJson().toStdString());
        CHECK_FALSE(told[QLatin1String("scheduled")].toBool());
        const QJsonArray reasons = told[QLatin1String("reasons")].toArray();
        REQUIRE(reasons.size() == 1);
        CHECK(reasons[0][QLatin1String("vi")].toString().contains(text(vi)));
        CHECK(reasons[0][QLatin1String("en")].toString().contains(text(en)));
        const QJsonArray remedies = told[QLatin1String("remedies")].toArray();
        REQUIRE(remedies.size() == (remedy == nullptr ? 0 : 1));
        if (remedy != nullptr)
            CHECK(remedies[0][QLatin1String("en")].toString().contains(text(remedy)));
    };
    check(recorded("Chờ duyệt", "waiting"), "đang chờ duyệt", "waits for an approver", "hear and approve");

    const QString rejected = recorded("Bị từ chối", "rejected");
    decide(rejected, "/reject", "tạp âm");
    check(rejected, "bị từ chối: tạp âm", "rejected: tạp âm", "submit it");

    const QString withdrawn = approved("Đã rút", "district", "withdrawn");
    decide(withdrawn, "/withdraw", "sai số liệu");
    check(withdrawn, "đã được rút: sai số liệu", "withdrawn: sai số liệu", "Make a new item");

    const QString renewed = approved("Thu lại", "district", "before");
    REQUIRE(office
                .post("editor", "/items/" + renewed.toLatin1() + "/versions",
                      {{text("upload_id"), office.upload("editor", "sound of after")}})
                .status == 202);
    office.ingest(office.jobs.back(), "after");
    check(renewed, "Bản thu mới", "new recording has not been approved", "hear and approve");

    check(approved("Của xã khác", "commune-b", "elsewhere"), "chỉ dành cho các đài của Xã commune-b",
          "stations of Xã commune-b alone", "Widen the item's scope");
    office.clock.advance(1h); // the twin comes later
    check(approved("Trùng bản thu", "district", "one"), "của \"Tin một\"", "that of \"Tin một\"", nullptr);
}

TEST_CASE("What is gone from a plan is told with what took it away")
{
    Desk office;
    const QByteArray item = Desk::itemsOf(office.day("2026-12-01")).front().toLatin1();
    const auto revise = [&](const QJsonObject& change) {
        const auto revision = Office::json(office.get("editor", "/items/" + item))[QLatin1String("revision")];
        REQUIRE(office
                    .send("editor", "PATCH", "/items/" + item, change,
                          "If-Match: \"" + QByteArray::number(revision.toInt()) + "\"\r\n")
                    .status == 200);
    };
    const auto approve = [&] {
        REQUIRE(office.post("editor", "/items/" + item + "/submit").status == 200);
        const model::Item stored = must(office.store->items.find(ItemId{QString::fromLatin1(item)}));
        const QString sha = toString(*stored.versions.back().sha256);
        REQUIRE(office.post("approver", "/items/" + item + "/approve", {{text("sha256"), sha}}).status == 200);
    };
    // By a preview of planning now.
    const auto check = [&](const char* vi, const char* en) {
        const QJsonObject preview =
            Office::json(office.post("editor", "/plan/preview", {{text("station_ids"), QJsonArray{text("station-a")}}}))
                .value(QLatin1String("stations"))[0]
                .toObject();
        INFO(QJsonDocument(preview).toJson().toStdString());
        const QJsonArray removed = preview[QLatin1String("removed")].toArray();
        REQUIRE_FALSE(removed.isEmpty());
        bool told = false;
        for (const QJsonValue& change : removed) {
            if (change[QLatin1String("item_id")] != QString::fromLatin1(item))
                continue;
            told = true;
            CHECK(change[QLatin1String("reason")][QLatin1String("vi")].toString().contains(text(vi)));
            CHECK(change[QLatin1String("reason")][QLatin1String("en")].toString().contains(text(en)));
        }
        CHECK(told);
    };
    revise({{text("title"), text("Tên khác")}});
    check("sửa sau khi duyệt", "edited after its approval");
    revise({{text("scope_unit_id"), text("commune-b")}});
    approve();
    check("chỉ dành cho các đài của Xã commune-b", "stations of Xã commune-b alone");
    revise({{text("scope_unit_id"), text("district")}, {text("valid_until"), text("2026-11-30")}});
    approve();
    check("không có hiệu lực", "not valid");
    REQUIRE(office.post("approver", "/items/" + item + "/withdraw", {{text("reason"), text("sai")}}).status == 200);
    check("đã được rút: sai", "withdrawn: sai");
}

TEST_CASE("A tune that falls out of its template's sessions is told with what took it away, not with the template")
{
    Desk office;
    const QString tune =
        office.approvedItem(text("Nhạc hiệu"), text("district"), "tune")[QLatin1String("id")].toString();
    const QByteArray path = "/items/" + tune.toLatin1();
    model::Item recording = must(office.store->items.find(ItemId{tune}));
    recording.topics = {TopicId{text("khac")}};
    must(office.store->items.save(recording));
    const QJsonObject signature{
        {text("id"), text("signature")}, {text("kind"), text("signature")}, {text("tune_item_id"), tune}};
    const QJsonObject news{{text("id"), text("news")}, {text("kind"), text("items")}};
    const auto made = office.post("admin", "/templates",
                                  {{text("unit_id"), text("district")},
                                   {text("name"), text("Sáng")},
                                   {text("parts"), QJsonArray{signature, news}}});
    INFO(made.bytes().toStdString());
    REQUIRE(made.status == 201);
    const QString rule =
        Office::items(office.get("officer-a", "/stations/station-a/session-rules"))[0][QLatin1String("id")].toString();
    const QByteArray rulePath = "/session-rules/" + rule.toLatin1();
    const QString template_ = Office::json(made)[QLatin1String("id")].toString();
    REQUIRE(office.send("admin", "PATCH", rulePath, {{text("template_id"), template_}}).status == 200);
    office.plan();
    // Why its plays are gone, by their local dates.
    const auto told = [&](const QByteArray& person, const char* method, const QString& where, const QJsonObject& body,
                          const QString& match = {}) {
        QJsonObject change{{text("method"), text(method)}, {text("path"), where}, {text("body"), body}};
        if (!match.isEmpty())
            change.insert(text("if_match"), match);
        const api::Response answer = office.post(person, "/plan/preview", {{text("change"), change}});
        INFO(answer.bytes().toStdString());
        REQUIRE(answer.status == 200);
        std::map<QString, QString> reasons;
        const QJsonObject at = Office::json(answer).value(QLatin1String("stations"))[0].toObject();
        for (const QJsonValue& gone : at[QLatin1String("removed")].toArray()) {
            if (gone[QLatin1String("item_id")] == tune)
                reasons[gone[QLatin1String("from")][QLatin1String("local_date")].toString()] =
                    gone[QLatin1String("reason")][QLatin1String("en")].toString();
        }
        REQUIRE(reasons.size() >= 20);
        return reasons;
    };
    const auto revision = [&] {
        return text("\"%1\"").arg(Office::json(office.get("editor", path))[QLatin1String("revision")].toInt());
    };
    const QString item = QString::fromLatin1(path);
    CHECK(told("approver", "POST", item + text("/withdraw"), {{text("reason"), text("tiếng cũ")}})
              .begin()
              ->second.contains(text("withdrawn: tiếng cũ")));
    CHECK(told("admin", "PATCH", QString::fromLatin1(rulePath), {{text("template_id"), QJsonValue()}})
              .begin()
              ->second.contains(text("template does not use it")));
    CHECK(told("editor", "PATCH", item, {{text("title"), text("Tên khác")}}, revision())
              .begin()
              ->second.contains(text("edited after its approval")));
    // Approved anew, it is valid for two more days, and a planner that has not planned since is asked.
    REQUIRE(office
                .send("editor", "PATCH", path, {{text("valid_until"), text("2026-12-02")}},
                      "If-Match: " + revision().toLatin1() + "\r\n")
                .status == 200);
    REQUIRE(office.post("editor", path + "/submit").status == 200);
    const model::Item stored = must(office.store->items.find(ItemId{tune}));
    const auto expired =
        told("approver", "POST", item + text("/approve"), {{text("sha256"), toString(*stored.versions.back().sha256)}});
    CHECK(expired.begin()->first == text("2026-12-03"));
    CHECK(expired.begin()->second.contains(text("valid from 01/11/2026 to 02/12/2026 alone")));
    // Approved anew for every station but this one.
    REQUIRE(office
                .send("editor", "PATCH", path,
                      {{text("valid_until"), QJsonValue()},
                       {text("play_rules"), QJsonObject{{text("forbidden_at"), QJsonArray{text("station-a")}}}}},
                      "If-Match: " + revision().toLatin1() + "\r\n")
                .status == 200);
    REQUIRE(office.post("editor", path + "/submit").status == 200);
    const auto forbidden =
        told("approver", "POST", item + text("/approve"), {{text("sha256"), toString(*stored.versions.back().sha256)}});
    CHECK(forbidden.begin()->second.contains(text("may not play at this station")));
}
