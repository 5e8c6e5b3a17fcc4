// The life of an item: draft -> processing -> ready -> submitted -> approved, with refused, rejected and withdrawn
// beside it. Each function takes an item and gives the item after it, or says why not; the caller stores it. Pure
// functions, any thread. Promise 1: an approval names the SHA-256 of the current version, and every edit voids it: a
// new recording, and also a change of title, text, topics, scope, validity or priority, for the approver consented to
// that item as it stood. An edit that changes nothing is no edit. Errors: Conflict (wrong state, other audio),
// InvalidInput (empty title or reason, dates reversed).
#pragma once

#include "scheduler/model/item.h"

#include <QByteArray>
#include <QDate>
#include <QString>

#include <optional>
#include <vector>

namespace loa::model {

struct IngestedAudio {
    Sha256 sourceSha256;
    Sha256 sha256; // of the house file
    std::int64_t bytes = 0;
    FrameCount frames;
    std::optional<double> integratedLufs;
    std::optional<double> truePeakDbtp;
    QByteArray report; // loa-media's JSON, whole
};

// What an editor changes; absent members stay.
struct ItemEdit {
    std::optional<QString> title;
    std::optional<QString> script;
    std::optional<std::vector<TopicId>> topics;
    std::optional<UnitId> scope;
    std::optional<QDate> validFrom;
    std::optional<std::optional<QDate>> validUntil; // present and empty: without end
    std::optional<Priority> priority;
    std::optional<PlayRules> playRules;
};

// A new draft. Errors as for edit().
[[nodiscard]] Result<Item> newItem(Item draft);

// A recording was uploaded and will be read. Not while another is being read, and not of a withdrawn item.
[[nodiscard]] Result<Item> attachVersion(Item item, const UploadId& upload, const QString& sourceName, UtcTime now);
// The recording `version` has been read. Conflict when the item meanwhile has another current version or is withdrawn.
[[nodiscard]] Result<Item> ingestFinished(Item item, int version, const IngestedAudio& audio);
[[nodiscard]] Result<Item> ingestRefused(Item item, int version, const Error& refusal);

// A submitted, approved or rejected item returns to `ready`.
[[nodiscard]] Result<Item> edit(Item item, const ItemEdit& change);
[[nodiscard]] Result<Item> submit(Item item);
// `sha256` is what the approver listened to; it must be the current version's. `approverName` is kept with the
// approval.
[[nodiscard]] Result<Item> approve(Item item, const Sha256& sha256, const UserId& approver, const QString& approverName,
                                   UtcTime now);
[[nodiscard]] Result<Item> reject(Item item, const QString& reason);
// From any state; final.
[[nodiscard]] Result<Item> withdraw(Item item, const QString& reason);

} // namespace loa::model
