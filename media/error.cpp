#include "media/error.h"

namespace loa {

QString toString(ErrorCategory category)
{
    switch (category) {
    case ErrorCategory::InvalidInput:
        return QStringLiteral("invalid-input");
    case ErrorCategory::Unsupported:
        return QStringLiteral("unsupported");
    case ErrorCategory::NotFound:
        return QStringLiteral("not-found");
    case ErrorCategory::Conflict:
        return QStringLiteral("conflict");
    case ErrorCategory::Forbidden:
        return QStringLiteral("forbidden");
    case ErrorCategory::Unauthorized:
        return QStringLiteral("unauthorized");
    case ErrorCategory::LimitExceeded:
        return QStringLiteral("limit-exceeded");
    case ErrorCategory::Unavailable:
        return QStringLiteral("unavailable");
    case ErrorCategory::Storage:
        return QStringLiteral("storage");
    case ErrorCategory::Internal:
        return QStringLiteral("internal");
    }
    return QStringLiteral("internal");
}

QString describe(const Error& error)
{
    QString line = toString(error.category) + QStringLiteral(": ") + error.message.en;
    if (!error.message.vi.isEmpty() && error.message.vi != error.message.en)
        line += QStringLiteral(" (") + error.message.vi + QStringLiteral(")");
    if (!error.where.isEmpty())
        line += QStringLiteral(" [") + error.where + QStringLiteral("]");
    return line;
}

} // namespace loa
