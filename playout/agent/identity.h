// Who the agent is and whom it obeys, as enrolment left it in the state folder: agent.key (0600) and identity.json.
// Files of the folder:
//   agent.key  identity.json  clock.json  lock  journal.db  journal.reserve  bundles/<station>.bundle
//   bundles/<station>.previous  media/<sha256>
// Values; one thread.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/signature.h"

#include <QString>
#include <QUrl>

#include <vector>

namespace loa::playout {

struct Identity {
    AgentId agent;
    QUrl scheduler;         // where it enrolled
    VerifyKey schedulerKey; // pinned: no bundle signed by another is obeyed
    std::vector<StationId> stations;
};

[[nodiscard]] QString keyPath(const QString& state);
[[nodiscard]] QString identityPath(const QString& state);
[[nodiscard]] QString journalPath(const QString& state);

// Errors: NotFound (not enrolled), Storage, InvalidInput.
[[nodiscard]] Result<Identity> loadIdentity(const QString& state);
// Errors: Conflict (there is one), Storage.
[[nodiscard]] Result<void> saveIdentity(const QString& state, const Identity& identity);
// The key in the folder, made when there is none. Errors: Conflict (enrolled already), Storage, those of
// SigningKey::load().
[[nodiscard]] Result<SigningKey> keyForEnrolment(const QString& state);

} // namespace loa::playout
