#include "media/report.h"

#include <QJsonArray>

#include <array>
#include <cmath>

namespace loa::media {

namespace {

QJsonValue rounded(const std::optional<double>& value)
{
    if (!value)
        return QJsonValue::Null;
    return std::round(*value * 100.0) / 100.0;
}

qint64 milliseconds(FrameCount frames)
{
    return toDuration(frames).count() / 1000;
}

void addFigures(QJsonObject& json, const AudioFigures& figures, FrameCount frames)
{
    json.insert(QStringLiteral("frames"), static_cast<qint64>(frames.value));
    json.insert(QStringLiteral("duration_ms"), milliseconds(frames));
    json.insert(QStringLiteral("integrated_lufs"), rounded(figures.integratedLufs));
    json.insert(QStringLiteral("loudness_range_lu"), rounded(figures.loudnessRangeLu));
    json.insert(QStringLiteral("true_peak_dbtp"), rounded(figures.truePeakDbtp));
    json.insert(QStringLiteral("sample_peak_dbfs"), rounded(figures.samplePeakDbfs));
    json.insert(QStringLiteral("lead_silence_ms"), static_cast<qint64>(figures.leadSilenceMs));
    json.insert(QStringLiteral("tail_silence_ms"), static_cast<qint64>(figures.tailSilenceMs));
    json.insert(QStringLiteral("clipped_samples"), static_cast<qint64>(figures.clippedSamples));
}

QJsonObject describeSource(const SourceInfo& info)
{
    return {{QStringLiteral("container"), info.container},
            {QStringLiteral("codec"), info.codec},
            {QStringLiteral("sample_rate"), info.sampleRate},
            {QStringLiteral("channels"), info.channels},
            {QStringLiteral("channel_layout"), info.channelLayout},
            {QStringLiteral("bit_rate"), static_cast<qint64>(info.bitRate)}};
}

QJsonArray warningsToJson(const Warnings& first, const Warnings& second)
{
    QJsonArray array;
    for (const Warnings* list : {&first, &second}) {
        for (const Warning& warning : *list)
            array.append(QJsonObject{{QStringLiteral("code"), warning.code},
                                     {QStringLiteral("vi"), warning.text.vi},
                                     {QStringLiteral("en"), warning.text.en}});
    }
    return array;
}

constexpr std::array allCategories{
    ErrorCategory::InvalidInput, ErrorCategory::Unsupported,  ErrorCategory::NotFound,      ErrorCategory::Conflict,
    ErrorCategory::Forbidden,    ErrorCategory::Unauthorized, ErrorCategory::LimitExceeded, ErrorCategory::Unavailable,
    ErrorCategory::Storage,      ErrorCategory::Internal};

} // namespace

QJsonObject probeToJson(const SourceInfo& info)
{
    QJsonObject source = describeSource(info);
    if (info.declaredFrames) {
        source.insert(QStringLiteral("frames"), static_cast<qint64>(info.declaredFrames->value));
        source.insert(QStringLiteral("duration_ms"), milliseconds(*info.declaredFrames));
    } else {
        source.insert(QStringLiteral("frames"), QJsonValue::Null);
        source.insert(QStringLiteral("duration_ms"), QJsonValue::Null);
    }
    source.insert(QStringLiteral("frames_exact"), info.declaredExactly);
    return {{QStringLiteral("source"), source}};
}

QJsonObject ingestToJson(const Analysis& analysis, const HouseFile& house, const HouseSettings& settings)
{
    QJsonObject source = describeSource(analysis.info);
    addFigures(source, analysis.source, analysis.frames);
    source.insert(QStringLiteral("decode_errors"), static_cast<qint64>(analysis.counts.decodeErrors));

    QJsonObject result{{QStringLiteral("container"), QStringLiteral("ogg")},
                       {QStringLiteral("codec"), QStringLiteral("opus")},
                       {QStringLiteral("sample_rate"), static_cast<qint64>(sampleRate)},
                       {QStringLiteral("channels"), 1},
                       {QStringLiteral("channel_layout"), QStringLiteral("mono")},
                       {QStringLiteral("bit_rate"), settings.bitRate},
                       {QStringLiteral("gain_db"), rounded(house.gainDb)},
                       {QStringLiteral("limited_share"), std::round(house.limitedShare * 1e4) / 1e4},
                       {QStringLiteral("target_lufs"), settings.targetLufs},
                       {QStringLiteral("max_true_peak_dbtp"), settings.maxTruePeakDbtp}};
    addFigures(result, house.figures, house.frames);

    QJsonArray peaks;
    for (const float peak : house.peaks)
        peaks.append(std::round(static_cast<double>(peak) * 1000.0) / 1000.0);
    return {{QStringLiteral("source"), source},
            {QStringLiteral("result"), result},
            {QStringLiteral("fingerprint"), analysis.fingerprint},
            {QStringLiteral("peaks"), peaks},
            {QStringLiteral("warnings"), warningsToJson(analysis.warnings, house.warnings)}};
}

QJsonObject errorToJson(const Error& error)
{
    return {{QStringLiteral("error"), QJsonObject{{QStringLiteral("category"), toString(error.category)},
                                                  {QStringLiteral("message"), error.message.en},
                                                  {QStringLiteral("message_vi"), error.message.vi},
                                                  {QStringLiteral("where"), error.where}}}};
}

Error errorFromJson(const QJsonObject& json)
{
    const QJsonObject object = json.value(QStringLiteral("error")).toObject();
    Error error{
        ErrorCategory::Internal,
        {object.value(QStringLiteral("message_vi")).toString(), object.value(QStringLiteral("message")).toString()},
        object.value(QStringLiteral("where")).toString()};
    const QString category = object.value(QStringLiteral("category")).toString();
    for (const ErrorCategory known : allCategories) {
        if (toString(known) == category)
            error.category = known;
    }
    return error;
}

} // namespace loa::media
