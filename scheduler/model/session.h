// When a station goes on air: rules that repeat (khung giờ) and single sessions (buổi phát). Plain values, any thread.
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"

#include <QDate>
#include <QString>
#include <QTime>

#include <chrono>
#include <optional>
#include <vector>

namespace loa::model {

// A start on the station's wall clock.
struct LocalStart {
    QDate date;
    QTime time; // of a start taken off (EXDATE), absent: all starts of that day
    bool operator==(const LocalStart&) const = default;
};
// "2026-12-24T05:30:00", or "2026-12-24" without time. Reading takes "2026-12-24T05:30" too.
[[nodiscard]] QString toString(const LocalStart& start);
[[nodiscard]] Result<LocalStart> localStartFromString(QStringView text);

struct SessionRule {
    SessionRuleId id;
    StationId station;
    QString title;
    QString rrule;   // RFC 5545 value, e.g. "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"; empty: start date and time alone
    QDate startDate; // DTSTART's date: first day the rule counts from
    QTime startTime; // local, in the station's zone
    std::chrono::seconds duration{0};
    QDate validFrom;
    std::optional<QDate> validUntil;      // last day
    std::vector<LocalStart> added = {};   // RDATE: starts beside those of rrule, within validity
    std::vector<LocalStart> removed = {}; // EXDATE: starts of either kind that do not take place
    std::optional<TemplateId> made = {};  // what its sessions are made of; none: items from end to end
    bool operator==(const SessionRule&) const = default;
};

// What a part of a session is for.
enum class PartKind { Signature, TimeSignal, Relay, Notices, Bulletin, ReformColumn, Music, Closing, Items };
[[nodiscard]] QString toString(PartKind kind); // "signature", "relay", "notices", "bulletin", "reform_column", …
[[nodiscard]] Result<PartKind> partKindFromString(QStringView text);

// Room between two exact seconds of a session: parts in it share its frames, and none crosses its edge.
struct SessionSegment {
    FrameCount offset; // from the session's first frame
    FrameCount frames; // for items; what fixed parts take is already off
    bool operator==(const SessionSegment&) const = default;
};

// A place for items in a session, in the order of sounding. Relays, signature tunes and the like are no places: their
// frames are taken off before (see SessionTemplate).
struct SessionPart {
    QString id; // the template's name for it, unique in the session
    PartKind kind = PartKind::Items;
    int segment = 0;              // index in Session::segments
    FrameCount most;              // items of this part together, at most
    std::vector<QString> accepts; // topic groups; empty: any
    FrameCount least = {};        // of them, that the others of its segment leave to it for as long as it has items
    FrameCount crossfade = {};    // see model::TemplatePart
    int duckDb = 0;
    bool operator==(const SessionPart&) const = default;
};

// A recording that the template plays: signature tune, time signal, bed or closing. It stands before the items of the
// first part from `before` on in its segment, after those of the parts before it, without a gap.
struct SessionTune {
    QString id; // the template's name for it
    PartKind kind = PartKind::Signature;
    int segment = 0;
    int before = 0; // index in Session::parts
    ItemId item;
    int version = 0;
    Sha256 sha256;
    FrameCount frames; // of the recording
    bool mayFade = false;
    FrameCount crossfade = {}; // see model::TemplatePart
    int duckDb = 0;
    bool isBed = false;    // sounds as long as its segment has room: again and again, and only a part of it
    FrameCount least = {}; // of a bed: frames of the segment that are kept for it
    FrameCount most = {};  // of a bed; 0: all that is left
    bool operator==(const SessionTune&) const = default;
};

// Frames that another station fills: a relay source that the agent plays, or, without one, another device.
struct SessionRelay {
    QString id;
    QString source;
    FrameCount offset;
    FrameCount frames;
    std::optional<RelayId> relay = {};
    bool operator==(const SessionRelay&) const = default;
};

// What the template asks for and this session lacks, and why.
struct SessionCut {
    QString id;
    PartKind kind = PartKind::Items;
    Text reason;
    bool operator==(const SessionCut&) const = default;
};

struct Session {
    SessionId id; // sessionIdFor(station, rule, startsAt)
    SessionRuleId rule;
    StationId station;
    QString title;
    QDate localDate;
    UtcTime startsAt;
    FrameCount frames; // whole length; the capacity of a session without parts
    // Of a session with a template. Empty: one segment and one part that takes any item, as long as the session.
    std::vector<SessionSegment> segments = {};
    std::vector<SessionPart> parts = {};
    std::vector<SessionTune> tunes = {};   // in the order of sounding
    std::vector<SessionRelay> relays = {}; // by offset
    std::vector<SessionCut> cuts = {};     // in the template's order
    bool operator==(const Session&) const = default;
};

} // namespace loa::model
