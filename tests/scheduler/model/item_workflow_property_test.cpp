// Random walks through the workflow against a table written by hand, and against the one sentence of promise 1.
#include "scheduler/model/item_workflow.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace loa;
using namespace loa::model;

namespace {

enum Step { Attach, Finish, Refuse, Edit, EditNothing, Submit, Approve, ApproveOther, Reject, Withdraw, StepCount };

using S = ItemStatus;
constexpr std::optional<S> no = std::nullopt;

// Rows: the status before. Columns: the step. Empty: refused.
const std::array<std::array<std::optional<S>, StepCount>, 8> table{{
    // Draft
    {S::Processing, no, no, S::Draft, S::Draft, no, no, no, no, S::Withdrawn},
    // Processing
    {no, S::Ready, S::Refused, S::Processing, S::Processing, no, no, no, no, S::Withdrawn},
    // Refused
    {S::Processing, no, no, S::Refused, S::Refused, no, no, no, no, S::Withdrawn},
    // Ready
    {S::Processing, no, no, S::Ready, S::Ready, S::Submitted, no, no, no, S::Withdrawn},
    // Submitted
    {S::Processing, no, no, S::Ready, S::Submitted, no, S::Approved, no, S::Rejected, S::Withdrawn},
    // Approved
    {S::Processing, no, no, S::Ready, S::Approved, no, no, no, no, S::Withdrawn},
    // Rejected
    {S::Processing, no, no, S::Ready, S::Rejected, S::Submitted, no, no, no, S::Withdrawn},
    // Withdrawn
    {no, no, no, no, no, no, no, no, no, no},
}};

Sha256 currentHash(const Item& item)
{
    return item.versions.empty() ? Sha256{} : item.versions.back().sha256.value_or(Sha256{});
}

Result<Item> take(const Item& item, Step step, unsigned salt)
{
    const UtcTime now{std::chrono::hours(500'000)};
    const std::string seed = std::to_string(salt);
    switch (step) {
    case Attach:
        return attachVersion(item, UploadId{QString::number(salt)}, QStringLiteral("a.mp3"), now);
    case Finish:
        return ingestFinished(item, item.versions.empty() ? 1 : item.versions.back().number,
                              {sha256("s"), sha256(QByteArray::fromStdString(seed)), 1, {1}, {}, {}, "{}"});
    case Refuse:
        return ingestRefused(item, item.versions.empty() ? 1 : item.versions.back().number, Error{});
    case Edit: {
        ItemEdit change;
        change.title = item.title + QLatin1Char('x');
        return edit(item, change);
    }
    case EditNothing:
        return edit(item, {});
    case Submit:
        return submit(item);
    case Approve:
        return approve(item, currentHash(item), UserId{QStringLiteral("a")}, QStringLiteral("A"), now);
    case ApproveOther:
        return approve(item, sha256("other" + QByteArray::fromStdString(seed)), UserId{QStringLiteral("a")},
                       QStringLiteral("A"), now);
    case Reject:
        return reject(item, QStringLiteral("no"));
    case Withdraw:
        return withdraw(item, QStringLiteral("no"));
    case StepCount:
        break;
    }
    return fail(ErrorCategory::Internal, {});
}

} // namespace

TEST_CASE("Promise 1: in every walk an item may sound exactly when its last change was an approval of its audio",
          "[promise-1][property]")
{
    std::mt19937 random(7);
    // What leads on is drawn more often than what ends the walk.
    const std::vector<Step> draw{Attach,  Attach,  Finish,  Finish, Finish, Submit,      Submit,       Submit,
                                 Approve, Approve, Approve, Refuse, Edit,   EditNothing, ApproveOther, Reject};
    int sounded = 0;
    for (int walk = 0; walk < 3000; ++walk) {
        Item item;
        item.id = ItemId{QStringLiteral("item")};
        item.title = QStringLiteral("t");
        item.validFrom = QDate(2026, 12, 1);
        item = newItem(item).value();
        bool lastChangeWasApproval = false;
        for (int i = 0; i < 30; ++i) {
            const Step step = random() % 60 == 0 ? Withdraw : draw[random() % draw.size()];
            const std::optional<S> expected = table[static_cast<std::size_t>(item.status)][step];
            const auto result = take(item, step, static_cast<unsigned>(random()));
            REQUIRE(result.has_value() == expected.has_value());
            if (!result) {
                CHECK_FALSE(result.error().message.vi.isEmpty());
                CHECK_FALSE(result.error().message.en.isEmpty());
                continue;
            }
            REQUIRE(result->status == *expected);
            if (*result != item)
                lastChangeWasApproval = step == Approve;
            item = *result;
            const ItemVersion* sounding = soundingVersion(item);
            REQUIRE((sounding != nullptr) == lastChangeWasApproval);
            if (sounding != nullptr) {
                ++sounded;
                REQUIRE(sounding == &item.versions.back());
                REQUIRE(*sounding->sha256 == item.approval->sha256);
            }
        }
    }
    CHECK(sounded > 500); // the walks reach what they are about
}
