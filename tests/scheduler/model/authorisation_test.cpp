#include "scheduler/model/authorisation.h"

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::model;

namespace {

UnitId unitId(const char* id)
{
    return {QString::fromLatin1(id)};
}

const QDate today(2026, 12, 1);

UnitTree district()
{
    const auto unit = [](const char* id) {
        return Unit{unitId(id), {}, QString::fromLatin1(id), QString::fromLatin1(id), {}, QDate(2020, 1, 1), {}};
    };
    const auto link = [](const char* id, const char* parent) {
        return UnitLink{unitId(id), QDate(2020, 1, 1), unitId(parent)};
    };
    return UnitTree({unit("city"), unit("d1"), unit("d2"), unit("c1"), unit("c2")},
                    {{unitId("city"), QDate(2020, 1, 1), {}},
                     link("d1", "city"),
                     link("d2", "city"),
                     link("c1", "d1"),
                     link("c2", "d2")});
}

User with(Role role, const char* unit)
{
    User user;
    user.roles = {{role, unitId(unit)}};
    return user;
}

Item itemOf(const char* unit, const char* scope)
{
    Item item;
    item.unit = unitId(unit);
    item.scope = unitId(scope);
    return item;
}

const std::vector<Action> allActions{Action::Read,
                                     Action::ReadAudit,
                                     Action::ManageUnits,
                                     Action::ManageStations,
                                     Action::ManageUsers,
                                     Action::ManageAgents,
                                     Action::ManagePolicies,
                                     Action::ManageSessionRules,
                                     Action::ManageObligations,
                                     Action::EditItems,
                                     Action::ApproveItems,
                                     Action::WithdrawItems,
                                     Action::Plan,
                                     Action::PlayNow,
                                     Action::SpeakLive,
                                     Action::ControlStations};

} // namespace

TEST_CASE("A role holds for its unit and all below it, nowhere else")
{
    const UnitTree tree = district();
    const User approver = with(Role::Approver, "d1");
    CHECK(mayDo(approver, Action::ApproveItems, unitId("d1"), tree, today));
    CHECK(mayDo(approver, Action::ApproveItems, unitId("c1"), tree, today));
    CHECK_FALSE(mayDo(approver, Action::ApproveItems, unitId("c2"), tree, today));
    CHECK_FALSE(mayDo(approver, Action::ApproveItems, unitId("city"), tree, today));
    CHECK_FALSE(mayDo(approver, Action::ApproveItems, unitId("unknown"), tree, today));
}

TEST_CASE("Promise 1: only an approver approves, whatever else a person may do", "[promise-1]")
{
    const UnitTree tree = district();
    User everythingElse;
    for (const Role role : {Role::Administrator, Role::Editor, Role::CommuneOfficer, Role::Inspector})
        everythingElse.roles.push_back({role, unitId("city")});
    CHECK_FALSE(mayDo(everythingElse, Action::ApproveItems, unitId("c1"), tree, today));
    CHECK_FALSE(mayDo(everythingElse, Action::ApproveItems, itemOf("c1", "c1"), tree, today));
    CHECK(rolesFor(Action::ApproveItems) == std::vector<Role>{Role::Approver});
}

TEST_CASE("What an item's scope reaches, its approver must answer for")
{
    const UnitTree tree = district();
    const User communeApprover = with(Role::Approver, "c1");
    CHECK(mayDo(communeApprover, Action::ApproveItems, itemOf("c1", "c1"), tree, today));
    CHECK(mayDo(communeApprover, Action::ApproveItems, itemOf("d1", "c1"), tree, today));
    CHECK_FALSE(mayDo(communeApprover, Action::ApproveItems, itemOf("c1", "d1"), tree, today));

    const User officer = with(Role::CommuneOfficer, "c1");
    CHECK(mayDo(officer, Action::EditItems, itemOf("c1", "c1"), tree, today));
    CHECK_FALSE(mayDo(officer, Action::EditItems, itemOf("c1", "d1"), tree, today));
    CHECK_FALSE(mayDo(officer, Action::EditItems, itemOf("d1", "c1"), tree, today));
    // The district's item sounds in the commune, so the commune may read it, and not that of another district.
    CHECK(mayDo(officer, Action::Read, itemOf("d1", "d1"), tree, today));
    CHECK_FALSE(mayDo(officer, Action::Read, itemOf("d2", "d2"), tree, today));
    CHECK(mayDo(officer, Action::WithdrawItems, itemOf("d1", "c1"), tree, today));
    CHECK_FALSE(mayDo(officer, Action::WithdrawItems, itemOf("d1", "d1"), tree, today));
}

TEST_CASE("An inspector reads and changes nothing; the inactive and those without a role do nothing")
{
    const UnitTree tree = district();
    User user = with(Role::Inspector, "city");
    for (const Action action : allActions) {
        const bool reads = action == Action::Read || action == Action::ReadAudit;
        CHECK(mayDo(user, action, unitId("c1"), tree, today) == reads);
        CHECK_FALSE(mayDo(User(), action, unitId("c1"), tree, today));
    }
    user.active = false;
    for (const Action action : allActions) {
        CHECK_FALSE(mayDo(user, action, unitId("c1"), tree, today));
        CHECK(unitsFor(user, action).empty());
    }
}

TEST_CASE("Every action has a role, and a refusal names it")
{
    const UnitTree tree = district();
    for (const Action action : allActions) {
        CHECK_FALSE(rolesFor(action).empty());
        const auto refused = demand(User(), action, unitId("c1"), tree, today);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().category == ErrorCategory::Forbidden);
    }
    const auto refused = demand(User(), Action::ApproveItems, unitId("c1"), tree, today);
    CHECK(refused.error().message.vi.contains(QStringLiteral("người duyệt")));
    CHECK(demand(with(Role::Approver, "c1"), Action::ApproveItems, unitId("c1"), tree, today));
}
