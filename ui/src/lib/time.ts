/**
 * Instants and calendar days for people. The wire speaks UTC; here stands the only place that turns it into a station's local time.
 * Local dates are "YYYY-MM-DD" text, months "YYYY-MM": no Date object ever means a calendar day.
 */
export const defaultZone = 'Asia/Ho_Chi_Minh'

interface LocalParts {
  year: string
  month: string
  day: string
  hour: string
  minute: string
  second: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(zone, formatter)
  }
  return formatter
}

function localParts(instant: string | Date, zone: string): LocalParts {
  const parts: Partial<Record<string, string>> = {}
  const date = typeof instant === 'string' ? new Date(instant) : instant
  for (const part of formatterOf(zone).formatToParts(date)) parts[part.type] = part.value
  return {
    year: parts.year ?? '',
    month: parts.month ?? '',
    day: parts.day ?? '',
    hour: parts.hour ?? '',
    minute: parts.minute ?? '',
    second: parts.second ?? '',
  }
}

/** "05:30" */
export function timeOf(instant: string, zone = defaultZone): string {
  const p = localParts(instant, zone)
  return `${p.hour}:${p.minute}`
}

/** "05:30:00" */
export function timeWithSecondsOf(instant: string, zone = defaultZone): string {
  const p = localParts(instant, zone)
  return `${p.hour}:${p.minute}:${p.second}`
}

/** "02/12/2026" */
export function dateOf(instant: string, zone = defaultZone): string {
  const p = localParts(instant, zone)
  return `${p.day}/${p.month}/${p.year}`
}

/** "02/12/2026 05:30" */
export function dateTimeOf(instant: string, zone = defaultZone): string {
  return `${dateOf(instant, zone)} ${timeOf(instant, zone)}`
}

/** Calendar day of an instant, "2026-12-02". */
export function localDateOf(instant: string | Date, zone = defaultZone): string {
  const p = localParts(instant, zone)
  return `${p.year}-${p.month}-${p.day}`
}

export function today(zone = defaultZone, now = new Date()): string {
  return localDateOf(now, zone)
}

/** Of a link, which anyone may have written. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
}

/** "2026-12-02" -> "02/12/2026" */
export function showDate(localDate: string): string {
  const [year = '', month = '', day = ''] = localDate.split('-')
  return `${day}/${month}/${year}`
}

/** "2026-12-02" -> "02/12" */
export function showDayMonth(localDate: string): string {
  return showDate(localDate).slice(0, 5)
}

/** "2026-12" -> "12/2026" */
export function showMonth(month: string): string {
  const [year = '', number = ''] = month.split('-')
  return `${number}/${year}`
}

export function addDays(localDate: string, days: number): string {
  const date = new Date(`${localDate}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

export function addMonths(month: string, months: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString().slice(0, 7)
}

/** 0 is Monday. */
export const weekdays = [0, 1, 2, 3, 4, 5, 6] as const
export type Weekday = (typeof weekdays)[number]

export function weekdayOf(localDate: string): number {
  return (new Date(`${localDate}T00:00:00Z`).getUTCDay() + 6) % 7
}

export function mondayOf(localDate: string): string {
  return addDays(localDate, -weekdayOf(localDate))
}

/** "3:07", "1:02:03"; whole seconds, rounded. */
export function showDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** Frames are always of 48 kHz. */
export function framesToMilliseconds(frames: number): number {
  return frames / 48
}
