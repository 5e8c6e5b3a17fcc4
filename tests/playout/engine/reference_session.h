// A whole session, live events and all, worked out frame by frame from the words of timeline.h, preemption.h and
// mix_rules.h, and nothing of the engine or the timeline: for each frame a list of who sounds, then of what is heard.
// Slow, and easy to believe.
#pragma once

#include "tests/playout/engine/reference_mixer.h"

#include <optional>
#include <string>

namespace loa::playout::test {

struct ReferenceAiring {
    std::string name;
    std::int64_t at = 0;     // planned: its first frame; live: not before
    std::int64_t frames = 0; // that sound
    int priority = 0;        // higher goes first
    bool isLive = false;
    std::int64_t fadeIn = 0;
    std::int64_t fadeOut = 0;
    int duckDb = 0;
    std::int64_t glide = 0;
    const std::vector<float>* samples = nullptr;
};

struct ReferenceLevel {
    std::int64_t from = 0;
    float gain = 1.0F;
};

class ReferenceSession {
public:
    static constexpr std::int64_t edge = 240;           // 5 ms
    static constexpr std::int64_t join = 480;           // 10 ms
    static constexpr std::int64_t cut = 960;            // 20 ms
    static constexpr std::int64_t worthIt = 5 * 48'000; // shortest piece entered in its middle

    explicit ReferenceSession(std::vector<ReferenceAiring> airings) : m_airings(std::move(airings))
    {
        for (const ReferenceAiring& one : m_airings)
            m_length += std::max<std::int64_t>(one.at, 0) + one.frames;
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            m_starts.push_back(m_airings[who].isLive ? -1 : m_airings[who].at);
            m_sounds.emplace_back(static_cast<std::size_t>(m_length), char{0});
        }
        for (std::int64_t frame = 0; frame < m_length; ++frame)
            decide(frame);
        for (std::size_t who = 0; who < m_airings.size(); ++who)
            dropShortRests(who);
        while (m_length > 0 && !anyoneAt(m_length - 1))
            --m_length;
        for (std::size_t who = 0; who < m_airings.size(); ++who)
            m_pieces.push_back(piecesOf(who));
        for (std::size_t who = 0; who < m_airings.size(); ++who)
            m_order.push_back(who);
        std::stable_sort(m_order.begin(), m_order.end(),
                         [&](std::size_t a, std::size_t b) { return m_starts[a] < m_starts[b]; });
    }

    [[nodiscard]] std::int64_t length() const { return m_length; }
    [[nodiscard]] std::int64_t startOf(std::size_t who) const { return m_starts[who]; }
    [[nodiscard]] bool soundsAt(std::size_t who, std::int64_t frame) const
    {
        return frame >= 0 && frame < m_length && m_sounds[who][static_cast<std::size_t>(frame)] != 0;
    }
    [[nodiscard]] std::int64_t framesOf(std::size_t who) const
    {
        return std::count(m_sounds[who].begin(), m_sounds[who].end(), char{1});
    }

    // The mix from frame `from` on, as heard by who joins there.
    [[nodiscard]] std::vector<float> mix(std::int64_t from, const std::vector<ReferenceLevel>& levels) const
    {
        bool isJoined = false;
        for (const std::size_t who : m_order)
            isJoined |= soundsAt(who, from) && soundsAt(who, from - 1);
        std::vector<float> heard;
        for (std::int64_t frame = from; frame < m_length; ++frame) {
            float sum = 0.0F;
            for (const std::size_t who : m_order) {
                if (!soundsAt(who, frame))
                    continue;
                float sample = (*m_airings[who].samples)[static_cast<std::size_t>(frame - m_starts[who])];
                sample *= fades(who, frame);
                for (const std::size_t over : m_order)
                    sample *= lowered(who, over, frame);
                sum += sample;
            }
            sum *= volumeAt(frame, levels);
            heard.push_back(isJoined ? sum * referenceFade(frame - from, join) : sum);
        }
        return heard;
    }

private:
    [[nodiscard]] bool isThere(std::size_t who, std::int64_t frame) const
    {
        return m_starts[who] >= 0 && m_starts[who] <= frame && frame < m_starts[who] + m_airings[who].frames;
    }

    // Which events begin at this frame, and who sounds in it.
    void decide(std::int64_t frame)
    {
        for (;;) {
            std::optional<std::size_t> next; // of those whose turn it is the highest, of these the first come
            for (std::size_t who = 0; who < m_airings.size(); ++who) {
                if (!m_airings[who].isLive || m_starts[who] >= 0 || m_airings[who].at > frame || mustWait(who, frame))
                    continue;
                const auto comesBefore = [&](const ReferenceAiring& a, const ReferenceAiring& b) {
                    return a.priority != b.priority ? a.priority > b.priority : a.at < b.at;
                };
                if (!next || comesBefore(m_airings[who], m_airings[*next]))
                    next = who;
            }
            if (!next)
                break;
            m_starts[*next] = frame;
        }
        int highest = -1;
        std::optional<std::size_t> live;
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            if (isThere(who, frame))
                highest = std::max(highest, m_airings[who].priority);
        }
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            if (isThere(who, frame) && m_airings[who].isLive && m_airings[who].priority == highest)
                live = who;
        }
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            const bool sounds = live ? who == *live : !m_airings[who].isLive;
            m_sounds[who][static_cast<std::size_t>(frame)] = isThere(who, frame) && sounds ? 1 : 0;
        }
    }

    // Something of its own or a higher priority is on; a planned item of its own that would begin now is not.
    [[nodiscard]] bool mustWait(std::size_t event, std::int64_t frame) const
    {
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            if (who == event || !isThere(who, frame) || m_airings[who].priority < m_airings[event].priority)
                continue;
            const bool beginsNow = m_starts[who] == frame;
            if (m_airings[who].isLive || m_airings[who].priority > m_airings[event].priority || !beginsNow)
                return true;
        }
        return false;
    }

    void dropShortRests(std::size_t who)
    {
        for (const Piece& piece : piecesOf(who)) {
            if (piece.first > m_starts[who] && piece.end - piece.first < worthIt)
                std::fill(m_sounds[who].begin() + piece.first, m_sounds[who].begin() + piece.end, char{0});
        }
    }

    [[nodiscard]] bool anyoneAt(std::int64_t frame) const
    {
        for (std::size_t who = 0; who < m_airings.size(); ++who) {
            if (soundsAt(who, frame))
                return true;
        }
        return false;
    }

    struct Piece {
        std::int64_t first = 0;
        std::int64_t end = 0;
    };
    [[nodiscard]] std::vector<Piece> piecesOf(std::size_t who) const
    {
        std::vector<Piece> pieces;
        for (std::int64_t frame = 0; frame < m_length; ++frame) {
            if (!soundsAt(who, frame))
                continue;
            if (!soundsAt(who, frame - 1))
                pieces.push_back({frame, frame});
            pieces.back().end = frame + 1;
        }
        return pieces;
    }
    // The one that sounds at `frame`.
    [[nodiscard]] const Piece& pieceAt(std::size_t who, std::int64_t frame) const
    {
        return *std::find_if(m_pieces[who].begin(), m_pieces[who].end(),
                             [&](const Piece& piece) { return piece.first <= frame && frame < piece.end; });
    }

    [[nodiscard]] float fades(std::size_t who, std::int64_t frame) const
    {
        const ReferenceAiring& one = m_airings[who];
        const auto [first, end] = pieceAt(who, frame);
        const bool isHead = first == m_starts[who];
        const bool isTail = end == m_starts[who] + one.frames;
        std::int64_t rise = isHead ? (one.isLive ? edge : 0) : cut;
        std::int64_t fall = isTail ? (one.isLive ? edge : 0) : cut;
        if (!anyoneAt(first - 1) && !(isHead && one.fadeIn > 0))
            rise = std::max(rise, edge);
        if (!anyoneAt(end) && !(isTail && one.fadeOut > 0))
            fall = std::max(fall, edge);
        const float piece = referenceFade(frame - first, rise) * referenceFade(end - 1 - frame, fall);
        const std::int64_t item = frame - m_starts[who];
        return piece * (referenceFade(item, one.fadeIn) * referenceFade(one.frames - 1 - item, one.fadeOut));
    }

    // What each piece of `over` takes away from the piece of `who` that sounds at `frame`.
    [[nodiscard]] float lowered(std::size_t who, std::size_t over, std::int64_t frame) const
    {
        const ReferenceAiring& lowering = m_airings[over];
        float gain = 1.0F;
        if (who == over || lowering.duckDb == 0)
            return gain;
        const Piece& own = pieceAt(who, frame);
        for (const Piece& piece : m_pieces[over]) {
            const bool isOver = piece.first < own.end && own.first < piece.end;
            const std::int64_t away = frame < piece.first  ? piece.first - frame
                                      : frame >= piece.end ? frame - piece.end + 1
                                                           : 0;
            if (!isOver || away > lowering.glide)
                continue;
            const double depth =
                away == 0 ? 1.0 : 1.0 - (static_cast<double>(away) - 0.5) / static_cast<double>(lowering.glide);
            gain *= static_cast<float>(std::pow(10.0, -lowering.duckDb * depth / 20.0));
        }
        return gain;
    }

    [[nodiscard]] static float volumeAt(std::int64_t frame, const std::vector<ReferenceLevel>& levels)
    {
        float gain = 1.0F;
        float before = 1.0F;
        std::int64_t since = 0;
        bool isFirst = true;
        for (const ReferenceLevel& level : levels) {
            if (level.from > frame)
                break;
            before = isFirst ? level.gain : gain;
            isFirst = false;
            gain = level.gain;
            since = level.from;
        }
        constexpr std::int64_t glide = 4800; // 0.1 s
        if (frame - since >= glide)
            return gain;
        return before + (gain - before) * (static_cast<float>(frame - since) / static_cast<float>(glide));
    }

    std::vector<ReferenceAiring> m_airings;
    std::vector<std::int64_t> m_starts; // -1: an event whose turn has not come
    std::vector<std::vector<char>> m_sounds;
    std::vector<std::vector<Piece>> m_pieces;
    std::vector<std::size_t> m_order; // by start
    std::int64_t m_length = 0;
};

} // namespace loa::playout::test
