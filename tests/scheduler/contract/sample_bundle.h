// A small, valid bundle for tests: two items, one session with both.
#pragma once

#include "scheduler/contract/bundle.h"

namespace loa::test {

inline Bundle sampleBundle()
{
    using namespace std::chrono;
    Bundle bundle;
    bundle.station = {QStringLiteral("station-a")};
    bundle.stationName = QStringLiteral("Đài truyền thanh xã Yên Sở");
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = 7;
    bundle.issuedAt = UtcTime(sys_days(2026y / 12 / 1));
    bundle.validFrom = bundle.issuedAt;
    bundle.validUntil = bundle.issuedAt + days(35);
    bundle.outputs = {{QStringLiteral("loa-chinh"), {QStringLiteral("Thôn 1"), QStringLiteral("Thôn 2")}}};
    HoursPolicy policy;
    policy.id = {QStringLiteral("policy-a")};
    policy.name = QStringLiteral("Khung giờ thử");
    policy.decision = QStringLiteral("Quyết định thử");
    policy.validFrom = QDate(2026, 1, 1);
    for (auto& day : policy.week)
        day = {{hours(5), hours(6)}, {hours(17), hours(18)}};
    bundle.policies = {policy};
    for (int number = 1; number <= 2; ++number) {
        BundleMedia media;
        media.sha256 = sha256(QByteArray::number(number));
        media.bytes = 1000 * number;
        media.frames = {sampleRate * 60 * number};
        media.item = {QStringLiteral("item-%1").arg(number)};
        media.itemVersion = 1;
        media.title = QStringLiteral("Tin số %1").arg(number);
        media.approval = {{QStringLiteral("user-a")}, QStringLiteral("Nguyễn Thị Duyệt"), bundle.issuedAt - hours(1)};
        bundle.media.push_back(media);
    }
    BundleSession session;
    session.id = {QStringLiteral("session-a")};
    session.title = QStringLiteral("Buổi sáng");
    session.startsAt = bundle.issuedAt + hours(22); // 05:00 on the 2nd in Hanoi
    session.frames = {sampleRate * 900};
    FrameCount offset{0};
    for (const BundleMedia& media : bundle.media) {
        session.airings.push_back(
            {airingIdFor(session.id, media.item), media.item, media.sha256, offset, media.frames, Priority::Normal});
        offset += media.frames;
    }
    bundle.sessions = {session};
    return bundle;
}

inline RelayDefinition sampleRelay()
{
    RelayDefinition relay;
    relay.id = {QStringLiteral("relay-vov1")};
    relay.unit = {QStringLiteral("unit-a")};
    relay.name = QStringLiteral("VOV1");
    relay.addresses = {QStringLiteral("https://phat.example.vn/vov1.mp3"),
                       QStringLiteral("http://10.1.2.3:8000/vov1?key=abc")};
    relay.standby = ItemId{QStringLiteral("item-1")};
    return relay;
}

inline BundleRelay approvedRelay(const RelayDefinition& relay, UtcTime approvedAt)
{
    return {relay, hashOf(relay), {{QStringLiteral("user-a")}, QStringLiteral("Nguyễn Thị Duyệt"), approvedAt}};
}

// The sample with a relay of five minutes behind its two items, which the first of them stands by for.
inline Bundle sampleBundleWithRelay()
{
    Bundle bundle = sampleBundle();
    BundleRelay relay = approvedRelay(sampleRelay(), bundle.issuedAt);
    relay.standby = bundle.media.front().sha256;
    BundleSession& session = bundle.sessions.front();
    session.airings.push_back({relayAiringIdFor(session.id, relay.definition.id, u"vov"),
                               {},
                               relay.approved,
                               FrameCount{300 * sampleRate},
                               FrameCount{300 * sampleRate},
                               Priority::Normal,
                               relay.definition.id});
    bundle.relays = {std::move(relay)};
    return bundle;
}

inline SigningKey testKey(std::uint8_t number)
{
    std::array<std::uint8_t, 32> seed{};
    seed.fill(number);
    return SigningKey::fromSeed(seed);
}

} // namespace loa::test
