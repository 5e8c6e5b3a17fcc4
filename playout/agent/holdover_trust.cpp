#include "playout/agent/holdover_trust.h"

#include "playout/cache/disk.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

const QString anchorFile = u"clock.json"_s;
constexpr std::chrono::seconds smallestStep{1};
constexpr std::int64_t driftDivisor = 5000; // 200 ppm

} // namespace

ClockState HoldoverClockTrust::state() const
{
    const ClockState inner = m_inner.state();
    const std::lock_guard lock(m_mutex);
    const Anchor here{m_clock.now(), m_clock.monotonic()};
    if (inner != ClockState::Untrusted) {
        m_anchor = here;
        return inner;
    }
    if (!m_anchor)
        return ClockState::Untrusted;
    const auto elapsed = here.monotonic - m_anchor->monotonic;
    const auto difference = std::chrono::abs((here.utc - m_anchor->utc) - elapsed);
    if (elapsed > m_longest || difference > smallestStep + elapsed / driftDivisor) {
        m_anchor.reset();
        return ClockState::Untrusted;
    }
    return ClockState::Assumed;
}

std::optional<HoldoverClockTrust::Anchor> HoldoverClockTrust::anchor() const
{
    const std::lock_guard lock(m_mutex);
    return m_anchor;
}

void HoldoverClockTrust::setAnchor(const Anchor& anchor)
{
    const std::lock_guard lock(m_mutex);
    m_anchor = anchor;
}

QString currentBootId()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().trimmed()) : QString();
}

void restoreAnchor(const Disk& disk, const QString& bootId, HoldoverClockTrust& trust)
{
    const auto bytes = disk.read(anchorFile, 4096);
    if (!bytes || bootId.isEmpty())
        return;
    const QJsonObject object = QJsonDocument::fromJson(*bytes).object();
    const auto utc = utcTimeFromString(object.value(u"utc"_s).toString());
    if (utc && object.value(u"boot"_s).toString() == bootId)
        trust.setAnchor({*utc, std::chrono::microseconds(object.value(u"monotonic_us"_s).toInteger())});
}

Result<void> keepAnchor(Disk& disk, const QString& bootId, const HoldoverClockTrust& trust)
{
    const auto anchor = trust.anchor();
    if (!anchor || bootId.isEmpty())
        return disk.remove(anchorFile);
    const auto monotonic = std::chrono::duration_cast<std::chrono::microseconds>(anchor->monotonic);
    return disk.replace(anchorFile, QJsonDocument(QJsonObject{{u"boot"_s, bootId},
                                                              {u"utc"_s, loa::toString(anchor->utc)},
                                                              {u"monotonic_us"_s, qint64{monotonic.count()}}})
                                        .toJson());
}

} // namespace loa::playout
