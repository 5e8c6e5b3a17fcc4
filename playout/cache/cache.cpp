#include "playout/cache/cache.h"

#include <algorithm>

namespace loa::playout {
namespace {

QString currentName(const StationId& station)
{
    return QStringLiteral("bundles/%1.bundle").arg(station.value);
}

QString previousName(const StationId& station)
{
    return QStringLiteral("bundles/%1.previous").arg(station.value);
}

QString mediaName(const Sha256& hash)
{
    return QStringLiteral("media/") + toString(hash);
}

QString partialName(const Sha256& hash)
{
    return mediaName(hash) + QStringLiteral(".part");
}

QString bookName(const StationId& station)
{
    return QStringLiteral("commands/%1.json").arg(station.value);
}

constexpr std::int64_t longestBook = 4 * 1024 * 1024;

const BundleMedia* findMedia(const std::vector<BundleMedia>& list, const Sha256& hash)
{
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const BundleMedia& media) { return media.sha256 == hash; });
    return found == list.end() ? nullptr : &*found;
}

const BundleMedia* findMedia(const Bundle* bundle, const Sha256& hash)
{
    return bundle ? findMedia(bundle->media, hash) : nullptr;
}

// The audio that an airing may want: its own, or what stands by for its relay.
std::optional<Sha256> soundOf(const Bundle& bundle, const BundleAiring& airing)
{
    if (airing.relay.isEmpty())
        return airing.sha256;
    const BundleRelay* relay = findRelay(bundle, airing.relay);
    return relay ? relay->standby : std::nullopt;
}

} // namespace

Cache::Cache(Disk& disk, CacheSettings settings) : m_disk(disk), m_settings(std::move(settings))
{
    for (const StationId& station : m_settings.stations)
        m_stations[station];
}

std::vector<Error> Cache::load()
{
    std::vector<Error> errors;
    for (auto& [id, station] : m_stations)
        loadBundles(id, station, errors);
    loadMedia(errors);
    return errors;
}

std::vector<Error> Cache::load(const std::vector<StationId>& stations)
{
    std::vector<Error> errors;
    for (const StationId& id : stations) {
        if (const auto station = m_stations.find(id); station != m_stations.end())
            loadBundles(id, station->second, errors);
    }
    if (!m_hasMedia)
        loadMedia(errors);
    return errors;
}

void Cache::loadBundles(const StationId& id, Station& station, std::vector<Error>& errors)
{
    auto readBundle = [&](const QString& file) -> std::shared_ptr<const Bundle> {
        auto sealed = m_disk.read(file, maxBundleBytes);
        if (!sealed && sealed.error().category == ErrorCategory::NotFound)
            return nullptr;
        auto bundle = sealed ? openFor(id, *sealed) : Result<std::shared_ptr<const Bundle>>(passOn(sealed));
        if (!bundle) {
            Error error = bundle.error();
            error.where = id.value;
            errors.push_back(std::move(error));
            return nullptr;
        }
        return *bundle;
    };
    station.previous = readBundle(previousName(id));
    station.current = readBundle(currentName(id));
    if (!station.current)
        station.current = station.previous;
}

void Cache::loadMedia(std::vector<Error>& errors)
{
    m_whole.clear();
    m_partial.clear();
    m_used.clear();
    auto files = m_disk.list(QStringLiteral("media"));
    m_hasMedia = files.has_value();
    if (!files) {
        errors.push_back(files.error());
        return;
    }
    std::stable_sort(files->begin(), files->end(),
                     [](const DiskFile& a, const DiskFile& b) { return a.stamp < b.stamp; });
    for (const DiskFile& file : *files) {
        const QString name = file.name.section(QLatin1Char('/'), -1);
        const bool partial = name.endsWith(QLatin1String(".part"));
        if (const auto hash = sha256FromString(partial ? QStringView(name).chopped(5) : QStringView(name))) {
            (partial ? m_partial : m_whole)[*hash] = file.bytes;
            m_used[*hash] = ++m_lastUse;
        }
    }
}

bool Cache::claim(const Sha256& hash, const AgentId& agent)
{
    const bool isTaken = std::any_of(m_claims.begin(), m_claims.end(),
                                     [&](const auto& one) { return one.second == hash && one.first != agent; });
    if (!isTaken)
        m_claims[agent] = hash;
    return !isTaken;
}

std::shared_ptr<const Bundle> Cache::bundle(const StationId& station) const
{
    const auto found = m_stations.find(station);
    return found == m_stations.end() ? nullptr : found->second.current;
}

std::int64_t Cache::version(const StationId& station) const
{
    const auto current = bundle(station);
    return current ? current->version : 0;
}

Result<std::shared_ptr<const Bundle>> Cache::openFor(const StationId& station, QByteArrayView sealed) const
{
    auto bundle = openBundle(sealed, m_settings.scheduler);
    if (!bundle)
        return passOn(bundle);
    if (bundle->station != station)
        return fail(ErrorCategory::Forbidden,
                    {QStringLiteral("Bản kê phát này của đài khác: %1").arg(bundle->station.value),
                     QStringLiteral("This bundle is for another station: %1").arg(bundle->station.value)},
                    station.value);
    return std::make_shared<const Bundle>(*std::move(bundle));
}

Result<std::shared_ptr<const Bundle>> Cache::accept(const StationId& station, QByteArrayView sealed)
{
    const auto found = m_stations.find(station);
    if (found == m_stations.end())
        return fail(ErrorCategory::Forbidden,
                    {QStringLiteral("Máy phát này không phụ trách đài %1").arg(station.value),
                     QStringLiteral("This agent does not carry station %1").arg(station.value)},
                    station.value);
    auto bundle = openFor(station, sealed);
    if (!bundle)
        return bundle;
    Station& mine = found->second;
    const std::int64_t newest =
        std::max(mine.current ? mine.current->version : 0, mine.previous ? mine.previous->version : 0);
    if ((*bundle)->version <= newest)
        return fail(
            ErrorCategory::Conflict,
            {QStringLiteral("Bản kê phát số %1 không mới hơn bản đang dùng (%2)").arg((*bundle)->version).arg(newest),
             QStringLiteral("Bundle %1 is not newer than the one in force (%2)").arg((*bundle)->version).arg(newest)},
            station.value);

    // Each step is atomic, and after each the disk holds a bundle that was in force or is now.
    if (mine.current) {
        auto old = m_disk.read(currentName(station), maxBundleBytes);
        if (old && openFor(station, *old)) {
            if (auto kept = m_disk.replace(previousName(station), *old); !kept)
                return passOn(kept);
        }
    }
    if (auto written = m_disk.replace(currentName(station), sealed); !written) {
        static_cast<void>(makeRoom(sealed.size())); // for the next try; what failed is told
        return passOn(written);
    }
    mine.previous = std::exchange(mine.current, *bundle);
    return mine.current;
}

std::vector<MissingMedia> Cache::missing(UtcTime now, const std::vector<StationId>& of) const
{
    std::map<Sha256, MissingMedia> found;
    const auto haveOf = [&](const Sha256& hash) {
        const auto partial = m_partial.find(hash);
        return partial == m_partial.end() ? 0 : partial->second;
    };
    for (const auto& [id, station] : m_stations) {
        if (!of.empty() && std::find(of.begin(), of.end(), id) == of.end())
            continue;
        for (const BundleMedia& media : station.ordered) {
            if (!m_whole.contains(media.sha256))
                found.insert_or_assign(media.sha256,
                                       MissingMedia{media.sha256, media.bytes, haveOf(media.sha256), UtcTime::min()});
        }
        if (!station.current)
            continue;
        for (const BundleSession& session : station.current->sessions) {
            for (const BundleAiring& airing : session.airings) {
                const UtcTime start = session.startsAt + toDuration(airing.offset);
                // What stands by for a relay may be wanted up to its end.
                const UtcTime last = airing.relay.isEmpty() ? start : start + toDuration(airing.frames);
                const std::optional<Sha256> hash = soundOf(*station.current, airing);
                if (last < now || !hash || m_whole.contains(*hash))
                    continue;
                const BundleMedia* media = findMedia(station.current.get(), *hash);
                if (!media)
                    continue;
                auto [entry, isNew] = found.try_emplace(*hash, MissingMedia{*hash, media->bytes, haveOf(*hash), start});
                if (!isNew)
                    entry->second.neededAt = std::min(entry->second.neededAt, start);
            }
        }
    }
    std::vector<MissingMedia> sorted;
    sorted.reserve(found.size());
    for (const auto& [hash, media] : found)
        sorted.push_back(media);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const MissingMedia& a, const MissingMedia& b) { return a.neededAt < b.neededAt; });
    return sorted;
}

Result<bool> Cache::addMedia(const Sha256& hash, std::int64_t offset, QByteArrayView bytes)
{
    const QString where = mediaName(hash);
    const BundleMedia* media = wanted(hash);
    if (!media)
        return fail(
            ErrorCategory::NotFound,
            {QStringLiteral("Không bản kê phát nào cần tệp này"), QStringLiteral("No bundle asks for this file")},
            where);
    if (m_whole.contains(hash))
        return true;
    const auto partial = m_partial.find(hash);
    const std::int64_t have = partial == m_partial.end() ? 0 : partial->second;
    if (offset != have && offset != 0)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Phần nhận được không nối tiếp phần đã có"),
                     QStringLiteral("The part received does not follow what is here")},
                    where);
    if (offset + bytes.size() > media->bytes || (bytes.isEmpty() && offset < media->bytes)) {
        m_partial.erase(hash);
        if (auto removed = m_disk.remove(partialName(hash)); !removed)
            return passOn(removed);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Độ dài tệp khác với bản kê phát"),
                     QStringLiteral("The file's length differs from the bundle's")},
                    where);
    }
    if (mediaBytes() - have + offset + bytes.size() > m_settings.budgetBytes) {
        if (auto freed = makeRoom(mediaBytes() - have + offset + bytes.size() - m_settings.budgetBytes); !freed)
            return passOn(freed);
        if (mediaBytes() - have + offset + bytes.size() > m_settings.budgetBytes)
            return fail(ErrorCategory::LimitExceeded,
                        {QStringLiteral("Hết dung lượng dành cho âm thanh"),
                         QStringLiteral("The space set aside for media is used up")},
                        where);
    }
    if (auto written = m_disk.write(partialName(hash), offset, bytes); !written) {
        // How much of it got there is not known: begin again rather than build on it.
        m_partial.erase(hash);
        if (auto removed = m_disk.remove(partialName(hash)); !removed)
            m_partial[hash] = 0;
        static_cast<void>(makeRoom(media->bytes - offset)); // for the next try; what failed is told
        return passOn(written);
    }
    m_partial[hash] = offset + bytes.size();
    m_used[hash] = ++m_lastUse;
    if (offset + bytes.size() < media->bytes)
        return false;

    const auto actual = m_disk.hash(partialName(hash));
    if (!actual)
        return passOn(actual);
    if (*actual != hash) {
        m_partial.erase(hash);
        if (auto removed = m_disk.remove(partialName(hash)); !removed)
            return passOn(removed);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Nội dung tệp không khớp mã băm đã duyệt"),
                     QStringLiteral("The file's content does not match the approved hash")},
                    where);
    }
    if (auto committed = m_disk.commit(partialName(hash), mediaName(hash)); !committed)
        return passOn(committed);
    m_partial.erase(hash);
    m_whole[hash] = media->bytes;
    return true;
}

Result<QString> Cache::verifiedPath(const Sha256& hash)
{
    const auto actual = m_disk.hash(mediaName(hash));
    if (!actual) {
        if (actual.error().category == ErrorCategory::NotFound)
            m_whole.erase(hash);
        return passOn(actual);
    }
    if (*actual != hash) {
        m_whole.erase(hash);
        if (auto removed = m_disk.remove(mediaName(hash)); !removed)
            return passOn(removed);
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Tệp âm thanh đã bị thay đổi trên đĩa"),
                     QStringLiteral("The media file was altered on disk")},
                    mediaName(hash));
    }
    m_disk.touch(mediaName(hash));
    m_used[hash] = ++m_lastUse;
    return m_disk.path(mediaName(hash));
}

Result<void> Cache::drop(const Sha256& hash)
{
    if (m_whole.contains(hash)) {
        if (auto removed = m_disk.remove(mediaName(hash)); !removed)
            return removed;
        m_whole.erase(hash);
    }
    if (m_partial.contains(hash)) {
        if (auto removed = m_disk.remove(partialName(hash)); !removed)
            return removed;
        m_partial.erase(hash);
    }
    m_used.erase(hash);
    return {};
}

std::set<Sha256> Cache::files() const
{
    std::set<Sha256> all;
    for (const auto* files : {&m_whole, &m_partial}) {
        for (const auto& [hash, size] : *files)
            all.insert(hash);
    }
    return all;
}

Result<int> Cache::clean()
{
    int removed = 0;
    for (const Sha256& hash : files()) {
        if (named(hash))
            continue;
        if (auto done = drop(hash); !done)
            return passOn(done);
        ++removed;
    }
    return removed;
}

Result<void> Cache::makeRoom(std::int64_t bytes)
{
    std::vector<std::pair<std::int64_t, Sha256>> oldest;
    for (const Sha256& hash : files()) {
        if (const auto used = m_used.find(hash); !wanted(hash))
            oldest.emplace_back(used == m_used.end() ? 0 : used->second, hash);
    }
    std::sort(oldest.begin(), oldest.end());
    const std::int64_t enough = mediaBytes() - bytes;
    for (const auto& [used, hash] : oldest) {
        if (mediaBytes() <= enough)
            break;
        if (auto removed = drop(hash); !removed)
            return removed;
    }
    return {};
}

std::int64_t Cache::mediaBytes() const
{
    std::int64_t bytes = 0;
    for (const auto* files : {&m_whole, &m_partial}) {
        for (const auto& [hash, size] : *files)
            bytes += size;
    }
    return bytes;
}

const BundleMedia* Cache::wanted(const Sha256& hash) const
{
    for (const auto& [id, station] : m_stations) {
        if (const BundleMedia* media = findMedia(station.current.get(), hash))
            return media;
        if (const BundleMedia* media = findMedia(station.ordered, hash))
            return media;
    }
    return nullptr;
}

bool Cache::named(const Sha256& hash) const
{
    return std::any_of(m_stations.begin(), m_stations.end(), [&](const auto& entry) {
        return findMedia(entry.second.current.get(), hash) || findMedia(entry.second.previous.get(), hash) ||
               findMedia(entry.second.ordered, hash);
    });
}

void Cache::order(const StationId& station, std::vector<BundleMedia> media)
{
    if (const auto found = m_stations.find(station); found != m_stations.end())
        found->second.ordered = std::move(media);
}

Result<QByteArray> Cache::book(const StationId& station) const
{
    return m_disk.read(bookName(station), longestBook);
}

Result<void> Cache::keepBook(const StationId& station, QByteArrayView bytes)
{
    return m_disk.replace(bookName(station), bytes);
}

} // namespace loa::playout
