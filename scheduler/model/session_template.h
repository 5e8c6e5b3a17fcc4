// What a session is made of (kết cấu buổi phát): signature tune, relay, notices, bulletin, reform column, music,
// closing, in the order of sounding. A unit makes it, session rules of its stations and of those below use it. Plain
// values and pure functions, any thread. Source: domain.md, "A day at a station".
//
// Three kinds of parts:
// - fixed: a tune sounds its recording whole; a time signal has its mark (the start of the last pip) at its exact
//   second; a relay takes its length from its exact second on;
// - flexible: room for items, at most `most`;
// - elastic: room for items, all that its neighbours leave (`most` is zero); or a bed, a recording of the music part
//   that is repeated and faded out so as to end when the next part begins, to the frame.
// A part with `at` begins at that second of the session exactly; what comes before gives way to it. One without follows
// the part before it. `least` is what a part needs to be worth airing. When a session is too short for all, parts go by
// `cutOrder`, 1 first; 0 never goes, and a session in which even those find no room does not take place.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/model/session.h"

#include <QJsonObject>

namespace loa::model {

struct TemplatePart {
    QString id; // unique in the template, as ids are written
    PartKind kind = PartKind::Items;
    QString title;                          // for people; may be empty
    std::optional<std::chrono::seconds> at; // from the session's start; a relay has one
    std::optional<ItemId> tune = {};        // the recording of signature, time signal and closing, or a music bed; it
                                            // needs its approval
    FrameCount mark = {};                   // of a time signal: the recording's frame that sounds at `at`
    QString source = {};                    // of a relay: its name, for people
    std::optional<RelayId> relay = {};      // of a relay: its source; none: another device fills the time
    std::chrono::seconds least{0};          // below this it is not worth airing
    std::chrono::seconds most{0};           // longest; a relay's length; 0: elastic
    std::vector<QString> accepts = {};      // topic groups of its items; empty: any
    int cutOrder = 0;                       // 1 goes first when time is short; 0: never
    // Its first recording begins so much before the end of what sounds before it, when that may be faded: it falls
    // meanwhile. 0: one behind the other.
    std::chrono::milliseconds crossfade{0};
    int duckDb = 0; // it sounds over the bed before it, which goes on beneath it so much lower; 0: after it
    bool operator==(const TemplatePart&) const = default;
};

struct SessionTemplate {
    TemplateId id;
    UnitId unit;
    QString name;
    std::vector<TemplatePart> parts;
    std::int64_t revision = 1; // rises with every change, for If-Match
    bool operator==(const SessionTemplate&) const = default;
};

inline constexpr std::size_t mostTemplateParts = 40;

// Signature, time signal and closing sound a recording of their own, a music part may; a relay sounds another station;
// the others take items.
[[nodiscard]] bool takesItems(const TemplatePart& part);
[[nodiscard]] bool isBed(const TemplatePart& part);

// How long relays sound in a session of that length.
[[nodiscard]] std::chrono::seconds relayedIn(const SessionTemplate& made, std::chrono::seconds session);

// What contradicts itself: ids twice, seconds out of order, a relay without second, name or length, a tune where none
// belongs. Error: InvalidInput with the place ("/parts/2/at").
[[nodiscard]] Result<void> checkTemplate(const SessionTemplate& made);

// The parts as API and store write them; unit, id and revision stand beside.
[[nodiscard]] QJsonArray partsToJson(const std::vector<TemplatePart>& parts);
// Error: InvalidInput with the place; unknown members are refused.
[[nodiscard]] Result<std::vector<TemplatePart>> templatePartsFromJson(const QJsonArray& array);

} // namespace loa::model
