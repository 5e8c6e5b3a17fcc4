#include "scheduler/store/rule_repository.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace loa::store {

namespace {

UnitPolicy readPolicy(RowReader& row)
{
    UnitPolicy read;
    read.unit = row.id<UnitId>();
    const auto policy = hoursPolicyFromJson(QJsonDocument::fromJson(row.utf8()).object());
    if (policy)
        read.policy = *policy;
    else
        row.remark();
    return read;
}

QString policyDocument(const HoursPolicy& policy)
{
    return QString::fromUtf8(QJsonDocument(toJson(policy)).toJson(QJsonDocument::Compact));
}

QString startsDocument(const std::vector<model::LocalStart>& starts)
{
    QJsonArray array;
    for (const model::LocalStart& start : starts)
        array.append(toString(start));
    return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
}

std::vector<model::LocalStart> readStarts(RowReader& row)
{
    std::vector<model::LocalStart> starts;
    for (const QJsonValue word : QJsonDocument::fromJson(row.utf8()).array()) {
        const auto start = model::localStartFromString(word.toString());
        if (start)
            starts.push_back(*start);
        else
            row.remark();
    }
    return starts;
}

model::SessionRule readRule(RowReader& row)
{
    model::SessionRule rule;
    rule.id = row.id<SessionRuleId>();
    rule.station = row.id<StationId>();
    rule.title = row.text();
    rule.rrule = row.text();
    rule.startDate = row.date();
    rule.startTime = row.timeOfDay();
    rule.duration = std::chrono::seconds(row.integer());
    rule.validFrom = row.date();
    rule.validUntil = row.optionalDate();
    rule.added = readStarts(row);
    rule.removed = readStarts(row);
    rule.made = row.optionalId<TemplateId>();
    return rule;
}

tl::unexpected<Error> ruleNotFound(const SessionRuleId& rule)
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có khung giờ này."), QStringLiteral("There is no such session rule.")},
                rule.value);
}

Result<void> checkRuleForm(const model::SessionRule& rule)
{
    const bool reversed = rule.validUntil && *rule.validUntil < rule.validFrom;
    if (!rule.startDate.isValid() || !rule.startTime.isValid() || !rule.validFrom.isValid() ||
        rule.duration.count() <= 0 || reversed) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Khung giờ cần có ngày, giờ và thời lượng."),
                     QStringLiteral("A session rule needs a date, a time and a duration.")},
                    rule.title);
    }
    return {};
}

const QString airingsWord = QStringLiteral("airings");
const QString listedWord = QStringLiteral("listed");

Result<model::ObligationEvidence> evidenceFromString(QStringView text)
{
    if (text == airingsWord)
        return model::ObligationEvidence::Airings;
    if (text == listedWord)
        return model::ObligationEvidence::Listed;
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Không có loại minh chứng này."), QStringLiteral("No such evidence.")});
}

model::Obligation readObligation(RowReader& row)
{
    model::Obligation obligation;
    obligation.id = row.id<ObligationId>();
    obligation.unit = row.id<UnitId>();
    obligation.plan = row.text();
    obligation.row = row.smallInteger();
    obligation.titleVi = row.text();
    obligation.titleEn = row.text();
    obligation.dutyHolderVi = row.text();
    obligation.reportedToVi = row.text();
    obligation.required = row.smallInteger();
    obligation.measure = row.word(model::obligationMeasureFromString);
    obligation.period = row.word(model::obligationPeriodFromString);
    obligation.due = row.optionalDate();
    for (const QJsonValue group : QJsonDocument::fromJson(row.utf8()).array())
        obligation.topicGroups.push_back(group.toString());
    obligation.evidence = row.word(evidenceFromString);
    obligation.validFrom = row.date();
    obligation.validUntil = row.optionalDate();
    return obligation;
}

} // namespace

Result<void> PolicyRepository::add(const UnitPolicy& policy)
{
    // What cannot be read again must not be stored.
    if (const auto readable = hoursPolicyFromJson(toJson(policy.policy)); !readable)
        return passOn(readable);
    const auto inserted = m_database.execute(
        QStringLiteral("INSERT INTO policies (id, unit_id, valid_from, document) VALUES (?, ?, ?, ?)"),
        {toSql(policy.policy.id), toSql(policy.unit), toSql(policy.policy.validFrom), policyDocument(policy.policy)});
    if (!inserted)
        return passOn(inserted);
    return {};
}

Result<void> PolicyRepository::end(const PolicyId& policy, QDate lastDay)
{
    return m_database.transaction([&]() -> Result<void> {
        auto stored = m_database.selectAll(QStringLiteral("SELECT unit_id, document FROM policies WHERE id = ?"),
                                           {toSql(policy)}, readPolicy);
        if (!stored)
            return passOn(stored);
        if (stored->empty()) {
            return fail(
                ErrorCategory::NotFound,
                {QStringLiteral("Không có quy định giờ phát này."), QStringLiteral("There is no such hours policy.")},
                policy.value);
        }
        HoursPolicy ended = stored->front().policy;
        if (!lastDay.isValid() || lastDay < ended.validFrom || (ended.validUntil && *ended.validUntil < lastDay)) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Ngày kết thúc phải nằm trong thời hạn của quy định."),
                         QStringLiteral("The last day must lie within the policy's validity.")},
                        policy.value);
        }
        ended.validUntil = lastDay;
        const auto updated = m_database.execute(QStringLiteral("UPDATE policies SET document = ? WHERE id = ?"),
                                                {policyDocument(ended), toSql(policy)});
        if (!updated)
            return passOn(updated);
        return {};
    });
}

Result<std::vector<UnitPolicy>> PolicyRepository::ofUnit(const UnitId& unit)
{
    return m_database.selectAll(
        QStringLiteral("SELECT unit_id, document FROM policies WHERE unit_id = ? ORDER BY valid_from, id"),
        {toSql(unit)}, readPolicy);
}

Result<QHash<UnitId, std::vector<HoursPolicy>>> PolicyRepository::all()
{
    auto stored = m_database.selectAll(QStringLiteral("SELECT unit_id, document FROM policies ORDER BY valid_from, id"),
                                       {}, readPolicy);
    if (!stored)
        return passOn(stored);
    QHash<UnitId, std::vector<HoursPolicy>> byUnit;
    for (UnitPolicy& policy : *stored)
        byUnit[policy.unit].push_back(std::move(policy.policy));
    return byUnit;
}

Result<std::vector<model::SessionRule>> SessionRuleRepository::select(const QString& where, const Values& values)
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, station_id, title, rrule, start_date, start_time, duration_seconds, valid_from, "
                       "valid_until, added_starts, removed_starts, template_id FROM session_rules ") +
            where + QStringLiteral(" ORDER BY start_time, id"),
        values, readRule);
}

Result<void> SessionRuleRepository::add(const model::SessionRule& rule)
{
    if (auto formed = checkRuleForm(rule); !formed)
        return formed;
    const auto inserted = m_database.execute(
        QStringLiteral(
            "INSERT INTO session_rules (id, station_id, title, rrule, start_date, start_time, duration_seconds, "
            "valid_from, valid_until, added_starts, removed_starts, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?)"),
        {toSql(rule.id), toSql(rule.station), toSql(rule.title), toSql(rule.rrule), toSql(rule.startDate),
         toSql(rule.startTime), toSql(static_cast<std::int64_t>(rule.duration.count())), toSql(rule.validFrom),
         toSql(rule.validUntil), startsDocument(rule.added), startsDocument(rule.removed), toSql(rule.made)});
    if (!inserted)
        return passOn(inserted);
    return {};
}

Result<void> SessionRuleRepository::change(const model::SessionRule& rule)
{
    if (auto formed = checkRuleForm(rule); !formed)
        return formed;
    const auto changed = m_database.execute(
        QStringLiteral("UPDATE session_rules SET title = ?, rrule = ?, start_date = ?, start_time = ?, "
                       "duration_seconds = ?, valid_from = ?, valid_until = ?, added_starts = ?, removed_starts = ? "
                       "WHERE id = ?"),
        {toSql(rule.title), toSql(rule.rrule), toSql(rule.startDate), toSql(rule.startTime),
         toSql(static_cast<std::int64_t>(rule.duration.count())), toSql(rule.validFrom), toSql(rule.validUntil),
         startsDocument(rule.added), startsDocument(rule.removed), toSql(rule.id)});
    if (!changed)
        return passOn(changed);
    return *changed == 0 ? Result<void>(ruleNotFound(rule.id)) : Result<void>{};
}

Result<void> SessionRuleRepository::make(const SessionRuleId& rule, const std::optional<TemplateId>& made)
{
    const auto changed = m_database.execute(QStringLiteral("UPDATE session_rules SET template_id = ? WHERE id = ?"),
                                            {toSql(made), toSql(rule)});
    if (!changed)
        return passOn(changed);
    return *changed == 0 ? Result<void>(ruleNotFound(rule)) : Result<void>{};
}

Result<void> SessionRuleRepository::remove(const SessionRuleId& rule)
{
    const auto removed = m_database.execute(QStringLiteral("DELETE FROM session_rules WHERE id = ?"), {toSql(rule)});
    if (!removed)
        return passOn(removed);
    if (*removed == 0)
        return ruleNotFound(rule);
    return {};
}

Result<model::SessionRule> SessionRuleRepository::find(const SessionRuleId& rule)
{
    const auto found = select(QStringLiteral("WHERE id = ?"), {toSql(rule)});
    if (!found)
        return passOn(found);
    if (found->empty())
        return ruleNotFound(rule);
    return found->front();
}

Result<std::vector<model::SessionRule>> SessionRuleRepository::ofStation(const StationId& station)
{
    return select(QStringLiteral("WHERE station_id = ?"), {toSql(station)});
}

Result<void> ObligationRepository::put(const model::Obligation& obligation)
{
    QJsonArray groups;
    for (const QString& group : obligation.topicGroups)
        groups.append(group);
    const QString evidence = obligation.evidence == model::ObligationEvidence::Airings ? airingsWord : listedWord;
    const auto put = m_database.execute(
        QStringLiteral(
            "INSERT INTO obligations (id, unit_id, plan, plan_row, title_vi, title_en, duty_holder_vi, reported_to_vi, "
            "required, measure, "
            "period, due, topic_groups, evidence, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, plan = excluded.plan, plan_row = "
            "excluded.plan_row, "
            "title_vi = excluded.title_vi, title_en = excluded.title_en, duty_holder_vi = excluded.duty_holder_vi, "
            "reported_to_vi = excluded.reported_to_vi, required = excluded.required, measure = excluded.measure, "
            "period = excluded.period, "
            "due = excluded.due, topic_groups = excluded.topic_groups, evidence = excluded.evidence, "
            "valid_from = excluded.valid_from, valid_until = excluded.valid_until"),
        {toSql(obligation.id), toSql(obligation.unit), toSql(obligation.plan), obligation.row,
         toSql(obligation.titleVi), toSql(obligation.titleEn), toSql(obligation.dutyHolderVi),
         toSql(obligation.reportedToVi), obligation.required, toString(obligation.measure), toString(obligation.period),
         toSql(obligation.due), QString::fromUtf8(QJsonDocument(groups).toJson(QJsonDocument::Compact)), evidence,
         toSql(obligation.validFrom), toSql(obligation.validUntil)});
    if (!put)
        return passOn(put);
    return {};
}

Result<std::vector<model::Obligation>> ObligationRepository::select(const QString& where, const Values& values)
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, unit_id, plan, plan_row, title_vi, title_en, duty_holder_vi, reported_to_vi, "
                       "required, measure, period, "
                       "due, topic_groups, evidence, valid_from, valid_until FROM obligations ") +
            where + QStringLiteral(" ORDER BY plan, plan_row, id"),
        values, readObligation);
}

Result<std::vector<model::Obligation>> ObligationRepository::all()
{
    return select(QString(), {});
}

Result<std::vector<model::Obligation>> ObligationRepository::binding(const UnitId& unit, const model::UnitTree& tree,
                                                                     QDate date)
{
    const std::vector<UnitId> path = tree.pathOn(unit, date);
    auto obligations = all();
    if (obligations) {
        std::erase_if(*obligations, [&](const model::Obligation& obligation) {
            return std::find(path.begin(), path.end(), obligation.unit) == path.end();
        });
    }
    return obligations;
}

} // namespace loa::store
