#include "scheduler/model/item_workflow.h"

#include <algorithm>
#include <utility>

namespace loa::model {

namespace {

tl::unexpected<Error> wrongState(const Item& item, const char* vi, const char* en)
{
    return fail(ErrorCategory::Conflict, {QString::fromUtf8(vi), QString::fromUtf8(en)},
                QStringLiteral("item %1, status %2").arg(item.id.value, toString(item.status)));
}

tl::unexpected<Error> badItem(const char* vi, const char* en, const char* member)
{
    return fail(ErrorCategory::InvalidInput, {QString::fromUtf8(vi), QString::fromUtf8(en)},
                QString::fromLatin1(member));
}

constexpr qsizetype longestTitle = 300;
constexpr qsizetype longestScript = 200'000;
constexpr qsizetype longestReason = 2000;

Result<void> checkItem(const Item& item)
{
    if (item.title.trimmed().isEmpty())
        return badItem("Tin/bài cần có tên.", "The item needs a title.", "title");
    if (item.title.size() > longestTitle)
        return badItem("Tên tin/bài dài quá 300 ký tự.", "The title is longer than 300 characters.", "title");
    if (item.script.size() > longestScript)
        return badItem("Nội dung dài quá 200.000 ký tự.", "The text is longer than 200,000 characters.", "script");
    if (!item.validFrom.isValid() || (item.validUntil && !item.validUntil->isValid()))
        return badItem("Ngày hiệu lực không hợp lệ.", "A date of validity is not valid.", "valid_from");
    if (item.validUntil && *item.validUntil < item.validFrom)
        return badItem("Ngày kết thúc đứng trước ngày bắt đầu.", "The last day is before the first.", "valid_until");
    std::vector<TopicId> topics = item.topics;
    std::sort(topics.begin(), topics.end());
    if (std::adjacent_find(topics.begin(), topics.end()) != topics.end())
        return badItem("Một chủ đề được ghi hai lần.", "A topic is named twice.", "topics");
    return {};
}

Result<QString> checkReason(const QString& reason)
{
    const QString trimmed = reason.trimmed();
    if (trimmed.isEmpty())
        return badItem("Cần ghi lý do.", "A reason is needed.", "reason");
    if (trimmed.size() > longestReason)
        return badItem("Lý do dài quá 2.000 ký tự.", "The reason is longer than 2,000 characters.", "reason");
    return trimmed;
}

// The item's version `number` when it is the current one and still being read.
Result<ItemVersion*> versionBeingRead(Item& item, int number)
{
    if (item.status != ItemStatus::Processing || item.versions.empty() || item.versions.back().number != number)
        return wrongState(item, "Bản ghi âm này không còn được chờ xử lý.", "This recording is no longer waited for.");
    return &item.versions.back();
}

bool hasAudio(const Item& item)
{
    return !item.versions.empty() && item.versions.back().sha256.has_value();
}

} // namespace

Result<Item> newItem(Item draft)
{
    if (const auto sound = checkItem(draft); !sound)
        return passOn(sound);
    draft.title = draft.title.trimmed();
    draft.revision = 1;
    draft.status = ItemStatus::Draft;
    draft.decisionReason.clear();
    draft.versions.clear();
    draft.approval.reset();
    return draft;
}

Result<Item> attachVersion(Item item, const UploadId& upload, const QString& sourceName, UtcTime now)
{
    if (item.status == ItemStatus::Withdrawn)
        return wrongState(item, "Tin/bài đã thu hồi, không nhận bản ghi âm nữa.",
                          "The item is withdrawn and takes no recording.");
    if (item.status == ItemStatus::Processing)
        return wrongState(item, "Bản ghi âm trước còn đang được xử lý, hãy chờ.",
                          "The recording before is still being read; wait for it.");
    ItemVersion version;
    version.number = item.versions.empty() ? 1 : item.versions.back().number + 1;
    version.upload = upload;
    version.sourceName = sourceName;
    version.createdAt = now;
    item.versions.push_back(std::move(version));
    item.approval.reset();
    item.decisionReason.clear();
    item.status = ItemStatus::Processing;
    return item;
}

Result<Item> ingestFinished(Item item, int version, const IngestedAudio& audio)
{
    const auto current = versionBeingRead(item, version);
    if (!current)
        return passOn(current);
    if (audio.frames.value <= 0 || audio.bytes <= 0)
        return badItem("Bản ghi âm không có tiếng.", "The recording holds no sound.", "frames");
    ItemVersion& read = **current;
    read.sourceSha256 = audio.sourceSha256;
    read.sha256 = audio.sha256;
    read.bytes = audio.bytes;
    read.frames = audio.frames;
    read.integratedLufs = audio.integratedLufs;
    read.truePeakDbtp = audio.truePeakDbtp;
    read.report = audio.report;
    item.status = ItemStatus::Ready;
    return item;
}

Result<Item> ingestRefused(Item item, int version, const Error& refusal)
{
    const auto current = versionBeingRead(item, version);
    if (!current)
        return passOn(current);
    (*current)->refusal = refusal;
    item.status = ItemStatus::Refused;
    return item;
}

Result<Item> edit(Item item, const ItemEdit& change)
{
    if (item.status == ItemStatus::Withdrawn)
        return wrongState(item, "Tin/bài đã thu hồi, không sửa được nữa.",
                          "The item is withdrawn and cannot be changed.");
    const Item before = item;
    item.title = change.title.value_or(item.title).trimmed();
    item.script = change.script.value_or(item.script);
    item.topics = change.topics.value_or(item.topics);
    item.scope = change.scope.value_or(item.scope);
    item.validFrom = change.validFrom.value_or(item.validFrom);
    item.validUntil = change.validUntil.value_or(item.validUntil);
    item.priority = change.priority.value_or(item.priority);
    item.playRules = change.playRules.value_or(item.playRules);
    if (const auto sound = checkItem(item); !sound)
        return passOn(sound);
    if (item == before)
        return item;
    const bool wasDecided = item.status == ItemStatus::Submitted || item.status == ItemStatus::Approved ||
                            item.status == ItemStatus::Rejected;
    if (wasDecided) {
        item.status = ItemStatus::Ready;
        item.approval.reset();
        item.decisionReason.clear();
    }
    return item;
}

Result<Item> submit(Item item)
{
    const bool maySubmit = item.status == ItemStatus::Ready || item.status == ItemStatus::Rejected;
    if (!maySubmit || !hasAudio(item))
        return wrongState(item, "Chỉ trình duyệt được tin/bài đã có bản ghi âm và chưa trình.",
                          "Only an item with a recording that is not yet submitted can be submitted.");
    item.status = ItemStatus::Submitted;
    item.decisionReason.clear();
    return item;
}

Result<Item> approve(Item item, const Sha256& sha256, const UserId& approver, const QString& approverName, UtcTime now)
{
    if (item.status != ItemStatus::Submitted || !hasAudio(item))
        return wrongState(item, "Chỉ duyệt được tin/bài đang chờ duyệt.",
                          "Only an item that was submitted can be approved.");
    const ItemVersion& current = item.versions.back();
    if (*current.sha256 != sha256) {
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Bản ghi âm đã thay đổi sau khi bạn nghe. Hãy tải lại trang và nghe bản mới."),
                     QStringLiteral("The recording has changed since you listened. Reload and listen to the new one.")},
                    QStringLiteral("current %1, approved %2").arg(toString(*current.sha256), toString(sha256)));
    }
    if (approver.isEmpty() || approverName.trimmed().isEmpty())
        return badItem("Người duyệt phải có tên.", "An approval needs a named person.", "approved_by");
    item.approval = Approval{current.number, sha256, approver, approverName.trimmed(), now};
    item.decisionReason.clear();
    item.status = ItemStatus::Approved;
    return item;
}

Result<Item> reject(Item item, const QString& reason)
{
    if (item.status != ItemStatus::Submitted)
        return wrongState(item, "Chỉ trả lại được tin/bài đang chờ duyệt.",
                          "Only an item that was submitted can be rejected.");
    const auto why = checkReason(reason);
    if (!why)
        return passOn(why);
    item.status = ItemStatus::Rejected;
    item.decisionReason = *why;
    item.approval.reset();
    return item;
}

Result<Item> withdraw(Item item, const QString& reason)
{
    if (item.status == ItemStatus::Withdrawn)
        return wrongState(item, "Tin/bài đã thu hồi rồi.", "The item is withdrawn already.");
    const auto why = checkReason(reason);
    if (!why)
        return passOn(why);
    item.status = ItemStatus::Withdrawn;
    item.decisionReason = *why;
    item.approval.reset();
    return item;
}

} // namespace loa::model
