#include "scheduler/planner/difference.h"

#include "scheduler/planner/obstacle_words.h"

#include <QHash>

#include <algorithm>

namespace loa::planner {

namespace {

using Key = std::pair<std::pair<SessionId, ItemId>, QString>;

bool samePlay(const Placement& a, const Placement& b)
{
    return a.session == b.session && a.item == b.item && a.tune == b.tune && a.sha256 == b.sha256 &&
           a.offset == b.offset && a.part == b.part;
}

Text whyGone(const Board& board, const Placement& placement)
{
    const int session = board.sessionIndex(placement.session);
    const int item = board.itemIndex(placement.item);
    if (const auto judgement = judge(board, item, session); judgement && judgement->obstacle != Obstacle::AlreadyThere)
        return obstacleText(board, item, session, *judgement);
    return {QStringLiteral("Nhường chỗ cho tin/bài khác, hoặc có bản thu mới."),
            QStringLiteral("Gave way to another item, or has a new recording.")};
}

} // namespace

PlanDifference difference(const Plan& before, const Plan& after, const PlanInput& input)
{
    PlanInput planned = input;
    planned.existing = after.placements;
    const ItemPool::Tables tables(planned.items);
    Board board(planned, tables);
    board.keepExisting();
    QHash<SessionId, UtcTime> starts;
    for (const model::Session& session : input.sessions)
        starts.insert(session.id, session.startsAt);
    // Of a session that the question does not name nothing is known but that it
    // is gone, and that of `before` alone.
    const auto startOf = [&](const Placement& placement) { return starts.value(placement.session, UtcTime::max()); };
    const auto isOver = [&](const Placement& placement) { return startOf(placement) < input.frozenUntil; };

    QHash<Key, const Placement*> wasThere;
    QHash<Key, const Placement*> isThere;
    for (const Placement& placement : before.placements)
        wasThere.insert({{placement.session, placement.item}, placement.tune}, &placement);
    for (const Placement& placement : after.placements)
        isThere.insert({{placement.session, placement.item}, placement.tune}, &placement);
    std::vector<const Placement*> added;
    for (const Placement& placement : after.placements) {
        const Placement* was = wasThere.value({{placement.session, placement.item}, placement.tune});
        if (!isOver(placement) && !(was && samePlay(*was, placement)))
            added.push_back(&placement);
    }
    PlanDifference told;
    for (const Placement& placement : before.placements) {
        const Placement* is = isThere.value({{placement.session, placement.item}, placement.tune});
        if (isOver(placement) || !starts.contains(placement.session) || (is && samePlay(placement, *is)))
            continue;
        auto nearest = added.end();
        for (auto other = added.begin(); other != added.end(); ++other) {
            if ((*other)->item != placement.item || (*other)->tune != placement.tune ||
                (*other)->sha256 != placement.sha256)
                continue;
            const auto distance = [&](const Placement* to) {
                return std::chrono::abs(startOf(*to) - startOf(placement));
            };
            if (nearest == added.end() || distance(*other) < distance(*nearest))
                nearest = other;
        }
        if (nearest == added.end()) {
            told.removed.push_back({placement, whyGone(board, placement)});
            continue;
        }
        told.moved.push_back({placement, **nearest, (*nearest)->reason});
        added.erase(nearest);
    }
    for (const Placement* placement : added)
        told.added.push_back({*placement, placement->reason});
    return told;
}

} // namespace loa::planner
