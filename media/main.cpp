// loa-media: looks at a sound file, or takes it into the house. See media/README.md.
#include "media/ingest.h"
#include "media/match_command.h"
#include "media/report.h"
#include "media/time_signal.h"
#include "media/worker.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

#include <array>
#include <cstdio>
#include <cstring>

namespace {

using namespace loa;
using namespace loa::media;

constexpr int exitTaken = 0;
constexpr int exitRefused = 2;
constexpr int exitUsage = 64;

struct NumberOption {
    const char* name;
    const char* meaning;
    double least;
    double most;
    void (*set)(IngestOptions&, double);
};

constexpr double mebibyte = 1024.0 * 1024.0;

constexpr std::array numberOptions{
    NumberOption{"target-lufs", "loudness of the house file (-16)", -40, -5,
                 [](IngestOptions& options, double value) { options.house.targetLufs = value; }},
    NumberOption{"max-true-peak", "highest true peak of the house file, dBTP (-1.5)", -20, 0,
                 [](IngestOptions& options, double value) { options.house.maxTruePeakDbtp = value; }},
    NumberOption{"bitrate", "bits a second of the house file (64000)", 16000, 256000,
                 [](IngestOptions& options, double value) { options.house.bitRate = static_cast<int>(value); }},
    NumberOption{"complexity", "effort of the Opus encoder, 0 to 10 (10)", 0, 10,
                 [](IngestOptions& options, double value) { options.house.complexity = static_cast<int>(value); }},
    NumberOption{
        "max-bytes", "largest source file (4294967296)", 1, 1e15,
        [](IngestOptions& options, double value) { options.source.maxBytes = static_cast<std::int64_t>(value); }},
    NumberOption{"max-seconds", "longest sound (14400)", 1, 1e6,
                 [](IngestOptions& options, double value) {
                     options.source.maxLength = std::chrono::seconds(static_cast<std::int64_t>(value));
                 }},
    NumberOption{"min-seconds", "shortest sound (1)", 0, 1e6,
                 [](IngestOptions& options, double value) {
                     options.source.minLength = std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000.0));
                 }},
    NumberOption{"max-memory", "address space of the reading process, MiB (1024)", 64, 1e6,
                 [](IngestOptions& options, double value) {
                     options.process.memoryBytes = static_cast<std::int64_t>(value * mebibyte);
                 }},
    NumberOption{"max-cpu-seconds", "CPU time of the reading process (1800)", 1, 1e6,
                 [](IngestOptions& options, double value) {
                     options.process.cpuTime = std::chrono::seconds(static_cast<std::int64_t>(value));
                 }},
    NumberOption{"max-wall-seconds", "time the reading process may take (3600)", 1, 1e6,
                 [](IngestOptions& options, double value) {
                     options.process.wallTime = std::chrono::seconds(static_cast<std::int64_t>(value));
                 }},
};

int usageError(const QString& text)
{
    std::fprintf(stderr, "loa-media: %s\nTry: loa-media --help\n", qUtf8Printable(text));
    return exitUsage;
}

void printJson(const QJsonObject& json)
{
    const QByteArray text = QJsonDocument(json).toJson(QJsonDocument::Compact);
    std::fwrite(text.constData(), 1, static_cast<std::size_t>(text.size()), stdout);
    std::fputc('\n', stdout);
}

void printForPeople(const QJsonObject& report)
{
    for (const char* part : {"source", "result"}) {
        const QJsonObject object = report.value(QLatin1String(part)).toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            std::printf("%s.%s: %s\n", part, qUtf8Printable(it.key()),
                        qUtf8Printable(it.value().toVariant().toString()));
    }
    const QJsonArray warnings = report.value(QStringLiteral("warnings")).toArray();
    for (const auto& warning : warnings)
        std::printf("warning: %s\n", qUtf8Printable(warning.toObject().value(QStringLiteral("en")).toString()));
}

} // namespace

int main(int argc, char* argv[])
{
    if (argc == 3 && std::strcmp(argv[1], "worker") == 0)
        workerMain(QByteArray(argv[2]));

    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("loa-media"));
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "ingest FILE --out DIR: measures FILE and writes DIR/<sha256>.opus, mono 48 kHz at a fixed loudness.\n"
        "probe FILE: says what FILE is.\n"
        "match REFERENCE RECORDING: how well the one is heard in the other, and where (always JSON).\n"
        "time-signal FILE.wav: writes the standard six pips, to be uploaded and approved; says where their mark is.\n"
        "Exit 0: taken; 2: refused, with the reason; 64: wrong usage."));
    parser.addPositionalArgument(QStringLiteral("command"), QStringLiteral("ingest, probe, match or time-signal"));
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("the sound file"));
    parser.addHelpOption();
    parser.addOption({QStringLiteral("json"), QStringLiteral("print JSON on standard output")});
    parser.addOption({QStringLiteral("out"), QStringLiteral("where the house file goes"), QStringLiteral("DIR")});
    for (const NumberOption& option : numberOptions)
        parser.addOption({QString::fromLatin1(option.name), QString::fromLatin1(option.meaning), QStringLiteral("N")});
    if (!parser.parse(QCoreApplication::arguments()))
        return usageError(parser.errorText());
    if (parser.isSet(QStringLiteral("help"))) {
        std::fputs(qUtf8Printable(parser.helpText()), stdout);
        return exitTaken;
    }

    IngestOptions options;
    for (const NumberOption& option : numberOptions) {
        const QString name = QString::fromLatin1(option.name);
        if (!parser.isSet(name))
            continue;
        bool isNumber = false;
        const double value = parser.value(name).toDouble(&isNumber);
        if (!isNumber || !(value >= option.least && value <= option.most))
            return usageError(
                QStringLiteral("--%1 wants a number from %2 to %3").arg(name).arg(option.least).arg(option.most));
        option.set(options, value);
    }
    // The spool of the longest sound, and some room.
    options.process.fileBytes =
        (options.source.maxLength.count() + 60) * sampleRate * static_cast<std::int64_t>(sizeof(float));

    const QStringList words = parser.positionalArguments();
    if (words.size() == 3 && words[0] == QLatin1String("match"))
        return matchMain(words[1], words[2]);
    if (words.size() == 2 && words[0] == QLatin1String("time-signal")) {
        const auto written = writeTimeSignal(words[1]);
        if (!written) {
            std::fprintf(stderr, "%s\n", qUtf8Printable(describe(written.error())));
            return exitRefused;
        }
        printJson({{QStringLiteral("frames"), static_cast<qint64>(timeSignalFrames.value)},
                   {QStringLiteral("mark_frames"), static_cast<qint64>(timeSignalMark.value)},
                   {QStringLiteral("mark_seconds"), static_cast<double>(timeSignalMark.value) / sampleRate}});
        return exitTaken;
    }
    if (words.size() != 2 || (words[0] != QLatin1String("ingest") && words[0] != QLatin1String("probe")))
        return usageError(QStringLiteral(
            "wants `ingest FILE --out DIR`, `probe FILE`, `match REFERENCE RECORDING` or `time-signal FILE`"));
    const bool isIngest = words[0] == QLatin1String("ingest");
    if (isIngest != parser.isSet(QStringLiteral("out")))
        return usageError(isIngest ? QStringLiteral("ingest wants --out DIR") : QStringLiteral("probe takes no --out"));

    const auto report =
        isIngest ? ingest(words[1], parser.value(QStringLiteral("out")), options) : probe(words[1], options);
    const bool asJson = parser.isSet(QStringLiteral("json"));
    if (!report) {
        if (asJson)
            printJson(errorToJson(report.error()));
        else
            std::fprintf(stderr, "%s\n", qUtf8Printable(describe(report.error())));
        return exitRefused;
    }
    if (asJson)
        printJson(*report);
    else
        printForPeople(*report);
    return exitTaken;
}
