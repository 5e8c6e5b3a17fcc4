// A finished plan, looked at: the hard rules, one place after another, in the words of play_rules.h and session.h; and
// how much of what is owed it holds.
#include "tests/scheduler/planner/oracle.h"

#include <algorithm>
#include <set>

namespace loa::planner::test {

namespace {

std::string named(const Placement& placement, const char* what)
{
    return placement.item.value.toStdString() + " in " + placement.session.value.toStdString() + ": " + what;
}

// Everything that sounds, planned and fixed.
struct Sounding {
    int item = 0;
    int session = -1;
    QDate day;
    UtcTime start;
};

std::string brokenPlayRule(const Question& q, const Placement& placement, const OraclePlace& mine,
                           const std::vector<Sounding>& all, const std::vector<const Placement*>& there)
{
    const model::PlayRules& rules = q.input.items[static_cast<std::size_t>(mine.item)].rules;
    const model::Session& where = q.input.sessions[static_cast<std::size_t>(mine.session)];
    if (q.isEarly(mine.item, mine.session))
        return named(placement, "too early");
    if (q.isAway(mine.item, mine.session))
        return named(placement, "taken away by hand");
    int today = 0;
    int inPeriod = 0;
    for (const Sounding& other : all) {
        if (other.item != mine.item)
            continue;
        today += other.day == where.localDate ? 1 : 0;
        if (rules.mostPlays) {
            const auto [first, last] = q.limitPeriod(mine.item, where.localDate);
            inPeriod += first <= other.day && other.day <= last ? 1 : 0;
        }
        if (rules.leastGap.count() > 0 && other.session != mine.session &&
            std::chrono::abs(other.start - where.startsAt) < rules.leastGap)
            return named(placement, "too near to another play");
    }
    if (rules.mostPlaysADay > 0 && today > rules.mostPlaysADay)
        return named(placement, "too often on a day");
    if (rules.mostPlays && inPeriod > rules.mostPlays->plays)
        return named(placement, "too often in a period");
    const auto standsThere = [&](const ItemId& id) {
        return std::ranges::any_of(there, [&](const Placement* other) { return other->item == id; });
    };
    for (const ItemId& other : rules.notBeside) {
        if (other != placement.item && standsThere(other))
            return named(placement, "beside what it may not be beside");
    }
    if (rules.pairWith) {
        if (q.isBroken(mine.item))
            return named(placement, "paired with what can never sound");
        const bool follows = std::ranges::any_of(there, [&](const Placement* other) {
            return other->item == *rules.pairWith && other->offset + other->frames == placement.offset;
        });
        if (!follows)
            return named(placement, "not directly after its pair");
    }
    const std::vector<int> below = q.below(mine.item);
    const bool episodeCame =
        below.empty() || std::ranges::any_of(all, [&](const Sounding& other) {
            return std::ranges::find(below, other.item) != below.end() &&
                   (other.session < 0 ? other.day <= where.localDate : other.start < where.startsAt);
        });
    return episodeCame ? std::string() : named(placement, "before the episode below it");
}

// Where a segment ends: what its tunes take is no room for items, and stands in it all the same.
std::int64_t edgeOf(const model::Session& where, int segment)
{
    const model::SessionSegment& room = where.segments[static_cast<std::size_t>(segment)];
    std::int64_t edge = room.offset.value + room.frames.value;
    for (const model::SessionTune& tune : where.tunes)
        edge += tune.segment == segment ? tune.frames.value : 0;
    return edge;
}

// The template's recordings sound once each, whole, within their segment, the signature first of all, the closing last.
std::string brokenTunes(const model::Session& where, const std::vector<const Placement*>& there)
{
    std::size_t seen = 0;
    for (const model::SessionTune& tune : where.tunes) {
        const auto found =
            std::ranges::find_if(there, [&](const Placement* placement) { return placement->tune == tune.id; });
        if (found == there.end())
            return tune.id.toStdString() + ": a tune that does not sound";
        const Placement& placement = **found;
        const std::int64_t begins = where.segments[static_cast<std::size_t>(tune.segment)].offset.value;
        const std::int64_t end = placement.offset.value + placement.frames.value;
        if (placement.item != tune.item || placement.sha256 != tune.sha256 || placement.frames != tune.frames)
            return named(placement, "not the template's recording");
        if (placement.offset.value < begins || end > edgeOf(where, tune.segment))
            return named(placement, "a tune across its segment's edge");
        if (tune.kind == model::PartKind::Signature && placement.offset.value != begins)
            return named(placement, "a signature that is not first");
        if (tune.kind == model::PartKind::Closing && there.back() != &placement)
            return named(placement, "a closing that is not last");
        ++seen;
    }
    const auto tunes =
        std::ranges::count_if(there, [](const Placement* placement) { return !placement->tune.isEmpty(); });
    return static_cast<std::size_t>(tunes) == seen ? std::string() : "a tune twice, or one that no template has";
}

std::string brokenRoom(const Question& q, int session, const std::vector<const Placement*>& there)
{
    const model::Session& where = q.input.sessions[static_cast<std::size_t>(session)];
    std::int64_t end = 0;
    std::vector<std::int64_t> inPart(static_cast<std::size_t>(q.parts(session)));
    for (const Placement* placement : there) {
        if (placement->offset.value < end)
            return named(*placement, "over another");
        end = placement->offset.value + placement->frames.value;
        if (end > where.frames.value)
            return named(*placement, "past the session's end");
        for (const model::SessionRelay& relay : where.relays) {
            if (placement->offset < relay.offset + relay.frames && relay.offset.value < end)
                return named(*placement, "over a relay");
        }
        if (!placement->tune.isEmpty())
            continue;
        if (placement->part < 0 || placement->part >= q.parts(session))
            return named(*placement, "in a part that is not there");
        inPart[static_cast<std::size_t>(placement->part)] += placement->frames.value;
        if (where.parts.empty())
            continue;
        const model::SessionPart& part = where.parts[static_cast<std::size_t>(placement->part)];
        const model::SessionSegment& segment = where.segments[static_cast<std::size_t>(part.segment)];
        if (placement->offset < segment.offset || end > edgeOf(where, part.segment))
            return named(*placement, "across its segment's edge");
        if (inPart[static_cast<std::size_t>(placement->part)] > part.most.value)
            return named(*placement, "more than its part takes");
    }
    return {};
}

} // namespace

std::vector<OraclePlace> openPlaces(const Question& q, const Plan& plan)
{
    std::vector<OraclePlace> places;
    for (const Placement& placement : plan.placements) {
        const auto item = q.itemOf(placement.item);
        const auto session = q.sessionOf(placement.session);
        if (item && session && q.isOpen(*session))
            places.push_back({*item, *session, placement.part});
    }
    return places;
}

std::string brokenRule(const Question& q, const Plan& plan)
{
    std::vector<Sounding> all;
    for (const FixedPlay& play : q.fixed)
        all.push_back({play.item, play.session, play.day, play.start});
    for (const OraclePlace& place : openPlaces(q, plan)) {
        const model::Session& where = q.input.sessions[static_cast<std::size_t>(place.session)];
        all.push_back({place.item, place.session, where.localDate, where.startsAt});
    }
    std::size_t seen = 0;
    for (int session = 0; session < static_cast<int>(q.input.sessions.size()); ++session) {
        std::vector<const Placement*> there;
        for (const Placement& placement : plan.placements) {
            if (placement.session == q.input.sessions[static_cast<std::size_t>(session)].id)
                there.push_back(&placement);
        }
        seen += there.size();
        if (!q.isOpen(session)) {
            std::vector<Placement> before;
            for (const Placement& placement : q.input.existing) {
                if (placement.session == q.input.sessions[static_cast<std::size_t>(session)].id)
                    before.push_back(placement);
            }
            std::ranges::stable_sort(before, {}, &Placement::offset);
            const bool same = std::ranges::equal(there, before, {}, [](const Placement* one) { return *one; });
            if (!same)
                return "a frozen session was changed";
            continue;
        }
        if (auto broken = brokenRoom(q, session, there); !broken.empty())
            return broken;
        if (auto broken = brokenTunes(q.input.sessions[static_cast<std::size_t>(session)], there); !broken.empty())
            return broken;
        std::set<QString> once;
        for (const Placement* placement : there) {
            if (!placement->tune.isEmpty())
                continue;
            const auto item = q.itemOf(placement->item);
            if (!item)
                return named(*placement, "not approved");
            const PlannableItem& what = q.input.items[static_cast<std::size_t>(*item)];
            if (what.frames != placement->frames || what.sha256 != placement->sha256 ||
                what.version != placement->version)
                return named(*placement, "not the approved recording");
            if (!once.insert(placement->item.value).second)
                return named(*placement, "twice");
            if (!q.isValid(*item, session))
                return named(*placement, "not valid there");
            if (!q.accepts(*item, session, placement->part))
                return named(*placement, "in a part for other topics");
            if (placement->reason.vi.isEmpty() || placement->reason.en.isEmpty())
                return named(*placement, "without a reason");
            if (auto broken = brokenPlayRule(q, *placement, {*item, session, placement->part}, all, there);
                !broken.empty())
                return broken;
        }
    }
    return seen == plan.placements.size() ? std::string() : "a placement in a session that was not asked about";
}

int heldBy(const Question& question, const std::vector<OraclePlace>& places)
{
    int held = 0;
    for (const OwedPeriod& owed : question.owed) {
        const auto measure = question.input.obligations[static_cast<std::size_t>(owed.obligation)].measure;
        std::set<int> distinct;
        std::int64_t airings = 0;
        std::int64_t frames = 0;
        const auto see = [&](int item, QDate day, std::int64_t length) {
            if (!question.counts(item, owed) || day < owed.first || day > owed.last)
                return;
            distinct.insert(item);
            ++airings;
            frames += length;
        };
        for (const FixedPlay& play : question.fixed)
            see(play.item, play.day, play.frames);
        for (const OraclePlace& place : places)
            see(place.item, question.input.sessions[static_cast<std::size_t>(place.session)].localDate,
                question.input.items[static_cast<std::size_t>(place.item)].frames.value);
        const std::int64_t counted = measure == model::ObligationMeasure::DistinctItems
                                         ? static_cast<std::int64_t>(distinct.size())
                                     : measure == model::ObligationMeasure::Airings ? airings
                                                                                    : frames;
        held += counted >= owed.required ? 1 : 0;
    }
    return held;
}

} // namespace loa::planner::test
