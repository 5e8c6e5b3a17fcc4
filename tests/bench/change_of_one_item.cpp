// What one changed item costs, from the change to the last station's new plan, in a database on disk: it has to grow
// with the stations that the item concerns, not with those that there are.
#include "scheduler/fleet/planning.h"
#include "scheduler/model/item_workflow.h"
#include "tests/simulation/office.h"

#include <QTemporaryDir>

#include <benchmark/benchmark.h>

using namespace loa;
using simulation::must;

namespace {

enum Scope { OneCommune, OneDistrict, WholeCity };

// Three districts of a hundred communes, each with a station; a session a day and a quota. It is midnight at the
// stations before 1 December 2026, and all are planned.
class PlannedCity {
public:
    static constexpr int districts = 3;
    static constexpr int communesEach = 100;
    static constexpr int items = 30;

    PlannedCity()
    {
        must(m_store.database.transaction([&]() -> Result<void> {
            addUnit(city(), {});
            for (int district = 0; district < districts; ++district) {
                addUnit(districtOf(district), city());
                for (int commune = 0; commune < communesEach; ++commune)
                    addStation(district, commune);
            }
            addHours();
            addQuota();
            addItems();
            return {};
        }));
        must(m_planning.replanAll());
    }

    // Gives the number of stations that were planned anew.
    std::size_t change(Scope scope)
    {
        const ItemId id = itemOf(scope);
        must(m_store.database.transaction([&]() -> Result<void> {
            const model::Item before = must(m_store.items.find(id));
            model::Item after = before;
            after.playRules.mostPlaysADay = before.playRules.mostPlaysADay == 1 ? 2 : 1;
            after = must(m_store.items.save(after));
            must(m_planning.wishFor(before));
            return m_planning.wishFor(after);
        }));
        std::size_t planned = 0;
        for (;;) {
            const std::vector<fleet::StationOutcome> outcomes = must(m_planning.replanWished());
            if (outcomes.empty())
                return planned;
            planned += outcomes.size();
            for (const fleet::StationOutcome& outcome : outcomes) {
                if (outcome.error)
                    throw std::runtime_error(describe(*outcome.error).toStdString());
            }
        }
    }

private:
    static UnitId city() { return {QStringLiteral("city")}; }
    static UnitId districtOf(int district) { return {QStringLiteral("district-%1").arg(district)}; }
    static UnitId communeOf(int district, int commune)
    {
        return {QStringLiteral("commune-%1-%2").arg(district).arg(commune)};
    }
    static ItemId itemOf(Scope scope) { return {QStringLiteral("item-%1").arg(static_cast<int>(scope))}; }

    void addUnit(const UnitId& id, const std::optional<UnitId>& parent)
    {
        must(m_store.units.add({id, parent, id.value, id.value, QStringLiteral("unit"), QDate(2020, 1, 1), {}}));
    }

    void addStation(int district, int commune)
    {
        model::Station station;
        station.unit = communeOf(district, commune);
        addUnit(station.unit, districtOf(district));
        station.id = {QStringLiteral("station-%1-%2").arg(district).arg(commune)};
        station.code = station.name = station.id.value;
        must(m_store.stations.add(station, m_clock.now()));
        model::SessionRule rule;
        rule.id = {station.id.value + QStringLiteral("-rule")};
        rule.station = station.id;
        rule.title = QStringLiteral("Buổi phát");
        rule.rrule = QStringLiteral("FREQ=DAILY");
        rule.startDate = rule.validFrom = QDate(2026, 1, 1);
        rule.startTime = QTime(5, 0);
        rule.duration = std::chrono::minutes(15);
        must(m_store.sessionRules.add(rule));
    }

    void addHours()
    {
        HoursPolicy policy;
        policy.id = {QStringLiteral("policy")};
        policy.name = policy.decision = policy.id.value;
        policy.validFrom = QDate(2021, 1, 1);
        for (auto& windows : policy.week)
            windows = {{std::chrono::hours(5), std::chrono::hours(21)}};
        must(m_store.policies.add({city(), policy}));
    }

    void addQuota()
    {
        const QString group = QStringLiteral("cchc-a");
        must(m_store.topics.put({{group}, group, group, group}));
        model::Obligation quota;
        quota.id = {QStringLiteral("quota")};
        quota.unit = city();
        quota.plan = quota.titleVi = quota.titleEn = quota.id.value;
        quota.required = 2;
        quota.topicGroups = {group};
        quota.evidence = model::ObligationEvidence::Airings;
        quota.validFrom = QDate(2026, 1, 1);
        must(m_store.obligations.put(quota));
    }

    // The first three have a scope each; the others are the whole city's.
    void addItems()
    {
        model::User approver;
        approver.id = {QStringLiteral("approver")};
        approver.username = approver.fullName = approver.id.value;
        approver.roles = {{model::Role::Approver, city()}};
        approver.createdAt = m_clock.now();
        must(m_store.users.add(approver, QStringLiteral("no password")));
        for (int number = 0; number < items; ++number) {
            model::Item draft;
            draft.id = {QStringLiteral("item-%1").arg(number)};
            draft.title = draft.id.value;
            draft.unit = city();
            draft.scope = number == OneCommune ? communeOf(0, 0) : number == OneDistrict ? districtOf(0) : city();
            draft.topics = {{QStringLiteral("cchc-a")}};
            draft.validFrom = QDate(2026, 1, 1);
            draft.createdBy = approver.id;
            draft.createdAt = m_clock.now();
            model::Item item = must(model::newItem(draft));
            item = must(model::attachVersion(item, {QStringLiteral("upload-%1").arg(number)}, QStringLiteral("tin.mp3"),
                                             m_clock.now()));
            model::IngestedAudio audio;
            audio.sourceSha256 = audio.sha256 = sha256(draft.id.value.toLatin1());
            audio.bytes = 500'000;
            audio.frames = toFrames(std::chrono::seconds(60 + number * 37 % 180));
            item = must(model::ingestFinished(item, 1, audio));
            item = must(model::submit(item));
            must(m_store.items.add(
                must(model::approve(item, audio.sha256, approver.id, approver.fullName, m_clock.now()))));
        }
    }

    QTemporaryDir m_folder;
    ManualClock m_clock{UtcTime(std::chrono::hours(24 * QDate(1970, 1, 1).daysTo(QDate(2026, 12, 1)) - 7))};
    SigningKey m_key = SigningKey::fromSeed({});
    std::unique_ptr<store::Database> m_database =
        must(store::Database::open(m_folder.filePath(QStringLiteral("loa.db"))));
    store::Store m_store{*m_database};
    fleet::Planning m_planning{*m_database, m_key, m_clock};
};

void changeOfOneItem(benchmark::State& state)
{
    static PlannedCity city; // takes seconds to plan, and is the same for every scope
    std::size_t planned = 0;
    for ([[maybe_unused]] auto iteration : state)
        planned = city.change(static_cast<Scope>(state.range(0)));
    state.counters["stations_planned"] = static_cast<double>(planned);
    state.counters["stations"] = PlannedCity::districts * PlannedCity::communesEach;
}

BENCHMARK(changeOfOneItem)
    ->ArgName("scope")
    ->Arg(OneCommune)
    ->Arg(OneDistrict)
    ->Arg(WholeCity)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

} // namespace
