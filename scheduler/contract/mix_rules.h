// Which airings of a session may sound at once, and how: the same rule for who makes a bundle and who obeys one.
//
// Purpose: an approver consented to a recording as it is. Only of a recording that he also let be faded
// (BundleMedia::mayFade: music, beds, tunes) may an airing sound less than all of it, rise, fall, or be lowered beneath
// another. So no word of a notice is ever cut or covered by plan.
// Threads: any, one at a time. Units: frames of the session.
//
// The rule:
//   1. `frames` is the recording's length; less, from its first frame on, when it may be faded and falls over at least
//      `shortestFall`. Rise and fall find room in it.
//   2. Two airings sound at once where the earlier falls: the later begins no more than the earlier's fall before its
//      end, and the earlier's end comes first. Rise and fall are of equal power.
//   3. One airing more may sound over those that may be faded: one that ducks (`duckDb`, time signal, short notice).
//      What lies beneath is lowered by `duckDb`, gliding down over `duckGlide` before the ducking airing's first frame
//      and up over `duckGlide` after its last, in a straight line of decibels.
//   4. No two airings begin at one frame.
#pragma once

#include "scheduler/contract/bundle.h"

#include <optional>
#include <vector>

namespace loa {

inline constexpr std::size_t mostAtOnce = 3;      // two, and one that ducks them
inline constexpr FrameCount shortestFall{960};    // 20 ms
inline constexpr FrameCount longestFade{480'000}; // 10 s
inline constexpr int deepestDuckDb = 60;

// Takes the airings of one session by their offsets.
class MixJudge {
public:
    // Why `airing`, which sounds `media` (null: a relay, which has no end of its own and may not be faded), may not
    // sound as it says beside those admitted before; nullopt: it may, and is admitted.
    [[nodiscard]] std::optional<Text> admit(const BundleAiring& airing, const BundleMedia* media);

private:
    struct Admitted {
        FrameCount offset;
        FrameCount end;
        FrameCount fadeOut;
        bool ducks = false;
        bool mayFade = false;
    };
    [[nodiscard]] std::optional<Text> judgeAlone(const BundleAiring& airing, const BundleMedia* media) const;
    [[nodiscard]] bool mayBeside(const Admitted& earlier, const Admitted& later) const;

    std::vector<Admitted> m_sounding; // that reach beyond the last offset
    FrameCount m_last{-1};            // offset admitted last
};

} // namespace loa
