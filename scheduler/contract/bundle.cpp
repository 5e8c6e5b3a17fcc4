#include "scheduler/contract/bundle.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/contract/mix_rules.h"
#include "scheduler/contract/sealed.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace loa {

namespace {

constexpr std::int64_t longestSessionFrames = 24 * 3600 * sampleRate;

tl::unexpected<Error> contradiction(const QString& where, const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en}, where);
}

using MediaByHash = QHash<Sha256, const BundleMedia*>;

Result<void> checkRelays(const Bundle& bundle, const MediaByHash& media)
{
    for (std::size_t index = 0; index < bundle.relays.size(); ++index) {
        const BundleRelay& relay = bundle.relays[index];
        const QString where = QStringLiteral("/relays/%1").arg(index);
        if (auto checked = checkRelay(relay.definition); !checked)
            return fail(ErrorCategory::InvalidInput, checked.error().message, where + checked.error().where);
        if (index > 0 && relay.definition.id <= bundle.relays[index - 1].definition.id)
            return contradiction(where, QStringLiteral("Nguồn tiếp sóng được liệt kê hai lần hoặc sai thứ tự."),
                                 QStringLiteral("The relay source is listed twice or out of order."));
        if (!isValidId(relay.approval.approvedBy.value) || relay.approval.approvedByName.isEmpty() ||
            relay.approved != hashOf(relay.definition))
            return contradiction(where,
                                 QStringLiteral("Nguồn tiếp sóng này, đúng như định nghĩa, chưa có người duyệt."),
                                 QStringLiteral("Nobody has approved this exact relay source."));
        if (!relay.standby)
            continue;
        const BundleMedia* listed = media.value(*relay.standby, nullptr);
        if (!listed || relay.definition.standby != listed->item)
            return contradiction(where,
                                 QStringLiteral("Âm thanh dự phòng không có trong danh sách hoặc của tin/bài khác."),
                                 QStringLiteral("The standby audio is not listed, or another item's."));
    }
    return {};
}

bool isListed(const BundleAiring& airing, const Bundle& bundle, const MediaByHash& media)
{
    if (!airing.relay.isEmpty()) {
        const BundleRelay* relay = findRelay(bundle, airing.relay);
        return relay && relay->approved == airing.sha256;
    }
    const BundleMedia* listed = media.value(airing.sha256, nullptr);
    return listed && listed->item == airing.item;
}

Result<void> checkSession(const BundleSession& session, const Bundle& bundle, const MediaByHash& media,
                          const QString& where)
{
    if (!isValidId(session.id.value))
        return contradiction(where, QStringLiteral("Mã buổi phát không hợp lệ."),
                             QStringLiteral("The session's id is not valid."));
    if (session.frames.value <= 0 || session.frames.value > longestSessionFrames) {
        return contradiction(where, QStringLiteral("Độ dài buổi phát phải từ 1 khung mẫu đến 24 giờ."),
                             QStringLiteral("A session must last from one frame to 24 hours."));
    }
    MixJudge mix;
    for (std::size_t index = 0; index < session.airings.size(); ++index) {
        const BundleAiring& airing = session.airings[index];
        const QString at = where + QStringLiteral("/airings/%1").arg(index);
        const bool isRelay = airing.item.isEmpty() && isValidId(airing.relay.value);
        const bool isItem = airing.relay.isEmpty() && isValidId(airing.item.value);
        if (!isValidId(airing.id.value) || !(isRelay || isItem))
            return contradiction(at, QStringLiteral("Mã lượt phát không hợp lệ."),
                                 QStringLiteral("The airing's id is not valid."));
        if (airing.offset.value > longestSessionFrames || airing.frames.value > longestSessionFrames ||
            airing.offset + airing.frames > session.frames) {
            return contradiction(at, QStringLiteral("Lượt phát dài quá buổi phát."),
                                 QStringLiteral("The airing runs over its session's end."));
        }
        if (!isListed(airing, bundle, media)) {
            return contradiction(at, QStringLiteral("Lượt phát dùng âm thanh hoặc nguồn không có trong danh sách."),
                                 QStringLiteral("The airing uses audio or a source that is not listed."));
        }
        if (const auto fault = mix.admit(airing, airing.relay.isEmpty() ? media.value(airing.sha256) : nullptr))
            return contradiction(at, fault->vi, fault->en);
    }
    return {};
}

QJsonObject toJson(const BundleRelay& relay)
{
    return {{QStringLiteral("definition"), toJson(relay.definition)},
            {QStringLiteral("approved"), toString(relay.approved)},
            {QStringLiteral("approved_by"), relay.approval.approvedBy.value},
            {QStringLiteral("approved_by_name"), relay.approval.approvedByName},
            {QStringLiteral("approved_at"), toString(relay.approval.approvedAt)},
            {QStringLiteral("standby"), relay.standby ? QJsonValue(toString(*relay.standby)) : QJsonValue()}};
}

QJsonObject toJson(const BundleAiring& airing)
{
    QJsonObject object{{QStringLiteral("id"), airing.id.value},
                       {QStringLiteral("sha256"), toString(airing.sha256)},
                       {QStringLiteral("offset_frames"), static_cast<qint64>(airing.offset.value)},
                       {QStringLiteral("frames"), static_cast<qint64>(airing.frames.value)},
                       {QStringLiteral("priority"), toString(airing.priority)}};
    if (airing.relay.isEmpty())
        object.insert(QStringLiteral("item"), airing.item.value);
    else
        object.insert(QStringLiteral("relay"), airing.relay.value);
    const auto add = [&](const QString& key, std::int64_t value) {
        if (value != 0)
            object.insert(key, static_cast<qint64>(value));
    };
    add(QStringLiteral("fade_in_frames"), airing.fadeIn.value);
    add(QStringLiteral("fade_out_frames"), airing.fadeOut.value);
    add(QStringLiteral("duck_db"), airing.duckDb);
    add(QStringLiteral("duck_glide_frames"), airing.duckGlide.value);
    return object;
}

BundleAiring readAiring(const QJsonObject& object, const QString& path, JsonReader& parent)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(object, path);
    BundleAiring airing;
    airing.id = reader.id<AiringTag>("id"_L1);
    if (reader.has("relay"_L1))
        airing.relay = reader.id<RelayTag>("relay"_L1);
    else
        airing.item = reader.id<ItemTag>("item"_L1);
    airing.sha256 = reader.parsed<Sha256>("sha256"_L1, sha256FromString);
    airing.offset = {reader.integer("offset_frames"_L1, 0, longestSessionFrames)};
    airing.frames = {reader.integer("frames"_L1, 1, longestSessionFrames)};
    airing.priority = reader.parsed<Priority>("priority"_L1, priorityFromString);
    const auto given = [&](QLatin1String key, std::int64_t most) {
        return reader.given(key) ? reader.integer(key, 1, most) : 0;
    };
    airing.fadeIn = {given("fade_in_frames"_L1, longestFade.value)};
    airing.fadeOut = {given("fade_out_frames"_L1, longestFade.value)};
    airing.duckDb = static_cast<int>(given("duck_db"_L1, deepestDuckDb));
    airing.duckGlide = {given("duck_glide_frames"_L1, longestFade.value)};
    if (auto read = reader.finish(); !read)
        parent.reject(read.error());
    return airing;
}

QJsonObject toJson(const BundleSession& session)
{
    QJsonArray airings;
    for (const BundleAiring& airing : session.airings)
        airings.append(toJson(airing));
    return {{QStringLiteral("id"), session.id.value},
            {QStringLiteral("title"), session.title},
            {QStringLiteral("starts_at"), toString(session.startsAt)},
            {QStringLiteral("frames"), static_cast<qint64>(session.frames.value)},
            {QStringLiteral("airings"), airings}};
}

template <typename List>
QJsonArray listToJson(const List& list)
{
    QJsonArray array;
    for (const auto& entry : list)
        array.append(toJson(entry));
    return array;
}

QJsonObject payloadOf(const Bundle& bundle)
{
    QJsonArray outputs;
    for (const BundleOutput& output : bundle.outputs) {
        QJsonArray clusters;
        for (const QString& cluster : output.clusters)
            clusters.append(cluster);
        outputs.append(QJsonObject{{QStringLiteral("name"), output.name}, {QStringLiteral("clusters"), clusters}});
    }
    QJsonObject payload{{QStringLiteral("station"), bundle.station.value},
                        {QStringLiteral("station_name"), bundle.stationName},
                        {QStringLiteral("time_zone"), QString::fromLatin1(bundle.timeZone)},
                        {QStringLiteral("version"), static_cast<qint64>(bundle.version)},
                        {QStringLiteral("issued_at"), toString(bundle.issuedAt)},
                        {QStringLiteral("valid_from"), toString(bundle.validFrom)},
                        {QStringLiteral("valid_until"), toString(bundle.validUntil)},
                        {QStringLiteral("outputs"), outputs},
                        {QStringLiteral("policies"), listToJson(bundle.policies)},
                        {QStringLiteral("media"), listToJson(bundle.media)},
                        {QStringLiteral("sessions"), listToJson(bundle.sessions)}};
    if (!bundle.relays.empty())
        payload.insert(QStringLiteral("relays"), listToJson(bundle.relays));
    return payload;
}

BundleRelay readRelay(const QJsonObject& object, const QString& path, JsonReader& parent)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(object, path);
    BundleRelay relay;
    if (auto definition = relayDefinitionFromJson(reader.object("definition"_L1)))
        relay.definition = *std::move(definition);
    else
        reader.reject(Error{definition.error().category, definition.error().message,
                            path + u"/definition"_s + definition.error().where});
    relay.approved = reader.parsed<Sha256>("approved"_L1, sha256FromString);
    relay.approval.approvedBy = reader.id<UserTag>("approved_by"_L1);
    relay.approval.approvedByName = reader.text("approved_by_name"_L1);
    relay.approval.approvedAt = reader.instant("approved_at"_L1);
    if (reader.has("standby"_L1))
        relay.standby = reader.parsed<Sha256>("standby"_L1, sha256FromString);
    else
        (void)reader.given("standby"_L1);
    if (auto read = reader.finish(); !read)
        parent.reject(read.error());
    return relay;
}

BundleSession readSession(const QJsonObject& object, const QString& path, JsonReader& parent)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(object, path);
    BundleSession session;
    session.id = reader.id<SessionTag>("id"_L1);
    session.title = reader.text("title"_L1);
    session.startsAt = reader.instant("starts_at"_L1);
    session.frames = {reader.integer("frames"_L1, 1, longestSessionFrames)};
    const QJsonArray airings = reader.array("airings"_L1, 10'000);
    for (qsizetype index = 0; index < airings.size() && !reader.failed(); ++index)
        session.airings.push_back(
            readAiring(airings.at(index).toObject(), path + u"/airings/"_s + QString::number(index), reader));
    if (auto read = reader.finish(); !read)
        parent.reject(read.error());
    return session;
}

BundleOutput readOutput(const QJsonObject& object, const QString& path, JsonReader& parent)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(object, path);
    BundleOutput output;
    output.name = reader.text("name"_L1, 200);
    const QJsonArray clusters = reader.array("clusters"_L1, 10'000);
    for (qsizetype index = 0; index < clusters.size(); ++index) {
        if (!clusters.at(index).isString())
            reader.reject("clusters"_L1, {u"Tên cụm loa phải là chuỗi ký tự."_s, u"A cluster's name must be text."_s});
        output.clusters.push_back(clusters.at(index).toString());
    }
    if (auto read = reader.finish(); !read)
        parent.reject(read.error());
    return output;
}

Result<Bundle> readPayload(const QJsonObject& payload)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(payload);
    Bundle bundle;
    bundle.station = reader.id<StationTag>("station"_L1);
    bundle.stationName = reader.text("station_name"_L1);
    bundle.timeZone = reader.text("time_zone"_L1, 100).toLatin1();
    bundle.version = reader.integer("version"_L1, 1, std::int64_t{1} << 53);
    bundle.issuedAt = reader.instant("issued_at"_L1);
    bundle.validFrom = reader.instant("valid_from"_L1);
    bundle.validUntil = reader.instant("valid_until"_L1);
    const auto each = [&reader](QLatin1String key, qsizetype longest, auto read) {
        const QJsonArray array = reader.array(key, longest);
        for (qsizetype index = 0; index < array.size() && !reader.failed(); ++index)
            read(array.at(index).toObject(), reader.pathOf(key) + u'/' + QString::number(index));
    };
    each("outputs"_L1, 1000, [&](const QJsonObject& object, const QString& path) {
        bundle.outputs.push_back(readOutput(object, path, reader));
    });
    each("policies"_L1, 1000, [&](const QJsonObject& object, const QString& path) {
        auto policy = hoursPolicyFromJson(object);
        if (policy)
            bundle.policies.push_back(*std::move(policy));
        else
            reader.reject(Error{policy.error().category, policy.error().message, path + policy.error().where});
    });
    each("media"_L1, 100'000, [&](const QJsonObject& object, const QString& path) {
        auto media = bundleMediaFromJson(object, path);
        if (media)
            bundle.media.push_back(*std::move(media));
        else
            reader.reject(media.error());
    });
    if (reader.has("relays"_L1)) {
        each("relays"_L1, 1000, [&](const QJsonObject& object, const QString& path) {
            bundle.relays.push_back(readRelay(object, path, reader));
        });
    }
    each("sessions"_L1, 10'000, [&](const QJsonObject& object, const QString& path) {
        bundle.sessions.push_back(readSession(object, path, reader));
    });
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return bundle;
}

} // namespace

QString toString(Priority priority)
{
    switch (priority) {
    case Priority::Normal:
        return QStringLiteral("NORMAL");
    case Priority::Priority:
        return QStringLiteral("PRIORITY");
    case Priority::Emergency:
        return QStringLiteral("EMERGENCY");
    }
    return QStringLiteral("NORMAL");
}

Result<Priority> priorityFromString(QStringView text)
{
    for (const Priority priority : {Priority::Normal, Priority::Priority, Priority::Emergency}) {
        if (text == toString(priority))
            return priority;
    }
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Mức ưu tiên phải là NORMAL, PRIORITY hoặc EMERGENCY."),
                 QStringLiteral("The priority must be NORMAL, PRIORITY or EMERGENCY.")},
                text.left(40).toString());
}

QJsonObject toJson(const BundleMedia& media)
{
    QJsonObject object{{QStringLiteral("sha256"), toString(media.sha256)},
                       {QStringLiteral("bytes"), static_cast<qint64>(media.bytes)},
                       {QStringLiteral("frames"), static_cast<qint64>(media.frames.value)},
                       {QStringLiteral("item"), media.item.value},
                       {QStringLiteral("item_version"), media.itemVersion},
                       {QStringLiteral("title"), media.title},
                       {QStringLiteral("approved_by"), media.approval.approvedBy.value},
                       {QStringLiteral("approved_by_name"), media.approval.approvedByName},
                       {QStringLiteral("approved_at"), toString(media.approval.approvedAt)}};
    if (media.mayFade)
        object.insert(QStringLiteral("may_fade"), true);
    return object;
}

Result<BundleMedia> bundleMediaFromJson(const QJsonObject& object, const QString& path)
{
    using namespace Qt::StringLiterals;
    JsonReader reader(object, path);
    BundleMedia media;
    media.sha256 = reader.parsed<Sha256>("sha256"_L1, sha256FromString);
    media.bytes = reader.integer("bytes"_L1, 1, std::int64_t{1} << 40);
    media.frames = {reader.integer("frames"_L1, 1, longestSessionFrames)};
    media.item = reader.id<ItemTag>("item"_L1);
    media.itemVersion = static_cast<int>(reader.integer("item_version"_L1, 1, 1'000'000));
    media.title = reader.text("title"_L1);
    media.approval.approvedBy = reader.id<UserTag>("approved_by"_L1);
    media.approval.approvedByName = reader.text("approved_by_name"_L1);
    media.approval.approvedAt = reader.instant("approved_at"_L1);
    media.mayFade = reader.given("may_fade"_L1) && reader.boolean("may_fade"_L1);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return media;
}

const BundleRelay* findRelay(const Bundle& bundle, const RelayId& id)
{
    const auto found = std::ranges::find(
        bundle.relays, id, [](const BundleRelay& relay) -> const RelayId& { return relay.definition.id; });
    return found == bundle.relays.end() ? nullptr : &*found;
}

Result<void> checkBundle(const Bundle& bundle)
{
    if (!isValidId(bundle.station.value))
        return contradiction(QStringLiteral("/station"), QStringLiteral("Mã đài không hợp lệ."),
                             QStringLiteral("The station's id is not valid."));
    if (!QTimeZone(bundle.timeZone).isValid()) {
        return contradiction(QStringLiteral("/time_zone"), QStringLiteral("Không có múi giờ tên này."),
                             QStringLiteral("There is no time zone of this name."));
    }
    if (bundle.version < 1)
        return contradiction(QStringLiteral("/version"), QStringLiteral("Phiên bản phải từ 1."),
                             QStringLiteral("The version must be 1 or more."));
    if (bundle.validFrom >= bundle.validUntil) {
        return contradiction(QStringLiteral("/valid_until"), QStringLiteral("Hiệu lực kết thúc trước khi bắt đầu."),
                             QStringLiteral("The validity ends before it begins."));
    }
    MediaByHash media;
    for (std::size_t index = 0; index < bundle.media.size(); ++index) {
        const BundleMedia& entry = bundle.media[index];
        const QString where = QStringLiteral("/media/%1").arg(index);
        if (!isValidId(entry.item.value) || entry.frames.value <= 0 || entry.bytes <= 0)
            return contradiction(where, QStringLiteral("Mục âm thanh không hợp lệ."),
                                 QStringLiteral("The media entry is not valid."));
        if (!isValidId(entry.approval.approvedBy.value) || entry.approval.approvedByName.isEmpty()) {
            return contradiction(where, QStringLiteral("Âm thanh chưa có người duyệt."),
                                 QStringLiteral("Nobody has approved this audio."));
        }
        if (media.contains(entry.sha256))
            return contradiction(where, QStringLiteral("Âm thanh được liệt kê hai lần."),
                                 QStringLiteral("The audio is listed twice."));
        media.insert(entry.sha256, &entry);
    }
    if (auto checked = checkRelays(bundle, media); !checked)
        return checked;
    QSet<AiringId> airings;
    QSet<SessionId> sessions;
    for (std::size_t index = 0; index < bundle.sessions.size(); ++index) {
        const BundleSession& session = bundle.sessions[index];
        const QString where = QStringLiteral("/sessions/%1").arg(index);
        if (auto checked = checkSession(session, bundle, media, where); !checked)
            return checked;
        if (index > 0 &&
            session.startsAt < bundle.sessions[index - 1].startsAt + toDuration(bundle.sessions[index - 1].frames)) {
            return contradiction(where, QStringLiteral("Các buổi phát chồng nhau hoặc sai thứ tự."),
                                 QStringLiteral("Sessions overlap or are out of order."));
        }
        if (sessions.contains(session.id))
            return contradiction(where, QStringLiteral("Buổi phát được liệt kê hai lần."),
                                 QStringLiteral("The session is listed twice."));
        sessions.insert(session.id);
        for (const BundleAiring& airing : session.airings) {
            if (airings.contains(airing.id))
                return contradiction(where, QStringLiteral("Lượt phát được liệt kê hai lần."),
                                     QStringLiteral("An airing is listed twice."));
            airings.insert(airing.id);
        }
    }
    return {};
}

Result<QByteArray> sealBundle(const Bundle& bundle, const SigningKey& key)
{
    if (auto checked = checkBundle(bundle); !checked)
        return passOn(checked);
    return seal(domain::bundle, payloadOf(bundle), key);
}

Result<Bundle> openBundle(QByteArrayView sealed, const VerifyKey& scheduler)
{
    if (sealed.size() > maxBundleBytes) {
        return fail(ErrorCategory::LimitExceeded, {QStringLiteral("Bản kê phát lớn quá 16 MiB."),
                                                   QStringLiteral("The bundle is larger than 16 MiB.")});
    }
    auto object =
        openSealed(domain::bundle, sealed, scheduler,
                   {QStringLiteral("Đây không phải bản kê phát của Loa (loa-bundle/1)."),
                    QStringLiteral("This is not a Loa bundle (loa-bundle/1).")},
                   {QStringLiteral("Chữ ký của bản kê phát không đúng với khóa của đơn vị quản lý; bản kê bị từ chối."),
                    QStringLiteral("The bundle is not signed by this agent's scheduler; it is refused.")});
    if (!object)
        return passOn(object);
    auto bundle = readPayload(*object);
    if (!bundle)
        return bundle;
    if (auto checked = checkBundle(*bundle); !checked)
        return passOn(checked);
    return bundle;
}

} // namespace loa
