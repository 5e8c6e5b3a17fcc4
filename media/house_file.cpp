#include "media/house_file.h"

#include "media/ffmpeg/audio_writer.h"
#include "media/ffmpeg/decoder.h"
#include "media/lane.h"
#include "media/limiter.h"
#include "media/oversampler.h"
#include "media/spool.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>

namespace loa::media {

namespace {

constexpr std::array houseRole{ChannelRole::Center};
constexpr double codingHeadroomDb = 0.8; // what Opus at 64 kb/s usually adds to a limited peak
constexpr double loudnessTolerance = 0.05;
constexpr double mostMakeUpDb = 6.0; // beyond the plain gain, to win back what the limiter took
constexpr int mostTunings = 4;
constexpr int mostEncodings = 5;

struct Levels {
    double gainDb = 0.0;
    double ceilingDb = 0.0;
};

using Consumer = std::function<Result<void>(std::span<const float>)>;

// The spool through gain and limiter.
Result<std::int64_t> playSpool(int spool, FrameCount frames, const Levels& levels, const Consumer& consume)
{
    Limiter limiter(fromDecibels(levels.gainDb), fromDecibels(levels.ceilingDb));
    SpoolReader reader(spool, FrameCount{0}, frames);
    std::vector<float> out;
    for (bool ended = false; !ended;) {
        auto block = reader.read();
        if (!block)
            return passOn(block);
        ended = block->empty();
        out.clear();
        if (ended)
            limiter.finish(out);
        else
            limiter.write(*block, out);
        if (auto done = consume(out); !done)
            return passOn(done);
    }
    return limiter.limitedFrames();
}

Result<double> limitedLoudness(int spool, FrameCount frames, const Levels& levels)
{
    auto meter = LoudnessMeter::create(static_cast<int>(sampleRate), houseRole);
    if (!meter)
        return passOn(meter);
    auto played =
        playSpool(spool, frames, levels, [&meter](std::span<const float> block) { return meter->add(block); });
    if (!played)
        return passOn(played);
    return meter->integratedLufs().value_or(-70.0);
}

// Finds the gain with which the limited signal reaches the target.
Result<Levels> tuneGain(int spool, FrameCount frames, double mixLufs, double mixPeak, Levels start,
                        const HouseSettings& settings)
{
    Levels levels = start;
    const double plainGainDb = settings.targetLufs - mixLufs;
    const double bound = static_cast<double>(Oversampler::forRate(static_cast<int>(sampleRate)).bound);
    if (mixPeak * fromDecibels(plainGainDb) * bound <= fromDecibels(levels.ceilingDb)) {
        levels.gainDb = plainGainDb; // the limiter will not act
        return levels;
    }
    for (int tuning = 0; tuning < mostTunings; ++tuning) {
        auto loudness = limitedLoudness(spool, frames, levels);
        if (!loudness)
            return passOn(loudness);
        const double missing = settings.targetLufs - *loudness;
        if (std::abs(missing) <= loudnessTolerance)
            break;
        levels.gainDb = std::min(levels.gainDb + missing, plainGainDb + mostMakeUpDb);
    }
    return levels;
}

class PeakPicture {
public:
    explicit PeakPicture(FrameCount frames)
        : m_frames(std::max<std::int64_t>(frames.value, 1)), m_peaks(waveformPoints, 0.0F)
    {
    }

    void add(std::span<const float> block)
    {
        while (!block.empty() && m_position < m_frames) {
            const std::int64_t point = m_position * waveformPoints / m_frames;
            const std::int64_t next = ((point + 1) * m_frames + waveformPoints - 1) / waveformPoints;
            const auto count = std::min(block.size(), static_cast<std::size_t>(next - m_position));
            float& peak = m_peaks[static_cast<std::size_t>(point)];
            for (const float sample : block.first(count))
                peak = std::max(peak, std::abs(sample));
            block = block.subspan(count);
            m_position += static_cast<std::int64_t>(count);
        }
    }
    std::vector<float> take() { return std::move(m_peaks); }

private:
    std::int64_t m_frames;
    std::int64_t m_position = 0;
    std::vector<float> m_peaks;
};

Result<void> emptyFile(int target)
{
    if (ftruncate(target, 0) == 0 && lseek(target, 0, SEEK_SET) == 0)
        return {};
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Không ghi lại được tệp phát sóng."),
                 QStringLiteral("The house file could not be written again.")},
                QString::fromLocal8Bit(std::strerror(errno)));
}

Result<HouseFile> encodeOnce(int spool, FrameCount frames, const Levels& levels, int target,
                             const HouseSettings& settings)
{
    if (auto done = emptyFile(target); !done)
        return passOn(done);
    WriterSettings writing;
    writing.encoder.bitRate = settings.bitRate;
    writing.encoder.complexity = settings.complexity;
    auto writer =
        AudioWriter::toSink([target](std::span<const std::byte> bytes) { return writeAll(target, bytes); }, writing);
    if (!writer)
        return passOn(writer);
    PeakPicture picture(frames);
    auto limited = playSpool(spool, frames, levels, [&](std::span<const float> block) {
        picture.add(block);
        return writer->write(block);
    });
    if (!limited)
        return passOn(limited);
    if (auto done = writer->finish(); !done)
        return passOn(done);
    HouseFile house;
    house.gainDb = levels.gainDb;
    house.limitedShare = static_cast<double>(*limited) / static_cast<double>(std::max<std::int64_t>(frames.value, 1));
    house.peaks = picture.take();
    return house;
}

// Decodes what stands in the file and measures it.
Result<AudioFigures> measureHouse(int target, FrameCount frames)
{
    auto decoder = Decoder::openDescriptor(target, QStringLiteral("house.opus"));
    if (!decoder)
        return passOn(decoder);
    auto meter = FigureMeter::create(static_cast<int>(sampleRate), houseRole);
    if (!meter)
        return passOn(meter);
    Lane lane([&meter](std::span<const float> block) { return meter->add(block); });
    LaneFeeder feeder({&lane});
    for (;;) {
        auto block = decoder->read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        feeder.add(*block);
    }
    feeder.flush();
    if (auto done = lane.finish(); !done)
        return passOn(done);
    if (decoder->position() != frames || decoder->counts().decodeErrors != 0)
        return fail(ErrorCategory::Internal,
                    {QStringLiteral("Tệp phát sóng vừa ghi không khớp độ dài của nguồn."),
                     QStringLiteral("The house file just written does not have the source's length.")},
                    QStringLiteral("%1 frames, expected %2").arg(decoder->position().value).arg(frames.value));
    return meter->figures();
}

void warnOfLevels(HouseFile& house, const HouseSettings& settings)
{
    if (house.gainDb > 20.0)
        house.warnings.push_back(
            {QStringLiteral("quiet"),
             {QStringLiteral(
                  "Bản thu rất nhỏ, phải khuếch đại %1 dB nên tiếng ồn nền sẽ rõ; nên thu lại gần micrô hơn.")
                  .arg(house.gainDb, 0, 'f', 0),
              QStringLiteral("The recording is very quiet and was raised by %1 dB, noise included; better record "
                             "closer to the microphone.")
                  .arg(house.gainDb, 0, 'f', 0)}});
    const double loudness = house.figures.integratedLufs.value_or(-70.0);
    if (std::abs(loudness - settings.targetLufs) > 0.5)
        house.warnings.push_back(
            {QStringLiteral("off-target"),
             {QStringLiteral("Độ to đạt %1 LUFS thay vì %2 LUFS vì âm thanh có đỉnh quá gắt.")
                  .arg(loudness, 0, 'f', 1)
                  .arg(settings.targetLufs, 0, 'f', 1),
              QStringLiteral("The loudness is %1 LUFS instead of %2 LUFS, since the sound has very sharp peaks.")
                  .arg(loudness, 0, 'f', 1)
                  .arg(settings.targetLufs, 0, 'f', 1)}});
}

} // namespace

Result<HouseFile> makeHouseFile(int spool, FrameCount frames, double mixLufs, double mixPeak, int target,
                                const HouseSettings& settings)
{
    Levels levels{settings.targetLufs - mixLufs, settings.maxTruePeakDbtp - codingHeadroomDb};
    for (int encoding = 1; encoding <= mostEncodings; ++encoding) {
        auto tuned = tuneGain(spool, frames, mixLufs, mixPeak, levels, settings);
        if (!tuned)
            return passOn(tuned);
        levels = *tuned;
        auto house = encodeOnce(spool, frames, levels, target, settings);
        if (!house)
            return passOn(house);
        auto figures = measureHouse(target, frames);
        if (!figures)
            return passOn(figures);
        const double excess = figures->truePeakDbtp.value_or(-200.0) - settings.maxTruePeakDbtp;
        if (excess <= 0.0) {
            house->figures = *figures;
            house->frames = frames;
            house->encodings = encoding;
            warnOfLevels(*house, settings);
            return house;
        }
        levels.ceilingDb -= excess + 0.1;
    }
    return fail(ErrorCategory::Internal, {QStringLiteral("Không hạ được đỉnh âm thanh xuống mức cho phép."),
                                          QStringLiteral("The true peak could not be brought below the limit.")});
}

} // namespace loa::media
