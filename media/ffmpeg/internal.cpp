#include "media/ffmpeg/internal.h"

#include "media/ffmpeg/libav.h"

#include <QByteArray>

#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace loa::media {

namespace {

struct LoadedLibraries {
    std::array<void*, 4> handles{};
    QString missing; // the loader's words
};

// With the version that this program was built against: structs are laid out by it.
const LoadedLibraries& loadedLibraries()
{
    static const LoadedLibraries loaded = [] {
        constexpr std::array names{std::pair{"libavutil.so.", LIBAVUTIL_VERSION_MAJOR},
                                   std::pair{"libavcodec.so.", LIBAVCODEC_VERSION_MAJOR},
                                   std::pair{"libavformat.so.", LIBAVFORMAT_VERSION_MAJOR},
                                   std::pair{"libswresample.so.", LIBSWRESAMPLE_VERSION_MAJOR}};
        LoadedLibraries result;
        for (std::size_t index = 0; index < names.size(); ++index) {
            const QByteArray name = names[index].first + QByteArray::number(names[index].second);
            result.handles[index] = dlopen(name.constData(), RTLD_LAZY | RTLD_LOCAL);
            if (result.handles[index] == nullptr && result.missing.isEmpty())
                result.missing = QString::fromLocal8Bit(dlerror());
        }
        // libav's own lines would repeat, unthrottled, what the Result already says.
        if (result.missing.isEmpty())
            reinterpret_cast<decltype(&::av_log_set_level)>(dlsym(result.handles[0], "av_log_set_level"))(AV_LOG_QUIET);
        return result;
    }();
    return loaded;
}

} // namespace

Result<void> loadLibav()
{
    const LoadedLibraries& loaded = loadedLibraries();
    if (loaded.missing.isEmpty())
        return {};
    return fail(ErrorCategory::Unsupported,
                {QStringLiteral("Máy này thiếu thư viện FFmpeg: %1").arg(loaded.missing),
                 QStringLiteral("This machine lacks FFmpeg's libraries: %1").arg(loaded.missing)});
}

namespace detail {

void* addressOf(AvLibrary library, const char* name)
{
    void* handle = loadedLibraries().handles[static_cast<std::size_t>(library)];
    void* address = handle == nullptr ? nullptr : dlsym(handle, name);
    if (address == nullptr) {
        std::fprintf(stderr, "libav has no function %s\n", name);
        std::abort();
    }
    return address;
}

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

} // namespace detail

} // namespace loa::media
