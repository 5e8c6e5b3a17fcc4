// A sound card of this machine: url is ALSA's name of it ("default", "hw:CARD=Device"). See card_device.h.
#include "playout/output/alsa_card.h"
#include "playout/output/card_device.h"
#include "playout/output/device_table.h"

#include <algorithm>

namespace loa::playout::detail {

using namespace std::chrono_literals;

Result<void> checkAlsa(const OutputConfig& config)
{
    const bool isName = !config.url.isEmpty() && config.url.size() <= 200 &&
                        std::all_of(config.url.begin(), config.url.end(), [](QChar c) { return c.isPrint(); });
    if (!isName)
        return wrongValue(config, "url", QStringLiteral("Đầu ra ALSA cần tên thiết bị, ví dụ \"default\"."),
                          QStringLiteral("An ALSA output needs the name of a device, say \"default\"."));
    if (config.codec)
        return wrongValue(config, "codec", QStringLiteral("Đầu ra ALSA không mã hoá."),
                          QStringLiteral("An ALSA output does not encode."));
    if (config.cardBuffer < 40ms || config.cardBuffer > 300ms)
        return wrongValue(config, "buffer", QStringLiteral("Bộ đệm phải từ 40 đến 300 ms."),
                          QStringLiteral("The buffer must lie between 40 and 300 ms."));
    if (config.cardPeriod < 2ms || config.cardPeriod * 2 > config.cardBuffer)
        return wrongValue(config, "period", QStringLiteral("Chu kỳ phải từ 2 ms đến nửa bộ đệm."),
                          QStringLiteral("The period must lie between 2 ms and half of the buffer."));
    return {};
}

DeviceTraits traitsOfAlsa(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.between = config.between.value_or(BetweenSessions::Closed);
    traits.leadIn = config.leadIn.value_or(1000ms); // to open, to be placed, and to learn the card's clock
    traits.largestLateness = 500ms;
    return traits;
}

Created createAlsa(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<CardDevice>(config, makeAlsaCard(), pacing, sink);
}

} // namespace loa::playout::detail
