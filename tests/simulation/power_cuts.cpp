#include "tests/simulation/power_cuts.h"

namespace loa::simulation {

using namespace std::chrono_literals;

PowerCuts::PowerCuts(District& district) : m_district(district)
{
    for (const auto& site : district.sites()) {
        for (QDate day = District::firstDay(); day <= District::lastDay(); day = day.addDays(1)) {
            Site* const here = site.get();
            district.at(District::instant(day, 0, 30), [this, here, day] { watchDay(*here, day); });
        }
    }
}

void PowerCuts::watchDay(Site& site, QDate day)
{
    for (const model::Session& session : m_district.office().sessions(site.station(), day, day))
        m_district.at(session.startsAt, [this, &site, session] { lookAt(site, session); });
}

// The session begins: what is in it now is what sounds.
void PowerCuts::lookAt(Site& site, const model::Session& session)
{
    std::vector<planner::Placement> inSession;
    for (const planner::Placement& placement :
         m_district.office().placements(site.station(), session.localDate, session.localDate)) {
        if (placement.session == session.id)
            inSession.push_back(placement);
    }
    if (inSession.empty() || !site.isOn() || m_sessions[&site]++ % 2 != 0)
        return;
    Chance& chance = m_district.chance();
    const planner::Placement& victim =
        inSession[static_cast<std::size_t>(chance.upTo(static_cast<std::int64_t>(inSession.size()) - 1))];
    // Well inside the item, so that it has begun for certain and has not ended.
    const std::int64_t seconds = victim.frames.value / sampleRate;
    const UtcTime at =
        session.startsAt + toDuration(victim.offset) + std::chrono::seconds(chance.between(10, seconds - 10));
    m_cut.push_back({&site, victim.airing(), at});
    m_district.at(at, [&site] { site.cutPower(); });
    m_district.at(at + std::chrono::seconds(chance.between(20, 1200)), [&site] { site.boot(); });
}

} // namespace loa::simulation
