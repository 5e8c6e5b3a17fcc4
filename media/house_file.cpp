#include "media/house_file.h"

#include "media/ffmpeg/decoder.h"
#include "media/lane.h"
#include "media/oversampler.h"
#include "media/spool.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace loa::media {

namespace {

constexpr std::array houseRole{ChannelRole::Center};
constexpr double codingHeadroomDb = 0.8; // what Opus at 64 kb/s usually adds to a limited peak
constexpr double meterToleranceDb = 0.1; // another meter may read the peak so much higher
constexpr double leastHeadroomDb = 0.3;
constexpr double excerptMarginDb = 0.25;
constexpr double tuningTolerance = 0.03;
constexpr double loudnessTolerance = 0.1;
constexpr double mostMakeUpDb = 8.0; // beyond the plain gain, to win back what the limiter took
constexpr int mostTunings = 6;
constexpr int mostEncodings = 6;
constexpr std::int64_t excerptCount = 24;
constexpr std::int64_t excerptFrames = 5 * sampleRate;

struct Stretch {
    FrameCount from;
    FrameCount to;
};

// What the loudness of the whole is judged by: evenly spread excerpts of a long recording, all of a short one.
std::vector<Stretch> excerptsOf(FrameCount frames)
{
    if (frames.value < 5 * excerptCount * excerptFrames / 4)
        return {{FrameCount{0}, frames}};
    std::vector<Stretch> excerpts;
    for (std::int64_t index = 0; index < excerptCount; ++index) {
        const FrameCount from{(frames.value - excerptFrames) / (excerptCount - 1) * index};
        excerpts.push_back({from, from + FrameCount{excerptFrames}});
    }
    return excerpts;
}

Result<double> loudnessOf(const std::vector<Stretch>& stretches,
                          const std::function<Result<void>(const Stretch&, const SampleSink&)>& play)
{
    auto meter = LoudnessMeter::create(static_cast<int>(sampleRate), houseRole);
    if (!meter)
        return passOn(meter);
    for (const Stretch& stretch : stretches) {
        auto played = play(stretch, [&meter](std::span<const float> block) { return meter->add(block); });
        if (!played)
            return passOn(played);
    }
    return meter->integratedLufs().value_or(-70.0);
}

Result<double> plainLoudness(const Spool& spool, const std::vector<Stretch>& stretches)
{
    return loudnessOf(stretches, [&spool](const Stretch& stretch, const SampleSink& sink) -> Result<void> {
        SpoolReader reader(spool.descriptor, stretch.from, stretch.to);
        for (;;) {
            auto block = reader.read();
            if (!block)
                return passOn(block);
            if (block->empty())
                return {};
            if (auto done = sink(*block); !done)
                return done;
        }
    });
}

Result<double> limitedLoudness(const Spool& spool, const std::vector<Stretch>& stretches, const Levels& levels)
{
    return loudnessOf(stretches, [&](const Stretch& stretch, const SampleSink& sink) -> Result<void> {
        auto played = playLimited(spool, stretch.from, stretch.to, levels, sink);
        if (!played)
            return passOn(played);
        return {};
    });
}

// Finds the gain with which the limited signal reaches a loudness, whatever the codec does after it.
class GainTuner {
public:
    GainTuner(const Spool& spool, double mixLufs, double mixPeak)
        : m_spool(spool), m_mixLufs(mixLufs), m_mixPeak(mixPeak)
    {
    }

    Result<Levels> tune(double wantedLufs, double ceilingDb)
    {
        const double plainGainDb = wantedLufs - m_mixLufs;
        Levels levels{plainGainDb, ceilingDb};
        const double bound = static_cast<double>(Oversampler::forRate(static_cast<int>(sampleRate)).bound);
        if (m_mixPeak * fromDecibels(plainGainDb) * bound <= fromDecibels(ceilingDb))
            return levels; // the limiter will not act
        if (auto done = prepare(); !done)
            return passOn(done);
        // By secants: the more the limiter works, the less of an added gain comes out.
        double slope = 1.0;
        double lastGainDb = 0.0;
        double lastMissing = 0.0;
        for (int tuning = 0; tuning < mostTunings; ++tuning) {
            auto limited = limitedLoudness(m_spool, m_excerpts, levels);
            if (!limited)
                return passOn(limited);
            const double missing = wantedLufs - (m_mixLufs + *limited - m_excerptLufs);
            if (std::abs(missing) <= tuningTolerance)
                break;
            if (tuning > 0 && levels.gainDb != lastGainDb)
                slope = std::clamp((lastMissing - missing) / (levels.gainDb - lastGainDb), 0.1, 1.0);
            lastGainDb = levels.gainDb;
            lastMissing = missing;
            levels.gainDb = std::min(levels.gainDb + missing / slope, plainGainDb + mostMakeUpDb);
        }
        return levels;
    }

    // Only after prepare().
    const std::vector<Stretch>& excerpts() const { return m_excerpts; }

    Result<void> prepare()
    {
        if (!m_excerpts.empty())
            return {};
        m_excerpts = excerptsOf(m_spool.frames);
        m_excerptLufs = m_mixLufs;
        if (m_excerpts.size() == 1)
            return {};
        auto plain = plainLoudness(m_spool, m_excerpts);
        if (!plain)
            return passOn(plain);
        m_excerptLufs = *plain;
        return {};
    }

private:
    Spool m_spool;
    double m_mixLufs;
    double m_mixPeak;
    std::vector<Stretch> m_excerpts;
    double m_excerptLufs = 0.0;
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

WriterSettings writerFor(const HouseSettings& settings)
{
    WriterSettings writing;
    writing.encoder.bitRate = settings.bitRate;
    writing.encoder.complexity = settings.complexity;
    writing.encoder.alignPackets = true;
    return writing;
}

Result<HouseFile> encodeOnce(const Spool& spool, const Levels& levels, int target, const HouseSettings& settings)
{
    if (auto done = emptyFile(target); !done)
        return passOn(done);
    auto encoded = encodeSpool(spool, levels, writerFor(settings),
                               [target](std::span<const std::byte> bytes) { return writeAll(target, bytes); });
    if (!encoded)
        return passOn(encoded);
    HouseFile house;
    house.gainDb = levels.gainDb;
    house.limitedShare =
        static_cast<double>(encoded->use.limited) / static_cast<double>(std::max<std::int64_t>(encoded->use.frames, 1));
    house.peaks = std::move(encoded->peaks);
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

// What to bring limiter and gain to, before the codec adds its own.
struct Aim {
    double lufs = 0.0;
    double ceilingDb = 0.0;
};

// For a long recording: what the codec does to the excerpts, so that one encoding of the whole is enough. Uses `target`
// as paper.
Result<Aim> tryCodec(GainTuner& tuner, const Spool& spool, Aim aim, int target, const HouseSettings& settings)
{
    if (auto done = tuner.prepare(); !done)
        return passOn(done);
    if (tuner.excerpts().size() == 1)
        return aim;
    auto levels = tuner.tune(aim.lufs, aim.ceilingDb);
    if (!levels)
        return passOn(levels);
    if (auto done = emptyFile(target); !done)
        return passOn(done);
    auto writer = AudioWriter::toSink([target](std::span<const std::byte> bytes) { return writeAll(target, bytes); },
                                      writerFor(settings));
    if (!writer)
        return passOn(writer);
    auto before = loudnessOf(tuner.excerpts(), [&](const Stretch& stretch, const SampleSink& sink) -> Result<void> {
        auto played =
            playLimited(spool, stretch.from, stretch.to, *levels, [&](std::span<const float> block) -> Result<void> {
                if (auto done = sink(block); !done)
                    return done;
                return writer->write(block);
            });
        if (!played)
            return passOn(played);
        return {};
    });
    if (!before)
        return passOn(before);
    if (auto done = writer->finish(); !done)
        return passOn(done);
    auto after = measureHouse(target, writer->written());
    if (!after)
        return passOn(after);
    aim.lufs += *before - after->integratedLufs.value_or(*before);
    // The highest of the whole lies somewhat above that of the excerpts.
    const double excess =
        after->truePeakDbtp.value_or(-200.0) + excerptMarginDb + meterToleranceDb - settings.maxTruePeakDbtp;
    aim.ceilingDb = std::min(aim.ceilingDb - excess, settings.maxTruePeakDbtp - leastHeadroomDb);
    return aim;
}

// Silence at the end of the mix, up to a whole packet: a file that is longer than what was written reads as zeros
// there.
Result<Spool> toWholePackets(int spool, FrameCount frames)
{
    const FrameCount whole{(frames.value + housePacket.value - 1) / housePacket.value * housePacket.value};
    if (ftruncate(spool, whole.value * static_cast<off_t>(sizeof(float))) == 0)
        return Spool{spool, whole};
    return fail(ErrorCategory::Storage,
                {QStringLiteral("Không ghi được tệp tạm: %1").arg(QString::fromLocal8Bit(std::strerror(errno))),
                 QStringLiteral("A temporary file could not be written: %1")
                     .arg(QString::fromLocal8Bit(std::strerror(errno)))});
}

} // namespace

Result<HouseFile> makeHouseFile(int spoolFile, FrameCount mixFrames, double mixLufs, double mixPeak, int target,
                                const HouseSettings& settings)
{
    const auto padded = toWholePackets(spoolFile, mixFrames);
    if (!padded)
        return passOn(padded);
    const Spool spool = *padded;
    const double highestPeakDb = settings.maxTruePeakDbtp - meterToleranceDb;
    GainTuner tuner(spool, mixLufs, mixPeak);
    auto aim =
        tryCodec(tuner, spool, {settings.targetLufs, settings.maxTruePeakDbtp - codingHeadroomDb}, target, settings);
    if (!aim)
        return passOn(aim);
    for (int encoding = 1; encoding <= mostEncodings; ++encoding) {
        auto levels = tuner.tune(aim->lufs, aim->ceilingDb);
        if (!levels)
            return passOn(levels);
        auto house = encodeOnce(spool, *levels, target, settings);
        if (!house)
            return passOn(house);
        auto figures = measureHouse(target, spool.frames);
        if (!figures)
            return passOn(figures);
        const double off = settings.targetLufs - figures->integratedLufs.value_or(settings.targetLufs);
        const double excess = figures->truePeakDbtp.value_or(-200.0) - highestPeakDb;
        const bool atMostGain = off > 0.0 && levels->gainDb >= aim->lufs - mixLufs + mostMakeUpDb;
        const bool loudEnough = std::abs(off) <= loudnessTolerance || atMostGain || encoding == mostEncodings;
        if (excess <= 0.0 && loudEnough) {
            house->figures = *figures;
            house->frames = spool.frames;
            house->encodings = encoding;
            warnOfLevels(*house, settings);
            return house;
        }
        if (!atMostGain)
            aim->lufs += off;
        if (excess > 0.0)
            aim->ceilingDb -= excess + 0.1;
    }
    return fail(ErrorCategory::Internal, {QStringLiteral("Không hạ được đỉnh âm thanh xuống mức cho phép."),
                                          QStringLiteral("The true peak could not be brought below the limit.")});
}

} // namespace loa::media
