// Items (tin/bài): what is written, recorded, approved and played. Plain values, any thread.
#pragma once

#include "media/error.h"
#include "media/frames.h"
#include "scheduler/contract/bundle.h"
#include "scheduler/contract/hash.h"
#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"
#include "scheduler/model/play_rules.h"

#include <QDate>
#include <QString>

#include <optional>
#include <vector>

namespace loa::model {

// A heading of the plan's contents (II.1 a-e), or any other. Topics whose group begins with "cchc" count for reform
// obligations.
struct Topic {
    TopicId id;
    QString group; // "cchc-a" … "cchc-e", "other"
    QString nameVi;
    QString nameEn;
    bool operator==(const Topic&) const = default;
};

enum class ItemStatus {
    Draft,      // no audio yet
    Processing, // audio is being read
    Refused,    // audio could not be taken; see ItemVersion::refusal
    Ready,      // has audio
    Submitted,  // waits for an approver
    Approved,   // may sound
    Rejected,   // an approver said no; may be edited and submitted again
    Withdrawn,  // was approved or not; may not sound any more
};
[[nodiscard]] QString toString(ItemStatus status); // "draft", …
[[nodiscard]] Result<ItemStatus> itemStatusFromString(QStringView text);

// One recording of an item. A new recording is a new version and voids the approval (promise 1).
struct ItemVersion {
    int number = 0; // from 1
    UploadId upload;
    QString sourceName; // file name as the editor gave it
    std::optional<Sha256> sourceSha256;
    std::optional<Sha256> sha256; // of the house file; absent until read
    std::int64_t bytes = 0;       // of the house file
    FrameCount frames;
    std::optional<double> integratedLufs; // of the house file
    std::optional<double> truePeakDbtp;
    QByteArray report; // loa-media's JSON, whole: fingerprint, peaks, warnings
    std::optional<Error> refusal;
    UtcTime createdAt;
    bool operator==(const ItemVersion&) const = default;
};

// Bound to the exact audio: it holds only while the current version has this hash.
struct Approval {
    int version = 0;
    Sha256 sha256;
    UserId approvedBy;
    QString approvedByName;
    UtcTime approvedAt;
    bool operator==(const Approval&) const = default;
};

struct Item {
    ItemId id;
    std::int64_t revision = 1; // rises by every change; for If-Match
    QString title;
    UnitId unit;  // whose item it is
    UnitId scope; // stations of this unit and below may play it
    QString script;
    std::vector<TopicId> topics;
    QDate validFrom;                 // first local day it may sound
    std::optional<QDate> validUntil; // last one
    Priority priority = Priority::Normal;
    PlayRules playRules;
    ItemStatus status = ItemStatus::Draft;
    QString decisionReason;            // of a rejection or withdrawal
    std::vector<ItemVersion> versions; // by number; the last is current
    std::optional<Approval> approval;
    UserId createdBy;
    UtcTime createdAt;
    bool operator==(const Item&) const = default;
};

// The version that may sound: status approved, an approval, and its hash equal to the current version's. Null
// otherwise.
[[nodiscard]] const ItemVersion* soundingVersion(const Item& item);

} // namespace loa::model
