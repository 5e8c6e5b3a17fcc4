// loa-playout as a process, and a scheduler that speaks the real wire with it: enrols it, hands out one bundle a
// station and its media, takes its log. Thread: one with a Qt event loop, which the waiting functions turn.
#pragma once

#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/airing.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/clock.h"
#include "scheduler/contract/command.h"
#include "tests/playout/engine/house_files.h"
#include "tests/playout/link/fake_scheduler.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout::test {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

struct Ended {
    int code = -1;
    QString out;
    QString err;
};

inline QString program()
{
    return qEnvironmentVariable("LOA_BIN_DIR") + u"/loa-playout"_s;
}

// Runs to its end while the test's event loop, and so the fake scheduler, goes on.
inline Ended finished(const QStringList& arguments)
{
    QProcess process;
    process.start(program(), arguments);
    REQUIRE(waitUntil([&] { return process.state() == QProcess::NotRunning; }));
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

struct Office {
    // From the second station on each has one output alone, a null one, as has then the first. `settings`: more of the
    // configuration's first part.
    explicit Office(int stationCount = 1, const QByteArray& settings = {})
        : stations(stationCount),
          server([this](const FakeRequest& request, QTcpSocket& socket) { serve(request, socket); })
    {
        QByteArray toml = "scheduler = \"" + server.url().toString().toUtf8() +
                          "\"\nstate = \"state\"\nclock = \"trust\"\nstatus = \"1 s\"\ncheckpoint = \"500 ms\"\n" +
                          settings;
        for (int number = 1; number <= stations; ++number) {
            toml += "[[station]]\n" + (stations > 1 ? "id = \"" + idOf(number) + "\"\n" : QByteArray()) +
                    "[[station.output]]\nname = \"loa\"\ndevice = \"null\"\n";
        }
        if (stations == 1) {
            toml += "[[station.output]]\nname = \"luu-tru\"\ndevice = \"wav\"\nurl = \"wav\"\nsplit = \"day\"\n";
            outputs.append(u"luu-tru"_s);
        }
        configure(toml);
        QDir(folder.path()).mkdir(u"house"_s);
        QDir(folder.path()).mkdir(u"wav"_s);
    }

    // In place of the configuration.
    void reconfigure(const QByteArray& toml) const
    {
        REQUIRE(QFile::remove(config()));
        configure(toml);
    }
    // To the end of the configuration: what more the last station has.
    void configure(const QByteArray& toml) const
    {
        QFile file(config());
        REQUIRE(file.open(QIODevice::Append));
        file.write(toml);
    }

    [[nodiscard]] static QByteArray idOf(int station) { return "station-" + QByteArray::number(station); }
    [[nodiscard]] QString config() const { return folder.filePath(u"playout.toml"_s); }
    [[nodiscard]] QString state() const { return folder.filePath(u"state"_s); }

    void serve(const FakeRequest& request, QTcpSocket& socket)
    {
        if (request.path == "/api/v1/agent/enrol") {
            const QJsonObject body = QJsonDocument::fromJson(request.body).object();
            if (const auto anew = codes.find(body.value(u"code"_s).toString()); anew != codes.end()) {
                give(socket, anew->second, body.value(u"public_key"_s).toString());
                return;
            }
            if (body.value(u"code"_s).toString() != u"good") {
                socket.write(FakeScheduler::answer(403, R"({"title":"No such code","title_vi":"Mã không đúng"})"));
                return;
            }
            agentKey = *VerifyKey::fromBase64(body.value(u"public_key"_s).toString().toLatin1());
            QJsonArray ids;
            for (int number = 1; number <= stations; ++number)
                ids.append(QString::fromLatin1(idOf(number)));
            const QJsonObject welcome{{u"agent_id"_s, u"agent-1"_s},
                                      {u"scheduler_key"_s, QString::fromLatin1(key.verifyKey().toBase64())},
                                      {u"stations"_s, ids}};
            socket.write(FakeScheduler::answer(201, QJsonDocument(welcome).toJson()));
            return;
        }
        const auto [agent, signedBy] = signerOf(request);
        if (agent.isEmpty() || revoked.contains(agent)) {
            socket.write(FakeScheduler::answer(401, "{}"));
        } else if (events && request.path == "/api/v1/agent/events") {
            events(request, socket);
        } else if (givesIdentities && request.path.endsWith("/identity")) {
            const QByteArray station = request.path.split('/').at(5);
            const QJsonObject body = QJsonDocument::fromJson(request.body).object();
            const auto own = VerifyKey::fromBase64(body.value(u"public_key"_s).toString().toLatin1());
            const auto proof = signatureFromBase64(body.value(u"proof"_s).toString().toLatin1());
            REQUIRE((own && proof));
            CHECK(own->verify(domain::stationKey, stationKeyMessage({agent}, {QString::fromLatin1(station)}), *proof));
            give(socket, QString::fromLatin1(station), body.value(u"public_key"_s).toString());
        } else if (request.path.startsWith("/api/v1/agent/bundles/")) {
            const QByteArray bundle = bundles.value(request.path.mid(request.path.lastIndexOf('/') + 1));
            socket.write(FakeScheduler::answer(bundle.isEmpty() ? 304 : 200, bundle));
        } else if (request.path.startsWith("/api/v1/agent/commands/")) {
            const auto claim = readRequestClaim(request.header("content-digest"), request.header("signature-input"),
                                                request.header("signature"));
            const CommandSheet sheet{{QString::fromLatin1(request.path.mid(request.path.lastIndexOf('/') + 1))},
                                     claim->nonce,
                                     SystemClock().now(),
                                     commands};
            socket.write(FakeScheduler::answer(200, *sealSheet(sheet, key)));
        } else if (request.path.startsWith("/api/v1/media/")) {
            const QByteArray file = media[request.path.mid(14)];
            const QByteArray range = request.header("range").mid(6);
            const qsizetype from = range.left(range.indexOf('-')).toLongLong();
            const QByteArray part = file.mid(from, range.mid(range.indexOf('-') + 1).toLongLong() - from + 1);
            socket.write(FakeScheduler::answer(206, part,
                                               "Content-Range: bytes " + QByteArray::number(from) + '-' +
                                                   QByteArray::number(from + part.size() - 1) + "/*\r\n"));
        } else if (request.path == "/api/v1/agent/airings") {
            for (const QJsonValue& value :
                 QJsonDocument::fromJson(request.body).object().value(u"entries"_s).toArray()) {
                const auto entry = signedLogEntryFromJson(value.toObject());
                REQUIRE(entry);
                auto& log = logOf(agent);
                const auto [place, isNew] = log.try_emplace(entry->entry.sequence, *entry);
                CHECK(place->second == *entry);
                CHECK(verifyEntry(*entry, signedBy));
            }
            socket.write(FakeScheduler::answer(200, R"({"acknowledged_through":)" +
                                                        QByteArray::number(qsizetype(logOf(agent).size())) +
                                                        R"(,"accepted":1,"rejected":[]})"));
        } else if (request.path == "/api/v1/agent/status") {
            ++statuses;
            status = QJsonDocument::fromJson(request.body).object();
            socket.write(FakeScheduler::answer(204, {}));
        } else {
            socket.write(FakeScheduler::answer(404, "{}"));
        }
    }

    using Log = std::map<std::int64_t, SignedLogEntry>;
    Log& logOf(const QString& agent) { return agent == u"agent-1" ? entries : ownEntries[agent]; }

    // Whose key the request is signed with; empty: nobody's.
    [[nodiscard]] std::pair<QString, VerifyKey> signerOf(const FakeRequest& request) const
    {
        if (request.isSigned({u"agent-1"_s}, agentKey))
            return {u"agent-1"_s, agentKey};
        const auto claim = readRequestClaim(request.header("content-digest"), request.header("signature-input"),
                                            request.header("signature"));
        const auto own = claim ? keys.find(claim->agent.value) : keys.end();
        if (own != keys.end() && request.isSigned({own->first}, own->second))
            return *own;
        return {};
    }
    // An identity of the station's own: "own-<station>", the next one "own-<station>-2".
    void give(QTcpSocket& socket, const QString& station, const QString& publicKey)
    {
        const VerifyKey own = *VerifyKey::fromBase64(publicKey.toLatin1());
        QString agent = u"own-"_s + station;
        for (int number = 2; keys.contains(agent) && keys[agent] != own; ++number)
            agent = u"own-%1-%2"_s.arg(station).arg(number);
        keys[agent] = own;
        const QJsonObject welcome{{u"agent_id"_s, agent},
                                  {u"scheduler_key"_s, QString::fromLatin1(key.verifyKey().toBase64())},
                                  {u"stations"_s, QJsonArray{station}}};
        socket.write(FakeScheduler::answer(201, QJsonDocument(welcome).toJson()));
    }

    // The items one behind the other, `rounds` times; the same at all stations. `anew`: and once more from then on, as
    // session-2.
    void makeBundle(UtcTime startsAt, std::initializer_list<int> seconds, unsigned rounds = 1,
                    std::optional<UtcTime> anew = {})
    {
        Bundle made;
        made.stationName = u"Đài xã Thử"_s;
        made.timeZone = "Asia/Ho_Chi_Minh";
        made.version = 1;
        made.issuedAt = made.validFrom = startsAt - 1h;
        made.validUntil = startsAt + 35 * 24h;
        for (const QString& output : outputs)
            made.outputs.push_back({output, {}});
        HoursPolicy policy;
        policy.id = {u"policy-1"_s};
        policy.name = policy.decision = u"thử"_s;
        policy.validFrom = QDate(2021, 1, 1);
        for (auto& day : policy.week)
            day = {{0min, 1440min}};
        made.policies = {policy};
        BundleSession session;
        session.id = {u"session-1"_s};
        session.startsAt = startsAt;
        unsigned number = 0;
        for (const int length : seconds) {
            const FrameCount frames{length * sampleRate};
            const HouseFile house =
                record(QDir(folder.filePath(u"house"_s)), static_cast<std::size_t>(frames.value), ++number);
            QFile file(folder.filePath(u"house/"_s) + toString(house.sha256) + u".opus"_s);
            REQUIRE(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            media[toString(house.sha256).toLatin1()] = bytes;
            const ItemId item{u"item-%1"_s.arg(number)};
            made.media.push_back({house.sha256,
                                  bytes.size(),
                                  frames,
                                  item,
                                  1,
                                  u"Tin"_s,
                                  {{u"user-1"_s}, u"Lê Thị Duyệt"_s, made.issuedAt}});
            session.airings.push_back(
                {{u"airing-%1"_s.arg(number)}, item, house.sha256, session.frames, frames, Priority::Normal});
            session.frames += frames;
        }
        for (; rounds > 1; --rounds) {
            for (unsigned index = 0; index < seconds.size(); ++index) {
                BundleAiring again = session.airings[index];
                again.id = {u"airing-%1"_s.arg(++number)};
                again.offset = session.frames;
                session.airings.push_back(again);
                session.frames += again.frames;
            }
        }
        std::sort(made.media.begin(), made.media.end(),
                  [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
        for (int station = 1; station <= stations; ++station) {
            made.station = {QString::fromLatin1(idOf(station))};
            made.sessions = {session};
            if (anew) {
                made.sessions.push_back(session);
                made.sessions[1].id = {u"session-2"_s};
                made.sessions[1].startsAt = *anew;
                for (BundleAiring& airing : made.sessions[1].airings)
                    airing.id.value += u"-again"_s;
            }
            if (stations > 1) {
                made.sessions[0].id.value += u"-at-%1"_s.arg(station);
                for (BundleAiring& airing : made.sessions[0].airings)
                    airing.id.value += u"-at-%1"_s.arg(station);
            }
            if (change)
                change(made, station);
            const auto sealed = sealBundle(made, key);
            if (!sealed)
                FAIL(describe(sealed.error()).toStdString());
            bundles[made.station.value.toLatin1()] = *sealed;
        }
    }

    [[nodiscard]] std::map<std::pair<QString, QString>, LogEntry> airings() const
    {
        std::map<std::pair<QString, QString>, LogEntry> found;
        for (const auto& [sequence, entry] : entries) {
            if (entry.entry.kind == EntryKind::Airing &&
                !found.try_emplace({entry.entry.item.value, entry.entry.output}, entry.entry).second)
                FAIL("two entries for " + entry.entry.item.value.toStdString());
        }
        return found;
    }

    const int stations;
    std::function<void(Bundle&, int)> change; // makes a station's bundle what the test wants
    QTemporaryDir folder;
    SigningKey key = SigningKey::fromSeed({1});
    VerifyKey agentKey;
    QHash<QByteArray, QByteArray> bundles; // by station
    std::vector<QByteArray> commands;      // sealed, on every sheet
    std::map<QByteArray, QByteArray> media;
    Log entries;                  // of the agent that was enrolled first
    bool givesIdentities = false; // of their own to stations, as schedulers of before do not
    std::map<QString, VerifyKey> keys;
    std::map<QString, Log> ownEntries;
    std::map<QString, QString> codes; // to enrol one station anew
    QStringList revoked;
    std::function<void(const FakeRequest&, QTcpSocket&)> events; // who asks for the channel of commands; else refused
    int statuses = 0;
    QJsonObject status;                                                                       // the last one
    QStringList outputs{u"loa"_s};                                                            // that the bundle names
    std::function<HouseFile(const QDir& house, std::size_t frames, unsigned number)> record = // an item
        [](const QDir& house, std::size_t frames, unsigned number) { return makeHouseFile(house, frames, number); };
    FakeScheduler server;
};

} // namespace loa::playout::test
