/** Hours policies as a form writes them: rows of days with a window, in place of a window list for each day. */
import { dayNames, type HoursPolicy, type HoursWindow, type Policy } from '@/api/types'

/** "05:30"; the end of a day is "24:00". */
export function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** The minute of "5:30" or "05:30", up to "24:00"; null for anything else. */
export function minuteOf(clock: string): number | null {
  const found = /^(\d{1,2}):([0-5]\d)$/.exec(clock.trim())
  if (found === null) return null
  const minute = Number(found[1]) * 60 + Number(found[2])
  return minute <= 1440 ? minute : null
}

export interface WindowRow {
  days: number[]
  from: string
  until: string
}

export function weekOfRows(rows: readonly WindowRow[]): HoursPolicy['week'] {
  const windowsOn = (day: number): HoursWindow[] =>
    rows
      .filter((row) => row.days.includes(day))
      .map((row) => ({ from_minute: minuteOf(row.from) ?? 0, until_minute: minuteOf(row.until) ?? 0 }))
      .sort((a, b) => a.from_minute - b.from_minute)
  return Object.fromEntries(dayNames.map((name, day) => [name, windowsOn(day)])) as HoursPolicy['week']
}

export function rowsOfWeek(week: HoursPolicy['week']): WindowRow[] {
  const rows = new Map<string, WindowRow>()
  dayNames.forEach((name, day) => {
    for (const { from_minute, until_minute } of week[name]) {
      const [from, until] = [clockOf(from_minute), clockOf(until_minute)]
      const row = rows.get(`${from}-${until}`) ?? { days: [], from, until }
      row.days.push(day)
      rows.set(`${from}-${until}`, row)
    }
  })
  return [...rows.values()].sort((a, b) => a.from.localeCompare(b.from))
}

/** True when two windows of one day share a minute: the scheduler refuses them. */
export function overlaps(week: HoursPolicy['week']): boolean {
  return dayNames.some((name) =>
    week[name].some(
      (window, index) => index > 0 && window.from_minute < (week[name][index - 1]?.until_minute ?? 0),
    ),
  )
}

/** Which binds on a day, of policies that stand nearest unit first: the nearest unit's, of those the one that began last. */
export function policyOn(policies: readonly Policy[], date: string): Policy | null {
  let best: Policy | null = null
  for (const entry of policies) {
    const { valid_from, valid_until } = entry.policy
    if (valid_from > date || (valid_until !== null && valid_until < date)) continue
    if (best !== null && best.unit_id !== entry.unit_id) break
    if (best === null || valid_from >= best.policy.valid_from) best = entry
  }
  return best
}
