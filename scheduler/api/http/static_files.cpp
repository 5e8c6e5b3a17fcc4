#include "scheduler/api/http/static_files.h"

#include "scheduler/api/http/file_response.h"
#include "scheduler/api/http/problem.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>

#include <array>

namespace loa::api {

namespace {

constexpr std::array<std::pair<const char*, const char*>, 18> contentTypes{{
    {"html", "text/html; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"webmanifest", "application/manifest+json"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"webp", "image/webp"},
    {"ico", "image/x-icon"},
    {"woff2", "font/woff2"},
    {"woff", "font/woff"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"ogg", "audio/ogg"},
}};

Response notFoundFile(const Request& request)
{
    return problem(Error{ErrorCategory::NotFound,
                         {QStringLiteral("Không có trang này."), QStringLiteral("There is no such page.")},
                         {}},
                   request.path);
}

QByteArray etagOf(const QFileInfo& file, const char* variant)
{
    return '"' + QByteArray::number(file.lastModified().toMSecsSinceEpoch(), 36) + '-' +
           QByteArray::number(file.size(), 36) + variant + '"';
}

} // namespace

QByteArray contentTypeFor(const QString& fileName)
{
    const QByteArray ending = QFileInfo(fileName).suffix().toLower().toLatin1();
    for (const auto& [known, type] : contentTypes) {
        if (ending == known)
            return type;
    }
    return "application/octet-stream";
}

bool takesGzip(const QByteArray& acceptEncoding)
{
    for (const QByteArray& entry : acceptEncoding.toLower().split(',')) {
        const QList<QByteArray> parts = entry.split(';');
        const QByteArray coding = parts.front().trimmed();
        if (coding != "gzip" && coding != "*")
            continue;
        for (qsizetype i = 1; i < parts.size(); ++i) {
            const QByteArray parameter = parts[i].trimmed();
            if (parameter.startsWith("q=") && parameter.mid(2).toDouble() <= 0.0)
                return false;
        }
        return true;
    }
    return false;
}

Result<StaticFiles> StaticFiles::open(const QString& folder)
{
    const QString canonical = QDir(folder).canonicalPath();
    if (canonical.isEmpty() || !QFileInfo(canonical + QStringLiteral("/index.html")).isFile())
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("Thư mục giao diện web không có index.html."),
                     QStringLiteral("The web app's folder has no index.html.")},
                    folder);
    return StaticFiles(canonical);
}

QString StaticFiles::inside(const QString& relative) const
{
    const QFileInfo file(m_folder + u'/' + relative);
    if (!file.isFile())
        return {};
    const QString canonical = file.canonicalFilePath();
    return canonical.startsWith(m_folder + u'/') ? canonical : QString();
}

Response StaticFiles::handle(const Request& request) const
{
    if (request.method != "GET" && request.method != "HEAD") {
        Response response = problem(405,
                                    Error{ErrorCategory::Unsupported,
                                          {QStringLiteral("Trang web chỉ đọc được bằng GET và HEAD."),
                                           QStringLiteral("Pages are read by GET and HEAD alone.")},
                                          {}},
                                    request.path);
        response.with("Allow", "GET, HEAD");
        return response;
    }
    QStringList parts;
    for (const QString& segment : request.segments) {
        // Hidden files stay hidden; an empty part is the folder itself or a doubled slash.
        if (segment.startsWith(u'.') || segment.contains(u'\\'))
            return notFoundFile(request);
        if (!segment.isEmpty())
            parts.append(segment);
    }
    QString path = parts.isEmpty() ? QString() : inside(parts.join(u'/'));
    const bool isPage = path.isEmpty() &&
                        (parts.isEmpty() || (!parts.back().contains(u'.') && parts.front() != QLatin1String("assets")));
    if (isPage)
        path = inside(QStringLiteral("index.html"));
    if (path.isEmpty())
        return notFoundFile(request);

    const QByteArray contentType = contentTypeFor(path);
    const bool immutable = !isPage && parts.size() > 1 && parts.front() == QLatin1String("assets");
    const QFileInfo compressed(path + QStringLiteral(".gz"));
    const bool hasCompressed = compressed.isFile() && !compressed.isSymLink();
    const bool gzip = hasCompressed && takesGzip(request.header("accept-encoding"));
    const QFileInfo chosen(gzip ? compressed.filePath() : path);
    const auto file = FileSlice::open(chosen.filePath());
    if (!file)
        return problem(file.error(), request.path);
    Response response = fileResponse(request, *file,
                                     {contentType, etagOf(chosen, gzip ? "-gz" : ""),
                                      immutable ? "public, max-age=31536000, immutable" : "no-cache"});
    if (gzip)
        response.with("Content-Encoding", "gzip");
    if (hasCompressed)
        response.with("Vary", "Accept-Encoding");
    return response;
}

} // namespace loa::api
