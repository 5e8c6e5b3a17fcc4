// What an agent keeps on disk to play alone for weeks: for each station its bundle and the one before, and the media
// that either names. Nothing gets in unverified: a bundle only with the pinned scheduler's signature, for one of the
// agent's stations and with a higher version than the last (promise 10); media only with the SHA-256 that is its name,
// and it is hashed again before it plays (promise 1).
//
// A new bundle counts from the moment it is accepted, also while its media are still arriving: what it withdrew must
// not sound again, and an airing whose media are not here yet is refused on its own. The previous one is kept for the
// day when a bad disk has damaged the current.
//
// Room, when the budget or the disk has none for what comes: of the media that no bundle in force and no command names
// the oldest go first, by their last use (they were about to play) or arrival, and no more of them than is needed; that
// holds for those of the previous bundle as well. What a bundle in force or a command names never goes. Apart from that
// clean() removes, whenever a bundle was accepted, what no bundle and no command names any more, so that the disk does
// not fill up to the budget with it.
//
// Several agents may share one, each for its own stations: a file that two of them want is fetched by one (claim()).
//
// Commands may name media that no bundle holds; they are fetched before all others. The agent's book of commands lies
// here too, for the agent to read.
//
// Thread: the agent's. Failures leave what was there; the caller reports them.
#pragma once

#include "playout/cache/disk.h"
#include "scheduler/contract/bundle.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace loa::playout {

struct CacheSettings {
    VerifyKey scheduler;
    std::vector<StationId> stations;
    std::int64_t budgetBytes = 4LL * 1024 * 1024 * 1024; // media together; what bundles name comes first
};

// A media file that is not whole yet.
struct MissingMedia {
    Sha256 sha256;
    std::int64_t bytes = 0; // of the whole
    std::int64_t have = 0;  // go on from here
    UtcTime neededAt;       // the first airing that has not passed
};

class Cache {
public:
    Cache(Disk& disk, CacheSettings settings);

    // Reads what is on disk. One Error for each bundle that could not be used (with its station in `where`): the
    // previous one stands in when it holds. Media are checked before they play, not here.
    [[nodiscard]] std::vector<Error> load();
    // The bundles of these stations; the media at the first call alone.
    [[nodiscard]] std::vector<Error> load(const std::vector<StationId>& stations);

    // The bundle in force, null when there is none.
    [[nodiscard]] std::shared_ptr<const Bundle> bundle(const StationId& station) const;
    [[nodiscard]] std::int64_t version(const StationId& station) const; // 0: none

    // Errors: Unauthorized (signature), Forbidden (another station's), Conflict (not newer), InvalidInput, Storage. The
    // old one stands.
    [[nodiscard]] Result<std::shared_ptr<const Bundle>> accept(const StationId& station, QByteArrayView sealed);

    // Media of the bundles in force that are not here, the soonest needed first, those for airings before `now` left
    // out. `of`: of these stations alone; empty: of all.
    [[nodiscard]] std::vector<MissingMedia> missing(UtcTime now, const std::vector<StationId>& of = {}) const;

    // False: another fetches it. One claim each; a second one replaces the first.
    [[nodiscard]] bool claim(const Sha256& sha256, const AgentId& agent);
    void release(const AgentId& agent) { m_claims.erase(agent); }

    // Here, as far as is known without reading it.
    [[nodiscard]] bool holds(const Sha256& sha256) const { return m_whole.contains(sha256); }

    // Next part of a media file. True when the file is whole and its hash holds. Errors: Conflict (`offset` is not
    // where we are), InvalidInput (longer than the bundle says, or hash differs: the part is thrown away), Storage,
    // LimitExceeded (budget).
    [[nodiscard]] Result<bool> addMedia(const Sha256& sha256, std::int64_t offset, QByteArrayView bytes);

    // Reads and hashes the whole file: for the moment before it plays. Errors: NotFound, InvalidInput (altered:
    // removed, so that it is fetched again), Storage.
    [[nodiscard]] Result<QString> verifiedPath(const Sha256& sha256);

    // What commands want of the station, in place of what they wanted before.
    void order(const StationId& station, std::vector<BundleMedia> media);
    // The book of commands as it was last kept. Errors: NotFound, Storage.
    [[nodiscard]] Result<QByteArray> book(const StationId& station) const;
    [[nodiscard]] Result<void> keepBook(const StationId& station, QByteArrayView bytes);
    [[nodiscard]] const VerifyKey& scheduler() const { return m_settings.scheduler; }

    // Removes media that no bundle names, current or previous, and no command. Number removed.
    [[nodiscard]] Result<int> clean();

    [[nodiscard]] std::int64_t mediaBytes() const;

private:
    struct Station {
        std::shared_ptr<const Bundle> current;
        std::shared_ptr<const Bundle> previous;
        std::vector<BundleMedia> ordered;
    };

    void loadBundles(const StationId& id, Station& station, std::vector<Error>& errors);
    void loadMedia(std::vector<Error>& errors);
    [[nodiscard]] Result<std::shared_ptr<const Bundle>> openFor(const StationId& station, QByteArrayView sealed) const;
    // Removes what no bundle in force and no command names, oldest first, until so many bytes are free or no more can
    // be. Error: Storage.
    [[nodiscard]] Result<void> makeRoom(std::int64_t bytes);
    [[nodiscard]] std::set<Sha256> files() const; // whole or not
    [[nodiscard]] Result<void> drop(const Sha256& sha256);
    [[nodiscard]] const BundleMedia* wanted(const Sha256& sha256) const;
    [[nodiscard]] bool named(const Sha256& sha256) const;

    Disk& m_disk;
    CacheSettings m_settings;
    std::map<StationId, Station> m_stations;
    std::map<Sha256, std::int64_t> m_whole;   // files in media/, with their size
    std::map<Sha256, std::int64_t> m_partial; // media/<hash>.part
    std::map<Sha256, std::int64_t> m_used;    // of both: a higher number, used or arrived later
    std::int64_t m_lastUse = 0;
    std::map<AgentId, Sha256> m_claims;
    bool m_hasMedia = false; // they were listed
};

} // namespace loa::playout
