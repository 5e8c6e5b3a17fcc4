#include "scheduler/api/output.h"

#include "scheduler/contract/time_of_day.h"
#include "scheduler/store/play_rules_json.h"

#include <QJsonDocument>

namespace loa::api {

namespace {

QJsonValue realOrNull(const std::optional<double>& value)
{
    return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

QJsonValue refusalJson(const std::optional<Error>& refusal)
{
    if (!refusal)
        return QJsonValue::Null;
    return QJsonObject{{QStringLiteral("category"), toString(refusal->category)},
                       {QStringLiteral("message"), refusal->message.en},
                       {QStringLiteral("message_vi"), refusal->message.vi}};
}

// As loa-media reports them: {"code","vi","en"}.
QJsonArray warningsJson(const QJsonArray& reported)
{
    QJsonArray warnings;
    for (const QJsonValue& entry : reported) {
        const QJsonObject object = entry.toObject();
        warnings.append(
            textJson({object.value(QLatin1String("vi")).toString(), object.value(QLatin1String("en")).toString()}));
    }
    return warnings;
}

QJsonObject versionJson(const model::ItemVersion& version, bool withPeaks)
{
    const QJsonObject report = QJsonDocument::fromJson(version.report).object();
    return {{QStringLiteral("number"), version.number},
            {QStringLiteral("upload_id"), version.upload.value},
            {QStringLiteral("source_name"), version.sourceName},
            {QStringLiteral("sha256"),
             version.sha256 ? QJsonValue(toString(*version.sha256)) : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("frames"), qint64(version.frames.value)},
            {QStringLiteral("duration_ms"), milliseconds(version.frames)},
            {QStringLiteral("integrated_lufs"), realOrNull(version.integratedLufs)},
            {QStringLiteral("true_peak_dbtp"), realOrNull(version.truePeakDbtp)},
            {QStringLiteral("peaks"), withPeaks ? report.value(QLatin1String("peaks")).toArray() : QJsonArray()},
            {QStringLiteral("warnings"), warningsJson(report.value(QLatin1String("warnings")).toArray())},
            {QStringLiteral("refusal"), refusalJson(version.refusal)},
            {QStringLiteral("created_at"), toString(version.createdAt)}};
}

QJsonValue approvalJson(const std::optional<model::Approval>& approval)
{
    if (!approval)
        return QJsonValue::Null;
    return QJsonObject{{QStringLiteral("sha256"), toString(approval->sha256)},
                       {QStringLiteral("version"), approval->version},
                       {QStringLiteral("approved_by"), approval->approvedBy.value},
                       {QStringLiteral("approved_by_name"), approval->approvedByName},
                       {QStringLiteral("approved_at"), toString(approval->approvedAt)}};
}

} // namespace

QString dateText(QDate date)
{
    return date.toString(Qt::ISODate);
}

QJsonValue orNull(const std::optional<QDate>& date)
{
    return date ? QJsonValue(dateText(*date)) : QJsonValue(QJsonValue::Null);
}

QJsonValue orNull(const std::optional<UtcTime>& instant)
{
    return instant ? QJsonValue(toString(*instant)) : QJsonValue(QJsonValue::Null);
}

QJsonObject textJson(const Text& text)
{
    return {{QStringLiteral("vi"), text.vi}, {QStringLiteral("en"), text.en}};
}

qint64 milliseconds(FrameCount frames)
{
    return toDuration(frames).count() / 1000;
}

QJsonObject userJson(const model::User& user)
{
    QJsonArray roles;
    for (const model::RoleGrant& grant : user.roles)
        roles.append(
            QJsonObject{{QStringLiteral("role"), toString(grant.role)}, {QStringLiteral("unit_id"), grant.unit.value}});
    return {{QStringLiteral("id"), user.id.value},        {QStringLiteral("username"), user.username},
            {QStringLiteral("full_name"), user.fullName}, {QStringLiteral("roles"), roles},
            {QStringLiteral("active"), user.active},      {QStringLiteral("created_at"), toString(user.createdAt)}};
}

QJsonObject unitJson(const model::Unit& unit)
{
    return {{QStringLiteral("id"), unit.id.value},
            {QStringLiteral("parent_id"), idOrNull(unit.parent)},
            {QStringLiteral("code"), unit.code},
            {QStringLiteral("name"), unit.name},
            {QStringLiteral("kind"), unit.kind},
            {QStringLiteral("valid_from"), dateText(unit.validFrom)},
            {QStringLiteral("valid_until"), orNull(unit.validUntil)}};
}

QJsonObject clusterJson(const model::SpeakerCluster& cluster)
{
    return {{QStringLiteral("id"), cluster.id.value},
            {QStringLiteral("name"), cluster.name},
            {QStringLiteral("output"), cluster.output},
            {QStringLiteral("speakers"), cluster.speakers}};
}

QJsonObject ruleJson(const model::SessionRule& rule)
{
    const auto startsJson = [](const std::vector<model::LocalStart>& starts) {
        QJsonArray array;
        for (const model::LocalStart& start : starts)
            array.append(toString(start));
        return array;
    };
    return {{QStringLiteral("id"), rule.id.value},
            {QStringLiteral("station_id"), rule.station.value},
            {QStringLiteral("title"), rule.title},
            {QStringLiteral("rrule"), rule.rrule},
            {QStringLiteral("start_date"), dateText(rule.startDate)},
            {QStringLiteral("start_time"), timeOfDayText(rule.startTime)},
            {QStringLiteral("duration_seconds"), qint64(rule.duration.count())},
            {QStringLiteral("valid_from"), dateText(rule.validFrom)},
            {QStringLiteral("valid_until"), orNull(rule.validUntil)},
            {QStringLiteral("rdates"), startsJson(rule.added)},
            {QStringLiteral("exdates"), startsJson(rule.removed)},
            {QStringLiteral("template_id"), rule.made ? QJsonValue(rule.made->value) : QJsonValue()}};
}

QJsonObject topicJson(const model::Topic& topic)
{
    return {{QStringLiteral("id"), topic.id.value},
            {QStringLiteral("group"), topic.group},
            {QStringLiteral("name_vi"), topic.nameVi},
            {QStringLiteral("name_en"), topic.nameEn}};
}

QJsonObject obligationJson(const model::Obligation& obligation)
{
    return {{QStringLiteral("id"), obligation.id.value},
            {QStringLiteral("unit_id"), obligation.unit.value},
            {QStringLiteral("plan"), obligation.plan},
            {QStringLiteral("row"), obligation.row},
            {QStringLiteral("title_vi"), obligation.titleVi},
            {QStringLiteral("title_en"), obligation.titleEn},
            {QStringLiteral("duty_holder_vi"), obligation.dutyHolderVi},
            {QStringLiteral("reported_to_vi"), obligation.reportedToVi},
            {QStringLiteral("required"), obligation.required},
            {QStringLiteral("measure"), toString(obligation.measure)},
            {QStringLiteral("period"), toString(obligation.period)},
            {QStringLiteral("due"), orNull(obligation.due)},
            {QStringLiteral("topic_groups"),
             QJsonArray::fromStringList(QStringList(obligation.topicGroups.begin(), obligation.topicGroups.end()))},
            {QStringLiteral("evidence"), obligation.evidence == model::ObligationEvidence::Airings
                                             ? QStringLiteral("airings")
                                             : QStringLiteral("listed")},
            {QStringLiteral("valid_from"), dateText(obligation.validFrom)},
            {QStringLiteral("valid_until"), orNull(obligation.validUntil)}};
}

namespace {

QJsonObject periodJson(const model::PeriodDates& period)
{
    return {{QStringLiteral("first"), dateText(period.first)}, {QStringLiteral("last"), dateText(period.last)}};
}

} // namespace

QJsonObject shortfallJson(const planner::Shortfall& shortfall)
{
    return {{QStringLiteral("obligation_id"), shortfall.obligation.value},
            {QStringLiteral("period"), periodJson(shortfall.period)},
            {QStringLiteral("required"), shortfall.required},
            {QStringLiteral("completed"), shortfall.completed},
            {QStringLiteral("planned"), shortfall.planned},
            {QStringLiteral("reason"), textJson(shortfall.reason)},
            {QStringLiteral("proven"), shortfall.proven}};
}

QJsonArray remediesJson(const std::vector<planner::Remedy>& remedies)
{
    QJsonArray array;
    for (const planner::Remedy& remedy : remedies) {
        QJsonObject object = textJson(remedy.text);
        object.insert(QStringLiteral("kind"), toString(remedy.kind));
        object.insert(QStringLiteral("count"), remedy.count);
        object.insert(QStringLiteral("topic_groups"),
                      QJsonArray::fromStringList(QStringList(remedy.topicGroups.begin(), remedy.topicGroups.end())));
        object.insert(QStringLiteral("item_id"), idOrNull(remedy.item));
        object.insert(QStringLiteral("session_id"), idOrNull(remedy.session));
        object.insert(QStringLiteral("edit_id"), idOrNull(remedy.edit));
        for (const auto& [name, date] : {std::pair("from", remedy.from), std::pair("until", remedy.until)})
            object.insert(QLatin1String(name),
                          date.isValid() ? QJsonValue(dateText(date)) : QJsonValue(QJsonValue::Null));
        object.insert(QStringLiteral("duration_ms"), milliseconds(remedy.frames));
        array.append(object);
    }
    return array;
}

QJsonObject whyNotJson(const ItemId& item, const QString& title, const planner::WhyNot& told)
{
    QJsonArray reasons;
    for (const planner::WhyNotReason& reason : told.reasons) {
        QJsonObject object = textJson(reason.text);
        object.insert(QStringLiteral("code"), toString(reason.obstacle));
        object.insert(QStringLiteral("sessions"), idsJson(reason.sessions));
        reasons.append(object);
    }
    return {{QStringLiteral("item_id"), item.value},
            {QStringLiteral("title"), title},
            {QStringLiteral("scheduled"), !told.plays.empty()},
            {QStringLiteral("reasons"), reasons},
            {QStringLiteral("remedies"), remediesJson(told.remedies)}};
}

QJsonObject sessionRefusalJson(const planner::SessionRefusal& refusal, const StationId& station)
{
    return {{QStringLiteral("session_id"),
             refusal.startsAt ? QJsonValue(sessionIdFor(station, refusal.rule, *refusal.startsAt).value)
                              : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("rule_id"), refusal.rule.value},
            {QStringLiteral("title"), refusal.title},
            {QStringLiteral("cause"), toString(refusal.cause)},
            {QStringLiteral("local_date"),
             refusal.localDate.isValid() ? QJsonValue(dateText(refusal.localDate)) : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("starts_at"), orNull(refusal.startsAt)},
            {QStringLiteral("reason"), textJson(refusal.reason)}};
}

QJsonObject forecastJson(const planner::Forecast& forecast, const Text& title)
{
    return {{QStringLiteral("obligation_id"), forecast.obligation.value},
            {QStringLiteral("title"), textJson(title)},
            {QStringLiteral("period"), periodJson(forecast.period)},
            {QStringLiteral("required"), forecast.required},
            {QStringLiteral("completed"), forecast.completed},
            {QStringLiteral("planned"), forecast.planned},
            {QStringLiteral("standing"), toString(forecast.standing)},
            {QStringLiteral("probability"), forecast.probability},
            {QStringLiteral("act_by"), orNull(forecast.actBy)},
            {QStringLiteral("reason"), textJson(forecast.reason)},
            {QStringLiteral("remedies"), remediesJson(forecast.remedies)}};
}

QJsonObject itemJson(const model::Item& item, bool withPeaks)
{
    QJsonArray versions;
    for (const model::ItemVersion& version : item.versions)
        versions.append(versionJson(version, withPeaks && &version == &item.versions.back()));
    const bool refused = item.status == model::ItemStatus::Refused && !item.versions.empty();
    return {
        {QStringLiteral("id"), item.id.value},
        {QStringLiteral("revision"), qint64(item.revision)},
        {QStringLiteral("title"), item.title},
        {QStringLiteral("unit_id"), item.unit.value},
        {QStringLiteral("scope_unit_id"), item.scope.value},
        {QStringLiteral("script"), item.script},
        {QStringLiteral("topics"), idsJson(item.topics)},
        {QStringLiteral("valid_from"), dateText(item.validFrom)},
        {QStringLiteral("valid_until"), orNull(item.validUntil)},
        {QStringLiteral("priority"), toString(item.priority)},
        {QStringLiteral("play_rules"), store::playRulesToJson(item.playRules)},
        {QStringLiteral("status"), toString(item.status)},
        {QStringLiteral("reason"), item.decisionReason},
        {QStringLiteral("current_version"),
         item.versions.empty() ? QJsonValue(QJsonValue::Null) : QJsonValue(item.versions.back().number)},
        {QStringLiteral("versions"), versions},
        {QStringLiteral("refusal"), refused ? refusalJson(item.versions.back().refusal) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("approval"), approvalJson(item.approval)},
        {QStringLiteral("created_by"), item.createdBy.value},
        {QStringLiteral("created_at"), toString(item.createdAt)}};
}

} // namespace loa::api
