#include "scheduler/model/relay_source.h"

namespace loa::model {

bool isApproved(const RelaySource& source)
{
    return source.approval && !source.approval->approvedByName.trimmed().isEmpty() &&
           source.approval->definition == hashOf(source.definition);
}

Result<RelaySource> approve(const RelaySource& source, const Sha256& seen, const UserId& by, const QString& name,
                            UtcTime now)
{
    if (seen != hashOf(source.definition))
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Nguồn tiếp sóng vừa được sửa. Hãy xem lại rồi duyệt."),
                     QStringLiteral("The relay source has changed meanwhile. Look at it again, then approve.")},
                    source.definition.id.value);
    RelaySource approved = source;
    approved.approval = RelayApproval{seen, by, name, now};
    return approved;
}

} // namespace loa::model
