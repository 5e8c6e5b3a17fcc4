#include "tests/scheduler/planner/oracle_instances.h"

#include "tests/scheduler/planner/sample_plan.h"

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

namespace loa::planner::test {

namespace {

constexpr const char* groupNames[] = {"cchc-a", "cchc-b", "other"};

class Chance {
public:
    explicit Chance(unsigned seed) : m_engine(seed) {}
    int upTo(int most) { return static_cast<int>(m_engine() % static_cast<unsigned>(most + 1)); }
    int between(int least, int most) { return least + upTo(most - least); }
    bool oneIn(int sides) { return upTo(sides - 1) == 0; }

private:
    std::mt19937 m_engine;
};

ItemId itemName(int number)
{
    return {QStringLiteral("item-%1").arg(number)};
}

// Whole minutes mostly, so that lengths are equal and just fit; now and then a frame more or less.
FrameCount length(Chance& chance, int least, int most)
{
    const FrameCount whole = minutes(chance.between(least, most));
    return chance.oneIn(6) ? whole + FrameCount{chance.between(-1, 1)} : whole;
}

void addParts(Chance& chance, model::Session& session)
{
    const FrameCount half{session.frames.value / 2};
    session.segments = {{{}, half}, {half, session.frames - half}};
    const int parts = chance.between(1, 3);
    for (int number = 0; number < parts; ++number) {
        model::SessionPart part;
        part.id = QStringLiteral("part-%1").arg(number);
        part.segment = number == 0 ? 0 : 1;
        part.most = chance.oneIn(2) ? session.segments[static_cast<std::size_t>(part.segment)].frames
                                    : minutes(chance.between(1, 3));
        if (chance.oneIn(2))
            part.accepts = {text(groupNames[chance.upTo(2)])};
        session.parts.push_back(part);
    }
}

void addSessions(Chance& chance, PlanInput& input)
{
    const int count = chance.oneIn(15) ? 0 : chance.between(2, 6);
    std::set<std::pair<QDate, int>> starts;
    for (int number = 0; number < count; ++number) {
        const int hours[] = {5, 6, 11, 17};
        starts.insert(
            {input.from.addDays(chance.upTo(static_cast<int>(input.from.daysTo(input.until)))), hours[chance.upTo(3)]});
    }
    for (const auto& [date, hour] : starts) {
        model::Session one = session(date, hour, length(chance, 0, 6));
        one.frames = std::max(one.frames, FrameCount{0});
        if (chance.oneIn(4))
            addParts(chance, one);
        input.sessions.push_back(one);
    }
}

void addRules(Chance& chance, PlannableItem& item, int items)
{
    model::PlayRules& rules = item.rules;
    if (chance.oneIn(4))
        rules.leastGap = std::chrono::hours(chance.between(1, 72));
    if (chance.oneIn(5))
        rules.mostPlaysADay = 1;
    if (chance.oneIn(4))
        rules.mostPlays = {{chance.between(0, 2), static_cast<model::ObligationPeriod>(chance.upTo(4))}};
    if (chance.oneIn(5))
        rules.notBefore = QTime(chance.between(6, 17), 0);
    if (chance.oneIn(4))
        rules.series = {chance.oneIn(3) ? text("other series") : text("series"), chance.between(1, 3)};
    if (chance.oneIn(6))
        rules.pairWith = itemName(chance.upTo(items));
    if (chance.oneIn(5))
        rules.notBeside.push_back(itemName(chance.upTo(items)));
    if (chance.oneIn(12))
        rules.forbiddenAt.push_back(chance.oneIn(2) ? StationId{text("station")} : StationId{text("elsewhere")});
}

void addItems(Chance& chance, PlanInput& input)
{
    const int count = chance.oneIn(15) ? 0 : chance.between(2, 7);
    const bool ruled = chance.oneIn(2);
    for (int number = 0; number < count; ++number) {
        PlannableItem one = item("x", length(chance, 1, 4), groupNames[chance.upTo(2)]);
        one.id = itemName(number);
        one.title = one.id.value;
        if (chance.oneIn(3))
            one.topicGroups.push_back(text(groupNames[chance.upTo(2)]));
        if (chance.oneIn(3))
            one.validFrom = input.from.addDays(chance.upTo(10));
        if (chance.oneIn(3))
            one.validUntil = input.from.addDays(chance.between(-2, 14));
        if (chance.oneIn(5))
            one.priority = Priority::Priority;
        one.approvedAt += std::chrono::hours(chance.upTo(3));
        if (ruled && !chance.oneIn(3))
            addRules(chance, one, count);
        input.items.push_back(one);
    }
}

void addDuties(Chance& chance, PlanInput& input)
{
    const int count = chance.oneIn(15) ? 0 : chance.between(1, chance.oneIn(3) ? 4 : 2);
    for (int number = 0; number < count; ++number) {
        model::Obligation one =
            duty(chance.oneIn(2) ? 1 : chance.between(1, 3), static_cast<model::ObligationPeriod>(chance.upTo(4)));
        one.id = {QStringLiteral("duty-%1").arg(number)};
        one.measure = chance.oneIn(2) ? model::ObligationMeasure::DistinctItems
                                      : static_cast<model::ObligationMeasure>(chance.upTo(2));
        if (one.measure == model::ObligationMeasure::Minutes)
            one.required = chance.between(1, 7);
        one.topicGroups = {text(groupNames[chance.upTo(1)])};
        if (!chance.oneIn(3))
            one.topicGroups.push_back(text(groupNames[chance.upTo(2)]));
        if (one.period == model::ObligationPeriod::Once) {
            one.validFrom = input.from.addDays(chance.between(-5, 5));
            one.due = one.validFrom.addDays(chance.between(0, 12));
        } else {
            if (chance.oneIn(5))
                one.validFrom = input.from.addDays(chance.upTo(8));
            if (chance.oneIn(5))
                one.validUntil = input.from.addDays(chance.between(3, 14));
        }
        input.obligations.push_back(one);
    }
}

void addHistory(Chance& chance, PlanInput& input)
{
    if (chance.oneIn(2))
        input.frozenUntil = at(input.from.addDays(chance.between(1, 8)), 0);
    for (const PlannableItem& one : input.items) {
        if (chance.oneIn(4))
            input.past.push_back({one.id,
                                  {text("before")},
                                  input.from.addDays(-chance.between(1, 5)),
                                  chance.oneIn(2),
                                  one.topicGroups,
                                  {}});
    }
    if (chance.oneIn(2))
        return;
    for (const model::Session& where : input.sessions) {
        FrameCount offset;
        for (const PlannableItem& what : input.items) {
            if (!chance.oneIn(3))
                continue;
            input.existing.push_back({where.id, what.id, what.version, what.sha256, offset, what.frames, what.priority,
                                      Text{text("cũ"), text("old")}, 0});
            offset += what.frames;
            if (where.startsAt < input.frozenUntil && chance.oneIn(2))
                input.past.push_back({what.id, where.id, where.localDate, chance.oneIn(2), what.topicGroups, {}});
        }
    }
}

void addEdits(Chance& chance, PlanInput& input)
{
    if (input.sessions.empty() || input.items.empty() || !chance.oneIn(3))
        return;
    const int count = chance.between(1, 3);
    for (int number = 0; number < count; ++number) {
        model::HandEdit edit;
        edit.id = {QStringLiteral("edit-%1").arg(number)};
        edit.station = input.station;
        edit.session =
            input.sessions[static_cast<std::size_t>(chance.upTo(static_cast<int>(input.sessions.size()) - 1))].id;
        edit.item = itemName(chance.upTo(static_cast<int>(input.items.size()) - 1));
        edit.kind = chance.oneIn(3) ? model::HandEditKind::Away : model::HandEditKind::Keep;
        edit.madeAt = at(day(1, 11), 8) + std::chrono::minutes(number);
        input.edits.push_back(edit);
    }
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
            }))
            return true;
    }
    return false;
}

} // namespace

PlanInput instance(unsigned seed)
{
    Chance chance(seed);
    PlanInput input;
    input.station = {text("station")};
    input.zone = QTimeZone("Asia/Ho_Chi_Minh");
    input.from = day(23, 11).addDays(chance.upTo(6));
    input.until = input.from.addDays(chance.between(6, 16));
    input.frozenUntil = at(input.from, 0);
    addSessions(chance, input);
    addItems(chance, input);
    addDuties(chance, input);
    addHistory(chance, input);
    addEdits(chance, input);
    if (chance.oneIn(5))
        input.failureRate = chance.between(1, 9) / 10.0;
    return input;
}

PlanInput shrunk(PlanInput input, const std::function<bool(const PlanInput&)>& fails)
{
    while (leaveOutOne(input, &PlanInput::sessions, fails) || leaveOutOne(input, &PlanInput::items, fails) ||
           leaveOutOne(input, &PlanInput::obligations, fails) || leaveOutOne(input, &PlanInput::edits, fails) ||
           leaveOutOne(input, &PlanInput::past, fails) || leaveOutOne(input, &PlanInput::existing, fails) ||
           simplifyOne(input, fails)) {
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
        out << "\n";
    }
    for (const PlannableItem& one : input.items) {
        out << one.id.value.toStdString() << " " << one.frames.value << " frames, " << list(one.topicGroups) << ", "
            << date(one.validFrom) << " to " << (one.validUntil ? date(*one.validUntil) : "ever")
            << (one.priority == Priority::Normal ? "" : ", PRIORITY");
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
