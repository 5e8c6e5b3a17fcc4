#include "scheduler/library/ingest_report.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cmath>

namespace loa::library {

namespace {

constexpr std::int64_t maxFrames = sampleRate * 3600 * 24;

tl::unexpected<Error> notAReport(const char* where)
{
    return fail(ErrorCategory::Internal,
                {QStringLiteral("chương trình đọc âm thanh trả lời không đúng dạng"),
                 QStringLiteral("the audio reader's answer is not of the agreed form")},
                QLatin1String(where));
}

ErrorCategory categoryFromWord(const QString& word)
{
    constexpr std::array all{ErrorCategory::InvalidInput,  ErrorCategory::Unsupported, ErrorCategory::NotFound,
                             ErrorCategory::Conflict,      ErrorCategory::Forbidden,   ErrorCategory::Unauthorized,
                             ErrorCategory::LimitExceeded, ErrorCategory::Unavailable, ErrorCategory::Storage,
                             ErrorCategory::Internal};
    for (const ErrorCategory category : all) {
        if (toString(category) == word)
            return category;
    }
    return ErrorCategory::Internal;
}

} // namespace

Result<IngestReport> readIngestReport(const QByteArray& json)
{
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(json, &parse);
    if (parse.error != QJsonParseError::NoError || !document.isObject())
        return notAReport("/");
    QJsonObject root = document.object();
    QJsonObject source = root[QLatin1String("source")].toObject();
    QJsonObject result = root[QLatin1String("result")].toObject();

    IngestReport report;
    const auto sourceHash = sha256FromString(source[QLatin1String("sha256")].toString());
    if (!sourceHash)
        return notAReport("/source/sha256");
    report.media.sourceSha256 = *sourceHash;
    const auto hash = sha256FromString(result[QLatin1String("sha256")].toString());
    if (!hash)
        return notAReport("/result/sha256");
    report.media.sha256 = *hash;
    report.file = result[QLatin1String("path")].toString();
    if (report.file.isEmpty())
        return notAReport("/result/path");
    const qint64 frames = result[QLatin1String("frames")].toInteger(-1);
    if (frames < 1 || frames > maxFrames)
        return notAReport("/result/frames");
    report.media.frames = {frames};
    const QJsonValue loudness = result[QLatin1String("integrated_lufs")];
    const QJsonValue peak = result[QLatin1String("true_peak_dbtp")];
    if (!loudness.isDouble() || !std::isfinite(loudness.toDouble()))
        return notAReport("/result/integrated_lufs");
    if (!peak.isDouble() || !std::isfinite(peak.toDouble()))
        return notAReport("/result/true_peak_dbtp");
    report.media.integratedLufs = loudness.toDouble();
    report.media.truePeakDbtp = peak.toDouble();
    if (!root[QLatin1String("peaks")].isArray())
        return notAReport("/peaks");
    if (!root[QLatin1String("warnings")].isArray())
        return notAReport("/warnings");

    // Where the files lay on this machine is nobody's business later.
    source.remove(QLatin1String("path"));
    result.remove(QLatin1String("path"));
    root[QLatin1String("source")] = source;
    root[QLatin1String("result")] = result;
    report.media.report = QJsonDocument(root).toJson(QJsonDocument::Compact);
    return report;
}

Result<Error> readIngestRefusal(const QByteArray& json)
{
    const QJsonDocument document = QJsonDocument::fromJson(json);
    const QJsonObject error = document.object()[QLatin1String("error")].toObject();
    const QString message = error[QLatin1String("message")].toString();
    if (message.isEmpty())
        return notAReport("/error/message");
    const QString vietnamese = error[QLatin1String("message_vi")].toString();
    return Error{categoryFromWord(error[QLatin1String("category")].toString()),
                 {vietnamese.isEmpty() ? message.left(1000) : vietnamese.left(1000), message.left(1000)},
                 {}};
}

} // namespace loa::library
