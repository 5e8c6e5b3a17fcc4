// Real house files (Ogg Opus, mono, 48 kHz) for tests, and what they decode to.
#pragma once

#include "media/codecs/house_reader.h"
#include "media/ffmpeg/audio_writer.h"
#include "scheduler/contract/hash.h"

#include <QDir>
#include <QFile>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace loa::playout::test {

struct HouseFile {
    Sha256 sha256;
    std::vector<float> samples; // decoded
};

// A gliding tone with noise, so that no two stretches are alike. The file is named by its hash.
inline HouseFile makeHouseFile(const QDir& folder, std::size_t frames, unsigned seed, float level = 1.0F)
{
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> noise(-0.1F, 0.1F);
    std::vector<float> samples(frames);
    double phase = seed;
    for (std::size_t index = 0; index < frames; ++index) {
        phase += 0.02 + 0.02 * seed + 1e-7 * static_cast<double>(index);
        samples[index] = level * (0.4F * static_cast<float>(std::sin(phase)) + noise(random));
    }
    const QString draft = folder.filePath(QStringLiteral("draft.opus"));
    media::WriterSettings settings;
    settings.encoder.complexity = 1;
    auto writer = media::AudioWriter::toFile(draft, settings);
    if (!writer || !writer->write(samples) || !writer->finish())
        throw std::runtime_error("house file not written");
    HouseFile house;
    house.sha256 = *sha256OfFile(draft);
    const QString path = folder.filePath(toString(house.sha256) + QStringLiteral(".opus"));
    QFile::remove(path);
    QFile::rename(draft, path);
    auto decoder = media::HouseReader::open(path);
    for (;;) {
        auto block = decoder->read();
        if (!block)
            throw std::runtime_error("house file not decoded");
        if (block->empty())
            break;
        house.samples.insert(house.samples.end(), block->begin(), block->end());
    }
    if (house.samples.size() != frames)
        throw std::runtime_error("house file of other length");
    return house;
}

} // namespace loa::playout::test
