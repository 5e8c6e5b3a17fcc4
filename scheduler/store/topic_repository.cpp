#include "scheduler/store/topic_repository.h"

#include "scheduler/contract/json_reader.h"

#include <QJsonDocument>

namespace loa::store {

Result<std::vector<model::Topic>> topicsFromJson(const QByteArray& json)
{
    QJsonParseError parsing;
    const QJsonDocument document = QJsonDocument::fromJson(json, &parsing);
    if (!document.isObject()) {
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Không đọc được danh mục chủ đề (JSON): %1.").arg(parsing.errorString()),
                     QStringLiteral("The list of topics cannot be read (JSON): %1.").arg(parsing.errorString())},
                    QStringLiteral("byte %1").arg(parsing.offset));
    }
    JsonReader file(document.object());
    static_cast<void>(file.text(QLatin1String("source"))); // for people
    const QJsonArray listed = file.array(QLatin1String("topics"), 1000);
    if (const auto sound = file.finish(); !sound)
        return passOn(sound);
    std::vector<model::Topic> topics;
    for (qsizetype i = 0; i < listed.size(); ++i) {
        JsonReader reader(listed[i].toObject(), QStringLiteral("/topics/%1").arg(i));
        model::Topic topic;
        topic.id = reader.id<TopicTag>(QLatin1String("id"));
        topic.group = reader.text(QLatin1String("group"), 64);
        topic.nameVi = reader.text(QLatin1String("name_vi"), 300);
        topic.nameEn = reader.text(QLatin1String("name_en"), 300);
        if (const auto sound = reader.finish(); !sound)
            return passOn(sound);
        topics.push_back(std::move(topic));
    }
    return topics;
}

Result<void> TopicRepository::put(const model::Topic& topic)
{
    const auto put = m_database.execute(
        QStringLiteral("INSERT INTO topics (id, place, topic_group, name_vi, name_en) "
                       "VALUES (?, (SELECT COALESCE(MAX(place), 0) + 1 FROM topics), ?, ?, ?) "
                       "ON CONFLICT (id) DO UPDATE SET topic_group = excluded.topic_group, name_vi = excluded.name_vi, "
                       "name_en = excluded.name_en"),
        {toSql(topic.id), toSql(topic.group), toSql(topic.nameVi), toSql(topic.nameEn)});
    if (!put)
        return passOn(put);
    return {};
}

Result<std::vector<model::Topic>> TopicRepository::all()
{
    return m_database.selectAll(
        QStringLiteral("SELECT id, topic_group, name_vi, name_en FROM topics ORDER BY place, id"), {},
        [](RowReader& row) {
            model::Topic topic;
            topic.id = row.id<TopicId>();
            topic.group = row.text();
            topic.nameVi = row.text();
            topic.nameEn = row.text();
            return topic;
        });
}

} // namespace loa::store
