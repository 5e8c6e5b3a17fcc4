import { describe, expect, test } from 'vitest'
import type { HoursPolicy, Policy } from '@/api/types'
import { clockOf, minuteOf, overlaps, policyOn, rowsOfWeek, weekOfRows } from '@/lib/policy'

const policy = (
  id: string,
  valid_from: string,
  valid_until: string | null = null,
  unit_id = 'commune',
): Policy => ({
  unit_id,
  policy: {
    id,
    name: id,
    decision: '',
    valid_from,
    valid_until,
    week: weekOfRows([]),
    exceptions: [],
    sessions_per_day: 0,
    session_seconds: 0,
  },
})

describe('hours policies', () => {
  test('times of day read and write minutes, the end of a day included', () => {
    expect(clockOf(330)).toBe('05:30')
    expect(clockOf(1440)).toBe('24:00')
    expect(minuteOf('5:30')).toBe(330)
    expect(minuteOf('24:00')).toBe(1440)
    for (const wrong of ['', '24:01', '5:60', '5h30', '-1:00']) expect(minuteOf(wrong), wrong).toBeNull()
  })

  test('rows of the form become a week and come back', () => {
    const rows = [
      { days: [0, 1, 2, 3, 4], from: '05:30', until: '06:30' },
      { days: [0, 6], from: '17:00', until: '18:00' },
    ]
    const week = weekOfRows(rows)
    expect(week.monday).toEqual([
      { from_minute: 330, until_minute: 390 },
      { from_minute: 1020, until_minute: 1080 },
    ])
    expect(week.saturday).toEqual([])
    expect(rowsOfWeek(week)).toEqual(rows)
  })

  test('windows that overlap are found, windows that touch are not', () => {
    const rows = (from: string) => [
      { days: [0], from: '05:00', until: '07:00' },
      { days: [0], from, until: '08:00' },
    ]
    expect(overlaps(weekOfRows(rows('06:59')))).toBe(true)
    expect(overlaps(weekOfRows(rows('07:00')))).toBe(false)
  })

  test('Promise 2: the nearest unit binds, of its policies the latest, and none on a day that none speaks of', () => {
    const list = [
      policy('near', '2024-01-01', '2026-12-31'),
      policy('later', '2025-01-01', '2025-06-30'),
      policy('far', '2025-03-01', null, 'district'),
      policy('farthest', '2023-06-01', null, 'city'),
    ]
    const idOn = (date: string) =>
      (policyOn(list, date)?.policy as (HoursPolicy & { id: string }) | undefined)?.id
    expect(idOn('2023-05-31')).toBeUndefined()
    expect(idOn('2023-12-31')).toBe('farthest')
    expect(idOn('2024-05-01')).toBe('near')
    expect(idOn('2025-06-30')).toBe('later')
    expect(idOn('2025-07-01')).toBe('near')
    expect(idOn('2027-01-01')).toBe('far')
  })
})
