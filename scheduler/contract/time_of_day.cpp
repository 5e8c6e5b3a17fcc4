#include "scheduler/contract/time_of_day.h"

namespace loa {

QString timeOfDayText(QTime time)
{
    return time.toString(time.second() == 0 ? QStringLiteral("HH:mm") : QStringLiteral("HH:mm:ss"));
}

Result<QTime> timeOfDayFromString(QStringView text)
{
    const QTime time =
        QTime::fromString(text.toString(), text.size() > 5 ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
    if (!time.isValid())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("giờ phải viết như 05:30 hoặc 05:30:15"),
                     QStringLiteral("a time is written like 05:30 or 05:30:15")},
                    text.left(40).toString());
    return time;
}

} // namespace loa
