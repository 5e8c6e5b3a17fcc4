#include "playout/engine/relay_voices.h"

#include <algorithm>

namespace loa::playout {

RelayVoices::RelayVoices(RelayLine::Shape shape, std::size_t lines, const std::optional<RelayStandby>& standby)
    : m_standbyFrames(standby ? standby->frames.value : 0)
{
    for (std::size_t index = 0; index < lines; ++index)
        m_lines.push_back(std::make_unique<RelayLine>(shape));
}

std::size_t RelayVoices::standbysReady() const
{
    return m_standbysAdded.load(std::memory_order_relaxed) - m_standbysEnded.load(std::memory_order_acquire);
}

void RelayVoices::addStandby(std::unique_ptr<Source> source)
{
    Standby* slot = m_standbys.claim();
    if (slot == nullptr)
        return;
    slot->source = std::move(source); // what lay here is over, and goes on this thread
    m_standbys.publish();
    m_standbysAdded.fetch_add(1, std::memory_order_release);
}

void RelayVoices::letGo()
{
    for (const auto& line : m_lines)
        line->hold(false);
}

std::size_t RelayVoices::read(FrameCount position, std::span<float> out)
{
    turnTo(m_wished.load(std::memory_order_acquire));
    std::size_t given = 0;
    while (given < out.size()) {
        const std::span<float> piece = out.subspan(given, std::min(longestPiece, out.size() - given));
        const std::size_t there = readPiece(position.value + static_cast<std::int64_t>(given), piece);
        given += there;
        if (there == 0)
            break;
    }
    // What is not there will not be asked for again: the player goes on with silence in its place.
    m_asked.store(position.value + static_cast<std::int64_t>(given > 0 ? given : out.size()),
                  std::memory_order_release);
    return given;
}

void RelayVoices::turnTo(int voice)
{
    // One fade after the other, so that none begins from where another has not yet come.
    if (voice == m_voice || m_fade < voiceFade.value)
        return;
    endBefore();
    m_before = m_voice;
    m_voice = voice;
    m_fade = 0;
    if (voice == standbyVoice)
        ++m_play;
}

// The play that goes on is over, heard whole or not; the next one begins anew.
void RelayVoices::endStandby()
{
    if (m_standbyAt > 0 && m_standbys.front() != nullptr) {
        m_standbys.pop();
        m_standbysEnded.fetch_add(1, std::memory_order_release);
    }
    m_standbyAt = 0;
}

std::size_t RelayVoices::readPiece(std::int64_t position, std::span<float> out)
{
    if (m_standbyAt > 0 &&
        m_standbyAt >= m_standbyFrames.load(std::memory_order_acquire)) { // heard to its end: from the beginning
        endStandby();
        ++m_play;
    }
    std::size_t given = pull(m_voice, out);
    int account = m_voice;
    if (m_fade < voiceFade.value) {
        const auto length = std::min(out.size(), static_cast<std::size_t>(voiceFade.value - m_fade));
        const std::size_t old = pull(m_before, std::span(m_scratch).first(length));
        crossfade(out.first(std::max(std::min(given, length), old)), given, old);
        if (given == 0)
            account = m_before;
        given = std::max(given, old);
        // With neither of them there, there is nothing to fade.
        m_fade = given == 0 ? voiceFade.value : m_fade + static_cast<std::int64_t>(given);
        if (m_fade >= voiceFade.value)
            endBefore();
    }
    note(position, given, account);
    return given;
}

// The first `given` of `samples` are those of the voice that rises, the first `old` of m_scratch those of the one that
// falls.
void RelayVoices::crossfade(std::span<float> samples, std::size_t given, std::size_t old)
{
    for (std::size_t index = 0; index < samples.size(); ++index) {
        const std::int64_t at = m_fade + static_cast<std::int64_t>(index);
        const float rising = index < given ? samples[index] * equalPowerRise(at, voiceFade.value) : 0.0F;
        const float falling =
            index < old ? m_scratch[index] * equalPowerRise(voiceFade.value - 1 - at, voiceFade.value) : 0.0F;
        samples[index] = rising + falling;
    }
}

void RelayVoices::endBefore()
{
    if (m_before >= 0)
        m_lines[static_cast<std::size_t>(m_before)]->hold(false);
    if (m_before == standbyVoice)
        endStandby();
    m_before = noVoice;
}

std::size_t RelayVoices::pull(int voice, std::span<float> out)
{
    if (voice >= 0)
        return m_lines[static_cast<std::size_t>(voice)]->take(out);
    return voice == standbyVoice ? pullStandby(out) : 0;
}

// At most to the end of the item: the frame after it belongs to another play.
std::size_t RelayVoices::pullStandby(std::span<float> out)
{
    const Standby* slot = m_standbys.front();
    if (slot == nullptr)
        return 0;
    const auto rest = static_cast<std::size_t>(m_standbyFrames.load(std::memory_order_acquire) - m_standbyAt);
    const std::size_t given = slot->source->read({m_standbyAt}, out.first(std::min(out.size(), rest)));
    m_standbyAt += static_cast<std::int64_t>(given);
    return given;
}

void RelayVoices::note(std::int64_t position, std::size_t frames, int voice)
{
    const int play = voice == standbyVoice ? m_play : 0;
    if (frames == 0)
        return;
    const std::int64_t end = position + static_cast<std::int64_t>(frames);
    const std::size_t count = m_markCount.load(std::memory_order_relaxed);
    if (count > 0) {
        Mark& last = m_marks[count - 1];
        if (last.voice == voice && last.play == play && last.to.load(std::memory_order_relaxed) == position) {
            last.to.store(end, std::memory_order_release);
            return;
        }
    }
    if (count == m_marks.size())
        return; // claims less than sounded, never more
    Mark& mark = m_marks[count];
    mark.voice = voice;
    mark.play = play;
    mark.from = position;
    mark.to.store(end, std::memory_order_relaxed);
    m_markCount.store(count + 1, std::memory_order_release);
}

RelaySound RelayVoices::soundOf(std::span<const IntervalSet::Interval> delivered) const
{
    std::vector<std::int64_t> lines(m_lines.size());
    std::int64_t standby = 0;
    RelaySound sound;
    const std::size_t count = m_markCount.load(std::memory_order_acquire);
    for (std::size_t index = 0; index < count; ++index) {
        const Mark& mark = m_marks[index];
        const std::int64_t to = mark.to.load(std::memory_order_acquire);
        for (const IntervalSet::Interval& interval : delivered) {
            const std::int64_t first = std::max(interval.from, mark.from);
            const std::int64_t frames = std::min(interval.to, to) - first;
            if (frames <= 0)
                continue;
            if (mark.voice >= 0) {
                lines[static_cast<std::size_t>(mark.voice)] += frames;
                continue;
            }
            standby += frames;
            if (!sound.standby || frames > sound.standby->frames.value)
                sound.standby =
                    StandbyPlay{{first}, {frames}, frames == m_standbyFrames.load(std::memory_order_acquire)};
        }
    }
    for (std::size_t index = 0; index < lines.size(); ++index) {
        if (lines[index] > 0)
            sound.shares.push_back({static_cast<int>(index), {lines[index]}});
    }
    if (standby > 0)
        sound.shares.push_back({standbyShare, {standby}});
    return sound;
}

} // namespace loa::playout
