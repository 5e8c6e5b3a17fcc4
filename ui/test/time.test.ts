import { describe, expect, test } from 'vitest'
import {
  addDays,
  addMonths,
  dateTimeOf,
  localDateOf,
  mondayOf,
  showDate,
  showDuration,
  showMonth,
  timeWithSecondsOf,
  weekdayOf,
} from '@/lib/time'

describe('instants', () => {
  test('are shown in the zone of the station, dd/MM/yyyy and 24 hours', () => {
    expect(dateTimeOf('2026-12-01T22:30:00.000000Z')).toBe('02/12/2026 05:30')
    expect(timeWithSecondsOf('2026-12-01T17:00:00.000000Z')).toBe('00:00:00')
    expect(dateTimeOf('2026-12-01T22:30:00.000000Z', 'Asia/Tokyo')).toBe('02/12/2026 07:30')
  })

  test('belong to the local day, not to the UTC day', () => {
    expect(localDateOf('2026-12-01T16:59:59.999999Z')).toBe('2026-12-01')
    expect(localDateOf('2026-12-01T17:00:00.000000Z')).toBe('2026-12-02')
  })
})

describe('calendar days', () => {
  test('weeks begin on Monday', () => {
    expect(weekdayOf('2026-11-23')).toBe(0)
    expect(weekdayOf('2026-11-29')).toBe(6)
    expect(mondayOf('2026-11-29')).toBe('2026-11-23')
    expect(mondayOf('2027-01-01')).toBe('2026-12-28')
  })

  test('cross months, leap days and years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(addMonths('2026-01', -1)).toBe('2025-12')
  })

  test('are written the Vietnamese way', () => {
    expect(showDate('2026-12-02')).toBe('02/12/2026')
    expect(showMonth('2026-12')).toBe('12/2026')
  })
})

test('durations are minutes and seconds, with hours when there are any', () => {
  expect(showDuration(187_400)).toBe('3:07')
  expect(showDuration(59_600)).toBe('1:00')
  expect(showDuration(3_723_000)).toBe('1:02:03')
})
