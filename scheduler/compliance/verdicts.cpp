#include "scheduler/compliance/verdicts.h"

#include <algorithm>
#include <array>

namespace loa::compliance {

namespace {

struct VerdictWords {
    Verdict verdict;
    const char* word;
    const char16_t* vi;
    const char16_t* en;
};

constexpr std::array<VerdictWords, 13> verdictWords{{
    {Verdict::Counts, "counts", u"Được tính: lần phát trọn vẹn đầu tiên ra loa trong kỳ.",
     u"Counts: the first whole airing to loudspeakers in the period."},
    {Verdict::AlreadyCounted, "already-counted", u"Phát trọn, nhưng tin/bài đã được tính trong kỳ.",
     u"Whole, but the item has been counted in this period."},
    {Verdict::Partial, "partial", u"Phát không trọn, không được tính.", u"Only a part sounded, so it does not count."},
    {Verdict::Missed, "missed", u"Không phát được, không được tính.", u"Nothing sounded, so it does not count."},
    {Verdict::Unknown, "unknown", u"Nhật ký lần phát bị mất, không được tính.",
     u"The record of the airing was lost, so it does not count."},
    {Verdict::ArchiveOutput, "archive-output", u"Đầu ra này không nối với cụm loa nào, không được tính.",
     u"This output feeds no loudspeakers, so it does not count."},
    {Verdict::ClockUntrusted, "clock-untrusted", u"Đồng hồ của máy phát lúc đó không đáng tin, không được tính.",
     u"The agent's clock could not be trusted then, so it does not count."},
    {Verdict::NotTopical, "not-topical", u"Nội dung không thuộc chỉ tiêu này.",
     u"Its topics are not those of this duty."},
    {Verdict::UnknownItem, "unknown-item", u"Không có tin/bài này trong thư viện, không được tính.",
     u"There is no such item in the library, so it does not count."},
    {Verdict::WrongRecording, "wrong-recording",
     u"Âm thanh đã phát không phải bản ghi nào của tin/bài, không được tính.",
     u"What sounded is none of the item's recordings, so it does not count."},
    {Verdict::NotMatched, "not-matched", u"Âm thanh đã phát chưa được đo là khớp với tin/bài, không được tính.",
     u"What sounded was not measured to match the item, so it does not count."},
    {Verdict::Contradictory, "contradictory",
     u"Dòng nhật ký tự mâu thuẫn về thời lượng hay thời điểm, không được tính.",
     u"The line contradicts itself on frames or instants, so it does not count."},
    {Verdict::Repeated, "repeated", u"Dòng nhật ký này đã được xét ở trên.",
     u"This log line has been considered above."},
}};

const VerdictWords& wordsOf(Verdict verdict)
{
    return *std::ranges::find(verdictWords, verdict, &VerdictWords::verdict);
}

Verdict verdictOnOutcome(const LogEntry& entry)
{
    switch (entry.outcome) {
    case Outcome::Partial:
        return Verdict::Partial;
    case Outcome::Missed:
        return Verdict::Missed;
    case Outcome::Unknown:
        return Verdict::Unknown;
    case Outcome::Complete:
        break;
    }
    const bool whole = entry.frames == entry.plannedFrames && entry.frames.value > 0;
    const bool timed = entry.firstFrameAt && entry.lastFrameAt && *entry.firstFrameAt <= *entry.lastFrameAt;
    return whole && timed ? Verdict::Counts : Verdict::Contradictory;
}

} // namespace

QString toString(Verdict verdict)
{
    return QString::fromLatin1(wordsOf(verdict).word);
}

QString toString(Standing standing)
{
    switch (standing) {
    case Standing::Green:
        return QStringLiteral("green");
    case Standing::AtRisk:
        return QStringLiteral("at_risk");
    case Standing::Failed:
        break;
    }
    return QStringLiteral("failed");
}

QString toString(Forecast forecast)
{
    switch (forecast) {
    case Forecast::Met:
        return QStringLiteral("met");
    case Forecast::OnCourse:
        return QStringLiteral("on-course");
    case Forecast::Short:
        return QStringLiteral("short");
    case Forecast::AwaitingLog:
        return QStringLiteral("awaiting-log");
    case Forecast::Missed:
        break;
    }
    return QStringLiteral("missed");
}

bool matchesEnough(const LogEntry& entry, std::optional<int> leastMatch)
{
    return !leastMatch || (entry.mix && entry.mix->match && *entry.mix->match >= *leastMatch);
}

Ledger::Ledger(const ComplianceInput& input) : m_input(input)
{
    for (const KnownItem& item : input.items)
        m_items.insert(item.id, &item);
    for (const model::SpeakerCluster& cluster : input.clusters)
        m_speakerOutputs.insert(cluster.output);
}

const KnownItem* Ledger::find(const ItemId& id) const
{
    return m_items.value(id, nullptr);
}

bool Ledger::isTopical(const KnownItem& item) const
{
    return std::ranges::any_of(item.topicGroups, [&](const QString& group) {
        return std::ranges::find(m_input.obligation.topicGroups, group) != m_input.obligation.topicGroups.end();
    });
}

Verdict Ledger::judge(const LogEntry& entry)
{
    const std::pair<AgentId, qint64> line(entry.agent, entry.sequence);
    if (m_seen.contains(line))
        return Verdict::Repeated;
    m_seen.insert(line);
    const KnownItem* item = find(entry.item);
    if (!item)
        return Verdict::UnknownItem;
    if (!isTopical(*item))
        return Verdict::NotTopical;
    if (!m_speakerOutputs.contains(entry.output))
        return Verdict::ArchiveOutput;
    if (const Verdict verdict = verdictOnOutcome(entry); verdict != Verdict::Counts)
        return verdict;
    if (entry.clock == ClockState::Untrusted)
        return Verdict::ClockUntrusted;
    if (std::ranges::find(item->recordings, entry.sha256) == item->recordings.end())
        return Verdict::WrongRecording;
    if (!matchesEnough(entry, m_input.leastMatch))
        return Verdict::NotMatched;
    return Verdict::Counts;
}

Text Ledger::explain(Verdict verdict, const LogEntry& entry) const
{
    const VerdictWords& words = wordsOf(verdict);
    Text text{QString::fromUtf16(words.vi), QString::fromUtf16(words.en)};
    if (verdict == Verdict::Partial && entry.plannedFrames.value > 0) {
        const auto percent = entry.frames.value * 100 / entry.plannedFrames.value;
        text.vi += QStringLiteral(" (%1 %)").arg(percent);
        text.en += QStringLiteral(" (%1 %)").arg(percent);
    }
    if (verdict == Verdict::NotMatched) {
        const bool measured = entry.mix && entry.mix->match;
        const QString figure = measured ? QStringLiteral("%1 %").arg(*entry.mix->match / 10) : QString();
        text.vi += measured ? QStringLiteral(" (khớp %1)").arg(figure) : QStringLiteral(" (không đo được)");
        text.en += measured ? QStringLiteral(" (match %1)").arg(figure) : QStringLiteral(" (not measured)");
    }
    return text;
}

Text noteOn(const StationStanding& standing, const model::Obligation& obligation, const model::PeriodDates& period)
{
    const Text name = model::periodName(obligation, period);
    const QString done = QStringLiteral("%1/%2").arg(standing.completed).arg(standing.required);
    const int missing = standing.required - standing.completed;
    switch (standing.forecast) {
    case Forecast::Met:
        return {QStringLiteral("Đạt chỉ tiêu %1: đã phát trọn %2 tin/bài.").arg(name.vi, done),
                QStringLiteral("Met for %1: %2 items have sounded whole.").arg(name.en, done)};
    case Forecast::OnCourse: {
        Text note{QStringLiteral("Chưa đạt %1: đã phát %2 tin/bài, đã xếp thêm %3, đủ nếu phát trọn.")
                      .arg(name.vi, done)
                      .arg(standing.planned),
                  QStringLiteral(
                      "Not met yet for %1: %2 items have sounded, %3 more are planned, enough if they sound whole.")
                      .arg(name.en, done)
                      .arg(standing.planned)};
        if (standing.awaited > 0) {
            note.vi += QStringLiteral(" %1 tin/bài đã đến giờ phát nhưng chưa có nhật ký.").arg(standing.awaited);
            note.en += QStringLiteral(" The time of %1 of them has passed, but no log has come.").arg(standing.awaited);
        }
        return note;
    }
    case Forecast::Short:
        return {
            QStringLiteral("Nguy cơ không đạt %1: đã phát %2 tin/bài, chỉ xếp thêm được %3. Cần thêm %4 tin/bài được "
                           "duyệt và xếp lịch trước %5.")
                .arg(name.vi, done)
                .arg(standing.planned)
                .arg(missing - standing.planned)
                .arg(period.last.toString(QStringLiteral("dd/MM/yyyy"))),
            QStringLiteral(
                "Will miss %1: %2 items have sounded and only %3 more are planned. Approve and schedule %4 more by %5.")
                .arg(name.en, done)
                .arg(standing.planned)
                .arg(missing - standing.planned)
                .arg(period.last.toString(QStringLiteral("dd/MM/yyyy")))};
    case Forecast::AwaitingLog:
        return {QStringLiteral("Hết %1 mới có %2 tin/bài; nhật ký của %3 tin/bài khác chưa về.")
                    .arg(name.vi, done)
                    .arg(standing.planned),
                QStringLiteral("%1 is over with %2 items; the log of %3 more has not come in.")
                    .arg(name.en, done)
                    .arg(standing.planned)};
    case Forecast::Missed:
        break;
    }
    return {QStringLiteral("Không đạt %1: chỉ phát trọn %2 tin/bài.").arg(name.vi, done),
            QStringLiteral("Missed for %1: only %2 items sounded whole.").arg(name.en, done)};
}

} // namespace loa::compliance
