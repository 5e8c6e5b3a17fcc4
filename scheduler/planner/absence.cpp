#include "scheduler/planner/absence.h"

namespace loa::planner {

Text absenceText(const Absence& absence)
{
    const QString& detail = absence.detail;
    switch (absence.cause) {
    case AbsenceCause::NotSubmitted:
        return {QStringLiteral("Tin/bài chưa được trình duyệt."),
                QStringLiteral("The item has not been submitted for approval.")};
    case AbsenceCause::AwaitsApproval:
        return {QStringLiteral("Tin/bài đang chờ duyệt."), QStringLiteral("The item waits for an approver.")};
    case AbsenceCause::Rejected:
        return {QStringLiteral("Tin/bài đã bị từ chối: %1").arg(detail),
                QStringLiteral("The item was rejected: %1").arg(detail)};
    case AbsenceCause::Withdrawn:
        return {QStringLiteral("Tin/bài đã được rút: %1").arg(detail),
                QStringLiteral("The item was withdrawn: %1").arg(detail)};
    case AbsenceCause::NewRecording:
        return {QStringLiteral("Bản thu mới của tin/bài chưa được duyệt."),
                QStringLiteral("The item's new recording has not been approved.")};
    case AbsenceCause::OutOfScope:
        return {QStringLiteral("Tin/bài chỉ dành cho các đài của %1.").arg(detail),
                QStringLiteral("The item is for the stations of %1 alone.").arg(detail)};
    case AbsenceCause::TuneForbidden:
        return {QStringLiteral("Bản này bị cấm phát ở đài này."),
                QStringLiteral("The recording may not play at this station.")};
    case AbsenceCause::TuneNotValid: {
        const auto day = [](QDate date) { return date.toString(QStringLiteral("dd/MM/yyyy")); };
        const QString from = day(absence.validFrom);
        if (!absence.validUntil)
            return {QStringLiteral("Bản này chỉ có hiệu lực từ ngày %1.").arg(from),
                    QStringLiteral("The recording is valid from %1 on.").arg(from)};
        const QString until = day(*absence.validUntil);
        return {QStringLiteral("Bản này chỉ có hiệu lực từ ngày %1 đến hết ngày %2.").arg(from, until),
                QStringLiteral("The recording is valid from %1 to %2 alone.").arg(from, until)};
    }
    case AbsenceCause::Twin:
        break;
    }
    return {QStringLiteral("Bản thu này là của \"%1\", được duyệt trước; tin/bài đó phát thay.").arg(detail),
            QStringLiteral("Its recording is that of \"%1\", approved before, which plays instead.").arg(detail)};
}

std::vector<Remedy> remediesFor(const Absence& absence)
{
    Remedy remedy;
    remedy.item = absence.item;
    remedy.count = 1;
    switch (absence.cause) {
    case AbsenceCause::NotSubmitted:
    case AbsenceCause::Rejected:
        remedy.text = {QStringLiteral("Sửa rồi trình duyệt lại tin/bài."),
                       QStringLiteral("Mend the item and submit it for approval.")};
        return {remedy};
    case AbsenceCause::AwaitsApproval:
    case AbsenceCause::NewRecording:
        remedy.text = {QStringLiteral("Đề nghị người duyệt nghe và duyệt bản thu."),
                       QStringLiteral("Have an approver hear and approve the recording.")};
        return {remedy};
    case AbsenceCause::Withdrawn: // for good
        remedy.item.reset();
        remedy.text = {QStringLiteral("Tạo tin/bài mới thay cho tin/bài đã rút."),
                       QStringLiteral("Make a new item in place of the one that was withdrawn.")};
        return {remedy};
    case AbsenceCause::OutOfScope:
        remedy.kind = RemedyKind::RelaxRule;
        remedy.text = {QStringLiteral("Mở rộng phạm vi phát của tin/bài để gồm đài này."),
                       QStringLiteral("Widen the item's scope so that it takes in this station.")};
        return {remedy};
    case AbsenceCause::TuneForbidden:
    case AbsenceCause::TuneNotValid: // never asked of: a tune is not scheduled as an item anyway
    case AbsenceCause::Twin:
        break;
    }
    return {};
}

} // namespace loa::planner
