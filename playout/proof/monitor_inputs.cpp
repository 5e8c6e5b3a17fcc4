#include "playout/proof/monitor_inputs.h"

#include "media/ffmpeg/live_reader.h"

#include <QUrl>

#include <algorithm>
#include <array>

namespace loa::playout {

namespace {

using namespace Qt::StringLiterals;

class LiveInput final : public MonitorInput {
public:
    explicit LiveInput(media::LiveReader reader) : m_reader(std::move(reader)) {}
    Result<std::span<const float>> read() override { return m_reader.read(); }

private:
    media::LiveReader m_reader;
};

Result<std::unique_ptr<MonitorInput>> openLive(const MonitorConfig& config, media::LiveKind kind,
                                               std::function<bool()> isCancelled)
{
    media::LiveSettings settings;
    settings.address = config.url;
    settings.kind = kind;
    settings.rtp = config.rtp;
    settings.isCancelled = std::move(isCancelled);
    auto reader = media::LiveReader::open(std::move(settings));
    if (!reader)
        return passOn(reader);
    return std::make_unique<LiveInput>(*std::move(reader));
}

template <media::LiveKind kind>
Result<std::unique_ptr<MonitorInput>> openLiveOf(const MonitorConfig& config, std::function<bool()> isCancelled)
{
    return openLive(config, kind, std::move(isCancelled));
}

tl::unexpected<Error> wrongUrl(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en}, u"url"_s);
}

Result<void> checkHttp(const QString& url)
{
    const QUrl parsed(url, QUrl::StrictMode);
    if (!parsed.isValid() || parsed.host().isEmpty() || (parsed.scheme() != u"http" && parsed.scheme() != u"https"))
        return wrongUrl(u"Cần địa chỉ dạng http://máy/luồng"_s, u"An address like http://host/mount is needed"_s);
    return {};
}

Result<void> checkRtp(const QString& url)
{
    const QUrl parsed(url, QUrl::StrictMode);
    if (!parsed.isValid() || parsed.scheme() != u"rtp" || parsed.host().isEmpty() || parsed.port() < 1)
        return wrongUrl(u"Cần địa chỉ dạng rtp://239.192.0.1:5004"_s,
                        u"An address like rtp://239.192.0.1:5004 is needed"_s);
    return {};
}

Result<void> checkCard(const QString& url)
{
    if (url.isEmpty() || url.size() > 200 || !std::ranges::all_of(url, [](QChar c) { return c.isPrint(); }))
        return wrongUrl(u"Cần tên thiết bị thu của ALSA, ví dụ \"hw:CARD=Device\""_s,
                        u"ALSA's name of an input is needed, say \"hw:CARD=Device\""_s);
    return {};
}

struct Row {
    const char16_t* name;
    MonitorKind kind;
    Result<void> (*check)(const QString& url);
    Result<std::unique_ptr<MonitorInput>> (*open)(const MonitorConfig&, std::function<bool()>);
};

constexpr std::array<Row, 4> table{{
    {u"stream", MonitorKind::Stream, checkHttp, openLiveOf<media::LiveKind::Stream>},
    {u"hls", MonitorKind::Stream, checkHttp, openLiveOf<media::LiveKind::Hls>},
    {u"rtp", MonitorKind::Stream, checkRtp, openLiveOf<media::LiveKind::Rtp>},
    {u"alsa", MonitorKind::Microphone, checkCard, detail::openAlsaInput},
}};

const Row* rowOf(const QString& device)
{
    const auto found = std::ranges::find_if(table, [&](const Row& row) { return device == row.name; });
    return found == table.end() ? nullptr : &*found;
}

} // namespace

QStringList monitorDeviceNames()
{
    QStringList names;
    for (const Row& row : table)
        names.append(QString::fromUtf16(row.name));
    return names;
}

Result<void> checkMonitor(const MonitorConfig& config)
{
    const Row* row = rowOf(config.device);
    if (!row)
        return fail(ErrorCategory::InvalidInput,
                    {u"Không có loại đầu nghe này"_s, u"There is no monitor of this kind"_s}, u"device"_s);
    if (auto good = row->check(config.url); !good)
        return good;
    if (config.rtp && config.device != u"rtp")
        return fail(
            ErrorCategory::InvalidInput,
            {u"rtpmap chỉ dùng cho đầu nghe \"rtp\""_s, u"rtpmap means something to a monitor of \"rtp\" alone"_s},
            u"rtpmap"_s);
    if (config.ear.delayMost <= config.ear.delayLeast)
        return fail(ErrorCategory::InvalidInput,
                    {u"delay_most phải lớn hơn delay_least"_s, u"delay_most must be more than delay_least"_s},
                    u"delay_most"_s);
    return {};
}

MonitorKind usualKindOf(const QString& device)
{
    const Row* row = rowOf(device);
    return row ? row->kind : MonitorKind::Stream;
}

Result<std::unique_ptr<MonitorInput>> openMonitorInput(const MonitorConfig& config, std::function<bool()> isCancelled)
{
    if (auto good = checkMonitor(config); !good)
        return passOn(good);
    return rowOf(config.device)->open(config, std::move(isCancelled));
}

} // namespace loa::playout
