// loa-playout recall: what an archive by day holds of an instant, and the sound itself.
#include "media/ffmpeg/decoder.h"
#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"
#include "playout/commands/commands.h"
#include "playout/output/archive_folder.h"
#include "playout/output/wav_file.h"

#include <QDateTime>

#include <algorithm>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;

constexpr int longestCut = 3600; // seconds

struct Archive {
    StationId station;
    OutputConfig output;
};

// The archive by day that is asked for; of several, the first.
Result<Archive> archiveOf(const Configuration& configuration, const QString& station, const QString& output)
{
    for (const AgentStation& candidate : configuration.agent.stations) {
        StationId id = candidate.id;
        if (id.isEmpty()) {
            const auto identity = loadIdentity(configuration.state);
            if (!identity)
                return passOn(identity);
            if (identity->stations.size() == 1)
                id = identity->stations.front();
        }
        if (!station.isEmpty() && id.value != station)
            continue;
        for (const OutputConfig& one : candidate.outputs) {
            if ((one.device == u"wav" || one.device == u"flac") && one.split == ArchiveSplit::Day &&
                (output.isEmpty() || one.name == output))
                return Archive{id, one};
        }
    }
    return fail(ErrorCategory::NotFound,
                {u"Cấu hình không có đầu ra ghi tệp theo ngày (split = \"day\")"_s,
                 u"The configuration has no archive by day (split = \"day\")"_s},
                output);
}

Result<UtcTime> instantOf(const QString& text, const QTimeZone& zone)
{
    if (const auto utc = utcTimeFromString(text))
        return *utc;
    QDateTime local = QDateTime::fromString(text, u"yyyy-MM-dd HH:mm:ss"_s);
    if (!local.isValid()) {
        return fail(ErrorCategory::InvalidInput, {u"Thời điểm ghi dạng \"2026-12-03 05:12:30\", giờ địa phương"_s,
                                                  u"An instant is written as \"2026-12-03 05:12:30\", local time"_s});
    }
    local.setTimeZone(zone);
    return UtcTime(std::chrono::milliseconds(local.toMSecsSinceEpoch()));
}

Result<FrameCount> cut(const ArchiveFolder::Place& place, FrameCount length, const QString& to)
{
    auto decoder = media::Decoder::open(place.path);
    if (!decoder)
        return passOn(decoder);
    if (const auto skipped = decoder->skip(place.frame); !skipped)
        return passOn(skipped);
    auto file = WavFile::create(to, WavFormat::Pcm16, false);
    if (!file)
        return passOn(file);
    while (file->frames() < length) {
        const auto block = decoder->read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        const auto part = std::min(block->size(), static_cast<std::size_t>((length - file->frames()).value));
        if (auto written = file->write(block->first(part)); !written)
            return passOn(written);
    }
    const FrameCount frames = file->frames();
    if (auto closed = file->close(); !closed)
        return passOn(closed);
    return frames;
}

} // namespace

int recallCommand(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Finds what an archive by day holds of an instant: file, frame and session; with --to, cuts it out.\n"
        "Exit 0: it was recorded; 2: it was not.\nTìm lại tiếng đã phát vào một thời điểm."_s);
    parser.addOptions({{u"config"_s, u"The agent's configuration"_s, u"FILE"_s},
                       {u"at"_s, u"\"2026-12-03 05:12:30\" by the station's clock, or an instant with Z"_s, u"TIME"_s},
                       {u"station"_s, u"Of several stations, which"_s, u"ID"_s},
                       {u"output"_s, u"Of several archives, which"_s, u"NAME"_s},
                       {u"length"_s, u"Seconds to cut out (30)"_s, u"SECONDS"_s, u"30"_s},
                       {u"to"_s, u"A WAV file that is not there yet"_s, u"FILE"_s}});
    if (const auto code = parseOptions(parser, arguments, {u"config"_s, u"at"_s}))
        return *code;
    bool isNumber = false;
    const int seconds = parser.value(u"length"_s).toInt(&isNumber);
    if (!isNumber || seconds < 1 || seconds > longestCut)
        return report({ErrorCategory::InvalidInput,
                       {u"Độ dài phải từ 1 đến 3600 giây"_s, u"The length must lie between 1 and 3600 s"_s},
                       u"--length"_s});
    const auto configuration = loadConfiguration(parser.value(u"config"_s));
    if (!configuration)
        return report(configuration.error());
    const auto archive = archiveOf(*configuration, parser.value(u"station"_s), parser.value(u"output"_s));
    if (!archive)
        return report(archive.error());
    const QTimeZone zone(archive->output.timeZone);
    const auto instant = instantOf(parser.value(u"at"_s), zone);
    if (!instant)
        return report(instant.error());
    const ArchiveFolder folder(archive->output.url, archive->station, zone, archive->output.device);
    const auto place = folder.find(*instant);
    if (!place)
        return report({ErrorCategory::NotFound,
                       {u"Không có ghi âm vào lúc đó"_s, u"Nothing was recorded at that time"_s},
                       loa::toString(*instant)});
    print(u"file=%1 frame=%2 session=%3 stretch_from=%4"_s.arg(place->path, QString::number(place->frame.value),
                                                               place->stretch.session.value,
                                                               loa::toString(place->stretch.startsAt)));
    if (!parser.isSet(u"to"_s))
        return 0;
    const auto frames = cut(*place, FrameCount{seconds * sampleRate}, parser.value(u"to"_s));
    if (!frames)
        return report(frames.error());
    print(u"to=%1 frames=%2"_s.arg(parser.value(u"to"_s), QString::number(frames->value)));
    return frames->value > 0 ? 0 : exitRefused;
}

} // namespace loa::playout
