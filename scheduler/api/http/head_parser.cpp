#include "scheduler/api/http/head_parser.h"

#include <QStringDecoder>

#include <algorithm>
#include <cstring>

namespace loa::api {

namespace {

constexpr qsizetype longestTarget = 8 * 1024;
constexpr qsizetype mostFields = 100;

tl::unexpected<Refusal> malformed(const char* vi, const char* en)
{
    return refuse(400, ErrorCategory::InvalidInput, {QString::fromUtf8(vi), QString::fromUtf8(en)});
}

bool isTokenCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isFieldValue(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

QByteArrayView trimmed(QByteArrayView text)
{
    while (!text.isEmpty() && (text.front() == ' ' || text.front() == '\t'))
        text = text.sliced(1);
    while (!text.isEmpty() && (text.back() == ' ' || text.back() == '\t'))
        text.chop(1);
    return text;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<QString> decodePart(QByteArrayView part, bool isQuery)
{
    QByteArray bytes;
    bytes.reserve(part.size());
    for (qsizetype i = 0; i < part.size(); ++i) {
        char c = part[i];
        if (c == '%') {
            if (i + 2 >= part.size() || hexDigit(part[i + 1]) < 0 || hexDigit(part[i + 2]) < 0)
                return std::nullopt;
            c = static_cast<char>(hexDigit(part[i + 1]) * 16 + hexDigit(part[i + 2]));
            i += 2;
            if (!isQuery && c == '/')
                return std::nullopt;
        } else if (isQuery && c == '+') {
            c = ' ';
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return std::nullopt;
        bytes.append(c);
    }
    QStringDecoder decoder(QStringDecoder::Utf8);
    QString text = decoder(bytes);
    return decoder.hasError() ? std::nullopt : std::optional(text);
}

std::optional<Refusal> readRequestLine(QByteArrayView line, Request& request)
{
    const auto bad = [](const char* vi, const char* en) { return malformed(vi, en).value(); };
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last == first)
        return bad("Dòng yêu cầu HTTP không đúng.", "The HTTP request line is malformed.");
    const QByteArrayView method = line.first(first);
    const QByteArrayView target = line.sliced(first + 1, last - first - 1);
    const QByteArrayView version = line.sliced(last + 1);
    if (!isToken(method) || method.size() > 32)
        return bad("Tên phương thức HTTP không đúng.", "The HTTP method is malformed.");
    if (version.size() != 8 || !version.startsWith("HTTP/"))
        return bad("Dòng yêu cầu HTTP không đúng.", "The HTTP request line is malformed.");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return Refusal{505,
                       {ErrorCategory::Unsupported,
                        {QStringLiteral("Chỉ nhận HTTP/1.0 và HTTP/1.1."),
                         QStringLiteral("Only HTTP/1.0 and HTTP/1.1 are taken.")},
                        {}}};
    if (target.size() > longestTarget)
        return Refusal{414,
                       {ErrorCategory::LimitExceeded,
                        {QStringLiteral("Địa chỉ quá dài."), QStringLiteral("The address is too long.")},
                        {}}};
    const bool plain =
        std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; });
    if (!plain || !target.startsWith('/'))
        return bad("Địa chỉ phải bắt đầu bằng '/' và chỉ gồm ký tự được mã hóa.",
                   "The address must begin with '/' and be percent-encoded.");
    const qsizetype question = target.indexOf('?');
    const QByteArrayView path = question < 0 ? target : target.first(question);
    const QByteArrayView query = question < 0 ? QByteArrayView() : target.sliced(question + 1);
    auto segments = decodePath(path);
    auto parameters = decodeQuery(query);
    if (!segments || !parameters)
        return bad("Địa chỉ có ký tự mã hóa sai.", "The address holds a wrong escape.");
    request.method = method.toByteArray();
    request.path = path.toByteArray();
    request.query = query.toByteArray();
    request.http11 = version == "HTTP/1.1";
    request.segments = *std::move(segments);
    request.parameters = *std::move(parameters);
    return std::nullopt;
}

std::optional<Refusal> readField(QByteArrayView line, Request& request)
{
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0 || !isToken(line.first(colon)))
        return malformed("Một trường tiêu đề HTTP không đúng.", "An HTTP header field is malformed.").value();
    const QByteArrayView value = trimmed(line.sliced(colon + 1));
    if (!isFieldValue(value))
        return malformed("Một trường tiêu đề HTTP có ký tự điều khiển.",
                         "An HTTP header field holds a control character.")
            .value();
    if (std::ssize(request.headers) >= mostFields)
        return Refusal{431,
                       {ErrorCategory::LimitExceeded,
                        {QStringLiteral("Quá nhiều trường tiêu đề."), QStringLiteral("Too many header fields.")},
                        {}}};
    request.headers.emplace_back(line.first(colon).toByteArray().toLower(), value.toByteArray());
    return std::nullopt;
}

qsizetype countOf(const Request& request, QByteArrayView name)
{
    return std::count_if(request.headers.begin(), request.headers.end(),
                         [&](const HeaderField& field) { return field.first == name; });
}

// Framing: the fields that say where the body ends.
std::optional<Refusal> readFraming(Head& head)
{
    const Request& request = head.request;
    const bool hasLength = request.hasHeader("content-length");
    if (request.hasHeader("transfer-encoding")) {
        if (hasLength || !request.http11)
            return malformed("Content-Length và Transfer-Encoding không đi cùng nhau.",
                             "Content-Length and Transfer-Encoding exclude each other.")
                .value();
        if (request.header("transfer-encoding").toLower() != "chunked")
            return Refusal{501,
                           {ErrorCategory::Unsupported,
                            {QStringLiteral("Chỉ nhận Transfer-Encoding: chunked."),
                             QStringLiteral("The only transfer coding taken is chunked.")},
                            {}}};
        head.chunked = true;
    }
    if (hasLength) {
        const QByteArray value = request.header("content-length");
        const bool digits = !value.isEmpty() && value.size() <= 18 &&
                            std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || countOf(request, "content-length") != 1)
            return malformed("Content-Length phải là một số không âm, chỉ một lần.",
                             "Content-Length must be one number that is not negative.")
                .value();
        head.contentLength = value.toLongLong();
    }
    return std::nullopt;
}

std::optional<Refusal> readConnection(Head& head)
{
    const Request& request = head.request;
    if (countOf(request, "host") > 1 || (request.http11 && !request.hasHeader("host")))
        return malformed("Phải có đúng một trường Host.", "Exactly one Host field is required.").value();
    head.keepAlive = request.http11;
    bool upgrade = false;
    for (const QByteArray& option : request.header("connection").toLower().split(',')) {
        const QByteArray word = option.trimmed();
        if (word == "close")
            head.keepAlive = false;
        upgrade = upgrade || word == "upgrade";
    }
    head.webSocket = upgrade && request.method == "GET" && request.header("upgrade").toLower() == "websocket";
    if (head.webSocket && (head.chunked || head.contentLength.value_or(0) > 0))
        return malformed("Yêu cầu WebSocket không có nội dung.", "A WebSocket request has no body.").value();
    if (request.hasHeader("expect")) {
        if (request.header("expect").toLower() != "100-continue")
            return Refusal{417,
                           {ErrorCategory::Unsupported,
                            {QStringLiteral("Chỉ nhận Expect: 100-continue."),
                             QStringLiteral("Only Expect: 100-continue is taken.")},
                            {}}};
        head.expectsContinue = request.http11;
    }
    return std::nullopt;
}

} // namespace

std::optional<qsizetype> findHeadEnd(QByteArrayView bytes, qsizetype from)
{
    const qsizetype found = bytes.indexOf("\r\n\r\n", std::max<qsizetype>(from, 0));
    return found < 0 ? std::nullopt : std::optional(found + 4);
}

tl::expected<Head, Refusal> parseHead(QByteArrayView bytes)
{
    Head head;
    bool requestLine = true;
    QByteArrayView rest = bytes.chopped(2); // the empty line
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf("\r\n");
        const QByteArrayView line = end < 0 ? rest : rest.first(end);
        rest = end < 0 ? QByteArrayView() : rest.sliced(end + 2);
        if (line.contains('\r') || line.contains('\n') || line.contains('\0'))
            return malformed("Dòng HTTP phải kết thúc bằng CR LF.", "HTTP lines end with CR LF.");
        if (auto refusal = requestLine ? readRequestLine(line, head.request) : readField(line, head.request))
            return tl::unexpected<Refusal>(*std::move(refusal));
        requestLine = false;
    }
    if (requestLine)
        return malformed("Dòng yêu cầu HTTP không đúng.", "The HTTP request line is malformed.");
    if (auto refusal = readFraming(head))
        return tl::unexpected<Refusal>(*std::move(refusal));
    if (auto refusal = readConnection(head))
        return tl::unexpected<Refusal>(*std::move(refusal));
    return head;
}

std::optional<std::vector<QString>> decodePath(QByteArrayView path)
{
    std::vector<QString> segments;
    QByteArrayView rest = path.sliced(1);
    while (true) {
        const qsizetype slash = rest.indexOf('/');
        auto segment = decodePart(slash < 0 ? rest : rest.first(slash), false);
        if (!segment || *segment == QLatin1String(".") || *segment == QLatin1String(".."))
            return std::nullopt;
        segments.push_back(*std::move(segment));
        if (slash < 0)
            break;
        rest = rest.sliced(slash + 1);
    }
    return segments;
}

std::optional<std::vector<std::pair<QString, QString>>> decodeQuery(QByteArrayView query)
{
    std::vector<std::pair<QString, QString>> parameters;
    while (!query.isEmpty()) {
        const qsizetype ampersand = query.indexOf('&');
        const QByteArrayView pair = ampersand < 0 ? query : query.first(ampersand);
        query = ampersand < 0 ? QByteArrayView() : query.sliced(ampersand + 1);
        if (pair.isEmpty())
            continue;
        const qsizetype equals = pair.indexOf('=');
        auto key = decodePart(equals < 0 ? pair : pair.first(equals), true);
        auto value = decodePart(equals < 0 ? QByteArrayView() : pair.sliced(equals + 1), true);
        if (!key || !value)
            return std::nullopt;
        parameters.emplace_back(*std::move(key), *std::move(value));
    }
    return parameters;
}

} // namespace loa::api
