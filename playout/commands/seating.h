// Which identity plays which station, on disk: the folder's own (of an agent with one station), or one a station (of a
// hub). A hub that was enrolled as one identity gives each station its own at its start, when the scheduler answers;
// until then it plays all of them by the one it has.
//
// Thread: one. Values, but for Journals, which opens each folder's journal once and keeps it.
#pragma once

#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/journal/journal.h"

#include <map>
#include <optional>

namespace loa::playout {

struct Seating {
    QString folder;
    Result<Identity> identity;
    std::vector<AgentStation> stations;
    // Identities that played these stations before: what their journals know is taken over, what they hold is sent.
    QStringList before = {};
    // Of `before`, the one from which it follows without a person's doing; without its journal the station is not
    // played.
    QString needed = {};
};

// Names a station that the configuration leaves out when there is one. Errors are in the seatings' identities.
[[nodiscard]] std::vector<Seating> seatingOf(const Configuration& configuration);

// Asks the scheduler for an identity for each station of a hub that has none of its own; ends at the first that it
// cannot have now. The number that have one now. Waits for the network, 5 s at most when it is gone.
int separateStations(const Configuration& configuration, const Clock& clock);

class Journals {
public:
    struct Open {
        Identity identity;
        SigningKey key;
        std::unique_ptr<Journal> journal; // gone before the key
    };

    // `settings` without path and agent. `makeRoom` is asked when a disk is full.
    Journals(JournalSettings settings, std::function<bool()> makeRoom)
        : m_settings(std::move(settings)), m_makeRoom(std::move(makeRoom))
    {
    }

    // The folder's, made when there is none. What failed is tried anew each time.
    [[nodiscard]] Result<Open*> open(const QString& folder);
    // The seat's, after it has taken over what those before it knew.
    [[nodiscard]] Result<Open*> openFor(const Seating& seating, const Stamp& stamp);
    void prune(UtcTime now);

private:
    JournalSettings m_settings;
    std::function<bool()> m_makeRoom;
    std::map<QString, std::unique_ptr<Open>> m_open;
};

} // namespace loa::playout
