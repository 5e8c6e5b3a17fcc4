#include "playout/engine/relay_chain.h"

#include <algorithm>

namespace loa::playout {

namespace {

constexpr int soonAgain = 12; // times `steady`
constexpr int mostRelapses = 6;

} // namespace

QString toString(RelayStep::Kind kind)
{
    switch (kind) {
    case RelayStep::Kind::Opened:
        return QStringLiteral("relay-opened");
    case RelayStep::Kind::Failed:
        return QStringLiteral("relay-failed");
    case RelayStep::Kind::Silent:
        return QStringLiteral("relay-silent");
    case RelayStep::Kind::Second:
        return QStringLiteral("relay-second");
    case RelayStep::Kind::Standby:
        return QStringLiteral("relay-standby");
    case RelayStep::Kind::Nothing:
        return QStringLiteral("relay-nothing");
    case RelayStep::Kind::Back:
        return QStringLiteral("relay-back");
    }
    return {};
}

RelayChain::RelayChain(Rule rule) : m_rule(rule), m_lines(rule.lines)
{
    m_lines.front().isWanted = true;
}

bool RelayChain::canBeHeard(const RelayLineState& line, bool sounds) const
{
    if (!line.isOpen && !sounds)
        return false;
    const FrameCount left{line.isFed ? m_rule.reserve.value / 2 : m_rule.reserve.value};
    const bool isFilled = sounds ? line.buffered > left : line.buffered >= m_rule.enough;
    return isFilled && line.silent < m_rule.silence;
}

void RelayChain::step(Instant now, const std::vector<RelayLineState>& lines, bool isOnAir)
{
    follow(now, lines);
    choose(now, lines, isOnAir);
    if (isOnAir)
        tell(m_voice);
    m_wasOnAir = isOnAir;
}

// What became of each line, and which of them to hold open.
void RelayChain::follow(Instant now, const std::vector<RelayLineState>& lines)
{
    bool isOneWell = false;     // one before it, now
    bool isOneWellLong = false; // … and for `steady`
    for (std::size_t index = 0; index < m_lines.size(); ++index) {
        Line& line = m_lines[index];
        const RelayLineState& state = lines[index];
        const int number = static_cast<int>(index);
        if (state.isOpen && !line.wasOpen) {
            m_steps.push_back({RelayStep::Kind::Opened, number, state.detail});
            line.isTold = false;
        }
        // A failure is told once until it opens again, however often it is tried.
        if (!state.isOpen && line.isWanted && !line.isTold && !state.detail.isEmpty()) {
            m_steps.push_back({RelayStep::Kind::Failed, number, state.detail});
            line.isTold = true;
        }
        const bool isSilent = state.isOpen && state.silent >= m_rule.silence;
        if (isSilent && !line.wasSilent)
            m_steps.push_back({RelayStep::Kind::Silent, number, {}});
        line.wasOpen = state.isOpen;
        line.wasSilent = isSilent;

        const auto since = [now](std::optional<Instant>& instant, bool holds) {
            instant = holds ? instant.value_or(now) : std::optional<Instant>();
        };
        since(line.heardSince, canBeHeard(state, number == m_voice));
        const bool isWell = state.isOpen && state.isFed && state.silent.value < m_rule.silence.value / 2 &&
                            state.buffered >= m_rule.enough;
        since(line.wellSince, isWell);

        if (index > 0 && !isOneWell)
            line.isWanted = true;
        else if (index > 0 && isOneWellLong && number != m_voice)
            line.isWanted = false;
        isOneWell = isOneWell || isWell;
        isOneWellLong = isOneWellLong || (line.wellSince && now - *line.wellSince >= m_rule.steady);
    }
}

void RelayChain::choose(Instant now, const std::vector<RelayLineState>& lines, bool isOnAir)
{
    const bool isLine = m_voice >= 0;
    const bool goesOn = isLine && m_lines[static_cast<std::size_t>(m_voice)].heardSince.has_value();
    int best = goesOn ? m_voice : noVoice;
    for (std::size_t index = 0; index < m_lines.size(); ++index) {
        const int number = static_cast<int>(index);
        if (goesOn && number >= m_voice)
            break;
        const auto since = m_lines[index].heardSince;
        // Nobody hears it yet, or it takes over from what just ended: no need to wait.
        const bool mayComeAtOnce =
            !isOnAir || !m_wasOnAir || (isLine && !goesOn) || (!isLine && !m_lines[index].hasFailed);
        if (since && (mayComeAtOnce || now - *since >= m_rule.steady * (1 << m_lines[index].relapses))) {
            best = number;
            break;
        }
    }
    if (best == noVoice && m_rule.hasStandby)
        best = standbyVoice;
    for (std::size_t index = 0; best == noVoice && index < m_lines.size(); ++index) {
        if (lines[index].buffered > m_rule.reserve)
            best = static_cast<int>(index);
    }
    if (isLine && !goesOn && best != m_voice) {
        Line& failed = m_lines[static_cast<std::size_t>(m_voice)];
        const bool isRelapse = failed.cameAt && now - *failed.cameAt < m_rule.steady * soonAgain;
        failed.hasFailed = true;
        failed.relapses = isRelapse ? std::min(failed.relapses + 1, mostRelapses) : 0;
    }
    if (best >= 0 && best != m_voice)
        m_lines[static_cast<std::size_t>(best)].cameAt = m_wasOnAir ? std::optional(now) : std::nullopt;
    m_voice = best;
}

void RelayChain::tell(int voice)
{
    if (voice == m_told)
        return;
    if (voice == standbyVoice)
        m_steps.push_back({RelayStep::Kind::Standby, 0, {}});
    else if (voice == noVoice)
        m_steps.push_back({RelayStep::Kind::Nothing, 0, {}});
    else if (voice > 0)
        m_steps.push_back({RelayStep::Kind::Second, voice, {}});
    else if (!m_everFirst)
        m_steps.push_back({RelayStep::Kind::Back, 0, {}});
    m_everFirst = m_everFirst && voice == 0;
    m_told = voice;
}

} // namespace loa::playout
