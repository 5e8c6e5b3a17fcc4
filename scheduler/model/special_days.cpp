#include "scheduler/model/special_days.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/contract/time_of_day.h"

#include <QSet>

#include <algorithm>
#include <map>

namespace loa::model {

namespace {

using std::chrono::seconds;

tl::unexpected<Error> wrong(const QString& where, Text message)
{
    return fail(ErrorCategory::InvalidInput, std::move(message), where);
}

// Of two calendars of one unit the one made last: ids sort by age.
const SpecialCalendar* latestNaming(const std::vector<SpecialCalendar>& calendars, QDate date, const SpecialDay*& day)
{
    const SpecialCalendar* latest = nullptr;
    for (const SpecialCalendar& calendar : calendars) {
        const auto named = std::ranges::find(calendar.days, date, &SpecialDay::date);
        if (named == calendar.days.end() || (latest && calendar.id < latest->id))
            continue;
        latest = &calendar;
        day = &*named;
    }
    return latest;
}

Result<void> checkDay(const SpecialDay& day, const QString& where)
{
    if (!day.date.isValid() || day.date.year() < 2000 || day.date.year() > 2200)
        return wrong(where + QStringLiteral("/date"),
                     {QStringLiteral("Ngày không hợp lệ."), QStringLiteral("That is no valid day.")});
    if (day.name.trimmed().isEmpty())
        return wrong(where + QStringLiteral("/name"),
                     {QStringLiteral("Ngày đặc biệt cần có tên, ví dụ Quốc khánh."),
                      QStringLiteral("A special day needs a name, such as National Day.")});
    if ((day.kind == SpecialDayKind::Sessions) == day.sessions.empty() || day.sessions.size() > mostSpecialSessions)
        return wrong(where + QStringLiteral("/sessions"),
                     {QStringLiteral("Ngày có buổi riêng cần từ 1 đến %1 buổi; ngày im lặng hoặc như thường thì không.")
                          .arg(mostSpecialSessions),
                      QStringLiteral("A day with sessions of its own has 1 to %1; a silent or usual one has none.")
                          .arg(mostSpecialSessions)});
    QSet<QTime> starts;
    for (std::size_t i = 0; i < day.sessions.size(); ++i) {
        const SpecialSession& session = day.sessions[i];
        const QString place = where + QStringLiteral("/sessions/%1/").arg(i);
        if (session.title.trimmed().isEmpty())
            return wrong(place + QStringLiteral("title"),
                         {QStringLiteral("Buổi phát cần có tên."), QStringLiteral("A session needs a title.")});
        if (!session.startTime.isValid() || starts.contains(session.startTime))
            return wrong(place + QStringLiteral("start_time"),
                         {QStringLiteral("Giờ không hợp lệ, hoặc hai buổi cùng giờ."),
                          QStringLiteral("The time is not valid, or two sessions begin at it.")});
        starts.insert(session.startTime);
        if (session.duration < seconds(1) || session.duration > std::chrono::hours(24))
            return wrong(place + QStringLiteral("duration_seconds"),
                         {QStringLiteral("Thời lượng buổi phát phải từ 1 giây đến 24 giờ."),
                          QStringLiteral("A session lasts from one second to 24 hours.")});
    }
    return {};
}

} // namespace

std::vector<SpecialDayInForce> specialDaysInForce(const UnitId& unit, const UnitTree& tree,
                                                  const QHash<UnitId, std::vector<SpecialCalendar>>& byUnit, QDate from,
                                                  QDate until)
{
    QSet<QDate> named;
    for (const std::vector<SpecialCalendar>& calendars : byUnit) {
        for (const SpecialCalendar& calendar : calendars) {
            for (const SpecialDay& day : calendar.days) {
                if (from <= day.date && day.date <= until)
                    named.insert(day.date);
            }
        }
    }
    std::vector<SpecialDayInForce> inForce;
    for (const QDate date : named) {
        for (const UnitId& level : tree.pathOn(unit, date)) {
            const auto own = byUnit.constFind(level);
            const SpecialDay* day = nullptr;
            const SpecialCalendar* calendar = own == byUnit.cend() ? nullptr : latestNaming(*own, date, day);
            if (!calendar)
                continue;
            if (day->kind != SpecialDayKind::AsUsual)
                inForce.push_back({calendar->id, calendar->name, *day});
            break;
        }
    }
    std::ranges::sort(inForce, {}, [](const SpecialDayInForce& some) { return some.day.date; });
    return inForce;
}

std::vector<SessionRule> sessionRulesOf(const SpecialDayInForce& day, const StationId& station)
{
    std::vector<SessionRule> rules;
    const QDate date = day.day.date;
    for (const SpecialSession& session : day.day.sessions) {
        SessionRule rule;
        rule.id = {derivedId({u"special-day", day.calendar.value, date.toString(Qt::ISODate),
                              session.startTime.toString(QStringLiteral("HH:mm:ss"))})};
        rule.station = station;
        rule.title = session.title;
        rule.startDate = rule.validFrom = date;
        rule.validUntil = date;
        rule.startTime = session.startTime;
        rule.duration = session.duration;
        rule.made = session.made;
        rules.push_back(std::move(rule));
    }
    return rules;
}

Result<void> checkCalendar(const SpecialCalendar& calendar)
{
    if (calendar.name.trimmed().isEmpty())
        return wrong(QStringLiteral("/name"),
                     {QStringLiteral("Lịch cần có tên."), QStringLiteral("A calendar needs a name.")});
    if (calendar.days.empty() || calendar.days.size() > mostSpecialDays)
        return wrong(QStringLiteral("/days"), {QStringLiteral("Lịch có từ 1 đến %1 ngày.").arg(mostSpecialDays),
                                               QStringLiteral("A calendar names 1 to %1 days.").arg(mostSpecialDays)});
    QSet<QDate> named;
    for (std::size_t i = 0; i < calendar.days.size(); ++i) {
        const QString where = QStringLiteral("/days/%1").arg(i);
        if (auto checked = checkDay(calendar.days[i], where); !checked)
            return checked;
        if (named.contains(calendar.days[i].date))
            return wrong(where + QStringLiteral("/date"),
                         {QStringLiteral("Một ngày ghi hai lần."), QStringLiteral("A day is named twice.")});
        named.insert(calendar.days[i].date);
    }
    return {};
}

QJsonArray daysToJson(const std::vector<SpecialDay>& days)
{
    QJsonArray array;
    for (const SpecialDay& day : days) {
        QJsonArray sessions;
        for (const SpecialSession& session : day.sessions)
            sessions.append(QJsonObject{
                {QStringLiteral("title"), session.title},
                {QStringLiteral("start_time"), timeOfDayText(session.startTime)},
                {QStringLiteral("duration_seconds"), qint64(session.duration.count())},
                {QStringLiteral("template_id"), session.made ? QJsonValue(session.made->value) : QJsonValue()}});
        array.append(QJsonObject{{QStringLiteral("date"), day.date.toString(Qt::ISODate)},
                                 {QStringLiteral("name"), day.name},
                                 {QStringLiteral("kind"), toString(day.kind)},
                                 {QStringLiteral("sessions"), sessions}});
    }
    return array;
}

Result<std::vector<SpecialDay>> specialDaysFromJson(const QJsonArray& array)
{
    std::vector<SpecialDay> days;
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader reader(array.at(i).toObject(), QStringLiteral("/days/%1").arg(i));
        SpecialDay day;
        day.date = reader.date(QLatin1String("date"));
        day.name = reader.text(QLatin1String("name"), 200).trimmed();
        day.kind = reader.parsed(QLatin1String("kind"), specialDayKindFromString);
        if (reader.given(QLatin1String("sessions"))) {
            const QJsonArray sessions = reader.array(QLatin1String("sessions"), qsizetype(mostSpecialSessions));
            for (qsizetype s = 0; s < sessions.size(); ++s) {
                JsonReader entry(sessions.at(s).toObject(), QStringLiteral("/days/%1/sessions/%2").arg(i).arg(s));
                SpecialSession session;
                session.title = entry.text(QLatin1String("title"), 200).trimmed();
                session.startTime = entry.parsed(QLatin1String("start_time"), timeOfDayFromString);
                session.duration = seconds(entry.integer(QLatin1String("duration_seconds"), 1, 86'400));
                if (entry.has(QLatin1String("template_id")))
                    session.made = entry.id<TemplateTag>(QLatin1String("template_id"));
                else
                    (void)entry.given(QLatin1String("template_id"));
                if (auto read = entry.finish(); !read)
                    reader.reject(read.error());
                day.sessions.push_back(std::move(session));
            }
        }
        if (auto read = reader.finish(); !read)
            return passOn(read);
        days.push_back(std::move(day));
    }
    return days;
}

} // namespace loa::model
