// openapi.yaml, built into the program. Any thread.
#pragma once

#include <QByteArray>

namespace loa::api {

[[nodiscard]] QByteArray openapiText();

} // namespace loa::api
