#include "scheduler/imports/presets.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/store/topic_repository.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>
#include <iterator>

namespace loa::imports {

namespace {

constexpr qint64 maxPresetBytes = 1024 * 1024;
constexpr qsizetype maxObligations = 1000;
constexpr qsizetype maxOccasions = 200;
constexpr qsizetype maxDates = 1000;

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

struct Years {
    int first = 0;
    int last = 0;
};

// The dates of an occasion, as written or on one day of each year.
std::vector<QDate> datesOf(JsonReader& reader, Years years)
{
    std::vector<QDate> dates;
    if (reader.has(QLatin1String("dates"))) {
        for (const QJsonValue& value : reader.array(QLatin1String("dates"), maxDates)) {
            const QString text = value.toString();
            dates.push_back(QDate::fromString(text, Qt::ISODate));
            if (!dates.back().isValid() || dates.back().year() < years.first || dates.back().year() > years.last)
                reader.reject(QLatin1String("dates"),
                              {QStringLiteral("\"%1\" không phải ngày trong các năm của tệp").arg(text.left(32)),
                               QStringLiteral("\"%1\" is no day of the file's years").arg(text.left(32))});
        }
        return dates;
    }
    const QString day = reader.text(QLatin1String("every_year"), 5);
    const int first = reader.given(QLatin1String("first_year"))
                          ? static_cast<int>(reader.integer(QLatin1String("first_year"), years.first, years.last))
                          : years.first;
    for (int year = first; year <= years.last && !reader.failed(); ++year) {
        const QDate date = QDate::fromString(QStringLiteral("%1-%2").arg(year).arg(day), QStringLiteral("yyyy-MM-dd"));
        if (!date.isValid())
            reader.reject(QLatin1String("every_year"), {QStringLiteral("phải là tháng-ngày như 09-02"),
                                                        QStringLiteral("must be month and day such as 09-02")});
        dates.push_back(date);
    }
    return dates;
}

Result<std::vector<model::SpecialDay>> occasionFromJson(const QJsonObject& object, Years years, const QString& path)
{
    JsonReader reader(object, path);
    QJsonObject day{{QStringLiteral("name"), reader.text(QLatin1String("name"), 200)},
                    {QStringLiteral("kind"), reader.text(QLatin1String("kind"), 20)}};
    if (reader.given(QLatin1String("sessions")))
        day.insert(QStringLiteral("sessions"),
                   reader.array(QLatin1String("sessions"), qsizetype(model::mostSpecialSessions)));
    QJsonArray days;
    for (const QDate date : datesOf(reader, years)) {
        day.insert(QStringLiteral("date"), date.toString(Qt::ISODate));
        days.append(day);
    }
    if (auto sound = reader.finish(); !sound)
        return passOn(sound);
    auto read = model::specialDaysFromJson(days);
    if (!read)
        return fail(read.error().category, read.error().message, path + read.error().where);
    return read;
}

// The files of a folder, each through `read`, in the order of their names.
template <typename T>
Result<std::vector<T>> readAll(const QString& folder, Result<T> (*read)(const QByteArray&))
{
    std::vector<T> all;
    const QDir files(folder);
    const QStringList names = files.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
    for (const QString& name : names) {
        const QString path = files.filePath(name);
        const auto text = readPreset(path);
        if (!text)
            return passOn(text);
        auto one = read(*text);
        if (!one)
            return inFile(one, path);
        all.push_back(*std::move(one));
    }
    return all;
}

Result<HoursPolicy> policyFromJson(const QByteArray& json)
{
    const auto object = parseObject(json);
    if (!object)
        return passOn(object);
    return hoursPolicyFromJson(*object);
}

} // namespace

model::SpecialCalendar calendarOf(const SpecialDaysPreset& preset, int year)
{
    model::SpecialCalendar calendar;
    calendar.name = QStringLiteral("%1 %2").arg(preset.name).arg(year);
    calendar.decision = preset.decision;
    std::ranges::copy_if(preset.days, std::back_inserter(calendar.days),
                         [&](const model::SpecialDay& day) { return day.date.year() == year; });
    return calendar;
}

Result<SpecialDaysPreset> specialDaysFromJson(const QByteArray& json)
{
    const auto root = parseObject(json);
    if (!root)
        return passOn(root);
    JsonReader reader(*root);
    SpecialDaysPreset preset;
    preset.id = reader.id<struct PresetTag>(QLatin1String("id")).value;
    preset.name = reader.text(QLatin1String("name"), 190);
    preset.decision = reader.text(QLatin1String("decision"), 400);
    Years years;
    years.first = static_cast<int>(reader.integer(QLatin1String("first_year"), 2000, 2200));
    years.last = static_cast<int>(reader.integer(QLatin1String("last_year"), 2000, 2200));
    const QJsonArray occasions = reader.array(QLatin1String("occasions"), maxOccasions);
    if (auto sound = reader.finish(); !sound)
        return passOn(sound);
    for (qsizetype i = 0; i < occasions.size(); ++i) {
        auto days = occasionFromJson(occasions[i].toObject(), years, QStringLiteral("/occasions/%1").arg(i));
        if (!days)
            return passOn(days);
        std::ranges::move(*days, std::back_inserter(preset.days));
    }
    std::ranges::stable_sort(preset.days, {}, &model::SpecialDay::date);
    for (int year = years.first; year <= years.last; ++year) {
        if (auto sound = checkCalendar(calendarOf(preset, year)); !sound)
            return fail(sound.error().category, sound.error().message,
                        QStringLiteral("%1: %2").arg(year).arg(sound.error().where));
    }
    return preset;
}

Result<TemplatePreset> templateFromJson(const QByteArray& json)
{
    const auto root = parseObject(json);
    if (!root)
        return passOn(root);
    JsonReader reader(*root);
    TemplatePreset preset;
    preset.id = reader.id<struct PresetTag>(QLatin1String("id")).value;
    preset.name = reader.text(QLatin1String("name"), 200);
    preset.note = reader.text(QLatin1String("note"), 1000);
    preset.session = std::chrono::seconds(reader.integer(QLatin1String("session_seconds"), 1, 86'400));
    const QJsonArray parts = reader.array(QLatin1String("parts"), qsizetype(model::mostTemplateParts));
    if (auto sound = reader.finish(); !sound)
        return passOn(sound);
    auto read = model::templatePartsFromJson(parts);
    if (!read)
        return passOn(read);
    preset.parts = *std::move(read);
    // With some recording where one belongs, it is to be a template that can be used.
    model::SessionTemplate made{{}, {}, preset.name, preset.parts};
    for (model::TemplatePart& part : made.parts) {
        if (part.kind == model::PartKind::Signature || part.kind == model::PartKind::Closing)
            part.tune = ItemId{QStringLiteral("any")};
    }
    if (auto sound = checkTemplate(made); !sound)
        return passOn(sound);
    return preset;
}

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

    auto policies = readAll(folder + QStringLiteral("/policies"), policyFromJson);
    if (!policies)
        return passOn(policies);
    presets.policies = *std::move(policies);
    const auto duties = readAll(folder + QStringLiteral("/obligations"), obligationsFromJson);
    if (!duties)
        return passOn(duties);
    for (const std::vector<model::Obligation>& file : *duties)
        presets.obligations.insert(presets.obligations.end(), file.begin(), file.end());
    auto days = readAll(folder + QStringLiteral("/special_days"), specialDaysFromJson);
    if (!days)
        return passOn(days);
    presets.specialDays = *std::move(days);
    auto templates = readAll(folder + QStringLiteral("/templates"), templateFromJson);
    if (!templates)
        return passOn(templates);
    presets.templates = *std::move(templates);
    std::ranges::sort(presets.policies, {}, &HoursPolicy::id);
    std::ranges::sort(presets.specialDays, {}, &SpecialDaysPreset::id);
    std::ranges::sort(presets.templates, {}, &TemplatePreset::id);
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

} // namespace loa::imports
