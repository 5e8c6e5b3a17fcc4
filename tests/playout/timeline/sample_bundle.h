// A small sound bundle that tests then spoil in one place.
#pragma once

#include "playout/timeline/timeline.h"

#include <utility>

namespace loa::playout::test {

// 2026-12-01 05:00 in Ho Chi Minh City (UTC+7), a Tuesday.
inline const UtcTime morning = *utcTimeFromString(u"2026-11-30T22:00:00.000000Z");
inline constexpr FrameCount minute{60 * sampleRate};

inline Sha256 hashOf(const char* name)
{
    return sha256(QByteArrayView(name));
}

inline BundleMedia mediaOf(const char* name, FrameCount frames)
{
    BundleMedia media;
    media.sha256 = hashOf(name);
    media.bytes = 1000;
    media.frames = frames;
    media.item = ItemId{QString::fromLatin1(name)};
    media.itemVersion = 1;
    media.title = QString::fromLatin1(name);
    media.approval = {UserId{QStringLiteral("lan")}, QStringLiteral("Nguyễn Thị Lan"),
                      morning - std::chrono::hours(24)};
    return media;
}

inline BundleAiring airingOf(const char* name, FrameCount offset, FrameCount frames)
{
    return {AiringId{QStringLiteral("airing-") + QString::fromLatin1(name)},
            ItemId{QString::fromLatin1(name)},
            hashOf(name),
            offset,
            frames,
            Priority::Normal};
}

// One session at 05:00 with "first" (1 min) and "second" (2 min) without a gap; sound allowed from 05:00 to 07:00 every
// day.
inline Bundle sampleBundle()
{
    Bundle bundle;
    bundle.station = StationId{QStringLiteral("station-1")};
    bundle.stationName = QStringLiteral("Xã Một");
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = 7;
    bundle.issuedAt = morning - std::chrono::hours(12);
    bundle.validFrom = morning - std::chrono::hours(12);
    bundle.validUntil = morning + std::chrono::hours(24 * 35);
    bundle.outputs = {{QStringLiteral("main"), {QStringLiteral("hamlet-1")}}};
    HoursPolicy policy;
    policy.id = PolicyId{QStringLiteral("policy-1")};
    policy.name = QStringLiteral("Giờ phát");
    policy.validFrom = QDate(2026, 1, 1);
    for (auto& day : policy.week)
        day = {{std::chrono::hours(5), std::chrono::hours(7)}};
    bundle.policies = {policy};
    bundle.media = {mediaOf("first", minute), mediaOf("second", {2 * minute.value})};
    BundleSession session;
    session.id = SessionId{QStringLiteral("session-1")};
    session.title = QStringLiteral("Sáng");
    session.startsAt = morning;
    session.frames = {15 * minute.value};
    session.airings = {airingOf("first", {}, minute), airingOf("second", minute, {2 * minute.value})};
    bundle.sessions = {session};
    return bundle;
}

// The sample bundle's "first" (0) or "second" (1), which follows it without a gap, with a recording of its own.
inline void record(Bundle& bundle, std::size_t index, const Sha256& sha256, std::size_t frames)
{
    BundleMedia& media = bundle.media[index];
    media.sha256 = sha256;
    media.frames = {static_cast<std::int64_t>(frames)};
    BundleSession& session = bundle.sessions[0];
    session.airings[index].sha256 = media.sha256;
    session.airings[index].frames = media.frames;
    session.airings[1].offset = session.airings[0].frames;
}

inline AdmissionFacts soundFacts(const Bundle& bundle)
{
    AdmissionFacts facts;
    facts.station = StationId{QStringLiteral("station-1")};
    for (const BundleMedia& media : bundle.media)
        facts.verified.insert(media.sha256);
    facts.clock = ClockState::Synchronised;
    return facts;
}

} // namespace loa::playout::test
