#include "playout/proof/monitor_ear.h"

#include <algorithm>
#include <cmath>

namespace loa::playout {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int heardFrom = 500; // per mille
constexpr int strangeBelow = 300;
constexpr auto surely = 20s;      // of an airing, compared, before it is said that it was not heard
constexpr auto leastUnknown = 8s; // of a stretch, to find it at any delay
constexpr auto leastKnown = 3s;   // … near the delay found last
// An Icecast mount gets a fifth of a second at a time, ahead of its instant, and a row begins where it may.
constexpr milliseconds ahead{300};
constexpr auto nearDelay = 1s;
constexpr auto settle = 1500ms; // after a stretch could have arrived
constexpr auto kept = 5min;
constexpr double quietStream = -50.0; // dBFS
constexpr double mutedBy = 10.0;      // dB under the level at which it was heard
constexpr double almostAsLoud = 6.0;
constexpr auto longestPause = 5s; // in foreign sound
constexpr double slack = 300e-6;  // how far two clocks may part, of time

constexpr std::chrono::microseconds fineRow = toDuration(media::finePrintHop);

std::int64_t rowsIn(std::chrono::microseconds length)
{
    return length / toDuration(media::printHop);
}

double decibelsOf(double power)
{
    return 10.0 * std::log10(std::max(power, 1e-12));
}

} // namespace

std::int64_t MonitorEar::rowAt(UtcTime instant) const
{
    return (instant - *m_began) / fineRow - m_firstRow;
}

UtcTime MonitorEar::instantOf(std::int64_t row) const
{
    return *m_began + (row + m_firstRow) * fineRow;
}

void MonitorEar::interrupt()
{
    m_printer.restart();
    m_rows.clear();
    m_firstRow = 0;
    m_frames = 0;
    m_began.reset();
    m_second = {};
    m_secondFrames = 0;
}

void MonitorEar::doubt(std::chrono::microseconds by)
{
    interrupt();
    m_doubt = std::max(m_doubt.value_or(std::chrono::microseconds(0)), by);
    m_delay.reset();
    m_foreignFrom.reset();
    m_foreignFor = {};
}

// A server may send seconds at once when it is connected to, and the network holds some back: what came with the least
// delay says when the first frame was due. It rises again as slowly as clocks part.
void MonitorEar::hear(UtcTime now, std::span<const float> samples)
{
    const auto count = static_cast<std::int64_t>(samples.size());
    const UtcTime began = now - toDuration(FrameCount{m_frames + count});
    if (!m_began) {
        m_began = began;
        m_openedAt = now;
    } else {
        const auto rise = std::chrono::duration_cast<Duration>(toDuration(FrameCount{count}) * slack);
        m_began = std::min(*m_began + rise, began);
    }
    m_frames += count;
    m_printer.add(samples, m_rows);
    measure(samples);
}

void MonitorEar::measure(std::span<const float> samples)
{
    std::int64_t frame = m_frames - static_cast<std::int64_t>(samples.size());
    for (const float sample : samples) {
        ++frame;
        m_second.power += static_cast<double>(sample) * static_cast<double>(sample);
        if (++m_secondFrames < sampleRate)
            continue;
        m_second.power /= sampleRate;
        m_second.from = *m_began + toDuration(FrameCount{frame}) - 1s;
        m_seconds.push_back(m_second);
        m_second = {};
        m_secondFrames = 0;
    }
}

double MonitorEar::levelBetween(UtcTime from, UtcTime to) const
{
    double power = 0.0;
    int seconds = 0;
    for (const Second& second : m_seconds) {
        if (second.from >= from - 500ms && second.from + 1s <= to + 500ms) {
            power += second.power;
            ++seconds;
        }
    }
    return seconds > 0 ? decibelsOf(power / seconds) : -120.0;
}

// From which level on sound counts as sent by somebody.
std::optional<double> MonitorEar::loud() const
{
    if (m_settings.kind == MonitorKind::Stream)
        return quietStream;
    return m_heardLevel ? std::optional(*m_heardLevel - almostAsLoud) : std::nullopt;
}

void MonitorEar::seek(const TracedStretch& stretch)
{
    Judged judged{stretch.airing, stretch.from, stretch.to, std::nullopt, {}, false, -120.0};
    const auto look = [&](milliseconds least, milliseconds most, std::chrono::seconds enough) {
        const auto rows = static_cast<std::int64_t>(m_rows.size());
        const std::int64_t first = std::max<std::int64_t>(0, rowAt(stretch.from + least));
        const std::int64_t last = std::min(rows - 1, rowAt(stretch.from + most));
        if (last < first)
            return;
        auto found = media::findPrint(stretch.rows, m_rows, first, last, rowsIn(enough));
        if (!found || (judged.found && judged.found->perMille >= found->perMille))
            return;
        judged.delay = std::max(m_settings.delayLeast, // what was sent ahead is not late
                                std::chrono::duration_cast<milliseconds>(instantOf(found->at) - stretch.from));
        judged.found = found;
    };
    if (m_began) {
        judged.arrived = instantOf(0) <= stretch.from + m_settings.delayLeast && m_openedAt <= stretch.from;
        if (m_delay)
            look(*m_delay - nearDelay, *m_delay + nearDelay, leastKnown);
        if (!judged.found || judged.found->perMille < heardFrom)
            look(m_settings.delayLeast - ahead, m_settings.delayMost, leastUnknown);
    }
    const bool isHeard = judged.found && judged.found->perMille >= heardFrom;
    const milliseconds delay = isHeard ? judged.delay : m_delay.value_or(m_settings.delayLeast);
    judged.level = levelBetween(stretch.from + delay, stretch.to + delay);
    if (isHeard) {
        m_delay = judged.delay;
        m_heardLevel = judged.level;
    }
    m_judged.push_back(std::move(judged));
}

HeardProof MonitorEar::answer(const HeardQuestion& question) const
{
    HeardProof proof = question.proof;
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    std::int64_t best = -1;
    bool arrived = true;
    double level = -120.0;
    for (const Judged& judged : m_judged) {
        if (judged.airing != proof.airing || judged.to <= question.from || judged.from >= question.to)
            continue;
        arrived &= judged.arrived;
        level = std::max(level, judged.level);
        if (!judged.found)
            continue;
        rows += judged.found->compared;
        sum += judged.found->compared * judged.found->perMille;
        if (judged.found->perMille > best && judged.found->perMille >= heardFrom) {
            best = judged.found->perMille;
            proof.delay = judged.delay;
        }
    }
    proof.frames = {rows * media::printHop.value};
    if (rows == 0)
        return proof;
    proof.match = static_cast<int>(sum / rows);
    if (*proof.match >= heardFrom) {
        proof.result = Heard::Yes;
        return proof;
    }
    proof.delay.reset();
    const bool isMuted = m_settings.kind == MonitorKind::Stream || (m_heardLevel && level <= *m_heardLevel - mutedBy);
    if (question.isWhole && !m_doubt && arrived && isMuted && *proof.match < strangeBelow && rows >= rowsIn(surely))
        proof.result = Heard::No;
    return proof;
}

void MonitorEar::noteForeign(UtcTime from, UtcTime to, std::vector<MonitorFinding>& findings)
{
    if (m_doubt)
        return;
    if (!m_foreignFrom) {
        m_foreignFrom = from;
        m_foreignFor = {};
    }
    m_foreignTo = std::max(m_foreignTo, to);
    m_foreignFor += to - from;
    if (!m_isForeign && m_foreignFor >= m_settings.foreignAfter) {
        m_isForeign = true;
        findings.push_back(ForeignSound{*m_foreignFrom, std::nullopt});
    }
}

void MonitorEar::endForeign(std::vector<MonitorFinding>& findings)
{
    if (m_isForeign)
        findings.push_back(ForeignSound{*m_foreignFrom, m_foreignTo});
    m_isForeign = false;
    m_foreignFrom.reset();
    m_foreignTo = {};
}

// Seconds in which nothing of the mix could arrive.
void MonitorEar::judgeSeconds(UtcTime now, std::vector<MonitorFinding>& findings)
{
    const auto threshold = loud();
    for (const Second& second : m_seconds) {
        if (second.from < m_lookedUntil)
            continue;
        if (second.from + 3s > now) // the mix of this second may not be told yet
            break;
        m_lookedUntil = second.from + 500ms;
        const UtcTime end = second.from + 1s;
        if (m_trace.sounded(second.from - m_settings.delayMost - 1s, end - m_settings.delayLeast + 1s))
            continue;
        if (threshold && decibelsOf(second.power) >= *threshold)
            noteForeign(second.from, end, findings);
        else if (m_foreignFrom && end > m_foreignTo + longestPause)
            endForeign(findings);
    }
}

std::vector<MonitorFinding> MonitorEar::judge(UtcTime now)
{
    std::vector<MonitorFinding> findings;
    for (TracedStretch& stretch : m_trace.take(now))
        m_waiting.push_back(std::move(stretch));
    const auto around = m_doubt.value_or(std::chrono::microseconds(0)) + m_settings.delayMost + 10s;
    if (m_doubt && m_waiting.empty() && m_questions.empty() && !m_trace.sounded(now - around, now + around))
        m_doubt.reset();
    const bool looksForForeign = m_settings.foreignAfter.count() > 0;
    while (!m_waiting.empty() && now >= m_waiting.front().to + m_settings.delayMost + settle) {
        seek(m_waiting.front());
        m_waiting.erase(m_waiting.begin());
        const Judged& judged = m_judged.back();
        if (!judged.found || !looksForForeign)
            continue;
        const auto threshold = loud();
        if (judged.found->perMille >= heardFrom)
            endForeign(findings);
        else if (judged.found->perMille < strangeBelow && threshold && judged.level >= *threshold)
            noteForeign(judged.from, judged.to, findings);
    }
    for (std::size_t index = 0; index < m_questions.size();) {
        const HeardQuestion& question = m_questions[index];
        if (now < question.to + m_settings.delayMost + settle + 1500ms) {
            ++index;
            continue;
        }
        findings.emplace_back(answer(question));
        m_questions.erase(m_questions.begin() + static_cast<std::ptrdiff_t>(index));
    }
    if (looksForForeign)
        judgeSeconds(now, findings);
    forget(now);
    return findings;
}

void MonitorEar::forget(UtcTime now)
{
    const UtcTime oldest = now - m_settings.delayMost - kept;
    std::erase_if(m_seconds, [&](const Second& second) { return second.from < oldest; });
    // An airing is asked for when it is over, so its stretches wait; none is longer than that.
    std::erase_if(m_judged, [&](const Judged& judged) { return judged.to < now - 12h; });
    const std::int64_t over =
        m_began ? std::clamp<std::int64_t>(rowAt(oldest), 0, static_cast<std::int64_t>(m_rows.size())) : 0;
    if (over > 1'000) {
        m_rows.erase(m_rows.begin(), m_rows.begin() + over);
        m_firstRow += over;
    }
}

} // namespace loa::playout
