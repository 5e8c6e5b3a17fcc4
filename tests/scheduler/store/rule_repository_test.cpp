#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

namespace {

HoursPolicy policyOf(const char* id, QDate from)
{
    HoursPolicy policy;
    policy.id = PolicyId{text(id)};
    policy.name = text(id);
    policy.decision = text("Quyết định 12/3/2021");
    policy.validFrom = from;
    for (auto& windows : policy.week)
        windows = {{std::chrono::minutes(300), std::chrono::minutes(1260)}};
    policy.exceptions = {{day(24), {}, text("Quốc tang")}};
    policy.sessionsPerDay = 2;
    policy.sessionLength = std::chrono::minutes(15);
    return policy;
}

model::SessionRule morningRule(const StationId& station)
{
    return {SessionRuleId{text("r")},
            station,
            text("Buổi sáng"),
            text("FREQ=DAILY"),
            day(1),
            QTime(5, 30, 0),
            std::chrono::minutes(15),
            day(1),
            day(31),
            {{day(24), QTime(8, 0)}},
            {{day(24), QTime(5, 30)}, {day(25), {}}}};
}

} // namespace

TEST_CASE("All policies are read at once, each unit's by first day")
{
    District at;
    at.settle();
    auto& policies = at.store.policies;
    taken(policies.add({at.communes[0], policyOf("later", day(1, 6, 2022))}));
    taken(policies.add({at.communes[0], policyOf("earlier", day(1, 1, 2021))}));
    taken(policies.add({at.city, policyOf("city", day(1, 1, 2021))}));
    const auto all = taken(policies.all());
    CHECK(all.size() == 2);
    CHECK(all.value(at.city) == std::vector{policyOf("city", day(1, 1, 2021))});
    CHECK(all.value(at.communes[0]) ==
          std::vector{policyOf("earlier", day(1, 1, 2021)), policyOf("later", day(1, 6, 2022))});
    CHECK(all.value(at.communes[1]).empty());
}

TEST_CASE("A policy is ended, never rewritten")
{
    District at;
    at.settle();
    auto& policies = at.store.policies;
    taken(policies.add({at.city, policyOf("p", day(1))}));
    CHECK(categoryOf(policies.add({at.city, policyOf("p", day(1))})) == ErrorCategory::Conflict);
    CHECK(categoryOf(policies.end(PolicyId{text("p")}, day(30, 11))) == ErrorCategory::InvalidInput);
    taken(policies.end(PolicyId{text("p")}, day(31)));
    const auto ended = taken(policies.ofUnit(at.city)).front().policy;
    CHECK(ended.validUntil == day(31));
    CHECK(categoryOf(policies.end(PolicyId{text("p")}, day(1, 2, 2027))) == ErrorCategory::InvalidInput);
    CHECK(categoryOf(policies.end(PolicyId{text("none")}, day(31))) == ErrorCategory::NotFound);
    HoursPolicy reversed = policyOf("q", day(1));
    reversed.week[0] = {{std::chrono::minutes(600), std::chrono::minutes(300)}};
    CHECK(categoryOf(policies.add({at.city, reversed})) == ErrorCategory::InvalidInput);
}

TEST_CASE("A session rule becomes what it is changed to, at the station that it has")
{
    District at;
    at.settle();
    auto& rules = at.store.sessionRules;
    const model::SessionRule rule = morningRule(at.stations[0]);
    model::SessionRule beside = rule;
    beside.id = SessionRuleId{text("beside")};
    taken(rules.add(rule));
    taken(rules.add(beside));

    model::SessionRule after{rule.id,
                             rule.station,
                             text("Buổi chiều"),
                             text("FREQ=WEEKLY;BYDAY=SU"),
                             day(6),
                             QTime(17, 0, 5),
                             std::chrono::seconds(75),
                             day(7),
                             {},
                             {{day(25), QTime(9, 0)}},
                             {}};
    taken(rules.change(after));
    CHECK(taken(rules.find(rule.id)) == after);
    CHECK(taken(rules.find(beside.id)) == beside);
    CHECK(taken(rules.ofStation(rule.station)) == std::vector{beside, after}); // by its new time

    // A rule stays where it is.
    model::SessionRule elsewhere = after;
    elsewhere.station = at.stations[1];
    taken(rules.change(elsewhere));
    CHECK(taken(rules.find(rule.id)) == after);
    CHECK(taken(rules.ofStation(at.stations[1])).empty());

    // What has no sound form, or is not there, changes nothing.
    model::SessionRule bad = after;
    bad.duration = {};
    CHECK(categoryOf(rules.change(bad)) == ErrorCategory::InvalidInput);
    bad = after;
    bad.validUntil = day(6);
    CHECK(categoryOf(rules.change(bad)) == ErrorCategory::InvalidInput);
    bad = after;
    bad.id = SessionRuleId{text("none")};
    CHECK(categoryOf(rules.change(bad)) == ErrorCategory::NotFound);
    CHECK(taken(rules.ofStation(rule.station)) == std::vector{beside, after});
}

TEST_CASE("Session rules come back as they were stored")
{
    District at;
    at.settle();
    auto& rules = at.store.sessionRules;
    const model::SessionRule rule = morningRule(at.stations[0]);
    taken(rules.add(rule));
    CHECK(taken(rules.find(rule.id)) == rule);
    CHECK(taken(rules.ofStation(at.stations[0])) == std::vector{rule});
    CHECK(taken(rules.ofStation(at.stations[1])).empty());
    model::SessionRule bad = rule;
    bad.id = SessionRuleId{text("b")};
    bad.duration = {};
    CHECK(categoryOf(rules.add(bad)) == ErrorCategory::InvalidInput);
    bad = rule;
    bad.id = SessionRuleId{text("b")};
    bad.validUntil = day(30, 11);
    CHECK(categoryOf(rules.add(bad)) == ErrorCategory::InvalidInput);
    taken(rules.remove(rule.id));
    CHECK(categoryOf(rules.remove(rule.id)) == ErrorCategory::NotFound);
    CHECK(categoryOf(rules.find(rule.id)) == ErrorCategory::NotFound);
}

TEST_CASE("Obligations bind the unit that owes them and all below it")
{
    District at;
    at.settle();
    auto& obligations = at.store.obligations;
    model::Obligation quota;
    quota.id = ObligationId{text("quota")};
    quota.unit = at.district;
    quota.plan = text("KH 2024");
    quota.row = 3;
    quota.titleVi = text("Phát 2 tin/bài");
    quota.required = 2;
    quota.due = day(20, 2);
    quota.topicGroups = {text("cchc-a"), text("cchc-dd")};
    quota.evidence = model::ObligationEvidence::Airings;
    quota.validFrom = day(1, 1);
    quota.measure = model::ObligationMeasure::Minutes;
    taken(obligations.put(quota));
    CHECK(taken(obligations.all()) == std::vector{quota});
    quota.required = 3;
    quota.validUntil = day(31);
    taken(obligations.put(quota));
    const auto tree = taken(at.store.units.tree());
    CHECK(taken(obligations.binding(at.communes[0], tree, day(1))) == std::vector{quota});
    CHECK(taken(obligations.binding(at.city, tree, day(1))).empty());
}
