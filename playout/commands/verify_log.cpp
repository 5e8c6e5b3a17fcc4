// loa-playout verify-log: the airing log checked offline.
#include "playout/journal/verify_log.h"

#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/commands/commands.h"

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

QString numberOr(const std::optional<int>& number)
{
    return number ? QString::number(*number) : u"-"_s;
}

QString lineOf(const SignedLogEntry& sealed)
{
    const LogEntry& entry = sealed.entry;
    const QString head = u"%1 %2"_s.arg(entry.sequence, 6).arg(loa::toString(entry.recordedAt));
    if (entry.heard)
        return u"%1 heard %2 %3 planned=%4 result=%5 match=%6 delay_ms=%7"_s.arg(
            head, entry.heard->airing.value, entry.heard->output, loa::toString(entry.heard->plannedStart),
            toString(entry.heard->result), numberOr(entry.heard->match),
            numberOr(entry.heard->delay ? std::optional(static_cast<int>(entry.heard->delay->count())) : std::nullopt));
    if (entry.kind == EntryKind::Event)
        return u"%1 event %2 %3 %4"_s.arg(head, entry.station.value, entry.reason, entry.detail);
    return u"%1 %2 %3 planned=%4 first=%5 frames=%6/%7 gaps=%8 item=%9 "_s
               .arg(head, toString(entry.outcome), entry.output, loa::toString(entry.plannedStart),
                    entry.firstFrameAt ? loa::toString(*entry.firstFrameAt) : u"-"_s)
               .arg(entry.frames.value)
               .arg(entry.plannedFrames.value)
               .arg(entry.gaps)
               .arg(entry.item.value) +
           u"station=%1 match=%2 loudness=%3 %4"_s.arg(
               entry.station.value, numberOr(entry.mix ? entry.mix->match : std::nullopt),
               numberOr(entry.mix ? entry.mix->loudness : std::nullopt), entry.reason);
}

Result<VerifyKey> keyFrom(const QString& given, const QString& state)
{
    if (!given.isEmpty())
        return VerifyKey::fromBase64(given.toLatin1());
    const auto key = SigningKey::load(keyPath(state));
    if (!key)
        return passOn(key);
    return key->verifyKey();
}

} // namespace

int verifyLogCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Checks the airing log on this disk: that no entry is missing, doubled or altered, and that this agent signed "
        u"each.\n"
        "Exit 0: it holds; 2: it does not.\nKiểm tra nhật ký phát sóng: không mất, không trùng, không bị sửa."_s);
    parser.addOptions({{u"state"_s, u"The agent's folder"_s, u"DIR"_s},
                       {u"config"_s, u"Take the folder from this configuration"_s, u"FILE"_s},
                       {u"station"_s, u"Of a hub: this station's log"_s, u"ID"_s},
                       {u"journal"_s, u"Another journal than the folder's (a copy); needs --key"_s, u"FILE"_s},
                       {u"key"_s, u"The agent's public key, base64; default: from the folder"_s, u"KEY"_s},
                       {u"entries"_s, u"Print every entry"_s}});
    if (const auto code = parseOptions(parser, arguments, {}))
        return *code;
    QString state = parser.value(u"state"_s);
    if (parser.isSet(u"config"_s)) {
        const auto configuration = loadConfiguration(parser.value(u"config"_s));
        if (!configuration)
            return report(configuration.error());
        state = configuration->state;
    }
    if (parser.isSet(u"station"_s))
        state = stationFolder(state, {parser.value(u"station"_s)});
    const QString journal = parser.isSet(u"journal"_s) ? parser.value(u"journal"_s) : journalPath(state);
    if (state.isEmpty() && !(parser.isSet(u"journal"_s) && parser.isSet(u"key"_s)))
        return report({ErrorCategory::InvalidInput,
                       {u"Cần --state, --config, hoặc --journal cùng --key"_s,
                        u"--state, --config, or --journal with --key is needed"_s},
                       {}});
    const auto key = keyFrom(parser.value(u"key"_s), state);
    if (!key)
        return report(key.error());
    const bool each = parser.isSet(u"entries"_s);
    const auto result = verifyLog(journal, *key, [&](const SignedLogEntry& entry) {
        if (each)
            print(lineOf(entry));
    });
    if (!result)
        return report(result.error());
    for (const LogFault& fault : result->faults)
        print(u"FAULT %1: %2"_s.arg(fault.sequence).arg(describe(fault.error)));
    QStringList counts;
    for (const auto& [word, count] : result->outcomes)
        counts += u"%1=%2"_s.arg(word).arg(count);
    print(u"entries=%1 first=%2 last=%3 %4"_s.arg(result->entries)
              .arg(result->first)
              .arg(result->last)
              .arg(counts.join(u' ')));
    if (result->faultCount > 0) {
        print(u"The log does NOT hold: %1 faults (Nhật ký KHÔNG nguyên vẹn)"_s.arg(result->faultCount));
        return exitRefused;
    }
    print(u"The log holds: unbroken, unaltered, signed by this agent (Nhật ký nguyên vẹn)"_s);
    return 0;
}

} // namespace loa::playout
