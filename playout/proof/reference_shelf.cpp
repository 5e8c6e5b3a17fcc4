#include "playout/proof/reference_shelf.h"

#include "media/codecs/house_reader.h"
#include "media/loudness_meter.h"
#include "playout/output/whole_file.h"

#include <QDir>
#include <QFile>
#include <QtEndian>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace loa::playout {

namespace {

using namespace Qt::StringLiterals;

constexpr QByteArrayView magic("loa-print/2\n"); // 1 had no loudness
constexpr qsizetype rowBytes = media::printBands * sizeof(std::uint16_t);
constexpr qsizetype hashBytes = 32;
constexpr qsizetype countBytes = sizeof(std::uint32_t);
constexpr qsizetype loudnessBytes = sizeof(std::int16_t);
constexpr qint64 longestFile = 64LL << 20; // some 46 hours
constexpr std::size_t keptInMemory = 4;
constexpr int cleanEvery = 200; // prints made

tl::unexpected<Error> unusable(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en});
}

template <typename Value>
void append(QByteArray& packed, Value value)
{
    const Value little = qToLittleEndian(value);
    packed.append(reinterpret_cast<const char*>(&little), sizeof(little));
}

// Adds to `reference` what is heard, in tenths of a second.
class ReferenceMaker {
public:
    explicit ReferenceMaker(media::LoudnessMeter meter) : m_meter(std::move(meter)) {}

    [[nodiscard]] Result<void> add(std::span<const float> samples)
    {
        m_printer.add(samples, m_reference.print);
        while (!samples.empty()) {
            const auto room = static_cast<std::size_t>((Reference::loudnessHop - m_inHop).value);
            const auto part = samples.first(std::min(samples.size(), room));
            samples = samples.subspan(part.size());
            if (auto added = m_meter.add(part); !added)
                return added;
            m_inHop += FrameCount{static_cast<std::int64_t>(part.size())};
            if (m_inHop < Reference::loudnessHop)
                break;
            m_inHop = {};
            if (++m_hops < Reference::loudnessBlock.value / Reference::loudnessHop.value)
                continue;
            const double lufs = std::clamp(m_meter.momentaryLufs().value_or(silent), silent, loudest);
            m_reference.loudness.push_back(static_cast<std::int16_t>(std::lround(lufs * 100.0)));
        }
        return {};
    }
    [[nodiscard]] Reference take() { return std::move(m_reference); }

private:
    // Below the gate of BS.1770, so that it does not count.
    static constexpr double silent = -100.0;
    static constexpr double loudest = 30.0;

    media::SoundPrinter m_printer;
    media::LoudnessMeter m_meter;
    Reference m_reference;
    FrameCount m_inHop;
    std::int64_t m_hops = 0;
};

} // namespace

QByteArray packReference(const Reference& reference)
{
    QByteArray packed = magic.toByteArray();
    const auto rows = static_cast<std::uint32_t>(reference.print.size());
    packed.reserve(magic.size() + countBytes + rows * rowBytes +
                   static_cast<qsizetype>(reference.loudness.size()) * loudnessBytes + hashBytes);
    append(packed, rows);
    for (const media::PrintRow& row : reference.print) {
        for (const std::uint16_t value : row)
            append(packed, value);
    }
    for (const std::int16_t value : reference.loudness)
        append(packed, value);
    const Sha256 hash = sha256(packed);
    packed.append(reinterpret_cast<const char*>(hash.bytes.data()), hashBytes);
    return packed;
}

Result<Reference> unpackReference(QByteArrayView packed)
{
    if (!packed.startsWith(magic) || packed.size() < magic.size() + countBytes + hashBytes)
        return unusable(u"Đây không phải dấu âm thanh"_s, u"This is not a print"_s);
    const char* from = packed.data() + magic.size();
    const qsizetype rows = qFromLittleEndian<std::uint32_t>(from);
    from += countBytes;
    const qsizetype loudness = packed.size() - magic.size() - countBytes - hashBytes - rows * rowBytes;
    if (loudness < 0 || loudness % loudnessBytes != 0)
        return unusable(u"Đây không phải dấu âm thanh"_s, u"This is not a print"_s);
    const Sha256 hash = sha256(packed.chopped(hashBytes));
    if (!std::equal(hash.bytes.begin(), hash.bytes.end(),
                    reinterpret_cast<const std::uint8_t*>(packed.last(hashBytes).data())))
        return unusable(u"Dấu âm thanh bị hỏng"_s, u"The print is damaged"_s);
    Reference reference;
    reference.print.resize(static_cast<std::size_t>(rows));
    for (media::PrintRow& row : reference.print) {
        for (std::uint16_t& value : row) {
            value = qFromLittleEndian<std::uint16_t>(from);
            from += sizeof(value);
        }
    }
    reference.loudness.resize(static_cast<std::size_t>(loudness / loudnessBytes));
    for (std::int16_t& value : reference.loudness) {
        value = qFromLittleEndian<std::int16_t>(from);
        from += sizeof(value);
    }
    return reference;
}

Result<Reference> referenceOf(const QString& path, const Sha256& sha256, const std::atomic<bool>* isOver)
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
    auto meter = media::LoudnessMeter::create(static_cast<int>(sampleRate), std::array{media::ChannelRole::Center},
                                              media::LoudnessScope::Integrated);
    if (!meter)
        return passOn(meter);
    ReferenceMaker maker(std::move(*meter));
    for (;;) {
        if (isOver && isOver->load())
            return fail(ErrorCategory::Unavailable, {u"Đang dừng."_s, u"Being stopped."_s}, path);
        const auto block = reader->read();
        if (!block)
            return passOn(block);
        if (block->empty())
            return maker.take();
        if (auto added = maker.add(*block); !added)
            return passOn(added);
    }
}

struct ReferenceShelf::Worker {
    QString folder;
    MediaPath media;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Sha256> wanted;
    std::set<Sha256> pending; // wanted or under way
    std::deque<std::pair<Sha256, std::shared_ptr<const Reference>>> recent;
    std::atomic<bool> quit = false; // set under the mutex; read without it in mid-file, so that a stop waits for none
    std::thread thread;

    [[nodiscard]] QString pathOf(const Sha256& sha256) const { return folder + u'/' + toString(sha256) + u".print"_s; }

    std::shared_ptr<const Reference> load(const Sha256& sha256) const
    {
        QFile file(pathOf(sha256));
        if (!file.open(QIODevice::ReadOnly) || file.size() > longestFile)
            return nullptr;
        auto reference = unpackReference(file.readAll());
        return reference ? std::make_shared<const Reference>(*std::move(reference)) : nullptr;
    }

    void keep(const Sha256& sha256, std::shared_ptr<const Reference> reference)
    {
        const std::lock_guard lock(mutex);
        recent.emplace_front(sha256, std::move(reference));
        if (recent.size() > keptInMemory)
            recent.pop_back();
    }

    void make(const Sha256& sha256)
    {
        if (load(sha256))
            return;
        auto reference = referenceOf(media(sha256), sha256, &quit);
        if (!reference)
            return;
        // Where there is no room it stays in memory, and is made again when it is asked for and has gone from there.
        static_cast<void>(writeWhole(pathOf(sha256), packReference(*reference),
                                     {u"Không ghi được dấu âm thanh"_s, u"The print cannot be written"_s}));
        keep(sha256, std::make_shared<const Reference>(*std::move(reference)));
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
            wake.wait(lock, [this] { return quit.load() || !wanted.empty(); });
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

std::shared_ptr<const Reference> ReferenceShelf::find(const Sha256& sha256)
{
    {
        const std::lock_guard lock(m_worker->mutex);
        for (const auto& [known, reference] : m_worker->recent) {
            if (known == sha256)
                return reference;
        }
    }
    auto reference = m_worker->load(sha256);
    if (reference)
        m_worker->keep(sha256, reference);
    else
        want(sha256);
    return reference;
}

} // namespace loa::playout
