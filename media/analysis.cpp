#include "media/analysis.h"

#include "media/ffmpeg/decoder.h"
#include "media/fingerprint.h"
#include "media/lane.h"
#include "media/spool.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace loa::media {

namespace {

constexpr std::array monoRole{ChannelRole::Center};

QString secondsText(FrameCount frames)
{
    return QString::number(static_cast<double>(frames.value) / static_cast<double>(sampleRate), 'f', 1);
}

Error tooLong(const SourceLimits& limits, const QString& name)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(limits.maxLength).count();
    return Error{
        ErrorCategory::LimitExceeded,
        {QStringLiteral("Âm thanh dài quá giới hạn %1 phút; hãy cắt thành nhiều tin/bài.").arg(minutes),
         QStringLiteral("The sound is longer than the limit of %1 minutes; cut it into several items.").arg(minutes)},
        name};
}

Error tooShort(FrameCount frames, const SourceLimits& limits, bool broken, const QString& name)
{
    const QString length = secondsText(frames);
    const QString least = QString::number(static_cast<double>(limits.minLength.count()) / 1000.0, 'f', 1);
    if (broken)
        return Error{
            ErrorCategory::InvalidInput,
            {QStringLiteral("Tệp bị hỏng hoặc bị cắt: chỉ đọc được %1 giây âm thanh; hãy chép hoặc xuất lại tệp.")
                 .arg(length),
             QStringLiteral(
                 "The file is damaged or cut off: only %1 s of sound could be read; copy or export it again.")
                 .arg(length)},
            name};
    return Error{ErrorCategory::InvalidInput,
                 {QStringLiteral("Âm thanh quá ngắn (%1 giây); cần ít nhất %2 giây.").arg(length, least),
                  QStringLiteral("The sound is too short (%1 s); at least %2 s is needed.").arg(length, least)},
                 name};
}

Error inaudible(const AudioFigures& source, const QString& name)
{
    if (source.integratedLufs)
        return Error{ErrorCategory::InvalidInput,
                     {QStringLiteral("Kênh trái và kênh phải triệt tiêu nhau khi trộn thành một kênh nên loa sẽ câm; "
                                     "hãy xuất lại một kênh (mono)."),
                      QStringLiteral("Left and right cancel each other in a mono mix, so the loudspeaker would be "
                                     "silent; export it as mono.")},
                     name};
    return Error{ErrorCategory::InvalidInput,
                 {QStringLiteral("Tệp chỉ có khoảng lặng, không nghe được gì; hãy kiểm tra micrô rồi thu lại."),
                  QStringLiteral("The file holds silence alone; check the microphone and record again.")},
                 name};
}

// The two lanes, their meters, and what feeds them.
struct Pass {
    std::optional<FigureMeter> sourceMeter;
    std::optional<LoudnessMeter> mixMeter;
    std::optional<Fingerprinter> fingerprinter;
    float mixPeak = 0.0F;
    bool oneFormat = true;

    Result<void> prepare(const SourceInfo& info)
    {
        auto meter = FigureMeter::create(info.sampleRate, info.roles);
        if (!meter)
            return passOn(meter);
        sourceMeter.emplace(std::move(*meter));
        auto prints = Fingerprinter::create(static_cast<int>(sampleRate));
        if (!prints)
            return passOn(prints);
        fingerprinter.emplace(std::move(*prints));
        // A mono source and its mix are equally loud: one meter less.
        if (info.channels > 1) {
            auto mix = LoudnessMeter::create(static_cast<int>(sampleRate), monoRole);
            if (!mix)
                return passOn(mix);
            mixMeter.emplace(std::move(*mix));
        }
        return {};
    }

    Result<void> takeMix(std::span<const float> mono)
    {
        for (const float sample : mono)
            mixPeak = std::max(mixPeak, std::abs(sample));
        if (mixMeter) {
            if (auto done = mixMeter->add(mono); !done)
                return done;
        }
        return fingerprinter->add(mono);
    }
};

Result<void> decodeAll(Decoder& decoder, Pass& pass, SpoolWriter& spool, const SourceLimits& limits,
                       const QString& name)
{
    const SourceInfo info = decoder.info();
    const FrameCount longest = toFrames(limits.maxLength);
    Lane sourceLane([&pass](std::span<const float> samples) { return pass.sourceMeter->add(samples); });
    Lane mixLane([&pass](std::span<const float> mono) { return pass.takeMix(mono); });
    LaneFeeder sourceFeeder({&sourceLane});
    LaneFeeder mixFeeder({&mixLane});
    decoder.setTap([&](const SourceBlock& block) -> Result<void> {
        pass.oneFormat = pass.oneFormat && block.sampleRate == info.sampleRate && block.channels == info.channels;
        if (pass.oneFormat)
            sourceFeeder.add(block.samples);
        return {};
    });
    for (;;) {
        auto block = decoder.read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        if (longest < decoder.position())
            return tl::unexpected(tooLong(limits, name));
        mixFeeder.add(*block);
        if (auto done = spool.write(*block); !done)
            return done;
    }
    sourceFeeder.flush();
    mixFeeder.flush();
    auto measured = sourceLane.finish();
    auto mixed = mixLane.finish();
    if (!measured)
        return measured;
    if (!mixed)
        return mixed;
    return spool.finish();
}

// A file whose rate or channels change cannot be measured as it is: the figures are then those of its mix.
Result<AudioFigures> measureSpool(int spool, FrameCount frames)
{
    auto meter = FigureMeter::create(static_cast<int>(sampleRate), monoRole);
    if (!meter)
        return passOn(meter);
    SpoolReader reader(spool, FrameCount{0}, frames);
    for (;;) {
        auto block = reader.read();
        if (!block)
            return passOn(block);
        if (block->empty())
            return meter->figures();
        if (auto done = meter->add(*block); !done)
            return passOn(done);
    }
}

bool isCutShort(const Analysis& analysis)
{
    // Encoder padding counted by the container is at most some 3,000 frames.
    constexpr FrameCount slack{sampleRate / 5};
    return analysis.info.declaredExactly && analysis.info.declaredFrames &&
           analysis.frames + slack < *analysis.info.declaredFrames;
}

void warnOfDamage(Analysis& analysis)
{
    if (isCutShort(analysis)) {
        const QString stated = secondsText(*analysis.info.declaredFrames);
        const QString real = secondsText(analysis.frames);
        analysis.warnings.push_back(
            {QStringLiteral("truncated"),
             {QStringLiteral("Tệp bị cắt: ghi là dài %1 giây nhưng chỉ có %2 giây.").arg(stated, real),
              QStringLiteral("The file is cut off: it says %1 s but holds %2 s.").arg(stated, real)}});
    }
    if (analysis.counts.decodeErrors > 0 || analysis.counts.readError) {
        const auto errors = std::max<std::int64_t>(analysis.counts.decodeErrors, 1);
        analysis.warnings.push_back(
            {QStringLiteral("damaged"),
             {QStringLiteral("Tệp hỏng %1 chỗ; hãy nghe lại cả bài trước khi gửi duyệt.").arg(errors),
              QStringLiteral("The file is damaged in %1 place(s); listen to all of it before submitting.")
                  .arg(errors)}});
    }
    if (analysis.counts.formatChanges > 0)
        analysis.warnings.push_back(
            {QStringLiteral("mixed-format"),
             {QStringLiteral("Tần số lấy mẫu hoặc số kênh thay đổi giữa tệp; hãy nghe lại cả bài."),
              QStringLiteral("Sample rate or channels change in mid-file; listen to all of it.")}});
}

void warnOfSound(Analysis& analysis)
{
    const AudioFigures& source = analysis.source;
    if (source.clippedSamples >= 20)
        analysis.warnings.push_back(
            {QStringLiteral("clipped"),
             {QStringLiteral("Âm thanh bị vỡ tiếng ở %1 mẫu (thu quá to); nên thu lại nhỏ hơn.")
                  .arg(source.clippedSamples),
              QStringLiteral("%1 samples are clipped (recorded too loud); better record it again, lower.")
                  .arg(source.clippedSamples)}});
    constexpr std::int64_t longSilenceMs = 3000;
    if (std::max(source.leadSilenceMs, source.tailSilenceMs) > longSilenceMs) {
        const QString lead = QString::number(static_cast<double>(source.leadSilenceMs) / 1000.0, 'f', 1);
        const QString tail = QString::number(static_cast<double>(source.tailSilenceMs) / 1000.0, 'f', 1);
        analysis.warnings.push_back(
            {QStringLiteral("silence"),
             {QStringLiteral("Có khoảng lặng dài: %1 giây ở đầu, %2 giây ở cuối.").arg(lead, tail),
              QStringLiteral("There is long silence: %1 s at the start, %2 s at the end.").arg(lead, tail)}});
    }
    if (analysis.info.sampleRate < 16000)
        analysis.warnings.push_back(
            {QStringLiteral("narrow-band"),
             {QStringLiteral("Tần số lấy mẫu chỉ %1 Hz: tiếng sẽ như qua điện thoại.").arg(analysis.info.sampleRate),
              QStringLiteral("The sample rate is only %1 Hz: it will sound like a telephone.")
                  .arg(analysis.info.sampleRate)}});
    // Two equal channels lose 3 LU in the count of channels, two unlike ones 6.
    if (analysis.info.channels == 2 && source.integratedLufs && *source.integratedLufs - analysis.mixLufs > 10.0)
        analysis.warnings.push_back(
            {QStringLiteral("cancelling-channels"),
             {QStringLiteral("Kênh trái và kênh phải gần như triệt tiêu nhau khi trộn thành một kênh; hãy nghe kỹ."),
              QStringLiteral("Left and right nearly cancel each other in the mono mix; listen closely.")}});
}

} // namespace

Result<Analysis> analyse(int source, const QString& name, int spool, const SourceLimits& limits)
{
    auto decoder = Decoder::openDescriptor(source, name);
    if (!decoder)
        return passOn(decoder);
    Analysis analysis;
    analysis.info = decoder->info();
    if (analysis.info.declaredExactly &&
        toFrames(limits.maxLength + std::chrono::seconds(1)) < *analysis.info.declaredFrames)
        return tl::unexpected(tooLong(limits, name));

    Pass pass;
    if (auto done = pass.prepare(analysis.info); !done)
        return passOn(done);
    SpoolWriter writer(spool);
    if (auto done = decodeAll(*decoder, pass, writer, limits, name); !done)
        return passOn(done);

    analysis.counts = decoder->counts();
    analysis.frames = writer.written();
    const bool broken = isCutShort(analysis) || analysis.counts.decodeErrors > 0 || analysis.counts.readError;
    if (analysis.frames < toFrames(limits.minLength))
        return tl::unexpected(tooShort(analysis.frames, limits, broken, name));
    if (pass.oneFormat) {
        analysis.source = pass.sourceMeter->figures();
    } else {
        auto measured = measureSpool(spool, analysis.frames);
        if (!measured)
            return passOn(measured);
        analysis.source = *measured;
    }
    const std::optional<double> mixLufs =
        pass.oneFormat && pass.mixMeter ? pass.mixMeter->integratedLufs() : analysis.source.integratedLufs;
    if (!mixLufs)
        return tl::unexpected(inaudible(analysis.source, name));
    analysis.mixLufs = *mixLufs;
    analysis.mixPeak = static_cast<double>(pass.mixPeak);
    auto fingerprint = pass.fingerprinter->finish();
    if (!fingerprint)
        return passOn(fingerprint);
    analysis.fingerprint = *fingerprint;
    warnOfDamage(analysis);
    warnOfSound(analysis);
    return analysis;
}

} // namespace loa::media
