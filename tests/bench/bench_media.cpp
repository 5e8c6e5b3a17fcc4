// Ingest against the same work done by separate commands: ffmpeg's ebur128 with true peak, libopus, silencedetect, and
// fpcalc.
//
// Rounds of both follow each other on the same file, so that whatever else the machine does falls on both; the figures
// are medians. `ratio_*_vs_separate` below 1 means that Loa is faster; the commands run one after another, and, for
// `ratio_wall_vs_parallel`, all at once. loa-media does more than they do: it brings the sound to its loudness through
// a limiter, and decodes and measures the result. `ratio_*_vs_verified` counts that last step for the others too.
#include "tests/support/audio_process.h"
#include "tests/support/audio_signals.h"

#include <QFile>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace loa::support;

constexpr int rounds = 3;
constexpr int minutes = 10;

struct Cost {
    double wall = 0.0;
    double cpu = 0.0;
    long memoryKib = 0;

    void add(const ProgramRun& run)
    {
        wall += run.wallSeconds;
        cpu += run.cpuSeconds;
        memoryKib = std::max(memoryKib, run.peakMemoryKib);
    }
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double medianWall(const std::vector<Cost>& costs)
{
    std::vector<double> values;
    for (const Cost& cost : costs)
        values.push_back(cost.wall);
    return median(values);
}

double medianCpu(const std::vector<Cost>& costs)
{
    std::vector<double> values;
    for (const Cost& cost : costs)
        values.push_back(cost.cpu);
    return median(values);
}

struct Command {
    QString program;
    QStringList arguments;
};

QStringList words(const QString& text)
{
    return text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

Command ffmpeg(const QString& source, const QString& options)
{
    return {QStringLiteral("ffmpeg"),
            QStringList{QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-nostats"), QStringLiteral("-y"),
                        QStringLiteral("-i"), source} +
                words(options)};
}

std::vector<Command> separateCommands(const QString& source, const QString& opus)
{
    return {ffmpeg(source, QStringLiteral("-af ebur128=peak=true -f null -")),
            ffmpeg(source, QStringLiteral("-ac 1 -c:a libopus -b:a 64k -vbr constrained ") + opus),
            ffmpeg(source, QStringLiteral("-af silencedetect -f null -")),
            {QStringLiteral("fpcalc"), {QStringLiteral("-length"), QStringLiteral("0"), source}}};
}

ProgramRun runCommand(const Command& command)
{
    ProgramRun run = runProgram(command.program, command.arguments);
    // fpcalc 1.5.1 prints its result and then ends with 3 at the end of many a file.
    const bool printed = command.program == QLatin1String("fpcalc") && run.out.contains("FINGERPRINT=");
    if (run.exitCode != 0 && !printed)
        throw std::runtime_error(
            (command.program + QLatin1Char(' ') + command.arguments.join(QLatin1Char(' '))).toStdString() + ": " +
            run.err.toStdString());
    return run;
}

double wallOfAllAtOnce(const std::vector<Command>& commands)
{
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (const Command& command : commands)
        threads.emplace_back([&command] { (void)runProgram(command.program, command.arguments); });
    for (std::thread& thread : threads)
        thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Speech at the level of a usual recording, as a commune would upload it.
QString makeSource(const QTemporaryDir& folder)
{
    const QString wav = folder.filePath(QStringLiteral("minute.wav"));
    if (!writeWav(wav, babble(-9.0, 60.0, 1, 2, 44100)))
        throw std::runtime_error("the disk refuses the source");
    const QString mp3 = folder.filePath(QStringLiteral("source.mp3"));
    mustRun(QStringLiteral("ffmpeg"),
            QStringList{QStringLiteral("-v"), QStringLiteral("error"), QStringLiteral("-y"),
                        QStringLiteral("-stream_loop"), QString::number(minutes - 1), QStringLiteral("-i"), wav,
                        QStringLiteral("-b:a"), QStringLiteral("64k"), mp3});
    return mp3;
}

void ingestAgainstSeparateCommands(benchmark::State& state)
{
    const QTemporaryDir folder;
    const QString source = makeSource(folder);
    const QString opus = folder.filePath(QStringLiteral("separate.opus"));
    const QString loa = QStringLiteral(LOA_BIN_DIR "/loa-media");
    std::vector<Cost> ours;
    std::vector<Cost> separate;
    std::vector<Cost> verified;
    std::vector<double> parallel;
    for (auto iteration : state) {
        (void)iteration;
        for (int round = 0; round < rounds; ++round) {
            Cost own;
            own.add(mustRun(loa, {QStringLiteral("ingest"), source, QStringLiteral("--out"),
                                  folder.filePath(QStringLiteral("out")), QStringLiteral("--json")}));
            ours.push_back(own);
            const auto commands = separateCommands(source, opus);
            Cost theirs;
            for (const Command& command : commands)
                theirs.add(runCommand(command));
            separate.push_back(theirs);
            theirs.add(runCommand(ffmpeg(opus, QStringLiteral("-af ebur128=peak=true -f null -"))));
            verified.push_back(theirs);
            parallel.push_back(wallOfAllAtOnce(commands));
        }
        state.SetIterationTime(medianWall(ours));
    }
    state.counters["audio_minutes"] = minutes;
    state.counters["wall_seconds"] = medianWall(ours);
    state.counters["cpu_seconds"] = medianCpu(ours);
    state.counters["peak_memory_mib"] = static_cast<double>(ours.front().memoryKib) / 1024.0;
    state.counters["separate_wall_seconds"] = medianWall(separate);
    state.counters["separate_cpu_seconds"] = medianCpu(separate);
    state.counters["ratio_wall_vs_separate"] = medianWall(ours) / medianWall(separate);
    state.counters["ratio_cpu_vs_separate"] = medianCpu(ours) / medianCpu(separate);
    state.counters["ratio_wall_vs_parallel"] = medianWall(ours) / median(parallel);
    state.counters["ratio_wall_vs_verified"] = medianWall(ours) / medianWall(verified);
    state.counters["ratio_cpu_vs_verified"] = medianCpu(ours) / medianCpu(verified);
    state.counters["times_real_time"] = minutes * 60.0 / medianWall(ours);
}

BENCHMARK(ingestAgainstSeparateCommands)->Unit(benchmark::kSecond)->Iterations(1)->UseManualTime();

} // namespace

BENCHMARK_MAIN();
