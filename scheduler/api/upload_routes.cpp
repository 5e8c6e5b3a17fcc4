// Resumable uploads, tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation, creation-with-upload,
// checksum, termination, expiration. What an answer acknowledges is on disk: first the bytes (fsync), then the offset
// (committed), then the answer. So a kill between any two of these loses nothing that was acknowledged, and the caller
// goes on from HEAD's offset.
#include "scheduler/api/http/connection.h"
#include "scheduler/api/http/problem.h"
#include "scheduler/api/input.h"
#include "scheduler/api/routes.h"

#include <QCryptographicHash>
#include <QLoggingCategory>

#include <algorithm>

namespace loa::api {

namespace {

Q_LOGGING_CATEGORY(uploadLog, "loa.api.upload")

constexpr char tusVersion[] = "1.0.0";
constexpr char offsetType[] = "application/offset+octet-stream";
constexpr qsizetype longestName = 255;

std::optional<qint64> countOf(const QByteArray& header)
{
    const bool digits = !header.isEmpty() && header.size() <= 18 &&
                        std::all_of(header.begin(), header.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional(header.toLongLong()) : std::nullopt;
}

tl::unexpected<Error> badHeader(const char* name)
{
    const QString shown = QString::fromLatin1(name);
    return fail(ErrorCategory::InvalidInput,
                {QStringLiteral("Thiếu hoặc sai trường %1.").arg(shown),
                 QStringLiteral("The field %1 is missing or wrong.").arg(shown)},
                shown);
}

Response tusResponse(int status)
{
    Response response = Response::empty(status);
    response.with("Tus-Resumable", tusVersion);
    return response;
}

Response describeUpload(Response response, const store::Upload& upload)
{
    response.with("Upload-Offset", QByteArray::number(qint64(upload.offset)));
    if (upload.offset < upload.length)
        response.with("Upload-Expires", httpDate(upload.expiresAt));
    return response;
}

std::optional<Response> otherTusVersion(const Request& request)
{
    if (request.header("tus-resumable") == tusVersion)
        return std::nullopt;
    Response response = problem(412,
                                Error{ErrorCategory::Unsupported,
                                      {QStringLiteral("Chỉ hỗ trợ Tus-Resumable: 1.0.0."),
                                       QStringLiteral("Only Tus-Resumable: 1.0.0 is supported.")},
                                      QStringLiteral("Tus-Resumable")},
                                request.path);
    response.with("Tus-Version", tusVersion);
    return response;
}

// "filename d29yZA==,filetype …": the name, without any path. Empty when none is given.
Result<QString> readFilename(const QByteArray& metadata)
{
    for (const QByteArray& entry : metadata.split(',')) {
        const QList<QByteArray> parts = entry.trimmed().split(' ');
        if (parts.front() != "filename" || parts.size() != 2)
            continue;
        const auto decoded = QByteArray::fromBase64Encoding(parts[1], QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded)
            return badHeader("Upload-Metadata");
        QString name = QString::fromUtf8(*decoded);
        name = name.mid(std::max(name.lastIndexOf(u'/'), name.lastIndexOf(u'\\')) + 1);
        name.removeIf([](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
        return name.left(longestName);
    }
    return QString();
}

enum class Checksum { Absent, Holds, Fails };

Result<Checksum> checkChecksum(const Request& request)
{
    if (!request.hasHeader("upload-checksum"))
        return Checksum::Absent;
    const QList<QByteArray> parts = request.header("upload-checksum").split(' ');
    if (parts.size() != 2 || (parts[0] != "sha256" && parts[0] != "sha1"))
        return badHeader("Upload-Checksum");
    const auto algorithm = parts[0] == "sha256" ? QCryptographicHash::Sha256 : QCryptographicHash::Sha1;
    return QCryptographicHash::hash(request.body, algorithm).toBase64() == parts[1] ? Checksum::Holds : Checksum::Fails;
}

// An upload is its owner's alone; to others it is not there.
Result<store::Upload> ownUpload(const Request& request, Context& context)
{
    const auto id = idFromPath<UploadId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    auto upload = context.store.uploads.find(*id);
    if (!upload)
        return upload;
    const bool expired = upload->offset < upload->length && upload->expiresAt <= context.now;
    if (upload->owner != context.user().id || expired)
        return fail(ErrorCategory::NotFound, {QStringLiteral("Không có tệp tải lên này, hoặc đã quá hạn."),
                                              QStringLiteral("There is no such upload, or its time has passed.")});
    return upload;
}

// Writes the body behind what is certain, then moves the mark.
Result<store::Upload> appendBody(const Request& request, Context& context, store::Upload upload)
{
    const std::int64_t end = upload.offset + request.body.size();
    if (end > upload.length)
        return fail(ErrorCategory::LimitExceeded, {QStringLiteral("Dữ liệu dài hơn Upload-Length đã báo."),
                                                   QStringLiteral("The bytes go beyond the Upload-Length announced.")});
    const auto written = context.services.uploads.append(upload.id, upload.offset, request.body);
    if (!written)
        return passOn(written);
    const UtcTime expiresAt = context.now + context.settings.uploadLife;
    if (const auto moved = context.store.uploads.advance(upload.id, upload.offset, *written, expiresAt); !moved)
        return passOn(moved);
    upload.offset = *written;
    upload.expiresAt = expiresAt;
    return upload;
}

Response checksumFailed(const Request& request)
{
    Response response =
        problem(460,
                Error{ErrorCategory::InvalidInput,
                      {QStringLiteral("Dữ liệu nhận được khác với Upload-Checksum. Hãy gửi lại phần này."),
                       QStringLiteral("What arrived differs from Upload-Checksum. Send this part again.")},
                      {}},
                request.path);
    response.with("Tus-Resumable", tusVersion);
    return response;
}

Result<Response> uploadOptions(const Request&, Context& context)
{
    Response response = tusResponse(204);
    response.with("Tus-Version", tusVersion)
        .with("Tus-Extension", "creation,creation-with-upload,checksum,termination,expiration")
        .with("Tus-Checksum-Algorithm", "sha1,sha256")
        .with("Tus-Max-Size", QByteArray::number(qint64(context.settings.uploadBytes)));
    return response;
}

Result<void> demandFewUploads(Context& context)
{
    const auto all = context.store.uploads.all();
    if (!all)
        return passOn(all);
    const auto mine = std::count_if(all->begin(), all->end(), [&](const store::Upload& upload) {
        return upload.owner == context.user().id && upload.offset < upload.length && upload.expiresAt > context.now;
    });
    if (mine < context.settings.uploadsPerUser)
        return {};
    return fail(ErrorCategory::LimitExceeded, {QStringLiteral("Bạn đang có quá nhiều tệp tải lên dở dang."),
                                               QStringLiteral("You have too many unfinished uploads.")});
}

Result<Response> createUpload(const Request& request, Context& context)
{
    if (auto refused = otherTusVersion(request))
        return *std::move(refused);
    const auto length = countOf(request.header("upload-length"));
    if (!length || *length == 0)
        return badHeader("Upload-Length");
    if (*length > context.settings.uploadBytes)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp lớn hơn %1 byte cho phép.").arg(context.settings.uploadBytes),
                     QStringLiteral("The file is larger than the %1 bytes allowed.").arg(context.settings.uploadBytes)},
                    QStringLiteral("Upload-Length"));
    const auto filename = readFilename(request.header("upload-metadata"));
    if (!filename)
        return passOn(filename);
    if (!request.body.isEmpty() && request.header("content-type") != offsetType)
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Nội dung phải là application/offset+octet-stream."),
                                                 QStringLiteral("The body must be application/offset+octet-stream.")});
    const auto checksum = checkChecksum(request);
    if (!checksum)
        return passOn(checksum);
    if (*checksum == Checksum::Fails)
        return checksumFailed(request);
    if (const auto few = demandFewUploads(context); !few)
        return passOn(few);

    store::Upload upload;
    upload.id = UploadId{newId(context.now)};
    upload.owner = context.user().id;
    upload.filename = *filename;
    upload.length = *length;
    upload.createdAt = context.now;
    upload.expiresAt = context.now + context.settings.uploadLife;
    if (const auto made = context.services.uploads.create(upload.id); !made)
        return passOn(made);
    const auto noted = context.store.database.transaction([&]() -> Result<void> {
        if (const auto added = context.store.uploads.add(upload); !added)
            return added;
        return context.audit(
            QStringLiteral("upload.create"), QStringLiteral("upload:") + upload.id.value,
            {{QStringLiteral("bytes"), qint64(upload.length)}, {QStringLiteral("filename"), upload.filename}});
    });
    if (!noted)
        return passOn(noted);
    if (!request.body.isEmpty()) {
        auto moved = appendBody(request, context, upload);
        if (!moved)
            return passOn(moved);
        upload = *std::move(moved);
    }
    Response response = describeUpload(tusResponse(201), upload);
    response.with("Location", QByteArray(apiPrefix) + "/uploads/" + upload.id.value.toLatin1());
    return response;
}

Result<Response> headUpload(const Request& request, Context& context)
{
    if (auto refused = otherTusVersion(request))
        return *std::move(refused);
    const auto upload = ownUpload(request, context);
    if (!upload)
        return passOn(upload);
    Response response = describeUpload(tusResponse(200), *upload);
    response.with("Upload-Length", QByteArray::number(qint64(upload->length)));
    if (!upload->filename.isEmpty())
        response.with("Upload-Metadata", "filename " + upload->filename.toUtf8().toBase64());
    return response;
}

Result<Response> patchUpload(const Request& request, Context& context)
{
    if (auto refused = otherTusVersion(request))
        return *std::move(refused);
    if (request.header("content-type") != offsetType)
        return fail(ErrorCategory::Unsupported, {QStringLiteral("Nội dung phải là application/offset+octet-stream."),
                                                 QStringLiteral("The body must be application/offset+octet-stream.")});
    const auto offset = countOf(request.header("upload-offset"));
    if (!offset)
        return badHeader("Upload-Offset");
    auto upload = ownUpload(request, context);
    if (!upload)
        return passOn(upload);
    if (*offset != upload->offset)
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Máy chủ đã có %1 byte; hãy tiếp tục từ đó.").arg(upload->offset),
                     QStringLiteral("The scheduler has %1 bytes; go on from there.").arg(upload->offset)},
                    QStringLiteral("Upload-Offset"));
    const auto checksum = checkChecksum(request);
    if (!checksum)
        return passOn(checksum);
    if (*checksum == Checksum::Fails)
        return checksumFailed(request);
    auto moved = appendBody(request, context, *std::move(upload));
    if (!moved)
        return passOn(moved);
    return describeUpload(tusResponse(204), *moved);
}

Result<bool> belongsToItem(Context& context, const UploadId& upload)
{
    const auto items = context.store.items.processing();
    if (!items)
        return passOn(items);
    return std::any_of(items->begin(), items->end(), [&](const model::Item& item) {
        return !item.versions.empty() && item.versions.back().upload == upload;
    });
}

Result<Response> removeUpload(const Request& request, Context& context)
{
    if (auto refused = otherTusVersion(request))
        return *std::move(refused);
    const auto upload = ownUpload(request, context);
    if (!upload)
        return passOn(upload);
    const auto inUse = belongsToItem(context, upload->id);
    if (!inUse)
        return passOn(inUse);
    if (*inUse)
        return fail(ErrorCategory::Conflict, {QStringLiteral("Tệp này đang được xử lý cho một tin/bài."),
                                              QStringLiteral("The file is being read for an item.")});
    // Row first: bytes without a row are swept at the next start, a row without bytes would promise what is gone.
    if (const auto removed = context.store.uploads.remove(upload->id); !removed)
        return passOn(removed);
    if (const auto noted = context.audit(QStringLiteral("upload.remove"), QStringLiteral("upload:") + upload->id.value);
        !noted)
        return passOn(noted);
    context.store.database.afterCommit([uploads = context.services.uploads, id = upload->id] {
        if (const auto removed = uploads.remove(id); !removed)
            qCWarning(uploadLog).noquote()
                << QStringLiteral("upload=%1 error=%2").arg(id.value, describe(removed.error()));
    });
    return tusResponse(204);
}

constexpr Route uploadTable[] = {
    {"OPTIONS", "/uploads", Caller::Anyone, std::nullopt, uploadOptions},
    {"POST", "/uploads", Caller::Person, model::Action::EditItems, createUpload, Commit::BySteps, largeBody},
    {"OPTIONS", "/uploads/{id}", Caller::Anyone, std::nullopt, uploadOptions},
    {"HEAD", "/uploads/{id}", Caller::Person, model::Action::EditItems, headUpload},
    {"PATCH", "/uploads/{id}", Caller::Person, model::Action::EditItems, patchUpload, Commit::BySteps, largeBody},
    {"DELETE", "/uploads/{id}", Caller::Person, model::Action::EditItems, removeUpload},
};

} // namespace

std::span<const Route> uploadRoutes()
{
    return uploadTable;
}

} // namespace loa::api
