#include "scheduler/fleet/commanding.h"

#include "scheduler/contract/speech.h"
#include "scheduler/model/hours_in_force.h"
#include "scheduler/planner/sessions.h"

#include <QJsonDocument>
#include <QTimeZone>

#include <algorithm>

namespace loa::fleet {

using namespace Qt::StringLiterals;
using store::CommandRecord;
using store::CommandStanding;

namespace {

CommandStanding standingOf(CommandState state)
{
    switch (state) {
    case CommandState::Accepted:
        return CommandStanding::Accepted;
    case CommandState::Playing:
        return CommandStanding::Playing;
    case CommandState::Done:
        return CommandStanding::Done;
    case CommandState::Refused:
        return CommandStanding::Refused;
    }
    return CommandStanding::Waiting;
}

// What an agent did counts more than what was wished meanwhile.
int rankOf(CommandStanding standing)
{
    switch (standing) {
    case CommandStanding::Waiting:
    case CommandStanding::Cancelled:
    case CommandStanding::Expired:
        return 0;
    case CommandStanding::Accepted:
        return 1;
    case CommandStanding::Playing:
        return 2;
    case CommandStanding::Done:
    case CommandStanding::Refused:
        return 3;
    }
    return 0;
}

QByteArray detailsOf(const CommandOrder& order)
{
    QJsonObject details;
    if (const auto* play = std::get_if<PlayOrder>(&order))
        details = {{u"priority"_s, toString(play->priority)}, {u"frames"_s, qint64{play->media.frames.value}}};
    else if (const auto* stop = std::get_if<StopOrder>(&order))
        details = {{u"until"_s, toString(stop->until)}};
    else if (const auto* volume = std::get_if<VolumeOrder>(&order))
        details = {{u"decibels"_s, volume->decibels}, {u"until"_s, toString(volume->until)}};
    else if (const auto* tone = std::get_if<ToneOrder>(&order))
        details = {{u"level"_s, tone->level}, {u"frames"_s, qint64{tone->frames.value}}};
    else if (const auto* speech = std::get_if<SpeechOrder>(&order))
        details = {{u"priority"_s, toString(speech->priority)}, {u"frames"_s, qint64{speech->longest.value}}};
    return QJsonDocument(details).toJson(QJsonDocument::Compact);
}

// How long it would sound, when hours bind it; none: they do not.
std::optional<FrameCount> lengthInHours(const CommandOrder& order)
{
    const auto* play = std::get_if<PlayOrder>(&order);
    if (play && play->priority != Priority::Emergency)
        return play->media.frames;
    const auto* speech = std::get_if<SpeechOrder>(&order);
    if (speech && speech->priority != Priority::Emergency)
        return speech->longest;
    const auto* tone = std::get_if<ToneOrder>(&order);
    return tone ? std::optional(tone->frames) : std::nullopt;
}

// What a station may not be ordered, judged from what is read once for all of them.
class Judge {
public:
    static Result<Judge> read(store::Store& store, const NewOrder& order, UtcTime now)
    {
        Judge judge;
        judge.m_now = now;
        judge.m_length = lengthInHours(order.order);
        auto tree = store.units.tree();
        if (!tree)
            return passOn(tree);
        judge.m_tree = *std::move(tree);
        if (order.item) {
            const auto item = store.items.find(*order.item);
            if (!item)
                return passOn(item);
            judge.m_scope = item->scope;
        }
        if (!judge.m_length)
            return judge;
        auto policies = store.policies.all();
        if (!policies)
            return passOn(policies);
        judge.m_policies = *std::move(policies);
        return judge;
    }

    // The log's word; empty: none against it.
    [[nodiscard]] QString refusalOf(const model::Station& station) const
    {
        const QTimeZone zone(station.timeZone);
        const QDate today = planner::localDateOf(m_now, zone);
        if (!station.agent)
            return u"no-agent"_s;
        if (m_scope && !m_tree.isWithin(station.unit, *m_scope, today))
            return u"outside-scope"_s;
        if (!m_length)
            return {};
        const auto inForce = model::hoursInForce(station.unit, m_tree, m_policies, today.addDays(-1), today.addDays(1));
        return isAllowed(inForce, zone, m_now, m_now + toDuration(*m_length)) ? QString() : u"outside-hours"_s;
    }

private:
    UtcTime m_now;
    std::optional<FrameCount> m_length; // when hours bind it
    std::optional<UnitId> m_scope;      // of the item
    model::UnitTree m_tree;
    QHash<UnitId, std::vector<HoursPolicy>> m_policies;
};

} // namespace

Result<BundleMedia> mediaToPlay(const model::Item& item, QDate today)
{
    const model::ItemVersion* version = soundingVersion(item);
    if (version == nullptr)
        return fail(ErrorCategory::Conflict,
                    {u"Tin \"%1\" chưa được duyệt nên không phát được."_s.arg(item.title),
                     u"\"%1\" is not approved, so it may not be played."_s.arg(item.title)},
                    item.id.value);
    if (item.validFrom > today || (item.validUntil && *item.validUntil < today))
        return fail(ErrorCategory::Conflict,
                    {u"Tin \"%1\" không có hiệu lực hôm nay."_s.arg(item.title),
                     u"\"%1\" is not valid today."_s.arg(item.title)},
                    item.id.value);
    return BundleMedia{*version->sha256,
                       version->bytes,
                       version->frames,
                       item.id,
                       version->number,
                       item.title,
                       {item.approval->approvedBy, item.approval->approvedByName, item.approval->approvedAt}};
}

Result<OrderId> Commanding::give(store::Store& store, const NewOrder& order, const model::User& by,
                                 std::span<const model::Station> stations)
{
    if (stations.empty())
        return fail(ErrorCategory::InvalidInput,
                    {u"Không có đài nào trong phạm vi này."_s, u"There is no station in this scope."_s});
    const UtcTime now = m_clock.now();
    const auto* play = std::get_if<PlayOrder>(&order.order);
    const store::OrderRecord record{
        {newId(now)},           order.unit, order.station, kindOf(order.order), play ? play->media.title : QString(),
        detailsOf(order.order), order.item, by.id,         by.fullName,         now,
        now + order.validity};
    const auto judge = Judge::read(store, order, now);
    if (!judge)
        return passOn(judge);
    if (auto added = store.commands.add(record); !added)
        return passOn(added);
    CommandOrder wanted = order.order;
    if (auto* speech = std::get_if<SpeechOrder>(&wanted))
        speech->stream = record.id;
    for (const model::Station& station : stations) {
        if (auto sent = send(store, wanted, record, station, judge->refusalOf(station)); !sent)
            return passOn(sent);
    }
    return record.id;
}

Result<void> Commanding::send(store::Store& store, const CommandOrder& order, const store::OrderRecord& record,
                              const model::Station& station, const QString& refusal)
{
    CommandRecord kept;
    kept.id = {newId(record.orderedAt)};
    kept.order = record.id;
    kept.station = station.id;
    kept.validUntil = record.validUntil;
    if (!refusal.isEmpty()) {
        kept.standing = CommandStanding::Refused;
        kept.reason = refusal;
        kept.answeredAt = record.orderedAt;
        return store.commands.add(kept);
    }
    const auto last = store.commands.lastSequence(station.id);
    if (!last)
        return passOn(last);
    const Command command{kept.id,          station.id,           *last + 1, record.orderedAt, record.validUntil,
                          record.orderedBy, record.orderedByName, order};
    auto sealed = sealCommand(command, m_key);
    if (!sealed)
        return passOn(sealed);
    kept.sequence = command.sequence;
    kept.sealed = *std::move(sealed);
    if (std::holds_alternative<PlayOrder>(order) || std::holds_alternative<ToneOrder>(order) ||
        std::holds_alternative<SpeechOrder>(order))
        kept.airing = airingOf(command);
    if (auto added = store.commands.add(kept); !added)
        return added;
    if (m_push)
        store.database.afterCommit([push = m_push, id = station.id, bytes = kept.sealed] { push(id, bytes); });
    return {};
}

Result<std::optional<OrderId>> Commanding::cancel(store::Store& store, const OrderId& order, const model::User& by)
{
    const UtcTime now = m_clock.now();
    const auto record = store.commands.findOrder(order);
    if (!record)
        return passOn(record);
    const auto commands = store.commands.ofOrder(order, now);
    if (!commands)
        return passOn(commands);
    std::optional<store::OrderRecord> stop;
    for (const CommandRecord& command : *commands) {
        if (command.standing == CommandStanding::Waiting) {
            if (auto set = store.commands.setStanding(command.id, CommandStanding::Cancelled, {}, by.fullName, now);
                !set)
                return passOn(set);
        }
        // One that waits may have arrived all the same: its agent is told too.
        const bool mayRun = command.standing == CommandStanding::Waiting ||
                            command.standing == CommandStanding::Accepted ||
                            command.standing == CommandStanding::Playing;
        if (!command.airing || !mayRun)
            continue;
        const auto station = store.stations.find(command.station);
        if (!station)
            return passOn(station);
        const CommandOrder wanted = StopOrder{command.airing, now + usualCommandValidity};
        if (!stop) {
            stop = store::OrderRecord{{newId(now)},
                                      record->unit,
                                      record->station,
                                      u"stop"_s,
                                      record->title,
                                      detailsOf(wanted),
                                      record->item,
                                      by.id,
                                      by.fullName,
                                      now,
                                      now + usualCommandValidity};
            if (auto added = store.commands.add(*stop); !added)
                return passOn(added);
        }
        if (auto sent = send(store, wanted, *stop, *station, station->agent ? QString() : u"no-agent"_s); !sent)
            return passOn(sent);
    }
    return stop ? std::optional(stop->id) : std::nullopt;
}

QByteArray Commanding::speech(const OrderId& order, std::uint32_t sequence, const QByteArray& opus) const
{
    return sealSpeech({order, sequence, opus}, m_key);
}

Result<QByteArray> Commanding::sheet(store::Store& store, const StationId& station, const QByteArray& challenge)
{
    const UtcTime now = m_clock.now();
    const auto waiting = store.commands.waiting(station, now, int(mostCommandsOnSheet));
    if (!waiting)
        return passOn(waiting);
    CommandSheet sheet{station, challenge, now, {}};
    for (const CommandRecord& command : *waiting)
        sheet.commands.push_back(command.sealed);
    return sealSheet(sheet, m_key);
}

Result<int> Commanding::takeAnswers(store::Store& store, const model::Agent& agent,
                                    std::span<const Acknowledgement> answers)
{
    const UtcTime now = m_clock.now();
    int noted = 0;
    for (const Acknowledgement& answer : answers) {
        const auto command = store.commands.find(answer.command, now);
        if (!command)
            return passOn(command);
        if (!*command)
            continue;
        const auto carried = store.agents.hasCarried(agent.id, (*command)->station);
        if (!carried)
            return passOn(carried);
        const CommandStanding standing = standingOf(answer.state);
        if (!*carried || rankOf(standing) <= rankOf((*command)->standing))
            continue;
        if (auto set = store.commands.setStanding(answer.command, standing, answer.reason, answer.detail, now); !set)
            return passOn(set);
        ++noted;
    }
    return noted;
}

} // namespace loa::fleet
