#include "scheduler/planner/layout.h"

#include "scheduler/planner/joins.h"

#include <algorithm>

namespace loa::planner {

namespace {

using model::PartKind;
using model::TemplatePart;

struct Wanted {
    const TemplatePart* part = nullptr;
    std::optional<TuneRecording> tune;
    std::optional<Text> gone; // why it is not there

    [[nodiscard]] FrameCount needs() const
    {
        return tune && !model::isBed(*part) ? tune->frames : toFrames(part->least);
    }
};

// Between two exact seconds; its relay, if it has one, fills it alone.
struct Stretch {
    FrameCount from;
    FrameCount until;
    std::vector<Wanted*> parts;
    Wanted* relay = nullptr;
};

QString nameOf(const TemplatePart& part)
{
    return part.title.isEmpty() ? part.id : part.title;
}

QString timeText(FrameCount frames)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(toDuration(frames)).count();
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

Text noTimeFor(const TemplatePart& part, FrameCount lacking)
{
    return {QStringLiteral("Không đủ thời gian cho phần \"%1\": thiếu %2.").arg(nameOf(part), timeText(lacking)),
            QStringLiteral("There is no time for part \"%1\": %2 are missing.").arg(nameOf(part), timeText(lacking))};
}

Text noRecordingFor(const TemplatePart& part, QDate date)
{
    const QString day = date.toString(QStringLiteral("dd/MM/yyyy"));
    return {
        QStringLiteral(
            "Bản thu của phần \"%1\" chưa được duyệt, không có hiệu lực ngày %2, hoặc không được phát ở đài này.")
            .arg(nameOf(part), day),
        QStringLiteral("The recording of part \"%1\" is not approved, not valid on %2, or forbidden at this station.")
            .arg(nameOf(part), day)};
}

Text mayNotBeBed(const TemplatePart& part)
{
    return {QStringLiteral("Bản thu của phần \"%1\" không được đánh dấu là có thể làm nhỏ dần, hoặc ngắn hơn 4 giây, "
                           "nên không làm nhạc nền.")
                .arg(nameOf(part)),
            QStringLiteral("The recording of part \"%1\" is not marked as one that may be faded, or is shorter than 4 "
                           "s, so it is no bed.")
                .arg(nameOf(part))};
}

tl::unexpected<Error> doesNotFit(const model::SessionTemplate& made, const TemplatePart& part, FrameCount lacking)
{
    const Text lack = noTimeFor(part, lacking);
    return fail(
        ErrorCategory::LimitExceeded,
        {QStringLiteral("Kết cấu \"%1\" không vừa buổi phát. %2 Hãy kéo dài buổi, hoặc cho phép cắt phần này.")
             .arg(made.name, lack.vi),
         QStringLiteral("Template \"%1\" does not fit the session. %2 Lengthen the session, or let that part be "
                        "cut.")
             .arg(made.name, lack.en)},
        part.id);
}

std::vector<Stretch> stretchesOf(std::vector<Wanted>& wanted, FrameCount end)
{
    std::vector<Stretch> stretches{{FrameCount{0}, end, {}, nullptr}};
    for (Wanted& each : wanted) {
        const TemplatePart& part = *each.part;
        if (part.at) {
            const FrameCount at = std::min(toFrames(*part.at) - part.mark, end);
            stretches.back().until = at;
            stretches.push_back({at, end, {}, nullptr});
        }
        if (part.kind == PartKind::Relay) {
            Stretch& relayed = stretches.back();
            relayed.relay = &each;
            relayed.until = std::min(relayed.from + toFrames(part.most), end);
            const FrameCount after = relayed.until;
            stretches.push_back({after, end, {}, nullptr});
        } else if (!each.gone) {
            stretches.back().parts.push_back(&each);
        }
    }
    return stretches;
}

// Lets parts go until the others have room.
Result<void> fit(const model::SessionTemplate& made, Stretch& stretch)
{
    for (;;) {
        FrameCount needed;
        for (const Wanted* each : stretch.parts)
            needed += each->needs();
        const FrameCount room = stretch.until - stretch.from;
        // A part with no room at all, when the session ends before it.
        const bool none = room.value == 0 && !stretch.parts.empty();
        if (needed <= room && !none)
            return {};
        auto victim = stretch.parts.end();
        for (auto each = stretch.parts.begin(); each != stretch.parts.end(); ++each) {
            const int order = (*each)->part->cutOrder;
            if (order > 0 && (victim == stretch.parts.end() || order <= (*victim)->part->cutOrder))
                victim = each;
        }
        if (victim == stretch.parts.end())
            return doesNotFit(made, *stretch.parts.back()->part, needed - room);
        (*victim)->gone = noTimeFor(*(*victim)->part, needed - room);
        stretch.parts.erase(victim);
    }
}

Result<void> fitRelay(const model::SessionTemplate& made, Stretch& stretch)
{
    Wanted& relay = *stretch.relay;
    const TemplatePart& part = *relay.part;
    const FrameCount whole = toFrames(part.most);
    const FrameCount there = stretch.until - stretch.from;
    if (there == whole)
        return {};
    if (part.cutOrder == 0)
        return doesNotFit(made, part, whole - there);
    relay.gone = noTimeFor(part, whole - there);
    const bool worthIt = there.value > 0 && part.least.count() > 0 && there >= toFrames(part.least);
    if (!worthIt)
        stretch.relay = nullptr;
    return {};
}

} // namespace

std::optional<TuneRecording> recordingOf(const model::Item& item, QDate date)
{
    const model::ItemVersion* version = soundingVersion(item);
    if (!version || date < item.validFrom || (item.validUntil && *item.validUntil < date))
        return std::nullopt;
    return TuneRecording{version->number, *version->sha256, version->frames, item.playRules.mayFade};
}

Result<model::Session> layOut(const model::SessionTemplate& made, model::Session session, const TuneFinder& findTune)
{
    std::vector<Wanted> wanted;
    wanted.reserve(made.parts.size()); // stretches point into it
    for (const TemplatePart& part : made.parts) {
        Wanted& each = wanted.emplace_back(Wanted{&part, std::nullopt, std::nullopt});
        if (part.tune) {
            each.tune = findTune(*part.tune, session.localDate);
            if (each.tune && each.tune->frames <= part.mark) // a new recording, without the mark
                each.tune.reset();
            if (!each.tune)
                each.gone = noRecordingFor(part, session.localDate);
            else if (model::isBed(part) && (!each.tune->mayFade || each.tune->frames < shortestBed))
                each.gone = mayNotBeBed(part);
        }
    }
    session.segments.clear();
    session.parts.clear();
    session.tunes.clear();
    session.relays.clear();
    session.cuts.clear();
    for (Stretch& stretch : stretchesOf(wanted, session.frames)) {
        if (stretch.relay != nullptr) {
            if (const auto fitted = fitRelay(made, stretch); !fitted)
                return passOn(fitted);
            if (stretch.relay != nullptr)
                session.relays.push_back({stretch.relay->part->id, stretch.relay->part->source, stretch.from,
                                          stretch.until - stretch.from, stretch.relay->part->relay});
            continue;
        }
        if (const auto fitted = fit(made, stretch); !fitted)
            return passOn(fitted);
        if (stretch.parts.empty())
            continue;
        const int segment = static_cast<int>(session.segments.size());
        FrameCount room = stretch.until - stretch.from;
        for (const Wanted* each : stretch.parts) {
            if (each->tune)
                room = room - each->needs();
        }
        session.segments.push_back({stretch.from, room});
        for (const Wanted* each : stretch.parts) {
            const TemplatePart& part = *each->part;
            if (each->tune) {
                session.tunes.push_back({part.id, part.kind, segment, static_cast<int>(session.parts.size()),
                                         *part.tune, each->tune->version, each->tune->sha256, each->tune->frames,
                                         each->tune->mayFade, toFrames(part.crossfade), part.duckDb, model::isBed(part),
                                         toFrames(part.least), toFrames(part.most)});
                continue;
            }
            const FrameCount most = part.most.count() == 0 ? room : std::min(room, toFrames(part.most));
            session.parts.push_back({part.id, part.kind, segment, most, part.accepts, toFrames(part.least),
                                     toFrames(part.crossfade), part.duckDb});
        }
    }
    for (const Wanted& each : wanted) {
        if (each.gone)
            session.cuts.push_back({each.part->id, each.part->kind, *each.gone});
    }
    return session;
}

} // namespace loa::planner
