// loa-playout render: what would sound, as a WAV file.
#include "playout/engine/render.h"

#include "playout/agent/identity.h"
#include "playout/commands/commands.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/toml_reader.h"

#include <QFile>
#include <QFileInfo>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

Result<VerifyKey> schedulerKey(const QString& given, const QString& state, const QString& bundlePath)
{
    if (!given.isEmpty())
        return VerifyKey::fromBase64(given.toLatin1());
    // A bundle in an agent's own folder lies beside the key that it was accepted with.
    const QString folder = state.isEmpty() ? QFileInfo(bundlePath).absolutePath() + u"/.."_s : state;
    const auto identity = loadIdentity(folder);
    if (!identity)
        return fail(ErrorCategory::InvalidInput,
                    {u"Cần khoá của máy chủ: --key, hoặc --state của máy phát"_s,
                     u"The scheduler's key is needed: --key, or the agent's --state"_s},
                    folder);
    return identity->schedulerKey;
}

Result<Bundle> readBundle(const QString& path, const VerifyKey& key)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCategory::NotFound,
                    {u"Không mở được bản kê phát: %1"_s.arg(file.errorString()),
                     u"The bundle cannot be opened: %1"_s.arg(file.errorString())},
                    path);
    return openBundle(file.read(maxBundleBytes + 1), key);
}

// "2026-12-01T22:00:00Z", with or without decimals.
Result<UtcTime> readInstant(QString text)
{
    if (text.endsWith(u'Z') && !text.contains(u'.'))
        text = text.chopped(1) + u".000000Z"_s;
    return utcTimeFromString(text);
}

UtcTime instantAt(TomlSection& table, const QString& key)
{
    const QString text = table.string(key).required();
    const auto instant = readInstant(text);
    if (!instant && !text.isEmpty())
        table.refuse(key, instant.error().message);
    return instant.value_or(UtcTime{});
}

// What happens live: [[announce]], [[stop]] and [[volume]], each at an instant.
Result<RenderEvents> readEvents(const QString& path)
{
    return readTomlFile(path, [](TomlSection& root) {
        RenderEvents events;
        for (TomlSection& table : root.tables(u"announce"_s)) {
            Announcement one;
            one.airing =
                AiringId{table.string(u"name"_s).orDefault(u"announcement-%1"_s.arg(events.announcements.size() + 1))};
            const QString hash = table.string(u"sha256"_s).required();
            const auto sha256 = sha256FromString(hash);
            if (!sha256 && !hash.isEmpty())
                table.refuse(u"sha256"_s, {u"Đây không phải mã SHA-256"_s, u"This is not a SHA-256"_s});
            one.sha256 = sha256.value_or(Sha256{});
            one.at = instantAt(table, u"at"_s);
            const QString priority =
                table.choice(u"priority"_s, {u"NORMAL"_s, u"PRIORITY"_s, u"EMERGENCY"_s}).orDefault(u"EMERGENCY"_s);
            one.priority = priorityFromString(priority).value_or(Priority::Emergency);
            events.announcements.push_back(one);
        }
        for (TomlSection& table : root.tables(u"stop"_s)) {
            Stop stop;
            stop.at = instantAt(table, u"at"_s);
            if (const auto airing = table.string(u"airing"_s).optional())
                stop.airing = AiringId{*airing};
            else
                stop.until = instantAt(table, u"until"_s);
            events.stops.push_back(stop);
        }
        for (TomlSection& table : root.tables(u"volume"_s)) {
            const UtcTime at = instantAt(table, u"at"_s);
            const UtcTime until = instantAt(table, u"until"_s);
            events.levels.push_back({at, until, table.number(u"gain_db"_s, -60.0, 12.0).required()});
        }
        return events;
    });
}

} // namespace

int renderCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Writes what would sound between two instants into a WAV file, faster than real time and exact to the frame; "
        u"what the "
        "agent would refuse is silence, and is listed.\nGhi trước ra tệp WAV những gì sẽ phát."_s);
    parser.addOptions(
        {{u"bundle"_s, u"A signed bundle (bản kê phát)"_s, u"FILE"_s},
         {u"media"_s, u"Folder of house files, named by their SHA-256"_s, u"DIR"_s},
         {u"from"_s, u"First instant, as 2026-12-01T22:00:00Z"_s, u"TIME"_s},
         {u"to"_s, u"Instant after the last"_s, u"TIME"_s},
         {u"out"_s, u"The WAV file to write"_s, u"FILE"_s},
         {u"key"_s, u"The scheduler's public key, base64; default: from the agent's folder"_s, u"KEY"_s},
         {u"state"_s, u"The agent's folder; default: the one that the bundle lies in"_s, u"DIR"_s},
         {u"events"_s,
          u"What happens live (TOML): [[announce]] name, sha256, at, priority; [[stop]] at, and airing or "
          "until; [[volume]] at, until, gain_db"_s,
          u"FILE"_s},
         {u"float"_s, u"32-bit float samples instead of 16-bit"_s}});
    if (const auto code = parseOptions(parser, arguments, {u"bundle"_s, u"media"_s, u"from"_s, u"to"_s, u"out"_s}))
        return *code;
    const auto key = schedulerKey(parser.value(u"key"_s), parser.value(u"state"_s), parser.value(u"bundle"_s));
    if (!key)
        return report(key.error());
    const auto bundle = readBundle(parser.value(u"bundle"_s), *key);
    if (!bundle)
        return report(bundle.error());
    const auto from = readInstant(parser.value(u"from"_s));
    const auto to = readInstant(parser.value(u"to"_s));
    if (!from || !to)
        return report((from ? to : from).error());
    const auto events = parser.isSet(u"events"_s) ? readEvents(parser.value(u"events"_s)) : RenderEvents{};
    if (!events)
        return report(events.error());
    const auto summary = renderToWav(*bundle, parser.value(u"media"_s), *from, *to, parser.value(u"out"_s),
                                     parser.isSet(u"float"_s) ? RenderFormat::PcmFloat : RenderFormat::Pcm16, *events);
    if (!summary)
        return report(summary.error());
    for (const Refusal& refusal : summary->refusals)
        print(u"refused airing=%1 item=%2 planned=%3 reason=%4 %5"_s.arg(
            refusal.airing.id.value, refusal.airing.item.value, loa::toString(refusal.plannedStart),
            toString(refusal.reason), refusal.detail));
    print(u"frames=%1 sounding=%2 airings=%3 refused=%4"_s.arg(summary->frames.value)
              .arg(summary->sounding.value)
              .arg(summary->airings)
              .arg(summary->refusals.size()));
    return 0;
}

} // namespace loa::playout
