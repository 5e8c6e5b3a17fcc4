#include "playout/timeline/volume.h"

#include <QTimeZone>

#include <algorithm>
#include <cmath>

namespace loa::playout {

namespace {

bool holds(const VolumeSpan& span, std::chrono::minutes time)
{
    return span.from < span.until ? span.from <= time && time < span.until : span.from <= time || time < span.until;
}

} // namespace

double VolumePlan::gainAt(std::chrono::minutes localTime) const
{
    double gain = gainDb;
    const auto span =
        std::find_if(hours.begin(), hours.end(), [&](const VolumeSpan& one) { return holds(one, localTime); });
    if (span != hours.end())
        gain += span->gainDb;
    for (const VolumeSpan& cap : caps) {
        if (holds(cap, localTime))
            gain = std::min(gain, cap.gainDb);
    }
    return gain;
}

std::vector<VolumeLevel> volumeLevels(const VolumePlan& plan, const QByteArray& zone, UtcTime startsAt,
                                      FrameCount frames)
{
    const QTimeZone known(zone);
    const QTimeZone place = known.isValid() ? known : QTimeZone::utc();
    std::vector<VolumeLevel> levels;
    // A change falls on a whole minute of local time, and zones differ from UTC by whole minutes.
    UtcTime minute = std::chrono::floor<std::chrono::minutes>(startsAt);
    for (; minute < startsAt + toDuration(frames); minute += std::chrono::minutes(1)) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(minute).time_since_epoch().count();
        const QTime local = QDateTime::fromSecsSinceEpoch(seconds, place).time();
        const double gainDb = plan.gainAt(std::chrono::minutes(local.hour() * 60 + local.minute()));
        const auto gain = gainDb == 0.0 ? 1.0F : static_cast<float>(std::pow(10.0, gainDb / 20.0));
        if (levels.empty() || levels.back().gain != gain)
            levels.push_back({minute <= startsAt ? FrameCount{} : toFrames(minute - startsAt), gain});
    }
    return levels;
}

std::vector<VolumeLevel> levelsUntil(std::vector<VolumeLevel> before, FrameCount until,
                                     const std::vector<VolumeLevel>& after)
{
    if (until.value <= 0)
        return after;
    std::erase_if(before, [&](const VolumeLevel& level) { return level.from >= until; });
    float then = 1.0F;
    for (const VolumeLevel& level : after) {
        if (level.from <= until)
            then = level.gain;
    }
    if (before.empty() || before.back().gain != then)
        before.push_back({until, then});
    std::copy_if(after.begin(), after.end(), std::back_inserter(before),
                 [&](const VolumeLevel& level) { return level.from > until; });
    return before;
}

} // namespace loa::playout
