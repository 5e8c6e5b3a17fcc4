#include "playout/proof/reference_shelf.h"

#include "media/codecs/house_reader.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QtEndian>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace loa::playout {

namespace {

using namespace Qt::StringLiterals;

constexpr QByteArrayView magic("loa-print/1\n");
constexpr qsizetype rowBytes = media::printBands * sizeof(std::uint16_t);
constexpr qsizetype hashBytes = 32;
constexpr qint64 longestFile = 64LL << 20; // some 46 hours
constexpr std::size_t keptInMemory = 4;
constexpr int cleanEvery = 200; // prints made

tl::unexpected<Error> unusable(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en});
}

} // namespace

QByteArray packPrint(const Print& print)
{
    QByteArray packed = magic.toByteArray();
    packed.reserve(magic.size() + static_cast<qsizetype>(print.size()) * rowBytes + hashBytes);
    for (const media::PrintRow& row : print) {
        for (const std::uint16_t value : row) {
            const std::uint16_t little = qToLittleEndian(value);
            packed.append(reinterpret_cast<const char*>(&little), sizeof(little));
        }
    }
    const Sha256 hash = sha256(packed);
    packed.append(reinterpret_cast<const char*>(hash.bytes.data()), hashBytes);
    return packed;
}

Result<Print> unpackPrint(QByteArrayView packed)
{
    const qsizetype rows = packed.size() - magic.size() - hashBytes;
    if (!packed.startsWith(magic) || rows < 0 || rows % rowBytes != 0)
        return unusable(u"Đây không phải dấu âm thanh"_s, u"This is not a print"_s);
    const Sha256 hash = sha256(packed.chopped(hashBytes));
    if (!std::equal(hash.bytes.begin(), hash.bytes.end(),
                    reinterpret_cast<const std::uint8_t*>(packed.last(hashBytes).data())))
        return unusable(u"Dấu âm thanh bị hỏng"_s, u"The print is damaged"_s);
    Print print(static_cast<std::size_t>(rows / rowBytes));
    const char* from = packed.data() + magic.size();
    for (media::PrintRow& row : print) {
        for (std::uint16_t& value : row) {
            value = qFromLittleEndian<std::uint16_t>(from);
            from += sizeof(value);
        }
    }
    return print;
}

Result<Print> printOfHouseFile(const QString& path, const Sha256& sha256)
{
    const auto hash = sha256OfFile(path);
    if (!hash)
        return passOn(hash);
    if (*hash != sha256) {
        return fail(ErrorCategory::Conflict, {u"Tệp âm thanh đã bị thay đổi."_s, u"The audio file has been altered."_s},
                    path);
    }
    auto reader = media::HouseReader::open(path);
    if (!reader)
        return passOn(reader);
    media::SoundPrinter printer;
    Print print;
    for (;;) {
        const auto block = reader->read();
        if (!block)
            return passOn(block);
        if (block->empty())
            return print;
        printer.add(*block, print);
    }
}

struct ReferenceShelf::Worker {
    QString folder;
    MediaPath media;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Sha256> wanted;
    std::set<Sha256> pending; // wanted or under way
    std::deque<std::pair<Sha256, std::shared_ptr<const Print>>> recent;
    bool quit = false;
    std::thread thread;

    [[nodiscard]] QString pathOf(const Sha256& sha256) const { return folder + u'/' + toString(sha256) + u".print"_s; }

    std::shared_ptr<const Print> load(const Sha256& sha256) const
    {
        QFile file(pathOf(sha256));
        if (!file.open(QIODevice::ReadOnly) || file.size() > longestFile)
            return nullptr;
        auto print = unpackPrint(file.readAll());
        return print ? std::make_shared<const Print>(*std::move(print)) : nullptr;
    }

    void keep(const Sha256& sha256, std::shared_ptr<const Print> print)
    {
        const std::lock_guard lock(mutex);
        recent.emplace_front(sha256, std::move(print));
        if (recent.size() > keptInMemory)
            recent.pop_back();
    }

    void make(const Sha256& sha256)
    {
        if (load(sha256))
            return;
        auto print = printOfHouseFile(media(sha256), sha256);
        if (!print)
            return;
        QSaveFile file(pathOf(sha256));
        if (file.open(QIODevice::WriteOnly)) {
            file.write(packPrint(*print));
            file.commit();
        }
        keep(sha256, std::make_shared<const Print>(*std::move(print)));
    }

    void clean() const
    {
        const QDir directory(folder);
        for (const QString& name : directory.entryList({u"*.print"_s}, QDir::Files)) {
            const auto sha256 = sha256FromString(QStringView(name).chopped(6));
            if (!sha256 || !QFile::exists(media(*sha256)))
                QFile::remove(directory.filePath(name));
        }
    }

    void run()
    {
        // Whatever else the machine has to do comes first.
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 19);
        clean();
        int made = 0;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [this] { return quit || !wanted.empty(); });
            if (quit)
                return;
            const Sha256 next = wanted.front();
            wanted.pop_front();
            lock.unlock();
            make(next);
            if (++made % cleanEvery == 0)
                clean();
            lock.lock();
            pending.erase(next);
        }
    }
};

ReferenceShelf::ReferenceShelf(QString folder, MediaPath media) : m_worker(std::make_unique<Worker>())
{
    m_worker->folder = std::move(folder);
    m_worker->media = std::move(media);
    QDir().mkpath(m_worker->folder);
    m_worker->thread = std::thread([worker = m_worker.get()] { worker->run(); });
}

ReferenceShelf::~ReferenceShelf()
{
    {
        const std::lock_guard lock(m_worker->mutex);
        m_worker->quit = true;
    }
    m_worker->wake.notify_one();
    m_worker->thread.join();
}

void ReferenceShelf::want(const Sha256& sha256)
{
    {
        const std::lock_guard lock(m_worker->mutex);
        if (!m_worker->pending.insert(sha256).second)
            return;
        m_worker->wanted.push_back(sha256);
    }
    m_worker->wake.notify_one();
}

std::shared_ptr<const Print> ReferenceShelf::find(const Sha256& sha256)
{
    {
        const std::lock_guard lock(m_worker->mutex);
        for (const auto& [known, print] : m_worker->recent) {
            if (known == sha256)
                return print;
        }
    }
    auto print = m_worker->load(sha256);
    if (print)
        m_worker->keep(sha256, print);
    else
        want(sha256);
    return print;
}

} // namespace loa::playout
