// The sample district with hours, session rules and a quota, and its planning under a clock held by hand.
#pragma once

#include "scheduler/fleet/planning.h"
#include "tests/scheduler/store/sample_store.h"

namespace loa::test {

struct PlannedDistrict : District {
    SigningKey key = keyOf(7);
    ManualClock clock{morning - std::chrono::hours(5)}; // midnight at the stations, 1 December
    std::vector<std::pair<StationId, std::int64_t>> told;
    fleet::Planning planning{*database, key, clock, [this](const StationId& station, std::int64_t version) {
                                 told.emplace_back(station, version);
                             }};

    PlannedDistrict()
    {
        settle();
        taken(store.policies.add({city, hours("policy", 300, 1260)}));
        for (const StationId& station : stations)
            taken(store.sessionRules.add(rule("rule-" + station.value.toStdString(), station)));
        model::Obligation quota;
        quota.id = ObligationId{text("quota")};
        quota.unit = district;
        quota.plan = text("KH 2024");
        quota.titleVi = text("Phát 2 tin/bài mỗi tháng");
        quota.titleEn = text("Air 2 items a month");
        quota.required = 2;
        quota.topicGroups = {text("cchc-a"), text("cchc-b")};
        quota.evidence = model::ObligationEvidence::Airings;
        quota.validFrom = day(1, 1);
        taken(store.obligations.put(quota));
    }

    static HoursPolicy hours(const char* id, int from, int until)
    {
        HoursPolicy policy;
        policy.id = PolicyId{text(id)};
        policy.name = text("Giờ phát");
        policy.decision = text("Quyết định");
        policy.validFrom = day(1, 1, 2021);
        for (auto& windows : policy.week)
            windows = {{std::chrono::minutes(from), std::chrono::minutes(until)}};
        return policy;
    }

    // Every day at 5:30 for a quarter of an hour.
    static model::SessionRule rule(const std::string& id, const StationId& station)
    {
        return {SessionRuleId{QString::fromStdString(id)},
                station,
                text("Buổi sáng"),
                text("FREQ=DAILY"),
                day(1, 1),
                QTime(5, 30),
                std::chrono::minutes(15),
                day(1, 1),
                {}};
    }

    Bundle bundleOf(const StationId& station)
    {
        const auto latest = taken(store.bundles.latest(station));
        REQUIRE(latest);
        return taken(openBundle(latest->sealed, key.verifyKey()));
    }

    static bool holds(const Bundle& bundle, const char* item)
    {
        return std::any_of(bundle.media.begin(), bundle.media.end(),
                           [&](const BundleMedia& media) { return media.item == ItemId{text(item)}; });
    }
};

// That of the one station that was planned.
inline const fleet::StationOutcome& only(const std::vector<fleet::StationOutcome>& outcomes)
{
    REQUIRE(outcomes.size() == 1);
    if (outcomes.front().error)
        FAIL(describe(*outcomes.front().error).toStdString());
    return outcomes.front();
}

} // namespace loa::test
