#include "scheduler/contract/airing.h"

#include "scheduler/contract/canonical_json.h"
#include "scheduler/contract/json_reader.h"

#include <algorithm>
#include <array>

namespace loa {

namespace {

using namespace Qt::StringLiterals;

constexpr std::int64_t largest = std::int64_t{1} << 53;
constexpr int lowestLoudness = -10'000; // hundredths of a LUFS
constexpr int highestLoudness = 2'000;
constexpr int longestDelay = 600'000; // ms

template <typename Enum, std::size_t Count>
Result<Enum> wordToValue(const std::array<Enum, Count>& values, QStringView text)
{
    QStringList known;
    for (const Enum value : values) {
        if (text == toString(value))
            return value;
        known += toString(value);
    }
    return fail(ErrorCategory::InvalidInput,
                {u"Không có giá trị \"%1\". Dùng một trong: %2."_s.arg(text.left(40), known.join(u", ")),
                 u"There is no \"%1\". Use one of: %2."_s.arg(text.left(40), known.join(u", "))});
}

QJsonValue optionalInstantToJson(const std::optional<UtcTime>& instant)
{
    return instant ? QJsonValue(toString(*instant)) : QJsonValue();
}

Result<QByteArray> signedBytes(const LogEntry& entry)
{
    return canonicalJson(toJson(entry));
}

Sha256 hashOf(const QByteArray& canonical)
{
    return sha256(QByteArray(domain::logEntry) + '\n' + canonical);
}

void readRelay(JsonReader& reader, LogEntry& entry)
{
    entry.relay = reader.id<RelayTag>("relay"_L1);
    const QJsonArray sounded = reader.array("sounded"_L1, qsizetype(mostRelayAddresses) + 1);
    for (qsizetype index = 0; index < sounded.size() && !reader.failed(); ++index) {
        JsonReader share(sounded.at(index).toObject(), reader.pathOf("sounded"_L1) + u'/' + QString::number(index));
        const int source = share.parsed<int>("source"_L1, shareSourceFromString);
        entry.shares.push_back({source, {share.integer("frames"_L1, 1, largest)}});
        if (auto read = share.finish(); !read)
            reader.reject(read.error());
    }
}

QJsonObject toJson(const MixProof& mix)
{
    QJsonObject object{{u"frames"_s, static_cast<qint64>(mix.frames.value)}};
    if (mix.match)
        object.insert(u"match"_s, *mix.match);
    if (mix.loudness)
        object.insert(u"loudness"_s, *mix.loudness);
    return object;
}

QJsonObject toJson(const HeardProof& heard)
{
    QJsonObject object{{u"airing"_s, heard.airing.value},     {u"session"_s, heard.session.value},
                       {u"item"_s, heard.item.value},         {u"sha256"_s, toString(heard.sha256)},
                       {u"output"_s, heard.output},           {u"planned_start"_s, toString(heard.plannedStart)},
                       {u"result"_s, toString(heard.result)}, {u"frames"_s, static_cast<qint64>(heard.frames.value)}};
    if (heard.match)
        object.insert(u"match"_s, *heard.match);
    if (heard.delay)
        object.insert(u"delay_ms"_s, static_cast<qint64>(heard.delay->count()));
    return object;
}

std::optional<int> readOptional(JsonReader& reader, QLatin1String key, int least, int most)
{
    if (!reader.has(key))
        return std::nullopt;
    return static_cast<int>(reader.integer(key, least, most));
}

MixProof readMix(JsonReader& reader)
{
    MixProof mix;
    mix.frames = {reader.integer("frames"_L1, 1, largest)};
    mix.match = readOptional(reader, "match"_L1, 0, 1000);
    mix.loudness = readOptional(reader, "loudness"_L1, lowestLoudness, highestLoudness);
    return mix;
}

HeardProof readHeard(JsonReader& reader)
{
    HeardProof heard;
    heard.airing = reader.id<AiringTag>("airing"_L1);
    heard.session = reader.id<SessionTag>("session"_L1);
    heard.item = reader.id<ItemTag>("item"_L1);
    heard.sha256 = reader.parsed<Sha256>("sha256"_L1, sha256FromString);
    heard.output = reader.text("output"_L1, 200);
    heard.plannedStart = reader.instant("planned_start"_L1);
    heard.result = reader.parsed<Heard>("result"_L1, heardFromString);
    heard.frames = {reader.integer("frames"_L1, 0, largest)};
    heard.match = readOptional(reader, "match"_L1, 0, 1000);
    if (const auto delay = readOptional(reader, "delay_ms"_L1, -longestDelay, longestDelay))
        heard.delay = std::chrono::milliseconds(*delay);
    if (heard.result == Heard::Yes && !heard.match && !reader.failed())
        reader.reject("match"_L1, {u"Đã nghe thấy thì phải có độ khớp."_s, u"What was heard must say how well."_s});
    return heard;
}

// The object under `key` through its own reader; the error keeps its place.
template <typename Value>
std::optional<Value> readPart(JsonReader& reader, QLatin1String key, Value (*read)(JsonReader&))
{
    if (!reader.has(key))
        return std::nullopt;
    JsonReader part(reader.object(key), reader.pathOf(key));
    Value value = read(part);
    if (const auto finished = part.finish(); !finished)
        reader.reject(finished.error());
    return value;
}

void readAiring(JsonReader& reader, LogEntry& entry)
{
    entry.airing = reader.id<AiringTag>("airing"_L1);
    entry.session = reader.id<SessionTag>("session"_L1);
    if (reader.has("relay"_L1))
        readRelay(reader, entry);
    else
        entry.item = reader.id<ItemTag>("item"_L1);
    entry.sha256 = reader.parsed<Sha256>("sha256"_L1, sha256FromString);
    entry.output = reader.text("output"_L1, 200);
    entry.bundleVersion = reader.integer("bundle_version"_L1, 0, largest);
    entry.plannedStart = reader.instant("planned_start"_L1);
    entry.plannedFrames = {reader.integer("planned_frames"_L1, 0, largest)};
    entry.firstFrameAt = reader.optionalInstant("first_frame_at"_L1);
    entry.lastFrameAt = reader.optionalInstant("last_frame_at"_L1);
    entry.frames = {reader.integer("frames"_L1, 0, largest)};
    entry.gaps = static_cast<int>(reader.integer("gaps"_L1, 0, 1'000'000'000));
    entry.outcome = reader.parsed<Outcome>("outcome"_L1, outcomeFromString);
    entry.mix = readPart<MixProof>(reader, "mix"_L1, readMix);
    // An entry may not claim what its own figures deny.
    FrameCount shared;
    for (const RelayShare& share : entry.shares)
        shared += share.frames;
    const bool claimsTooMuch = entry.frames > entry.plannedFrames || shared > entry.frames ||
                               (entry.outcome == Outcome::Complete && entry.frames != entry.plannedFrames) ||
                               (entry.outcome == Outcome::Missed && entry.frames.value != 0);
    if (claimsTooMuch && !reader.failed()) {
        reader.reject("outcome"_L1, {u"Kết quả không khớp số khung mẫu đã phát."_s,
                                     u"The outcome contradicts the number of frames."_s});
    }
}

} // namespace

QString toString(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Complete:
        return u"complete"_s;
    case Outcome::Partial:
        return u"partial"_s;
    case Outcome::Missed:
        return u"missed"_s;
    case Outcome::Unknown:
        return u"unknown"_s;
    }
    return u"unknown"_s;
}

Result<Outcome> outcomeFromString(QStringView text)
{
    return wordToValue(std::array{Outcome::Complete, Outcome::Partial, Outcome::Missed, Outcome::Unknown}, text);
}

QString toString(Heard heard)
{
    switch (heard) {
    case Heard::Yes:
        return u"yes"_s;
    case Heard::No:
        return u"no"_s;
    case Heard::Unknown:
        return u"unknown"_s;
    }
    return u"unknown"_s;
}

Result<Heard> heardFromString(QStringView text)
{
    return wordToValue(std::array{Heard::Yes, Heard::No, Heard::Unknown}, text);
}

QString toString(ClockState state)
{
    switch (state) {
    case ClockState::Synchronised:
        return u"synchronised"_s;
    case ClockState::Assumed:
        return u"assumed"_s;
    case ClockState::Held:
        return u"held"_s;
    case ClockState::Untrusted:
        return u"untrusted"_s;
    }
    return u"untrusted"_s;
}

Result<ClockState> clockStateFromString(QStringView text)
{
    return wordToValue(
        std::array{ClockState::Synchronised, ClockState::Assumed, ClockState::Held, ClockState::Untrusted}, text);
}

std::optional<UtcTime> plannedStartOf(const LogEntry& entry)
{
    if (entry.kind == EntryKind::Airing)
        return entry.plannedStart;
    return entry.heard ? std::optional(entry.heard->plannedStart) : std::nullopt;
}

Sha256 chainStart(const VerifyKey& agentKey)
{
    return sha256(QByteArray("loa-chain/1\n") + agentKey.raw());
}

Result<SignedLogEntry> signEntry(const LogEntry& entry, const SigningKey& key)
{
    auto canonical = signedBytes(entry);
    if (!canonical)
        return passOn(canonical);
    return SignedLogEntry{entry, hashOf(*canonical), key.sign(domain::logEntry, *canonical)};
}

Result<void> verifyEntry(const SignedLogEntry& entry, const VerifyKey& agentKey)
{
    auto canonical = signedBytes(entry.entry);
    if (!canonical)
        return passOn(canonical);
    const QString where = u"sequence %1"_s.arg(entry.entry.sequence);
    if (hashOf(*canonical) != entry.hash) {
        return fail(
            ErrorCategory::Unauthorized,
            {u"Mục nhật ký đã bị sửa: mã băm không khớp."_s, u"The log entry was altered: its hash does not hold."_s},
            where);
    }
    if (!agentKey.verify(domain::logEntry, *canonical, entry.signature)) {
        return fail(
            ErrorCategory::Unauthorized,
            {u"Chữ ký của mục nhật ký không phải của máy phát này."_s, u"The log entry is not signed by this agent."_s},
            where);
    }
    return {};
}

Result<void> verifyLink(const SignedLogEntry* last, const SignedLogEntry& next, const VerifyKey& agentKey)
{
    const std::int64_t expected = last ? last->entry.sequence + 1 : 1;
    const Sha256 previous = last ? last->hash : chainStart(agentKey);
    const QString where = u"sequence %1"_s.arg(next.entry.sequence);
    if (next.entry.sequence > expected) {
        return fail(ErrorCategory::Conflict,
                    {u"Nhật ký thiếu các mục từ %1 đến %2."_s.arg(expected).arg(next.entry.sequence - 1),
                     u"The log lacks entries %1 to %2."_s.arg(expected).arg(next.entry.sequence - 1)},
                    where);
    }
    if (next.entry.sequence < expected) {
        return fail(ErrorCategory::Conflict,
                    {u"Nhật ký rẽ nhánh: số thứ tự %1 đã có."_s.arg(next.entry.sequence),
                     u"The log forks: number %1 is there already."_s.arg(next.entry.sequence)},
                    where);
    }
    if (next.entry.previous != previous) {
        return fail(ErrorCategory::Conflict,
                    {u"Chuỗi nhật ký đứt: mục này không nối tiếp mục trước."_s,
                     u"The chain is broken: this entry does not follow the one before."_s},
                    where);
    }
    return verifyEntry(next, agentKey);
}

QJsonObject toJson(const LogEntry& entry)
{
    QJsonObject object{{u"agent"_s, entry.agent.value},
                       {u"sequence"_s, static_cast<qint64>(entry.sequence)},
                       {u"previous"_s, toString(entry.previous)},
                       {u"recorded_at"_s, toString(entry.recordedAt)},
                       {u"clock"_s, toString(entry.clock)},
                       {u"station"_s, entry.station.value},
                       {u"kind"_s, entry.kind == EntryKind::Airing ? u"airing"_s : u"event"_s},
                       {u"reason"_s, entry.reason},
                       {u"detail"_s, entry.detail}};
    if (entry.kind == EntryKind::Airing) {
        object.insert(u"airing"_s, entry.airing.value);
        object.insert(u"session"_s, entry.session.value);
        if (entry.relay.isEmpty()) {
            object.insert(u"item"_s, entry.item.value);
        } else {
            object.insert(u"relay"_s, entry.relay.value);
            QJsonArray sounded;
            for (const RelayShare& share : entry.shares)
                sounded.append(QJsonObject{{u"source"_s, toString(share)}, {u"frames"_s, qint64(share.frames.value)}});
            object.insert(u"sounded"_s, sounded);
        }
        object.insert(u"sha256"_s, toString(entry.sha256));
        object.insert(u"output"_s, entry.output);
        object.insert(u"bundle_version"_s, static_cast<qint64>(entry.bundleVersion));
        object.insert(u"planned_start"_s, toString(entry.plannedStart));
        object.insert(u"planned_frames"_s, static_cast<qint64>(entry.plannedFrames.value));
        object.insert(u"first_frame_at"_s, optionalInstantToJson(entry.firstFrameAt));
        object.insert(u"last_frame_at"_s, optionalInstantToJson(entry.lastFrameAt));
        object.insert(u"frames"_s, static_cast<qint64>(entry.frames.value));
        object.insert(u"gaps"_s, entry.gaps);
        object.insert(u"outcome"_s, toString(entry.outcome));
        if (entry.mix)
            object.insert(u"mix"_s, toJson(*entry.mix));
    } else if (entry.heard) {
        object.insert(u"heard"_s, toJson(*entry.heard));
    }
    return object;
}

Result<LogEntry> logEntryFromJson(const QJsonObject& object)
{
    JsonReader reader(object);
    LogEntry entry;
    entry.agent = reader.id<AgentTag>("agent"_L1);
    entry.sequence = reader.integer("sequence"_L1, 1, largest);
    entry.previous = reader.parsed<Sha256>("previous"_L1, sha256FromString);
    entry.recordedAt = reader.instant("recorded_at"_L1);
    entry.clock = reader.parsed<ClockState>("clock"_L1, clockStateFromString);
    entry.station = {reader.text("station"_L1, 64)};
    if (!entry.station.isEmpty() && !isValidId(entry.station.value))
        reader.reject("station"_L1, {u"Mã đài không hợp lệ."_s, u"The station's id is not valid."_s});
    const QString kind = reader.text("kind"_L1, 16);
    if (kind == u"airing") {
        entry.kind = EntryKind::Airing;
        readAiring(reader, entry);
        if (entry.station.isEmpty())
            reader.reject("station"_L1, {u"Lượt phát phải ghi rõ đài."_s, u"An airing must name its station."_s});
    } else if (kind == u"event") {
        entry.kind = EntryKind::Event;
        entry.heard = readPart<HeardProof>(reader, "heard"_L1, readHeard);
        if (entry.heard && entry.station.isEmpty())
            reader.reject("station"_L1, {u"Lượt phát phải ghi rõ đài."_s, u"An airing must name its station."_s});
    } else {
        reader.reject("kind"_L1, {u"Loại mục phải là airing hoặc event."_s, u"The kind must be airing or event."_s});
    }
    entry.reason = reader.text("reason"_L1, 100);
    entry.detail = reader.text("detail"_L1, 2000);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return entry;
}

QJsonObject toJson(const SignedLogEntry& entry)
{
    return {{u"entry"_s, toJson(entry.entry)},
            {u"hash"_s, toString(entry.hash)},
            {u"signature"_s, QString::fromLatin1(toBase64(entry.signature))}};
}

Result<SignedLogEntry> signedLogEntryFromJson(const QJsonObject& object)
{
    JsonReader reader(object);
    SignedLogEntry entry;
    const auto body = logEntryFromJson(reader.object("entry"_L1));
    if (body)
        entry.entry = *body;
    else
        reader.reject(Error{body.error().category, body.error().message, u"/entry"_s + body.error().where});
    entry.hash = reader.parsed<Sha256>("hash"_L1, sha256FromString);
    const auto signature = signatureFromBase64(reader.text("signature"_L1, 100).toLatin1());
    if (signature)
        entry.signature = *signature;
    else
        reader.reject("signature"_L1, signature.error().message);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return entry;
}

} // namespace loa
