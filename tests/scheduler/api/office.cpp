#include "tests/scheduler/api/office.h"

#include "scheduler/api/http/head_parser.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/fleet/enrolment.h"
#include "scheduler/model/item_workflow.h"

#include <QFile>

namespace loa::test {

namespace {

QString s(const char* text)
{
    return QString::fromUtf8(text);
}

const OpenApi& description()
{
    static const OpenApi one;
    return one;
}

// The operation that a request meant, by its path's form.
QString operationOf(const api::Request& request)
{
    const QByteArray method = request.method;
    for (const api::Route& route : api::allRoutes()) {
        const QList<QByteArray> pattern = QByteArray(route.pattern).split('/');
        const QList<QByteArray> path = request.path.mid(QByteArray(api::apiPrefix).size()).split('/');
        bool fits = method == route.method && pattern.size() == path.size();
        for (qsizetype i = 0; fits && i < pattern.size(); ++i)
            fits = pattern[i].startsWith('{') || pattern[i] == path[i];
        if (fits)
            return QString::fromLatin1(method) + u' ' + QString::fromLatin1(route.pattern);
    }
    return {};
}

} // namespace

Office::Office() : key(SigningKey::generate())
{
    database = must(store::Database::open(QStringLiteral(":memory:")));
    store = std::make_unique<store::Store>(*database);
    planning = std::make_unique<fleet::Planning>(*database, key, clock);
    commanding =
        std::make_unique<fleet::Commanding>(key, clock, [this](const StationId& station, const QByteArray& sealed) {
            pushed.emplace_back(station, sealed);
        });
    settings.passwordCost = store::PasswordCost::Testing;
    services = std::make_unique<api::Services>(
        api::Services{clock, must(library::MediaLibrary::open(folder.path())),
                      must(library::UploadStore::open(folder.path())), *planning, *commanding, key.verifyKey(),
                      [this](const library::IngestJob& job) { jobs.push_back(job); }, [this] { ++plansAskedFor; },
                      [] { return imports::loadPresets(qEnvironmentVariable("LOA_SOURCE_DIR") + s("/config")); }});
    router = std::make_unique<api::Router>(*services, settings);
    makeDistrict();
    makePeople();
}

Office::~Office() = default;

void Office::makeDistrict()
{
    const QDate since(2020, 1, 1);
    must(store->units.add({UnitId{s("district")}, std::nullopt, s("D"), s("Huyện Thử"), s("district"), since, {}}));
    for (const char* id : {"commune-a", "commune-b"})
        must(
            store->units.add({UnitId{s(id)}, UnitId{s("district")}, s(id), s("Xã ") + s(id), s("commune"), since, {}}));
    for (const char* letter : {"a", "b"}) {
        model::Station station;
        station.id = StationId{s("station-") + s(letter)};
        station.unit = UnitId{s("commune-") + s(letter)};
        station.code = s("DTT-") + s(letter);
        station.name = s("Đài xã ") + s(letter);
        station.clusters = {{ClusterId{s("cluster-") + s(letter)}, s("Cụm 1"), s("main"), 4}};
        must(store->stations.add(station, clock.now()));
    }
    must(store->topics.put({TopicId{s("mot-cua")}, s("cchc-e"), s("Một cửa"), s("One-stop shop")}));
    must(store->topics.put({TopicId{s("khac")}, s("other"), s("Khác"), s("Other")}));
    HoursPolicy policy;
    policy.id = PolicyId{s("gio")};
    policy.name = s("Khung giờ");
    policy.validFrom = since;
    for (auto& day : policy.week)
        day = {{std::chrono::minutes(300), std::chrono::minutes(1260)}};
    must(store->policies.add({UnitId{s("district")}, policy}));
    model::Obligation duty;
    duty.id = ObligationId{s("cchc")};
    duty.unit = UnitId{s("district")};
    duty.plan = s("KH 2024");
    duty.row = 3;
    duty.titleVi = s("2 tin/bài mỗi tháng");
    duty.titleEn = s("2 items a month");
    duty.required = 2;
    duty.topicGroups = {s("cchc-a"), s("cchc-e")};
    duty.evidence = model::ObligationEvidence::Airings;
    duty.validFrom = since;
    must(store->obligations.put(duty));
}

void Office::makePeople()
{
    const QString hash = must(store::hashPassword(s(password), store::PasswordCost::Testing));
    const auto person = [&](const char* name, model::Role role, const char* unit) {
        model::User user;
        user.id = UserId{s("user-") + s(name)};
        user.username = s(name);
        user.fullName = s("Ông ") + s(name);
        user.roles = {{role, UnitId{s(unit)}}};
        user.createdAt = clock.now();
        must(store->users.add(user, hash));
        people[name] = signIn(name, password);
    };
    person("admin", model::Role::Administrator, "district");
    person("editor", model::Role::Editor, "district");
    person("approver", model::Role::Approver, "district");
    person("inspector", model::Role::Inspector, "district");
    person("admin-b", model::Role::Administrator, "commune-b");
    person("officer-a", model::Role::CommuneOfficer, "commune-a");
    person("officer-b", model::Role::CommuneOfficer, "commune-b");
}

api::Response Office::raw(const QByteArray& method, const QByteArray& target, const QByteArray& fields,
                          const QByteArray& body)
{
    auto head = api::parseHead(method + ' ' + target + " HTTP/1.1\r\nHost: loa.test\r\n" + fields + "\r\n");
    REQUIRE(head);
    api::Request request = head->request;
    request.body = body;
    request.peer = QHostAddress(QStringLiteral("192.0.2.7"));
    const QString operation = operationOf(request);
    api::Response response = router->handle(request, *database);
    if (!operation.isEmpty()) {
        const QStringList mistakes = description().mistakesOf(operation, response);
        INFO(response.bytes().toStdString());
        CHECK(mistakes.join(u'\n').toStdString() == "");
    }
    return response;
}

QByteArray Office::credentials(const QByteArray& person) const
{
    const Visitor& visitor = people.at(person);
    return "Cookie: " + visitor.cookie + "\r\nX-CSRF-Token: " + visitor.csrf + "\r\n";
}

api::Response Office::get(const QByteArray& person, const QByteArray& target, const QByteArray& fields)
{
    return raw("GET", "/api/v1" + target, "Cookie: " + people.at(person).cookie + "\r\n" + fields);
}

api::Response Office::send(const QByteArray& person, const QByteArray& method, const QByteArray& target,
                           const QJsonObject& body, const QByteArray& fields)
{
    return raw(method, "/api/v1" + target, credentials(person) + "Content-Type: application/json\r\n" + fields,
               QJsonDocument(body).toJson(QJsonDocument::Compact));
}

api::Response Office::ask(const Caller& agent, const QByteArray& method, const QByteArray& path, const QByteArray& body,
                          const QByteArray& fields, std::chrono::seconds skew)
{
    QByteArray all = fields;
    for (const auto& [name, value] :
         signRequest({method, "/api/v1" + path, {}}, body, agent.id, agent.key, clock.now() + skew, newNonce()))
        all += name + ": " + value + "\r\n";
    if (!body.isEmpty())
        all += "Content-Type: application/json\r\n";
    return raw(method, "/api/v1" + path, all, body);
}

Visitor Office::signIn(const QByteArray& username, const QByteArray& given)
{
    const QJsonObject body{{s("username"), QString::fromUtf8(username)}, {s("password"), QString::fromUtf8(given)}};
    const api::Response response = raw("POST", "/api/v1/session", "Content-Type: application/json\r\n",
                                       QJsonDocument(body).toJson(QJsonDocument::Compact));
    if (response.status != 200)
        return {};
    return {response.header("Set-Cookie").split(';').front(),
            json(response).value(QLatin1String("csrf_token")).toString().toLatin1()};
}

Caller Office::enrolAgent(const QString& station, std::uint8_t seed)
{
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    Caller agent{{}, SigningKey::fromSeed(bytes)};
    const api::Response code = post("admin", "/agents/enrolment-codes",
                                    {{s("name"), s("Máy ") + station}, {s("station_ids"), QJsonArray{station}}});
    REQUIRE(code.status == 201);
    const QJsonObject body{{s("code"), json(code).value(QLatin1String("code"))},
                           {s("public_key"), QString::fromLatin1(agent.key.verifyKey().toBase64())},
                           {s("name"), s("may")}};
    const api::Response enrolled = raw("POST", "/api/v1/agent/enrol", "Content-Type: application/json\r\n",
                                       QJsonDocument(body).toJson(QJsonDocument::Compact));
    REQUIRE(enrolled.status == 201);
    CHECK(json(enrolled).value(QLatin1String("scheduler_key")).toString().toLatin1() == key.verifyKey().toBase64());
    agent.id = AgentId{json(enrolled).value(QLatin1String("agent_id")).toString()};
    return agent;
}

QString Office::upload(const QByteArray& person, const QByteArray& bytes, const QByteArray& name)
{
    const QByteArray tus = credentials(person) + "Tus-Resumable: 1.0.0\r\n";
    const api::Response created = raw("POST", "/api/v1/uploads",
                                      tus + "Upload-Length: " + QByteArray::number(bytes.size()) +
                                          "\r\nUpload-Metadata: filename " + name.toBase64() + "\r\n");
    REQUIRE(created.status == 201);
    const QByteArray location = created.header("Location");
    const api::Response patched =
        raw("PATCH", location, tus + "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n", bytes);
    REQUIRE(patched.status == 204);
    return QString::fromLatin1(location.mid(location.lastIndexOf('/') + 1));
}

void Office::ingest(const library::IngestJob& job, const QByteArray& houseFile, int seconds)
{
    const Sha256 hash = sha256(houseFile);
    QFile file(folder.filePath(QStringLiteral("house")));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(houseFile);
    file.close();
    must(services->media.adopt(file.fileName(), hash));
    model::IngestedAudio audio;
    audio.sourceSha256 = sha256("source");
    audio.sha256 = hash;
    audio.bytes = houseFile.size();
    audio.frames = {sampleRate * seconds};
    audio.integratedLufs = -16.0;
    audio.truePeakDbtp = -1.6;
    audio.report = R"({"peaks":[0.1,0.5,1],"warnings":[{"code":"quiet","vi":"Nhỏ","en":"Quiet"}]})";
    must(store->items.save(must(model::ingestFinished(must(store->items.find(job.item)), job.version, audio))));
}

QJsonObject Office::approvedItem(const QString& title, const QString& scope, const QByteArray& audio)
{
    const api::Response made = post("editor", "/items",
                                    {{s("title"), title},
                                     {s("unit_id"), s("district")},
                                     {s("scope_unit_id"), scope},
                                     {s("topics"), QJsonArray{s("mot-cua")}},
                                     {s("valid_from"), s("2026-11-01")}});
    REQUIRE(made.status == 201);
    const QByteArray path = "/items/" + json(made).value(QLatin1String("id")).toString().toLatin1();
    REQUIRE(post("editor", path + "/versions", {{s("upload_id"), upload("editor", "sound of " + audio)}}).status ==
            202);
    ingest(jobs.back(), audio);
    REQUIRE(post("editor", path + "/submit").status == 200);
    const api::Response approved = post("approver", path + "/approve", {{s("sha256"), toString(sha256(audio))}});
    REQUIRE(approved.status == 200);
    return json(approved);
}

void Office::plan()
{
    must(planning->replanAll());
}

std::vector<model::AuditRecord> Office::audit()
{
    return must(store->audit.latest(1000));
}

QJsonObject Office::json(const api::Response& response)
{
    return QJsonDocument::fromJson(response.bytes()).object();
}

} // namespace loa::test
