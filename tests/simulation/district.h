// A whole district in one process under a clock that moves from one event to the next: the office, three communes, the
// ways between them. Same seed, same month. One thread.
#pragma once

#include "tests/simulation/events.h"
#include "tests/simulation/office.h"
#include "tests/simulation/site.h"

namespace loa::simulation {

// One commune of each kind that the presets know: a ward of 2021, a rural commune whose agent keeps an archive (which
// proves nothing), and a ward that feeds two clusters by two outputs.
[[nodiscard]] const std::vector<Commune>& threeCommunes();
// Three on administrative reform, three others.
[[nodiscard]] const std::vector<Programme>& sixProgrammes();

struct DistrictSettings {
    std::uint32_t seed = 1;
    LinkFaults faults = {};
    std::vector<Commune> communes = threeCommunes();
    std::vector<Programme> programmes = sixProgrammes();
};

class District {
public:
    // It is noon of the day before the month; all items are approved.
    explicit District(const DistrictSettings& settings);

    static QDate firstDay() { return {2026, 12, 1}; }
    static QDate lastDay() { return {2026, 12, 31}; }
    // Local time in Hanoi.
    static UtcTime instant(QDate date, int hour, int minute = 0);

    void runUntil(UtcTime until);
    void at(UtcTime when, std::function<void()> call) { m_events.at(when, std::move(call)); }

    [[nodiscard]] Office& office() { return *m_office; }
    [[nodiscard]] std::vector<std::unique_ptr<Site>>& sites() { return m_sites; }
    [[nodiscard]] const Clock& clock() const { return m_clock; }
    [[nodiscard]] Chance& chance() { return m_chance; }

private:
    void everyDay(UtcTime when);

    ManualClock m_clock;
    Events m_events;
    Chance m_chance;
    SigningKey m_key;
    std::unique_ptr<Office> m_office;
    std::vector<std::unique_ptr<Site>> m_sites;
};

} // namespace loa::simulation
