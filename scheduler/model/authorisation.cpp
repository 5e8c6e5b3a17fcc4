#include "scheduler/model/authorisation.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace loa::model {

namespace {

constexpr std::uint8_t bitOf(Role role)
{
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
}

constexpr std::uint8_t administrator = bitOf(Role::Administrator);
constexpr std::uint8_t editor = bitOf(Role::Editor);
constexpr std::uint8_t approver = bitOf(Role::Approver);
constexpr std::uint8_t officer = bitOf(Role::CommuneOfficer);
constexpr std::uint8_t inspector = bitOf(Role::Inspector);

struct Right {
    Action action;
    std::uint8_t roles;
};

// The one table of rights.
constexpr std::array<Right, 16> rights{{
    {Action::Read, administrator | editor | approver | officer | inspector},
    {Action::ReadAudit, administrator | inspector},
    {Action::ManageUnits, administrator},
    {Action::ManageStations, administrator},
    {Action::ManageUsers, administrator},
    {Action::ManageAgents, administrator},
    {Action::ManagePolicies, administrator},
    {Action::ManageSessionRules, administrator | officer},
    {Action::ManageObligations, administrator},
    {Action::EditItems, editor | officer},
    {Action::ApproveItems, approver},
    {Action::WithdrawItems, editor | approver | officer},
    {Action::Plan, administrator | editor | officer},
    {Action::PlayNow, editor | approver | officer},
    {Action::ControlStations, administrator | editor | officer},
    {Action::SpeakLive, approver},
}};

std::uint8_t rolesWith(Action action)
{
    const auto right =
        std::find_if(rights.begin(), rights.end(), [action](const Right& some) { return some.action == action; });
    return right == rights.end() ? 0 : right->roles;
}

tl::unexpected<Error> forbidden(Action action)
{
    QString vi;
    QString en;
    const auto add = [&](Role role, const char* nameVi, const char* nameEn) {
        if ((rolesWith(action) & bitOf(role)) == 0)
            return;
        vi += (vi.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromUtf8(nameVi);
        en += (en.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromUtf8(nameEn);
    };
    add(Role::Administrator, "quản trị", "administrator");
    add(Role::Editor, "biên tập", "editor");
    add(Role::Approver, "người duyệt", "approver");
    add(Role::CommuneOfficer, "cán bộ truyền thanh xã", "commune officer");
    add(Role::Inspector, "thanh tra", "inspector");
    return fail(ErrorCategory::Forbidden,
                {QStringLiteral("Bạn không có quyền làm việc này ở đơn vị này. Cần một trong các vai trò: %1.").arg(vi),
                 QStringLiteral("You may not do this for this unit. It needs one of the roles: %1.").arg(en)});
}

} // namespace

bool mayDo(const User& user, Action action, const UnitId& unit, const UnitTree& tree, QDate today)
{
    const std::uint8_t wanted = rolesWith(action);
    return user.active && std::any_of(user.roles.begin(), user.roles.end(), [&](const RoleGrant& grant) {
               return (wanted & bitOf(grant.role)) != 0 && tree.isWithin(unit, grant.unit, today);
           });
}

bool mayDo(const User& user, Action action, const Item& item, const UnitTree& tree, QDate today)
{
    const bool overUnit = mayDo(user, action, item.unit, tree, today);
    const bool overScope = mayDo(user, action, item.scope, tree, today);
    switch (action) {
    case Action::EditItems:
        return overUnit && overScope;
    case Action::ApproveItems:
        return overScope;
    case Action::WithdrawItems:
        return overUnit || overScope;
    case Action::Read: {
        const std::vector<UnitId> mine = unitsFor(user, action);
        return overUnit || overScope || std::any_of(mine.begin(), mine.end(), [&](const UnitId& unit) {
                   return tree.isWithin(unit, item.scope, today);
               });
    }
    default:
        return false; // no other action is about an item
    }
}

Result<void> demand(const User& user, Action action, const UnitId& unit, const UnitTree& tree, QDate today)
{
    if (!mayDo(user, action, unit, tree, today))
        return forbidden(action);
    return {};
}

Result<void> demand(const User& user, Action action, const Item& item, const UnitTree& tree, QDate today)
{
    if (!mayDo(user, action, item, tree, today))
        return forbidden(action);
    return {};
}

std::vector<UnitId> unitsFor(const User& user, Action action)
{
    std::vector<UnitId> units;
    if (!user.active)
        return units;
    for (const RoleGrant& grant : user.roles) {
        const bool counts = (rolesWith(action) & bitOf(grant.role)) != 0;
        if (counts && std::find(units.begin(), units.end(), grant.unit) == units.end())
            units.push_back(grant.unit);
    }
    return units;
}

std::vector<Role> rolesFor(Action action)
{
    std::vector<Role> roles;
    for (const Role role : {Role::Administrator, Role::Editor, Role::Approver, Role::CommuneOfficer, Role::Inspector}) {
        if ((rolesWith(action) & bitOf(role)) != 0)
            roles.push_back(role);
    }
    return roles;
}

} // namespace loa::model
