/**
 * Peaks as the scheduler gives them, of any scale and sign, to 0..1 for drawing. The loudest stands at full height, so that a
 * quiet recording is still readable; loudness itself is a figure beside the picture.
 */
export function normalisedPeaks(peaks: readonly number[]): number[] {
  const highest = peaks.reduce((most, peak) => Math.max(most, Math.abs(peak)), 0)
  return highest === 0 ? peaks.map(() => 0) : peaks.map((peak) => Math.abs(peak) / highest)
}

/** How much of a recording was played: the sum of the spans that a media element reports. */
export function playedPart(played: TimeRanges, durationSeconds: number): number {
  if (!(durationSeconds > 0)) return 0
  let seconds = 0
  for (let index = 0; index < played.length; index += 1) seconds += played.end(index) - played.start(index)
  return Math.min(1, seconds / durationSeconds)
}
