#include "scheduler/commands/presets.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/store/topic_repository.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>

namespace loa::commands {

namespace {

constexpr qint64 maxPresetBytes = 1024 * 1024;
constexpr qsizetype maxObligations = 1000;

Result<QByteArray> readPreset(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không đọc được tệp mẫu: ") + file.errorString(),
                     QStringLiteral("the preset cannot be read: ") + file.errorString()},
                    path);
    QByteArray bytes = file.read(maxPresetBytes + 1);
    if (bytes.size() > maxPresetBytes)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("tệp mẫu quá lớn"), QStringLiteral("the preset is too large")}, path);
    return bytes;
}

Result<QJsonObject> parseObject(const QByteArray& json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError || !document.isObject())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("không phải JSON: ") + error.errorString(),
                     QStringLiteral("not a JSON object: ") + error.errorString()},
                    QStringLiteral("byte %1").arg(error.offset));
    return document.object();
}

// The error with the file in front of its place.
template <typename T>
tl::unexpected<Error> inFile(const Result<T>& failed, const QString& path)
{
    Error error = failed.error();
    error.where = error.where.isEmpty() ? path : path + QStringLiteral(": ") + error.where;
    return tl::unexpected(std::move(error));
}

Result<model::ObligationEvidence> evidenceFromString(QStringView text)
{
    if (text == QStringLiteral("airings"))
        return model::ObligationEvidence::Airings;
    if (text == QStringLiteral("listed"))
        return model::ObligationEvidence::Listed;
    return fail(ErrorCategory::InvalidInput, {QStringLiteral("phải là \"airings\" hoặc \"listed\""),
                                              QStringLiteral("must be \"airings\" or \"listed\"")});
}

Result<model::Obligation> obligationFromJson(const QJsonObject& object, const QString& plan, const QString& path)
{
    JsonReader reader(object, path);
    model::Obligation obligation;
    obligation.plan = plan;
    obligation.id = reader.id<struct ObligationTag>(QLatin1String("id"));
    obligation.row = static_cast<int>(reader.integer(QLatin1String("row"), 0, 1000));
    obligation.titleVi = reader.text(QLatin1String("title_vi"), 500);
    obligation.titleEn = reader.text(QLatin1String("title_en"), 500);
    obligation.dutyHolderVi = reader.text(QLatin1String("duty_holder_vi"), 500);
    obligation.reportedToVi = reader.text(QLatin1String("reported_to_vi"), 500);
    obligation.required = static_cast<int>(reader.integer(QLatin1String("required"), 0, 10'000));
    obligation.period = reader.parsed(QLatin1String("period"), &model::obligationPeriodFromString);
    obligation.due = reader.optionalDate(QLatin1String("due"));
    const QJsonArray groups = reader.array(QLatin1String("topic_groups"), 100);
    for (const QJsonValue& group : groups) {
        if (!group.isString())
            reader.reject(QLatin1String("topic_groups"),
                          {QStringLiteral("chỉ gồm chuỗi ký tự"), QStringLiteral("holds strings alone")});
        obligation.topicGroups.push_back(group.toString());
    }
    obligation.evidence = reader.parsed(QLatin1String("evidence"), &evidenceFromString);
    obligation.validFrom = reader.date(QLatin1String("valid_from"));
    obligation.validUntil = reader.optionalDate(QLatin1String("valid_until"));
    if (auto sound = reader.finish(); !sound)
        return passOn(sound);
    return obligation;
}

} // namespace

Result<std::vector<model::Obligation>> obligationsFromJson(const QByteArray& json)
{
    const auto root = parseObject(json);
    if (!root)
        return passOn(root);
    JsonReader reader(*root);
    const QString plan = reader.text(QLatin1String("plan"), 1000);
    const QJsonArray array = reader.array(QLatin1String("obligations"), maxObligations);
    if (auto sound = reader.finish(); !sound)
        return passOn(sound);
    std::vector<model::Obligation> obligations;
    for (qsizetype i = 0; i < array.size(); ++i) {
        auto obligation = obligationFromJson(array[i].toObject(), plan, QStringLiteral("/obligations/%1").arg(i));
        if (!obligation)
            return passOn(obligation);
        obligations.push_back(*std::move(obligation));
    }
    return obligations;
}

Result<Presets> loadPresets(const QString& folder)
{
    Presets presets;
    const QString topicsFile = folder + QStringLiteral("/topics.json");
    const auto topicsText = readPreset(topicsFile);
    if (!topicsText)
        return passOn(topicsText);
    auto topics = store::topicsFromJson(*topicsText);
    if (!topics)
        return inFile(topics, topicsFile);
    presets.topics = *std::move(topics);

    for (const char* kind : {"policies", "obligations"}) {
        const QDir files(folder + u'/' + QLatin1String(kind));
        const QStringList names = files.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
        for (const QString& name : names) {
            const QString path = files.filePath(name);
            const auto text = readPreset(path);
            if (!text)
                return passOn(text);
            if (QLatin1String(kind) == QLatin1String("policies")) {
                const auto object = parseObject(*text);
                if (!object)
                    return inFile(object, path);
                auto policy = hoursPolicyFromJson(*object);
                if (!policy)
                    return inFile(policy, path);
                presets.policies.push_back(*std::move(policy));
            } else {
                auto obligations = obligationsFromJson(*text);
                if (!obligations)
                    return inFile(obligations, path);
                presets.obligations.insert(presets.obligations.end(), obligations->begin(), obligations->end());
            }
        }
    }
    std::sort(presets.policies.begin(), presets.policies.end(),
              [](const HoursPolicy& a, const HoursPolicy& b) { return a.id < b.id; });
    return presets;
}

Result<QString> findPresets()
{
    const QDir program(QCoreApplication::applicationDirPath());
    for (const char* place : {"../share/loa/config", "../config", "../../config", "../../../config"}) {
        const QString folder = QDir::cleanPath(program.filePath(QLatin1String(place)));
        if (QFile::exists(folder + QStringLiteral("/topics.json")))
            return folder;
    }
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("không thấy thư mục mẫu config/; hãy chỉ ra bằng --presets"),
                 QStringLiteral("the presets' folder config/ is not found; name it with --presets")});
}

} // namespace loa::commands
