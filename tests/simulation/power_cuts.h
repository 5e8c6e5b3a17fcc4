// Someone who pulls the plug in every second session of every commune, in the middle of an item, and puts it back some
// minutes later.
#pragma once

#include "tests/simulation/district.h"

#include <map>
#include <vector>

namespace loa::simulation {

struct CutAiring {
    Site* site = nullptr;
    AiringId airing;
    UtcTime at;
};

class PowerCuts {
public:
    // Arranges the whole month. Outlives the district's run.
    explicit PowerCuts(District& district);

    [[nodiscard]] const std::vector<CutAiring>& airingsCut() const { return m_cut; }

private:
    void lookAt(Site& site, const model::Session& session);
    void watchDay(Site& site, QDate day);

    District& m_district;
    std::vector<CutAiring> m_cut;
    std::map<const Site*, int> m_sessions; // with something in them
};

} // namespace loa::simulation
