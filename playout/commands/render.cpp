// loa-playout render: what would sound, as a WAV file.
#include "playout/engine/render.h"

#include "playout/agent/identity.h"
#include "playout/commands/commands.h"
#include "scheduler/contract/bundle.h"

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

} // namespace

int renderCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Writes what would sound between two instants into a WAV file, faster than real time and exact to the frame; "
        u"what the "
        "agent would refuse is silence, and is listed.\nGhi trước ra tệp WAV những gì sẽ phát."_s);
    parser.addOptions({{u"bundle"_s, u"A signed bundle (bản kê phát)"_s, u"FILE"_s},
                       {u"media"_s, u"Folder of house files, named by their SHA-256"_s, u"DIR"_s},
                       {u"from"_s, u"First instant, as 2026-12-01T22:00:00Z"_s, u"TIME"_s},
                       {u"to"_s, u"Instant after the last"_s, u"TIME"_s},
                       {u"out"_s, u"The WAV file to write"_s, u"FILE"_s},
                       {u"key"_s, u"The scheduler's public key, base64; default: from the agent's folder"_s, u"KEY"_s},
                       {u"state"_s, u"The agent's folder; default: the one that the bundle lies in"_s, u"DIR"_s},
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
    const auto summary = renderToWav(*bundle, parser.value(u"media"_s), *from, *to, parser.value(u"out"_s),
                                     parser.isSet(u"float"_s) ? RenderFormat::PcmFloat : RenderFormat::Pcm16);
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
