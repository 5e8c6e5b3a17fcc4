#include "playout/output/alsa_library.h"

#include <dlfcn.h>

#include <cerrno>

namespace loa::playout {

namespace {

void keepQuiet(const char*, int, const char*, int, const char*, ...) {}

} // namespace

const AlsaLibrary& alsa()
{
    static const AlsaLibrary loaded = [] {
        AlsaLibrary result;
        void* handle = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
        const auto find = [&](auto& function, const char* name) {
            function =
                handle == nullptr ? nullptr : reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
            if (function == nullptr && result.missing.isEmpty())
                result.missing = QString::fromLocal8Bit(dlerror());
        };
#define LOA_ALSA(name) find(result.name, "snd_" #name);
        LOA_ALSA_FUNCTIONS
#undef LOA_ALSA
        if (result.missing.isEmpty()) // its own lines would repeat, unthrottled, what the Result says
            result.lib_error_set_handler(keepQuiet);
        return result;
    }();
    return loaded;
}

Result<void> needAlsa(const QString& name)
{
    if (alsa().missing.isEmpty())
        return {};
    return fail(ErrorCategory::Unsupported,
                {QStringLiteral("Máy này thiếu thư viện libasound2: %1").arg(alsa().missing),
                 QStringLiteral("This machine lacks the library libasound2: %1").arg(alsa().missing)},
                name);
}

tl::unexpected<Error> alsaError(int code, const QString& vi, const QString& en, const QString& name)
{
    ErrorCategory category = ErrorCategory::Unavailable;
    if (code == -ENOENT || code == -ENODEV)
        category = ErrorCategory::NotFound;
    else if (code == -EBUSY)
        category = ErrorCategory::Conflict;
    else if (code == -EINVAL)
        category = ErrorCategory::Unsupported;
    const QString words = QString::fromUtf8(alsa().strerror(code));
    return fail(category, {vi + QStringLiteral(": ") + words, en + QStringLiteral(": ") + words}, name);
}

} // namespace loa::playout
