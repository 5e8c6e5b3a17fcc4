#include "scheduler/api/http/message.h"

#include <QJsonDocument>

namespace loa::api {

QByteArray Request::header(QByteArrayView lowerCaseName) const
{
    QByteArray joined;
    bool first = true;
    for (const auto& [name, value] : headers) {
        if (name != lowerCaseName)
            continue;
        if (!first)
            joined += lowerCaseName == "cookie" ? "; " : ", ";
        joined += value;
        first = false;
    }
    return joined;
}

bool Request::hasHeader(QByteArrayView lowerCaseName) const
{
    for (const auto& field : headers) {
        if (field.first == lowerCaseName)
            return true;
    }
    return false;
}

std::optional<QString> Request::parameter(QLatin1String name) const
{
    for (const auto& [key, value] : parameters) {
        if (key == name)
            return value;
    }
    return std::nullopt;
}

QString Request::capture(QLatin1String name) const
{
    for (const auto& [key, value] : captures) {
        if (key == name)
            return value;
    }
    return {};
}

QByteArray Request::cookie(QByteArrayView name) const
{
    const QByteArray all = header("cookie");
    for (const QByteArray& part : all.split(';')) {
        const QByteArray pair = part.trimmed();
        const qsizetype equals = pair.indexOf('=');
        if (equals > 0 && QByteArrayView(pair).first(equals) == name)
            return pair.mid(equals + 1);
    }
    return {};
}

Response& Response::with(QByteArray name, QByteArray value)
{
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

QByteArray Response::header(QByteArrayView name) const
{
    for (const auto& [key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

qint64 Response::length() const
{
    if (const auto* file = std::get_if<FileSlice>(&body))
        return file->length();
    return std::get<QByteArray>(body).size();
}

QByteArray Response::bytes() const
{
    const auto* held = std::get_if<QByteArray>(&body);
    return held ? *held : QByteArray();
}

Response Response::json(int status, const QJsonObject& object)
{
    return data(status, "application/json", QJsonDocument(object).toJson(QJsonDocument::Compact));
}

Response Response::empty(int status)
{
    Response response;
    response.status = status;
    return response;
}

Response Response::data(int status, QByteArray contentType, QByteArray bytes)
{
    Response response;
    response.status = status;
    response.with("Content-Type", std::move(contentType));
    response.body = std::move(bytes);
    return response;
}

QByteArray reasonPhrase(int status)
{
    switch (status) {
    case 100:
        return "Continue";
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 460:
        return "Checksum Mismatch"; // tus
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    case 507:
        return "Insufficient Storage";
    default:
        return {};
    }
}

} // namespace loa::api
