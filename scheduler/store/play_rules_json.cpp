#include "scheduler/store/play_rules_json.h"

#include <algorithm>

namespace loa::store {

namespace {

constexpr qsizetype mostNamed = 1000;
constexpr qsizetype longestSeries = 200;
constexpr std::int64_t longestGapMinutes = std::int64_t(366) * 24 * 60;

template <typename IdType>
QJsonArray idArray(const std::vector<IdType>& ids)
{
    QJsonArray array;
    for (const IdType& id : ids)
        array.append(id.value);
    return array;
}

template <typename IdType>
std::vector<IdType> readIds(JsonReader& reader, QLatin1String key)
{
    std::vector<IdType> ids;
    if (!reader.given(key) || !reader.has(key))
        return ids;
    for (const QJsonValue& value : reader.array(key, mostNamed)) {
        const IdType id{value.toString()};
        if (!isValidId(id.value))
            reader.reject(key, {QStringLiteral("phải là danh sách mã"), QStringLiteral("must be a list of ids")});
        else if (std::find(ids.begin(), ids.end(), id) == ids.end())
            ids.push_back(id);
    }
    return ids;
}

// Absent and null say the same.
bool isGiven(JsonReader& reader, QLatin1String key)
{
    return reader.given(key) && reader.has(key);
}

Result<QTime> timeOfDayFromString(QStringView text)
{
    const QTime time = text.size() == 5 ? QTime::fromString(text.toString(), QStringLiteral("HH:mm")) : QTime();
    if (!time.isValid())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("giờ phải viết như 05:30"), QStringLiteral("a time is written like 05:30")});
    return time;
}

std::optional<model::PlayLimit> readLimit(JsonReader& rules, QLatin1String key)
{
    if (!isGiven(rules, key))
        return std::nullopt;
    JsonReader reader(rules.object(key), rules.pathOf(key));
    model::PlayLimit limit;
    limit.plays = static_cast<int>(reader.integer(QLatin1String("plays"), 1, 10'000));
    limit.period = reader.parsed<model::ObligationPeriod>(QLatin1String("period"), model::obligationPeriodFromString);
    if (const auto read = reader.finish(); !read)
        rules.reject(read.error());
    return limit;
}

std::optional<model::SeriesPlace> readSeries(JsonReader& rules, QLatin1String key)
{
    if (!isGiven(rules, key))
        return std::nullopt;
    JsonReader reader(rules.object(key), rules.pathOf(key));
    model::SeriesPlace place;
    place.series = reader.text(QLatin1String("name"), longestSeries).trimmed();
    if (!reader.failed() && place.series.isEmpty())
        reader.reject(QLatin1String("name"),
                      {QStringLiteral("không được để trống"), QStringLiteral("must not be empty")});
    place.episode = static_cast<int>(reader.integer(QLatin1String("episode"), 1, 100'000));
    if (const auto read = reader.finish(); !read)
        rules.reject(read.error());
    return place;
}

} // namespace

QJsonObject playRulesToJson(const model::PlayRules& rules)
{
    QJsonObject object{{QStringLiteral("least_gap_minutes"), qint64(rules.leastGap.count())},
                       {QStringLiteral("most_plays_a_day"), rules.mostPlaysADay},
                       {QStringLiteral("most_plays"), QJsonValue::Null},
                       {QStringLiteral("not_before"), QJsonValue::Null},
                       {QStringLiteral("series"), QJsonValue::Null},
                       {QStringLiteral("pair_with"), QJsonValue::Null},
                       {QStringLiteral("not_beside"), idArray(rules.notBeside)},
                       {QStringLiteral("forbidden_at"), idArray(rules.forbiddenAt)},
                       {QStringLiteral("may_fade"), rules.mayFade}};
    if (rules.mostPlays)
        object[QLatin1String("most_plays")] =
            QJsonObject{{QStringLiteral("plays"), rules.mostPlays->plays},
                        {QStringLiteral("period"), toString(rules.mostPlays->period)}};
    if (rules.notBefore)
        object[QLatin1String("not_before")] = rules.notBefore->toString(QStringLiteral("HH:mm"));
    if (rules.series)
        object[QLatin1String("series")] = QJsonObject{{QStringLiteral("name"), rules.series->series},
                                                      {QStringLiteral("episode"), rules.series->episode}};
    if (rules.pairWith)
        object[QLatin1String("pair_with")] = rules.pairWith->value;
    return object;
}

Result<model::PlayRules> playRulesFromJson(const QJsonObject& object, const QString& path)
{
    JsonReader reader(object, path);
    model::PlayRules rules;
    const QLatin1String gap("least_gap_minutes");
    const QLatin1String daily("most_plays_a_day");
    const QLatin1String notBefore("not_before");
    const QLatin1String pair("pair_with");
    if (isGiven(reader, gap))
        rules.leastGap = std::chrono::minutes(reader.integer(gap, 0, longestGapMinutes));
    if (isGiven(reader, daily))
        rules.mostPlaysADay = static_cast<int>(reader.integer(daily, 0, 100));
    rules.mostPlays = readLimit(reader, QLatin1String("most_plays"));
    if (isGiven(reader, notBefore))
        rules.notBefore = reader.parsed<QTime>(notBefore, timeOfDayFromString);
    rules.series = readSeries(reader, QLatin1String("series"));
    if (isGiven(reader, pair))
        rules.pairWith = reader.id<ItemTag>(pair);
    rules.notBeside = readIds<ItemId>(reader, QLatin1String("not_beside"));
    rules.forbiddenAt = readIds<StationId>(reader, QLatin1String("forbidden_at"));
    if (isGiven(reader, QLatin1String("may_fade")))
        rules.mayFade = reader.boolean(QLatin1String("may_fade"));
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    return rules;
}

} // namespace loa::store
