#include "playout/output/break.h"

namespace loa::playout {

QString toString(Break why)
{
    switch (why) {
    case Break::None:
        return {};
    case Break::SourceFailed:
        return QStringLiteral("source-failed");
    case Break::SourceLate:
        return QStringLiteral("source-late");
    case Break::OutputDown:
        return QStringLiteral("output-down");
    case Break::OutputHung:
        return QStringLiteral("output-hung");
    case Break::OutputLate:
        return QStringLiteral("output-late");
    case Break::LateStart:
        return QStringLiteral("late-start");
    case Break::Stopped:
        return QStringLiteral("stopped");
    case Break::Preempted:
        return QStringLiteral("pre-empted");
    }
    return {};
}

} // namespace loa::playout
