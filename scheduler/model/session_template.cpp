#include "scheduler/model/session_template.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/contract/mix_rules.h"

#include <QJsonArray>
#include <QSet>

#include <algorithm>

namespace loa::model {

namespace {

using std::chrono::seconds;

constexpr seconds aDay = std::chrono::hours(24);

tl::unexpected<Error> wrong(std::size_t part, const char* member, Text message)
{
    return fail(ErrorCategory::InvalidInput, std::move(message),
                QStringLiteral("/parts/%1/%2").arg(part).arg(QLatin1String(member)));
}

bool soundsTune(PartKind kind)
{
    return kind == PartKind::Signature || kind == PartKind::Closing || kind == PartKind::TimeSignal;
}

Result<void> checkPart(const TemplatePart& part, std::size_t index)
{
    if (!isValidId(part.id))
        return wrong(index, "id",
                     {QStringLiteral("Mã phần gồm 1 đến 64 ký tự a-z, 0-9, '-'."),
                      QStringLiteral("A part's id is 1 to 64 characters of a-z, 0-9, '-'.")});
    if (part.at && (*part.at < seconds(0) || *part.at >= aDay))
        return wrong(index, "at",
                     {QStringLiteral("Giây bắt đầu phải nằm trong buổi phát."),
                      QStringLiteral("A part begins at a second of the session.")});
    if (soundsTune(part.kind) ? !part.tune : part.tune && part.kind != PartKind::Music)
        return wrong(index, "tune_item_id",
                     {QStringLiteral("Nhạc hiệu, báo giờ và lời kết cần chọn một bản thu; phần âm nhạc có thể chọn một "
                                     "bản làm nhạc nền; các phần khác thì không."),
                      QStringLiteral("A signature, time signal or closing needs a recording, music may have one as its "
                                     "bed, and no other part has one.")});
    const bool isSignal = part.kind == PartKind::TimeSignal;
    if (isSignal && (!part.at || toFrames(*part.at) < part.mark))
        return wrong(
            index, part.at ? "mark_frames" : "at",
            {QStringLiteral("Báo giờ cần giây chính xác; tiếng báo trước mốc giờ phải nằm trong buổi phát."),
             QStringLiteral("A time signal needs its exact second, and what sounds before its mark lies within "
                            "the session.")});
    if (part.mark.value < 0 || (!isSignal && part.mark.value > 0))
        return wrong(index, "mark_frames",
                     {QStringLiteral("Chỉ báo giờ mới có mốc trong bản thu."),
                      QStringLiteral("Only a time signal has a mark in its recording.")});
    if (part.crossfade.count() < 0 || toFrames(part.crossfade) > longestFade)
        return wrong(index, "crossfade_ms",
                     {QStringLiteral("Đoạn chồng tiếng dài từ 0 đến 10 giây."),
                      QStringLiteral("An overlap lasts 0 to 10 seconds.")});
    const bool isOver = part.duckDb > 0;
    if (part.duckDb < 0 || part.duckDb > deepestDuckDb || (isOver && (part.kind == PartKind::Relay || isBed(part))))
        return wrong(index, "duck_db",
                     {QStringLiteral("Nhạc nền được hạ 0 đến 60 dB; tiếp sóng và nhạc nền không đọc đè lên gì."),
                      QStringLiteral("A bed is lowered by 0 to 60 dB; relays and beds sound over nothing.")});
    if ((part.kind == PartKind::Relay) == part.source.trimmed().isEmpty())
        return wrong(index, "source",
                     {QStringLiteral("Phần tiếp sóng cần ghi đài hoặc địa chỉ được tiếp; các phần khác thì không."),
                      QStringLiteral("A relay names the station or address that it relays, and no other part does.")});
    if (part.relay && part.kind != PartKind::Relay)
        return wrong(index, "relay_id",
                     {QStringLiteral("Chỉ phần tiếp sóng mới chọn nguồn tiếp sóng."),
                      QStringLiteral("Only a relay names a relay source.")});
    if (part.kind == PartKind::Relay && (!part.at || part.most <= seconds(0)))
        return wrong(index, part.at ? "most_seconds" : "at",
                     {QStringLiteral("Phần tiếp sóng cần giây bắt đầu chính xác và thời lượng."),
                      QStringLiteral("A relay needs the exact second of its start, and a length.")});
    const bool tune = part.tune.has_value() && !isBed(part);
    if (part.least < seconds(0) || part.most < seconds(0) || part.most > aDay ||
        (part.most > seconds(0) && part.least > part.most) || part.least > aDay ||
        (tune && (part.least > seconds(0) || part.most > seconds(0))))
        return wrong(
            index, "least_seconds",
            {QStringLiteral("Thời lượng ít nhất không được quá thời lượng nhiều nhất; nhạc hiệu và lời kết dài "
                            "đúng bằng bản thu."),
             QStringLiteral("The least length must not exceed the most; a tune is as long as its recording.")});
    if (!takesItems(part) && !part.accepts.empty())
        return wrong(index, "accepts",
                     {QStringLiteral("Chỉ phần phát tin/bài mới chọn nhóm nội dung."),
                      QStringLiteral("Only parts for items choose topic groups.")});
    if (part.cutOrder < 0 || part.cutOrder > 1000)
        return wrong(index, "cut_order",
                     {QStringLiteral("Thứ tự cắt từ 0 (không cắt) đến 1000."),
                      QStringLiteral("The order of cutting is 0 (never) to 1000.")});
    return {};
}

} // namespace

bool takesItems(const TemplatePart& part)
{
    return !part.tune && part.kind != PartKind::Relay;
}

bool isBed(const TemplatePart& part)
{
    return part.kind == PartKind::Music && part.tune.has_value();
}

seconds relayedIn(const SessionTemplate& made, seconds session)
{
    seconds relayed{0};
    for (const TemplatePart& part : made.parts) {
        if (part.kind == PartKind::Relay && part.at && *part.at < session)
            relayed += std::min(part.most, session - *part.at);
    }
    return relayed;
}

Result<void> checkTemplate(const SessionTemplate& made)
{
    if (made.name.trimmed().isEmpty())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Kết cấu cần có tên."), QStringLiteral("A template needs a name.")},
                    QStringLiteral("/name"));
    if (made.parts.empty() || made.parts.size() > mostTemplateParts)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Kết cấu có từ 1 đến %1 phần.").arg(mostTemplateParts),
                     QStringLiteral("A template has 1 to %1 parts.").arg(mostTemplateParts)},
                    QStringLiteral("/parts"));
    QSet<QString> ids;
    seconds free{0};   // the earliest second that the next part with one may have
    seconds needed{0}; // by parts without a second since then
    for (std::size_t i = 0; i < made.parts.size(); ++i) {
        const TemplatePart& part = made.parts[i];
        if (auto checked = checkPart(part, i); !checked)
            return checked;
        if (ids.contains(part.id))
            return wrong(i, "id",
                         {QStringLiteral("Hai phần trùng mã \"%1\".").arg(part.id),
                          QStringLiteral("Two parts have the id \"%1\".").arg(part.id)});
        ids.insert(part.id);
        if (part.at) {
            if (*part.at < free + needed + std::chrono::ceil<seconds>(toDuration(part.mark)))
                return wrong(i, "at",
                             {QStringLiteral("Phần này bắt đầu trước khi các phần đứng trước có đủ thời gian."),
                              QStringLiteral("It begins before the parts ahead of it have had their time.")});
            free = *part.at;
            needed = seconds(0);
        }
        if (part.kind == PartKind::Relay) {
            free += part.most;
        } else if (part.cutOrder == 0) {
            needed += part.least;
        }
    }
    return {};
}

QJsonArray partsToJson(const std::vector<TemplatePart>& parts)
{
    QJsonArray array;
    for (const TemplatePart& part : parts) {
        QJsonArray accepts;
        for (const QString& group : part.accepts)
            accepts.append(group);
        array.append(
            QJsonObject{{QStringLiteral("id"), part.id},
                        {QStringLiteral("kind"), toString(part.kind)},
                        {QStringLiteral("title"), part.title},
                        {QStringLiteral("at"), part.at ? QJsonValue(qint64(part.at->count())) : QJsonValue()},
                        {QStringLiteral("tune_item_id"), part.tune ? QJsonValue(part.tune->value) : QJsonValue()},
                        {QStringLiteral("source"), part.source},
                        {QStringLiteral("relay_id"), part.relay ? QJsonValue(part.relay->value) : QJsonValue()},
                        {QStringLiteral("least_seconds"), qint64(part.least.count())},
                        {QStringLiteral("most_seconds"), qint64(part.most.count())},
                        {QStringLiteral("accepts"), accepts},
                        {QStringLiteral("cut_order"), part.cutOrder},
                        {QStringLiteral("mark_frames"), qint64(part.mark.value)},
                        {QStringLiteral("crossfade_ms"), qint64(part.crossfade.count())},
                        {QStringLiteral("duck_db"), part.duckDb}});
    }
    return array;
}

Result<std::vector<TemplatePart>> templatePartsFromJson(const QJsonArray& array)
{
    std::vector<TemplatePart> parts;
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader reader(array.at(i).toObject(), QStringLiteral("/parts/%1").arg(i));
        TemplatePart part;
        part.id = reader.text(QLatin1String("id"), 64);
        part.kind = reader.parsed(QLatin1String("kind"), partKindFromString);
        if (reader.given(QLatin1String("title")))
            part.title = reader.text(QLatin1String("title"), 200).trimmed();
        if (reader.has(QLatin1String("at")))
            part.at = seconds(reader.integer(QLatin1String("at"), 0, 86'399));
        else
            (void)reader.given(QLatin1String("at"));
        if (reader.has(QLatin1String("tune_item_id")))
            part.tune = reader.id<ItemTag>(QLatin1String("tune_item_id"));
        else
            (void)reader.given(QLatin1String("tune_item_id"));
        if (reader.given(QLatin1String("source")))
            part.source = reader.text(QLatin1String("source"), 500).trimmed();
        if (reader.has(QLatin1String("relay_id")))
            part.relay = reader.id<RelayTag>(QLatin1String("relay_id"));
        else
            (void)reader.given(QLatin1String("relay_id"));
        if (reader.given(QLatin1String("least_seconds")))
            part.least = seconds(reader.integer(QLatin1String("least_seconds"), 0, 86'400));
        if (reader.given(QLatin1String("most_seconds")))
            part.most = seconds(reader.integer(QLatin1String("most_seconds"), 0, 86'400));
        if (reader.given(QLatin1String("accepts"))) {
            for (const QJsonValue& group : reader.array(QLatin1String("accepts"), 100)) {
                if (!isValidId(group.toString()))
                    reader.reject(QLatin1String("accepts"), {QStringLiteral("Nhóm nội dung không hợp lệ."),
                                                             QStringLiteral("That is no topic group.")});
                part.accepts.push_back(group.toString());
            }
        }
        if (reader.given(QLatin1String("cut_order")))
            part.cutOrder = static_cast<int>(reader.integer(QLatin1String("cut_order"), 0, 1000));
        if (reader.given(QLatin1String("mark_frames")))
            part.mark = {reader.integer(QLatin1String("mark_frames"), 0, 86'400 * sampleRate)};
        if (reader.given(QLatin1String("crossfade_ms")))
            part.crossfade = std::chrono::milliseconds(reader.integer(QLatin1String("crossfade_ms"), 0, 10'000));
        if (reader.given(QLatin1String("duck_db")))
            part.duckDb = static_cast<int>(reader.integer(QLatin1String("duck_db"), 0, deepestDuckDb));
        if (auto read = reader.finish(); !read)
            return passOn(read);
        parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace loa::model
