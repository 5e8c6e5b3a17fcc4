#include "playout/output/device_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace loa::playout {

using namespace detail;

namespace {

constexpr std::array deviceTable{
    DeviceEntry{"null", checkNull, traitsOfNull, createNull},
    DeviceEntry{"wav", checkArchive, traitsOfArchive, createArchiveDevice},
    DeviceEntry{"flac", checkArchive, traitsOfArchive, createArchiveDevice},
    DeviceEntry{"icecast", checkIcecast, traitsOfIcecast, createIcecast},
    DeviceEntry{"rtp", checkRtp, traitsOfRtp, createRtp},
    DeviceEntry{"alsa", checkAlsa, traitsOfAlsa, createAlsa},
    DeviceEntry{"hls", checkHls, traitsOfHls, createHls},
};

const DeviceEntry* deviceNamed(const QString& name)
{
    const auto entry = std::find_if(deviceTable.begin(), deviceTable.end(), [&](const DeviceEntry& candidate) {
        return name == QLatin1String(candidate.name);
    });
    return entry == deviceTable.end() ? nullptr : entry;
}

Result<void> checkCommon(const OutputConfig& config)
{
    using namespace std::chrono_literals;
    if (config.name.isEmpty() || config.name.size() > 64)
        return wrongValue(config, "name", QStringLiteral("Đầu ra phải có tên, dài nhất 64 ký tự."),
                          QStringLiteral("An output needs a name of at most 64 characters."));
    // What raises comes before the limiter and under the night's cap: the station's volume.
    if (!(config.gainDb >= -60.0 && config.gainDb <= 0.0))
        return wrongValue(config, "gain_db",
                          QStringLiteral("Mức của một đầu ra từ -60 đến 0 dB; muốn to hơn, hãy đặt volume_db của đài."),
                          QStringLiteral("An output's gain is -60 to 0 dB; for more, set the station's volume_db."));
    if (config.delay < 0ms || config.delay > 10s)
        return wrongValue(config, "delay", QStringLiteral("Độ trễ phải từ 0 đến 10 giây."),
                          QStringLiteral("The delay must lie between 0 and 10 s."));
    if (config.leadIn && (*config.leadIn < 0ms || *config.leadIn > 8s))
        return wrongValue(config, "lead_in", QStringLiteral("Đoạn im lặng mở đầu phải từ 0 đến 8 giây."),
                          QStringLiteral("The lead-in must lie between 0 and 8 s."));
    if (config.channel && config.device == u"null")
        return wrongValue(config, "channel", QStringLiteral("Đầu ra này chỉ có một kênh."),
                          QStringLiteral("This output has one channel."));
    if (config.bitRate < 8000 || config.bitRate > 320000)
        return wrongValue(config, "bit_rate", QStringLiteral("Tốc độ bit phải từ 8000 đến 320000."),
                          QStringLiteral("The bit rate must lie between 8000 and 320000."));
    if (config.timeout < 100ms || config.timeout > 60s)
        return wrongValue(config, "timeout", QStringLiteral("Thời gian chờ phải từ 0,1 đến 60 giây."),
                          QStringLiteral("The timeout must lie between 0.1 and 60 s."));
    return {};
}

} // namespace

Result<void> checkOutput(const OutputConfig& config)
{
    const DeviceEntry* entry = deviceNamed(config.device);
    if (!entry) {
        return fail(ErrorCategory::Unsupported,
                    {QStringLiteral("Không có thiết bị đầu ra \"%1\". Có: %2.")
                         .arg(config.device, deviceNames().join(QStringLiteral(", "))),
                     QStringLiteral("There is no output device \"%1\". There are: %2.")
                         .arg(config.device, deviceNames().join(QStringLiteral(", ")))},
                    QStringLiteral("%1.device").arg(config.name));
    }
    if (auto common = checkCommon(config); !common)
        return common;
    if (auto checked = entry->check(config); !checked)
        return checked;
    if (config.passThrough.value_or(false) && !entry->traits(config).passes)
        return wrongValue(config, "pass_through",
                          QStringLiteral("Chỉ đầu ra Opus có gain_db = 0 mới phát thẳng được tệp đã nén."),
                          QStringLiteral("Only an Opus output with gain_db = 0 can pass house files through."));
    return {};
}

DeviceTraits traitsOf(const OutputConfig& config)
{
    const DeviceEntry* entry = deviceNamed(config.device);
    return entry ? entry->traits(config) : DeviceTraits{};
}

QStringList deviceNames()
{
    QStringList names;
    for (const DeviceEntry& entry : deviceTable)
        names.append(QLatin1String(entry.name));
    return names;
}

Result<std::unique_ptr<OutputDevice>> createDevice(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    if (auto checked = checkOutput(config); !checked)
        return passOn(checked);
    return deviceNamed(config.device)->create(config, pacing, sink);
}

namespace detail {

tl::unexpected<Error> wrongValue(const OutputConfig& config, const char* key, const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en}, QStringLiteral("%1.%2").arg(config.name, QLatin1String(key)));
}

tl::unexpected<Error> interrupted()
{
    return fail(ErrorCategory::Unavailable,
                {QStringLiteral("Đầu ra được yêu cầu dừng."), QStringLiteral("The output was told to end.")});
}

tl::unexpected<Error> systemError(ErrorCategory category, const Text& what, const QString& where)
{
    const QString words = QString::fromLocal8Bit(std::strerror(errno));
    return fail(category, {what.vi + QStringLiteral(": ") + words, what.en + QStringLiteral(": ") + words}, where);
}

} // namespace detail

} // namespace loa::playout
