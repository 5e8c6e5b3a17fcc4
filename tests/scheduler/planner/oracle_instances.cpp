#include "tests/scheduler/planner/oracle_instances.h"

#include "tests/scheduler/planner/sample_plan.h"
#include "tests/support/dice.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace loa::planner::test {

using loa::test::Dice;

namespace {

constexpr const char* groupNames[] = {"cchc-a", "cchc-b", "other"};

ItemId itemName(int number)
{
    return {QStringLiteral("item-%1").arg(number)};
}

// Whole minutes mostly, so that lengths are equal and just fit; now and then a frame more or less.
FrameCount length(Dice& dice, int least, int most)
{
    const FrameCount whole = minutes(dice.between(least, most));
    return dice.oneIn(6) ? whole + FrameCount{dice.between(-1, 1)} : whole;
}

// A relay at an exact second between the segments, a signature at the head, a closing at the end: what they take is no
// room for items.
void addFixedParts(Dice& dice, PlanInput& input, model::Session& session)
{
    model::SessionSegment& head = session.segments.front();
    model::SessionSegment& tail = session.segments.back();
    const auto take = [&](model::SessionSegment& segment, FrameCount frames) {
        const bool fits = segment.frames >= frames;
        segment.frames = fits ? segment.frames - frames : segment.frames;
        return fits;
    };
    if (const FrameCount relayed = minutes(1); dice.oneIn(2) && take(tail, relayed)) {
        session.relays = {{text("relay"), text("VOV"), tail.offset, relayed}};
        tail.offset += relayed;
    }
    const auto tune = [&](const char* id, model::PartKind kind, int segment) {
        model::SessionTune made;
        made.id = text(id);
        made.kind = kind;
        made.segment = segment;
        made.item = {text(id)};
        made.version = 1;
        made.sha256 = sha256(QByteArrayView(id));
        made.frames = FrameCount{sampleRate * dice.between(5, 20)};
        if (!take(segment == 0 ? head : tail, made.frames))
            return;
        session.tunes.push_back(made);
        if (std::ranges::find(input.tunes, made.item) == input.tunes.end())
            input.tunes.push_back(made.item);
    };
    if (dice.oneIn(2))
        tune("signature", model::PartKind::Signature, 0);
    if (dice.oneIn(3))
        tune("closing", model::PartKind::Closing, 1);
}

void addParts(Dice& dice, PlanInput& input, model::Session& session)
{
    const FrameCount half{session.frames.value / 2};
    session.segments = {{{}, half}, {half, session.frames - half}};
    if (dice.oneIn(2))
        addFixedParts(dice, input, session);
    const int parts = dice.between(1, 3);
    for (int number = 0; number < parts; ++number) {
        model::SessionPart part;
        part.id = QStringLiteral("part-%1").arg(number);
        part.segment = number == 0 ? 0 : 1;
        part.most = dice.oneIn(2) ? session.segments[static_cast<std::size_t>(part.segment)].frames
                                  : minutes(dice.between(1, 3));
        if (dice.oneIn(2))
            part.accepts = {text(groupNames[dice.upTo(2)])};
        if (dice.oneIn(3))
            part.least = minutes(dice.between(1, 2));
        session.parts.push_back(part);
    }
    for (model::SessionTune& made : session.tunes)
        made.before = made.kind == model::PartKind::Closing ? parts : 0;
}

void addSessions(Dice& dice, PlanInput& input)
{
    const int count = dice.oneIn(15) ? 0 : dice.between(2, 6);
    std::set<std::pair<QDate, int>> starts;
    for (int number = 0; number < count; ++number) {
        const int hours[] = {5, 6, 11, 17};
        starts.insert(
            {input.from.addDays(dice.upTo(static_cast<int>(input.from.daysTo(input.until)))), hours[dice.upTo(3)]});
    }
    for (const auto& [date, hour] : starts) {
        model::Session one = session(date, hour, length(dice, 0, 6));
        one.frames = std::max(one.frames, FrameCount{0});
        if (dice.oneIn(4))
            addParts(dice, input, one);
        input.sessions.push_back(one);
    }
}

void addRules(Dice& dice, PlannableItem& item, int items)
{
    model::PlayRules& rules = item.rules;
    if (dice.oneIn(4))
        rules.leastGap = std::chrono::hours(dice.between(1, 72));
    if (dice.oneIn(5))
        rules.mostPlaysADay = dice.between(1, 3);
    if (dice.oneIn(4))
        rules.mostPlays = {{dice.between(0, 2), static_cast<model::ObligationPeriod>(dice.upTo(4))}};
    if (dice.oneIn(5))
        rules.notBefore = QTime(dice.between(6, 17), 0);
    if (dice.oneIn(4))
        rules.series = {dice.oneIn(3) ? text("other series") : text("series"), dice.between(1, 3)};
    if (dice.oneIn(6))
        rules.pairWith = itemName(dice.upTo(items));
    if (dice.oneIn(5))
        rules.notBeside.push_back(itemName(dice.upTo(items)));
    if (dice.oneIn(12))
        rules.forbiddenAt.push_back(dice.oneIn(2) ? StationId{text("station")} : StationId{text("elsewhere")});
}

void addItems(Dice& dice, PlanInput& input)
{
    const int count = dice.oneIn(15) ? 0 : dice.between(2, 7);
    const bool ruled = dice.oneIn(2);
    for (int number = 0; number < count; ++number) {
        PlannableItem one = item("x", length(dice, 1, 4), groupNames[dice.upTo(2)]);
        one.id = itemName(number);
        one.title = one.id.value;
        if (dice.oneIn(3))
            one.topicGroups.push_back(text(groupNames[dice.upTo(2)]));
        if (dice.oneIn(3))
            one.validFrom = input.from.addDays(dice.upTo(10));
        if (dice.oneIn(3))
            one.validUntil = input.from.addDays(dice.between(-2, 14));
        if (dice.oneIn(5))
            one.priority = dice.oneIn(3) ? Priority::Emergency : Priority::Priority;
        one.approvedAt += std::chrono::hours(dice.upTo(3));
        if (ruled && !dice.oneIn(3))
            addRules(dice, one, count);
        input.items.push_back(one);
    }
}

void addDuties(Dice& dice, PlanInput& input)
{
    const int count = dice.oneIn(15) ? 0 : dice.between(1, dice.oneIn(3) ? 4 : 2);
    for (int number = 0; number < count; ++number) {
        model::Obligation one =
            duty(dice.oneIn(2) ? 1 : dice.between(1, 3), static_cast<model::ObligationPeriod>(dice.upTo(4)));
        one.id = {QStringLiteral("duty-%1").arg(number)};
        one.measure = dice.oneIn(2) ? model::ObligationMeasure::DistinctItems
                                    : static_cast<model::ObligationMeasure>(dice.upTo(2));
        if (one.measure == model::ObligationMeasure::Minutes)
            one.required = dice.between(1, 7);
        one.topicGroups = {text(groupNames[dice.upTo(1)])};
        if (!dice.oneIn(3))
            one.topicGroups.push_back(text(groupNames[dice.upTo(2)]));
        if (one.period == model::ObligationPeriod::Once) {
            one.validFrom = input.from.addDays(dice.between(-5, 5));
            one.due = one.validFrom.addDays(dice.between(0, 12));
        } else {
            if (dice.oneIn(5))
                one.validFrom = input.from.addDays(dice.upTo(8));
            if (dice.oneIn(5))
                one.validUntil = input.from.addDays(dice.between(3, 14));
        }
        input.obligations.push_back(one);
    }
}

void addHistory(Dice& dice, PlanInput& input)
{
    if (dice.oneIn(2))
        input.frozenUntil = at(input.from.addDays(dice.between(1, 8)), 0);
    for (const PlannableItem& one : input.items) {
        if (dice.oneIn(4))
            input.past.push_back({one.id,
                                  {text("before")},
                                  input.from.addDays(-dice.between(1, 5)),
                                  dice.oneIn(2),
                                  one.topicGroups,
                                  {}});
    }
    if (dice.oneIn(2))
        return;
    for (const model::Session& where : input.sessions) {
        FrameCount offset;
        for (const PlannableItem& what : input.items) {
            if (!dice.oneIn(3))
                continue;
            input.existing.push_back({where.id, what.id, what.version, what.sha256, offset, what.frames, what.priority,
                                      Text{text("cũ"), text("old")}, 0});
            offset += what.frames;
            if (where.startsAt < input.frozenUntil && dice.oneIn(2))
                input.past.push_back({what.id, where.id, where.localDate, dice.oneIn(2), what.topicGroups, {}});
        }
    }
}

void addEdits(Dice& dice, PlanInput& input)
{
    if (input.sessions.empty() || input.items.empty() || !dice.oneIn(3))
        return;
    const int count = dice.between(1, 3);
    for (int number = 0; number < count; ++number) {
        model::HandEdit edit;
        edit.id = {QStringLiteral("edit-%1").arg(number)};
        edit.station = input.station;
        edit.session =
            input.sessions[static_cast<std::size_t>(dice.upTo(static_cast<int>(input.sessions.size()) - 1))].id;
        edit.item = itemName(dice.upTo(static_cast<int>(input.items.size()) - 1));
        edit.kind = dice.oneIn(3) ? model::HandEditKind::Away : model::HandEditKind::Keep;
        edit.madeAt = at(day(1, 11), 8) + std::chrono::minutes(number);
        input.edits.push_back(edit);
    }
}

// Sessions that rules ask for in vain, some of them at the time of another.
void addRefused(Dice& dice, PlanInput& input)
{
    if (!dice.oneIn(4))
        return;
    const RefusalCause causes[] = {RefusalCause::TooLong, RefusalCause::NoRoom, RefusalCause::Overlap};
    const int rules = dice.between(1, 2);
    for (int number = 0; number < rules; ++number) {
        const RefusalCause cause = causes[dice.upTo(2)];
        const FrameCount frames = length(dice, 1, 6);
        for (QDate date = input.from; date <= input.until; date = date.addDays(dice.between(1, 5))) {
            RefusedSession refused{session(date, dice.oneIn(2) ? 17 : 20, frames), cause, {text("cấm"), text("no")}};
            refused.session.rule = {QStringLiteral("refused-%1").arg(number)};
            refused.session.id = sessionIdFor(input.station, refused.session.rule, refused.session.startsAt);
            input.refused.push_back(refused);
        }
    }
    std::ranges::stable_sort(input.refused, {}, [](const RefusedSession& one) { return one.session.startsAt; });
}

template <typename List>
bool leaveOutOne(PlanInput& input, List PlanInput::*list, const std::function<bool(const PlanInput&)>& fails)
{
    for (std::size_t i = 0; i < (input.*list).size(); ++i) {
        PlanInput less = input;
        (less.*list).erase((less.*list).begin() + static_cast<std::ptrdiff_t>(i));
        if (fails(less)) {
            input = std::move(less);
            return true;
        }
    }
    return false;
}

bool simplifyOne(PlanInput& input, const std::function<bool(const PlanInput&)>& fails)
{
    const auto tryChange = [&](auto&& change) {
        PlanInput less = input;
        change(less);
        if (!fails(less))
            return false;
        input = std::move(less);
        return true;
    };
    for (std::size_t i = 0; i < input.items.size(); ++i) {
        if (input.items[i].rules != model::PlayRules{} && tryChange([&](PlanInput& less) { less.items[i].rules = {}; }))
            return true;
        if (input.items[i].validUntil && tryChange([&](PlanInput& less) { less.items[i].validUntil.reset(); }))
            return true;
    }
    for (std::size_t s = 0; s < input.sessions.size(); ++s) {
        if (!input.sessions[s].parts.empty() && tryChange([&](PlanInput& less) {
                less.sessions[s].parts.clear();
                less.sessions[s].segments.clear();
                less.sessions[s].tunes.clear();
                less.sessions[s].relays.clear();
            }))
            return true;
    }
    return false;
}

} // namespace

PlanInput instance(unsigned seed)
{
    Dice dice(seed);
    PlanInput input;
    input.station = {text("station")};
    input.zone = QTimeZone("Asia/Ho_Chi_Minh");
    // Around the end of a month, or of the quarter and the year besides.
    input.from = (dice.oneIn(4) ? day(17) : day(23, 11)).addDays(dice.upTo(6));
    input.until = input.from.addDays(dice.between(6, 16));
    input.frozenUntil = at(input.from, 0);
    addSessions(dice, input);
    addItems(dice, input);
    addDuties(dice, input);
    addHistory(dice, input);
    addEdits(dice, input);
    if (dice.oneIn(5))
        input.failureRate = dice.between(1, 9) / 10.0;
    addRefused(dice, input);
    return input;
}

PlanInput shrunk(PlanInput input, const std::function<bool(const PlanInput&)>& fails)
{
    while (leaveOutOne(input, &PlanInput::sessions, fails) || leaveOutOne(input, &PlanInput::items, fails) ||
           leaveOutOne(input, &PlanInput::obligations, fails) || leaveOutOne(input, &PlanInput::edits, fails) ||
           leaveOutOne(input, &PlanInput::refused, fails) || leaveOutOne(input, &PlanInput::past, fails) ||
           leaveOutOne(input, &PlanInput::existing, fails) || simplifyOne(input, fails)) {
    }
    return input;
}

std::string described(const PlanInput& input)
{
    std::ostringstream out;
    const auto date = [](QDate day) { return day.toString(Qt::ISODate).toStdString(); };
    const auto list = [](const std::vector<QString>& names) {
        std::string joined;
        for (const QString& name : names)
            joined += (joined.empty() ? "" : ",") + name.toStdString();
        return joined;
    };
    out << "from " << date(input.from) << " until " << date(input.until) << ", frozen for "
        << std::chrono::duration_cast<std::chrono::hours>(input.frozenUntil - at(input.from, 0)).count()
        << " h, failure rate " << input.failureRate << "\n";
    for (const model::Session& one : input.sessions) {
        out << "session " << one.id.value.toStdString() << " on " << date(one.localDate) << " at "
            << std::chrono::duration_cast<std::chrono::hours>(one.startsAt - at(one.localDate, 0)).count() << ":00, "
            << one.frames.value << " frames";
        for (const model::SessionPart& part : one.parts)
            out << "; part of segment " << part.segment << " most " << part.most.value << " accepts "
                << list(part.accepts);
        for (const model::SessionSegment& segment : one.segments)
            out << "; segment " << segment.offset.value << "+" << segment.frames.value;
        for (const model::SessionTune& tune : one.tunes)
            out << "; tune " << tune.id.toStdString() << " " << tune.frames.value << " of segment " << tune.segment;
        for (const model::SessionRelay& relay : one.relays)
            out << "; relay " << relay.offset.value << "+" << relay.frames.value;
        out << "\n";
    }
    for (const PlannableItem& one : input.items) {
        out << one.id.value.toStdString() << " " << one.frames.value << " frames, " << list(one.topicGroups) << ", "
            << date(one.validFrom) << " to " << (one.validUntil ? date(*one.validUntil) : "ever")
            << (one.priority == Priority::Normal ? "" : ", " + toString(one.priority).toStdString());
        const model::PlayRules& rules = one.rules;
        if (rules.leastGap.count() > 0)
            out << ", gap " << rules.leastGap.count() << " min";
        if (rules.mostPlaysADay > 0)
            out << ", " << rules.mostPlaysADay << " a day";
        if (rules.mostPlays)
            out << ", " << rules.mostPlays->plays << " a " << toString(rules.mostPlays->period).toStdString();
        if (rules.notBefore)
            out << ", not before " << rules.notBefore->toString().toStdString();
        if (rules.series)
            out << ", " << rules.series->series.toStdString() << " " << rules.series->episode;
        if (rules.pairWith)
            out << ", after " << rules.pairWith->value.toStdString();
        for (const ItemId& other : rules.notBeside)
            out << ", not beside " << other.value.toStdString();
        for (const StationId& where : rules.forbiddenAt)
            out << ", forbidden at " << where.value.toStdString();
        out << "\n";
    }
    for (const model::Obligation& one : input.obligations)
        out << one.id.value.toStdString() << ": " << one.required << " " << toString(one.measure).toStdString() << " a "
            << toString(one.period).toStdString() << " of " << list(one.topicGroups) << ", from " << date(one.validFrom)
            << " until " << (one.validUntil ? date(*one.validUntil) : "ever")
            << (one.due ? ", due " + date(*one.due) : "") << "\n";
    for (const RefusedSession& one : input.refused)
        out << "refused: " << one.session.rule.value.toStdString() << " on " << date(one.session.localDate) << ", "
            << one.session.frames.value << " frames, cause " << toString(one.cause).toStdString() << "\n";
    for (const PastAiring& one : input.past)
        out << "past: " << one.item.value.toStdString() << " on " << date(one.localDate) << " in "
            << one.session.value.toStdString() << (one.completed ? " whole" : " failed") << "\n";
    for (const Placement& one : input.existing)
        out << "existing: " << one.item.value.toStdString() << " in " << one.session.value.toStdString() << "\n";
    for (const model::HandEdit& one : input.edits)
        out << "edit: " << toString(one.kind).toStdString() << " " << one.item.value.toStdString() << " in "
            << one.session.value.toStdString() << "\n";
    return out.str();
}

} // namespace loa::planner::test
