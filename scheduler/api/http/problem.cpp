#include "scheduler/api/http/problem.h"

#include <QJsonDocument>

namespace loa::api {

namespace {

Text titleOf(int status)
{
    switch (status) {
    case 400:
        return {QStringLiteral("Dữ liệu gửi lên chưa đúng"), QStringLiteral("The request is not right")};
    case 401:
        return {QStringLiteral("Cần đăng nhập"), QStringLiteral("Sign in first")};
    case 403:
        return {QStringLiteral("Không có quyền"), QStringLiteral("Not allowed")};
    case 404:
        return {QStringLiteral("Không tìm thấy"), QStringLiteral("Not found")};
    case 405:
        return {QStringLiteral("Không dùng được cách gọi này"), QStringLiteral("This method is not available here")};
    case 408:
        return {QStringLiteral("Hết thời gian chờ"), QStringLiteral("The request took too long")};
    case 409:
        return {QStringLiteral("Xung đột"), QStringLiteral("Conflict")};
    case 412:
        return {QStringLiteral("Dữ liệu đã được người khác sửa"), QStringLiteral("Someone changed it meanwhile")};
    case 413:
        return {QStringLiteral("Quá lớn"), QStringLiteral("Too large")};
    case 415:
        return {QStringLiteral("Không hỗ trợ"), QStringLiteral("Not supported")};
    case 416:
        return {QStringLiteral("Không có đoạn này"), QStringLiteral("No such part")};
    case 428:
        return {QStringLiteral("Thiếu phiên bản đang sửa"), QStringLiteral("The revision is missing")};
    case 429:
        return {QStringLiteral("Quá nhiều lần"), QStringLiteral("Too many requests")};
    case 431:
        return {QStringLiteral("Phần đầu yêu cầu quá lớn"), QStringLiteral("The request's head is too large")};
    case 460:
        return {QStringLiteral("Dữ liệu bị hỏng trên đường truyền"),
                QStringLiteral("The bytes were damaged on the way")};
    case 503:
        return {QStringLiteral("Tạm thời chưa phục vụ được"), QStringLiteral("Not available at the moment")};
    case 507:
        return {QStringLiteral("Lỗi lưu trữ của máy chủ"), QStringLiteral("The scheduler's storage failed")};
    default:
        break;
    }
    if (status >= 500)
        return {QStringLiteral("Lỗi của máy chủ"), QStringLiteral("The scheduler failed")};
    return {QStringLiteral("Không thực hiện được"), QStringLiteral("It cannot be done")};
}

} // namespace

int statusFor(ErrorCategory category)
{
    switch (category) {
    case ErrorCategory::InvalidInput:
        return 400;
    case ErrorCategory::Unsupported:
        return 415;
    case ErrorCategory::NotFound:
        return 404;
    case ErrorCategory::Conflict:
        return 409;
    case ErrorCategory::Forbidden:
        return 403;
    case ErrorCategory::Unauthorized:
        return 401;
    case ErrorCategory::LimitExceeded:
        return 413;
    case ErrorCategory::Unavailable:
        return 503;
    case ErrorCategory::Storage:
        return 507;
    case ErrorCategory::Internal:
        return 500;
    }
    return 500;
}

Response problem(const Error& error, const QByteArray& instance)
{
    return problem(statusFor(error.category), error, instance);
}

Response problem(int status, const Error& error, const QByteArray& instance, const QJsonObject& more)
{
    const bool ours = error.category == ErrorCategory::Storage || error.category == ErrorCategory::Internal;
    const Text title = titleOf(status);
    const Text detail =
        ours ? Text{QStringLiteral(
                        "Lỗi nằm ở máy chủ, không phải ở bạn. Hãy thử lại; nếu vẫn lỗi, báo cho quản trị viên."),
                    QStringLiteral(
                        "The fault is the scheduler's, not yours. Try again; if it stays, tell the administrator.")}
             : error.message;
    QJsonObject object{{QStringLiteral("type"), QStringLiteral("about:blank")},
                       {QStringLiteral("title"), title.en},
                       {QStringLiteral("status"), status},
                       {QStringLiteral("detail"), detail.en},
                       {QStringLiteral("instance"), QString::fromUtf8(instance)},
                       {QStringLiteral("category"), toString(error.category)},
                       {QStringLiteral("title_vi"), title.vi},
                       {QStringLiteral("detail_vi"), detail.vi}};
    if (!ours && !error.where.isEmpty())
        object.insert(QStringLiteral("where"), error.where);
    for (auto member = more.begin(); member != more.end(); ++member)
        object.insert(member.key(), member.value());
    Response response =
        Response::data(status, "application/problem+json", QJsonDocument(object).toJson(QJsonDocument::Compact));
    response.with("Cache-Control", "no-store");
    return response;
}

} // namespace loa::api
