// Real house files (Ogg Opus, mono, 48 kHz) for tests, and what they decode to.
#pragma once

#include "media/codecs/house_packets.h"
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

// Its packets, from the one that begins with frame 0 on.
inline std::vector<QByteArray> packetsOf(const QString& path)
{
    std::vector<QByteArray> packets;
    auto reader = media::HousePackets::open(path);
    if (!reader)
        throw std::runtime_error("house file without packets");
    for (;;) {
        const auto packet = reader->read();
        if (!packet)
            throw std::runtime_error("house file not read");
        if (!*packet)
            return packets;
        const auto data = (*packet)->data;
        if ((*packet)->position >= FrameCount{})
            packets.emplace_back(reinterpret_cast<const char*>(data.data()), static_cast<qsizetype>(data.size()));
    }
}

// The file is named by its hash.
inline HouseFile houseFileOf(const QDir& folder, std::span<const float> sound, int complexity = 1)
{
    const QString draft = folder.filePath(QStringLiteral("draft.opus"));
    media::WriterSettings settings;
    settings.encoder.complexity = complexity;
    settings.encoder.alignPackets = true;
    auto writer = media::AudioWriter::toFile(draft, settings);
    if (!writer || !writer->write(sound) || !writer->finish())
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
    if (house.samples.size() != sound.size())
        throw std::runtime_error("house file of other length");
    return house;
}

// A gliding tone with noise, so that no two stretches are alike.
inline HouseFile makeHouseFile(const QDir& folder, std::size_t frames, unsigned seed, float level = 1.0F,
                               int complexity = 1)
{
    std::minstd_rand random(seed);
    std::uniform_real_distribution<float> noise(-0.1F, 0.1F);
    std::vector<float> samples(frames);
    double phase = seed;
    for (std::size_t index = 0; index < frames; ++index) {
        phase += 0.02 + 0.02 * seed + 1e-7 * static_cast<double>(index);
        samples[index] = level * (0.4F * static_cast<float>(std::sin(phase)) + noise(random));
    }
    return houseFileOf(folder, samples, complexity);
}

} // namespace loa::playout::test
