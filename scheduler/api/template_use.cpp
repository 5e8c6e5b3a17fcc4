#include "scheduler/api/template_use.h"

#include "scheduler/planner/layout.h"

namespace loa::api {

Result<void> checkTemplateUse(const TemplateId& id, const UnitId& user, std::chrono::seconds length, QDate day,
                              const QString& where, Context& context)
{
    const auto made = context.store.templates.find(id);
    if (!made)
        return fail(ErrorCategory::InvalidInput, made.error().message, where);
    const auto tree = context.tree();
    if (!tree)
        return passOn(tree);
    if (!(*tree)->isWithin(user, made->unit, context.today))
        return fail(
            ErrorCategory::InvalidInput,
            {QStringLiteral("Kết cấu này của đơn vị khác."), QStringLiteral("This template belongs to another unit.")},
            where);
    model::Session session;
    session.localDate = day;
    session.frames = toFrames(length);
    const auto laidOut =
        planner::layOut(*made, session, [&](const ItemId& tune, QDate date) -> std::optional<planner::TuneRecording> {
            const auto item = context.store.items.find(tune);
            return item ? planner::recordingOf(*item, date) : std::nullopt;
        });
    if (!laidOut)
        return fail(ErrorCategory::InvalidInput, laidOut.error().message, where);
    return {};
}

} // namespace loa::api
