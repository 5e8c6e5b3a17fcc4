#include "scheduler/planner/obstacle_words.h"
#include "scheduler/planner/remedies.h"

#include <algorithm>

namespace loa::planner {

namespace {

QString asLength(std::int64_t frames)
{
    const std::int64_t seconds = (frames + sampleRate - 1) / sampleRate;
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

QString asDate(QDate date)
{
    return date.toString(QStringLiteral("dd/MM/yyyy"));
}

Text together(const Text& first, const Text& second)
{
    return {first.vi + second.vi, first.en + second.en};
}

class RemedyWords {
public:
    RemedyWords(const Board& board, int demand, const Remedy& remedy)
        : m_board(board), m_demand(board.demand(demand)), m_remedy(remedy)
    {
        const model::Obligation& duty = board.input().obligations[static_cast<std::size_t>(m_demand.obligation)];
        m_duty = {duty.titleVi, duty.titleEn};
        m_period = model::periodName(duty, m_demand.period);
        if (remedy.item) {
            const int item = board.itemIndex(*remedy.item);
            if (item != noItem)
                m_item = board.item(item).plannable;
        }
    }

    [[nodiscard]] Text text() const
    {
        switch (m_remedy.kind) {
        case RemedyKind::ApproveItems:
            return newItems();
        case RemedyKind::ExtendValidity:
            return longerValidity();
        case RemedyKind::ShortenItem:
            return shorterItem();
        case RemedyKind::AddRoom:
            return newSession();
        case RemedyKind::AllowSession:
            return allowedSession();
        case RemedyKind::LengthenSession:
            return longerSession();
        case RemedyKind::RelaxRule:
            return {QStringLiteral("Nới quy tắc phát của \"%1\".").arg(title()),
                    QStringLiteral("Relax the play rules of \"%1\".").arg(title())};
        case RemedyKind::TakeBackEdit:
            return {QStringLiteral("Bỏ sửa đổi bằng tay về \"%1\" ngày %2.").arg(title(), asDate(m_remedy.from)),
                    QStringLiteral("Take back the edit about \"%1\" of %2.").arg(title(), asDate(m_remedy.from))};
        case RemedyKind::LowerDuty:
            return {QStringLiteral("Chỉ tiêu \"%1\" trong %2 đòi nhiều hơn mức có thể xếp: còn thiếu %3. Hãy giảm chỉ "
                                   "tiêu, hoặc thêm cả buổi phát và tin/bài.")
                        .arg(m_duty.vi, m_period.vi)
                        .arg(m_remedy.count),
                    QStringLiteral("\"%1\" in %2 asks for more than can be planned: %3 are missing. Lower it, or add "
                                   "both sessions and items.")
                        .arg(m_duty.en, m_period.en)
                        .arg(m_remedy.count)};
        case RemedyKind::ChooseSession:
            break;
        }
        return {};
    }

private:
    [[nodiscard]] QString title() const
    {
        return m_item ? m_item->title : m_remedy.item ? m_remedy.item->value : QString();
    }

    [[nodiscard]] bool isMinutes() const { return m_demand.measure == model::ObligationMeasure::Minutes; }

    // The longest room that a part of an open session of the period could give, and the most that is free.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> roomThere() const
    {
        std::pair<std::int64_t, std::int64_t> there{0, -1};
        const auto [begin, end] = m_board.sessionsWithin(m_demand.first, m_demand.last);
        for (int session = begin; session < end; ++session) {
            const BoardSession& where = m_board.session(session);
            if (!where.open)
                continue;
            there.first = std::max(there.first, where.longest);
            there.second = std::max(there.second, where.mostFree);
        }
        return there;
    }

    [[nodiscard]] Text newItems() const
    {
        const QString number = QString::number(m_remedy.count);
        Text text{QStringLiteral("Cần thêm %1 tin/bài đã duyệt cho chỉ tiêu \"%2\", có hiệu lực trong %3 và được phát "
                                 "ở đài này")
                      .arg(number, m_duty.vi, m_period.vi),
                  QStringLiteral("Needs %1 more approved item(s) for \"%2\" valid in %3 for this station")
                      .arg(number, m_duty.en, m_period.en)};
        constexpr std::int64_t usual = 5 * 60 * sampleRate; // as long as most items are, or longer
        const QString length = asLength(m_remedy.frames.value);
        if (isMinutes())
            text = together(
                text, {QStringLiteral(", mỗi tin dài %1").arg(length), QStringLiteral(", each %1 long").arg(length)});
        else if (m_remedy.frames.value < usual)
            text = together(text, {QStringLiteral(", dài không quá %1").arg(length),
                                   QStringLiteral(", no longer than %1").arg(length)});
        return together(text, {QStringLiteral("."), QStringLiteral(".")});
    }

    [[nodiscard]] Text longerValidity() const
    {
        if (!m_item)
            return {};
        const QString from = asDate(m_item->validFrom);
        const Text now = m_item->validUntil
                             ? Text{QStringLiteral("%1–%2").arg(from, asDate(*m_item->validUntil)),
                                    QStringLiteral("%1–%2").arg(from, asDate(*m_item->validUntil))}
                             : Text{QStringLiteral("từ %1").arg(from), QStringLiteral("from %1").arg(from)};
        const QString first = asDate(m_remedy.from);
        const QString last = asDate(m_remedy.until);
        return {QStringLiteral("Sửa hiệu lực của \"%1\" (%2) cho gồm %3–%4.").arg(m_item->title, now.vi, first, last),
                QStringLiteral("Change the dates of \"%1\" (%2) to hold from %3 to %4.")
                    .arg(m_item->title, now.en, first, last)};
    }

    [[nodiscard]] Text shorterItem() const
    {
        if (!m_item)
            return {};
        const QString own = asLength(m_item->frames.value);
        const QString wanted = asLength(m_remedy.frames.value);
        const std::int64_t longest = roomThere().first;
        if (longest > 0 && m_item->frames.value > longest)
            return {QStringLiteral("\"%1\" dài %2, không buổi phát nào đủ dài (buổi dài nhất %3): rút còn %4.")
                        .arg(m_item->title, own, asLength(longest), wanted),
                    QStringLiteral("\"%1\" lasts %2, longer than any session it may play in (the longest has %3): "
                                   "shorten it to %4.")
                        .arg(m_item->title, own, asLength(longest), wanted)};
        return {QStringLiteral("Rút ngắn \"%1\" (%2) còn %3.").arg(m_item->title, own, wanted),
                QStringLiteral("Shorten \"%1\" (%2) to %3.").arg(m_item->title, own, wanted)};
    }

    [[nodiscard]] Text newSession() const
    {
        const QString length = asLength(m_remedy.frames.value);
        const auto [longest, free] = roomThere();
        Text text{QStringLiteral("Trong %1 không còn buổi phát nào để xếp.").arg(m_period.vi),
                  QStringLiteral("No session is left in %1.").arg(m_period.en)};
        if (free >= 0) {
            const auto [first, last] = openDays();
            const QString most = asLength(free - free % sampleRate);
            text = {QStringLiteral("Từ %1 đến %2 không buổi nào còn trống %3 (nhiều nhất %4), vì đã dành cho các chỉ "
                                   "tiêu khác.")
                        .arg(first, last, length, most),
                    QStringLiteral("From %1 to %2 no session has %3 free (the most is %4): other duties take it.")
                        .arg(first, last, length, most)};
            // Room there is, but not where it would count.
            if (free >= m_remedy.frames.value)
                text = {
                    QStringLiteral("Các buổi phát từ %1 đến %2 không nhận thêm được tin/bài cần phát.")
                        .arg(first, last),
                    QStringLiteral("The sessions from %1 to %2 cannot take what is still needed.").arg(first, last)};
        }
        const QString day = asDate(m_remedy.from);
        const QString count = QString::number(std::max(m_remedy.count, 1));
        text = together(text,
                        {QStringLiteral(" Cần thêm %1 buổi phát ngày %2, trống %3.").arg(count, day, length),
                         QStringLiteral(" Needs %1 more session(s) on %2 with %3 for items.").arg(count, day, length)});
        const HoursPolicy* policy = policyOn(m_board.input().policies, m_remedy.from);
        const auto sessions =
            std::ranges::count(m_board.sessions(), static_cast<Day>(m_remedy.from.toJulianDay()), &BoardSession::day);
        if (policy && policy->sessionsPerDay > 0 && sessions + m_remedy.count > policy->sessionsPerDay)
            text = together(
                text,
                {QStringLiteral(" \"%1\" chỉ cho phép %2 buổi một ngày.").arg(policy->name).arg(policy->sessionsPerDay),
                 QStringLiteral(" \"%1\" allows %2 session(s) a day.").arg(policy->name).arg(policy->sessionsPerDay)});
        return text;
    }

    [[nodiscard]] std::pair<QString, QString> openDays() const
    {
        std::pair<QString, QString> days;
        const auto [begin, end] = m_board.sessionsWithin(m_demand.first, m_demand.last);
        for (int session = begin; session < end; ++session) {
            if (!m_board.session(session).open)
                continue;
            const QString day = asDate(QDate::fromJulianDay(m_board.session(session).day));
            days.second = day;
            if (days.first.isEmpty())
                days.first = day;
        }
        return days;
    }

    [[nodiscard]] Text allowedSession() const
    {
        const std::vector<const RefusedSession*> allowed = allowedBy(m_board.input(), m_remedy);
        if (allowed.empty())
            return {};
        const Text change = changeThatAllows(allowed.front()->cause);
        Text text = together(allowed.front()->reason, {u' ' + change.vi, u' ' + change.en});
        const QString first = asDate(allowed.front()->session.localDate);
        if (allowed.size() == 1)
            text = together(text, {QStringLiteral(" ngày ") + first, QStringLiteral(" on ") + first});
        if (allowed.size() > 1) {
            const QString count = QString::number(allowed.size());
            const QString last = asDate(allowed.back()->session.localDate);
            text = together(text, {QStringLiteral(" (%1 buổi như vậy từ %2 đến %3)").arg(count, first, last),
                                   QStringLiteral(" (%1 such sessions from %2 to %3)").arg(count, first, last)});
        }
        return together(text, {QStringLiteral("."), QStringLiteral(".")});
    }

    [[nodiscard]] Text longerSession() const
    {
        const QString more = asLength(m_remedy.frames.value);
        const QString day = asDate(m_remedy.from);
        Text text{QStringLiteral("Kéo dài buổi phát ngày %1 thêm %2.").arg(day, more),
                  QStringLiteral("Lengthen the session of %1 by %2.").arg(day, more)};
        const HoursPolicy* policy = policyOn(m_board.input().policies, m_remedy.from);
        const auto session = std::ranges::find_if(
            m_board.sessions(), [&](const BoardSession& some) { return m_remedy.session == some.session->id; });
        if (session == m_board.sessions().end() || !policy || policy->sessionLength.count() <= 0)
            return text;
        const FrameCount allowed = toFrames(policy->sessionLength);
        if (session->session->frames + m_remedy.frames > allowed)
            text = together(
                text,
                {QStringLiteral(" \"%1\" chỉ cho phép %2 phút một buổi.").arg(policy->name, asLength(allowed.value)),
                 QStringLiteral(" \"%1\" allows %2 minutes a session.").arg(policy->name, asLength(allowed.value))});
        return text;
    }

    const Board& m_board;
    const Demand& m_demand;
    const Remedy& m_remedy;
    Text m_duty;
    Text m_period;
    const PlannableItem* m_item = nullptr;
};

} // namespace

Text remedyText(const Board& board, int demand, const Remedy& remedy)
{
    return RemedyWords(board, demand, remedy).text();
}

} // namespace loa::planner
