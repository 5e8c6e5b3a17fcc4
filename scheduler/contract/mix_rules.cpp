#include "scheduler/contract/mix_rules.h"

#include <algorithm>

namespace loa {

std::optional<Text> MixJudge::judgeAlone(const BundleAiring& airing, const BundleMedia* media) const
{
    const bool mayFade = media && media->mayFade;
    const FrameCount length = media ? media->frames : airing.frames;
    const bool isWhole = airing.frames == length;
    const bool isPlain = isWhole && airing.fadeIn.value == 0 && airing.fadeOut.value == 0;
    if (!isPlain && !mayFade) {
        return Text{QStringLiteral("Bản thu này phải phát trọn vẹn: người duyệt không cho làm nhỏ dần hay cắt."),
                    QStringLiteral("This recording sounds whole: its approver did not let it be faded or cut.")};
    }
    const bool isOutOfRange = airing.frames.value <= 0 || airing.frames > length || airing.fadeIn.value < 0 ||
                              airing.fadeOut.value < 0 || airing.fadeIn > longestFade || airing.fadeOut > longestFade ||
                              airing.fadeIn + airing.fadeOut > airing.frames ||
                              (!isWhole && airing.fadeOut < shortestFall);
    if (isOutOfRange) {
        return Text{QStringLiteral("Độ dài phát hoặc đoạn nhỏ dần không khớp với bản thu."),
                    QStringLiteral("The length or the fades of the airing do not fit its recording.")};
    }
    if (airing.duckDb < 0 || airing.duckDb > deepestDuckDb || airing.duckGlide.value < 0 ||
        airing.duckGlide > longestFade || (airing.duckDb == 0 && airing.duckGlide.value != 0)) {
        return Text{QStringLiteral("Mức hạ nhạc nền từ 1 đến 60 dB, trong nhiều nhất 10 giây."),
                    QStringLiteral("What lies beneath is lowered by 1 to 60 dB, over at most 10 seconds.")};
    }
    return std::nullopt;
}

bool MixJudge::mayBeside(const Admitted& earlier, const Admitted& later) const
{
    if (earlier.ducks && later.ducks)
        return false;
    if (earlier.ducks)
        return later.mayFade;
    if (later.ducks)
        return earlier.mayFade;
    return earlier.end - later.offset <= earlier.fadeOut && earlier.end <= later.end;
}

std::optional<Text> MixJudge::admit(const BundleAiring& airing, const BundleMedia* media)
{
    if (auto fault = judgeAlone(airing, media))
        return fault;
    if (airing.offset <= m_last) {
        return Text{QStringLiteral("Các lượt phát chồng nhau hoặc sai thứ tự."),
                    QStringLiteral("Airings overlap or are out of order.")};
    }
    const Admitted later{airing.offset, airing.offset + airing.frames, airing.fadeOut, airing.duckDb > 0,
                         media && media->mayFade};
    std::erase_if(m_sounding, [&](const Admitted& one) { return one.end <= later.offset; });
    const auto together =
        std::count_if(m_sounding.begin(), m_sounding.end(), [](const Admitted& one) { return !one.ducks; });
    const bool hasRoom = later.ducks || together < 2;
    if (!hasRoom || !std::all_of(m_sounding.begin(), m_sounding.end(),
                                 [&](const Admitted& earlier) { return mayBeside(earlier, later); })) {
        return Text{QStringLiteral("Lượt phát chồng lên lượt trước ở chỗ không được phép."),
                    QStringLiteral("The airing overlaps the one before where it may not.")};
    }
    m_last = later.offset;
    m_sounding.push_back(later);
    return std::nullopt;
}

} // namespace loa
