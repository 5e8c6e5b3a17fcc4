#include "playout/commands/seating.h"

#include "playout/agent/log.h"

#include <QFile>
#include <QFileInfo>

#include <unistd.h>

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto separationPatience = 5s;
constexpr qsizetype someRoom = 64 * 1024;

// By trying: bytes, names and quotas all may be used up.
bool hasRoom(const QString& folder)
{
    QFile probe(folder + u"/room"_s);
    const bool has = probe.open(QIODevice::WriteOnly | QIODevice::Unbuffered) &&
                     probe.write(QByteArray(someRoom, '\0')) == someRoom && ::fsync(probe.handle()) == 0;
    probe.close();
    QFile::remove(probe.fileName());
    return has;
}

Error notEnrolledFor(const StationId& station)
{
    return {ErrorCategory::InvalidInput,
            {u"Máy phát này không được đăng ký cho đài \"%1\""_s.arg(station.value),
             u"This agent is not enrolled for station \"%1\""_s.arg(station.value)},
            u"[[station]] id"_s};
}

bool carries(const Identity& identity, const StationId& station)
{
    return std::find(identity.stations.begin(), identity.stations.end(), station) != identity.stations.end();
}

} // namespace

std::vector<Seating> seatingOf(const Configuration& configuration)
{
    const QString& state = configuration.state;
    const auto common = loadIdentity(state);
    std::vector<Seating> seats;
    Seating shared{state, common, {}};
    for (AgentStation station : configuration.agent.stations) {
        if (station.id.isEmpty() && common && common->stations.size() == 1)
            station.id = common->stations.front();
        const QString folder = stationFolder(state, station.id);
        if (!station.id.isEmpty() && QFile::exists(identityPath(folder))) {
            Seating own{folder, loadIdentity(folder), {station}, replacedFolders(state, station.id)};
            if (own.identity && !carries(*own.identity, station.id))
                own.identity = tl::unexpected(notEnrolledFor(station.id));
            if (QFile::exists(journalPath(state))) {
                own.before.append(state);
                // Once a person has enrolled the station anew, what stood before may be beyond reading.
                own.needed = replacedFolders(state, station.id).isEmpty() ? state : QString();
            }
            seats.push_back(std::move(own));
        } else if (common && !carries(*common, station.id)) {
            seats.push_back({folder, tl::unexpected(notEnrolledFor(station.id)), {station}});
        } else {
            shared.stations.push_back(station);
        }
    }
    if (!shared.stations.empty())
        seats.insert(seats.begin(), std::move(shared));
    return seats;
}

int separateStations(const Configuration& configuration, const Clock& clock)
{
    const QString& state = configuration.state;
    const auto common = loadIdentity(state);
    if (!common || configuration.agent.stations.size() < 2)
        return 0;
    const auto key = SigningKey::load(keyPath(state));
    if (!key)
        return 0; // told when the seat is opened
    HttpSettings http = configuration.http;
    http.longest = http.silence = separationPatience;
    int done = 0;
    for (const AgentStation& station : configuration.agent.stations) {
        const QString folder = stationFolder(state, station.id);
        if (station.id.isEmpty() || !carries(*common, station.id) || QFile::exists(identityPath(folder)))
            continue;
        const auto made = [&]() -> Result<void> {
            const auto own = keyForEnrolment(folder);
            if (!own)
                return passOn(own);
            const auto identity = separate(http, common->agent, *key, station.id, *own, clock);
            if (!identity)
                return passOn(identity);
            if (identity->schedulerKey != common->schedulerKey)
                return fail(ErrorCategory::Unauthorized,
                            {u"Máy chủ trả lời bằng khoá khác"_s, u"The scheduler answers with another key"_s},
                            http.scheduler.toString());
            return saveIdentity(folder, {identity->agent, common->scheduler, identity->schedulerKey, {station.id}});
        }();
        if (!made) {
            qCWarning(agentLog).noquote().nospace()
                << "no-identity-of-its-own station=" << station.id.value << " " << describe(made.error());
            return done;
        }
        ++done;
        qCInfo(agentLog).noquote().nospace() << "identity-of-its-own station=" << station.id.value;
    }
    return done;
}

Result<Journals::Open*> Journals::open(const QString& folder)
{
    if (const auto found = m_open.find(folder); found != m_open.end())
        return found->second.get();
    auto identity = loadIdentity(folder);
    if (!identity)
        return passOn(identity);
    auto key = SigningKey::load(keyPath(folder));
    if (!key)
        return passOn(key);
    auto made = std::unique_ptr<Open>(new Open{*std::move(identity), *std::move(key), nullptr});
    JournalSettings settings = m_settings;
    settings.path = journalPath(folder);
    settings.agent = made->identity.agent;
    auto journal = Journal::open(settings, made->key);
    const bool isFull = !journal && journal.error().category == ErrorCategory::Storage && !hasRoom(folder);
    if (isFull && m_makeRoom()) {
        qCWarning(agentLog).noquote().nospace() << "journal-reserve-used " << describe(journal.error());
        journal = Journal::open(settings, made->key);
    }
    if (isFull && !journal && QFile::exists(settings.path)) {
        // It can still be read, and plays what it has.
        settings.isAlone = true;
        if (auto alone = Journal::open(settings, made->key)) {
            qCWarning(agentLog).noquote().nospace() << "journal-opened-alone " << describe(journal.error());
            journal = std::move(alone);
        }
    }
    if (!journal) {
        Error error = journal.error();
        if (isFull) {
            error.message.vi += u" (đĩa đầy)"_s;
            error.message.en += u" (the disk is full)"_s;
        }
        error.where = settings.path + u": "_s + error.where;
        return tl::unexpected(std::move(error));
    }
    made->journal = *std::move(journal);
    return m_open.emplace(folder, std::move(made)).first->second.get();
}

Result<Journals::Open*> Journals::openFor(const Seating& seating, const Stamp& stamp)
{
    if (!seating.identity)
        return passOn(seating.identity);
    const auto own = open(seating.folder);
    if (!own)
        return own;
    for (const QString& folder : seating.before) {
        const auto from = loadIdentity(folder);
        if (from) {
            const auto known = (*own)->journal->hasInherited(from->agent);
            if (!known)
                return passOn(known);
            const auto old = open(folder);
            if (old) {
                for (const AgentStation& station : seating.stations) {
                    if (auto taken = (*own)->journal->inherit(*(*old)->journal, station.id, stamp); !taken)
                        return passOn(taken);
                }
                continue;
            }
            if (folder == seating.needed && !*known)
                return passOn(old);
            qCWarning(agentLog).noquote().nospace() << "old-journal-not-read " << describe(old.error());
            if (*known)
                continue;
        } else if (folder == seating.needed) {
            return passOn(from);
        }
        // What came before that one is in it.
        if (auto noted = (*own)->journal->lost(QFileInfo(folder).fileName(), stamp.now); !noted)
            return passOn(noted);
        break;
    }
    return own;
}

void Journals::prune(UtcTime now)
{
    for (const auto& [folder, open] : m_open) {
        if (auto pruned = open->journal->prune(now); !pruned)
            qCWarning(agentLog).noquote().nospace() << "log-not-pruned " << describe(pruned.error());
    }
}

} // namespace loa::playout
