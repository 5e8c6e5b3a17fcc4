#include "tests/bench/furnished_agent.h"

#include "playout/agent/identity.h"
#include "playout/cache/cache.h"
#include "playout/cache/real_disk.h"

#include <algorithm>
#include <stdexcept>

namespace loa::bench {

using namespace loa::playout;
using namespace std::chrono_literals;

namespace {

QString pathOf(const Furniture& furniture, const Sha256& sha256)
{
    return QDir(furniture.media).filePath(toString(sha256) + QStringLiteral(".opus"));
}

Bundle bundleOf(const Furniture& furniture)
{
    Bundle bundle;
    bundle.station = benchStation;
    bundle.stationName = QStringLiteral("Xã Một");
    bundle.timeZone = "Asia/Ho_Chi_Minh";
    bundle.version = 1;
    bundle.issuedAt = furniture.issued;
    bundle.validFrom = furniture.issued;
    bundle.validUntil = furniture.sessions.back() + 24h;
    bundle.outputs = {{benchOutput, {}}};
    HoursPolicy policy;
    policy.id = PolicyId{QStringLiteral("policy-1")};
    policy.name = QStringLiteral("Cả ngày");
    policy.validFrom = QDate(2020, 1, 1);
    for (auto& day : policy.week)
        day = {{std::chrono::minutes(0), std::chrono::minutes(1440)}};
    bundle.policies = {policy};
    for (std::size_t number = 0; number < furniture.sessions.size(); ++number) {
        BundleSession session;
        session.id = SessionId{QStringLiteral("session-%1").arg(number)};
        session.title = QStringLiteral("Đo");
        session.startsAt = furniture.sessions[number];
        for (std::size_t index = 0; index < furniture.houses.size(); ++index) {
            const FrameCount frames{static_cast<std::int64_t>(furniture.houses[index].samples.size())};
            session.airings.push_back({AiringId{QStringLiteral("airing-%1-%2").arg(number).arg(index)},
                                       ItemId{QStringLiteral("item-%1").arg(index)}, furniture.houses[index].sha256,
                                       session.frames, frames, Priority::Normal});
            session.frames += frames;
        }
        bundle.sessions.push_back(session);
    }
    for (std::size_t index = 0; index < furniture.houses.size(); ++index) {
        const playout::test::HouseFile& house = furniture.houses[index];
        const ItemId item{QStringLiteral("item-%1").arg(index)};
        bundle.media.push_back(
            {house.sha256,
             QFile(pathOf(furniture, house.sha256)).size(),
             {static_cast<std::int64_t>(house.samples.size())},
             item,
             1,
             item.value,
             {UserId{QStringLiteral("lan")}, QStringLiteral("Nguyễn Thị Lan"), furniture.issued - 1h}});
    }
    std::sort(bundle.media.begin(), bundle.media.end(),
              [](const BundleMedia& a, const BundleMedia& b) { return a.sha256 < b.sha256; });
    return bundle;
}

} // namespace

void furnishAgent(const QString& state, const Furniture& furniture)
{
    QDir().mkpath(state);
    const SigningKey scheduler = SigningKey::generate();
    const Identity identity{
        AgentId{QStringLiteral("agent-1")}, furniture.scheduler, scheduler.verifyKey(), {benchStation}};
    const auto key = keyForEnrolment(state);
    if (!key || !saveIdentity(state, identity))
        throw std::runtime_error("agent not furnished");
    RealDisk disk(state);
    Cache cache(disk, {scheduler.verifyKey(), {benchStation}});
    static_cast<void>(cache.load());
    const auto sealed = sealBundle(bundleOf(furniture), scheduler);
    if (!sealed || !cache.accept(benchStation, *sealed))
        throw std::runtime_error("bundle not accepted");
    for (const playout::test::HouseFile& house : furniture.houses) {
        QFile file(pathOf(furniture, house.sha256));
        if (!file.open(QIODevice::ReadOnly) || !cache.addMedia(house.sha256, 0, file.readAll()))
            throw std::runtime_error("media not taken");
    }
}

} // namespace loa::bench
