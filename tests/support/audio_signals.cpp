#include "tests/support/audio_signals.h"

#include <QFile>
#include <QtEndian>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace loa::support {

namespace {

double linear(double decibels)
{
    return std::pow(10.0, decibels / 20.0);
}

Pcm emptyPcm(double seconds, int channels, int rate)
{
    Pcm pcm{rate, channels, {}};
    const auto frames = static_cast<std::size_t>(std::llround(seconds * rate));
    pcm.samples.assign(frames * static_cast<std::size_t>(channels), 0.0F);
    return pcm;
}

template <typename Function>
void fill(Pcm& pcm, Function valueAt)
{
    const auto channels = static_cast<std::size_t>(pcm.channels);
    for (std::size_t frame = 0; frame * channels < pcm.samples.size(); ++frame) {
        const auto value = static_cast<float>(valueAt(frame));
        std::fill_n(pcm.samples.begin() + static_cast<std::ptrdiff_t>(frame * channels), channels, value);
    }
}

template <typename T>
void put(QByteArray& bytes, T value)
{
    const T little = qToLittleEndian(value);
    bytes.append(reinterpret_cast<const char*>(&little), sizeof little);
}

// ksmedia.h's speaker bits for L R C LFE Ls Rs.
quint32 speakerMask(int channels)
{
    switch (channels) {
    case 5:
        return 0x37; // no LFE
    case 6:
        return 0x3F;
    default:
        return (1U << channels) - 1U;
    }
}

QByteArray wavHeader(const Pcm& pcm, int bytesPerSample, bool isFloat, quint32 dataBytes)
{
    const bool extensible = pcm.channels > 2;
    const auto channels = static_cast<quint16>(pcm.channels);
    const auto frameBytes = static_cast<quint16>(pcm.channels * bytesPerSample);
    const quint16 kind = isFloat ? 3 : 1;
    QByteArray format;
    put<quint16>(format, extensible ? 0xFFFE : kind);
    put<quint16>(format, channels);
    put<quint32>(format, static_cast<quint32>(pcm.rate));
    put<quint32>(format, static_cast<quint32>(pcm.rate) * frameBytes);
    put<quint16>(format, frameBytes);
    put<quint16>(format, static_cast<quint16>(bytesPerSample * 8));
    if (extensible) {
        put<quint16>(format, 22);
        put<quint16>(format, static_cast<quint16>(bytesPerSample * 8));
        put<quint32>(format, speakerMask(pcm.channels));
        put<quint16>(format, kind);
        format.append(QByteArray::fromHex("000000001000800000aa00389b71"));
    }
    QByteArray header("RIFF");
    put<quint32>(header, static_cast<quint32>(20 + format.size()) + dataBytes);
    header.append("WAVEfmt ");
    put<quint32>(header, static_cast<quint32>(format.size()));
    header.append(format);
    header.append("data");
    put<quint32>(header, dataBytes);
    return header;
}

} // namespace

Pcm tone(double hertz, double levelDbfs, double seconds, int channels, int rate, double phaseDegrees)
{
    Pcm pcm = emptyPcm(seconds, channels, rate);
    const double amplitude = linear(levelDbfs);
    const double phase = phaseDegrees * std::numbers::pi / 180.0;
    fill(pcm, [&](std::size_t frame) {
        return amplitude * std::sin(2.0 * std::numbers::pi * hertz * static_cast<double>(frame) / rate + phase);
    });
    return pcm;
}

Pcm silence(double seconds, int channels, int rate)
{
    return emptyPcm(seconds, channels, rate);
}

Pcm noise(double levelDbfs, double seconds, unsigned seed, int channels, int rate)
{
    Pcm pcm = emptyPcm(seconds, channels, rate);
    std::mt19937 random(seed);
    const double amplitude = linear(levelDbfs);
    fill(pcm, [&](std::size_t) { return amplitude * (static_cast<double>(random()) / 2147483648.0 - 1.0); });
    return pcm;
}

Pcm babble(double levelDbfs, double seconds, unsigned seed, int channels, int rate)
{
    Pcm pcm = emptyPcm(seconds, channels, rate);
    std::mt19937 random(seed);
    const auto between = [&random](double low, double high) {
        return low + (high - low) * static_cast<double>(random()) / 4294967296.0;
    };
    const double amplitude = linear(levelDbfs);
    double pitch = 120.0;
    double phase = 0.0;
    double breath = 0.0;
    double smooth = 0.0;
    std::size_t syllableBegin = 0;
    std::size_t syllableLength = 1;
    bool pause = true;
    fill(pcm, [&](std::size_t frame) {
        if (frame >= syllableBegin + syllableLength) {
            syllableBegin = frame;
            pause = !pause && between(0.0, 1.0) < 0.25;
            syllableLength = static_cast<std::size_t>(rate * (pause ? between(0.1, 0.6) : between(0.08, 0.25)));
            pitch = between(95.0, 220.0);
            breath = between(0.02, 0.4);
        }
        if (pause)
            return 0.0;
        const double t = static_cast<double>(frame - syllableBegin) / static_cast<double>(syllableLength);
        phase += pitch / rate;
        phase -= std::floor(phase);
        double voice = 0.0;
        for (int harmonic = 1; harmonic <= 12; ++harmonic)
            voice += std::sin(2.0 * std::numbers::pi * harmonic * phase) / harmonic;
        smooth += 0.4 * (between(-1.0, 1.0) - smooth);
        return amplitude * std::sin(std::numbers::pi * t) * (0.5 * voice + breath * smooth);
    });
    return pcm;
}

void append(Pcm& to, const Pcm& more)
{
    to.samples.insert(to.samples.end(), more.samples.begin(), more.samples.end());
}

bool writeWav(const QString& path, const Pcm& pcm, WavSamples samples)
{
    const int bytesPerSample = samples == WavSamples::Int16 ? 2 : (samples == WavSamples::Int24 ? 3 : 4);
    const auto dataBytes = static_cast<quint32>(pcm.samples.size() * static_cast<std::size_t>(bytesPerSample));
    QByteArray bytes = wavHeader(pcm, bytesPerSample, samples == WavSamples::Float32, dataBytes);
    bytes.reserve(bytes.size() + static_cast<qsizetype>(dataBytes));
    for (const float sample : pcm.samples) {
        if (samples == WavSamples::Float32) {
            put<float>(bytes, sample);
            continue;
        }
        const double full = samples == WavSamples::Int16 ? 32768.0 : 8388608.0;
        const auto value =
            static_cast<qint32>(std::clamp(std::round(static_cast<double>(sample) * full), -full, full - 1.0));
        const qint32 little = qToLittleEndian(value);
        bytes.append(reinterpret_cast<const char*>(&little), bytesPerSample);
    }
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.flush();
}

} // namespace loa::support
