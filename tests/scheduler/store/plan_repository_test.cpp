#include "tests/scheduler/store/sample_store.h"

using namespace loa;
using namespace loa::test;

namespace {

struct Planned : District {
    Planned()
    {
        settle();
        approved("a");
        approved("b");
    }

    model::Session session(int dayOfMonth, int hour)
    {
        const UtcTime start = morning + std::chrono::hours(24 * (dayOfMonth - 1) + hour - 5);
        const SessionRuleId rule{text("rule")};
        return {sessionIdFor(stations[0], rule, start),
                rule,
                stations[0],
                text("Sáng"),
                day(dayOfMonth),
                start,
                {900 * sampleRate}};
    }

    static planner::Placement placement(const model::Session& session, const char* item)
    {
        const ItemId id{text(item)};
        return {session.id,
                id,
                1,
                hashOf(item),
                {0},
                {60 * sampleRate},
                Priority::Normal,
                {text("Cho chỉ tiêu"), text("For the quota")}};
    }
};

} // namespace

TEST_CASE("A plan is replaced from an instant on; what has begun stays")
{
    Planned at;
    auto& plans = at.store.plans;
    const auto first = at.session(1, 5);
    const auto second = at.session(2, 5);
    const auto third = at.session(3, 5);
    const planner::Shortfall shortfall{ObligationId{text("quota")},     {day(1), day(31)}, 2, 0, 1,
                                       {text("thiếu"), text("lacking")}};
    taken(plans.replace(at.stations[0], morning, std::vector{first, second},
                        {at.stations[0], {at.placement(first, "a"), at.placement(second, "b")}, {shortfall}}));
    CHECK(taken(plans.sessions(at.stations[0], day(1), day(31))) == std::vector{first, second});
    CHECK(taken(plans.placements(at.stations[0], day(1), day(31))) ==
          std::vector{at.placement(first, "a"), at.placement(second, "b")});
    CHECK(taken(plans.shortfalls(at.stations[0])) == std::vector{shortfall});
    CHECK(taken(plans.holds(at.stations[0], ItemId{text("b")})));
    CHECK_FALSE(taken(plans.holds(at.stations[1], ItemId{text("b")})));
    CHECK(taken(plans.session(second.id)) == second);
    CHECK(taken(plans.session(third.id)) == std::nullopt);

    // Planned again while the first is under way: the planner hands the frozen one back, and it stays as it is.
    planner::Placement other = at.placement(first, "a");
    other.reason.vi = text("khác");
    taken(plans.replace(at.stations[0], first.startsAt + Duration(1), std::vector{first, third},
                        {at.stations[0], {other, at.placement(third, "a")}, {}}));
    CHECK(taken(plans.sessions(at.stations[0], day(1), day(31))) == std::vector{first, third});
    CHECK(taken(plans.placements(at.stations[0], day(1), day(31))) ==
          std::vector{at.placement(first, "a"), at.placement(third, "a")});
    CHECK(taken(plans.shortfalls(at.stations[0])).empty());
    CHECK(taken(plans.holds(at.stations[0], ItemId{text("a")})));
    CHECK_FALSE(taken(plans.holds(at.stations[0], ItemId{text("b")})));
    CHECK(taken(plans.placements(at.stations[0], day(2), day(2))).empty());
    CHECK(taken(plans.nextSession(at.stations[0], first.startsAt)) == third);
    CHECK(taken(plans.nextSession(at.stations[0], third.startsAt)) == std::nullopt);
    CHECK(taken(plans.sessions(at.stations[1], day(1), day(31))).empty());
}

TEST_CASE("A plan that contradicts itself changes nothing")
{
    Planned at;
    auto& plans = at.store.plans;
    const auto first = at.session(1, 5);
    taken(plans.replace(at.stations[0], morning, std::vector{first}, {at.stations[0], {at.placement(first, "a")}, {}}));
    const auto second = at.session(2, 5);
    CHECK_FALSE(
        plans.replace(at.stations[0], morning, std::vector{second}, {at.stations[0], {at.placement(first, "a")}, {}}));
    CHECK(taken(plans.sessions(at.stations[0], day(1), day(31))) == std::vector{first});
    CHECK(taken(plans.placements(at.stations[0], day(1), day(31))).size() == 1);
}

TEST_CASE("Wishes for a plan wait in order, each once")
{
    Planned at;
    auto& plans = at.store.plans;
    taken(plans.wish(std::vector{at.stations[1]}, morning));
    taken(plans.wish(std::vector{at.stations[0], at.stations[1]}, morning + Duration(1)));
    const UtcTime later = morning + std::chrono::hours(1);
    CHECK(taken(plans.wished(later, 10)) == std::vector{at.stations[1], at.stations[0]});
    CHECK(taken(plans.wished(later, 1)) == std::vector{at.stations[1]});
    taken(plans.postpone(at.stations[1], later));
    CHECK(taken(plans.wished(later - Duration(1), 10)) == std::vector{at.stations[0]});
    CHECK(taken(plans.wished(later, 10)).size() == 2);
    taken(plans.wish(std::vector{at.stations[1]}, morning + Duration(2))); // a new reason does not wait
    CHECK(taken(plans.wished(morning + Duration(2), 10)).size() == 2);
    taken(plans.fulfilled(at.stations[0]));
    CHECK(taken(plans.wished(later, 10)) == std::vector{at.stations[1]});
}

TEST_CASE("Promise 10: bundles are issued with rising versions alone, and kept to the byte", "[promise-10]")
{
    Planned at;
    auto& bundles = at.store.bundles;
    const QByteArray sealed = "loa-bundle/1 …\n{\"tên\":\"Đài\"}";
    const auto issued = [&](std::int64_t version, UtcTime until) {
        return bundles.add({at.stations[0], version, morning, until, sha256(sealed), sealed});
    };
    CHECK(taken(bundles.latestVersion(at.stations[0])) == 0);
    CHECK(taken(bundles.latest(at.stations[0])) == std::nullopt);
    taken(issued(1, morning));
    taken(issued(5, morning));
    for (const std::int64_t version : {1, 4, 5})
        CHECK(categoryOf(issued(version, morning)) == ErrorCategory::Conflict);
    CHECK(taken(bundles.latestVersion(at.stations[0])) == 5);
    CHECK(taken(bundles.latest(at.stations[0]))->sealed == sealed);
    CHECK(taken(bundles.latestVersion(at.stations[1])) == 0);

    // What is over is forgotten, but never the last, so that no version is given twice.
    CHECK(taken(bundles.forget(morning + Duration(1))) == 1);
    CHECK(taken(bundles.latestVersion(at.stations[0])) == 5);

    taken(at.database->execute(text("UPDATE bundles SET sealed = 'damaged'")));
    CHECK(categoryOf(bundles.latest(at.stations[0])) == ErrorCategory::Storage);
}

TEST_CASE("A plan keeps the parts of its sessions, and its revision rises with every change")
{
    Planned at;
    auto& plans = at.store.plans;
    CHECK(taken(plans.revision(at.stations[0])) == 0);
    auto session = at.session(1, 5);
    session.segments = {{{10}, {400}}, {{500}, {100}}};
    session.parts = {{text("bulletin"), model::PartKind::Bulletin, 0, {400}, {}, {100}},
                     {text("cchc"), model::PartKind::ReformColumn, 1, {90}, {text("cchc-a"), text("cchc-b")}}};
    auto placement = at.placement(session, "a");
    placement.part = 1;
    taken(plans.replace(at.stations[0], morning, std::vector{session}, {at.stations[0], {placement}, {}}));
    CHECK(taken(plans.sessions(at.stations[0], day(1), day(31))) == std::vector{session});
    CHECK(taken(plans.placements(at.stations[0], day(1), day(31))) == std::vector{placement});
    CHECK(taken(plans.revision(at.stations[0])) == 1);
    CHECK(taken(plans.raiseRevision(at.stations[0])) == 2);
    CHECK(taken(plans.revision(at.stations[0])) == 2);
    CHECK(taken(plans.revision(at.stations[1])) == 0);
}

TEST_CASE("Edits by hand are kept, one for a session and an item")
{
    Planned at;
    auto& edits = at.store.edits;
    const auto session = at.session(1, 5);
    const auto later = at.session(2, 5);
    const auto edit = [&](const char* id, const model::Session& where, const char* item, model::HandEditKind kind) {
        return store::StoredEdit{{HandEditId{text(id)},
                                  at.stations[0],
                                  where.id,
                                  ItemId{text(item)},
                                  kind,
                                  {},
                                  text("vì họp dân"),
                                  at.editor.id,
                                  morning},
                                 where.startsAt};
    };
    auto pinned = edit("e1", session, "a", model::HandEditKind::Keep);
    pinned.edit.position = 1;
    const auto away = edit("e2", later, "b", model::HandEditKind::Away);
    taken(edits.put(pinned));
    taken(edits.put(away));
    CHECK(taken(edits.ofStation(at.stations[0], morning)) == std::vector{pinned, away});
    CHECK(taken(edits.ofStation(at.stations[0], later.startsAt)) == std::vector{away});
    CHECK(taken(edits.ofStation(at.stations[1], morning)).empty());
    CHECK(taken(edits.find(pinned.edit.id)) == pinned);

    const auto otherwise = edit("e3", session, "a", model::HandEditKind::Away);
    taken(edits.put(otherwise));
    CHECK(taken(edits.ofStation(at.stations[0], morning)) == std::vector{away, otherwise});
    CHECK(categoryOf(edits.find(pinned.edit.id)) == ErrorCategory::NotFound);
    taken(edits.remove(away.edit.id));
    CHECK(categoryOf(edits.remove(away.edit.id)) == ErrorCategory::NotFound);
    CHECK(taken(edits.ofStation(at.stations[0], morning)) == std::vector{otherwise});
}

TEST_CASE("What a template made of a session comes back with it, and its tunes with the plan")
{
    Planned at;
    model::Session session = at.session(1, 5);
    session.segments = {{{48'000}, {96'000}}};
    session.parts = {{text("column"), model::PartKind::ReformColumn, 0, {96'000}, {text("cchc-a")}}};
    session.tunes = {
        {text("signature"), model::PartKind::Signature, 0, 0, ItemId{text("a")}, 1, hashOf("a"), {48'000}}};
    session.relays = {{text("vov"), text("VOV1"), {480'000}, {960'000}}};
    session.cuts = {{text("music"), model::PartKind::Music, {text("Hết giờ"), text("No time")}}};
    model::Session allRelayed = at.session(2, 5);
    allRelayed.relays = {{text("vov"), text("VOV1"), {0}, allRelayed.frames}};
    planner::Placement tune = at.placement(session, "a");
    tune.tune = text("signature");
    planner::Placement again = tune;
    again.tune = text("closing");
    again.offset = {960'000};
    taken(at.store.plans.replace(at.stations[0], morning, std::vector{session, allRelayed},
                                 {at.stations[0], {tune, again}, {}}));
    CHECK(taken(at.store.plans.sessions(at.stations[0], day(1), day(2))) == std::vector{session, allRelayed});
    CHECK(taken(at.store.plans.placements(at.stations[0], day(1), day(2))) == std::vector{tune, again});
    CHECK(taken(at.store.plans.holds(again.airing())));
}
