#include "scheduler/contract/time_of_day.h"
#include "scheduler/model/hand_edit.h"
#include "scheduler/model/item.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/session.h"
#include "scheduler/model/special_days.h"
#include "scheduler/model/user.h"

#include <array>
#include <utility>

namespace loa::model {

namespace {

template <typename Enum, std::size_t Count>
using Words = std::array<std::pair<Enum, const char*>, Count>;

constexpr Words<Role, 5> roleWords{{{Role::Administrator, "administrator"},
                                    {Role::Editor, "editor"},
                                    {Role::Approver, "approver"},
                                    {Role::CommuneOfficer, "commune_officer"},
                                    {Role::Inspector, "inspector"}}};

constexpr Words<ItemStatus, 8> statusWords{{{ItemStatus::Draft, "draft"},
                                            {ItemStatus::Processing, "processing"},
                                            {ItemStatus::Refused, "refused"},
                                            {ItemStatus::Ready, "ready"},
                                            {ItemStatus::Submitted, "submitted"},
                                            {ItemStatus::Approved, "approved"},
                                            {ItemStatus::Rejected, "rejected"},
                                            {ItemStatus::Withdrawn, "withdrawn"}}};

constexpr Words<ObligationPeriod, 5> periodWords{{{ObligationPeriod::Week, "week"},
                                                  {ObligationPeriod::Month, "month"},
                                                  {ObligationPeriod::Quarter, "quarter"},
                                                  {ObligationPeriod::Year, "year"},
                                                  {ObligationPeriod::Once, "once"}}};

constexpr Words<ObligationMeasure, 3> measureWords{{{ObligationMeasure::DistinctItems, "distinct_items"},
                                                    {ObligationMeasure::Airings, "airings"},
                                                    {ObligationMeasure::Minutes, "minutes"}}};

constexpr Words<HandEditKind, 2> editWords{{{HandEditKind::Keep, "keep"}, {HandEditKind::Away, "away"}}};

constexpr Words<SpecialDayKind, 3> specialDayWords{{{SpecialDayKind::Silent, "silent"},
                                                    {SpecialDayKind::Sessions, "sessions"},
                                                    {SpecialDayKind::AsUsual, "as_usual"}}};
constexpr Words<PartKind, 9> partWords{{{PartKind::Signature, "signature"},
                                        {PartKind::TimeSignal, "time_signal"},
                                        {PartKind::Relay, "relay"},
                                        {PartKind::Notices, "notices"},
                                        {PartKind::Bulletin, "bulletin"},
                                        {PartKind::ReformColumn, "reform_column"},
                                        {PartKind::Music, "music"},
                                        {PartKind::Closing, "closing"},
                                        {PartKind::Items, "items"}}};

template <typename Enum, std::size_t Count>
QString wordOf(const Words<Enum, Count>& words, Enum value)
{
    for (const auto& [candidate, word] : words) {
        if (candidate == value)
            return QString::fromLatin1(word);
    }
    return {};
}

template <typename Enum, std::size_t Count>
Result<Enum> valueOf(const Words<Enum, Count>& words, QStringView text)
{
    QString known;
    for (const auto& [value, word] : words) {
        if (text == QLatin1String(word))
            return value;
        known += (known.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromLatin1(word);
    }
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có giá trị \"%1\". Dùng một trong: %2.").arg(text, known),
                 QStringLiteral("There is no \"%1\". Use one of: %2.").arg(text, known)});
}

} // namespace

QString toString(Role role)
{
    return wordOf(roleWords, role);
}
Result<Role> roleFromString(QStringView text)
{
    return valueOf(roleWords, text);
}

QString toString(ItemStatus status)
{
    return wordOf(statusWords, status);
}
Result<ItemStatus> itemStatusFromString(QStringView text)
{
    return valueOf(statusWords, text);
}

QString toString(ObligationPeriod period)
{
    return wordOf(periodWords, period);
}
Result<ObligationPeriod> obligationPeriodFromString(QStringView text)
{
    return valueOf(periodWords, text);
}

QString toString(ObligationMeasure measure)
{
    return wordOf(measureWords, measure);
}
Result<ObligationMeasure> obligationMeasureFromString(QStringView text)
{
    return valueOf(measureWords, text);
}

QString toString(HandEditKind kind)
{
    return wordOf(editWords, kind);
}
Result<HandEditKind> handEditKindFromString(QStringView text)
{
    return valueOf(editWords, text);
}

QString toString(SpecialDayKind kind)
{
    return wordOf(specialDayWords, kind);
}
Result<SpecialDayKind> specialDayKindFromString(QStringView text)
{
    return valueOf(specialDayWords, text);
}

QString toString(PartKind kind)
{
    return wordOf(partWords, kind);
}
Result<PartKind> partKindFromString(QStringView text)
{
    return valueOf(partWords, text);
}

const ItemVersion* soundingVersion(const Item& item)
{
    if (item.status != ItemStatus::Approved || !item.approval || item.versions.empty())
        return nullptr;
    const ItemVersion& current = item.versions.back();
    const bool sameAudio =
        current.sha256 && *current.sha256 == item.approval->sha256 && current.number == item.approval->version;
    return sameAudio ? &current : nullptr;
}

QString toString(const LocalStart& start)
{
    const QString date = start.date.toString(QStringLiteral("yyyy-MM-dd"));
    return start.time.isNull() ? date : date + start.time.toString(QStringLiteral("'T'HH:mm:ss"));
}

Result<LocalStart> localStartFromString(QStringView text)
{
    const QString word = text.toString();
    LocalStart start{QDate::fromString(word.left(10), QStringLiteral("yyyy-MM-dd")), {}};
    if (word.size() > 10 && word[10] == u'T')
        start.time = timeOfDayFromString(QStringView(word).mid(11)).value_or(QTime());
    if (!start.date.isValid() || (word.size() != 10 && !start.time.isValid())) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Phải là ngày giờ dạng 2026-12-24T05:30."),
                     QStringLiteral("Must be a local date and time such as 2026-12-24T05:30.")},
                    word.left(40));
    }
    return start;
}

} // namespace loa::model
