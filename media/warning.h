// A remark on a recording that was taken all the same. `code` is stable, for programs; the text is for people.
#pragma once

#include "media/error.h"

#include <QString>

#include <vector>

namespace loa::media {

struct Warning {
    QString code; // "truncated", "damaged", "clipped", "silence", "quiet", "narrow-band", "cancelling-channels",
                  // "mixed-format", "off-target"
    Text text;
};

using Warnings = std::vector<Warning>;

} // namespace loa::media
