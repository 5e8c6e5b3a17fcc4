// People and what they may do. A role holds for a unit and all that lies below it. Plain values, any thread.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QString>

#include <optional>
#include <vector>

namespace loa::model {

enum class Role {
    Administrator,  // units, stations, users, agents, policies; no approval by virtue of it
    Editor,         // makes and submits items
    Approver,       // approves and rejects
    CommuneOfficer, // an editor of the commune's own items who also minds its station
    Inspector,      // reads everything, changes nothing
};
[[nodiscard]] QString toString(Role role); // "administrator", "editor", "approver", "commune_officer", "inspector"
[[nodiscard]] Result<Role> roleFromString(QStringView text);

struct RoleGrant {
    Role role = Role::Inspector;
    UnitId unit;
    bool operator==(const RoleGrant&) const = default;
};

struct User {
    UserId id;
    QString username; // lower case, unique
    QString fullName;
    std::vector<RoleGrant> roles;
    bool active = true;
    UtcTime createdAt;
    bool operator==(const User&) const = default;
};

// Who did what, kept for ever (append-only).
struct AuditRecord {
    std::int64_t number = 0; // from 1, rising
    UtcTime at;
    std::optional<UserId> user; // absent: the system or an agent
    QString actor;              // name at the time
    QString action;             // "item.approve", "station.create", …
    QString subject;            // kind and id: "item:01j…"
    QString detail;             // JSON object, small
    bool operator==(const AuditRecord&) const = default;
};

} // namespace loa::model
