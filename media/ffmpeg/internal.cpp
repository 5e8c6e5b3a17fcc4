#include "media/ffmpeg/internal.h"

#include <array>
#include <mutex>

namespace loa::media::detail {

QString reasonOf(int code)
{
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return QString::fromUtf8(text.data());
}

Error libraryError(const char* function, int code)
{
    const QString reason = reasonOf(code);
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Thư viện âm thanh báo lỗi: %1").arg(reason),
                  QStringLiteral("The audio library failed: %1").arg(reason)},
                 QString::fromUtf8(function)};
}

void quietLog()
{
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

} // namespace loa::media::detail
