// Whether a session can be made of a template, asked before a person's word is stored. Storage thread.
#pragma once

#include "scheduler/api/context.h"

#include <chrono>

namespace loa::api {

// A session of that length on that day, at stations of `user` and below. Error: InvalidInput at `where`, with the part
// that finds no room and how much is missing; also for a template that is not there or is another unit's.
[[nodiscard]] Result<void> checkTemplateUse(const TemplateId& made, const UnitId& user, std::chrono::seconds length,
                                            QDate day, const QString& where, Context& context);

} // namespace loa::api
