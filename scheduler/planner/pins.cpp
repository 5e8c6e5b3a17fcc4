#include "scheduler/planner/pins.h"

#include "scheduler/planner/quota_search.h"

#include <algorithm>
#include <tuple>

namespace loa::planner {

std::vector<const model::HandEdit*> keepsOf(const Board& board)
{
    std::vector<const model::HandEdit*> keeps;
    for (const model::HandEdit& edit : board.input().edits) {
        const int session = board.sessionIndex(edit.session);
        if (edit.kind == model::HandEditKind::Keep && (session < 0 || board.session(session).open))
            keeps.push_back(&edit);
    }
    std::ranges::stable_sort(keeps, [](const model::HandEdit* a, const model::HandEdit* b) {
        return std::tie(a->madeAt, a->id, a->session, a->item) < std::tie(b->madeAt, b->id, b->session, b->item);
    });
    return keeps;
}

void pinKeeps(Board& board)
{
    for (const model::HandEdit* edit : keepsOf(board)) {
        const int session = board.sessionIndex(edit->session);
        const int item = board.itemIndex(edit->item);
        if (session < 0 || item == noItem || !board.validAt(item, session) || board.isPinned(item, session))
            continue;
        if (board.fits(item, session)) {
            board.place(item, session, board.partAsBefore(item, session));
            board.pin(item, session);
            continue;
        }
        auto pins = board.pins();
        pins.emplace_back(session, item);
        const auto arrangement = arrangePins(board, pins);
        if (!arrangement)
            continue;
        board.clearOpen();
        for (const PlacedItem& place : *arrangement)
            board.place(place.item, place.session, place.part);
        board.pin(item, session);
    }
}

} // namespace loa::planner
