#include "tests/simulation/district.h"

#include <algorithm>

namespace loa::simulation {

using namespace std::chrono_literals;

const std::vector<Commune>& threeCommunes()
{
    static const char* const weekdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
    static const std::vector<Commune> all{
        {"phuong-hoa-sen", "Phường Hoa Sen", "ha-noi-2021-quan", weekdays, {"6:00", "17:00"}, 15min, {"loa"}, {}},
        {"xa-an-binh", "Xã An Bình", "ha-noi-2021-huyen", "FREQ=DAILY", {"5:30", "17:00"}, 30min, {"loa"}, {"luu-tru"}},
        {"phuong-bien-xanh",
         "Phường Biển Xanh",
         "phuong-2x60",
         "FREQ=DAILY",
         {"5:30", "17:00"},
         60min,
         {"loa-bac", "loa-nam"},
         {},
         5min},
    };
    return all;
}

const std::vector<Programme>& sixProgrammes()
{
    static const std::vector<Programme> all{
        {"mot-cua", "Bộ phận một cửa", "cchc-e-one-stop-shop", 95s},
        {"de-an-06", "Đề án 06", "cchc-e-project-06", 80s},
        {"par-index", "Chỉ số cải cách hành chính", "cchc-c-par-index", 110s},
        {"tiem-chung", "Lịch tiêm chủng", "health", 60s},
        {"thoi-tiet", "Phòng chống bão", "disaster", 75s},
        {"ve-sinh", "Ngày vệ sinh chung", "local-news", 65s},
    };
    return all;
}

UtcTime District::instant(QDate date, int hour, int minute)
{
    return UtcTime(std::chrono::hours(24 * QDate(1970, 1, 1).daysTo(date) + hour - 7) + std::chrono::minutes(minute));
}

District::District(const DistrictSettings& settings)
    : m_clock(instant(firstDay().addDays(-1), 12)), m_chance(settings.seed), m_key(SigningKey::fromSeed({7})),
      m_office(std::make_unique<Office>(m_clock, m_key))
{
    for (const Programme& programme : settings.programmes)
        m_office->approve(programme);
    std::uint8_t number = 0;
    for (const Commune& commune : settings.communes) {
        std::vector<QString> outputs;
        for (const char* output : commune.speakerOutputs)
            outputs.push_back(QString::fromUtf8(output));
        for (const char* output : commune.archives)
            outputs.push_back(QString::fromUtf8(output));
        ++number;
        const StationId station = m_office->addStation(commune);
        m_sites.push_back(std::make_unique<Site>(m_events, m_clock, *m_office, m_key.verifyKey(), station, outputs,
                                                 settings.faults, number, settings.seed * 100 + number));
    }
    m_office->onBundle([this](const StationId& station, std::int64_t version) {
        for (const auto& site : m_sites) {
            if (site->station() == station)
                site->link().announce(station, version);
        }
    });
    for (const auto& site : m_sites)
        site->boot();
    everyDay(instant(firstDay(), 0, 10));
}

void District::everyDay(UtcTime when)
{
    m_events.at(when, [this, when] {
        m_office->wishAll();
        everyDay(when + 24h);
    });
}

void District::runUntil(UtcTime until)
{
    while (true) {
        m_events.runDue(m_clock.now());
        m_office->work();
        for (const auto& site : m_sites)
            site->step();
        if (m_clock.now() >= until)
            return;
        UtcTime next = std::min({until, m_events.next(), m_office->nextWork()});
        for (const auto& site : m_sites)
            next = std::min(next, site->nextWake());
        m_clock.advance(std::max<Duration>(next - m_clock.now(), 1ms));
    }
}

} // namespace loa::simulation
