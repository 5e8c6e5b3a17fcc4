// Nothing sounds, everything counts. "Left" means: its instant came. Told to misbehave, it does what real devices do:
// "null:stall" takes no frame any more, "null:burst" lets a fifth of a second pass at a time, "null:fail" fails to
// write; "@N" behind the word: only N ms after it was opened. "null:closed" cannot be opened.
#include "playout/output/device_table.h"

#include <thread>

namespace loa::playout::detail {

namespace {

enum class Misbehaviour { None, Stall, Burst, Fail, Closed };

struct NullSettings {
    Misbehaviour misbehaviour = Misbehaviour::None;
    FrameCount after;
};

std::optional<NullSettings> nullSettingsFrom(const QString& url)
{
    if (url.isEmpty() || url == u"null")
        return NullSettings{};
    if (!url.startsWith(u"null:"))
        return std::nullopt;
    const QString word = url.mid(5).section(u'@', 0, 0);
    bool isNumber = true;
    const auto after = url.contains(u'@') ? url.section(u'@', 1).toUInt(&isNumber) : 0U;
    if (!isNumber)
        return std::nullopt;
    NullSettings settings{Misbehaviour::None, toFrames(std::chrono::milliseconds(after))};
    if (word == u"stall")
        settings.misbehaviour = Misbehaviour::Stall;
    else if (word == u"burst")
        settings.misbehaviour = Misbehaviour::Burst;
    else if (word == u"fail")
        settings.misbehaviour = Misbehaviour::Fail;
    else if (word == u"closed")
        settings.misbehaviour = Misbehaviour::Closed;
    else
        return std::nullopt;
    return settings;
}

tl::unexpected<Error> onPurpose()
{
    return fail(ErrorCategory::Unavailable, {QStringLiteral("Thiết bị giả hỏng theo yêu cầu."),
                                             QStringLiteral("The null device fails on purpose.")});
}

class NullDevice final : public OutputDevice {
public:
    NullDevice(const NullSettings& settings, Pacing& pacing, StreamSink& sink)
        : m_settings(settings), m_pacing(pacing), m_sink(sink)
    {
    }

    Result<void> open(const StreamStart& start) override
    {
        if (m_settings.misbehaviour == Misbehaviour::Closed)
            return onPurpose();
        m_misbehavesFrom = start.position + m_settings.after;
        return {};
    }

    Result<void> write(const OutputBlock& block) override
    {
        const bool misbehaves = block.position >= m_misbehavesFrom;
        if (misbehaves && m_settings.misbehaviour == Misbehaviour::Fail)
            return onPurpose();
        while (misbehaves && m_settings.misbehaviour == Misbehaviour::Stall) {
            if (!m_pacing.isRunning())
                return interrupted();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        FrameCount due = block.position;
        if (misbehaves && m_settings.misbehaviour == Misbehaviour::Burst)
            due = {(due.value / burst + 1) * burst};
        if (!m_pacing.waitUntil(due))
            return interrupted();
        m_sink.delivered(block.position, block.position + block.frames, m_pacing.now());
        return {};
    }

    void close() override {}

private:
    static constexpr std::int64_t burst = sampleRate / 5;
    const NullSettings m_settings;
    Pacing& m_pacing;
    StreamSink& m_sink;
    FrameCount m_misbehavesFrom;
};

} // namespace

Result<void> checkNull(const OutputConfig& config)
{
    if (nullSettingsFrom(config.url))
        return {};
    return wrongValue(config, "url",
                      QStringLiteral("Thiết bị null chỉ nhận null:stall, null:burst, null:fail, null:closed."),
                      QStringLiteral("The null device takes null:stall, null:burst, null:fail or null:closed."));
}

DeviceTraits traitsOfNull(const OutputConfig& config)
{
    DeviceTraits traits;
    traits.between = config.between.value_or(BetweenSessions::Closed);
    traits.leadIn = config.leadIn.value_or(std::chrono::milliseconds(0));
    traits.largestLateness = std::chrono::milliseconds(500);
    traits.wantsSamples = false;
    const auto misbehaviour = nullSettingsFrom(config.url).value_or(NullSettings{}).misbehaviour;
    traits.isPrompt = misbehaviour != Misbehaviour::Stall && misbehaviour != Misbehaviour::Burst;
    return traits;
}

Created createNull(const OutputConfig& config, Pacing& pacing, StreamSink& sink)
{
    return std::make_unique<NullDevice>(*nullSettingsFrom(config.url), pacing, sink);
}

} // namespace loa::playout::detail
