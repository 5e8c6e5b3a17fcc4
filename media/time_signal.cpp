#include "media/time_signal.h"

#include "media/ffmpeg/audio_writer.h"

#include <QFile>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loa::media {

namespace {

constexpr double pitch = 1000.0;
constexpr double level = 0.125892541; // -18 dBFS
constexpr std::int64_t shortPip = sampleRate / 10;
constexpr std::int64_t longPip = sampleRate / 2;
constexpr std::int64_t edge = 96; // 2 ms: no click, and no doubt about where it begins

void addPip(std::vector<float>& samples, std::int64_t from, std::int64_t frames)
{
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        const auto toEdge = static_cast<double>(std::min({frame + 1, frames - frame, edge})) / edge;
        const double turn = 2.0 * std::numbers::pi * pitch * static_cast<double>(frame) / sampleRate;
        samples[static_cast<std::size_t>(from + frame)] = static_cast<float>(level * toEdge * std::sin(turn));
    }
}

} // namespace

std::vector<float> timeSignal()
{
    std::vector<float> samples(static_cast<std::size_t>(timeSignalFrames.value), 0.0F);
    for (std::int64_t before = 5; before > 0; --before)
        addPip(samples, timeSignalMark.value - before * sampleRate, shortPip);
    addPip(samples, timeSignalMark.value, longPip);
    return samples;
}

Result<void> writeTimeSignal(const QString& path)
{
    WriterSettings settings;
    settings.encoder.codec = AudioCodec::Pcm16;
    const auto write = [&]() -> Result<void> {
        auto writer = AudioWriter::toFile(path, settings);
        if (!writer)
            return passOn(writer);
        if (auto written = writer->write(timeSignal()); !written)
            return written;
        return writer->finish();
    };
    auto written = write();
    if (!written)
        QFile::remove(path);
    return written;
}

} // namespace loa::media
