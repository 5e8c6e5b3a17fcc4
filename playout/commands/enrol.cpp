// loa-playout enrol: makes the agent known to its scheduler, once.
#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/commands/commands.h"

#include <QSysInfo>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

Result<Identity> enrolHere(const HttpSettings& http, const QString& state, const QString& code, const QString& name)
{
    auto key = keyForEnrolment(state);
    if (!key)
        return passOn(key);
    const auto enrolment = enrol(http, code, key->verifyKey(), name);
    if (!enrolment)
        return passOn(enrolment);
    const Identity identity{enrolment->agent, http.scheduler, enrolment->schedulerKey, enrolment->stations};
    if (auto saved = saveIdentity(state, identity); !saved)
        return passOn(saved);
    return identity;
}

} // namespace

int enrolCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Makes this agent known to its scheduler with a one-time code, and pins the "
                                     u"scheduler's key: from then on it obeys "
                                     "no other.\nĐăng ký máy phát với máy chủ bằng mã dùng một lần."_s);
    parser.addOptions({{u"code"_s, u"One-time code from the scheduler (Mã đăng ký)"_s, u"CODE"_s},
                       {u"scheduler"_s, u"Its address, https://host[:port]"_s, u"URL"_s},
                       {u"state"_s, u"Folder for key, bundles, media and log; made with mode 0700"_s, u"DIR"_s},
                       {u"config"_s, u"Take scheduler and state from this configuration"_s, u"FILE"_s},
                       {u"name"_s, u"How the scheduler lists this agent; default: the host's name"_s, u"NAME"_s},
                       {u"ca-file"_s, u"PEM file of the authority behind the scheduler's certificate"_s, u"FILE"_s},
                       {u"allow-http"_s, u"Accept http:// beyond this machine"_s}});
    if (const auto code = parseOptions(parser, arguments, {u"code"_s}))
        return *code;
    HttpSettings http;
    QString state = parser.value(u"state"_s);
    bool allowHttp = parser.isSet(u"allow-http"_s);
    if (parser.isSet(u"config"_s)) {
        const auto configuration = loadConfiguration(parser.value(u"config"_s));
        if (!configuration)
            return report(configuration.error());
        http = configuration->http;
        allowHttp = true; // judged there
        if (state.isEmpty())
            state = configuration->state;
    }
    if (parser.isSet(u"scheduler"_s))
        http.scheduler = QUrl(parser.value(u"scheduler"_s), QUrl::StrictMode);
    if (parser.isSet(u"ca-file"_s))
        http.caFile = parser.value(u"ca-file"_s);
    if (http.scheduler.isEmpty() || state.isEmpty())
        return report(
            {ErrorCategory::InvalidInput,
             {u"Cần --scheduler và --state, hoặc --config"_s, u"--scheduler and --state are needed, or --config"_s},
             {}});
    if (auto good = checkHttpSettings(http); !good)
        return report(good.error());
    if (needsPermission(http.scheduler) && !allowHttp)
        return report({ErrorCategory::InvalidInput,
                       {u"http không mã hoá: hãy dùng https, hoặc thêm --allow-http"_s,
                        u"http is not encrypted: use https, or add --allow-http"_s},
                       http.scheduler.toString()});
    const QString name = parser.isSet(u"name"_s) ? parser.value(u"name"_s) : QSysInfo::machineHostName();
    const auto identity = enrolHere(http, state, parser.value(u"code"_s), name);
    if (!identity)
        return report(identity.error());
    print(u"agent=%1"_s.arg(identity->agent.value));
    print(u"scheduler_key=%1"_s.arg(identity->schedulerKey.keyId()));
    for (const StationId& station : identity->stations)
        print(u"station=%1"_s.arg(station.value));
    return 0;
}

} // namespace loa::playout
