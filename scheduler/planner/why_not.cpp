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

// Sessions that rules ask for and that do not take place: the item is in none of them.
void tellRefused(const Board& board, QDate from, QDate until, WhyNot& told)
{
    constexpr std::size_t mostTold = 5; // rules and causes
    std::vector<const RefusedSession*> kinds;
    for (const RefusedSession& refused : board.input().refused) {
        if (refused.session.localDate < from || refused.session.localDate > until)
            continue;
        const auto alike = std::ranges::find_if(kinds, [&](const RefusedSession* other) {
            return other->session.rule == refused.session.rule && other->cause == refused.cause;
        });
        const auto kind = static_cast<std::size_t>(alike - kinds.begin());
        if (kind == mostTold)
            continue;
        if (kind == kinds.size()) {
            kinds.push_back(&refused);
            told.reasons.push_back({Obstacle::RefusedSession, refused.reason, {}});
            for (Remedy& remedy : remediesFor(refused)) {
                if (remedy.kind != RemedyKind::ChooseSession)
                    told.remedies.push_back(std::move(remedy));
            }
        }
        told.reasons[told.reasons.size() - kinds.size() + kind].sessions.push_back(refused.session.id);
    }
}

// In place of one sentence for all that is not there.
void tellAbsence(const ItemId& item, std::span<const Absence> absences, WhyNot& told)
{
    const auto absence = std::ranges::find(absences, item, &Absence::item);
    const auto unknown = std::ranges::find(told.reasons, Obstacle::UnknownItem, &WhyNotReason::obstacle);
    if (absence == absences.end() || unknown == told.reasons.end())
        return;
    unknown->text = absenceText(*absence);
    told.remedies = remediesFor(*absence);
}

WhyNot tell(const Board& board, const ItemId& itemId, QDate from, QDate until, std::span<const Absence> absences)
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
    if (item != noItem && board.item(item).plannable)
        tellRefused(board, from, until, told);
    if (begin == end && told.reasons.empty()) {
        const Judgement judgement =
            item == noItem ? Judgement{Obstacle::UnknownItem} : Judgement{Obstacle::UnknownSession};
        told.reasons.push_back({judgement.obstacle, obstacleText(board, item, -1, judgement), {}});
        told.remedies = remediesFor(board, item, -1, judgement);
    }
    tellAbsence(itemId, absences, told);
    // What plays needs no shorter recording and no longer session, for all that some session is too short for it.
    if (!told.plays.empty())
        std::erase_if(told.remedies, [](const Remedy& remedy) { return remedy.kind != RemedyKind::ChooseSession; });
    std::ranges::stable_sort(told.reasons, std::ranges::greater(),
                             [](const WhyNotReason& reason) { return reason.sessions.size(); });
    return told;
}

} // namespace

std::vector<WhyNot> whyNot(const PlanInput& input, const Plan& answer, std::span<const ItemId> items, QDate from,
                           QDate until, std::span<const Absence> absences)
{
    PlanInput planned = input;
    planned.existing = answer.placements;
    const ItemPool::Tables tables(planned.items);
    Board board(planned, tables);
    board.keepExisting();
    std::vector<WhyNot> told;
    told.reserve(items.size());
    for (const ItemId& item : items)
        told.push_back(tell(board, item, from, until, absences));
    return told;
}

WhyNot whyNot(const PlanInput& input, const Plan& answer, const ItemId& item, QDate from, QDate until,
              std::span<const Absence> absences)
{
    return whyNot(input, answer, {&item, 1}, from, until, absences).front();
}

} // namespace loa::planner
