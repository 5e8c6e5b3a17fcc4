#include "scheduler/fleet/enrolment.h"

#include <QJsonArray>

#include <algorithm>

namespace loa::fleet {

namespace {

QJsonArray namesOf(std::span<const StationId> stations)
{
    QJsonArray names;
    for (const StationId& station : stations)
        names.append(station.value);
    return names;
}

RefusedRequest refuse(const char* vi, const char* en, UtcTime now)
{
    return {{ErrorCategory::Unauthorized, {QString::fromUtf8(vi), QString::fromUtf8(en)}, {}}, false, now};
}

} // namespace

Result<NewEnrolmentCode> makeEnrolmentCode(store::Store& store, std::span<const StationId> stations,
                                           const QString& name, const model::User& by, UtcTime now)
{
    return store.database.transaction([&]() -> Result<NewEnrolmentCode> {
        if (stations.empty() || name.trimmed().isEmpty() || name.size() > 200) {
            return fail(ErrorCategory::InvalidInput,
                        {QStringLiteral("Mã ghi danh cần tên bộ phát và ít nhất một đài."),
                         QStringLiteral("An enrolment code needs the agent's name and at least one station.")});
        }
        for (const StationId& station : stations) {
            if (const auto known = store.stations.find(station); !known)
                return passOn(known);
        }
        const UtcTime expiresAt = now + enrolmentCodeLife;
        const auto code =
            store.agents.addCode({name.trimmed(), {stations.begin(), stations.end()}, by.id, now, expiresAt});
        if (!code)
            return passOn(code);
        const auto noted = store.audit.append(now, by, QStringLiteral("agent.enrolment-code"),
                                              QStringLiteral("agent:%1").arg(name.trimmed()),
                                              {{QStringLiteral("stations"), namesOf(stations)}});
        if (!noted)
            return passOn(noted);
        return NewEnrolmentCode{*code, expiresAt};
    });
}

Result<model::Agent> enrol(store::Store& store, const QString& code, const VerifyKey& key, const QString& name,
                           UtcTime now)
{
    return store.database.transaction([&]() -> Result<model::Agent> {
        const auto known = store.agents.findByKey(key);
        if (!known)
            return passOn(known);
        if (*known && !(*known)->revoked) {
            // The answer to the first try may have been lost on its way.
            const auto usedBy = store.agents.codeUsedBy(code);
            if (!usedBy)
                return passOn(usedBy);
            if (*usedBy == (*known)->id)
                return **known;
        }
        const auto use = store.agents.usableCode(code, now);
        if (!use)
            return passOn(use);
        model::Agent agent;
        agent.id = AgentId{newId(now)};
        agent.name = use->name.isEmpty() ? name.trimmed().left(200) : use->name;
        agent.key = key;
        agent.stations = use->stations;
        agent.enrolledAt = now;
        if (const auto added = store.agents.add(agent); !added)
            return passOn(added);
        if (const auto used = store.agents.useCode(code, agent.id, now); !used)
            return passOn(used);
        const auto noted = store.audit.append(now, nullptr, agent.name, QStringLiteral("agent.enrol"),
                                              QStringLiteral("agent:%1").arg(agent.id.value),
                                              {{QStringLiteral("key"), key.keyId()},
                                               {QStringLiteral("name_given"), name.trimmed().left(200)},
                                               {QStringLiteral("stations"), namesOf(agent.stations)}});
        if (!noted)
            return passOn(noted);
        return store.agents.find(agent.id);
    });
}

Result<model::Agent> separate(store::Store& store, const model::Agent& agent, const StationId& station,
                              const VerifyKey& key, const Signature& proof, UtcTime now)
{
    if (!key.verify(domain::stationKey, stationKeyMessage(agent.id, station), proof))
        return fail(ErrorCategory::Unauthorized,
                    {QStringLiteral("Chữ ký không phải của khoá này."),
                     QStringLiteral("The signature is not that of this key.")},
                    station.value);
    return store.database.transaction([&]() -> Result<model::Agent> {
        const auto carries = [&](const model::Agent& one) {
            return std::find(one.stations.begin(), one.stations.end(), station) != one.stations.end();
        };
        const auto known = store.agents.findByKey(key);
        if (!known)
            return passOn(known);
        const auto carried = store.agents.hasCarried(agent.id, station);
        if (!carried)
            return passOn(carried);
        // The answer to the first try may have been lost on its way.
        if (*known && !(*known)->revoked && *carried && (*known)->id != agent.id && (*known)->stations.size() == 1 &&
            carries(**known))
            return **known;
        if (*known)
            return fail(ErrorCategory::Conflict,
                        {QStringLiteral("Khoá này đã được ghi danh."), QStringLiteral("This key is enrolled already.")},
                        (*known)->id.value);
        if (!carries(agent))
            return fail(ErrorCategory::Forbidden,
                        {QStringLiteral("Máy phát này không phục vụ đài đó."),
                         QStringLiteral("This agent does not carry that station.")},
                        station.value);
        const auto named = store.stations.find(station);
        if (!named)
            return passOn(named);
        model::Agent own;
        own.id = AgentId{newId(now)};
        own.name = (agent.name + QStringLiteral(" · ") + named->name).left(200);
        own.key = key;
        own.stations = {station};
        own.enrolledAt = now;
        if (const auto added = store.agents.add(own); !added)
            return passOn(added);
        const auto noted = store.audit.append(now, nullptr, agent.name, QStringLiteral("agent.separate"),
                                              QStringLiteral("agent:%1").arg(own.id.value),
                                              {{QStringLiteral("key"), key.keyId()},
                                               {QStringLiteral("from"), agent.id.value},
                                               {QStringLiteral("stations"), namesOf(own.stations)}});
        if (!noted)
            return passOn(noted);
        return store.agents.find(own.id);
    });
}

tl::expected<model::Agent, RefusedRequest> verifyAgentRequest(store::Store& store, const RequestClaim& claim,
                                                              const RequestLine& line, QByteArrayView body, UtcTime now)
{
    const auto agent = store.agents.find(claim.agent);
    if (!agent && agent.error().category != ErrorCategory::NotFound)
        return tl::unexpected(RefusedRequest{agent.error(), false, now});
    if (!agent || agent->revoked)
        return tl::unexpected(refuse("Không biết bộ phát này, hoặc nó đã bị thu hồi. Hãy ghi danh lại.",
                                     "This agent is not known, or was revoked. Enrol it again.", now));
    if (const auto held = verifyRequest(claim, line, body, agent->key); !held)
        return tl::unexpected(RefusedRequest{held.error(), false, now});
    if (claim.created < now - requestTolerance || claim.created > now + requestTolerance) {
        RefusedRequest refused = refuse("Đồng hồ của bộ phát lệch quá 5 phút so với bộ lập lịch.",
                                        "The agent's clock is more than 5 minutes away from the scheduler's.", now);
        refused.error.where = QStringLiteral("created %1, now %2").arg(toString(claim.created), toString(now));
        refused.clockSkew = true;
        return tl::unexpected(std::move(refused));
    }
    // A nonce counts for as long as a request that carries it can be in time.
    const UtcTime forgetBefore = now - 2 * requestTolerance - std::chrono::minutes(1);
    const auto isNew = store.database.transaction([&]() -> Result<bool> {
        auto taken = store.agents.takeNonce(agent->id, claim.nonce, now, forgetBefore);
        if (!taken || !*taken)
            return taken;
        if (const auto noted = store.agents.seen(agent->id, now); !noted)
            return passOn(noted);
        return true;
    });
    if (!isNew)
        return tl::unexpected(RefusedRequest{isNew.error(), false, now});
    if (!*isNew)
        return tl::unexpected(refuse("Yêu cầu này đã được gửi trước đó.", "This request was sent before.", now));
    return *agent;
}

} // namespace loa::fleet
