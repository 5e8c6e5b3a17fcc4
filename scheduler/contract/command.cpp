#include "scheduler/contract/command.h"

#include "scheduler/contract/json_reader.h"
#include "scheduler/contract/sealed.h"

namespace loa {

using namespace Qt::StringLiterals;

namespace {

constexpr std::int64_t largestSequence = std::int64_t{1} << 53;
constexpr FrameCount longestPlay{24 * 3600 * sampleRate};

tl::unexpected<Error> badCommand(const QString& where, const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en}, where);
}

template <typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

Result<void> checkUntil(UtcTime until, UtcTime issuedAt)
{
    if (until > issuedAt && until <= issuedAt + longestCommandEffect)
        return {};
    return badCommand(u"/order/until"_s, u"Lệnh phải hết tác dụng trong vòng 7 ngày sau khi ban hành."_s,
                      u"The effect must end within 7 days of the command's issue."_s);
}

Result<void> checkOrder(const CommandOrder& order, UtcTime issuedAt)
{
    return std::visit(Overloaded{
                          [](const PlayOrder& play) -> Result<void> {
                              const BundleMedia& media = play.media;
                              if (!isValidId(media.item.value) || media.bytes <= 0 || media.frames <= FrameCount{} ||
                                  media.frames > longestPlay)
                                  return badCommand(u"/order/media"_s, u"Mục âm thanh không hợp lệ."_s,
                                                    u"The media entry is not valid."_s);
                              if (!isValidId(media.approval.approvedBy.value) ||
                                  media.approval.approvedByName.isEmpty())
                                  return badCommand(u"/order/media"_s, u"Âm thanh chưa có người duyệt."_s,
                                                    u"Nobody has approved this audio."_s);
                              return {};
                          },
                          [&](const StopOrder& stop) -> Result<void> {
                              if (stop.airing && !isValidId(stop.airing->value))
                                  return badCommand(u"/order/airing"_s, u"Mã lượt phát không hợp lệ."_s,
                                                    u"The airing's id is not valid."_s);
                              return checkUntil(stop.until, issuedAt);
                          },
                          [&](const VolumeOrder& volume) -> Result<void> {
                              if (volume.decibels < -60 || volume.decibels > 12)
                                  return badCommand(u"/order/decibels"_s, u"Âm lượng phải từ -60 đến +12 dB."_s,
                                                    u"The volume must be -60 to +12 dB."_s);
                              return checkUntil(volume.until, issuedAt);
                          },
                          [](const ToneOrder& tone) -> Result<void> {
                              if (tone.level < -60 || tone.level > -6 || tone.frames < FrameCount{sampleRate} ||
                                  tone.frames > longestTone)
                                  return badCommand(u"/order"_s, u"Âm thử dài 1 đến 30 giây, mức -60 đến -6 dBFS."_s,
                                                    u"A test tone lasts 1 to 30 seconds at -60 to -6 dBFS."_s);
                              return {};
                          },
                          [](const RefreshOrder&) -> Result<void> { return {}; },
                          [](const SpeechOrder& speech) -> Result<void> {
                              if (!isValidId(speech.stream.value) || speech.longest < FrameCount{sampleRate} ||
                                  speech.longest > longestSpeech)
                                  return badCommand(u"/order"_s, u"Phát biểu trực tiếp dài tối đa một giờ."_s,
                                                    u"Live speech lasts an hour at most."_s);
                              return {};
                          },
                      },
                      order);
}

QJsonObject orderJson(const CommandOrder& order)
{
    QJsonObject object = std::visit(
        Overloaded{
            [](const PlayOrder& play) -> QJsonObject {
                return {{u"media"_s, toJson(play.media)}, {u"priority"_s, toString(play.priority)}};
            },
            [](const StopOrder& stop) -> QJsonObject {
                return {{u"airing"_s, stop.airing ? QJsonValue(stop.airing->value) : QJsonValue(QJsonValue::Null)},
                        {u"until"_s, toString(stop.until)}};
            },
            [](const VolumeOrder& volume) -> QJsonObject {
                return {{u"decibels"_s, volume.decibels}, {u"until"_s, toString(volume.until)}};
            },
            [](const ToneOrder& tone) -> QJsonObject {
                return {{u"level"_s, tone.level}, {u"frames"_s, qint64{tone.frames.value}}};
            },
            [](const RefreshOrder&) -> QJsonObject { return {}; },
            [](const SpeechOrder& speech) -> QJsonObject {
                return {{u"stream"_s, speech.stream.value},
                        {u"priority"_s, toString(speech.priority)},
                        {u"frames"_s, qint64{speech.longest.value}}};
            },
        },
        order);
    object.insert(u"kind"_s, kindOf(order));
    return object;
}

CommandOrder readOrder(const QJsonObject& object, JsonReader& parent)
{
    JsonReader reader(object, u"/order"_s);
    const QString kind = reader.text("kind"_L1, 20);
    CommandOrder order = RefreshOrder{};
    if (kind == u"play") {
        PlayOrder play;
        auto media = bundleMediaFromJson(reader.object("media"_L1), u"/order/media"_s);
        if (media)
            play.media = *std::move(media);
        else
            reader.reject(media.error());
        play.priority = reader.parsed<Priority>("priority"_L1, priorityFromString);
        order = std::move(play);
    } else if (kind == u"stop") {
        StopOrder stop;
        const bool one = reader.has("airing"_L1);
        static_cast<void>(reader.given("airing"_L1));
        if (one)
            stop.airing = reader.id<AiringTag>("airing"_L1);
        stop.until = reader.instant("until"_L1);
        order = stop;
    } else if (kind == u"volume") {
        VolumeOrder volume;
        volume.decibels = static_cast<int>(reader.integer("decibels"_L1, -60, 12));
        volume.until = reader.instant("until"_L1);
        order = volume;
    } else if (kind == u"tone") {
        ToneOrder tone;
        tone.level = static_cast<int>(reader.integer("level"_L1, -60, -6));
        tone.frames = {reader.integer("frames"_L1, 1, longestTone.value)};
        order = tone;
    } else if (kind == u"speech") {
        SpeechOrder speech;
        speech.stream = reader.id<OrderTag>("stream"_L1);
        speech.priority = reader.parsed<Priority>("priority"_L1, priorityFromString);
        speech.longest = {reader.integer("frames"_L1, sampleRate, longestSpeech.value)};
        order = std::move(speech);
    } else if (kind != u"refresh") {
        reader.reject("kind"_L1, {u"Loại lệnh này không có."_s, u"There is no such kind of command."_s});
    }
    if (auto read = reader.finish(); !read)
        parent.reject(read.error());
    return order;
}

} // namespace

QString kindOf(const CommandOrder& order)
{
    static constexpr const char* words[] = {"play", "stop", "volume", "tone", "refresh", "speech"};
    return QLatin1String(words[order.index()]);
}

SessionId sessionOf(const CommandId& command)
{
    return {derivedId({u"command", command.value})};
}

AiringId airingOf(const Command& command)
{
    const auto* play = std::get_if<PlayOrder>(&command.order);
    const bool isSpoken = std::holds_alternative<SpeechOrder>(command.order);
    return airingIdFor(sessionOf(command.id), play ? play->media.item : isSpoken ? speechItem() : toneItem());
}

Sha256 toneHash(const ToneOrder& tone)
{
    return sha256("loa-test-tone/1\n1000 Hz " + QByteArray::number(tone.level) + " dBFS " +
                  QByteArray::number(qlonglong{tone.frames.value}) + " frames");
}

Sha256 speechHash(const SpeechOrder& speech, const UserId& speaker)
{
    return sha256("loa-live-speech/1\n" + speech.stream.value.toLatin1() + '\n' + speaker.value.toLatin1());
}

ItemId speechItem()
{
    return {u"live-speech"_s};
}

ItemId toneItem()
{
    return {u"test-tone"_s};
}

Result<void> checkCommand(const Command& command)
{
    if (!isValidId(command.id.value) || !isValidId(command.station.value))
        return badCommand(u"/id"_s, u"Mã lệnh hoặc mã đài không hợp lệ."_s,
                          u"The command's or the station's id is not valid."_s);
    if (command.sequence < 1 || command.sequence > largestSequence)
        return badCommand(u"/sequence"_s, u"Số thứ tự lệnh phải từ 1."_s, u"The sequence must be 1 or more."_s);
    if (command.validUntil <= command.issuedAt || command.validUntil > command.issuedAt + longestCommandValidity)
        return badCommand(u"/valid_until"_s, u"Lệnh có hiệu lực tối đa 24 giờ."_s,
                          u"A command is valid for 24 hours at most."_s);
    if (!isValidId(command.issuedBy.value) || command.issuedByName.isEmpty())
        return badCommand(u"/issued_by"_s, u"Lệnh phải ghi tên người ra lệnh."_s,
                          u"A command names the person who ordered it."_s);
    return checkOrder(command.order, command.issuedAt);
}

Result<QByteArray> sealCommand(const Command& command, const SigningKey& key)
{
    if (auto checked = checkCommand(command); !checked)
        return passOn(checked);
    return seal(domain::command,
                {{u"id"_s, command.id.value},
                 {u"station"_s, command.station.value},
                 {u"sequence"_s, qint64{command.sequence}},
                 {u"issued_at"_s, toString(command.issuedAt)},
                 {u"valid_until"_s, toString(command.validUntil)},
                 {u"issued_by"_s, command.issuedBy.value},
                 {u"issued_by_name"_s, command.issuedByName},
                 {u"order"_s, orderJson(command.order)}},
                key);
}

Result<Command> openCommand(QByteArrayView sealed, const VerifyKey& scheduler)
{
    if (sealed.size() > maxCommandBytes)
        return fail(ErrorCategory::LimitExceeded, {u"Lệnh lớn quá 16 KiB."_s, u"The command is larger than 16 KiB."_s});
    auto payload =
        openSealed(domain::command, sealed, scheduler,
                   {u"Đây không phải lệnh của Loa (loa-command/1)."_s, u"This is not a Loa command (loa-command/1)."_s},
                   {u"Chữ ký của lệnh không đúng với khóa của đơn vị quản lý; lệnh bị từ chối."_s,
                    u"The command is not signed by this agent's scheduler; it is refused."_s});
    if (!payload)
        return passOn(payload);
    JsonReader reader(*payload);
    Command command;
    command.id = reader.id<CommandTag>("id"_L1);
    command.station = reader.id<StationTag>("station"_L1);
    command.sequence = reader.integer("sequence"_L1, 1, largestSequence);
    command.issuedAt = reader.instant("issued_at"_L1);
    command.validUntil = reader.instant("valid_until"_L1);
    command.issuedBy = reader.id<UserTag>("issued_by"_L1);
    command.issuedByName = reader.text("issued_by_name"_L1, 400);
    const QJsonObject order = reader.object("order"_L1);
    if (!reader.failed())
        command.order = readOrder(order, reader);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    if (auto checked = checkCommand(command); !checked)
        return passOn(checked);
    return command;
}

Result<QByteArray> sealSheet(const CommandSheet& sheet, const SigningKey& key)
{
    QJsonArray commands;
    for (const QByteArray& command : sheet.commands)
        commands.append(QString::fromUtf8(command));
    return seal(domain::commandSheet,
                {{u"station"_s, sheet.station.value},
                 {u"challenge"_s, QString::fromLatin1(sheet.challenge)},
                 {u"now"_s, toString(sheet.now)},
                 {u"commands"_s, commands}},
                key);
}

Result<CommandSheet> openSheet(QByteArrayView sealed, const VerifyKey& scheduler)
{
    if (sealed.size() > maxSheetBytes)
        return fail(ErrorCategory::LimitExceeded,
                    {u"Danh sách lệnh lớn quá 512 KiB."_s, u"The command sheet is larger than 512 KiB."_s});
    auto payload = openSealed(
        domain::commandSheet, sealed, scheduler,
        {u"Đây không phải danh sách lệnh của Loa."_s, u"This is not a Loa command sheet (loa-command-sheet/1)."_s},
        {u"Danh sách lệnh không do đơn vị quản lý ký."_s,
         u"The command sheet is not signed by this agent's scheduler."_s});
    if (!payload)
        return passOn(payload);
    JsonReader reader(*payload);
    CommandSheet sheet;
    sheet.station = reader.id<StationTag>("station"_L1);
    sheet.challenge = reader.text("challenge"_L1, 100).toLatin1();
    sheet.now = reader.instant("now"_L1);
    const QJsonArray commands = reader.array("commands"_L1, mostCommandsOnSheet);
    for (const QJsonValue& command : commands) {
        if (!command.isString())
            reader.reject("commands"_L1, {u"Mỗi lệnh là một chuỗi."_s, u"Each command is a string."_s});
        sheet.commands.push_back(command.toString().toUtf8());
    }
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return sheet;
}

QString toString(CommandState state)
{
    static constexpr const char* words[] = {"accepted", "playing", "done", "refused"};
    return QLatin1String(words[static_cast<std::size_t>(state)]);
}

Result<CommandState> commandStateFromString(QStringView text)
{
    for (const CommandState state :
         {CommandState::Accepted, CommandState::Playing, CommandState::Done, CommandState::Refused}) {
        if (text == toString(state))
            return state;
    }
    return fail(ErrorCategory::InvalidInput,
                {u"Trạng thái lệnh phải là accepted, playing, done hoặc refused."_s,
                 u"The state must be accepted, playing, done or refused."_s},
                text.left(40).toString());
}

QJsonObject toJson(const Acknowledgement& acknowledgement)
{
    return {{u"command"_s, acknowledgement.command.value},
            {u"state"_s, toString(acknowledgement.state)},
            {u"at"_s, toString(acknowledgement.at)},
            {u"reason"_s, acknowledgement.reason},
            {u"detail"_s, acknowledgement.detail}};
}

Result<Acknowledgement> acknowledgementFromJson(const QJsonObject& object, const QString& path)
{
    JsonReader reader(object, path);
    Acknowledgement acknowledgement;
    acknowledgement.command = reader.id<CommandTag>("command"_L1);
    acknowledgement.state = reader.parsed<CommandState>("state"_L1, commandStateFromString);
    acknowledgement.at = reader.instant("at"_L1);
    acknowledgement.reason = reader.text("reason"_L1, 100);
    acknowledgement.detail = reader.text("detail"_L1, 1000);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return acknowledgement;
}

} // namespace loa
