#include "scheduler/planner/difference.h"

#include "scheduler/planner/obstacle_words.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace loa::planner {

namespace {

using Key = std::pair<std::pair<SessionId, ItemId>, QString>;

Key keyOf(const Placement& placement)
{
    return {{placement.session, placement.item}, placement.tune};
}

QHash<Key, const Placement*> byPlace(const Plan& plan)
{
    QHash<Key, const Placement*> places;
    places.reserve(static_cast<qsizetype>(plan.placements.size()));
    for (const Placement& placement : plan.placements)
        places.insert(keyOf(placement), &placement);
    return places;
}

bool samePlay(const Placement& a, const Placement& b)
{
    return a.session == b.session && a.item == b.item && a.tune == b.tune && a.sha256 == b.sha256 &&
           a.offset == b.offset && a.part == b.part;
}

Text joined(const Text& first, const Text& second)
{
    if (first.en.isEmpty() || second.en.isEmpty())
        return first.en.isEmpty() ? second : first;
    return {first.vi + u' ' + second.vi, first.en + u' ' + second.en};
}

class Comparison {
public:
    Comparison(const Plan& before, const Plan& after, const PlanInput& planned, const ItemPool::Tables& tables,
               std::span<const model::Session> gone, std::span<const Absence> absences)
        : m_before(before), m_after(after), m_input(planned), m_absences(absences), m_board(planned, tables),
          m_was(byPlace(before)), m_is(byPlace(after))
    {
        m_board.keepExisting();
        for (int session = 0; session < m_board.sessionCount(); ++session)
            m_sessions.insert(m_board.session(session).session->id, session);
        for (const model::Session& session : gone)
            m_starts.insert(session.id, session.startsAt);
        for (const RefusedSession& refused : planned.refused)
            m_starts.insert(refused.session.id, refused.session.startsAt);
        for (const model::Session& session : planned.sessions)
            m_starts.insert(session.id, session.startsAt);
        for (const Placement& placement : before.placements)
            m_hadPlays.insert(placement.session);
        for (const Placement& placement : after.placements) {
            const Placement* was = m_was.value(keyOf(placement));
            if (!isOver(placement) && !(was && samePlay(*was, placement)))
                m_added.push_back(&placement);
        }
    }

    PlanDifference tell()
    {
        PlanDifference told;
        std::vector<const Placement*> left = m_added;
        for (const Placement& placement : m_before.placements) {
            const Placement* is = m_is.value(keyOf(placement));
            if (isOver(placement) || !m_starts.contains(placement.session) || (is && samePlay(placement, *is)))
                continue;
            const auto nearest = nearestOf(left, placement);
            if (nearest == left.end()) {
                told.removed.push_back({placement, whyGone(placement)});
                continue;
            }
            told.moved.push_back({placement, **nearest, whyMoved(placement, **nearest)});
            left.erase(nearest);
        }
        for (const Placement* placement : left)
            told.added.push_back({*placement, whyAdded(*placement)});
        return told;
    }

private:
    // Of a session that nobody names nothing is known but that it is gone.
    [[nodiscard]] UtcTime startOf(const Placement& placement) const
    {
        return m_starts.value(placement.session, UtcTime::max());
    }
    [[nodiscard]] bool isOver(const Placement& placement) const { return startOf(placement) < m_input.frozenUntil; }

    [[nodiscard]] std::vector<const Placement*>::iterator nearestOf(std::vector<const Placement*>& left,
                                                                    const Placement& placement) const
    {
        auto nearest = left.end();
        for (auto other = left.begin(); other != left.end(); ++other) {
            if ((*other)->item != placement.item || (*other)->tune != placement.tune ||
                (*other)->sha256 != placement.sha256)
                continue;
            const auto distance = [&](const Placement* to) {
                return std::chrono::abs(startOf(*to) - startOf(placement));
            };
            if (nearest == left.end() || distance(*other) < distance(*nearest))
                nearest = other;
        }
        return nearest;
    }

    [[nodiscard]] bool hasNewRecording(const Placement& placement) const
    {
        const int item = m_board.itemIndex(placement.item);
        if (placement.tune.isEmpty() && item != noItem && m_board.item(item).plannable)
            return m_board.item(item).plannable->sha256 != placement.sha256;
        const Placement* is = m_is.value(keyOf(placement));
        return is != nullptr && is->sha256 != placement.sha256;
    }

    [[nodiscard]] QString titleOf(const ItemId& id) const { return planner::titleOf(m_board, m_board.itemIndex(id)); }

    // The first of those that came into the session, with what it is there for.
    [[nodiscard]] std::optional<Text> gaveWay(const Placement& placement) const
    {
        for (const Placement* added : m_added) {
            if (added->session != placement.session || added->item == placement.item || !added->tune.isEmpty() ||
                m_was.contains(keyOf(*added)))
                continue;
            const Text to{QStringLiteral("Nhường chỗ cho \"%1\":").arg(titleOf(added->item)),
                          QStringLiteral("Gave way to \"%1\":").arg(titleOf(added->item))};
            return joined(to, whyAdded(*added));
        }
        return std::nullopt;
    }

    [[nodiscard]] Text whySessionGone(const Placement& placement) const
    {
        const auto refused = std::ranges::find_if(
            m_input.refused, [&](const RefusedSession& some) { return some.session.id == placement.session; });
        const Text gone{QStringLiteral("Buổi phát không còn nữa."), QStringLiteral("The session is gone.")};
        return refused == m_input.refused.end() ? gone : joined(gone, refused->reason);
    }

    // Of an item that the question does not have. It was planned, and so approved: one that is to be submitted has been
    // edited.
    [[nodiscard]] std::optional<Text> whyAbsent(const ItemId& item, int session) const
    {
        const auto absence = std::ranges::find(m_absences, item, &Absence::item);
        if (absence == m_absences.end())
            return std::nullopt;
        const QDate day = QDate::fromJulianDay(m_board.session(session).day);
        if (absence->cause == AbsenceCause::TuneNotValid && absence->validFrom <= day &&
            (!absence->validUntil || day <= *absence->validUntil))
            return std::nullopt;
        if (absence->cause == AbsenceCause::NotSubmitted)
            return Text{QStringLiteral("Tin/bài đã được sửa sau khi duyệt và chưa được trình duyệt lại."),
                        QStringLiteral("The item was edited after its approval and has not been submitted again.")};
        return absenceText(*absence);
    }

    [[nodiscard]] Text whyGone(const Placement& placement) const
    {
        const int session = m_sessions.value(placement.session, -1);
        if (session < 0)
            return whySessionGone(placement);
        if (hasNewRecording(placement))
            return {QStringLiteral("Tin/bài có bản thu mới, thay cho bản này."),
                    QStringLiteral("The item has a new recording, in place of this one.")};
        if (const auto absent = whyAbsent(placement.item, session))
            return *absent;
        if (!placement.tune.isEmpty())
            return {QStringLiteral("Kết cấu của buổi phát không dùng bản này nữa."),
                    QStringLiteral("The session's template does not use it any more.")};
        const auto judgement = judge(m_board, placement.item, session);
        const bool barred =
            judgement && judgement->obstacle != Obstacle::NoRoom && judgement->obstacle != Obstacle::AlreadyThere;
        const int item = m_board.itemIndex(placement.item);
        if (barred)
            return obstacleText(m_board, item, session, *judgement);
        if (const auto told = gaveWay(placement))
            return *told;
        if (judgement)
            return obstacleText(m_board, item, session, *judgement);
        return {QStringLiteral("Không có gì cấm; lượt của tin/bài rơi vào buổi khác."),
                QStringLiteral("Nothing forbids it; its turn came in other sessions.")};
    }

    [[nodiscard]] Text whyMoved(const Placement& from, const Placement& to) const
    {
        if (from.session == to.session)
            return joined({QStringLiteral("Vẫn ở buổi đó; chỉ giờ phát trong buổi thay đổi."),
                           QStringLiteral("Still in that session; only its time in it has changed.")},
                          to.reason);
        return joined(whyGone(from), whyAdded(to));
    }

    [[nodiscard]] Text whyAdded(const Placement& placement) const
    {
        return joined(whatMadeRoom(placement), placement.reason);
    }

    [[nodiscard]] Text whatMadeRoom(const Placement& placement) const
    {
        if (const Placement* was = m_was.value(keyOf(placement)); was && was->sha256 != placement.sha256)
            return {QStringLiteral("Bản thu mới, thay cho bản trước."),
                    QStringLiteral("A new recording, in place of the one before.")};
        const bool pinned = std::ranges::any_of(m_input.edits, [&](const model::HandEdit& edit) {
            return edit.kind == model::HandEditKind::Keep && edit.session == placement.session &&
                   edit.item == placement.item;
        });
        if (pinned)
            return {QStringLiteral("Được xếp bằng tay."), QStringLiteral("Put there by hand.")};
        if (!m_hadPlays.contains(placement.session))
            return {QStringLiteral("Trước đó buổi này chưa có gì."), QStringLiteral("The session had nothing before.")};
        return {};
    }

    const Plan& m_before;
    const Plan& m_after;
    const PlanInput& m_input;
    std::span<const Absence> m_absences;
    Board m_board; // as `after` stands
    QHash<Key, const Placement*> m_was;
    QHash<Key, const Placement*> m_is;
    QHash<SessionId, int> m_sessions; // on the board
    QHash<SessionId, UtcTime> m_starts;
    QSet<SessionId> m_hadPlays;
    std::vector<const Placement*> m_added; // that `before` has not
};

} // namespace

PlanDifference difference(const Plan& before, const Plan& after, const PlanInput& input,
                          std::span<const model::Session> gone, std::span<const Absence> absences)
{
    PlanInput planned = input;
    planned.existing = after.placements;
    const ItemPool::Tables tables(planned.items);
    return Comparison(before, after, planned, tables, gone, absences).tell();
}

} // namespace loa::planner
