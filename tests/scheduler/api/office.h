// A small district's scheduler for tests of the API without sockets: a database in memory, two communes with a station
// each, people in every role, and a way to ask as any of them. Every answer is held against openapi.yaml.
#pragma once

#include "scheduler/api/router.h"
#include "scheduler/contract/signature.h"
#include "tests/scheduler/api/openapi_check.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <catch2/catch.hpp>
#include <map>
#include <memory>

namespace loa::test {

// Fails the test with the error's words.
template <typename T>
T must(Result<T> result)
{
    if (!result)
        FAIL(describe(result.error()).toStdString());
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

struct Visitor {
    QByteArray cookie; // "loa_session=…"
    QByteArray csrf;
};

// An agent that signs.
struct Caller {
    AgentId id;
    SigningKey key;
};

class Office {
public:
    Office();
    ~Office();

    // The request as it would come from a socket, through the router.
    api::Response raw(const QByteArray& method, const QByteArray& target, const QByteArray& fields = {},
                      const QByteArray& body = {});

    api::Response get(const QByteArray& person, const QByteArray& target, const QByteArray& fields = {});
    api::Response send(const QByteArray& person, const QByteArray& method, const QByteArray& target,
                       const QJsonObject& body, const QByteArray& fields = {});
    api::Response post(const QByteArray& person, const QByteArray& target, const QJsonObject& body = {})
    {
        return send(person, "POST", target, body);
    }
    // Cookie and token of the person, as header fields.
    QByteArray credentials(const QByteArray& person) const;
    // Signed by the agent at the scheduler's time plus `skew`.
    api::Response ask(const Caller& agent, const QByteArray& method, const QByteArray& path,
                      const QByteArray& body = {}, const QByteArray& fields = {},
                      std::chrono::seconds skew = std::chrono::seconds(0));

    Visitor signIn(const QByteArray& username, const QByteArray& password);
    Caller enrolAgent(const QString& station, std::uint8_t seed = 7);
    // An item with audio that is approved for all of `scope`; gives its JSON.
    QJsonObject approvedItem(const QString& title, const QString& scope, const QByteArray& audio);
    // The upload's id, complete.
    QString upload(const QByteArray& person, const QByteArray& bytes, const QByteArray& name = "tin.mp3");
    // As the ingest queue would.
    void ingest(const library::IngestJob& job, const QByteArray& houseFile, int seconds = 60);
    void plan();

    [[nodiscard]] std::vector<model::AuditRecord> audit();
    static QJsonObject json(const api::Response& response);
    static QJsonArray items(const api::Response& response)
    {
        return json(response).value(QLatin1String("items")).toArray();
    }

    // Monday 30 November 2026, 10:00 at the stations.
    ManualClock clock{UtcTime(std::chrono::seconds(1'796'007'600))};
    QTemporaryDir folder;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::Store> store;
    SigningKey key;
    std::unique_ptr<fleet::Planning> planning;
    std::unique_ptr<fleet::Commanding> commanding;
    std::vector<std::pair<StationId, QByteArray>> pushed; // commands, as the WebSocket would send them
    std::unique_ptr<api::Services> services;
    api::ApiSettings settings;
    std::unique_ptr<api::Router> router;
    std::vector<library::IngestJob> jobs; // asked for
    int plansAskedFor = 0;
    std::map<QByteArray, Visitor> people;

    static constexpr char password[] = "mat-khau-dai-1";

private:
    void makeDistrict();
    void makePeople();
};

} // namespace loa::test
