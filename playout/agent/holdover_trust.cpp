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
constexpr std::int64_t driftDivisor = 5000;       // 200 ppm
constexpr std::chrono::seconds boardTolerance{2}; // it tells whole seconds

} // namespace

ClockState HoldoverClockTrust::state() const
{
    const ClockState inner = m_inner.state();
    const std::lock_guard lock(m_mutex);
    const UtcTime now = m_clock.now();
    if (inner != ClockState::Untrusted) {
        m_anchor = {now, m_clock.monotonic(), now};
        m_isLost = false;
        m_reason.clear();
        return inner;
    }
    if (!m_anchor)
        return ClockState::Untrusted;
    const auto elapsed = m_clock.monotonic() - m_anchor->monotonic;
    const auto difference = std::chrono::abs((now - m_anchor->utc) - elapsed);
    const bool isStepped = difference > smallestStep + elapsed / driftDivisor;
    if (isStepped || now - m_anchor->taught > m_longest) {
        m_reason = isStepped ? u"the clock was set by nobody who is trusted"_s
                             : u"nobody has vouched for the clock since %1"_s.arg(loa::toString(m_anchor->taught));
        m_anchor.reset();
        m_isLost = true;
        return ClockState::Untrusted;
    }
    return m_anchor->isHeld ? ClockState::Held : ClockState::Assumed;
}

QString HoldoverClockTrust::reason() const
{
    const std::lock_guard lock(m_mutex);
    return m_reason;
}

std::optional<HoldoverClockTrust::Anchor> HoldoverClockTrust::anchor() const
{
    const std::lock_guard lock(m_mutex);
    return m_anchor;
}

bool HoldoverClockTrust::isLost() const
{
    const std::lock_guard lock(m_mutex);
    return m_isLost;
}

void HoldoverClockTrust::setAnchor(const Anchor& anchor)
{
    const std::lock_guard lock(m_mutex);
    m_anchor = anchor;
}

void HoldoverClockTrust::hold(const Before& before, const std::optional<UtcTime>& board)
{
    const std::lock_guard lock(m_mutex);
    const UtcTime now = m_clock.now();
    const auto inSeconds = [](Duration span) { return std::chrono::duration<double>(span).count(); };
    if (!board)
        m_reason = u"the board has no clock that goes on without power, or it has stopped"_s;
    else if (!before.boardAhead)
        m_reason = u"the board's clock was not known before the power cut"_s;
    else if (std::chrono::abs(*before.boardAhead) > boardTolerance)
        m_reason =
            u"the board's clock was %1 s ahead before the power cut"_s.arg(inSeconds(*before.boardAhead), 0, 'f', 1);
    else if (std::chrono::abs(*board - now) > boardTolerance)
        m_reason = u"the board's clock is %1 s ahead of the system's"_s.arg(inSeconds(*board - now), 0, 'f', 1);
    else if (now < before.seen)
        m_reason = u"it was later before the power cut: %1"_s.arg(loa::toString(before.seen));
    else if (now - before.seen > m_longestDark)
        m_reason = u"the power was gone for too long, since %1"_s.arg(loa::toString(before.seen));
    else if (now - before.taught > m_longest)
        m_reason = u"nobody has vouched for the clock since %1"_s.arg(loa::toString(before.taught));
    else {
        m_reason = u"by the board's battery clock since the power cut after %1; last vouched for at %2"_s.arg(
            loa::toString(before.seen), loa::toString(before.taught));
        m_anchor = {now, m_clock.monotonic(), before.taught, true};
    }
}

QString currentBootId()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().trimmed()) : QString();
}

void restoreAnchor(const Disk& disk, const QString& bootId, const BoardClock& board, HoldoverClockTrust& trust)
{
    const auto bytes = disk.read(anchorFile, 4096);
    if (!bytes || bootId.isEmpty())
        return;
    const QJsonObject object = QJsonDocument::fromJson(*bytes).object();
    const auto utc = utcTimeFromString(object.value(u"utc"_s).toString());
    if (!utc)
        return;
    // Files of before these were told know when the clock was last vouched for alone.
    const UtcTime taught = utcTimeFromString(object.value(u"taught"_s).toString()).value_or(*utc);
    if (object.value(u"boot"_s).toString() == bootId) {
        trust.setAnchor({*utc, std::chrono::microseconds(object.value(u"monotonic_us"_s).toInteger()), taught,
                         object.value(u"held"_s).toBool()});
        return;
    }
    HoldoverClockTrust::Before before{utcTimeFromString(object.value(u"seen"_s).toString()).value_or(*utc), taught, {}};
    if (const QJsonValue ahead = object.value(u"board_ahead_us"_s); ahead.isDouble())
        before.boardAhead = Duration(ahead.toInteger());
    trust.hold(before, board.now());
}

Result<void> keepAnchor(Disk& disk, const QString& bootId, const BoardClock& board, const Clock& clock,
                        const HoldoverClockTrust& trust)
{
    const bool isTrusted = trust.state() != ClockState::Untrusted;
    const auto anchor = trust.anchor();
    if (trust.isLost() || bootId.isEmpty())
        return disk.remove(anchorFile);
    if (!isTrusted || !anchor)
        return {};
    const auto monotonic = std::chrono::duration_cast<std::chrono::microseconds>(anchor->monotonic);
    QJsonObject object{{u"boot"_s, bootId},
                       {u"utc"_s, loa::toString(anchor->utc)},
                       {u"monotonic_us"_s, qint64{monotonic.count()}},
                       {u"taught"_s, loa::toString(anchor->taught)},
                       {u"held"_s, anchor->isHeld},
                       {u"seen"_s, loa::toString(clock.now())}};
    if (const auto told = board.now())
        object.insert(u"board_ahead_us"_s, qint64{(*told - clock.now()).count()});
    return disk.replace(anchorFile, QJsonDocument(object).toJson());
}

} // namespace loa::playout
