#include "scheduler/planner/obstacle_words.h"

#include <algorithm>

namespace loa::planner {

namespace {

QString clockLength(std::int64_t frames)
{
    const std::int64_t seconds = (frames + sampleRate - 1) / sampleRate;
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

QString earliestHour(const Board& board, int item)
{
    return QTime::fromMSecsSinceStartOfDay(board.rulesOf(item)->notBefore).toString(QStringLiteral("HH:mm"));
}

QString dayText(Day day)
{
    return QDate::fromJulianDay(day).toString(QStringLiteral("dd/MM/yyyy"));
}

// In one of the parts that take the item: the most that is free, or that would be, were the session empty.
std::int64_t mostFor(const Board& board, int item, int session, std::int64_t (Board::*room)(int, int) const)
{
    std::int64_t most = 0;
    for (int part = 0; part < board.session(session).parts; ++part) {
        if (board.accepts(item, session, part))
            most = std::max(most, (board.*room)(session, part));
    }
    return most;
}

} // namespace

QString titleOf(const Board& board, int item)
{
    return item >= 0 && board.item(item).plannable ? board.item(item).plannable->title : QString();
}

QString sessionTime(const Board& board, int session)
{
    const auto start = std::chrono::duration_cast<std::chrono::milliseconds>(
        board.session(session).session->startsAt.time_since_epoch());
    return QDateTime::fromMSecsSinceEpoch(start.count(), board.input().zone)
        .toString(QStringLiteral("dd/MM/yyyy HH:mm"));
}

std::optional<Judgement> judge(const Board& board, int item, int session)
{
    if (session < 0)
        return Judgement{Obstacle::UnknownSession};
    const BoardSession& where = board.session(session);
    if (item == noItem || !board.item(item).plannable)
        return Judgement{Obstacle::UnknownItem};
    if (!where.open)
        return Judgement{Obstacle::Frozen};
    if (board.isBarred(item))
        return Judgement{Obstacle::Forbidden};
    if (!board.validAt(item, session))
        return Judgement{Obstacle::NotValid};
    if (board.isAway(item, session))
        return Judgement{Obstacle::ByHand};
    if (where.contains(item))
        return Judgement{Obstacle::AlreadyThere};
    bool accepted = false;
    bool longEnough = false;
    for (int part = 0; part < where.parts; ++part) {
        accepted = accepted || board.accepts(item, session, part);
        longEnough = longEnough ||
                     (board.accepts(item, session, part) && board.item(item).frames <= board.roomIn(session, part));
    }
    if (!accepted)
        return Judgement{Obstacle::NoPart};
    if (!longEnough)
        return Judgement{Obstacle::TooLong};
    if (const auto hindrance = board.hindrance(item, session))
        return Judgement{hindrance->obstacle, hindrance->other};
    if (!board.fits(item, session))
        return Judgement{Obstacle::NoRoom};
    return std::nullopt;
}

std::optional<Judgement> judge(const Board& board, const ItemId& item, int session)
{
    auto judgement = judge(board, board.itemIndex(item), session);
    if (judgement && judgement->obstacle == Obstacle::UnknownItem &&
        std::ranges::find(board.input().tunes, item) != board.input().tunes.end())
        judgement->obstacle = Obstacle::Tune;
    return judgement;
}

Text obstacleText(const Board& board, int item, int session, const Judgement& judgement)
{
    const auto other = [&] { return titleOf(board, judgement.other); }; // of those obstacles that tell of an item
    switch (judgement.obstacle) {
    case Obstacle::UnknownItem:
        return {QStringLiteral("Tin/bài chưa được duyệt, đã rút, hoặc không dành cho đài này."),
                QStringLiteral("The item is not approved, was withdrawn, or is not "
                               "meant for this station.")};
    case Obstacle::UnknownSession:
        return {QStringLiteral("Ở đó không có buổi phát nào."), QStringLiteral("There is no session there.")};
    case Obstacle::RefusedSession: // its own words are in PlanInput::refused
        return {QStringLiteral("Buổi phát này không diễn ra."), QStringLiteral("The session does not take place.")};
    case Obstacle::Frozen:
        return {QStringLiteral("Buổi phát đã bắt đầu, đã giao cho đài, hoặc nằm "
                               "ngoài thời gian lập lịch."),
                QStringLiteral("The session has begun, is held by the station "
                               "already, or is not planned yet.")};
    case Obstacle::NotValid:
        return {QStringLiteral("Tin/bài không có hiệu lực vào ngày đó."),
                QStringLiteral("The item is not valid on that day.")};
    case Obstacle::Forbidden:
        return {QStringLiteral("Tin/bài bị cấm phát ở đài này."), QStringLiteral("The item may not play here.")};
    case Obstacle::TooEarly:
        return {
            QStringLiteral("Buổi phát bắt đầu trước giờ sớm nhất của tin/bài (%1).").arg(earliestHour(board, item)),
            QStringLiteral("The session starts before the item's earliest hour (%1).").arg(earliestHour(board, item))};
    case Obstacle::NoPart:
        return {QStringLiteral("Không phần nào của buổi phát nhận chủ đề của tin/bài."),
                QStringLiteral("No part of the session takes the item's topics.")};
    case Obstacle::TooLong:
        return {
            QStringLiteral("Tin/bài dài %1, hơn mọi phần của buổi phát (dài nhất %2).")
                .arg(clockLength(board.item(item).frames), clockLength(mostFor(board, item, session, &Board::roomIn))),
            QStringLiteral("The item lasts %1, longer than any part of the "
                           "session (the longest has %2).")
                .arg(clockLength(board.item(item).frames), clockLength(mostFor(board, item, session, &Board::roomIn)))};
    case Obstacle::NoRoom:
        return {
            QStringLiteral("Buổi phát chỉ còn trống %1, tin/bài dài %2.")
                .arg(clockLength(mostFor(board, item, session, &Board::freeIn)), clockLength(board.item(item).frames)),
            QStringLiteral("The session has %1 left, the item lasts %2.")
                .arg(clockLength(mostFor(board, item, session, &Board::freeIn)), clockLength(board.item(item).frames))};
    case Obstacle::AlreadyThere:
        return {QStringLiteral("Tin/bài đã có trong buổi phát này."),
                QStringLiteral("The item is in this session already.")};
    case Obstacle::Gap:
        if (judgement.other >= 0)
            return {QStringLiteral("Quá gần lần phát ngày %1 của tin/bài.").arg(sessionTime(board, judgement.other)),
                    QStringLiteral("Too near to its play of %1.").arg(sessionTime(board, judgement.other))};
        return {QStringLiteral("Quá gần một lần phát khác của tin/bài."),
                QStringLiteral("Too near to another play of the item.")};
    case Obstacle::DayLimit:
        return {QStringLiteral("Đã đủ số lần phát trong ngày (%1).").arg(board.rulesOf(item)->mostADay),
                QStringLiteral("It has its most plays of the day already (%1).").arg(board.rulesOf(item)->mostADay)};
    case Obstacle::PeriodLimit:
        return {
            QStringLiteral("Đã đủ số lần phát trong kỳ (%1).").arg(board.rulesOf(item)->mostInPeriod),
            QStringLiteral("It has its most plays of the period already (%1).").arg(board.rulesOf(item)->mostInPeriod)};
    case Obstacle::Repeats:
        return {QStringLiteral("Trong ngày đó tin/bài đã phát lúc %1: sẽ phát lặp lại.")
                    .arg(sessionTime(board, judgement.other)),
                QStringLiteral("It plays on that day already, at %1: it would be heard twice.")
                    .arg(sessionTime(board, judgement.other))};
    case Obstacle::Series:
        return {QStringLiteral("Kỳ trước của loạt bài (\"%1\") phải phát trước.").arg(other()),
                QStringLiteral("The episode below it (\"%1\") has to play first.").arg(other())};
    case Obstacle::Pair:
        return {QStringLiteral("Tin/bài chỉ phát ngay sau một tin/bài khác (\"%1\").").arg(other()),
                QStringLiteral("It sounds only directly after another item (\"%1\").").arg(other())};
    case Obstacle::Beside:
        return {QStringLiteral("Không phát cùng buổi với \"%1\".").arg(other()),
                QStringLiteral("Never in one session with \"%1\".").arg(other())};
    case Obstacle::ByHand:
        return {QStringLiteral("Đã được bỏ khỏi buổi phát này bằng tay."),
                QStringLiteral("It was taken out of this session by hand.")};
    case Obstacle::Tune:
        return {
            QStringLiteral("Đây là nhạc hiệu hoặc lời kết của một kết cấu buổi phát, nên không xếp lịch như tin/bài."),
            QStringLiteral("It is a tune of a session template, so it is not scheduled as an item.")};
    case Obstacle::TooSoon:
        return {
            QStringLiteral("Không có gì cấm; nhưng tin/bài phát sát ngày đó, hoặc đã đủ %1 lần trong tuần, nên nhường "
                           "lượt.")
                .arg(mostPlaysAWeek),
            QStringLiteral("Nothing forbids it, but it plays that day or the day before or after, or has its %1 "
                           "plays of the week: others take their turn.")
                .arg(mostPlaysAWeek)};
    case Obstacle::NotItsTurn:
        break;
    }
    return {QStringLiteral("Không có gì cấm; chưa đến lượt."),
            QStringLiteral("Nothing forbids it; others are due first.")};
}

std::vector<Remedy> remediesFor(const Board& board, int item, int session, const Judgement& judgement)
{
    Remedy remedy;
    if (item != noItem && board.item(item).plannable)
        remedy.item = board.item(item).plannable->id;
    if (session >= 0) {
        remedy.session = board.session(session).session->id;
        remedy.from = remedy.until = QDate::fromJulianDay(board.session(session).day);
    }
    const auto only = [&](RemedyKind kind, const Text& text) {
        remedy.kind = kind;
        remedy.text = text;
        return std::vector<Remedy>{remedy};
    };
    switch (judgement.obstacle) {
    case Obstacle::UnknownItem:
        remedy.count = 1;
        return only(RemedyKind::ApproveItems, {QStringLiteral("Trình duyệt tin/bài cho đài này."),
                                               QStringLiteral("Have the item approved for this station.")});
    case Obstacle::Tune:
        return {};
    case Obstacle::UnknownSession:
    case Obstacle::RefusedSession:
        return only(RemedyKind::AddRoom,
                    {QStringLiteral("Thêm khung giờ cho buổi phát."), QStringLiteral("Add a session rule for it.")});
    case Obstacle::Frozen:
    case Obstacle::AlreadyThere:
        return only(RemedyKind::ChooseSession,
                    {QStringLiteral("Chọn một buổi phát khác, muộn hơn."), QStringLiteral("Choose a later session.")});
    case Obstacle::NotValid:
        return only(
            RemedyKind::ExtendValidity,
            {QStringLiteral("Sửa hiệu lực của tin/bài cho gồm ngày %1.").arg(dayText(board.session(session).day)),
             QStringLiteral("Make the item valid on %1.").arg(dayText(board.session(session).day))});
    case Obstacle::TooLong: {
        const std::int64_t longest = mostFor(board, item, session, &Board::roomIn);
        remedy.frames = {longest};
        auto both =
            only(RemedyKind::ShortenItem, {QStringLiteral("Rút ngắn tin/bài còn %1.").arg(clockLength(longest)),
                                           QStringLiteral("Shorten the item to %1.").arg(clockLength(longest))});
        remedy.frames = {board.item(item).frames};
        both.push_back(
            only(RemedyKind::LengthenSession, {QStringLiteral("Kéo dài buổi phát, hoặc sửa quy định để có %1.")
                                                   .arg(clockLength(board.item(item).frames)),
                                               QStringLiteral("Lengthen the session, or change the policy, to give %1.")
                                                   .arg(clockLength(board.item(item).frames))})
                .front());
        return both;
    }
    case Obstacle::NoRoom:
        remedy.frames = {board.item(item).frames - mostFor(board, item, session, &Board::freeIn)};
        return only(
            RemedyKind::LengthenSession,
            {QStringLiteral("Kéo dài buổi phát, hoặc sửa quy định, thêm %1.").arg(clockLength(remedy.frames.value)),
             QStringLiteral("Lengthen the session, or change the policy, to give %1 more.")
                 .arg(clockLength(remedy.frames.value))});
    case Obstacle::NoPart:
        return only(RemedyKind::ChooseSession,
                    {QStringLiteral("Chọn buổi phát có phần nhận chủ đề của tin/bài, hoặc sửa kết cấu buổi phát."),
                     QStringLiteral("Choose a session with a part that takes its topics, or change the template.")});
    case Obstacle::Repeats:
        return only(RemedyKind::ChooseSession, {QStringLiteral("Chọn buổi phát của một ngày khác."),
                                                QStringLiteral("Choose a session of another day.")});
    case Obstacle::ByHand:
        for (const model::HandEdit& edit : board.input().edits) {
            if (board.sessionIndex(edit.session) == session && edit.item == *remedy.item)
                remedy.edit = edit.id;
        }
        return only(RemedyKind::TakeBackEdit,
                    {QStringLiteral("Bỏ sửa đổi bằng tay đó."), QStringLiteral("Take that edit back.")});
    case Obstacle::NotItsTurn:
    case Obstacle::TooSoon:
        return only(RemedyKind::ChooseSession, {QStringLiteral("Ghim tin/bài vào buổi phát này."),
                                                QStringLiteral("Pin the item to this session.")});
    default:
        return only(RemedyKind::RelaxRule, {QStringLiteral("Nới quy tắc phát của tin/bài, hoặc chọn buổi phát khác."),
                                            QStringLiteral("Relax the item's play rule, or choose another session.")});
    }
}

std::vector<Remedy> remediesFor(const RefusedSession& refused)
{
    const QDate day = refused.session.localDate;
    const Text change = changeThatAllows(refused.cause);
    Remedy allow;
    allow.kind = RemedyKind::AllowSession;
    allow.count = 1;
    allow.session = refused.session.id;
    allow.from = allow.until = day;
    const QString date = day.toString(QStringLiteral("dd/MM/yyyy"));
    allow.text = {QStringLiteral("%1 ngày %2.").arg(change.vi, date), QStringLiteral("%1 on %2.").arg(change.en, date)};
    Remedy other;
    other.kind = RemedyKind::ChooseSession;
    other.text = {QStringLiteral("Chọn một buổi phát khác."), QStringLiteral("Choose another session.")};
    return {allow, other};
}

Text changeThatAllows(RefusalCause cause)
{
    switch (cause) {
    case RefusalCause::NoRoom:
        return {QStringLiteral("Sửa kết cấu để buổi đó được phát"),
                QStringLiteral("Change the template so that it takes place")};
    case RefusalCause::Overlap:
        return {QStringLiteral("Dời hoặc rút ngắn một trong hai khung giờ để buổi đó được phát"),
                QStringLiteral("Move or shorten one of the two session rules so that it takes place")};
    default:
        return {QStringLiteral("Sửa quy định giờ phát, hoặc có quyết định riêng, để buổi đó được phát"),
                QStringLiteral("Change the policy, or have a decision of its own, so that it takes place")};
    }
}

} // namespace loa::planner
