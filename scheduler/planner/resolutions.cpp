#include "scheduler/planner/resolutions.h"

#include <algorithm>

namespace loa::planner {

namespace {

constexpr std::size_t mostTakenBack = 3; // named at once

const model::HandEdit* keepOf(const Board& board, int item, int session)
{
    const auto& edits = board.input().edits;
    const auto keep = std::ranges::find_if(edits, [&](const model::HandEdit& edit) {
        return edit.kind == model::HandEditKind::Keep && board.itemIndex(edit.item) == item &&
               board.sessionIndex(edit.session) == session;
    });
    return keep == edits.end() ? nullptr : &*keep;
}

// Pins without which the obstacle would not be there.
std::vector<std::pair<int, int>> pinsInTheWay(Board& board, int item, int session, const Judgement& judgement)
{
    std::vector<std::pair<int, int>> inTheWay; // session, item
    const Day day = board.session(session).day;
    for (const auto& pin : std::vector(board.pins())) {
        const auto& [where, what] = pin;
        bool isOne = false;
        switch (judgement.obstacle) {
        case Obstacle::Gap:
            isOne = what == item && where == judgement.other;
            break;
        case Obstacle::DayLimit:
        case Obstacle::Repeats:
            isOne = what == item && where != session && board.session(where).day == day;
            break;
        case Obstacle::PeriodLimit:
            isOne = what == item && where != session;
            break;
        case Obstacle::Beside:
        case Obstacle::Pair:
            isOne = what == judgement.other && where == session && board.rulesOf(item)->pairWith != what;
            break;
        case Obstacle::NoRoom:
            if (where == session && what != item) {
                const int part = board.session(where).partOf(what);
                board.remove(what, where);
                isOne = board.fits(item, session);
                board.place(what, where, part);
            }
            break;
        default:
            break;
        }
        if (isOne && inTheWay.size() < mostTakenBack)
            inTheWay.push_back(pin);
    }
    return inTheWay;
}

Remedy takingBack(const Board& board, int session, int item)
{
    Remedy remedy;
    remedy.kind = RemedyKind::TakeBackEdit;
    remedy.session = board.session(session).session->id;
    remedy.item = board.item(item).plannable->id;
    if (const model::HandEdit* edit = keepOf(board, item, session); edit && !edit->id.value.isEmpty())
        remedy.edit = edit->id;
    const QString where = sessionTime(board, session);
    remedy.text = {
        QStringLiteral("Bỏ ghim \"%1\" khỏi buổi %2.").arg(titleOf(board, item), where),
        QStringLiteral("Take back the pin of \"%1\" to the session of %2.").arg(titleOf(board, item), where)};
    return remedy;
}

// The nearest other session that takes the item beside what is pinned, on a day on which it is not pinned.
std::optional<Remedy> choosingAnother(const Board& board, int item, UtcTime start, int except)
{
    int best = -1;
    const auto distance = [&](int session) {
        return std::chrono::abs(board.session(session).session->startsAt - start);
    };
    for (int session = 0; session < board.sessionCount(); ++session) {
        if (session != except && board.fits(item, session) && otherPlayThatDay(board, item, session) < 0 &&
            (best < 0 || distance(session) < distance(best)))
            best = session;
    }
    if (best < 0)
        return std::nullopt;
    Remedy remedy;
    remedy.kind = RemedyKind::ChooseSession;
    remedy.session = board.session(best).session->id;
    remedy.item = board.item(item).plannable->id;
    remedy.from = remedy.until = QDate::fromJulianDay(board.session(best).day);
    const QString where = sessionTime(board, best);
    remedy.text = {QStringLiteral("Chọn buổi %1, còn chỗ cho tin/bài.").arg(where),
                   QStringLiteral("Choose the session of %1, which has room for it.").arg(where)};
    return remedy;
}

bool isKnown(const Board& board, int item)
{
    return item != noItem && board.item(item).plannable != nullptr;
}

} // namespace

int otherPlayThatDay(const Board& pinned, int item, int session)
{
    const BoardSession& where = pinned.session(session);
    for (const Play& play : pinned.plays(item)) {
        if (play.session >= 0 && play.session != session && play.day == where.day)
            return play.session;
    }
    return -1;
}

std::vector<Remedy> resolutionsFor(Board& pinned, int item, int session, const Judgement& judgement)
{
    std::vector<Remedy> resolutions;
    if (isKnown(pinned, item) && session >= 0) {
        for (const auto& [where, what] : pinsInTheWay(pinned, item, session, judgement))
            resolutions.push_back(takingBack(pinned, where, what));
    }
    for (Remedy& remedy : remediesFor(pinned, item, session, judgement)) {
        // Which session is told below.
        if (remedy.kind != RemedyKind::ChooseSession)
            resolutions.push_back(std::move(remedy));
    }
    if (isKnown(pinned, item) && session >= 0) {
        if (auto another = choosingAnother(pinned, item, pinned.session(session).session->startsAt, session))
            resolutions.push_back(*std::move(another));
    }
    return resolutions;
}

std::vector<Remedy> resolutionsFor(const Board& pinned, int item, const RefusedSession& refused)
{
    std::vector<Remedy> resolutions = remediesFor(refused);
    std::erase_if(resolutions, [](const Remedy& remedy) { return remedy.kind == RemedyKind::ChooseSession; });
    if (isKnown(pinned, item)) {
        if (auto another = choosingAnother(pinned, item, refused.session.startsAt, -1))
            resolutions.push_back(*std::move(another));
    }
    return resolutions;
}

} // namespace loa::planner
