#include "scheduler/api/http/file_response.h"
#include "scheduler/api/input.h"
#include "scheduler/api/routes.h"

namespace loa::api {

namespace {

tl::unexpected<Error> noSuchMedia()
{
    return fail(ErrorCategory::NotFound,
                {QStringLiteral("Không có tệp âm thanh này."), QStringLiteral("There is no such recording.")});
}

// Whoever is signed in and names a hash may hear it: hashes are learnt from items that one may read, and cannot be
// guessed.
Result<Response> getMedia(const Request& request, Context& context)
{
    const auto hash = sha256FromString(request.capture(QLatin1String("sha256")));
    if (!hash)
        return noSuchMedia();
    const auto known = context.store.items.hasMedia(*hash);
    if (!known)
        return passOn(known);
    if (!*known)
        return noSuchMedia();
    const auto stored = context.services.media.find(*hash);
    if (!stored)
        return passOn(stored);
    const auto file = FileSlice::open(stored->path);
    if (!file)
        return passOn(file);
    return fileResponse(request, *file,
                        {"audio/ogg", '"' + toString(*hash).toLatin1() + '"', "private, max-age=31536000, immutable"});
}

constexpr Route mediaTable[] = {
    {"GET", "/media/{sha256}", Caller::PersonOrAgent, std::nullopt, getMedia},
    {"HEAD", "/media/{sha256}", Caller::PersonOrAgent, std::nullopt, getMedia},
};

} // namespace

std::span<const Route> mediaRoutes()
{
    return mediaTable;
}

} // namespace loa::api
