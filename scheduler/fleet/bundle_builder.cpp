#include "scheduler/fleet/bundle_builder.h"

#include "scheduler/contract/mix_rules.h"
#include "scheduler/planner/sessions.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace loa::fleet {

namespace {

UtcTime endOf(const model::Session& session)
{
    return session.startsAt + toDuration(session.frames);
}

UtcTime endOf(const BundleSession& session)
{
    return session.startsAt + toDuration(session.frames);
}

// In the order in which the station lists its clusters.
std::vector<BundleOutput> outputsOf(const model::Station& station)
{
    std::vector<BundleOutput> outputs;
    for (const model::SpeakerCluster& cluster : station.clusters) {
        auto output = std::find_if(outputs.begin(), outputs.end(),
                                   [&](const BundleOutput& some) { return some.name == cluster.output; });
        if (output == outputs.end())
            output = outputs.insert(outputs.end(), BundleOutput{cluster.output, {}});
        output->clusters.push_back(cluster.name);
    }
    return outputs;
}

BundleMedia mediaOf(const model::Item& item, const model::ItemVersion& version)
{
    return {*version.sha256,
            version.bytes,
            version.frames,
            item.id,
            version.number,
            item.title,
            {item.approval->approvedBy, item.approval->approvedByName, item.approval->approvedAt},
            item.playRules.mayFade};
}

class Builder {
public:
    Builder(const BundleMaterial& material, const QTimeZone& zone, UtcTime now)
        : m_material(material), m_zone(zone), m_now(now), m_until(now + bundleDays + renewalDays)
    {
        for (const model::Item& item : material.items)
            m_items.insert(item.id, &item);
    }

    BuiltBundle build()
    {
        Bundle& bundle = m_built.bundle;
        const model::Station& station = m_material.station;
        bundle.station = station.id;
        bundle.stationName = station.name;
        bundle.timeZone = station.timeZone;
        bundle.issuedAt = m_now;
        bundle.validFrom = m_now;
        bundle.validUntil = m_until;
        bundle.outputs = outputsOf(station);
        bundle.policies = m_material.policies;
        addSessions();
        addRelays();
        for (const BundleMedia& media : m_media) {
            if (m_sounding.contains(media.sha256))
                bundle.media.push_back(media);
        }
        std::sort(bundle.media.begin(), bundle.media.end(),
                  [](const BundleMedia& a, const BundleMedia& b) { return a.sha256 < b.sha256; });
        return std::move(m_built);
    }

private:
    void addSessions()
    {
        std::vector<const model::Session*> sessions;
        for (const model::Session& session : m_material.sessions) {
            if (endOf(session) > m_now && session.startsAt < m_until)
                sessions.push_back(&session);
        }
        std::sort(sessions.begin(), sessions.end(),
                  [](const model::Session* a, const model::Session* b) { return a->startsAt < b->startsAt; });
        QHash<SessionId, std::size_t> index;
        for (const model::Session* session : sessions) {
            index.insert(session->id, m_built.bundle.sessions.size());
            m_built.bundle.sessions.push_back({session->id, session->title, session->startsAt, session->frames, {}});
        }
        for (const planner::Placement& placement : m_material.placements) {
            const auto at = index.constFind(placement.session);
            if (at == index.cend())
                continue;
            if (admit(placement, *sessions[*at])) {
                m_built.bundle.sessions[*at].airings.push_back({placement.airing(),
                                                                placement.item,
                                                                placement.sha256,
                                                                placement.offset,
                                                                placement.frames,
                                                                placement.priority,
                                                                {},
                                                                placement.fadeIn,
                                                                placement.fadeOut,
                                                                placement.duckDb,
                                                                placement.duckGlide});
            } else {
                m_built.leftOut.push_back(placement.airing());
            }
        }
        for (const model::Session* session : sessions) {
            for (const model::SessionRelay& relay : session->relays)
                place(relay, *session, m_built.bundle.sessions[index.value(session->id)]);
        }
        for (BundleSession& session : m_built.bundle.sessions) {
            std::sort(session.airings.begin(), session.airings.end(),
                      [](const BundleAiring& a, const BundleAiring& b) { return a.offset < b.offset; });
            leaveOutBadMixes(session);
        }
    }

    // A recording that lost its leave to be faded sounds whole and alone, or not at all.
    void leaveOutBadMixes(BundleSession& session)
    {
        MixJudge mix;
        std::erase_if(session.airings, [&](const BundleAiring& airing) {
            const auto media = m_media.constFind(airing.sha256);
            const bool isBad = mix.admit(airing, media == m_media.cend() ? nullptr : &*media).has_value();
            if (isBad)
                m_built.leftOut.push_back(airing.id);
            return isBad;
        });
        for (const BundleAiring& airing : session.airings)
            m_sounding.insert(airing.sha256);
    }

    // The same judgement that the agent will make; on a yes the audio is kept.
    bool admit(const planner::Placement& placement, const model::Session& session)
    {
        const model::Item* item = m_items.value(placement.item);
        const model::ItemVersion* version = item == nullptr ? nullptr : soundingVersion(*item);
        if (version == nullptr || *version->sha256 != placement.sha256 || version->frames < placement.frames)
            return false;
        const bool validThen =
            item->validFrom <= session.localDate && (!item->validUntil || session.localDate <= *item->validUntil);
        const UtcTime from = session.startsAt + toDuration(placement.offset);
        const UtcTime until = session.startsAt + toDuration(placement.offset + placement.frames);
        const bool withinHours =
            placement.priority == Priority::Emergency || isAllowed(m_material.policies, m_zone, from, until);
        if (!validThen || !withinHours)
            return false;
        const auto listed = m_media.constFind(placement.sha256);
        if (listed == m_media.cend())
            m_media.insert(placement.sha256, mediaOf(*item, *version));
        return listed == m_media.cend() || listed->item == item->id;
    }

    // A relay without source is another device's.
    void place(const model::SessionRelay& planned, const model::Session& session, BundleSession& bundled)
    {
        if (!planned.relay)
            return;
        const AiringId airing = relayAiringIdFor(session.id, *planned.relay, planned.id);
        const auto source = std::ranges::find_if(
            m_material.relays, [&](const model::RelaySource& some) { return some.definition.id == *planned.relay; });
        const UtcTime from = session.startsAt + toDuration(planned.offset);
        const UtcTime until = session.startsAt + toDuration(planned.offset + planned.frames);
        if (source == m_material.relays.end() || !isApproved(*source) ||
            !isAllowed(m_material.policies, m_zone, from, until)) {
            m_built.leftOut.push_back(airing);
            return;
        }
        auto used = m_relays.find(source->definition.id);
        if (used == m_relays.end())
            used = m_relays.insert(source->definition.id, {&*source, session.localDate, session.localDate});
        used->last = std::max(used->last, session.localDate);
        bundled.airings.push_back({airing,
                                   {},
                                   source->approval->definition,
                                   planned.offset,
                                   planned.frames,
                                   Priority::Normal,
                                   *planned.relay});
    }

    void addRelays()
    {
        for (const UsedRelay& used : m_relays) {
            const model::RelaySource& source = *used.source;
            const auto isOf = [&](const BundleAiring& airing) { return airing.relay == source.definition.id; };
            if (std::ranges::none_of(m_built.bundle.sessions, [&](const BundleSession& session) {
                    return std::ranges::any_of(session.airings, isOf);
                }))
                continue; // its neighbours kept it out
            m_built.bundle.relays.push_back(
                {source.definition,
                 source.approval->definition,
                 {source.approval->approvedBy, source.approval->approvedByName, source.approval->approvedAt},
                 standbyOf(used)});
        }
        std::ranges::sort(m_built.bundle.relays, {}, [](const BundleRelay& relay) { return relay.definition.id; });
    }

    struct UsedRelay {
        const model::RelaySource* source;
        QDate first; // days on which it is relayed
        QDate last;
    };
    std::optional<Sha256> standbyOf(const UsedRelay& used)
    {
        const auto& standby = used.source->definition.standby;
        const model::Item* item = standby ? m_items.value(*standby) : nullptr;
        const model::ItemVersion* version = item == nullptr ? nullptr : soundingVersion(*item);
        if (version == nullptr || used.first < item->validFrom || (item->validUntil && *item->validUntil < used.last))
            return std::nullopt;
        const std::vector<StationId>& forbidden = item->playRules.forbiddenAt;
        if (std::ranges::find(forbidden, m_material.station.id) != forbidden.end())
            return std::nullopt;
        const auto listed = m_media.constFind(*version->sha256);
        if (listed == m_media.cend())
            m_media.insert(*version->sha256, mediaOf(*item, *version));
        else if (listed->item != item->id)
            return std::nullopt;
        m_sounding.insert(*version->sha256);
        return *version->sha256;
    }

    const BundleMaterial& m_material;
    const QTimeZone& m_zone;
    UtcTime m_now;
    UtcTime m_until;
    QHash<ItemId, const model::Item*> m_items;
    QHash<Sha256, BundleMedia> m_media; // of all that was admitted
    QSet<Sha256> m_sounding;            // of what no neighbour keeps out
    QHash<RelayId, UsedRelay> m_relays;
    BuiltBundle m_built;
};

// What a bundle tells of the time from `now` until `until`.
Bundle tidingsOf(const Bundle& bundle, UtcTime now, UtcTime until)
{
    Bundle tidings = bundle;
    tidings.version = 0;
    tidings.issuedAt = tidings.validFrom = tidings.validUntil = {};
    std::erase_if(tidings.sessions,
                  [&](const BundleSession& session) { return endOf(session) <= now || session.startsAt >= until; });
    const auto isUsed = [&](auto holds) {
        return std::ranges::any_of(tidings.sessions, [&](const BundleSession& session) {
            return std::ranges::any_of(session.airings, holds);
        });
    };
    std::erase_if(tidings.relays, [&](const BundleRelay& relay) {
        return !isUsed([&](const BundleAiring& airing) { return airing.relay == relay.definition.id; });
    });
    std::erase_if(tidings.media, [&](const BundleMedia& media) {
        const bool standsBy = std::ranges::any_of(
            tidings.relays, [&](const BundleRelay& relay) { return relay.standby == media.sha256; });
        return !standsBy &&
               std::none_of(tidings.sessions.begin(), tidings.sessions.end(), [&](const BundleSession& session) {
                   return std::any_of(session.airings.begin(), session.airings.end(),
                                      [&](const BundleAiring& airing) { return airing.sha256 == media.sha256; });
               });
    });
    return tidings;
}

} // namespace

Result<BuiltBundle> buildBundle(const BundleMaterial& material, UtcTime now)
{
    const QTimeZone zone(material.station.timeZone);
    if (!zone.isValid()) {
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Không có múi giờ \"%1\".").arg(QString::fromUtf8(material.station.timeZone)),
                     QStringLiteral("There is no time zone \"%1\".").arg(QString::fromUtf8(material.station.timeZone))},
                    material.station.id.value);
    }
    return Builder(material, zone, now).build();
}

bool saysTheSame(const Bundle& last, const Bundle& next, UtcTime now)
{
    const UtcTime until = std::min(last.validUntil, next.validUntil);
    return tidingsOf(last, now, until) == tidingsOf(next, now, until);
}

} // namespace loa::fleet
