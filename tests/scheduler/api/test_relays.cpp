// Relay sources, and who consents to them.
#include "tests/scheduler/api/office.h"

using namespace loa;
using namespace loa::test;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QJsonObject source(const char* address)
{
    return {{text("name"), text("VOV1")},
            {text("kind"), text("stream")},
            {text("addresses"), QJsonArray{text(address), text("http://10.0.0.1:8000/vov1?key=secret")}},
            {text("silence_seconds"), 20},
            {text("standby_item_id"), QJsonValue()}};
}

QJsonObject ofUnit(const char* unit, QJsonObject fields)
{
    fields.insert(text("unit_id"), text(unit));
    return fields;
}

QByteArray match(int revision)
{
    return "If-Match: \"" + QByteArray::number(revision) + "\"\r\n";
}

} // namespace

TEST_CASE("Promise 1: a relay source is approved as it was looked at, and an edit voids the approval",
          "[promise-1][relay]")
{
    Office office;
    const auto made = office.post("admin", "/relays", ofUnit("district", source("https://phat.example.vn/vov1.mp3")));
    REQUIRE(made.status == 201);
    const QJsonObject relay = Office::json(made);
    CHECK_FALSE(relay[QLatin1String("approved")].toBool());
    CHECK_FALSE(office.audit().front().detail.contains(text("secret")));
    const QByteArray path = "/relays/" + relay[QLatin1String("id")].toString().toLatin1();
    const QJsonObject seen{{text("sha256"), relay[QLatin1String("sha256")]}};

    // Who makes it does not consent to it; who consents has looked at this one.
    CHECK(office.send("admin", "POST", path + "/approve", seen).status == 403);
    CHECK(office.send("approver", "POST", path + "/approve", {{text("sha256"), QString(64, u'0')}}).status == 409);
    const auto approved = office.send("approver", "POST", path + "/approve", seen);
    REQUIRE(approved.status == 200);
    CHECK(Office::json(approved)[QLatin1String("approved")].toBool());
    CHECK(office.audit().front().action == text("relay.approve"));
    CHECK(Office::items(office.get("officer-a", "/relays?unit=commune-a")).size() == 1);

    CHECK(office.send("admin", "PUT", path, source("http://10.0.0.2/vov1")).status == 428);
    CHECK(office.send("admin", "PUT", path, source("http://10.0.0.2/vov1"), match(1)).status == 412);
    CHECK(office.send("approver", "PUT", path, source("http://10.0.0.2/vov1"), match(2)).status == 403);
    const auto changed = office.send("admin", "PUT", path, source("http://10.0.0.2/vov1"), match(2));
    REQUIRE(changed.status == 200);
    CHECK_FALSE(Office::json(changed)[QLatin1String("approved")].toBool());
    CHECK(Office::json(changed)[QLatin1String("approval")].isObject());
    CHECK(office.send("approver", "POST", path + "/approve", seen).status == 409);

    // Back to the letter what was approved: the consent holds again, since it was to that.
    const auto back = office.send("admin", "PUT", path, source("https://phat.example.vn/vov1.mp3"), match(3));
    CHECK(Office::json(back)[QLatin1String("approved")].toBool());
    CHECK(office.send("admin", "POST", path + "/withdraw", {}).status == 403);
    CHECK_FALSE(
        Office::json(office.send("approver", "POST", path + "/withdraw", {}))[QLatin1String("approved")].toBool());
}

TEST_CASE("an RTP relay source says what its packets hold, and a stream does not", "[relay][rtp]")
{
    Office office;
    QJsonObject rtp = source("rtp://239.1.2.3:5004");
    rtp[text("kind")] = text("rtp");
    rtp[text("addresses")] = QJsonArray{text("rtp://239.1.2.3:5004")};
    rtp[text("rtpmap")] = text("a=rtpmap:96 Opus/48000/2");
    const auto made = office.post("admin", "/relays", ofUnit("district", rtp));
    REQUIRE(made.status == 201);
    CHECK(Office::json(made)[QLatin1String("rtpmap")].toString() == text("96 opus/48000/2"));
    const QByteArray path = "/relays/" + Office::json(made)[QLatin1String("id")].toString().toLatin1();
    const QString before = Office::json(made)[QLatin1String("sha256")].toString();
    rtp[text("rtpmap")] = QJsonValue();
    const auto changed = office.send("admin", "PUT", path, rtp, match(1));
    REQUIRE(changed.status == 200);
    CHECK_FALSE(Office::json(changed).contains(QLatin1String("rtpmap")));
    CHECK(Office::json(changed)[QLatin1String("sha256")].toString() != before);

    QJsonObject stream = source("https://phat.example.vn/vov1.mp3");
    stream[text("rtpmap")] = text("96 opus/48000/2");
    CHECK(office.post("admin", "/relays", ofUnit("district", stream)).status == 400);
    rtp[text("rtpmap")] = text("96 mpeg4-generic/48000");
    CHECK(office.send("admin", "PUT", path, rtp, match(2)).status == 400);
}

TEST_CASE("a relay source's addresses are checked, and a template that names it keeps it", "[relay]")
{
    Office office;
    for (const char* refused : {"file:///etc/passwd", "http://user:word@a.vn/x", "rtp://239.1.2.3:5004", "vov1"}) {
        const auto answer = office.post("admin", "/relays", ofUnit("district", source(refused)));
        INFO(refused);
        CHECK(answer.status == 400);
        CHECK_FALSE(Office::json(answer)[QLatin1String("detail_vi")].toString().isEmpty());
    }
    CHECK(office.post("officer-a", "/relays", ofUnit("district", source("http://a.vn/x"))).status == 403);
    const auto made = office.post("admin", "/relays", ofUnit("district", source("http://a.vn/x")));
    REQUIRE(made.status == 201);
    const QString id = Office::json(made)[QLatin1String("id")].toString();

    QJsonObject part{{text("id"), text("vov")},
                     {text("kind"), text("relay")},
                     {text("at"), 300},
                     {text("most_seconds"), 900},
                     {text("relay_id"), id}};
    const auto templateOf = [&](const QJsonObject& one) {
        return office.post(
            "admin", "/templates",
            {{text("unit_id"), text("district")}, {text("name"), text("Sáng")}, {text("parts"), QJsonArray{one}}});
    };
    const auto used = templateOf(part);
    REQUIRE(used.status == 201);
    const QJsonObject stored = Office::json(used)[QLatin1String("parts")].toArray().at(0).toObject();
    CHECK(stored[QLatin1String("source")].toString() == text("VOV1"));
    CHECK(stored[QLatin1String("relay_id")].toString() == id);
    CHECK(office.send("admin", "DELETE", "/relays/" + id.toLatin1(), {}, match(1)).status == 409);
    part.insert(text("relay_id"), text("nobody"));
    CHECK(templateOf(part).status == 400);
    const QByteArray made2 = "/templates/" + Office::json(used)[QLatin1String("id")].toString().toLatin1();
    CHECK(office.send("admin", "DELETE", made2, {}, match(1)).status == 204);
    CHECK(office.send("admin", "DELETE", "/relays/" + id.toLatin1(), {}, match(1)).status == 204);
}
