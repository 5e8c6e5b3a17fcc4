#include "media/match_command.h"

#include "media/ffmpeg/decoder.h"
#include "media/ffmpeg/libav.h"
#include "media/match.h"
#include "media/report.h"
#include "media/sandbox.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>
#include <vector>

namespace loa::media {

namespace {

constexpr std::size_t longestSound = 40UL * 60 * 48000;

Result<std::vector<float>> decodeWhole(const QFile& file)
{
    auto decoder = Decoder::openDescriptor(file.handle(), file.fileName());
    if (!decoder)
        return passOn(decoder);
    std::vector<float> samples;
    for (;;) {
        const auto block = decoder->read();
        if (!block)
            return passOn(block);
        if (block->empty())
            return samples;
        if (samples.size() + block->size() > longestSound) {
            return fail(ErrorCategory::LimitExceeded,
                        {QStringLiteral("Âm thanh dài quá 40 phút; hãy cắt ngắn."),
                         QStringLiteral("The sound is longer than 40 minutes; cut it.")},
                        file.fileName());
        }
        samples.insert(samples.end(), block->begin(), block->end());
    }
}

Result<QJsonObject> compare(const QFile& reference, const QFile& recording)
{
    if (auto loaded = loadLibav(); !loaded)
        return passOn(loaded);
    if (auto confined = confine(ProcessLimits{}); !confined)
        return passOn(confined);
    const auto sought = decodeWhole(reference);
    if (!sought)
        return passOn(sought);
    const auto heard = decodeWhole(recording);
    if (!heard)
        return passOn(heard);
    const auto match = findIn(*sought, *heard);
    if (!match)
        return passOn(match);
    return QJsonObject{{QStringLiteral("correlation"), match->correlation},
                       {QStringLiteral("at_frames"), static_cast<qint64>(match->at.value)}};
}

} // namespace

int matchMain(const QString& reference, const QString& recording)
{
    QFile referenceFile(reference);
    QFile recordingFile(recording);
    const auto report = [&]() -> Result<QJsonObject> {
        for (QFile* file : {&referenceFile, &recordingFile}) {
            if (!file->open(QIODevice::ReadOnly)) {
                return fail(ErrorCategory::NotFound,
                            {QStringLiteral("Không mở được tệp: %1.").arg(file->errorString()),
                             QStringLiteral("The file cannot be opened: %1.").arg(file->errorString())},
                            file->fileName());
            }
        }
        return compare(referenceFile, recordingFile);
    }();
    const QByteArray text =
        QJsonDocument(report ? *report : errorToJson(report.error())).toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(text.constData(), 1, static_cast<std::size_t>(text.size()), stdout);
    return report ? 0 : 2;
}

} // namespace loa::media
