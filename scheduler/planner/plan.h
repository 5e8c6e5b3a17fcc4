// The planner's question and answer. plan(PlanInput) -> Plan is a pure function: no clock, no I/O, the same answer for
// the same input. One call plans one station. All instants are UTC; local days come in already resolved by
// expandSessions().
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/hours.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"
#include "scheduler/model/hand_edit.h"
#include "scheduler/model/obligation.h"
#include "scheduler/model/period.h"
#include "scheduler/model/play_rules.h"
#include "scheduler/model/session.h"
#include "scheduler/planner/refusal_cause.h"

#include <QDate>
#include <QString>
#include <QTimeZone>

#include <memory>
#include <optional>
#include <vector>

namespace loa::planner {

// An approved item as the planner sees it.
struct PlannableItem {
    ItemId id;
    int version = 0;
    Sha256 sha256;
    FrameCount frames;
    QString title;
    std::vector<QString> topicGroups; // "cchc-a", …
    QDate validFrom;                  // first local day
    std::optional<QDate> validUntil;  // last local day
    Priority priority = Priority::Normal;
    UtcTime approvedAt;
    model::PlayRules rules = {};
};

// An item at a place in a session.
struct Placement {
    SessionId session;
    ItemId item;
    int version = 0;
    Sha256 sha256;
    FrameCount offset; // from the session's first frame
    FrameCount frames;
    Priority priority = Priority::Normal;
    Text reason;       // why here, for people
    int part = 0;      // index in Session::parts, of a tune of the part after it; 0 where there are none
    QString tune = {}; // of a tune of the template: its part's name; empty: an item that was planned
    // How it meets its neighbours, see BundleAiring.
    FrameCount fadeIn = {};
    FrameCount fadeOut = {};
    int duckDb = 0;
    FrameCount duckGlide = {};

    [[nodiscard]] AiringId airing() const { return airingIdFor(session, item, tune); } // costs a hash
    bool operator==(const Placement&) const = default;
};

// Something that has been: an item that sounded in full, or failed, on a local day. Without one, a placement of
// `existing` in a session gone by is taken as planned: its log may still come.
struct PastAiring {
    ItemId item;
    SessionId session;
    QDate localDate;
    bool completed = false;
    std::vector<QString> topicGroups = {}; // the item's; needed when it is not among PlanInput::items any more
    FrameCount frames = {};                // that sounded; for obligations by minutes
};

// A session that a rule asks for and that does not take place, as it would be if what refuses it were changed.
struct RefusedSession {
    model::Session session;
    RefusalCause cause = RefusalCause::TooLong;
    Text reason; // of the refusal
};

using model::periodAround;
using model::PeriodDates;

struct PlanInput {
    StationId station;
    QDate from;          // first local day to fill
    QDate until;         // last one
    UtcTime frozenUntil; // sessions that start before this keep what `existing` says, whatever it costs
    std::vector<model::Session>
        sessions; // within policy; also those gone by since the start of the earliest period touched
    std::vector<PlannableItem> items;
    std::vector<ItemId> tunes =
        {}; // recordings that templates play: no items of the programme, told apart in words alone
    std::vector<model::Obligation> obligations; // of evidence Airings; those of other kinds are passed over
    std::vector<PastAiring> past;               // since the start of the earliest period touched
    std::vector<Placement> existing;            // the plan so far; kept where it still holds
    std::vector<model::HandEdit> edits = {};    // of this station; kept wherever the hard rules let them be
    double failureRate = 0.0;                   // share of this station's airings that fail, 0 … 1 (its record)
    QTimeZone zone = QTimeZone::utc();          // the station's; for rules by time of day
    std::vector<HoursPolicy> policies = {};     // that bind the station; they are in `sessions` already, and named in
                                                // reasons where they are what stands in the way
    std::vector<RefusedSession> refused = {};   // by start; for words alone: remedies, and edits that want them
};

// What a person can change so that more becomes possible.
enum class RemedyKind {
    ApproveItems,    // `count` more approved items of `topicGroups`, valid from `from` to `until`, of at most `frames`
                     // (for a duty by minutes: of `frames`)
    ExtendValidity,  // `item` valid from `from` to `until`
    ShortenItem,     // `item` no longer than `frames`
    AddRoom,         // `count` sessions more from `from` to `until`, each with `frames` for items in one piece
    AllowSession,    // `session`, which a policy or its template refuses, takes place, and so do those of its rule that
                     // are refused alike from `from` to `until`
    LengthenSession, // `session` has `frames` more for items
    RelaxRule,       // a play rule of `item` (gap, limit, hour, series, pair, neighbours, station)
    TakeBackEdit,    // `edit`
    ChooseSession,   // `session` takes it
    LowerDuty,       // `obligation` by `count`: none of the changes above is enough
};
[[nodiscard]] QString toString(RemedyKind kind); // "approve_items", …

struct Remedy {
    RemedyKind kind = RemedyKind::ApproveItems;
    Text text; // the whole of it, for people
    int count = 0;
    std::vector<QString> topicGroups = {};
    std::optional<ItemId> item = {};
    std::optional<SessionId> session = {};
    std::optional<HandEditId> edit = {};
    std::optional<ObligationId> obligation = {};
    QDate from = {}; // local days; invalid where they say nothing
    QDate until = {};
    FrameCount frames = {};
    bool operator==(const Remedy&) const = default;
};

// Numbers are in the measure of the obligation: distinct items, airings or full minutes.
struct Shortfall {
    ObligationId obligation;
    PeriodDates period;
    int required = 0;
    int completed = 0; // has sounded
    int planned = 0;   // beyond that, placed
    Text reason;       // what is missing, and what would help; where it is not proven, that too
    // No plan holds it beside what this one holds. False: the search met its bound of work before that was known.
    bool proven = true;
    // Changes that give what is missing beside all that the plan holds; all of them together are needed. Not compared:
    // they say what `reason` says.
    std::vector<Remedy> remedies = {};
    // No set with fewer changes does (a new item and a new session are one each). False on questions too large to look
    // at every set: then none of the changes can be left out, as far as was seen.
    bool smallest = false;
    friend bool operator==(const Shortfall& a, const Shortfall& b)
    {
        return a.obligation == b.obligation && a.period == b.period && a.required == b.required &&
               a.completed == b.completed && a.planned == b.planned && a.reason == b.reason && a.proven == b.proven;
    }
};

// How an obligation stands in a period, and how it will end.
// A period that reaches beyond the planned days is judged by what is planned, and by what its other days could still
// give: as many sessions a day as are planned, and the items that are approved now and valid then.
enum class Standing {
    Met,        // has sounded already
    OnCourse,   // planned, or what is approved is enough, and kept with a probability of at least `sureEnough`
    AtRisk,     // failures may well break it, or more items have to be approved in time
    Impossible, // no plan holds it with the facts as they are, or not beside the other obligations; of a period that
                // reaches beyond the planned days: its sessions are too few whatever is approved
};
[[nodiscard]] QString toString(Standing standing); // "met", "on_course", "at_risk", "impossible"

inline constexpr double sureEnough = 0.99;

struct Forecast {
    ObligationId obligation;
    PeriodDates period;
    Standing standing = Standing::OnCourse;
    int required = 0;
    int completed = 0;
    int planned = 0;
    double probability = 1.0;   // that it will be held with the items there are, each airing failing by itself with
                                // failureRate
    std::optional<QDate> actBy; // of AtRisk and Impossible: the last day on which a change still helps
    Text reason;
    std::vector<Remedy> remedies = {};
    bool operator==(const Forecast&) const = default;
};

struct Plan {
    StationId station;
    std::vector<Placement> placements;    // by session start, then offset
    std::vector<Shortfall> shortfalls;    // by period, then obligation; of periods that end within [from, until]
    std::vector<Forecast> forecasts = {}; // by period, then obligation; of periods that share a day with [from, until]
    bool exact = true; // no other plan holds more obligations; false: the bound of work was met before that was known
    bool operator==(const Plan&) const = default;
};

// Approved items, read once for the many stations that share them. Immutable: any thread, any number of calls at once.
class ItemPool {
public:
    explicit ItemPool(std::vector<PlannableItem> items);
    ~ItemPool();
    ItemPool(ItemPool&&) noexcept;
    ItemPool& operator=(ItemPool&&) noexcept;
    [[nodiscard]] const std::vector<PlannableItem>& items() const;

    struct Tables; // internal to the planner
    [[nodiscard]] const Tables& tables() const { return *m_tables; }

private:
    std::unique_ptr<const Tables> m_tables;
};

// Good radio: how often an item returns. An item that the quota needs is placed whatever these say.
// In rotation a NORMAL item plays at most so often a week, Monday to Sunday, with a day's rest between two; a PRIORITY
// one once a day.
inline constexpr int mostPlaysAWeek = 3;
// A session is filled up to this, or up to the share at which every item of the week gets its plays; no further.
inline constexpr int fewestItemsASession = 3;
// One that rotation leaves shorter than fewestItemsASession is filled with reruns, of items that were heard less often
// than this before it on that day, and on that day and the two before; beyond that it stays short, or silent, rather
// than say the same again. A session that would be silent takes one rerun more readily.
inline constexpr int mostPlaysADay = 2;
inline constexpr int mostPlaysInThreeDays = 3;
inline constexpr int mostPlaysInThreeDaysIfSilent = 5;

// What it holds, in this order. Hard: sessions before frozenUntil and days outside [from, until] keep what `existing`
// says; elsewhere approved items alone, on days on which they are valid, within the session to the frame, none twice in
// a session. Then: as many obligations and periods as can be held, each item as early as it can be, and reserve until
// each is sure enough, where that can be had; PRIORITY before NORMAL; every item once before any returns; fair rotation
// by plays, content groups, rest and freshness. A replan keeps what still holds, and changes nothing when nothing is
// new. Search for an arrangement is exact up to a bound of work, deterministic beyond.
[[nodiscard]] Plan plan(const PlanInput& input);

// The same with the pool's items in place of input.items, which are passed over.
[[nodiscard]] Plan plan(const PlanInput& input, const ItemPool& pool);

} // namespace loa::planner
