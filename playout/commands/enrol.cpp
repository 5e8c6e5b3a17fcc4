// loa-playout enrol: makes the agent known to its scheduler, once; or one station of a hub, as often as it must be.
#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/agent/state_lock.h"
#include "playout/commands/commands.h"

#include <QDir>
#include <QSysInfo>

#include <algorithm>

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

// The identity that the station had, if any, is kept beside the new one with its journal: what that holds is still
// sent.
Result<Identity> enrolStation(const HttpSettings& http, const QString& state, const StationId& station,
                              const QString& code, const QString& name)
{
    if (!QDir().mkpath(state))
        return fail(ErrorCategory::Storage,
                    {u"Không tạo được thư mục của máy phát"_s, u"The agent's folder cannot be made"_s}, state);
    const auto lock = StateLock::take(state);
    if (!lock)
        return passOn(lock);
    if (auto finished = finishReplacement(state, station); !finished)
        return passOn(finished);
    const auto folder = prepareReplacement(state, station);
    if (!folder)
        return passOn(folder);
    auto key = keyForEnrolment(*folder);
    if (!key)
        return passOn(key);
    const auto enrolment = enrol(http, code, key->verifyKey(), name);
    if (!enrolment)
        return passOn(enrolment);
    const auto& carried = enrolment->stations;
    if (std::find(carried.begin(), carried.end(), station) == carried.end())
        return fail(ErrorCategory::Conflict,
                    {u"Mã này là của đài khác: %1"_s.arg(carried.front().value),
                     u"This code is another station's: %1"_s.arg(carried.front().value)},
                    station.value);
    const Identity identity{enrolment->agent, http.scheduler, enrolment->schedulerKey, {station}};
    if (auto saved = saveIdentity(*folder, identity); !saved)
        return passOn(saved);
    if (auto finished = finishReplacement(state, station); !finished)
        return passOn(finished);
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
                       {u"station"_s,
                        u"Of a hub: an identity for this station alone, in place of the one that it has; the code is "
                        u"for this station"_s,
                        u"ID"_s},
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
    const StationId station{parser.value(u"station"_s)};
    if (parser.isSet(u"station"_s) && !isValidId(station.value))
        return report(
            {ErrorCategory::InvalidInput, {u"Mã đài không hợp lệ"_s, u"No station has such an id"_s}, station.value});
    const auto identity = parser.isSet(u"station"_s) ? enrolStation(http, state, station, parser.value(u"code"_s), name)
                                                     : enrolHere(http, state, parser.value(u"code"_s), name);
    if (!identity)
        return report(identity.error());
    print(u"agent=%1"_s.arg(identity->agent.value));
    print(u"scheduler_key=%1"_s.arg(identity->schedulerKey.keyId()));
    for (const StationId& carried : identity->stations)
        print(u"station=%1"_s.arg(carried.value));
    return 0;
}

} // namespace loa::playout
