#include "scheduler/commands/settings.h"

#include "scheduler/contract/toml_reader.h"

#include <QCoreApplication>

#include <cmath>

namespace loa::commands {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kibibyte = 1024;
constexpr std::int64_t mebibyte = 1024 * kibibyte;
constexpr std::int64_t gibibyte = 1024 * mebibyte;

QHostAddress address(TomlSection& section, const QString& key, const QHostAddress& fallback)
{
    const auto text = section.string(key, 64).optional();
    if (!text)
        return fallback;
    const QHostAddress read(*text);
    if (read.isNull())
        section.refuse(key, {QStringLiteral("\"%1\" phải là một địa chỉ IP").arg(key),
                             QStringLiteral("\"%1\" must be an IP address").arg(key)});
    return read;
}

int integer(TomlSection& section, const char* key, int least, int most, int fallback)
{
    return static_cast<int>(section.integer(QLatin1String(key), least, most).orDefault(fallback));
}

void readLimits(TomlSection limits, Settings& settings)
{
    api::Limits& socket = settings.server.limits;
    const api::Limits standard;
    socket.headBytes = limits.bytes(QStringLiteral("head"), kibibyte, mebibyte).orDefault(standard.headBytes);
    socket.bodyBytes = limits.bytes(QStringLiteral("body"), 64 * kibibyte, gibibyte).orDefault(standard.bodyBytes);
    socket.bufferedBytes =
        limits.bytes(QStringLiteral("buffered"), mebibyte, 64 * gibibyte).orDefault(standard.bufferedBytes);
    socket.idle = limits.duration(QStringLiteral("idle"), 1s, 1h).orDefault(standard.idle);
    socket.connections = integer(limits, "connections", 1, 1'000'000, standard.connections);
    socket.connectionsPerAddress =
        integer(limits, "connections_per_address", 1, 1'000'000, standard.connectionsPerAddress);
    if (socket.bufferedBytes < socket.bodyBytes)
        limits.refuse(QStringLiteral("buffered"),
                      {QStringLiteral("\"limits.buffered\" phải ít nhất bằng \"limits.body\""),
                       QStringLiteral("\"limits.buffered\" must be at least \"limits.body\"")});
    api::ApiSettings& api = settings.server.api;
    api.uploadBytes = limits.bytes(QStringLiteral("upload"), mebibyte, 64 * gibibyte).orDefault(api.uploadBytes);
    api.uploadsPerUser = integer(limits, "uploads_per_user", 1, 10'000, api.uploadsPerUser);
    api.uploadLife = std::chrono::duration_cast<std::chrono::hours>(
        limits.duration(QStringLiteral("upload_life"), 1h, 24h * 365).orDefault(api.uploadLife));
}

void readMedia(TomlSection media, Settings& settings)
{
    library::IngestSettings& ingest = settings.ingest;
    ingest.program = media.path(QStringLiteral("program"))
                         .orDefault(QCoreApplication::applicationDirPath() + QStringLiteral("/loa-media"));
    ingest.parallel = integer(media, "parallel", 1, 64, ingest.parallel);
    ingest.wallTime = media.duration(QStringLiteral("wall_time"), 10s, 24h).orDefault(ingest.wallTime);
    const double loudness = media.number(QStringLiteral("target_lufs"), -40, -5).orDefault(-16);
    const double truePeak = media.number(QStringLiteral("max_true_peak_dbtp"), -20, 0).orDefault(-1.5);
    const std::int64_t bitRate = media.integer(QStringLiteral("bit_rate"), 16'000, 256'000).orDefault(64'000);
    const auto longest = media.duration(QStringLiteral("longest"), 1s, 24h).orDefault(4h);
    ingest.arguments = {
        QStringLiteral("--target-lufs"),
        QString::number(loudness),
        QStringLiteral("--max-true-peak"),
        QString::number(truePeak),
        QStringLiteral("--bitrate"),
        QString::number(bitRate),
        QStringLiteral("--max-bytes"),
        QString::number(settings.server.api.uploadBytes),
        QStringLiteral("--max-seconds"),
        QString::number(std::chrono::duration_cast<std::chrono::seconds>(longest).count()),
        QStringLiteral("--max-wall-seconds"),
        QString::number(std::chrono::duration_cast<std::chrono::seconds>(ingest.wallTime).count()),
    };
}

Settings readRoot(TomlSection& root)
{
    Settings settings;
    settings.data = root.path(QStringLiteral("data")).required();
    settings.presets = root.path(QStringLiteral("presets")).orDefault({});
    settings.server.uiFolder = root.path(QStringLiteral("ui")).orDefault({});
    const QStringList levels{QStringLiteral("debug"), QStringLiteral("info"), QStringLiteral("warning"),
                             QStringLiteral("error")};
    const QString level = root.choice(QStringLiteral("log"), levels).orDefault(QStringLiteral("info"));
    settings.log = static_cast<LogLevel>(std::max<qsizetype>(0, levels.indexOf(level)));

    TomlSection listen = root.section(QStringLiteral("listen"));
    settings.server.address = address(listen, QStringLiteral("address"), QHostAddress(QHostAddress::LocalHost));
    settings.server.port = static_cast<quint16>(listen.integer(QStringLiteral("port"), 0, 65535).orDefault(8420));
    settings.server.api.secureCookies = listen.boolean(QStringLiteral("https")).orDefault(false);
    settings.server.api.publicOrigin = listen.string(QStringLiteral("public_origin"), 256).orDefault({});
    const QStringList proxies = listen.strings(QStringLiteral("trusted_proxies"), 100, 64).orDefault({});
    for (const QString& proxy : proxies) {
        const QHostAddress read(proxy);
        if (read.isNull())
            listen.refuse(QStringLiteral("trusted_proxies"),
                          {QStringLiteral("\"listen.trusted_proxies\" chỉ gồm địa chỉ IP"),
                           QStringLiteral("\"listen.trusted_proxies\" holds IP addresses alone")});
        settings.server.limits.trustedProxies.push_back(read);
    }

    readLimits(root.section(QStringLiteral("limits")), settings);
    readMedia(root.section(QStringLiteral("media")), settings);
    TomlSection planning = root.section(QStringLiteral("planning"));
    settings.planEvery = planning.duration(QStringLiteral("interval"), 1s, 1h).orDefault(settings.planEvery);
    settings.freezeAhead = std::chrono::duration_cast<std::chrono::minutes>(
        planning.duration(QStringLiteral("freeze_ahead"), 0s, 24h).orDefault(settings.freezeAhead));
    TomlSection counting = root.section(QStringLiteral("compliance"));
    if (const auto least = counting.number(QStringLiteral("least_match"), 0.0, 1.0).optional())
        settings.leastMatch = static_cast<int>(std::lround(*least * 1000.0));
    return settings;
}

} // namespace

Result<Settings> readSettings(const QString& path)
{
    return readTomlFile(path, readRoot);
}

} // namespace loa::commands
