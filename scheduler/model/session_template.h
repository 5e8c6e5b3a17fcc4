// What a session is made of (kết cấu buổi phát): signature tune, relay, notices, bulletin, reform column, music,
// closing, in the order of sounding. A unit makes it, session rules of its stations and of those below use it. Plain
// values and pure functions, any thread. Source: domain.md, "A day at a station".
//
// Three kinds of parts:
// - fixed: a tune sounds its recording whole; a relay takes its length from its exact second on;
// - flexible: room for items, at most `most`;
// - elastic: room for items, all that its neighbours leave (`most` is zero).
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
    std::optional<ItemId> tune = {};        // of signature and closing: the recording, which needs its approval
    QString source = {};                    // of a relay: the station or address that is relayed
    std::chrono::seconds least{0};          // below this it is not worth airing
    std::chrono::seconds most{0};           // longest; a relay's length; 0: elastic
    std::vector<QString> accepts = {};      // topic groups of its items; empty: any
    int cutOrder = 0;                       // 1 goes first when time is short; 0: never
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

// Signature and closing sound a recording of their own; a relay sounds another station; the others take items.
[[nodiscard]] bool takesItems(PartKind kind);

// How long relays sound in a session of that length.
[[nodiscard]] std::chrono::seconds relayedIn(const SessionTemplate& made, std::chrono::seconds session);

// What contradicts itself: ids twice, seconds out of order, a relay without second, source or length, a tune where none
// belongs. Error: InvalidInput with the place ("/parts/2/at").
[[nodiscard]] Result<void> checkTemplate(const SessionTemplate& made);

// The parts as API and store write them; unit, id and revision stand beside.
[[nodiscard]] QJsonArray partsToJson(const std::vector<TemplatePart>& parts);
// Error: InvalidInput with the place; unknown members are refused.
[[nodiscard]] Result<std::vector<TemplatePart>> templatePartsFromJson(const QJsonArray& array);

} // namespace loa::model
