#include "scheduler/planner/conflicts.h"

#include "scheduler/planner/obstacle_words.h"
#include "scheduler/planner/pins.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

EditConflict conflictOf(const Board& board, const model::HandEdit& edit)
{
    const int session = board.sessionIndex(edit.session);
    const int item = board.itemIndex(edit.item);
    EditConflict conflict;
    conflict.edit = edit;
    const auto& refused = board.input().refused;
    const auto same =
        std::ranges::find_if(refused, [&](const RefusedSession& some) { return some.session.id == edit.session; });
    if (session < 0 && same != refused.end()) {
        conflict.obstacle = Obstacle::RefusedSession;
        conflict.reason = same->reason;
        conflict.resolutions = remediesFor(*same);
        return conflict;
    }
    // A search that found no arrangement, though each rule by itself would let it
    // be, ran out of room.
    const Judgement judgement = judge(board, edit.item, session).value_or(Judgement{Obstacle::NoRoom});
    conflict.obstacle = judgement.obstacle;
    conflict.reason = obstacleText(board, item, session, judgement);
    conflict.resolutions = remediesFor(board, item, session, judgement);
    return conflict;
}

bool sameTarget(const model::HandEdit& a, const model::HandEdit& b)
{
    return a.session == b.session && a.item == b.item;
}

} // namespace

std::vector<EditConflict> conflictsOf(const PlanInput& input)
{
    const ItemPool::Tables tables(input.items);
    Board board(input, tables);
    pinKeeps(board);
    std::vector<EditConflict> conflicts;
    for (const model::HandEdit& edit : input.edits) {
        const int session = board.sessionIndex(edit.session);
        const int item = board.itemIndex(edit.item);
        const bool open = session >= 0 && board.session(session).open;
        if (edit.kind == model::HandEditKind::Away ? session >= 0 && !open
                                                   : !open || item == noItem || !board.isPinned(item, session)) {
            // What a person wanted there and has is no conflict, though its session
            // has begun.
            const bool kept = edit.kind == model::HandEditKind::Keep && session >= 0 && !open &&
                              board.existingRank(item, session) >= 0;
            const bool gone = edit.kind == model::HandEditKind::Away && board.existingRank(item, session) < 0;
            if (!kept && !gone)
                conflicts.push_back(conflictOf(board, edit));
        }
    }
    std::ranges::stable_sort(conflicts, [](const EditConflict& a, const EditConflict& b) {
        return std::tie(a.edit.madeAt, a.edit.id) < std::tie(b.edit.madeAt, b.edit.id);
    });
    return conflicts;
}

std::vector<EditConflict> checkEdits(const PlanInput& input, std::span<const model::HandEdit> proposed)
{
    PlanInput wished = input;
    std::erase_if(wished.edits, [&](const model::HandEdit& edit) {
        return std::ranges::any_of(proposed, [&](const model::HandEdit& other) { return sameTarget(edit, other); });
    });
    wished.edits.insert(wished.edits.end(), proposed.begin(), proposed.end());
    std::vector<EditConflict> conflicts = conflictsOf(wished);
    std::erase_if(conflicts, [&](const EditConflict& conflict) {
        return std::ranges::none_of(proposed,
                                    [&](const model::HandEdit& edit) { return sameTarget(edit, conflict.edit); });
    });
    return conflicts;
}

} // namespace loa::planner
