#include "scheduler/contract/station_condition.h"

#include "scheduler/contract/json_reader.h"

#include <QJsonArray>

namespace loa {

namespace {

constexpr std::int64_t mostCounted = std::int64_t(1) << 53;

OutputCondition readOutput(JsonReader& reader)
{
    OutputCondition output;
    output.name = reader.text(QLatin1String("name"), 64);
    output.open = reader.boolean(QLatin1String("open"));
    output.failures = reader.integer(QLatin1String("failures"), 0, mostCounted);
    output.failure = reader.text(QLatin1String("failure"), 64);
    output.starts = reader.integer(QLatin1String("starts"), 0, mostCounted);
    output.startErrorP50 = Duration(reader.integer(QLatin1String("start_error_p50_us"), 0, mostCounted));
    output.startErrorP99 = Duration(reader.integer(QLatin1String("start_error_p99_us"), 0, mostCounted));
    output.lost = std::chrono::milliseconds(reader.integer(QLatin1String("lost_ms"), 0, mostCounted));
    return output;
}

} // namespace

QJsonObject toJson(const StationCondition& condition)
{
    QJsonArray outputs;
    for (const OutputCondition& output : condition.outputs)
        outputs.append(QJsonObject{{QStringLiteral("name"), output.name},
                                   {QStringLiteral("open"), output.open},
                                   {QStringLiteral("failures"), qint64(output.failures)},
                                   {QStringLiteral("failure"), output.failure},
                                   {QStringLiteral("starts"), qint64(output.starts)},
                                   {QStringLiteral("start_error_p50_us"), qint64(output.startErrorP50.count())},
                                   {QStringLiteral("start_error_p99_us"), qint64(output.startErrorP99.count())},
                                   {QStringLiteral("lost_ms"), qint64(output.lost.count())}});
    return {{QStringLiteral("station_id"), condition.station.value},
            {QStringLiteral("playing"), condition.playing},
            {QStringLiteral("silent"), condition.silent},
            {QStringLiteral("media_missing"), qint64(condition.mediaMissing)},
            {QStringLiteral("outputs"), outputs}};
}

Result<StationCondition> stationConditionFromJson(const QJsonObject& json, const QString& path)
{
    JsonReader reader(json, path);
    StationCondition condition;
    condition.station = reader.id<StationTag>(QLatin1String("station_id"));
    condition.playing = reader.boolean(QLatin1String("playing"));
    condition.silent = reader.boolean(QLatin1String("silent"));
    condition.mediaMissing = reader.integer(QLatin1String("media_missing"), 0, mostCounted);
    const QJsonArray outputs = reader.array(QLatin1String("outputs"), mostOutputs);
    for (qsizetype i = 0; i < outputs.size(); ++i) {
        JsonReader entry(outputs[i].toObject(), path + QStringLiteral("/outputs/%1").arg(i));
        condition.outputs.push_back(readOutput(entry));
        if (const auto read = entry.finish(); !read)
            reader.reject(read.error());
    }
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return condition;
}

} // namespace loa
