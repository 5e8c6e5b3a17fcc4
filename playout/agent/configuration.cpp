#include "playout/agent/configuration.h"

#include "playout/proof/monitor_inputs.h"
#include "scheduler/contract/toml_reader.h"

#include <QHostAddress>
#include <QSet>
#include <QTime>
#include <QTimeZone>

#include <array>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

bool isIpv4Address(const QString& text)
{
    QHostAddress address;
    return address.setAddress(text) && address.protocol() == QAbstractSocket::IPv4Protocol;
}

std::optional<media::AudioCodec> readCodec(TomlSection& section)
{
    const auto word =
        section
            .choice(u"codec"_s, {u"opus"_s, u"mp3"_s, u"aac"_s, u"l16"_s, u"pcmu"_s, u"pcma"_s, u"pcm16"_s, u"flac"_s})
            .optional();
    if (!word)
        return std::nullopt;
    if (*word == u"opus")
        return media::AudioCodec::Opus;
    if (*word == u"mp3")
        return media::AudioCodec::Mp3;
    if (*word == u"aac")
        return media::AudioCodec::Aac;
    if (*word == u"pcmu")
        return media::AudioCodec::Pcmu;
    if (*word == u"pcma")
        return media::AudioCodec::Pcma;
    if (*word == u"flac")
        return media::AudioCodec::Flac;
    return *word == u"l16" ? media::AudioCodec::L16 : media::AudioCodec::Pcm16;
}

std::optional<media::Channels> readChannel(TomlSection& section)
{
    const auto word = section.choice(u"channel"_s, {u"mono"_s, u"stereo"_s, u"left"_s, u"right"_s}).optional();
    if (!word)
        return std::nullopt;
    if (*word == u"stereo")
        return media::Channels::Stereo;
    if (*word == u"left")
        return media::Channels::Left;
    return *word == u"right" ? media::Channels::Right : media::Channels::Mono;
}

// Keys that mean something to some devices alone: at another one they would be a mistake that nobody hears of.
void refuseForeignKeys(TomlSection& section, const QString& device)
{
    struct Owned {
        QStringList keys;
        QStringList devices;
    };
    static const std::array owned{
        Owned{{u"codec"_s}, {u"icecast"_s, u"rtp"_s, u"hls"_s, u"wav"_s, u"flac"_s}},
        Owned{{u"bit_rate"_s, u"effort"_s}, {u"icecast"_s, u"rtp"_s, u"hls"_s}},
        Owned{{u"user"_s, u"password"_s, u"genre"_s, u"listed"_s}, {u"icecast"_s}},
        Owned{{u"stream_name"_s}, {u"icecast"_s, u"rtp"_s}},
        Owned{{u"payload_type"_s, u"ttl"_s, u"dscp"_s, u"interface"_s, u"announce"_s, u"sdp"_s}, {u"rtp"_s}},
        Owned{{u"segment"_s}, {u"hls"_s}},
        Owned{{u"channel"_s}, {u"alsa"_s, u"icecast"_s, u"rtp"_s, u"hls"_s, u"wav"_s, u"flac"_s}},
        Owned{{u"buffer"_s, u"period"_s}, {u"alsa"_s}},
        Owned{{u"split"_s, u"time_zone"_s, u"keep"_s, u"budget"_s}, {u"wav"_s, u"flac"_s}},
    };
    for (const QString& key : section.keys()) {
        for (const Owned& one : owned) {
            if (!one.keys.contains(key) || one.devices.contains(device))
                continue;
            const QString devices = one.devices.join(u", "_s);
            section.refuse(key, {u"\"%1\" không dùng cho thiết bị \"%2\", chỉ cho: %3"_s.arg(key, device, devices),
                                 u"\"%1\" means nothing to device \"%2\", only to: %3"_s.arg(key, device, devices)});
        }
    }
}

void refuseKeysOfOtherCodecs(TomlSection& section, media::AudioCodec codec)
{
    using enum media::AudioCodec;
    if (codec == Opus || codec == Mp3 || codec == Aac)
        return;
    for (const QString& key : section.keys()) {
        if (key == u"bit_rate" || key == u"effort")
            section.refuse(key, {u"Mã hóa này có tốc độ cố định: \"%1\" không có nghĩa"_s.arg(key),
                                 u"This codec's rate is fixed: \"%1\" means nothing to it"_s.arg(key)});
    }
}

OutputConfig readOutput(TomlSection section)
{
    OutputConfig output;
    output.name = section.string(u"name"_s, 64).required();
    output.device = section.choice(u"device"_s, deviceNames()).required();
    if (output.device == u"wav" || output.device == u"flac" || output.device == u"hls")
        output.url = section.path(u"url"_s).required();
    else
        output.url = section.string(u"url"_s).orDefault({});
    output.codec = readCodec(section);
    output.bitRate = static_cast<int>(section.integer(u"bit_rate"_s, 8'000, 320'000).orDefault(output.bitRate));
    output.passThrough = section.boolean(u"pass_through"_s).optional();
    if (const auto effort = section.integer(u"effort"_s, 0, 10).optional())
        output.effort = static_cast<int>(*effort);
    output.gainDb = section.number(u"gain_db"_s, -60, 12).orDefault(output.gainDb);
    output.delay = section.duration(u"delay"_s, 0ms, 10s).orDefault(output.delay);
    if (const auto between = section.choice(u"between"_s, {u"silence"_s, u"closed"_s}).optional())
        output.between = *between == u"silence" ? BetweenSessions::Silence : BetweenSessions::Closed;
    output.leadIn = section.duration(u"lead_in"_s, 0ms, 8s).optional();
    output.user = section.string(u"user"_s).orDefault(output.user);
    output.password = section.string(u"password"_s).orDefault({});
    output.streamName = section.string(u"stream_name"_s).orDefault({});
    output.genre = section.string(u"genre"_s).orDefault({});
    output.listed = section.boolean(u"listed"_s).orDefault(output.listed);
    output.payloadType = static_cast<int>(section.integer(u"payload_type"_s, 96, 127).orDefault(output.payloadType));
    output.packetTime = section.duration(u"packet"_s, 20ms, 120ms).optional();
    output.ttl = static_cast<int>(section.integer(u"ttl"_s, 1, 255).orDefault(output.ttl));
    output.dscp = static_cast<int>(section.integer(u"dscp"_s, 0, 63).orDefault(output.dscp));
    output.interfaceAddress = section.string(u"interface"_s).orDefault({});
    output.announceTo = section.string(u"announce"_s, 64).orDefault({});
    output.sdpPath = section.path(u"sdp"_s).orDefault({});
    output.segment = section.duration(u"segment"_s, 1s, 10s).orDefault(output.segment);
    output.channel = readChannel(section);
    if (section.choice(u"split"_s, {u"session"_s, u"day"_s}).orDefault(u"session"_s) == u"day")
        output.split = ArchiveSplit::Day;
    output.timeZone = section.string(u"time_zone"_s, 64).orDefault(QString::fromLatin1(output.timeZone)).toLatin1();
    if (const auto keep = section.duration(u"keep"_s, 24h, 24h * 36'500).optional())
        output.archiveKeep = std::chrono::duration_cast<std::chrono::days>(*keep);
    output.archiveBudget = section.bytes(u"budget"_s, 64LL << 20, 1LL << 50).optional();
    output.cardBuffer = section.duration(u"buffer"_s, 40ms, 300ms).orDefault(output.cardBuffer);
    output.cardPeriod = section.duration(u"period"_s, 2ms, 150ms).orDefault(output.cardPeriod);
    output.timeout = section.duration(u"timeout"_s, 100ms, 60s).orDefault(output.timeout);
    if (!output.device.isEmpty())
        refuseForeignKeys(section, output.device);
    if (output.codec)
        refuseKeysOfOtherCodecs(section, *output.codec);
    if (!output.name.isEmpty() && !output.device.isEmpty()) {
        if (auto good = checkOutput(output); !good) // "name.key"
            section.refuse(good.error().where.mid(output.name.size() + 1), good.error().message);
    }
    return output;
}

MonitorConfig readMonitor(TomlSection section)
{
    MonitorConfig monitor;
    monitor.name = section.string(u"name"_s, 64).required();
    monitor.output = section.string(u"output"_s, 64).required();
    monitor.device = section.choice(u"device"_s, monitorDeviceNames()).required();
    monitor.url = section.string(u"url"_s).required();
    if (const auto format = section.string(u"rtpmap"_s, 60).optional()) {
        if (auto read = media::rtpMapFrom(*format))
            monitor.rtp = *std::move(read);
        else
            section.refuse(u"rtpmap"_s, read.error().message);
    }
    monitor.ear.kind = usualKindOf(monitor.device);
    if (const auto microphone = section.boolean(u"microphone"_s).optional())
        monitor.ear.kind = *microphone ? MonitorKind::Microphone : MonitorKind::Stream;
    monitor.ear.delayLeast = section.duration(u"delay_least"_s, 0ms, 60s).orDefault(monitor.ear.delayLeast);
    monitor.ear.delayMost = section.duration(u"delay_most"_s, 1s, 120s).orDefault(monitor.ear.delayMost);
    monitor.ear.foreignAfter = std::chrono::duration_cast<std::chrono::seconds>(
        section.duration(u"foreign_after"_s, 0s, 1h).orDefault(monitor.ear.foreignAfter));
    if (!monitor.device.isEmpty() && !monitor.url.isEmpty()) {
        if (auto good = checkMonitor(monitor); !good)
            section.refuse(good.error().where, good.error().message);
    }
    return monitor;
}

// "05:30"; nullopt and a word in the section when it is not a time of day.
std::optional<std::chrono::minutes> readTimeOfDay(TomlSection& section, const QString& key)
{
    const QString text = section.string(key, 5).required();
    const QTime time = QTime::fromString(text, u"hh:mm"_s);
    if (text.isEmpty())
        return std::nullopt;
    if (!time.isValid()) {
        section.refuse(key, {u"Giờ ghi dạng \"05:30\""_s, u"A time of day is written as \"05:30\""_s});
        return std::nullopt;
    }
    return std::chrono::minutes(time.hour() * 60 + time.minute());
}

std::vector<VolumeSpan> readVolumeSpans(TomlSection& station, const QString& key)
{
    std::vector<VolumeSpan> spans;
    for (TomlSection& section : station.tables(key, 48)) {
        const auto from = readTimeOfDay(section, u"from"_s);
        const auto until = readTimeOfDay(section, u"until"_s);
        const double gainDb = section.number(u"gain_db"_s, -60, 12).required();
        if (from && until)
            spans.push_back({*from, *until, gainDb});
    }
    return spans;
}

QByteArray readTimeZone(TomlSection& section, const QByteArray& fallback)
{
    const QString name = section.string(u"time_zone"_s, 64).orDefault(QString::fromLatin1(fallback));
    if (QTimeZone(name.toLatin1()).isValid())
        return name.toLatin1();
    section.refuse(u"time_zone"_s,
                   {u"Không có múi giờ \"%1\": hãy ghi tên theo IANA, như \"Asia/Ho_Chi_Minh\""_s.arg(name),
                    u"There is no time zone \"%1\": write its IANA name, such as \"Asia/Ho_Chi_Minh\""_s.arg(name)});
    return fallback;
}

AgentStation readStation(TomlSection section)
{
    AgentStation station;
    station.id = {section.string(u"id"_s, 64).orDefault({})};
    if (!station.id.isEmpty() && !isValidId(station.id.value))
        section.refuse(u"id"_s, {u"Mã đài không hợp lệ"_s, u"This is not a station's id"_s});
    station.timeZone = readTimeZone(section, station.timeZone);
    station.volume.gainDb = section.number(u"volume_db"_s, -60, 12).orDefault(0.0);
    station.volume.hours = readVolumeSpans(section, u"volume"_s);
    station.volume.caps = readVolumeSpans(section, u"volume_cap"_s);
    station.standsIn = section.choice(u"on_silence"_s, {u"standby"_s, u"tell"_s}).orDefault(u"standby"_s) == u"standby";
    station.silenceStandby = {section.string(u"silence_standby"_s, 64).orDefault({})};
    if (!station.silenceStandby.isEmpty() && !isValidId(station.silenceStandby.value))
        section.refuse(u"silence_standby"_s, {u"Mã tin bài không hợp lệ"_s, u"This is not an item's id"_s});
    station.silenceAfter = section.duration(u"silence_after"_s, 2s, 10min).orDefault(station.silenceAfter);
    QSet<QString> names;
    for (TomlSection& output : section.tables(u"output"_s, 100)) {
        station.outputs.push_back(readOutput(output));
        if (names.contains(station.outputs.back().name))
            output.refuse(u"name"_s, {u"Hai đầu ra trùng tên"_s, u"Two outputs have one name"_s});
        names.insert(station.outputs.back().name);
    }
    if (station.outputs.empty())
        section.refuse(
            {}, {u"Đài cần ít nhất một [[station.output]]"_s, u"A station needs at least one [[station.output]]"_s});
    QSet<QString> monitors;
    for (TomlSection& monitor : section.tables(u"monitor"_s, 20)) {
        station.monitors.push_back(readMonitor(monitor));
        const MonitorConfig& read = station.monitors.back();
        if (monitors.contains(read.name))
            monitor.refuse(u"name"_s, {u"Hai đầu nghe trùng tên"_s, u"Two monitors have one name"_s});
        monitors.insert(read.name);
        if (!read.output.isEmpty() && !names.contains(read.output))
            monitor.refuse(u"output"_s,
                           {u"Đài không có đầu ra tên này"_s, u"The station has no output of that name"_s});
    }
    return station;
}

Configuration readRoot(TomlSection& root)
{
    Configuration configuration;
    configuration.http.scheduler = QUrl(root.string(u"scheduler"_s).required(), QUrl::StrictMode);
    const bool allowHttp = root.boolean(u"allow_http"_s).orDefault(false);
    if (auto good = checkHttpSettings(configuration.http); !good)
        root.refuse(u"scheduler"_s, good.error().message);
    else if (needsPermission(configuration.http.scheduler) && !allowHttp)
        root.refuse(u"scheduler"_s, {u"http không mã hoá: hãy dùng https, hoặc ghi allow_http = true"_s,
                                     u"http is not encrypted: use https, or say allow_http = true"_s});
    configuration.http.caFile = root.path(u"ca_file"_s).orDefault({});
    configuration.state = root.path(u"state"_s).required();
    const QString clock = root.choice(u"clock"_s, {u"kernel"_s, u"trust"_s}).orDefault(u"kernel"_s);
    configuration.clock = clock == u"trust" ? ClockSource::Trust : ClockSource::Kernel;
    auto seconds = [&](const QString& key, std::chrono::seconds least, std::chrono::seconds most,
                       std::chrono::seconds fallback) {
        return std::chrono::duration_cast<std::chrono::seconds>(root.duration(key, least, most).orDefault(fallback));
    };
    if (const auto port = root.integer(u"status_port"_s, 1, 65'535).optional())
        configuration.statusPort = static_cast<quint16>(*port);
    if (const auto words = root.strings(u"relay_networks"_s, 3, 20).optional()) {
        if (auto networks = relayNetworksFromWords(*words))
            configuration.relayNetworks = *networks;
        else
            root.refuse(u"relay_networks"_s, networks.error().message);
    }
    configuration.relayNetworks.caFile = root.path(u"relay_ca_file"_s).orDefault({});
    if (const auto address = root.string(u"relay_interface"_s, 15).optional()) {
        if (isIpv4Address(*address))
            configuration.relayNetworks.interfaceAddress = *address;
        else
            root.refuse(u"relay_interface"_s,
                        {u"Cần một địa chỉ IPv4 của máy này"_s, u"An IPv4 address of this machine is needed"_s});
    }
    AgentSettings& agent = configuration.agent;
    configuration.holdover = seconds(u"clock_holdover"_s, 0s, 24h * 90, 24h * 40);
    configuration.powerCut = seconds(u"clock_power_cut"_s, 0s, 24h * 40, 24h * 7);
    configuration.mediaBudget = root.bytes(u"media_budget"_s, 16LL << 20, 1LL << 50).orDefault(4LL << 30);
    configuration.logRetention =
        std::chrono::duration_cast<std::chrono::days>(seconds(u"log_retention"_s, 24h * 70, 24h * 36'500, 24h * 1'830));
    agent.lead = seconds(u"lead"_s, 5s, 600s, agent.lead);
    agent.checkpoint = root.duration(u"checkpoint"_s, 200ms, 60s).orDefault(agent.checkpoint);
    agent.poll = seconds(u"poll"_s, 1s, 1h, agent.poll);
    agent.status = seconds(u"status"_s, 1s, 1h, agent.status);
    agent.upload = seconds(u"upload"_s, 0s, 1h, agent.upload);
    agent.longestPause = seconds(u"longest_pause"_s, 1s, 1h, 60s);
    QSet<QString> ids;
    for (TomlSection& section : root.tables(u"station"_s, 10'000)) {
        agent.stations.push_back(readStation(section));
        const QString id = agent.stations.back().id.value;
        if (ids.contains(id))
            section.refuse(u"id"_s, {u"Đài này đã có ở trên; nhiều đài thì mỗi đài cần id"_s,
                                     u"This station stands above already; of several, each needs an id"_s});
        ids.insert(id);
    }
    if (agent.stations.empty())
        root.refuse({}, {u"Cần ít nhất một [[station]]"_s, u"At least one [[station]] is needed"_s});
    return configuration;
}

} // namespace

bool needsPermission(const QUrl& scheduler)
{
    const bool loopback = scheduler.host() == u"localhost" || QHostAddress(scheduler.host()).isLoopback();
    return scheduler.scheme() == u"http" && !loopback;
}

Result<Configuration> loadConfiguration(const QString& path)
{
    return readTomlFile(path, readRoot);
}

Result<Configuration> readConfiguration(QByteArrayView text, const QString& name)
{
    return readToml(text, name, readRoot);
}

} // namespace loa::playout
