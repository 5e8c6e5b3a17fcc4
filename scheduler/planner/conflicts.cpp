#include "scheduler/planner/conflicts.h"

#include "scheduler/planner/pins.h"
#include "scheduler/planner/resolutions.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

namespace {

EditConflict conflictFrom(Board& board, const model::HandEdit& edit, const Judgement& judgement)
{
    const int session = board.sessionIndex(edit.session);
    const int item = board.itemIndex(edit.item);
    EditConflict conflict;
    conflict.edit = edit;
    conflict.obstacle = judgement.obstacle;
    conflict.hard = judgement.obstacle != Obstacle::Repeats;
    conflict.reason = obstacleText(board, item, session, judgement);
    conflict.resolutions = resolutionsFor(board, item, session, judgement);
    return conflict;
}

EditConflict conflictOf(Board& board, const model::HandEdit& edit)
{
    const int session = board.sessionIndex(edit.session);
    const auto& refused = board.input().refused;
    const auto same =
        std::ranges::find_if(refused, [&](const RefusedSession& some) { return some.session.id == edit.session; });
    if (session < 0 && same != refused.end()) {
        EditConflict conflict;
        conflict.edit = edit;
        conflict.obstacle = Obstacle::RefusedSession;
        conflict.reason = same->reason;
        conflict.resolutions = resolutionsFor(board, board.itemIndex(edit.item), *same);
        return conflict;
    }
    // What each rule by itself would let be was pinned.
    return conflictFrom(board, edit, judge(board, edit.item, session).value_or(Judgement{Obstacle::NoRoom}));
}

// Of a Keep that is kept: heard twice that day, because a person wants it so.
std::optional<Judgement> repeats(const Board& board, int item, int session)
{
    const ItemRules* rules = board.rulesOf(item);
    const int other = otherPlayThatDay(board, item, session);
    if (other < 0 || (rules && rules->mostADay > 0))
        return std::nullopt;
    return Judgement{Obstacle::Repeats, other};
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
        } else if (edit.kind == model::HandEditKind::Keep) {
            if (const auto judgement = repeats(board, item, session))
                conflicts.push_back(conflictFrom(board, edit, *judgement));
        }
    }
    std::ranges::stable_sort(conflicts, [](const EditConflict& a, const EditConflict& b) {
        return std::tie(a.edit.madeAt, a.edit.id) < std::tie(b.edit.madeAt, b.edit.id);
    });
    return conflicts;
}

std::vector<EditConflict> checkEdits(const PlanInput& input, std::span<const model::HandEdit> proposed,
                                     std::span<const Absence> absences)
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
    for (EditConflict& conflict : conflicts) {
        const auto absence = std::ranges::find(absences, conflict.edit.item, &Absence::item);
        if (conflict.obstacle != Obstacle::UnknownItem || absence == absences.end())
            continue;
        conflict.reason = absenceText(*absence);
        conflict.resolutions = remediesFor(*absence);
    }
    return conflicts;
}

} // namespace loa::planner
