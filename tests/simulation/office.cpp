#include "tests/simulation/office.h"

#include "scheduler/contract/command.h"
#include "scheduler/fleet/airing_intake.h"
#include "scheduler/fleet/compliance_loading.h"
#include "scheduler/fleet/enrolment.h"
#include "scheduler/model/item_workflow.h"
#include "scheduler/store/password.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace loa::simulation {

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

QByteArray configFile(const QString& name)
{
    QFile file(QStringLiteral("%1/config/%2")
                   .arg(qEnvironmentVariable("LOA_SOURCE_DIR", QStringLiteral(LOA_SIMULATION_SOURCE_DIR)), name));
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error("cannot read " + file.fileName().toStdString());
    return file.readAll();
}

QJsonObject configObject(const QString& name)
{
    return QJsonDocument::fromJson(configFile(name)).object();
}

// "2 reform items every month", as config/obligations has it.
model::Obligation monthlyDuty(const UnitId& unit)
{
    const QJsonObject file = configObject(text("obligations/cchc-monthly.json"));
    const QJsonObject duty = file[text("obligations")].toArray().at(0).toObject();
    model::Obligation obligation;
    obligation.id = {duty[text("id")].toString()};
    obligation.unit = unit;
    obligation.plan = file[text("plan")].toString();
    obligation.titleVi = duty[text("title_vi")].toString();
    obligation.titleEn = duty[text("title_en")].toString();
    obligation.dutyHolderVi = duty[text("duty_holder_vi")].toString();
    obligation.reportedToVi = duty[text("reported_to_vi")].toString();
    obligation.required = duty[text("required")].toInt();
    obligation.period = must(model::obligationPeriodFromString(duty[text("period")].toString()));
    for (const QJsonValue& group : duty[text("topic_groups")].toArray())
        obligation.topicGroups.push_back(group.toString());
    obligation.evidence = model::ObligationEvidence::Airings;
    obligation.validFrom = QDate::fromString(duty[text("valid_from")].toString(), Qt::ISODate);
    return obligation;
}

} // namespace

Office::Office(const Clock& clock, const SigningKey& key)
    : m_clock(clock), m_key(key), m_database(must(store::Database::open(text(":memory:")))), m_store(*m_database),
      m_planning(*m_database, key, clock, [this](const StationId& station, std::int64_t version) {
          if (m_listener)
              m_listener(station, version);
      })
{
    m_district = {{text("district")}, std::nullopt,      text("001"), text("Huyện Thử Nghiệm"),
                  text("district"),   QDate(2021, 1, 1), std::nullopt};
    must(m_store.units.add(m_district));
    addPeople();
    for (const model::Topic& topic : must(store::topicsFromJson(configFile(text("topics.json")))))
        must(m_store.topics.put(topic));
    must(m_store.obligations.put(monthlyDuty(m_district.id)));
}

void Office::addPeople()
{
    m_approver.id = {text("approver")};
    m_approver.username = text("duyet");
    m_approver.fullName = text("Lê Thị Duyệt");
    m_approver.roles = {{model::Role::Approver, m_district.id}};
    m_approver.createdAt = m_clock.now();
    must(m_store.users.add(m_approver, text("no password")));
}

StationId Office::addStation(const Commune& commune)
{
    const UnitId unit{text(commune.code)};
    must(m_store.units.add({unit, m_district.id, text(commune.code), text(commune.name), text("commune"),
                            QDate(2021, 1, 1), std::nullopt}));
    model::Station station;
    station.id = {QStringLiteral("dai-%1").arg(text(commune.code))};
    station.unit = unit;
    station.code = station.id.value;
    station.name = QStringLiteral("Đài %1").arg(text(commune.name));
    for (const char* output : commune.speakerOutputs)
        station.clusters.push_back({{QStringLiteral("%1-%2").arg(station.id.value, text(output))},
                                    QStringLiteral("Cụm %1").arg(text(output)),
                                    text(output),
                                    10});
    must(m_store.stations.add(station, m_clock.now()));

    HoursPolicy policy =
        must(hoursPolicyFromJson(configObject(QStringLiteral("policies/%1.json").arg(text(commune.policy)))));
    policy.id.value += QStringLiteral("-%1").arg(text(commune.code));
    must(m_store.policies.add({unit, policy}));
    std::optional<TemplateId> made;
    if (commune.relay.count() > 0)
        made = relayFirst(unit, commune.relay);
    for (const char* start : commune.startTimes) {
        model::SessionRule rule;
        rule.startTime = QTime::fromString(text(start), QStringLiteral("H:mm"));
        rule.id = {QStringLiteral("%1-%2").arg(station.id.value).arg(rule.startTime.hour())};
        rule.station = station.id;
        rule.title = rule.startTime.hour() < 12 ? text("Buổi sáng") : text("Buổi chiều");
        rule.rrule = text(commune.rrule);
        rule.startDate = QDate(2026, 11, 1);
        rule.duration = commune.length;
        rule.validFrom = rule.startDate;
        rule.made = made;
        must(m_store.sessionRules.add(rule));
    }
    must(m_planning.wish(std::vector<StationId>{station.id}));
    noteWish();
    return station.id;
}

// A session that relays for so long, then has room for items.
TemplateId Office::relayFirst(const UnitId& unit, std::chrono::seconds length)
{
    model::RelaySource source;
    source.definition.id = {QStringLiteral("relay-%1").arg(unit.value)};
    source.definition.unit = unit;
    source.definition.name = text("Đài huyện");
    source.definition.addresses = {text("http://10.0.0.1:8000/huyen")};
    source.approval =
        model::RelayApproval{hashOf(source.definition), m_approver.id, m_approver.fullName, m_clock.now()};
    must(m_store.relays.add(source));
    model::SessionTemplate made;
    made.id = {QStringLiteral("template-%1").arg(unit.value)};
    made.unit = unit;
    made.name = text("Có tiếp sóng");
    model::TemplatePart relay;
    relay.id = text("relay");
    relay.kind = model::PartKind::Relay;
    relay.at = std::chrono::seconds(0);
    relay.source = source.definition.name;
    relay.relay = source.definition.id;
    relay.most = length;
    model::TemplatePart items;
    items.id = text("items");
    made.parts = {relay, items};
    must(m_store.templates.add(made));
    return made.id;
}

void Office::approve(const Programme& programme)
{
    // Any bytes will do: what sounds in a simulation is silence of the right length.
    const QByteArray audio = QByteArray(programme.id) + QByteArray(5000, programme.id[0]);
    const Sha256 hash = sha256(audio);
    m_media[hash] = audio;
    model::Item draft;
    draft.id = {text(programme.id)};
    draft.title = text(programme.title);
    draft.unit = m_district.id;
    draft.scope = m_district.id;
    draft.topics = {{text(programme.topic)}};
    draft.validFrom = QDate(2026, 11, 1);
    draft.createdBy = m_approver.id;
    draft.createdAt = m_clock.now();
    model::Item item = must(model::newItem(draft));
    item = must(model::attachVersion(item, {QStringLiteral("upload-%1").arg(text(programme.id))}, text("tin.mp3"),
                                     m_clock.now()));
    model::IngestedAudio ingested;
    ingested.sourceSha256 = hash;
    ingested.sha256 = hash;
    ingested.bytes = audio.size();
    ingested.frames = toFrames(programme.length);
    item = must(model::ingestFinished(item, 1, ingested));
    item = must(model::approve(must(model::submit(item)), hash, m_approver.id, m_approver.fullName, m_clock.now()));
    must(m_store.items.add(item));
    must(m_planning.wishFor(item));
    noteWish();
}

model::Agent Office::enrol(const StationId& station, const VerifyKey& key)
{
    const auto code =
        must(fleet::makeEnrolmentCode(m_store, std::vector<StationId>{station},
                                      QStringLiteral("Bộ phát %1").arg(station.value), m_approver, m_clock.now()));
    return must(fleet::enrol(m_store, code.code, key, text("bo-phat"), m_clock.now()));
}

QByteArray Office::bundleAfter(const StationId& station, std::int64_t knownVersion)
{
    if (must(m_store.bundles.latestVersion(station)) <= knownVersion)
        return {};
    return must(m_store.bundles.latest(station))->sealed;
}

Result<QByteArray> Office::sheet(const StationId& station, const QByteArray& challenge) const
{
    return sealSheet({station, challenge, m_clock.now(), {}}, m_key);
}

Result<QByteArray> Office::media(const Sha256& sha256, std::int64_t offset, std::int64_t length) const
{
    const auto found = m_media.find(sha256);
    if (found == m_media.end())
        return fail(ErrorCategory::NotFound, {text("Không có tệp này."), text("No such file.")});
    return found->second.mid(offset, length);
}

Result<std::pair<std::int64_t, int>> Office::takeEntries(const AgentId& agent,
                                                         const std::vector<SignedLogEntry>& entries)
{
    // Over the wire and back, as the API would have them.
    std::vector<SignedLogEntry> received;
    for (const SignedLogEntry& entry : entries)
        received.push_back(must(signedLogEntryFromJson(toJson(entry))));
    const auto taken = fleet::intakeAirings(m_store, must(m_store.agents.find(agent)), received, m_clock.now());
    if (!taken)
        return passOn(taken);
    if (!taken->stations.empty()) {
        must(m_planning.wish(taken->stations));
        noteWish();
    }
    return std::pair(taken->acknowledgedThrough, static_cast<int>(taken->rejected.size()));
}

void Office::noteWish()
{
    if (!std::exchange(m_wished, true))
        m_nextWork = std::max(m_nextWork, m_clock.now());
}

void Office::wishAll()
{
    must(m_planning.wishUnder(m_district.id));
    noteWish();
}

void Office::work()
{
    if (!m_wished || m_clock.now() < m_nextWork)
        return;
    m_wished = false;
    m_nextWork = m_clock.now() + std::chrono::minutes(5);
    while (true) {
        const auto outcomes = must(m_planning.replanWished());
        if (outcomes.empty())
            return;
        for (const fleet::StationOutcome& outcome : outcomes) {
            if (outcome.error)
                throw std::runtime_error(describe(*outcome.error).toStdString());
        }
    }
}

std::vector<model::Session> Office::sessions(const StationId& station, QDate from, QDate until)
{
    return must(m_store.plans.sessions(station, from, until));
}

std::vector<planner::Placement> Office::placements(const StationId& station, QDate from, QDate until)
{
    return must(m_store.plans.placements(station, from, until));
}

std::vector<planner::Shortfall> Office::shortfalls(const StationId& station)
{
    return must(m_store.plans.shortfalls(station));
}

std::vector<SignedLogEntry> Office::log(const AgentId& agent)
{
    return must(m_store.airings.entries(agent, 1, 1'000'000));
}

store::LogState Office::logState(const AgentId& agent)
{
    return must(m_store.airings.state(agent));
}

compliance::StationStanding Office::standing(const StationId& id, QDate month)
{
    const model::Station station = must(m_store.stations.find(id));
    auto loader = must(fleet::ComplianceLoader::open(m_store, m_clock.now()));
    const QDate last(month.year(), month.month(), month.daysInMonth());
    const auto obligations = must(loader.obligations(station, QDate(month.year(), month.month(), 1), last));
    if (obligations.size() != 1)
        throw std::runtime_error("one duty was expected");
    const auto period = model::periodAround(obligations.front(), month);
    return compliance::standing(must(loader.input(station, obligations.front(), period)));
}

} // namespace loa::simulation
