#include "scheduler/store/plan_repository.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace loa::store {

namespace {

QString layoutText(const model::Session& session)
{
    if (session.segments.empty() && session.parts.empty() && session.relays.empty() && session.cuts.empty())
        return QStringLiteral("");
    QJsonArray segments;
    for (const model::SessionSegment& segment : session.segments)
        segments.append(QJsonArray{qint64(segment.offset.value), qint64(segment.frames.value)});
    QJsonArray parts;
    for (const model::SessionPart& part : session.parts) {
        QJsonArray accepts;
        for (const QString& group : part.accepts)
            accepts.append(group);
        parts.append(QJsonObject{{QStringLiteral("id"), part.id},
                                 {QStringLiteral("kind"), toString(part.kind)},
                                 {QStringLiteral("segment"), part.segment},
                                 {QStringLiteral("most"), qint64(part.most.value)},
                                 {QStringLiteral("accepts"), accepts},
                                 {QStringLiteral("least"), qint64(part.least.value)},
                                 {QStringLiteral("crossfade"), qint64(part.crossfade.value)},
                                 {QStringLiteral("duck_db"), part.duckDb}});
    }
    QJsonArray tunes;
    for (const model::SessionTune& tune : session.tunes)
        tunes.append(QJsonObject{{QStringLiteral("id"), tune.id},
                                 {QStringLiteral("kind"), toString(tune.kind)},
                                 {QStringLiteral("segment"), tune.segment},
                                 {QStringLiteral("before"), tune.before},
                                 {QStringLiteral("item"), tune.item.value},
                                 {QStringLiteral("version"), tune.version},
                                 {QStringLiteral("sha256"), toString(tune.sha256)},
                                 {QStringLiteral("frames"), qint64(tune.frames.value)},
                                 {QStringLiteral("may_fade"), tune.mayFade},
                                 {QStringLiteral("crossfade"), qint64(tune.crossfade.value)},
                                 {QStringLiteral("duck_db"), tune.duckDb},
                                 {QStringLiteral("bed"), tune.isBed},
                                 {QStringLiteral("least"), qint64(tune.least.value)},
                                 {QStringLiteral("most"), qint64(tune.most.value)}});
    QJsonArray relays;
    for (const model::SessionRelay& relay : session.relays)
        relays.append(
            QJsonObject{{QStringLiteral("id"), relay.id},
                        {QStringLiteral("source"), relay.source},
                        {QStringLiteral("offset"), qint64(relay.offset.value)},
                        {QStringLiteral("frames"), qint64(relay.frames.value)},
                        {QStringLiteral("relay"), relay.relay ? QJsonValue(relay.relay->value) : QJsonValue()}});
    QJsonArray cuts;
    for (const model::SessionCut& cut : session.cuts)
        cuts.append(QJsonObject{{QStringLiteral("id"), cut.id},
                                {QStringLiteral("kind"), toString(cut.kind)},
                                {QStringLiteral("vi"), cut.reason.vi},
                                {QStringLiteral("en"), cut.reason.en}});
    const QJsonObject layout{{QStringLiteral("segments"), segments},
                             {QStringLiteral("parts"), parts},
                             {QStringLiteral("tunes"), tunes},
                             {QStringLiteral("relays"), relays},
                             {QStringLiteral("cuts"), cuts}};
    return QString::fromUtf8(QJsonDocument(layout).toJson(QJsonDocument::Compact));
}

void readLayout(RowReader& row, model::Session& session)
{
    const QByteArray layout = row.utf8();
    if (layout.isEmpty())
        return;
    const QJsonObject object = QJsonDocument::fromJson(layout).object();
    for (const QJsonValue value : object.value(QLatin1String("segments")).toArray()) {
        const QJsonArray pair = value.toArray();
        session.segments.push_back({{pair.at(0).toInteger()}, {pair.at(1).toInteger()}});
    }
    for (const QJsonValue value : object.value(QLatin1String("parts")).toArray()) {
        const QJsonObject stored = value.toObject();
        model::SessionPart part;
        part.id = stored.value(QLatin1String("id")).toString();
        const auto kind = model::partKindFromString(stored.value(QLatin1String("kind")).toString());
        if (kind)
            part.kind = *kind;
        else
            row.remark();
        part.segment = stored.value(QLatin1String("segment")).toInt();
        part.most = {stored.value(QLatin1String("most")).toInteger()};
        for (const QJsonValue group : stored.value(QLatin1String("accepts")).toArray())
            part.accepts.push_back(group.toString());
        part.least = {stored.value(QLatin1String("least")).toInteger()};
        part.crossfade = {stored.value(QLatin1String("crossfade")).toInteger()};
        part.duckDb = stored.value(QLatin1String("duck_db")).toInt();
        session.parts.push_back(std::move(part));
    }
    for (const QJsonValue value : object.value(QLatin1String("tunes")).toArray()) {
        const QJsonObject stored = value.toObject();
        const auto kind = model::partKindFromString(stored.value(QLatin1String("kind")).toString());
        const auto sha256 = sha256FromString(stored.value(QLatin1String("sha256")).toString());
        if (!kind || !sha256) {
            row.remark();
            continue;
        }
        session.tunes.push_back({stored.value(QLatin1String("id")).toString(),
                                 *kind,
                                 stored.value(QLatin1String("segment")).toInt(),
                                 stored.value(QLatin1String("before")).toInt(),
                                 ItemId{stored.value(QLatin1String("item")).toString()},
                                 stored.value(QLatin1String("version")).toInt(),
                                 *sha256,
                                 {stored.value(QLatin1String("frames")).toInteger()},
                                 stored.value(QLatin1String("may_fade")).toBool(),
                                 {stored.value(QLatin1String("crossfade")).toInteger()},
                                 stored.value(QLatin1String("duck_db")).toInt(),
                                 stored.value(QLatin1String("bed")).toBool(),
                                 {stored.value(QLatin1String("least")).toInteger()},
                                 {stored.value(QLatin1String("most")).toInteger()}});
    }
    for (const QJsonValue value : object.value(QLatin1String("relays")).toArray()) {
        const QJsonObject stored = value.toObject();
        const QString relay = stored.value(QLatin1String("relay")).toString();
        session.relays.push_back({stored.value(QLatin1String("id")).toString(),
                                  stored.value(QLatin1String("source")).toString(),
                                  {stored.value(QLatin1String("offset")).toInteger()},
                                  {stored.value(QLatin1String("frames")).toInteger()},
                                  relay.isEmpty() ? std::nullopt : std::optional(RelayId{relay})});
    }
    for (const QJsonValue value : object.value(QLatin1String("cuts")).toArray()) {
        const QJsonObject stored = value.toObject();
        const auto kind = model::partKindFromString(stored.value(QLatin1String("kind")).toString());
        if (!kind) {
            row.remark();
            continue;
        }
        session.cuts.push_back(
            {stored.value(QLatin1String("id")).toString(),
             *kind,
             {stored.value(QLatin1String("vi")).toString(), stored.value(QLatin1String("en")).toString()}});
    }
}

model::Session readSession(RowReader& row)
{
    model::Session session;
    session.id = row.id<SessionId>();
    session.rule = row.id<SessionRuleId>();
    session.station = row.id<StationId>();
    session.title = row.text();
    session.localDate = row.date();
    session.startsAt = row.time();
    session.frames = row.frames();
    readLayout(row, session);
    return session;
}

planner::Placement readPlacement(RowReader& row)
{
    planner::Placement placement;
    placement.session = row.id<SessionId>();
    placement.item = row.id<ItemId>();
    placement.version = row.smallInteger();
    placement.sha256 = row.hash();
    placement.offset = row.frames();
    placement.frames = row.frames();
    placement.priority = row.word(priorityFromString);
    placement.reason.vi = row.text();
    placement.reason.en = row.text();
    placement.part = row.smallInteger();
    placement.tune = row.text();
    placement.fadeIn = row.frames();
    placement.fadeOut = row.frames();
    placement.duckDb = row.smallInteger();
    placement.duckGlide = row.frames();
    return placement;
}

planner::Shortfall readShortfall(RowReader& row)
{
    planner::Shortfall shortfall;
    shortfall.obligation = row.id<ObligationId>();
    shortfall.period.first = row.date();
    shortfall.period.last = row.date();
    shortfall.required = row.smallInteger();
    shortfall.completed = row.smallInteger();
    shortfall.planned = row.smallInteger();
    shortfall.reason.vi = row.text();
    shortfall.reason.en = row.text();
    shortfall.proven = row.flag();
    return shortfall;
}

} // namespace

Result<void> PlanRepository::replace(const StationId& station, UtcTime from, std::span<const model::Session> sessions,
                                     const planner::Plan& plan)
{
    return m_database.transaction([&]() -> Result<void> {
        const auto clear = [&](const char* sql, const Values& values) {
            return m_database.execute(QString::fromLatin1(sql), values);
        };
        const auto placements = clear("DELETE FROM placements WHERE session_id IN "
                                      "(SELECT id FROM planned_sessions WHERE station_id = ? AND starts_at >= ?)",
                                      {toSql(station), toSql(from)});
        if (!placements)
            return passOn(placements);
        const auto cleared = clear("DELETE FROM planned_sessions WHERE station_id = ? AND starts_at >= ?",
                                   {toSql(station), toSql(from)});
        if (!cleared)
            return passOn(cleared);
        const auto shortfalls = clear("DELETE FROM shortfalls WHERE station_id = ?", {toSql(station)});
        if (!shortfalls)
            return passOn(shortfalls);

        for (const model::Session& session : sessions) {
            if (session.startsAt < from)
                continue;
            const auto added = m_database.execute(
                QStringLiteral(
                    "INSERT INTO planned_sessions (id, station_id, rule_id, title, local_date, starts_at, frames, "
                    "layout) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
                {toSql(session.id), toSql(station), toSql(session.rule), toSql(session.title), toSql(session.localDate),
                 toSql(session.startsAt), toSql(session.frames), layoutText(session)});
            if (!added)
                return passOn(added);
        }
        for (const planner::Placement& placement : plan.placements) {
            // A placement in a session that has begun is there already and stays as it is.
            const auto added = m_database.execute(
                QStringLiteral(
                    "INSERT INTO placements (airing_id, session_id, item_id, version, sha256, start_frame, frames, "
                    "priority, "
                    "reason_vi, reason_en, part, tune, fade_in, fade_out, duck_db, duck_glide) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
                    "(airing_id) DO "
                    "NOTHING"),
                {toSql(placement.airing()), toSql(placement.session), toSql(placement.item), placement.version,
                 toSql(placement.sha256), toSql(placement.offset), toSql(placement.frames),
                 toString(placement.priority), toSql(placement.reason.vi), toSql(placement.reason.en), placement.part,
                 toSql(placement.tune), toSql(placement.fadeIn), toSql(placement.fadeOut), placement.duckDb,
                 toSql(placement.duckGlide)});
            if (!added)
                return passOn(added);
        }
        for (const planner::Shortfall& shortfall : plan.shortfalls) {
            const auto added = m_database.execute(
                QStringLiteral("INSERT INTO shortfalls (station_id, obligation_id, first_day, "
                               "last_day, required, completed, planned, "
                               "reason_vi, reason_en, proven) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
                {toSql(station), toSql(shortfall.obligation), toSql(shortfall.period.first),
                 toSql(shortfall.period.last), shortfall.required, shortfall.completed, shortfall.planned,
                 toSql(shortfall.reason.vi), toSql(shortfall.reason.en), toSql(shortfall.proven)});
            if (!added)
                return passOn(added);
        }
        if (const auto raised = raiseRevision(station); !raised)
            return passOn(raised);
        return {};
    });
}

Result<std::int64_t> PlanRepository::revision(const StationId& station)
{
    const auto rows = m_database.selectAll(QStringLiteral("SELECT revision FROM plan_revisions WHERE station_id = ?"),
                                           {toSql(station)}, [](RowReader& row) { return row.integer(); });
    if (!rows)
        return passOn(rows);
    return rows->empty() ? 0 : rows->front();
}

Result<std::int64_t> PlanRepository::raiseRevision(const StationId& station)
{
    const auto raised = m_database.execute(
        QStringLiteral("INSERT INTO plan_revisions (station_id, revision) VALUES (?, 1) "
                       "ON CONFLICT (station_id) DO UPDATE SET revision = plan_revisions.revision + 1"),
        {toSql(station)});
    if (!raised)
        return passOn(raised);
    return revision(station);
}

Result<std::vector<model::Session>> PlanRepository::selectSessions(const QString& rest, const Values& values)
{
    return m_database.selectAll(
        QStringLiteral(
            "SELECT id, rule_id, station_id, title, local_date, starts_at, frames, layout FROM planned_sessions ") +
            rest,
        values, readSession);
}

Result<std::vector<model::Session>> PlanRepository::sessions(const StationId& station, QDate from, QDate until)
{
    return selectSessions(
        QStringLiteral("WHERE station_id = ? AND local_date >= ? AND local_date <= ? ORDER BY starts_at, id"),
        {toSql(station), toSql(from), toSql(until)});
}

Result<std::vector<planner::Placement>> PlanRepository::placements(const StationId& station, QDate from, QDate until)
{
    return m_database.selectAll(
        QStringLiteral("SELECT p.session_id, p.item_id, p.version, p.sha256, p.start_frame, p.frames, p.priority, "
                       "p.reason_vi, p.reason_en, p.part, p.tune, p.fade_in, p.fade_out, p.duck_db, p.duck_glide FROM "
                       "placements p JOIN planned_sessions s ON s.id = p.session_id "
                       "WHERE s.station_id = ? AND s.local_date >= ? AND s.local_date <= ? "
                       "ORDER BY s.starts_at, s.id, p.start_frame"),
        {toSql(station), toSql(from), toSql(until)}, readPlacement);
}

Result<std::vector<planner::Shortfall>> PlanRepository::shortfalls(const StationId& station)
{
    return m_database.selectAll(
        QStringLiteral(
            "SELECT obligation_id, first_day, last_day, required, completed, planned, reason_vi, reason_en, proven "
            "FROM shortfalls WHERE station_id = ? ORDER BY first_day, obligation_id"),
        {toSql(station)}, readShortfall);
}

Result<bool> PlanRepository::holds(const AiringId& airing)
{
    const auto rows =
        m_database.select(QStringLiteral("SELECT 1 FROM placements WHERE airing_id = ?"), {toSql(airing)});
    if (!rows)
        return passOn(rows);
    return !rows->empty();
}

Result<bool> PlanRepository::holds(const StationId& station, const ItemId& item)
{
    const auto rows =
        m_database.select(QStringLiteral("SELECT 1 FROM planned_sessions JOIN placements ON placements.session_id = "
                                         "planned_sessions.id WHERE station_id = ? AND item_id = ? LIMIT 1"),
                          {toSql(station), toSql(item)});
    if (!rows)
        return passOn(rows);
    return !rows->empty();
}

Result<std::optional<model::Session>> PlanRepository::session(const SessionId& id)
{
    const auto found = selectSessions(QStringLiteral("WHERE id = ?"), {toSql(id)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<std::optional<model::Session>> PlanRepository::nextSession(const StationId& station, UtcTime after)
{
    const auto found =
        selectSessions(QStringLiteral("WHERE station_id = ? AND starts_at > ? ORDER BY starts_at LIMIT 1"),
                       {toSql(station), toSql(after)});
    if (!found)
        return passOn(found);
    return found->empty() ? std::nullopt : std::optional(found->front());
}

Result<void> PlanRepository::wish(std::span<const StationId> stations, UtcTime now)
{
    return m_database.transaction([&]() -> Result<void> {
        for (const StationId& station : stations) {
            const auto noted = m_database.execute(
                QStringLiteral(
                    "INSERT INTO plan_wishes (station_id, wished_at) VALUES (?, ?) ON CONFLICT (station_id) DO UPDATE "
                    "SET wished_at = excluded.wished_at WHERE plan_wishes.wished_at > excluded.wished_at"),
                {toSql(station), toSql(now)});
            if (!noted)
                return passOn(noted);
        }
        return {};
    });
}

Result<void> PlanRepository::postpone(const StationId& station, UtcTime later)
{
    const auto noted =
        m_database.execute(QStringLiteral("INSERT INTO plan_wishes (station_id, wished_at) VALUES (?, ?) "
                                          "ON CONFLICT (station_id) DO UPDATE SET wished_at = excluded.wished_at"),
                           {toSql(station), toSql(later)});
    if (!noted)
        return passOn(noted);
    return {};
}

Result<std::vector<StationId>> PlanRepository::wished(UtcTime now, int limit)
{
    return m_database.selectAll(
        QStringLiteral(
            "SELECT station_id FROM plan_wishes WHERE wished_at <= ? ORDER BY wished_at, station_id LIMIT ?"),
        {toSql(now), limit}, [](RowReader& row) { return row.id<StationId>(); });
}

Result<void> PlanRepository::fulfilled(const StationId& station)
{
    const auto removed =
        m_database.execute(QStringLiteral("DELETE FROM plan_wishes WHERE station_id = ?"), {toSql(station)});
    if (!removed)
        return passOn(removed);
    return {};
}

} // namespace loa::store
