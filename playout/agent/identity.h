// Who the agent is and whom it obeys, as enrolment left it in a folder: agent.key (0600) and identity.json, and beside
// them the journal that this key signs. Files of the state folder:
//   agent.key  identity.json  clock.json  lock  journal.db  journal.reserve  bundles/<station>.bundle
//   bundles/<station>.previous  media/<sha256>
// and, of a station with an identity of its own, as every station of a hub has,
//   stations/<station>/agent.key  identity.json  journal.db
//   stations/<station>.<agent>/…   an identity that was replaced, until its log is with the scheduler and after
//   stations/<station>.new/…       one that is being made
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

// The folder of a station's own identity.
[[nodiscard]] QString stationFolder(const QString& state, const StationId& station);
// Those of identities that were replaced.
[[nodiscard]] QStringList replacedFolders(const QString& state, const StationId& station);

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

// Where a station's next identity is made, empty but for a key from an enrolment that did not come through.
[[nodiscard]] Result<QString> prepareReplacement(const QString& state, const StationId& station);
// The identity made there stands from now on; the one before, if any, is kept beside it. Also finishes what a power cut
// interrupted; nothing when there is nothing to do. Error: Storage.
[[nodiscard]] Result<void> finishReplacement(const QString& state, const StationId& station);

} // namespace loa::playout
