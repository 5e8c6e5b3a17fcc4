#include "playout/agent/identity.h"

#include "playout/cache/real_disk.h"
#include "scheduler/contract/json_reader.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr std::int64_t mostIdentityBytes = 64 * 1024;

tl::unexpected<Error> enrolledAlready(const QString& state)
{
    return fail(ErrorCategory::Conflict,
                {u"Máy phát đã đăng ký; muốn đăng ký lại, hãy dùng thư mục khác"_s,
                 u"The agent is enrolled already; to enrol again, use another folder"_s},
                state);
}

} // namespace

QString stationFolder(const QString& state, const StationId& station)
{
    return state + u"/stations/"_s + station.value;
}

QStringList replacedFolders(const QString& state, const StationId& station)
{
    QStringList folders;
    const QDir all(state + u"/stations"_s);
    for (const QString& name : all.entryList({station.value + u".*"_s}, QDir::Dirs, QDir::Name)) {
        if (name != station.value + u".new"_s)
            folders.append(all.filePath(name));
    }
    return folders;
}

Result<QString> prepareReplacement(const QString& state, const StationId& station)
{
    const QString folder = stationFolder(state, station) + u".new"_s;
    if (!isValidId(station.value) || !QDir().mkpath(folder))
        return fail(ErrorCategory::Storage,
                    {u"Không tạo được thư mục của đài"_s, u"The station's folder cannot be made"_s}, folder);
    return folder;
}

Result<void> finishReplacement(const QString& state, const StationId& station)
{
    const QString folder = stationFolder(state, station);
    const QString made = folder + u".new"_s;
    if (!QFile::exists(identityPath(made)))
        return {};
    const auto cannot = [&](const QString& where) {
        return fail(ErrorCategory::Storage,
                    {u"Không đổi được danh tính của đài"_s, u"The station's identity cannot be replaced"_s}, where);
    };
    if (QDir(folder).exists()) {
        // A damaged one has no name any more, and is kept all the same.
        const auto before = loadIdentity(folder);
        QString kept = folder + u'.' + (before ? before->agent.value : u"damaged"_s);
        for (int number = 2; QDir(kept).exists(); ++number)
            kept = folder + u'.' + (before ? before->agent.value : u"damaged"_s) + u'-' + QString::number(number);
        if (!QDir().rename(folder, kept))
            return cannot(kept);
    }
    if (!QDir().rename(made, folder))
        return cannot(folder);
    return {};
}

QString keyPath(const QString& state)
{
    return state + u"/agent.key"_s;
}

QString identityPath(const QString& state)
{
    return state + u"/identity.json"_s;
}

QString journalPath(const QString& state)
{
    return state + u"/journal.db"_s;
}

Result<Identity> loadIdentity(const QString& state)
{
    const RealDisk disk(state);
    const auto bytes = disk.read(u"identity.json"_s, mostIdentityBytes);
    if (!bytes && bytes.error().category == ErrorCategory::NotFound)
        return fail(ErrorCategory::NotFound,
                    {u"Máy phát chưa đăng ký: hãy chạy loa-playout enrol"_s,
                     u"The agent is not enrolled: run loa-playout enrol"_s},
                    state);
    if (!bytes)
        return passOn(bytes);
    JsonReader reader(QJsonDocument::fromJson(*bytes).object());
    Identity identity;
    identity.agent = reader.id<AgentTag>("agent"_L1);
    identity.scheduler = QUrl(reader.text("scheduler"_L1));
    const auto key = VerifyKey::fromBase64(reader.text("scheduler_key"_L1).toLatin1());
    if (key)
        identity.schedulerKey = *key;
    else
        reader.reject(key.error());
    for (const QJsonValue& value : reader.array("stations"_L1, 10'000))
        identity.stations.push_back({value.toString()});
    if (auto read = reader.finish(); !read) {
        Error error = read.error();
        error.where = identityPath(state) + u' ' + error.where;
        return tl::unexpected(std::move(error));
    }
    return identity;
}

Result<void> saveIdentity(const QString& state, const Identity& identity)
{
    if (QFile::exists(identityPath(state)))
        return enrolledAlready(state);
    QJsonArray stations;
    for (const StationId& station : identity.stations)
        stations.append(station.value);
    const QJsonObject object{{u"agent"_s, identity.agent.value},
                             {u"scheduler"_s, identity.scheduler.toString()},
                             {u"scheduler_key"_s, QString::fromLatin1(identity.schedulerKey.toBase64())},
                             {u"stations"_s, stations}};
    return RealDisk(state).replace(u"identity.json"_s, QJsonDocument(object).toJson());
}

Result<SigningKey> keyForEnrolment(const QString& state)
{
    if (QFile::exists(identityPath(state)))
        return enrolledAlready(state);
    if (!QDir().mkpath(state) || !QFile::setPermissions(state, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        return fail(ErrorCategory::Storage,
                    {u"Không tạo được thư mục của máy phát"_s, u"The agent's folder cannot be made"_s}, state);
    // One from an enrolment that did not come through is used again: the scheduler may know it already.
    if (QFile::exists(keyPath(state)))
        return SigningKey::load(keyPath(state));
    SigningKey key = SigningKey::generate();
    if (auto saved = key.save(keyPath(state)); !saved)
        return passOn(saved);
    return key;
}

} // namespace loa::playout
