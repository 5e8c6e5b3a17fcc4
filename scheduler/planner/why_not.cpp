#include "scheduler/planner/why_not.h"

#include "scheduler/planner/obstacle_words.h"

#include <algorithm>

namespace loa::planner {

namespace {

// Of what could stand there as the plan is: what else it is about.
Judgement freeJudgement(const Board& board, int item, int session)
{
    return {board.hasRested(item, board.session(session).day) ? Obstacle::NotItsTurn : Obstacle::TooSoon};
}

WhyNot tell(const Board& board, const ItemId& itemId, QDate from, QDate until)
{
    const int item = board.itemIndex(itemId);
    WhyNot told;
    const auto [begin, end] =
        board.sessionsWithin(static_cast<Day>(from.toJulianDay()), static_cast<Day>(until.toJulianDay()));
    for (int session = begin; session < end; ++session) {
        const SessionId& id = board.session(session).session->id;
        const bool plays = item != noItem && (board.session(session).contains(item) ||
                                              (!board.session(session).open && board.existingRank(item, session) >= 0));
        const bool sounds = std::ranges::find(board.session(session).session->tunes, itemId,
                                              &model::SessionTune::item) != board.session(session).session->tunes.end();
        if (plays || sounds) {
            told.plays.push_back(id);
            continue;
        }
        const auto obstacle = judge(board, itemId, session);
        const Judgement judgement = obstacle ? *obstacle : freeJudgement(board, item, session);
        auto same = std::ranges::find(told.reasons, judgement.obstacle, &WhyNotReason::obstacle);
        if (same == told.reasons.end()) {
            told.reasons.push_back({judgement.obstacle, obstacleText(board, item, session, judgement), {}});
            for (Remedy& remedy : remediesFor(board, item, session, judgement))
                told.remedies.push_back(std::move(remedy));
            same = told.reasons.end() - 1;
        }
        same->sessions.push_back(id);
    }
    const auto refused = std::ranges::find_if(board.input().refused, [&](const RefusedSession& some) {
        return from <= some.session.localDate && some.session.localDate <= until;
    });
    if (begin == end && item != noItem && refused != board.input().refused.end()) {
        told.reasons.push_back({Obstacle::RefusedSession, refused->reason, {}});
        told.remedies = remediesFor(*refused);
    } else if (begin == end) {
        const Judgement judgement =
            item == noItem ? Judgement{Obstacle::UnknownItem} : Judgement{Obstacle::UnknownSession};
        told.reasons.push_back({judgement.obstacle, obstacleText(board, item, -1, judgement), {}});
        told.remedies = remediesFor(board, item, -1, judgement);
    }
    // What plays needs no shorter recording and no longer session, for all that some session is too short for it.
    if (!told.plays.empty())
        std::erase_if(told.remedies, [](const Remedy& remedy) { return remedy.kind != RemedyKind::ChooseSession; });
    std::ranges::stable_sort(told.reasons, std::ranges::greater(),
                             [](const WhyNotReason& reason) { return reason.sessions.size(); });
    return told;
}

} // namespace

std::vector<WhyNot> whyNot(const PlanInput& input, const Plan& answer, std::span<const ItemId> items, QDate from,
                           QDate until)
{
    PlanInput planned = input;
    planned.existing = answer.placements;
    const ItemPool::Tables tables(planned.items);
    Board board(planned, tables);
    board.keepExisting();
    std::vector<WhyNot> told;
    told.reserve(items.size());
    for (const ItemId& item : items)
        told.push_back(tell(board, item, from, until));
    return told;
}

WhyNot whyNot(const PlanInput& input, const Plan& answer, const ItemId& item, QDate from, QDate until)
{
    return whyNot(input, answer, {&item, 1}, from, until).front();
}

} // namespace loa::planner
